//! What has been kept for long enough goes, a few rows at a time, so that no decision waits for it.

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::AnyConnection;

use super::columns::to_json;
use super::copy::patient;
use super::{FaceBatch, Store};

/// What is older goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeptSince {
    /// Tickets that are done and to which nothing has happened since, with all that is known of them; `None`: they are
    /// kept for ever.
    pub tickets: Option<DateTime<Utc>>,
    /// Notices that were delivered or given up before.
    pub notices: DateTime<Utc>,
}

/// What has gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gone {
    pub tickets: u64,
    pub events: u64,
    pub handoffs: u64,
    pub notices: u64,
}

impl Gone {
    pub fn is_nothing(&self) -> bool {
        *self == Gone::default()
    }
}

/// How much is kept, and since when: what grows over the years.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeptRows {
    pub tickets: i64,
    pub events: i64,
    pub notices: i64,
    pub handoffs: i64,
    pub revisions: i64,
    /// When the oldest ticket that is kept was opened.
    pub oldest_ticket: Option<DateTime<Utc>>,
}

impl Store {
    /// As [`super::Face::prune`] says.
    pub async fn prune(&self, since: KeptSince, limit: u32) -> anyhow::Result<Gone> {
        let mut batch = self.begin().await?;
        let mut gone = Gone::default();
        if let Some(since) = since.tickets {
            let ids = done_before(batch.connection(), since, limit).await?;
            if !ids.is_empty() {
                gone = tickets(batch.connection(), &ids).await.context("could not let go of old tickets")?;
            }
            gone.handoffs = handoffs(batch.connection(), since, limit).await?;
        }
        gone.notices += notices(batch.connection(), since.notices, limit).await?;
        if gone.is_nothing() {
            return Ok(gone);
        }
        batch.commit().await?;
        Ok(gone)
    }

    /// Whether a number was given to a ticket that is gone since.
    pub async fn is_gone(&self, ticket: crate::desk::TicketId) -> anyhow::Result<bool> {
        let given = self.last().await?.numbers.ticket;
        Ok((1..=given).contains(&ticket.0) && self.ticket(ticket).await?.is_none())
    }

    /// Reads an index of each table from end to end: seconds, where there are tens of millions of rows.
    pub async fn kept_rows(&self) -> anyhow::Result<KeptRows> {
        let mut snapshot = self.snapshot().await?;
        patient(self.dialect, &mut snapshot).await?;
        let (tickets, events, notices, handoffs, revisions, oldest): (i64, i64, i64, i64, i64, Option<i64>) =
            sqlx::query_as(
                "select
                    (select count(*) from tickets), (select count(*) from events),
                    (select count(*) from outbox), (select count(*) from handoffs),
                    (select count(*) from revisions), (select opened_at from tickets order by id limit 1)",
            )
            .fetch_one(&mut *snapshot)
            .await?;
        snapshot.rollback().await?;
        let oldest_ticket = super::columns::instant_if(oldest)?;
        Ok(KeptRows { tickets, events, notices, handoffs, revisions, oldest_ticket })
    }
}

/// In the order of their last change, which is the order of the batches; as soon as one is too young, so is the rest. Of
/// those that were erased a column says when the last thing happened to them that was no erasing.
async fn done_before(
    connection: &mut AnyConnection,
    before: DateTime<Utc>,
    limit: u32,
) -> anyhow::Result<Vec<i64>> {
    let erased: Vec<i64> = sqlx::query_scalar(
        "select id
        from tickets
        where erased_at is not null and stirred_at < $1
        order by stirred_at, id
        limit $2",
    )
    .bind(before.timestamp_millis())
    .bind(i64::from(limit))
    .fetch_all(&mut *connection)
    .await
    .context("could not look for old tickets")?;
    if !erased.is_empty() {
        return Ok(erased);
    }
    let oldest: Vec<(i64, Option<i64>)> = sqlx::query_as(
        "select id, (select at from events where ticket = tickets.id order by seq desc limit 1)
        from tickets
        where state in ('resolved', 'closed') and erased_at is null
        order by changed_batch, id
        limit $1",
    )
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await
    .context("could not look for old tickets")?;
    let before = before.timestamp_millis();
    Ok(oldest.into_iter().filter(|(_, at)| at.is_some_and(|at| at < before)).map(|(id, _)| id).collect())
}

async fn tickets(connection: &mut AnyConnection, ids: &[i64]) -> anyhow::Result<Gone> {
    let ids = to_json(ids)?;
    let mut gone = Gone::default();
    let delete = [
        (
            "delete from outbox where ticket in (select cast(atom as bigint) from json_each($1))",
            &mut gone.notices,
        ),
        (
            "delete from events where ticket in (select cast(atom as bigint) from json_each($1))",
            &mut gone.events,
        ),
        (
            "delete from tickets where id in (select cast(atom as bigint) from json_each($1))",
            &mut gone.tickets,
        ),
    ];
    for (text, count) in delete {
        *count = sqlx::query(text).bind(&ids).execute(&mut *connection).await?.rows_affected();
    }
    Ok(gone)
}

/// Of batches that are settled; briefings stand in them.
async fn handoffs(connection: &mut AnyConnection, before: DateTime<Utc>, limit: u32) -> anyhow::Result<u64> {
    let done = sqlx::query(
        "delete from handoffs
        where id in (
            select id
            from handoffs
            where open = 0 and boundary < $1
            order by boundary, id
            limit $2
        )",
    )
    .bind(before.timestamp_millis())
    .bind(i64::from(limit))
    .execute(connection)
    .await
    .context("could not let go of old handoffs")?;
    Ok(done.rows_affected())
}

async fn notices(connection: &mut AnyConnection, before: DateTime<Utc>, limit: u32) -> anyhow::Result<u64> {
    let mut gone = 0;
    for text in [
        "delete from outbox
        where id in (select id from outbox where sent_at < $1 order by sent_at, id limit $2)",
        "delete from outbox
        where id in (select id from outbox where failed_at < $1 order by failed_at, id limit $2)",
    ] {
        let done = sqlx::query(text).bind(before.timestamp_millis()).bind(i64::from(limit));
        gone +=
            done.execute(&mut *connection).await.context("could not let go of old notices")?.rows_affected();
    }
    Ok(gone)
}
