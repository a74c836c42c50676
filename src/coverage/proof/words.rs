//! Near misses in words, with times on the team's own clock.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

use super::nearly::Border;
use crate::coverage::lasting;
use crate::schedule::{Language, LineId, PersonId};

/// So many people are named.
const NAMED: usize = 4;

pub fn on_leave(people: &[PersonId], until: NaiveDateTime) -> String {
    format!("{} on leave until {}", named(people), when(until))
}

pub fn line_on_leave(line: &LineId, people: &[PersonId], until: NaiveDateTime) -> String {
    format!("nobody on {line}: {} on leave, until {} at the earliest", named(people), when(until))
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

/// `Mon` is said where it is not the day that one would think of.
pub fn border(border: &Border, local: NaiveDateTime) -> String {
    let Border { off, ends, line, people, .. } = border;
    let time = local.format(if *off < TimeDelta::hours(12) { "%H:%M" } else { "%a %H:%M" });
    let until = if *ends { "until" } else { "from" };
    let what = match (line, &people[..]) {
        (None, []) => format!("{} {time}", if *ends { "closes" } else { "opens" }),
        (None, people) => format!("{} at work {until} {time}", named(people)),
        (Some(line), people) => format!("{} on {line} {until} {time}", named(people)),
    };
    match (off.is_zero(), ends) {
        (true, true) => format!("{what}, as the gap begins"),
        (true, false) => format!("{what}, as the gap ends"),
        (false, true) => format!("{what}, {} before the gap", lasting(*off)),
        (false, false) => format!("{what}, {} after the gap", lasting(*off)),
    }
}

pub fn night_before(from: NaiveTime, lasts: TimeDelta, day: Weekday) -> String {
    let (until, _) = from.overflowing_add_signed(lasts);
    let (from, until) = (from.format("%H:%M"), until.format("%H:%M"));
    format!("its window {from}-{until} belongs to the day it starts on, and none starts on {day}")
}

fn when(local: NaiveDateTime) -> String {
    local.format("%a %Y-%m-%d %H:%M").to_string()
}

fn named(people: &[PersonId]) -> String {
    let mut text = people.iter().take(NAMED).map(PersonId::as_str).collect::<Vec<_>>().join(", ");
    if people.len() > NAMED {
        text += &format!(" and {} more", people.len() - NAMED);
    }
    text
}
