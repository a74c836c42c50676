//! What the engine counts about itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::tally::Tally;
use super::watched::{Trait, Watched};

type Labels = Vec<(&'static str, String)>;

/// Clones count together.
#[derive(Clone, Debug)]
pub struct Meters {
    /// Answered by the desk, be it with a refusal.
    pub commands: Counter,
    pub refusals: Counter,
    /// Answered with a fault: not decided, or not saved.
    pub faults: Counter,
    pub overloads: Counter,
    pub throttled: Counter,
    pub batches: Counter,
    pub batch_commands: Histogram,
    /// From being handed in to being on disk.
    pub decision_seconds: Histogram,
    pub wakes: Counter,
    /// Of the ticket that was due longest, at each batch that wakes any.
    pub wake_late_seconds: Histogram,
    /// Tickets whose waking failed and is tried again later.
    pub set_aside: Gauge,
    pub(super) tally: Tally,
    standing: Standing,
    /// Live tickets whose rows were damaged when the desk was restored last.
    pub rows_damaged: Gauge,
    /// When the next ticket is to be looked at, in milliseconds since 1970; `i64::MAX`: none is.
    pub(super) next_wake: Arc<AtomicI64>,
    pub queue: Gauge,
    pub revision: Gauge,
    /// Number of the last commit that this node knows of, be it another's.
    pub batch: Gauge,
    /// 1 while the files on disk are refused.
    pub refused: Gauge,
    /// 1 while the files on this node's disk are not those in force.
    pub drift: Gauge,
    /// Instant up to which coverage is compiled, in seconds since 1970.
    pub horizon_seconds: Gauge<f64, AtomicU64>,
}

/// Live tickets by what is true of them; every node knows all of them.
#[derive(Clone, Debug, Default)]
struct Standing {
    tickets: Family<Labels, Gauge>,
    alone: Family<Labels, Gauge>,
    held: Family<Labels, Gauge>,
    asked: Family<Labels, Gauge>,
    unattended: Gauge,
    overrun: Gauge,
    circling: Gauge,
}

impl Meters {
    pub(super) fn new() -> Meters {
        Meters {
            commands: Counter::default(),
            refusals: Counter::default(),
            faults: Counter::default(),
            overloads: Counter::default(),
            throttled: Counter::default(),
            batches: Counter::default(),
            batch_commands: Histogram::new([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0]),
            decision_seconds: Histogram::new([
                0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
            ]),
            wakes: Counter::default(),
            wake_late_seconds: Histogram::new([0.1, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 3600.0]),
            set_aside: Gauge::default(),
            tally: Tally::new(),
            standing: Standing::default(),
            rows_damaged: Gauge::default(),
            next_wake: Arc::new(AtomicI64::new(i64::MAX)),
            queue: Gauge::default(),
            revision: Gauge::default(),
            batch: Gauge::default(),
            refused: Gauge::default(),
            drift: Gauge::default(),
            horizon_seconds: Gauge::default(),
        }
    }

    /// How far `now` is behind the instant at which the next ticket is to be looked at. Read at each scrape, so that
    /// it grows even while no batch gets through.
    pub fn overdue(&self, now: DateTime<Utc>) -> TimeDelta {
        let next = self.next_wake.load(Ordering::Relaxed);
        TimeDelta::milliseconds(now.timestamp_millis().saturating_sub(next).max(0))
    }

    pub(super) fn show(&self, watched: &Watched) {
        let standing = &self.standing;
        for (what, count) in watched.counts() {
            let of = |family: &Family<Labels, Gauge>, label, value: &str| {
                family.get_or_create(&vec![(label, value.to_owned())]).set(count);
            };
            match what {
                Trait::Is(state, priority) => {
                    let labels =
                        vec![("state", state.as_str().to_owned()), ("priority", priority.to_string())];
                    standing.tickets.get_or_create(&labels).set(count);
                }
                Trait::Alone(reason) => of(&standing.alone, "reason", reason),
                Trait::Held(team) => of(&standing.held, "team", team.as_str()),
                Trait::Asked(asked) => of(&standing.asked, "asked", asked.as_str()),
                Trait::Unattended => _ = standing.unattended.set(count),
                Trait::Overrun => _ = standing.overrun.set(count),
                Trait::Circling => _ = standing.circling.set(count),
            }
        }
    }

    /// What concerns the work under its own name, the rest under `engine_...`; the registry's prefix comes before.
    pub fn register(&self, registry: &mut Registry) {
        self.standing.register(registry);
        self.tally.register(registry);
        self.register_schedules(registry);
        let damaged = "Live tickets whose rows were damaged when they were read last; the log names them";
        registry.register("rows_damaged", damaged, self.rows_damaged.clone());
        let engine = registry.sub_registry_with_prefix("engine");
        engine.register(
            "commands",
            "Commands answered by the desk, with a refusal or not",
            self.commands.clone(),
        );
        engine.register("refusals", "Commands the desk refused", self.refusals.clone());
        engine.register("faults", "Commands neither decided nor refused", self.faults.clone());
        engine.register("overloads", "Commands turned away at a full queue", self.overloads.clone());
        let throttled = "Commands turned away because too many of the same caller wait; the log names one";
        engine.register("throttled", throttled, self.throttled.clone());
        engine.register("batches", "Batches committed", self.batches.clone());
        engine.register("batch_commands", "Commands and wake-ups per batch", self.batch_commands.clone());
        let decision = "From being handed in to being on disk";
        engine.register_with_unit("decision", decision, Unit::Seconds, self.decision_seconds.clone());
        engine.register("wakes", "Tickets looked at again because it was time", self.wakes.clone());
        let late = "How late the ticket was that was due longest";
        engine.register_with_unit("wake_late", late, Unit::Seconds, self.wake_late_seconds.clone());
        engine.register(
            "set_aside",
            "Tickets whose waking failed, to be tried again",
            self.set_aside.clone(),
        );
        engine.register("queue", "Commands that wait", self.queue.clone());
        let batch = "Number of the last commit that this node knows of, its own or another's";
        engine.register("batch", batch, self.batch.clone());
    }

    fn register_schedules(&self, registry: &mut Registry) {
        let refused = "1 while the files on disk are refused and older ones are at work";
        registry.register("schedules_refused", refused, self.refused.clone());
        let drift = "1 while the files on this node's disk are not those that another node has published";
        registry.register("schedules_drift", drift, self.drift.clone());
        registry.register("schedules_revision", "The revision at work", self.revision.clone());
        let until = "Up to when coverage is compiled, since 1970";
        let horizon = self.horizon_seconds.clone();
        registry.register_with_unit("coverage_until_timestamp", until, Unit::Seconds, horizon);
    }
}

impl Standing {
    fn register(&self, registry: &mut Registry) {
        registry.register("tickets", "Live tickets by state and priority", self.tickets.clone());
        let alone = "Live tickets of which nobody has custody, by why";
        registry.register("tickets_without_holder", alone, self.alone.clone());
        let held = "Live tickets held by a team's people or its queue";
        registry.register("tickets_held", held, self.held.clone());
        let asked = "Live tickets that somebody is asked to take at this moment: by an offer, by a page";
        registry.register("tickets_asked", asked, self.asked.clone());
        let unattended = "Live tickets that nobody on their whole path has answered";
        registry.register("tickets_unattended", unattended, self.unattended.clone());
        let overrun = "Live tickets that should have been resolved by now";
        registry.register("tickets_overrun", overrun, self.overrun.clone());
        let circling = "Live tickets that were handed on again and again, and have made no progress since a review was asked for";
        registry.register("tickets_circling", circling, self.circling.clone());
    }
}
