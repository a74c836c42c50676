//! Whether messages have arrived of late: by which channels somebody was not reached.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::coverage::{Coverage, Fault, LOG};
use crate::schedule::PersonId;
use crate::store::{LastTaken, OutboxRow};

/// What failed before this says nothing about now.
pub(super) const REMEMBERED: TimeDelta = TimeDelta::hours(24);

/// One attempt that fails may be one of a busy moment.
const FAILED_ATTEMPTS: u32 = 2;

/// A channel that has failed so many people, and has taken nothing since, fails everybody.
const PEOPLE: usize = 2;

/// What failed last, by channel and person: what a channel has taken for them since is forgotten.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    failed: BTreeMap<String, BTreeMap<PersonId, DateTime<Utc>>>,
    down: BTreeMap<String, DateTime<Utc>>,
}

impl Arrivals {
    /// The channels that `failing` notices have failed by; of these, what they took is asked.
    pub fn failing(failing: &[OutboxRow], coverage: &Coverage) -> Arrivals {
        let mut failed: BTreeMap<String, BTreeMap<PersonId, DateTime<Utc>>> = BTreeMap::new();
        for row in failing {
            let at = row.failed_at.unwrap_or_else(|| row.notice.goes_out_at());
            for channel in refused_by(row, coverage) {
                let last = failed.entry(channel).or_default().entry(row.notice.to.clone()).or_insert(at);
                *last = at.max(*last);
            }
        }
        Arrivals { failed, down: BTreeMap::new() }
    }

    pub fn channels(&self) -> Vec<String> {
        self.failed.keys().cloned().collect()
    }

    pub fn with_taken(mut self, taken: &[LastTaken]) -> Arrivals {
        let mut last: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
        for LastTaken { channel, at, .. } in taken {
            let last = last.entry(channel).or_insert(*at);
            *last = (*last).max(*at);
        }
        for (channel, people) in &self.failed {
            let since = last.get(channel.as_str());
            let later: BTreeSet<(DateTime<Utc>, &PersonId)> = people
                .iter()
                .filter(|(_, at)| since.is_none_or(|since| *at > since))
                .map(|(person, at)| (*at, person))
                .collect();
            if let (PEOPLE.., Some((at, _))) = (later.len(), later.last()) {
                self.down.insert(channel.clone(), *at);
            }
        }
        for LastTaken { to, channel, at } in taken {
            if let Some(people) = self.failed.get_mut(channel)
                && people.get(to).is_some_and(|failed| failed <= at)
            {
                people.remove(to);
            }
        }
        self
    }

    pub fn fault(&self, person: &PersonId, channel: &str) -> Option<Fault> {
        let failed = self.failed.get(channel).and_then(|people| people.get(person));
        let down = || self.down.get(channel).map(|at| Fault::Down { at: *at });
        failed.map(|at| Fault::Failed { at: *at }).or_else(down)
    }
}

/// What is given up has gone by all of its ways; what is still tried, by those up to the one whose turn it is.
fn refused_by(row: &OutboxRow, coverage: &Coverage) -> Vec<String> {
    let mut ways: Vec<&str> = row.notice.ways(coverage);
    let turn = row.channel.as_deref();
    let place = ways.iter().position(|way| Some(*way) == turn);
    match (row.failed_at, turn, place) {
        // The files said something else when it was made.
        (_, Some(turn), None) => ways = vec![turn],
        (Some(_), ..) => {}
        (None, _, place) => ways.truncate(place.map_or(1, |place| place + 1)),
    }
    if row.failed_at.is_none() && row.attempts < FAILED_ATTEMPTS {
        ways.pop();
    }
    ways.into_iter().filter(|way| *way != LOG).map(str::to_owned).collect()
}
