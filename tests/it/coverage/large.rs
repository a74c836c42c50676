//! Coverage of a large organisation stays small, as equal people are kept once.
//! `TEAMS=1000 cargo test --release --test it large_organisation -- --nocapture` tells how long compiling takes.

use std::collections::HashSet;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

use chrono::TimeDelta;
use meridian::coverage::Coverage;

use super::words::{self, utc};

const ZONES: &[&str] = &[
    "Europe/Stockholm",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Atlantic/Azores",
    "America/Santiago",
];

/// Each of `teams` has 20 people, shifts that cross midnight, and five rotations of different kinds.
fn organisation(teams: usize) -> String {
    let mut text = String::new();
    for team in 0..teams {
        let people: Vec<String> = (0..20).map(|person| format!("p{team}-{person}")).collect();
        let (half, taking_turns) = (people[..10].join(" "), people.join(", "));
        write!(
            text,
            "team t{team} in {zone}: {all}
             hours mon-fri 08:00-16:00 by {half}
             hours mon-fri 15:30-00:30
             rotation primary outside-hours from 2025-01-06T09:00 every week: {taking_turns}
             rotation primary@1 during sat-sun 10:00-18:00 from 2025-01-06T09:00 every week: {taking_turns}
             rotation secondary from 2025-01-06T09:00 every FREQ=WEEKLY;BYDAY=MO,TH: {taking_turns}
             rotation tertiary from 2025-01-06T09:00 every day: {taking_turns}
             rotation management from 2025-01-31T09:00 every FREQ=MONTHLY;BYDAY=1MO: {taking_turns}
             leave p{team}-3 2026-07-01 .. 2026-07-28
             leave p{team}-4 2026-02-02T12:00 .. 2026-02-04
             override t{team} everything 2026-03-02 .. 2026-03-06: p{team}-5=p{team}-6
            ",
            zone = ZONES[team % ZONES.len()],
            all = people.join(" "),
        )
        .unwrap();
    }
    text
}

#[test]
fn a_large_organisation_keeps_equal_people_once() {
    let teams = std::env::var("TEAMS").map_or(51, |teams| teams.parse().unwrap());
    let organisation = Arc::new(words::organisation(&organisation(teams)));
    let zones = words::zones(&organisation);
    let from = utc("2026-01-01T00:00:00Z");
    let begun = Instant::now();
    let until = from + TimeDelta::days(400);
    let coverage = Coverage::compile(organisation.clone(), zones, Arc::default(), from, until);
    println!("{teams} teams: {:?}", begun.elapsed());
    let timelines = organisation.teams.keys().map(|team| coverage.timeline(team).unwrap());
    let spans: Vec<_> = timelines.flat_map(|timeline| timeline.spans()).collect();
    let distinct = |addresses: HashSet<*const u8>| addresses.len() / teams;
    let people = distinct(spans.iter().map(|span| Arc::as_ptr(&span.working).cast()).collect());
    let lines = distinct(spans.iter().map(|span| Arc::as_ptr(&span.on_call).cast()).collect());
    println!("a team: {} spans, {people} groups of people, {lines} sets of lines", spans.len() / teams);
    assert!(spans.len() / teams > 1000, "{} spans", spans.len());
    assert!(people < 20 && lines < spans.len() / teams, "{people} groups, {lines} sets of lines");

    let begun = Instant::now();
    let change =
        words::override_(meridian::schedule::Origin::Row(1), "t0 hours 2026-05-04 .. 2026-05-08: only");
    let changes = meridian::coverage::DayChanges { leave: Vec::new(), overrides: vec![change] };
    let changed = coverage.with_changes(Arc::new(changes));
    println!("one override: {:?}", begun.elapsed());
    assert_eq!(changed.differing_teams(&coverage, from), ["t0".into()].into());
}
