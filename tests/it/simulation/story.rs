//! A ticket's history as one would tell it, to understand what went wrong.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use meridian::desk::{Actor, Event, Holder, State, Ticket, TicketId, Wait, What};
use meridian::report::Violation;

use super::life::Life;

const EVENTS_SHOWN: usize = 60;

/// What went wrong, the ticket's last events, what else happened then, and where everything stands.
pub fn tell(life: &Life, wrong: &Violation) -> String {
    let mut text = format!("{}\n", life.plan.text());
    let of = wrong.ticket.and_then(|ticket| life.world.kept().events.get(&ticket));
    let events: &[Event] = of.map_or(&[], |events| &events[events.len().saturating_sub(EVENTS_SHOWN)..]);
    let since = events.first().map_or(life.world.now(), |event| event.at);
    let mut lines: Vec<(DateTime<Utc>, String)> =
        events.iter().map(|event| (event.at, words(event))).collect();
    let beside = life.chronicle.iter().filter(|(at, _)| *at >= since);
    lines.extend(beside.map(|(at, what)| (*at, format!("        ({what})"))));
    lines.sort_by_key(|(at, _)| *at);
    for (at, line) in lines {
        writeln!(text, "{}  {line}", at.format("%m-%d %H:%M:%S%.3f")).unwrap();
    }
    if let Some(ticket) = wrong.ticket.and_then(|ticket| life.world.desk().ticket(ticket)) {
        writeln!(text, "\n{}", standing(ticket)).unwrap();
        for (team, _) in
            ticket.holder.team().into_iter().chain(ticket.offer.as_ref().map(|o| &o.team)).zip(0..)
        {
            let span = life.world.coverage().at(team, life.world.now());
            writeln!(text, "{team} now: {span:?}").unwrap();
        }
    }
    let which = wrong.ticket.unwrap_or(TicketId(0));
    write!(text, "{}  ticket {which}: {}", life.world.now(), wrong.what).unwrap();
    text
}

fn words(event: &Event) -> String {
    let by = match &event.by {
        Actor::Person(person) => format!("{person}: "),
        Actor::Token(token) => format!("[{token}] "),
        Actor::Vendor(vendor) => format!("<{vendor}> "),
        Actor::System => String::new(),
    };
    let what = match &event.what {
        What::Offered { offer, decision } => {
            format!("{:?} offer until {}: {}", offer.kind, offer.expires_at, decision.text)
        }
        What::Parked { reason, until, decision } => {
            format!("parked ({reason:?}) until {until}: {}", decision.text)
        }
        What::PathTaken { path, why } => {
            let target = path.target.as_ref().map_or(String::new(), |team| format!(" to {team}"));
            format!("on step {} of {}{target}, round {}: {why:?}", path.step + 1, path.policy, path.round)
        }
        What::Acknowledged { seat, .. } => format!("taken by {} of {}", seat.person, seat.team),
        What::Declined { declined } => {
            format!("{} refuses until {}: {}", declined.seat.person, declined.until, declined.reason)
        }
        What::WaitsSet { acknowledge, resolve } => {
            let due = |wait: &Option<Wait>| wait.as_ref().and_then(|wait| wait.due);
            format!("waits: acknowledge {:?}, resolve {:?}", due(acknowledge), due(resolve))
        }
        other => format!("{other:?}"),
    };
    format!("{by}{what}")
}

fn standing(ticket: &Ticket) -> String {
    let holder = match &ticket.holder {
        Holder::Person { person, team, .. } => format!("held by {person} of {team}"),
        Holder::Queue { team, .. } => format!("in the queue of {team}"),
        Holder::Nobody { reason, look_again } => {
            format!("with nobody ({reason:?}, look again {look_again:?})")
        }
    };
    let offer = ticket.offer.as_ref().map_or("no offer".to_owned(), |offer| {
        let line = offer.line.as_ref().map_or("hours", |line| line.as_str());
        format!(
            "{:?} offer to {} by {line}, ask {:?}, until {}",
            offer.kind, offer.team, offer.ask, offer.expires_at
        )
    });
    let live = if ticket.state == State::Pending { "pending, " } else { "" };
    format!("{live}{} {}, {holder}; {offer}", ticket.priority, ticket.state.as_str())
}
