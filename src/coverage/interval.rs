//! Half-open stretches of time and the little algebra they need.

use chrono::{DateTime, Utc};

/// From `from`, up to and without `until`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Interval {
    pub fn is_empty(self) -> bool {
        self.from >= self.until
    }

    /// What both hold; perhaps empty.
    pub fn common(self, other: Interval) -> Interval {
        Interval { from: self.from.max(other.from), until: self.until.min(other.until) }
    }
}

/// In order, disjoint and not touching, whatever went in.
pub fn union(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.retain(|interval| !interval.is_empty());
    intervals.sort_by_key(|interval| interval.from);
    let mut merged: Vec<Interval> = Vec::with_capacity(intervals.len());
    for interval in intervals {
        match merged.last_mut() {
            Some(last) if interval.from <= last.until => last.until = last.until.max(interval.until),
            _ => merged.push(interval),
        }
    }
    merged
}

/// What of `within` a union does not hold.
pub fn complement(union: &[Interval], within: Interval) -> Vec<Interval> {
    let mut holes = Vec::with_capacity(union.len() + 1);
    let mut from = within.from;
    for interval in union {
        holes.push(Interval { from, until: interval.from.min(within.until) });
        from = from.max(interval.until);
    }
    holes.push(Interval { from, until: within.until });
    holes.retain(|hole| !hole.is_empty());
    holes
}

/// The parts of `one` that a union holds.
pub fn parts(one: Interval, union: &[Interval]) -> impl Iterator<Item = Interval> + '_ {
    let first = union.partition_point(|interval| interval.until <= one.from);
    union[first..]
        .iter()
        .take_while(move |interval| interval.from < one.until)
        .map(move |interval| one.common(*interval))
}
