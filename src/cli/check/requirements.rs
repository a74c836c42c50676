//! Whether requirements are kept over the horizon, and where not, who just misses and why.

use serde::Serialize;

use super::Horizon;
use super::holes::{Hole, holes};
use crate::cli::show;
use crate::coverage::{Coverage, Declared, Proof, Proved, prove};
use crate::schedule::{Files, Language, Problem, Severity};

#[derive(Serialize)]
pub struct Requirements {
    requirements: Vec<Placed>,
}

#[derive(Serialize)]
struct Placed {
    file: String,
    line: usize,
    column: usize,
    #[serde(flatten)]
    proved: Proved,
    #[serde(skip)]
    holes: Vec<Hole>,
}

impl Requirements {
    pub fn of(coverage: &Coverage, horizon: Horizon, files: &Files) -> Requirements {
        let Proof { requirements, .. } = prove(coverage, horizon.from, horizon.until);
        let placed = |proved: Proved| {
            let problem = problem(&proved, files, Severity::Error, "uncovered", String::new());
            let Problem { file, line, column, .. } = problem;
            Placed { file, line, column, holes: holes(&proved, horizon, &coverage.zones), proved }
        };
        Requirements { requirements: requirements.into_iter().map(placed).collect() }
    }

    /// How many there are in coverage; one that recurs counts once.
    pub fn holes(&self) -> usize {
        self.requirements.iter().map(|requirement| requirement.holes.len()).sum()
    }

    /// What is required at no time, and declared gaps that excuse nothing.
    pub fn warnings(&self, files: &Files) -> Vec<Problem> {
        let warning = |proved, code, message| problem(proved, files, Severity::Warning, code, message);
        let mut warnings = Vec::new();
        for Placed { proved, .. } in &self.requirements {
            let name = &proved.name;
            if !proved.asked {
                let message = format!("{name:?} asks for nothing within the horizon, so nothing is proved");
                warnings.push(
                    warning(proved, "requirement-never-asked", message)
                        .with_remedy("look further with --horizon, or write other `days`"),
                );
            }
            for gap in &proved.needless {
                let from = show::utc(gap.from);
                let (code, message) = match gap.past {
                    true => ("declared-gap-over", format!("the gap {:?} of {name:?} has ended", gap.why)),
                    false => (
                        "declared-gap-without-gap",
                        format!(
                            "the gap {:?} of {name:?} from {from} excuses nothing: coverage stands",
                            gap.why
                        ),
                    ),
                };
                warnings.push(warning(proved, code, message).with_remedy("take it out of `except`"));
            }
        }
        warnings
    }

    /// Every hole, at the requirement it breaks.
    pub fn problems(&self, files: &Files) -> Vec<Problem> {
        let holes = self.requirements.iter().flat_map(|placed| {
            placed.holes.iter().map(|hole| {
                let message = format!("{:?} is not covered:\n{}", placed.proved.name, hole_text(hole, ""));
                problem(&placed.proved, files, Severity::Error, "uncovered", message.trim_end().to_owned())
            })
        });
        holes.collect()
    }

    pub fn text(&self) -> String {
        if self.requirements.is_empty() {
            return "No requirement is written, so nothing is proved ([[requirements]]).\n".to_owned();
        }
        self.requirements.iter().map(Placed::text).collect()
    }
}

impl Placed {
    fn text(&self) -> String {
        let proved = &self.proved;
        let languages =
            if proved.languages.is_empty() { "anybody".to_owned() } else { listed(&proved.languages) };
        let mut text = format!(
            "{} ({}, {languages})  {}:{}:{}\n",
            show::bold(&proved.name),
            proved.tier,
            self.file,
            self.line,
            self.column,
        );
        if !proved.asked {
            return text + "  asks for nothing within the horizon\n";
        }
        if self.holes.is_empty() {
            let but = if proved.declared.is_empty() { "" } else { ", but for the gaps it declares" };
            text += &format!("  {} throughout{but}\n", show::green("covered"));
        }
        for hole in &self.holes {
            text += &format!("  {}{}\n", show::red("not covered"), in_languages(hole, proved));
            text += &hole_text(hole, "    ");
        }
        text + &declared(&proved.declared)
    }
}

/// The times, then who just misses.
fn hole_text(hole: &Hole, indent: &str) -> String {
    let mut text = String::new();
    for line in &hole.times {
        text += &format!("{indent}{line}\n");
    }
    for miss in &hole.nearly {
        text += &format!("{indent}- {} ({}): {}\n", miss.team, miss.timezone, miss.detail);
    }
    if hole.nearly.is_empty() {
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
        format!("  declared: {why} ({} to {}{stretches})\n", show::utc(first.from), show::utc(last.until))
    };
    lines.into_iter().map(line).collect()
}

fn listed(languages: &[Language]) -> String {
    languages.iter().map(Language::as_str).collect::<Vec<_>>().join(", ")
}

fn problem(
    proved: &Proved,
    files: &Files,
    severity: Severity,
    code: &'static str,
    message: String,
) -> Problem {
    Problem::at(&proved.origin, files, code, severity, message)
}
