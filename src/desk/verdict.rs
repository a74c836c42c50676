//! What whoever receives a ticket thinks of what came with it: whether it was enough, and what was missing.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::{Holder, Offer, OfferKind, Refusal, Seat, What, Why};
use crate::schedule::PersonId;

/// A part of a briefing, or of an escalation's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BriefPart {
    Summary,
    DoneSoFar,
    NextAction,
    WaitingOn,
    CustomerMood,
    StepsTaken,
    Impact,
    HelpWanted,
    TimeLimit,
    Customer,
}

impl BriefPart {
    pub const ALL: [BriefPart; 10] = [
        BriefPart::Summary,
        BriefPart::DoneSoFar,
        BriefPart::NextAction,
        BriefPart::WaitingOn,
        BriefPart::CustomerMood,
        BriefPart::StepsTaken,
        BriefPart::Impact,
        BriefPart::HelpWanted,
        BriefPart::TimeLimit,
        BriefPart::Customer,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            BriefPart::Summary => "summary",
            BriefPart::DoneSoFar => "done_so_far",
            BriefPart::NextAction => "next_action",
            BriefPart::WaitingOn => "waiting_on",
            BriefPart::CustomerMood => "customer_mood",
            BriefPart::StepsTaken => "steps_taken",
            BriefPart::Impact => "impact",
            BriefPart::HelpWanted => "help_wanted",
            BriefPart::TimeLimit => "time_limit",
            BriefPart::Customer => "customer",
        }
    }

    /// Whether it can be missing there.
    pub fn is_of(self, kind: ReceivedKind) -> bool {
        let of_briefing = matches!(
            self,
            BriefPart::Summary
                | BriefPart::DoneSoFar
                | BriefPart::NextAction
                | BriefPart::WaitingOn
                | BriefPart::CustomerMood
        );
        match kind {
            ReceivedKind::Handoff => of_briefing,
            ReceivedKind::Escalation => !of_briefing || self == BriefPart::Summary,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceivedKind {
    /// With a briefing.
    Handoff,
    /// With a request, be it to take it or to help.
    Escalation,
}

impl ReceivedKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ReceivedKind::Handoff => "handoff",
            ReceivedKind::Escalation => "escalation",
        }
    }
}

/// How a ticket came to somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Received {
    pub kind: ReceivedKind,
    /// Who handed it over, or sent it on; absent: nobody did, a wait ran out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<PersonId>,
}

/// The last handoff or escalation that somebody has received, and what they think of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    pub person: PersonId,
    pub at: DateTime<Utc>,
    #[serde(flatten)]
    pub received: Received,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Good enough to go on with.
    pub good: bool,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub missing: BTreeSet<BriefPart>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Verdict {
    fn check(&self, kind: ReceivedKind) -> Result<(), Refusal> {
        let invalid = |field, message: String| Err(Refusal::Invalid { field, message });
        if let Some(part) = self.missing.iter().find(|part| !part.is_of(kind)) {
            let parts = BriefPart::ALL.iter().filter(|part| part.is_of(kind)).map(|part| part.as_str());
            let parts = parts.collect::<Vec<_>>().join(", ");
            let (part, kind) = (part.as_str(), kind.as_str());
            return invalid("missing", format!("`{part}` is no part of a {kind}: these are {parts}"));
        }
        if self.good && !self.missing.is_empty() {
            return invalid(
                "missing",
                "what was good enough missed nothing: leave one of the two out".into(),
            );
        }
        if !self.good && self.missing.is_empty() && super::is_blank(&self.note) {
            return invalid("missing", "say what was missing, or write a `note`".into());
        }
        Ok(())
    }
}

impl Case<'_> {
    /// How it comes to whoever takes it from that seat; `None`: nobody had it before, somebody just gave it to them, or
    /// they were asked before this offer.
    pub fn received_by(&self, offer: Option<&Offer>, seat: &Seat) -> Option<Received> {
        let offer = offer.filter(|offer| offer.team == seat.team)?;
        match offer.kind {
            OfferKind::Handoff => {
                let from = match &self.ticket.holder {
                    Holder::Person { person, .. } => Some(person.clone()),
                    Holder::Queue { .. } | Holder::Nobody { .. } => None,
                };
                Some(Received { kind: ReceivedKind::Handoff, from })
            }
            OfferKind::Escalation | OfferKind::Join => {
                Some(Received { kind: ReceivedKind::Escalation, from: self.ticket.request.by.clone() })
            }
            // Nobody took it ahead of the shift end, and there is a briefing all the same.
            OfferKind::Routing => {
                let left = self.ticket.past.last().map(|seat| &seat.person);
                let from = self.ticket.briefed_by.clone().filter(|author| left == Some(author))?;
                Some(Received { kind: ReceivedKind::Handoff, from: Some(from) })
            }
            OfferKind::Reassignment => None,
        }
    }

    /// Only whoever received it can tell. Another verdict takes the place of the one before, and both stay in the history.
    pub fn judge(&mut self, verdict: Verdict) -> Result<(), Refusal> {
        let person = self.by.person().cloned().ok_or(Refusal::NeedsPerson)?;
        let Some(receipt) = self.ticket.received.iter().find(|receipt| receipt.person == person).cloned()
        else {
            let why =
                format!("{person} has received it by no handoff and no escalation, so cannot judge one");
            return Err(Refusal::Nowhere { ticket: self.ticket.id, why });
        };
        let Received { kind, from } = receipt.received;
        verdict.check(kind)?;
        if receipt.verdict.as_ref() == Some(&verdict) {
            return Ok(());
        }
        let Verdict { good, missing, note } = verdict.clone();
        let (received_at, replaces) = (receipt.at, receipt.verdict.is_some());
        self.note(What::Judged { kind, from: from.clone(), received_at, verdict, replaces });
        let author = from.filter(|author| !good && *author != person);
        self.inform(author.into_iter().collect(), Why::Judged { person, missing, note });
        Ok(())
    }
}
