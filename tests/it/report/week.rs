//! Coverage by hour of week, against a count minute by minute.

use chrono::{Datelike, TimeDelta, Timelike};
use meridian::coverage::Coverage;
use meridian::report::{HourOfWeek, HoursOfWeek};
use std::collections::BTreeSet;

use super::{figures, of};
use crate::desk::play::{GLOBE, played};

const WEEK: &str = "
    2026-03-02 09:00  open P3: One
    2026-03-09 00:00  nothing
";

#[test]
fn a_mean_week_says_who_is_at_work_and_when_nobody_is() {
    let figures = figures(GLOBE, WEEK);
    let frontline = figures.hours_of_week.iter().find(|week| tier(week) == "frontline").unwrap();
    let at = |day: usize, hour: usize| frontline.hours[day * 24 + hour].unwrap();
    // Monday 09 UTC: anna and bjorn in Stockholm; 13: with carl and dora in New York; Sunday noon: nobody.
    let expected = HourOfWeek { at_work: 2.0, covered: 1.0, reachable: 1.0, opened: 1 };
    assert_eq!(at(0, 9), expected);
    assert_eq!(at(0, 13).at_work, 4.0);
    assert_eq!(at(6, 12), HourOfWeek { at_work: 0.0, covered: 0.0, reachable: 1.0, opened: 0 });
    let tiers: Vec<&str> = figures.hours_of_week.iter().map(tier).collect();
    assert_eq!(tiers, ["all", "frontline", "specialist", "management"]);
}

#[test]
fn hours_that_the_window_does_not_hold_are_absent() {
    let figures = figures(
        GLOBE,
        "
        2026-03-04 00:00  nothing
        06:30  nothing
    ",
    );
    let week = &figures.hours_of_week[0];
    let held: Vec<usize> = (0..168).filter(|hour| week.hours[*hour].is_some()).collect();
    assert_eq!(held, (48..55).collect::<Vec<_>>());
}

/// hana works in two teams at once, and over the clock change of 29 March.
#[test]
fn sums_of_spans_are_what_counting_every_minute_gives() {
    let both = GLOBE
        .replace("members = [\"anna\", \"bjorn\"]\nlead", "members = [\"anna\", \"bjorn\", \"hana\"]\nlead");
    let both = both.replace("from = \"09:00\"\nto = \"18:00\"", "from = \"09:10\"\nto = \"18:45\"");
    let played = played(
        &both,
        "
        2026-03-18 10:00  open P3: One
        2026-04-03 17:00  nothing
    ",
    );
    for week in &of(&played).hours_of_week {
        let slow = minute_by_minute(&played.coverage, week, played.from, played.until);
        for (hour, (fast, slow)) in week.hours.iter().zip(slow).enumerate() {
            let fast = fast.unwrap();
            for (fast, slow) in [(fast.at_work, slow[0]), (fast.covered, slow[1]), (fast.reachable, slow[2])]
            {
                assert!((fast - slow).abs() < 1e-9, "{} hour {hour}: {fast} is not {slow}", tier(week));
            }
        }
    }
}

fn minute_by_minute(
    coverage: &Coverage,
    week: &HoursOfWeek,
    from: chrono::DateTime<chrono::Utc>,
    until: chrono::DateTime<chrono::Utc>,
) -> Vec<[f64; 3]> {
    let mut sums = vec![[0.0; 4]; 168];
    let mut at = from;
    while at < until {
        let hour = at.weekday().num_days_from_monday() as usize * 24 + at.hour() as usize;
        let (mut people, mut reachable) = (BTreeSet::new(), false);
        for (id, team) in &coverage.organisation.teams {
            if week.tier.as_ref().is_some_and(|tier| *tier != team.tier) {
                continue;
            }
            let span = coverage.at(id, at).unwrap();
            people.extend(span.working.iter().cloned());
            reachable |= span.on_call.values().any(|line| !line.is_empty());
        }
        let sum = &mut sums[hour];
        sum[0] += people.len() as f64;
        sum[1] += f64::from(u8::from(!people.is_empty()));
        sum[2] += f64::from(u8::from(reachable || !people.is_empty()));
        sum[3] += 1.0;
        at += TimeDelta::minutes(1);
    }
    sums.into_iter()
        .map(|[people, covered, reachable, all]| [people / all, covered / all, reachable / all])
        .collect()
}

fn tier(week: &HoursOfWeek) -> &str {
    week.tier.as_ref().map_or("all", |tier| tier.as_str())
}
