//! Whether the channels and the heartbeat could reach anybody. No message is sent.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Chart, Patient};
use crate::notify::{Channels, Pace, Target};
use crate::schedule::Organisation;
use crate::settings::{ChannelSettings, HeartbeatSettings, SecretFile};

const TOLD: usize = 5;
const CONNECTS_WITHIN: Duration = Duration::from_secs(5);

pub async fn examine(
    chart: &mut Chart,
    patient: &Patient,
    organisation: Option<&Organisation>,
    daemon_runs: bool,
) {
    for (name, settings) in &patient.settings.channels {
        let id = format!("channel.{name}");
        match settings {
            ChannelSettings::Log => chart.ok(&id, "writes into the log"),
            ChannelSettings::Webhook { url, secret, allow_private } => {
                let reached = reach(url, *allow_private).await;
                webhook(chart, &id, reached, secret.as_ref());
                if let Some(secret) = secret {
                    signature(chart, name, settings, secret, daemon_runs);
                }
            }
        }
    }
    if let Some(HeartbeatSettings { url, allow_private, .. }) = &patient.settings.heartbeat {
        match reach(url.reveal(), *allow_private).await {
            Ok(shown) => chart.ok("heartbeat", format!("would call {shown}")),
            Err(error) => {
                let remedy = "see `url` of [heartbeat], that names resolve here, and what stands between";
                chart.problem("heartbeat", format!("nobody hears of us: {error:#}"), remedy);
            }
        }
    }
    if let Some(organisation) = organisation {
        contacts(chart, &patient.settings.channels, organisation);
    }
}

async fn reach(url: &str, allow_private: bool) -> anyhow::Result<String> {
    Target::new(url, allow_private, CONNECTS_WITHIN)?.reach(CONNECTS_WITHIN).await
}

fn webhook(chart: &mut Chart, id: &str, reached: anyhow::Result<String>, secret: Option<&SecretFile>) {
    match reached {
        Err(error) => {
            let remedy = "see its `url`, that names resolve here, and whether the receiver runs";
            chart.problem(id, format!("{error:#}"), remedy);
        }
        Ok(shown) if secret.is_some() => chart.ok(id, format!("would call {shown}, signed")),
        Ok(shown) => {
            let remedy = "name a `secret_file`, so that the receiver can tell us from others";
            chart.warning(id, format!("would call {shown}, without a signature"), remedy);
        }
    }
}

/// Whether it can be signed. A credential that only the unit can read is there once the daemon runs.
fn signature(
    chart: &mut Chart,
    name: &str,
    settings: &ChannelSettings,
    secret: &SecretFile,
    daemon_runs: bool,
) {
    let one = BTreeMap::from([(name.to_owned(), settings.clone())]);
    let Err(error) = Channels::new(&one, &Pace::default()) else { return };
    let id = format!("channel.{name}.secret");
    if secret.path().is_none() && !daemon_runs {
        let remedy = "examine again while the daemon runs, as root";
        return chart.warning(&id, format!("{error:#}"), remedy);
    }
    chart.problem(&id, format!("{error:#}"), "mend it: the daemon does not start with it");
}

/// Whether anybody is woken: the log wakes nobody.
fn contacts(chart: &mut Chart, channels: &BTreeMap<String, ChannelSettings>, organisation: &Organisation) {
    let (mut nowhere, mut missing, mut logged) = (Vec::new(), Vec::new(), 0);
    for (id, person) in &organisation.people {
        let (known, unknown): (Vec<&String>, Vec<&String>) =
            person.contact.iter().partition(|name| *name == "log" || channels.contains_key(*name));
        let unknown: Vec<&str> = unknown.into_iter().map(String::as_str).collect();
        if known.is_empty() && !unknown.is_empty() {
            nowhere.push(format!("{id}: none of {}", unknown.join(", ")));
        } else if !unknown.is_empty() {
            missing.push(format!("{id}: no {}", unknown.join(", ")));
        }
        let wakes = |name: &&String| matches!(channels.get(*name), Some(ChannelSettings::Webhook { .. }));
        logged += usize::from(!known.iter().any(wakes));
    }
    let all = organisation.people.len();
    let remedy = "name in `contact` channels that the settings have";
    let sound = nowhere.is_empty() && missing.is_empty();
    if !nowhere.is_empty() {
        let what = format!(
            "{} have none of the channels they name: only the log takes their notices",
            of(nowhere.len(), all)
        );
        chart.problem("contacts", what, remedy);
        chart.details(nowhere.into_iter().take(TOLD));
    }
    if !missing.is_empty() {
        chart.warning("contacts", format!("{} miss a channel", of(missing.len(), all)), remedy);
        chart.details(missing.into_iter().take(TOLD));
    }
    if logged > 0 {
        let what = format!("{} are reached by nothing but the log, which wakes nobody", of(logged, all));
        chart.warning(
            "paging",
            what,
            "give the settings a channel of kind \"webhook\", and people its name in `contact`",
        );
    } else if sound {
        chart.ok("contacts", format!("{} have channels that exist", of(all, all)));
    }
}

fn of(some: usize, all: usize) -> String {
    format!("{some} of {} people", all)
}
