//! Clock changes within the horizon, and what they do to handovers and shifts. Advice: nothing of it is a problem.

use std::fmt::Write;

use serde::Serialize;

use super::Horizon;
use crate::cli::show;
use crate::coverage::{ClockSurprise, ClocksSet, Coverage, SurpriseKind, clock_surprises, clocks_set};

#[derive(Serialize)]
pub struct ClockChanges {
    clocks: Vec<ClocksSet>,
    clock_changes: Vec<ClockSurprise>,
}

/// Zones beyond these are counted.
const NAMED: usize = 4;

impl ClockChanges {
    pub fn of(coverage: &Coverage, horizon: Horizon) -> ClockChanges {
        let Horizon { from, until } = horizon;
        ClockChanges {
            clocks: clocks_set(&coverage.organisation, &coverage.zones, from, until),
            clock_changes: clock_surprises(&coverage.organisation, &coverage.zones, from, until),
        }
    }

    pub fn text(&self) -> String {
        if self.clock_changes.is_empty() {
            return String::new();
        }
        let mut text = format!("{}\n", show::bold("Clock changes in the horizon"));
        for ClocksSet { date, minutes, changes } in &self.clocks {
            let zones: Vec<&str> = changes.iter().map(|change| change.zone.as_str()).collect();
            let way = if *minutes > 0 { "forward" } else { "back" };
            let day = date.format("%a %Y-%m-%d");
            let (minutes, zones) = (minutes.abs(), some(&zones, NAMED));
            _ = writeln!(text, "{day}  {minutes:>3} min {way:<7}  {zones}");
        }
        text.push('\n');
        let mut table = show::table(&["what", "from", "to", "tier", "who"]);
        for surprise in &self.clock_changes {
            let last =
                if surprise.first == surprise.last { String::new() } else { surprise.last.to_string() };
            let what = word(surprise.kind);
            let what = if surprise.kind == SurpriseKind::Opens { show::red(what) } else { what.to_owned() };
            let cells =
                [what, surprise.first.to_string(), last, surprise.tier.to_string(), surprise.text.clone()];
            table.add_row(cells);
        }
        text + &show::lines(&table)
    }
}

fn word(kind: SurpriseKind) -> &'static str {
    match kind {
        SurpriseKind::Opens => "opens",
        SurpriseKind::Vanishes => "vanishes",
        SurpriseKind::Narrows => "narrows",
        SurpriseKind::Shortens => "shortens",
        SurpriseKind::Lengthens => "lengthens",
        SurpriseKind::Doubles => "doubles",
        SurpriseKind::Moves => "moves",
    }
}

/// `a, b and 7 more`
pub fn some(names: &[&str], most: usize) -> String {
    match names.len().saturating_sub(most) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..most].join(", ")),
    }
}
