//! Rule 12: where two sources of zone data disagree.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset, Utc};
use serde::Serialize;

use super::place::with_offset;
use super::{Zone, Zones};
use crate::schedule::ZoneName;

/// A zone on which two sources disagree.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    pub zone: ZoneName,
    /// In order and not empty.
    pub stretches: Vec<Stretch>,
}

/// A stretch of time in which the clocks of two sources are apart by the same amount all through.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stretch {
    pub from: DateTime<Utc>,
    /// The end of the window that was asked about, where they are still apart then.
    pub until: DateTime<Utc>,
    /// How far the clock in use is ahead of the other; below 0, behind.
    pub minutes: i64,
    /// `from` on the clock of the data in use.
    #[serde(serialize_with = "with_offset")]
    pub in_use: DateTime<FixedOffset>,
    /// `from` on the clock of the data it is held against.
    #[serde(serialize_with = "with_offset")]
    pub other: DateTime<FixedOffset>,
}

impl Zones {
    /// Where this data and `other` disagree on the zones called `names` within `from..until`, by zone. A zone that
    /// one of them does not know at all is left out.
    pub fn differences_from<'n>(
        &self,
        other: &Zones,
        names: impl IntoIterator<Item = &'n ZoneName>,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Vec<Difference> {
        let names: BTreeSet<&ZoneName> = names.into_iter().collect();
        let difference = |name: &&ZoneName| {
            let same_bytes = self.tzif.get(*name).is_some_and(|ours| other.tzif.get(*name) == Some(ours));
            if same_bytes {
                return None;
            }
            let stretches = stretches(self.get(name)?, other.get(name)?, from, until);
            (!stretches.is_empty()).then(|| Difference { zone: (*name).clone(), stretches })
        };
        names.iter().filter_map(difference).collect()
    }
}

fn stretches(ours: &Zone, theirs: &Zone, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Stretch> {
    let changes = ours.changes(from, until).into_iter().chain(theirs.changes(from, until));
    let mut borders: BTreeSet<DateTime<Utc>> = changes.map(|change| change.at).collect();
    borders.extend((from < until).then_some(from));
    let mut found: Vec<Stretch> = Vec::new();
    let mut coming = borders.into_iter().peekable();
    while let Some(at) = coming.next() {
        let next = coming.peek().copied().unwrap_or(until);
        let seconds = ours.offset(at) - theirs.offset(at);
        let minutes = i64::from(seconds) / 60;
        match found.last_mut() {
            _ if seconds == 0 => (),
            Some(last) if last.until == at && last.minutes == minutes => last.until = next,
            _ => found.push(Stretch {
                from: at,
                until: next,
                minutes,
                in_use: ours.local_with_offset(at),
                other: theirs.local_with_offset(at),
            }),
        }
    }
    found
}
