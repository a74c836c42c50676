//! What the notifier counts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::desk::NoticeKind;

type Labels = Vec<(&'static str, String)>;

const OUTCOMES: [&str; 3] = ["delivered", "failed", "refused"];
const URGENCIES: [&str; 2] = ["page", "other"];
const ATTEMPT_BUCKETS: [f64; 8] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
const DELIVERY_BUCKETS: [f64; 10] = [0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 3_600.0];

/// Attempts by channel and by what came of them, and the bell at the notifier's door. Clones count together.
#[derive(Clone, Debug)]
pub struct Deliveries {
    attempts: Family<Labels, Counter>,
    attempt_seconds: Family<Labels, Histogram, fn() -> Histogram>,
    /// From the decision that made a notice to the channel's taking it.
    delivery_seconds: Family<Labels, Histogram, fn() -> Histogram>,
    given_up: Family<Labels, Counter>,
    overtaken: Family<Labels, Counter>,
    looks: Arc<Mutex<Looks>>,
    /// Tells the notifier that there may be something to do.
    bell: Arc<Notify>,
}

/// When the notifier last looked into the outbox.
#[derive(Debug)]
struct Looks {
    /// And the database said what is due.
    succeeded: Instant,
    /// And heard anything, be it an error.
    ended: Instant,
}

const LOCK: &str = "no one panics while holding it";

impl Default for Deliveries {
    fn default() -> Deliveries {
        let attempt: fn() -> Histogram = || Histogram::new(ATTEMPT_BUCKETS);
        let delivery: fn() -> Histogram = || Histogram::new(DELIVERY_BUCKETS);
        Deliveries {
            attempts: Family::default(),
            attempt_seconds: Family::new_with_constructor(attempt),
            delivery_seconds: Family::new_with_constructor(delivery),
            given_up: Family::default(),
            overtaken: Family::default(),
            looks: Arc::new(Mutex::new(Looks { succeeded: Instant::now(), ended: Instant::now() })),
            bell: Arc::default(),
        }
    }
}

/// As labels say it.
fn urgency(kind: NoticeKind) -> &'static str {
    if kind == NoticeKind::Page { "page" } else { "other" }
}

impl Deliveries {
    /// The notifier looks into the outbox at once.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Every label is there from the start: a rate does not see a counter that begins with 1.
    pub(super) fn expect<'a>(&self, channels: impl Iterator<Item = &'a str>) {
        for channel in channels {
            drop(self.attempt_seconds.get_or_create(&vec![("channel", channel.to_owned())]));
            for (urgency, outcome) in
                URGENCIES.iter().flat_map(|urgency| OUTCOMES.map(|outcome| (urgency, outcome)))
            {
                drop(self.attempts.get_or_create(&attempt(channel, urgency, outcome)));
            }
        }
        for urgency in URGENCIES {
            let label = vec![("urgency", urgency.to_owned())];
            drop(self.delivery_seconds.get_or_create(&label));
            drop(self.given_up.get_or_create(&label));
            drop(self.overtaken.get_or_create(&label));
        }
    }

    pub(super) fn attempt(&self, channel: &str, kind: NoticeKind, outcome: &str) {
        self.attempts.get_or_create(&attempt(channel, urgency(kind), outcome)).inc();
    }

    pub(super) fn attempt_took(&self, channel: &str, seconds: f64) {
        self.attempt_seconds.get_or_create(&vec![("channel", channel.to_owned())]).observe(seconds);
    }

    pub(super) fn delivered(&self, kind: NoticeKind, after: TimeDelta) {
        let label = vec![("urgency", urgency(kind).to_owned())];
        self.delivery_seconds.get_or_create(&label).observe(after.as_seconds_f64());
    }

    pub(super) fn given_up(&self, kind: NoticeKind) {
        self.given_up.get_or_create(&vec![("urgency", urgency(kind).to_owned())]).inc();
    }

    pub(super) fn overtaken(&self, kind: NoticeKind) {
        self.overtaken.get_or_create(&vec![("urgency", urgency(kind).to_owned())]).inc();
    }

    pub(super) fn looked(&self, succeeded: bool) {
        let mut looks = self.looks.lock().expect(LOCK);
        looks.ended = Instant::now();
        if succeeded {
            looks.succeeded = looks.ended;
        }
    }

    /// Since the database last said what is due to be sent.
    pub fn blind_for(&self) -> Duration {
        self.looks.lock().expect(LOCK).succeeded.elapsed()
    }

    /// Since the notifier last came back from the outbox, with whatever.
    pub fn stuck_for(&self) -> Duration {
        self.looks.lock().expect(LOCK).ended.elapsed()
    }

    pub fn register(&self, registry: &mut Registry) {
        let attempts = "Attempts to deliver a notice, by channel, urgency and outcome";
        registry.register("delivery_attempts", attempts, self.attempts.clone());
        let took = "How long one attempt took";
        registry.register_with_unit("delivery_attempt", took, Unit::Seconds, self.attempt_seconds.clone());
        let delivery = "From the decision that made a notice to the moment a channel took it";
        registry.register_with_unit("delivery", delivery, Unit::Seconds, self.delivery_seconds.clone());
        registry.register("deliveries_given_up", "Notices that reached nobody", self.given_up.clone());
        let overtaken = "Notices not sent any more: what they asked for was over";
        registry.register("deliveries_overtaken", overtaken, self.overtaken.clone());
    }
}

fn attempt(channel: &str, urgency: &str, outcome: &str) -> Labels {
    vec![("channel", channel.to_owned()), ("urgency", urgency.to_owned()), ("outcome", outcome.to_owned())]
}
