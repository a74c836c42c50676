//! Where a ticket would go, and why; creates nothing.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};

use super::request::{Sent, read_json};
use super::ticket_request::TicketRequest;
use super::{ApiError, App};
use crate::desk::{Explanation, Facts};

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/explain", post(explain))
}

/// A question needs no title, a ticket does.
const UNTITLED: &str = "a ticket";

async fn explain(State(app): State<App>, sent: Sent<TicketRequest>) -> Result<Json<Explanation>, ApiError> {
    let facts = sent.body.facts_with_title(UNTITLED)?;
    Ok(Json(app.engine.explain(facts).await?))
}

/// What a body of `POST /v1/explain` says; for the command that asks the files instead of the daemon.
pub fn facts_of_question(body: &serde_json::Value) -> Result<Facts, ApiError> {
    read_json::<TicketRequest>(body.to_string().as_bytes())?.facts_with_title(UNTITLED)
}
