//! Who is at work, and the timeline: the shapes of the command line.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use chrono::TimeDelta;
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::names::{known_team, known_tier};
use super::request::Query;
use super::{ApiError, App, Instant};
use crate::coverage::{CoverageAnswer, WhoAnswer, spans, who};
use crate::schedule::{TeamId, TierId};

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/on-duty", get(on_duty)).route("/v1/coverage", get(coverage))
}

/// Compiling is work for the processor: a longer window is refused, and only a few are compiled at a time.
const WINDOW_MAX: TimeDelta = TimeDelta::days(400);
static COMPILING: Semaphore = Semaphore::const_new(2);
/// Who is at work is soon told, and does not wait behind what is compiled.
static ANSWERING: Semaphore = Semaphore::const_new(4);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    /// Default: now.
    at: Option<Instant>,
    team: Option<TeamId>,
    tier: Option<TierId>,
}

async fn on_duty(State(app): State<App>, Query(asked): Query<At>) -> Result<Json<WhoAnswer>, ApiError> {
    let coverage = app.engine.in_force().coverage.clone();
    known_team(&coverage.organisation, asked.team.as_ref())?;
    known_tier(&coverage.organisation, asked.tier.as_ref())?;
    let at = asked.at.map_or_else(|| app.engine.clock().now(), |at| at.0);
    let answer =
        off_the_road(&ANSWERING, move || who(&coverage, at, asked.team.as_ref(), asked.tier.as_ref()))
            .await?;
    Ok(Json(answer))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Window {
    from: Instant,
    to: Instant,
    team: Option<TeamId>,
    tier: Option<TierId>,
}

async fn coverage(
    State(app): State<App>,
    Query(asked): Query<Window>,
) -> Result<Json<CoverageAnswer>, ApiError> {
    let coverage = app.engine.in_force().coverage.clone();
    known_team(&coverage.organisation, asked.team.as_ref())?;
    known_tier(&coverage.organisation, asked.tier.as_ref())?;
    let (from, to) = (asked.from.0, asked.to.0);
    if to <= from {
        return Err(ApiError::invalid("to", "must be later than `from`"));
    }
    if to - from > WINDOW_MAX {
        return Err(ApiError::invalid("to", format!("at most {} days after `from`", WINDOW_MAX.num_days())));
    }
    let answer =
        compiling(move || spans(&coverage, from, to, asked.team.as_ref(), asked.tier.as_ref())).await?;
    Ok(Json(answer))
}

/// Heavy work for the processor.
pub(super) async fn compiling<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    off_the_road(&COMPILING, work).await
}

/// Off the threads that answer requests, in one of so many places; the place is taken until the work is done, though
/// the caller may have gone.
async fn off_the_road<T: Send + 'static>(
    places: &'static Semaphore,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    let place = places.acquire().await.map_err(anyhow::Error::from)?;
    let worked = tokio::task::spawn_blocking(move || {
        let _place = place;
        work()
    });
    Ok(worked.await.map_err(anyhow::Error::from)?)
}
