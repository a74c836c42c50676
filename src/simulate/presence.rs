//! When a person is at work for a ticket, and when not; always asked of coverage.

use chrono::{DateTime, Utc};

use crate::coverage::{Coverage, Span};
use crate::desk::Seat;

/// In the team's open hours; or on call there, where the ticket pages.
fn serves(span: &Span, seat: &Seat, pages: bool) -> bool {
    let on_call = || span.on_call.values().any(|line| line.binary_search(&seat.person).is_ok());
    span.working.binary_search(&seat.person).is_ok() || (pages && on_call())
}

pub(super) fn at_work(coverage: &Coverage, seat: &Seat, pages: bool, at: DateTime<Utc>) -> bool {
    coverage.at(&seat.team, at).is_some_and(|span| serves(span, seat, pages))
}

/// Until when somebody who is at work stays so; `None`: they are not.
pub(super) fn leaves_at(
    coverage: &Coverage,
    seat: &Seat,
    pages: bool,
    at: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let spans = coverage.timeline(&seat.team)?.from(at);
    spans.iter().take_while(|span| serves(span, seat, pages)).last().map(|span| span.until)
}

/// From when on somebody who is not at work is. `None`: not within what is compiled.
pub(super) fn comes_at(
    coverage: &Coverage,
    seat: &Seat,
    pages: bool,
    at: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let spans = coverage.timeline(&seat.team)?.from(at);
    spans.iter().find(|span| serves(span, seat, pages)).map(|span| span.from.max(at))
}
