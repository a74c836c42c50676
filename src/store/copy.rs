//! Everything in one database, copied to another that is empty, and compared.

use std::fmt::Write;

use anyhow::{Context, bail, ensure};
use futures_util::TryStreamExt;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::{Dialect, Store};

/// Numbers and words, in the order in which its rows are read.
struct Table {
    name: &'static str,
    key: &'static str,
    numbers: &'static [&'static str],
    words: &'static [&'static str],
}

/// What others refer to comes first.
const TABLES: [Table; 16] = [
    Table {
        name: "desk",
        key: "id",
        numbers: &["id", "batch", "decided_at", "last_ticket", "last_handoff"],
        words: &["identity"],
    },
    Table {
        name: "restores",
        key: "at",
        numbers: &["at", "decided_at", "ticket_before", "ticket_after", "day_row_after"],
        words: &[],
    },
    Table { name: "turns", key: "team", numbers: &["changed_batch"], words: &["team", "person"] },
    Table {
        name: "tickets",
        key: "id",
        numbers: &[
            "id",
            "opened_at",
            "wake_at",
            "closes_at",
            "erased_at",
            "stirred_at",
            "changed_batch",
            "version",
        ],
        words: &[
            "state",
            "priority",
            "holder_person",
            "holder_team",
            "offer_team",
            "dedup_key",
            "external_ref",
            "residency",
            "body",
        ],
    },
    Table {
        name: "events",
        key: "ticket, seq",
        numbers: &["ticket", "seq", "at", "batch"],
        words: &["actor", "what"],
    },
    Table {
        name: "handoffs",
        key: "id",
        numbers: &["id", "boundary", "open", "changed_batch", "version"],
        words: &["from_team", "to_team", "body"],
    },
    Table {
        name: "outbox",
        key: "id",
        numbers: &[
            "ticket",
            "made",
            "urgency",
            "priority",
            "due_at",
            "attempts",
            "sent_at",
            "failed_at",
            "leased_until",
            "version",
        ],
        words: &["id", "receiver", "channel", "passed", "last_error", "leased_by", "body"],
    },
    Table { name: "remembered", key: "key", numbers: &["at"], words: &["key", "fingerprint", "answer"] },
    Table {
        name: "revisions",
        key: "number",
        numbers: &["number", "at"],
        words: &["files", "zone_version", "zones"],
    },
    Table {
        name: "day_rows",
        key: "id",
        numbers: &["id", "at", "removed_at", "changed_batch"],
        words: &["kind", "by", "body"],
    },
    Table { name: "tokens", key: "name", numbers: &["at"], words: &["name", "hash", "role", "person"] },
    Table { name: "nodes", key: "id", numbers: &["agreed", "at"], words: &["id"] },
    Table { name: "last_backup", key: "id", numbers: &["id", "at", "batch"], words: &[] },
    Table {
        name: "trail",
        key: "id",
        numbers: &["at", "more"],
        words: &["id", "what", "token", "person", "route", "tickets", "customer"],
    },
    Table {
        name: "forgetting",
        key: "customer",
        numbers: &["at", "batch", "ticket"],
        words: &["customer", "pseudonym", "known"],
    },
    Table { name: "keys", key: "name", numbers: &["at"], words: &["name", "secret"] },
];

/// So many rows are written by one statement.
const CHUNK: usize = 500;

/// A table that is the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    pub table: &'static str,
    pub rows: u64,
    /// SHA-256 over its rows in order, hex.
    pub checksum: String,
}

impl Store {
    /// Copies everything to `target`, which nobody has used yet: all of it or nothing. `progress` hears of a table
    /// and how many of its rows have been written.
    pub async fn copy_to(
        &self,
        target: &Store,
        progress: impl FnMut(&'static str, u64),
    ) -> anyhow::Result<Vec<Copied>> {
        self.copy(target, false, progress).await
    }

    /// As [`Store::copy_to`], in the place of whatever is there.
    pub(super) async fn copy_over(
        &self,
        target: &Store,
        progress: impl FnMut(&'static str, u64),
    ) -> anyhow::Result<Vec<Copied>> {
        self.copy(target, true, progress).await
    }

    async fn copy(
        &self,
        target: &Store,
        replace: bool,
        mut progress: impl FnMut(&'static str, u64),
    ) -> anyhow::Result<Vec<Copied>> {
        let mut from = self.snapshot().await.context("the source cannot be read")?;
        let mut to = target.writer.begin_with(target.dialect.begin()).await?;
        patient(self.dialect, &mut from).await?;
        patient(target.dialect, &mut to).await?;
        match replace {
            true => empty(&mut to).await?,
            false => ensure_unused(&mut to).await?,
        }
        sqlx::query("delete from desk").execute(&mut *to).await?;
        let mut copied = Vec::new();
        for table in &TABLES {
            let at = || format!("table {}", table.name);
            let (rows, checksum) = table.copy(&mut from, &mut to, &mut progress).await.with_context(at)?;
            let there = table.sum(&mut to).await.with_context(at)?;
            ensure!(
                there == (rows, checksum.clone()),
                "table {}: the copy is not the same ({rows} rows, {checksum}; in the target {} rows, {})",
                table.name,
                there.0,
                there.1
            );
            copied.push(Copied { table: table.name, rows, checksum });
        }
        to.commit().await.context("the copy could not be committed: nothing was written")?;
        Ok(copied)
    }
}

/// What follows takes as long as it takes.
pub(super) async fn patient(dialect: Dialect, connection: &mut AnyConnection) -> sqlx::Result<()> {
    if dialect == Dialect::Postgres {
        let text = "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0";
        sqlx::raw_sql(text).execute(connection).await?;
    }
    Ok(())
}

async fn ensure_unused(to: &mut AnyConnection) -> anyhow::Result<()> {
    for table in &TABLES {
        let used = if table.name == "desk" { " where batch > 0" } else { "" };
        let text = format!("select count(*) from {}{used}", table.name);
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&mut *to).await?;
        if rows > 0 {
            bail!("the target is in use (table {} has rows): name an empty database", table.name);
        }
    }
    Ok(())
}

/// Of a server: events are never deleted, but where all there is gives way to a whole copy.
async fn empty(to: &mut AnyConnection) -> anyhow::Result<()> {
    sqlx::raw_sql("alter table events disable trigger user").execute(&mut *to).await?;
    for table in TABLES.iter().rev() {
        let text = format!("delete from {}", table.name);
        sqlx::query(AssertSqlSafe(text)).execute(&mut *to).await?;
    }
    sqlx::raw_sql("alter table events enable trigger user").execute(&mut *to).await?;
    Ok(())
}

impl Table {
    fn columns(&self) -> String {
        [self.numbers, self.words].concat().join(", ")
    }

    fn select(&self) -> String {
        format!("select {} from {} order by {}", self.columns(), self.name, self.key)
    }

    fn insert(&self) -> String {
        let mut values = Vec::new();
        for at in 0..self.numbers.len() {
            values.push(format!("cast(value ->> {at} as bigint)"));
        }
        for at in 0..self.words.len() {
            values.push(format!("value ->> {}", self.numbers.len() + at));
        }
        let (columns, values) = (self.columns(), values.join(", "));
        format!(
            "insert into {} ({columns}) select {values} from json_each($1) order by cast(key as bigint)",
            self.name
        )
    }

    fn read(&self, row: &AnyRow) -> sqlx::Result<Vec<Value>> {
        let mut values = Vec::with_capacity(self.numbers.len() + self.words.len());
        for at in 0..self.numbers.len() {
            values.push(row.try_get::<Option<i64>, _>(at)?.into());
        }
        for at in self.numbers.len()..self.numbers.len() + self.words.len() {
            values.push(row.try_get::<Option<String>, _>(at)?.into());
        }
        Ok(values)
    }

    /// Number of rows and checksum of what was read.
    async fn copy(
        &self,
        from: &mut AnyConnection,
        to: &mut AnyConnection,
        progress: &mut impl FnMut(&'static str, u64),
    ) -> anyhow::Result<(u64, String)> {
        let (mut sum, mut count, mut chunk) = (Sha256::new(), 0, Vec::with_capacity(CHUNK));
        let mut rows = sqlx::query(AssertSqlSafe(self.select())).fetch(from);
        loop {
            let row = rows.try_next().await?;
            if let Some(row) = &row {
                let values = self.read(row)?;
                add(&mut sum, &values)?;
                chunk.push(values);
                count += 1;
            }
            if chunk.len() == CHUNK || row.is_none() && !chunk.is_empty() {
                let insert = sqlx::query(AssertSqlSafe(self.insert())).bind(serde_json::to_string(&chunk)?);
                insert.execute(&mut *to).await?;
                chunk.clear();
                progress(self.name, count);
            }
            if row.is_none() {
                return Ok((count, hex(sum)));
            }
        }
    }

    async fn sum(&self, connection: &mut AnyConnection) -> anyhow::Result<(u64, String)> {
        let (mut sum, mut count) = (Sha256::new(), 0);
        let mut rows = sqlx::query(AssertSqlSafe(self.select())).fetch(connection);
        while let Some(row) = rows.try_next().await? {
            add(&mut sum, &self.read(&row)?)?;
            count += 1;
        }
        Ok((count, hex(sum)))
    }
}

fn add(sum: &mut Sha256, values: &[Value]) -> anyhow::Result<()> {
    sum.update(serde_json::to_vec(values)?);
    sum.update(b"\n");
    Ok(())
}

fn hex(sum: Sha256) -> String {
    sum.finalize().iter().fold(String::new(), |mut text, byte| {
        _ = write!(text, "{byte:02x}");
        text
    })
}
