//! What vendors were asked, how soon they answered, and how long tickets were there.

use std::collections::BTreeMap;

use super::Times;
use super::course::{AtVendor, Course};
use super::reports::Asked;
use super::sheet::{Cell, Field};
use crate::desk::ReplyStatus;
use crate::schedule::VendorId;

const FIELDS: &[Field] = &[
    Field { key: "vendor", head: "~Vendor" },
    Field { key: "asked", head: "asked" },
    Field { key: "replied", head: "replied" },
    Field { key: "answered", head: "answered" },
    Field { key: "solved", head: "solved" },
    Field { key: "declined", head: "declined" },
    Field { key: "recalled", head: "recalled" },
    Field { key: "there_still", head: "there still" },
    Field { key: "late", head: "late" },
    Field { key: "answer_median_seconds", head: "first answer: median" },
    Field { key: "answer_p90_seconds", head: "p90" },
    Field { key: "there_median_seconds", head: "there: median" },
    Field { key: "there_p90_seconds", head: "p90" },
    Field { key: "there_seconds", head: "in all" },
];

#[derive(Default)]
pub(super) struct Vendors(BTreeMap<VendorId, Asks>);

#[derive(Default)]
struct Asks {
    asked: usize,
    answered: usize,
    solved: usize,
    declined: usize,
    recalled: usize,
    there_still: usize,
    late: usize,
    /// In seconds.
    first_answers: Vec<i64>,
    lasted: Vec<i64>,
}

impl Vendors {
    /// What was asked within the window, whatever became of it later.
    pub fn add(&mut self, asked: &Asked, course: &Course) -> bool {
        let mut any = false;
        for visit in course.visits.iter().filter(|visit| asked.within(visit.from)) {
            self.0.entry(visit.vendor.clone()).or_default().add(visit);
            any = true;
        }
        any
    }

    pub fn rows(self) -> (&'static [Field], Vec<Vec<Cell>>) {
        let row = |(vendor, asks): (VendorId, Asks)| {
            let counts = [
                asks.asked,
                asks.first_answers.len(),
                asks.answered,
                asks.solved,
                asks.declined,
                asks.recalled,
                asks.there_still,
                asks.late,
            ];
            let in_all = Cell::Seconds(asks.lasted.iter().sum());
            let [answers, lasted] = [asks.first_answers, asks.lasted].map(Times::of);
            let times = [answers.median, answers.p90, lasted.median, lasted.p90].map(Cell::maybe_seconds);
            let names = [Cell::word(vendor)].into_iter();
            names.chain(counts.map(Cell::Count)).chain(times).chain([in_all]).collect()
        };
        (FIELDS, self.0.into_iter().map(row).collect())
    }
}

impl Asks {
    fn add(&mut self, visit: &AtVendor) {
        self.asked += 1;
        self.late += usize::from(visit.breached);
        self.first_answers.extend(visit.answered.map(|after| after.num_seconds()));
        self.lasted.extend(visit.lasted.map(|lasted| lasted.num_seconds()));
        let outcome = match (visit.outcome, visit.lasted) {
            (Some(ReplyStatus::Answered), _) => &mut self.answered,
            (Some(ReplyStatus::Solved), _) => &mut self.solved,
            (Some(ReplyStatus::Declined), _) => &mut self.declined,
            (Some(ReplyStatus::Working) | None, None) => &mut self.there_still,
            (Some(ReplyStatus::Working) | None, Some(_)) => &mut self.recalled,
        };
        *outcome += 1;
    }
}
