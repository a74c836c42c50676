//! What ever happened: only added to.

use anyhow::Context;
use serde::Serialize;
use sqlx::AnyConnection;
use sqlx::FromRow;

use super::Store;
use super::columns::{from_json, instant, to_json};
use crate::desk::{Event, TicketId};
use crate::schedule::Residency;

impl Store {
    /// Everything that happened to a ticket, in order.
    pub async fn history(&self, ticket: TicketId) -> anyhow::Result<Vec<Event>> {
        history(&mut *self.reader.acquire().await?, ticket).await
    }

    /// Those of the batches after `batch`, up to `last`, in the order of the batches.
    pub async fn events_since(&self, batch: i64, last: i64) -> anyhow::Result<Vec<Heard>> {
        since(&mut *self.reader.acquire().await?, batch, last).await
    }
}

/// Everything that happened to a ticket, in order.
pub(super) async fn history(connection: &mut AnyConnection, ticket: TicketId) -> anyhow::Result<Vec<Event>> {
    let rows: Vec<EventRow> = sqlx::query_as(
        "select ticket, seq, at, actor, what
        from events
        where ticket = $1
        order by seq",
    )
    .bind(ticket.0)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(EventRow::read).collect()
}

/// An event, and who may hear of it: the residency of its ticket.
pub type Heard = (Event, Option<Residency>);

#[derive(FromRow)]
struct HeardRow {
    #[sqlx(flatten)]
    event: EventRow,
    residency: Option<String>,
}

/// Those of the batches after `batch`, up to `last`, in the order of the batches.
pub(super) async fn since(
    connection: &mut AnyConnection,
    batch: i64,
    last: i64,
) -> anyhow::Result<Vec<Heard>> {
    let rows: Vec<HeardRow> = sqlx::query_as(
        "select ticket, seq, at, actor, what, residency
        from events join tickets on tickets.id = events.ticket
        where events.batch > $1 and events.batch <= $2
        order by events.batch, ticket, seq",
    )
    .bind(batch)
    .bind(last)
    .fetch_all(connection)
    .await?;
    let heard =
        rows.into_iter().map(|row| Ok((row.event.read()?, row.residency.as_deref().map(Residency::new))));
    heard.collect()
}

#[derive(FromRow)]
pub(super) struct EventRow {
    pub ticket: i64,
    pub seq: i64,
    at: i64,
    actor: String,
    what: String,
}

impl EventRow {
    pub fn read(self) -> anyhow::Result<Event> {
        let place = || format!("event {} of ticket {}", self.seq, self.ticket);
        Ok(Event {
            ticket: TicketId(self.ticket),
            seq: u32::try_from(self.seq).with_context(place)?,
            at: instant(self.at).with_context(place)?,
            by: from_json(&self.actor).with_context(place)?,
            what: from_json(&self.what).with_context(place)?,
        })
    }
}

pub(super) async fn save(connection: &mut AnyConnection, events: &[Event], batch: i64) -> anyhow::Result<()> {
    let rows: Vec<Columns> = events.iter().map(Columns::of).collect::<anyhow::Result<_>>()?;
    sqlx::query(
        "insert into events (ticket, seq, at, batch, actor, what)
        select
            cast(value ->> 'ticket' as bigint), cast(value ->> 'seq' as bigint), cast(value ->> 'at' as bigint),
            $2, value ->> 'actor', value ->> 'what'
        from json_each($1)
        order by cast(key as bigint)",
    )
    .bind(to_json(&rows)?)
    .bind(batch)
    .execute(connection)
    .await
    .context("could not save events")?;
    Ok(())
}

#[derive(Serialize)]
struct Columns {
    ticket: TicketId,
    seq: u32,
    at: i64,
    actor: String,
    what: String,
}

impl Columns {
    fn of(event: &Event) -> anyhow::Result<Columns> {
        Ok(Columns {
            ticket: event.ticket,
            seq: event.seq,
            at: event.at.timestamp_millis(),
            actor: to_json(&event.by)?,
            what: to_json(&event.what)?,
        })
    }
}
