//! Whether what is stored of a ticket can be true: its history leads to its state, and no live ticket is silently alone.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{Alone, ClockKind, Event, Holder, Saved, State, Ticket, TicketId, What};

/// What cannot be true of a stored ticket, or must not be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Flaw {
    #[error("it has no history")]
    NoHistory,
    #[error("its history does not begin with its opening")]
    NotOpened,
    #[error("event {found} stands where event {expected} should")]
    Numbering { expected: u32, found: u32 },
    #[error("event {seq}, of {at}, is earlier than the one before it")]
    BackInTime { seq: u32, at: DateTime<Utc> },
    #[error("event {seq} asks others to take it while nothing is offered")]
    NothingOffered { seq: u32 },
    #[error("event {seq} is about a promise that was not made")]
    NothingPromised { seq: u32 },
    /// Names of the ticket's fields.
    #[error("its history leads to another state; what differs: {}", fields.join(", "))]
    OtherState { fields: Vec<String> },
    #[error("live, and it will never be looked at again")]
    NeverLookedAt,
    #[error("it was to be looked at on {wake_at} and has not been")]
    Overdue { wake_at: DateTime<Utc> },
    #[error("looked at again on {wake_at}, after its {what} on {at}")]
    LookedAtTooLate { wake_at: DateTime<Utc>, what: &'static str, at: DateTime<Utc> },
    #[error("live, with nobody, not offered, and without a reason to wait ({reason:?})")]
    SilentlyAlone { reason: Alone },
    #[error("live, with nobody, and without an instant to look again")]
    NoLookAgain,
    #[error("in a team's queue, and nobody is asked")]
    QueuedUnasked,
    #[error("{}, and its holder is {holder}", state.as_str())]
    HolderDisagrees { state: State, holder: &'static str },
    #[error("{}, and the clock of its {clock} runs on", state.as_str())]
    ClockRunsThough { state: State, clock: ClockKind },
    #[error("pending without a date to look again")]
    PendingWithoutDate,
    #[error("{}, and offered all the same", state.as_str())]
    OfferedThough { state: State },
    #[error("{}, and still looked at on {wake_at}", state.as_str())]
    LookedAtThough { state: State, wake_at: DateTime<Utc> },
}

impl Flaw {
    /// Late, which mends itself once a daemon runs; everything else does not.
    pub fn is_lateness(&self) -> bool {
        matches!(self, Flaw::Overdue { .. })
    }
}

/// What an audit goes by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AuditedAt {
    /// No earlier than the last decision.
    pub now: DateTime<Utc>,
    /// By how much a look may be late before it is overdue.
    pub lateness_max: TimeDelta,
}

/// What was due when a ticket was decided is due again no later than this.
const SOON: TimeDelta = TimeDelta::seconds(1);

/// Everything wrong with a ticket and its whole history.
pub fn audit(saved: &Saved, history: &[Event], at: AuditedAt) -> Vec<Flaw> {
    let mut retelling = Retelling::of(saved.ticket.id);
    history.iter().for_each(|event| retelling.hear(event));
    retelling.compare(saved, at)
}

/// A history told event by event, so that a long one need not be at hand as a whole.
pub struct Retelling {
    id: TicketId,
    ticket: Option<Ticket>,
    heard: u32,
    last: Option<DateTime<Utc>>,
    /// What has been heard leads to no state.
    broken: bool,
    flaws: Vec<Flaw>,
}

impl Retelling {
    pub fn of(id: TicketId) -> Retelling {
        Retelling { id, ticket: None, heard: 0, last: None, broken: false, flaws: Vec::new() }
    }

    /// The next of its events, all of which belong to the ticket.
    pub fn hear(&mut self, event: &Event) {
        assert_eq!(event.ticket, self.id, "a history is of one ticket");
        let (seq, at) = (event.seq, event.at);
        if self.last.is_some_and(|last| at < last) {
            self.flaws.push(Flaw::BackInTime { seq, at });
        }
        self.last = Some(at);
        self.count(seq);
        if self.broken {
            return;
        }
        let begun = matches!(event.what, What::Opened { .. });
        let ticket = match &mut self.ticket {
            Some(ticket) => ticket,
            None if begun => self.ticket.insert(Ticket::unopened(self.id, at)),
            None => return self.breaks(Flaw::NotOpened),
        };
        if matches!(event.what, What::AskedOthers { .. }) && ticket.offer.is_none() {
            return self.breaks(Flaw::NothingOffered { seq });
        }
        let clock = match &event.what {
            What::ClockWarned { clock, .. }
            | What::ClockBreached { clock, .. }
            | What::ClockMet { clock, .. } => Some(*clock),
            _ => None,
        };
        if clock.is_some_and(|kind| ticket.clock(kind).is_none()) {
            return self.breaks(Flaw::NothingPromised { seq });
        }
        ticket.apply(event);
    }

    /// An event of which nothing but its number could be read.
    pub fn hear_noise(&mut self, seq: u32) {
        self.count(seq);
        self.broken = true;
    }

    /// What follows cannot be read.
    pub fn break_off(&mut self) {
        self.broken = true;
    }

    fn count(&mut self, seq: u32) {
        let expected = self.heard.saturating_add(1);
        if seq != expected {
            self.breaks(Flaw::Numbering { expected, found: seq });
        }
        self.heard = seq;
    }

    fn breaks(&mut self, flaw: Flaw) {
        self.flaws.push(flaw);
        self.broken = true;
    }

    /// What is wrong with the history, with the ticket, and between the two.
    pub fn compare(mut self, saved: &Saved, at: AuditedAt) -> Vec<Flaw> {
        match &self.ticket {
            Some(replayed) if !self.broken && *replayed != saved.ticket => {
                self.flaws.push(Flaw::OtherState { fields: differing(replayed, &saved.ticket) });
            }
            _ if self.heard == 0 => self.flaws.push(Flaw::NoHistory),
            _ => (),
        }
        self.flaws.extend(rule_broken(saved, at));
        self.flaws
    }

    /// What is wrong with the history, where the ticket itself could not be read.
    pub fn alone(self) -> Vec<Flaw> {
        self.flaws
    }
}

fn differing(one: &Ticket, other: &Ticket) -> Vec<String> {
    let fields = |ticket| match serde_json::to_value(ticket) {
        Ok(Value::Object(fields)) => fields,
        _ => panic!("a ticket is an object in JSON"),
    };
    let (one, other) = (fields(one), fields(other));
    let mut names: Vec<String> = one.keys().chain(other.keys()).cloned().collect();
    names.sort();
    names.dedup();
    names.retain(|name| one.get(name) != other.get(name));
    names
}

/// Live means a holder, or an offer running, or a reason, each with an instant to look again; done means none of it.
fn rule_broken(saved: &Saved, audited: AuditedAt) -> Vec<Flaw> {
    let (ticket, state) = (&saved.ticket, saved.ticket.state);
    let mut flaws = Vec::new();
    let holder = match &ticket.holder {
        Holder::Person { .. } => "a person",
        Holder::Queue { .. } => "a team's queue",
        Holder::Nobody { .. } => "nobody",
    };
    let held = ticket.holder.team().is_some();
    if (state == State::Held && !held) || (matches!(state, State::Waiting) && held) {
        flaws.push(Flaw::HolderDisagrees { state, holder });
    }
    if !ticket.live() || state == State::Pending {
        let runs = ticket.clocks.iter().filter(|clock| clock.running_since.is_some());
        flaws.extend(runs.map(|clock| Flaw::ClockRunsThough { state, clock: clock.kind }));
    }
    if !ticket.live() {
        if held {
            flaws.push(Flaw::HolderDisagrees { state, holder });
        }
        if ticket.offer.is_some() {
            flaws.push(Flaw::OfferedThough { state });
        }
        match saved.wake_at {
            Some(wake_at) if ticket.closes_at == Some(wake_at) => {
                if audited.now - wake_at > audited.lateness_max {
                    flaws.push(Flaw::Overdue { wake_at });
                }
            }
            wake_at => flaws.extend(wake_at.map(|wake_at| Flaw::LookedAtThough { state, wake_at })),
        }
        return flaws;
    }
    match saved.wake_at {
        None => flaws.push(Flaw::NeverLookedAt),
        Some(wake_at) => {
            if audited.now - wake_at > audited.lateness_max {
                flaws.push(Flaw::Overdue { wake_at });
            }
            let ends = ends(ticket).filter(|(_, at)| wake_at > *at && wake_at > audited.now + SOON);
            flaws.extend(ends.map(|(what, at)| Flaw::LookedAtTooLate { wake_at, what, at }));
        }
    }
    flaws.extend(alone(ticket));
    flaws
}

/// What ends of itself, and has to be looked at by then.
fn ends(ticket: &Ticket) -> impl Iterator<Item = (&'static str, DateTime<Utc>)> {
    let pending = ticket.pending.as_ref().map(|pending| ("date", pending.until));
    let running = pending.is_none();
    let offer = ticket.offer.as_ref().filter(|_| running).map(|offer| ("offer's end", offer.expires_at));
    let kept = ticket.kept_until.filter(|_| running).map(|until| ("holder's return", until));
    let again = match &ticket.holder {
        Holder::Nobody { look_again: Some(again), .. } if running => Some(("look", *again)),
        _ => None,
    };
    let promises = ticket.clocks.iter().filter(|clock| clock.running_since.is_some() && clock.is_open());
    let promised = promises.filter_map(|clock| Some(("promise", clock.due?)));
    let approval = ticket.approval.as_ref().filter(|_| running);
    let approval = approval.map(|approval| ("approval", approval.until));
    [pending, offer, kept, again, approval].into_iter().flatten().chain(promised)
}

/// Whether nobody has a live ticket, and nobody knows why.
fn alone(ticket: &Ticket) -> Option<Flaw> {
    let state = ticket.state;
    match (&ticket.pending, &ticket.offer, &ticket.holder) {
        (_, Some(_), _) if state == State::Pending => Some(Flaw::OfferedThough { state }),
        (pending, _, _) if state == State::Pending => pending.is_none().then_some(Flaw::PendingWithoutDate),
        (_, Some(_), _) | (_, _, Holder::Person { .. }) => None,
        (_, None, Holder::Queue { .. }) => Some(Flaw::QueuedUnasked),
        (_, None, Holder::Nobody { reason, look_again }) => match (reason, look_again) {
            (Alone::Parked | Alone::NobodyAtAll, Some(_)) => None,
            (Alone::Parked | Alone::NobodyAtAll, None) => Some(Flaw::NoLookAgain),
            _ => Some(Flaw::SilentlyAlone { reason: *reason }),
        },
    }
}
