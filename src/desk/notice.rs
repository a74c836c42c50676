//! Messages the desk wants told. They wait in the outbox until delivered or given up, visibly.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::TicketId;
use crate::schedule::{PersonId, Priority};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Stable over repeats, unique: receivers recognise a second copy by it.
    pub id: String,
    pub at: DateTime<Utc>,
    pub ticket: TicketId,
    pub priority: Priority,
    pub kind: NoticeKind,
    pub to: PersonId,
    /// One line.
    pub subject: String,
    pub text: String,
    /// Until when an answer counts, for offers and pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
}

impl Notice {
    /// Whether it asks its receiver to take the ticket.
    pub fn asks(&self) -> bool {
        matches!(self.kind, NoticeKind::Offer | NoticeKind::Page)
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
    /// A ticket circles without progress.
    Review,
    /// Nobody can be found.
    LastResort,
}

impl NoticeKind {
    pub fn as_str(self) -> &'static str {
        match self {
            NoticeKind::Offer => "offer",
            NoticeKind::Page => "page",
            NoticeKind::StandDown => "stand_down",
            NoticeKind::BriefingAsked => "briefing_asked",
            NoticeKind::Told => "told",
            NoticeKind::Review => "review",
            NoticeKind::LastResort => "last_resort",
        }
    }
}
