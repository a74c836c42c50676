//! Tickets that somebody on watch wants to know the number of, kept up with every batch so that nobody has to count.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::desk::{Alone, Desk, Holder, Saved, State, Ticket, TicketId};
use crate::schedule::{Priority, TeamId};

/// Something that is true of a live ticket, and by which live tickets are counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trait {
    Is(State, Priority),
    /// Nobody has custody; the reason.
    Alone(&'static str),
    /// Held by somebody of that team, or by its queue.
    Held(TeamId),
    /// An offer runs.
    Asked(Asked),
    /// Nobody on the whole path has answered.
    Unattended,
    /// `resolve_within` has run out.
    Overrun,
    /// A review was asked for, and no progress has been made since.
    Circling,
}

/// How somebody was asked to take a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    /// In their hours.
    Offer,
    Page,
}

impl Asked {
    pub fn as_str(self) -> &'static str {
        match self {
            Asked::Offer => "offer",
            Asked::Page => "page",
        }
    }
}

#[derive(Debug, PartialEq)]
pub(super) struct Watched {
    tickets: BTreeMap<TicketId, Seen>,
    /// Of every trait that a ticket has or once had; the common ones are there from the start.
    counts: BTreeMap<Trait, i64>,
}

#[derive(Debug, PartialEq)]
struct Seen {
    traits: Vec<Trait>,
    asked: Option<(Asked, DateTime<Utc>)>,
}

impl Default for Watched {
    fn default() -> Watched {
        let states = [State::Waiting, State::Held, State::Pending];
        let states =
            states.into_iter().flat_map(|state| Priority::ALL.map(|priority| Trait::Is(state, priority)));
        let reasons = [Alone::Offered, Alone::Parked, Alone::NobodyAtAll, Alone::Released, Alone::ShiftEnded];
        let reasons = reasons.into_iter().map(|reason| Trait::Alone(reason.as_str()));
        let asked = [Asked::Offer, Asked::Page].map(Trait::Asked);
        let others = [Trait::Unattended, Trait::Overrun, Trait::Circling];
        let counts = states.chain(reasons).chain(asked).chain(others).map(|common| (common, 0)).collect();
        Watched { tickets: BTreeMap::new(), counts }
    }
}

impl Watched {
    pub fn of(desk: &Desk) -> Watched {
        let mut watched = Watched::default();
        desk.tickets().for_each(|saved| watched.note(saved));
        watched
    }

    /// As the ticket is now.
    pub fn note(&mut self, Saved { ticket, .. }: &Saved) {
        for before in self.tickets.remove(&ticket.id).map(|seen| seen.traits).unwrap_or_default() {
            *self.counts.entry(before).or_default() -= 1;
        }
        if !ticket.live() {
            return;
        }
        let traits = traits(ticket);
        for now in &traits {
            *self.counts.entry(now.clone()).or_default() += 1;
        }
        let asked = ticket.offer.as_ref().map(|offer| {
            let how = if offer.is_page() { Asked::Page } else { Asked::Offer };
            (how, offer.since)
        });
        self.tickets.insert(ticket.id, Seen { traits, asked });
    }

    pub fn counts(&self) -> impl Iterator<Item = (&Trait, i64)> {
        self.counts.iter().map(|(what, count)| (what, *count))
    }

    /// How and since when somebody is asked to take the ticket.
    pub fn asked(&self, ticket: TicketId) -> Option<(Asked, DateTime<Utc>)> {
        self.tickets.get(&ticket)?.asked
    }
}

fn traits(ticket: &Ticket) -> Vec<Trait> {
    let mut traits = vec![Trait::Is(ticket.state, ticket.priority)];
    match &ticket.holder {
        Holder::Nobody { reason, .. } => traits.push(Trait::Alone(reason.as_str())),
        Holder::Person { team, .. } | Holder::Queue { team, .. } => traits.push(Trait::Held(team.clone())),
    }
    if let Some(offer) = &ticket.offer {
        traits.push(Trait::Asked(if offer.is_page() { Asked::Page } else { Asked::Offer }));
    }
    if ticket.unattended_since.is_some() {
        traits.push(Trait::Unattended);
    }
    if ticket.overran_at.is_some() {
        traits.push(Trait::Overrun);
    }
    if ticket.reviewed_hops > 0 {
        traits.push(Trait::Circling);
    }
    traits
}
