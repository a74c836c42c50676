//! Weeks and months as people write them, on the clock of a zone.

use std::str::FromStr;

use chrono::{DateTime, Months, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

use super::Zone;

/// `2026-W43`: from Monday to Sunday.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Week(NaiveDate);

/// `2026-10`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Month(NaiveDate);

impl Week {
    pub fn on(self, zone: &Zone) -> (DateTime<Utc>, DateTime<Utc>) {
        (midnight(zone, self.0), midnight(zone, self.0 + TimeDelta::weeks(1)))
    }
}

impl Month {
    pub fn on(self, zone: &Zone) -> (DateTime<Utc>, DateTime<Utc>) {
        (midnight(zone, self.0), midnight(zone, self.0 + Months::new(1)))
    }
}

impl FromStr for Week {
    type Err = String;

    fn from_str(text: &str) -> Result<Week, String> {
        let week = text.split_once("-W").and_then(|(year, week)| {
            NaiveDate::from_isoywd_opt(number(year, 4)?, number(week, 2)?.try_into().ok()?, Weekday::Mon)
        });
        week.map(Week).ok_or_else(|| format!("{text:?} is not a week; write it like 2026-W43"))
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Month, String> {
        let month = text.split_once('-').and_then(|(year, month)| {
            NaiveDate::from_ymd_opt(number(year, 4)?, number(month, 2)?.try_into().ok()?, 1)
        });
        month.map(Month).ok_or_else(|| format!("{text:?} is not a month; write it like 2026-10"))
    }
}

/// So many digits and nothing else.
fn number(text: &str, digits: usize) -> Option<i32> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn midnight(zone: &Zone, date: NaiveDate) -> DateTime<Utc> {
    zone.start(date.and_time(NaiveTime::MIN))
}
