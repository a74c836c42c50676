//! What whoever received a ticket within the window thinks of what came with it, by the team that sent it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::course::Course;
use super::reports::Asked;
use super::sheet::{Cell, Field, NONE};
use crate::desk::{BriefPart, ReceivedKind};

const FIELDS: &[Field] = &[
    Field { key: "kind", head: "~Kind" },
    Field { key: "from_team", head: "~From" },
    Field { key: "received", head: "received" },
    Field { key: "judged", head: "judged" },
    Field { key: "judged_share", head: "of all" },
    Field { key: "good", head: "good enough" },
    Field { key: "good_share", head: "of judged" },
    Field { key: "most_missed", head: "~Missed most often" },
];

/// So many parts are named, the one that was missed most often first.
const NAMED: usize = 3;

#[derive(Default)]
pub(super) struct Briefings {
    /// By kind, and name of the team.
    groups: BTreeMap<(&'static str, String), Judged>,
}

#[derive(Default)]
struct Judged {
    received: usize,
    judged: usize,
    good: usize,
    missed: BTreeMap<BriefPart, usize>,
}

impl Briefings {
    /// The last verdict on each counts, whenever it was given. An escalation is of the team that had the ticket before.
    pub fn add(&mut self, asked: &Asked, course: &Course) -> bool {
        let mut any = false;
        for receipt in course.receipts.iter().filter(|receipt| asked.within(receipt.at)) {
            let team = receipt.from.as_ref().map_or_else(|| NONE.to_owned(), ToString::to_string);
            let group = self.groups.entry((receipt.kind.as_str(), team)).or_default();
            any = true;
            group.received += 1;
            let Some(verdict) = &receipt.verdict else { continue };
            group.judged += 1;
            group.good += usize::from(verdict.good);
            for part in &verdict.missing {
                *group.missed.entry(*part).or_default() += 1;
            }
        }
        any
    }

    pub fn rows(self) -> (&'static [Field], Vec<Vec<Cell>>) {
        let row = |((kind, team), group): ((&str, String), Judged)| {
            let most_missed = group.most_missed();
            vec![
                Cell::word(kind),
                Cell::Word(team),
                Cell::Count(group.received),
                Cell::Count(group.judged),
                Cell::Share(group.judged, group.received),
                Cell::Count(group.good),
                Cell::Share(group.good, group.judged),
                Cell::Word(most_missed),
            ]
        };
        let mut groups: Vec<_> = self.groups.into_iter().collect();
        // What is handed over comes before what is escalated, as there is more of it.
        groups.sort_by_key(|((kind, team), _)| (*kind != ReceivedKind::Handoff.as_str(), team.clone()));
        (FIELDS, groups.into_iter().map(row).collect())
    }
}

impl Judged {
    /// `next_action 3, summary 1`
    fn most_missed(&self) -> String {
        let mut missed: Vec<(&BriefPart, &usize)> = self.missed.iter().collect();
        missed.sort_by_key(|(part, times)| (Reverse(**times), **part));
        let named = missed.iter().take(NAMED).map(|(part, times)| format!("{} {times}", part.as_str()));
        let named = named.collect::<Vec<_>>().join(", ");
        if named.is_empty() { NONE.to_owned() } else { named }
    }
}
