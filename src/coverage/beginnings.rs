//! Where the turns of a rotation begin on the wall clock, numbered from 0. No zone enters here (rule 4).

use std::sync::Arc;

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Weekday};
use rrule::RRuleSet;

use crate::schedule::{Every, Rotation};

/// A turn's number and the local time at which it begins.
pub type Beginning = (u64, NaiveDateTime);

/// In order and without end, from turn 0 or, where it can be computed, from some turn not later than `since`.
pub fn beginnings(rotation: &Rotation, since: NaiveDateTime) -> Box<dyn Iterator<Item = Beginning>> {
    let starts = rotation.starts;
    match &rotation.every {
        Every::Day => Box::new(evenly(starts, TimeDelta::days(1), since)),
        Every::Week => Box::new(evenly(starts, TimeDelta::weeks(1), since)),
        Every::Month => Box::new(monthly(starts)),
        Every::Rule(rule) => match Plain::read(rule) {
            Some(Plain::Evenly(step)) => Box::new(evenly(starts, step, since)),
            Some(Plain::Weekly(weeks)) => Box::new(weeks.beginnings(starts, since)),
            None => Box::new(by_rule(starts, rule)),
        },
    }
}

fn evenly(starts: NaiveDateTime, step: TimeDelta, since: NaiveDateTime) -> impl Iterator<Item = Beginning> {
    let past = since.signed_duration_since(starts).num_seconds() / step.num_seconds();
    let first = u64::try_from(past).unwrap_or(0);
    (first..).map_while(move |turn| {
        let seconds = i64::try_from(turn).ok()?.checked_mul(step.num_seconds())?;
        Some((turn, starts.checked_add_signed(TimeDelta::try_seconds(seconds)?)?))
    })
}

/// The months without that day are passed over.
fn monthly(starts: NaiveDateTime) -> impl Iterator<Item = Beginning> {
    let first = starts.date().with_day(1).expect("every month has a first day");
    (0..)
        .map_while(move |months| first.checked_add_months(Months::new(months)))
        .filter_map(move |month| month.with_day(starts.day()))
        .map(move |date| date.and_time(starts.time()))
        .enumerate()
        .map(|(turn, local)| (turn as u64, local))
}

/// A recurrence rule simple enough to be computed from any turn on.
enum Plain {
    Evenly(TimeDelta),
    Weekly(Weeks),
}

/// Certain days of every n-th week.
struct Weeks {
    interval: i64,
    starts_on: Weekday,
    /// Days since the start of the week, in order.
    days: Vec<u32>,
}

impl Plain {
    fn read(rule: &str) -> Option<Plain> {
        let (mut frequency, mut interval, mut days, mut starts_on) = ("", 1, "", Weekday::Mon);
        for part in rule.split(';') {
            match part.split_once('=')? {
                ("FREQ", value) => frequency = value,
                ("INTERVAL", value) => interval = value.parse().ok().filter(|n| (1..=65_535).contains(n))?,
                ("BYDAY", value) => days = value,
                ("WKST", value) => starts_on = weekday(value)?,
                _ => return None,
            }
        }
        match (frequency, days) {
            ("HOURLY", "") => Some(Plain::Evenly(TimeDelta::hours(interval))),
            ("DAILY", "") => Some(Plain::Evenly(TimeDelta::days(interval))),
            ("WEEKLY", "") => Some(Plain::Evenly(TimeDelta::weeks(interval))),
            ("WEEKLY", days) => {
                let from_start = |day| Some(weekday(day)?.days_since(starts_on));
                let mut days = days.split(',').map(from_start).collect::<Option<Vec<u32>>>()?;
                days.sort_unstable();
                days.dedup();
                Some(Plain::Weekly(Weeks { interval, starts_on, days }))
            }
            _ => None,
        }
    }
}

impl Weeks {
    fn beginnings(self, starts: NaiveDateTime, since: NaiveDateTime) -> impl Iterator<Item = Beginning> {
        let Weeks { interval, starts_on, days } = self;
        let into_week = starts.weekday().days_since(starts_on);
        let week = starts.date().checked_sub_signed(TimeDelta::days(into_week.into()));
        let week = week.unwrap_or(NaiveDate::MIN);
        // Turns of the first week come after turn 0, which is `starts` whether it is a day of the rule or not.
        let in_first = days.iter().filter(|day| **day > into_week).count() as u64;
        let past = since.date().signed_duration_since(week).num_weeks() / interval;
        let first_round = u64::try_from(past - 1).unwrap_or(0);
        let turn_0 = (first_round == 0).then_some((0, starts));
        let rounds = (first_round..).map_while(move |round| {
            let week = week.checked_add_signed(TimeDelta::try_weeks(interval * round as i64)?)?;
            let before = if round == 0 { 0 } else { in_first + (round - 1) * days.len() as u64 };
            let named = days.iter().filter(|day| round > 0 || **day > into_week);
            let turn = |(place, day): (usize, &u32)| {
                let date = week.checked_add_signed(TimeDelta::days((*day).into()))?;
                Some((before + place as u64 + 1, date.and_time(starts.time())))
            };
            Some(named.enumerate().filter_map(turn).collect::<Vec<_>>())
        });
        turn_0.into_iter().chain(rounds.flatten())
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    use Weekday::*;
    let days = [("MO", Mon), ("TU", Tue), ("WE", Wed), ("TH", Thu), ("FR", Fri), ("SA", Sat), ("SU", Sun)];
    days.into_iter().find(|(name, _)| *name == text).map(|(_, day)| day)
}

/// Every other rule goes to the rule library, which is told that local times are UTC and so meets no zone.
fn by_rule(starts: NaiveDateTime, rule: &Arc<str>) -> impl Iterator<Item = Beginning> + use<> {
    let starts = starts.with_nanosecond(0).unwrap_or(starts);
    let text = format!("DTSTART:{}Z\nRRULE:{rule}", starts.format("%Y%m%dT%H%M%S"));
    // Limited, so that a rule which never comes true again ends instead of walking to the year 10,000.
    let rule = text.parse::<RRuleSet>().ok().map(RRuleSet::limit);
    let mut last = starts;
    let later = rule.into_iter().flat_map(|rule| (&rule).into_iter()).map(|at| at.naive_utc());
    let later = later.filter(move |local| {
        let is_later = *local > last;
        last = last.max(*local);
        is_later
    });
    std::iter::once(starts).chain(later).enumerate().map(|(turn, local)| (turn as u64, local))
}
