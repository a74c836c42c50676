//! Where a ticket would go, and why; creates nothing.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Map, Value};

use super::request::{Sent, read_json};
use super::ticket_request::TicketRequest;
use super::{ApiError, App, Instant};
use crate::desk::{Explanation, Facts};

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/explain", post(explain))
}

/// A question needs no title, a ticket does.
const UNTITLED: &str = "a ticket";

/// The facts of a ticket, and `at` if not now.
async fn explain(
    State(app): State<App>,
    sent: Sent<Map<String, Value>>,
) -> Result<Json<Explanation>, ApiError> {
    let mut question = sent.body;
    let at = match question.remove("at") {
        None | Some(Value::Null) => None,
        Some(Value::String(at)) => {
            Some(at.parse::<Instant>().map_err(|said| ApiError::invalid("at", said))?.0)
        }
        Some(_) => return Err(ApiError::invalid("at", "must be an instant like 2026-03-29T00:30:00Z")),
    };
    let facts = facts_of_question(&Value::Object(question))?;
    Ok(Json(app.engine.explain(facts, at).await?))
}

/// What a body of `POST /v1/explain` says; for the command that asks the files instead of the daemon.
pub fn facts_of_question(body: &Value) -> Result<Facts, ApiError> {
    read_json::<TicketRequest>(body.to_string().as_bytes())?.facts_with_title(UNTITLED)
}

/// What a row of a stream says, by the rules of a request; a field or the empty string for all of it, and what is wrong.
pub fn facts_of_row(row: &Value) -> Result<Facts, Vec<(String, String)>> {
    facts_of_question(row).map_err(ApiError::fields)
}
