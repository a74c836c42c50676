//! Escalation by rule, beside the path that goes by time: whoever has to know of such tickets is told at once.

use std::collections::BTreeMap;

use super::case::Case;
use super::profile::Profile;
use super::{Ticket, Why};
use crate::schedule::{AtOnce, How, Step, TierId};

impl Case<'_> {
    /// Where the ticket is new, or became such: each rule of its policy that did not hold before.
    pub fn escalate_at_once(&mut self) {
        let Some(policy) = self.policy().filter(|policy| !policy.immediately.is_empty()) else { return };
        let before = self.changed_from();
        if self.before.is_some() && before.is_none() {
            return;
        }
        let before = before.filter(|before| before.path.policy == self.ticket.path.policy);
        let began = |rule: &&AtOnce| {
            self.holds(rule, &self.ticket) && !before.is_some_and(|before| self.holds(rule, before))
        };
        let began: Vec<&AtOnce> = policy.immediately.iter().filter(began).collect();
        for rule in began {
            self.escalate_to(&rule.tell, &policy.steps);
        }
    }

    fn holds(&self, rule: &AtOnce, ticket: &Ticket) -> bool {
        Profile::of(self.org, &ticket.facts).meets(&rule.when, ticket.priority)
    }

    fn escalate_to(&mut self, tier: &TierId, steps: &[Step]) {
        let reason = "by a rule of its policy".to_owned();
        let request = self.ticket.request.clone();
        self.note_automatic(reason.clone(), request);
        let none = || Step {
            tier: tier.clone(),
            call: Vec::new(),
            call_every: None,
            acknowledge_within: BTreeMap::new(),
            how: How::Tell,
            overflow: None,
            vendor: None,
        };
        let step = steps.iter().find(|step| step.tier == *tier).cloned().unwrap_or_else(none);
        let people = self.people_to_tell(&step);
        self.inform_somebody(people, Why::StepEscalated { tier: tier.clone(), reason });
    }
}
