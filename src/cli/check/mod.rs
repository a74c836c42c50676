use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeDelta;
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::api::Instant;
use crate::cli::files::{Sound, ZonesArgs, draw};
use crate::cli::{Outcome, show};
use crate::coverage::Coverage;
use crate::engine::{Examined, Horizon, Reading, Source};
use crate::schedule::{Problem, Severity};
use crate::zone::Zones;

mod clock_changes;
mod github;
mod holes;
mod requirements;
mod stand_ins;
mod zone_data;

use requirements::Requirements;
use zone_data::ZoneData;

/// Check the rotation files: problems with their place and remedy, and whether requirements are kept
#[derive(Args)]
#[command(after_help = "\
Every requirement is proved over the horizon: it is met while somebody of its tier is at work, in
hours or on call, who speaks its languages. Where nobody is, check says who just misses, and why.

Exits with 1 if there is an error or an uncovered requirement; warnings alone are fine. A set with
an error is never put to work by the daemon; one with an uncovered requirement is, and its metrics
say when the next gap comes.

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
    #[arg(long, value_name = "DURATION", default_value = "365d", value_parser = Horizon::lasting)]
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
    /// Only of a set without errors.
    #[serde(flatten)]
    examined: Option<&'a Examined>,
}

impl Check {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let format = if self.json { Format::Json } else { self.format };
        let dir = self.schedules.unwrap_or(self.dir);
        let source = Source::now(&dir, self.zones.tzdir.as_deref());
        let from = self.from.0;
        let horizon = Horizon::after(from, self.horizon);
        let horizon =
            horizon.ok_or_else(|| anyhow::anyhow!("--from and --horizon reach beyond the calendar"))?;
        let Reading { files, zones, checked, moved } = match source.read(from, horizon.until) {
            Ok(reading) => reading,
            Err(error) if format == Format::Json => return unread(&error),
            Err(error) => return Err(error),
        };
        let mut problems = checked.problems;
        let mut zone_data = ZoneData::new(&zones, moved);
        let sound =
            checked.organisation.map(|organisation| Sound { organisation: Arc::new(organisation), zones });
        if let (Some(sound), Some(other)) = (&sound, &self.compare_tzdir) {
            match zone_data.compare(sound, other, horizon) {
                Err(error) if format == Format::Json => return unread(&error),
                compared => compared?,
            }
        }
        // Nothing is compiled yet: each part of the examination compiles what it needs.
        let coverage = sound.map(|sound| sound.compile(from, from));
        let examined = coverage.as_ref().map(|coverage| Examined::of(coverage, horizon, &files));
        problems.extend(examined.iter().flat_map(|examined| examined.warnings(&files)));
        let found = coverage.as_ref().zip(examined.as_ref()).map(|(coverage, examined)| Found {
            requirements: Requirements::of(examined, &coverage.zones),
            examined,
            coverage,
        });
        let errors = problems.iter().filter(|p| p.severity == Severity::Error).count();
        let holes = found.as_ref().map_or(0, |found| found.requirements.holes());
        let ok = errors == 0 && holes == 0;
        match format {
            Format::Json => {
                let examined = examined.as_ref();
                show::json(&Checked { ok, problems: &problems, zone_data: &zone_data, examined })?;
            }
            Format::Github => {
                let holes = found.iter().flat_map(|found| found.requirements.problems(&files));
                problems.extend(holes);
                show::out(&github::commands(&problems, &dir))?;
            }
            Format::Text => {
                if !problems.is_empty() {
                    draw(&problems, &files);
                    anstream::eprintln!();
                }
                let sections = found.as_ref().map_or(String::new(), Found::text);
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

/// What is said of a sound set over the horizon.
struct Found<'e> {
    coverage: &'e Coverage,
    examined: &'e Examined,
    requirements: Requirements<'e>,
}

impl Found<'_> {
    fn text(&self) -> String {
        let Examined { horizon, stand_ins, clocks, clock_changes, .. } = self.examined;
        let mut text = format!("From {} to {}\n\n", show::utc(horizon.from), show::utc(horizon.until));
        let sections = [
            self.requirements.text(),
            stand_ins::text(stand_ins, self.coverage),
            clock_changes::text(clocks, clock_changes),
        ];
        for section in sections.iter().filter(|section| !section.is_empty()) {
            text += section;
            text.push('\n');
        }
        text
    }
}

/// The same shape where there was nothing to check: the folder is missing, say.
fn unread(error: &anyhow::Error) -> anyhow::Result<Outcome> {
    let problem = Problem::nowhere("unreadable", Severity::Error, format!("{error:#}"));
    let zone_data = ZoneData::new(&Zones::default(), Vec::new());
    show::json(&Checked { ok: false, problems: &[problem], zone_data: &zone_data, examined: None })?;
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
