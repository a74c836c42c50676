//! A ticket's state: the fold of its events, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Approval, Clock, Notice, Receipt, Request, Update, Visit};
use crate::schedule::{
    Audience, BusinessHoursId, Customer, CustomerId, Language, Level, LineId, PersonId, PolicyId, Priority,
    RegionId, Residency, ServiceId, Skill, TeamId,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketId(pub i64);

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HandoffId(pub i64);

impl fmt::Display for HandoffId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A piece of work that needs somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: TicketId,
    pub opened_at: DateTime<Utc>,
    pub facts: Facts,
    pub priority: Priority,
    pub state: State,
    pub holder: Holder,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
    pub path: Path,
    /// Until somebody takes it; runs while an offer does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledge: Option<Wait>,
    /// Until it is resolved; runs from the first acknowledgement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolve: Option<Wait>,
    /// What is promised to the customer, each kind once, in the order of [`ClockKind::ALL`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
    /// What the latest escalation has to say to those who are asked.
    #[serde(default, skip_serializing_if = "Request::is_empty")]
    pub request: Request,
    /// An escalation that waits for a lead's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// The latest status update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<Update>,
    /// Its latest time at each vendor, the latest last; of several only that one can still last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub visits: Vec<Visit>,
    /// Who follows it, beside those whom the rotation files name.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub subscribers: BTreeSet<PersonId>,
    /// The ticket whose status updates count for this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<TicketId>,
    /// Since `resolve` ran out on this step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overran_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    /// It is resolved, and closes by itself then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<DateTime<Utc>>,
    /// Who refused it, or could not be reached: not asked again before `until`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declined: Vec<Declined>,
    /// Everybody who was asked since somebody last had it, and may still take it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Seat>,
    /// Who has received it by a handoff or an escalation, the latest last, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub received: Vec<Receipt>,
    /// How often it was reopened.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reopened: u32,
    /// Who had custody before, oldest first, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<Seat>,
    /// Who helps the holder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub helpers: Vec<Seat>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub briefing: Option<Briefing>,
    /// Which holder it is from; absent once somebody else has the ticket: it is not one for the next handoff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub briefed_by: Option<PersonId>,
    /// The last notes, oldest first, at most five: what a composed briefing is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recent: Vec<String>,
    /// The holder stays on until then, whatever the plan says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay_until: Option<DateTime<Utc>>,
    /// The holder's shift has ended and the ticket waits for the next one, which begins then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<DateTime<Utc>>,
    /// The team that went home while it was offered there, until it is offered again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_by: Option<TeamId>,
    /// Changes of custody, and of those asked, since the last progress, because a shift has ended.
    pub hops: u32,
    /// How often people have sent it back to a team that has had it, since somebody last got it forward.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub returns: u32,
    /// The hops at which a review was asked for last.
    pub reviewed_hops: u32,
    /// How often its dedup key came in.
    pub count: u32,
    /// The worst of these reports, where it is worse than the ticket's own facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Priority>,
    /// Since the whole path was walked without an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unattended_since: Option<DateTime<Utc>>,
    /// When what was personal in it was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<DateTime<Utc>>,
    /// How many events made it.
    pub seq: u32,
}

pub(super) fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Ticket {
    pub fn live(&self) -> bool {
        matches!(self.state, State::Waiting | State::Held | State::Pending)
    }

    /// Whether the running offer asks the notice's receiver, and by no earlier a notice than this one.
    pub fn asks_by(&self, notice: &Notice) -> bool {
        notice.asks()
            && self.offer.as_ref().is_some_and(|offer| {
                notice.at >= offer.since && (offer.ask.is_empty() || offer.ask.contains(&notice.to))
            })
    }
}

/// What the caller says about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// As asked for, before the raise rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Level>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Level>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// One the files know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// One they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_details: Option<Customer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub skills: BTreeSet<Skill>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub risk: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residency: Option<Residency>,
    /// The medium: `email`, `phone`, `api`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    #[serde(default, skip_serializing_if = "Audience::is_customer")]
    pub audience: Audience,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedup_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_ref: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nobody has custody yet, or parked.
    Waiting,
    /// By a person, or by a team's queue.
    Held,
    /// On the customer, a vendor or a date.
    Pending,
    Resolved,
    Closed,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Held => "held",
            State::Pending => "pending",
            State::Resolved => "resolved",
            State::Closed => "closed",
        }
    }
}

/// A person in a team.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Seat {
    pub person: PersonId,
    pub team: TeamId,
}

/// Who has custody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Holder {
    Person {
        person: PersonId,
        team: TeamId,
        since: DateTime<Utc>,
    },
    Queue {
        team: TeamId,
        since: DateTime<Utc>,
    },
    Nobody {
        reason: Alone,
        /// The desk looks again no later than this; absent while an offer runs, whose expiry says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        look_again: Option<DateTime<Utc>>,
    },
}

impl Holder {
    pub fn seat(&self) -> Option<Seat> {
        match self {
            Holder::Person { person, team, .. } => Some(Seat { person: person.clone(), team: team.clone() }),
            _ => None,
        }
    }

    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Holder::Person { person, .. } => Some(person),
            _ => None,
        }
    }

    pub fn team(&self) -> Option<&TeamId> {
        match self {
            Holder::Person { team, .. } | Holder::Queue { team, .. } => Some(team),
            Holder::Nobody { .. } => None,
        }
    }
}

/// Why nobody has custody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alone {
    /// Offered, not yet taken.
    Offered,
    /// Held back until the next opening that can serve it.
    Parked,
    /// Nobody who may serve it can be found at all; parked until somebody will be.
    NobodyAtAll,
    /// The holder gave it back.
    Released,
    /// The holder's shift ended and nobody has taken it yet.
    ShiftEnded,
    /// Resolved or closed: nobody needs to.
    Done,
}

impl Alone {
    pub fn as_str(self) -> &'static str {
        match self {
            Alone::Offered => "offered",
            Alone::Parked => "parked",
            Alone::NobodyAtAll => "nobody_at_all",
            Alone::Released => "released",
            Alone::ShiftEnded => "shift_ended",
            Alone::Done => "done",
        }
    }
}

/// A request to take a ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    pub kind: OfferKind,
    pub team: TeamId,
    /// The on-call line that is paged; absent: the people in their hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    /// Whom we ask first; for a page everybody on the line; empty: whoever in the team picks it.
    pub ask: Vec<PersonId>,
    /// Set where they do not speak the ticket's language but this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substitute_language: Option<Language>,
    pub since: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handoff: Option<HandoffId>,
    /// Of several stages of asking somebody, the notices that reached nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unheard: Vec<String>,
}

impl Offer {
    /// It wakes somebody up.
    pub fn is_page(&self) -> bool {
        self.line.is_some()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferKind {
    /// By the policy's path.
    Routing,
    /// Ahead of a shift end.
    Handoff,
    /// A person asked for the next tier, another team or skill.
    Escalation,
    /// A person gave it to somebody else.
    Reassignment,
    /// To help the holder, who stays.
    Join,
}

/// How far along its policy a ticket is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// The route that matched; absent: the organisation's default policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    pub policy: PolicyId,
    pub step: usize,
    /// Asked for by name: only this team, in place of all of the step's tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<TeamId>,
    /// The people in their hours have been asked on this step and did not answer.
    pub hours_asked: bool,
    /// How many lines of the step's `call` have been paged.
    pub lines_called: usize,
    /// The step's tier had too much to do, and others have been asked in its place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overflowed: bool,
    /// How often the whole path has been walked without an answer.
    pub round: u32,
    pub since: DateTime<Utc>,
}

/// A wait with a limit. It runs or stands still; what it has spent survives both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    #[serde(rename = "allowed_seconds", with = "seconds")]
    pub allowed: TimeDelta,
    /// Before `running_since`.
    #[serde(rename = "spent_seconds", with = "seconds")]
    pub spent: TimeDelta,
    pub clock: WaitClock,
    /// Absent: it stands still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running_since: Option<DateTime<Utc>>,
    /// When it runs out, as things stand; absent: it stands still, or not within sight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum WaitClock {
    Calendar,
    /// Only the open hours of that team count.
    Open {
        team: TeamId,
    },
    /// Only these business hours count.
    Business {
        hours: BusinessHoursId,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    pub on: PendingOn,
    /// The desk looks again then.
    pub until: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PendingOn {
    Customer,
    Vendor,
    Date,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Declined {
    pub seat: Seat,
    pub reason: String,
    pub until: DateTime<Utc>,
    /// No message got through: holds until the next round at most.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreached: bool,
}

/// What the receiver of a handoff needs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Briefing {
    pub summary: String,
    #[serde(default)]
    pub done_so_far: String,
    #[serde(default)]
    pub next_action: String,
    #[serde(default)]
    pub waiting_on: String,
    #[serde(default)]
    pub customer_mood: String,
    /// Nobody wrote it: it is composed from history.
    #[serde(default)]
    pub composed: bool,
}

/// Tickets that change hands at one boundary between two teams; seen, briefed and accepted as one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Handoff {
    pub id: HandoffId,
    pub boundary: DateTime<Utc>,
    pub from: TeamId,
    pub to: TeamId,
    /// In the order they were offered.
    pub items: Vec<HandoffItem>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandoffItem {
    pub ticket: TicketId,
    pub from: PersonId,
    pub outcome: HandoffOutcome,
    pub briefing: Briefing,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HandoffOutcome {
    Offered,
    Accepted {
        by: PersonId,
    },
    /// Nobody took it before the boundary: it went to the team's queue, or was paged.
    Passed,
    /// No longer part of it: resolved, kept, escalated, offered elsewhere.
    Withdrawn,
}

/// Durations as whole seconds.
pub(super) mod seconds {
    use chrono::TimeDelta;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(value: &TimeDelta, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(value.num_seconds())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<TimeDelta, D::Error> {
        let seconds = i64::deserialize(from)?;
        TimeDelta::try_seconds(seconds)
            .ok_or_else(|| serde::de::Error::custom("more seconds than we can count"))
    }
}
