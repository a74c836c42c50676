//! A window as an iCalendar file (RFC 5545): an event for every stretch that somebody is at work or on call.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::answers::spans;
use super::compile::Coverage;
use super::stretches::{Duty, Stretch};
use crate::schedule::{PersonId, TeamId, TierId};

/// A longer stretch stands as an event for each month of UTC: somebody who is always on call has no beginning that
/// every window could see.
const LONG: TimeDelta = TimeDelta::days(32);

/// How far beyond the window stretches are followed: enough to see which are long, and where the others begin and end.
pub const REACH: TimeDelta = TimeDelta::days(64);

/// Every stretch that touches `from..to`, whole. The same stretch has the same UID in every calendar it stands in,
/// so importing again updates it. Stamped with `from`: the same input gives the same bytes.
pub fn calendar(
    coverage: &Coverage,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    team: Option<&TeamId>,
    tier: Option<&TierId>,
) -> String {
    let least = from.checked_sub_signed(REACH).unwrap_or(DateTime::<Utc>::MIN_UTC);
    let most = to.checked_add_signed(REACH).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let answer = spans(coverage, least, most, team, tier);
    let name = escaped(&format!("{}: who is at work", coverage.organisation.name));
    let mut lines = Lines::default();
    lines.add("BEGIN", "VCALENDAR");
    lines.add("VERSION", "2.0");
    lines.add("PRODID", "-//Meridian//Coverage//EN");
    lines.add("METHOD", "PUBLISH");
    lines.add("NAME", &name);
    lines.add("X-WR-CALNAME", &name);
    for team in &answer.teams {
        let pieces = team.stretches().into_iter().flat_map(by_month);
        for piece in pieces.filter(|piece| piece.from < to && from < piece.until) {
            event(coverage, from, &team.team, &piece, &mut lines);
        }
    }
    lines.add("END", "VCALENDAR");
    lines.text
}

/// The stretch itself, unless it is long.
fn by_month(stretch: Stretch) -> Vec<Stretch> {
    if stretch.until - stretch.from <= LONG {
        return vec![stretch];
    }
    let first = stretch.from.date_naive().with_day(1).unwrap_or(NaiveDate::MIN);
    let months = (1..).map_while(|months| first.checked_add_months(Months::new(months)));
    let cuts = months.map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let (mut pieces, mut rest) = (Vec::new(), stretch);
    for cut in cuts.take_while(|cut| *cut < stretch.until) {
        pieces.push(Stretch { until: cut, ..rest });
        rest.from = cut;
    }
    pieces.push(rest);
    pieces
}

fn event(coverage: &Coverage, stamp: DateTime<Utc>, id: &TeamId, stretch: &Stretch, lines: &mut Lines) {
    let person = stretch.person;
    let team = &coverage.organisation.teams[id];
    let (duty, what) = match stretch.duty {
        Duty::Hours => ("hours".to_owned(), "at work".to_owned()),
        Duty::Line(line) => (format!("line/{line}"), format!("on call ({line})")),
    };
    let (from, until) = (instant(stretch.from), instant(stretch.until));
    lines.add("BEGIN", "VEVENT");
    lines.add("UID", &escaped(&format!("{id}/{duty}/{person}/{from}@meridian")));
    lines.add("DTSTAMP", &instant(stamp));
    lines.add("DTSTART", &from);
    lines.add("DTEND", &until);
    lines.add("SUMMARY", &escaped(&format!("{} {what}, {}", name(coverage, person), team.name)));
    let about = format!(
        "Team {id}, tier {}, region {}. The team's clock: {}.",
        team.tier, team.region, team.timezone
    );
    lines.add("DESCRIPTION", &escaped(&about));
    lines.add("CATEGORIES", &escaped(id.as_str()));
    // Whoever looks at the calendar is not busy because a colleague is.
    lines.add("TRANSP", "TRANSPARENT");
    lines.add("END", "VEVENT");
}

fn name<'c>(coverage: &'c Coverage, person: &'c PersonId) -> &'c str {
    coverage.organisation.people.get(person).map_or(person.as_str(), |person| &person.name)
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Content lines, folded.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    /// A property whose value is escaped already where it is text.
    fn add(&mut self, name: &str, value: &str) {
        let mut octets = 0;
        for c in name.chars().chain([':']).chain(value.chars()) {
            if octets + c.len_utf8() > OCTETS_MAX {
                self.text.push_str("\r\n ");
                octets = 1;
            }
            self.text.push(c);
            octets += c.len_utf8();
        }
        self.text.push_str("\r\n");
    }
}

/// Of a line, without its end.
const OCTETS_MAX: usize = 75;

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => safe.extend(['\\', c]),
            '\n' => safe.push_str("\\n"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
