//! Batches of tickets that change hands at one boundary.

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::AnyConnection;
use sqlx::FromRow;
use tracing::error;

use super::Store;
use super::columns::{BODY_VERSION, read_body, to_json};
use crate::desk::{Handoff, HandoffId, HandoffOutcome};
use crate::schedule::TeamId;

impl Store {
    pub async fn handoff(&self, id: HandoffId) -> anyhow::Result<Option<Handoff>> {
        let row: Option<HandoffRow> = sqlx::query_as(
            "select id, version, body
            from handoffs
            where id = $1",
        )
        .bind(id.0)
        .fetch_optional(&self.reader)
        .await?;
        row.map(HandoffRow::read).transpose()
    }

    /// Newest first; only those with a smaller number than `after`.
    pub async fn handoffs(
        &self,
        open_only: bool,
        after: Option<HandoffId>,
        limit: u32,
    ) -> anyhow::Result<Vec<Handoff>> {
        let text = if open_only {
            "select id, version, body
            from handoffs
            where open = 1 and id < $1
            order by id desc
            limit $2"
        } else {
            "select id, version, body
            from handoffs
            where id < $1
            order by id desc
            limit $2"
        };
        let rows: Vec<HandoffRow> = sqlx::query_as(text)
            .bind(after.map_or(i64::MAX, |after| after.0))
            .bind(i64::from(limit))
            .fetch_all(&self.reader)
            .await?;
        rows.into_iter().map(HandoffRow::read).collect()
    }
}

#[derive(FromRow)]
struct HandoffRow {
    id: i64,
    version: i64,
    body: String,
}

impl HandoffRow {
    fn read(self) -> anyhow::Result<Handoff> {
        read_body(self.version, &self.body).with_context(|| format!("handoff {}", self.id))
    }
}

/// Those that can be read: a damaged one does not keep the others from being. Its tickets have their own offers, and it is
/// decided by these.
fn readable(rows: Vec<HandoffRow>) -> Vec<Handoff> {
    let read = |row: HandoffRow| {
        let id = row.id;
        row.read().inspect_err(|error| {
            error!(
                handoff.id = id,
                error = format!("{error:#}"),
                "handoff {id} is left out: its row is damaged"
            );
        })
    };
    rows.into_iter().filter_map(|row| read(row).ok()).collect()
}

/// Those with an item that is still offered, or a boundary later than `now`, by number.
pub(super) async fn unsettled(
    connection: &mut AnyConnection,
    now: Option<DateTime<Utc>>,
) -> anyhow::Result<Vec<Handoff>> {
    let rows: Vec<HandoffRow> = sqlx::query_as(
        "select id, version, body
        from handoffs
        where open = 1 or boundary > $1
        order by id",
    )
    .bind(now.as_ref().map(DateTime::timestamp_millis))
    .fetch_all(connection)
    .await?;
    Ok(readable(rows))
}

/// Those of them that exist, by number.
pub(super) async fn named(connection: &mut AnyConnection, ids: &[HandoffId]) -> anyhow::Result<Vec<Handoff>> {
    let rows: Vec<HandoffRow> = sqlx::query_as(
        "select id, version, body
        from handoffs
        where id in (select cast(atom as bigint) from json_each($1))
        order by id",
    )
    .bind(to_json(ids)?)
    .fetch_all(connection)
    .await?;
    Ok(readable(rows))
}

/// Those that a later batch has changed, by number.
pub(super) async fn changed_since(
    connection: &mut AnyConnection,
    batch: i64,
) -> anyhow::Result<Vec<Handoff>> {
    let rows: Vec<HandoffRow> = sqlx::query_as(
        "select id, version, body
        from handoffs
        where changed_batch > $1
        order by id",
    )
    .bind(batch)
    .fetch_all(connection)
    .await?;
    Ok(readable(rows))
}

pub(super) async fn save(
    connection: &mut AnyConnection,
    handoffs: &[Handoff],
    batch: i64,
) -> anyhow::Result<()> {
    let rows: Vec<Columns> = handoffs.iter().map(Columns::of).collect::<anyhow::Result<_>>()?;
    sqlx::query(
        "insert into handoffs (id, boundary, from_team, to_team, open, changed_batch, version, body)
        select
            cast(value ->> 'id' as bigint), cast(value ->> 'boundary' as bigint),
            value ->> 'from_team', value ->> 'to_team', cast(value ->> 'open' as bigint),
            $2, $3, value ->> 'body'
        from json_each($1)
        where true
        on conflict (id) do update set
            boundary = excluded.boundary,
            from_team = excluded.from_team,
            to_team = excluded.to_team,
            open = excluded.open,
            changed_batch = excluded.changed_batch,
            version = excluded.version,
            body = excluded.body",
    )
    .bind(to_json(&rows)?)
    .bind(batch)
    .bind(BODY_VERSION)
    .execute(connection)
    .await
    .context("could not save handoffs")?;
    Ok(())
}

#[derive(Serialize)]
struct Columns<'a> {
    id: HandoffId,
    boundary: i64,
    from_team: &'a TeamId,
    to_team: &'a TeamId,
    open: u8,
    body: String,
}

impl Columns<'_> {
    fn of(handoff: &Handoff) -> anyhow::Result<Columns<'_>> {
        let open = handoff.items.iter().any(|item| item.outcome == HandoffOutcome::Offered);
        Ok(Columns {
            id: handoff.id,
            boundary: handoff.boundary.timestamp_millis(),
            from_team: &handoff.from,
            to_team: &handoff.to,
            open: u8::from(open),
            body: to_json(handoff)?,
        })
    }
}
