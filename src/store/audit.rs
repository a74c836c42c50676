//! Everything in the database looked at once: what cannot be true, or breaks the rule that no live ticket is silently
//! alone. Only reads, as of one instant, a page at a time.

use std::collections::VecDeque;
use std::mem::{Discriminant, discriminant};

use anyhow::Context;
use serde::Serialize;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow};

use super::columns::read_body;
use super::events::EventRow;
use super::outbox::read_notice;
use super::tickets::{Columns, TicketRow};
use super::{Last, Store, copy, desk_rows};
use crate::desk::{AuditedAt, Flaw, Handoff, Retelling, Saved, TicketId};
use crate::schedule::{PersonId, TeamId};

/// What an audit has found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Audit {
    pub tickets: u64,
    pub events: u64,
    /// How many things are wrong that do not mend themselves.
    pub wrong: u64,
    /// How many live tickets should have been looked at before; that mends itself once a daemon runs.
    pub overdue: u64,
    /// What is wrong before what is late; the first of every kind, then the second of every kind.
    pub findings: Vec<Finding>,
    /// How many kinds of things are wrong: so many findings tell of each.
    pub kinds: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Absent: not about one ticket.
    pub ticket: Option<TicketId>,
    pub what: String,
}

/// So many findings are told; the others are only counted.
const TOLD: usize = 100;
const TICKETS_A_PAGE: usize = 200;
const EVENTS_A_PAGE: usize = 2000;

impl Store {
    /// Looks at everything, as of one instant. Takes as long as
    /// reading it all takes, and an amount of memory that does not depend on how much that is. `progress` hears how
    /// many tickets have been looked at.
    pub async fn audit(&self, mut at: AuditedAt, mut progress: impl FnMut(u64)) -> anyhow::Result<Audit> {
        let mut snapshot = self.snapshot().await?;
        copy::patient(self.dialect, &mut snapshot).await?;
        let last = desk_rows::last(&mut snapshot).await?;
        at.now = last.decided_at.map_or(at.now, |decided_at| at.now.max(decided_at));
        let (audit, events) = (Audit::default(), Events::default());
        let mut walk = Walk { audit, last, at, events, counts: Vec::new(), found: Vec::new() };
        walk.tickets(&mut snapshot, &mut progress).await;
        walk.others(&mut snapshot).await;
        snapshot.commit().await.context("the database cannot be read")?;
        Ok(walk.told())
    }
}

/// Of one kind, a few are enough to see what it is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Late,
    Flaw(Discriminant<Flaw>),
    Unreadable(&'static str),
    Contradiction(&'static str),
}

struct Walk {
    audit: Audit,
    last: Last,
    at: AuditedAt,
    events: Events,
    /// How many there are of each kind.
    counts: Vec<(Kind, usize)>,
    /// Of each kind the first, with how many came before it.
    found: Vec<(Kind, usize, Finding)>,
}

impl Walk {
    async fn tickets(&mut self, connection: &mut AnyConnection, progress: &mut impl FnMut(u64)) {
        let mut after = 0;
        loop {
            let page = match page(connection, after).await {
                Ok(page) => page,
                Err(error) => {
                    let what = format!("tickets beyond {after} cannot be read: {error:#}");
                    return self.wrong(Kind::Unreadable("tickets"), None, what);
                }
            };
            for row in &page {
                self.ticket(connection, row).await;
                after = row.ticket.id;
            }
            progress(self.audit.tickets);
            if page.len() < TICKETS_A_PAGE {
                break;
            }
        }
        self.history(connection, i64::MAX).await;
        if after > self.last.numbers.ticket {
            let given = self.last.numbers.ticket;
            let what = format!("the last number given out is {given}, and there is a ticket {after}");
            self.wrong(Kind::Contradiction("number"), None, what);
        }
    }

    async fn ticket(&mut self, connection: &mut AnyConnection, row: &Row) {
        let id = TicketId(row.ticket.id);
        self.audit.tickets += 1;
        let (history, newest) = self.history(connection, id.0).await;
        let flaws = match row.ticket.clone().read() {
            Ok(saved) => {
                let disagreeing = row.disagreeing(&saved);
                if !disagreeing.is_empty() {
                    let columns = disagreeing.join(", ");
                    let what = format!("beside its body stand other values: {columns}");
                    self.wrong(Kind::Contradiction("columns"), Some(id), what);
                }
                if row.changed_batch > self.last.batch || newest > row.changed_batch {
                    let (changed, last) = (row.changed_batch, self.last.batch);
                    let what =
                        format!("changed in batch {changed}, its events in {newest}, the last is {last}");
                    self.wrong(Kind::Contradiction("batches"), Some(id), what);
                }
                history.compare(&saved, self.at)
            }
            Err(error) => {
                self.wrong(Kind::Unreadable("ticket"), Some(id), format!("it cannot be read: {error:#}"));
                history.alone()
            }
        };
        for flaw in flaws {
            if flaw.is_lateness() {
                self.audit.overdue += 1;
                self.tell(Kind::Late, Some(id), flaw.to_string());
            } else if !(self.events.lost && flaw == Flaw::NoHistory) {
                self.wrong(Kind::Flaw(discriminant(&flaw)), Some(id), flaw.to_string());
            }
        }
    }

    /// What a ticket's events tell, and the batch of the newest. Those before it that belong to no ticket are passed.
    async fn history(&mut self, connection: &mut AnyConnection, ticket: i64) -> (Retelling, i64) {
        let (mut history, mut newest) = (Retelling::of(TicketId(ticket)), 0);
        loop {
            let event = match self.events.next_until(connection, ticket).await {
                Ok(Some(event)) => event,
                Ok(None) => return (history, newest),
                Err(error) => {
                    let (of, seq) = self.events.after;
                    let what = format!("events beyond {seq} of ticket {of} cannot be read: {error:#}");
                    self.wrong(Kind::Unreadable("events"), None, what);
                    history.break_off();
                    return (history, newest);
                }
            };
            self.audit.events += 1;
            let of = TicketId(event.row.ticket);
            if of.0 != ticket {
                let what = format!("event {} belongs to no ticket", event.row.seq);
                self.wrong(Kind::Contradiction("event"), Some(of), what);
                continue;
            }
            newest = newest.max(event.batch);
            let seq = u32::try_from(event.row.seq).unwrap_or(u32::MAX);
            match event.row.read() {
                Ok(event) => history.hear(&event),
                Err(error) => {
                    self.wrong(Kind::Unreadable("event"), Some(of), format!("{error:#}"));
                    history.hear_noise(seq);
                }
            }
        }
    }

    /// What else has a body: batches of handoffs, and notices that are still to be sent.
    async fn others(&mut self, connection: &mut AnyConnection) {
        const HANDOFFS: &str =
            "select cast(id as text), version, body from handoffs where id > cast($1 as bigint) order by id";
        const PENDING: &str = "select id, version, body from outbox where id > $1 and sent_at is null and failed_at is null order by id";
        self.bodies(connection, "handoff", "0", HANDOFFS, read_body::<Handoff>).await;
        self.bodies(connection, "notice", "", PENDING, read_notice).await;
    }

    async fn bodies<T>(
        &mut self,
        connection: &mut AnyConnection,
        noun: &'static str,
        first: &str,
        text: &'static str,
        read: fn(i64, &str) -> anyhow::Result<T>,
    ) {
        let mut after = first.to_owned();
        loop {
            let page = sqlx::query_as(AssertSqlSafe(format!("{text} limit {EVENTS_A_PAGE}")))
                .bind(&after)
                .fetch_all(&mut *connection);
            let page: Vec<(String, i64, String)> = match page.await {
                Ok(page) => page,
                Err(error) => {
                    let what = format!("{noun}s beyond {after:?} cannot be read: {error:#}");
                    return self.wrong(Kind::Unreadable(noun), None, what);
                }
            };
            for (id, version, body) in &page {
                if let Err(error) = read(*version, body) {
                    let what = format!("{noun} {id} cannot be read: {error:#}");
                    self.wrong(Kind::Unreadable(noun), None, what);
                }
            }
            match page.last() {
                Some((id, ..)) if page.len() == EVENTS_A_PAGE => after.clone_from(id),
                _ => return,
            }
        }
    }

    fn wrong(&mut self, kind: Kind, ticket: Option<TicketId>, what: String) {
        self.audit.wrong += 1;
        self.tell(kind, ticket, what);
    }

    fn tell(&mut self, kind: Kind, ticket: Option<TicketId>, what: String) {
        let at = self.counts.iter().position(|(one, _)| *one == kind);
        let at = at.unwrap_or_else(|| {
            self.counts.push((kind, 0));
            self.counts.len() - 1
        });
        let before = &mut self.counts[at].1;
        if *before < TOLD {
            self.found.push((kind, *before, Finding { ticket, what }));
        }
        *before += 1;
    }

    fn told(mut self) -> Audit {
        self.found.sort_by_key(|(kind, before, _)| (*kind == Kind::Late, *before));
        self.found.truncate(TOLD);
        let findings = self.found.into_iter().map(|(.., finding)| finding).collect();
        let kinds = self.counts.iter().filter(|(kind, _)| *kind != Kind::Late).count();
        Audit { findings, kinds, ..self.audit }
    }
}

/// A ticket with the columns beside its body.
#[derive(FromRow)]
struct Row {
    #[sqlx(flatten)]
    ticket: TicketRow,
    state: String,
    priority: String,
    opened_at: i64,
    holder_person: Option<String>,
    holder_team: Option<String>,
    offer_team: Option<String>,
    dedup_key: Option<String>,
    external_ref: Option<String>,
    changed_batch: i64,
}

async fn page(connection: &mut AnyConnection, after: i64) -> anyhow::Result<Vec<Row>> {
    let rows = sqlx::query_as(
        "select
            id, version, wake_at, residency, body, state, priority, opened_at, holder_person, holder_team,
            offer_team, dedup_key, external_ref, changed_batch
        from tickets
        where id > $1
        order by id
        limit $2",
    )
    .bind(after)
    .bind(TICKETS_A_PAGE as i64);
    Ok(rows.fetch_all(connection).await?)
}

impl Row {
    /// The columns that do not say what the body says.
    fn disagreeing(&self, saved: &Saved) -> Vec<&'static str> {
        let Ok(body) = Columns::of(saved) else { return vec!["body"] };
        let asked = saved.ticket.facts.residency.as_ref();
        let same = [
            ("id", body.id.0 == self.ticket.id),
            ("state", body.state.as_str() == self.state),
            ("priority", body.priority.to_string() == self.priority),
            ("opened_at", body.opened_at == self.opened_at),
            ("holder_person", body.holder_person.map(PersonId::as_str) == self.holder_person.as_deref()),
            ("holder_team", body.holder_team.map(TeamId::as_str) == self.holder_team.as_deref()),
            ("offer_team", body.offer_team.map(TeamId::as_str) == self.offer_team.as_deref()),
            ("dedup_key", body.dedup_key == self.dedup_key.as_deref()),
            ("external_ref", body.external_ref == self.external_ref.as_deref()),
            // Without one of its own it has its customer's, of which the body does not tell.
            ("residency", asked.is_none() || asked == saved.residency.as_ref()),
        ];
        same.into_iter().filter(|(_, same)| !same).map(|(column, _)| column).collect()
    }
}

/// All events, by ticket and number, read a page at a time.
#[derive(Default)]
struct Events {
    page: VecDeque<EventAndBatch>,
    /// Ticket and number of the last one read.
    after: (i64, i64),
    /// There are no more.
    read: bool,
    /// They could not all be read.
    lost: bool,
}

#[derive(FromRow)]
struct EventAndBatch {
    #[sqlx(flatten)]
    row: EventRow,
    batch: i64,
}

impl Events {
    /// The next one that belongs to `ticket` or one before it.
    async fn next_until(
        &mut self,
        connection: &mut AnyConnection,
        ticket: i64,
    ) -> sqlx::Result<Option<EventAndBatch>> {
        if self.page.is_empty() && !self.read {
            self.read(connection).await.inspect_err(|_| (self.read, self.lost) = (true, true))?;
        }
        Ok(self.page.pop_front_if(|event| event.row.ticket <= ticket))
    }

    async fn read(&mut self, connection: &mut AnyConnection) -> sqlx::Result<()> {
        let page: Vec<EventAndBatch> = sqlx::query_as(
            "select ticket, seq, at, actor, what, batch
            from events
            where (ticket, seq) > ($1, $2)
            order by ticket, seq
            limit $3",
        )
        .bind(self.after.0)
        .bind(self.after.1)
        .bind(EVENTS_A_PAGE as i64)
        .fetch_all(connection)
        .await?;
        self.read = page.len() < EVENTS_A_PAGE;
        if let Some(last) = page.last() {
            self.after = (last.row.ticket, last.row.seq);
        }
        self.page.extend(page);
        Ok(())
    }
}
