//! One batch of decisions: everything it changes is on disk together, or nothing is.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, Utc};
use sqlx::{Any, AnyConnection, Transaction};

use super::lost::OpenFile;
use super::{DayKind, DayRow, Dialect, FaceBatch, GivenUp, Remembered, RevisionRow, Since, Store};
use super::{
    day_rows, desk_rows, events, given_up, handoffs, listening, outbox, remembered, revisions, tickets,
};
use crate::desk::{Changes, Handoff, HandoffId, Numbers, Saved, TicketId};

/// One batch of decisions: holds the write lock from [`Store::begin`] to commit. Dropped without, it never was.
pub struct Batch {
    dialect: Dialect,
    transaction: Transaction<'static, Any>,
    file: Option<Arc<OpenFile>>,
    /// Published in it.
    revision: Option<i64>,
    /// Leave or overrides came or went in it.
    day_changed: bool,
}

/// How far the desk has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Last {
    /// Number of the last batch committed, by any node.
    pub batch: i64,
    /// The instant its decisions were stamped with.
    pub decided_at: Option<DateTime<Utc>>,
    pub numbers: Numbers,
    /// Number of the revision in force; 0: none yet.
    pub revision: i64,
    /// Number of the last batch that changed leave or overrides.
    pub day_batch: i64,
}

impl Store {
    /// Waits for the write lock, at most some seconds.
    pub async fn begin(&self) -> anyhow::Result<Batch> {
        self.is_there()?;
        // A transaction that reads before it writes must take the lock at once: it could not wait for it later.
        let mut transaction = self.writer.begin_with(self.dialect.begin()).await;
        if let Err(sqlx::Error::InvalidSavePointStatement) = transaction {
            // Where the disk was full, SQLite has rolled back by itself and the driver did not notice: it takes the
            // connection for one inside a transaction, for ever. A new one knows better.
            self.writer.acquire().await?.close().await.ok();
            transaction = self.writer.begin_with(self.dialect.begin()).await;
        }
        let transaction = transaction.context("could not take the write lock")?;
        Ok(Batch {
            dialect: self.dialect,
            transaction,
            file: self.file.clone(),
            revision: None,
            day_changed: false,
        })
    }
}

impl Batch {
    pub(super) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }
}

impl FaceBatch for Batch {
    async fn last(&mut self) -> anyhow::Result<Last> {
        desk_rows::last(&mut self.transaction).await
    }

    async fn changed_since(&mut self, batch: i64, last: Last) -> anyhow::Result<Since> {
        desk_rows::since(&mut self.transaction, batch, last).await
    }

    async fn tickets(&mut self, ids: &[TicketId]) -> anyhow::Result<Vec<Saved>> {
        tickets::named(&mut self.transaction, ids).await
    }

    async fn handoffs(&mut self, ids: &[HandoffId]) -> anyhow::Result<Vec<Handoff>> {
        handoffs::named(&mut self.transaction, ids).await
    }

    async fn remembered(
        &mut self,
        keys: &[&str],
        since: DateTime<Utc>,
    ) -> anyhow::Result<BTreeMap<String, Remembered>> {
        remembered::named(&mut self.transaction, keys, since).await
    }

    async fn save(&mut self, changes: &Changes, before: &Last, now: DateTime<Utc>) -> anyhow::Result<Last> {
        let batch = before.batch + 1;
        let last = Last {
            batch,
            decided_at: Some(now),
            numbers: changes.numbers,
            revision: self.revision.unwrap_or(before.revision),
            day_batch: if self.day_changed { batch } else { before.day_batch },
        };
        if !changes.tickets.is_empty() {
            tickets::save(&mut self.transaction, &changes.tickets, last.batch).await?;
        }
        if !changes.events.is_empty() {
            events::save(&mut self.transaction, &changes.events, last.batch).await?;
        }
        if !changes.notices.is_empty() {
            outbox::save(&mut self.transaction, self.dialect, &changes.notices, last.batch).await?;
        }
        if !changes.handoffs.is_empty() {
            handoffs::save(&mut self.transaction, &changes.handoffs, last.batch).await?;
        }
        if !changes.turns.is_empty() {
            desk_rows::save_turns(&mut self.transaction, &changes.turns, last.batch).await?;
        }
        desk_rows::save_last(&mut self.transaction, &last).await?;
        Ok(last)
    }

    async fn remember(
        &mut self,
        answers: &BTreeMap<String, Remembered>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        remembered::save(&mut self.transaction, answers, now).await
    }

    async fn forget(&mut self, before: DateTime<Utc>, limit: u32) -> anyhow::Result<u64> {
        remembered::forget(&mut self.transaction, before, limit).await
    }

    async fn give_up(&mut self, notices: &[GivenUp<'_>], now: DateTime<Utc>) -> anyhow::Result<()> {
        given_up::give_up(&mut self.transaction, notices, now).await
    }

    async fn add_revision(&mut self, revision: &RevisionRow) -> anyhow::Result<()> {
        revisions::add(&mut self.transaction, revision).await?;
        self.revision = Some(revision.number);
        Ok(())
    }

    async fn add_day_row(
        &mut self,
        kind: DayKind,
        body: &serde_json::Value,
        by: &str,
        at: DateTime<Utc>,
    ) -> anyhow::Result<DayRow> {
        self.day_changed = true;
        day_rows::add(&mut self.transaction, kind, body, by, at).await
    }

    async fn remove_day_row(&mut self, kind: DayKind, id: i64, at: DateTime<Utc>) -> anyhow::Result<bool> {
        let removed = day_rows::remove(&mut self.transaction, kind, id, at).await?;
        self.day_changed |= removed;
        Ok(removed)
    }

    async fn commit(mut self) -> anyhow::Result<()> {
        if self.dialect == Dialect::Postgres {
            // Also finds a transaction in which a statement failed: committing that would undo it without a word.
            listening::notify(&mut self.transaction).await.context("could not commit the batch")?;
        }
        self.transaction.commit().await.context("could not commit the batch")?;
        // Taken away at the last moment, it has taken the batch with it.
        if let Some(file) = &self.file {
            file.has_log()?;
        }
        Ok(())
    }
}
