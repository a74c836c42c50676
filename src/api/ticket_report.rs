//! One ticket, for those who look back on it: as Markdown, or as a page.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::caller::Caller;
use super::request::{Named, Query};
use super::{ApiError, App};
use crate::desk::TicketId;
use crate::report::Incident;

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/tickets/{id}/report", get(report))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct As {
    /// Where absent, what `Accept` prefers.
    format: Option<Format>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    Markdown,
    Html,
}

/// The page needs its own style and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

async fn report(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<i64>,
    Query(asked): Query<As>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let saved = caller.find(&app, TicketId(id)).await?;
    let history = app.engine.store().history(TicketId(id)).await?;
    let (coverage, now) = (app.engine.in_force().coverage.clone(), app.engine.clock().now());
    let incident = Incident { ticket: &saved.ticket, history: &history, coverage: &coverage, now };
    let document = incident.document();
    let (kind, text) = match asked.format.unwrap_or_else(|| preferred(&headers)) {
        Format::Markdown => ("text/markdown; charset=utf-8", document.markdown()),
        Format::Html => ("text/html; charset=utf-8", document.html()),
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Accept"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    Ok((headers, text).into_response())
}

/// HTML to whoever asks for it by name, as browsers do.
fn preferred(headers: &HeaderMap) -> Format {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = accepted.flat_map(|value| value.split(','));
    let is_html = |kind: &str| kind.split(';').next().is_some_and(|kind| kind.trim() == "text/html");
    if kinds.any(is_html) { Format::Html } else { Format::Markdown }
}
