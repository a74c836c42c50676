//! When clocks are set forward or back.

use chrono::{DateTime, TimeDelta, Utc};

use super::Zone;

/// A zone's clock is set forward or back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockChange {
    /// The first instant of the new offset.
    pub at: DateTime<Utc>,
    /// Seconds east of UTC, before and from then on.
    pub before: i32,
    pub after: i32,
}

impl ClockChange {
    /// How far the clock is set forward; below 0, back.
    pub fn minutes(&self) -> i64 {
        i64::from(self.after - self.before) / 60
    }
}

impl Zone {
    /// The clock changes after `from` and before `until`, in order. Two within one day that undo each other would go
    /// unseen; no zone has ever done that.
    pub fn changes(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<ClockChange> {
        let mut found = Vec::new();
        let mut day = from;
        while day < until {
            let next = day.checked_add_signed(TimeDelta::days(1)).map_or(until, |next| next.min(until));
            let (before, after) = (self.offset(day), self.offset(next));
            if before != after {
                let at = self.turning(day, next);
                found.extend((at < until).then_some(ClockChange { at, before, after }));
            }
            day = next;
        }
        found
    }

    /// The instant between the two from which the offset is no longer the one of `early`.
    fn turning(&self, early: DateTime<Utc>, late: DateTime<Utc>) -> DateTime<Utc> {
        let before = self.offset(early);
        let (mut early, mut late) = (early.timestamp(), late.timestamp());
        while late - early > 1 {
            let middle = early + (late - early) / 2;
            let at = DateTime::from_timestamp(middle, 0).expect("between two instants");
            if self.offset(at) == before { early = middle } else { late = middle }
        }
        DateTime::from_timestamp(late, 0).expect("between two instants")
    }
}
