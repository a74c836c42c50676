//! All live tickets and what choosing needs to know of them; takes commands one at a time.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    Answer, Command, Event, Explanation, Facts, Handoff, HandoffId, Notice, Refusal, Ticket, TicketId,
};
use crate::coverage::Coverage;
use crate::schedule::{PersonId, Residency, TeamId};

/// What decisions go by.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    pub revision: i64,
    /// With the organisation it was compiled from.
    pub coverage: &'a Coverage,
}

/// A ticket as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    pub ticket: Ticket,
    /// Look again no later than this; `None` once it is no longer live.
    pub wake_at: Option<DateTime<Utc>>,
    /// Only people of a region with this residency may see it or be told of it.
    pub residency: Option<Residency>,
}

/// The last numbers given out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Numbers {
    pub ticket: i64,
    pub handoff: i64,
}

/// Everything since the last [`Desk::drain`], to be saved together or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Each ticket once, as it is now.
    pub tickets: Vec<Saved>,
    /// In the order they happened.
    pub events: Vec<Event>,
    pub notices: Vec<Notice>,
    /// Each batch once, as it is now.
    pub handoffs: Vec<Handoff>,
    /// Who was named last, by team; for `round-robin`.
    pub turns: BTreeMap<TeamId, PersonId>,
    pub numbers: Numbers,
}

/// The desk of one organisation.
#[derive(Clone, Debug, Default)]
pub struct Desk {}

impl Desk {
    /// From what the store has: live tickets, batches not yet settled, who was named last.
    pub fn restore(
        _tickets: impl IntoIterator<Item = Saved>,
        _handoffs: impl IntoIterator<Item = Handoff>,
        _turns: BTreeMap<TeamId, PersonId>,
        _numbers: Numbers,
    ) -> Desk {
        unimplemented!()
    }

    /// Puts a ticket or batch on the desk that it does not have: one no longer live that a command names, or one
    /// another node has changed.
    pub fn put(&mut self, _saved: Saved) {
        unimplemented!()
    }

    pub fn put_handoff(&mut self, _handoff: Handoff) {
        unimplemented!()
    }

    /// Another node named that person last.
    pub fn put_turn(&mut self, _team: TeamId, _person: PersonId) {
        unimplemented!()
    }

    pub fn ticket(&self, _id: TicketId) -> Option<&Ticket> {
        unimplemented!()
    }

    pub fn handoff(&self, _id: HandoffId) -> Option<&Handoff> {
        unimplemented!()
    }

    /// All that are live, by number.
    pub fn tickets(&self) -> impl Iterator<Item = &Saved> {
        std::iter::empty()
    }

    /// Decides one command and keeps what came of it for [`Desk::drain`]. A refusal changes nothing.
    pub fn take(&mut self, _rules: Rules, _command: Command, _now: DateTime<Utc>) -> Result<Answer, Refusal> {
        unimplemented!()
    }

    /// What would become of such a ticket; creates nothing.
    pub fn explain(
        &self,
        _rules: Rules,
        _facts: &Facts,
        _now: DateTime<Utc>,
    ) -> Result<Explanation, Refusal> {
        unimplemented!()
    }

    /// Tickets to look at again, those that page first, then by instant; at most `limit`.
    pub fn due(&self, _rules: Rules, _now: DateTime<Utc>, _limit: usize) -> Vec<TicketId> {
        unimplemented!()
    }

    pub fn next_wake(&self) -> Option<DateTime<Utc>> {
        unimplemented!()
    }

    /// Wakes the tickets that a change of these teams' coverage may concern: held, offered or parked there, or
    /// parked in their tiers. With `everything` all live tickets.
    pub fn wake_teams(
        &mut self,
        _rules: Rules,
        _teams: &std::collections::BTreeSet<TeamId>,
        _now: DateTime<Utc>,
    ) {
        unimplemented!()
    }

    /// Wakes every live ticket: something all decisions go by has changed.
    pub fn wake_all(&mut self, _now: DateTime<Utc>) {
        unimplemented!()
    }

    /// What happened since the last time. Tickets no longer live leave the desk with it.
    pub fn drain(&mut self) -> Changes {
        unimplemented!()
    }
}
