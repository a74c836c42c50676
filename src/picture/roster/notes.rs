//! Below the rows: what the signs mean, and in words what a small mark cannot say on paper.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::bars::about;
use super::edge::Change;
use super::rows::Tier;
use super::sheet::{MARGIN, Sheet};
use crate::coverage::{Presence, Proved, lasting};
use crate::picture::letters;

const LINE: f64 = 12.5;
/// The most lines of one list.
const LINES_MAX: usize = 24;

/// What one list says, under its heading.
type List = (&'static str, Vec<String>);

impl Sheet<'_, '_> {
    pub fn legend(&mut self) {
        let y = self.cursor;
        let mut x = MARGIN;
        self.svg.line("rule", [MARGIN, y - 8.0, self.axis.right(), y - 8.0]);
        let signs = [
            ("bar c0", "a person at work or on call"),
            ("open", "hours open"),
            ("at-work", "tier: somebody at work"),
            ("on-call", "tier: on call only"),
            ("gap", "NOBODY"),
            ("rest", "line without a turn, by plan"),
            ("holiday", "holiday"),
            ("weekend", "weekend"),
        ];
        for (class, text) in signs {
            self.svg.rect(class, [x, y, 24.0, 11.0], "");
            self.svg.text("note", [x + 29.0, y + 9.0], text);
            x += 29.0 + letters::width(text, 9.0) + 20.0;
        }
        self.svg.line("clock", [x + 4.0, y - 2.0, x + 4.0, y + 13.0]);
        self.svg.text("note", [x + 12.0, y + 9.0], "clocks change");
        self.cursor += 30.0;
    }

    /// Gaps, holidays and clock changes side by side, and whoever stands in the picture by number below them.
    pub fn notes(&mut self, broken: &[&Proved], tiers: &[Tier], changes: &[Change]) {
        let lists: [(List, f64); 4] = [
            (("Required and missing", self.missing(broken)), 3.0),
            (("Nobody there", self.gaps(tiers)), 4.0),
            (("Holidays", holidays(tiers)), 4.0),
            (("Clocks change", self.changes(changes)), 3.0),
        ];
        let lists: Vec<(List, f64)> = lists.into_iter().filter(|((_, lines), _)| !lines.is_empty()).collect();
        let parts: f64 = lists.iter().map(|(_, parts)| parts).sum();
        let longest = lists.iter().map(|((_, lines), _)| lines.len().min(LINES_MAX + 1)).max();
        let mut x = MARGIN;
        for ((head, lines), share) in &lists {
            let width = (self.axis.right() - MARGIN) * share / parts;
            self.list(x, width - 20.0, head, lines);
            x += width;
        }
        self.cursor += longest.map_or(0.0, |lines| (lines as f64 + 2.0) * LINE);
        self.numbers();
    }

    fn list(&mut self, x: f64, width: f64, head: &str, lines: &[String]) {
        self.svg.text("head", [x, self.cursor], head);
        let more = lines.len().saturating_sub(LINES_MAX);
        let more = (more > 0).then(|| format!("and {more} more"));
        for (place, line) in lines.iter().take(LINES_MAX).chain(&more).enumerate() {
            let text = letters::cut(line, 9.0, width).unwrap_or_default();
            self.svg.text("note", [x, self.cursor + (place as f64 + 1.0) * LINE], &text);
        }
    }

    /// One line for each requirement, as for gaps.
    fn missing(&self, broken: &[&Proved]) -> Vec<String> {
        let line = |proved: &&Proved| {
            let times: Vec<_> = proved.uncovered.iter().map(|gap| (gap.from, gap.until)).collect();
            self.first_of(&proved.name, &times)
        };
        broken.iter().filter_map(line).collect()
    }

    /// One line for each tier, and for each line or hours of a team: how often, and the first time.
    fn gaps(&self, tiers: &[Tier]) -> Vec<String> {
        let mut lines = Vec::new();
        for tier in tiers {
            let presence = tier.presence.iter().flatten();
            let nobody = presence.filter(|stretch| stretch.presence == Presence::Nobody);
            let nobody: Vec<_> = nobody.map(|stretch| (stretch.from, stretch.until)).collect();
            lines.extend(self.first_of(&format!("{}: nobody at all", tier.id), &nobody));
        }
        let teams = tiers.iter().flat_map(|tier| &tier.teams);
        for (team, group) in teams.flat_map(|team| team.groups.iter().map(move |group| (team, group))) {
            let missing = || group.nobody.iter().filter(|nobody| !nobody.by_plan);
            let Some(first) = missing().next() else { continue };
            let nobody: Vec<_> = missing().map(|stretch| (stretch.from, stretch.until)).collect();
            lines.extend(self.first_of(&format!("{}: {}", team.team.name, about(first)), &nobody));
        }
        lines
    }

    fn first_of(&self, what: &str, times: &[(DateTime<Utc>, DateTime<Utc>)]) -> Option<String> {
        let (from, until) = times.first()?;
        let more = match times.len() {
            1 => String::new(),
            n => format!(", and {} more", n - 1),
        };
        Some(format!("{what}, {} ({}){more}", self.times(*from, *until), lasting(*until - *from)))
    }

    fn changes(&self, changes: &[Change]) -> Vec<String> {
        let line = |change: &Change| {
            let zones: Vec<&str> = change.zones.iter().map(|zone| zone.as_str()).collect();
            // What the sheet's clock would have shown.
            let second = TimeDelta::seconds(1);
            let at = self.axis.zone.local(change.at - second) + second;
            format!("{}: {} in {}", at.format("%a %-d %b %H:%M"), change.shift(), zones.join(", "))
        };
        changes.iter().map(line).collect()
    }

    /// In columns, from left to right.
    fn numbers(&mut self) {
        const COLUMNS: usize = 7;
        let key = self.faces.key();
        if key.is_empty() {
            return;
        }
        self.svg.text("head", [MARGIN, self.cursor], "People by number");
        let width = (self.axis.right() - MARGIN) / COLUMNS as f64;
        for (place, (number, person)) in key.iter().enumerate() {
            let x = MARGIN + (place % COLUMNS) as f64 * width;
            let y = self.cursor + ((place / COLUMNS) as f64 + 1.0) * LINE;
            let class = format!("bar {}", self.faces.class(person));
            self.svg.rect(&class, [x, y - 8.0, 18.0, 10.0], "");
            self.svg.text("in-bar", [x + 2.0, y], &number.to_string());
            let name = letters::cut(self.faces.name(person), 9.0, width - 32.0).unwrap_or_default();
            self.svg.text("note", [x + 22.0, y], &name);
        }
        self.cursor += (key.len().div_ceil(COLUMNS) as f64 + 2.0) * LINE;
    }
}

/// One line for each day and name, with the teams that keep it.
fn holidays(tiers: &[Tier]) -> Vec<String> {
    let mut teams: BTreeMap<(NaiveDate, &str), Vec<&str>> = BTreeMap::new();
    for team in tiers.iter().flat_map(|tier| &tier.teams) {
        for day in &team.holidays {
            teams.entry((day.date, &day.name)).or_default().push(&team.team.name);
        }
    }
    let line = |((date, name), teams): ((NaiveDate, &str), Vec<&str>)| {
        format!("{}: {name}, {}", date.format("%a %-d %b"), teams.join(", "))
    };
    teams.into_iter().map(line).collect()
}
