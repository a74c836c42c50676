//! Desks: what customers of a tier see of a region on one clock, whichever teams stand behind it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveTime, TimeDelta, Weekday};

use super::super::hours;
use super::super::interval::{self, Interval};
use super::super::turns::turns;
use crate::schedule::{Organisation, RegionId, Team, TeamId, TierId, Window, ZoneName};
use crate::zone::Zones;

pub struct Desk<'a> {
    pub region: &'a RegionId,
    pub zone: &'a ZoneName,
    /// By id.
    pub teams: Vec<&'a TeamId>,
    /// In order and apart. A break of at most [`BREAK`] does not close a desk.
    pub open: Vec<Interval>,
}

/// The desks that can hand over to each other.
pub struct Floor<'a> {
    pub tier: &'a TierId,
    pub desks: Vec<Desk<'a>>,
}

/// A lunch break is nobody's shift end.
const BREAK: TimeDelta = TimeDelta::minutes(90);

/// A team without hours whose people only take turns on call hands over to others of the kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Service {
    Hours,
    OnCall,
}

#[derive(Default)]
struct Draft<'a> {
    teams: BTreeSet<&'a TeamId>,
    windows: Vec<&'a Window>,
    served: Vec<Interval>,
}

/// By tier, those of hours and those of lines apart.
pub fn floors<'a>(organisation: &'a Organisation, zones: &Zones, range: Interval) -> Vec<Floor<'a>> {
    let mut drafts: BTreeMap<_, BTreeMap<_, Draft<'a>>> = BTreeMap::new();
    for (id, team) in &organisation.teams {
        let mut draft = |service, zone, add: &mut dyn FnMut(&mut Draft<'a>)| {
            let floor = drafts.entry((&team.tier, service)).or_default();
            let draft = floor.entry((&team.region, zone)).or_default();
            draft.teams.insert(id);
            add(draft);
        };
        if !team.hours.is_empty() {
            let windows = staffed(team).filter(|window| !window.days.is_empty());
            let windows: Vec<&Window> = windows.collect();
            draft(Service::Hours, &team.timezone, &mut |draft| draft.windows.extend(&windows));
            continue;
        }
        for rotation in &team.rotations {
            let Some(zone) = zones.get(&rotation.timezone) else { continue };
            let turns = turns(rotation, rotation.until, zone, &[], range);
            draft(Service::OnCall, &rotation.timezone, &mut |draft| {
                draft.served.extend(turns.iter().map(|turn| turn.interval));
            });
        }
    }
    let floors = drafts.into_iter().map(|((tier, _), drafts)| {
        let desks = drafts.into_iter().filter_map(|((region, zone), draft)| {
            let open = draft.open(zones, zone, range)?;
            Some(Desk { region, zone, teams: draft.teams.into_iter().collect(), open })
        });
        Floor { tier, desks: desks.collect() }
    });
    floors.collect()
}

/// The windows at which somebody works.
pub fn staffed(team: &Team) -> impl Iterator<Item = &Window> {
    team.hours.iter().filter(|window| !window.members.as_ref().unwrap_or(&team.members).is_empty())
}

impl Draft<'_> {
    fn open(&self, zones: &Zones, zone: &ZoneName, range: Interval) -> Option<Vec<Interval>> {
        // Teams by the hundred have the same hours.
        let key = |window: &&Window| -> (Vec<Weekday>, NaiveTime, TimeDelta) {
            (window.days.clone(), window.from, window.lasts)
        };
        let mut windows: Vec<Window> = Vec::new();
        for window in &self.windows {
            if !windows.iter().any(|known| key(&known) == key(window)) {
                windows.push(Window { members: None, ..(*window).clone() });
            }
        }
        let mut open = self.served.clone();
        open.extend(hours::windows(&windows, zones.get(zone)?, range));
        Some(without_breaks(interval::union(open)))
    }
}

fn without_breaks(open: Vec<Interval>) -> Vec<Interval> {
    let mut found: Vec<Interval> = Vec::with_capacity(open.len());
    for next in open {
        match found.last_mut() {
            Some(last) if next.from - last.until <= BREAK => last.until = next.until,
            _ => found.push(next),
        }
    }
    found
}
