//! What goes a step further than where it was: a customer is unhappy with it, or it comes back too often.

use super::case::Case;
use super::{OfferKind, Refusal, Request, State, StepWhy, TicketId, What, Why};
use crate::schedule::{Further, How, Policy};

impl Case<'_> {
    pub fn feedback(&mut self, score: u8, text: String) -> Result<(), Refusal> {
        if !(1..=5).contains(&score) {
            return Err(Refusal::Invalid { field: "score", message: "goes from 1 to 5".into() });
        }
        if !self.ticket.facts.audience.is_customer() {
            let why = "it is internal, and no customer is asked what they think of it".to_owned();
            return Err(Refusal::Nowhere { ticket: self.ticket.id, why });
        }
        self.must_be(&[State::Resolved, State::Closed], "judged yet")?;
        self.note(What::Feedback { score, text: text.clone() });
        let rule = self.policy_or_routed().and_then(|policy| policy.on_unhappy);
        let Some(rule) = rule.filter(|rule| score <= rule.at_most) else { return Ok(()) };
        let why = Why::Unhappy { score, said: text };
        match rule.how {
            Further::Move if self.twin().is_none() => {
                let (reason, times) = (why.in_words(self.org), self.ticket.reopened + 1);
                self.note_system(What::Reopened { reason, times });
                self.move_further(why, StepWhy::Unhappy);
            }
            // Its twin is being worked on already.
            Further::Move | Further::Tell => self.tell_further(why),
        }
        Ok(())
    }

    /// Begins anew on the step on which it was resolved, where whoever held it is asked first; or on the next one, if it
    /// comes back too often.
    pub fn reopen(&mut self, reason: String) -> Result<(), Refusal> {
        self.must_be(&[State::Resolved, State::Closed], "reopened")?;
        super::verbs::filled("reason", &reason)?;
        if let Some(other) = self.twin() {
            let why = format!("ticket {other} is live under the same dedup key; go on with that one");
            return Err(Refusal::Nowhere { ticket: self.ticket.id, why });
        }
        let times = self.ticket.reopened + 1;
        self.note(What::Reopened { reason, times });
        let rule = self.policy_or_routed().and_then(|policy| policy.on_reopened);
        let rule = rule.filter(|rule| rule.from <= times);
        let why = Why::ReopenedAgain { times };
        match rule.map(|rule| rule.how) {
            Some(Further::Move) => self.move_further(why, StepWhy::ReopenedAgain),
            told => {
                if told.is_some() {
                    self.tell_further(why);
                }
                self.begin_step_anew(StepWhy::Reopened);
                self.place(OfferKind::Routing);
            }
        }
        Ok(())
    }

    /// Its policy may have gone from the files since it was resolved; then the one that it would be on now.
    fn policy_or_routed(&self) -> Option<&Policy> {
        let routed = || self.org.policies.get(self.profile().route(self.org, self.ticket.priority).1);
        self.policy().or_else(routed)
    }

    /// The live ticket under the same dedup key.
    fn twin(&self) -> Option<TicketId> {
        self.desk.live_with_key(self.ticket.facts.dedup_key.as_ref()?)
    }

    /// Somebody of the next step is asked to take it. On the last one it begins anew, and the lead above hears of it.
    fn move_further(&mut self, why: Why, step_why: StepWhy) {
        let steps = self.policy().map_or(&[][..], |policy| &policy.steps);
        let here = self.ticket.path.step;
        let next = steps.iter().enumerate().skip(here + 1).find(|(_, step)| step.how != How::Tell);
        let Some((next, _)) = next else {
            self.tell_further(why);
            self.begin_step_anew(step_why);
            return self.place(OfferKind::Routing);
        };
        let reason = why.in_words(self.org);
        let request = Request { summary: reason.clone(), ..Request::default() };
        self.note_automatic(reason, request);
        for step in &steps[here + 1..next] {
            self.tell_step(step, why.clone());
        }
        self.take_step(next, None, step_why);
        self.place(OfferKind::Escalation);
    }

    /// The lead of the next tier is told; where there is none who may know, the last resort.
    fn tell_further(&mut self, why: Why) {
        let reason = why.in_words(self.org);
        self.note_automatic(reason, Request::default());
        self.inform_somebody(self.lead_above().into_iter().collect(), why);
    }
}
