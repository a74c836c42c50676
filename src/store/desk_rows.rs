//! Everything a desk starts from.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::{DateTime, Utc};
use sqlx::AnyConnection;

use super::columns::{instant_if, to_json};
use super::{Heard, Last, Store, events, handoffs, tickets};
use crate::desk::{Handoff, Numbers, Saved, TicketId};
use crate::schedule::{PersonId, TeamId};

/// Everything a desk starts from.
pub struct DeskRows {
    pub tickets: Vec<Saved>,
    /// Resolved tickets that close by themselves, and when.
    pub closings: Vec<(TicketId, DateTime<Utc>)>,
    /// Live tickets whose rows are damaged; see the log.
    pub damaged: Vec<TicketId>,
    /// Batches with an item that is still offered, or whose boundary is still to come.
    pub handoffs: Vec<Handoff>,
    pub turns: BTreeMap<TeamId, PersonId>,
    pub numbers: Numbers,
    /// Number of the last batch committed, by any node.
    pub batch: i64,
    /// The instant its decisions were stamped with.
    pub decided_at: Option<DateTime<Utc>>,
    pub revision: i64,
    pub day_batch: i64,
}

impl DeskRows {
    pub fn last(&self) -> Last {
        let DeskRows { batch, decided_at, numbers, revision, day_batch, .. } = *self;
        Last { batch, decided_at, numbers, revision, day_batch }
    }
}

/// What later batches have changed.
pub struct Since {
    pub last: Last,
    pub tickets: Vec<Saved>,
    pub handoffs: Vec<Handoff>,
    pub turns: BTreeMap<TeamId, PersonId>,
    /// In the order of their batches.
    pub events: Vec<Heard>,
}

impl Store {
    /// As of one instant, even while batches are being committed.
    pub async fn load_desk(&self) -> anyhow::Result<DeskRows> {
        let mut snapshot = self.snapshot().await?;
        let Last { batch, decided_at, numbers, revision, day_batch } = last(&mut snapshot).await?;
        let live = tickets::live(&mut snapshot).await?;
        let rows = DeskRows {
            tickets: live.saved,
            closings: tickets::closings(&mut snapshot).await?,
            damaged: live.damaged,
            handoffs: handoffs::unsettled(&mut snapshot, decided_at).await?,
            turns: turns_since(&mut snapshot, -1).await?,
            numbers,
            batch,
            decided_at,
            revision,
            day_batch,
        };
        snapshot.commit().await?;
        Ok(rows)
    }

    pub async fn last(&self) -> anyhow::Result<Last> {
        last(&mut *self.reader.acquire().await?).await
    }

    /// What was committed after `batch`, as of one instant; `None`: nothing.
    pub async fn since(&self, batch: i64) -> anyhow::Result<Option<Since>> {
        let mut snapshot = self.snapshot().await?;
        let last = last(&mut snapshot).await?;
        let since = if last.batch == batch { None } else { Some(since(&mut snapshot, batch, last).await?) };
        snapshot.commit().await?;
        Ok(since)
    }
}

type LastRow = (i64, Option<i64>, i64, i64, i64, i64, i64);

pub(super) async fn last(connection: &mut AnyConnection) -> anyhow::Result<Last> {
    let (batch, decided_at, ticket, handoff, epoch, revision, day_batch): LastRow = sqlx::query_as(
        "select
                batch, decided_at, last_ticket, last_handoff,
                (select coalesce(max(at), 0) from restores),
                (select coalesce(max(number), 0) from revisions),
                (select coalesce(max(changed_batch), 0) from day_rows)
            from desk
            where id = 1",
    )
    .fetch_one(connection)
    .await?;
    let (decided_at, numbers) = (instant_if(decided_at)?, Numbers { ticket, handoff, epoch });
    Ok(Last { batch, decided_at, numbers, revision, day_batch })
}

pub(super) async fn since(connection: &mut AnyConnection, batch: i64, last: Last) -> anyhow::Result<Since> {
    Ok(Since {
        last,
        tickets: tickets::changed_since(connection, batch).await?,
        handoffs: handoffs::changed_since(connection, batch).await?,
        turns: turns_since(connection, batch).await?,
        events: events::since(connection, batch, last.batch).await?,
    })
}

pub(super) async fn save_last(connection: &mut AnyConnection, last: &Last) -> anyhow::Result<()> {
    sqlx::query(
        "update desk
        set batch = $1, decided_at = $2, last_ticket = $3, last_handoff = $4
        where id = 1",
    )
    .bind(last.batch)
    .bind(last.decided_at.as_ref().map(DateTime::timestamp_millis))
    .bind(last.numbers.ticket)
    .bind(last.numbers.handoff)
    .execute(connection)
    .await
    .context("could not number the batch")?;
    Ok(())
}

/// Who was named last, in teams that a later batch has changed.
pub(super) async fn turns_since(
    connection: &mut AnyConnection,
    batch: i64,
) -> anyhow::Result<BTreeMap<TeamId, PersonId>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select team, person
        from turns
        where changed_batch > $1
        order by team",
    )
    .bind(batch)
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().map(|(team, person)| (TeamId::new(team), PersonId::new(person))).collect())
}

pub(super) async fn save_turns(
    connection: &mut AnyConnection,
    turns: &BTreeMap<TeamId, PersonId>,
    batch: i64,
) -> anyhow::Result<()> {
    sqlx::query(
        "insert into turns (team, person, changed_batch)
        select key, atom, $2
        from json_each($1)
        where true
        on conflict (team) do update set
            person = excluded.person,
            changed_batch = excluded.changed_batch",
    )
    .bind(to_json(turns)?)
    .bind(batch)
    .execute(connection)
    .await
    .context("could not save whose turn it was")?;
    Ok(())
}
