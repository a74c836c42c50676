//! Messages the desk wants told. They wait in the outbox until delivered or given up, visibly.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::ticket::seconds;
use super::{BriefPart, Briefing, ClockKind, HandoffId, Request, Stage, TicketId, Update, VendorReply};
use crate::coverage::Unready;
use crate::schedule::{
    Audience, Fraction, Language, LineId, PersonId, Priority, SlaId, TeamId, TierId, VendorId,
};

/// What happened, for one person to know. It becomes words when it goes out, in the receiver's language and zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Notice {
    /// Stable over repeats, unique: receivers recognise a second copy by it.
    pub id: String,
    pub at: DateTime<Utc>,
    /// Absent: it is about a shift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketId>,
    /// The ticket's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    pub kind: NoticeKind,
    /// A person, or a vendor; none has a name that the other has.
    pub to: PersonId,
    /// The ticket as it was then.
    pub about: About,
    pub says: Says,
    /// Until when an answer counts, for offers, pages and approvals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Absent: the only one by which its receiver is told that, and it goes out at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
}

impl Notice {
    /// Whether it asks its receiver to take the ticket.
    pub fn asks(&self) -> bool {
        matches!(self.kind, NoticeKind::Offer | NoticeKind::Page)
    }

    /// The batch of which it offers a ticket.
    pub fn handoff(&self) -> Option<HandoffId> {
        match &self.says {
            Says::Asked { handoff, .. } => *handoff,
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Please take it.
    Offer,
    /// Wake up and take it.
    Page,
    /// Somebody else has it.
    StandDown,
    /// Your shift ends: write a briefing.
    BriefingAsked,
    /// For your information: an escalation, an overrun.
    Told,
    /// May it go to the next tier?
    Approval,
    /// A ticket circles without progress.
    Review,
    /// Nobody can be found.
    LastResort,
    /// To those who follow it without working on it.
    News,
    /// Somebody begins a shift in which no page would reach them.
    ShiftCheck,
    /// To a vendor, and to none of our people.
    Vendor,
}

impl NoticeKind {
    pub fn as_str(self) -> &'static str {
        match self {
            NoticeKind::Offer => "offer",
            NoticeKind::Page => "page",
            NoticeKind::StandDown => "stand_down",
            NoticeKind::BriefingAsked => "briefing_asked",
            NoticeKind::Told => "told",
            NoticeKind::Approval => "approval",
            NoticeKind::Review => "review",
            NoticeKind::LastResort => "last_resort",
            NoticeKind::News => "news",
            NoticeKind::ShiftCheck => "shift_check",
            NoticeKind::Vendor => "vendor",
        }
    }
}

/// What a message shows of a ticket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct About {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Address of a page that tells how to solve such tickets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knowledge: Option<String>,
    #[serde(default, skip_serializing_if = "Audience::is_customer")]
    pub audience: Audience,
}

/// What a notice has to say, in values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "snake_case")]
pub enum Says {
    /// An offer or a page.
    Asked {
        how: Asked,
        team: TeamId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<LineId>,
        /// Of the answer, or of the shift that ends.
        until: DateTime<Utc>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        spoken: Option<Spoken>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        briefing: Option<Box<Briefing>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<Box<Request>>,
        /// Of which batch, where it is handed over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handoff: Option<HandoffId>,
        /// What a vendor that had it last says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vendor: Option<Box<VendorSaid>>,
    },
    /// A vendor is asked for help.
    VendorAsked {
        reason: String,
        request: Box<Request>,
        /// Of ours, whom they may turn to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contact: Option<PersonId>,
        /// When an answer is due.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
    },
    /// Nothing more is wanted of the vendor.
    VendorRecalled,
    /// Nothing is to be done.
    Relieved {
        why: Why,
    },
    BriefingAsked {
        to: TeamId,
        until: DateTime<Utc>,
    },
    /// Somebody asks to escalate it.
    Approval {
        by: PersonId,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<Box<Request>>,
        until: DateTime<Utc>,
        /// What silence means.
        goes_on: bool,
        /// Absent: it is to go to the next step.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        team: Option<TeamId>,
    },
    Told {
        why: Why,
    },
    LastResort {
        why: Why,
    },
    Review {
        hops: u32,
    },
    News {
        why: Why,
        /// What is new, where that is a status update.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        update: Option<Box<Update>>,
        /// By when the next one is owed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_by: Option<DateTime<Utc>>,
    },
    ShiftCheck {
        team: TeamId,
        /// When the shift begins.
        begins: DateTime<Utc>,
        unready: Vec<Unready>,
    },
    /// Made into words when it happened, by an earlier version.
    Words {
        subject: String,
        text: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    OnCall,
    Offered,
    HandedOver,
    Escalated,
    ToHelp,
}

/// The words of a vendor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VendorSaid {
    pub vendor: VendorId,
    #[serde(flatten)]
    pub reply: VendorReply,
}

/// They are asked for another language than the ticket's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spoken {
    pub ticket: Language,
    pub asked: Language,
}

/// Why somebody is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    Taken {
        person: PersonId,
    },
    Resolved,
    NotYours,
    Worse,
    NoLongerPending,
    NotTaken {
        team: TeamId,
    },
    NobodyAbove,
    NobodyHelps,
    EscalationUnanswered,
    Overran,
    OverranAlone,
    Unreached {
        person: PersonId,
    },
    StepNotTaken {
        tier: TierId,
    },
    StepEscalated {
        tier: TierId,
        reason: String,
    },
    NobodyBefore {
        until: DateTime<Utc>,
    },
    PathUnanswered,
    /// What was promised to the customer is in danger, or broken.
    Promises {
        passed: Vec<Passed>,
    },
    PromiseBroken {
        clock: ClockKind,
        tier: TierId,
    },
    LinkedResolved {
        ticket: TicketId,
    },
    /// What is said of that ticket stays within its residency now.
    LinkEnded {
        ticket: TicketId,
    },
    /// Back and forth between teams.
    SentBack {
        times: u32,
    },
    /// The escalation they asked for; absent: nobody answered in time.
    Approved {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<PersonId>,
    },
    NotApproved {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<PersonId>,
        reason: String,
    },
    Opened,
    /// Its facts changed, and now it is one of those they follow.
    ConcernsNow,
    Updated,
    SentOn {
        reason: String,
    },
    Reopened,
    /// The customer is unhappy.
    Unhappy {
        score: u8,
        said: String,
    },
    ReopenedAgain {
        times: u32,
    },
    VendorReplied {
        vendor: VendorId,
        #[serde(flatten)]
        reply: VendorReply,
    },
    VendorUnreached {
        vendor: VendorId,
    },
    /// It is gone from the files, or may not know of it any more.
    VendorWithdrawn {
        vendor: VendorId,
    },
    /// Whoever received it would have liked to know more.
    Judged {
        person: PersonId,
        missing: BTreeSet<BriefPart>,
        note: String,
    },
}

/// A warning or the breach of a promise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passed {
    pub clock: ClockKind,
    #[serde(rename = "promised_seconds", with = "seconds")]
    pub promised: TimeDelta,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<SlaId>,
    /// So much of it is spent; absent: all of it, and the promise is broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spent: Option<Fraction>,
    /// When it will be broken, as things stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<DateTime<Utc>>,
}

/// As rows have it, also those of earlier versions.
#[derive(Deserialize)]
struct Written {
    id: String,
    at: DateTime<Utc>,
    ticket: Option<TicketId>,
    priority: Option<Priority>,
    kind: NoticeKind,
    to: PersonId,
    #[serde(default)]
    about: About,
    says: Option<Says>,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    text: String,
    expires_at: Option<DateTime<Utc>>,
    stage: Option<Stage>,
}

impl From<Written> for Notice {
    fn from(written: Written) -> Notice {
        let Written { id, at, ticket, priority, kind, to, about, says, subject, text, expires_at, stage } =
            written;
        let says = says.unwrap_or(Says::Words { subject, text });
        Notice { id, at, ticket, priority, kind, to, about, says, expires_at, stage }
    }
}
