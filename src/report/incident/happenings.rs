//! What happened, a sentence for each event that people would tell one another of.

use super::names::Names;
use crate::desk::{
    BriefPart, Briefing, Escalation, Event, Offer, OfferEnd, OfferKind, PendingOn, Verdict, What,
};

impl Names<'_> {
    /// `None`: the desk's own bookkeeping.
    pub fn happening(&self, event: &Event) -> Option<String> {
        let because = |reason: &str| match self.line(reason) {
            reason if reason.is_empty() => String::new(),
            reason => format!(": {reason}"),
        };
        Some(match &event.what {
            What::Opened { priority, .. } => format!("opened as {priority}"),
            What::Repeated { priority } => format!("reported again, {priority}"),
            What::Changed { priority, .. } => format!("facts changed, {priority}"),
            What::PathTaken { path, why } if why.escalates() => {
                format!("step {} of the policy {}", path.step + 1, path.policy)
            }
            What::Offered { offer, .. } => self.offered(offer),
            What::AskedOthers { ask, why } => format!("now asked: {}{}", self.asked(ask), because(why)),
            What::OfferEnded { why } => ended(*why).to_owned(),
            What::Declined { declined } => {
                format!("{} cannot take it{}", self.person(&declined.seat.person), because(&declined.reason))
            }
            What::Queued { team } => format!("in the queue of {}", self.team(team)),
            What::QueueClosed { team } => format!("no longer in the queue of {}", self.team(team)),
            What::Acknowledged { seat, handoff, .. } => {
                let how = if handoff.is_some() { "took it over" } else { "took it" };
                format!("{} ({}) {how}", self.person(&seat.person), self.team(&seat.team))
            }
            What::Joined { seat, .. } => {
                format!("{} ({}) helps", self.person(&seat.person), self.team(&seat.team))
            }
            What::Parked { until, .. } => format!("parked until {}", self.time(*until)),
            What::Released { reason, .. } => format!("given back{}", because(reason)),
            What::ShiftEnded { seat } => format!("the shift of {} ended", self.person(&seat.person)),
            What::Kept { seat, until } => {
                format!("kept for {} until {}", self.person(&seat.person), self.time(*until))
            }
            What::BackAtWork { seat } => format!("{} is back at work", self.person(&seat.person)),
            What::Stayed { until } => format!("the holder stays until {}", self.time(*until)),
            What::Briefed { briefing } => format!("briefing: {}", self.briefing(briefing)),
            What::ClockWarned { clock, fraction, .. } => format!("{fraction} of the promised {clock} gone"),
            What::ClockBreached { clock, .. } => format!("promise broken: {clock}"),
            What::ClockMet { clock, promised: Some(promised), spent } => match spent < promised {
                true => format!("promise kept: {clock}"),
                false => format!("{clock}, later than promised"),
            },
            What::Updated { update } => format!("status update: {}", self.line(&update.status)),
            What::Escalated { kind, reason, .. } => format!("{}{}", escalation(*kind), because(reason)),
            What::ApprovalAsked { approval } => {
                let (by, lead) = (self.person(&approval.by), self.person(&approval.lead));
                format!("{by} asks to escalate it{}: {lead} is to approve that", because(&approval.reason))
            }
            What::ApprovalEnded { how, reason } => {
                format!("escalation {}{}", how.as_str().replace('_', " "), because(reason))
            }
            What::Reassigned { reason, .. } => format!("reassigned{}", because(reason)),
            What::Overran { action } => format!("not resolved in time{}", because(action)),
            What::Unattended { round } => format!("nobody on the whole path answered (round {round})"),
            What::ReviewAsked { hops, told } => {
                format!("{hops} changes of hands without progress: {} told", self.asked(told))
            }
            What::Told { people, why } => format!("told {}{}", self.people(people), because(why)),
            What::NoticeFailed { to, reason, .. } => {
                let vendor = self.vendor_named(to);
                let name = vendor.unwrap_or_else(|| self.person(to));
                format!("{name} could not be reached{}", because(reason))
            }
            What::VendorAsked { vendor } => format!("{} asked for help", self.vendor(vendor)),
            What::VendorReplied { vendor, reply } => {
                let case =
                    reply.case.as_deref().map_or(String::new(), |case| format!(", case {}", self.line(case)));
                let said = because(&reply.text);
                format!("{} answers: {}{case}{said}", self.vendor(vendor), reply.status.as_str())
            }
            What::VendorRecalled { vendor, reason } => {
                format!("no longer at {}{}", self.vendor(vendor), because(reason))
            }
            What::Subscribed { person } => format!("{} follows it", self.person(person)),
            What::Unsubscribed { person } => format!("{} follows it no longer", self.person(person)),
            What::Linked { to } => format!("linked to ticket {to}"),
            What::Unlinked => "linked no longer".to_owned(),
            What::Noted { text, progress } => {
                format!("{}{}", if *progress { "progress" } else { "note" }, because(text))
            }
            What::Pended { pending, reason } => {
                let on = match pending.on {
                    PendingOn::Customer => "the customer",
                    PendingOn::Vendor => "a vendor",
                    PendingOn::Date => "a date",
                };
                format!("pending on {on} until {}{}", self.time(pending.until), because(reason))
            }
            What::Resumed { reason } => format!("no longer pending{}", because(reason)),
            What::Resolved { notes, .. } => format!("resolved{}", because(notes)),
            What::Closed { reason } => format!("closed{}", because(reason)),
            What::Reopened { reason, .. } => format!("reopened{}", because(reason)),
            What::Feedback { score, text } => format!("the customer gives {score} of 5{}", because(text)),
            What::Judged { kind, from, verdict, .. } => {
                let from = from.as_ref().map_or(String::new(), |from| format!(" from {}", self.person(from)));
                format!("verdict on the {}{from}: {}", kind.as_str(), self.verdict(verdict))
            }
            What::Overflowed { tier, to } => {
                format!("{tier} has too much to do: {} asked in its place", self.team(to))
            }
            What::Erased { forgotten: false } => "what was written in it is erased".to_owned(),
            What::Erased { forgotten: true } => {
                "what was written in it is erased, and its customer's name".to_owned()
            }
            What::PathTaken { .. }
            | What::Tried { .. }
            | What::WaitsSet { .. }
            | What::ClocksSet { .. }
            | What::ClockMet { .. } => return None,
        })
    }

    fn offered(&self, offer: &Offer) -> String {
        let (team, asked) = (self.team(&offer.team), self.asked(&offer.ask));
        match (offer.kind, &offer.line) {
            (OfferKind::Handoff, _) => format!("handover offered to {team} ({asked})"),
            (OfferKind::Join, _) => format!("{team} ({asked}) asked to help"),
            (_, Some(line)) => format!("{asked} paged, on call for {team} ({})", self.line(line.as_str())),
            (OfferKind::Escalation, None) => format!("escalation offered to {team} ({asked})"),
            (OfferKind::Routing | OfferKind::Reassignment, None) => format!("offered to {team} ({asked})"),
        }
    }

    fn asked(&self, people: &[crate::schedule::PersonId]) -> String {
        if people.is_empty() { "whoever takes it".to_owned() } else { self.people(people) }
    }

    fn briefing(&self, briefing: &Briefing) -> String {
        let parts = [
            ("", &briefing.summary),
            ("done so far: ", &briefing.done_so_far),
            ("next action: ", &briefing.next_action),
            ("waiting on: ", &briefing.waiting_on),
            ("the customer's mood: ", &briefing.customer_mood),
        ];
        let parts = parts.into_iter().map(|(name, text)| (name, self.line(text)));
        let parts = parts.filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("{name}{text}"));
        parts.collect::<Vec<_>>().join("; ")
    }

    pub fn verdict(&self, verdict: &Verdict) -> String {
        let missing: Vec<String> = verdict.missing.iter().map(|part| part_words(*part)).collect();
        let said = match (verdict.good, missing.is_empty()) {
            (true, _) => "good enough".to_owned(),
            (false, true) => "not good enough".to_owned(),
            (false, false) => format!("missing {}", missing.join(", ")),
        };
        match self.line(&verdict.note) {
            note if note.is_empty() => said,
            note => format!("{said} ({note})"),
        }
    }
}

fn part_words(part: BriefPart) -> String {
    part.as_str().replace('_', " ")
}

pub(super) fn escalation(kind: Escalation) -> &'static str {
    match kind {
        Escalation::Automatic => "escalated automatically",
        Escalation::Hierarchical => "escalated to the next step",
        Escalation::Functional => "escalated to others",
    }
}

fn ended(why: OfferEnd) -> &'static str {
    match why {
        OfferEnd::Expired => "nobody answered in time",
        OfferEnd::Declined => "declined",
        OfferEnd::WentHome => "those asked went home",
        OfferEnd::NotReached => "no message got through",
        OfferEnd::Withdrawn => "no longer offered",
        OfferEnd::Boundary => "not taken before the shift ended",
    }
}
