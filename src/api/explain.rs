//! Where a ticket would go, and why; creates nothing.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};

use super::request::Sent;
use super::ticket_request::TicketRequest;
use super::{ApiError, App};
use crate::desk::Explanation;

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/explain", post(explain))
}

async fn explain(
    State(app): State<App>,
    sent: Sent<TicketRequest>,
) -> Result<Json<Explanation>, ApiError> {
    // A question needs no title.
    let facts = sent.body.facts_with_title("a ticket")?;
    Ok(Json(app.engine.explain(facts).await?))
}
