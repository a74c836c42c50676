//! What a person who looks after the database wants to know of it.

use anyhow::Context;
use chrono::{DateTime, Utc};

use super::columns::{instant, instant_if};
use super::open::{known, latest};
use super::{Dialect, Store, postgres, sqlite};

/// What waits in the outbox, and what was given up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutboxStanding {
    pub pending: i64,
    /// When the one that waits longest was to be sent.
    pub oldest_due: Option<DateTime<Utc>>,
    /// Since the instant asked for.
    pub given_up: i64,
}

/// The last backup that was read again and found whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LastBackup {
    pub at: DateTime<Utc>,
    /// The last batch of decisions that is in it.
    pub batch: i64,
}

impl Store {
    /// `None`: there has been none, or it was not made by `meridian backup`.
    pub async fn last_backup(&self) -> anyhow::Result<Option<LastBackup>> {
        let row = sqlx::query_as("select at, batch from last_backup where id = 1");
        let row: Option<(i64, i64)> = row.fetch_optional(&self.reader).await?;
        row.map(|(at, batch)| Ok(LastBackup { at: instant(at)?, batch })).transpose()
    }

    /// Of two backups the younger is the last.
    pub async fn backed_up(&self, backup: LastBackup) -> anyhow::Result<()> {
        sqlx::query(
            "insert into last_backup (id, at, batch)
            values (1, $1, $2)
            on conflict (id) do update set at = excluded.at, batch = excluded.batch
            where excluded.at > last_backup.at",
        )
        .bind(backup.at.timestamp_millis())
        .bind(backup.batch)
        .execute(self.writing()?)
        .await
        .context("could not write down that there is a backup")?;
        Ok(())
    }

    /// Without the password.
    pub fn shown(&self) -> String {
        self.url.to_string()
    }

    /// The last migration of its tables, and the last that this release knows.
    pub async fn schema(&self) -> anyhow::Result<(i64, i64)> {
        let known = known(&match self.dialect {
            Dialect::Sqlite => sqlite::migrations(),
            Dialect::Postgres => postgres::migrations(),
        });
        Ok((latest(&mut *self.reader.acquire().await?).await?, known))
    }

    /// What SQLite finds wrong with its own pages; a PostgreSQL server has tools of its own (pg_amcheck).
    pub async fn complaints(&self) -> anyhow::Result<Vec<String>> {
        if self.dialect == Dialect::Postgres {
            return Ok(Vec::new());
        }
        let mut said: Vec<String> =
            sqlx::query_scalar("pragma quick_check(100)").fetch_all(&self.reader).await?;
        said.retain(|line| line != "ok");
        Ok(said)
    }

    /// The database server's time of day; `None`: it has no clock but ours. For comparing clocks, never to decide by.
    pub async fn clock(&self) -> anyhow::Result<Option<DateTime<Utc>>> {
        if self.dialect == Dialect::Sqlite {
            return Ok(None);
        }
        let text = "select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)";
        let at: i64 = sqlx::query_scalar(text).fetch_one(&self.reader).await?;
        Ok(Some(instant(at)?))
    }

    pub async fn outbox_standing(&self, since: DateTime<Utc>) -> anyhow::Result<OutboxStanding> {
        let (pending, oldest_due, given_up): (i64, Option<i64>, i64) = sqlx::query_as(
            "select count(*), min(due_at), (select count(*) from outbox where failed_at >= $1)
            from outbox
            where sent_at is null and failed_at is null",
        )
        .bind(since.timestamp_millis())
        .fetch_one(&self.reader)
        .await?;
        Ok(OutboxStanding { pending, oldest_due: instant_if(oldest_due)?, given_up })
    }
}
