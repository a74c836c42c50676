use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::{Outcome, show, told};
use crate::clock::Clock;
use crate::daemon::{Held, hold_database};
use crate::store::{Copied, Migrated, Store, migrate};

/// Copy everything from one database to another
#[derive(Args)]
#[command(
    after_help = "Stop the daemon first. The target must be empty, and stays so if anything goes wrong; or it is the one that
the source was moved from before, and has what happened since then put in its place: a file is moved aside.
In the source nothing is changed but that it is marked as moved: no daemon starts on it any more by mistake
and gives out numbers a second time. Afterwards name the target in meridian.toml and start the daemon.

To go back, stop the daemon and move it back by the same command with --from and --to exchanged. Where what
it was moved to is lost, `meridian backup` of what it was moved from and `meridian restore` begin anew from there.

Examples:
  meridian migrate --from sqlite:state/meridian.db --to postgres://meridian@db.example.com/meridian
  meridian migrate --from postgres://meridian@db.example.com/meridian --to sqlite:copy.db"
)]
pub struct Migrate {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`; without a password, ~/.pgpass is asked
    #[arg(long, value_name = "URL", env = "MERIDIAN_MIGRATE_FROM", hide_env_values = true)]
    from: String,
    /// Likewise
    #[arg(long, value_name = "URL", env = "MERIDIAN_MIGRATE_TO", hide_env_values = true)]
    to: String,
    /// The tables as JSON
    #[arg(long)]
    json: bool,
}

impl Migrate {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let Migrated { tables, aside, unmarked } = runtime.block_on(self.migrate())?;
        if self.json {
            let tables = tables
                .iter()
                .map(|table| json!({ "table": table.table, "rows": table.rows, "sha256": table.checksum }));
            println!("{}", serde_json::to_string_pretty(&tables.collect::<Vec<_>>())?);
        } else {
            tables.iter().for_each(print);
            if let Some(aside) = aside {
                anstream::println!("what was there is now {}", aside.display());
            }
        }
        if let Some(why) = unmarked {
            anstream::eprintln!(
                "{}: everything is copied, but --from could not be marked as moved ({why}): see that no daemon is started \
                 on it, it would give out numbers and ids a second time",
                show::yellow("warning")
            );
        }
        Ok(Outcome::Yes)
    }

    async fn migrate(&self) -> anyhow::Result<Migrated> {
        let _locks = [hold_database(&self.from, Held::IfUsed)?, hold_database(&self.to, Held::Anyhow)?];
        let source = Store::open_to_read(&self.from).await.context("--from")?;
        let told = told::newer_tables(&source).await;
        source.close().await;
        told?;
        let mut progress = told::Progress::default();
        let now = Clock::machine().now();
        let migrated = migrate(&self.from, &self.to, now, |table, rows| progress.tell(table, rows)).await;
        progress.end();
        migrated
    }
}

fn print(Copied { table, rows, checksum }: &Copied) {
    anstream::println!("{table:<12}{rows:>10} rows  {}  {}", show::green("same"), &checksum[..16]);
}
