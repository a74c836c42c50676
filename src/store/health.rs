//! What a person who looks after the database wants to know of it.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use sqlx::{AnyConnection, Connection};

use super::columns::instant;
use super::{Dialect, Schema, Store, postgres, sqlite};

/// The last backup that was read again and found whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LastBackup {
    pub at: DateTime<Utc>,
    /// The last batch of decisions that is in it.
    pub batch: i64,
}

/// What a database finds wrong with itself, a line for each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Complaints {
    pub pages: Vec<String>,
    /// Of rows that break a rule of their table, as where a bit of one has flipped; they can be read and copied.
    pub rows: Vec<String>,
}

/// So often it is tried to begin the log anew, and so far apart: about as long as reading takes as a rule.
const LOG_TRIES: u32 = 20;
const LOG_PAUSE: Duration = Duration::from_millis(50);

impl Store {
    /// `None`: there has been none, or it was not made by `meridian backup`.
    pub async fn last_backup(&self) -> anyhow::Result<Option<LastBackup>> {
        let row = sqlx::query_as("select at, batch from last_backup where id = 1");
        let row: Option<(i64, i64)> = row.fetch_optional(&self.reader).await?;
        row.map(|(at, batch)| Ok(LastBackup { at: instant(at)?, batch })).transpose()
    }

    /// Of two backups the younger is the last. However the database was opened, nothing else is changed in it.
    pub async fn backed_up(&self, backup: LastBackup) -> anyhow::Result<()> {
        let place = || "could not write down that there is a backup";
        let mut connection = self.connect().await.with_context(place)?;
        sqlx::query(
            "insert into last_backup (id, at, batch)
            values (1, $1, $2)
            on conflict (id) do update set at = excluded.at, batch = excluded.batch
            where excluded.at > last_backup.at",
        )
        .bind(backup.at.timestamp_millis())
        .bind(backup.batch)
        .execute(&mut connection)
        .await
        .with_context(place)?;
        connection.close().await?;
        Ok(())
    }

    /// What was written over stands in SQLite's log until that is begun anew. False where somebody reads from it for so long
    /// that it has to be tried again later; nobody waits meanwhile.
    pub async fn begin_log_anew(&self) -> anyhow::Result<bool> {
        if self.dialect == Dialect::Postgres {
            return Ok(true);
        }
        self.is_there()?;
        for _ in 0..LOG_TRIES {
            if sqlite::begin_log_anew(Path::new(self.url.path())).await? {
                return Ok(true);
            }
            tokio::time::sleep(LOG_PAUSE).await;
        }
        Ok(false)
    }

    /// Beside its pools, which may be read only.
    pub(super) async fn connect(&self) -> anyhow::Result<AnyConnection> {
        match self.dialect {
            Dialect::Sqlite => sqlite::connect(Path::new(self.url.path())).await,
            Dialect::Postgres => postgres::connect(&self.url.reveal().parse()?).await,
        }
    }

    /// In words, what a new connection to a server fails for; `None`: it does not, or there is no server.
    pub async fn why_away(&self) -> Option<String> {
        if self.dialect == Dialect::Sqlite {
            return None;
        }
        match self.connect().await {
            Ok(connection) => {
                // It has answered, and what becomes of the goodbye is of no interest.
                _ = connection.close().await;
                None
            }
            Err(error) => {
                Some(format!("the database {} cannot be reached: {}", self.url, error.root_cause()))
            }
        }
    }

    /// See [`super::DatabaseUrl::unheeded`].
    pub fn unheeded(&self) -> &[String] {
        self.url.unheeded()
    }

    /// Without the password.
    pub fn shown(&self) -> String {
        self.url.to_string()
    }

    pub async fn schema(&self) -> anyhow::Result<Schema> {
        let migrations = match self.dialect {
            Dialect::Sqlite => sqlite::migrations(),
            Dialect::Postgres => postgres::migrations(),
        };
        Ok(Schema::of(&mut *self.reader.acquire().await?, &migrations).await?)
    }

    /// What SQLite finds wrong; a PostgreSQL server has tools of its own (pg_amcheck).
    pub async fn complaints(&self) -> anyhow::Result<Complaints> {
        if self.dialect == Dialect::Postgres {
            return Ok(Complaints::default());
        }
        let said: Vec<String> = sqlx::query_scalar("pragma quick_check(100)").fetch_all(&self.reader).await?;
        let said = said.into_iter().filter(|line| line != "ok");
        let (rows, pages) = said.partition(|line| line.starts_with("CHECK constraint failed"));
        Ok(Complaints { pages, rows })
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
}
