//! Near misses in words, with times on the team's own clock.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use crate::schedule::{Language, LineId, PersonId};

/// So many people are named.
const NAMED: usize = 4;

pub fn on_leave(people: &[PersonId], until: NaiveDateTime) -> String {
    format!("{} on leave until {}", named(people), when(until))
}

pub fn line_on_leave(line: &LineId, people: &[PersonId], until: NaiveDateTime) -> String {
    format!("nobody on {line}: all of it on leave ({}), the first until {}", named(people), when(until))
}

pub fn rotation_ended(rotation: &str, line: &LineId, at: NaiveDateTime) -> String {
    format!("the rotation {rotation:?} on {line} ended {}", when(at))
}

pub fn holiday(name: &str, date: NaiveDate, is_half: bool) -> String {
    let closed = if is_half { "hours are short" } else { "closed" };
    format!("{closed} on {} for {name}", date.format("%a %Y-%m-%d"))
}

pub fn override_(people: &[PersonId], from: NaiveDateTime, until: NaiveDateTime) -> String {
    format!("an override from {} to {} takes {} out", when(from), when(until), named(people))
}

pub fn at_work_but_speaking(
    people: &[PersonId],
    speaks: &[Language],
    substitute: Option<&Language>,
) -> String {
    let speaks = speaks.iter().map(Language::as_str).collect::<Vec<_>>().join(", ");
    let substitute = substitute.map_or(String::new(), |language| format!(" ({language} is a substitute)"));
    format!("{} at work, speaking {speaks}{substitute}", named(people))
}

/// Where service ends before a gap (`ends`) or begins after it, so far off.
pub fn border(
    line: Option<&LineId>,
    people: &[PersonId],
    ends: bool,
    local: NaiveDateTime,
    off: TimeDelta,
) -> String {
    let time = local.format("%H:%M");
    let what = match (line, people, ends) {
        (None, [], true) => format!("closes {time}"),
        (None, [], false) => format!("opens {time}"),
        (None, people, true) => format!("{} at work until {time}", named(people)),
        (None, people, false) => format!("{} at work from {time}", named(people)),
        (Some(line), people, true) => format!("{} on {line} until {time}", named(people)),
        (Some(line), people, false) => format!("{} on {line} from {time}", named(people)),
    };
    match (off.is_zero(), ends) {
        (true, true) => format!("{what}, as the gap begins"),
        (true, false) => format!("{what}, as it ends"),
        (false, true) => format!("{what}, {} before the gap", lasting(off)),
        (false, false) => format!("{what}, {} after it", lasting(off)),
    }
}

fn when(local: NaiveDateTime) -> String {
    local.format("%a %Y-%m-%d %H:%M").to_string()
}

fn lasting(off: TimeDelta) -> String {
    match (off.num_hours(), off.num_minutes() % 60) {
        (0, 0) => format!("{} s", off.num_seconds()),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

fn named(people: &[PersonId]) -> String {
    let mut text = people.iter().take(NAMED).map(PersonId::as_str).collect::<Vec<_>>().join(", ");
    if people.len() > NAMED {
        text += &format!(" and {} more", people.len() - NAMED);
    }
    text
}
