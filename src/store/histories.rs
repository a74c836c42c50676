//! Tickets with all that happened to them, a page at a time: for whoever looks back over months.

use anyhow::Context;
use chrono::{DateTime, Utc};

use super::Store;
use super::columns::to_json;
use super::events::EventRow;
use crate::desk::{Event, TicketId};

/// Which tickets are looked at; every field that is set must hold.
#[derive(Clone, Copy, Debug)]
pub struct Histories {
    pub opened_from: Option<DateTime<Utc>>,
    pub opened_until: DateTime<Utc>,
    /// Something happened to them then or later.
    pub stirred_since: Option<DateTime<Utc>>,
    /// So many tickets a page.
    pub limit: u32,
}

/// What happened to one ticket, in order, or why that cannot be read.
pub type History = (TicketId, anyhow::Result<Vec<Event>>);

impl Store {
    /// The next page beyond ticket `after`, by number; empty: there are no more. No lock is held and nothing is kept open
    /// between two pages: what happens in between may be in the later ones.
    pub async fn histories(&self, asked: &Histories, after: TicketId) -> anyhow::Result<Vec<History>> {
        let mut connection = self.reader.acquire().await?;
        let ids: Vec<i64> = sqlx::query_scalar(
            "select id
            from tickets
            where id > $1 and opened_at >= $2 and opened_at < $3
                and coalesce((select at from events where ticket = tickets.id order by seq desc limit 1), $2) >= $4
            order by id
            limit $5",
        )
        .bind(after.0)
        .bind(asked.opened_from.map_or(i64::MIN, |from| from.timestamp_millis()))
        .bind(asked.opened_until.timestamp_millis())
        .bind(asked.stirred_since.map_or(i64::MIN, |since| since.timestamp_millis()))
        .bind(i64::from(asked.limit))
        .fetch_all(&mut *connection)
        .await
        .context("could not look for tickets")?;
        let rows: Vec<EventRow> = sqlx::query_as(
            "select ticket, seq, at, actor, what
            from events
            where ticket in (select cast(atom as bigint) from json_each($1))
            order by ticket, seq",
        )
        .bind(to_json(&ids)?)
        .fetch_all(&mut *connection)
        .await
        .context("could not read their events")?;
        drop(connection);
        let mut rows = rows.into_iter().peekable();
        let history = |id: i64| {
            let own = std::iter::from_fn(|| rows.next_if(|row| row.ticket == id));
            // All of its rows are taken, be one of them damaged or not.
            let events: Vec<anyhow::Result<Event>> = own.map(EventRow::read).collect();
            (TicketId(id), events.into_iter().collect())
        };
        Ok(ids.into_iter().map(history).collect())
    }
}
