use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::Outcome;
use crate::settings::{Over, Secret, Settings};
use crate::{daemon, telemetry};

/// Run the daemon
#[derive(Args)]
#[command(
    after_help = "Edited rotation files are put to work once nothing has changed for a second, and on SIGHUP; SIGTERM and SIGINT stop in order.

Examples:
  meridian serve
  meridian serve --config /etc/meridian/meridian.toml
  meridian serve --schedules schedules --state state --listen 127.0.0.1:8470"
)]
pub struct Serve {
    /// Settings [default: meridian.toml, if it is there]
    #[arg(long, value_name = "FILE", env = "MERIDIAN_CONFIG")]
    config: Option<PathBuf>,
    /// Address and port [default: 127.0.0.1:8470]
    #[arg(long, value_name = "ADDRESS", env = "MERIDIAN_LISTEN")]
    listen: Option<SocketAddr>,
    /// Folder of the rotation files [default: schedules]
    #[arg(long, value_name = "DIR", env = "MERIDIAN_SCHEDULES")]
    schedules: Option<PathBuf>,
    /// Folder of the database, if no other is named, and of the first token [default: state]
    #[arg(long, value_name = "DIR", env = "MERIDIAN_STATE")]
    state: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE` [default: a file in the state folder]
    #[arg(long, value_name = "URL", env = "MERIDIAN_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Folder of compiled time zone data (TZif) [default: $TZDIR, else the system's]
    #[arg(long, value_name = "DIR")]
    tzdir: Option<PathBuf>,
    /// Whether edited rotation files and new zone data are put to work without being asked [default: true]
    #[arg(long, value_name = "BOOL", env = "MERIDIAN_WATCH", num_args = 0..=1, default_missing_value = "true")]
    watch: Option<bool>,
    /// What is logged: `info`, `debug`, `meridian=debug,warn` [default: info]
    #[arg(long, value_name = "DIRECTIVES", env = "MERIDIAN_LOG")]
    log: Option<String>,
}

/// How long work that cannot be called off may go on after the daemon has stopped.
const BLOCKING_MAX: Duration = Duration::from_secs(2);

impl Serve {
    pub fn run(self) -> anyhow::Result<Outcome> {
        // SAFETY: nothing has been started yet, so this is the only thread.
        let passed = unsafe { daemon::passed_sockets() }?;
        let over = Over {
            listen: self.listen,
            schedules: self.schedules,
            state: self.state,
            database: self.database.map(Secret::new),
            tzdir: self.tzdir,
            watch: self.watch,
            log: self.log,
        };
        let settings = Settings::read(self.config.as_deref(), over)?;
        telemetry::start(&settings.log)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let served = runtime.block_on(daemon::serve(settings, passed));
        // Reading files cannot be called off; it changes nothing and must not keep the process alive.
        runtime.shutdown_timeout(BLOCKING_MAX);
        served?;
        Ok(Outcome::Yes)
    }
}
