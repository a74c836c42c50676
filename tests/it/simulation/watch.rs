//! What is looked at after every step: the new events, the new notices, and, once nothing is due any more, every ticket.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use meridian::desk::{
    Answer, Command, Event, HandoffOutcome, Notice, NoticeKind, Numbers, OfferKind, Outcome, Refusal, Ticket,
    TicketId, What,
};
use meridian::schedule::PersonId;
use meridian::simulate::World;

use super::life::Wrong;
use super::rest;

/// A ticket that is woken more often within a day, and nothing comes of it, is spinning.
const IDLE_WAKES_A_DAY: u32 = 120;
/// The shortest wait there is calls somebody every 90 seconds.
const WAKES_A_DAY: u32 = 1_500;
/// At one instant a ticket may be due, and then again because somebody has freed up.
const WAKES_AT_ONCE: u32 = 20;

/// What has just been done.
pub enum Step<'a> {
    Woken(Option<TicketId>),
    Said(&'a Command, &'a Result<Answer, Refusal>),
    Other,
}

#[derive(Default)]
pub struct Watch {
    events: BTreeMap<TicketId, usize>,
    notices: usize,
    numbers: Numbers,
    ids: BTreeSet<String>,
    wakes: BTreeMap<TicketId, Wakes>,
}

#[derive(Default)]
struct Wakes {
    at: Option<DateTime<Utc>>,
    at_once: u32,
    day: Option<DateTime<Utc>>,
    this_day: u32,
    idle: u32,
}

impl Watch {
    pub fn check(&mut self, world: &World, step: Step) -> Result<(), Wrong> {
        let events = self.new_events(world);
        let notices = &world.kept().notices[self.notices..];
        if let Step::Said(command, Err(refusal)) = &step
            && (!events.is_empty() || !notices.is_empty() || world.kept().numbers != self.numbers)
        {
            let what =
                format!("{command:?} was refused ({refusal}) and changed something: {events:?} {notices:?}");
            return Err(Wrong { ticket: command.action.ticket(), what });
        }
        if let Step::Woken(Some(ticket)) = step {
            self.count_wake(world.now(), ticket, events.is_empty())?;
        }
        for event in &events {
            event_is_right(world, event).map_err(wrong(event.ticket))?;
        }
        for notice in notices {
            notice_is_right(world, notice).map_err(wrong(notice.ticket))?;
            if !self.ids.insert(notice.id.clone()) {
                return Err(wrong(notice.ticket)(format!("two notices have the id {}", notice.id)));
            }
        }
        self.notices = world.kept().notices.len();
        self.numbers = world.kept().numbers;
        if world.desk().next_wake().is_some_and(|wake| wake <= world.now()) {
            return Ok(());
        }
        rest::everything_is_right(world)
    }

    fn new_events(&mut self, world: &World) -> Vec<Event> {
        let mut new = Vec::new();
        for (ticket, events) in &world.kept().events {
            let seen = self.events.entry(*ticket).or_default();
            new.extend(events[*seen..].iter().cloned());
            *seen = events.len();
        }
        new
    }

    fn count_wake(&mut self, now: DateTime<Utc>, ticket: TicketId, idle: bool) -> Result<(), Wrong> {
        let wakes = self.wakes.entry(ticket).or_default();
        if wakes.at != Some(now) {
            (wakes.at, wakes.at_once) = (Some(now), 0);
        }
        if wakes.day.is_none_or(|day| now - day >= TimeDelta::days(1)) {
            (wakes.day, wakes.this_day, wakes.idle) = (Some(now), 0, 0);
        }
        wakes.at_once += 1;
        wakes.this_day += 1;
        wakes.idle += u32::from(idle);
        let storm = [
            (wakes.at_once > WAKES_AT_ONCE, "at one instant"),
            (wakes.this_day > WAKES_A_DAY, "within a day"),
            (wakes.idle > IDLE_WAKES_A_DAY, "within a day with nothing to do"),
        ];
        match storm.iter().find(|(too_often, _)| *too_often) {
            Some((_, when)) => Err(wrong(ticket)(format!(
                "woken {}, {}, {} times: too often {when}",
                wakes.at_once, wakes.this_day, wakes.idle
            ))),
            None => Ok(()),
        }
    }

    /// History, read back as text, is what was stored.
    pub fn at_the_end(&self, world: &World) -> Result<(), Wrong> {
        for (id, saved) in &world.kept().tickets {
            let text = serde_json::to_string(&world.kept().events[id]).unwrap();
            let events: Vec<Event> = serde_json::from_str(&text).unwrap();
            if events != world.kept().events[id] {
                return Err(wrong(*id)("its events are others once they were written and read".into()));
            }
            let replayed = Ticket::replay(&events);
            if replayed.as_ref() != Some(&saved.ticket) {
                return Err(wrong(*id)(format!(
                    "its history replays to\n{replayed:?}\nnot to\n{:?}",
                    saved.ticket
                )));
            }
            if events.windows(2).any(|two| two[1].at < two[0].at) {
                return Err(wrong(*id)("its events go back in time".into()));
            }
        }
        Ok(())
    }
}

fn wrong(ticket: TicketId) -> impl Fn(String) -> Wrong {
    move |what| Wrong { ticket: Some(ticket), what }
}

/// Coverage agrees with what was decided just now.
fn event_is_right(world: &World, event: &Event) -> Result<(), String> {
    match &event.what {
        What::Offered { offer, decision } => {
            let at = if offer.kind == OfferKind::Handoff { offer.expires_at } else { event.at };
            let span = world.coverage().at(&offer.team, at).ok_or("offered to a team without coverage")?;
            let said = (&offer.team, &offer.line, &offer.ask);
            let (people, agrees) = match &decision.outcome {
                Outcome::Offer { team, ask } => (&span.working, (team, &None, ask) == said),
                Outcome::Queue { team } => (&span.working, (team, &None, &Vec::new()) == said),
                Outcome::Page { team, line, ask } => {
                    let on_call = span.on_call.get(line).ok_or(format!("{team} has no line {line}"))?;
                    (on_call, (team, &Some(line.clone()), ask) == said && !ask.is_empty())
                }
                other => return Err(format!("an offer is explained as {other:?}")),
            };
            if !agrees {
                return Err(format!("the offer {offer:?} is explained as {:?}", decision.outcome));
            }
            if people.is_empty() || offer.ask.iter().any(|person| !people.contains(person)) {
                return Err(format!(
                    "{:?} of {} asked at {at}, but there are {people:?}",
                    offer.ask, offer.team
                ));
            }
        }
        What::Parked { until, decision, .. } => {
            if *until <= event.at {
                return Err(format!("parked at {} until {until}", event.at));
            }
            if let Outcome::Park { team, until } = &decision.outcome {
                let span = world.coverage().at(team, *until).ok_or("parked for a team without coverage")?;
                if span.working.is_empty() && span.on_call.values().all(|line| line.is_empty()) {
                    return Err(format!("parked until {until} for {team}, where nobody is then"));
                }
            }
        }
        What::Acknowledged { seat, .. } => {
            let ticket = world.desk().ticket(event.ticket);
            if ticket.is_some_and(|ticket| !rest::may_see(world, &seat.person, ticket)) {
                return Err(format!("taken by {}, who may not see it", seat.person));
            }
        }
        _ => (),
    }
    Ok(())
}

fn notice_is_right(world: &World, notice: &Notice) -> Result<(), String> {
    let saved = &world.kept().tickets[&notice.ticket];
    if !rest::may_see(world, &notice.to, &saved.ticket) {
        return Err(format!("{:?} to {}, who may not see it", notice.kind, notice.to));
    }
    if !matches!(notice.kind, NoticeKind::Offer | NoticeKind::Page) {
        return Ok(());
    }
    let offer = saved.ticket.offer.as_ref();
    let ahead = offer.filter(|offer| offer.kind == OfferKind::Handoff).map(|offer| offer.expires_at);
    if let Some(expires_at) = notice.expires_at
        && expires_at <= world.now()
    {
        return Err(format!("{} is asked until {expires_at}, which is past", notice.to));
    }
    let Some(offer) = offer else { return Ok(()) };
    let at = ahead.unwrap_or(world.now());
    if rest::on_leave(world, &notice.to, &offer.team, at) && !named_by_override(world, &notice.to, at) {
        return Err(format!("{:?} to {}, who is on leave", notice.kind, notice.to));
    }
    Ok(())
}

/// An override that is in force, in any team, names somebody as serving.
fn named_by_override(world: &World, person: &PersonId, at: DateTime<Utc>) -> bool {
    let coverage = world.coverage();
    let overrides = coverage.organisation.overrides.iter().chain(&coverage.changes.overrides);
    overrides.into_iter().any(|change| {
        rest::in_force(world, &change.team, change.from, change.to, at) && rest::names(&change.effect, person)
    })
}

/// Every batch says of its tickets what they say of it.
pub fn batches_are_right(world: &World) -> Result<(), Wrong> {
    for handoff in world.kept().handoffs.values() {
        for item in &handoff.items {
            let ticket = world.desk().ticket(item.ticket);
            let offered = ticket.and_then(|ticket| ticket.offer.as_ref()).and_then(|offer| offer.handoff);
            if (item.outcome == HandoffOutcome::Offered) != (offered == Some(handoff.id)) {
                let what = format!("handoff {} says {:?}, the ticket {offered:?}", handoff.id, item.outcome);
                return Err(wrong(item.ticket)(what));
            }
        }
    }
    Ok(())
}
