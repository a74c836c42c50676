//! Who has read what not everybody may, and what was done about customers: only added to.

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, FromRow};

use super::Store;
use super::columns::{from_json, instant, to_json, word};
use crate::desk::TicketId;
use crate::schedule::PersonId;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deed {
    /// Tickets that are bound to a residency were shown, or counted.
    Read,
    /// A customer is forgotten.
    Forget,
    /// All that is kept of a customer was given out.
    Export,
}

impl Deed {
    pub fn as_str(self) -> &'static str {
        match self {
            Deed::Read => "read",
            Deed::Forget => "forget",
            Deed::Export => "export",
        }
    }
}

/// Who did what, when, and by which route.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Footprint {
    /// Sorts by time.
    pub id: String,
    pub at: DateTime<Utc>,
    pub what: Deed,
    /// Name of the token; absent: the daemon went on with what had been begun.
    pub token: Option<String>,
    /// Whom the token is bound to, or an administrator acted as.
    pub person: Option<PersonId>,
    /// `GET /v1/tickets/{id}`
    pub route: String,
    pub tickets: Vec<TicketId>,
    /// How many there were beside those.
    pub more: u64,
    /// By whatever name the customer has by now.
    pub customer: Option<String>,
}

/// So many tickets are named by one row.
const NAMED_MAX: usize = 200;

impl Footprint {
    /// At random beside the instant, so that nodes need not ask each other.
    pub fn new(at: DateTime<Utc>, what: Deed, route: impl Into<String>) -> anyhow::Result<Footprint> {
        let mut random = [0; 8];
        getrandom::fill(&mut random)
            .map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
        Ok(Footprint {
            id: format!("{:013}-{:016x}", at.timestamp_millis(), u64::from_be_bytes(random)),
            at,
            what,
            token: None,
            person: None,
            route: route.into(),
            tickets: Vec::new(),
            more: 0,
            customer: None,
        })
    }

    /// Whether it could be the id of one.
    pub fn is_id(text: &str) -> bool {
        let (millis, random) = text.split_once('-').unwrap_or_default();
        let digits = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        millis.len() >= 13 && millis.parse::<u64>().is_ok() && random.len() == 16 && digits(random)
    }

    /// Of many tickets the first are named and the rest counted.
    pub fn about(self, mut tickets: Vec<TicketId>) -> Footprint {
        tickets.sort();
        tickets.dedup();
        let more = tickets.len().saturating_sub(NAMED_MAX) as u64;
        tickets.truncate(NAMED_MAX);
        Footprint { tickets, more: self.more + more, ..self }
    }

    pub fn of(self, customer: impl Into<String>) -> Footprint {
        Footprint { customer: Some(customer.into()), ..self }
    }
}

/// Every field that is set must hold.
#[derive(Clone, Debug, Default)]
pub struct TrailFilter {
    pub what: Option<Deed>,
    pub ticket: Option<TicketId>,
    pub person: Option<PersonId>,
    pub token: Option<String>,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// Only those left before this one, by id.
    pub before: Option<String>,
    pub limit: u32,
}

#[derive(FromRow)]
struct Row {
    id: String,
    at: i64,
    what: String,
    token: Option<String>,
    person: Option<String>,
    route: String,
    tickets: String,
    more: i64,
    customer: Option<String>,
}

impl Row {
    fn read(self) -> anyhow::Result<Footprint> {
        let place = || format!("row {} of the trail", self.id);
        Ok(Footprint {
            at: instant(self.at).with_context(place)?,
            what: word(&self.what).with_context(place)?,
            tickets: from_json(&self.tickets).with_context(place)?,
            more: u64::try_from(self.more).with_context(place)?,
            id: self.id.clone(),
            token: self.token.clone(),
            person: self.person.as_deref().map(PersonId::new),
            route: self.route.clone(),
            customer: self.customer.clone(),
        })
    }
}

impl Store {
    /// On disk when it returns.
    pub async fn leave_footprints(&self, footprints: &[Footprint]) -> anyhow::Result<()> {
        leave(&mut *self.writing()?.acquire().await?, footprints).await
    }

    /// Newest first.
    pub async fn footprints(&self, filter: &TrailFilter) -> anyhow::Result<Vec<Footprint>> {
        let rows: Vec<Row> = sqlx::query_as(
            "select id, at, what, token, person, route, tickets, more, customer
            from trail
            where id < $1 and at >= $2 and at < $3
                and ($4 = '' or what = $4) and ($5 = '' or person = $5) and ($6 = '' or token = $6)
                and ($7 = 0 or exists (select 1 from json_each(tickets) where cast(atom as bigint) = $7))
            order by id desc
            limit $8",
        )
        .bind(filter.before.as_deref().unwrap_or("~"))
        .bind(filter.from.map_or(i64::MIN, |from| from.timestamp_millis()))
        .bind(filter.until.map_or(i64::MAX, |until| until.timestamp_millis()))
        .bind(filter.what.map_or("", Deed::as_str))
        .bind(filter.person.as_ref().map_or("", PersonId::as_str))
        .bind(filter.token.as_deref().unwrap_or(""))
        .bind(filter.ticket.map_or(0, |ticket| ticket.0))
        .bind(i64::from(filter.limit))
        .fetch_all(&self.reader)
        .await
        .context("the trail could not be read")?;
        rows.into_iter().map(Row::read).collect()
    }

    /// The oldest of those that were left before, at most `limit`; how many there were.
    pub async fn let_footprints_go(&self, before: DateTime<Utc>, limit: u32) -> anyhow::Result<u64> {
        let delete =
            "delete from trail where id in (select id from trail where at < $1 order by id limit $2)";
        let gone = sqlx::query(delete).bind(before.timestamp_millis()).bind(i64::from(limit));
        Ok(gone.execute(self.writing()?).await.context("could not let go of the trail")?.rows_affected())
    }

    /// Those of the tickets that not everybody may see, by number.
    pub async fn bound_to_a_residency(&self, tickets: &[TicketId]) -> anyhow::Result<Vec<TicketId>> {
        let ids: Vec<i64> = sqlx::query_scalar(
            "select id
            from tickets
            where residency is not null and id in (select cast(atom as bigint) from json_each($1))
            order by id",
        )
        .bind(to_json(tickets)?)
        .fetch_all(&self.reader)
        .await?;
        Ok(ids.into_iter().map(TicketId).collect())
    }
}

pub(super) async fn leave(connection: &mut AnyConnection, footprints: &[Footprint]) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct Columns<'a> {
        id: &'a str,
        at: i64,
        what: Deed,
        token: Option<&'a str>,
        person: Option<&'a PersonId>,
        route: &'a str,
        tickets: String,
        more: u64,
        customer: Option<&'a str>,
    }
    let columns = |print: &'_ Footprint| -> anyhow::Result<serde_json::Value> {
        Ok(serde_json::to_value(Columns {
            id: &print.id,
            at: print.at.timestamp_millis(),
            what: print.what,
            token: print.token.as_deref(),
            person: print.person.as_ref(),
            route: &print.route,
            tickets: to_json(&print.tickets)?,
            more: print.more,
            customer: print.customer.as_deref(),
        })?)
    };
    let rows: Vec<serde_json::Value> = footprints.iter().map(columns).collect::<anyhow::Result<_>>()?;
    sqlx::query(
        "insert into trail (id, at, what, token, person, route, tickets, more, customer)
        select
            value ->> 'id', cast(value ->> 'at' as bigint), value ->> 'what', value ->> 'token',
            value ->> 'person', value ->> 'route', value ->> 'tickets',
            cast(value ->> 'more' as bigint), value ->> 'customer'
        from json_each($1)
        order by cast(key as bigint)",
    )
    .bind(to_json(&rows)?)
    .execute(connection)
    .await
    .context("the trail could not be written")?;
    Ok(())
}
