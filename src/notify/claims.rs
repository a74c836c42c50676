//! What is claimed and not settled, by channel: a channel that is slow fills its own room and no other's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};

use super::Channels;
use crate::schedule::{Organisation, PersonId};
use crate::store::{Leave, LeaveOf, OutboxRow};

/// A page whose channels this node does not know is left to nodes that may know them for so long.
const LEFT_TO_OTHERS: TimeDelta = TimeDelta::seconds(30);

const LOCK: &str = "no one panics while holding it";

#[derive(Default)]
pub(super) struct Claims {
    by_channel: Mutex<BTreeMap<String, usize>>,
    firsts: Mutex<Option<Arc<Firsts>>>,
}

/// One notice that is under way, until it is dropped.
pub(super) struct Claimed {
    claims: Arc<Claims>,
    channel: String,
}

/// Which channel people's notices begin with, as the files say it.
struct Firsts {
    organisation: Arc<Organisation>,
    people: BTreeMap<String, BTreeSet<PersonId>>,
    /// Who names channels, none of which is known here.
    strangers: BTreeSet<PersonId>,
}

impl Claims {
    pub fn under_way(self: &Arc<Self>, channel: &str) -> Claimed {
        *self.by_channel.lock().expect(LOCK).entry(channel.to_owned()).or_default() += 1;
        Claimed { claims: self.clone(), channel: channel.to_owned() }
    }

    /// What is not to be claimed now: `room` notices of one channel may be under way, and as many pages again. `shared`:
    /// other nodes may know channels that are unknown here.
    pub fn leave(
        &self,
        organisation: &Arc<Organisation>,
        channels: &Channels,
        room: usize,
        shared: bool,
        now: DateTime<Utc>,
    ) -> Leave {
        let firsts = self.firsts(organisation, channels);
        let by_channel = self.by_channel.lock().expect(LOCK);
        let full = |room: usize| {
            let mut of = LeaveOf::default();
            for (channel, _) in by_channel.iter().filter(|(_, count)| **count >= room) {
                of.channels.insert(channel.clone());
                of.people.extend(firsts.people.get(channel).into_iter().flatten().cloned());
            }
            of
        };
        let strangers = if shared { firsts.strangers.clone() } else { BTreeSet::new() };
        Leave { pages: full(2 * room), others: full(room), strangers, strangers_after: now - LEFT_TO_OTHERS }
    }

    fn firsts(&self, organisation: &Arc<Organisation>, channels: &Channels) -> Arc<Firsts> {
        let mut kept = self.firsts.lock().expect(LOCK);
        match &*kept {
            Some(firsts) if Arc::ptr_eq(&firsts.organisation, organisation) => firsts.clone(),
            _ => kept.insert(Arc::new(Firsts::of(organisation, channels))).clone(),
        }
    }
}

impl Firsts {
    fn of(organisation: &Arc<Organisation>, channels: &Channels) -> Firsts {
        let mut people: BTreeMap<String, BTreeSet<PersonId>> = BTreeMap::new();
        for person in organisation.people.keys() {
            let (names, _) = channels.of(organisation, person);
            people.entry(names[0].to_owned()).or_default().insert(person.clone());
        }
        let strangers = organisation.people.iter().filter(|(_, person)| channels.knows_none(&person.contact));
        let strangers = strangers.map(|(id, _)| id.clone()).collect();
        Firsts { organisation: organisation.clone(), people, strangers }
    }
}

impl Drop for Claimed {
    fn drop(&mut self) {
        let mut by_channel = self.claims.by_channel.lock().expect(LOCK);
        if let Some(count) = by_channel.get_mut(&self.channel) {
            *count -= 1;
            if *count == 0 {
                by_channel.remove(&self.channel);
            }
        }
    }
}

/// Where in a person's channels a notice is.
pub(super) struct Turn<'a> {
    pub channel: &'a str,
    /// Attempts on this channel that came to nothing.
    pub failed: u32,
    pub next: Option<&'a str>,
}

impl Turn<'_> {
    /// The channel the outbox names, else the person's first. `names` has at least one, and each once.
    pub fn of<'a>(row: &OutboxRow, names: &[&'a str]) -> Turn<'a> {
        let stored = row.channel.as_deref().and_then(|last| names.iter().position(|name| *name == last));
        let at = stored.unwrap_or(0);
        let failed = if stored.is_some() { row.attempts } else { 0 };
        Turn { channel: names[at], failed, next: names.get(at + 1).copied() }
    }
}
