//! What a database gives back after years: a ticket, then its events, then a batch and a notice, each as JSON on a line.
//! Whatever can be read at all can be written, and put on the desk.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use meridian::desk::{
    Action, Actor, Command, Desk, Event, Handoff, Notice, Rules, Saved, Ticket, TicketId, Verb,
};
use meridian::schedule::PersonId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::town::town_coverage;

/// Counters nearer to their end are the matter of a test in tests/it/engine: such a ticket is set aside.
const COUNTED_MAX: u32 = 1_000_000;

pub fn run(data: &[u8]) {
    let text = super::text_of(data);
    let (mut tickets, mut events, mut handoffs) = (Vec::new(), Vec::new(), Vec::new());
    for line in text.lines() {
        tickets.extend(read::<Ticket>(line));
        events.extend(read::<Event>(line));
        handoffs.extend(read::<Handoff>(line));
        read::<Notice>(line);
    }
    let coverage = town_coverage();
    let now = coverage.from + TimeDelta::hours(34);
    if !tickets.iter().all(is_of_our_time) {
        return;
    }
    let replayed = of_one_ticket(&events).and_then(Ticket::replay).filter(is_of_our_time);
    let tickets = tickets.into_iter().chain(replayed).enumerate().map(|(at, ticket)| {
        let id = TicketId(at as i64 + 1);
        let live = ticket.live();
        Saved { ticket: Ticket { id, ..ticket }, wake_at: live.then_some(now), residency: None }
    });
    let tickets: Vec<Saved> = tickets.collect();
    let ids: Vec<TicketId> = tickets.iter().map(|saved| saved.ticket.id).collect();
    let mut desk = Desk::restore(tickets, handoffs, Default::default(), Default::default());
    let rules = Rules { revision: 1, coverage: &coverage };
    for (turn, id) in ids.iter().cycle().take(6 * ids.len()).enumerate() {
        let now = now + TimeDelta::hours(5) * turn as i32;
        let woken = desk.take(rules, Command::system(Action::On(*id, Verb::Wake)), now);
        // One that is done leaves the desk.
        assert!(woken.is_ok() || desk.ticket(*id).is_none(), "{woken:?}");
        let by = Actor::Person(PersonId::new(["anna", "bjorn", "carol", "dave"][turn % 4]));
        _ = desk.take(rules, Command { by, action: Action::On(*id, Verb::Acknowledge) }, now);
        desk.drain();
    }
}

/// What was read is written down and read again as it was.
fn read<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(line: &str) -> Option<T> {
    let value: T = serde_json::from_str(line).ok()?;
    let written = serde_json::to_string(&value).expect("what was read can be written");
    let again: T = serde_json::from_str(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
    assert_eq!(value, again, "{written}");
    Some(value)
}

/// As the store gives a history back: numbered from 1, without holes.
fn of_one_ticket(events: &[Event]) -> Option<&[Event]> {
    let whole = (1..).zip(events).all(|(seq, event)| event.seq == seq && event.ticket == events[0].ticket);
    let sane = events.iter().all(|event| is_near(event.at));
    (whole && sane && !events.is_empty()).then_some(events)
}

/// The columns beside the body, and whoever wrote it, see to this.
fn is_of_our_time(ticket: &Ticket) -> bool {
    let counted = [ticket.seq, ticket.hops, ticket.reviewed_hops, ticket.count];
    let text = serde_json::to_value(ticket).expect("what was read can be written");
    counted.iter().all(|count| *count < COUNTED_MAX) && instants_are_near(&text)
}

fn instants_are_near(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => text.parse::<DateTime<Utc>>().map_or(true, is_near),
        serde_json::Value::Array(list) => list.iter().all(instants_are_near),
        serde_json::Value::Object(fields) => fields.values().all(instants_are_near),
        serde_json::Value::Number(number) => number.as_i64().is_none_or(|n| n.unsigned_abs() < 1 << 40),
        _ => true,
    }
}

fn is_near(at: DateTime<Utc>) -> bool {
    (1970..2200).contains(&at.year())
}
