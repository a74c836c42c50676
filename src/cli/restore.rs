use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::{Outcome, show, told};
use crate::clock::Clock;
use crate::daemon::{Known, StateDir, database_url, hold_database};
use crate::settings::{Over, Secret, Settings};
use crate::store::{Restored, Restoring, restore};

/// Put a backup in the place of the database, which nobody may be using
#[derive(Args)]
#[command(
    after_help = "Stop the daemon first, every node of it, and under systemd its socket as well: else the next request
starts it again. FILE is read in full before anything is touched; what was there
is moved aside, not deleted: a SQLite file keeps its name with `.before-restore-` and the time, of a
PostgreSQL database a backup is written into the state directory. FILE may come from either kind of
database, and from an earlier release, never from a later one.

What happened after the backup is not known any more: requests that were answered since are lost,
tokens that were revoked since are valid again, and notices that were delivered since go out once
more under the same ids. No number and no id is used again for something else: tickets go on with a
number beyond those given out since (as what is there tells, else a thousand or a tenth further on),
and notices and events get other ids than they would have had. A request that is repeated with its
Idempotency-Key after the restore is done if it was answered after the backup.

Examples:
  systemctl stop meridian.socket meridian.service
  meridian restore --config /etc/meridian/meridian.toml --force /var/backups/meridian.db
  meridian doctor --config /etc/meridian/meridian.toml
  systemctl start meridian.socket meridian.service"
)]
pub struct Restore {
    /// What `meridian backup` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Settings, which name the database [default: meridian.toml, if it is there]
    #[arg(long, value_name = "FILE", env = "MERIDIAN_CONFIG")]
    config: Option<PathBuf>,
    /// State folder [default: as in the settings]
    #[arg(long, value_name = "DIR", env = "MERIDIAN_STATE")]
    state: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE` [default: as in the settings]
    #[arg(long, value_name = "URL", env = "MERIDIAN_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Move aside what is there
    #[arg(long)]
    force: bool,
    /// What was restored, as JSON
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let over = Over {
            state: self.state.clone(),
            database: self.database.clone().map(Secret::new),
            ..Over::default()
        };
        let settings = Settings::read(self.config.as_deref(), over)?;
        let url = database_url(&settings);
        let state = StateDir::open(&settings.state).context("the daemon has to be stopped first")?;
        let in_state = url.reveal() == format!("sqlite:{}", settings.state.join("meridian.db").display());
        let _lock = if in_state { None } else { hold_database(url.reveal())? };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut progress = told::Progress::default();
        let restoring = Restoring { force: self.force, state: &settings.state, now: Clock::machine().now() };
        let tell = |what: &'static str, count| progress.tell(what, count);
        let restored = runtime.block_on(restore(&self.file, url.reveal(), restoring, tell));
        progress.end();
        let restored = restored?;
        let Restored { identity, shown, .. } = &restored;
        // The next start finds what it expects.
        state.remember_database(&Known { identity: identity.clone(), shown: shown.clone() })?;
        match self.json {
            true => show::json(&restored),
            false => show::out(&text(&restored)),
        }
    }
}

fn text(Restored { contents, onwards, aside, .. }: &Restored) -> String {
    let mut text = format!("restored: {}\n", told::contents(contents));
    let next = onwards.next_ticket;
    text += &match onwards.tickets_passed_over {
        0 => format!("the next ticket is {next}\n"),
        passed => format!(
            "the next ticket is {next}: {passed} numbers from {} on are passed over, as people may know them of tickets \
             that are lost\n",
            next - passed
        ),
    };
    if let Some(aside) = aside {
        text += &format!("what was there is now {}\n", aside.display());
    }
    if contents.pending_notices > 0 {
        text += &format!(
            "{} notices wait in it: those delivered after the backup go out once more, under the same ids\n",
            contents.pending_notices
        );
    }
    if contents.audit.wrong > 0 {
        text +=
            &format!("{} things in it cannot be true: meridian doctor tells them\n", contents.audit.wrong);
    }
    text
}
