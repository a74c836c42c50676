//! What compiling gives: for each team, span after span.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::schedule::{LineId, PersonId};

/// Sorted by id, without repeats; shared, as the same people serve again and again.
pub type People = Arc<[PersonId]>;

/// A stretch of time in which nothing about a team changes. Half-open: on at `from`, off at `until`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Span {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// About hours: a team can be open with nobody working.
    pub open: bool,
    pub working: People,
    /// Every line the team's rotations feed; a line with nobody is there and empty.
    pub on_call: Arc<BTreeMap<LineId, People>>,
}

impl Span {
    /// Whether both say the same, whenever they say it.
    pub(super) fn same_service(&self, other: &Span) -> bool {
        self.open == other.open
            && (Arc::ptr_eq(&self.working, &other.working) || self.working == other.working)
            && (Arc::ptr_eq(&self.on_call, &other.on_call) || self.on_call == other.on_call)
    }
}

/// One team's coverage over a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// In order; they tile the window exactly and neighbours differ.
    spans: Vec<Span>,
}

impl Timeline {
    /// From spans in order that tile the window; neighbours that say the same become one.
    pub(super) fn new(spans: impl IntoIterator<Item = Span>) -> Timeline {
        let mut merged: Vec<Span> = Vec::new();
        for span in spans {
            match merged.last_mut() {
                Some(last) if last.same_service(&span) => last.until = span.until,
                _ => merged.push(span),
            }
        }
        merged.shrink_to_fit();
        Timeline { spans: merged }
    }

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
        self.clipped(from, until).collect()
    }

    /// The instant at which `lasts` of open time will have passed since `from`; `None`: not within the window.
    pub(super) fn after_open(&self, from: DateTime<Utc>, lasts: TimeDelta) -> Option<DateTime<Utc>> {
        if lasts <= TimeDelta::zero() {
            return self.at(from).map(|_| from);
        }
        let mut left = lasts;
        for span in self.from(from).iter().filter(|span| span.open) {
            let start = span.from.max(from);
            let here = span.until - start;
            if left <= here {
                return Some(start + left);
            }
            left -= here;
        }
        None
    }

    /// Whether both say the same all through `from..until`.
    pub(super) fn agrees(&self, other: &Timeline, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        self.clipped(from, until).eq(other.clipped(from, until))
    }

    fn clipped(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> impl Iterator<Item = Span> + '_ {
        let first = self.spans.partition_point(|span| span.until <= from);
        self.spans[first..].iter().take_while(move |span| span.from.max(from) < until).map(move |span| Span {
            from: span.from.max(from),
            until: span.until.min(until),
            ..span.clone()
        })
    }
}
