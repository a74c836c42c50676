//! Promises to customers: how many were kept, and whose time they spent.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::course::Course;
use super::reports::Asked;
use super::sheet::{Cell, Field, NONE};
use crate::coverage::Coverage;
use crate::desk::{Clock, ClockKind, ClockState, Custody, Event, TicketId, attribution};
use crate::schedule::{Organisation, Priority, TeamId};

const ATTAINED: &[Field] = &[
    Field { key: "sla", head: "~SLA" },
    Field { key: "clock", head: "~Clock" },
    Field { key: "priority", head: "~Priority" },
    Field { key: "promised", head: "promised" },
    Field { key: "met", head: "met" },
    Field { key: "breached", head: "breached" },
    Field { key: "met_late", head: "of these met late" },
    Field { key: "open", head: "open" },
    Field { key: "attainment", head: "attained" },
];

#[derive(Default)]
pub(super) struct Attainment {
    /// By SLA, clock and priority.
    groups: BTreeMap<(String, ClockKind, Priority), Kept>,
}

#[derive(Default)]
struct Kept {
    met: usize,
    breached: usize,
    met_late: usize,
    open: usize,
}

impl Attainment {
    pub fn add(&mut self, course: &Course) -> bool {
        for promise in &course.promises {
            let sla = promise.sla.as_ref().map_or_else(|| NONE.to_owned(), ToString::to_string);
            let kept = self.groups.entry((sla, promise.kind, course.ticket.priority)).or_default();
            match promise.state {
                ClockState::Met => kept.met += 1,
                ClockState::Breached => kept.breached += 1,
                ClockState::MetLate => {
                    kept.breached += 1;
                    kept.met_late += 1;
                }
                ClockState::Running | ClockState::Standing | ClockState::Unpromised => kept.open += 1,
            }
        }
        !course.promises.is_empty()
    }

    pub fn rows(self) -> (&'static [Field], Vec<Vec<Cell>>) {
        let row = |((sla, clock, priority), kept): ((String, ClockKind, Priority), Kept)| {
            let settled = kept.met + kept.breached;
            let names = [Cell::Word(sla), Cell::word(clock.as_str()), Cell::word(priority)];
            let counts = [settled + kept.open, kept.met, kept.breached, kept.met_late, kept.open];
            let share = Cell::Share(kept.met, settled);
            names.into_iter().chain(counts.map(Cell::Count)).chain([share]).collect()
        };
        (ATTAINED, self.groups.into_iter().map(row).collect())
    }
}

const SPENT: &[Field] = &[
    Field { key: "clock", head: "~Clock" },
    Field { key: "had_by", head: "~Had by" },
    Field { key: "team", head: "~Team" },
    Field { key: "region", head: "~Region" },
    Field { key: "tickets", head: "tickets" },
    Field { key: "spent_seconds", head: "spent" },
    Field { key: "spent_of_breached_seconds", head: "of breached promises" },
];

#[derive(Default)]
pub(super) struct Spent {
    /// By clock, what had the ticket, and the team whose time it was.
    groups: BTreeMap<(ClockKind, &'static str, String), Time>,
}

#[derive(Default)]
struct Time {
    tickets: BTreeSet<TicketId>,
    /// In milliseconds, so that parts add up.
    spent: TimeDelta,
    of_breached: TimeDelta,
}

impl Spent {
    /// As the desk attributes it: what a clock spent between two events was spent by whoever had the ticket in between.
    pub fn add(&mut self, asked: &Asked, coverage: &Coverage, course: &Course, history: &[Event]) -> bool {
        if course.promises.is_empty() {
            return false;
        }
        let counted = |clock: &Clock, since: DateTime<Utc>| clock.by.counted(coverage, since, asked.as_of);
        let running =
            |clock: &Clock| clock.running_since.map_or(TimeDelta::zero(), |since| counted(clock, since));
        let mut any = false;
        for period in attribution(history, running) {
            let of = |promise: &&super::course::Promise| {
                (promise.kind, promise.since) == (period.clock, period.since)
            };
            let Some(promise) = course.promises.iter().find(of) else { continue };
            let breached = matches!(promise.state, ClockState::Breached | ClockState::MetLate);
            for share in &period.shares {
                let (had_by, team) = had_by(share.custody.as_ref());
                let time = self.groups.entry((period.clock, had_by, team)).or_default();
                time.tickets.insert(course.ticket.id);
                time.spent += share.spent;
                time.of_breached += if breached { share.spent } else { TimeDelta::zero() };
                any = true;
            }
        }
        any
    }

    pub fn rows(self, org: &Organisation) -> (&'static [Field], Vec<Vec<Cell>>) {
        let row = |((clock, had_by, team), time): ((ClockKind, &'static str, String), Time)| {
            let region = org.teams.get(&TeamId::new(&team)).map(|team| team.region.to_string());
            let region = region.unwrap_or_else(|| NONE.to_owned());
            let seconds = [time.spent, time.of_breached].map(|spent| Cell::Seconds(spent.num_seconds()));
            let names =
                [Cell::word(clock.as_str()), Cell::word(had_by), Cell::Word(team), Cell::Word(region)];
            names.into_iter().chain([Cell::Count(time.tickets.len())]).chain(seconds).collect()
        };
        (SPENT, self.groups.into_iter().map(row).collect())
    }
}

/// In a word, and the team, or the vendor, whose time it is.
fn had_by(custody: Option<&Custody>) -> (&'static str, String) {
    let word = match custody {
        Some(Custody::Person { .. }) => "person",
        Some(Custody::Queue { .. }) => "queue",
        Some(Custody::Asked { .. }) => "asked",
        Some(Custody::Nobody { reason }) => reason.as_str(),
        Some(Custody::Pending) => "pending",
        Some(Custody::Vendor { vendor }) => return ("vendor", vendor.to_string()),
        Some(Custody::Done) => "done",
        // It ran before it was known to be promised.
        None => "not_known",
    };
    (word, custody.and_then(Custody::team).map_or_else(|| NONE.to_owned(), ToString::to_string))
}
