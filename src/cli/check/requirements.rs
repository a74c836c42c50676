//! Whether requirements are kept over the horizon, and where not, who just misses and why.

use super::holes::{Hole, holes};
use crate::cli::show;
use crate::coverage::{Declared, Proved};
use crate::engine::{Examined, ProvedAt};
use crate::schedule::{Files, Language, Problem, Severity};
use crate::zone::Zones;

pub struct Requirements<'e> {
    requirements: Vec<(&'e ProvedAt, Vec<Hole>)>,
}

impl<'e> Requirements<'e> {
    pub fn of(examined: &'e Examined, zones: &Zones) -> Requirements<'e> {
        let with_holes = |at: &'e ProvedAt| (at, holes(&at.proved, examined.horizon, zones));
        Requirements { requirements: examined.requirements.iter().map(with_holes).collect() }
    }

    /// How many there are in coverage; one that recurs counts once.
    pub fn holes(&self) -> usize {
        self.requirements.iter().map(|(_, holes)| holes.len()).sum()
    }

    /// Every hole, at the requirement it breaks.
    pub fn problems(&self, files: &Files) -> Vec<Problem> {
        let holes = self.requirements.iter().flat_map(|(ProvedAt { proved, .. }, holes)| {
            holes.iter().map(|hole| {
                let message = format!("{:?} is not covered:\n{}", proved.name, hole_text(hole, ""));
                let message = message.trim_end().to_owned();
                Problem::at(&proved.origin, files, "uncovered", Severity::Error, message)
            })
        });
        holes.collect()
    }

    pub fn text(&self) -> String {
        if self.requirements.is_empty() {
            return "No requirement is written, so nothing is proved ([[requirements]]).\n".to_owned();
        }
        self.requirements.iter().map(|(at, holes)| text(at, holes)).collect()
    }
}

fn text(ProvedAt { file, line, column, proved }: &ProvedAt, holes: &[Hole]) -> String {
    let languages =
        if proved.languages.is_empty() { "anybody".to_owned() } else { listed(&proved.languages) };
    let (name, tier) = (show::bold(&show::plain(&proved.name)), &proved.tier);
    let mut text = format!("{name} ({tier}, {languages})  {file}:{line}:{column}\n");
    if !proved.asked {
        return text + "  asks for nothing within the horizon\n";
    }
    if holes.is_empty() {
        let but = if proved.declared.is_empty() { "" } else { ", but for the gaps it declares" };
        text += &format!("  {} throughout{but}\n", show::green("covered"));
    }
    for hole in holes {
        text += &format!("  {}{}\n", show::red("not covered"), in_languages(hole, proved));
        text += &hole_text(hole, "    ");
    }
    text + &declared(&proved.declared)
}

/// The times, then who just misses.
fn hole_text(hole: &Hole, indent: &str) -> String {
    let mut text = String::new();
    for line in &hole.times {
        text += &format!("{indent}{line}\n");
    }
    if !hole.unspoken.is_empty() {
        let languages = hole.unspoken.iter().map(Language::as_str).collect::<Vec<_>>().join(" or ");
        text += &format!("{indent}- nobody in a team of the tier speaks {languages}\n");
    }
    for miss in &hole.nearly {
        text += &format!("{indent}- {} ({}): {}\n", miss.team, miss.timezone, show::plain(&miss.detail));
    }
    if hole.nearly.is_empty() && hole.unspoken.is_empty() {
        text += &format!("{indent}- nobody of the tier comes near\n");
    }
    text
}

/// Which of several languages are missing.
fn in_languages(hole: &Hole, proved: &Proved) -> String {
    if hole.languages.len() == proved.languages.len() {
        return String::new();
    }
    format!(" in {}", listed(&hole.languages))
}

fn declared(gaps: &[Declared]) -> String {
    let mut lines: Vec<(&str, Vec<&Declared>)> = Vec::new();
    for gap in gaps {
        match lines.iter_mut().find(|(why, _)| *why == gap.why) {
            Some((_, gaps)) => gaps.push(gap),
            None => lines.push((&gap.why, vec![gap])),
        }
    }
    let line = |(why, gaps): (&str, Vec<&Declared>)| {
        let stretches = if gaps.len() == 1 { String::new() } else { format!(", {} stretches", gaps.len()) };
        let (first, last) = (gaps[0], gaps[gaps.len() - 1]);
        let why = show::plain(why);
        format!("  declared: {why} ({} to {}{stretches})\n", show::utc(first.from), show::utc(last.until))
    };
    lines.into_iter().map(line).collect()
}

fn listed(languages: &[Language]) -> String {
    languages.iter().map(Language::as_str).collect::<Vec<_>>().join(", ")
}
