//! Whether the channels and the heartbeat could reach anybody. No message is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Chart, Patient};
use crate::coverage::LOG;
use crate::notify::{Channel, Target};
use crate::schedule::{Organisation, Vendor};
use crate::settings::{ChannelKind, ChannelSettings, HeartbeatSettings, Kept};

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
        if matches!(settings.kind, ChannelKind::Log) {
            chart.ok(&id, "writes into the log");
            continue;
        }
        match Channel::new(settings, CONNECTS_WITHIN) {
            Ok(channel) => reached(chart, &id, settings, channel.reach(CONNECTS_WITHIN).await),
            Err(error) => unfit(chart, &id, settings, &error, daemon_runs),
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
        vendors(chart, &patient.settings.channels, organisation);
    }
}

async fn reach(url: &str, allow_private: bool) -> anyhow::Result<String> {
    Target::new(url, allow_private, CONNECTS_WITHIN)?.reach(CONNECTS_WITHIN).await
}

fn reached(chart: &mut Chart, id: &str, settings: &ChannelSettings, reached: anyhow::Result<Option<String>>) {
    let kind = settings.kind.as_str();
    match (reached, &settings.kind) {
        (Err(error), _) => {
            let remedy = "see its `url` or `host`, that names resolve here, and whether the receiver runs";
            chart.problem(id, format!("{kind}: {error:#}"), remedy);
        }
        (Ok(shown), ChannelKind::Webhook { secret: None, .. }) => {
            let remedy = "name a `secret_file`, so that the receiver can tell us from others";
            let shown = shown.unwrap_or_default();
            chart.warning(id, format!("{kind}: would call {shown}, without a signature"), remedy);
        }
        (Ok(shown), _) => chart.ok(id, format!("{kind}: would call {}", shown.unwrap_or_default())),
    }
}

/// It cannot be made of the settings. A credential that only the unit can read is there once the daemon runs.
fn unfit(chart: &mut Chart, id: &str, settings: &ChannelSettings, error: &anyhow::Error, daemon_runs: bool) {
    let files = settings.kind.secrets().into_iter().filter_map(Kept::file);
    let unseen = files.into_iter().any(|file| file.path().is_none());
    if unseen && !daemon_runs {
        let remedy = "examine again while the daemon runs, as root";
        return chart.warning(id, format!("{error:#}"), remedy);
    }
    chart.problem(id, format!("{error:#}"), "mend it: the daemon does not start with it");
}

/// Whether anybody is woken: the log wakes nobody.
fn contacts(chart: &mut Chart, channels: &BTreeMap<String, ChannelSettings>, organisation: &Organisation) {
    let (mut nowhere, mut missing, mut logged) = (Vec::new(), Vec::new(), 0);
    for (id, person) in &organisation.people {
        let named: BTreeSet<&String> = person.contact.iter().map(|way| &way.via).collect();
        let (known, unknown): (Vec<&String>, Vec<&String>) =
            named.into_iter().partition(|name| *name == LOG || channels.contains_key(*name));
        let lacks = known.iter().filter_map(|name| {
            let needed = channels.get(*name)?.kind.needs()?;
            let given = if needed == "email" { &person.email } else { &person.phone };
            given.is_none().then(|| format!("no `{needed}`, which {name} needs"))
        });
        let unknown: Vec<&str> = unknown.into_iter().map(String::as_str).collect();
        let is_nowhere = known.is_empty() && !unknown.is_empty();
        let unknown = (!unknown.is_empty()).then(|| unknown.join(", "));
        let lacks: Vec<String> = unknown.iter().map(|names| format!("no {names}")).chain(lacks).collect();
        if is_nowhere {
            nowhere.push(format!("{id}: none of {}", unknown.unwrap_or_default()));
        } else if !lacks.is_empty() {
            missing.push(format!("{id}: {}", lacks.join("; ")));
        }
        let is_log = |name: &&String| {
            channels.get(*name).is_none_or(|channel| matches!(channel.kind, ChannelKind::Log))
        };
        logged += usize::from(known.iter().all(is_log));
    }
    let all = organisation.people.len();
    let remedy =
        "name in `contact` channels that the settings have, and an `email` or `phone` where they need one";
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
        let what = format!("{} miss a channel, or what it needs to reach them", of(missing.len(), all));
        chart.warning("contacts", what, remedy);
        chart.details(missing.into_iter().take(TOLD));
    }
    if logged > 0 {
        let silent = organisation.people.values().filter(|person| person.contact.is_empty()).count();
        let of_them =
            if silent > 0 { format!("; {silent} of them have no `contact`") } else { String::new() };
        let what = format!(
            "what {} are told goes to nothing but the log, which wakes nobody{of_them}",
            of(logged, all)
        );
        chart.warning(
            "paging",
            what,
            "give the settings a channel of another kind, and people its name in `contact`",
        );
    } else if sound {
        chart.ok("contacts", format!("{} have channels that exist", of(all, all)));
    }
}

/// Whether those who are asked for help hear of it.
fn vendors(chart: &mut Chart, channels: &BTreeMap<String, ChannelSettings>, organisation: &Organisation) {
    let lacks = |vendor: &Vendor| match channels.get(&vendor.channel) {
        None if vendor.channel == LOG => None,
        None => Some(format!("no channel {}", vendor.channel)),
        Some(settings) => {
            let needed = settings.kind.needs()?;
            let given = if needed == "email" { &vendor.email } else { &vendor.phone };
            given.is_none().then(|| format!("no `{needed}`, which {} needs", vendor.channel))
        }
    };
    let all = organisation.vendors.len();
    let missing =
        organisation.vendors.iter().filter_map(|(id, vendor)| Some(format!("{id}: {}", lacks(vendor)?)));
    let missing: Vec<String> = missing.collect();
    if missing.is_empty() && all > 0 {
        chart.ok("vendors", format!("{all} of {all} vendors have channels that exist"));
    } else if !missing.is_empty() {
        let what = format!("{} of {all} vendors are reached by nothing", missing.len());
        let remedy =
            "add [channels.*] of these names to the settings, and an `email` or `phone` to [vendors.*]";
        chart.problem("vendors", what, remedy);
        chart.details(missing.into_iter().take(TOLD));
    }
}

fn of(some: usize, all: usize) -> String {
    format!("{some} of {} people", all)
}
