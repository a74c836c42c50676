use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::{Client, Remote};
use super::files::{FilesArgs, ZonesArgs};
use super::{Outcome, show};
use crate::clock::Clock;
use crate::notify::{Channel as Way, Letter, Pace, use_ring};
use crate::schedule::{Person, PersonId};
use crate::settings::{ChannelSettings, Over, Settings};

const CONNECTS_WITHIN: Duration = Duration::from_secs(5);

/// Ways to reach people, as the settings have them
#[derive(Subcommand)]
#[command(after_help = "Examples:
  meridian channel list
  meridian channel test status-room
  meridian channel test mail --to anna
  meridian channel check --within 12")]
pub enum Channel {
    /// Names, kinds, rates, and whether where they lead anybody listens; without a daemon, sends nothing
    List(List),
    /// Send a message that says it is a test, and say what the channel answered; without a daemon
    Test(Test),
    /// Ask the daemon whether a page would reach those who begin a shift soon; with the token of a lead
    Check(Check),
}

#[derive(Args)]
#[command(after_help = "Example:
  meridian channel list --config /etc/meridian/meridian.toml")]
pub struct List {
    #[command(flatten)]
    from: From,
}

#[derive(Args)]
#[command(after_help = "Exits with 0 if the channel took the message, with 1 if it did not.

Examples:
  meridian channel test status-room
  meridian channel test mail --to anna")]
pub struct Test {
    /// As the settings call it
    name: String,
    /// To this person of the rotation files: with their e-mail address, phone number and id
    #[arg(long, value_name = "PERSON")]
    to: Option<String>,
    #[command(flatten)]
    from: From,
}

#[derive(Args)]
#[command(
    after_help = "A channel works for somebody if the settings know it, the files say what it needs of a person (`email`, `phone`),
and the last message to them by it in the last 24 hours arrived. Exits with 1 if a page would not reach somebody.

Examples:
  meridian channel check
  meridian channel check --within 12 --all"
)]
pub struct Check {
    /// So many hours ahead
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=168))]
    within: u32,
    /// Those whom a page would reach as well
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
struct From {
    /// Settings [default: meridian.toml, if it is there]
    #[arg(long, value_name = "FILE", env = "MERIDIAN_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of the rotation files [default: as in the settings]
    #[arg(long, value_name = "DIR", env = "MERIDIAN_SCHEDULES")]
    schedules: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Channel {
    pub fn run(self) -> anyhow::Result<Outcome> {
        use_ring();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let outcome = match self {
            Channel::List(list) => runtime.block_on(list.run()),
            Channel::Test(test) => runtime.block_on(test.run()),
            Channel::Check(check) => check.run(),
        };
        // A name that is still being looked up is nothing to wait for.
        runtime.shutdown_background();
        outcome
    }
}

impl From {
    fn settings(&self) -> anyhow::Result<Settings> {
        let over = Over { schedules: self.schedules.clone(), ..Over::default() };
        Settings::read(self.config.as_deref(), over)
    }
}

impl List {
    async fn run(self) -> anyhow::Result<Outcome> {
        let settings = self.from.settings()?;
        let mut rows = Vec::new();
        for (name, channel) in &settings.channels {
            rows.push((name, channel, leads_to(channel).await));
        }
        let sound = rows.iter().all(|(_, _, leads)| leads.is_ok());
        let outcome = if sound { Outcome::Yes } else { Outcome::No };
        let rate = |channel: &ChannelSettings| channel.rate.map(|rate| rate.to_string());
        if self.from.json {
            let rows = rows.iter().map(|(name, channel, leads)| {
                json!({
                    "name": name, "kind": channel.kind.as_str(), "rate": rate(channel),
                    "leads_to": leads.as_ref().ok(),
                    "problem": leads.as_ref().err().map(|error| format!("{error:#}")),
                })
            });
            show::json(&json!({ "channels": rows.collect::<Vec<_>>() }))?;
            return Ok(outcome);
        }
        let mut table = show::table(&["channel", "kind", "at most", "leads to"]);
        for (name, channel, leads) in &rows {
            let leads = leads.as_ref().map_or_else(|error| format!("{error:#}"), String::clone);
            let rate = rate(channel).unwrap_or_else(|| "-".to_owned());
            table.add_row([name.as_str(), channel.kind.as_str(), &rate, &leads]);
        }
        show::out(&show::lines(&table))?;
        Ok(outcome)
    }
}

async fn leads_to(settings: &ChannelSettings) -> anyhow::Result<String> {
    let channel = Way::new(settings, Pace::default().timeout)?;
    Ok(channel.reach(CONNECTS_WITHIN).await?.unwrap_or_else(|| "the log".to_owned()))
}

impl Test {
    async fn run(self) -> anyhow::Result<Outcome> {
        let settings = self.from.settings()?;
        let Some(channel) = settings.channels.get(&self.name) else {
            let known: Vec<&str> = settings.channels.keys().map(String::as_str).collect();
            bail!("no channel is called {:?} in the settings; there are: {}", self.name, known.join(", "));
        };
        let (kind, needs) = (channel.kind.as_str(), channel.kind.needs());
        let channel =
            Way::new(channel, Pace::default().timeout).with_context(|| format!("channels.{}", self.name))?;
        let person = self.to.as_deref().map(|id| person(&settings, id)).transpose()?;
        if let (Some(needed), None) = (needs, &person) {
            bail!("a channel of kind {kind:?} writes to somebody's `{needed}`: say to whom with --to PERSON");
        }
        let now = Clock::machine().now();
        let id = format!("test-{}", now.timestamp_millis());
        let nobody = PersonId::new("test");
        let (to, person) = person.as_ref().map_or((&nobody, None), |(id, person)| (id, Some(person)));
        let outcome = channel.send(&Letter::test(&id, now, to, person), now).await;
        let (taken, said) = match &outcome {
            Ok(said) => (true, show::plain(said)),
            Err(failure) => (false, show::plain(failure.why())),
        };
        if self.from.json {
            show::json(&json!({ "channel": self.name, "notice": id, "taken": taken, "said": said }))?;
        } else if taken {
            show::out(&format!("{}: taken ({said}); look for the message {id}\n", self.name))?;
        } else {
            anstream::eprintln!("{}: {} not taken: {said}", show::red("error"), self.name);
        }
        Ok(if taken { Outcome::Yes } else { Outcome::No })
    }
}

impl Check {
    fn run(self) -> anyhow::Result<Outcome> {
        let (as_json, all) = (self.remote.json, self.all);
        self.remote.talk(async |client: Client| {
            let found = client.get("v1/shifts", &[("within_hours", Some(self.within.to_string()))]).await?;
            let shifts = found["shifts"].as_array().map_or(&[][..], Vec::as_slice);
            let unready = shifts.iter().filter(|shift| shift["unready"].is_object()).count();
            let outcome = if unready == 0 { Outcome::Yes } else { Outcome::No };
            if as_json {
                show::json(&found)?;
                return Ok(outcome);
            }
            let mut table = show::table(&["begins", "team", "person", "a page"]);
            for shift in shifts.iter().filter(|shift| all || shift["unready"].is_object()) {
                let cell = |key: &str| show::plain(shift[key].as_str().unwrap_or("-"));
                table.add_row([cell("at"), cell("team"), cell("person"), reach(shift)]);
            }
            if all || unready > 0 {
                show::out(&show::lines(&table))?;
            }
            let (begun, hours) = (shifts.len(), self.within);
            show::out(&format!(
                "{begun} begin a shift within {hours} hours; a page would not reach {unready}\n"
            ))?;
            Ok(outcome)
        })
    }
}

/// Whether a page reaches them, and why not.
fn reach(shift: &Value) -> String {
    let unready = &shift["unready"];
    if !unready.is_object() {
        return "reaches them".to_owned();
    }
    if unready["no_contact"] == true {
        return "no channel in their `contact`".to_owned();
    }
    let text = |value: &Value| show::plain(value.as_str().unwrap_or("-"));
    let faulty = unready["faulty"].as_array().map_or(&[][..], Vec::as_slice).iter().map(|faulty| {
        let at = text(&faulty["at"]);
        let said = match faulty["fault"].as_str().unwrap_or_default() {
            "not_set_up" => "is not in the settings".to_owned(),
            "lacks" => format!("needs their `{}`", text(&faulty["what"])),
            "failed" => format!("failed at {at}"),
            _ => format!("takes nothing since {at}"),
        };
        format!("{} {said}", text(&faulty["channel"]))
    });
    let mut said: Vec<String> = faulty.collect();
    if unready["from"] != shift["at"] {
        said.push(format!("none is used from {} on", text(&unready["from"])));
    } else if said.is_empty() {
        said.push("no way of theirs is used at that hour".to_owned());
    }
    said.join("; ")
}

fn person(settings: &Settings, id: &str) -> anyhow::Result<(PersonId, Person)> {
    let zones = ZonesArgs { tzdir: settings.tzdir.clone() };
    let files = FilesArgs { schedules: settings.schedules.clone(), zones };
    let sound = files.read()?.context("--to: the rotation files say where people are reached")?;
    let id = PersonId::new(id);
    let known = sound.organisation.people.get(&id).cloned();
    let person = known.with_context(|| format!("the rotation files know nobody called {id}"))?;
    Ok((id, person))
}
