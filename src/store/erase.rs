//! What is personal goes, and figures stay: under the write lock, a few tickets at a time, and each of them whole.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};
use tracing::error;

use super::columns::{from_json, instant, read_body, to_json};
use super::histories::histories;
use super::tickets::TicketRow;
use super::{Batch, FaceBatch, Last, Store, desk_rows, events, handoffs, tickets};
use crate::desk::{self, Erased, Erasure, Event, Handoff, HandoffId, Notice, Saved, TicketId, What};

/// What was erased, and what could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ErasedRows {
    pub tickets: u64,
    pub events: u64,
    pub notices: u64,
    pub handoffs: u64,
    /// Tickets whose history cannot be read, or cannot be true: nothing of them is changed; the log says why.
    pub left: BTreeSet<TicketId>,
}

impl ErasedRows {
    pub fn add(&mut self, other: ErasedRows) {
        self.tickets += other.tickets;
        self.events += other.events;
        self.notices += other.notices;
        self.handoffs += other.handoffs;
        self.left.extend(other.left);
    }
}

/// A ticket that is done and of which everything is kept.
#[derive(Clone, Debug)]
pub struct Whole {
    pub saved: Saved,
    /// When something happened to it last.
    pub stirred_at: DateTime<Utc>,
    pub place: Place,
}

/// Tickets in the order of their last change: the number of the batch, and the ticket's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub batch: i64,
    pub ticket: i64,
}

impl Store {
    /// Done tickets beyond `after` of which nothing was erased, in the order of their last change. No lock is held.
    pub async fn whole_tickets(&self, after: Place, limit: u32) -> anyhow::Result<Vec<Whole>> {
        #[derive(FromRow)]
        struct Row {
            #[sqlx(flatten)]
            ticket: TicketRow,
            changed_batch: i64,
            stirred_at: Option<i64>,
        }
        let rows: Vec<Row> = sqlx::query_as(
            "select id, version, wake_at, residency, body, changed_batch,
                (select at from events where ticket = tickets.id order by seq desc limit 1) as stirred_at
            from tickets
            where erased_at is null and state in ('resolved', 'closed')
                and (changed_batch > $1 or (changed_batch = $1 and id > $2))
            order by changed_batch, id
            limit $3",
        )
        .bind(after.batch)
        .bind(after.ticket)
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await
        .context("could not look for tickets to erase")?;
        let mut found = Vec::with_capacity(rows.len());
        for Row { ticket, changed_batch, stirred_at } in rows {
            let (Some(at), Ok(saved)) = (stirred_at, ticket.read()) else { continue };
            let place = Place { batch: changed_batch, ticket: ticket.id };
            found.push(Whole { saved, stirred_at: instant(at)?, place });
        }
        Ok(found)
    }

    /// Erases those of the tickets that are done. The ticket and all events, notices and briefings of it at once, or nothing.
    pub async fn erase(
        &self,
        ids: &[TicketId],
        erasure: &Erasure<'_>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<ErasedRows> {
        let mut batch = self.begin().await?;
        let erased = erase(&mut batch, ids, erasure, now).await?;
        if erased.tickets > 0 {
            batch.commit().await?;
        }
        Ok(erased)
    }

    /// What [`Store::erase`] would come to. Nothing is changed, and no lock is held.
    pub async fn would_erase(
        &self,
        ids: &[TicketId],
        erasure: &Erasure<'_>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<ErasedRows> {
        let plan = Plan::of(&mut *self.reader.acquire().await?, ids, erasure, now).await?;
        Ok(plan.rows())
    }

    /// Answers to an Idempotency-Key that show a ticket which has been erased since; how many there were.
    pub async fn erase_remembered(&self) -> anyhow::Result<u64> {
        let (mut after, mut gone) = (String::new(), 0);
        loop {
            let rows: Vec<(String, String)> = sqlx::query_as(
                "select key, answer
                from remembered
                where key > $1
                order by key
                limit 200",
            )
            .bind(&after)
            .fetch_all(&self.reader)
            .await?;
            let Some((last, _)) = rows.last() else { return Ok(gone) };
            after = last.clone();
            let shown = |answer: &str| from_json::<serde_json::Value>(answer).ok()?["ticket"]["id"].as_i64();
            let shown: Vec<(String, i64)> =
                rows.into_iter().filter_map(|(key, answer)| Some((key, shown(&answer)?))).collect();
            let ids: Vec<i64> = shown.iter().map(|(_, ticket)| *ticket).collect();
            let erased: Vec<i64> = sqlx::query_scalar(
                "select id
                from tickets
                where erased_at is not null and id in (select cast(atom as bigint) from json_each($1))",
            )
            .bind(to_json(&ids)?)
            .fetch_all(&self.reader)
            .await?;
            let keys: Vec<&String> =
                shown.iter().filter(|(_, ticket)| erased.contains(ticket)).map(|(key, _)| key).collect();
            if !keys.is_empty() {
                let delete = "delete from remembered where key in (select atom from json_each($1))";
                gone +=
                    sqlx::query(delete).bind(to_json(&keys)?).execute(self.writing()?).await?.rows_affected();
            }
        }
    }
}

pub(super) async fn erase(
    batch: &mut Batch,
    ids: &[TicketId],
    erasure: &Erasure<'_>,
    now: DateTime<Utc>,
) -> anyhow::Result<ErasedRows> {
    let last = batch.last().await?;
    let now = last.decided_at.map_or(now, |decided_at| decided_at.max(now));
    let connection = batch.connection();
    let plan = Plan::of(connection, ids, erasure, now).await?;
    if !plan.emptied.is_empty() {
        let number = last.batch + 1;
        save(connection, &plan.emptied, number).await?;
        plan.notices.save(connection, now).await?;
        if !plan.handoffs.is_empty() {
            handoffs::save(connection, &plan.handoffs, number).await?;
        }
        desk_rows::save_last(connection, &Last { batch: number, decided_at: Some(now), ..last }).await?;
    }
    Ok(plan.rows())
}

/// What is to be written, of those of the tickets that are done and not erased yet.
struct Plan {
    emptied: Vec<Emptied>,
    notices: Notices,
    /// Those whose briefings lose words.
    handoffs: Vec<Handoff>,
    left: BTreeSet<TicketId>,
}

impl Plan {
    async fn of(
        connection: &mut AnyConnection,
        ids: &[TicketId],
        erasure: &Erasure<'_>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Plan> {
        let done = tickets::named(connection, ids).await?.into_iter().filter(|saved| !saved.ticket.live());
        let mut done: BTreeMap<TicketId, Saved> = done.map(|saved| (saved.ticket.id, saved)).collect();
        let (mut emptied, mut left) = (Vec::with_capacity(done.len()), BTreeSet::new());
        for (id, history) in histories(connection, &done.keys().copied().collect::<Vec<_>>()).await? {
            let Some(saved) = done.remove(&id) else { continue };
            // Another node may have been faster.
            let is_erased = match (erasure.forgotten, &history) {
                (Some(forgotten), Ok(history)) => !forgotten.is_of(history),
                (None, _) => saved.ticket.erased_at.is_some(),
                (Some(_), Err(_)) => false,
            };
            if is_erased {
                continue;
            }
            match history.and_then(|before| Emptied::of(saved, &before, erasure, now)) {
                Ok(one) => emptied.push(one),
                Err(error) => {
                    let error = format!("{error:#}");
                    error!(ticket.id = id.0, error, "ticket {id} cannot be erased: its history is damaged");
                    left.insert(id);
                }
            }
        }
        // Of these no event is there at all.
        left.extend(done.into_keys());
        let ids: BTreeSet<TicketId> = emptied.iter().map(|emptied| emptied.saved.ticket.id).collect();
        let notices = Notices::of(connection, &ids).await?;
        let handoffs = briefings(connection, &emptied, &ids).await?;
        Ok(Plan { emptied, notices, handoffs, left })
    }

    fn rows(self) -> ErasedRows {
        ErasedRows {
            tickets: self.emptied.len() as u64,
            events: self.emptied.iter().map(|emptied| emptied.changed.len() as u64).sum(),
            notices: self.notices.worded,
            handoffs: self.handoffs.len() as u64,
            left: self.left,
        }
    }
}

/// A ticket without its words, and what has to be written for it.
struct Emptied {
    saved: Saved,
    /// Events that have lost words.
    changed: Vec<Event>,
    /// The event that says so.
    said: Event,
    stirred_at: DateTime<Utc>,
    handoffs: BTreeSet<HandoffId>,
}

impl Emptied {
    fn of(
        saved: Saved,
        before: &[Event],
        erasure: &Erasure<'_>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Emptied> {
        let Erased { ticket, mut history } = desk::erase(before, erasure, now).map_err(|flaws| {
            let flaws: Vec<String> = flaws.iter().map(ToString::to_string).collect();
            anyhow!("{}", flaws.join("; "))
        })?;
        let said = history.pop().context("an erased history says so at its end")?;
        let stirred = before.iter().rev().find(|event| !matches!(event.what, What::Erased { .. }));
        let offered = before.iter().filter_map(|event| match &event.what {
            What::Offered { offer, .. } => offer.handoff,
            _ => None,
        });
        let changed = history.into_iter().zip(before).filter(|(event, before)| event != *before);
        Ok(Emptied {
            saved: Saved { wake_at: ticket.closes_at, ticket, ..saved },
            changed: changed.map(|(event, _)| event).collect(),
            stirred_at: stirred.unwrap_or(&said).at,
            said,
            handoffs: offered.collect(),
        })
    }
}

#[derive(Serialize)]
struct Marked {
    id: TicketId,
    erased_at: i64,
    stirred_at: i64,
}

#[derive(Serialize)]
struct Worded {
    ticket: TicketId,
    seq: u32,
    what: String,
}

/// The database lets events of marked tickets lose their words, and no others.
async fn save(connection: &mut AnyConnection, erased: &[Emptied], batch: i64) -> anyhow::Result<()> {
    let now: Vec<Saved> = erased.iter().map(|emptied| emptied.saved.clone()).collect();
    let said: Vec<Event> = erased.iter().map(|emptied| emptied.said.clone()).collect();
    let mark = |emptied: &Emptied| Marked {
        id: emptied.saved.ticket.id,
        erased_at: emptied.said.at.timestamp_millis(),
        stirred_at: emptied.stirred_at.timestamp_millis(),
    };
    let marked: Vec<Marked> = erased.iter().map(mark).collect();
    let changed = erased.iter().flat_map(|emptied| &emptied.changed);
    let worded =
        changed.map(|event| Ok(Worded { ticket: event.ticket, seq: event.seq, what: to_json(&event.what)? }));
    let worded: Vec<Worded> = worded.collect::<anyhow::Result<_>>()?;
    tickets::save(connection, &now, batch).await?;
    sqlx::query(
        "update tickets
        set erased_at = coalesce(erased_at, cast(marked.value ->> 'erased_at' as bigint)),
            stirred_at = cast(marked.value ->> 'stirred_at' as bigint)
        from json_each($1) as marked
        where tickets.id = cast(marked.value ->> 'id' as bigint)",
    )
    .bind(to_json(&marked)?)
    .execute(&mut *connection)
    .await
    .context("could not mark tickets as erased")?;
    sqlx::query(
        "update events
        set what = worded.value ->> 'what'
        from json_each($1) as worded
        where events.ticket = cast(worded.value ->> 'ticket' as bigint)
            and events.seq = cast(worded.value ->> 'seq' as bigint)",
    )
    .bind(to_json(&worded)?)
    .execute(&mut *connection)
    .await
    .context("could not erase events")?;
    events::save(connection, &said, batch).await
}

#[derive(FromRow)]
struct NoticeBody {
    id: String,
    version: i64,
    body: String,
}

#[derive(Serialize)]
struct Rewritten {
    id: String,
    body: String,
}

/// Messages about tickets that are erased, without their words.
#[derive(Default)]
struct Notices {
    rewritten: Vec<Rewritten>,
    /// These go whole.
    unreadable: Vec<String>,
    /// How many of all of them had words to lose.
    worded: u64,
}

impl Notices {
    async fn of(connection: &mut AnyConnection, tickets: &BTreeSet<TicketId>) -> anyhow::Result<Notices> {
        let rows: Vec<NoticeBody> = sqlx::query_as(
            "select id, version, body
            from outbox
            where ticket in (select cast(atom as bigint) from json_each($1))
            order by id",
        )
        .bind(to_json(tickets)?)
        .fetch_all(connection)
        .await
        .context("could not read notices")?;
        let mut notices = Notices::default();
        for NoticeBody { id, version, body } in rows {
            match read_body::<Notice>(version, &body) {
                Ok(before) => {
                    let mut notice = before.clone();
                    notice.erase();
                    notices.worded += u64::from(notice != before);
                    notices.rewritten.push(Rewritten { id, body: to_json(&notice)? });
                }
                Err(error) => {
                    let error = format!("{error:#}");
                    error!(notice.id = id, error, "notice {id} cannot be read, and is erased whole");
                    notices.worded += 1;
                    notices.unreadable.push(id);
                }
            }
        }
        Ok(notices)
    }

    /// Of a ticket that is done nobody needs to be told in words that are gone: what was not sent yet is not sent any more.
    async fn save(&self, connection: &mut AnyConnection, now: DateTime<Utc>) -> anyhow::Result<()> {
        let delete = "delete from outbox where id in (select atom from json_each($1))";
        sqlx::query(delete).bind(to_json(&self.unreadable)?).execute(&mut *connection).await?;
        sqlx::query(
            "update outbox
            set body = rewritten.value ->> 'body',
                failed_at = case when sent_at is null then coalesce(failed_at, $2) end,
                last_error = case
                    when sent_at is null and failed_at is null then 'overtaken: what it said is erased'
                    when last_error like 'overtaken: %' then 'overtaken: (erased)'
                    when last_error is not null then '(erased)'
                end,
                leased_by = null, leased_until = null
            from json_each($1) as rewritten
            where outbox.id = rewritten.value ->> 'id'",
        )
        .bind(to_json(&self.rewritten)?)
        .bind(now.timestamp_millis())
        .execute(connection)
        .await
        .context("could not erase notices")?;
        Ok(())
    }
}

/// The batches that handed them over, those of them that have words to lose.
async fn briefings(
    connection: &mut AnyConnection,
    emptied: &[Emptied],
    ids: &BTreeSet<TicketId>,
) -> anyhow::Result<Vec<Handoff>> {
    let offered: BTreeSet<HandoffId> =
        emptied.iter().flat_map(|emptied| &emptied.handoffs).copied().collect();
    let mut changed = handoffs::named(connection, &offered.into_iter().collect::<Vec<_>>()).await?;
    changed.retain_mut(|handoff| {
        let before = handoff.clone();
        handoff.items.iter_mut().filter(|item| ids.contains(&item.ticket)).for_each(|item| item.erase());
        *handoff != before
    });
    Ok(changed)
}
