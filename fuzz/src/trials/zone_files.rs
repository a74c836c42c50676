//! The bytes of a TZif file, which come from a package or an administrator's folder.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use meridian::coverage::{Coverage, clock_surprises};
use meridian::schedule::ZoneName;
use meridian::zone::{Zone, Zones};

use super::town::{spring, tiles, town};

pub fn run(data: &[u8]) {
    let name = ZoneName::new("Europe/Berlin");
    let tzif = BTreeMap::from([(name.clone(), Arc::from(data))]);
    let Ok(zones) = Zones::from_tzif(None, tzif) else { return };
    let zone = zones.get(&name).expect("it was read");
    let (from, until) = spring();
    zone.changes(from - TimeDelta::days(800), until + TimeDelta::days(800));
    let mut at = from - TimeDelta::days(400);
    while at < until {
        is_in_order(zone, at);
        at += TimeDelta::minutes(1_439);
    }
    for at in [DateTime::<Utc>::MIN_UTC, DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC] {
        zone.local(at);
        zone.local_with_offset(at);
    }
    for date in [NaiveDate::MIN, NaiveDate::MAX] {
        let midnight = date.and_hms_opt(0, 0, 0).expect("midnight");
        zone.start(midnight);
        zone.end(midnight);
    }
    let organisation = town();
    let zones = Arc::new(zones);
    let coverage = Coverage::compile(organisation.clone(), zones.clone(), Arc::default(), from, until);
    for team in organisation.teams.keys() {
        tiles(&coverage.window(team, from, until), &organisation, from, until);
    }
    clock_surprises(&organisation, &zones, from, until);
}

/// A damaged file may tell any nonsense of a zone's clocks, but a local time never ends before it begins.
fn is_in_order(zone: &Zone, at: DateTime<Utc>) {
    let local = zone.local(at);
    let (first, last) = (zone.start(local), zone.end(local));
    assert!(first <= last, "{local} begins at {first} and ends at {last}");
}
