//! Who works on what: one ticket at a time, the worst first, while at work; and what is done of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::presence::{comes_at, leaves_at};
use super::{Opening, World};
use crate::desk::{OfferKind, Seat, State, Ticket, TicketId};
use crate::schedule::{How, Organisation, PersonId, Priority};

/// A tier that cannot solve a ticket finds that out in this share of what solving takes,
const DIAGNOSIS_SHARE: i32 = 4;
/// but never longer than that.
const DIAGNOSIS_AT_MOST: TimeDelta = TimeDelta::hours(1);
/// Whoever sent a ticket on and got it back tries for so long before sending it on again; twice as long each time.
const TRIES_AGAIN_AFTER: TimeDelta = TimeDelta::minutes(30);
/// How often a ticket is sent on by people of one tier before they leave it at that.
const SENT_ON_AT_MOST: u32 = 5;
/// Less is not worth looking at once more.
const NOTHING_LEFT: TimeDelta = TimeDelta::seconds(1);

/// What is to be done about a ticket, in working time of somebody of the right tier.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub opening: usize,
    /// Rank of the lowest tier that can solve it.
    needs: usize,
    effort: TimeDelta,
    left: TimeDelta,
    /// The customer is asked something once so much is left.
    asks_at: Option<TimeDelta>,
    /// What is left to find out, by the rank of a tier below.
    diagnosis: BTreeMap<usize, TimeDelta>,
    sent_on: BTreeMap<usize, u32>,
    /// Nobody on its path can solve it.
    pub beyond: bool,
}

/// What somebody does with a ticket once they have worked on it long enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Next {
    Resolve,
    AskCustomer,
    SendOn,
    /// Nobody further up can be asked.
    GiveUp,
}

/// All work there is.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub jobs: BTreeMap<TicketId, Job>,
    holders: BTreeMap<TicketId, PersonId>,
    hands: BTreeMap<PersonId, Hands>,
    /// How much longer than the effort each takes; 1 where nothing is said.
    pace: BTreeMap<PersonId, f64>,
}

/// One person's tickets.
#[derive(Debug, Default)]
struct Hands {
    tickets: BTreeSet<TicketId>,
    stint: Option<Stint>,
    /// Of the last look: earlier ones are out of date.
    look: u64,
}

/// What somebody works on.
#[derive(Clone, Copy, Debug)]
struct Stint {
    ticket: TicketId,
    /// Of the tier they work on it for.
    rank: usize,
    since: DateTime<Utc>,
}

impl Job {
    pub fn new(opening: usize, of: &Opening, org: &Organisation, asks_customer: bool) -> Job {
        Job {
            opening,
            needs: org.tier_rank(&of.needs),
            effort: of.effort,
            left: of.effort,
            asks_at: asks_customer.then_some(of.effort / 2),
            diagnosis: BTreeMap::new(),
            sent_on: BTreeMap::new(),
            beyond: false,
        }
    }

    /// It is back: so much of the effort once more.
    pub fn reopened(&mut self, share: f64) {
        let seconds = self.effort.num_seconds() as f64 * share;
        self.left = TimeDelta::seconds(seconds.round() as i64);
        self.sent_on.clear();
    }

    /// Working time at that tier until something is to be done about it.
    fn left_at(&self, rank: usize) -> TimeDelta {
        if rank >= self.needs {
            self.left - self.asks_at.unwrap_or_default().min(self.left)
        } else if self.beyond {
            TimeDelta::zero()
        } else {
            self.diagnosis.get(&rank).copied().unwrap_or(self.diagnosis_lasts())
        }
    }

    fn diagnosis_lasts(&self) -> TimeDelta {
        (self.effort / DIAGNOSIS_SHARE).min(DIAGNOSIS_AT_MOST)
    }

    fn work(&mut self, rank: usize, worked: TimeDelta) {
        if rank >= self.needs {
            self.left = (self.left - worked).max(TimeDelta::zero());
        } else {
            let left = self.left_at(rank) - worked;
            self.diagnosis.insert(rank, left.max(TimeDelta::zero()));
        }
    }

    /// What is to be done now that nothing is left at that tier.
    fn next(&mut self, rank: usize, can_go_on: bool) -> Next {
        if rank >= self.needs {
            return match self.asks_at.take() {
                Some(_) if self.left > NOTHING_LEFT => Next::AskCustomer,
                _ => Next::Resolve,
            };
        }
        let sent_on = self.sent_on.entry(rank).or_default();
        if self.beyond || !can_go_on || *sent_on >= SENT_ON_AT_MOST {
            self.beyond = true;
            return Next::GiveUp;
        }
        self.diagnosis.insert(rank, TRIES_AGAIN_AFTER * (1 << *sent_on));
        *sent_on += 1;
        Next::SendOn
    }
}

impl Work {
    pub fn with_pace(pace: BTreeMap<PersonId, f64>) -> Work {
        Work { pace, ..Work::default() }
    }

    /// Takes note of who holds these tickets now. Those whose hands are others than before, or hold something that
    /// has changed.
    pub fn hear(&mut self, world: &World, tickets: &BTreeSet<TicketId>) -> BTreeSet<PersonId> {
        let mut concerned = BTreeSet::new();
        for id in tickets {
            let ticket = world.desk().ticket(*id);
            let now = ticket.and_then(|ticket| ticket.holder.person());
            let before = self.holders.get(id);
            concerned.extend(before.into_iter().chain(now).cloned());
            if before == now {
                continue;
            }
            if let Some(person) = self.holders.remove(id) {
                self.hands.entry(person).or_default().tickets.remove(id);
            }
            if let Some(person) = now {
                self.hands.entry(person.clone()).or_default().tickets.insert(*id);
                self.holders.insert(*id, person.clone());
            }
        }
        concerned
    }

    /// Everybody who has a ticket.
    pub fn everybody(&self) -> BTreeSet<PersonId> {
        self.holders.values().cloned().collect()
    }

    pub fn load(&self, person: &PersonId) -> usize {
        self.hands.get(person).map_or(0, |hands| hands.tickets.len())
    }

    pub fn is_current(&self, person: &PersonId, look: u64) -> bool {
        self.hands.get(person).is_some_and(|hands| hands.look == look)
    }

    /// What has been done until now is done.
    pub fn bank(&mut self, world: &World, person: &PersonId) {
        let Some(stint) = self.hands.get_mut(person).and_then(|hands| hands.stint.take()) else { return };
        let pace = self.pace.get(person).copied().unwrap_or(1.0);
        let worked = (world.now() - stint.since).num_milliseconds() as f64 / pace;
        if let Some(job) = self.jobs.get_mut(&stint.ticket) {
            job.work(stint.rank, TimeDelta::milliseconds(worked.round() as i64));
        }
    }

    /// A ticket in that person's hands about which something is to be done now.
    pub fn done(&mut self, world: &World, person: &PersonId) -> Option<(TicketId, Next)> {
        let (id, seat) = self.worst(world, person)?;
        let ticket = world.desk().ticket(id)?;
        let rank = rank_of(world, ticket)?;
        leaves_at(world.coverage(), &seat, pages(world, ticket), world.now())?;
        let can_go_on = goes_on(&world.coverage().organisation, ticket);
        let job = self.jobs.get_mut(&id)?;
        (job.left_at(rank) <= NOTHING_LEFT).then(|| (id, job.next(rank, can_go_on)))
    }

    /// Chooses what that person works on from now on. When to look again, and the look's number; `None`: there is
    /// nothing to do before something else happens.
    pub fn choose(&mut self, world: &World, person: &PersonId) -> Option<(DateTime<Utc>, u64)> {
        let now = world.now();
        let next = match self.worst(world, person) {
            Some((id, seat)) => {
                let ticket = world.desk().ticket(id)?;
                let rank = rank_of(world, ticket)?;
                let left = self.jobs.get(&id)?.left_at(rank);
                let pace = self.pace.get(person).copied().unwrap_or(1.0);
                let lasts = TimeDelta::milliseconds((left.num_milliseconds() as f64 * pace).ceil() as i64);
                let leaves = leaves_at(world.coverage(), &seat, pages(world, ticket), now)?;
                self.hands.get_mut(person)?.stint = Some(Stint { ticket: id, rank, since: now });
                Some(leaves.min(now + lasts))
            }
            None => {
                let held = self.hands.get(person)?.tickets.iter().filter_map(|id| world.desk().ticket(*id));
                let comes = held.filter(|ticket| is_workable(ticket)).filter_map(|ticket| {
                    comes_at(world.coverage(), &ticket.holder.seat()?, pages(world, ticket), now)
                });
                comes.min()
            }
        };
        let hands = self.hands.get_mut(person)?;
        hands.look += 1;
        next.map(|at| (at, hands.look))
    }

    /// Of the tickets in hand for which they are at work: the worst, then the oldest.
    fn worst(&self, world: &World, person: &PersonId) -> Option<(TicketId, Seat)> {
        let held = self.hands.get(person)?.tickets.iter().filter_map(|id| world.desk().ticket(*id));
        let open = held.filter(|ticket| self.jobs.contains_key(&ticket.id) && is_workable(ticket));
        let here = open.filter_map(|ticket| {
            let seat = ticket.holder.seat()?;
            leaves_at(world.coverage(), &seat, pages(world, ticket), world.now())?;
            let order: (Priority, DateTime<Utc>, TicketId) = (ticket.priority, ticket.opened_at, ticket.id);
            Some((order, seat))
        });
        here.min().map(|((_, _, id), seat)| (id, seat))
    }
}

/// Held, and not on its way to somebody further up.
fn is_workable(ticket: &Ticket) -> bool {
    let asked_above = ticket.offer.as_ref().is_some_and(|offer| offer.kind == OfferKind::Escalation);
    ticket.state == State::Held && !asked_above && ticket.approval.is_none()
}

fn pages(world: &World, ticket: &Ticket) -> bool {
    world.coverage().organisation.priority(ticket.priority).pages()
}

fn rank(world: &World, seat: &Seat) -> usize {
    let org = &world.coverage().organisation;
    org.teams.get(&seat.team).map_or(0, |team| org.tier_rank(&team.tier))
}

/// Of the holder, or of whoever helps: the highest.
fn rank_of(world: &World, ticket: &Ticket) -> Option<usize> {
    let holder = ticket.holder.seat()?;
    ticket.helpers.iter().chain([&holder]).map(|seat| rank(world, seat)).max()
}

/// Whether its path goes on to somebody: a step above its own that moves or helps, of a tier that a team serves.
fn goes_on(org: &Organisation, ticket: &Ticket) -> bool {
    let steps = org.policies.get(&ticket.path.policy).map_or(&[][..], |policy| &policy.steps);
    steps
        .iter()
        .skip(ticket.path.step + 1)
        .any(|step| step.how != How::Tell && org.teams.values().any(|team| team.tier == step.tier))
}
