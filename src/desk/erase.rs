//! What of a ticket is personal, and what stays of it as figures: the one place that says so.
//!
//! What people wrote goes, and whatever leads to somebody outside the house: titles, descriptions, notes, reasons, briefings,
//! requests, updates, comments, labels, keys of other systems. Times, teams, the house's own people, priorities,
//! categories, languages, regions, clocks, scores and listed causes stay, so that every report counts as before.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::audit::{Flaw, Retelling};
use super::case::Case;
use super::{
    About, Actor, Briefing, Event, Explanation, Facts, HandoffItem, Notice, Refusal, Request, Says, Ticket,
    Update, VendorReply, What, Why,
};
use crate::schedule::Customer;

/// Stands where something was written.
pub const ERASED: &str = "(erased)";

/// By what something is erased.
pub struct Erasure<'a> {
    /// The causes that the files list are codes, and stay; any other is somebody's words.
    pub causes: &'a [String],
    /// What stands for the name of a customer whom the files do not know: the same for the same name.
    pub pseudonym: &'a (dyn Fn(&str) -> String + Send + Sync),
    /// Who is to be forgotten as a customer, too; absent: customers whom the files know stay who they are.
    pub forgotten: Option<&'a Forgotten>,
}

/// A customer of whom nothing is to lead back.
#[derive(Clone, Debug, PartialEq)]
pub struct Forgotten {
    /// The id in the files, or the name that tickets give, and what stands for that already.
    pub names: BTreeSet<String>,
    pub pseudonym: String,
    /// When it was asked for: tickets that were opened later are not meant.
    pub until: DateTime<Utc>,
    /// What the files say, or said; reports go on by the class, language, region and residency of it.
    pub known: Option<Customer>,
}

impl Forgotten {
    /// Whether these facts name the customer.
    pub fn is_named_by(&self, facts: &Facts) -> bool {
        let id = facts.customer.as_ref().map(|id| id.as_str());
        let name = facts.customer_details.as_ref().map(|customer| customer.name.as_str());
        [id, name].into_iter().flatten().any(|named| self.names.contains(named))
    }

    /// Whether a ticket is, or has ever been, this customer's, and was opened in time.
    pub fn is_of(&self, history: &[Event]) -> bool {
        let in_time = history.first().is_some_and(|first| first.at <= self.until);
        in_time
            && history.iter().any(|event| match &event.what {
                What::Opened { facts, .. } | What::Changed { facts, .. } => self.is_named_by(facts),
                _ => false,
            })
    }

    fn stand_in(&self, facts: &mut Facts) {
        if !self.is_named_by(facts) {
            return;
        }
        let of_caller = facts.customer_details.take();
        let known = of_caller.or_else(|| self.known.clone());
        let known = known.unwrap_or(Customer {
            name: String::new(),
            class: None,
            language: None,
            region: None,
            residency: None,
            sla: None,
        });
        facts.customer = None;
        facts.customer_details = Some(Customer { name: self.pseudonym.clone(), ..known });
    }

    /// Names of routes may have the customer's in them.
    fn take_out_of(&self, text: &mut String) {
        let names = self.names.iter().map(String::as_str);
        let names = names.chain(self.known.iter().map(|known| known.name.as_str()));
        if names.filter(|name| !name.is_empty()).any(|name| has_word(text, name)) {
            *text = ERASED.to_owned();
        }
    }
}

/// Whether it stands in the text as a word of its own, in capitals or not.
pub fn has_word(text: &str, word: &str) -> bool {
    let (text, word) = (text.to_lowercase(), word.to_lowercase());
    let mut found = text.match_indices(&word);
    found.any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}

/// What is left of a ticket and its history; the last event says that it was erased.
#[derive(Clone, Debug, PartialEq)]
pub struct Erased {
    pub ticket: Ticket,
    pub history: Vec<Event>,
}

/// A whole history without what is personal, and the state that it leads to. A history that cannot be true is left alone.
pub fn erase(history: &[Event], erasure: &Erasure, now: DateTime<Utc>) -> Result<Erased, Vec<Flaw>> {
    let Some(last) = history.last() else { return Err(vec![Flaw::NoHistory]) };
    let mut retelling = Retelling::of(last.ticket);
    history.iter().for_each(|event| retelling.hear(event));
    let flaws = retelling.alone();
    if !flaws.is_empty() {
        return Err(flaws);
    }
    let (ticket, seq, at) = (last.ticket, last.seq + 1, last.at.max(now));
    let mut history = history.to_vec();
    history.iter_mut().for_each(|event| erasure.what(&mut event.what));
    let what = What::Erased { forgotten: erasure.forgotten.is_some() };
    history.push(Event { ticket, seq, at, by: Actor::System, what });
    let ticket = Ticket::replay(&history).expect("it has an event");
    Ok(Erased { ticket, history })
}

impl Case<'_> {
    /// Of what was erased nothing new is said: it would be kept beside what is gone.
    pub fn must_be_whole(&self) -> Result<(), Refusal> {
        let Some(at) = self.ticket.erased_at else { return Ok(()) };
        let why = format!("what it said was erased on {}; open another one", at.date_naive());
        Err(Refusal::Nowhere { ticket: self.ticket.id, why })
    }
}

impl Erasure<'_> {
    fn what(&self, what: &mut What) {
        match what {
            What::Opened { facts, .. } | What::Changed { facts, .. } => self.facts(facts),
            What::PathTaken { path, .. } => {
                if let (Some(forgotten), Some(route)) = (self.forgotten, &mut path.route) {
                    forgotten.take_out_of(route);
                }
            }
            What::Offered { decision, .. } | What::Parked { decision, .. } => self.decision(decision),
            What::Declined { declined } => words(&mut declined.reason),
            What::Released { reason, .. }
            | What::Reassigned { reason, .. }
            | What::Pended { reason, .. }
            | What::Resumed { reason }
            | What::Closed { reason }
            | What::VendorRecalled { reason, .. }
            | What::Reopened { reason, .. }
            | What::ApprovalEnded { reason, .. }
            | What::NoticeFailed { reason, .. } => words(reason),
            What::ApprovalAsked { approval } => {
                words(&mut approval.reason);
                erase_request(&mut approval.request);
            }
            What::VendorReplied { reply, .. } => erase_reply(reply),
            What::Briefed { briefing } => erase_briefing(briefing),
            What::Updated { update } => erase_update(update),
            What::Escalated { reason, request, .. } => {
                words(reason);
                erase_request(request);
            }
            What::Told { why, .. } => words(why),
            What::Noted { text, .. } | What::Feedback { text, .. } => words(text),
            What::Resolved { notes, cause, .. } => {
                words(notes);
                if let Some(cause) = cause.as_mut().filter(|cause| !self.causes.contains(cause)) {
                    words(cause);
                }
            }
            What::Judged { verdict, .. } => words(&mut verdict.note),
            What::Repeated { .. }
            | What::Tried { .. }
            | What::AskedOthers { .. }
            | What::OfferEnded { .. }
            | What::Queued { .. }
            | What::QueueClosed { .. }
            | What::Acknowledged { .. }
            | What::Joined { .. }
            | What::ShiftEnded { .. }
            | What::Kept { .. }
            | What::BackAtWork { .. }
            | What::Stayed { .. }
            | What::WaitsSet { .. }
            | What::ClocksSet { .. }
            | What::ClockWarned { .. }
            | What::ClockBreached { .. }
            | What::ClockMet { .. }
            | What::Subscribed { .. }
            | What::Unsubscribed { .. }
            | What::VendorAsked { .. }
            | What::Linked { .. }
            | What::Unlinked
            | What::Overran { .. }
            | What::Overflowed { .. }
            | What::Unattended { .. }
            | What::ReviewAsked { .. }
            | What::Erased { .. } => {}
        }
    }

    fn facts(&self, facts: &mut Facts) {
        words(&mut facts.title);
        facts.description = None;
        facts.dedup_key = None;
        facts.external_ref = None;
        facts.labels.clear();
        match self.forgotten {
            Some(forgotten) if forgotten.is_named_by(facts) => forgotten.stand_in(facts),
            _ => {
                if let Some(customer) = &mut facts.customer_details {
                    customer.name = (self.pseudonym)(&customer.name);
                }
            }
        }
    }

    /// It is in our words, but for the name of the route.
    fn decision(&self, decision: &mut Explanation) {
        let Some(forgotten) = self.forgotten else { return };
        forgotten.take_out_of(&mut decision.text);
        if let Some(route) = &mut decision.route {
            forgotten.take_out_of(route);
        }
    }
}

impl Notice {
    /// What was told, and to whom, stays; nothing of what it said.
    pub fn erase(&mut self) {
        let About { title, customer, service: _, category: _, knowledge: _, audience: _ } = &mut self.about;
        words(title);
        *customer = None;
        match &mut self.says {
            Says::Asked { briefing, request, vendor, .. } => {
                if let Some(said) = vendor {
                    erase_reply(&mut said.reply);
                }
                if let Some(briefing) = briefing {
                    erase_briefing(briefing);
                }
                if let Some(request) = request {
                    erase_request(request);
                }
            }
            Says::VendorAsked { reason, request, .. } => {
                words(reason);
                erase_request(request);
            }
            Says::Approval { reason, request, .. } => {
                words(reason);
                if let Some(request) = request {
                    erase_request(request);
                }
            }
            Says::Relieved { why } | Says::Told { why } | Says::LastResort { why } => erase_why(why),
            Says::News { why, update, .. } => {
                erase_why(why);
                if let Some(update) = update {
                    erase_update(update);
                }
            }
            Says::Words { subject, text } => {
                words(subject);
                words(text);
            }
            Says::BriefingAsked { .. }
            | Says::Review { .. }
            | Says::ShiftCheck { .. }
            | Says::VendorRecalled => {}
        }
    }
}

impl HandoffItem {
    pub fn erase(&mut self) {
        erase_briefing(&mut self.briefing);
    }
}

fn erase_why(why: &mut Why) {
    match why {
        Why::StepEscalated { reason, .. } | Why::SentOn { reason } | Why::NotApproved { reason, .. } => {
            words(reason)
        }
        Why::VendorReplied { reply, .. } => erase_reply(reply),
        Why::Unhappy { said, .. } => words(said),
        Why::Judged { note, .. } => words(note),
        Why::Taken { .. }
        | Why::Approved { .. }
        | Why::Resolved
        | Why::NotYours
        | Why::Worse
        | Why::NoLongerPending
        | Why::NotTaken { .. }
        | Why::NobodyAbove
        | Why::NobodyHelps
        | Why::EscalationUnanswered
        | Why::Overran
        | Why::OverranAlone
        | Why::Unreached { .. }
        | Why::StepNotTaken { .. }
        | Why::NobodyBefore { .. }
        | Why::PathUnanswered
        | Why::Promises { .. }
        | Why::PromiseBroken { .. }
        | Why::LinkedResolved { .. }
        | Why::LinkEnded { .. }
        | Why::VendorUnreached { .. }
        | Why::VendorWithdrawn { .. }
        | Why::SentBack { .. }
        | Why::Opened
        | Why::ConcernsNow
        | Why::Updated
        | Why::Reopened
        | Why::ReopenedAgain { .. } => {}
    }
}

fn erase_briefing(briefing: &mut Briefing) {
    let Briefing { summary, done_so_far, next_action, waiting_on, customer_mood, composed: _ } = briefing;
    [summary, done_so_far, next_action, waiting_on, customer_mood].into_iter().for_each(words);
}

/// The number of their case leads to the customer's.
fn erase_reply(reply: &mut VendorReply) {
    let VendorReply { status: _, case, text } = reply;
    words(text);
    *case = None;
}

fn erase_request(request: &mut Request) {
    let Request { summary, steps_taken, impact, help_wanted, time_limit, by: _ } = request;
    [summary, steps_taken, impact, help_wanted, time_limit].into_iter().for_each(words);
}

fn erase_update(update: &mut Update) {
    let Update { status, done_so_far, next_action, expected_resolution: _ } = update;
    words(status);
    (*done_so_far, *next_action) = (None, None);
}

/// That something was written there can still be seen.
fn words(text: &mut String) {
    if !text.is_empty() {
        *text = ERASED.to_owned();
    }
}
