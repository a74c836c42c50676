//! What happened to a ticket. Append-only: state follows from it, nothing else does.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::clock::{maybe_seconds, milliseconds};
use super::ticket::{is_zero, seconds};
use super::{
    Actor, Alone, Approval, ApprovalEnd, Briefing, Clock, ClockKind, Declined, Facts, HandoffId, Offer, Path,
    Pending, Received, ReceivedKind, Request, Seat, Stage, TicketId, Update, VendorReply, Verdict, Wait,
};
use crate::schedule::{Fraction, LineId, PersonId, PolicyId, Priority, SlaId, TeamId, TierId, VendorId};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub ticket: TicketId,
    /// From 1, without holes.
    pub seq: u32,
    pub at: DateTime<Utc>,
    pub by: Actor,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    Opened {
        facts: Box<Facts>,
        priority: Priority,
    },
    /// Its dedup key came in again.
    Repeated {
        priority: Priority,
    },
    Changed {
        facts: Box<Facts>,
        priority: Priority,
    },
    /// On the path of a policy, from here on.
    PathTaken {
        path: Path,
        why: StepWhy,
    },
    /// How far the step has been tried: the people in their hours, and so many lines of its `call`.
    Tried {
        hours_asked: bool,
        lines_called: usize,
    },
    /// The step's tier has too much to do: that team is asked in its place.
    Overflowed {
        tier: TierId,
        to: TeamId,
    },
    Offered {
        offer: Offer,
        decision: Box<Explanation>,
    },
    /// The same offer, other people: a turn changed, somebody freed up.
    AskedOthers {
        ask: Vec<PersonId>,
        why: String,
    },
    OfferEnded {
        why: OfferEnd,
    },
    Declined {
        declined: Declined,
    },
    /// Custody of the team's queue.
    Queued {
        team: TeamId,
    },
    /// Nobody who could take it is at work there any more: the queue's custody lapses.
    QueueClosed {
        team: TeamId,
    },
    Acknowledged {
        seat: Seat,
        handoff: Option<HandoffId>,
        /// By which handoff or escalation it came.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        received: Option<Received>,
    },
    /// Helps the holder.
    Joined {
        seat: Seat,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        received: Option<Received>,
    },
    Parked {
        reason: Alone,
        until: DateTime<Utc>,
        decision: Box<Explanation>,
    },
    Released {
        seat: Seat,
        reason: String,
    },
    /// The holder went home, or fell ill, and nobody had taken it.
    ShiftEnded {
        seat: Seat,
    },
    /// The holder keeps it until the next shift.
    Kept {
        seat: Seat,
        until: DateTime<Utc>,
    },
    /// The one who kept it is at work again.
    BackAtWork {
        seat: Seat,
    },
    Stayed {
        until: DateTime<Utc>,
    },
    Briefed {
        briefing: Briefing,
    },
    /// Both waits as they are from now on.
    WaitsSet {
        acknowledge: Option<Wait>,
        resolve: Option<Wait>,
    },
    /// All clocks as they are from now on.
    ClocksSet {
        clocks: Vec<Clock>,
    },
    /// So much of a promise is spent.
    ClockWarned {
        clock: ClockKind,
        fraction: Fraction,
        due: Option<DateTime<Utc>>,
    },
    /// A promise was not kept.
    ClockBreached {
        clock: ClockKind,
        #[serde(rename = "promised_seconds", with = "seconds")]
        promised: TimeDelta,
        sla: Option<SlaId>,
    },
    /// What was promised has happened, perhaps late.
    ClockMet {
        clock: ClockKind,
        #[serde(rename = "spent_milliseconds", with = "milliseconds")]
        spent: TimeDelta,
        /// Absent: nothing was promised.
        #[serde(
            rename = "promised_seconds",
            default,
            skip_serializing_if = "Option::is_none",
            with = "maybe_seconds"
        )]
        promised: Option<TimeDelta>,
    },
    /// A status update.
    Updated {
        update: Update,
    },
    /// A vendor is asked for help; whoever holds it goes on holding it.
    VendorAsked {
        vendor: VendorId,
    },
    /// Unless it is still working on it, it is not there any more.
    VendorReplied {
        vendor: VendorId,
        #[serde(flatten)]
        reply: VendorReply,
    },
    /// It is not at the vendor any more, which has not said so.
    VendorRecalled {
        vendor: VendorId,
        reason: String,
    },
    /// Follows it from here on.
    Subscribed {
        person: PersonId,
    },
    Unsubscribed {
        person: PersonId,
    },
    /// What is said of that ticket is said of this one.
    Linked {
        to: TicketId,
    },
    Unlinked,
    Escalated {
        kind: Escalation,
        reason: String,
        #[serde(default, skip_serializing_if = "Request::is_empty")]
        request: Request,
        /// To a team that has had it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        returns: bool,
    },
    /// To go to the next tier, which a lead has to approve.
    ApprovalAsked {
        approval: Approval,
    },
    ApprovalEnded {
        how: ApprovalEnd,
        /// Why it is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Somebody gave it to somebody else.
    Reassigned {
        reason: String,
        /// To a team that has had it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        returns: bool,
    },
    /// `resolve_within` ran out.
    Overran {
        action: String,
    },
    /// The whole path was walked and nobody answered.
    Unattended {
        round: u32,
    },
    /// Too many hops without progress: the next tier's lead is told.
    ReviewAsked {
        hops: u32,
        told: Vec<PersonId>,
    },
    Told {
        people: Vec<PersonId>,
        why: String,
    },
    /// A message reached nobody.
    NoticeFailed {
        notice: String,
        to: PersonId,
        reason: String,
        /// It was one of several by which they were asked the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<Stage>,
    },
    Noted {
        text: String,
        progress: bool,
    },
    Pended {
        pending: Pending,
        reason: String,
    },
    Resumed {
        reason: String,
    },
    Resolved {
        notes: String,
        cause: Option<String>,
        /// When it closes by itself; absent: somebody has to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        closes_at: Option<DateTime<Utc>>,
    },
    Closed {
        reason: String,
    },
    Reopened {
        reason: String,
        /// How often it has been by now; 0: an earlier version did not count.
        #[serde(default, skip_serializing_if = "is_zero")]
        times: u32,
    },
    Feedback {
        score: u8,
        text: String,
    },
    /// Whoever received it says whether what came with it was good enough.
    Judged {
        kind: ReceivedKind,
        /// Who handed it over, or sent it on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<PersonId>,
        received_at: DateTime<Utc>,
        verdict: Verdict,
        /// Their verdict of before.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        replaces: bool,
    },
    /// What was personal in all of its history is gone.
    Erased {
        /// Its customer is a pseudonym from then on, in what was before, too.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        forgotten: bool,
    },
}

/// Why a ticket stands on that step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepWhy {
    /// New, or its facts or the files changed.
    Routed,
    /// Nobody answered the step before.
    NotAnswered,
    /// Nobody serves the step before, or it passes tickets on when closed.
    Skipped,
    /// The step before only tells.
    TellOnly,
    /// A person asked.
    Asked,
    /// `resolve_within` ran out.
    Overrun,
    /// What was promised to the customer was not kept.
    PromiseBroken,
    /// From the start again: nobody on the whole path answered.
    NextRound,
    Reopened,
    /// It was reopened once more than its policy takes.
    ReopenedAgain,
    /// The customer is unhappy with it.
    Unhappy,
    /// The holder's shift ended: on the step of the holder's tier.
    ShiftEnded,
    /// Somebody of another tier has taken it: on that tier's step.
    Taken,
    /// Nobody has taken what the holder sent on: back on the step of the holder's tier.
    HeldStill,
}

impl StepWhy {
    /// An escalation, asked for or automatic; a handoff, a reassignment or an edited file is none.
    pub fn escalates(self) -> bool {
        match self {
            StepWhy::NotAnswered
            | StepWhy::Skipped
            | StepWhy::TellOnly
            | StepWhy::Asked
            | StepWhy::Overrun
            | StepWhy::PromiseBroken
            | StepWhy::ReopenedAgain
            | StepWhy::Unhappy
            | StepWhy::NextRound => true,
            StepWhy::Routed
            | StepWhy::Reopened
            | StepWhy::ShiftEnded
            | StepWhy::Taken
            | StepWhy::HeldStill => false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferEnd {
    Expired,
    Declined,
    /// Those asked went home before anybody took it.
    WentHome,
    /// No message reached those asked.
    NotReached,
    /// What it was made for is no longer so: the ticket or the files changed.
    Withdrawn,
    /// The shift ended before anybody took it.
    Boundary,
}

impl OfferEnd {
    pub const ALL: [OfferEnd; 6] = [
        OfferEnd::Expired,
        OfferEnd::Declined,
        OfferEnd::WentHome,
        OfferEnd::NotReached,
        OfferEnd::Withdrawn,
        OfferEnd::Boundary,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            OfferEnd::Expired => "expired",
            OfferEnd::Declined => "declined",
            OfferEnd::WentHome => "went_home",
            OfferEnd::NotReached => "not_reached",
            OfferEnd::Withdrawn => "withdrawn",
            OfferEnd::Boundary => "boundary",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Escalation {
    /// A wait ran out.
    Automatic,
    /// Asked: the next tier.
    Hierarchical,
    /// Asked: another team or skill.
    Functional,
}

/// Why a decision went as it did; the rest can be computed again from the revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// One or two sentences for a person.
    pub text: String,
    pub at: DateTime<Utc>,
    pub revision: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    pub policy: PolicyId,
    pub step: usize,
    pub tier: TierId,
    /// What is promised to the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<SlaId>,
    pub outcome: Outcome,
    /// Best first, at most five.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<Rejected>,
    /// How many candidates fell for each reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<Reason, usize>,
    /// Live tickets of the people it weighed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub loads: BTreeMap<PersonId, u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// Offered to people in their hours.
    Offer {
        team: TeamId,
        ask: Vec<PersonId>,
    },
    Page {
        team: TeamId,
        line: LineId,
        ask: Vec<PersonId>,
    },
    /// Into the team's queue: nobody has room.
    Queue {
        team: TeamId,
    },
    /// Held back until that team, or whoever else can by then, serves it.
    Park {
        team: TeamId,
        until: DateTime<Utc>,
    },
    /// Nobody who may serve it within sight.
    Nobody {
        look_again: DateTime<Utc>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rejected {
    pub team: TeamId,
    pub reason: Reason,
    /// In words: "closed until 2026-03-30T06:00:00Z".
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Residency,
    Skill,
    Language,
    NobodyAtWork,
    Declined,
    /// Only the holder could take it there.
    HoldsIt,
    /// It could have served, but another ranks before it.
    RankedLower,
}
