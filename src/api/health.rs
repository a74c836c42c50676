//! Is it alive, can it do its work, what are its numbers.

use std::time::Duration;

use anyhow::{Context, anyhow};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::App;
use super::metrics::metrics;
use crate::engine::{Engine, EngineError, in_numbers};
use crate::tls::Served;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/healthz", get(async || Json(json!({ "status": "alive" }))))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
}

const DECIDES_WITHIN: Duration = Duration::from_secs(5);
/// Anybody may ask, so asking often must not keep decisions waiting.
const DECIDED_LATELY: Duration = Duration::from_millis(250);

/// To say why, once it is known that there is something to say.
const SAID_WITHIN: Duration = Duration::from_secs(2);

/// Whether a command still goes up the staircase, over the database, and comes back.
pub async fn decides(engine: &Engine) -> anyhow::Result<()> {
    match tokio::time::timeout(DECIDES_WITHIN, engine.probe()).await {
        Err(_) => {
            let error = anyhow!("no decision within {} s", DECIDES_WITHIN.as_secs());
            Err(with_reason(engine, error).await)
        }
        // Busy is not broken.
        Ok(Ok(()) | Err(EngineError::Overloaded)) => Ok(()),
        Ok(Err(error @ EngineError::Unavailable(_))) => Err(with_reason(engine, error.into()).await),
        Ok(Err(error)) => Err(error).context("the engine does not decide"),
    }
}

/// What a new connection finds: a pool says only that it has waited for one.
async fn with_reason(engine: &Engine, error: anyhow::Error) -> anyhow::Error {
    match tokio::time::timeout(SAID_WITHIN, engine.store().why_away()).await {
        Ok(None) => error,
        Ok(Some(why)) => error.context(why),
        Err(_) => error.context(format!("the database does not answer within {} s", SAID_WITHIN.as_secs())),
    }
}

/// 200 while tickets are decided, even where the files on disk are refused: the last good ones are at work then, and
/// taking the daemon out of service would help nobody. `schedules` says so.
async fn readyz(State(app): State<App>) -> Response {
    let in_force = app.engine.in_force();
    let (refused, drift) = (in_force.refused.as_ref(), in_force.drift.as_ref());
    let word = match (refused, drift) {
        (Some(_), _) => "refused",
        (None, Some(_)) => "drift",
        (None, None) => "at work",
    };
    let mut body = json!({
        "status": "ready",
        "revision": in_force.revision,
        "schedules": word,
    });
    if let Some(refused) = refused {
        body["detail"] = json!(format!(
            "the files on disk have been broken since {}: {}; revision {} stays at work (see /v1/schedules)",
            refused.at.to_rfc3339(),
            in_numbers(&refused.problems),
            in_force.revision,
        ));
    }
    if let (None, Some(drift)) = (refused, drift) {
        body["detail"] = json!(format!(
            "the files here are not those in force: another node has published revision {} (see /v1/schedules)",
            drift.revision,
        ));
    }
    if let Some(said) = app.engine.ahead_of_the_clock() {
        body["clock"] = json!("ahead");
        body["detail"] = json!(said);
    }
    if let Some(tls) = &app.tls {
        body["tls"] = certificate(tls, app.engine.clock().now());
    }
    let probe = async || decides(&app.engine).await.map_err(|error| format!("{error:#}"));
    // Whoever stops is not ready from that moment on.
    let age = if app.engine.is_running() { DECIDED_LATELY } else { Duration::ZERO };
    if let Err(error) = app.decides.answer(age, probe).await {
        body["status"] = json!("not ready");
        body["detail"] = json!(error);
        return (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "5")], Json(body)).into_response();
    }
    let word = if word == "at work" { "ok" } else { word };
    (StatusCode::OK, [("meridian-schedules", word)], Json(body)).into_response()
}

/// Of the API's own certificate. One that clients turn away is no reason to be taken out of service either.
fn certificate(tls: &Served, now: DateTime<Utc>) -> Value {
    let validity = tls.validity();
    let refused = tls.refused();
    let word = match &refused {
        _ if validity.until <= now => "expired",
        Some(_) => "refused",
        None => "at work",
    };
    let mut body = json!({ "certificate": word, "expires_at": validity.until });
    if let Some(why) = refused {
        body["detail"] =
            json!(format!("the certificate's files cannot be used, the one of before stays: {why}"));
    }
    body
}
