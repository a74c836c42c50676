//! Tickets that somebody on watch wants to know the number of, kept up with every batch so that nobody has to count.

use std::collections::BTreeSet;

use crate::desk::{Alone, Desk, Holder, Saved, Ticket, TicketId};

#[derive(Debug, Default, PartialEq)]
pub(super) struct Watched {
    /// Live, and nobody on the whole path has answered.
    pub unattended: BTreeSet<TicketId>,
    pub parked: BTreeSet<TicketId>,
}

impl Watched {
    pub fn of(desk: &Desk) -> Watched {
        let mut watched = Watched::default();
        desk.tickets().for_each(|saved| watched.note(saved));
        watched
    }

    /// As the ticket is now.
    pub fn note(&mut self, Saved { ticket, .. }: &Saved) {
        let parked = matches!(ticket.holder, Holder::Nobody { reason: Alone::Parked, .. });
        set(&mut self.unattended, ticket, ticket.unattended_since.is_some());
        set(&mut self.parked, ticket, parked);
    }
}

fn set(tickets: &mut BTreeSet<TicketId>, ticket: &Ticket, holds: bool) {
    if holds && ticket.live() {
        tickets.insert(ticket.id);
    } else {
        tickets.remove(&ticket.id);
    }
}
