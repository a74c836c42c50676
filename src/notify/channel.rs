//! Ways to reach people, and which of them a person is to be reached by.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use tracing::info;

use super::places::Places;
use super::{Pace, Webhook};
use crate::desk::Notice;
use crate::schedule::{Organisation, Person, PersonId};
use crate::settings::{ChannelSettings, SecretFile};

/// Where notices go for which no other channel is known: into the log, visibly.
const LOG: &str = "log";

#[derive(Clone)]
pub enum Channel {
    Log,
    Webhook(Webhook),
    /// Whatever the house around brings: in the simulation, receivers that fail when they are told to.
    Brought(Receiver),
}

/// Takes a notice by its id, or says why not.
pub type Receiver = Arc<dyn Fn(&str) -> Taking + Send + Sync>;
pub type Taking = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// Why a channel did not take a notice.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// It may work later; the receiver may have said when.
    Passing { why: String, retry_after: Option<TimeDelta> },
    /// Trying again is pointless.
    Lasting { why: String },
}

/// Every channel by its name; `log` is always among them.
#[derive(Clone)]
pub struct Channels {
    by_name: BTreeMap<String, (Channel, Arc<Places>)>,
}

impl Channels {
    pub fn new(settings: &BTreeMap<String, ChannelSettings>, pace: &Pace) -> anyhow::Result<Channels> {
        let places = || Arc::new(Places::new(pace.per_channel));
        let mut by_name = BTreeMap::from([(LOG.to_owned(), (Channel::Log, places()))]);
        for (name, settings) in settings {
            let channel = match settings {
                ChannelSettings::Log => Channel::Log,
                ChannelSettings::Webhook { url, secret, allow_private } => {
                    let webhook = || {
                        let secret = secret.as_ref().map(SecretFile::read).transpose()?;
                        Webhook::new(url, secret.as_ref(), *allow_private, pace.timeout)
                    };
                    Channel::Webhook(webhook().with_context(|| format!("channels.{name}"))?)
                }
            };
            by_name.insert(name.clone(), (channel, places()));
        }
        Ok(Channels { by_name })
    }

    /// One more, or in place of the one of that name.
    pub fn bring(&mut self, name: &str, receiver: Receiver, pace: &Pace) {
        self.by_name
            .insert(name.to_owned(), (Channel::Brought(receiver), Arc::new(Places::new(pace.per_channel))));
    }

    /// The person's channels that exist, in their order, each once; `log` where there is none. And, in words, what
    /// is missing.
    pub fn of<'a>(
        &'a self,
        organisation: &'a Organisation,
        person: &PersonId,
    ) -> (Vec<&'a str>, Option<String>) {
        let contact = organisation.people.get(person).map_or(&[][..], |person| &person.contact);
        let (mut known, unknown): (Vec<&str>, Vec<&str>) =
            contact.iter().map(String::as_str).partition(|name| self.by_name.contains_key(*name));
        let missing = match &unknown[..] {
            [] if contact.is_empty() => {
                Some("this person has no `contact`: the log takes the notice".to_owned())
            }
            [] => None,
            unknown => Some(format!("no such channels in the settings: {}", unknown.join(", "))),
        };
        let mut seen = BTreeSet::new();
        known.retain(|name| seen.insert(*name));
        if known.is_empty() {
            known.push(LOG);
        }
        (known, missing)
    }

    /// Why a page to the person would be written into the log and wake nobody, although that is not what the files and
    /// the settings are meant to say, and what to do. Where no channel is set up at all, the log is the channel.
    pub fn only_logged(&self, organisation: &Organisation, person: &PersonId) -> Option<String> {
        let contact = organisation.people.get(person).map_or(&[][..], |person| &person.contact);
        let set_up = self.by_name.keys().any(|name| name != LOG);
        if !set_up || contact.iter().any(|name| self.by_name.contains_key(name)) {
            return None;
        }
        Some(match contact {
            [] => format!(
                "{person} has no `contact`: name a channel there, or \"log\" if nobody is to be woken"
            ),
            _ => format!(
                "no channel of {person} is set up here ({}): mend `contact`, or add [channels.{}] to meridian.toml on \
                 every node",
                contact.join(", "),
                contact[0],
            ),
        })
    }

    /// Whether channels are named, and none of them is set up here.
    pub(super) fn knows_none(&self, contact: &[String]) -> bool {
        !contact.is_empty() && !contact.iter().any(|name| self.by_name.contains_key(name))
    }

    /// Whether nobody can be woken: only the log is there.
    pub fn only_log(&self) -> bool {
        self.by_name.values().all(|(channel, _)| matches!(channel, Channel::Log))
    }

    pub fn named(&self, name: &str) -> Option<Channel> {
        self.get(name).map(|(channel, _)| channel)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// The channel, and the places for requests under way to it.
    pub(super) fn get(&self, name: &str) -> Option<(Channel, Arc<Places>)> {
        self.by_name.get(name).cloned()
    }
}

impl Channel {
    /// Delivered when it returns `Ok`.
    pub async fn send(
        &self,
        notice: &Notice,
        person: Option<&Person>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        match self {
            Channel::Log => {
                info!(
                    notice.id = %notice.id, ticket.id = %notice.ticket, person = %notice.to,
                    kind = notice.kind.as_str(), priority = %notice.priority,
                    text = %notice.text, expires_at = notice.expires_at.map(|at| at.to_rfc3339()),
                    "notice: {}", notice.subject,
                );
                Ok(())
            }
            Channel::Webhook(webhook) => webhook.send(notice, person, now).await,
            Channel::Brought(receiver) => receiver(&notice.id).await,
        }
    }
}
