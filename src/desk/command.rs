//! What can be asked of the desk, and what it answers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Briefing, Explanation, Facts, HandoffId, Notice, PendingOn, Request, ShiftCheck, Ticket, TicketId,
    Update, VendorReply, Verdict,
};
use crate::schedule::{
    Audience, Customer, CustomerId, Language, PersonId, Priority, RegionId, Residency, ServiceId, Skill,
    TeamId, VendorId,
};

#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    pub by: Actor,
    pub action: Action,
}

impl Command {
    pub fn system(action: Action) -> Command {
        Command { by: Actor::System, action }
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "lowercase")]
pub enum Actor {
    Person(PersonId),
    /// A program or an administrator, by the name of its token.
    Token(String),
    /// By the link in a message of ours.
    Vendor(VendorId),
    /// The daemon itself: a wait ran out, a shift ends.
    System,
}

impl Actor {
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Actor::Person(person) => Some(person),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Open(Box<Facts>),
    On(TicketId, Verb),
    /// Takes the tickets of a batch that are offered to the caller's team: all, or those named.
    AcceptHandoff {
        handoff: HandoffId,
        tickets: Option<Vec<TicketId>>,
    },
    /// People begin a shift in which no page would reach them.
    TellUnready(Box<ShiftCheck>),
    /// A message could not be delivered to its receiver.
    NoticeFailed {
        notice: Box<Notice>,
        reason: String,
    },
}

impl Action {
    /// The ticket it is about, where it names one.
    pub fn ticket(&self) -> Option<TicketId> {
        match self {
            Action::On(ticket, _) => Some(*ticket),
            Action::NoticeFailed { notice, .. } => notice.ticket,
            Action::Open(_) | Action::AcceptHandoff { .. } | Action::TellUnready(_) => None,
        }
    }
}

/// What can be done to one ticket.
#[derive(Clone, Debug, PartialEq)]
pub enum Verb {
    /// Decide again from what is true now.
    Wake,
    Change(Box<Patch>),
    Acknowledge,
    Decline {
        reason: String,
    },
    Release {
        reason: String,
    },
    /// To the policy's next step.
    EscalateHierarchical {
        reason: String,
        request: Box<Request>,
    },
    /// To another team, or whoever has the skills; neither: the service's owner.
    EscalateFunctional {
        reason: String,
        request: Box<Request>,
        team: Option<TeamId>,
        skills: BTreeSet<Skill>,
    },
    /// What somebody has asked for goes to the next step.
    Approve,
    Refuse {
        reason: String,
    },
    /// A vendor is asked for help.
    AskVendor {
        vendor: VendorId,
        reason: String,
        request: Box<Request>,
    },
    /// What the vendor says that has it.
    VendorReply(VendorReply),
    /// No vendor is to go on with it.
    Recall {
        reason: String,
    },
    /// To a person, a team, or a person in a team.
    Reassign {
        reason: String,
        team: Option<TeamId>,
        person: Option<PersonId>,
    },
    Brief(Briefing),
    Stay {
        until: DateTime<Utc>,
    },
    Note {
        text: String,
        progress: bool,
    },
    /// How things stand, for the customer and whoever else waits.
    Update(Update),
    /// To follow it; absent: whoever asks.
    Subscribe {
        person: Option<PersonId>,
    },
    Unsubscribe {
        person: Option<PersonId>,
    },
    /// To a ticket whose status updates count for this one.
    Link {
        to: TicketId,
    },
    Unlink,
    /// `until` absent: the default look-again of three days.
    Pend {
        on: PendingOn,
        until: Option<DateTime<Utc>>,
        reason: String,
    },
    Resume {
        reason: String,
    },
    Resolve {
        notes: String,
        cause: Option<String>,
    },
    Close {
        reason: String,
    },
    Reopen {
        reason: String,
    },
    Feedback {
        score: u8,
        text: String,
    },
    /// Whether what came with it was good enough for whoever received it.
    Judge(Verdict),
}

/// New values for some facts; absent ones stay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    pub title: Option<String>,
    pub description: Option<String>,
    pub priority: Option<Priority>,
    pub category: Option<String>,
    pub customer: Option<CustomerId>,
    pub customer_details: Option<Customer>,
    pub service: Option<ServiceId>,
    pub language: Option<Language>,
    pub region: Option<RegionId>,
    pub skills: Option<BTreeSet<Skill>>,
    pub risk: Option<BTreeSet<String>>,
    pub residency: Option<Residency>,
    pub external_ref: Option<String>,
    pub audience: Option<Audience>,
    pub labels: Option<BTreeMap<String, String>>,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    Ticket {
        ticket: Box<Ticket>,
        /// False where a dedup key matched a live ticket.
        created: bool,
        /// The last routing decision this command brought about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decision: Option<Box<Explanation>>,
    },
    Handoff {
        handoff: HandoffId,
        accepted: Vec<TicketId>,
        /// With the reason in words.
        refused: BTreeMap<TicketId, String>,
    },
    /// Whom a message goes to that is about no ticket.
    Told { to: Vec<PersonId> },
}

/// Why the desk will not do it; a normal day. Nothing has changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no ticket {ticket}")]
    UnknownTicket { ticket: TicketId },
    #[error("there is no handoff {handoff}")]
    UnknownHandoff { handoff: HandoffId },
    #[error("ticket {ticket} is {state}, so it cannot be {verb}")]
    WrongState { ticket: TicketId, state: &'static str, verb: &'static str },
    #[error("{field}: {message}")]
    Invalid { field: &'static str, message: String },
    #[error("only a person can do this: sign in as one, or name one")]
    NeedsPerson,
    #[error(
        "ticket {ticket} is not offered to {person}, and {person} is not at work in a team it is offered to"
    )]
    NotOffered { ticket: TicketId, person: PersonId },
    #[error("ticket {ticket} is held by {holder}, not by {person}")]
    NotHolder { ticket: TicketId, holder: String, person: PersonId },
    #[error("ticket {ticket} may only be seen by people of residency {residency}, which {person} is not")]
    Residency { ticket: TicketId, residency: Residency, person: PersonId },
    #[error("ticket {ticket}: {why}")]
    Nowhere { ticket: TicketId, why: String },
}
