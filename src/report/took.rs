//! How long it took: until it was taken and resolved, by tier and team; and how much of it was parked.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::Times;
use super::course::Course;
use super::sheet::{Cell, Field, NONE};
use crate::desk;
use crate::schedule::{Organisation, TeamId};

const TOOK: &[Field] = &[
    Field { key: "by", head: "~By" },
    Field { key: "name", head: "~Name" },
    Field { key: "acknowledged", head: "acknowledged" },
    Field { key: "acknowledge_median_seconds", head: "median" },
    Field { key: "acknowledge_p90_seconds", head: "p90" },
    Field { key: "taken", head: "taken when asked" },
    Field { key: "taken_median_seconds", head: "median" },
    Field { key: "taken_p90_seconds", head: "p90" },
    Field { key: "resolved", head: "resolved" },
    Field { key: "resolve_median_seconds", head: "median" },
    Field { key: "resolve_p90_seconds", head: "p90" },
];

/// Seconds of each ticket.
#[derive(Default)]
struct Waits {
    /// From opening until somebody first took it; of whoever did.
    acknowledged: Vec<i64>,
    /// From being asked until somebody there took it.
    taken: Vec<i64>,
    /// From opening until it was resolved for the last time; of whoever did.
    resolved: Vec<i64>,
}

#[derive(Default)]
pub(super) struct Took {
    all: Waits,
    teams: BTreeMap<TeamId, Waits>,
}

impl Took {
    pub fn add(&mut self, course: &Course) -> bool {
        let since_opened = |at: DateTime<Utc>| (at - course.opened).num_seconds();
        let mut note = |team: &TeamId, of: fn(&mut Waits) -> &mut Vec<i64>, seconds: i64| {
            of(&mut self.all).push(seconds);
            of(self.teams.entry(team.clone()).or_default()).push(seconds);
        };
        if let (Some(first), Some(at)) = (course.taken.first(), course.acknowledged) {
            note(&first.team, |waits| &mut waits.acknowledged, since_opened(at));
        }
        for taken in &course.taken {
            if let Some(after) = taken.after {
                note(&taken.team, |waits| &mut waits.taken, after.num_seconds());
            }
        }
        if let Some(at) = course.resolved {
            let team = course.resolved_in.clone().unwrap_or_else(|| TeamId::new(NONE));
            note(&team, |waits| &mut waits.resolved, since_opened(at));
        }
        true
    }

    pub fn rows(self, org: &Organisation) -> (&'static [Field], Vec<Vec<Cell>>) {
        // A tier that is gone from the files comes after those that are there.
        let mut tiers: BTreeMap<(usize, String), Waits> = BTreeMap::new();
        for (team, waits) in &self.teams {
            let tier = org.teams.get(team).map(|team| &team.tier);
            let place = tier.map_or(usize::MAX, |tier| org.tier_rank(tier));
            let name = tier.map_or_else(|| NONE.to_owned(), ToString::to_string);
            let sum = tiers.entry((place, name)).or_default();
            sum.acknowledged.extend(&waits.acknowledged);
            sum.taken.extend(&waits.taken);
            sum.resolved.extend(&waits.resolved);
        }
        let all = std::iter::once(("all", "all".to_owned(), self.all));
        let tiers = tiers.into_iter().map(|((_, name), waits)| ("tier", name, waits));
        let teams = self.teams.into_iter().map(|(team, waits)| ("team", team.to_string(), waits));
        let row = |(by, name, waits): (&str, String, Waits)| {
            let measured = [waits.acknowledged, waits.taken, waits.resolved].map(Times::of);
            let cells = measured.into_iter().flat_map(|times| {
                let [median, p90] = [times.median, times.p90].map(Cell::maybe_seconds);
                [Cell::Count(times.count), median, p90]
            });
            [Cell::word(by), Cell::Word(name)].into_iter().chain(cells).collect()
        };
        (TOOK, all.chain(tiers).chain(teams).map(row).collect())
    }
}

const HELD: &[Field] = &[
    Field { key: "by", head: "~By" },
    Field { key: "name", head: "~Name" },
    Field { key: "tickets", head: "tickets" },
    Field { key: "parked", head: "ever parked" },
    Field { key: "parked_seconds", head: "all together" },
    Field { key: "parked_median_seconds", head: "median" },
    Field { key: "parked_p90_seconds", head: "p90" },
    Field { key: "parked_max_seconds", head: "longest" },
];

const SIDES: [&str; 4] = ["all", "priority", "tier", "region"];

/// Held back as nobody was at work.
#[derive(Default)]
pub(super) struct Held {
    /// By place in [`SIDES`], place of the tier, and name: how many tickets, and the seconds of those that were parked.
    groups: BTreeMap<(usize, usize, String), (usize, Vec<i64>)>,
}

impl Held {
    pub fn add(&mut self, org: &Organisation, course: &Course) -> bool {
        let seconds = course.parked.as_ref().map(TimeDelta::num_seconds);
        let rank = course.tier.as_ref().map_or(usize::MAX, |tier| org.tier_rank(tier));
        let region = desk::region_of(org, &course.ticket.facts);
        let named = [
            (0, Some("all".to_owned())),
            (0, Some(course.ticket.priority.to_string())),
            (rank, course.tier.as_ref().map(ToString::to_string)),
            (0, region.as_ref().map(ToString::to_string)),
        ];
        for (side, (rank, name)) in named.into_iter().enumerate() {
            let name = name.unwrap_or_else(|| NONE.to_owned());
            let (tickets, parked) = self.groups.entry((side, rank, name)).or_default();
            *tickets += 1;
            parked.extend(seconds);
        }
        true
    }

    pub fn rows(self) -> (&'static [Field], Vec<Vec<Cell>>) {
        let row = |((side, _, name), (tickets, parked)): ((usize, usize, String), (usize, Vec<i64>))| {
            let sum = parked.iter().sum();
            let times = Times::of(parked);
            let measured = [times.median, times.p90, times.max].map(Cell::maybe_seconds);
            let counts = [Cell::Count(tickets), Cell::Count(times.count), Cell::Seconds(sum)];
            [Cell::word(SIDES[side]), Cell::Word(name)].into_iter().chain(counts).chain(measured).collect()
        };
        (HELD, self.groups.into_iter().map(row).collect())
    }
}
