//! What other zone data moves: for each zone on which two sources disagree, the teams whose coverage differs.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::compile::Coverage;
use super::timeline::{Span, Timeline};
use crate::schedule::{LineId, Organisation, Team, TeamId, ZoneName};
use crate::zone::{Difference, Zones};

/// A zone whose data differs, and whom that moves.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MovedZone {
    #[serde(flatten)]
    pub difference: Difference,
    /// By id; only those whose coverage differs.
    pub teams: Vec<MovedTeam>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MovedTeam {
    pub team: TeamId,
    /// The first instant at which others are at work, or the hours are not the same.
    pub from: DateTime<Utc>,
    /// For how long this is so, in all.
    pub minutes: i64,
    /// Hours first, then lines by name. Empty where the differing stretch has no border of its own in the window.
    pub moves: Vec<Move>,
}

/// One kind of border that stands elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Move {
    #[serde(flatten)]
    pub border: Border,
    /// The first one that differs, with the zone data in use. `None`: the other data has one there, this has none.
    pub in_use: Option<DateTime<Utc>>,
    /// Its place with the other data.
    pub other: Option<DateTime<Utc>>,
    pub times: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Border {
    Opens,
    Closes,
    /// Others come on call.
    ChangesHands {
        line: LineId,
    },
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let time = |at: DateTime<Utc>| at.format("%H:%M:%SZ").to_string().replace(":00Z", "Z");
        let (what, count) = match &self.border {
            Border::Opens => ("opens".to_owned(), "opening"),
            Border::Closes => ("closes".to_owned(), "closing"),
            Border::ChangesHands { line } => (format!("{line} changes hands"), "time"),
        };
        match (self.in_use, self.other) {
            (Some(here), Some(there)) => write!(f, "{what} {}, not {}, ", time(here), time(there))?,
            (Some(here), None) => write!(f, "{what} {}, not at all, ", time(here))?,
            (None, Some(there)) => write!(f, "{what} no more at {}, ", time(there))?,
            (None, None) => (),
        }
        if let Some(first) = self.in_use.or(self.other) {
            write!(f, "from {} on: ", first.format("%a %Y-%m-%d"))?;
        }
        write!(f, "{} {count}{}", self.times, if self.times == 1 { "" } else { "s" })
    }
}

/// What the zones of `coverage` move against those of `other`: the same schedules, compiled with other zone data,
/// are compared from `since` on over what both have compiled. Zones that agree there are left out.
pub fn moved_by_zones(coverage: &Coverage, other: &Coverage, since: DateTime<Utc>) -> Vec<MovedZone> {
    let from = since.max(coverage.from).max(other.from);
    let until = coverage.until.min(other.until);
    let names = coverage.organisation.zones();
    let differences = coverage.zones.differences_from(&other.zones, &names, from, until);
    let differing =
        if differences.is_empty() { BTreeSet::new() } else { coverage.differing_teams(other, from) };
    let moved = |zone: &ZoneName| {
        let teams = differing.iter().filter(|id| {
            coverage.organisation.teams.get(*id).is_some_and(|team| team_zones(team).any(|name| name == zone))
        });
        teams.filter_map(|id| moved_team(id, coverage, other, from, until)).collect()
    };
    differences
        .into_iter()
        .map(|difference| MovedZone { teams: moved(&difference.zone), difference })
        .collect()
}

/// The same for schedules that are not compiled yet: compiles the teams that the difference concerns, and no other.
/// Leave and overrides made during the day are not known here.
pub fn compare_zones(
    organisation: &Organisation,
    zones: &Arc<Zones>,
    other: &Arc<Zones>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<MovedZone> {
    let differences = zones.differences_from(other, &organisation.zones(), from, until);
    if differences.is_empty() {
        return Vec::new();
    }
    let differ = |name: &ZoneName| differences.iter().any(|difference| difference.zone == *name);
    let mut concerned = organisation.clone();
    concerned.teams.retain(|_, team| team_zones(team).any(differ));
    let concerned = Arc::new(concerned);
    let compile =
        |zones: &Arc<Zones>| Coverage::compile(concerned.clone(), zones.clone(), Arc::default(), from, until);
    moved_by_zones(&compile(zones), &compile(other), from)
}

fn team_zones(team: &Team) -> impl Iterator<Item = &ZoneName> {
    [&team.timezone].into_iter().chain(team.rotations.iter().map(|rotation| &rotation.timezone))
}

fn moved_team(
    id: &TeamId,
    coverage: &Coverage,
    other: &Coverage,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Option<MovedTeam> {
    let (ours, theirs) = (coverage.timeline(id)?, other.timeline(id)?);
    let (first, lasts) = apart(ours, theirs, from, until)?;
    let moves = kinds(ours).into_iter().filter_map(|border| moved(border, ours, theirs, from, until));
    Some(MovedTeam { team: id.clone(), from: first, minutes: lasts.num_minutes(), moves: moves.collect() })
}

/// The first instant at which the two do not say the same, and for how long they do not.
fn apart(
    ours: &Timeline,
    theirs: &Timeline,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Option<(DateTime<Utc>, TimeDelta)> {
    let (mut ours, mut theirs) = (ours.from(from), theirs.from(from));
    let (mut at, mut first, mut lasts) = (from, None, TimeDelta::zero());
    while let ([here, ..], [there, ..]) = (ours, theirs)
        && at < until
    {
        let next = here.until.min(there.until).min(until);
        if !here.same_service(there) {
            first = first.or(Some(at));
            lasts += next - at;
        }
        ours = if here.until <= next { &ours[1..] } else { ours };
        theirs = if there.until <= next { &theirs[1..] } else { theirs };
        at = next;
    }
    first.map(|first| (first, lasts))
}

fn kinds(timeline: &Timeline) -> BTreeSet<Border> {
    let lines = timeline.spans().first().into_iter().flat_map(|span| span.on_call.keys());
    let lines = lines.map(|line| Border::ChangesHands { line: line.clone() });
    [Border::Opens, Border::Closes].into_iter().chain(lines).collect()
}

fn moved(
    border: Border,
    ours: &Timeline,
    theirs: &Timeline,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Option<Move> {
    let within = |timeline| -> BTreeSet<DateTime<Utc>> {
        borders(&border, timeline).filter(|at| from <= *at && *at < until).collect()
    };
    let (ours, theirs) = (within(ours), within(theirs));
    let (mut here, mut there) = (ours.difference(&theirs), theirs.difference(&ours));
    let times = here.clone().count().max(there.clone().count());
    let (in_use, other) = match (here.next().copied(), there.next().copied()) {
        // So far apart they are not the same border in two places.
        (Some(here), Some(there)) if here + TimeDelta::hours(12) < there => (Some(here), None),
        (Some(here), Some(there)) if there + TimeDelta::hours(12) < here => (None, Some(there)),
        found => found,
    };
    (times > 0).then_some(Move { border, in_use, other, times })
}

/// The instants at which the border comes; the start of the timeline is none.
fn borders<'t>(border: &'t Border, timeline: &'t Timeline) -> impl Iterator<Item = DateTime<Utc>> + 't {
    let comes = move |before: &Span, after: &Span| match border {
        Border::Opens => !before.open && after.open,
        Border::Closes => before.open && !after.open,
        Border::ChangesHands { line } => before.on_call.get(line) != after.on_call.get(line),
    };
    timeline.spans().windows(2).filter(move |two| comes(&two[0], &two[1])).map(|two| two[1].from)
}
