//! Handoffs that were offered within the window, by pair of regions.

use std::collections::BTreeMap;

use super::Times;
use super::course::{Course, HandoffFate};
use super::reports::Asked;
use super::sheet::{Cell, Field, NONE};
use crate::schedule::Organisation;

const FIELDS: &[Field] = &[
    Field { key: "from_region", head: "~From" },
    Field { key: "to_region", head: "~To" },
    Field { key: "offered", head: "offered" },
    Field { key: "accepted", head: "accepted" },
    Field { key: "passed", head: "taken by nobody" },
    Field { key: "declined", head: "declined" },
    Field { key: "withdrawn", head: "withdrawn" },
    Field { key: "open", head: "open" },
    Field { key: "acceptance", head: "acceptance" },
    Field { key: "accept_median_seconds", head: "median" },
    Field { key: "accept_p90_seconds", head: "p90" },
    Field { key: "briefed", head: "briefed" },
    Field { key: "briefed_share", head: "of all" },
];

#[derive(Default)]
pub(super) struct Offered {
    pairs: BTreeMap<(String, String), Pair>,
}

#[derive(Default)]
struct Pair {
    offered: usize,
    passed: usize,
    declined: usize,
    withdrawn: usize,
    open: usize,
    /// Of those that were accepted before the boundary, how long it took.
    accepted: Vec<i64>,
    /// The holder had written a briefing.
    briefed: usize,
}

impl Offered {
    pub fn add(&mut self, asked: &Asked, org: &Organisation, course: &Course) -> bool {
        let mut any = false;
        for handoff in course.handoffs.iter().filter(|handoff| asked.within(handoff.at)) {
            let region =
                |team| org.teams.get(team).map_or_else(|| NONE.to_owned(), |team| team.region.to_string());
            let pair = self.pairs.entry((region(&handoff.from), region(&handoff.to))).or_default();
            any = true;
            pair.offered += 1;
            pair.briefed += usize::from(handoff.briefed);
            match handoff.fate {
                HandoffFate::Running => pair.open += 1,
                HandoffFate::Passed => pair.passed += 1,
                HandoffFate::Declined => pair.declined += 1,
                HandoffFate::Withdrawn => pair.withdrawn += 1,
                HandoffFate::Accepted => {
                    let ended = handoff.ended.unwrap_or(handoff.at);
                    pair.accepted.push((ended - handoff.at).num_seconds());
                }
            }
        }
        any
    }

    pub fn rows(self) -> (&'static [Field], Vec<Vec<Cell>>) {
        let row = |((from, to), pair): ((String, String), Pair)| {
            let accepted = pair.accepted.len();
            let times = Times::of(pair.accepted);
            let counts = [pair.offered, accepted, pair.passed, pair.declined, pair.withdrawn, pair.open];
            let told = [
                Cell::Share(accepted, accepted + pair.passed),
                Cell::maybe_seconds(times.median),
                Cell::maybe_seconds(times.p90),
                Cell::Count(pair.briefed),
                Cell::Share(pair.briefed, pair.offered),
            ];
            [Cell::Word(from), Cell::Word(to)]
                .into_iter()
                .chain(counts.map(Cell::Count))
                .chain(told)
                .collect()
        };
        (FIELDS, self.pairs.into_iter().map(row).collect())
    }
}
