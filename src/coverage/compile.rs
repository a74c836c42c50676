//! All teams together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::interval::Interval;
use super::moments::DayChanges;
use super::plan::{self, Changes, Plan, Without};
use super::team;
use super::timeline::{Span, Timeline};
use crate::schedule::{Organisation, Origin, PersonId, TeamId};
use crate::zone::Zones;

/// Everybody's coverage over one window of time.
#[derive(Clone, Debug)]
pub struct Coverage {
    pub organisation: Arc<Organisation>,
    pub zones: Arc<Zones>,
    pub changes: Arc<DayChanges>,
    /// What is compiled.
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    timelines: BTreeMap<TeamId, Arc<Timeline>>,
}

impl Coverage {
    /// Compiles every team over `from..until`. Total: no schedule that `check` accepts makes it panic.
    pub fn compile(
        organisation: Arc<Organisation>,
        zones: Arc<Zones>,
        changes: Arc<DayChanges>,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Coverage {
        let mut coverage = Coverage { organisation, zones, changes, from, until, timelines: BTreeMap::new() };
        let teams: Vec<TeamId> = coverage.organisation.teams.keys().cloned().collect();
        coverage.timelines = coverage.compiled(teams, Interval { from, until });
        coverage
    }

    /// The same organisation with other changes of the day; only the teams they touch are compiled again.
    pub fn with_changes(&self, changes: Arc<DayChanges>) -> Coverage {
        let touched = self.touched_by(&changes);
        let mut coverage = Coverage { changes, ..self.clone() };
        let again = coverage.compiled(touched, Interval { from: self.from, until: self.until });
        coverage.timelines.extend(again);
        coverage
    }

    /// A team's compiled timeline.
    pub fn timeline(&self, team: &TeamId) -> Option<&Arc<Timeline>> {
        self.timelines.get(team)
    }

    /// `None`: no such team, or outside the compiled window.
    pub fn at(&self, team: &TeamId, at: DateTime<Utc>) -> Option<&Span> {
        self.timelines.get(team)?.at(at)
    }

    /// Any window of time, compiled for the purpose where it is not within what is compiled.
    pub fn window(&self, team: &TeamId, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Span> {
        let Some(timeline) = self.timelines.get(team) else { return Vec::new() };
        if self.from <= from && until <= self.until {
            return timeline.window(from, until);
        }
        Compiler::new(self).compile(team, Interval { from, until }).spans().to_vec()
    }

    /// The teams whose coverage differs between the two from `since` on; a team only one of them knows differs.
    /// They are compared over what both have compiled.
    pub fn differing_teams(&self, other: &Coverage, since: DateTime<Utc>) -> BTreeSet<TeamId> {
        let from = since.max(self.from).max(other.from);
        let until = self.until.min(other.until);
        let agree = |team: &TeamId| match (self.timelines.get(team), other.timelines.get(team)) {
            (Some(ours), Some(theirs)) => Arc::ptr_eq(ours, theirs) || ours.agrees(theirs, from, until),
            _ => false,
        };
        let teams: BTreeSet<&TeamId> = self.timelines.keys().chain(other.timelines.keys()).collect();
        teams.into_iter().filter(|team| !agree(team)).cloned().collect()
    }

    /// The instant at which `lasts` of the team's open hours will have passed since `from`.
    /// `None`: not within the compiled window.
    pub fn after_open(&self, team: &TeamId, from: DateTime<Utc>, lasts: TimeDelta) -> Option<DateTime<Utc>> {
        self.timelines.get(team)?.after_open(from, lasts)
    }

    /// How long the team is open within `from..until`.
    pub fn open_between(&self, team: &TeamId, from: DateTime<Utc>, until: DateTime<Utc>) -> TimeDelta {
        let open = self.window(team, from, until).into_iter().filter(|span| span.open);
        open.map(|span| span.until - span.from).sum()
    }

    fn compiled(
        &self,
        teams: impl IntoIterator<Item = TeamId>,
        range: Interval,
    ) -> BTreeMap<TeamId, Arc<Timeline>> {
        let compiler = Compiler::new(self);
        teams.into_iter().map(|id| (id.clone(), Arc::new(compiler.compile(&id, range)))).collect()
    }

    /// The teams whose changes of the day are no longer these.
    fn touched_by(&self, changes: &DayChanges) -> BTreeSet<TeamId> {
        let overrides = only_in_one(&self.changes.overrides, &changes.overrides, |change| &change.origin);
        let named: BTreeSet<&TeamId> = overrides.map(|change| &change.team).collect();
        let leave = only_in_one(&self.changes.leave, &changes.leave, |leave| &leave.origin);
        let away: BTreeSet<&PersonId> = leave.map(|leave| &leave.person).collect();
        let teams = self.organisation.teams.iter().filter(|(id, team)| {
            named.contains(id) || !away.is_empty() && plan::everybody(team).any(|who| away.contains(who))
        });
        teams.map(|(id, _)| id.clone()).collect()
    }
}

/// Compiles one team after the other; what all of them need is gathered once.
pub(super) struct Compiler<'c> {
    pub coverage: &'c Coverage,
    pub changes: Changes<'c>,
}

impl<'c> Compiler<'c> {
    pub fn new(coverage: &'c Coverage) -> Compiler<'c> {
        let changes = Changes::new(&coverage.organisation, &coverage.changes);
        Compiler { coverage, changes }
    }

    /// A timeline that holds `range` and perhaps more: the one there is, or one compiled for the purpose.
    pub fn timeline(&self, team: &TeamId, range: Interval) -> Arc<Timeline> {
        match self.coverage.timelines.get(team) {
            Some(timeline) if self.coverage.from <= range.from && range.until <= self.coverage.until => {
                timeline.clone()
            }
            _ => Arc::new(self.compile(team, range)),
        }
    }

    /// What the timeline would be, had some things not come in between.
    pub fn timeline_without(&self, without: Without, team: &TeamId, range: Interval) -> Timeline {
        team::timeline(&self.plan(without, team, range), range)
    }

    pub fn plan(&self, without: Without, team: &TeamId, range: Interval) -> Plan<'_> {
        let Coverage { organisation, zones, .. } = self.coverage;
        Plan::new(organisation, zones, &self.changes, team, range, without)
    }

    fn compile(&self, team: &TeamId, range: Interval) -> Timeline {
        self.timeline_without(Without::default(), team, range)
    }
}

/// What one of the two lists has and the other has not, or has otherwise.
fn only_in_one<'a, T: PartialEq>(
    one: &'a [T],
    other: &'a [T],
    origin: fn(&T) -> &Origin,
) -> impl Iterator<Item = &'a T> {
    let by_origin = |list: &'a [T]| -> BTreeMap<&'a Origin, &'a T> {
        list.iter().map(|item| (origin(item), item)).collect()
    };
    let (in_one, in_other) = (by_origin(one), by_origin(other));
    let gone = one.iter().filter(move |item| in_other.get(origin(item)) != Some(item));
    gone.chain(other.iter().filter(move |item| in_one.get(origin(item)) != Some(item)))
}
