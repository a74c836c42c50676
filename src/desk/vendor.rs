//! A vendor is asked for help. Whoever of ours holds the ticket goes on holding it, and chases the vendor.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::choose::{Among, Through};
use super::verbs::filled;
use super::work::at_work;
use super::{
    Actor, ClockKind, Escalation, Notice, NoticeKind, Refusal, Request, Says, Seat, State, Ticket, WaitClock,
    What, Why,
};
use crate::schedule::{AtVendor, OnBreach, PersonId, Vendor, VendorId};

/// A ticket's latest time at one vendor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    pub vendor: VendorId,
    pub since: DateTime<Utc>,
    /// Absent: it is there still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// The latest of this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<VendorReply>,
}

/// What a vendor has to say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VendorReply {
    pub status: ReplyStatus,
    /// The number of the vendor's own case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplyStatus {
    /// It stays there, and the next answer is owed as soon as this one was.
    Working,
    Answered,
    Solved,
    Declined,
}

impl ReplyStatus {
    pub const ALL: [ReplyStatus; 4] =
        [ReplyStatus::Working, ReplyStatus::Answered, ReplyStatus::Solved, ReplyStatus::Declined];

    pub fn as_str(self) -> &'static str {
        match self {
            ReplyStatus::Working => "working",
            ReplyStatus::Answered => "answered",
            ReplyStatus::Solved => "solved",
            ReplyStatus::Declined => "declined",
        }
    }
}

impl Ticket {
    /// Where it is now, beside whoever of ours holds it.
    pub fn at_vendor(&self) -> Option<&Visit> {
        self.visits.last().filter(|visit| visit.until.is_none())
    }

    /// The visit that a question to a vendor began, if it still lasts.
    pub fn visit_begun_by(&self, notice: &Notice) -> Option<&Visit> {
        let asked = matches!(notice.says, Says::VendorAsked { .. });
        let visit = self.at_vendor().filter(|_| asked && self.live())?;
        (visit.vendor.as_str() == notice.to.as_str() && visit.since == notice.at).then_some(visit)
    }
}

impl<'a> Case<'a> {
    /// Somebody asks for it, whatever the policy says.
    pub fn ask_vendor(&mut self, vendor: VendorId, reason: String, request: Request) -> Result<(), Refusal> {
        self.must_be(&[State::Held], "sent to a vendor")?;
        filled("reason", &reason)?;
        self.must_carry(&request)?;
        self.must_have_a_hand()?;
        let refused = |why: String| Err(Refusal::Nowhere { ticket: self.ticket.id, why });
        let Some(known) = self.org.vendors.get(&vendor) else {
            let message = format!("no vendor {vendor:?} in the schedules");
            return Err(Refusal::Invalid { field: "to", message });
        };
        if let Some(visit) = self.ticket.at_vendor() {
            return refused(format!("it is at {} already; recall it first", visit.vendor));
        }
        if self.ticket.holder.person().is_none() {
            return refused(format!("nobody holds it who could chase {vendor}: acknowledge it first"));
        }
        let residency = self.profile().residency;
        if !known.may_know(residency.as_ref()) {
            let residency = residency.as_ref().map_or("", |residency| residency.as_str());
            return refused(format!("it stays within {residency}, and {vendor} may not know of it"));
        }
        self.send_to_vendor(Escalation::Functional, vendor, reason, request);
        Ok(())
    }

    /// The vendor that the step names, where it may be asked now and has not been asked from there yet.
    pub fn vendor_next(&self) -> Option<VendorId> {
        let named = self.step()?.vendor.as_ref()?;
        let (named, vendor) = self.org.vendors.get_key_value(named)?;
        let path = &self.ticket.path;
        let asked =
            self.ticket.visits.iter().any(|visit| visit.vendor == *named && visit.since >= path.since);
        let is_held = self.ticket.state == State::Held && self.ticket.holder.person().is_some();
        let free = is_held && self.ticket.at_vendor().is_none() && path.target.is_none();
        (free && !asked && vendor.may_know(self.profile().residency.as_ref())).then(|| named.clone())
    }

    /// It goes further of itself. False: no vendor is to be asked first.
    pub fn ask_vendor_next(&mut self, reason: &str) -> bool {
        let Some(vendor) = self.vendor_next() else { return false };
        let request = self.ticket.request.clone();
        self.send_to_vendor(Escalation::Automatic, vendor, reason.to_owned(), request);
        true
    }

    pub fn send_to_vendor(
        &mut self,
        kind: Escalation,
        vendor: VendorId,
        reason: String,
        mut request: Request,
    ) {
        if kind == Escalation::Automatic {
            self.note_automatic(reason.clone(), request.clone());
            self.note_system(What::VendorAsked { vendor: vendor.clone() });
        } else {
            request.by = self.by.person().cloned();
            let (reason, request) = (reason.clone(), request.clone());
            self.note(What::Escalated { kind, reason, request, returns: false });
            self.note(What::VendorAsked { vendor: vendor.clone() });
        }
        let Some(known) = self.org.vendors.get(&vendor) else { return };
        let due = self
            .vendor_reply_within(known)
            .and_then(|within| vendor_clock(known).reaches(self.rules.coverage, self.now, within));
        let says = Says::VendorAsked {
            reason,
            request: Box::new(Request { by: None, ..request }),
            contact: self.ticket.holder.person().cloned(),
            until: due,
        };
        self.tell(&PersonId::new(vendor.as_str()), NoticeKind::Vendor, says);
    }

    /// How soon the vendor is to answer; `None`: nothing is agreed at this priority.
    pub fn vendor_reply_within(&self, vendor: &Vendor) -> Option<chrono::TimeDelta> {
        let priority = &self.ticket.priority;
        let of_policy = self.policy().and_then(|policy| policy.vendor_reply_within.get(priority));
        of_policy.or_else(|| vendor.reply_within.get(priority)).copied()
    }

    /// Of the vendor where it is now.
    pub fn vendor_here(&self) -> Option<&'a Vendor> {
        self.org.vendors.get(&self.ticket.at_vendor()?.vendor)
    }

    /// Promises to customers stand still while it is at a vendor.
    pub fn vendor_pauses(&self) -> bool {
        self.policy().is_some_and(|policy| policy.clocks_at_vendor == AtVendor::Pause)
    }

    /// From the vendor, or of somebody of ours whom it has told. The same again changes nothing.
    pub fn vendor_replied(&mut self, reply: VendorReply) -> Result<(), Refusal> {
        let visit = match &self.by {
            Actor::Vendor(vendor) => self.ticket.visits.iter().find(|visit| visit.vendor == *vendor),
            _ => {
                self.must_have_a_hand()?;
                self.ticket.visits.last()
            }
        };
        let refused = |why: String| Err(Refusal::Nowhere { ticket: self.ticket.id, why });
        let Some(visit) = visit.cloned() else { return refused("it is at no vendor".to_owned()) };
        if visit.reply.as_ref() == Some(&reply) {
            return Ok(());
        }
        let vendor = visit.vendor;
        if visit.until.is_some() || !self.ticket.live() {
            return refused(format!("it is not at {vendor} any more"));
        }
        if reply.status != ReplyStatus::Working {
            filled("text", &reply.text)?;
        }
        self.note(What::VendorReplied { vendor: vendor.clone(), reply: reply.clone() });
        if reply.status != ReplyStatus::Working {
            self.back_from_vendor();
        }
        let said = Why::VendorReplied { vendor, reply };
        let holder = self.ticket.holder.person().filter(|holder| self.by.person() != Some(holder));
        self.inform(holder.cloned().into_iter().collect(), said);
        Ok(())
    }

    /// Its owner goes on with it if at work; else somebody who is, is asked. Where nobody is, the owner keeps it until their
    /// next shift, if the files say so.
    fn back_from_vendor(&mut self) {
        if self.ticket.state == State::Pending {
            self.note_system(What::Resumed { reason: "the vendor has answered".into() });
        }
        let stays = self.ticket.stay_until.is_some_and(|until| self.now < until);
        let away = |seat: &Seat| !stays && !at_work(self.rules.coverage, seat, self.pages(), self.now);
        let tier = |seat: &Seat| self.tier_of(&seat.team).cloned().map(Among::Tier);
        let others = |seat: &Seat| {
            let found = tier(seat).map(|among| self.candidates(&among, &Through::Hours, self.now));
            self.pages() || found.is_some_and(|found| found.best().is_some())
        };
        if let Some(seat) = self.ticket.holder.seat().filter(|seat| away(seat) && others(seat)) {
            self.shift_ended(&seat);
        }
        self.look();
    }

    pub fn recall(&mut self, reason: String) -> Result<(), Refusal> {
        filled("reason", &reason)?;
        self.must_have_a_hand()?;
        let Some(visit) = self.ticket.at_vendor().filter(|_| self.ticket.live()) else {
            return Err(Refusal::Nowhere { ticket: self.ticket.id, why: "it is at no vendor".into() });
        };
        let vendor = visit.vendor.clone();
        self.note(What::VendorRecalled { vendor: vendor.clone(), reason });
        self.tell_recalled(&vendor);
        self.look();
        Ok(())
    }

    /// Solved without the vendor.
    pub fn recall_resolved(&mut self) {
        let Some(vendor) = self.ticket.at_vendor().map(|visit| visit.vendor.clone()) else { return };
        let reason = "resolved".to_owned();
        self.note_system(What::VendorRecalled { vendor: vendor.clone(), reason });
        self.tell_recalled(&vendor);
    }

    /// No message has reached the vendor.
    pub fn vendor_unreached(&mut self, notice: &Notice, reason: &str) {
        let Some(visit) = self.ticket.visit_begun_by(notice) else { return };
        let vendor = visit.vendor.clone();
        let recalled = format!("could not be reached: {reason}");
        self.note_system(What::VendorRecalled { vendor: vendor.clone(), reason: recalled });
        let people = self.close_to_it();
        self.inform_somebody(people, Why::VendorUnreached { vendor });
    }

    /// A vendor that is gone from the files, or may not know of the ticket any more, does not have it.
    pub fn look_at_vendor(&mut self) {
        let Some(visit) = self.ticket.at_vendor().filter(|_| self.ticket.live()) else { return };
        let residency = self.profile().residency;
        if self.vendor_here().is_some_and(|vendor| vendor.may_know(residency.as_ref())) {
            return;
        }
        let vendor = visit.vendor.clone();
        let reason = "it is gone from the files, or may not know of it any more".to_owned();
        self.note_system(What::VendorRecalled { vendor: vendor.clone(), reason });
        let people = self.close_to_it();
        self.inform_somebody(people, Why::VendorWithdrawn { vendor });
    }

    fn tell_recalled(&mut self, vendor: &VendorId) {
        let residency = self.profile().residency;
        let may_know = self.org.vendors.get(vendor).is_some_and(|vendor| vendor.may_know(residency.as_ref()));
        if may_know {
            self.tell(&PersonId::new(vendor.as_str()), NoticeKind::Vendor, Says::VendorRecalled);
        }
    }

    /// The vendor has not answered in time.
    pub fn escalate_vendor(&mut self) {
        if self.policy().is_some_and(|policy| policy.on_vendor_breach == OnBreach::Escalate) {
            self.escalate_broken_promise(ClockKind::VendorReply);
        }
    }
}

/// What time counts for its answer.
pub(super) fn vendor_clock(vendor: &Vendor) -> WaitClock {
    match &vendor.business_hours {
        Some(hours) => WaitClock::Business { hours: hours.clone() },
        None => WaitClock::Calendar,
    }
}
