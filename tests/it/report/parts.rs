//! Months of made-up organisations: whatever happens, the parts of a report add up to the whole, and those of two halves
//! of a month to those of the month.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use meridian::coverage::Coverage;
use meridian::desk::{Escalation, Event, OfferEnd, OfferKind, TicketId, What};
use meridian::report::{Asked, Cell, Gathering, Kind, Narrowed, Sheet};
use meridian::schedule::Organisation;

use super::fairness::midnight;
use crate::simulation::life::{Life, Setting};

struct Month {
    events: BTreeMap<TicketId, Vec<Event>>,
    coverage: Coverage,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

fn month(seed: u64) -> Month {
    let mut life = Life::new(Setting { seed, days: 30, restarts: false });
    let from = midnight(life.world.now());
    life.play().unwrap_or_else(|wrong| panic!("SEED={seed}: {wrong:?}"));
    let (events, world) = (life.world.kept().events.clone(), life.world.coverage());
    // Without illness and leave, which begin at odd instants.
    let (mut organisation, zones) = (Organisation::clone(&world.organisation), world.zones.clone());
    organisation.leave.clear();
    organisation.overrides.clear();
    let (first, last) = (from - TimeDelta::days(3), life.until + TimeDelta::days(3));
    let coverage = Coverage::compile(Arc::new(organisation), zones, Arc::default(), first, last);
    Month { events, coverage, from, until: midnight(life.until) + TimeDelta::days(1) }
}

impl Month {
    fn report(&self, kind: Kind, from: DateTime<Utc>, until: DateTime<Utc>) -> Sheet {
        let narrowed = Narrowed::default();
        self.asked(Asked { kind, from, until, as_of: self.until, narrowed, seen: None })
    }

    fn asked(&self, asked: Asked) -> Sheet {
        let covering = asked.covering(&self.coverage, Some(asked.from));
        let mut gathering = Gathering::new(asked, &covering);
        for history in self.events.values() {
            gathering.add(history).unwrap();
        }
        gathering.finish()
    }

    fn whole(&self, kind: Kind) -> Sheet {
        self.report(kind, self.from, self.until)
    }

    fn all(&self) -> impl Iterator<Item = &Event> {
        self.events.values().flatten()
    }
}

/// The sum of a column over the rows whose first cell says `by`; empty: over all rows.
fn sum(sheet: &Sheet, by: &str, key: &str) -> i64 {
    let place = sheet.fields.iter().position(|field| field.key == key).unwrap_or_else(|| panic!("{key}"));
    let rows = sheet.rows.iter().filter(|row| by.is_empty() || row[0] == Cell::Word(by.to_owned()));
    rows.map(|row| match row[place] {
        Cell::Count(count) => count as i64,
        Cell::Seconds(seconds) | Cell::Hours(seconds) => seconds,
        _ => panic!("{key} is no number in {row:?}"),
    })
    .sum()
}

#[test]
fn the_sides_of_a_report_add_up_to_all() {
    for seed in 0..10 {
        let month = month(seed);
        for (kind, sides, keys) in [
            (
                Kind::Volume,
                &["priority", "category", "region", "language", "medium"][..],
                &["opened", "resolved", "live", "escalated", "reopened", "came_in_again"][..],
            ),
            (Kind::Times, &["tier", "team"], &["acknowledged", "taken", "resolved"]),
            (Kind::Parked, &["priority", "tier", "region"], &["tickets", "parked", "parked_seconds"]),
            (Kind::Returns, &["priority"], &["tickets", "returned", "returns", "reopened", "reopenings"]),
            (Kind::Returns, &["team"], &["returns"]),
            (Kind::Feedback, &["priority", "team"], &["answers", "score_1", "score_5"]),
        ] {
            let sheet = month.whole(kind);
            for (side, key) in sides.iter().flat_map(|side| keys.iter().map(move |key| (side, key))) {
                assert_eq!(
                    sum(&sheet, side, key),
                    sum(&sheet, "all", key),
                    "SEED={seed}: {kind} {side} {key}"
                );
            }
        }
        let volume = month.whole(Kind::Volume);
        assert_eq!(sum(&volume, "all", "opened"), month.events.len() as i64, "SEED={seed}");
        assert_eq!(volume.tickets, month.events.len(), "SEED={seed}");
    }
}

#[test]
fn the_halves_of_a_month_add_up_to_the_month() {
    for seed in 0..10 {
        let month = month(seed);
        let middle = month.from + TimeDelta::hours(24 * 13 + 7);
        for (kind, keys) in [
            (Kind::Volume, &["opened", "resolved", "live"][..]),
            (Kind::Times, &["acknowledged", "taken", "resolved"]),
            (Kind::Sla, &["promised", "met", "breached", "open"]),
            (Kind::Escalations, &["escalations"]),
            (Kind::Returns, &["returns", "reopenings", "satellites"]),
            (Kind::Parked, &["parked_seconds"]),
            (Kind::Handoffs, &["offered", "accepted", "passed", "declined", "withdrawn", "briefed"]),
            (Kind::Fairness, &["on_call_seconds", "night_seconds", "weekend_seconds", "pages"]),
        ] {
            let [whole, first, second] = [
                month.whole(kind),
                month.report(kind, month.from, middle),
                month.report(kind, middle, month.until),
            ];
            for key in keys {
                let halves = sum(&first, "", key) + sum(&second, "", key);
                assert_eq!(halves, sum(&whole, "", key), "SEED={seed}: {kind} {key}");
            }
        }
    }
}

#[test]
fn regions_and_priorities_narrow_to_what_their_rows_say() {
    for seed in 0..6 {
        let month = month(seed);
        let volume = month.whole(Kind::Volume);
        for row in volume
            .rows
            .iter()
            .filter(|row| row[0] == Cell::word("region") || row[0] == Cell::word("priority"))
        {
            let (Cell::Word(by), Cell::Word(name), Cell::Count(opened)) = (&row[0], &row[1], &row[2]) else {
                panic!("{row:?}")
            };
            let narrowed = match by.as_str() {
                "region" if name == "-" => continue,
                "region" => Narrowed { region: Some(name.as_str().into()), ..Narrowed::default() },
                _ => Narrowed { priority: Some(name.parse().unwrap()), ..Narrowed::default() },
            };
            let (from, until, as_of) = (month.from, month.until, month.until);
            let asked = Asked { kind: Kind::Volume, from, until, as_of, narrowed, seen: None };
            assert_eq!(month.asked(asked).tickets, *opened, "SEED={seed}: {by} {name}");
        }
    }
}

/// Read off the events in the plainest way.
/// A wait that runs out once the whole path has been walked is no step further.
fn climbs_in(events: &[Event], kind: Escalation) -> usize {
    let (mut round, mut climbs) = (0, 0);
    for event in events {
        match &event.what {
            What::PathTaken { path, .. } => round = path.round,
            What::Acknowledged { .. } => round = 0,
            What::Escalated { kind: one, .. } if *one == kind => {
                climbs += usize::from(round == 0 || kind != Escalation::Automatic)
            }
            _ => (),
        }
    }
    climbs
}

#[test]
fn plain_counts_of_events_say_the_same() {
    for seed in 0..10 {
        let month = month(seed);
        let count = |of: &dyn Fn(&What) -> bool| month.all().filter(|event| of(&event.what)).count() as i64;
        let climbs = month.whole(Kind::Escalations);
        for (word, kind) in [
            ("automatic", Escalation::Automatic),
            ("hierarchical", Escalation::Hierarchical),
            ("functional", Escalation::Functional),
        ] {
            let plain: usize = month.events.values().map(|events| climbs_in(events, kind)).sum();
            let plain = plain as i64;
            assert_eq!(sum(&climbs, word, "escalations"), plain, "SEED={seed}: {word}");
        }
        let handoffs = month.whole(Kind::Handoffs);
        let offered =
            |what: &What| matches!(what, What::Offered { offer, .. } if offer.kind == OfferKind::Handoff);
        let passed = |what: &What| matches!(what, What::OfferEnded { why: OfferEnd::Boundary });
        assert_eq!(sum(&handoffs, "", "offered"), count(&offered), "SEED={seed}");
        assert_eq!(sum(&handoffs, "", "passed"), count(&passed), "SEED={seed}");
        let settled =
            ["accepted", "passed", "declined", "withdrawn", "open"].map(|key| sum(&handoffs, "", key));
        assert_eq!(settled.iter().sum::<i64>(), sum(&handoffs, "", "offered"), "SEED={seed}");
        let returns = month.whole(Kind::Returns);
        let reopened = count(&|what| matches!(what, What::Reopened { .. }));
        assert_eq!(sum(&returns, "all", "reopenings"), reopened, "SEED={seed}");
        let times = month.whole(Kind::Times);
        let taken = |events: &&Vec<Event>| events.iter().any(|e| matches!(e.what, What::Acknowledged { .. }));
        let tickets = month.events.values().filter(taken).count() as i64;
        assert_eq!(sum(&times, "all", "acknowledged"), tickets, "SEED={seed}");
    }
}
