use std::path::PathBuf;

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;

use super::{Outcome, show, told};
use crate::clock::Clock;
use crate::daemon::database_url;
use crate::settings::{Over, Secret, Settings};
use crate::store::{Contents, LastBackup, Store};

/// Copy the whole database into a file, while the daemon goes on
#[derive(Args)]
#[command(
    after_help = "The copy is of one instant. Nobody waits for it. Before it takes the name it is on disk, has been read
again in full and every history in it was held against its state; until then it is FILE.part, which
the next run takes over if this one is killed. It is a SQLite file readable by its owner alone,
whatever database it was made of, and holds tokens' hashes and all that was ever said of tickets.
--force replaces a backup and nothing else. Tables of an earlier release, before an upgrade, are copied
as they are (of SQLite), so that the release before can restore them.

Exits with 1 if there is no backup, or if the database itself has flaws, which the copy then shares.
Of a backup without flaws the database remembers when it was made: meridian doctor and the metrics
tell how old the last one is.

Examples:
  meridian backup /var/backups/meridian.db --force
  meridian backup --config /etc/meridian/meridian.toml \"/var/backups/meridian-$(date -u +%FT%H%MZ).db\"

Every night, and to another place (crontab of root):
  10 3 * * *  meridian backup --config /etc/meridian/meridian.toml --force /var/backups/meridian.db && rsync -a /var/backups/meridian.db backup.example.com:meridian/

The same by systemd: a meridian-backup.timer with OnCalendar=03:10 and Persistent=yes, and a
meridian-backup.service with Type=oneshot, the two commands as ExecStart=, and OnFailure= for the
unit that tells you."
)]
pub struct Backup {
    /// The file to write
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
    /// Replace a file of that name
    #[arg(long)]
    force: bool,
    /// What it holds, as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Written<'a> {
    file: &'a std::path::Path,
    bytes: u64,
    /// How many things in the database cannot be true; the copy has them too.
    flaws: u64,
    #[serde(flatten)]
    contents: &'a Contents,
}

impl Backup {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let over = Over {
            state: self.state.clone(),
            database: self.database.clone().map(Secret::new),
            ..Over::default()
        };
        let settings = Settings::read(self.config.as_deref(), over)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let now = Clock::machine().now();
        let contents = runtime.block_on(self.back_up(&settings, now))?;
        let bytes = std::fs::metadata(&self.file).with_context(|| format!("{}", self.file.display()))?.len();
        let flaws = contents.flaws();
        if self.json {
            show::json(&Written { file: &self.file, bytes, flaws, contents: &contents })?;
        } else {
            show::out(&format!(
                "{}: {}, {} MiB\n",
                self.file.display(),
                told::contents(&contents),
                bytes.div_ceil(1 << 20)
            ))?;
        }
        if flaws > 0 {
            told::flaws("{found} in the database cannot be true, and the copy has them too", &contents);
            return Ok(Outcome::No);
        }
        if let Err(error) = runtime.block_on(remember(&settings, now, &contents)) {
            anstream::eprintln!(
                "{}: the backup is whole, and the database was not told of it: {error:#}",
                show::yellow("warning")
            );
        }
        Ok(Outcome::Yes)
    }

    async fn back_up(&self, settings: &Settings, now: DateTime<Utc>) -> anyhow::Result<Contents> {
        let store = Store::open_to_copy(database_url(settings).reveal()).await?;
        if store.is_shared() {
            told::newer_tables(&store).await?;
        }
        let mut progress = told::Progress::default();
        let done = store.back_up(&self.file, self.force, now, |what, count| progress.tell(what, count)).await;
        progress.end();
        store.close().await;
        done
    }
}

/// In the database itself, so that every daemon on it knows.
async fn remember(settings: &Settings, now: DateTime<Utc>, contents: &Contents) -> anyhow::Result<()> {
    let store = Store::open_to_copy(database_url(settings).reveal()).await?;
    let remembered = store.backed_up(LastBackup { at: now, batch: contents.batch }).await;
    store.close().await;
    remembered
}
