use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::api::Instant;
use crate::cli::files::{Sound, ZonesArgs, draw};
use crate::cli::{Outcome, show};
use crate::coverage::Coverage;
use crate::engine::{Reading, Source};
use crate::schedule::{Files, Problem, Severity};
use crate::zone::Zones;

mod clock_changes;
mod github;
mod holes;
mod requirements;
mod stand_ins;
mod zone_data;

use clock_changes::ClockChanges;
use requirements::Requirements;
use stand_ins::StandIns;
use zone_data::ZoneData;

/// Check the rotation files: problems with their place and remedy, and whether requirements are kept
#[derive(Args)]
#[command(after_help = "\
Every requirement is proved over the horizon: it is met while somebody of its tier is at work, in hours or on call,
who speaks its languages. Where nobody is, check says who just misses, and why.

Exits with 1 if there is an error or an uncovered requirement; warnings alone are fine. A set with an error is never
put to work by the daemon; one with an uncovered requirement is, and its metrics say when the next gap comes.

Examples:
  meridian check
  meridian check /etc/meridian/schedules --horizon 90d
  meridian check --from 2027-01-01T00:00:00Z --json
  meridian check schedules --format github
  meridian check schedules --tzdir new/zoneinfo --compare-tzdir /usr/share/zoneinfo")]
pub struct Check {
    /// Folder of the rotation files
    #[arg(value_name = "DIR", env = "MERIDIAN_SCHEDULES", default_value = "schedules")]
    dir: PathBuf,
    /// The same, as the other commands have it
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    schedules: Option<PathBuf>,
    /// As of when, and where the horizon begins: RFC 3339 with an offset, or `now`
    #[arg(long, value_name = "INSTANT", default_value = "now", value_parser = show::instant)]
    from: Instant,
    /// How far ahead to look, in days of 24 hours: `90d`, `12h`; from an hour to five years
    #[arg(long, value_name = "DURATION", default_value = "365d", value_parser = horizon)]
    horizon: TimeDelta,
    #[command(flatten)]
    zones: ZonesArgs,
    /// Say what the zone data in use moves against that of another folder, rather than against the embedded tables
    #[arg(long, value_name = "DIR")]
    compare_tzdir: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Text,
    Json,
    /// Workflow commands, which GitHub shows beside the lines of a pull request
    Github,
}

#[derive(Serialize)]
struct Checked<'a> {
    ok: bool,
    problems: &'a [Problem],
    zone_data: &'a ZoneData,
    #[serde(flatten)]
    sections: Option<&'a Sections>,
}

/// What is said of a sound set over the horizon, subject by subject.
#[derive(Serialize)]
struct Sections {
    horizon: Horizon,
    #[serde(flatten)]
    requirements: Requirements,
    #[serde(flatten)]
    stand_ins: StandIns,
    #[serde(flatten)]
    clock_changes: ClockChanges,
}

#[derive(Clone, Copy, Serialize)]
struct Horizon {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Check {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let format = if self.json { Format::Json } else { self.format };
        let dir = self.schedules.unwrap_or(self.dir);
        let source = Source { schedules: dir.clone(), tzdir: self.zones.tzdir };
        let from = self.from.0;
        let until = from.checked_add_signed(self.horizon);
        let until = until.ok_or_else(|| anyhow::anyhow!("--from and --horizon reach beyond the calendar"))?;
        let Reading { files, zones, checked, moved } = match source.read(from, until) {
            Ok(reading) => reading,
            Err(error) if format == Format::Json => return unread(&error),
            Err(error) => return Err(error),
        };
        let mut problems = checked.problems;
        let horizon = Horizon { from, until };
        let mut zone_data = ZoneData::new(&zones, moved);
        let sound =
            checked.organisation.map(|organisation| Sound { organisation: Arc::new(organisation), zones });
        if let (Some(sound), Some(other)) = (&sound, &self.compare_tzdir) {
            match zone_data.compare(sound, other, horizon) {
                Err(error) if format == Format::Json => return unread(&error),
                compared => compared?,
            }
        }
        // Nothing is compiled yet: each section compiles what it needs.
        let sections = sound.map(|sound| Sections::of(&sound.compile(from, from), horizon, &files));
        problems.extend(sections.iter().flat_map(|sections| sections.warnings(&files)));
        let errors = problems.iter().filter(|p| p.severity == Severity::Error).count();
        let holes = sections.as_ref().map_or(0, |sections| sections.requirements.holes());
        let ok = errors == 0 && holes == 0;
        match format {
            Format::Json => {
                let sections = sections.as_ref();
                show::json(&Checked { ok, problems: &problems, zone_data: &zone_data, sections })?;
            }
            Format::Github => {
                let found = sections.iter().flat_map(|sections| sections.requirements.problems(&files));
                problems.extend(found);
                show::out(&github::commands(&problems, &dir))?;
            }
            Format::Text => {
                if !problems.is_empty() {
                    draw(&problems, &files);
                    anstream::eprintln!();
                }
                let sections = sections.as_ref().map_or(String::new(), Sections::text);
                let counted = summary(errors, problems.len() - errors, holes);
                let compared = zone_data.text();
                let gap = if compared.is_empty() { "" } else { "\n" };
                show::out(&format!(
                    "{sections}{compared}{gap}{counted} in {} beneath {}\n{}\n",
                    count(files.len(), "file"),
                    dir.display(),
                    zone_data.versions(),
                ))?;
            }
        }
        Ok(if ok { Outcome::Yes } else { Outcome::No })
    }
}

impl Sections {
    fn of(coverage: &Coverage, horizon: Horizon, files: &Files) -> Sections {
        Sections {
            horizon,
            requirements: Requirements::of(coverage, horizon, files),
            stand_ins: StandIns::of(coverage, horizon),
            clock_changes: ClockChanges::of(coverage, horizon),
        }
    }

    /// What the sections find that is no problem, but perhaps not as meant.
    fn warnings(&self, files: &Files) -> Vec<Problem> {
        self.requirements.warnings(files)
    }

    fn text(&self) -> String {
        let Horizon { from, until } = self.horizon;
        let mut text = format!("From {} to {}\n\n", show::utc(from), show::utc(until));
        for section in [self.requirements.text(), self.stand_ins.text(), self.clock_changes.text()] {
            if !section.is_empty() {
                text += &section;
                text.push('\n');
            }
        }
        text
    }
}

fn horizon(text: &str) -> Result<TimeDelta, String> {
    let horizon = crate::schedule::duration(text)
        .ok_or_else(|| format!("{text:?} is not a duration: write it like \"90d\" or \"12h\""))?;
    if horizon < TimeDelta::hours(1) || horizon > TimeDelta::days(5 * 366) {
        return Err(format!(
            "{text} is too {}: from 1h to 1830d",
            if horizon < TimeDelta::hours(1) { "short" } else { "long" }
        ));
    }
    Ok(horizon)
}

/// The same shape where there was nothing to check: the folder is missing, say.
fn unread(error: &anyhow::Error) -> anyhow::Result<Outcome> {
    let problem = Problem {
        code: "unreadable",
        severity: Severity::Error,
        file: String::new(),
        line: 0,
        column: 0,
        snippet: String::new(),
        message: format!("{error:#}"),
        remedy: None,
        span: 0..0,
    };
    let zone_data = ZoneData::new(&Zones::default(), Vec::new());
    show::json(&Checked { ok: false, problems: &[problem], zone_data: &zone_data, sections: None })?;
    Ok(Outcome::No)
}

fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

fn summary(errors: usize, warnings: usize, holes: usize) -> String {
    if errors + warnings + holes == 0 {
        return show::green("no problems");
    }
    let mut counted = Vec::new();
    if errors > 0 {
        counted.push(show::red(&count(errors, "error")));
    }
    if holes > 0 {
        counted.push(show::red(&format!("{} in coverage", count(holes, "hole"))));
    }
    if warnings > 0 {
        let warnings = count(warnings, "warning");
        counted.push(if counted.is_empty() { show::yellow(&warnings) } else { warnings });
    }
    counted.join(", ")
}
