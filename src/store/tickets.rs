//! Tickets as they are now.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::sqlite::SqliteConnection;
use sqlx::{FromRow, QueryBuilder, Sqlite};

use super::Store;
use super::columns::{BODY_VERSION, instant_if, read_body, to_json, word};
use crate::desk::{Saved, State, TicketId};
use crate::schedule::{PersonId, Priority, Residency, TeamId};

/// What `GET /v1/tickets` filters by; every field that is set must hold.
#[derive(Clone, Debug, Default)]
pub struct TicketFilter {
    pub state: Option<State>,
    /// Held, queued or offered there.
    pub team: Option<TeamId>,
    pub holder: Option<PersonId>,
    pub priority: Option<Priority>,
    pub external_ref: Option<String>,
    /// Only tickets without residency or with one of these; `None`: all.
    pub residencies: Option<Vec<Residency>>,
    /// Only numbers beyond this one.
    pub after: Option<TicketId>,
    pub limit: u32,
}

impl Store {
    pub async fn ticket(&self, id: TicketId) -> anyhow::Result<Option<Saved>> {
        let row: Option<TicketRow> = sqlx::query_as(
            "select id, version, wake_at, residency, body
            from tickets
            where id = $1",
        )
        .bind(id.0)
        .fetch_optional(&self.reader)
        .await?;
        row.map(TicketRow::read).transpose()
    }

    /// By number.
    pub async fn tickets(&self, filter: &TicketFilter) -> anyhow::Result<Vec<Saved>> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "select id, version, wake_at, residency, body
            from tickets
            where id > ",
        );
        query.push_bind(filter.after.map_or(0, |after| after.0));
        if let Some(state) = filter.state {
            query.push(" and state = ").push_bind(state.as_str());
        }
        if let Some(team) = &filter.team {
            query.push(" and (holder_team = ").push_bind(team.to_string());
            query.push(" or offer_team = ").push_bind(team.to_string()).push(")");
        }
        if let Some(holder) = &filter.holder {
            query.push(" and holder_person = ").push_bind(holder.to_string());
        }
        if let Some(priority) = filter.priority {
            query.push(" and priority = ").push_bind(priority.to_string());
        }
        if let Some(external_ref) = &filter.external_ref {
            query.push(" and external_ref = ").push_bind(external_ref.clone());
        }
        if let Some(residencies) = &filter.residencies {
            query.push(" and (residency is null or residency in (select value from json_each(");
            query.push_bind(to_json(residencies)?).push(")))");
        }
        query.push(" order by id limit ").push_bind(i64::from(filter.limit));
        let rows: Vec<TicketRow> = query.build_query_as().fetch_all(&self.reader).await?;
        rows.into_iter().map(TicketRow::read).collect()
    }

    /// Those of them that exist, by number.
    pub async fn tickets_named(&self, ids: &[TicketId]) -> anyhow::Result<Vec<Saved>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        named(&mut *self.reader.acquire().await?, ids).await
    }

    /// How many there are of each kind; kinds without a ticket are left out.
    pub async fn counts_by_state_priority(&self) -> anyhow::Result<BTreeMap<(State, Priority), u64>> {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "select state, priority, count(*)
            from tickets
            group by priority, state
            order by priority, state",
        )
        .fetch_all(&self.reader)
        .await?;
        let counts = rows
            .into_iter()
            .map(|(state, priority, count)| Ok(((word(&state)?, word(&priority)?), u64::try_from(count)?)));
        counts.collect()
    }
}

#[derive(FromRow)]
struct TicketRow {
    id: i64,
    version: i64,
    wake_at: Option<i64>,
    residency: Option<String>,
    body: String,
}

impl TicketRow {
    fn read(self) -> anyhow::Result<Saved> {
        let ticket = read_body(self.version, &self.body).with_context(|| format!("ticket {}", self.id))?;
        let residency = self.residency.as_deref().map(Residency::new);
        Ok(Saved { ticket, wake_at: instant_if(self.wake_at)?, residency })
    }
}

/// Those that need somebody, by number.
pub(super) async fn live(connection: &mut SqliteConnection) -> anyhow::Result<Vec<Saved>> {
    let rows: Vec<TicketRow> = sqlx::query_as(
        "select id, version, wake_at, residency, body
        from tickets
        where state in ('waiting', 'held', 'pending')
        order by id",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TicketRow::read).collect()
}

/// Those of them that exist, by number.
pub(super) async fn named(connection: &mut SqliteConnection, ids: &[TicketId]) -> anyhow::Result<Vec<Saved>> {
    let rows: Vec<TicketRow> = sqlx::query_as(
        "select id, version, wake_at, residency, body
        from tickets
        where id in (select value from json_each($1))
        order by id",
    )
    .bind(to_json(ids)?)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TicketRow::read).collect()
}

/// Those that a later batch has changed, by number.
pub(super) async fn changed_since(
    connection: &mut SqliteConnection,
    batch: i64,
) -> anyhow::Result<Vec<Saved>> {
    let rows: Vec<TicketRow> = sqlx::query_as(
        "select id, version, wake_at, residency, body
        from tickets
        where changed_batch > $1
        order by id",
    )
    .bind(batch)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TicketRow::read).collect()
}

pub(super) async fn save(
    connection: &mut SqliteConnection,
    tickets: &[Saved],
    batch: i64,
) -> anyhow::Result<()> {
    // A dedup key may pass from one ticket to another within a batch; the one that gives it up goes first.
    let mut rows: Vec<Columns> = tickets.iter().map(Columns::of).collect::<anyhow::Result<_>>()?;
    rows.sort_by_key(|row| (row.live, row.id));
    sqlx::query(
        "insert into tickets (
            id, state, priority, opened_at, holder_person, holder_team, offer_team,
            dedup_key, external_ref, residency, wake_at, changed_batch, version, body
        )
        select
            value ->> 'id', value ->> 'state', value ->> 'priority', value ->> 'opened_at',
            value ->> 'holder_person', value ->> 'holder_team', value ->> 'offer_team',
            value ->> 'dedup_key', value ->> 'external_ref', value ->> 'residency', value ->> 'wake_at',
            $2, $3, value ->> 'body'
        from json_each($1)
        where true
        order by key
        on conflict (id) do update set
            state = excluded.state,
            priority = excluded.priority,
            opened_at = excluded.opened_at,
            holder_person = excluded.holder_person,
            holder_team = excluded.holder_team,
            offer_team = excluded.offer_team,
            dedup_key = excluded.dedup_key,
            external_ref = excluded.external_ref,
            residency = excluded.residency,
            wake_at = excluded.wake_at,
            changed_batch = excluded.changed_batch,
            version = excluded.version,
            body = excluded.body",
    )
    .bind(to_json(&rows)?)
    .bind(batch)
    .bind(BODY_VERSION)
    .execute(connection)
    .await
    .context("could not save tickets")?;
    Ok(())
}

#[derive(Serialize)]
struct Columns<'a> {
    id: TicketId,
    state: State,
    priority: Priority,
    opened_at: i64,
    holder_person: Option<&'a PersonId>,
    holder_team: Option<&'a TeamId>,
    offer_team: Option<&'a TeamId>,
    dedup_key: Option<&'a str>,
    external_ref: Option<&'a str>,
    residency: Option<&'a Residency>,
    wake_at: Option<i64>,
    body: String,
    #[serde(skip)]
    live: bool,
}

impl Columns<'_> {
    fn of(saved: &Saved) -> anyhow::Result<Columns<'_>> {
        let ticket = &saved.ticket;
        Ok(Columns {
            id: ticket.id,
            state: ticket.state,
            priority: ticket.priority,
            opened_at: ticket.opened_at.timestamp_millis(),
            holder_person: ticket.holder.person(),
            holder_team: ticket.holder.team(),
            offer_team: ticket.offer.as_ref().map(|offer| &offer.team),
            dedup_key: ticket.facts.dedup_key.as_deref(),
            external_ref: ticket.facts.external_ref.as_deref(),
            residency: saved.residency.as_ref(),
            wake_at: saved.wake_at.as_ref().map(DateTime::<Utc>::timestamp_millis),
            body: to_json(ticket)?,
            live: ticket.live(),
        })
    }
}
