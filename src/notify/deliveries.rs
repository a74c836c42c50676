//! What the notifier counts.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Attempts by channel and by what came of them. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Deliveries {
    attempts: Family<Vec<(&'static str, String)>, Counter>,
    given_up: Counter,
}

impl Deliveries {
    pub(super) fn attempt(&self, channel: &str, outcome: &str) {
        let labels = vec![("channel", channel.to_owned()), ("outcome", outcome.to_owned())];
        self.attempts.get_or_create(&labels).inc();
    }

    pub(super) fn given_up(&self) {
        self.given_up.inc();
    }

    pub fn register(&self, registry: &mut Registry) {
        let attempts = "Attempts to deliver a notice, by channel and outcome";
        registry.register("delivery_attempts", attempts, self.attempts.clone());
        registry.register("deliveries_given_up", "Notices that reached nobody", self.given_up.clone());
    }
}
