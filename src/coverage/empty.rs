//! Leave and overrides that hold at no instant, because of how a zone's clock reads their borders.

use std::collections::{BTreeMap, BTreeSet};

use super::interval::Interval;
use super::moments;
use super::plan::everybody;
use crate::schedule::{Leave, Organisation, Override, PersonId, ZoneName};
use crate::zone::{Zone, Zones};

/// A change that takes up no time where it is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EmptyChange<'a> {
    /// In the zone of a team of theirs; in another team's zone it may take up some.
    Leave(&'a Leave, &'a ZoneName),
    Override(&'a Override, &'a ZoneName),
}

/// The leave and overrides of the files that are empty: within a gap of the clock, between the two readings of a
/// doubled hour, or the wrong way round between a local time and one with an offset.
pub fn empty_changes<'a>(organisation: &'a Organisation, zones: &Zones) -> Vec<EmptyChange<'a>> {
    let of_people = zones_of_people(organisation);
    let is_empty = |zone: &ZoneName, read: &dyn Fn(&Zone) -> Interval| {
        zones.get(zone).is_some_and(|zone| read(zone).is_empty())
    };
    let leave = organisation.leave.iter().filter_map(|leave| {
        let mut of_teams = of_people.get(&leave.person)?.iter().copied();
        let zone = of_teams.find(|zone| is_empty(zone, &|zone| moments::leave(leave, zone)))?;
        Some(EmptyChange::Leave(leave, zone))
    });
    let overrides = organisation.overrides.iter().filter_map(|change| {
        let zone = &organisation.teams.get(&change.team)?.timezone;
        let found = is_empty(zone, &|zone| moments::override_(change, zone));
        found.then_some(EmptyChange::Override(change, zone))
    });
    leave.chain(overrides).collect()
}

/// The zones in which the leave of those who have any is read.
fn zones_of_people(organisation: &Organisation) -> BTreeMap<&PersonId, BTreeSet<&ZoneName>> {
    let away = organisation.leave.iter().map(|leave| (&leave.person, BTreeSet::new()));
    let mut zones: BTreeMap<_, BTreeSet<_>> = away.collect();
    for team in organisation.teams.values() {
        for person in everybody(team) {
            if let Some(zones) = zones.get_mut(person) {
                zones.insert(&team.timezone);
            }
        }
    }
    zones
}
