//! The call that says that we are alive, by the same guarded client as webhooks.

use anyhow::{Context, bail};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use reqwest::Method;

use super::Target;
use super::webhook::failure_in_words;
use crate::settings::HeartbeatSettings;

/// Somebody who is called. Clones count together.
#[derive(Clone)]
pub struct Heartbeat {
    target: Target,
    beats: Heartbeats,
}

/// What has become of the calls.
#[derive(Clone, Debug, Default)]
pub struct Heartbeats {
    outcomes: Family<Vec<(&'static str, String)>, Counter>,
}

const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

impl Heartbeat {
    /// The process must have a rustls provider installed.
    pub fn new(settings: &HeartbeatSettings, beats: Heartbeats) -> anyhow::Result<Heartbeat> {
        let target =
            Target::new(settings.url.reveal(), settings.allow_private, TIMEOUT).context("heartbeat")?;
        Ok(Heartbeat { target, beats })
    }

    pub async fn call(&self) -> anyhow::Result<()> {
        match self.target.request(Method::GET).send().await {
            Ok(response) if response.status().is_success() => {
                self.beats.count("heard");
                Ok(())
            }
            Ok(response) => {
                self.beats.count("failed");
                bail!("whoever is to hear it answered {}", response.status())
            }
            Err(error) => {
                self.beats.count("failed");
                bail!("whoever is to hear it cannot be reached: {}", failure_in_words(error))
            }
        }
    }

    /// It was time for a call, and there was no reason for one.
    pub fn withheld(&self) {
        self.beats.count("withheld");
    }
}

impl Heartbeats {
    fn count(&self, outcome: &str) {
        self.outcomes.get_or_create(&vec![("outcome", outcome.to_owned())]).inc();
    }

    pub fn register(&self, registry: &mut Registry) {
        let help = "Heartbeats by outcome: heard, failed, or withheld because we are not well";
        registry.register("heartbeats", help, self.outcomes.clone());
    }
}
