//! The store's face as a node sees it: every touch waits until it is let through, and what comes of it is chosen from
//! outside.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyhow::bail;
use chrono::{DateTime, TimeDelta, Utc};
use meridian::desk::*;
use meridian::store::*;
use tokio::sync::Notify;

use super::flaws::Flaw;
use super::judge::{self, Wrong};
use super::rows::{Rows, Write};
use super::script::{Chooser, Fault};

/// The database, and all who wait for it.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Mutex<Inner>>,
}

pub struct Inner {
    pub rows: Rows,
    pub now: DateTime<Utc>,
    /// Waiting, in the order they came.
    pub touches: BTreeMap<u64, Touch>,
    /// Touches that ever came.
    pub came: u64,
    /// How many each node has made.
    made: BTreeMap<usize, u32>,
    pub chooser: Chooser,
    /// The batch that holds the write lock, and when it was last heard of.
    pub lock: Option<(u64, DateTime<Utc>)>,
    begun: u64,
    pub commits: Vec<Commit>,
    /// What a node was told of a ticket before it sent something about it; `None`: it was not told.
    pub read: BTreeMap<(usize, TicketId), Vec<Option<Ticket>>>,
    /// Let go of, whole.
    pub gone: Vec<TicketId>,
    pub flaw: Option<Flaw>,
    /// Something no database lets pass.
    pub wrong: Option<Wrong>,
    pub listeners: BTreeMap<usize, Arc<Notify>>,
    pub hash: DefaultHasher,
    pub trace: Option<Vec<(DateTime<Utc>, String)>>,
}

/// What a node has asked of the database.
pub struct Touch {
    pub node: usize,
    /// Of the node's touches, from 1.
    pub number: u32,
    pub what: &'static str,
    pub batch: Option<u64>,
    pub since: DateTime<Utc>,
    /// Done, and not yet answered.
    pub done: bool,
    pub fault: Option<Fault>,
    /// The network is cut: nothing is heard until then.
    pub held_until: Option<DateTime<Utc>>,
    verdict: Option<Verdict>,
    waker: Option<Waker>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Verdict {
    Go,
    /// Done, but the answer waits to be let through as well.
    GoAndHold,
    /// Not done.
    Fail,
    /// Done, and the answer is lost.
    GoAndLose,
    /// Not done, nor ever will be.
    Refuse,
}

/// One batch, as it was committed.
pub struct Commit {
    pub node: usize,
    pub changes: Changes,
    pub last: Last,
    pub keys: Vec<String>,
    pub publishes: bool,
}

impl Database {
    pub fn new(now: DateTime<Utc>, chooser: Chooser, told: bool, flaw: Option<Flaw>) -> Database {
        let inner = Inner {
            rows: Rows::default(),
            now,
            touches: BTreeMap::new(),
            came: 0,
            made: BTreeMap::new(),
            chooser,
            lock: None,
            begun: 0,
            commits: Vec::new(),
            read: BTreeMap::new(),
            gone: Vec::new(),
            flaw,
            wrong: None,
            listeners: BTreeMap::new(),
            hash: DefaultHasher::new(),
            trace: told.then(Vec::new),
        };
        Database { inner: Arc::new(Mutex::new(inner)) }
    }

    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub fn of_node(&self, node: usize) -> Memory {
        Memory { database: self.clone(), node }
    }
}

impl Inner {
    /// Lets a touch go on.
    pub fn say(&mut self, touch: u64, verdict: Verdict) {
        let touch = self.touches.get_mut(&touch).expect("it waits");
        touch.verdict = Some(verdict);
        if let Some(waker) = touch.waker.take() {
            waker.wake();
        }
    }

    /// A connection broke: whatever was not committed on it never was.
    pub fn end(&mut self, batch: u64) {
        self.lock.take_if(|(holder, _)| *holder == batch);
    }

    pub fn note(&mut self, line: impl FnOnce() -> String) {
        let now = self.now;
        if let Some(trace) = &mut self.trace {
            trace.push((now, line()));
        }
    }

    fn since(&self, batch: i64, last: Last) -> Since {
        let mut since = self.rows.since(batch, last);
        if self.flaw == Some(Flaw::CommitsAreNotTold) {
            since.tickets.clear();
        }
        since
    }

    fn holds(&self, batch: u64) -> bool {
        self.lock.is_some_and(|(holder, _)| holder == batch)
    }
}

/// A touch that waits; dropped, it is withdrawn.
struct Pass {
    database: Database,
    id: u64,
}

impl Future for Pass {
    type Output = Verdict;

    fn poll(self: Pin<&mut Self>, context: &mut Context) -> Poll<Verdict> {
        let mut inner = self.database.lock();
        let touch = inner.touches.get_mut(&self.id).expect("it waits");
        match touch.verdict {
            Some(verdict) => Poll::Ready(verdict),
            None => {
                touch.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.database.lock().touches.remove(&self.id);
    }
}

/// A node's way to the database.
#[derive(Clone)]
pub struct Memory {
    pub database: Database,
    pub node: usize,
}

impl Memory {
    pub async fn pass(&self, what: &'static str, batch: Option<u64>, done: bool) -> Verdict {
        let pass = {
            let mut inner = self.database.lock();
            inner.came += 1;
            let (id, since) = (inner.came, inner.now);
            let made = inner.made.entry(self.node).or_default();
            *made += u32::from(!done);
            let number = *made;
            let fault = if done { None } else { inner.chooser.fault(self.node, number, what) };
            (self.node, number, what, since.timestamp_millis()).hash(&mut inner.hash);
            let touch = Touch {
                node: self.node,
                number,
                what,
                batch,
                since,
                done,
                fault,
                held_until: None,
                verdict: None,
                waker: None,
            };
            inner.touches.insert(id, touch);
            Pass { database: self.database.clone(), id }
        };
        pass.await
    }

    async fn touch<T>(
        &self,
        what: &'static str,
        batch: Option<u64>,
        work: impl FnOnce(&mut Inner) -> T,
    ) -> anyhow::Result<T> {
        let verdict = self.pass(what, batch, false).await;
        if matches!(verdict, Verdict::Fail | Verdict::Refuse) {
            return Err(cut());
        }
        let answer = {
            let mut inner = self.database.lock();
            if let Some(batch) = batch {
                let kept = inner.holds(batch) || inner.flaw == Some(Flaw::LockIsNotKept);
                if !kept {
                    return Err(cut());
                }
                inner.lock = Some((batch, inner.now));
            }
            work(&mut inner)
        };
        match verdict {
            Verdict::GoAndHold if self.pass(what, None, true).await == Verdict::Fail => Err(cut()),
            Verdict::GoAndLose => Err(cut()),
            _ => Ok(answer),
        }
    }
}

fn refused(why: String) -> Wrong {
    Wrong::new("refused by the database", None, why)
}

/// What the driver says of a connection that is gone.
fn cut() -> anyhow::Error {
    sqlx::Error::Io(std::io::Error::from(std::io::ErrorKind::ConnectionReset)).into()
}

pub fn name(node: usize) -> String {
    format!("node-{node}")
}

impl Face for Memory {
    type Batch = Transaction;

    fn is_shared(&self) -> bool {
        true
    }

    fn node(&self) -> String {
        name(self.node)
    }

    async fn begin(&self) -> anyhow::Result<Transaction> {
        let batch = self.touch("begin", None, |inner| {
            inner.begun += 1;
            inner.lock = Some((inner.begun, inner.now));
            Held { database: self.database.clone(), batch: inner.begun }
        });
        Ok(Transaction {
            memory: self.clone(),
            held: batch.await?,
            writes: Vec::new(),
            revision: None,
            day: false,
        })
    }

    async fn load_desk(&self) -> anyhow::Result<DeskRows> {
        self.touch("load_desk", None, |inner| inner.rows.load_desk()).await
    }

    async fn last(&self) -> anyhow::Result<Last> {
        self.touch("last", None, |inner| inner.rows.last()).await
    }

    async fn since(&self, batch: i64) -> anyhow::Result<Option<Since>> {
        let since = |inner: &mut Inner| {
            let last = inner.rows.last();
            (last.batch != batch).then(|| inner.since(batch, last))
        };
        self.touch("since", None, since).await
    }

    async fn events_since(&self, batch: i64, last: i64) -> anyhow::Result<Vec<Heard>> {
        self.touch("events_since", None, |inner| inner.rows.events_since(batch, last)).await
    }

    async fn revision(&self, number: i64) -> anyhow::Result<Option<RevisionRow>> {
        let find = |inner: &mut Inner| inner.rows.revisions.iter().find(|row| row.number == number).cloned();
        self.touch("revision", None, find).await
    }

    async fn latest_revision(&self) -> anyhow::Result<Option<RevisionRow>> {
        self.touch("latest_revision", None, |inner| inner.rows.revisions.last().cloned()).await
    }

    async fn day_rows(&self, kind: DayKind) -> anyhow::Result<Vec<DayRow>> {
        let read = |inner: &mut Inner| {
            let there = inner.rows.day.iter().filter(|entry| !entry.removed && entry.row.kind == kind);
            there.map(|entry| entry.row.clone()).collect()
        };
        self.touch("day_rows", None, read).await
    }

    async fn agreed(&self) -> anyhow::Result<Option<i64>> {
        self.touch("agreed", None, |inner| inner.rows.agreed.get(&name(self.node)).copied()).await
    }

    async fn agrees(&self, revision: i64, _: DateTime<Utc>) -> anyhow::Result<()> {
        self.touch("agrees", None, |inner| _ = inner.rows.agreed.insert(name(self.node), revision)).await
    }

    async fn tokens(&self) -> anyhow::Result<Vec<TokenRow>> {
        self.touch("tokens", None, |_| Vec::new()).await
    }

    /// Hears of commits, and asks every two seconds.
    async fn listen(&self, heard: Arc<Notify>) {
        let told = Arc::new(Notify::new());
        self.database.lock().listeners.insert(self.node, told.clone());
        loop {
            tokio::select! {
                biased;
                () = told.notified() => (),
                () = tokio::time::sleep(Duration::from_secs(2)) => (),
            }
            heard.notify_one();
        }
    }

    async fn claim_notices(
        &self,
        now: DateTime<Utc>,
        node: &str,
        lease: TimeDelta,
        limit: u32,
        leave: &Leave,
    ) -> anyhow::Result<Vec<OutboxRow>> {
        let claim = |inner: &mut Inner| {
            let whoever_has_a_lease = inner.flaw == Some(Flaw::ClaimsIgnoreLeases);
            inner.rows.claim(now, node, lease, limit, leave, whoever_has_a_lease)
        };
        self.touch("claim_notices", None, claim).await
    }

    async fn next_notice_at(&self) -> anyhow::Result<Option<DateTime<Utc>>> {
        self.touch("next_notice_at", None, |inner| inner.rows.next_notice()).await
    }

    async fn notices_sent(&self, taken: &[Taken], now: DateTime<Utc>) -> anyhow::Result<()> {
        let sent = |inner: &mut Inner| {
            for Taken { notice, channel } in taken {
                let pending = inner.rows.outbox.get_mut(notice).filter(|notice| notice.pending());
                if let Some(notice) = pending {
                    (notice.row.sent_at, notice.row.channel, notice.lease) =
                        (Some(now), Some(channel.clone()), None);
                    notice.row.attempts += 1;
                }
            }
        };
        self.touch("notices_sent", None, sent).await
    }

    async fn take_back_leases(&self, node: &str) -> anyhow::Result<()> {
        self.touch("take_back_leases", None, |inner| inner.rows.take_back_leases(node)).await
    }

    async fn notice_overtaken(
        &self,
        id: &str,
        node: &str,
        why: &str,
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let overtaken = |inner: &mut Inner| {
            let pending = inner.rows.outbox.get_mut(id).filter(|notice| notice.pending());
            if let Some(notice) = pending.filter(|notice| notice.is_leased_by(node)) {
                let said = format!("overtaken: {why}");
                (notice.row.failed_at, notice.row.last_error, notice.lease) = (Some(now), Some(said), None);
            }
        };
        self.touch("notice_overtaken", None, overtaken).await
    }

    async fn ticket(&self, id: TicketId) -> anyhow::Result<Option<Saved>> {
        let read = self.touch("ticket", None, |inner| inner.rows.ticket(id)).await;
        let known = read.as_ref().ok().and_then(|saved| saved.as_ref()).map(|saved| saved.ticket.clone());
        self.database.lock().read.entry((self.node, id)).or_default().push(known);
        read
    }

    async fn notices_of(&self, ticket: TicketId) -> anyhow::Result<Vec<OutboxRow>> {
        let about = |inner: &mut Inner| {
            let about = inner.rows.outbox.values().filter(|notice| notice.row.notice.ticket == Some(ticket));
            about.map(|notice| notice.row.clone()).collect()
        };
        self.touch("notices_of", None, about).await
    }

    async fn notice_retry(&self, id: &str, node: &str, again: &Again<'_>) -> anyhow::Result<()> {
        let retry = |inner: &mut Inner| {
            let pending = inner.rows.outbox.get_mut(id).filter(|notice| notice.pending());
            if let Some(notice) = pending.filter(|notice| notice.is_leased_by(node)) {
                let row = &mut notice.row;
                (row.due_at, row.last_error) = (again.due_at, Some(again.why.to_owned()));
                (row.channel, row.attempts) = (Some(again.channel.to_owned()), again.attempts);
                row.passed = again.passed.to_vec();
                notice.lease = None;
            }
        };
        self.touch("notice_retry", None, retry).await
    }

    async fn prune(&self, since: KeptSince, limit: u32) -> anyhow::Result<Gone> {
        let batch = self.begin().await?;
        let prune = |inner: &mut Inner| {
            let why = judge::kept_too_short(&since, inner.now);
            inner.wrong = inner.wrong.take().or(why);
            let live_too = inner.flaw == Some(Flaw::LiveTicketsGo);
            let (gone, tickets) = inner.rows.prune(since, limit, live_too);
            inner.gone.extend(tickets);
            gone
        };
        batch.touch("prune", prune).await
    }
}

/// The write lock, given back with the connection.
struct Held {
    database: Database,
    batch: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.database.lock().end(self.batch);
    }
}

pub struct Transaction {
    memory: Memory,
    held: Held,
    writes: Vec<Write>,
    revision: Option<i64>,
    day: bool,
}

impl Transaction {
    async fn touch<T>(&self, what: &'static str, work: impl FnOnce(&mut Inner) -> T) -> anyhow::Result<T> {
        self.memory.touch(what, Some(self.held.batch), work).await
    }
}

impl FaceBatch for Transaction {
    async fn last(&mut self) -> anyhow::Result<Last> {
        self.touch("last", |inner| inner.rows.last()).await
    }

    async fn changed_since(&mut self, batch: i64, last: Last) -> anyhow::Result<Since> {
        self.touch("changed_since", |inner| inner.since(batch, last)).await
    }

    async fn tickets(&mut self, ids: &[TicketId]) -> anyhow::Result<Vec<Saved>> {
        let ids: BTreeSet<TicketId> = ids.iter().copied().collect();
        let read = |inner: &mut Inner| ids.iter().filter_map(|id| inner.rows.ticket(*id)).collect();
        self.touch("tickets", read).await
    }

    async fn handoffs(&mut self, ids: &[HandoffId]) -> anyhow::Result<Vec<Handoff>> {
        let ids: BTreeSet<HandoffId> = ids.iter().copied().collect();
        let read = |inner: &mut Inner| ids.iter().filter_map(|id| inner.rows.handoff(*id)).collect();
        self.touch("handoffs", read).await
    }

    async fn remembered(
        &mut self,
        keys: &[&str],
        since: DateTime<Utc>,
    ) -> anyhow::Result<BTreeMap<String, Remembered>> {
        let read = |inner: &mut Inner| {
            let known = keys.iter().filter_map(|key| inner.rows.remembered.get_key_value(*key));
            let known = known.filter(|(_, (_, at))| *at >= since);
            known.map(|(key, (one, _))| (key.clone(), one.clone())).collect()
        };
        self.touch("remembered", read).await
    }

    async fn save(&mut self, changes: &Changes, before: &Last, now: DateTime<Utc>) -> anyhow::Result<Last> {
        let batch = before.batch + 1;
        let last = Last {
            batch,
            decided_at: Some(now),
            numbers: changes.numbers,
            revision: self.revision.unwrap_or(before.revision),
            day_batch: if self.day { batch } else { before.day_batch },
        };
        let why = self.touch("save", |inner| inner.rows.refuses(changes)).await?;
        if let Some(why) = why {
            self.memory.database.lock().wrong.get_or_insert(refused(why.clone()));
            bail!("the database refuses {why}");
        }
        let at = self.memory.database.lock().now;
        self.writes.push(Write::Save { changes: Box::new(changes.clone()), last, at });
        Ok(last)
    }

    async fn remember(
        &mut self,
        answers: &BTreeMap<String, Remembered>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let flaw = self.touch("remember", |inner| inner.flaw).await?;
        if flaw != Some(Flaw::AnswersAreForgotten) {
            self.writes.push(Write::Remember { answers: answers.clone(), now });
        }
        Ok(())
    }

    async fn forget(&mut self, before: DateTime<Utc>, limit: u32) -> anyhow::Result<u64> {
        self.writes.push(Write::Forget { before, limit });
        Ok(0)
    }

    async fn give_up(&mut self, notices: &[GivenUp<'_>], now: DateTime<Utc>) -> anyhow::Result<()> {
        self.touch("give_up", |_| ()).await?;
        let notice = |one: &GivenUp| (one.id.to_owned(), one.reason.to_owned(), one.next.clone());
        let notices = notices.iter().map(notice).collect();
        self.writes.push(Write::GiveUp { notices, now });
        Ok(())
    }

    async fn add_revision(&mut self, revision: &RevisionRow) -> anyhow::Result<()> {
        let last = self.touch("add_revision", |inner| inner.rows.last().revision).await?;
        if revision.number != last + 1 {
            let why = format!("revision {} after {last}", revision.number);
            self.memory.database.lock().wrong.get_or_insert(refused(why.clone()));
            bail!("the database refuses {why}");
        }
        self.revision = Some(revision.number);
        self.writes.push(Write::Revision(revision.clone()));
        Ok(())
    }

    async fn add_day_row(
        &mut self,
        kind: DayKind,
        body: &serde_json::Value,
        by: &str,
        at: DateTime<Utc>,
    ) -> anyhow::Result<DayRow> {
        let row = self.touch("add_day_row", |inner| inner.rows.add_day(kind, body, by, at)).await?;
        self.day = true;
        self.writes.push(Write::AddDay(row.clone()));
        Ok(row)
    }

    async fn remove_day_row(&mut self, kind: DayKind, id: i64, _: DateTime<Utc>) -> anyhow::Result<bool> {
        let there = |inner: &mut Inner| {
            inner.rows.day.iter().any(|entry| entry.row.id == id && entry.row.kind == kind && !entry.removed)
        };
        let there = self.touch("remove_day_row", there).await?;
        if there {
            self.day = true;
            self.writes.push(Write::RemoveDay(id));
        }
        Ok(there)
    }

    async fn commit(mut self) -> anyhow::Result<()> {
        let (node, batch) = (self.memory.node, self.held.batch);
        let writes = std::mem::take(&mut self.writes);
        let commit = move |inner: &mut Inner| {
            let (mut keys, mut saved, mut publishes) = (Vec::new(), None, false);
            // The batch's number is the next one until it is saved.
            let (saves, others): (Vec<Write>, Vec<Write>) =
                writes.into_iter().partition(|write| matches!(write, Write::Save { .. }));
            for write in others.into_iter().chain(saves) {
                match &write {
                    Write::Remember { answers, .. } => keys.extend(answers.keys().cloned()),
                    Write::Save { changes, last, .. } => saved = Some((changes.as_ref().clone(), *last)),
                    Write::Revision(_) => publishes = true,
                    _ => (),
                }
                inner.rows.write(write);
            }
            inner.end(batch);
            let (changes, last) = saved.expect("a batch is saved before it is committed");
            inner.commits.push(Commit { node, changes, last, keys, publishes });
            let others = inner.listeners.iter().filter(|(other, _)| **other != node);
            others.for_each(|(_, told)| told.notify_one());
        };
        self.touch("commit", commit).await
    }
}
