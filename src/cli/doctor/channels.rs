//! Whether the channels could reach anybody. No message is sent.

use std::collections::BTreeMap;

use super::{Chart, Patient};
use crate::notify::{Channel, Channels, Pace};
use crate::schedule::Organisation;
use crate::settings::ChannelSettings;

const TOLD: usize = 5;

pub async fn examine(chart: &mut Chart, patient: &Patient, organisation: Option<&Organisation>) {
    let pace = Pace::default();
    for (name, settings) in &patient.settings.channels {
        let id = format!("channel.{name}");
        let one = BTreeMap::from([(name.clone(), settings.clone())]);
        let channels = match Channels::new(&one, &pace) {
            Ok(channels) => channels,
            Err(error) => {
                chart.problem(
                    &id,
                    format!("{error:#}"),
                    "mend it in the settings: the daemon does not start with it",
                );
                continue;
            }
        };
        let signed = matches!(settings, ChannelSettings::Webhook { secret: Some(_), .. });
        match channels.named(name) {
            Some(Channel::Webhook(webhook)) => match webhook.addresses().await {
                Err(error) => {
                    chart.problem(&id, format!("{error:#}"), "see its `url`, and that names resolve here")
                }
                Ok(addresses) if signed => chart.ok(&id, format!("would call {addresses}, signed")),
                Ok(addresses) => {
                    let remedy = "name a `secret_file`, so that the receiver can tell us from others";
                    chart.warning(&id, format!("would call {addresses}, without a signature"), remedy);
                }
            },
            _ => chart.ok(&id, "writes into the log"),
        }
    }
    let (Some(organisation), Ok(channels)) = (organisation, Channels::new(&patient.settings.channels, &pace))
    else {
        return;
    };
    let missing = organisation.people.keys().filter_map(|person| {
        let (_, missing) = channels.of(organisation, person);
        missing.map(|missing| format!("{person}: {missing}"))
    });
    let missing: Vec<String> = missing.collect();
    if missing.is_empty() {
        return chart
            .ok("contacts", format!("all {} people have channels that exist", organisation.people.len()));
    }
    let what = format!("{} of {} people miss a channel", missing.len(), organisation.people.len());
    chart.warning("contacts", what, "name in `contact` channels that the settings have");
    chart.details(missing.into_iter().take(TOLD));
}
