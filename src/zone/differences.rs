//! Rule 12: where the newest zone data and the embedded tables disagree.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::Zone;
use crate::schedule::ZoneName;

/// A zone on which the two sources disagree. In use is what the TZif folder says.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub zone: ZoneName,
    /// The first such instant, on the clock of the TZif folder.
    pub newest: DateTime<FixedOffset>,
    /// The same instant on the clock of the embedded tables.
    pub embedded: DateTime<FixedOffset>,
}

pub(super) fn between(
    zones: &BTreeMap<ZoneName, Zone>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<Difference> {
    let first = |name: &ZoneName, newest: &Zone| {
        let embedded = Zone::embedded(name.as_str())?;
        let changes = changes(newest, from, until).into_iter().chain(changes(embedded, from, until));
        let at = changes.filter(|at| newest.offset(*at) != embedded.offset(*at)).min()?;
        Some(Difference {
            zone: name.clone(),
            newest: newest.local_with_offset(at),
            embedded: embedded.local_with_offset(at),
        })
    };
    zones.iter().filter_map(|(name, zone)| first(name, zone)).collect()
}

/// `from`, and the instants before `until` at which the offset changes. Two changes within one day that undo each
/// other would go unseen; no zone has ever done that.
fn changes(zone: &Zone, from: DateTime<Utc>, until: DateTime<Utc>) -> BTreeSet<DateTime<Utc>> {
    let mut found = BTreeSet::new();
    if from < until {
        found.insert(from);
    }
    let mut day = from;
    while day < until {
        let next = day.checked_add_signed(TimeDelta::days(1)).map_or(until, |next| next.min(until));
        if zone.offset(day) != zone.offset(next) {
            let (mut early, mut late) = (day.timestamp(), next.timestamp());
            while late - early > 1 {
                let middle = early + (late - early) / 2;
                let at = DateTime::from_timestamp(middle, 0).expect("between two instants");
                if zone.offset(at) == zone.offset(day) { early = middle } else { late = middle }
            }
            found.extend(DateTime::from_timestamp(late, 0).filter(|at| *at < until));
        }
        day = next;
    }
    found
}
