//! The upper edge: days, hours, and where clocks change.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};

use super::axis::{Axis, Day};
use super::sheet::{DAYS_HEIGHT, Sheet, TOP};
use crate::coverage::{Coverage, CoverageAnswer};
use crate::picture::letters;
use crate::schedule::ZoneName;
use crate::zone::Zone;

/// Clocks that are set at one instant and by as much.
pub struct Change {
    pub at: DateTime<Utc>,
    /// Forward is positive.
    pub minutes: i64,
    pub zones: Vec<ZoneName>,
}

const SIZE: f64 = 9.0;
const LINE: f64 = 12.0;

impl Change {
    /// `clocks +1 h Europe/Stockholm`
    pub fn label(&self) -> String {
        let more = match self.zones.len() {
            0..=2 => String::new(),
            n => format!(" and {} more", n - 2),
        };
        let zones = self.zones.iter().take(2).map(ZoneName::as_str).collect::<Vec<_>>().join(", ");
        format!("{} {zones}{more}", self.shift())
    }

    pub fn shift(&self) -> String {
        let sign = if self.minutes < 0 { "−" } else { "+" };
        match (self.minutes.abs() / 60, self.minutes.abs() % 60) {
            (0, minutes) => format!("clocks {sign}{minutes} min"),
            (hours, 0) => format!("clocks {sign}{hours} h"),
            (hours, minutes) => format!("clocks {sign}{hours} h {minutes} min"),
        }
    }
}

/// Of the zones in which the shown teams live and of the sheet's own, in order of time.
pub fn clock_changes(
    coverage: &Coverage,
    answer: &CoverageAnswer,
    (name, zone): (&ZoneName, &Zone),
) -> Vec<Change> {
    let teams = answer.teams.iter().filter_map(|spans| coverage.organisation.teams.get(&spans.team));
    let names: BTreeSet<&ZoneName> = teams.map(|team| &team.timezone).collect();
    let zones = names.into_iter().filter(|other| *other != name);
    let zones = zones.filter_map(|name| Some((name, coverage.zones.get(name)?)));
    // Also a change at the very first instant.
    let since = answer.from.checked_sub_signed(TimeDelta::seconds(1)).unwrap_or(answer.from);
    let mut found: BTreeMap<(DateTime<Utc>, i64), Vec<ZoneName>> = BTreeMap::new();
    for (name, zone) in std::iter::once((name, zone)).chain(zones) {
        for change in zone.changes(since, answer.to) {
            found.entry((change.at, change.minutes())).or_default().push(name.clone());
        }
    }
    found.into_iter().map(|((at, minutes), zones)| Change { at, minutes, zones }).collect()
}

/// What the labels take above the days.
pub fn height(changes: &[Change], axis: &Axis) -> f64 {
    let lines = placed(changes, axis).into_iter().map(|place| place.line + 1).max().unwrap_or(0);
    lines as f64 * LINE
}

struct Place {
    line: usize,
    /// Of the label, at the right of its mark or, at the sheet's edge, at the left.
    x: f64,
    at_left: bool,
}

/// Labels on as few lines as keep them apart.
fn placed(changes: &[Change], axis: &Axis) -> Vec<Place> {
    let mut ends: Vec<f64> = Vec::new();
    let place = |change: &Change| {
        let (mark, width) = (axis.x(change.at), letters::width(&change.label(), SIZE) + 12.0);
        let at_left = mark + width > axis.right();
        let begins = if at_left { mark - width } else { mark };
        let line = ends.iter().position(|end| *end <= begins).unwrap_or_else(|| {
            ends.push(0.0);
            ends.len() - 1
        });
        ends[line] = begins + width;
        Place { line, x: if at_left { mark - 4.0 } else { mark + 4.0 }, at_left }
    };
    changes.iter().map(place).collect()
}

impl Sheet<'_, '_> {
    /// The days by name, and the hours as far as there is room.
    pub fn days(&mut self, y: f64, days: &[Day]) {
        self.svg.rect("halo", [self.axis.left, y, self.axis.width, DAYS_HEIGHT], "");
        let room = self.axis.day_width();
        for day in days {
            let (left, right) = (self.axis.x(day.from), self.axis.x(day.until));
            let middle = (left + right) / 2.0;
            let whole = day.date.format("%a %-d %b").to_string();
            if room >= 60.0 {
                let fits = letters::width(&whole, 11.0) <= right - left;
                let text = if fits { whole } else { day.date.format("%-d").to_string() };
                self.svg.text("day", [middle, y + 13.0], &text);
            } else if room >= 20.0 {
                self.svg.text("day", [middle, y + 12.0], &day.date.format("%a").to_string());
                let first = day.date.day() == 1 && room >= 30.0;
                let date = day.date.format(if first { "%-d %b" } else { "%-d" }).to_string();
                self.svg.text("day", [middle, y + 25.0], &date);
            } else if day.date.weekday() == Weekday::Mon {
                self.svg.text("day", [middle.max(self.axis.left + 26.0), y + 18.0], &whole);
            }
        }
        if room >= 60.0 {
            for (at, hour) in self.axis.hours() {
                self.svg.text("hour", [self.axis.x(at), y + 26.0], &format!("{hour:02}"));
            }
        }
    }

    /// A mark through all rows for each, with its label above the days.
    pub fn clock_changes(&mut self, changes: &[Change]) {
        for (change, place) in std::iter::zip(changes, placed(changes, self.axis)) {
            let (x, y) = (self.axis.x(change.at), TOP + place.line as f64 * LINE);
            self.svg.line("clock", [x, y, x, self.bottom]);
            let class = if place.at_left { "clock-word left" } else { "clock-word" };
            self.svg.text(class, [place.x, y + 9.0], &change.label());
        }
    }
}
