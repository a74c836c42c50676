//! Tickets as they are now.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::any::AnyArguments;
use sqlx::{AnyConnection, Arguments, AssertSqlSafe, FromRow};
use tracing::error;

use super::columns::{BODY_VERSION, instant, instant_if, read_body, to_json, word};
use super::{Store, events};
use crate::desk::{Saved, State, Ticket, TicketId};
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
        let Some(row) = row else { return Ok(None) };
        match row.read() {
            Ok(saved) => Ok(Some(saved)),
            Err(error) => Ok(Some(row.made_again(&mut *self.reader.acquire().await?, error).await?)),
        }
    }

    /// By number.
    pub async fn tickets(&self, filter: &TicketFilter) -> anyhow::Result<Vec<Saved>> {
        let mut text = String::from(
            "select id, version, wake_at, residency, body
            from tickets
            where id > $1",
        );
        let mut arguments = AnyArguments::default();
        arguments.add(filter.after.map_or(0, |after| after.0)).map_err(sqlx::Error::Encode)?;
        // `#` stands for the value.
        let mut and = |condition: &str, value: String| {
            arguments.add(value).map_err(sqlx::Error::Encode)?;
            text += "\n and ";
            text += &condition.replace('#', &format!("${}", arguments.len()));
            anyhow::Ok(())
        };
        if let Some(state) = filter.state {
            and("state = #", state.as_str().to_owned())?;
        }
        if let Some(team) = &filter.team {
            and("(holder_team = # or offer_team = #)", team.to_string())?;
        }
        if let Some(holder) = &filter.holder {
            and("holder_person = #", holder.to_string())?;
        }
        if let Some(priority) = filter.priority {
            and("priority = #", priority.to_string())?;
        }
        if let Some(external_ref) = &filter.external_ref {
            and("external_ref = #", external_ref.clone())?;
        }
        if let Some(residencies) = &filter.residencies {
            let among = "(residency is null or residency in (select atom from json_each(#)))";
            and(among, to_json(residencies)?)?;
        }
        text += &format!("\n order by id limit {}", filter.limit);
        // Only our own words are in the text.
        let query = sqlx::query_as_with(AssertSqlSafe(text), arguments);
        let rows: Vec<TicketRow> = query.fetch_all(&self.reader).await?;
        Ok(read_all(&mut *self.reader.acquire().await?, rows).await?.saved)
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

#[derive(Clone, FromRow)]
pub(super) struct TicketRow {
    pub id: i64,
    version: i64,
    wake_at: Option<i64>,
    residency: Option<String>,
    body: String,
}

impl TicketRow {
    pub fn read(&self) -> anyhow::Result<Saved> {
        let ticket = read_body(self.version, &self.body).with_context(|| format!("ticket {}", self.id))?;
        self.saved(ticket)
    }

    fn saved(&self, ticket: Ticket) -> anyhow::Result<Saved> {
        let residency = self.residency.as_deref().map(Residency::new);
        let wake_at = if ticket.live() { instant_if(self.wake_at)? } else { ticket.closes_at };
        Ok(Saved { ticket, wake_at, residency })
    }

    /// What its history says, where the body cannot be read. It is written with the ticket's next change.
    async fn made_again(
        &self,
        connection: &mut AnyConnection,
        error: anyhow::Error,
    ) -> anyhow::Result<Saved> {
        // Of what a newer release wrote, only that release knows the events.
        if self.version > BODY_VERSION {
            return Err(error);
        }
        let history = events::history(connection, TicketId(self.id)).await?;
        let whole = (1..).zip(&history).all(|(seq, event)| event.seq == seq);
        let Some(ticket) = Ticket::replay(&history).filter(|_| whole) else { return Err(error) };
        error!(
            ticket.id = self.id,
            error = format!("{error:#}"),
            "the row of ticket {} is damaged: its history says what it was",
            self.id
        );
        self.saved(ticket)
    }
}

/// Rows, as far as they can be read.
#[derive(Default)]
pub(super) struct Read {
    pub saved: Vec<Saved>,
    /// Those whose body could not be; where the history could, they are among `saved` all the same.
    pub damaged: Vec<TicketId>,
}

/// One damaged row does not keep the others from being read.
async fn read_all(connection: &mut AnyConnection, rows: Vec<TicketRow>) -> anyhow::Result<Read> {
    let mut read = Read { saved: Vec::with_capacity(rows.len()), damaged: Vec::new() };
    for row in rows {
        let error = match row.read() {
            Ok(saved) => {
                read.saved.push(saved);
                continue;
            }
            Err(error) if row.version > BODY_VERSION => return Err(error),
            Err(error) => error,
        };
        read.damaged.push(TicketId(row.id));
        match row.made_again(connection, error).await {
            Ok(saved) => read.saved.push(saved),
            Err(error) => error!(
                ticket.id = row.id,
                error = format!("{error:#}"),
                "ticket {} is left out: its row is damaged, and so is its history; restore a backup",
                row.id
            ),
        }
    }
    Ok(read)
}

/// Those that need somebody, by number.
pub(super) async fn live(connection: &mut AnyConnection) -> anyhow::Result<Read> {
    let rows: Vec<TicketRow> = sqlx::query_as(
        "select id, version, wake_at, residency, body
        from tickets
        where state in ('waiting', 'held', 'pending')
        order by id",
    )
    .fetch_all(&mut *connection)
    .await?;
    read_all(connection, rows).await
}

/// Resolved tickets that close by themselves, and when, by number.
pub(super) async fn closings(
    connection: &mut AnyConnection,
) -> anyhow::Result<Vec<(TicketId, DateTime<Utc>)>> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "select id, closes_at
        from tickets
        where state = 'resolved' and closes_at is not null
        order by id",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|(id, at)| Ok((TicketId(id), instant(at)?))).collect()
}

/// Those of them that exist, by number.
pub(super) async fn named(connection: &mut AnyConnection, ids: &[TicketId]) -> anyhow::Result<Vec<Saved>> {
    let rows: Vec<TicketRow> = sqlx::query_as(
        "select id, version, wake_at, residency, body
        from tickets
        where id in (select cast(atom as bigint) from json_each($1))
        order by id",
    )
    .bind(to_json(ids)?)
    .fetch_all(&mut *connection)
    .await?;
    Ok(read_all(connection, rows).await?.saved)
}

/// Those that a later batch has changed, by number.
pub(super) async fn changed_since(connection: &mut AnyConnection, batch: i64) -> anyhow::Result<Vec<Saved>> {
    let rows: Vec<TicketRow> = sqlx::query_as(
        "select id, version, wake_at, residency, body
        from tickets
        where changed_batch > $1
        order by id",
    )
    .bind(batch)
    .fetch_all(&mut *connection)
    .await?;
    Ok(read_all(connection, rows).await?.saved)
}

pub(super) async fn save(
    connection: &mut AnyConnection,
    tickets: &[Saved],
    batch: i64,
) -> anyhow::Result<()> {
    // A dedup key may pass from one ticket to another within a batch; the one that gives it up goes first.
    let mut rows: Vec<Columns> = tickets.iter().map(Columns::of).collect::<anyhow::Result<_>>()?;
    rows.sort_by_key(|row| (row.live, row.id));
    sqlx::query(
        "insert into tickets (
            id, state, priority, opened_at, holder_person, holder_team, offer_team,
            dedup_key, external_ref, residency, wake_at, closes_at, changed_batch, version, body
        )
        select
            cast(value ->> 'id' as bigint), value ->> 'state', value ->> 'priority',
            cast(value ->> 'opened_at' as bigint),
            value ->> 'holder_person', value ->> 'holder_team', value ->> 'offer_team',
            value ->> 'dedup_key', value ->> 'external_ref', value ->> 'residency',
            cast(value ->> 'wake_at' as bigint), cast(value ->> 'closes_at' as bigint), $2, $3,
            value ->> 'body'
        from json_each($1)
        where true
        order by cast(key as bigint)
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
            closes_at = excluded.closes_at,
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
pub(super) struct Columns<'a> {
    pub id: TicketId,
    pub state: State,
    pub priority: Priority,
    pub opened_at: i64,
    pub holder_person: Option<&'a PersonId>,
    pub holder_team: Option<&'a TeamId>,
    pub offer_team: Option<&'a TeamId>,
    pub dedup_key: Option<&'a str>,
    pub external_ref: Option<&'a str>,
    residency: Option<&'a Residency>,
    wake_at: Option<i64>,
    closes_at: Option<i64>,
    body: String,
    #[serde(skip)]
    live: bool,
}

impl Columns<'_> {
    pub fn of(saved: &Saved) -> anyhow::Result<Columns<'_>> {
        let ticket = &saved.ticket;
        // What is resolved has a column of its own; nothing else that is done wakes up, and the database says so.
        let wakes = saved.wake_at.filter(|at| ticket.live() || ticket.closes_at != Some(*at));
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
            wake_at: wakes.as_ref().map(DateTime::<Utc>::timestamp_millis),
            closes_at: ticket.closes_at.as_ref().map(DateTime::<Utc>::timestamp_millis),
            body: to_json(ticket)?,
            live: ticket.live(),
        })
    }
}
