//! What stands in a SQLite file beside our own tables. A trigger that somebody else has put there writes with our hand: a
//! token for each event, say.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use sqlx::{AnyConnection, Connection};
use tokio::sync::OnceCell;

use super::{Schema, sqlite};

/// Kind and name of each thing in a schema, and what it was made with.
type Things = BTreeMap<(String, String), String>;

/// Written down by the tools themselves: by sqlx what it has done, by Litestream how far it has copied.
const OF_TOOLS: [&str; 3] = ["_sqlx_migrations", "_litestream_seq", "_litestream_lock"];

/// Fails where the file is a database, and nobody has ever made our tables in it.
pub(super) async fn refuse_others(connection: &mut AnyConnection) -> anyhow::Result<()> {
    let there = things(connection).await?;
    let table = |name: &str| there.contains_key(&("table".to_owned(), name.to_owned()));
    if there.is_empty() || table(OF_TOOLS[0]) {
        return Ok(());
    }
    bail!("it belongs to something else ({}): name a file of its own", listed(there.keys()))
}

/// Fails where there is anything in the tables' schema that our migrations do not make. Those of a newer release may
/// have brought tables and indexes, which do nothing by themselves.
pub(super) async fn refuse_additions(connection: &mut AnyConnection) -> anyhow::Result<()> {
    let Schema { there, known } = Schema::of(connection, &sqlite::migrations()).await?;
    let inert = |kind: &str| there > known && matches!(kind, "table" | "index");
    let ours = OURS.get_or_try_init(ours).await?;
    let mut found = things(connection).await?;
    found.retain(|thing, sql| {
        let (kind, name) = (thing.0.as_str(), thing.1.as_str());
        let of_tools = kind == "table" && OF_TOOLS.contains(&name);
        !of_tools && !inert(kind) && ours.get(thing) != Some(sql)
    });
    if found.is_empty() {
        return Ok(());
    }
    bail!(
        "there is something in it that is not ours, and that could write what it likes: {}. Drop what you know and can do \
         without (sqlite3 FILE \"drop ...\"), or take another file",
        listed(found.keys())
    )
}

static OURS: OnceCell<Things> = OnceCell::const_new();

/// Of a database that was made a moment ago.
async fn ours() -> anyhow::Result<Things> {
    let mut fresh = AnyConnection::connect("sqlite::memory:").await?;
    sqlite::migrations().run(&mut fresh).await?;
    let things = things(&mut fresh).await?;
    fresh.close().await?;
    Ok(things)
}

async fn things(connection: &mut AnyConnection) -> anyhow::Result<Things> {
    let rows = sqlx::query_as(
        "select type, name, sql
        from sqlite_master
        where sql is not null and name not like 'sqlite\\_%' escape '\\'",
    );
    let rows: Vec<(String, String, String)> =
        rows.fetch_all(connection).await.map_err(sqlite::in_words).context("what is in it cannot be read")?;
    Ok(rows.into_iter().map(|(kind, name, sql)| ((kind, name), sql)).collect())
}

const TOLD: usize = 5;

fn listed<'a>(things: impl ExactSizeIterator<Item = &'a (String, String)>) -> String {
    let more = things.len().saturating_sub(TOLD);
    let mut said: Vec<String> = things.take(TOLD).map(|(kind, name)| format!("{kind} {name}")).collect();
    if more > 0 {
        said.push(format!("{more} more"));
    }
    said.join(", ")
}
