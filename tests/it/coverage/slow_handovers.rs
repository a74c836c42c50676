//! Handovers across clock changes, found slowly: every quarter of an hour of a year is asked who is at work. A failure
//! prints the organisation in words and how to see it again: `SEED=7421 CASES=1 cargo test --test it slow_handovers`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use fastrand::Rng;
use meridian::coverage::{ClockSurprise, Coverage, clock_surprises};
use meridian::schedule::{Organisation, TeamId};
use meridian::zone::{Zone, Zones};

use super::words::{self, utc};

const ZONES: &[&str] = &[
    "Europe/Stockholm",
    "Europe/London",
    "America/New_York",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Santiago",
    "Asia/Kolkata",
    "Asia/Gaza",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Antarctica/Troll",
    "Africa/Cairo",
];

const QUARTER: TimeDelta = TimeDelta::minutes(15);
/// What is looked at beyond either end of the year.
const AROUND: TimeDelta = TimeDelta::days(4);

#[test]
fn handovers_agree_with_a_walk_through_every_quarter_of_an_hour() {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let seed = number("SEED").unwrap_or_else(|| fastrand::u64(..1 << 32));
    let cases = number("CASES").unwrap_or(12);
    let mut told = 0;
    for seed in seed..seed + cases {
        let mut rng = Rng::with_seed(seed);
        let text = made_up(&mut rng);
        let mut organisation = words::organisation(&text);
        for (id, team) in &mut organisation.teams {
            team.region = id.as_str().into();
        }
        let zones = words::zones(&organisation);
        let from = utc("2026-01-01T00:00:00Z") + TimeDelta::days(rng.i64(0..600));
        let until = from + TimeDelta::days(366);
        let fast: BTreeSet<String> = clock_surprises(&organisation, &zones, from, until)
            .iter()
            .filter(|surprise| !surprise.receivers.is_empty())
            .map(line)
            .collect();
        told += fast.len();
        let slow = Walk::new(organisation, zones, from, until).surprises();
        assert_eq!(
            fast, slow,
            "from {from}\n{text}\nsee it again: SEED={seed} CASES=1 cargo test --test it slow_handovers"
        );
    }
    assert!(told > 0 || cases < 10, "none of {cases} organisations has anything to tell");
}

fn line(surprise: &ClockSurprise) -> String {
    let ClockSurprise { kind, first, last, usual_minutes, then_minutes, uncovered_minutes, .. } = surprise;
    let (closing, opening) = (&surprise.teams[0], &surprise.receivers[0]);
    format!("{closing} {opening} {first} {last} {kind:?} {usual_minutes} {then_minutes} {uncovered_minutes}")
}

/// Three teams, each of which opens about when another one closes.
fn made_up(rng: &mut Rng) -> String {
    let (mut text, mut opens) = (String::new(), rng.i64(0..96));
    for team in ["a", "b", "c"] {
        let zone = *rng.choice(ZONES).unwrap();
        let offset = words::zones(&words::organisation(&format!("team x in {zone}: anna")))
            .get(&zone.into())
            .unwrap()
            .offset(utc("2026-07-01T00:00:00Z"));
        let lasts = rng.i64(16..48);
        let local = |quarters: i64| {
            let minutes = (quarters * 15 + i64::from(offset) / 60).rem_euclid(24 * 60);
            format!("{:02}:{:02}", minutes / 60, minutes % 60)
        };
        let days = rng.choice(["mon-fri", "mon-fri", "daily", "mon-sat"]).unwrap();
        writeln!(text, "team {team} in {zone}: anna").unwrap();
        writeln!(text, "hours {days} {}-{}", local(opens), local(opens + lasts)).unwrap();
        if rng.u8(..4) == 0 {
            // Again after a break, of which some close and some do not.
            let again = opens + lasts + rng.i64(2..10);
            writeln!(text, "hours {days} {}-{}", local(again), local(again + 8)).unwrap();
        }
        opens += lasts + rng.i64(-10..6);
    }
    text
}

/// Who is at work in each quarter of an hour.
struct Walk {
    organisation: Arc<Organisation>,
    zones: Arc<Zones>,
    begins: DateTime<Utc>,
    /// Quarters of the year itself.
    year: std::ops::Range<usize>,
    at_work: BTreeMap<TeamId, Vec<bool>>,
}

impl Walk {
    fn new(organisation: Organisation, zones: Arc<Zones>, from: DateTime<Utc>, until: DateTime<Utc>) -> Walk {
        let (begins, ends) = (from - AROUND, until + AROUND);
        let organisation = Arc::new(organisation);
        let coverage = Coverage::compile(organisation.clone(), zones.clone(), Arc::default(), begins, ends);
        let place = |at: DateTime<Utc>| ((at - begins).num_minutes() / 15) as usize;
        let quarters = |team: &TeamId| -> Vec<bool> {
            (0..place(ends)).map(|n| coverage.at(team, begins + QUARTER * n as i32).unwrap().open).collect()
        };
        let mut at_work: BTreeMap<_, _> =
            organisation.teams.keys().map(|team| (team.clone(), quarters(team))).collect();
        at_work.values_mut().for_each(|quarters| fill_breaks(quarters));
        Walk { year: place(from)..place(until), organisation, zones, begins, at_work }
    }

    fn surprises(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for closing in self.organisation.teams.keys() {
            for opening in self.organisation.teams.keys() {
                let zone = |team| &self.organisation.teams[team].timezone;
                if zone(closing) != zone(opening) {
                    self.pair(closing, opening, &mut found);
                }
            }
        }
        found
    }

    fn pair(&self, closing: &TeamId, opening: &TeamId, found: &mut BTreeSet<String>) {
        let zone = self.zones.get(&self.organisation.teams[closing].timezone).unwrap();
        let closings: Vec<usize> = self
            .year
            .clone()
            .filter(|n| self.at_work[closing][n - 1] && !self.at_work[closing][*n])
            .collect();
        // By the time of the week on the closing team's clock.
        let mut slots: BTreeMap<String, Vec<(usize, i64)>> = BTreeMap::new();
        for at in &closings {
            if let Some(quarters) = self.together(closing, opening, *at) {
                let slot = zone.local(self.begins + QUARTER * *at as i32).format("%a %H:%M").to_string();
                slots.entry(slot).or_default().push((*at, quarters * 15));
            }
        }
        let mut alike: BTreeMap<Vec<i64>, Vec<(usize, i64)>> = BTreeMap::new();
        for slot in slots.into_values() {
            let mut overlaps: Vec<i64> = slot.iter().map(|(_, minutes)| *minutes).collect();
            overlaps.sort();
            overlaps.dedup();
            alike.entry(overlaps).or_default().extend(slot);
        }
        let mut weeks: BTreeMap<i64, BTreeMap<usize, i64>> = BTreeMap::new();
        for slot in alike.into_values() {
            let often = |minutes: i64| slot.iter().filter(|(_, other)| *other == minutes).count();
            let usual = slot.iter().map(|(_, minutes)| (often(*minutes), *minutes)).max().unwrap().1;
            let leaves_nobody =
                slot.iter().any(|(at, minutes)| *minutes == usual && self.alone(*at, -minutes / 15) > 0);
            let for_a_season = slot.iter().filter(|(_, minutes)| often(*minutes) * 4 >= slot.len());
            let kindest = for_a_season.map(|(_, minutes)| (0.min(*minutes), often(*minutes), *minutes)).max();
            let usual = kindest.filter(|_| leaves_nobody).map_or(usual, |(_, _, minutes)| minutes);
            if usual >= -60 {
                weeks.entry(usual).or_default().extend(slot);
            }
        }
        let handed_over: usize = weeks.values().map(BTreeMap::len).sum();
        if handed_over * 2 <= closings.len() {
            return;
        }
        for (usual, week) in weeks {
            let week: Vec<(usize, i64)> = week.into_iter().collect();
            for run in week.chunk_by(|one, next| one.1 == next.1) {
                let alone =
                    run.iter().map(|(at, minutes)| self.alone(*at, -minutes / 15) * 15).max().unwrap();
                if let Some(kind) = told(usual, run[0].1, alone) {
                    let (first, last) = (self.day(zone, run[0].0), self.day(zone, run[run.len() - 1].0));
                    let then = run[0].1;
                    found.insert(format!("{closing} {opening} {first} {last} {kind} {usual} {then} {alone}"));
                }
            }
        }
    }

    /// For how many quarters both have been at work at a closing; below 0, until the other one is.
    fn together(&self, closing: &TeamId, opening: &TeamId, at: usize) -> Option<i64> {
        let (ours, theirs) = (&self.at_work[closing], &self.at_work[opening]);
        if theirs[at] {
            let since = (0..at).rev().find(|n| !theirs[*n]).map_or(0, |n| n + 1);
            return (since..at)
                .all(|n| ours[n])
                .then_some(())
                .filter(|()| ours[since - 1])
                .map(|()| (at - since) as i64);
        }
        let wait = (at..).take(48).position(|n| theirs[n])?;
        Some(-(wait as i64))
    }

    /// How many of the quarters behind a closing nobody at all is at work.
    fn alone(&self, at: usize, quarters: i64) -> i64 {
        let nobody = |n: &usize| self.at_work.values().all(|at_work| !at_work[*n]);
        (at..at + quarters.max(0) as usize).filter(nobody).count() as i64
    }

    fn day(&self, zone: &Zone, at: usize) -> String {
        zone.local(self.begins + QUARTER * at as i32 - QUARTER).with_second(0).unwrap().date().to_string()
    }
}

/// Whoever is back within an hour and a half has not closed.
fn fill_breaks(quarters: &mut [bool]) {
    let mut last = None;
    for n in 0..quarters.len() {
        if quarters[n] {
            if let Some(last) = last.filter(|last| n - last - 1 <= 6) {
                quarters[last..n].fill(true);
            }
            last = Some(n);
        }
    }
}

fn told(usual: i64, then: i64, alone: i64) -> Option<&'static str> {
    let lead = 30;
    match then.cmp(&usual) {
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Less if alone > 0 => Some("Opens"),
        std::cmp::Ordering::Less if usual < 0 => None,
        std::cmp::Ordering::Less if then <= usual / 2 || then < lead && usual >= lead => Some("Narrows"),
        std::cmp::Ordering::Less if usual < lead => Some("Narrows"),
        std::cmp::Ordering::Greater if then > 0 && then >= 2 * usual => Some("Doubles"),
        _ => None,
    }
}
