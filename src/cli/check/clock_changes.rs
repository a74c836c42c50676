//! Clock changes within the horizon, and what they do to handovers and shifts. Advice: nothing of it is a problem.

use std::fmt::Write;

use crate::cli::show;
use crate::coverage::{ClockSurprise, ClocksSet, SurpriseKind};

/// Zones beyond these are counted.
const NAMED: usize = 4;

/// Empty where no change surprises anybody.
pub fn text(clocks: &[ClocksSet], surprises: &[ClockSurprise]) -> String {
    if surprises.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", show::bold("Clock changes in the horizon"));
    for ClocksSet { date, minutes, changes } in clocks {
        let zones: Vec<&str> = changes.iter().map(|change| change.zone.as_str()).collect();
        let way = if *minutes > 0 { "forward" } else { "back" };
        let day = date.format("%a %Y-%m-%d");
        let (minutes, zones) = (minutes.abs(), some(&zones, NAMED));
        _ = writeln!(text, "{day}  {minutes:>3} min {way:<7}  {zones}");
    }
    text.push('\n');
    let mut table = show::table(&["what", "from", "to", "tier", "who"]);
    for surprise in surprises {
        let last = if surprise.first == surprise.last { String::new() } else { surprise.last.to_string() };
        table.add_row([
            word(surprise.kind).to_owned(),
            surprise.first.to_string(),
            last,
            surprise.tier.to_string(),
            surprise.text.clone(),
        ]);
    }
    // Painted only now: the table would count what paints as letters.
    let opens = word(SurpriseKind::Opens);
    for line in show::lines(&table).lines() {
        match line.strip_prefix(opens) {
            Some(rest) => _ = writeln!(text, "{}{rest}", show::red(opens)),
            None => _ = writeln!(text, "{line}"),
        }
    }
    text
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
