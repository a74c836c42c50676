//! Where everything stands on the sheet, and the paper it stands on.

use chrono::{DateTime, Datelike, NaiveTime, Utc, Weekday};

use super::axis::{Axis, Day};
use super::rows::{TeamRow, Tier};
use super::style;
use crate::coverage::{CoverageAnswer, Proved};
use crate::picture::Svg;
use crate::picture::people::Faces;
use crate::schedule::ZoneName;

/// As wide as A4 lying, at a size that reads on a wall.
pub const WIDTH: f64 = 1400.0;
pub const MARGIN: f64 = 20.0;
/// The names at the left.
pub const GUTTER: f64 = 250.0;

/// Where the rows begin, but for the labels of clock changes.
pub const TOP: f64 = 66.0;

pub const DAYS_HEIGHT: f64 = 30.0;
pub const TIER_HEIGHT: f64 = 22.0;
pub const HEAD: f64 = 15.0;
pub const LANE: f64 = 13.0;
const BELOW_TEAM: f64 = 5.0;

/// After so much of the sheet the days are written again.
const DAYS_EVERY: f64 = 600.0;

pub enum Block<'t, 'a> {
    Days,
    /// The requirements with holes, if there are any.
    Requirements(&'t [&'a Proved]),
    Tier(&'t Tier<'a>),
    Team(&'t TeamRow<'a>),
}

/// Every block with its upper edge, and where the last one ends.
pub fn blocks<'t, 'a>(
    broken: &'t [&'a Proved],
    tiers: &'t [Tier<'a>],
    above: f64,
) -> (Vec<(f64, Block<'t, 'a>)>, f64) {
    let mut blocks = Vec::new();
    let mut y = TOP + above;
    let mut add = |block, height| {
        blocks.push((y, block));
        y += height;
        y
    };
    let mut written = add(Block::Days, DAYS_HEIGHT);
    if !broken.is_empty() {
        add(Block::Requirements(broken), HEAD + broken.len() as f64 * LANE + BELOW_TEAM);
    }
    for tier in tiers {
        let mut reached = add(Block::Tier(tier), TIER_HEIGHT);
        for team in &tier.teams {
            reached = add(Block::Team(team), team_height(team));
            if reached - written > DAYS_EVERY {
                written = add(Block::Days, DAYS_HEIGHT);
                reached = written;
            }
        }
        if reached > written && reached - written > DAYS_EVERY / 2.0 {
            written = add(Block::Days, DAYS_HEIGHT);
        }
    }
    (blocks, y)
}

pub fn lanes_height(team: &TeamRow) -> f64 {
    team.groups.iter().map(|group| group.lanes.len() as f64 * LANE).sum()
}

fn team_height(team: &TeamRow) -> f64 {
    HEAD + lanes_height(team) + BELOW_TEAM
}

/// From an instant until another.
pub type Times = (DateTime<Utc>, DateTime<Utc>);
/// An upper edge and a height.
pub type Band = (f64, f64);

/// A sheet under way.
pub struct Sheet<'s, 'a> {
    pub svg: Svg,
    pub axis: &'s Axis<'s>,
    pub faces: Faces<'a>,
    /// Below the last row.
    pub bottom: f64,
    /// Where notes go on.
    pub cursor: f64,
}

impl<'s, 'a> Sheet<'s, 'a> {
    /// `bottom` is where the last row ends; notes stand below it.
    pub fn new(axis: &'s Axis<'s>, faces: Faces<'a>, bottom: f64, title: &str) -> Sheet<'s, 'a> {
        let mut svg = Svg::new(WIDTH, bottom, title, &style::style());
        svg.define(style::PATTERNS);
        Sheet { svg, axis, faces, bottom, cursor: bottom + 16.0 }
    }

    pub fn title(&mut self, title: &str, answer: &CoverageAnswer, zone: &ZoneName) {
        self.svg.text("title", [MARGIN, 34.0], title);
        let window = self.window(answer.from, answer.to);
        let window = format!("{window}, on the clock of {zone}");
        self.svg.text("sub", [MARGIN, 54.0], &window);
    }

    /// What lies beneath the rows: weekends, hours, holidays, and the lines of days and hours over them.
    pub fn ground(&mut self, days: &[Day], blocks: &[(f64, Block)]) {
        let (top, height) = (blocks[0].0 + DAYS_HEIGHT, self.bottom - blocks[0].0 - DAYS_HEIGHT);
        for day in days.iter().filter(|day| day.is_weekend()) {
            self.stretch("weekend", (day.from, day.until), (top, height), "");
        }
        for (y, block) in blocks {
            if let Block::Team(team) = block {
                self.hours_and_holidays(*y, team);
            }
        }
        for (at, _) in self.axis.hours() {
            let x = self.axis.x(at);
            self.svg.line("grid-hour", [x, top, x, top + height]);
        }
        let ends = days.iter().map(|day| day.from).chain([self.axis.until]);
        for x in ends.map(|at| self.axis.x(at)) {
            self.svg.line("grid-day", [x, top, x, top + height]);
        }
    }

    fn hours_and_holidays(&mut self, y: f64, team: &TeamRow) {
        let band = (y + 2.0, HEAD + lanes_height(team));
        for open in &team.open {
            let tip = format!("{} open: {}", team.team.name, self.times(open.from, open.until));
            self.stretch("open", (open.from, open.until), band, &tip);
        }
        for day in &team.holidays {
            let tip = format!("{}, {}: {}", day.date.format("%a %-d %b"), team.team.name, day.name);
            self.stretch("holiday", (day.from, day.until), band, &tip);
        }
    }

    /// A box from one instant to another.
    pub fn stretch(&mut self, class: &str, (from, until): Times, (y, height): Band, tip: &str) {
        let (left, right) = (self.axis.x(from), self.axis.x(until));
        self.svg.rect(class, [left, y, right - left, height], tip);
    }

    /// `Mon 19 Oct 17:00 to Tue 20 Oct 08:00`, on the clock of the sheet.
    pub fn times(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> String {
        let (from, until) = (self.axis.zone.local(from), self.axis.zone.local(until));
        let same_day = from.date() == until.date();
        let end = if same_day { "%H:%M" } else { "%a %-d %b %H:%M" };
        format!("{} to {}", from.format("%a %-d %b %H:%M"), until.format(end))
    }

    /// Whole days by their dates, both included; anything else to the minute.
    fn window(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> String {
        let zone = self.axis.zone;
        let (first, end) = (zone.local(from), zone.local(until));
        let midnight = NaiveTime::MIN;
        match end.date().pred_opt() {
            Some(last) if first.time() == midnight && end.time() == midnight => {
                let days = (last - first.date()).num_days();
                let week = if days == 6 && last.weekday() == Weekday::Sun { "%G, week %-V: " } else { "" };
                format!(
                    "{}{} to {}",
                    last.format(week),
                    first.format("%a %-d %B %Y"),
                    last.format("%a %-d %B %Y")
                )
            }
            _ => format!("{} to {}", first.format("%a %-d %B %Y %H:%M"), end.format("%a %-d %B %Y %H:%M")),
        }
    }

    pub fn finish(mut self) -> String {
        self.svg.set_height(self.cursor + MARGIN);
        self.svg.finish()
    }
}
