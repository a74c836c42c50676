//! What customers said within the window.

use std::collections::BTreeMap;

use super::course::Course;
use super::reports::Asked;
use super::sheet::{Cell, Field, NONE};

const FIELDS: &[Field] = &[
    Field { key: "by", head: "~By" },
    Field { key: "name", head: "~Name" },
    Field { key: "answers", head: "answers" },
    Field { key: "mean_score", head: "mean" },
    Field { key: "score_1", head: "1" },
    Field { key: "score_2", head: "2" },
    Field { key: "score_3", head: "3" },
    Field { key: "score_4", head: "4" },
    Field { key: "score_5", head: "5" },
];

const SIDES: [&str; 3] = ["all", "priority", "team"];

#[derive(Default)]
pub(super) struct Scores {
    /// How often each score was given, from 1.
    groups: BTreeMap<(usize, String), [usize; 5]>,
}

impl Scores {
    /// A team's are about what it had resolved.
    pub fn add(&mut self, asked: &Asked, course: &Course) -> bool {
        let mut any = false;
        for given in course.scores.iter().filter(|given| asked.within(given.at)) {
            let team = given.team.as_ref().map_or_else(|| NONE.to_owned(), ToString::to_string);
            let names = ["all".to_owned(), course.ticket.priority.to_string(), team];
            for (side, name) in names.into_iter().enumerate() {
                let scores = self.groups.entry((side, name)).or_default();
                scores[usize::from(given.score.clamp(1, 5)) - 1] += 1;
            }
            any = true;
        }
        any
    }

    pub fn rows(self) -> (&'static [Field], Vec<Vec<Cell>>) {
        let row = |((side, name), scores): ((usize, String), [usize; 5])| {
            let answers: usize = scores.iter().sum();
            let points: usize = scores.iter().zip(1..).map(|(count, score)| count * score).sum();
            let mean = (points * 100 + answers / 2) / answers.max(1);
            let told = [Cell::Count(answers), Cell::Decimal(mean as i64)];
            let names = [Cell::word(SIDES[side]), Cell::Word(name)];
            names.into_iter().chain(told).chain(scores.map(Cell::Count)).collect()
        };
        (FIELDS, self.groups.into_iter().map(row).collect())
    }
}
