//! What must hold after every step: of the new events, of the new notices, and, once nothing is due any more, of the
//! tickets. The tests' organisations and `meridian simulate` are held to the same.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::standing::{
    in_force, is_trusted, loads_are_right, may_see, names, on_leave, ticket_is_right, vendor_may_know,
};
use super::{News, World};
use crate::desk::{
    Attributed, AuditedAt, Command, Event, Handoff, HandoffId, HandoffOutcome, Notice, NoticeKind, Numbers,
    OfferKind, Outcome, Refusal, Saved, TicketId, What, attribution, audit,
};
use crate::report::Violation;
use crate::schedule::PersonId;

/// A ticket that is woken more often within a day, and nothing comes of it, is spinning.
const IDLE_WAKES_A_DAY: u32 = 120;
/// The shortest wait there is calls somebody every 90 seconds.
const WAKES_A_DAY: u32 = 1_500;
/// At one instant a ticket may be due, and then again because somebody has freed up.
const WAKES_AT_ONCE: u32 = 20;

/// What has just been done.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    Woken(TicketId),
    Taken(&'a Command),
    Refused(&'a Command, &'a Refusal),
    /// The schedules are others, or the daemon.
    Other,
}

/// Looks on while a world goes its way.
#[derive(Debug)]
pub struct Invariants {
    /// Tickets that have not changed are looked at this often; those that have, at once.
    look_at_all_every: TimeDelta,
    looked_at_all: Option<DateTime<Utc>>,
    now: Option<DateTime<Utc>>,
    /// Changed since nothing was due.
    tickets: BTreeSet<TicketId>,
    handoffs: BTreeSet<HandoffId>,
    numbers: Numbers,
    ids: BTreeSet<String>,
    wakes: BTreeMap<TicketId, Wakes>,
}

#[derive(Debug, Default)]
struct Wakes {
    at: Option<DateTime<Utc>>,
    at_once: u32,
    day: Option<DateTime<Utc>>,
    this_day: u32,
    idle: u32,
}

impl Invariants {
    pub fn new(look_at_all_every: TimeDelta) -> Invariants {
        Invariants {
            look_at_all_every,
            looked_at_all: None,
            now: None,
            tickets: BTreeSet::new(),
            handoffs: BTreeSet::new(),
            numbers: Numbers::default(),
            ids: BTreeSet::new(),
            wakes: BTreeMap::new(),
        }
    }

    /// What the step has broken.
    pub fn check(&mut self, world: &World, news: &News, step: Step) -> Vec<Violation> {
        let mut found = Found { at: world.now(), violations: Vec::new() };
        if self.now.is_some_and(|before| world.now() < before) {
            found.say(None, format!("time has gone back from {:?}", self.now));
        }
        self.now = Some(world.now());
        match step {
            Step::Refused(command, refusal) => {
                self.nothing_changed(&mut found, world, news, command, refusal)
            }
            Step::Woken(ticket) => self.count_wake(&mut found, ticket, news.events.is_empty()),
            Step::Taken(_) => {}
            Step::Other => self.looked_at_all = None,
        }
        for (ticket, place) in &news.events {
            found.hold(*ticket, event_is_right(world, &world.kept().events[ticket][*place]));
        }
        for notice in &world.kept().notices[news.notices.clone()] {
            if let Some(ticket) = notice.ticket {
                found.hold(ticket, notice_is_right(world, ticket, notice));
            }
            if !self.ids.insert(notice.id.clone()) {
                found.say(notice.ticket, format!("two notices have the id {}", notice.id));
            }
        }
        self.numbers = world.kept().numbers;
        self.tickets.extend(&news.tickets);
        self.handoffs.extend(&news.handoffs);
        if world.desk().next_wake().is_none_or(|wake| wake > world.now()) {
            self.look(&mut found, world);
        }
        found.violations
    }

    fn nothing_changed(
        &self,
        found: &mut Found,
        world: &World,
        news: &News,
        command: &Command,
        refusal: &Refusal,
    ) {
        if !news.events.is_empty() || !news.notices.is_empty() || world.kept().numbers != self.numbers {
            let what = format!("{command:?} was refused ({refusal}) and changed something: {news:?}");
            found.say(command.action.ticket(), what);
        }
    }

    fn count_wake(&mut self, found: &mut Found, ticket: TicketId, idle: bool) {
        let now = found.at;
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
        if let Some((_, when)) = storm.iter().find(|(too_often, _)| *too_often) {
            let Wakes { at_once, this_day, idle, .. } = wakes;
            found.say(Some(ticket), format!("woken {at_once}, {this_day}, {idle} times: too often {when}"));
        }
    }

    /// Nothing is due: what has changed is as it should be, and from time to time everything is looked at.
    fn look(&mut self, found: &mut Found, world: &World) {
        let (tickets, handoffs) = (std::mem::take(&mut self.tickets), std::mem::take(&mut self.handoffs));
        let all = self.looked_at_all.is_none_or(|before| world.now() - before >= self.look_at_all_every);
        if all {
            self.looked_at_all = Some(world.now());
            return everything_is_right(found, world);
        }
        for id in &tickets {
            if let Some(saved) = world.kept().tickets.get(id) {
                stored_is_right(found, world, saved);
            }
        }
        let changed = handoffs.iter().filter_map(|id| world.kept().handoffs.get(id));
        changed.for_each(|handoff| batch_is_right(found, world, handoff));
    }

    /// What does not hold of everything that was kept: histories lead to the states they were saved with, and nothing
    /// live has been lost.
    pub fn at_the_end(&self, world: &World) -> Vec<Violation> {
        let mut found = Found { at: world.now(), violations: Vec::new() };
        everything_is_right(&mut found, world);
        for (id, saved) in &world.kept().tickets {
            let history = world.kept().events.get(id).map_or(&[][..], |events| events);
            let flaws = audit(saved, history, AuditedAt { now: world.now(), lateness_max: TimeDelta::MAX });
            flaws.iter().for_each(|flaw| found.say(Some(*id), flaw.to_string()));
            found.hold(*id, shares_are_right(saved, history));
            if saved.ticket.live() && world.desk().ticket(*id).is_none() {
                found.say(Some(*id), "live, and not on the desk".into());
            }
        }
        found.violations
    }
}

struct Found {
    at: DateTime<Utc>,
    violations: Vec<Violation>,
}

impl Found {
    fn say(&mut self, ticket: Option<TicketId>, what: String) {
        self.violations.push(Violation { ticket, at: self.at, what });
    }

    fn hold(&mut self, ticket: TicketId, right: Result<(), String>) {
        if let Err(what) = right {
            self.say(Some(ticket), what);
        }
    }
}

fn everything_is_right(found: &mut Found, world: &World) {
    world.desk().tickets().for_each(|saved| stored_is_right(found, world, saved));
    if let Err(what) = loads_are_right(world) {
        found.say(None, what);
    }
    world.kept().handoffs.values().for_each(|handoff| batch_is_right(found, world, handoff));
}

fn stored_is_right(found: &mut Found, world: &World, saved: &Saved) {
    let id = saved.ticket.id;
    found.hold(id, ticket_is_right(world, saved));
    let (wake_at, stored) = (world.desk().wake_at(id), world.kept().tickets.get(&id));
    let desk = world.desk().ticket(id).filter(|ticket| ticket.live());
    let same = desk.is_none_or(|ticket| {
        stored.is_some_and(|stored| stored.ticket == *ticket && stored.wake_at == wake_at)
    });
    if !same {
        found.say(Some(id), "the desk has it otherwise than the store".into());
    }
}

/// The batch says of its tickets what they say of it.
fn batch_is_right(found: &mut Found, world: &World, handoff: &Handoff) {
    for item in &handoff.items {
        let ticket = world.desk().ticket(item.ticket);
        let offered = ticket.and_then(|ticket| ticket.offer.as_ref()).and_then(|offer| offer.handoff);
        if (item.outcome == HandoffOutcome::Offered) != (offered == Some(handoff.id)) {
            let what = format!("handoff {} says {:?}, the ticket {offered:?}", handoff.id, item.outcome);
            found.say(Some(item.ticket), what);
        }
    }
}

/// What the custodies spent of each promise is, all together, what its clock had spent when it was last written down.
fn shares_are_right(saved: &Saved, history: &[Event]) -> Result<(), String> {
    let attributed = attribution(history, |_| TimeDelta::zero());
    saved.ticket.clocks.iter().try_for_each(|clock| {
        let period = attributed.iter().rev().find(|period| period.clock == clock.kind);
        let spent = period.map_or(TimeDelta::zero(), Attributed::spent);
        let told = format!("the {} has spent {}, and its shares are {spent}", clock.kind, clock.spent);
        (spent == clock.spent).then_some(()).ok_or(told)
    })
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
        What::Declined { declined } if declined.unreached => return lost_by_its_own(world, event),
        What::Acknowledged { seat, .. } => {
            let ticket = world.desk().ticket(event.ticket);
            if ticket.is_some_and(|ticket| !may_see(world, &seat.person, ticket)) {
                return Err(format!("taken by {}, who may not see it", seat.person));
            }
        }
        _ => (),
    }
    Ok(())
}

/// Nobody loses an offer through a message that is not that offer's.
fn lost_by_its_own(world: &World, event: &Event) -> Result<(), String> {
    let history = &world.kept().events[&event.ticket];
    let mut before = history.iter().rev().skip_while(|earlier| earlier.seq >= event.seq);
    let failed = before.find_map(|earlier| match &earlier.what {
        What::NoticeFailed { notice, .. } => Some(notice),
        _ => None,
    });
    let offered = before.find(|earlier| matches!(earlier.what, What::Offered { .. }));
    let notice = world.kept().notices.iter().rev().find(|notice| Some(&notice.id) == failed);
    let (Some(offered), Some(notice)) = (offered, notice) else { return Ok(()) };
    match notice.asks() && notice.at >= offered.at {
        true => Ok(()),
        false => Err(format!("an offer of {} is lost by {:?} {}", offered.at, notice.kind, notice.id)),
    }
}

fn notice_is_right(world: &World, ticket: TicketId, notice: &Notice) -> Result<(), String> {
    let saved = &world.kept().tickets[&ticket];
    if notice.kind == NoticeKind::Vendor {
        let may_know = vendor_may_know(world, notice.to.as_str(), &saved.ticket);
        return may_know.then_some(()).ok_or_else(|| format!("to {}, which may not know of it", notice.to));
    }
    let follows = notice.kind == NoticeKind::News && is_trusted(world, &notice.to, &saved.ticket);
    if !may_see(world, &notice.to, &saved.ticket) && !follows {
        return Err(format!("{:?} to {}, who may not see it", notice.kind, notice.to));
    }
    if !matches!(notice.kind, NoticeKind::Offer | NoticeKind::Page) {
        return Ok(());
    }
    let offer = saved.ticket.offer.as_ref();
    let ahead = offer.filter(|offer| offer.kind == OfferKind::Handoff).map(|offer| offer.expires_at);
    // By the clock of whoever decided: of several nodes one may be a little behind.
    if let Some(expires_at) = notice.expires_at
        && expires_at <= notice.at
    {
        return Err(format!("{} is asked until {expires_at} at {}, which is past", notice.to, notice.at));
    }
    let Some(offer) = offer else { return Ok(()) };
    let at = ahead.unwrap_or(world.now());
    if on_leave(world, &notice.to, &offer.team, at) && !named_by_override(world, &notice.to, at) {
        return Err(format!("{:?} to {}, who is on leave", notice.kind, notice.to));
    }
    Ok(())
}

/// An override that is in force, in any team, names somebody as serving.
fn named_by_override(world: &World, person: &PersonId, at: DateTime<Utc>) -> bool {
    let coverage = world.coverage();
    let overrides = coverage.organisation.overrides.iter().chain(&coverage.changes.overrides);
    overrides.into_iter().any(|change| {
        in_force(world, &change.team, change.from, change.to, at) && names(&change.effect, person)
    })
}
