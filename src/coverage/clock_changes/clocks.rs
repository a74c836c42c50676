//! When the clocks of an organisation are set forward or back.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::super::interval::Interval;
use crate::schedule::{Organisation, ZoneName};
use crate::zone::Zones;

/// One zone's clock is set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ZoneChange {
    pub at: DateTime<Utc>,
    pub zone: ZoneName,
    /// How far it is set forward; below 0, back.
    pub minutes: i64,
}

/// Clocks that are set on one local date by the same amount.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClocksSet {
    pub date: NaiveDate,
    pub minutes: i64,
    pub changes: Vec<ZoneChange>,
}

/// The changes within `from..until` of all clocks by which teams and rotations go, in order.
pub fn clocks_set(
    organisation: &Organisation,
    zones: &Zones,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<ClocksSet> {
    let teams = organisation.teams.values();
    let names: BTreeSet<&ZoneName> = teams
        .flat_map(|team| {
            [&team.timezone].into_iter().chain(team.rotations.iter().map(|rotation| &rotation.timezone))
        })
        .collect();
    let mut found: BTreeMap<(NaiveDate, i64), Vec<ZoneChange>> = BTreeMap::new();
    for name in names {
        for change in changes(zones, name, Interval { from, until }) {
            let date = zones.get(name).map(|zone| zone.local(change.at).date()).unwrap_or_default();
            found.entry((date, change.minutes)).or_default().push(change);
        }
    }
    let set = |((date, minutes), mut changes): (_, Vec<ZoneChange>)| {
        changes.sort();
        ClocksSet { date, minutes, changes }
    };
    found.into_iter().map(set).collect()
}

/// One zone's changes within `range`, in order.
pub(super) fn changes(zones: &Zones, name: &ZoneName, range: Interval) -> Vec<ZoneChange> {
    let changes = zones.get(name).map(|zone| zone.changes(range.from, range.until)).unwrap_or_default();
    let change = |change: crate::zone::ClockChange| ZoneChange {
        at: change.at,
        zone: name.clone(),
        minutes: change.minutes(),
    };
    changes.into_iter().map(change).collect()
}

/// The last change of the list at or before `begins`, and the first one after `ends`.
pub(super) fn around(
    changes: &[ZoneChange],
    begins: DateTime<Utc>,
    ends: DateTime<Utc>,
) -> (Option<&ZoneChange>, Option<&ZoneChange>) {
    let before = changes.iter().filter(|change| change.at <= begins).max_by_key(|change| change.at);
    let after = changes.iter().filter(|change| change.at > ends).min_by_key(|change| change.at);
    (before, after)
}
