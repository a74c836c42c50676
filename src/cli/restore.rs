use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use super::{Outcome, show, told};
use crate::clock::Clock;
use crate::daemon::{Held, Known, StateDir, database_url, hold_database};
use crate::settings::{DEFAULT_FILE, Over, Secret, Settings};
use crate::store::{Restored, Restoring, restore};

/// Put a backup in the place of the database, which nobody may be using
#[derive(Args)]
#[command(
    after_help = "Stop the daemon first, every node of it, and under systemd its socket as well: else the next request
starts it again. FILE is read in full before anything is touched; what was there
is moved aside, not deleted: a SQLite file keeps its name with `.before-restore-` and the time, of a
PostgreSQL database a backup is written into the state directory. FILE may come from either kind of
database, and from an earlier release; from a later one where that can work with this one. Beside a raw
copy of a SQLite database its log (FILE-wal) has to lie, and is taken along; FILE itself is never
written. Triggers in it that are not ours are refused; tables, indexes and views that are not ours are left out.

What happened after the backup is not known any more: requests that were answered since are lost,
tokens that were revoked since are valid again, and notices that were delivered since go out once
more under the same ids. No number and no id is used again for something else: tickets go on with a
number beyond those given out since (as what is there tells, else a thousand or a tenth further on),
and notices and events get other ids than they would have had. A request that is repeated with its
Idempotency-Key after the restore is done if it was answered after the backup.

The rotation files of this node are put to work at its next start, whatever was in force at the backup.
Where several nodes share the database, start this one first: others keep theirs if they are the same,
and else report drift until they have the same files, or are told to publish theirs.

Exits with 1 if nothing was restored, or if what was restored has flaws.

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
        self.is_at_hand(&settings)?;
        let url = database_url(&settings);
        let state = StateDir::open(&settings.state).context("the daemon has to be stopped first")?;
        let _held = hold_database(url.reveal(), Held::Anyhow)?;
        let node = state.node()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut progress = told::Progress::default();
        let now = Clock::machine().now();
        let restoring = Restoring { force: self.force, state: &settings.state, node: &node, now };
        let tell = |what: &'static str, count| progress.tell(what, count);
        let restored = runtime.block_on(restore(&self.file, url.reveal(), restoring, tell));
        progress.end();
        let restored = restored?;
        let Restored { identity, shown, .. } = &restored;
        // The next start finds what it expects.
        state.remember_database(&Known { identity: identity.clone(), shown: shown.clone() })?;
        match self.json {
            true => show::json(&restored)?,
            false => show::out(&text(&restored))?,
        };
        if restored.contents.flaws() == 0 {
            return Ok(Outcome::Yes);
        }
        told::flaws("it is restored, and {found} in it cannot be true", &restored.contents);
        Ok(Outcome::No)
    }

    /// Nothing is made where nobody has said that it is meant.
    fn is_at_hand(&self, settings: &Settings) -> anyhow::Result<()> {
        let state = settings.state.display();
        let read = self.config.is_some() || Path::new(DEFAULT_FILE).exists();
        let missing = !settings.state.is_dir();
        if missing && self.state.is_some() {
            bail!(
                "there is no state folder {state}: is the name right? a new one is made first (mkdir -m 700 {state})"
            );
        }
        if missing && !read && self.database.is_none() {
            bail!(
                "there is neither {DEFAULT_FILE} nor a state folder here, so nobody knows which database is meant: give \
                 --config FILE, as in --config /etc/meridian/meridian.toml, or --state DIR"
            );
        }
        Ok(())
    }
}

fn text(Restored { contents, onwards, shown, aside, left_out, .. }: &Restored) -> String {
    let file = shown.strip_prefix("sqlite:").and_then(|path| std::path::absolute(path).ok());
    let place = file.map_or_else(|| shown.clone(), |file| file.display().to_string());
    let mut text = format!("restored into {place}: {}\n", told::contents(contents));
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
    if !left_out.is_empty() {
        text +=
            &format!("left out, as it is not ours: {}; make it anew if you need it\n", left_out.join(", "));
    }
    if contents.pending_notices > 0 {
        text += &format!(
            "{} notices wait in it: those delivered after the backup go out once more, under the same ids\n",
            contents.pending_notices
        );
    }
    text += &format!(
        "{} came along, {} of administrators: meridian token list names them\n",
        show::counted(contents.tokens, "token"),
        contents.admin_tokens
    );
    if !shown.starts_with("sqlite:") {
        text += "start this node first: its rotation files are put to work, and those of others that differ are not\n";
    }
    text
}
