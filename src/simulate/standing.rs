//! What must hold of a ticket whenever nothing is due: it is never silently alone, and nobody is asked who should not
//! be. Asks coverage in its own words, so that a mistake of the desk's does not hide itself.

use std::collections::BTreeMap;

use crate::desk::{Alone, ClockState, Holder, Offer, OfferKind, Saved, Seat, State, Ticket};
use crate::schedule::{AtShiftEnd, Effect, Moment, Organisation, PersonId, Residency, TeamId};
use chrono::{DateTime, NaiveTime, Utc};

use super::World;

pub(super) fn ticket_is_right(world: &World, saved: &Saved) -> Result<(), String> {
    let Saved { ticket, wake_at, .. } = saved;
    if !ticket.live() {
        let done = ticket.at_vendor().is_none()
            && ticket.offer.is_none()
            && matches!(ticket.holder, Holder::Nobody { reason: Alone::Done, .. });
        return done
            .then_some(())
            .filter(|()| *wake_at == ticket.closes_at)
            .ok_or("done, and yet something runs".into());
    }
    if let Some(visit) =
        ticket.at_vendor().filter(|visit| !vendor_may_know(world, visit.vendor.as_str(), ticket))
    {
        return Err(format!("at {}, which is gone or may not know of it", visit.vendor));
    }
    let wake_at = wake_at.ok_or("live, and will never be looked at again")?;
    let now = world.now();
    let ahead = |what: &str, at: DateTime<Utc>| {
        if at <= now {
            return Err(format!("its {what} {at} is past"));
        }
        if wake_at > at {
            return Err(format!("looked at again at {wake_at}, after its {what} {at}"));
        }
        Ok(())
    };
    ahead("look", wake_at)?;
    if ticket.state == State::Pending {
        let pending = ticket.pending.as_ref().ok_or("pending without a date")?;
        ahead("date", pending.until)?;
        return ticket.offer.is_none().then_some(()).ok_or("pending and offered".into());
    }
    for clock in ticket.clocks.iter().filter(|clock| clock.state() == ClockState::Running) {
        if let Some(due) = clock.due {
            ahead("promise", due)?;
        }
    }
    if let Some(offer) = &ticket.offer {
        ahead("offer's end", offer.expires_at)?;
        offer_is_right(world, ticket, offer)?;
    }
    match &ticket.holder {
        Holder::Person { .. } => {
            let seat = ticket.holder.seat().expect("a person has a seat");
            holder_is_right(world, ticket, &seat)?;
            if let Some(until) = ticket.kept_until {
                ahead("keeper's return", until)?;
            }
        }
        Holder::Queue { team, .. } => {
            ticket.offer.as_ref().ok_or(format!("in the queue of {team}, and nobody is asked"))?;
        }
        Holder::Nobody { .. } if ticket.offer.is_some() => (),
        Holder::Nobody { reason, look_again } => {
            if !matches!(reason, Alone::Parked | Alone::NobodyAtAll) {
                return Err(format!("with nobody and not offered, because {reason:?}"));
            }
            ahead("look again", look_again.ok_or("with nobody, and no instant to look again")?)?;
        }
    }
    Ok(())
}

/// Whoever was named stays asked as long as they would be at work as its holder.
fn named_is_right(world: &World, ticket: &Ticket, offer: &Offer, person: &PersonId) -> Result<(), String> {
    let seat = Seat { person: person.clone(), team: offer.team.clone() };
    if !at_work(world, ticket, &seat) || !may_see(world, person, ticket) {
        return Err(format!(
            "{person} of {} is asked by name, and is not there or may not see it",
            offer.team
        ));
    }
    Ok(())
}

fn at_work(world: &World, ticket: &Ticket, seat: &Seat) -> bool {
    let rule = world.coverage().organisation.priority(ticket.priority);
    world.coverage().at(&seat.team, world.now()).is_some_and(|span| {
        let on_call = span.on_call.values().any(|line| line.contains(&seat.person));
        span.working.contains(&seat.person) || (rule.pages() && on_call)
    })
}

fn holder_is_right(world: &World, ticket: &Ticket, seat: &Seat) -> Result<(), String> {
    let who = format!("{} of {} holds it and", seat.person, seat.team);
    if !world.coverage().organisation.people.contains_key(&seat.person) {
        return Err(format!("{who} is gone from the files"));
    }
    if !may_see(world, &seat.person, ticket) {
        return Err(format!("{who} may not see it"));
    }
    let rule = world.coverage().organisation.priority(ticket.priority);
    let here = at_work(world, ticket, seat);
    let stays = ticket.stay_until.is_some_and(|until| until > world.now());
    let keeps = ticket.kept_until.is_some() && rule.at_shift_end == AtShiftEnd::Keep;
    if here || stays || keeps { Ok(()) } else { Err(format!("{who} is not at work")) }
}

fn offer_is_right(world: &World, ticket: &Ticket, offer: &Offer) -> Result<(), String> {
    let ahead = offer.kind == OfferKind::Handoff;
    let at = if ahead { offer.expires_at } else { world.now() };
    let span = world.coverage().at(&offer.team, at);
    let span = span.ok_or(format!("offered to {}, which has no coverage", offer.team))?;
    let by_name = offer.kind == OfferKind::Reassignment && !offer.ask.is_empty();
    if by_name {
        return offer.ask.iter().try_for_each(|person| named_is_right(world, ticket, offer, person));
    }
    let there = match &offer.line {
        None => &span.working[..],
        Some(line) => span.on_call.get(line).map_or(&[][..], |people| people),
    };
    let rule = world.coverage().organisation.priority(ticket.priority);
    if offer.is_page() && !rule.pages() {
        return Err(format!("{} does not page, and {:?} is paged", ticket.priority, offer.ask));
    }
    if there.is_empty() || (offer.is_page() && offer.ask.is_empty()) {
        return Err(format!("offered to {} for {at}, where nobody is", offer.team));
    }
    for person in &offer.ask {
        let seat = Seat { person: person.clone(), team: offer.team.clone() };
        let refused = ticket.declined.iter().any(|refused| refused.seat == seat && refused.until > at);
        if !there.contains(person) {
            return Err(format!("{person} is asked for {at}, but in {} are {there:?}", offer.team));
        }
        if refused {
            return Err(format!("{person} is asked, who has refused it"));
        }
        if !may_see(world, person, ticket) {
            return Err(format!("{person} is asked, who may not see it"));
        }
        if ticket.holder.person() == Some(person) {
            return Err(format!("{person} is asked, who holds it"));
        }
    }
    match (ahead, &ticket.holder, offer.handoff) {
        (true, Holder::Person { .. }, Some(_)) | (false, _, None) => Ok(()),
        (_, holder, batch) => {
            Err(format!("an offer {:?} in batch {batch:?}, held by {holder:?}", offer.kind))
        }
    }
}

/// Whom tickets count for, counted again.
pub(super) fn loads_are_right(world: &World) -> Result<(), String> {
    let mut loads: BTreeMap<&PersonId, u32> = BTreeMap::new();
    for saved in world.desk().tickets().filter(|saved| saved.ticket.live()) {
        let offer = saved.ticket.offer.iter().filter(|offer| !offer.is_page());
        for person in saved.ticket.holder.person().into_iter().chain(offer.flat_map(|offer| &offer.ask)) {
            *loads.entry(person).or_default() += 1;
        }
    }
    for person in world.coverage().organisation.people.keys().chain(loads.keys().copied()) {
        let (said, counted) = (world.desk().load(person), loads.get(person).copied().unwrap_or(0));
        if said != counted {
            return Err(format!("{person} is said to have {said} tickets and has {counted}"));
        }
    }
    Ok(())
}

/// Residency once more, in the design's words: only people of a region with it may see a ticket or be told of it.
pub(super) fn may_see(world: &World, person: &PersonId, ticket: &Ticket) -> bool {
    let org = &world.coverage().organisation;
    let Some(residency) = residency(org, ticket) else { return true };
    let there =
        |region| org.regions.get(region).is_some_and(|region| region.residency.as_ref() == Some(&residency));
    let belongs: Vec<bool> = org
        .teams
        .values()
        .filter(|team| team.members.contains(person) || team.lead.as_ref() == Some(person))
        .map(|team| there(&team.region))
        .collect();
    let mut serves = org.teams.values().filter(|team| {
        team.rotations.iter().any(|rotation| rotation.members.iter().flatten().any(|member| member == person))
    });
    if belongs.is_empty() { serves.any(|team| there(&team.region)) } else { belongs.contains(&true) }
}

/// Likewise of vendors.
pub(super) fn vendor_may_know(world: &World, vendor: &str, ticket: &Ticket) -> bool {
    let org = &world.coverage().organisation;
    let bound = residency(org, ticket);
    let vendor = org.vendors.get(vendor);
    vendor.is_some_and(|vendor| bound.is_none() || vendor.residency == bound)
}

/// By a subscription the files let them follow what is bound to the ticket's residency.
pub(super) fn is_trusted(world: &World, person: &PersonId, ticket: &Ticket) -> bool {
    let org = &world.coverage().organisation;
    let Some(residency) = residency(org, ticket) else { return true };
    let mut own = org.subscriptions.iter().filter(|one| one.people.contains(person));
    own.any(|one| one.residency.as_ref() == Some(&residency))
}

fn residency(org: &Organisation, ticket: &Ticket) -> Option<Residency> {
    let of_customer = || org.customers.get(ticket.facts.customer.as_ref()?)?.residency.clone();
    ticket.facts.residency.clone().or_else(of_customer)
}

/// On leave, as the team reads it, beyond doubt.
pub(super) fn on_leave(world: &World, person: &PersonId, team: &TeamId, at: DateTime<Utc>) -> bool {
    let coverage = world.coverage();
    let leave = coverage.organisation.leave.iter().chain(&coverage.changes.leave);
    leave.filter(|leave| leave.person == *person).any(|leave| in_force(world, team, leave.from, leave.to, at))
}

/// Of a doubled hour, the stretch that every reading agrees on.
pub(super) fn in_force(world: &World, team: &TeamId, from: Moment, to: Moment, at: DateTime<Utc>) -> bool {
    let coverage = world.coverage();
    let Some(team) = coverage.organisation.teams.get(team) else { return false };
    let zone = coverage.zones.get(&team.timezone).expect("its zone is known");
    let begins = match from {
        Moment::Date(date) => zone.end(date.and_time(NaiveTime::MIN)),
        Moment::Local(local) => zone.end(local),
        Moment::Exact(at) => at,
    };
    let ends = match to {
        Moment::Date(date) => zone.start(date.succ_opt().unwrap().and_time(NaiveTime::MIN)),
        Moment::Local(local) => zone.start(local),
        Moment::Exact(at) => at,
    };
    begins <= at && at < ends
}

pub(super) fn names(effect: &Effect, person: &PersonId) -> bool {
    match effect {
        Effect::Only(only) => only.contains(person),
        Effect::Change { cover, add, .. } => {
            add.contains(person) || cover.values().any(|other| other == person)
        }
    }
}
