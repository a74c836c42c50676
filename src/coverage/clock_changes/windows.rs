//! Windows of hours and of lines that a change of their own clock makes longer or shorter, or takes away, and
//! windows that follow each other and both serve in a doubled hour.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Weekday};

use super::super::beginnings::beginnings;
use super::super::interval::Interval;
use super::clocks::{self, ZoneChange};
use super::desks::staffed;
use super::{ClockSurprise, SurpriseKind};
use crate::schedule::{During, Organisation, RegionId, Rotation, TeamId, TierId, Window, ZoneName};
use crate::zone::{Zone, Zones};

/// Nobody's shift: around the clock an hour more or less is told by the calendar.
const WHOLE_DAY: TimeDelta = TimeDelta::days(1);

/// Windows that serve one after the other for the same thing, on one clock.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Set<'a> {
    tier: &'a TierId,
    region: &'a RegionId,
    zone: &'a ZoneName,
    /// `hours`, or the line.
    what: &'a str,
    windows: Vec<(Vec<u32>, NaiveTime, TimeDelta)>,
}

/// A window on one date: as its clock says, and where that is.
#[derive(Clone, Copy)]
struct Shift {
    from: NaiveDateTime,
    lasts: TimeDelta,
    placed: Interval,
}

pub fn surprises(organisation: &Organisation, zones: &Zones, range: Interval) -> Vec<ClockSurprise> {
    let mut sets: BTreeMap<Set, Vec<TeamId>> = BTreeMap::new();
    let mut found = Vec::new();
    for (id, team) in &organisation.teams {
        let mut windows: BTreeMap<(&ZoneName, &str), Vec<&Window>> = BTreeMap::new();
        windows.entry((&team.timezone, "hours")).or_default().extend(staffed(team));
        for rotation in &team.rotations {
            if let During::Windows(during) = &rotation.during {
                windows.entry((&rotation.timezone, rotation.line.as_str())).or_default().extend(during);
            }
        }
        for ((zone, what), windows) in windows {
            let set = Set { tier: &team.tier, region: &team.region, zone, what, windows: keys(&windows) };
            sets.entry(set).or_default().push(id.clone());
        }
        for rotation in team.rotations.iter().filter(|rotation| is_short(rotation)) {
            let Some(zone) = zones.get(&rotation.timezone) else { continue };
            let set = Set {
                tier: &team.tier,
                region: &team.region,
                zone: &rotation.timezone,
                what: rotation.line.as_str(),
                windows: Vec::new(),
            };
            for change in clocks::changes(zones, &rotation.timezone, range) {
                let shifts = turns(rotation, zone, &change);
                found.extend(of_shifts(&set, std::slice::from_ref(id), &shifts, zone, &change));
            }
        }
    }
    for (set, teams) in &sets {
        let Some(zone) = zones.get(set.zone) else { continue };
        for change in clocks::changes(zones, set.zone, range) {
            found.extend(of_shifts(set, teams, &set.shifts(zone, &change), zone, &change));
        }
    }
    found
}

fn is_short(rotation: &Rotation) -> bool {
    rotation.lasts.is_some_and(|lasts| lasts < WHOLE_DAY) && !rotation.members.is_empty()
}

fn keys(windows: &[&Window]) -> Vec<(Vec<u32>, NaiveTime, TimeDelta)> {
    let days = |window: &Window| window.days.iter().map(Weekday::num_days_from_monday).collect();
    let mut keys: Vec<_> = windows.iter().map(|window| (days(window), window.from, window.lasts)).collect();
    keys.sort();
    keys.dedup();
    keys
}

impl Set<'_> {
    /// Those of the days around a clock change.
    fn shifts(&self, zone: &Zone, change: &ZoneChange) -> Vec<Shift> {
        let date = zone.local(change.at).date();
        let Some(first) = date.checked_sub_days(Days::new(2)) else { return Vec::new() };
        let mut shifts = Vec::new();
        for date in first.iter_days().take(4) {
            let day = date.weekday().num_days_from_monday();
            for (_, from, lasts) in self.windows.iter().filter(|(days, ..)| days.contains(&day)) {
                shifts.push(Shift::new(date.and_time(*from), *lasts, zone));
            }
        }
        shifts.sort_by_key(|shift| shift.from);
        shifts
    }
}

/// The turns around a clock change that are as long as the rotation says.
fn turns(rotation: &Rotation, zone: &Zone, change: &ZoneChange) -> Vec<Shift> {
    let (Some(lasts), local) = (rotation.lasts, zone.local(change.at)) else { return Vec::new() };
    let around = TimeDelta::days(2);
    let (Some(since), Some(until)) = (local.checked_sub_signed(around), local.checked_add_signed(around))
    else {
        return Vec::new();
    };
    let mut shifts = Vec::new();
    let mut coming = beginnings(rotation, since).map(|(_, local)| local).peekable();
    while let Some(from) = coming.next().filter(|from| *from < until) {
        let cut = coming.peek().is_some_and(|next| *next < from + lasts)
            || rotation.until.is_some_and(|end| end < from + lasts);
        if from >= since && !cut {
            shifts.push(Shift::new(from, lasts, zone));
        }
    }
    shifts
}

impl Shift {
    fn new(from: NaiveDateTime, lasts: TimeDelta, zone: &Zone) -> Shift {
        let placed = Interval { from: zone.start(from), until: zone.end(from + lasts) };
        Shift { from, lasts, placed }
    }

    /// On the wall clock.
    fn until(&self) -> NaiveDateTime {
        self.from + self.lasts
    }

    fn minutes(&self) -> i64 {
        (self.placed.until - self.placed.from).num_minutes().max(0)
    }

    /// `22:00-06:00`
    fn times(&self) -> String {
        let until = match self.until().time() {
            midnight if midnight.num_seconds_from_midnight() == 0 => "24:00".to_owned(),
            until => until.format("%H:%M").to_string(),
        };
        format!("{}-{until}", self.from.format("%H:%M"))
    }
}

/// `shifts` are in order of their beginning.
fn of_shifts(
    set: &Set,
    teams: &[TeamId],
    shifts: &[Shift],
    zone: &Zone,
    change: &ZoneChange,
) -> Vec<ClockSurprise> {
    let surprise = |kind, what: String, interval: Interval, usual: i64, then: i64| ClockSurprise {
        kind,
        tier: set.tier.clone(),
        regions: vec![set.region.clone()],
        teams: teams.to_vec(),
        receivers: Vec::new(),
        what: format!("{} {what}", set.what),
        from: interval.from,
        until: interval.until.max(interval.from + TimeDelta::seconds(1)),
        first: zone.local(interval.from).date(),
        last: zone.local(interval.from).date(),
        usual_minutes: usual,
        then_minutes: then,
        uncovered_minutes: 0,
        covered_by: Vec::new(),
        zones: vec![set.zone.clone()],
        changes: vec![change.clone()],
        text: String::new(),
    };
    let mut found = Vec::new();
    let mut both_serve = vec![false; shifts.len()];
    for (place, shift) in shifts.iter().enumerate() {
        for (other, next) in shifts.iter().enumerate().skip(place + 1) {
            let common = shift.placed.common(next.placed);
            if shift.until() == next.from && !common.is_empty() {
                (both_serve[place], both_serve[other]) = (true, true);
                let what = format!("{} and {}", shift.times(), next.times());
                let minutes = (common.until - common.from).num_minutes();
                found.push(surprise(SurpriseKind::Doubles, what, common, 0, minutes));
            }
        }
    }
    for (shift, both_serve) in std::iter::zip(shifts, both_serve) {
        let (usual, then) = (shift.lasts.num_minutes(), shift.minutes());
        let kind = match then {
            _ if shift.lasts >= WHOLE_DAY => continue,
            then if then == usual => continue,
            0 => SurpriseKind::Vanishes,
            then if then < usual => SurpriseKind::Shortens,
            _ if both_serve => continue,
            _ => SurpriseKind::Lengthens,
        };
        found.push(surprise(kind, shift.times(), shift.placed, usual, then));
    }
    found
}
