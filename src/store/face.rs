//! What the staircase and the outbox ask of a store. Behind it is a database; in the simulation, rows in memory that
//! fail when they are told to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use super::{
    Again, Batch, DayKind, DayRow, DeskRows, GivenUp, Gone, Heard, KeptSince, Last, Leave, NoAnswer,
    OutboxRow, Remembered, Taken,
};
use super::{RevisionRow, Since, Store, TokenRow};
use crate::desk::{Changes, Handoff, HandoffId, Saved, TicketId};

/// One node's way to the rows that all nodes share.
pub trait Face: Clone + Send + Sync + 'static {
    type Batch: FaceBatch;

    /// Whether other processes may use it at the same time.
    fn is_shared(&self) -> bool;

    /// The name under which this node uses it.
    fn node(&self) -> String;

    /// Waits for the write lock, at most some seconds.
    fn begin(&self) -> impl Future<Output = anyhow::Result<Self::Batch>> + Send;

    /// As of one instant, even while batches are being committed.
    fn load_desk(&self) -> impl Future<Output = anyhow::Result<DeskRows>> + Send;

    fn last(&self) -> impl Future<Output = anyhow::Result<Last>> + Send;

    /// What was committed after `batch`, as of one instant; `None`: nothing.
    fn since(&self, batch: i64) -> impl Future<Output = anyhow::Result<Option<Since>>> + Send;

    /// Those of the batches after `batch`, up to `last`, in the order of the batches.
    fn events_since(&self, batch: i64, last: i64) -> impl Future<Output = anyhow::Result<Vec<Heard>>> + Send;

    fn revision(&self, number: i64) -> impl Future<Output = anyhow::Result<Option<RevisionRow>>> + Send;

    fn latest_revision(&self) -> impl Future<Output = anyhow::Result<Option<RevisionRow>>> + Send;

    /// Those not removed, in the order they came.
    fn day_rows(&self, kind: DayKind) -> impl Future<Output = anyhow::Result<Vec<DayRow>>> + Send;

    /// The last revision with which the files on this node's own disk agreed when it looked.
    fn agreed(&self) -> impl Future<Output = anyhow::Result<Option<i64>>> + Send;

    fn agrees(&self, revision: i64, at: DateTime<Utc>) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// By name.
    fn tokens(&self) -> impl Future<Output = anyhow::Result<Vec<TokenRow>>> + Send;

    /// Says whenever other nodes may have committed something; never returns.
    fn listen(&self, heard: Arc<Notify>) -> impl Future<Output = ()> + Send;

    fn ticket(&self, id: TicketId) -> impl Future<Output = anyhow::Result<Option<Saved>>> + Send;

    /// Takes what is due for `node` until the lease runs out, but for what is to be left: pages first, then by due
    /// time. What was made for the same receiver about the same ticket later waits until it is settled. Not to be
    /// claimed inside of a batch.
    fn claim_notices(
        &self,
        now: DateTime<Utc>,
        node: &str,
        lease: TimeDelta,
        limit: u32,
        leave: &Leave,
    ) -> impl Future<Output = anyhow::Result<Vec<OutboxRow>>> + Send;

    /// When the next notice can be claimed; `None`: nothing waits.
    fn next_notice_at(&self) -> impl Future<Output = anyhow::Result<Option<DateTime<Utc>>>> + Send;

    /// Nothing changes where one had been sent or given up already.
    fn notices_sent(
        &self,
        taken: &[Taken],
        now: DateTime<Utc>,
    ) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// Gives back the leases of `node`, none of whose notices is under way any more.
    fn take_back_leases(&self, node: &str) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// It is not sent any more, because what it asked for is over. Nothing changes where it had been settled already, or
    /// `node` has lost the lease to another.
    fn notice_overtaken(
        &self,
        id: &str,
        node: &str,
        why: &str,
        now: DateTime<Utc>,
    ) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// All about one ticket, by id.
    fn notices_of(&self, ticket: TicketId) -> impl Future<Output = anyhow::Result<Vec<OutboxRow>>> + Send;

    /// Gives the lease back. Nothing changes where it had been sent or given up already, or `node` has lost the lease to
    /// another.
    fn notice_retry(
        &self,
        id: &str,
        node: &str,
        again: &Again<'_>,
    ) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// Takes away at most `limit` tickets, batches and notices each, the oldest first, under the write lock: whoever
    /// comes second finds them gone. A ticket goes whole or not at all.
    fn prune(&self, since: KeptSince, limit: u32) -> impl Future<Output = anyhow::Result<Gone>> + Send;
}

/// One batch of decisions: holds the write lock from [`Face::begin`] to commit. Dropped without, it never was.
pub trait FaceBatch: Send {
    fn last(&mut self) -> impl Future<Output = anyhow::Result<Last>> + Send;

    /// What was committed after `batch`, up to `last`.
    fn changed_since(&mut self, batch: i64, last: Last)
    -> impl Future<Output = anyhow::Result<Since>> + Send;

    /// Those of them that exist, by number.
    fn tickets(&mut self, ids: &[TicketId]) -> impl Future<Output = anyhow::Result<Vec<Saved>>> + Send;

    /// Those of them that exist, by number.
    fn handoffs(&mut self, ids: &[HandoffId]) -> impl Future<Output = anyhow::Result<Vec<Handoff>>> + Send;

    /// Answers given to those keys since `since`.
    fn remembered(
        &mut self,
        keys: &[&str],
        since: DateTime<Utc>,
    ) -> impl Future<Output = anyhow::Result<BTreeMap<String, Remembered>>> + Send;

    /// Saves what the desk decided at `now`, as the batch after `before`. At most one statement per table.
    fn save(
        &mut self,
        changes: &Changes,
        before: &Last,
        now: DateTime<Utc>,
    ) -> impl Future<Output = anyhow::Result<Last>> + Send;

    fn remember(
        &mut self,
        answers: &BTreeMap<String, Remembered>,
        now: DateTime<Utc>,
    ) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// Forgets the oldest answers that were given before `before`, at most `limit` of them; how many.
    fn forget(
        &mut self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> impl Future<Output = anyhow::Result<u64>> + Send;

    /// Nobody will send these notices any more; what waits in their place goes out at once.
    fn give_up(
        &mut self,
        notices: &[GivenUp<'_>],
        now: DateTime<Utc>,
    ) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// Fails where another node has published that number already.
    fn add_revision(&mut self, revision: &RevisionRow) -> impl Future<Output = anyhow::Result<()>> + Send;

    fn add_day_row(
        &mut self,
        kind: DayKind,
        body: &serde_json::Value,
        by: &str,
        at: DateTime<Utc>,
    ) -> impl Future<Output = anyhow::Result<DayRow>> + Send;

    /// False where there is none, or it has been removed before.
    fn remove_day_row(
        &mut self,
        kind: DayKind,
        id: i64,
        at: DateTime<Utc>,
    ) -> impl Future<Output = anyhow::Result<bool>> + Send;

    /// On disk when it returns; other nodes hear of it. Where it fails because the database has gone away, it may be
    /// on disk all the same.
    fn commit(self) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// A shared database that has not answered within this is given up, and its connection with it: the network may have
/// been cut, and nobody would ever tell. Nobody waits longer for the write lock, and no statement may take longer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(40);
/// Likewise for what stands between a page and a person, which is little to ask.
const NOTICES_WITHIN: Duration = Duration::from_secs(10);

impl Store {
    /// Fails where a shared database does not answer in time.
    async fn in_time<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        if !self.is_shared() {
            return work.await;
        }
        let answered = tokio::time::timeout(limit, work).await;
        answered.unwrap_or_else(|_| Err(NoAnswer(limit.as_secs()).into()))
    }
}

impl Face for Store {
    type Batch = Batch;

    fn is_shared(&self) -> bool {
        self.is_shared()
    }

    fn node(&self) -> String {
        self.node().to_owned()
    }

    async fn begin(&self) -> anyhow::Result<Batch> {
        self.in_time(ANSWERS_WITHIN, self.begin()).await
    }

    async fn load_desk(&self) -> anyhow::Result<DeskRows> {
        self.in_time(ANSWERS_WITHIN, self.load_desk()).await
    }

    async fn last(&self) -> anyhow::Result<Last> {
        self.in_time(ANSWERS_WITHIN, self.last()).await
    }

    async fn since(&self, batch: i64) -> anyhow::Result<Option<Since>> {
        self.in_time(ANSWERS_WITHIN, self.since(batch)).await
    }

    async fn events_since(&self, batch: i64, last: i64) -> anyhow::Result<Vec<Heard>> {
        self.in_time(ANSWERS_WITHIN, self.events_since(batch, last)).await
    }

    async fn revision(&self, number: i64) -> anyhow::Result<Option<RevisionRow>> {
        self.in_time(ANSWERS_WITHIN, self.revision(number)).await
    }

    async fn latest_revision(&self) -> anyhow::Result<Option<RevisionRow>> {
        self.in_time(ANSWERS_WITHIN, self.latest_revision()).await
    }

    async fn day_rows(&self, kind: DayKind) -> anyhow::Result<Vec<DayRow>> {
        self.in_time(ANSWERS_WITHIN, self.day_rows(kind)).await
    }

    async fn agreed(&self) -> anyhow::Result<Option<i64>> {
        self.in_time(ANSWERS_WITHIN, self.agreed()).await
    }

    async fn agrees(&self, revision: i64, at: DateTime<Utc>) -> anyhow::Result<()> {
        self.in_time(ANSWERS_WITHIN, self.agrees(revision, at)).await
    }

    async fn tokens(&self) -> anyhow::Result<Vec<TokenRow>> {
        self.in_time(ANSWERS_WITHIN, self.tokens()).await
    }

    async fn listen(&self, heard: Arc<Notify>) {
        let mut commits = self.commits();
        loop {
            commits.next().await;
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
        self.in_time(NOTICES_WITHIN, self.claim_notices(now, node, lease, limit, leave)).await
    }

    async fn ticket(&self, id: TicketId) -> anyhow::Result<Option<Saved>> {
        self.in_time(NOTICES_WITHIN, self.ticket(id)).await
    }

    async fn notice_overtaken(
        &self,
        id: &str,
        node: &str,
        why: &str,
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        self.in_time(NOTICES_WITHIN, self.notice_overtaken(id, node, why, now)).await
    }

    async fn notices_of(&self, ticket: TicketId) -> anyhow::Result<Vec<OutboxRow>> {
        self.in_time(NOTICES_WITHIN, self.notices_of(ticket)).await
    }

    async fn next_notice_at(&self) -> anyhow::Result<Option<DateTime<Utc>>> {
        self.in_time(NOTICES_WITHIN, self.next_notice_at()).await
    }

    async fn notices_sent(&self, taken: &[Taken], now: DateTime<Utc>) -> anyhow::Result<()> {
        self.in_time(NOTICES_WITHIN, self.notices_sent(taken, now)).await
    }

    async fn take_back_leases(&self, node: &str) -> anyhow::Result<()> {
        self.in_time(NOTICES_WITHIN, self.take_back_leases(node)).await
    }

    async fn notice_retry(&self, id: &str, node: &str, again: &Again<'_>) -> anyhow::Result<()> {
        self.in_time(NOTICES_WITHIN, self.notice_retry(id, node, again)).await
    }

    async fn prune(&self, since: KeptSince, limit: u32) -> anyhow::Result<Gone> {
        self.in_time(ANSWERS_WITHIN, self.prune(since, limit)).await
    }
}
