//! What would be, had one thing not come in between: leave, an override, a holiday, a rotation's end.

use std::collections::BTreeSet;
use std::rc::Rc;

use chrono::TimeDelta;

use super::nearly::within;
use super::served::{self, Givers};
use super::{Gap, Why, words};
use crate::coverage::compile::Compiler;
use crate::coverage::hours;
use crate::coverage::interval::Interval;
use crate::coverage::moments;
use crate::coverage::plan::{self, Without};
use crate::coverage::timeline::Timeline;
use crate::schedule::{LineId, Organisation, PersonId, Team, TeamId};
use crate::zone::Zone;

/// Each in the order in which it is told.
const ONE_BY_ONE: [Without; 4] = [
    Without { overrides: true, ..NOTHING },
    Without { leave: true, ..NOTHING },
    Without { ends: true, ..NOTHING },
    Without { holidays: true, ..NOTHING },
];
const NOTHING: Without = Without { leave: false, overrides: false, holidays: false, ends: false };
const EVERYTHING: Without = Without { leave: true, overrides: true, holidays: true, ends: true };

/// A team's timelines without this or that.
pub struct Causes<'c> {
    compiler: &'c Compiler<'c>,
    organisation: &'c Organisation,
    id: &'c TeamId,
    team: &'c Team,
    zone: &'c Zone,
    givers: Rc<Givers<'c>>,
    /// Only those that could make a difference; the last is without all of it.
    otherwise: Vec<(Without, Timeline)>,
}

/// Why a team does not serve a gap.
pub struct Cause {
    pub people: Vec<PersonId>,
    pub why: Why,
    pub detail: String,
    /// Without it, all of the gap would be served.
    pub whole: bool,
}

/// Who would serve a gap, and how much of it.
struct Otherwise {
    people: BTreeSet<PersonId>,
    /// The lines through which they would.
    lines: BTreeSet<LineId>,
    /// When they would first.
    first: Interval,
    whole: bool,
}

impl<'c> Causes<'c> {
    pub fn new(
        compiler: &'c Compiler<'c>,
        id: &'c TeamId,
        team: &'c Team,
        givers: Rc<Givers<'c>>,
        range: Interval,
        gaps: &[&mut Gap],
    ) -> Causes<'c> {
        let coverage = compiler.coverage;
        let zone = plan::zone(&coverage.zones, &team.timezone);
        let organisation = &coverage.organisation;
        let mut causes = Causes { compiler, organisation, id, team, zone, givers, otherwise: Vec::new() };
        if gaps.iter().all(|gap| causes.givers.of(gap).is_empty()) {
            return causes;
        }
        let apply: Vec<Without> =
            ONE_BY_ONE.into_iter().filter(|without| causes.applies(*without, range)).collect();
        if apply.is_empty() {
            return causes;
        }
        let ideal = compiler.timeline_without(EVERYTHING, id, range);
        if !gaps.iter().any(|gap| causes.otherwise(&ideal, gap).is_some()) {
            return causes;
        }
        match apply[..] {
            // The only one is the ideal.
            [without] => causes.otherwise.push((without, ideal)),
            _ => {
                let timeline = |without| (without, compiler.timeline_without(without, id, range));
                causes.otherwise.extend(apply.into_iter().map(timeline));
                causes.otherwise.push((EVERYTHING, ideal));
            }
        }
        causes
    }

    /// Whether leaving this out can make any difference.
    fn applies(&self, without: Without, range: Interval) -> bool {
        let changes = &self.compiler.changes;
        let away = |person: &PersonId| self.away(person, range).is_some();
        without.overrides && !changes.overrides_of(self.id).is_empty()
            || without.leave && plan::everybody(self.team).any(away)
            || without.ends && self.team.rotations.iter().any(|rotation| rotation.until.is_some())
            || without.holidays && !self.team.holidays.is_empty()
    }

    /// The one thing without which all of a gap would be served; else all things together; else the one without
    /// which part of it would.
    pub fn of(&self, gap: &Gap, as_it_is: &Timeline) -> Option<Cause> {
        let mut best: Option<(Without, Otherwise)> = None;
        for (without, timeline) in &self.otherwise {
            let Some(otherwise) = self.otherwise(timeline, gap) else { continue };
            if best.as_ref().is_none_or(|(_, best)| otherwise.whole && !best.whole) {
                best = Some((*without, otherwise));
            }
        }
        let (without, otherwise) = best?;
        self.cause(without, otherwise, gap, as_it_is)
    }

    fn otherwise(&self, timeline: &Timeline, gap: &Gap) -> Option<Otherwise> {
        let givers = self.givers.of(gap);
        let gives = |person: &&PersonId| givers.contains(*person);
        let whole = Interval { from: gap.from, until: gap.until };
        let mut found: Option<Otherwise> = None;
        let mut served = TimeDelta::zero();
        for span in within(timeline, gap) {
            let working: Vec<&PersonId> = span.working.iter().filter(gives).collect();
            let lines = span.on_call.iter().filter(|(_, people)| people.iter().any(|person| gives(&person)));
            let lines: Vec<&LineId> = lines.map(|(line, _)| line).collect();
            if working.is_empty() && lines.is_empty() {
                continue;
            }
            let part = Interval { from: span.from, until: span.until }.common(whole);
            served += part.until - part.from;
            let found = found.get_or_insert_with(|| Otherwise {
                people: BTreeSet::new(),
                lines: BTreeSet::new(),
                first: part,
                whole: false,
            });
            found.people.extend(served::at_work(span).filter(gives).cloned());
            found.lines.extend(lines.into_iter().cloned());
        }
        found.map(|found| Otherwise { whole: served == gap.until - gap.from, ..found })
    }

    fn cause(&self, without: Without, otherwise: Otherwise, gap: &Gap, as_it_is: &Timeline) -> Option<Cause> {
        let parts = [
            without.leave.then(|| self.leave(&otherwise, as_it_is)).flatten(),
            without.ends.then(|| self.ended(&otherwise)).flatten(),
            without.holidays.then(|| self.holiday(&otherwise, gap)).flatten(),
            without.overrides.then(|| self.override_(&otherwise)).flatten(),
        ];
        let mut parts = parts.into_iter().flatten();
        let mut cause = Cause { whole: otherwise.whole, ..parts.next()? };
        for part in parts {
            cause.detail = format!("{}, and {}", cause.detail, part.detail);
        }
        Some(cause)
    }

    fn leave(&self, otherwise: &Otherwise, as_it_is: &Timeline) -> Option<Cause> {
        let at = otherwise.first.from;
        let is_empty = |line: &&LineId| as_it_is.at(at).is_some_and(|span| span.on_call[*line].is_empty());
        let empty = otherwise.lines.iter().find(is_empty);
        let feeding = |line: &LineId| -> BTreeSet<PersonId> {
            let feeding = self.team.rotations.iter().filter(|rotation| rotation.line == *line);
            feeding.flat_map(|rotation| rotation.members.iter().flatten()).cloned().collect()
        };
        let people = empty.map_or_else(|| otherwise.people.clone(), feeding);
        let away: Vec<(PersonId, Interval)> = people
            .into_iter()
            .filter_map(|person| self.away(&person, otherwise.first).map(|away| (person, away)))
            .collect();
        let until = away.iter().map(|(_, away)| away.until).min()?;
        let people: Vec<PersonId> = away.into_iter().map(|(person, _)| person).collect();
        let until = self.zone.local(until);
        let detail = match empty {
            Some(line) => words::line_on_leave(line, &people, until),
            None => words::on_leave(&people, until),
        };
        let why = empty.map_or(Why::Leave, |line| Why::EmptyLine { line: line.clone() });
        Some(Cause { people, why, detail, whole: false })
    }

    fn ended(&self, otherwise: &Otherwise) -> Option<Cause> {
        let ends = |rotation: &crate::schedule::Rotation| {
            let zone = plan::zone(&self.compiler.coverage.zones, &rotation.timezone);
            rotation.until.map(|until| zone.end(until))
        };
        let gone = self.team.rotations.iter().filter(|rotation| otherwise.lines.contains(&rotation.line));
        let gone = gone.filter_map(|rotation| Some((ends(rotation)?, rotation)));
        let (at, rotation) = gone.filter(|(at, _)| *at <= otherwise.first.from).max_by_key(|(at, _)| *at)?;
        Some(Cause {
            people: otherwise.people.iter().cloned().collect(),
            why: Why::RotationEnded { line: rotation.line.clone(), rotation: rotation.name.clone() },
            detail: words::rotation_ended(&rotation.name, &rotation.line, self.zone.local(at)),
            whole: false,
        })
    }

    /// The holiday on which a window would have started that serves the gap.
    fn holiday(&self, otherwise: &Otherwise, gap: &Gap) -> Option<Cause> {
        let none = Default::default();
        let openings =
            hours::openings(&self.team.hours, &self.team.holidays, &none, self.zone, otherwise.first);
        let dates = openings.iter().map(|opening| self.zone.local(opening.interval.from).date());
        let (date, holiday) = dates
            .filter_map(|date| Some((date, hours::holiday(self.organisation, self.team, date)?)))
            .next()?;
        let people =
            if gap.languages.is_empty() { Vec::new() } else { otherwise.people.iter().cloned().collect() };
        Some(Cause {
            people,
            why: Why::Holiday { name: holiday.name.clone() },
            detail: words::holiday(&holiday.name, date, holiday.open.is_some()),
            whole: false,
        })
    }

    fn override_(&self, otherwise: &Otherwise) -> Option<Cause> {
        let overrides = self.compiler.changes.overrides_of(self.id).iter();
        let mut holding = overrides
            .map(|change| moments::override_(change, self.zone))
            .filter(|holds| !holds.common(otherwise.first).is_empty());
        let holds = holding.next()?;
        let people: Vec<PersonId> = otherwise.people.iter().cloned().collect();
        let detail = words::override_(&people, self.zone.local(holds.from), self.zone.local(holds.until));
        Some(Cause { people, why: Why::Override, detail, whole: false })
    }

    /// The first stretch of somebody's leave that touches `within`.
    fn away(&self, person: &PersonId, within: Interval) -> Option<Interval> {
        let leave = self.compiler.changes.leave_of(person, self.zone);
        leave.into_iter().find(|away| !away.common(within).is_empty())
    }
}
