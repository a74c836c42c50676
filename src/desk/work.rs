//! Who is at work for a ticket, and until when; always asked of coverage.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Seat, WaitClock};
use crate::coverage::{Coverage, Span};
use crate::schedule::{PersonId, TeamId};

/// In the team's open hours; or on call there, where the ticket's priority pages.
pub(super) fn serves(span: &Span, person: &PersonId, pages: bool) -> bool {
    span.working.binary_search(person).is_ok()
        || (pages && span.on_call.values().any(|line| line.binary_search(person).is_ok()))
}

pub(super) fn at_work(coverage: &Coverage, seat: &Seat, pages: bool, at: DateTime<Utc>) -> bool {
    coverage.at(&seat.team, at).is_some_and(|span| serves(span, &seat.person, pages))
}

/// From `at` on, the first instant at which the team's span is no longer as `holds` wants it; `at` itself where it
/// is not so now. Never later than what is compiled.
pub(super) fn holds_until(
    coverage: &Coverage,
    team: &TeamId,
    at: DateTime<Utc>,
    holds: impl Fn(&Span) -> bool,
) -> DateTime<Utc> {
    let spans = coverage.timeline(team).map_or(&[][..], |timeline| timeline.from(at));
    spans.iter().take_while(|span| holds(span)).last().map_or(at, |span| span.until)
}

/// The first instant from `at` on at which the team's span is as `wanted`. `None`: not within what is compiled.
pub(super) fn next_when(
    coverage: &Coverage,
    team: &TeamId,
    at: DateTime<Utc>,
    wanted: impl Fn(&Span) -> bool,
) -> Option<DateTime<Utc>> {
    let spans = coverage.timeline(team)?.from(at);
    spans.iter().find(|span| wanted(span)).map(|span| span.from.max(at))
}

/// The team's next opening: the first instant after `at` at which it opens.
pub(super) fn next_opening(coverage: &Coverage, team: &TeamId, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let closes = holds_until(coverage, team, at, |span| span.open);
    next_when(coverage, team, closes, |span| span.open)
}

impl WaitClock {
    /// What of `from..until` counts.
    pub fn counted(&self, coverage: &Coverage, from: DateTime<Utc>, until: DateTime<Utc>) -> TimeDelta {
        match self {
            WaitClock::Calendar => until - from,
            WaitClock::Open { team } => coverage.open_between(team, from, until),
            WaitClock::Business { hours } => coverage.open_between(hours, from, until),
        }
    }

    /// When so much will have counted since `from`; `None`: not within what is compiled.
    pub fn reaches(
        &self,
        coverage: &Coverage,
        from: DateTime<Utc>,
        lasts: TimeDelta,
    ) -> Option<DateTime<Utc>> {
        match self {
            WaitClock::Calendar => from.checked_add_signed(lasts),
            WaitClock::Open { team } => coverage.after_open(team, from, lasts),
            WaitClock::Business { hours } => coverage.after_open(hours, from, lasts),
        }
    }
}

/// Whether it holds for at least `lasts` from `at` on.
pub(super) fn lasts(
    coverage: &Coverage,
    team: &TeamId,
    at: DateTime<Utc>,
    lasts: TimeDelta,
    holds: impl Fn(&Span) -> bool,
) -> bool {
    let enough = at + lasts;
    let spans = coverage.timeline(team).map_or(&[][..], |timeline| timeline.from(at));
    spans.iter().take_while(|span| span.from < enough).all(holds)
}
