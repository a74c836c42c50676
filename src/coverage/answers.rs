//! "Who is at work?" and "show me the timeline", in the fixed shapes that the command line and the API give out.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde::Serialize;

use super::compile::Coverage;
use super::timeline::{People, Span};
use crate::schedule::{LineId, RegionId, Team, TeamId, TierId};
use crate::zone::with_offset;

/// How far ahead the next change is looked for.
const AHEAD: TimeDelta = TimeDelta::days(366);

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WhoAnswer {
    pub at: DateTime<Utc>,
    pub teams: Vec<OnDuty>,
}

/// A team at one instant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OnDuty {
    pub team: TeamId,
    pub tier: TierId,
    pub region: RegionId,
    #[serde(serialize_with = "with_offset")]
    pub local_time: DateTime<FixedOffset>,
    pub open: bool,
    pub working: People,
    pub on_call: Arc<BTreeMap<LineId, People>>,
    /// When any of it next changes; `None`: not within 366 days.
    pub until: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CoverageAnswer {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub teams: Vec<TeamSpans>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TeamSpans {
    pub team: TeamId,
    pub spans: Vec<Span>,
}

/// Who is at work, by team; `team` and `tier` narrow the answer down.
pub fn who(
    coverage: &Coverage,
    at: DateTime<Utc>,
    team: Option<&TeamId>,
    tier: Option<&TierId>,
) -> WhoAnswer {
    let teams = teams(coverage, team, tier);
    WhoAnswer { at, teams: teams.filter_map(|(id, team)| on_duty(coverage, id, team, at)).collect() }
}

/// The timelines of all teams; `team` and `tier` narrow the answer down.
pub fn spans(
    coverage: &Coverage,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    team: Option<&TeamId>,
    tier: Option<&TierId>,
) -> CoverageAnswer {
    let spans = |id: &TeamId| TeamSpans { team: id.clone(), spans: coverage.window(id, from, to) };
    CoverageAnswer { from, to, teams: teams(coverage, team, tier).map(|(id, _)| spans(id)).collect() }
}

fn teams<'c>(
    coverage: &'c Coverage,
    only: Option<&'c TeamId>,
    tier: Option<&'c TierId>,
) -> impl Iterator<Item = (&'c TeamId, &'c Team)> {
    let teams = coverage.organisation.teams.iter();
    teams
        .filter(move |(id, _)| only.is_none_or(|only| only == *id))
        .filter(move |(_, team)| tier.is_none_or(|tier| *tier == team.tier))
}

fn on_duty(coverage: &Coverage, id: &TeamId, team: &Team, at: DateTime<Utc>) -> Option<OnDuty> {
    let zone = coverage.zones.get(&team.timezone)?;
    let span = lasting(coverage, id, at)?;
    Some(OnDuty {
        team: id.clone(),
        tier: team.tier.clone(),
        region: team.region.clone(),
        local_time: zone.local_with_offset(at),
        open: span.open,
        working: span.working.clone(),
        on_call: span.on_call.clone(),
        until: Some(span.until).filter(|until| *until < horizon(at)),
    })
}

/// The span that holds `at`, with its true end or one beyond the horizon.
fn lasting(coverage: &Coverage, team: &TeamId, at: DateTime<Utc>) -> Option<Span> {
    let compiled = coverage.at(team, at).filter(|span| span.until < coverage.until);
    compiled.cloned().or_else(|| coverage.window(team, at, horizon(at)).into_iter().next())
}

fn horizon(at: DateTime<Utc>) -> DateTime<Utc> {
    at.checked_add_signed(AHEAD).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
