//! Tickets that came back: to a team they had left, in circles without progress, or reopened.

use std::collections::{BTreeMap, BTreeSet};

use super::course::Course;
use super::sheet::{Cell, Field};
use crate::schedule::TeamId;

const FIELDS: &[Field] = &[
    Field { key: "by", head: "~By" },
    Field { key: "name", head: "~Name" },
    Field { key: "tickets", head: "tickets" },
    Field { key: "returned", head: "came back to a team" },
    Field { key: "returns", head: "so often" },
    Field { key: "satellites", head: "satellites" },
    Field { key: "reopened", head: "reopened" },
    Field { key: "reopenings", head: "so often" },
];

const SIDES: [&str; 3] = ["all", "priority", "team"];

#[derive(Default)]
pub(super) struct Returns {
    groups: BTreeMap<(usize, String), Back>,
}

#[derive(Clone, Copy, Default)]
struct Back {
    tickets: usize,
    returned: usize,
    returns: usize,
    satellites: usize,
    reopened: usize,
    reopenings: usize,
}

impl Back {
    fn add(&mut self, returns: usize, course: &Course) {
        let counts = &course.counts;
        self.tickets += 1;
        self.returned += usize::from(returns > 0);
        self.returns += returns;
        self.satellites += counts.satellites;
        self.reopened += usize::from(counts.reopened > 0);
        self.reopenings += counts.reopened;
    }
}

impl Returns {
    /// A team's row is about the tickets that it had, and the returns to it.
    pub fn add(&mut self, course: &Course) -> bool {
        let returns = course.returned_to.len();
        self.groups.entry((0, "all".to_owned())).or_default().add(returns, course);
        self.groups.entry((1, course.ticket.priority.to_string())).or_default().add(returns, course);
        let teams: BTreeSet<&TeamId> = course.stints.iter().map(|stint| &stint.team).collect();
        for team in teams {
            let to_it = course.returned_to.iter().filter(|back| *back == team).count();
            self.groups.entry((2, team.to_string())).or_default().add(to_it, course);
        }
        true
    }

    pub fn rows(self) -> (&'static [Field], Vec<Vec<Cell>>) {
        let row = |((side, name), back): ((usize, String), Back)| {
            let counts =
                [back.tickets, back.returned, back.returns, back.satellites, back.reopened, back.reopenings];
            let names = [Cell::word(SIDES[side]), Cell::Word(name)];
            names.into_iter().chain(counts.map(Cell::Count)).collect()
        };
        (FIELDS, self.groups.into_iter().map(row).collect())
    }
}
