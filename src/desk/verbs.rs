//! What people and programs ask of one ticket. A refusal changes nothing; see `take` in `state.rs`.

use chrono::{DateTime, TimeDelta, Utc};

use super::case::Case;
use super::profile::{Profile, check_facts, may_see, patched, residency_of};
use super::work::{at_work, next_opening};
use super::{
    Alone, Briefing, Declined, Facts, Holder, Notice, NoticeKind, OfferEnd, OfferKind, Patch, Pending,
    PendingOn, Refusal, Seat, State, StepWhy, Verb, What, Why,
};
use crate::schedule::{PersonId, Priority};

/// Pending without a date is looked at again after this.
const PENDING_UNLESS_SAID: TimeDelta = TimeDelta::days(3);
/// A date further away belongs into a calendar.
const PENDING_AT_MOST: TimeDelta = TimeDelta::days(366);
/// Nobody works longer on end.
const STAY_AT_MOST: TimeDelta = TimeDelta::hours(24);
/// Where a team has no next opening, a refusal holds this long.
const DECLINED_FOR: TimeDelta = TimeDelta::hours(12);
/// Whoever takes a ticket while not at work has it at least this long.
const TAKEN_FOR: TimeDelta = TimeDelta::minutes(15);
/// Whom no message reaches is not asked again for this long, or until the next round: it is the channel that failed,
/// and may work again.
const NOT_REACHED_FOR: TimeDelta = TimeDelta::minutes(10);

impl Case<'_> {
    pub fn open(&mut self, mut facts: Facts) -> Result<(), Refusal> {
        check_facts(self.org, &facts)?;
        // Kept with the ticket: a customer who leaves the files takes no protection with them.
        facts.residency = residency_of(self.org, &facts);
        self.ticket.facts = facts.clone();
        let priority = self.profile().priority(self.org);
        self.note(What::Opened { facts: Box::new(facts), priority });
        self.take_routed_path(StepWhy::Routed);
        self.place(OfferKind::Routing);
        Ok(())
    }

    /// The same dedup key came in again: counted, and decided again if it is worse now.
    pub fn repeat(&mut self, facts: &Facts) -> Result<(), Refusal> {
        check_facts(self.org, facts)?;
        let again = Profile::of(self.org, facts).priority(self.org);
        let before = self.ticket.priority;
        self.note(What::Repeated { priority: again.min(before) });
        if again < before {
            if self.ticket.state == State::Pending {
                self.note_system(What::Resumed { reason: "it came in again and is worse".into() });
            }
            self.decide_again(before);
        }
        Ok(())
    }

    pub fn act(&mut self, verb: Verb) -> Result<(), Refusal> {
        if let Some(person) = self.by.person().cloned() {
            self.must_see(&person)?;
        }
        match verb {
            Verb::Wake => {
                self.look();
                Ok(())
            }
            Verb::Change(patch) => self.change(&patch),
            Verb::Acknowledge => self.acknowledge(),
            Verb::Decline { reason } => self.decline(reason),
            Verb::Release { reason } => self.release(reason),
            Verb::EscalateHierarchical { reason, request } => self.escalate_up(reason, *request),
            Verb::EscalateFunctional { reason, request, team, skills } => {
                self.escalate_across(reason, *request, team, skills)
            }
            Verb::Approve => self.approve(),
            Verb::Refuse { reason } => self.refuse(reason),
            Verb::AskVendor { vendor, reason, request } => self.ask_vendor(vendor, reason, *request),
            Verb::VendorReply(reply) => self.vendor_replied(reply),
            Verb::Recall { reason } => self.recall(reason),
            Verb::Reassign { reason, team, person } => self.reassign(reason, team, person),
            Verb::Brief(briefing) => self.brief(briefing),
            Verb::Stay { until } => self.stay(until),
            Verb::Note { text, progress } => {
                filled("text", &text)?;
                self.note(What::Noted { text, progress });
                Ok(())
            }
            Verb::Update(update) => self.update(update),
            Verb::Subscribe { person } => self.subscribe(person),
            Verb::Unsubscribe { person } => self.unsubscribe(person),
            Verb::Link { to } => self.link(to),
            Verb::Unlink => self.unlink(),
            Verb::Pend { on, until, reason } => self.pend(on, until, reason),
            Verb::Resume { reason } => self.resume(reason),
            Verb::Resolve { notes, cause } => self.resolve(notes, cause),
            Verb::Close { reason } => {
                self.must_be(&[State::Resolved], "closed before it is resolved")?;
                self.note(What::Closed { reason });
                Ok(())
            }
            Verb::Reopen { reason } => self.reopen(reason),
            Verb::Feedback { score, text } => self.feedback(score, text),
            Verb::Judge(verdict) => self.judge(verdict),
        }
    }

    fn change(&mut self, patch: &Patch) -> Result<(), Refusal> {
        self.must_be_live("changed")?;
        self.must_have_a_hand()?;
        let mut facts = patched(&self.ticket.facts, patch);
        check_facts(self.org, &facts)?;
        let named = patch.customer.is_some() || patch.customer_details.is_some();
        if named && patch.residency.is_none() {
            let own = Facts { residency: None, ..facts.clone() };
            facts.residency = residency_of(self.org, &own).or(facts.residency);
        }
        let before = self.ticket.priority;
        let changed = Profile::of(self.org, &facts);
        let own = changed.priority(self.org);
        // Worse reports under its dedup key stand until somebody says otherwise.
        let reported = self.ticket.reported.filter(|_| patch.priority.is_none());
        let priority = reported.map_or(own, |reported| reported.min(own));
        let elsewhere =
            priority != before || changed.differs_for_routing(&self.profile(), self.org, priority);
        self.note(What::Changed { facts: Box::new(facts), priority });
        if elsewhere {
            self.decide_again(before);
        } else {
            self.look();
        }
        Ok(())
    }

    /// Facts or priority are others than before: a holder who may stays, everything else begins anew.
    fn decide_again(&mut self, before: Priority) {
        let (route, policy) = self.profile().route(self.org, self.ticket.priority);
        let moved = *policy != self.ticket.path.policy;
        let route = route.map(|route| route.name.clone());
        let held = self.ticket.holder.person().is_some();
        if held || self.ticket.state == State::Pending {
            if moved || route != self.ticket.path.route {
                self.take_routed_path(StepWhy::Routed);
                if let Some(team) = self.ticket.holder.team().cloned() {
                    self.stand_on_tier_of(&team, StepWhy::Routed);
                }
            }
            if before != self.ticket.priority
                && self.ticket.offer.as_ref().is_some_and(|o| o.kind == OfferKind::Handoff)
            {
                self.note_system(What::OfferEnded { why: OfferEnd::Withdrawn });
            }
            self.look();
            if self.ticket.priority < before {
                let holder = self.ticket.holder.person().filter(|holder| self.by.person() != Some(holder));
                self.inform(holder.cloned().into_iter().collect(), Why::Worse);
            }
            return;
        }
        if self.ticket.offer.is_some() {
            self.note_system(What::OfferEnded { why: OfferEnd::Withdrawn });
        }
        if let Holder::Queue { team, .. } = self.ticket.holder.clone() {
            self.note_system(What::QueueClosed { team });
        }
        self.take_routed_path(StepWhy::Routed);
        self.place(OfferKind::Routing);
    }

    fn acknowledge(&mut self) -> Result<(), Refusal> {
        self.must_be_live("acknowledged")?;
        let person = self.person()?;
        if self.ticket.holder.person() == Some(&person) {
            return Ok(());
        }
        let seat = self
            .seat_to_take(&person)
            .filter(|_| self.ticket.state != State::Pending)
            .ok_or(Refusal::NotOffered { ticket: self.ticket.id, person: person.clone() })?;
        let offer = self.ticket.offer.clone();
        if offer.as_ref().is_some_and(|offer| offer.kind == OfferKind::Join)
            && self.ticket.holder.person().is_some()
        {
            let received = self.received_by(offer.as_ref(), &seat);
            self.note(What::Joined { seat, received });
        } else {
            let elsewhere = self.tier_of(&seat.team) != self.step().map(|step| &step.tier);
            let handoff = offer.as_ref().and_then(|offer| offer.handoff);
            let team = seat.team.clone();
            let received = self.received_by(offer.as_ref(), &seat);
            self.note(What::Acknowledged { seat: seat.clone(), handoff, received });
            self.stay_if_not_at_work(&seat, offer.filter(|offer| offer.kind == OfferKind::Handoff));
            if elsewhere || self.ticket.path.target.is_some() {
                self.stand_on_tier_of(&team, StepWhy::Taken);
            }
        }
        self.set_waits(None);
        self.look();
        Ok(())
    }

    /// Whoever takes a ticket before their shift begins, or after their turn has ended, is meant to have it: until the
    /// shift begins, or as long as a handoff takes.
    fn stay_if_not_at_work(&mut self, seat: &Seat, ahead: Option<super::Offer>) {
        if at_work(self.rules.coverage, seat, self.pages(), self.now) {
            return;
        }
        let handed_on_by = self.now + self.org.handoff.lead.max(TAKEN_FOR);
        let until = ahead.map(|offer| offer.expires_at).filter(|shift| *shift > self.now);
        self.note_system(What::Stayed { until: until.unwrap_or(handed_on_by) });
    }

    fn decline(&mut self, reason: String) -> Result<(), Refusal> {
        self.must_be_live("declined")?;
        filled("reason", &reason)?;
        let person = self.person()?;
        let not_offered = Refusal::NotOffered { ticket: self.ticket.id, person: person.clone() };
        let offer = self.ticket.offer.clone().ok_or(not_offered.clone())?;
        let seat = self.seat_to_take(&person).ok_or(not_offered)?;
        // What is offered ahead of a shift that begins with it is refused for that shift.
        let ahead = offer.kind == OfferKind::Handoff;
        let since = if ahead { offer.expires_at.max(self.now) } else { self.now };
        let until = next_opening(self.rules.coverage, &seat.team, since).unwrap_or(since + DECLINED_FOR);
        let asked = offer.ask.contains(&person);
        self.note(What::Declined { declined: Declined { seat, reason, until, unreached: false } });
        if asked {
            self.without(&offer, &person, OfferEnd::Declined);
        } else {
            self.look();
        }
        Ok(())
    }

    /// One of those asked falls out: the others on the line remain, else somebody else is found.
    fn without(&mut self, offer: &super::Offer, person: &PersonId, why: OfferEnd) {
        let others: Vec<PersonId> = offer.ask.iter().filter(|asked| *asked != person).cloned().collect();
        if offer.is_page() && !others.is_empty() {
            self.note_system(What::AskedOthers { ask: others, why: "one of them cannot take it".into() });
        } else {
            self.offer_lapsed(offer, why);
        }
    }

    fn release(&mut self, reason: String) -> Result<(), Refusal> {
        self.must_be(&[State::Held], "released")?;
        filled("reason", &reason)?;
        self.must_have_a_hand()?;
        let Some(seat) = self.ticket.holder.seat() else {
            return Err(Refusal::Nowhere { ticket: self.ticket.id, why: "no person holds it".into() });
        };
        if self.ticket.offer.is_some() {
            self.note_system(What::OfferEnded { why: OfferEnd::Withdrawn });
        }
        let until =
            next_opening(self.rules.coverage, &seat.team, self.now).unwrap_or(self.now + DECLINED_FOR);
        self.note(What::Released { seat: seat.clone(), reason: reason.clone() });
        self.note_system(What::Declined { declined: Declined { seat, reason, until, unreached: false } });
        self.take_step(self.ticket.path.step, None, StepWhy::Asked);
        self.place(OfferKind::Routing);
        Ok(())
    }

    fn brief(&mut self, briefing: Briefing) -> Result<(), Refusal> {
        self.must_be(&[State::Held, State::Pending], "briefed on")?;
        filled("summary", &briefing.summary)?;
        self.must_have_a_hand()?;
        self.note(What::Briefed { briefing: Briefing { composed: false, ..briefing } });
        Ok(())
    }

    fn stay(&mut self, until: DateTime<Utc>) -> Result<(), Refusal> {
        self.must_be(&[State::Held], "stayed with")?;
        self.must_have_a_hand()?;
        self.must_be_ahead(until, STAY_AT_MOST)?;
        if self.ticket.holder.person().is_none() {
            return Err(Refusal::Nowhere { ticket: self.ticket.id, why: "no person holds it".into() });
        }
        self.note(What::Stayed { until });
        self.look();
        Ok(())
    }

    fn pend(&mut self, on: PendingOn, until: Option<DateTime<Utc>>, reason: String) -> Result<(), Refusal> {
        self.must_be(&[State::Held], "put on hold")?;
        filled("reason", &reason)?;
        self.must_have_a_hand()?;
        let until = until.unwrap_or(self.now + PENDING_UNLESS_SAID);
        self.must_be_ahead(until, PENDING_AT_MOST)?;
        let resolve = self.ticket.resolve.as_ref().map(|wait| self.stop_wait(wait));
        self.end_offer();
        self.note(What::Pended { pending: Pending { on, until }, reason });
        if resolve != self.ticket.resolve || self.ticket.acknowledge.is_some() {
            self.note_system(What::WaitsSet { acknowledge: None, resolve });
        }
        Ok(())
    }

    fn resume(&mut self, reason: String) -> Result<(), Refusal> {
        self.must_be(&[State::Pending], "resumed")?;
        self.resumed(reason);
        Ok(())
    }

    /// A message to somebody could not be delivered. Whoever the running offer asks by it is not reached: somebody else
    /// is found, once every stage of asking them has failed. What was told beside, or asked by an earlier offer, takes
    /// nothing away from anybody.
    pub fn notice_failed(&mut self, notice: &Notice, reason: String) {
        let to = &notice.to;
        let failed = What::NoticeFailed {
            notice: notice.id.clone(),
            to: to.clone(),
            reason: reason.clone(),
            stage: notice.stage.clone(),
        };
        self.note(failed);
        if notice.kind == NoticeKind::Vendor {
            return self.vendor_unreached(notice, &reason);
        }
        let last_resort = notice.kind == NoticeKind::LastResort && self.org.last_resort.as_ref() == Some(to);
        if last_resort && self.ticket.live() && self.nobody_has_it() {
            self.tell_leads(to);
        }
        let asked = self.ticket.offer.clone().filter(|offer| offer.ask.contains(to));
        let Some(offer) = asked.filter(|_| self.ticket.asks_by(notice)) else { return };
        if notice.stage.as_ref().is_some_and(|stage| !stage.was_last(&offer.unheard)) {
            return;
        }
        let seat = Seat { person: to.clone(), team: offer.team.clone() };
        // What is offered ahead of a shift is asked for its beginning.
        let ahead = offer.kind == OfferKind::Handoff;
        let since = if ahead { offer.expires_at.max(self.now) } else { self.now };
        let until = since + NOT_REACHED_FOR;
        let reason = format!("could not be reached: {reason}");
        self.note_system(What::Declined { declined: Declined { seat, reason, until, unreached: true } });
        self.without(&offer, to, OfferEnd::NotReached);
    }

    pub fn end_offer(&mut self) {
        if self.ticket.offer.is_some() {
            self.note_system(What::OfferEnded { why: OfferEnd::Withdrawn });
        }
    }

    pub fn person(&self) -> Result<PersonId, Refusal> {
        self.by.person().cloned().ok_or(Refusal::NeedsPerson)
    }

    /// In the future, but within sight: nothing is put off for ever.
    fn must_be_ahead(&self, until: DateTime<Utc>, most: TimeDelta) -> Result<(), Refusal> {
        let message = match until {
            until if until <= self.now => "must be in the future".to_owned(),
            until if until - self.now > most => {
                format!("must be within {} hours; say it again then", most.num_hours())
            }
            _ => return Ok(()),
        };
        Err(Refusal::Invalid { field: "until", message })
    }

    fn must_be_live(&self, verb: &'static str) -> Result<(), Refusal> {
        self.must_be(&[State::Waiting, State::Held, State::Pending], verb)
    }

    pub fn must_be(&self, states: &[State], verb: &'static str) -> Result<(), Refusal> {
        if states.contains(&self.ticket.state) {
            return Ok(());
        }
        Err(Refusal::WrongState { ticket: self.ticket.id, state: self.ticket.state.as_str(), verb })
    }

    pub fn must_see(&self, person: &PersonId) -> Result<(), Refusal> {
        let residency = self.profile().residency;
        if may_see(self.org, person, residency.as_ref()) {
            return Ok(());
        }
        let residency = residency.expect("only a residency keeps somebody from seeing a ticket");
        Err(Refusal::Residency { ticket: self.ticket.id, residency, person: person.clone() })
    }

    pub fn leads_a_team(&self, person: &PersonId) -> bool {
        self.org.teams.values().any(|team| team.lead.as_ref() == Some(person))
    }

    /// A person must hold it, help with it, lead a team, or be at work where it waits; programs may always.
    pub fn must_have_a_hand(&self) -> Result<(), Refusal> {
        let Some(person) = self.by.person() else { return Ok(()) };
        let ticket = &self.ticket;
        let held_by_person = ticket.holder.person().is_some();
        if ticket.holder.person() == Some(person)
            || ticket.helpers.iter().any(|helper| helper.person == *person)
            || self.leads_a_team(person)
            || (!held_by_person && self.seat_to_take(person).is_some())
        {
            return Ok(());
        }
        let holder = match &ticket.holder {
            Holder::Person { person, .. } => person.to_string(),
            Holder::Queue { team, .. } => format!("the queue of {team}"),
            Holder::Nobody { reason: Alone::Parked, .. } => "nobody (it is parked)".into(),
            Holder::Nobody { .. } => "nobody".into(),
        };
        Err(Refusal::NotHolder { ticket: ticket.id, holder, person: person.clone() })
    }
}

pub(super) fn filled(field: &'static str, text: &str) -> Result<(), Refusal> {
    if super::is_blank(text) {
        return Err(Refusal::Invalid { field, message: "must not be empty".into() });
    }
    Ok(())
}
