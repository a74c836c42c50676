//! A timeline as people live it: from when to when each of them serves, and where nobody does.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::{DateTime, Utc};

use super::answers::TeamSpans;
use super::compile::Coverage;
use super::interval::{self, Interval};
use super::timeline::Span;
use super::turns;
use crate::schedule::{LineId, PersonId};

/// What somebody of a team serves in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty<'a> {
    Hours,
    Line(&'a LineId),
}

/// One person without interruption. Half-open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch<'a> {
    pub duty: Duty<'a>,
    pub person: &'a PersonId,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// Nobody serves, without interruption. Half-open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nobody<'a> {
    pub duty: Duty<'a>,
    /// The line's rotations run and give nobody a turn here: at night, say. Otherwise somebody is missing.
    pub by_plan: bool,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// The best that can be said of several teams together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    AtWork,
    /// Nobody works, but somebody can be called.
    OnCall,
    Nobody,
}

impl TeamSpans {
    /// Who serves, in order of duty, start and person.
    pub fn stretches(&self) -> Vec<Stretch<'_>> {
        let mut running: BTreeMap<(Duty, &PersonId), Stretch> = BTreeMap::new();
        let mut found = Vec::new();
        for span in &self.spans {
            let working = span.working.iter().map(|person| (Duty::Hours, person));
            let lines = span.on_call.iter();
            let on_call =
                lines.flat_map(|(line, who)| who.iter().map(move |person| (Duty::Line(line), person)));
            for (duty, person) in working.chain(on_call) {
                let stretch = Stretch { duty, person, from: span.from, until: span.until };
                match running.entry((duty, person)) {
                    Entry::Occupied(mut last) if last.get().until == span.from => {
                        last.get_mut().until = span.until;
                    }
                    Entry::Occupied(mut last) => found.push(last.insert(stretch)),
                    Entry::Vacant(first) => _ = first.insert(stretch),
                }
            }
        }
        found.extend(running.into_values());
        found.sort_by_key(|stretch| (stretch.duty, stretch.from, stretch.person));
        found
    }

    /// When the team is open, as a union.
    pub fn open(&self) -> Vec<Interval> {
        self.times(|span| span.open)
    }

    fn times(&self, holds: impl Fn(&Span) -> bool) -> Vec<Interval> {
        let spans = self.spans.iter().filter(|span| holds(span));
        interval::union(spans.map(|span| Interval { from: span.from, until: span.until }).collect())
    }
}

impl Coverage {
    /// Where nobody serves in a team, in order of duty and start: it is open and nobody works, or a line is empty. A
    /// line that rests by plan while people of the team are at work is left out: they are there instead.
    pub fn nobody<'a>(&self, spans: &'a TeamSpans) -> Vec<Nobody<'a>> {
        let (Some(first), Some(last)) = (spans.spans.first(), spans.spans.last()) else { return Vec::new() };
        let range = Interval { from: first.from, until: last.until };
        let unstaffed = spans.times(|span| span.open && span.working.is_empty());
        let mut found: Vec<Nobody> =
            unstaffed.into_iter().map(|hole| nobody(Duty::Hours, false, hole)).collect();
        let resting_for = interval::complement(&spans.times(|span| !span.working.is_empty()), range);
        for line in first.on_call.keys() {
            let empty = spans.times(|span| span.on_call.get(line).is_some_and(|people| people.is_empty()));
            let resting = self.resting(spans, line, range);
            let busy = interval::complement(&resting, range);
            let missing = empty.iter().flat_map(|hole| interval::parts(*hole, &busy));
            let by_plan = empty.iter().flat_map(|hole| interval::parts(*hole, &resting));
            let by_plan = by_plan.flat_map(|hole| interval::parts(hole, &resting_for));
            let start = found.len();
            found.extend(missing.map(|hole| nobody(Duty::Line(line), false, hole)));
            found.extend(by_plan.map(|hole| nobody(Duty::Line(line), true, hole)));
            found[start..].sort_by_key(|hole| hole.from);
        }
        found
    }

    /// Where a rotation of the line runs, and none has a turn.
    fn resting(&self, spans: &TeamSpans, line: &LineId, range: Interval) -> Vec<Interval> {
        let Some(team) = self.organisation.teams.get(&spans.team) else { return Vec::new() };
        let (open, mut running, mut turns) = (spans.open(), Vec::new(), Vec::new());
        for rotation in team.rotations.iter().filter(|rotation| rotation.line == *line) {
            let Some(zone) = self.zones.get(&rotation.timezone) else { continue };
            let until = rotation.until.map_or(range.until, |until| zone.end(until));
            running.push(Interval { from: zone.start(rotation.starts), until }.common(range));
            turns.extend(
                turns::turns(rotation, rotation.until, zone, &open, range)
                    .into_iter()
                    .map(|turn| turn.interval),
            );
        }
        let idle = interval::complement(&interval::union(turns), range);
        interval::union(running)
            .into_iter()
            .flat_map(|run| interval::parts(run, &idle).collect::<Vec<_>>())
            .collect()
    }
}

fn nobody(duty: Duty, by_plan: bool, Interval { from, until }: Interval) -> Nobody {
    Nobody { duty, by_plan, from, until }
}

/// A stretch of time with what can be said of several teams in it. Half-open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Present {
    pub presence: Presence,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// What can be said of teams together, in order; the stretches tile the window of the teams' spans.
pub fn presence<'a>(teams: impl IntoIterator<Item = &'a TeamSpans>) -> Vec<Present> {
    // How many teams more work, and can be called, from an instant on.
    let mut steps: BTreeMap<DateTime<Utc>, (i64, i64)> = BTreeMap::new();
    for span in teams.into_iter().flat_map(|team| &team.spans) {
        let works = i64::from(!span.working.is_empty());
        let called = i64::from(span.on_call.values().any(|people| !people.is_empty()));
        for (at, sign) in [(span.from, 1), (span.until, -1)] {
            let step = steps.entry(at).or_default();
            *step = (step.0 + sign * works, step.1 + sign * called);
        }
    }
    let mut found: Vec<Present> = Vec::new();
    let (mut working, mut called) = (0, 0);
    let ends: Vec<DateTime<Utc>> = steps.keys().skip(1).copied().collect();
    for ((from, step), until) in std::iter::zip(steps, ends) {
        (working, called) = (working + step.0, called + step.1);
        let presence = match (working, called) {
            (1.., _) => Presence::AtWork,
            (_, 1..) => Presence::OnCall,
            _ => Presence::Nobody,
        };
        match found.last_mut() {
            Some(last) if last.presence == presence => last.until = until,
            _ => found.push(Present { presence, from, until }),
        }
    }
    found
}
