//! Who carries how much, by hand and by an oracle that looks at every half hour.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, Timelike, Utc};
use insta::assert_snapshot;
use meridian::coverage::{Coverage, Interval, holiday};
use meridian::desk::{Notice, NoticeKind};
use meridian::report::{Asked, Cell, Kind, Narrowed, Sheet};
use meridian::schedule::{Organisation, PersonId, Team, TeamId};

use super::reports::{HOUSE, asked, instant, sheet};
use crate::desk::play::{Played, played};
use crate::simulation::life::{Life, Setting};

/// A week of bjorn's turn. Monday at 23:00: 7 hours after work, 9 before it. Wednesday at 17:30 leaves a whole night, and
/// Saturday noon long rests on both sides, as do the first two pages of Sunday. The third is 10 hours before Monday's work.
const WOKEN: &str = "
    2026-03-09 23:00  open P1: Down
    23:01  bjorn acknowledges 1
    23:30  bjorn resolves 1
    2026-03-11 17:30  open P1: Down after work
    17:31  bjorn acknowledges 2
    17:40  bjorn resolves 2
    2026-03-14 12:00  open P1: Down on Saturday
    12:01  bjorn acknowledges 3
    12:30  bjorn resolves 3
    2026-03-15 06:00  open P1: Down on Sunday
    06:01  bjorn acknowledges 4
    06:30  bjorn resolves 4
    13:00  open P1: Down again
    13:01  bjorn acknowledges 5
    13:30  bjorn resolves 5
    22:00  open P1: And again
    22:01  bjorn acknowledges 6
    22:30  bjorn resolves 6
    2026-03-16 12:00  nothing
";

fn fairness(played: &Played, narrowed: Narrowed) -> Sheet {
    sheet(played, Asked { narrowed, ..asked(played, Kind::Fairness) })
}

#[test]
fn everybody_has_a_row_and_whoever_carries_most_stands_first() {
    let played = played(HOUSE, WOKEN);
    assert_snapshot!(fairness(&played, Narrowed::default()).text(), @r#"
    House: who carries how much: hours on call, nights, weekends, holidays, pages, interrupted rest
    2026-03-09 00:00 UTC to 2026-03-16 00:00 UTC; what happened within the window: 6

      PERSON  ON CALL  SHARE  AT NIGHT  WEEKENDS  HOLIDAYS  PAGES  OUTSIDE HOURS  AT NIGHT  RESTS INTERRUPTED
      bjorn   120.0 h   94 %    56.0 h    48.0 h     0.0 h      6              6         3                  2
      anna      8.0 h  6.3 %     7.0 h     0.0 h     0.0 h      0              0         0                  0
      carol     0.0 h    0 %     0.0 h     0.0 h     0.0 h      0              0         0                  0
      dave      0.0 h    0 %     0.0 h     0.0 h     0.0 h      0              0         0                  0
    "#);
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
    assert_snapshot!(of.join("--\n"), @r#"
    Word("carol") Count(0)
    --
    Word("bjorn") Count(6)
    Word("anna") Count(0)
    Word("dave") Count(0)
    --
    Word("dave") Count(0)
    --
    Word("bjorn") Count(0)
    Word("anna") Count(0)
    Word("carol") Count(0)
    Word("dave") Count(0)
    "#);
}

/// The clocks go forward on Sunday the 29th: that weekend, and that night, are an hour shorter.
#[test]
fn a_night_of_the_spring_change_is_an_hour_shorter() {
    let stockholm = HOUSE.replace("timezone = \"UTC\"", "timezone = \"Europe/Stockholm\"");
    let carried = |(from, until): (&str, &str)| {
        let played = played(&stockholm, &format!("{} 00:00  nothing", &from[..10]));
        let (from, until) = (instant(from), instant(until));
        let sheet = sheet(&played, Asked { from, until, ..asked(&played, Kind::Fairness) });
        let row = sheet.rows.into_iter().find(|row| row[1] != Cell::Hours(0)).unwrap();
        format!("{:?} night {:?} weekend {:?}\n", row[0], row[3], row[4])
    };
    // From Monday at 08:00 to the midnight after Sunday.
    let before = ("2026-03-16T07:00:00Z", "2026-03-22T23:00:00Z");
    let spring = ("2026-03-23T07:00:00Z", "2026-03-29T22:00:00Z");
    assert_snapshot!([before, spring].map(carried).concat(), @r#"
    Word("anna") night Hours(201600) weekend Hours(172800)
    Word("bjorn") night Hours(198000) weekend Hours(169200)
    "#);
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
            let serves = |team: &&Team| {
                team.members.contains(person)
                    || team.rotations.iter().any(|turns| turns.members.concat().contains(person))
            };
            let home = org.teams.values().find(serves).unwrap_or(&org.teams[first_team[person]]);
            let of_team = &home.timezone;
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

/// The one before.
pub fn midnight(at: DateTime<Utc>) -> DateTime<Utc> {
    at.date_naive().and_time(NaiveTime::MIN).and_utc()
}

#[test]
fn an_oracle_that_looks_every_five_minutes_sees_the_same() {
    for seed in 0..4 {
        let mut life = Life::new(Setting { seed, days: 16, restarts: false });
        let from = midnight(life.world.now());
        life.play().unwrap_or_else(|wrong| panic!("SEED={seed}: {wrong:?}"));
        // Without illness and leave, which begin at odd instants.
        let world = life.world.coverage();
        let (mut organisation, zones) = (Organisation::clone(&world.organisation), world.zones.clone());
        organisation.leave.clear();
        organisation.overrides.clear();
        let (first, last) = (from - TimeDelta::days(3), from + TimeDelta::days(20));
        let coverage = Coverage::compile(Arc::new(organisation), zones, Arc::default(), first, last);
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
        let covering = asked.covering(&coverage, Some(asked.from)).into_owned();
        let mut gathering = meridian::report::Gathering::new(asked, &covering);
        for history in kept.events.values() {
            gathering.add(history).unwrap();
        }
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
        Cell::Hours(seconds) => seconds,
        _ => panic!("{row:?}"),
    };
    let (Cell::Word(person), Cell::Count(pages)) = (&row[0], &row[6]) else { panic!("{row:?}") };
    let (on_call, night, weekend, holiday) = (seconds(1), seconds(3), seconds(4), seconds(5));
    (person.as_str().into(), Seen { on_call, night, weekend, holiday, pages: *pages })
}
