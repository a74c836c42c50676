//! Who is at work, when. An organisation and its zones go in, a [`Timeline`] per team comes out.
//! The one place that answers this. Never reads a file, a clock or the database.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::schedule::{Leave, LineId, Organisation, Override, PersonId, TeamId};
use crate::zone::Zones;

/// Sorted by id, without repeats; shared, as the same people serve again and again.
pub type People = Arc<[PersonId]>;

/// A stretch of time in which nothing about a team changes. Half-open: on at `from`, off at `until`.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// About hours: a team can be open with nobody working.
    pub open: bool,
    pub working: People,
    /// Every line the team's rotations feed; a line with nobody is there and empty.
    pub on_call: Arc<BTreeMap<LineId, People>>,
}

/// One team's coverage over a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// In order; they tile the window exactly and neighbours differ.
    spans: Vec<Span>,
}

impl Timeline {
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// By binary search. `None` outside the compiled window.
    pub fn at(&self, at: DateTime<Utc>) -> Option<&Span> {
        self.from(at).first()
    }

    /// The spans from the one that holds `at` on; empty where the window does not hold it.
    pub fn from(&self, at: DateTime<Utc>) -> &[Span] {
        let after = self.spans.partition_point(|span| span.until <= at);
        match self.spans.get(after) {
            Some(span) if span.from <= at => &self.spans[after..],
            _ => &[],
        }
    }

    /// The spans of `from..until`, clipped to it.
    pub fn window(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Span> {
        let first = self.spans.partition_point(|span| span.until <= from);
        self.spans[first..]
            .iter()
            .take_while(|span| span.from < until)
            .map(|span| Span { from: span.from.max(from), until: span.until.min(until), ..span.clone() })
            .collect()
    }
}

/// Changes of the day, kept in the database: they count as if they stood in the files, after them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DayChanges {
    pub leave: Vec<Leave>,
    pub overrides: Vec<Override>,
}

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
        _organisation: Arc<Organisation>,
        _zones: Arc<Zones>,
        _changes: Arc<DayChanges>,
        _from: DateTime<Utc>,
        _until: DateTime<Utc>,
    ) -> Coverage {
        unimplemented!()
    }

    /// The same organisation with other changes of the day; only the teams they touch are compiled again.
    pub fn with_changes(&self, _changes: Arc<DayChanges>) -> Coverage {
        unimplemented!()
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
    pub fn window(&self, _team: &TeamId, _from: DateTime<Utc>, _until: DateTime<Utc>) -> Vec<Span> {
        unimplemented!()
    }

    /// The teams whose coverage differs between the two from `since` on; a team only one of them knows differs.
    pub fn differing_teams(&self, _other: &Coverage, _since: DateTime<Utc>) -> BTreeSet<TeamId> {
        unimplemented!()
    }

    /// The instant at which `lasts` of the team's open hours will have passed since `from`.
    /// `None`: not within the compiled window.
    pub fn after_open(
        &self,
        _team: &TeamId,
        _from: DateTime<Utc>,
        _lasts: TimeDelta,
    ) -> Option<DateTime<Utc>> {
        unimplemented!()
    }

    /// How long the team is open within `from..until`.
    pub fn open_between(&self, _team: &TeamId, _from: DateTime<Utc>, _until: DateTime<Utc>) -> TimeDelta {
        unimplemented!()
    }
}
