//! What the outbox knows of whether messages arrive: for whoever asks before it matters.

use anyhow::Context;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, FromRow};

use super::columns::{instant, to_json};
use super::outbox::{COLUMNS, NoticeRow, read_notice};
use super::{Dialect, OutboxRow, Store};
use crate::desk::Notice;
use crate::schedule::PersonId;

/// So many failures are looked at, the latest first: where there are more, nothing arrives.
const FAILURES_MAX: i64 = 1000;

/// When a channel last took a notice for somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct LastTaken {
    pub to: PersonId,
    pub channel: String,
    pub at: DateTime<Utc>,
}

#[derive(FromRow)]
struct LastTakenRow {
    person: String,
    channel: String,
    at: i64,
}

impl Store {
    /// Notices that were given up since then, and those that are still tried though a channel has refused them; without
    /// those whose rows are damaged.
    pub async fn failing_notices(&self, since: DateTime<Utc>) -> anyhow::Result<Vec<OutboxRow>> {
        let mut failing = Vec::new();
        for which in [
            "failed_at >= $1 and coalesce(last_error, '') not like 'overtaken: %' order by failed_at desc, id",
            "sent_at is null and failed_at is null and attempts > 0 and due_at >= $1 order by due_at desc, id",
        ] {
            let text = format!("select {COLUMNS} from outbox where {which} limit {FAILURES_MAX}");
            // Only our own words are in the text.
            let rows: Vec<NoticeRow> = sqlx::query_as(AssertSqlSafe(text))
                .bind(since.timestamp_millis())
                .fetch_all(&self.reader)
                .await
                .context("could not look for notices that failed")?;
            failing.extend(rows.into_iter().filter_map(|row| row.read().ok()));
        }
        Ok(failing)
    }

    /// Of these channels, by person and channel, those that took something since.
    pub async fn last_taken(
        &self,
        since: DateTime<Utc>,
        channels: &[String],
    ) -> anyhow::Result<Vec<LastTaken>> {
        // What was put off has no receiver in its column.
        let body = match self.dialect {
            Dialect::Sqlite => "body",
            Dialect::Postgres => "body::json",
        };
        let text = format!(
            "select coalesce(receiver, {body} ->> 'to') as person, channel, max(sent_at) as at
            from outbox
            where sent_at >= $1 and channel in (select atom from json_each($2))
            group by 1, 2
            order by 1, 2"
        );
        // Only our own words are in the text.
        let rows: Vec<LastTakenRow> = sqlx::query_as(AssertSqlSafe(text))
            .bind(since.timestamp_millis())
            .bind(to_json(channels)?)
            .fetch_all(&self.reader)
            .await
            .context("could not look for notices that arrived")?;
        let read = |LastTakenRow { person, channel, at }| {
            Ok(LastTaken { to: PersonId::new(&person), channel, at: instant(at)? })
        };
        rows.into_iter().map(read).collect()
    }

    /// Those whose ids begin so, with letters, digits and `-` behind.
    pub async fn notices_called(&self, prefix: &str) -> anyhow::Result<Vec<Notice>> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("select version, body from outbox where id >= $1 and id < $2 order by id")
                .bind(prefix)
                .bind(format!("{prefix}~"))
                .fetch_all(&self.reader)
                .await
                .with_context(|| format!("could not look for the notices {prefix}..."))?;
        Ok(rows.into_iter().filter_map(|(version, body)| read_notice(version, &body).ok()).collect())
    }
}
