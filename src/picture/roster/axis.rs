//! From instants to places across the sheet, and what stands along its edge: days and hours of one clock.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

use crate::zone::Zone;

pub struct Axis<'z> {
    pub zone: &'z Zone,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Where `from` stands.
    pub left: f64,
    pub width: f64,
}

/// A local date, or the part of it that the sheet shows.
pub struct Day {
    pub date: NaiveDate,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Day {
    pub fn is_weekend(&self) -> bool {
        matches!(self.date.weekday(), Weekday::Sat | Weekday::Sun)
    }
}

impl Axis<'_> {
    /// What lies outside stands at the edge.
    pub fn x(&self, at: DateTime<Utc>) -> f64 {
        let whole = (self.until - self.from).num_seconds() as f64;
        let passed = (at.clamp(self.from, self.until) - self.from).num_seconds() as f64;
        self.left + passed / whole * self.width
    }

    pub fn right(&self) -> f64 {
        self.left + self.width
    }

    pub fn days(&self) -> Vec<Day> {
        days(self.zone, self.from, self.until)
    }

    /// How wide an ordinary day is.
    pub fn day_width(&self) -> f64 {
        self.width / ((self.until - self.from).num_seconds() as f64 / 86_400.0)
    }

    /// The full hours that have a line, with their hour of the day: as many as can be told apart.
    pub fn hours(&self) -> Vec<(DateTime<Utc>, i64)> {
        let Some(step) = [1, 2, 3, 6, 12].into_iter().find(|step| self.hour_width() * *step as f64 >= 26.0)
        else {
            return Vec::new();
        };
        let mut hours = Vec::new();
        for day in self.days() {
            for hour in (step..24).step_by(step as usize) {
                let local = day.date.and_time(NaiveTime::MIN) + TimeDelta::hours(hour);
                hours.push((self.zone.start(local), hour));
            }
        }
        hours.retain(|(at, _)| self.from <= *at && *at < self.until);
        hours
    }

    fn hour_width(&self) -> f64 {
        self.day_width() / 24.0
    }
}

/// The local dates that touch `from..until`, cut to it. A day that a zone has skipped is not there.
pub fn days(zone: &Zone, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Day> {
    let midnight = |date: NaiveDate| zone.start(date.and_time(NaiveTime::MIN));
    let mut days = Vec::new();
    let first = zone.local(from).date();
    for date in first.iter_days().take_while(|date| midnight(*date) < until) {
        let next = date.checked_add_days(Days::new(1)).map_or(until, midnight);
        let day = Day { date, from: midnight(date).max(from), until: next.min(until) };
        if day.from < day.until {
            days.push(day);
        }
    }
    days
}
