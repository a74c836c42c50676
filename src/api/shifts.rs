//! Who begins a shift soon, and whether a page would reach them.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::request::Query;
use super::{ApiError, App};
use crate::notify::CheckedShift;

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/shifts", get(list))
}

/// Where nothing is said.
const WITHIN_HOURS: u32 = 24;
/// A week.
const WITHIN_HOURS_MAX: u32 = 168;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    /// From now on.
    within_hours: Option<u32>,
}

#[derive(Serialize)]
struct Shifts {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    /// In order of time, team and person.
    shifts: Vec<CheckedShift>,
}

async fn list(State(app): State<App>, Query(question): Query<Question>) -> Result<Json<Shifts>, ApiError> {
    let hours = question.within_hours.unwrap_or(WITHIN_HOURS);
    if !(1..=WITHIN_HOURS_MAX).contains(&hours) {
        let said = format!("from 1 to {WITHIN_HOURS_MAX} hours: a week");
        return Err(ApiError::invalid("within_hours", said));
    }
    let from = app.engine.clock().now();
    let until = from + TimeDelta::hours(hours.into());
    Ok(Json(Shifts { from, until, shifts: app.shifts.check(until).await? }))
}
