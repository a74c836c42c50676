//! What responders and customers do about what they are told, and after how long.

use chrono::TimeDelta;

use super::chance::{Chance, Purpose, happens};
use super::presence::at_work;
use super::{Habits, World};
use crate::desk::{Briefing, Notice, NoticeKind, OfferKind, Seat, TicketId, Verb, What};
use crate::schedule::{PersonId, VendorId};

/// A briefing is written before what it is about changes hands, even where everybody does everything at once.
const READS_BRIEFING_FIRST: TimeDelta = TimeDelta::minutes(1);
/// Whoever has tickets in hand looks at a queue that much later for each of them.
const QUEUE_LATER_EACH: TimeDelta = TimeDelta::minutes(1);

/// What will happen of itself at some instant.
#[derive(Clone, Debug)]
pub(super) enum Coming {
    /// By its place in the stream.
    Opening(usize),
    /// Somebody answers an offer, if they are asked still.
    Answer {
        by: PersonId,
        ticket: TicketId,
        verb: Verb,
    },
    /// A lead says whether it may go on.
    Approve {
        by: PersonId,
        ticket: TicketId,
        verb: Verb,
    },
    Brief {
        by: PersonId,
        ticket: TicketId,
    },
    /// The customer answers what they were asked.
    Reply(TicketId),
    /// The vendor that was asked answers.
    Vendor(TicketId, VendorId),
    /// What was resolved is back.
    Back(TicketId),
    /// Somebody looks at their work; out of date where the number is.
    Look {
        person: PersonId,
        number: u64,
    },
    Morning,
    /// The compiled window moves on.
    Compile,
}

pub(super) type Reaction = Option<(TimeDelta, Coming)>;

/// Somebody is asked to take a ticket, and has so many already.
pub(super) fn answer(
    world: &World,
    chance: Chance,
    habits: &Habits,
    notice: &Notice,
    load: usize,
) -> Reaction {
    let ticket = world.desk().ticket(notice.ticket?)?;
    let offer = ticket.offer.as_ref()?;
    let mut rng = chance.of(Purpose::Answer, &notice.id);
    let page = notice.kind == NoticeKind::Page;
    let misses = if page { habits.ignores_page } else { habits.overlooks_offer };
    if happens(&mut rng, misses) {
        return None;
    }
    let seat = Seat { person: notice.to.clone(), team: offer.team.clone() };
    let in_hours = at_work(world.coverage(), &seat, false, world.now());
    let rings = world.coverage().organisation.priority(ticket.priority).pages();
    let delay = match (in_hours, rings) {
        (false, _) => habits.answers_off_hours,
        (true, true) => habits.answers_call,
        (true, false) => habits.answers_at_work,
    };
    let mut after = delay.draw(&mut rng);
    if offer.kind == OfferKind::Handoff {
        after += READS_BRIEFING_FIRST;
    }
    if offer.ask.is_empty() {
        after += QUEUE_LATER_EACH * i32::try_from(load).unwrap_or(i32::MAX);
    }
    let declines = !page && happens(&mut rng, habits.declines);
    let verb = if declines { Verb::Decline { reason: "busy".into() } } else { Verb::Acknowledge };
    Some((after, Coming::Answer { by: notice.to.clone(), ticket: ticket.id, verb }))
}

/// Whether an answer still counts: the offer runs, and they are there for it.
pub(super) fn still_asked(world: &World, person: &PersonId, ticket: TicketId) -> bool {
    let Some(ticket) = world.desk().ticket(ticket) else { return false };
    let Some(offer) = ticket.offer.as_ref().filter(|_| ticket.holder.person() != Some(person)) else {
        return false;
    };
    let ahead = offer.kind == OfferKind::Handoff;
    let seat = Seat { person: person.clone(), team: offer.team.clone() };
    let pages = world.coverage().organisation.priority(ticket.priority).pages();
    let there = at_work(world.coverage(), &seat, pages, if ahead { offer.expires_at } else { world.now() });
    there && (offer.ask.is_empty() || offer.ask.contains(person))
}

/// A lead is asked whether a ticket may go to the next tier.
pub(super) fn approve(world: &World, chance: Chance, habits: &Habits, notice: &Notice) -> Reaction {
    let mut rng = chance.of(Purpose::Answer, &notice.id);
    if happens(&mut rng, habits.overlooks_offer) {
        return None;
    }
    let teams = world.coverage().organisation.teams.keys();
    let mut seats = teams.map(|team| Seat { person: notice.to.clone(), team: team.clone() });
    let in_hours = seats.any(|seat| at_work(world.coverage(), &seat, false, world.now()));
    let delay = if in_hours { habits.answers_at_work } else { habits.answers_off_hours };
    let after = delay.draw(&mut rng);
    let verb = match happens(&mut rng, habits.declines) {
        true => Verb::Refuse { reason: "try once more".into() },
        false => Verb::Approve,
    };
    Some((after, Coming::Approve { by: notice.to.clone(), ticket: notice.ticket?, verb }))
}

/// The holder is asked for a briefing.
pub(super) fn brief(chance: Chance, habits: &Habits, notice: &Notice) -> Reaction {
    let mut rng = chance.of(Purpose::Briefing, &notice.id);
    if happens(&mut rng, habits.forgets_briefing) {
        return None;
    }
    let after = habits.briefs.draw(&mut rng);
    Some((after, Coming::Brief { by: notice.to.clone(), ticket: notice.ticket? }))
}

pub(super) fn briefing() -> Verb {
    Verb::Brief(Briefing {
        summary: "as far as it is known".into(),
        done_so_far: "what the notes say".into(),
        next_action: "go on".into(),
        ..Briefing::default()
    })
}

/// A vendor that is asked answers once, and leaves the rest to whoever holds the ticket.
pub(super) fn vendor(
    chance: Chance,
    habits: &Habits,
    ticket: TicketId,
    place: usize,
    what: &What,
) -> Reaction {
    let What::VendorAsked { vendor } = what else { return None };
    let mut rng = chance.of(Purpose::Vendor, &format!("{ticket} {place}"));
    Some((habits.vendor_answers.draw(&mut rng), Coming::Vendor(ticket, vendor.clone())))
}

/// What the customer does about an event of their ticket.
pub(super) fn customer(
    chance: Chance,
    habits: &Habits,
    ticket: TicketId,
    place: usize,
    what: &What,
) -> Reaction {
    let about = || format!("{ticket} {place}");
    match what {
        What::Pended { pending, .. } if pending.on == crate::desk::PendingOn::Customer => {
            let mut rng = chance.of(Purpose::Customer, &about());
            Some((habits.customer_replies.draw(&mut rng), Coming::Reply(ticket)))
        }
        What::Resolved { .. } => {
            let mut rng = chance.of(Purpose::Reopening, &about());
            let back = happens(&mut rng, habits.reopens);
            back.then(|| (habits.reopened.draw(&mut rng), Coming::Back(ticket)))
        }
        _ => None,
    }
}
