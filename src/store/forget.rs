//! A customer is forgotten, step by step: what has been begun goes on after a restart, and ends with nothing that leads
//! back. Also finds what is kept of a customer.

use std::collections::BTreeSet;

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow};

use super::columns::{from_json, instant, to_json};
use super::erase::{self, ErasedRows, Place};
use super::histories::{first_batch_at, histories};
use super::named_files::take_out_of_revisions;
use super::{FaceBatch, Footprint, Store, trail};
use crate::desk::{Erasure, Forgotten, TicketId};
use crate::schedule::Customer;

/// A customer who is being forgotten.
#[derive(Clone, Debug, PartialEq)]
pub struct Forgetting {
    pub customer: String,
    pub pseudonym: String,
    /// When it was asked for last: tickets that were opened later are not meant.
    pub at: DateTime<Utc>,
    /// What the files said when it was begun.
    pub known: Option<Customer>,
    place: Place,
}

/// What one step came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    pub erased: ErasedRows,
    /// Every ticket there is has been looked at.
    pub looked_at_all: bool,
    /// It is not to go on: it was asked for again, was called off, or another node has finished it.
    pub is_ended: bool,
}

/// A customer who is being forgotten, and what that waits for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ToBeForgotten {
    pub customer: String,
    /// When it was asked for last.
    pub asked_at: DateTime<Utc>,
    /// Tickets that go when they are closed.
    pub open: Vec<TicketId>,
}

/// How many customers are being forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Forgettings {
    pub count: i64,
    /// When the one who waits longest was asked for.
    pub oldest: Option<DateTime<Utc>>,
}

/// What is kept of a customer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    pub done: Vec<TicketId>,
    pub live: Vec<TicketId>,
    /// The last ticket that was looked at; absent: there are no more.
    pub next: Option<TicketId>,
}

/// So many tickets are looked at in one step, and so many erased at once.
const LOOKED_AT: i64 = 500;
const AT_ONCE: usize = 50;
/// Stands for the customer in the trail.
const FORGOTTEN: &str = "(forgotten)";

#[derive(Clone, Copy)]
enum Order {
    Number,
    LastChange,
}

#[derive(FromRow)]
struct Looked {
    id: i64,
    changed_batch: i64,
    live: i64,
    named: i64,
}

impl Forgetting {
    /// `also`: what stands for the name where it was erased because of its age.
    pub fn forgotten(&self, also: String) -> Forgotten {
        let names = BTreeSet::from([self.customer.clone(), also]);
        Forgotten { names, pseudonym: self.pseudonym.clone(), until: self.at, known: self.known.clone() }
    }

    /// By which files name the customer.
    fn names(&self) -> BTreeSet<String> {
        let own = self.known.iter().map(|known| known.name.clone()).filter(|name| !name.is_empty());
        own.chain([self.customer.clone()]).collect()
    }
}

impl Store {
    /// By customer.
    pub async fn forgettings(&self) -> anyhow::Result<Vec<Forgetting>> {
        forgettings(&mut *self.reader.acquire().await?, None).await
    }

    /// How many there are, for monitoring.
    pub async fn count_forgettings(&self) -> anyhow::Result<Forgettings> {
        let row = sqlx::query_as("select count(*), min(at) from forgetting").fetch_one(&self.reader);
        let (count, oldest): (i64, Option<i64>) =
            row.await.context("could not count who is being forgotten")?;
        Ok(Forgettings { count, oldest: oldest.map(instant).transpose()? })
    }

    /// By customer.
    pub async fn to_be_forgotten(&self) -> anyhow::Result<Vec<ToBeForgotten>> {
        let mut waiting = Vec::new();
        for forgetting in self.forgettings().await? {
            // Under another name only those stand that are done.
            let open = self.live_of(&forgetting.forgotten(forgetting.customer.clone())).await?;
            waiting.push(ToBeForgotten { customer: forgetting.customer, asked_at: forgetting.at, open });
        }
        Ok(waiting)
    }

    /// Begins, and leaves a footprint. What has been begun already goes on under the pseudonym that it has, and takes in what
    /// was opened since.
    pub async fn begin_forgetting(
        &self,
        customer: &str,
        known: Option<&Customer>,
        footprint: Footprint,
    ) -> anyhow::Result<Forgetting> {
        let mut batch = self.begin().await?;
        let decided_at = batch.last().await?.decided_at;
        let at = decided_at.map_or(footprint.at, |decided_at| decided_at.max(footprint.at));
        let connection = batch.connection();
        let forgetting = match forgettings(connection, Some(customer)).await?.pop() {
            Some(begun) => {
                // Whatever was passed over as opened too late has changed since.
                let since = Place { batch: first_batch_at(connection, begun.at).await?, ticket: 0 };
                Forgetting { at, place: begun.place.min(since), ..begun }
            }
            None => Forgetting {
                customer: customer.to_owned(),
                pseudonym: pseudonym()?,
                at,
                known: known.cloned(),
                place: Place::default(),
            },
        };
        sqlx::query(
            "insert into forgetting (customer, pseudonym, at, known, batch, ticket)
            values ($1, $2, $3, $4, $5, $6)
            on conflict (customer) do update set at = excluded.at, batch = excluded.batch, ticket = excluded.ticket",
        )
        .bind(customer)
        .bind(&forgetting.pseudonym)
        .bind(at.timestamp_millis())
        .bind(forgetting.known.as_ref().map(to_json).transpose()?)
        .bind(forgetting.place.batch)
        .bind(forgetting.place.ticket)
        .execute(&mut *connection)
        .await
        .context("could not begin to forget a customer")?;
        trail::leave(connection, &[footprint.of(customer)]).await?;
        batch.commit().await?;
        // As a row has it.
        let at = instant(at.timestamp_millis())?;
        Ok(Forgetting { at, ..forgetting })
    }

    /// What was erased stays so, and nothing more is; leaves a footprint. False where nobody of that name is being forgotten.
    pub async fn call_off_forgetting(&self, customer: &str, footprint: Footprint) -> anyhow::Result<bool> {
        let mut batch = self.begin().await?;
        let connection = batch.connection();
        let called_off = sqlx::query("delete from forgetting where customer = $1")
            .bind(customer)
            .execute(&mut *connection)
            .await
            .context("forgetting a customer could not be called off")?;
        if called_off.rows_affected() == 0 {
            return Ok(false);
        }
        trail::leave(connection, &[footprint.of(customer)]).await?;
        batch.commit().await?;
        Ok(true)
    }

    /// The next tickets in the order of their last change, so that one which is done later is met later. Done again after a
    /// fault, it finds what is left.
    pub async fn forget_more(
        &self,
        forgetting: &mut Forgetting,
        erasure: &Erasure<'_>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Step> {
        let forgotten = erasure.forgotten.context("somebody is to be forgotten")?;
        let looked = self.look(forgotten, forgetting.place, Order::LastChange).await?;
        let mut step = Step { looked_at_all: (looked.len() as i64) < LOOKED_AT, ..Step::default() };
        let Some(last) = looked.last() else { return Ok(step) };
        let place = Place { batch: last.changed_batch, ticket: last.id };
        let named = looked.iter().filter(|row| row.named == 1 && row.live == 0).map(|row| TicketId(row.id));
        let named = self.truly_of(forgotten, named.collect()).await?;
        for some in named.chunks(AT_ONCE) {
            let mut batch = self.begin().await?;
            if !goes_on(batch.connection(), forgetting).await? {
                return Ok(Step { is_ended: true, ..step });
            }
            let erased = erase::erase(&mut batch, some, erasure, now).await?;
            if erased.tickets > 0 {
                batch.commit().await?;
            }
            step.erased.add(erased);
        }
        let moved = sqlx::query(
            "update forgetting set batch = $4, ticket = $5 where customer = $1 and pseudonym = $2 and at = $3",
        )
        .bind(&forgetting.customer)
        .bind(&forgetting.pseudonym)
        .bind(forgetting.at.timestamp_millis())
        .bind(place.batch)
        .bind(place.ticket)
        .execute(self.writing()?)
        .await
        .context("could not write down how far it has got")?;
        step.is_ended = moved.rows_affected() == 0;
        forgetting.place = place;
        Ok(step)
    }

    /// Live tickets of the customer, by number.
    pub async fn live_of(&self, forgotten: &Forgotten) -> anyhow::Result<Vec<TicketId>> {
        let (one, other) = needles(forgotten)?;
        let ids: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(format!(
            "select id
            from tickets
            where state in ('waiting', 'held', 'pending') and opened_at <= $3 and {NAMED}
            order by id"
        )))
        .bind(one)
        .bind(other)
        .bind(forgotten.until.timestamp_millis())
        .fetch_all(&self.reader)
        .await
        .context("could not look for open tickets")?;
        self.truly_of(forgotten, ids.into_iter().map(TicketId).collect()).await
    }

    /// A page of what is kept of the customer, beyond ticket `after`. No lock is held.
    pub async fn kept_of(&self, forgotten: &Forgotten, after: TicketId) -> anyhow::Result<Kept> {
        let place = Place { batch: 0, ticket: after.0 };
        let looked = self.look(forgotten, place, Order::Number).await?;
        let next = looked.last().filter(|_| looked.len() as i64 == LOOKED_AT).map(|last| TicketId(last.id));
        let live: BTreeSet<i64> = looked.iter().filter(|row| row.live == 1).map(|row| row.id).collect();
        let named = looked.iter().filter(|row| row.named == 1).map(|row| TicketId(row.id));
        let named = self.truly_of(forgotten, named.collect()).await?;
        let (live, done) = named.into_iter().partition(|id| live.contains(&id.0));
        Ok(Kept { done, live, next })
    }

    /// Whatever is left beside the tickets: earlier revisions of the files, the trail, and that somebody was forgotten. Gives
    /// how many revisions lost a file. Where it is not to go on, nothing is changed.
    pub async fn end_forgetting(&self, forgetting: &Forgetting, footprint: Footprint) -> anyhow::Result<u64> {
        let mut batch = self.begin().await?;
        let connection = batch.connection();
        if !goes_on(connection, forgetting).await? {
            return Ok(0);
        }
        let revisions = take_out_of_revisions(connection, &forgetting.names()).await?;
        // Not even under the pseudonym: whoever knows when it was done knows who it was.
        sqlx::query("update trail set customer = $2 where customer = $1")
            .bind(&forgetting.customer)
            .bind(FORGOTTEN)
            .execute(&mut *connection)
            .await
            .context("the trail could not be changed")?;
        trail::leave(connection, &[footprint.of(FORGOTTEN)]).await?;
        sqlx::query("delete from forgetting where customer = $1")
            .bind(&forgetting.customer)
            .execute(connection)
            .await
            .context("who was forgotten could not be let go of")?;
        batch.commit().await?;
        // Where somebody reads just now, with the next pass.
        self.begin_log_anew().await?;
        Ok(revisions)
    }

    async fn look(&self, forgotten: &Forgotten, after: Place, order: Order) -> anyhow::Result<Vec<Looked>> {
        let (one, other) = needles(forgotten)?;
        let page = match order {
            Order::Number => "where id > $2 and changed_batch >= $1 order by id",
            Order::LastChange => {
                "where changed_batch > $1 or (changed_batch = $1 and id > $2) order by changed_batch, id"
            }
        };
        let text = format!(
            "select id, changed_batch,
                cast(case when state in ('waiting', 'held', 'pending') then 1 else 0 end as bigint) as live,
                cast(case when {} then 1 else 0 end as bigint) as named
            from (select id, changed_batch, state, opened_at from tickets {page} limit $3) as tickets",
            format_args!("opened_at <= $6 and {}", NAMED.replace("$1", "$4").replace("$2", "$5"))
        );
        // Only our own words are in the text.
        let looked = sqlx::query_as(AssertSqlSafe(text))
            .bind(after.batch)
            .bind(after.ticket)
            .bind(LOOKED_AT)
            .bind(one)
            .bind(other)
            .bind(forgotten.until.timestamp_millis())
            .fetch_all(&self.reader)
            .await;
        let mut looked: Vec<Looked> = looked.context("could not look for a customer's tickets")?;
        // A statement around another promises no order.
        match order {
            Order::Number => looked.sort_by_key(|row| row.id),
            Order::LastChange => looked.sort_by_key(|row| (row.changed_batch, row.id)),
        }
        Ok(looked)
    }

    /// Those of which it is no mere mention, by number.
    async fn truly_of(&self, forgotten: &Forgotten, mut ids: Vec<TicketId>) -> anyhow::Result<Vec<TicketId>> {
        ids.sort();
        let mut found = Vec::new();
        for some in ids.chunks(AT_ONCE) {
            let histories = histories(&mut *self.reader.acquire().await?, some).await?;
            // What cannot be read may be the customer's: whoever erases it says that it could not be.
            let of_them = histories
                .into_iter()
                .filter(|(_, history)| history.as_ref().map_or(true, |events| forgotten.is_of(events)));
            found.extend(of_them.map(|(id, _)| id));
        }
        Ok(found)
    }
}

/// All of them, or one customer's.
async fn forgettings(
    connection: &mut AnyConnection,
    customer: Option<&str>,
) -> anyhow::Result<Vec<Forgetting>> {
    type Row = (String, String, i64, Option<String>, i64, i64);
    let rows: Vec<Row> = sqlx::query_as(
        "select customer, pseudonym, at, known, batch, ticket
        from forgetting
        where $1 = '' or customer = $1
        order by customer",
    )
    .bind(customer.unwrap_or(""))
    .fetch_all(connection)
    .await
    .context("could not read who is being forgotten")?;
    let read = |(customer, pseudonym, at, known, batch, ticket): Row| {
        let known = known.map(|known| from_json(&known)).transpose()?;
        Ok(Forgetting { customer, pseudonym, at: instant(at)?, known, place: Place { batch, ticket } })
    };
    rows.into_iter().map(read).collect()
}

/// Whether it is still to be done, and as it was asked for then.
async fn goes_on(connection: &mut AnyConnection, forgetting: &Forgetting) -> anyhow::Result<bool> {
    let found: Option<i64> =
        sqlx::query_scalar("select at from forgetting where customer = $1 and pseudonym = $2 and at = $3")
            .bind(&forgetting.customer)
            .bind(&forgetting.pseudonym)
            .bind(forgetting.at.timestamp_millis())
            .fetch_optional(connection)
            .await
            .context("could not read who is being forgotten")?;
    Ok(found.is_some())
}

/// At random: nothing leads back from it.
fn pseudonym() -> anyhow::Result<String> {
    let mut random = [0; 8];
    getrandom::fill(&mut random)
        .map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
    Ok(format!("forgotten-{:016x}", u64::from_be_bytes(random)))
}

/// An event has one of the two in it.
const NAMED: &str = "exists (
    select 1
    from events
    where events.ticket = tickets.id and (what like $1 escape '\\' or what like $2 escape '\\')
)";

/// The names as they stand in events, and as `like` takes them.
fn needles(forgotten: &Forgotten) -> anyhow::Result<(String, String)> {
    let mut needles = Vec::with_capacity(2);
    for name in &forgotten.names {
        let escaped = to_json(name)?.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        needles.push(format!("%{escaped}%"));
    }
    let first = needles.first().cloned().context("who is forgotten has a name")?;
    let last = needles.pop().unwrap_or_else(|| first.clone());
    Ok((first, last))
}
