//! The schedules at work, checking a set without putting it to work, reading the files again.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tracing::info;

use super::caller::Caller;
use super::on_duty::compiling;
use super::request::Sent;
use super::{ApiError, App};
use crate::engine::{HORIZON, RefusedSet, Reloaded, in_numbers};
use crate::schedule::{Files, Problem, Severity};
use crate::zone::Zones;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/v1/schedules", get(show))
        .route("/v1/schedules/check", post(check))
        .route("/v1/schedules/reload", post(reload))
}

#[derive(Serialize)]
struct AtWork {
    revision: i64,
    since: DateTime<Utc>,
    organisation: String,
    teams: usize,
    people: usize,
    zone_data: ZoneData,
    warnings: Vec<Problem>,
    /// Set where the files on disk are broken and so not what is at work.
    refused: Option<RefusedSet>,
    /// Leave and overrides of the day that no longer fit the files and are left out.
    stale_changes: Vec<String>,
    /// Tokens of people the files do not know any more, which are refused.
    stale_tokens: Vec<String>,
}

#[derive(Serialize)]
struct ZoneData {
    /// `null`: the folder does not tell, or there is none.
    folder: Option<String>,
    embedded: &'static str,
}

impl ZoneData {
    fn of(zones: &Zones) -> ZoneData {
        ZoneData { folder: zones.version.clone(), embedded: Zones::embedded_version() }
    }
}

async fn show(State(app): State<App>) -> Result<Json<AtWork>, ApiError> {
    let in_force = app.engine.in_force();
    let organisation = &in_force.coverage.organisation;
    Ok(Json(AtWork {
        revision: in_force.revision,
        since: in_force.since,
        organisation: organisation.name.clone(),
        teams: organisation.teams.len(),
        people: organisation.people.len(),
        zone_data: ZoneData::of(&in_force.coverage.zones),
        warnings: in_force.warnings.clone(),
        refused: in_force.refused.clone(),
        stale_changes: in_force.stale.clone(),
        stale_tokens: app.engine.stale_tokens().await?,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    /// Text by path beneath the schedules directory; absent: the files on the daemon's disk.
    files: Option<Files>,
}

#[derive(Serialize)]
struct Checked {
    /// No errors: it could be put to work.
    ok: bool,
    problems: Vec<Problem>,
    zone_data: ZoneData,
}

async fn check(State(app): State<App>, sent: Sent<Check>) -> Result<Json<Checked>, ApiError> {
    let now = app.engine.clock().now();
    let reading = compiling(move || match sent.body.files {
        Some(files) => app.source.check(files, now, now + HORIZON),
        None => app.source.read(now, now + HORIZON),
    })
    .await??;
    let problems = reading.checked.problems;
    let ok = problems.iter().all(|problem| problem.severity != Severity::Error);
    Ok(Json(Checked { ok, problems, zone_data: ZoneData::of(&reading.zones) }))
}

async fn reload(State(app): State<App>, caller: Caller) -> Result<Json<Reloaded>, ApiError> {
    info!(by = caller.token, person = caller.person(), "asked to read the schedules again");
    let reloaded = app.engine.reload().await?;
    match &reloaded {
        Reloaded::Refused { revision, problems } => {
            let said = format!("the files have {}; revision {revision} stays at work", in_numbers(problems));
            let refused = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "schedules-refused", said);
            Err(refused.with(&reloaded)?)
        }
        Reloaded::Unchanged { .. } | Reloaded::Changed { .. } => Ok(Json(reloaded)),
    }
}
