//! One team's timeline: walks a plan from event to event and asks at each who serves now.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::interval::Interval;
use super::picture::{Person, Picture, Slot};
use super::plan::{Lines, Plan, What};
use super::timeline::{People, Span, Timeline};
use crate::schedule::{LineId, PersonId};

/// The plan's whole `range`, which must be the one it was made for.
pub fn timeline(plan: &Plan, range: Interval) -> Timeline {
    let mut walk = Walk::new(plan);
    let mut spans = Vec::new();
    let mut events = plan.events.iter().peekable();
    let mut from = range.from;
    while from < range.until {
        while let Some(event) = events.next_if(|event| event.at <= from) {
            walk.take(event.what, event.begins);
        }
        let until = events.peek().map_or(range.until, |event| event.at);
        spans.push(walk.span(from, until));
        from = until;
    }
    Timeline::new(spans)
}

/// A turn whose people are all away, at one instant.
#[derive(Clone, PartialEq)]
pub struct Substitution {
    /// Place among the team's rotations.
    pub rotation: usize,
    pub away: Vec<Person>,
    /// Empty: nobody is left, and no lower layer serves either.
    pub serving: Vec<Person>,
}

/// Where leave takes people out of their turns, over the plan's whole `range`: in order, and apart at every event.
pub fn substitutions(plan: &Plan, range: Interval) -> Vec<(Interval, Substitution)> {
    let mut walk = Walk::new(plan);
    let mut found = Vec::new();
    let mut events = plan.events.iter().peekable();
    let mut from = range.from;
    while from < range.until {
        while let Some(event) = events.next_if(|event| event.at <= from) {
            walk.take(event.what, event.begins);
        }
        let until = events.peek().map_or(range.until, |event| event.at);
        if walk.away.contains(&true) {
            let here = (0..plan.lines.len()).flat_map(|line| walk.substitutions(line));
            found.extend(here.map(|substitution| (Interval { from, until }, substitution)));
        }
        from = until;
    }
    found
}

/// What holds at one instant, and who serves because of it.
struct Walk<'p> {
    plan: &'p Plan<'p>,
    /// For each window of the hours, how many of its openings run; at a set-back clock two of them can.
    openings: Vec<usize>,
    turns: Vec<Option<usize>>,
    away: Vec<bool>,
    /// In the order in which they apply.
    overrides: Vec<usize>,

    known: Known<'p>,
    /// `None`: to be asked again.
    working: Option<Group>,
    /// Who works in windows that have been open together, while leave and overrides stay as they are.
    worked: BTreeMap<Vec<bool>, Group>,
    on_call: Vec<Option<Group>>,
    lines: Option<Arc<BTreeMap<LineId, People>>>,
}

impl<'p> Walk<'p> {
    fn new(plan: &'p Plan<'p>) -> Walk<'p> {
        Walk {
            plan,
            openings: vec![0; plan.windows.len()],
            turns: vec![None; plan.rotations.len()],
            away: vec![false; plan.people.len()],
            overrides: Vec::new(),
            known: Known { plan, groups: Vec::new(), numbers: BTreeMap::new(), on_call: BTreeMap::new() },
            working: None,
            worked: BTreeMap::new(),
            on_call: vec![None; plan.lines.len()],
            lines: None,
        }
    }

    fn take(&mut self, what: What, begins: bool) {
        match what {
            What::Opening(window) => {
                self.openings[window] =
                    if begins { self.openings[window] + 1 } else { self.openings[window] - 1 };
                self.working = None;
            }
            What::Turn { rotation, entry } => {
                self.turns[rotation] = begins.then_some(entry);
                self.on_call[self.plan.line_of[rotation]] = None;
            }
            What::Leave(person) => {
                self.away[person as usize] = begins;
                self.ask_everything_again();
            }
            What::Override(number) => {
                match self.overrides.binary_search(&number) {
                    Err(place) if begins => self.overrides.insert(place, number),
                    Ok(place) if !begins => _ = self.overrides.remove(place),
                    _ => (),
                }
                self.ask_everything_again();
            }
        }
    }

    fn ask_everything_again(&mut self) {
        self.working = None;
        self.worked.clear();
        self.on_call.fill(None);
    }

    fn span(&mut self, from: DateTime<Utc>, until: DateTime<Utc>) -> Span {
        let working = match self.working {
            Some(group) => group,
            None => {
                let group = self.who_works();
                *self.working.insert(group)
            }
        };
        for line in 0..self.on_call.len() {
            if self.on_call[line].is_none() {
                let people = self.who_is_on_call(line);
                self.on_call[line] = Some(self.known.group(people));
                self.lines = None;
            }
        }
        let groups = || self.on_call.iter().flatten().copied().collect();
        let on_call = self.lines.get_or_insert_with(|| self.known.lines(groups())).clone();
        Span { from, until, open: self.is_open(), working: self.known.groups[working].clone(), on_call }
    }

    fn is_open(&self) -> bool {
        self.openings.iter().any(|running| *running > 0)
    }

    fn who_works(&mut self) -> Group {
        let open: Vec<bool> = self.openings.iter().map(|running| *running > 0).collect();
        if let Some(group) = self.worked.get(&open) {
            return *group;
        }
        let people = self.who_works_now();
        let group = self.known.group(people);
        self.worked.insert(open, group);
        group
    }

    fn who_works_now(&self) -> Vec<Person> {
        if !self.is_open() {
            return Vec::new();
        }
        let windows = std::iter::zip(&self.plan.windows, &self.openings);
        let scheduled = windows.filter(|(_, running)| **running > 0).flat_map(|(members, _)| members);
        let mut scheduled: Vec<Person> = scheduled.copied().collect();
        scheduled.sort_unstable();
        scheduled.dedup();
        let mut picture = Picture::default();
        picture.add_layer(vec![Slot::of_hours(&scheduled, |person| self.is_away(person))]);
        for number in &self.overrides {
            if let Some(change) = &self.plan.overrides[*number].on_hours {
                picture.apply(change);
            }
        }
        picture.people()
    }

    fn who_is_on_call(&self, line: usize) -> Vec<Person> {
        self.picture(line).people()
    }

    fn picture(&self, line: usize) -> Picture {
        let mut picture = Picture::default();
        for layer in &self.plan.lines[line].layers {
            let slot = |rotation: &usize| {
                let members = &self.plan.rotations[*rotation];
                Some(Slot::of_turn(members, self.turns[*rotation]?, |person| self.is_away(person)))
            };
            if !picture.add_layer(layer.iter().filter_map(slot).collect()) {
                break;
            }
        }
        for number in &self.overrides {
            match &self.plan.overrides[*number].on_lines {
                Some((Lines::All, change)) => picture.apply(change),
                Some((Lines::One(one), change)) if *one == line => picture.apply(change),
                _ => (),
            }
        }
        picture
    }

    /// Rule 9: where leave takes a turn's people out, and who serves instead.
    fn substitutions(&self, line: usize) -> Vec<Substitution> {
        let picture = self.picture(line);
        let is_empty = picture.people().is_empty();
        let mut found = Vec::new();
        for (rotations, slots) in std::iter::zip(&self.plan.lines[line].layers, picture.layers()) {
            let having_turns = rotations.iter().filter(|rotation| self.turns[**rotation].is_some());
            for (rotation, slot) in having_turns.zip(slots) {
                let substitution = slot.substitution().filter(|(_, serving)| is_empty || !serving.is_empty());
                found.extend(substitution.map(|(away, serving)| Substitution {
                    rotation: *rotation,
                    away,
                    serving,
                }));
            }
        }
        found
    }

    fn is_away(&self, person: Person) -> bool {
        self.away[person as usize]
    }
}

/// A group of people, as its place among those known.
type Group = usize;

/// Every group of people seen so far, so that equal ones are kept once.
struct Known<'p> {
    plan: &'p Plan<'p>,
    groups: Vec<People>,
    numbers: BTreeMap<Vec<Person>, Group>,
    /// By the group of each line.
    on_call: BTreeMap<Vec<Group>, Arc<BTreeMap<LineId, People>>>,
}

impl Known<'_> {
    fn group(&mut self, people: Vec<Person>) -> Group {
        if let Some(group) = self.numbers.get(&people) {
            return *group;
        }
        let ids = people.iter().map(|person| self.plan.people[*person as usize].clone());
        self.groups.push(ids.collect::<Vec<PersonId>>().into());
        self.numbers.insert(people, self.groups.len() - 1);
        self.groups.len() - 1
    }

    fn lines(&mut self, groups: Vec<Group>) -> Arc<BTreeMap<LineId, People>> {
        let Known { plan, groups: known, on_call, .. } = self;
        let entry = on_call.entry(groups);
        entry
            .or_insert_with_key(|groups| {
                let lines = std::iter::zip(&plan.lines, groups);
                Arc::new(lines.map(|(line, group)| (line.id.clone(), known[*group].clone())).collect())
            })
            .clone()
    }
}
