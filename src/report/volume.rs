//! How many tickets, from several sides.

use std::collections::BTreeMap;

use super::Outcomes;
use super::course::Course;
use super::sheet::{Cell, Field, NONE};
use crate::desk;
use crate::schedule::Organisation;

const SIDES: [&str; 7] = ["all", "audience", "priority", "category", "region", "language", "medium"];

const FIELDS: &[Field] = &[
    Field { key: "by", head: "~By" },
    Field { key: "name", head: "~Name" },
    Field { key: "opened", head: "opened" },
    Field { key: "resolved", head: "resolved" },
    Field { key: "live", head: "live" },
    Field { key: "escalated", head: "escalated" },
    Field { key: "reopened", head: "reopened" },
    Field { key: "came_in_again", head: "came in again" },
];

#[derive(Default)]
pub(super) struct Volume {
    /// By place in [`SIDES`], and name.
    groups: BTreeMap<(usize, String), Counted>,
}

#[derive(Default)]
struct Counted {
    opened: usize,
    outcomes: Outcomes,
    escalated: usize,
    reopened: usize,
    came_in_again: usize,
}

impl Volume {
    pub fn add(&mut self, org: &Organisation, course: &Course) -> bool {
        let facts = &course.ticket.facts;
        let names = [
            Some("all".to_owned()),
            Some(facts.audience.as_str().to_owned()),
            Some(course.ticket.priority.to_string()),
            facts.category.clone(),
            desk::region_of(org, facts).map(|region| region.to_string()),
            Some(desk::language_of(org, facts).to_string()),
            facts.via.clone(),
        ];
        for (side, name) in names.into_iter().enumerate() {
            let group = self.groups.entry((side, name.unwrap_or_else(|| NONE.to_owned()))).or_default();
            group.opened += 1;
            *group.outcomes.of(&course.ticket) += 1;
            group.escalated += usize::from(!course.escalations.is_empty());
            group.reopened += usize::from(course.counts.reopened > 0);
            group.came_in_again += course.counts.repeated;
        }
        true
    }

    pub fn rows(self) -> (&'static [Field], Vec<Vec<Cell>>) {
        let row = |((side, name), group): ((usize, String), Counted)| {
            let counts = [
                group.opened,
                group.outcomes.all_resolved(),
                group.outcomes.live(),
                group.escalated,
                group.reopened,
                group.came_in_again,
            ];
            let names = [Cell::word(SIDES[side]), Cell::Word(name)];
            names.into_iter().chain(counts.map(Cell::Count)).collect()
        };
        (FIELDS, self.groups.into_iter().map(row).collect())
    }
}
