//! All teams together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::business_hours::{self, OpenHours};
use super::interval::Interval;
use super::moments::DayChanges;
use super::plan::{self, Changes, Plan, Without};
use super::team;
use super::timeline::{Span, Timeline};
use crate::schedule::{BusinessHoursId, Organisation, Origin, PersonId, TeamId};
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
    business_hours: BTreeMap<BusinessHoursId, Arc<Timeline>>,
}

impl Coverage {
    /// Compiles every team, and all business hours, over `from..until`. Total: no schedule that `check` accepts makes it panic.
    pub fn compile(
        organisation: Arc<Organisation>,
        zones: Arc<Zones>,
        changes: Arc<DayChanges>,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Coverage {
        let range = Interval { from, until };
        let business_hours = business_hours::timelines(&organisation, &zones, range);
        let timelines = BTreeMap::new();
        let mut coverage = Coverage { organisation, zones, changes, from, until, timelines, business_hours };
        let teams: Vec<TeamId> = coverage.organisation.teams.keys().cloned().collect();
        coverage.timelines = coverage.compiled(teams, range);
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

    /// Whether the business hours of both are open at the same times from `since` on, over what both have compiled.
    pub fn same_business_hours(&self, other: &Coverage, since: DateTime<Utc>) -> bool {
        let from = since.max(self.from).max(other.from);
        let until = self.until.min(other.until);
        let pairs = self.business_hours.iter().zip(&other.business_hours);
        self.business_hours.len() == other.business_hours.len()
            && pairs.into_iter().all(|((a, ours), (b, theirs))| a == b && ours.agrees(theirs, from, until))
    }

    /// The instant at which `lasts` of these open hours will have passed since `from`.
    /// `None`: not within the compiled window, or there are no such hours.
    pub fn after_open<'a>(
        &self,
        hours: impl Into<OpenHours<'a>>,
        from: DateTime<Utc>,
        lasts: TimeDelta,
    ) -> Option<DateTime<Utc>> {
        let timeline = match hours.into() {
            OpenHours::Team(team) => self.timelines.get(team),
            OpenHours::Business(hours) => self.business_hours.get(hours),
        };
        timeline?.after_open(from, lasts)
    }

    /// How much of `from..until` these hours are open; nothing where there are no such hours.
    pub fn open_between<'a>(
        &self,
        hours: impl Into<OpenHours<'a>>,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> TimeDelta {
        let spans = match hours.into() {
            OpenHours::Team(team) => self.window(team, from, until),
            OpenHours::Business(hours) => self.business_window(hours, from, until),
        };
        let open = spans.into_iter().filter(|span| span.open);
        open.map(|span| span.until - span.from).sum()
    }

    fn business_window(&self, id: &BusinessHoursId, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Span> {
        match (self.business_hours.get(id), self.organisation.business_hours.get(id)) {
            (Some(timeline), _) if self.from <= from && until <= self.until => timeline.window(from, until),
            (_, Some(hours)) => {
                let range = Interval { from, until };
                let timeline = business_hours::timeline(hours, &self.organisation, &self.zones, range);
                timeline.spans().to_vec()
            }
            (_, None) => Vec::new(),
        }
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
