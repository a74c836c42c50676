//! Promises to customers, checked.

use std::collections::BTreeMap;
use std::fmt;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{BusinessHoursId, CalendarId, Organisation, Priority, SlaId, Window, ZoneName};

/// Open hours that belong to no team.
#[derive(Clone, Debug, PartialEq)]
pub struct BusinessHours {
    pub timezone: ZoneName,
    pub holidays: Vec<CalendarId>,
    /// Not empty; `members` is `None` in each.
    pub hours: Vec<Window>,
}

/// Promises to customers: how soon they are answered, told news, and helped.
#[derive(Clone, Debug, PartialEq)]
pub struct Sla {
    /// Customers of these classes have it, where neither their own table nor a route says.
    pub classes: Vec<String>,
    pub clock: SlaClock,
    /// A priority that is absent: nothing is promised.
    pub first_response: BTreeMap<Priority, TimeDelta>,
    pub next_update: BTreeMap<Priority, TimeDelta>,
    pub resolution: BTreeMap<Priority, TimeDelta>,
    /// Of each promise, ascending.
    pub warn_at: Vec<Fraction>,
    pub first_response_by: AnsweredBy,
    pub on_warning: OnWarning,
    pub on_breach: OnBreach,
}

/// What time counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlaClock {
    Calendar,
    /// The open hours of whichever team has the ticket.
    Open,
    BusinessHours(BusinessHoursId),
}

/// What answers a customer for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnsweredBy {
    /// Somebody has taken the ticket.
    Acknowledgement,
    /// Only a status update.
    Update,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnWarning {
    /// Holder and lead.
    Tell,
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnBreach {
    /// Holder, lead and the next tier's lead.
    Tell,
    /// As well, one step further.
    Escalate,
}

/// A part of something: more than nothing, less than all of it, to a thousandth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Fraction(u16);

impl Fraction {
    pub const fn thousandths(thousandths: u16) -> Fraction {
        assert!(0 < thousandths && thousandths < 1000);
        Fraction(thousandths)
    }

    /// `None`: not between 0 and 1, or finer than a thousandth.
    pub fn of(number: f64) -> Option<Fraction> {
        let thousandths = (number * 1000.0).round();
        let fits = 0.0 < number && number < 1.0 && (number * 1000.0 - thousandths).abs() < 1e-6;
        // Between 1 and 999, so nothing is cut off.
        (fits && (1.0..1000.0).contains(&thousandths)).then_some(Fraction(thousandths as u16))
    }

    /// 0.8
    pub fn as_number(self) -> f64 {
        f64::from(self.0) / 1000.0
    }

    pub fn in_millionths(self) -> u64 {
        u64::from(self.0) * 1000
    }

    /// So much of a length of time, to the millisecond.
    pub fn part_of(self, whole: TimeDelta) -> TimeDelta {
        TimeDelta::milliseconds(whole.num_milliseconds() / 1000 * i64::from(self.0))
    }
}

/// In percent: `80 %`, `12.5 %`.
impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match (self.0 / 10, self.0 % 10) {
            (percent, 0) => write!(f, "{percent} %"),
            (percent, tenths) => write!(f, "{percent}.{tenths} %"),
        }
    }
}

impl TryFrom<f64> for Fraction {
    type Error = String;

    fn try_from(number: f64) -> Result<Fraction, String> {
        Fraction::of(number).ok_or_else(|| format!("{number} is no fraction between 0 and 1"))
    }
}

impl From<Fraction> for f64 {
    fn from(fraction: Fraction) -> f64 {
        fraction.as_number()
    }
}

impl Organisation {
    /// The SLA that names a class of customers.
    pub fn sla_of_class(&self, class: &str) -> Option<&SlaId> {
        self.slas.iter().find(|(_, sla)| sla.classes.iter().any(|named| named == class)).map(|(id, _)| id)
    }
}
