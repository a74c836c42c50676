//! Rule 9: who stands in for whom, because leave takes a turn's people out.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::compile::{Compiler, Coverage};
use super::interval::Interval;
use super::picture::Person;
use super::plan::{self, Plan, Without};
use super::team::{self, Substitution};
use crate::schedule::{LineId, Organisation, PersonId, Team, TeamId};

/// A stretch, half-open, in which others serve a turn than the rotation says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StandIn {
    pub team: TeamId,
    pub line: LineId,
    pub rotation: String,
    /// Empty: all of the rotation are on leave and no lower layer serves, so the line is empty.
    pub who: Vec<PersonId>,
    pub instead_of: Vec<PersonId>,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// Everybody who stands in within `from..until`, by team and time. Only teams with somebody of a rotation on leave
/// are walked through.
pub fn stand_ins(coverage: &Coverage, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<StandIn> {
    let compiler = Compiler::new(coverage);
    let range = Interval { from, until };
    let concerned = |(_, team): &(&TeamId, &Team)| on_leave(&compiler, team, range);
    let teams = coverage.organisation.teams.iter().filter(concerned);
    teams.flat_map(|(id, _)| of_team(&coverage.organisation, &compiler, id, range)).collect()
}

fn on_leave(compiler: &Compiler, team: &Team, range: Interval) -> bool {
    let zone = plan::zone(&compiler.coverage.zones, &team.timezone);
    let away = |person: &PersonId| {
        let leave = compiler.changes.leave_of(person, zone);
        leave.into_iter().any(|leave| !leave.common(range).is_empty())
    };
    team.rotations.iter().flat_map(|rotation| rotation.members.iter().flatten()).any(away)
}

fn of_team(organisation: &Organisation, compiler: &Compiler, id: &TeamId, range: Interval) -> Vec<StandIn> {
    let plan = compiler.plan(Without::default(), id, range);
    let rotations = &organisation.teams[id].rotations;
    // Stretches that meet become one: the walk parts them at every event.
    let mut joined: Vec<(Interval, Substitution)> = Vec::new();
    let mut last: BTreeMap<usize, usize> = BTreeMap::new();
    for (interval, substitution) in team::substitutions(&plan, range) {
        let before = last.get(&substitution.rotation).map(|place| &mut joined[*place]);
        match before {
            Some((until, same)) if until.until == interval.from && *same == substitution => {
                until.until = interval.until;
            }
            _ => {
                last.insert(substitution.rotation, joined.len());
                joined.push((interval, substitution));
            }
        }
    }
    let stand_in = |(interval, substitution): (Interval, Substitution)| {
        let rotation = &rotations[substitution.rotation];
        StandIn {
            team: id.clone(),
            line: rotation.line.clone(),
            rotation: rotation.name.clone(),
            who: people(&plan, &substitution.serving),
            instead_of: people(&plan, &substitution.away),
            from: interval.from,
            until: interval.until,
        }
    };
    joined.into_iter().map(stand_in).collect()
}

fn people(plan: &Plan, numbers: &[Person]) -> Vec<PersonId> {
    numbers.iter().map(|number| plan.people[*number as usize].clone()).collect()
}
