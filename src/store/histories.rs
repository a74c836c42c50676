//! Tickets with all that happened to them, a page at a time: for whoever looks back over months.

use anyhow::Context;
use chrono::{DateTime, Utc};
use sqlx::AnyConnection;

use super::Store;
use super::columns::to_json;
use super::events::EventRow;
use crate::desk::{Event, TicketId};

/// Which tickets are looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Looked {
    /// Those opened from then on, and before.
    Opened { from: DateTime<Utc>, until: DateTime<Utc> },
    /// Those to which anything happened from then on, and before.
    Stirred { from: DateTime<Utc>, until: DateTime<Utc> },
}

/// What happened to one ticket, in order, or why that cannot be read.
pub type History = (TicketId, anyhow::Result<Vec<Event>>);

impl Store {
    /// In order. What it costs follows from what is found and from the events of that time, not from all there are.
    pub async fn looked_at(&self, which: Looked) -> anyhow::Result<Vec<TicketId>> {
        let mut connection = self.reader.acquire().await?;
        let (from, until) = match which {
            Looked::Opened { from, until } => (from.timestamp_millis(), until.timestamp_millis()),
            Looked::Stirred { from, until } => {
                let from = first_batch_at(&mut connection, from).await?;
                (from, first_batch_at(&mut connection, until).await?)
            }
        };
        let found: Vec<i64> = sqlx::query_scalar(which.statement())
            .bind(from)
            .bind(until)
            .fetch_all(&mut *connection)
            .await
            .context("could not look for tickets")?;
        Ok(found.into_iter().map(TicketId).collect())
    }

    /// When the first of all tickets that are kept was opened.
    pub async fn first_opened(&self) -> anyhow::Result<Option<DateTime<Utc>>> {
        let first: Option<i64> = sqlx::query_scalar("select min(opened_at) from tickets")
            .fetch_one(&self.reader)
            .await
            .context("could not look for the first ticket")?;
        Ok(first.and_then(DateTime::from_timestamp_millis))
    }

    /// In the order of `ids`, which is that of their numbers; without those that are gone. No lock is held and nothing is kept
    /// open between two calls: what happens in between may be in the later ones.
    pub async fn histories(&self, ids: &[TicketId]) -> anyhow::Result<Vec<History>> {
        histories(&mut *self.reader.acquire().await?, ids).await
    }
}

/// As [`Store::histories`].
pub(super) async fn histories(
    connection: &mut AnyConnection,
    ids: &[TicketId],
) -> anyhow::Result<Vec<History>> {
    let rows: Vec<EventRow> = sqlx::query_as(
        "select ticket, seq, at, actor, what
        from events
        where ticket in (select cast(atom as bigint) from json_each($1))
        order by ticket, seq",
    )
    .bind(to_json(ids)?)
    .fetch_all(connection)
    .await
    .context("could not read their events")?;
    let mut rows = rows.into_iter().peekable();
    let history = |id: &TicketId| {
        let own = std::iter::from_fn(|| rows.next_if(|row| row.ticket == id.0));
        // All of its rows are taken, be one of them damaged or not.
        let events: Vec<anyhow::Result<Event>> = own.map(EventRow::read).collect();
        (!events.is_empty()).then(|| (*id, events.into_iter().collect()))
    };
    Ok(ids.iter().filter_map(history).collect())
}

impl Looked {
    /// In both dialects; between two instants, or two batches.
    pub fn statement(&self) -> &'static str {
        match self {
            Looked::Opened { .. } => {
                "select id
                from tickets
                where opened_at >= $1 and opened_at < $2
                order by id"
            }
            Looked::Stirred { .. } => {
                "select distinct ticket
                from events
                where batch >= $1 and batch < $2
                order by ticket"
            }
        }
    }
}

/// The number of the first batch that was decided at `at` or later; one beyond the last where there is none. Later batches
/// are never decided at earlier instants, so it is found by halving, with some twenty steps along an index.
pub(super) async fn first_batch_at(connection: &mut AnyConnection, at: DateTime<Utc>) -> anyhow::Result<i64> {
    let last: Option<i64> = sqlx::query_scalar("select max(batch) from events")
        .fetch_one(&mut *connection)
        .await
        .context("could not look for the last batch")?;
    let (mut low, mut high) = (0, last.unwrap_or(0) + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        // Not every batch has events: the next one that has speaks for those before it.
        let found: Option<(i64, i64)> = sqlx::query_as(
            "select batch, at
            from events
            where batch >= $1
            order by batch, ticket, seq
            limit 1",
        )
        .bind(middle)
        .fetch_optional(&mut *connection)
        .await
        .context("could not look for a batch")?;
        match found {
            Some((batch, then)) if then < at.timestamp_millis() => low = batch + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}
