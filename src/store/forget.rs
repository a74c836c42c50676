//! A customer is forgotten, step by step: what has been begun goes on after a restart, and ends with nothing that leads
//! back. Also finds what is kept of a customer.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, FromRow};

use super::columns::{from_json, instant, to_json};
use super::erase::{self, ErasedRows, Place};
use super::{Batch, Dialect, Footprint, Store, trail};
use crate::desk::{Erasure, Forgotten, TicketId};
use crate::schedule::Customer;

/// A customer who is being forgotten.
#[derive(Clone, Debug, PartialEq)]
pub struct Forgetting {
    pub customer: String,
    pub pseudonym: String,
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
}

/// What is kept of a customer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    pub done: Vec<TicketId>,
    pub live: Vec<TicketId>,
    pub events: u64,
    pub notices: u64,
    /// The last ticket that was looked at; absent: there are no more.
    pub next: Option<TicketId>,
}

/// So many tickets are looked at in one step, and so many erased at once.
const LOOKED_AT: i64 = 500;
const AT_ONCE: usize = 50;
/// Stands for the customer in the trail.
const FORGOTTEN: &str = "(forgotten)";
/// Stands for the text of a file that names who is forgotten.
const GONE: &str = "# (erased)\n";

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
        Forgotten { names, pseudonym: self.pseudonym.clone(), known: self.known.clone() }
    }
}

impl Store {
    /// By customer.
    pub async fn forgettings(&self) -> anyhow::Result<Vec<Forgetting>> {
        type Row = (String, String, i64, Option<String>, i64, i64);
        let rows: Vec<Row> = sqlx::query_as(
            "select customer, pseudonym, at, known, batch, ticket
            from forgetting
            order by customer",
        )
        .fetch_all(self.writing()?)
        .await
        .context("could not read who is being forgotten")?;
        let read = |(customer, pseudonym, at, known, batch, ticket): Row| {
            let known = known.map(|known| from_json(&known)).transpose()?;
            Ok(Forgetting { customer, pseudonym, at: instant(at)?, known, place: Place { batch, ticket } })
        };
        rows.into_iter().map(read).collect()
    }

    /// Begins, and leaves a footprint; what has been begun already goes on under the pseudonym that it has.
    pub async fn begin_forgetting(
        &self,
        customer: &str,
        known: Option<&Customer>,
        footprint: Footprint,
    ) -> anyhow::Result<Forgetting> {
        let mut random = [0; 8];
        getrandom::fill(&mut random)
            .map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
        let pseudonym = format!("forgotten-{:016x}", u64::from_be_bytes(random));
        let mut batch = self.begin().await?;
        sqlx::query(
            "insert into forgetting (customer, pseudonym, at, known, batch, ticket)
            values ($1, $2, $3, $4, 0, 0)
            on conflict (customer) do nothing",
        )
        .bind(customer)
        .bind(pseudonym)
        .bind(footprint.at.timestamp_millis())
        .bind(known.map(to_json).transpose()?)
        .execute(batch.connection())
        .await
        .context("could not begin to forget a customer")?;
        trail::leave(batch.connection(), &[footprint.of(customer)]).await?;
        super::FaceBatch::commit(batch).await?;
        let begun = self.forgettings().await?.into_iter().find(|one| one.customer == customer);
        begun.context("who is to be forgotten was written down a moment ago")
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
            let ids: Vec<TicketId> = some.iter().map(|(id, _)| *id).collect();
            step.erased.add(self.erase(&ids, erasure, now).await?);
        }
        sqlx::query("update forgetting set batch = $2, ticket = $3 where customer = $1")
            .bind(&forgetting.customer)
            .bind(place.batch)
            .bind(place.ticket)
            .execute(self.writing()?)
            .await
            .context("could not write down how far it has got")?;
        forgetting.place = place;
        Ok(step)
    }

    /// Live tickets of the customer, by number.
    pub async fn live_of(&self, forgotten: &Forgotten) -> anyhow::Result<Vec<TicketId>> {
        let (one, other) = needles(forgotten)?;
        let ids: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(format!(
            "select id
            from tickets
            where state in ('waiting', 'held', 'pending') and {NAMED}
            order by id"
        )))
        .bind(one)
        .bind(other)
        .fetch_all(&self.reader)
        .await
        .context("could not look for open tickets")?;
        let of_them = self.truly_of(forgotten, ids.into_iter().map(TicketId).collect()).await?;
        Ok(of_them.into_iter().map(|(id, _)| id).collect())
    }

    /// A page of what is kept of the customer, beyond ticket `after`. No lock is held.
    pub async fn kept_of(&self, forgotten: &Forgotten, after: TicketId) -> anyhow::Result<Kept> {
        let place = Place { batch: 0, ticket: after.0 };
        let looked = self.look(forgotten, place, Order::Number).await?;
        let next = looked.last().filter(|_| looked.len() as i64 == LOOKED_AT).map(|last| TicketId(last.id));
        let live: BTreeSet<i64> = looked.iter().filter(|row| row.live == 1).map(|row| row.id).collect();
        let named = looked.iter().filter(|row| row.named == 1).map(|row| TicketId(row.id));
        let named = self.truly_of(forgotten, named.collect()).await?;
        let ids: Vec<TicketId> = named.iter().map(|(id, _)| *id).collect();
        let count =
            "select count(*) from outbox where ticket in (select cast(atom as bigint) from json_each($1))";
        let notices: i64 = sqlx::query_scalar(count).bind(to_json(&ids)?).fetch_one(&self.reader).await?;
        let events = named.iter().map(|(_, events)| events).sum();
        let (live, done) = ids.into_iter().partition(|id| live.contains(&id.0));
        Ok(Kept { done, live, events, notices: u64::try_from(notices)?, next })
    }

    /// Whatever is left beside the tickets: earlier revisions of the files, the trail, and that somebody was forgotten. Gives
    /// how many revisions lost a file.
    pub async fn end_forgetting(&self, forgetting: &Forgetting, footprint: Footprint) -> anyhow::Result<u64> {
        let mut batch = self.begin().await?;
        let revisions = take_out_of_revisions(&mut batch, forgetting).await?;
        let connection = batch.connection();
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
        super::FaceBatch::commit(batch).await?;
        if self.dialect == Dialect::Sqlite {
            // What was written over stands in the log until that is begun anew. Where somebody reads just now, it is later.
            sqlx::query("pragma wal_checkpoint(truncate)").execute(self.writing()?).await?;
        }
        Ok(revisions)
    }

    /// Paths of the files in force that name the customer.
    pub async fn named_in_files(&self, names: &BTreeSet<String>) -> anyhow::Result<Vec<String>> {
        let Some(latest) = self.latest_revision().await? else { return Ok(Vec::new()) };
        let named = latest.files.into_iter().filter(|(_, text)| is_named_in(text, names));
        Ok(named.map(|(path, _)| path).collect())
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
            from (select id, changed_batch, state from tickets {page} limit $3) as tickets",
            NAMED.replace("$1", "$4").replace("$2", "$5")
        );
        // Only our own words are in the text.
        let looked = sqlx::query_as(AssertSqlSafe(text))
            .bind(after.batch)
            .bind(after.ticket)
            .bind(LOOKED_AT)
            .bind(one)
            .bind(other)
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

    /// Those of which it is no mere mention, by number, each with how many events it has.
    async fn truly_of(
        &self,
        forgotten: &Forgotten,
        ids: Vec<TicketId>,
    ) -> anyhow::Result<Vec<(TicketId, u64)>> {
        let mut found = Vec::new();
        for some in ids.chunks(AT_ONCE) {
            let histories = erase::histories(&mut *self.reader.acquire().await?, some).await?;
            for (id, history) in histories {
                // What cannot be read may be the customer's: whoever erases it says that it could not be.
                match history {
                    Ok(events) if forgotten.is_of(&events) => found.push((id, events.len() as u64)),
                    Ok(_) => {}
                    Err(_) => found.push((id, 0)),
                }
            }
        }
        found.sort();
        Ok(found)
    }
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

/// The one in force is left as it is: daemons work by it, and its files have to be edited.
async fn take_out_of_revisions(batch: &mut Batch, forgetting: &Forgetting) -> anyhow::Result<u64> {
    let own = forgetting.known.iter().map(|known| known.name.clone()).filter(|name| !name.is_empty());
    let names: BTreeSet<String> = own.chain([forgetting.customer.clone()]).collect();
    let connection = batch.connection();
    let numbers: Vec<i64> = sqlx::query_scalar(
        "select number
        from revisions
        where number < (select max(number) from revisions)
        order by number",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut changed = 0;
    for number in numbers {
        let files: String = sqlx::query_scalar("select files from revisions where number = $1")
            .bind(number)
            .fetch_one(&mut *connection)
            .await?;
        let mut files: BTreeMap<String, String> =
            from_json(&files).with_context(|| format!("revision {number}"))?;
        let mut named = 0;
        for text in files.values_mut().filter(|text| is_named_in(text, &names)) {
            *text = GONE.to_owned();
            named += 1;
        }
        if named > 0 {
            sqlx::query("update revisions set files = $2 where number = $1")
                .bind(number)
                .bind(to_json(&files)?)
                .execute(&mut *connection)
                .await
                .with_context(|| format!("revision {number} could not be changed"))?;
            changed += 1;
        }
    }
    Ok(changed)
}

/// Whether a rotation file names one of them: declares it, or has it between quotes.
fn is_named_in(text: &str, names: &BTreeSet<String>) -> bool {
    let quoted = |name: &String| text.contains(&format!("\"{name}\"")) || text.contains(&format!("'{name}'"));
    let declared = |name: &String| {
        let declared = format!("customers.{name}");
        text.match_indices(&declared).any(|(at, _)| {
            let after = text[at + declared.len()..].chars().next();
            !after.is_some_and(|after| after.is_alphanumeric() || "-_@+".contains(after))
        })
    };
    names.iter().any(|name| quoted(name) || declared(name))
}
