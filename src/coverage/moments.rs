//! Leave and overrides: those of the day, and the borders of all of them, read in a team's zone (rule 10).

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::interval::Interval;
use crate::schedule::{DeclaredGap, Leave, Moment, Override};
use crate::zone::Zone;

/// Changes of the day, kept in the database: they count as if they stood in the files, after them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DayChanges {
    pub leave: Vec<Leave>,
    pub overrides: Vec<Override>,
}

/// How a zone places a doubled time.
type Reading = fn(&Zone, NaiveDateTime) -> DateTime<Utc>;

/// When somebody is away. At doubled times it is as short as it can be read, as it takes people out.
pub fn leave(leave: &Leave, zone: &Zone) -> Interval {
    borders(&leave.from, &leave.to, zone, Zone::end, Zone::start)
}

/// When an override holds. At doubled times it is as long as it can be read.
pub fn override_(change: &Override, zone: &Zone) -> Interval {
    borders(&change.from, &change.to, zone, Zone::start, Zone::end)
}

/// When a gap is declared. At doubled times it is as long as it can be read, as the windows it excuses are.
pub fn declared_gap(gap: &DeclaredGap, zone: &Zone) -> Interval {
    borders(&gap.from, &gap.to, zone, Zone::start, Zone::end)
}

fn borders(from: &Moment, to: &Moment, zone: &Zone, begins: Reading, ends: Reading) -> Interval {
    let from = match from {
        Moment::Date(date) => begins(zone, midnight(*date)),
        Moment::Local(local) => begins(zone, *local),
        Moment::Exact(at) => *at,
    };
    let until = match to {
        Moment::Date(date) => ends(zone, midnight(date.succ_opt().unwrap_or(NaiveDate::MAX))),
        Moment::Local(local) => ends(zone, *local),
        Moment::Exact(at) => *at,
    };
    Interval { from, until }
}

fn midnight(date: NaiveDate) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN)
}
