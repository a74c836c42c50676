//! Who had a ticket when, and whose time a promise spent: read from its history, which no later edit changes.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{Alone, Clock, ClockKind, Event, Holder, State, Ticket, What};
use crate::schedule::{PersonId, TeamId, VendorId};

/// Who has a ticket, or why nobody does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Custody {
    Person {
        person: PersonId,
        team: TeamId,
    },
    Queue {
        team: TeamId,
    },
    /// Nobody has it, and this team is asked to take it.
    Asked {
        team: TeamId,
    },
    Nobody {
        reason: Alone,
    },
    Pending,
    /// At a vendor, whoever of ours chases it.
    Vendor {
        vendor: VendorId,
    },
    /// Resolved or closed.
    Done,
}

impl Custody {
    pub fn of(ticket: &Ticket) -> Custody {
        match (&ticket.holder, &ticket.offer) {
            _ if !ticket.live() => Custody::Done,
            _ if ticket.state == State::Pending => Custody::Pending,
            _ if let Some(visit) = ticket.at_vendor() => Custody::Vendor { vendor: visit.vendor.clone() },
            (Holder::Person { person, team, .. }, _) => {
                Custody::Person { person: person.clone(), team: team.clone() }
            }
            (Holder::Queue { team, .. }, _) => Custody::Queue { team: team.clone() },
            (Holder::Nobody { .. }, Some(offer)) => Custody::Asked { team: offer.team.clone() },
            (Holder::Nobody { reason, .. }, None) => Custody::Nobody { reason: *reason },
        }
    }

    /// The team whose time it is.
    pub fn team(&self) -> Option<&TeamId> {
        match self {
            Custody::Person { team, .. } | Custody::Queue { team } | Custody::Asked { team } => Some(team),
            Custody::Nobody { .. } | Custody::Pending | Custody::Vendor { .. } | Custody::Done => None,
        }
    }
}

/// A stretch of a ticket's life in one custody.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Held {
    pub from: DateTime<Utc>,
    /// `None`: it goes on.
    pub until: Option<DateTime<Utc>>,
    pub custody: Custody,
}

/// One clock, from its beginning: that of status updates has a period for each of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributed {
    pub clock: ClockKind,
    pub since: DateTime<Utc>,
    /// What each custody spent of it, in the order in which they first had it; all together, what the clock has spent.
    pub shares: Vec<Share>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// `None`: it ran before it was known to be promised.
    pub custody: Option<Custody>,
    pub spent: TimeDelta,
}

impl Attributed {
    pub fn spent(&self) -> TimeDelta {
        self.shares.iter().map(|share| share.spent).sum()
    }

    /// The shares in whole seconds, which add up to those of the whole.
    pub fn in_seconds(&self) -> impl Iterator<Item = (Option<&Custody>, i64)> {
        let mut so_far = TimeDelta::zero();
        self.shares.iter().map(move |share| {
            let before = so_far.num_seconds();
            so_far += share.spent;
            (share.custody.as_ref(), so_far.num_seconds() - before)
        })
    }

    fn add(&mut self, custody: Option<&Custody>, spent: TimeDelta) {
        if spent.is_zero() {
            return;
        }
        match self.shares.iter_mut().find(|share| share.custody.as_ref() == custody) {
            Some(share) => share.spent += spent,
            None => self.shares.push(Share { custody: custody.cloned(), spent }),
        }
    }
}

/// Who had it when, without holes, from its opening on.
pub fn custody(history: &[Event]) -> Vec<Held> {
    let mut stretches: Vec<Held> = Vec::new();
    let _ = walk(history, |ticket, event| {
        let (from, custody) = (event.at, Custody::of(ticket));
        match stretches.last_mut() {
            Some(last) if last.custody == custody => return,
            Some(last) => last.until = Some(from),
            None => (),
        }
        stretches.push(Held { from, until: None, custody });
    });
    stretches.retain(|held| held.until != Some(held.from));
    // What lay between two stretches of the same custody may have lasted no time.
    let mut joined: Vec<Held> = Vec::with_capacity(stretches.len());
    for held in stretches {
        match joined.last_mut().filter(|last| last.custody == held.custody) {
            Some(last) => last.until = held.until,
            None => joined.push(held),
        }
    }
    joined
}

/// Whose time every clock of a ticket spent, those that are over included, oldest first. `running` says how much a
/// clock that runs has spent since its `running_since`.
///
/// The desk writes the clocks down whenever custody changes, so what one of them spent between two events was spent in
/// the custody that held in between.
pub fn attribution(history: &[Event], running: impl Fn(&Clock) -> TimeDelta) -> Vec<Attributed> {
    let mut found: Vec<Attributed> = Vec::new();
    // As it stood when time last went by.
    let mut in_between: Option<Custody> = None;
    let mut last: Option<(DateTime<Utc>, Custody)> = None;
    let mut clocks: Vec<Clock> = Vec::new();
    let ticket = walk(history, |ticket, event| {
        if let Some((at, custody)) = last.take() {
            in_between = if at < event.at { Some(custody) } else { in_between.take() };
        }
        if matches!(event.what, What::ClocksSet { .. } | What::ClockMet { .. }) {
            for clock in &ticket.clocks {
                let before = clocks.iter().find(|before| same_period(before, clock));
                let spent = clock.spent - before.map_or(TimeDelta::zero(), |before| before.spent);
                let known = before.is_some();
                of_period(&mut found, clock).add(in_between.as_ref().filter(|_| known), spent);
            }
            clocks = ticket.clocks.clone();
        }
        last = Some((event.at, Custody::of(ticket)));
    });
    let Some(ticket) = ticket else { return found };
    for clock in ticket.clocks.iter().filter(|clock| clock.running_since.is_some()) {
        let custody = Custody::of(&ticket);
        of_period(&mut found, clock).add(Some(&custody), running(clock));
    }
    found
}

fn same_period(one: &Clock, other: &Clock) -> bool {
    // Until something is spent, its beginning may still move.
    one.kind == other.kind && (one.since == other.since || (one.spent.is_zero() && one.met_at.is_none()))
}

fn of_period<'f>(found: &'f mut Vec<Attributed>, clock: &Clock) -> &'f mut Attributed {
    let place = found.iter().rposition(|known| {
        known.clock == clock.kind && (known.since == clock.since || known.shares.is_empty())
    });
    let place = place.unwrap_or_else(|| {
        found.push(Attributed { clock: clock.kind, since: clock.since, shares: Vec::new() });
        found.len() - 1
    });
    found[place].since = clock.since;
    &mut found[place]
}

/// Tells the ticket as it is after each event; gives it as it is after all of them.
fn walk(history: &[Event], mut after: impl FnMut(&Ticket, &Event)) -> Option<Ticket> {
    let first = history.first()?;
    let mut ticket = Ticket::unopened(first.ticket, first.at);
    for event in history {
        ticket.apply(event);
        after(&ticket, event);
    }
    Some(ticket)
}
