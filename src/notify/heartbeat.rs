//! The call that says that we are alive, by the same guarded client as webhooks.

use std::sync::atomic::AtomicU64;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use reqwest::Method;

use super::Target;
use super::answer::failure_in_words;
use crate::clock::Clock;
use crate::settings::HeartbeatSettings;

/// Somebody who is called. Clones count together.
#[derive(Clone)]
pub struct Heartbeat {
    target: Target,
    beats: Heartbeats,
}

/// What has become of the calls.
#[derive(Clone, Debug)]
pub struct Heartbeats {
    outcomes: Family<[(&'static str, &'static str); 1], Counter>,
    /// 1 from a call that was not heard to one that was.
    failing: Gauge,
    /// When a call was heard last, in seconds since 1970; 0: none has been.
    heard_seconds: Gauge<f64, AtomicU64>,
}

const OUTCOMES: [&str; 3] = ["heard", "failed", "withheld"];

const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

impl Heartbeat {
    /// The process must have a rustls provider installed.
    pub fn new(settings: &HeartbeatSettings) -> anyhow::Result<Heartbeat> {
        let target =
            Target::new(settings.url.reveal(), settings.allow_private, TIMEOUT).context("heartbeat")?;
        Ok(Heartbeat { target, beats: Heartbeats::new() })
    }

    pub fn beats(&self) -> &Heartbeats {
        &self.beats
    }

    pub async fn call(&self, clock: &Clock) -> anyhow::Result<()> {
        match self.target.request(Method::GET).send().await {
            Ok(response) if response.status().is_success() => {
                self.beats.heard(clock.now());
                Ok(())
            }
            Ok(response) => {
                self.beats.missed("failed");
                bail!("whoever is to hear it answered {}", response.status())
            }
            Err(error) => {
                self.beats.missed("failed");
                bail!("whoever is to hear it cannot be reached: {}", failure_in_words(error))
            }
        }
    }

    /// It was time for a call, and there was no reason for one.
    pub fn withheld(&self) {
        self.beats.missed("withheld");
    }
}

impl Heartbeats {
    /// Every outcome is there from the start: a rate does not see a counter that begins with 1.
    fn new() -> Heartbeats {
        let outcomes = Family::default();
        OUTCOMES.iter().for_each(|outcome| drop(outcomes.get_or_create(&[("outcome", *outcome)])));
        Heartbeats { outcomes, failing: Gauge::default(), heard_seconds: Gauge::default() }
    }

    fn heard(&self, at: DateTime<Utc>) {
        self.outcomes.get_or_create(&[("outcome", "heard")]).inc();
        self.failing.set(0);
        self.heard_seconds.set(at.timestamp_millis() as f64 / 1000.0);
    }

    fn missed(&self, outcome: &'static str) {
        self.outcomes.get_or_create(&[("outcome", outcome)]).inc();
        self.failing.set(1);
    }

    pub fn register(&self, registry: &mut Registry) {
        let help = "Heartbeats by outcome: heard, failed, or withheld because we are not well";
        registry.register("heartbeats", help, self.outcomes.clone());
        let help = "1 while the last heartbeat was not heard: it failed, or was withheld";
        registry.register("heartbeat_failing", help, self.failing.clone());
        if self.heard_seconds.get() > 0.0 {
            let help = "When a heartbeat was heard last, since 1970; absent until one is";
            let heard = self.heard_seconds.clone();
            registry.register_with_unit("heartbeat_heard_timestamp", help, Unit::Seconds, heard);
        }
    }
}
