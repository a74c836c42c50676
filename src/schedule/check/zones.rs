//! Which zones the tables name, and whether those exist.

use std::collections::{BTreeMap, BTreeSet};

use crate::schedule::place::{At, Notes};
use crate::schedule::read::{FileTable, Node, TeamTable, Value};
use crate::schedule::suggest::did_you_mean;
use crate::schedule::{ZoneName, defaults};

/// Every zone the tables name, known or not, and the default where a requirement needs it.
pub fn zones(files: &[FileTable]) -> BTreeSet<ZoneName> {
    let mut zones = BTreeSet::new();
    for file in files {
        let regions = file.regions.iter().flatten().filter_map(|(_, table)| table.as_ref());
        let teams = file.teams.iter().flatten().filter_map(|(_, table)| table.as_ref());
        let people = file.people.iter().flatten().filter_map(|(_, table)| table.as_ref());
        let requirements = file.requirements.iter().flatten().filter_map(|table| table.when.as_ref());
        add(&mut zones, regions.map(|region| &region.timezone));
        let business_hours = file.business_hours.iter().flatten().filter_map(|(_, table)| table.as_ref());
        add(&mut zones, people.map(|person| &person.timezone));
        add(&mut zones, business_hours.map(|hours| &hours.timezone));
        for team in teams {
            team_zones(team, &mut zones);
        }
        for when in requirements {
            requirement_zones(when, &mut zones);
        }
    }
    zones
}

fn add<'a>(zones: &mut BTreeSet<ZoneName>, found: impl Iterator<Item = &'a Option<At<ZoneName>>>) {
    for zone in found.flatten() {
        if !zones.contains(&zone.value) {
            zones.insert(zone.value.clone());
        }
    }
}

fn team_zones(team: &TeamTable, zones: &mut BTreeSet<ZoneName>) {
    let rotations = team.rotations.iter().flatten().map(|rotation| &rotation.timezone);
    add(zones, std::iter::once(&team.timezone).chain(rotations));
}

fn requirement_zones(when: &Node, zones: &mut BTreeSet<ZoneName>) {
    match &when.value {
        Value::List(windows) => windows.iter().for_each(|window| requirement_zones(window, zones)),
        Value::Table(table) => {
            let named = table.iter().find(|(key, _)| key.value == "timezone");
            match named.map(|(_, node)| &node.value) {
                Some(Value::Text(zone)) => zones.insert(ZoneName::new(zone)),
                _ => zones.insert(ZoneName::new(defaults::REQUIREMENT_ZONE)),
            };
        }
        _ => (),
    }
}

/// Abbreviations that are zones of their own, whose clocks never change, and a city that is likely meant.
const WITHOUT_SUMMER: [(&str, &str); 3] =
    [("EST", "America/New_York"), ("MST", "America/Denver"), ("HST", "Pacific/Honolulu")];

/// Asks once for each zone.
pub struct KnownZones<'a> {
    known: &'a dyn Fn(&ZoneName) -> bool,
    answers: BTreeMap<ZoneName, bool>,
}

impl<'a> KnownZones<'a> {
    pub fn new(known: &'a dyn Fn(&ZoneName) -> bool) -> KnownZones<'a> {
        KnownZones { known, answers: BTreeMap::new() }
    }

    /// `None` only after noting why. A zone that stays in winter all year is warned of.
    pub fn find(&mut self, zone: &At<ZoneName>, notes: &mut Notes) -> Option<ZoneName> {
        if let Some((_, city)) = WITHOUT_SUMMER.iter().find(|(name, _)| *name == zone.value.as_str()) {
            notes
                .warning("zone-without-summer", zone.place, format!("{:?} never has summer time", zone.value))
                .remedy(format!("name a city, like {city:?}, unless that is meant"));
        }
        if let Some((name, known)) = self.answers.get_key_value(&zone.value)
            && *known
        {
            return Some(name.clone());
        }
        let known = (self.known)(&zone.value);
        self.answers.insert(zone.value.clone(), known);
        if !known {
            let note =
                notes.error("unknown-zone", zone.place, format!("there is no time zone {:?}", zone.value));
            let all = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
            note.remedy = did_you_mean(zone.value.as_str(), all)
                .or_else(|| Some("write an IANA name like \"Europe/Stockholm\"".to_string()));
        }
        known.then(|| zone.value.clone())
    }
}
