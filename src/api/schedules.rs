//! The schedules at work, checking a set without putting it to work, reading the files again.

use std::sync::Arc;

use anyhow::Context;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tracing::info;

use super::caller::Caller;
use super::on_duty::compiling;
use super::request::{Query, Sent};
use super::{ApiError, App};
use crate::coverage::{Coverage, DayChanges, MovedZone};
use crate::engine::{
    Drift, Examined, HORIZON, Horizon, Reading, RefusedSet, Reloaded, ZoneVersions, in_numbers,
};
use crate::schedule::{Files, Problem, Severity};

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
    zone_data: ZoneVersions,
    warnings: Vec<Problem>,
    /// Set where the files on disk are broken and so not what is at work.
    refused: Option<RefusedSet>,
    /// Set where the files on this node's disk are not those in force, which another node has published.
    drift: Option<Drift>,
    /// Leave and overrides of the day that no longer fit the files and are left out.
    stale_changes: Vec<String>,
    /// Tokens of people the files do not know any more, which are refused.
    stale_tokens: Vec<String>,
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
        zone_data: ZoneVersions::of(&in_force.coverage.zones),
        warnings: in_force.warnings.clone(),
        refused: in_force.refused.clone(),
        drift: in_force.drift.clone(),
        stale_changes: in_force.stale.clone(),
        stale_tokens: app.engine.stale_tokens().await?,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    /// Text by path beneath the schedules directory; absent: the files on the daemon's disk.
    files: Option<Files>,
    /// `90d`, `12h`; absent: a year.
    horizon: Option<Lasting>,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Lasting(TimeDelta);

impl TryFrom<String> for Lasting {
    type Error = String;
    fn try_from(text: String) -> Result<Lasting, String> {
        Horizon::lasting(&text).map(Lasting)
    }
}

/// As `meridian check --json` says it; leave and overrides made during the day count.
#[derive(Serialize)]
struct Checked {
    /// No errors, and every requirement is kept over the horizon.
    ok: bool,
    /// No errors: it could be put to work.
    sound: bool,
    problems: Vec<Problem>,
    zone_data: ComparedZoneData,
    /// Only of a sound set.
    #[serde(flatten)]
    examined: Option<Examined>,
}

#[derive(Serialize)]
struct ComparedZoneData {
    #[serde(flatten)]
    versions: ZoneVersions,
    /// From the embedded tables, within the horizon, and whom they move.
    differences: Vec<MovedZone>,
}

async fn check(State(app): State<App>, sent: Sent<Check>) -> Result<Json<Checked>, ApiError> {
    let now = app.engine.clock().now();
    let Check { files, horizon } = sent.body;
    let horizon = horizon.map_or(HORIZON, |Lasting(lasts)| lasts);
    let horizon = Horizon::after(now, horizon).context("the horizon lies beyond the calendar")?;
    let changes = app.engine.in_force().coverage.changes.clone();
    let checked = compiling(move || {
        let reading = match files {
            Some(files) => app.source.check(files, now, horizon.until)?,
            None => app.source.read(now, horizon.until)?,
        };
        anyhow::Ok(examined(reading, changes, horizon))
    });
    Ok(Json(checked.await??))
}

fn examined(reading: Reading, changes: Arc<DayChanges>, horizon: Horizon) -> Checked {
    let Reading { files, zones, checked, moved } = reading;
    let zone_data = ComparedZoneData { versions: ZoneVersions::of(&zones), differences: moved };
    let examined = checked.organisation.map(|organisation| {
        let coverage = Coverage::compile(Arc::new(organisation), zones, changes, horizon.from, horizon.from);
        Examined::of(&coverage, horizon, &files)
    });
    let mut problems = checked.problems;
    problems.extend(examined.iter().flat_map(|examined| examined.warnings(&files)));
    let sound = problems.iter().all(|problem| problem.severity != Severity::Error);
    let ok = sound && examined.as_ref().is_some_and(Examined::is_kept);
    Checked { ok, sound, problems, zone_data, examined }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reload {
    /// The files of this node come into force even where another has published others.
    #[serde(default)]
    publish: bool,
}

async fn reload(
    State(app): State<App>,
    caller: Caller,
    Query(Reload { publish }): Query<Reload>,
) -> Result<Json<Reloaded>, ApiError> {
    info!(by = caller.token, person = caller.person(), publish, "asked to read the schedules again");
    let reloaded = if publish { app.engine.publish().await? } else { app.engine.reload().await? };
    match &reloaded {
        Reloaded::Refused { revision, problems } => {
            let said = format!("the files have {}; revision {revision} stays at work", in_numbers(problems));
            let refused = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "schedules-refused", said);
            Err(refused.with(&reloaded)?)
        }
        Reloaded::Drifted { revision, .. } => {
            let said = format!(
                "the files here are not those in force: another node has published revision {revision}; bring its \
                 files here, or publish these with ?publish=true"
            );
            Err(ApiError::new(StatusCode::CONFLICT, "schedules-drift", said).with(&reloaded)?)
        }
        Reloaded::Unchanged { .. } | Reloaded::Changed { .. } => Ok(Json(reloaded)),
    }
}
