use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::cli::files::{ZonesArgs, draw};
use crate::cli::who::FormatArgs;
use crate::cli::{Outcome, show};
use crate::clock::Clock;
use crate::engine::{Reading, Source};
use crate::schedule::{Problem, Severity};
use crate::zone::Zones;

/// Check the rotation files: every problem with its place and what to do about it
#[derive(Args)]
#[command(after_help = "Exits with 1 if there is an error; warnings alone are fine.

Examples:
  meridian check
  meridian check /etc/meridian/schedules --json
  meridian check --tzdir /usr/share/zoneinfo")]
pub struct Check {
    /// Folder of the rotation files
    #[arg(value_name = "DIR", env = "MERIDIAN_SCHEDULES", default_value = "schedules")]
    dir: PathBuf,
    /// The same, as the other commands have it
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    schedules: Option<PathBuf>,
    #[command(flatten)]
    zones: ZonesArgs,
    #[command(flatten)]
    format: FormatArgs,
}

#[derive(Serialize)]
struct Checked<'a> {
    ok: bool,
    problems: &'a [Problem],
    zone_data: ZoneData<'a>,
}

#[derive(Serialize)]
struct ZoneData<'a> {
    folder: Option<&'a str>,
    embedded: &'static str,
}

impl Check {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let dir = self.schedules.unwrap_or(self.dir);
        let source = Source { schedules: dir.clone(), tzdir: self.zones.tzdir };
        let Reading { files, zones, checked, .. } = match source.read(Clock::machine().now()) {
            Ok(reading) => reading,
            Err(error) if self.format.is_json() => return unread(&error),
            Err(error) => return Err(error),
        };
        let problems = checked.problems;
        let errors = problems.iter().filter(|p| p.severity == Severity::Error).count();
        let outcome = if errors == 0 { Outcome::Yes } else { Outcome::No };
        let zone_data = ZoneData { folder: zones.version.as_deref(), embedded: Zones::embedded_version() };
        if self.format.is_json() {
            show::json(&Checked { ok: errors == 0, problems: &problems, zone_data })?;
            return Ok(outcome);
        }
        if !problems.is_empty() {
            draw(&problems, &files);
            anstream::eprintln!();
        }
        let counted = summary(errors, problems.len() - errors);
        let folder = zone_data.folder.unwrap_or("none found");
        show::out(&format!(
            "{counted} in {} beneath {}\nzone data: {folder} in use, {} embedded\n",
            count(files.len(), "file"),
            dir.display(),
            zone_data.embedded,
        ))?;
        Ok(outcome)
    }
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
    let zone_data = ZoneData { folder: None, embedded: Zones::embedded_version() };
    show::json(&Checked { ok: false, problems: &[problem], zone_data })?;
    Ok(Outcome::No)
}

fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

fn summary(errors: usize, warnings: usize) -> String {
    match (errors, warnings) {
        (0, 0) => show::green("no problems"),
        (0, warnings) => show::yellow(&count(warnings, "warning")),
        (errors, 0) => show::red(&count(errors, "error")),
        (errors, warnings) => {
            format!("{}, {}", show::red(&count(errors, "error")), count(warnings, "warning"))
        }
    }
}
