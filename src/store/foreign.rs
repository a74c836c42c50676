//! What stands in a SQLite file beside our own tables. A trigger that somebody else has put there writes with our hand: a
//! token for each event, say.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, bail, ensure};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use tokio::sync::OnceCell;
use tracing::warn;

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
    let there: Vec<String> = there.keys().map(|(kind, name)| format!("{kind} {name}")).collect();
    bail!("it belongs to something else ({}): name a file of its own", listed(&there))
}

/// Fails where there is anything in the tables' schema that could write by itself, or that stands in the place of what is
/// ours. What else somebody has put there does nothing by itself, and is told.
pub(super) async fn refuse_triggers(connection: &mut AnyConnection) -> anyhow::Result<()> {
    let (inert, harmful): (Vec<Thing>, Vec<Thing>) =
        additions(connection).await?.into_iter().partition(|thing| thing.is_inert);
    ensure!(
        harmful.is_empty(),
        "there is something in it that is not ours, and that could write what it likes: {}. Drop what you know and can do \
         without (sqlite3 FILE \"drop ...\"), or take another file",
        listed(&harmful)
    );
    if !inert.is_empty() {
        warn!(
            additions = listed(&inert),
            "the database has what is not ours: an upgrade may be in its way, and a restore leaves it out"
        );
    }
    Ok(())
}

/// Takes out what is not ours and does nothing by itself; gives what that was.
pub(super) async fn leave_out(connection: &mut AnyConnection) -> anyhow::Result<Vec<String>> {
    let mut out: Vec<Thing> =
        additions(connection).await?.into_iter().filter(|thing| thing.is_inert).collect();
    // A view may be of a table, and an index goes with its table.
    out.sort_by_key(|thing| thing.kind != "view");
    for Thing { kind, name, .. } in &out {
        let text = format!("drop {kind} if exists \"{}\"", name.replace('"', "\"\""));
        let dropped = sqlx::query(AssertSqlSafe(text)).execute(&mut *connection).await;
        dropped.with_context(|| format!("{kind} {name} is not ours, and cannot be left out"))?;
    }
    Ok(out.iter().map(Thing::to_string).collect())
}

/// What our migrations do not make.
struct Thing {
    kind: String,
    name: String,
    /// It does nothing as long as nobody names it.
    is_inert: bool,
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// In the order of their kinds and names. Those of a newer release may have brought tables and indexes, which are ours.
async fn additions(connection: &mut AnyConnection) -> anyhow::Result<Vec<Thing>> {
    let Schema { there, known } = Schema::of(connection, &sqlite::migrations()).await?;
    let newer = |kind: &str| there > known && matches!(kind, "table" | "index");
    let ours = OURS.get_or_try_init(ours).await?;
    let taken = |name: &str| ours.keys().any(|(_, ours)| ours.eq_ignore_ascii_case(name));
    let mut additions = Vec::new();
    for ((kind, name), sql) in things(connection).await? {
        let of_tools = kind == "table" && OF_TOOLS.contains(&name.as_str());
        let is_ours = ours.get(&(kind.clone(), name.clone())) == Some(&sql);
        if of_tools || is_ours || newer(&kind) {
            continue;
        }
        let is_inert = matches!(kind.as_str(), "table" | "index" | "view") && !taken(&name);
        additions.push(Thing { kind, name, is_inert });
    }
    Ok(additions)
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

fn listed(things: &[impl fmt::Display]) -> String {
    let more = things.len().saturating_sub(TOLD);
    let mut said: Vec<String> = things.iter().take(TOLD).map(|thing| thing.to_string()).collect();
    if more > 0 {
        said.push(format!("{more} more"));
    }
    said.join(", ")
}
