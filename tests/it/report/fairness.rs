//! Who carries how much, by hand and by an oracle that looks at every half hour.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use insta::assert_snapshot;
use meridian::coverage::{Coverage, Interval, holiday};
use meridian::desk::{Notice, NoticeKind};
use meridian::report::{Asked, Cell, Kind, Narrowed, Sheet};
use meridian::schedule::{PersonId, TeamId};

use super::reports::{HOUSE, asked, instant, sheet};
use crate::desk::play::{Played, played};
use crate::simulation::life::{Life, Setting};

/// Monday 23:00 of the week of anna's turn: 7 hours after work, 9 before it. On Saturday a page at noon leaves long rests
/// on both sides; on Sunday pages at 06:00, 13:00 and 22:00 leave none of 11 hours in the day that ends at 16:00.
const WOKEN: &str = "
    2026-03-09 23:00  open P1: Down
    23:01  anna acknowledges 1
    23:30  anna resolves 1
    2026-03-11 17:30  open P1: Down after work
    17:31  anna acknowledges 2
    17:40  anna resolves 2
    2026-03-14 12:00  open P1: Down on Saturday
    12:01  anna acknowledges 3
    12:30  anna resolves 3
    2026-03-15 06:00  open P1: Down on Sunday
    06:01  anna acknowledges 4
    06:30  anna resolves 4
    13:00  open P1: Down again
    13:01  anna acknowledges 5
    13:30  anna resolves 5
    22:00  open P1: And again
    22:01  anna acknowledges 6
    22:30  anna resolves 6
    2026-03-16 12:00  nothing
";

fn fairness(played: &Played, narrowed: Narrowed) -> Sheet {
    sheet(played, Asked { narrowed, ..asked(played, Kind::Fairness) })
}

#[test]
fn everybody_has_a_row_and_whoever_carries_most_stands_first() {
    let played = played(HOUSE, WOKEN);
    assert_snapshot!(fairness(&played, Narrowed::default()).text(), @"");
}

#[test]
fn fairness_is_narrowed_to_the_people_of_teams_and_the_pages_of_tickets() {
    let played = played(HOUSE, WOKEN);
    let people = |narrowed: Narrowed| {
        let sheet = fairness(&played, narrowed);
        let told = sheet.rows.iter().map(|row| format!("{:?} {:?}\n", row[0], row[6]));
        told.collect::<String>()
    };
    let all = Narrowed::default();
    let of = [
        people(Narrowed { team: Some("amer".into()), ..all.clone() }),
        people(Narrowed { region: Some("emea".into()), ..all.clone() }),
        people(Narrowed { tier: Some("specialist".into()), ..all.clone() }),
        people(Narrowed { priority: Some("P2".parse().unwrap()), ..all }),
    ];
    assert_snapshot!(of.join("--\n"), @"");
}

/// The clocks go forward on Sunday the 29th: that weekend, and that night, are an hour shorter.
#[test]
fn a_night_of_the_spring_change_is_an_hour_shorter() {
    let stockholm = HOUSE.replace("timezone = \"UTC\"", "timezone = \"Europe/Stockholm\"");
    let carried = |monday: &str| {
        let played = played(&stockholm, &format!("{monday} 00:00  nothing"));
        let asked = Asked {
            from: instant(&format!("{monday}T07:00:00Z"))
                - TimeDelta::hours(i64::from(monday == "2026-03-30")),
            until: played.from + TimeDelta::days(7),
            ..asked(&played, Kind::Fairness)
        };
        let sheet = sheet(&played, asked);
        let row = sheet.rows.into_iter().find(|row| row[1] != Cell::Seconds(0)).unwrap();
        format!("{:?} {:?} {:?}\n", row[0], row[3], row[4])
    };
    assert_snapshot!(["2026-03-16", "2026-03-23"].map(carried).concat(), @"");
}

#[derive(Default, Debug, PartialEq)]
struct Seen {
    on_call: i64,
    night: i64,
    weekend: i64,
    holiday: i64,
    pages: usize,
}

/// In steps that every border of the made-up organisations lies on. `woken`: by the messages that were sent.
fn seen(coverage: &Coverage, window: Interval, woken: &[&Notice]) -> BTreeMap<PersonId, Seen> {
    const STEP: i64 = 300;
    let org = &coverage.organisation;
    let steps = || {
        let later = |at: &DateTime<Utc>| Some(*at + TimeDelta::seconds(STEP));
        std::iter::successors(Some(window.from), later).take_while(|at| *at < window.until)
    };
    let on_call = |at: DateTime<Utc>| {
        org.teams.iter().flat_map(move |(id, team)| {
            let lines = coverage.at(id, at).unwrap().on_call.values();
            lines.flat_map(|line| line.iter()).map(move |person| (person, id, team))
        })
    };
    let mut first_team: BTreeMap<&PersonId, &TeamId> = BTreeMap::new();
    for (person, id, _) in steps().flat_map(on_call) {
        let first = first_team.entry(person).or_insert(id);
        *first = (*first).min(id);
    }
    let mut seen: BTreeMap<PersonId, Seen> = BTreeMap::new();
    for at in steps() {
        let mut now: BTreeMap<&PersonId, bool> = BTreeMap::new();
        for (person, _, team) in on_call(at) {
            let local = coverage.zones.get(&team.timezone).unwrap().local(at);
            let free = holiday(org, team, local.date()).is_some_and(|day| day.open.is_none());
            *now.entry(person).or_default() |= free;
        }
        for (person, free) in now {
            let of_team = &org.teams[first_team[person]].timezone;
            let zone = org.people[person].timezone.as_ref().unwrap_or(of_team);
            let local = coverage.zones.get(zone).unwrap().local(at);
            let one = seen.entry(person.clone()).or_default();
            one.on_call += STEP;
            one.night += if local.hour() >= 22 || local.hour() < 7 { STEP } else { 0 };
            one.weekend += if local.weekday().number_from_monday() > 5 { STEP } else { 0 };
            one.holiday += if free { STEP } else { 0 };
        }
    }
    for notice in woken.iter().filter(|notice| window.from <= notice.at && notice.at < window.until) {
        seen.entry(notice.to.clone()).or_default().pages += 1;
    }
    seen
}

#[test]
fn an_oracle_that_looks_every_five_minutes_sees_the_same() {
    for seed in 0..4 {
        let mut life = Life::new(Setting { seed, days: 16, restarts: false });
        let from = life.world.now();
        life.play().unwrap_or_else(|wrong| panic!("SEED={seed}: {wrong:?}"));
        let coverage = life.world.coverage().clone();
        let kept = life.world.kept();
        let window = Interval { from, until: from + TimeDelta::days(14) };
        let asked = Asked {
            kind: Kind::Fairness,
            from,
            until: window.until,
            as_of: life.until,
            narrowed: Narrowed::default(),
            seen: None,
        };
        let covering = asked.covering(&coverage).into_owned();
        let mut gathering = meridian::report::Gathering::new(asked, &covering);
        kept.events.values().for_each(|history| gathering.add(history));
        let told: BTreeMap<PersonId, Seen> = gathering.finish().rows.iter().map(|row| carried(row)).collect();
        let woken: Vec<&Notice> =
            kept.notices.iter().filter(|notice| notice.kind == NoticeKind::Page).collect();
        let seen = seen(&covering, window, &woken);
        for (person, told) in &told {
            let none = Seen::default();
            assert_eq!(told, seen.get(person).unwrap_or(&none), "SEED={seed}: {person}");
        }
        assert!(seen.keys().all(|person| told.contains_key(person)), "SEED={seed}");
    }
}

fn carried(row: &[Cell]) -> (PersonId, Seen) {
    let seconds = |place: usize| match row[place] {
        Cell::Seconds(seconds) => seconds,
        _ => panic!("{row:?}"),
    };
    let (Cell::Word(person), Cell::Count(pages)) = (&row[0], &row[6]) else { panic!("{row:?}") };
    let (on_call, night, weekend, holiday) = (seconds(1), seconds(3), seconds(4), seconds(5));
    (person.as_str().into(), Seen { on_call, night, weekend, holiday, pages: *pages })
}
