//! Notices as people ask for them: lists, one, and once more.

use anyhow::Context;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, FromRow};
use tracing::error;

use super::outbox::{COLUMNS, NoticeRow};
use super::{OutboxFilter, OutboxRow, Store};
use crate::desk::TicketId;

/// Which notices a page has; newest first.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoticeFilter {
    pub state: Option<OutboxFilter>,
    pub ticket: Option<TicketId>,
    /// Those made before this one; [`Listed::made`] of the last of the page before.
    pub before: Option<i64>,
    pub limit: u32,
}

/// A notice, and its place among all.
#[derive(Clone, Debug)]
pub struct Listed {
    pub made: i64,
    pub row: OutboxRow,
}

/// What came of asking for a notice to be sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resent {
    Done,
    /// It is on its way anyway.
    Pending,
    Unknown,
}

#[derive(FromRow)]
struct ListedRow {
    made: i64,
    #[sqlx(flatten)]
    row: NoticeRow,
}

impl Store {
    /// Without those whose rows are damaged. The place of the last one looked at, where there may be more.
    pub async fn notices(&self, filter: NoticeFilter) -> anyhow::Result<(Vec<Listed>, Option<i64>)> {
        let state = filter.state.map_or("true", OutboxFilter::condition);
        let ticket = if filter.ticket.is_some() { "ticket = $3" } else { "$3 = 0" };
        let text = format!(
            "select made, {COLUMNS}
            from outbox
            where made < $1 and {ticket} and {state}
            order by made desc, id desc
            limit $2"
        );
        // Only our own words are in the text.
        let mut rows: Vec<ListedRow> = sqlx::query_as(AssertSqlSafe(text))
            .bind(filter.before.unwrap_or(i64::MAX))
            .bind(i64::from(filter.limit) + 1)
            .bind(filter.ticket.map_or(0, |ticket| ticket.0))
            .fetch_all(&self.reader)
            .await?;
        let more = rows.len() > filter.limit as usize;
        rows.truncate(filter.limit as usize);
        let next = rows.last().filter(|_| more).map(|last| last.made);
        let read = |ListedRow { made, row }| match row.read() {
            Ok(row) => Some(Listed { made, row }),
            Err(error) => {
                error!(error = format!("{error:#}"), "a notice is not listed");
                None
            }
        };
        Ok((rows.into_iter().filter_map(read).collect(), next))
    }

    pub async fn notice(&self, id: &str) -> anyhow::Result<Option<OutboxRow>> {
        let text = format!("select {COLUMNS} from outbox where id = $1");
        let row: Option<NoticeRow> =
            sqlx::query_as(AssertSqlSafe(text)).bind(id).fetch_optional(&self.reader).await?;
        row.map(NoticeRow::read).transpose()
    }

    /// Under its id and with its words, by the person's channels from the first on.
    pub async fn resend_notice(&self, id: &str, now: DateTime<Utc>) -> anyhow::Result<Resent> {
        let done = sqlx::query(
            "update outbox
            set sent_at = null, failed_at = null, attempts = 0, channel = null, passed = null,
                last_error = null, due_at = $2
            where id = $1 and (sent_at is not null or failed_at is not null)",
        )
        .bind(id)
        .bind(now.timestamp_millis())
        .execute(self.writing()?)
        .await
        .with_context(|| format!("could not put notice {id} back"))?;
        if done.rows_affected() == 1 {
            return Ok(Resent::Done);
        }
        let there: i64 = sqlx::query_scalar("select count(*) from outbox where id = $1")
            .bind(id)
            .fetch_one(&self.reader)
            .await?;
        Ok(if there == 0 { Resent::Unknown } else { Resent::Pending })
    }
}
