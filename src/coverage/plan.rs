//! Everything about one team that changes with time, as events over its own small world of numbers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::hours::{self, StaffedBy};
use super::interval::{self, Interval};
use super::moments::{self, DayChanges};
use super::picture::{Change, Person};
use super::turns;
use crate::schedule::{
    Effect, Leave, LineId, Organisation, Override, PersonId, Scope, Team, TeamId, ZoneName,
};
use crate::zone::{Zone, Zones};

/// Leave and overrides of files and database together, by whom they concern.
pub struct Changes<'a> {
    leave: BTreeMap<&'a PersonId, Vec<&'a Leave>>,
    overrides: BTreeMap<&'a TeamId, Vec<&'a Override>>,
}

/// What is left out of a plan, to see what would be without it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Without {
    pub leave: bool,
    pub overrides: bool,
    pub holidays: bool,
    /// The `until` of rotations.
    pub ends: bool,
}

impl<'a> Changes<'a> {
    /// Overrides that name somebody the organisation does not know (any more) are left out.
    pub fn new(organisation: &'a Organisation, of_the_day: &'a DayChanges) -> Changes<'a> {
        let mut changes = Changes { leave: BTreeMap::new(), overrides: BTreeMap::new() };
        for leave in organisation.leave.iter().chain(&of_the_day.leave) {
            changes.leave.entry(&leave.person).or_default().push(leave);
        }
        for change in organisation.overrides.iter().chain(&of_the_day.overrides) {
            if named(&change.effect).all(|person| organisation.people.contains_key(person)) {
                changes.overrides.entry(&change.team).or_default().push(change);
            }
        }
        changes
    }

    /// When somebody is away, as a team in this zone reads it: a union.
    pub fn leave_of(&self, person: &PersonId, zone: &Zone) -> Vec<Interval> {
        let leave = self.leave.get(person).map_or(&[][..], Vec::as_slice);
        interval::union(leave.iter().map(|leave| moments::leave(leave, zone)).collect())
    }

    pub fn overrides_of(&self, team: &TeamId) -> &[&'a Override] {
        self.overrides.get(team).map_or(&[], Vec::as_slice)
    }
}

/// One team, ready to be walked through from event to event.
pub struct Plan<'a> {
    /// Sorted; a [`Person`] is a place in it.
    pub people: Vec<&'a PersonId>,
    /// Members of each window of the hours; at the end, everybody.
    pub windows: Vec<Vec<Person>>,
    /// Members of each rotation, entry by entry.
    pub rotations: Vec<Vec<Vec<Person>>>,
    /// By id.
    pub lines: Vec<Line<'a>>,
    /// The line that each rotation feeds, as its place among them.
    pub line_of: Vec<usize>,
    /// In the order in which they apply.
    pub overrides: Vec<PlannedOverride>,
    /// In order of time; at one instant, ends come first.
    pub events: Vec<Event>,
}

pub struct Line<'a> {
    pub id: &'a LineId,
    /// Rotations by layer, highest first.
    pub layers: Vec<Vec<usize>>,
}

/// An override with its two sides: what it does to the hours and what it does to lines.
pub struct PlannedOverride {
    pub on_hours: Option<Change>,
    pub on_lines: Option<(Lines, Change)>,
}

pub enum Lines {
    All,
    One(usize),
}

pub struct Event {
    pub at: DateTime<Utc>,
    pub begins: bool,
    pub what: What,
}

/// Numbers are places in the plan's lists.
#[derive(Clone, Copy)]
pub enum What {
    Opening(usize),
    Turn { rotation: usize, entry: usize },
    Leave(Person),
    Override(usize),
}

impl<'a> Plan<'a> {
    pub fn new(
        organisation: &'a Organisation,
        zones: &Zones,
        changes: &Changes<'a>,
        id: &TeamId,
        range: Interval,
        without: Without,
    ) -> Plan<'a> {
        let team = &organisation.teams[id];
        let zone = zone(zones, &team.timezone);
        let overrides = if without.overrides { &[] } else { changes.overrides_of(id) };
        let people: Vec<&PersonId> = people(team, overrides).into_iter().collect();
        let lines = lines(team);
        let mut plan = Plan {
            windows: windows(team, &people),
            rotations: rotations(team, &people),
            line_of: lines_of_rotations(team, &lines),
            lines,
            overrides: Vec::new(),
            events: Vec::new(),
            people,
        };
        let no_holidays = BTreeMap::new();
        let calendars = if without.holidays { &no_holidays } else { &organisation.calendars };
        let openings = hours::openings(&team.hours, &team.holidays, calendars, zone, range);
        plan.add_hours_and_turns(team, zones, &openings, range, without.ends);
        if !without.leave {
            plan.add_leave(changes, zone, range);
        }
        plan.add_overrides(overrides, zone, range);
        plan.events.sort_by_key(|event| (event.at, event.begins));
        plan
    }

    fn add_hours_and_turns(
        &mut self,
        team: &Team,
        zones: &Zones,
        openings: &[hours::Opening],
        range: Interval,
        endless: bool,
    ) {
        for opening in openings {
            let window = match opening.staffed_by {
                StaffedBy::Window(place) => place,
                StaffedBy::Everybody => team.hours.len(),
            };
            self.add(opening.interval, What::Opening(window), range);
        }
        let open = interval::union(openings.iter().map(|opening| opening.interval).collect());
        for (place, rotation) in team.rotations.iter().enumerate() {
            let until = rotation.until.filter(|_| !endless);
            for turn in turns::turns(rotation, until, zone(zones, &rotation.timezone), &open, range) {
                self.add(turn.interval, What::Turn { rotation: place, entry: turn.entry }, range);
            }
        }
    }

    fn add_leave(&mut self, changes: &Changes, zone: &Zone, range: Interval) {
        for person in 0..self.people.len() {
            for interval in changes.leave_of(self.people[person], zone) {
                self.add(interval, What::Leave(person as Person), range);
            }
        }
    }

    fn add_overrides(&mut self, overrides: &[&Override], zone: &Zone, range: Interval) {
        let placed = overrides.iter().map(|change| (moments::override_(change, zone), *change));
        let mut placed: Vec<(Interval, &Override)> =
            placed.filter(|(interval, _)| !interval.common(range).is_empty()).collect();
        placed.sort_by(|(a, one), (b, other)| (a.from, &one.origin).cmp(&(b.from, &other.origin)));
        for (interval, change) in placed {
            self.add(interval, What::Override(self.overrides.len()), range);
            self.overrides.push(planned(change, &self.people, &self.lines));
        }
    }

    fn add(&mut self, interval: Interval, what: What, range: Interval) {
        let interval = interval.common(range);
        if !interval.is_empty() {
            self.events.push(Event { at: interval.from, begins: true, what });
            self.events.push(Event { at: interval.until, begins: false, what });
        }
    }
}

/// Everybody whom leave can take out of this team's coverage.
pub fn everybody(team: &Team) -> impl Iterator<Item = &PersonId> {
    let of_windows = team.hours.iter().filter_map(|window| window.members.as_ref()).flatten();
    let of_rotations = team.rotations.iter().flat_map(|rotation| rotation.members.iter().flatten());
    team.members.iter().chain(of_windows).chain(of_rotations)
}

/// Everybody who can ever be at work in this team.
pub fn people<'a>(team: &'a Team, overrides: &[&'a Override]) -> BTreeSet<&'a PersonId> {
    everybody(team).chain(overrides.iter().flat_map(|change| named(&change.effect))).collect()
}

fn named(effect: &Effect) -> Box<dyn Iterator<Item = &PersonId> + '_> {
    match effect {
        Effect::Only(people) => Box::new(people.iter()),
        Effect::Change { cover, remove, add } => {
            Box::new(cover.keys().chain(cover.values()).chain(remove).chain(add))
        }
    }
}

pub fn zone<'z>(zones: &'z Zones, name: &ZoneName) -> &'z Zone {
    zones.get(name).unwrap_or_else(|| panic!("time zone {name} passed the check, yet there is no such zone"))
}

fn numbers(people: &[&PersonId], some: &[PersonId]) -> Vec<Person> {
    let number = |person| people.binary_search(&person).expect("all people of a team are gathered first");
    some.iter().map(|person| number(person) as Person).collect()
}

fn windows(team: &Team, people: &[&PersonId]) -> Vec<Vec<Person>> {
    let members = team.hours.iter().map(|window| window.members.as_ref().unwrap_or(&team.members));
    members.chain([&team.members]).map(|members| numbers(people, members)).collect()
}

fn rotations(team: &Team, people: &[&PersonId]) -> Vec<Vec<Vec<Person>>> {
    let entries = team.rotations.iter().map(|rotation| rotation.members.iter());
    entries.map(|entries| entries.map(|entry| numbers(people, entry)).collect()).collect()
}

fn lines(team: &Team) -> Vec<Line<'_>> {
    let mut lines: BTreeMap<&LineId, BTreeMap<i64, Vec<usize>>> = BTreeMap::new();
    for (place, rotation) in team.rotations.iter().enumerate() {
        lines.entry(&rotation.line).or_default().entry(rotation.layer).or_default().push(place);
    }
    let line =
        |(id, layers): (_, BTreeMap<i64, _>)| Line { id, layers: layers.into_values().rev().collect() };
    lines.into_iter().map(line).collect()
}

fn lines_of_rotations(team: &Team, lines: &[Line]) -> Vec<usize> {
    let line = |id| lines.binary_search_by(|line| line.id.cmp(id)).expect("lines come from rotations");
    team.rotations.iter().map(|rotation| line(&rotation.line)).collect()
}

/// A line that no rotation feeds is no line of the team, and an override of it does nothing.
fn planned(change: &Override, people: &[&PersonId], lines: &[Line]) -> PlannedOverride {
    let whole = || numbered(&change.effect, people);
    match &change.line {
        Scope::Hours => PlannedOverride { on_hours: Some(whole()), on_lines: None },
        Scope::Line(id) => {
            let line = lines.iter().position(|line| line.id == id);
            PlannedOverride { on_hours: None, on_lines: line.map(|line| (Lines::One(line), whole())) }
        }
        Scope::Everything => {
            let mut on_lines = whole();
            if let Change::Change { add, .. } = &mut on_lines {
                add.clear();
            }
            PlannedOverride { on_hours: Some(whole()), on_lines: Some((Lines::All, on_lines)) }
        }
    }
}

fn numbered(effect: &Effect, people: &[&PersonId]) -> Change {
    match effect {
        Effect::Only(only) => Change::Only(numbers(people, only)),
        Effect::Change { cover, remove, add } => {
            let (away, stand_ins): (Vec<PersonId>, Vec<PersonId>) = cover.clone().into_iter().unzip();
            Change::Change {
                cover: std::iter::zip(numbers(people, &away), numbers(people, &stand_ins)).collect(),
                remove: numbers(people, remove),
                add: numbers(people, add),
            }
        }
    }
}
