//! Ways to reach people, and which of them a person is to be reached by.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use tracing::info;

use super::line::Line;
use super::places::Places;
use super::twilio::{Medium, Twilio};
use super::{Acknowledging, Http, Letter, Links, Ntfy, Pace, Slack, Smtp, Target, Teams, Webhook};
use crate::coverage::LOG;
use crate::desk::Notice;
use crate::schedule::{Organisation, Person, PersonId};
use crate::settings::{ChannelKind, ChannelSettings, Kept, Rate};

#[derive(Clone)]
pub enum Channel {
    Log,
    Webhook(Webhook),
    Smtp(Box<Smtp>),
    Slack(Slack),
    Teams(Teams),
    Ntfy(Ntfy),
    Twilio(Box<Twilio>),
    Http(Box<Http>),
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
    /// Too much at once, for this notice as for every other; the receiver may have said for how long.
    Throttled { why: String, retry_after: Option<TimeDelta> },
    /// Trying again is pointless.
    Lasting { why: String },
}

impl Failure {
    pub(super) fn lasting(why: String) -> Failure {
        Failure::Lasting { why }
    }

    pub fn why(&self) -> &str {
        match self {
            Failure::Passing { why, .. } | Failure::Throttled { why, .. } | Failure::Lasting { why } => why,
        }
    }
}

/// A channel, the line before it, and the places for requests under way to it.
#[derive(Clone)]
pub(super) struct Way {
    pub channel: Channel,
    /// Messages have the link that takes a ticket.
    acknowledge: bool,
    pub line: Arc<Line>,
    pub places: Arc<Places>,
}

impl Way {
    fn to(channel: Channel, acknowledge: bool, rate: Option<Rate>, pace: &Pace) -> Way {
        Way {
            channel,
            acknowledge,
            line: Arc::new(Line::new(rate, pace.patience())),
            places: Arc::new(Places::new(pace.per_channel)),
        }
    }
}

/// Every channel by its name; `log` is always among them.
#[derive(Clone)]
pub struct Channels {
    by_name: BTreeMap<String, Way>,
    links: Option<Arc<Acknowledging>>,
}

impl Channels {
    pub fn new(settings: &BTreeMap<String, ChannelSettings>, pace: &Pace) -> anyhow::Result<Channels> {
        let log = Way::to(Channel::Log, false, None, pace);
        let mut by_name = BTreeMap::from([(LOG.to_owned(), log)]);
        for (name, settings) in settings {
            let channel = Channel::new(settings, pace.timeout).with_context(|| format!("channels.{name}"))?;
            let way = Way::to(channel, settings.acknowledge, settings.rate, pace);
            by_name.insert(name.clone(), way);
        }
        Ok(Channels { by_name, links: None })
    }

    /// The log alone.
    pub fn none() -> Channels {
        let log = Way::to(Channel::Log, false, None, &Pace::default());
        Channels { by_name: BTreeMap::from([(LOG.to_owned(), log)]), links: None }
    }

    /// Messages have links from now on.
    pub fn with_links(self, links: Option<Arc<Acknowledging>>) -> Channels {
        Channels { links, ..self }
    }

    /// What a message about the notice leads to, by that channel.
    pub(super) fn links(&self, channel: &str, notice: &Notice) -> Links {
        let links =
            self.links.as_ref().filter(|_| self.by_name.get(channel).is_some_and(|way| way.acknowledge));
        let reply = self.links.as_ref().and_then(|links| links.reply_link(notice));
        Links { acknowledge: links.and_then(|links| links.link(notice)), reply }
    }

    /// One more, or in place of the one of that name.
    pub fn bring(&mut self, name: &str, receiver: Receiver, pace: &Pace) {
        self.by_name.insert(name.to_owned(), Way::to(Channel::Brought(receiver), false, None, pace));
    }

    /// Those of a notice's ways that exist, in their order, each once; `log` where there is none.
    pub fn of<'a>(&self, ways: Vec<&'a str>) -> Vec<&'a str> {
        let mut seen = BTreeSet::new();
        let mut known = ways;
        known.retain(|name| self.by_name.contains_key(*name) && seen.insert(*name));
        if known.is_empty() {
            known.push(LOG);
        }
        known
    }

    /// What a person lacks to be reached by all their ways, in words.
    pub fn missing(&self, organisation: &Organisation, person: &PersonId) -> Option<String> {
        let unknown: Vec<&str> =
            contact(organisation, person).filter(|name| !self.by_name.contains_key(*name)).collect();
        match &unknown[..] {
            [] if contact(organisation, person).next().is_none() => {
                Some("this person has no `contact`: the log takes the notice".to_owned())
            }
            [] => None,
            unknown => Some(format!("no such channels in the settings: {}", unknown.join(", "))),
        }
    }

    /// As [`Channels::of`], but for what must reach somebody: the log takes everything and wakes nobody, so it has no turn
    /// where there is anything else.
    pub fn waking<'a>(&self, ways: Vec<&'a str>) -> Vec<&'a str> {
        let names = self.of(ways);
        let is_log = |name: &&str| matches!(self.by_name[*name].channel, Channel::Log);
        match names.iter().all(is_log) {
            true => names,
            false => names.into_iter().filter(|name| !is_log(name)).collect(),
        }
    }

    /// Why what must reach the person would be written into the log and wake nobody, although that is not what the files
    /// and the settings are meant to say, and what to do. `ways`: for this notice, at its hour. Where no channel is set up
    /// at all, the log is the channel.
    pub fn only_logged(
        &self,
        organisation: &Organisation,
        person: &PersonId,
        ways: &[&str],
    ) -> Option<String> {
        let set_up = self.by_name.keys().any(|name| name != LOG);
        if !set_up || ways.iter().any(|name| self.by_name.contains_key(*name)) {
            return None;
        }
        Some(match ways {
            [channel, ..] if organisation.vendor(person).is_some() => format!(
                "the channel of the vendor {person} is not set up here: add [channels.{channel}] to meridian.toml on every \
                 node",
            ),
            [] if contact(organisation, person).next().is_none() => {
                format!(
                    "{person} has no `contact`: name a channel there, or \"log\" if nobody is to be woken"
                )
            }
            [] => format!("no way to wake {person} is open at this hour: see `between` in their `contact`"),
            [first, ..] => format!(
                "no channel of {person} is set up here ({}): mend `contact`, or add [channels.{first}] to meridian.toml \
                 on every node",
                ways.join(", "),
            ),
        })
    }

    /// Whether channels are named, and none of them is set up here.
    pub(super) fn knows_none(&self, organisation: &Organisation, person: &PersonId) -> bool {
        let mut named = contact(organisation, person).peekable();
        named.peek().is_some() && !named.any(|name| self.by_name.contains_key(name))
    }

    /// Whether nobody can be woken: only the log is there.
    pub fn only_log(&self) -> bool {
        self.by_name.values().all(|way| matches!(way.channel, Channel::Log))
    }

    pub fn named(&self, name: &str) -> Option<Channel> {
        self.get(name).map(|way| way.channel)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    pub(super) fn get(&self, name: &str) -> Option<Way> {
        self.by_name.get(name).cloned()
    }
}

/// The channels a person names, for whatever and whenever; of a vendor, its own.
fn contact<'o>(organisation: &'o Organisation, person: &PersonId) -> impl Iterator<Item = &'o str> {
    let contact = organisation.people.get(person).map_or(&[][..], |person| &person.contact);
    let of_vendor = organisation.vendor(person).map(|vendor| vendor.channel.as_str());
    contact.iter().map(|way| way.via.as_str()).chain(of_vendor)
}

impl Channel {
    /// Reads its secrets. The process must have a rustls provider installed. Errors show no secret.
    pub fn new(settings: &ChannelSettings, timeout: Duration) -> anyhow::Result<Channel> {
        let private = settings.allow_private;
        let read = |kept: &Option<Kept>| kept.as_ref().map(Kept::read).transpose();
        Ok(match &settings.kind {
            ChannelKind::Log => Channel::Log,
            ChannelKind::Webhook { url, secret } => {
                Channel::Webhook(Webhook::new(&url.read()?, read(secret)?.as_ref(), private, timeout)?)
            }
            ChannelKind::Smtp(smtp) => Channel::Smtp(Box::new(Smtp::new(smtp, private, timeout)?)),
            ChannelKind::Slack { url } => Channel::Slack(Slack::new(&url.read()?, private, timeout)?),
            ChannelKind::Teams { url } => Channel::Teams(Teams::new(&url.read()?, private, timeout)?),
            ChannelKind::Ntfy { url, topic, token } => {
                Channel::Ntfy(Ntfy::new(&url.read()?, topic, read(token)?.as_ref(), private, timeout)?)
            }
            ChannelKind::TwilioSms(twilio) => {
                Channel::Twilio(Box::new(Twilio::new(twilio, Medium::Sms, private, timeout)?))
            }
            ChannelKind::TwilioVoice(twilio) => {
                Channel::Twilio(Box::new(Twilio::new(twilio, Medium::Voice, private, timeout)?))
            }
            ChannelKind::Http(http) => Channel::Http(Box::new(Http::new(http, private, timeout)?)),
        })
    }

    /// What of a person's it needs and the files do not say, as they call it.
    pub(super) fn lacks(&self, person: &Person) -> Option<&'static str> {
        match self {
            Channel::Smtp(_) => person.email.is_none().then_some("email"),
            Channel::Twilio(_) => person.phone.is_none().then_some("phone"),
            _ => None,
        }
    }

    /// Delivered when it returns `Ok`, with what the receiver said, in words.
    pub async fn send(&self, letter: &Letter<'_>, now: DateTime<Utc>) -> Result<String, Failure> {
        match self {
            Channel::Log => {
                log(letter);
                Ok("written into the log".to_owned())
            }
            Channel::Webhook(webhook) => webhook.send(letter, now).await,
            Channel::Smtp(smtp) => smtp.send(letter).await,
            Channel::Slack(slack) => slack.send(letter, now).await,
            Channel::Teams(teams) => teams.send(letter, now).await,
            Channel::Ntfy(ntfy) => ntfy.send(letter, now).await,
            Channel::Twilio(twilio) => twilio.send(letter, now).await,
            Channel::Http(http) => http.send(letter, now).await,
            Channel::Brought(receiver) => receiver(letter.id).await.map(|()| "taken".to_owned()),
        }
    }

    /// Connects, and hangs up without a word: the host and addresses where a message would go, or `None` for the log. An
    /// error says why none would.
    pub async fn reach(&self, within: Duration) -> anyhow::Result<Option<String>> {
        let target: &Target = match self {
            Channel::Log | Channel::Brought(_) => return Ok(None),
            Channel::Smtp(smtp) => return smtp.reach(within).await.map(Some),
            Channel::Webhook(webhook) => webhook.target(),
            Channel::Slack(slack) => slack.target(),
            Channel::Teams(teams) => teams.target(),
            Channel::Ntfy(ntfy) => ntfy.target(),
            Channel::Twilio(twilio) => twilio.target(),
            Channel::Http(http) => http.target(),
        };
        target.reach(within).await.map(Some)
    }
}

fn log(letter: &Letter) {
    info!(
        notice.id = letter.id,
        ticket.id = letter.about.map(|about| about.ticket.0),
        person = %letter.to.id,
        kind = letter.kind(),
        priority = letter.about.and_then(|about| about.priority).map(|priority| priority.to_string()),
        text = %letter.text,
        expires_at = letter.about.and_then(|about| about.expires_at).map(|at| at.to_rfc3339()),
        "notice: {}", letter.subject,
    );
}
