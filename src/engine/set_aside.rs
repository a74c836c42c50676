//! Tickets whose waking failed. They are tried again, less and less often, so that one of them neither spins nor
//! keeps the others waiting.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::desk::TicketId;

const PAUSE_FIRST: TimeDelta = TimeDelta::seconds(30);
const PAUSE_MAX: TimeDelta = TimeDelta::hours(1);

#[derive(Default)]
pub(super) struct SetAside {
    tickets: BTreeMap<TicketId, Failing>,
}

struct Failing {
    pause: TimeDelta,
    until: DateTime<Utc>,
}

impl SetAside {
    /// Until when it waits now.
    pub fn add(&mut self, ticket: TicketId, now: DateTime<Utc>) -> DateTime<Utc> {
        let pause =
            self.tickets.get(&ticket).map_or(PAUSE_FIRST, |failing| (failing.pause * 2).min(PAUSE_MAX));
        let until = now + pause;
        self.tickets.insert(ticket, Failing { pause, until });
        until
    }

    pub fn remove(&mut self, ticket: TicketId) {
        self.tickets.remove(&ticket);
    }

    pub fn contains(&self, ticket: TicketId) -> bool {
        self.tickets.contains_key(&ticket)
    }

    pub fn len(&self) -> usize {
        self.tickets.len()
    }

    /// Those whose pause is over, by number.
    pub fn ready(&self, now: DateTime<Utc>) -> BTreeSet<TicketId> {
        let ready = self.tickets.iter().filter(|(_, failing)| failing.until <= now);
        ready.map(|(ticket, _)| *ticket).collect()
    }

    pub fn next(&self) -> Option<DateTime<Utc>> {
        self.tickets.values().map(|failing| failing.until).min()
    }
}
