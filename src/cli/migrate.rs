use std::io::IsTerminal;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::{Outcome, show, told};
use crate::daemon::{Held, hold_database};
use crate::store::{Copied, Store};

/// Copy everything from one database to another
#[derive(Args)]
#[command(
    after_help = "Stop the daemon first. The source is only read; the target must be empty, and stays so if anything
goes wrong. Afterwards name the target in meridian.toml and start the daemon.

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
        let copied = runtime.block_on(self.copy())?;
        if self.json {
            let tables = copied
                .iter()
                .map(|table| json!({ "table": table.table, "rows": table.rows, "sha256": table.checksum }));
            println!("{}", serde_json::to_string_pretty(&tables.collect::<Vec<_>>())?);
        } else {
            copied.iter().for_each(print);
        }
        Ok(Outcome::Yes)
    }

    async fn copy(&self) -> anyhow::Result<Vec<Copied>> {
        let _locks = [hold_database(&self.from, Held::IfUsed)?, hold_database(&self.to, Held::Anyhow)?];
        let from = Store::open_to_read(&self.from).await.context("--from")?;
        let to = Store::open(&self.to).await.context("--to")?;
        told::newer_tables(&from).await?;
        let terminal = std::io::stderr().is_terminal();
        let copied = from.copy_to(&to, |table, rows| {
            if terminal {
                anstream::eprint!("\r\x1b[K{table}: {rows} rows");
            }
        });
        let copied = copied.await;
        if terminal {
            anstream::eprint!("\r\x1b[K");
        }
        from.close().await;
        to.close().await;
        copied
    }
}

fn print(Copied { table, rows, checksum }: &Copied) {
    anstream::println!("{table:<12}{rows:>10} rows  {}  {}", show::green("same"), &checksum[..16]);
}
