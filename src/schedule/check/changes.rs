//! Leave and overrides, from files and from the API alike.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::schedule::place::{At, Notes, Place};
use crate::schedule::read::{LeaveTable, OverrideTable};
use crate::schedule::*;

use super::rotations::HOURS;
use super::{Checker, Names};

/// How far wall clocks are ahead of and behind UTC, at most.
const AHEAD: TimeDelta = TimeDelta::hours(14);
const BEHIND: TimeDelta = TimeDelta::hours(12);

impl Checker<'_> {
    pub fn leave(&mut self, tables: Vec<LeaveTable>) -> Vec<Leave> {
        let mut all = Vec::new();
        for table in tables {
            let origin = self.origin(table.place);
            all.extend(check_leave(table, origin, &self.names, &mut self.notes));
        }
        all
    }

    pub fn overrides(&mut self, tables: Vec<OverrideTable>, leave: &[Leave]) -> Vec<Override> {
        let mut away: BTreeMap<&PersonId, Vec<&Leave>> = BTreeMap::new();
        for leave in leave {
            away.entry(&leave.person).or_default().push(leave);
        }
        let mut all = Vec::new();
        for table in tables {
            let place = table.place;
            let origin = self.origin(place);
            let Some(one) = check_override(table, origin, &self.names, &mut self.notes) else { continue };
            for person in called_in(&one.effect) {
                if away.get(person).is_some_and(|leave| leave.iter().any(|leave| overlap(leave, &one))) {
                    self.notes
                        .warning(
                            "called-in-on-leave",
                            place,
                            format!("this override has \"{person}\" serve while they are on leave"),
                        )
                        .remedy("name somebody else, unless that is agreed: the override wins");
                }
            }
            all.push(one);
        }
        all
    }

    pub fn origin(&self, place: Place) -> Origin {
        Origin::File(self.sources.path(place.file).clone(), place.from)
    }
}

/// The people an override has serve, who would perhaps not otherwise.
pub fn called_in(effect: &Effect) -> BTreeSet<&PersonId> {
    match effect {
        Effect::Only(people) => people.iter().collect(),
        Effect::Change { cover, add, .. } => cover.values().chain(add).collect(),
    }
}

/// As far as wall clocks can tell.
fn overlap(leave: &Leave, one: &Override) -> bool {
    wall_start(leave.from) < wall_end(one.to) && wall_start(one.from) < wall_end(leave.to)
}

/// `None` only after noting why.
pub fn check_leave(table: LeaveTable, origin: Origin, names: &Names, notes: &mut Notes) -> Option<Leave> {
    let person = table.person.and_then(|name| names.person(&name, notes));
    let span = span(table.from, table.to, notes);
    let (from, to) = span?;
    Some(Leave { origin, person: person?, from, to })
}

/// `None` only after noting why.
pub fn check_override(
    mut table: OverrideTable,
    origin: Origin,
    names: &Names,
    notes: &mut Notes,
) -> Option<Override> {
    let team = table.team.take().and_then(|name| names.team(&name, notes));
    let line = match (&table.line, &team) {
        (None, _) => Some(Scope::Everything),
        (Some(line), _) if line.value == HOURS => Some(Scope::Hours),
        (Some(line), Some(team)) => names.line(team, line, notes).map(Scope::Line),
        (Some(_), None) => None,
    };
    if let Some(team) = &team {
        without_hours(&table, team, names, notes);
    }
    let span = span(table.from, table.to.take(), notes);
    let effect = effect(table, names, notes);
    let (from, to) = span?;
    Some(Override { origin, team: team?, line: line?, from, to, effect: effect? })
}

/// An override never opens a team, so whoever it adds to hours that there are not does not work.
fn without_hours(table: &OverrideTable, team: &TeamId, names: &Names, notes: &mut Notes) {
    if !names.closed.contains(team) || table.only.is_some() && table.line.is_none() {
        return;
    }
    if let Some(line) = table.line.as_ref().filter(|line| line.value == HOURS) {
        notes
            .warning(
                "no-hours-to-change",
                line.place,
                format!("\"{team}\" has no hours: this changes nothing"),
            )
            .remedy("name the line that is meant, or give the team `hours`");
    } else if let (None, Some(added)) = (&table.line, table.add.as_ref().and_then(|add| add.first())) {
        let message = format!("\"{team}\" has no hours, and without a `line` nobody is added to its lines");
        notes
            .warning("no-hours-to-change", added.place, message)
            .remedy("add `line`, with the line on which they are to serve");
    }
}

fn effect(table: OverrideTable, names: &Names, notes: &mut Notes) -> Option<Effect> {
    let cover = table.cover.unwrap_or_default();
    let add = table.add.unwrap_or_default();
    let remove = table.remove.unwrap_or_default();
    let changes = !(cover.is_empty() && add.is_empty() && remove.is_empty());
    let Some(only) = table.only else {
        if !changes {
            notes
                .error("override-without-effect", table.place, "this override does not say what changes")
                .remedy("add `cover`, `add`, `remove` or `only`");
            return None;
        }
        let mut covered = BTreeMap::new();
        for (who, by) in cover {
            let name = who.value.clone();
            let who = names.person(&who, notes);
            let by = by.and_then(|by| {
                if by.value == name {
                    notes
                        .warning("covered-by-self", by.place, format!("{name:?} is covered by themselves"))
                        .remedy("name who serves instead, or take this out");
                }
                names.person(&by, notes)
            });
            covered.extend(who.zip(by));
        }
        let remove = names.persons(&remove, notes);
        return Some(Effect::Change { cover: covered, remove, add: names.persons(&add, notes) });
    };
    if changes {
        notes
            .error("only-beside-cover", only.place, "`only` stands alone, without cover, add or remove")
            .remedy("name in `only` everybody who is to serve, or leave it out");
    }
    Some(Effect::Only(names.persons(&only.value, notes)))
}

/// Both ends; noted where the one is surely not before the other, in whichever zone they are read.
pub fn span(from: Option<Moment>, to: Option<At<Moment>>, notes: &mut Notes) -> Option<(Moment, Moment)> {
    let (from, to) = (from?, to?);
    let reversed = match (from, to.value) {
        (Moment::Exact(from), Moment::Exact(to)) => from >= to,
        (Moment::Exact(from), to) => from.naive_utc() - BEHIND >= wall_end(to),
        (from, Moment::Exact(to)) => wall_start(from) >= to.naive_utc() + AHEAD,
        (from, to) => wall_start(from) >= wall_end(to),
    };
    if reversed {
        notes
            .error("ends-before-start", to.place, "this ends before it starts")
            .remedy("write a `to` that is later than `from`; dates include both days");
    }
    Some((from, to.value))
}

/// On the wall clock of whoever reads it; of an exact instant, on that of UTC.
fn wall_start(from: Moment) -> NaiveDateTime {
    match from {
        Moment::Date(date) => date.and_time(NaiveTime::MIN),
        Moment::Local(local) => local,
        Moment::Exact(at) => at.naive_utc(),
    }
}

/// As [`wall_start`], but a date ends with its day.
fn wall_end(to: Moment) -> NaiveDateTime {
    match to {
        Moment::Date(date) => (date + Days::new(1)).and_time(NaiveTime::MIN),
        other => wall_start(other),
    }
}

/// Whether it has ended at `now` in every zone there is.
pub fn surely_over(to: Moment, now: DateTime<Utc>) -> bool {
    match to {
        Moment::Exact(at) => at <= now,
        other => wall_end(other) + BEHIND <= now.naive_utc(),
    }
}
