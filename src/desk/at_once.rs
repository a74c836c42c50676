//! Escalation by rule, beside the path that goes by time: whoever has to know of such tickets is told at once.

use std::collections::BTreeMap;

use super::case::Case;
use super::{What, Why};
use crate::schedule::{AtOnce, How, PolicyId, Step, TierId};

/// The rules that held, by policy and place in it.
pub(super) type Held = (PolicyId, Vec<usize>);

impl Case<'_> {
    /// Which rules of its policy hold now.
    pub fn rules_held(&self) -> Held {
        let held = self.policy().map_or(Vec::new(), |policy| {
            let profile = self.profile();
            let holds = |(_, rule): &(usize, &AtOnce)| profile.meets(&rule.when, self.ticket.priority);
            policy.immediately.iter().enumerate().filter(holds).map(|(at, _)| at).collect()
        });
        (self.ticket.path.policy.clone(), held)
    }

    /// Where the ticket is new, or became such: each rule that did not hold before.
    pub fn escalate_at_once(&mut self) {
        let opened = self.outcome.events.iter().any(|event| matches!(event.what, What::Opened { .. }));
        let before = self.rules_before.take();
        let Some(policy) = self.policy().filter(|policy| !policy.immediately.is_empty()) else { return };
        if !opened && before.is_none() {
            return;
        }
        let (id, held) = self.rules_held();
        let known = before.filter(|(policy, _)| *policy == id).map_or(Vec::new(), |(_, held)| held);
        for at in held.into_iter().filter(|at| !known.contains(at)) {
            self.escalate_to(&policy.immediately[at].tell, &policy.steps);
        }
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
        };
        let step = steps.iter().find(|step| step.tier == *tier).cloned().unwrap_or_else(none);
        self.tell_step(&step, Why::StepEscalated { tier: tier.clone(), reason });
    }
}
