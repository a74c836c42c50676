use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;

use super::{Outcome, show};
use crate::clock::Clock;
use crate::daemon::database_url;
use crate::settings::{Over, Secret, Settings};

mod certificate;
mod channels;
mod chart;
mod database;
mod eyes;
mod machine;
mod privacy;
mod running;
mod schedules;
mod state;

use chart::{Chart, Verdict};

/// Examine an installation: settings, files, database, clock, channels, disk, permissions, certificate, and the daemon
#[derive(Args)]
#[command(
    after_help = "Changes nothing, sends no message, and works beside a running daemon as well as without one. Run it as
whoever may read the state directory: the daemon's user, or root. Exits with 1 if there is a problem;
warnings alone are fine.

Secrets and certificates that the settings name are found as the daemon finds them: in the credentials
that meridian.service has while it runs (for root), in secrets/ beside the settings, or beside them.

The audit reads every ticket and every event, and holds every history against the state it led to;
--quick leaves it and the database's own check of its pages out.

Examples:
  meridian doctor
  meridian doctor --config /etc/meridian/meridian.toml
  meridian doctor --quick --json | jq '.examinations[] | select(.verdict != \"ok\")'"
)]
pub struct Doctor {
    /// Settings [default: meridian.toml, if it is there]
    #[arg(long, value_name = "FILE", env = "MERIDIAN_CONFIG")]
    config: Option<PathBuf>,
    /// Address and port of the daemon [default: as in the settings]
    #[arg(long, value_name = "ADDRESS", env = "MERIDIAN_LISTEN")]
    listen: Option<SocketAddr>,
    /// Folder of the rotation files [default: as in the settings]
    #[arg(long, value_name = "DIR", env = "MERIDIAN_SCHEDULES")]
    schedules: Option<PathBuf>,
    /// State folder [default: as in the settings]
    #[arg(long, value_name = "DIR", env = "MERIDIAN_STATE")]
    state: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE` [default: as in the settings]
    #[arg(long, value_name = "URL", env = "MERIDIAN_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Folder of compiled time zone data (TZif) [default: $TZDIR, else the system's]
    #[arg(long, value_name = "DIR")]
    tzdir: Option<PathBuf>,
    /// Without the audit and the check of the database's pages
    #[arg(long)]
    quick: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// What the examinations go by.
struct Patient {
    settings: Settings,
    database: Secret,
    now: DateTime<Utc>,
    quick: bool,
    /// Where the daemon was said to be, if anybody did.
    listen: Option<SocketAddr>,
}

impl Patient {
    /// SQLite's.
    fn file(&self) -> Option<&Path> {
        let path = self.database.reveal().strip_prefix("sqlite:")?;
        Some(Path::new(path.strip_prefix("//").unwrap_or(path)))
    }
}

impl Doctor {
    pub fn run(self) -> anyhow::Result<Outcome> {
        crate::notify::use_ring();
        let json = self.json;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let chart = runtime.block_on(self.examine());
        runtime.shutdown_background();
        match json {
            true => chart.json()?,
            false => drop(show::out(&chart.text())?),
        }
        Ok(if chart.count(Verdict::Problem) == 0 { Outcome::Yes } else { Outcome::No })
    }

    async fn examine(self) -> Chart {
        let mut chart = Chart::default();
        let over = Over {
            listen: self.listen,
            schedules: self.schedules,
            state: self.state,
            database: self.database.map(Secret::new),
            tzdir: self.tzdir,
            ..Over::default()
        };
        let (file, listen) = (self.config.as_deref(), self.listen);
        let settings = match Settings::read(file, over) {
            Ok(settings) => settings,
            Err(error) => {
                let remedy = "mend it: the daemon does not start with it, and nothing else can be examined";
                chart.problem("settings", format!("{error:#}"), remedy);
                return chart;
            }
        };
        let database = database_url(&settings);
        let patient = Patient { settings, database, now: Clock::machine().now(), quick: self.quick, listen };
        state::settings(&mut chart, file);
        let organisation = schedules::examine(&mut chart, &patient);
        let process = running::process(&patient);
        state::folder(&mut chart, &patient);
        state::secrets(&mut chart, &patient);
        eyes::examine(&mut chart, &patient, file, process);
        machine::disks(&mut chart, &patient);
        machine::clock(&mut chart).await;
        let standing = database::examine(&mut chart, &patient, process).await;
        if let Some(standing) = &standing {
            schedules::drift(&mut chart, &patient, standing);
            state::token(&mut chart, &patient, standing);
        }
        channels::examine(&mut chart, &patient, organisation.as_ref(), process.is_some()).await;
        let certificate = certificate::examine(&mut chart, &patient);
        running::examine(&mut chart, &patient, process, certificate).await;
        chart
    }
}
