//! What other nodes have committed: taken over before the next decision, and passed on to whoever listens here.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::aside::aside;
use super::guard::guarded;
use super::rules::with_changes;
use super::watched::Watched;
use super::writer::Writer;
use super::{InForce, News, day, schedules};
use crate::desk::Desk;
use crate::store::{DayKind, DayRow, Face, Heard, Last, NoAnswer, Since};

/// Whatever takes longer on a database that others share is given up: the network may have been cut, and nobody
/// would ever tell.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);
const COMPILES_WITHIN: Duration = Duration::from_secs(120);

/// Nodes look at what is due a little apart from each other: as a rule the first has done it and the others hear of
/// it before they ask for the lock.
const APART_MAX: Duration = Duration::from_millis(50);

/// By the node's name (FNV-1a): differing, and the same at every start.
pub(super) fn apart(node: &str) -> Duration {
    let mixed = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = node.bytes().fold(0xcbf2_9ce4_8422_2325, mixed);
    APART_MAX.mul_f64((hash % 1000) as f64 / 1000.0)
}

/// Until `stop`, says that other nodes may have committed something.
pub(super) async fn listen(store: impl Face, heard: Arc<Notify>, stop: CancellationToken) {
    tokio::select! {
        () = store.listen(heard) => (),
        () = stop.cancelled() => (),
    }
}

/// Fails where a shared database does not answer in time.
pub(super) async fn in_time<T, E: From<anyhow::Error>>(
    store: &impl Face,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    within(ANSWERS_WITHIN, store, work).await
}

/// Likewise for work in which schedules are compiled as well.
pub(super) async fn in_long_time<T, E: From<anyhow::Error>>(
    store: &impl Face,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    within(COMPILES_WITHIN, store, work).await
}

async fn within<T, E: From<anyhow::Error>>(
    limit: Duration,
    store: &impl Face,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    if !store.is_shared() {
        return work.await;
    }
    match tokio::time::timeout(limit, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(E::from(NoAnswer(limit.as_secs()).into())),
    }
}

impl<S: Face> Writer<S> {
    /// Takes over what other nodes have committed; without the lock, so that nobody waits.
    pub async fn look_around(&mut self) {
        // A desk that is not to be trusted is restored from everything before the next batch.
        if self.desk.is_none() {
            return;
        }
        let store = self.store.clone();
        if let Err(fault) = in_time(&store, self.catch_up()).await {
            warn!(error = format!("{fault:#}"), "what other nodes have done cannot be read");
        }
    }

    async fn catch_up(&mut self) -> anyhow::Result<()> {
        let Some(since) = self.store.since(self.last.batch).await? else { return Ok(()) };
        let last = since.last;
        self.take_in(since).await?;
        if self.is_at_work(&last) { Ok(()) } else { self.follow().await }
    }

    /// Onto the desk, and to whoever listens.
    pub async fn take_in(&mut self, since: Since) -> anyhow::Result<()> {
        since.tickets.iter().for_each(|saved| self.watched.note(saved));
        let desk = self.desk().await?;
        since.tickets.into_iter().for_each(|saved| desk.put(saved));
        desk.part_with_guests();
        since.handoffs.into_iter().for_each(|handoff| desk.put_handoff(handoff));
        since.turns.into_iter().for_each(|(team, person)| desk.put_turn(team, person));
        self.last = since.last;
        // Or waits that a node whose clock is ahead has begun would last longer here by as much.
        if let Some(decided_at) = self.last.decided_at {
            self.clock.at_least(decided_at);
        }
        self.tell(since.events);
        self.measure();
        Ok(())
    }

    fn tell(&mut self, heard: Vec<Heard>) {
        self.told = self.last.batch;
        if heard.is_empty() {
            return;
        }
        let residencies = heard.iter().map(|(event, residency)| (event.ticket, residency.clone())).collect();
        let events = heard.into_iter().map(|(event, _)| event).collect();
        // Nobody may be listening.
        let (events, residencies) = (Arc::new(events), Arc::new(residencies));
        _ = self.news.send(News { events, residencies, epoch: self.last.numbers.epoch });
    }

    /// The desk, restored where it was not to be trusted.
    pub async fn desk(&mut self) -> anyhow::Result<&mut Desk> {
        if self.desk.is_none() {
            self.restore().await?;
        }
        self.desk.as_mut().context("the desk was restored a moment ago")
    }

    pub async fn restore(&mut self) -> anyhow::Result<()> {
        let rows = self.store.load_desk().await.context("could not restore the desk")?;
        let last = rows.last();
        self.meters.rows_damaged.set(rows.damaged.len().try_into().unwrap_or(i64::MAX));
        // A batch of ours may be among them that we could not be sure of.
        let untold = self.store.events_since(self.told, last.batch).await?;
        let restored = guarded(|| {
            let mut desk = Desk::restore(rows.tickets, rows.handoffs, rows.turns, rows.numbers);
            desk.will_close(rows.closings);
            desk
        });
        let desk = restored.map_err(|words| anyhow!("restoring the desk panicked: {words}"))?;
        self.watched = Watched::of(&desk);
        self.desk = Some(desk);
        self.last = last;
        self.tell(untold);
        self.measure();
        Ok(())
    }

    /// Whether decisions here go by the revision in force, and by all leave and overrides. Before the first revision
    /// nothing is in force.
    pub fn is_at_work(&self, last: &Last) -> bool {
        let revision = self.in_force.load().revision;
        (last.revision == revision || last.revision == 0) && last.day_batch == self.day_batch
    }

    /// Puts to work what another node has published. That one has woken the tickets it concerns.
    pub async fn follow(&mut self) -> anyhow::Result<()> {
        let last = self.store.last().await?;
        let rows = day_rows(&self.store).await?;
        let old = self.in_force.load_full();
        let mut new = old.as_ref().clone();
        let mut compiled = None;
        if last.revision != old.revision && last.revision != 0 {
            let row = self.store.revision(last.revision).await?;
            let row = row.with_context(|| format!("revision {} is not there", last.revision))?;
            let (since, now) = (row.at, self.clock.now());
            let read = aside(move || {
                let found = schedules::read_revision(&row, now)?;
                let coverage = found.compile(Default::default(), now);
                Ok((coverage, found.warnings))
            });
            match read.await.context("reading a revision failed")? {
                Ok((coverage, warnings)) => {
                    compiled = Some(Arc::new(coverage));
                    new = InForce { revision: last.revision, since, warnings, drift: None, ..new };
                }
                Err::<_, schedules::Broken>(broken) => {
                    let first = broken.problems.first().map_or("", |problem| problem.message.as_str());
                    bail!(
                        "revision {}, which another node has published, cannot be read here ({first}): is that node \
                         of a newer release? upgrade this one",
                        last.revision
                    );
                }
            }
        }
        let base = compiled.unwrap_or_else(|| old.coverage.clone());
        let (changes, stale) = day::changes(&base.organisation, &rows);
        let coverage = with_changes(base, changes).await?;
        if new.revision != old.revision {
            info!(revision = new.revision, "schedules that another node has published are at work");
        }
        self.day_rows = rows;
        self.day_batch = last.day_batch;
        self.swap(InForce { coverage, stale, ..new });
        Ok(())
    }
}

/// Not removed, in the order they came.
pub(super) async fn day_rows(store: &impl Face) -> anyhow::Result<Vec<DayRow>> {
    let mut rows = Vec::new();
    for kind in DayKind::ALL {
        rows.extend(store.day_rows(kind).await?);
    }
    Ok(rows)
}
