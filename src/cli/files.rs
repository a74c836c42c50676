//! Schedules from a folder, for commands that need no daemon.

use std::path::PathBuf;
use std::sync::Arc;

use anstream::ColorChoice;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use super::show;
use crate::clock::Clock;
use crate::coverage::{Coverage, DayChanges};
use crate::engine::{Reading, Source};
use crate::schedule::{Files, Organisation, Problem, Severity, render};
use crate::zone::Zones;

#[derive(Args)]
pub struct FilesArgs {
    /// Folder of the rotation files
    #[arg(long, value_name = "DIR", env = "MERIDIAN_SCHEDULES", default_value = "schedules")]
    pub schedules: PathBuf,
    #[command(flatten)]
    pub zones: ZonesArgs,
}

#[derive(Args)]
pub struct ZonesArgs {
    /// Folder of compiled time zone data (TZif) [default: $TZDIR, else the system's]
    #[arg(long, value_name = "DIR")]
    pub tzdir: Option<PathBuf>,
}

/// Schedules that can be put to work.
pub struct Sound {
    pub organisation: Arc<Organisation>,
    pub zones: Arc<Zones>,
}

impl FilesArgs {
    /// `None` where the files have errors, which are on standard error then.
    pub fn read(&self) -> anyhow::Result<Option<Sound>> {
        let source = Source::now(&self.schedules, self.zones.tzdir.as_deref());
        // What is to come is for `check` to tell.
        let now = Clock::machine().now();
        let Reading { files, zones, checked, .. } = source.read(now, now)?;
        let Some(organisation) = checked.organisation else {
            let errors: Vec<Problem> =
                checked.problems.into_iter().filter(|p| p.severity == Severity::Error).collect();
            draw(&errors, &files);
            anstream::eprintln!("{}: the schedules have errors", show::red("error"));
            return Ok(None);
        };
        Ok(Some(Sound { organisation: Arc::new(organisation), zones }))
    }
}

impl Sound {
    pub fn compile(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Coverage {
        let changes = Arc::new(DayChanges::default());
        Coverage::compile(self.organisation.clone(), self.zones.clone(), changes, from, until)
    }

    /// Enough around `at` to look up who is at work; what lies further off is compiled when it is asked for.
    pub fn around(&self, at: DateTime<Utc>, ahead: TimeDelta) -> Coverage {
        let until = at.checked_add_signed(ahead).unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.compile(at, until)
    }
}

/// Problems as the compiler draws them, on standard error, in colour on a terminal.
pub fn draw(problems: &[Problem], files: &Files) {
    let colour = anstream::AutoStream::choice(&std::io::stderr()) != ColorChoice::Never;
    anstream::eprintln!("{}", render(problems, files, colour).trim_end());
}
