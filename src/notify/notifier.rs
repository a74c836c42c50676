//! The loop that claims notices, and the delivery of one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, error, warn};

use super::warned::Warned;
use super::{Channels, Deliveries, Failure, Pace};
use crate::desk::{Action, Command, Notice};
use crate::engine::Engine;
use crate::schedule::Person;
use crate::store::{Face, OutboxRow};

/// Deliveries under way, and the loop that starts them.
pub struct Notifier {
    stop: CancellationToken,
    running: JoinHandle<()>,
    deliveries: TaskTracker,
}

struct Work<S> {
    engine: Engine<S>,
    channels: Channels,
    pace: Pace,
    /// Names this process in leases.
    node: String,
    chance: Mutex<fastrand::Rng>,
    /// Of whom it was said that a channel is missing: the files say it for every notice alike.
    warned: Mutex<Warned>,
    counts: Deliveries,
    /// A delivery came to its end: there is room, or a new time to try again.
    settled: Notify,
}

const LOCK: &str = "no one panics while holding it";

/// Where in a person's channels a notice is.
struct Turn<'a> {
    channel: &'a str,
    /// Attempts on this channel that came to nothing.
    failed: u32,
    next: Option<&'a str>,
}

impl Turn<'_> {
    /// The channel the outbox names, else the person's first. `names` has at least one, and each once.
    fn of<'a>(row: &OutboxRow, names: &[&'a str]) -> Turn<'a> {
        let stored = row.channel.as_deref().and_then(|last| names.iter().position(|name| *name == last));
        let at = stored.unwrap_or(0);
        let failed = if stored.is_some() { row.attempts } else { 0 };
        Turn { channel: names[at], failed, next: names.get(at + 1).copied() }
    }
}

impl Notifier {
    pub fn start<S: Face>(
        engine: Engine<S>,
        channels: Channels,
        pace: Pace,
        node: String,
        counts: Deliveries,
    ) -> Notifier {
        counts.expect(channels.names());
        let stop = CancellationToken::new();
        let deliveries = TaskTracker::new();
        let chance = Mutex::new(fastrand::Rng::with_seed(pace.seed));
        let (warned, settled) = (Mutex::default(), Notify::new());
        let work = Arc::new(Work { engine, channels, pace, node, chance, warned, counts, settled });
        let running = tokio::spawn(drain(work, deliveries.clone(), stop.clone()));
        Notifier { stop, running, deliveries }
    }

    /// Claims nothing more and waits for what is under way, at most `patience`; what is left then is claimed again
    /// by whoever comes next, once its lease has ended.
    pub async fn stop(self, patience: Duration) {
        self.stop.cancel();
        if let Err(error) = self.running.await {
            error!(%error, "the outbox was not drained to the end");
        }
        self.deliveries.close();
        if tokio::time::timeout(patience, self.deliveries.wait()).await.is_err() {
            warn!(left = self.deliveries.len(), "deliveries were still under way and will be repeated");
        }
    }
}

async fn drain<S: Face>(work: Arc<Work<S>>, deliveries: TaskTracker, stop: CancellationToken) {
    let mut news = work.engine.news();
    while !stop.is_cancelled() {
        let claimed = match claim(&work, &deliveries, &stop).await {
            Ok(claimed) => claimed,
            Err(error) => {
                error!(error = format!("{error:#}"), "notices cannot be claimed");
                0
            }
        };
        if claimed > 0 {
            continue;
        }
        // The outbox is the truth: news only says that it may be worth looking sooner.
        tokio::select! {
            biased;
            () = stop.cancelled() => (),
            () = work.settled.notified() => (),
            heard = news.recv() => if matches!(heard, Err(RecvError::Closed)) {
                tokio::time::sleep(work.pace.look).await;
            },
            () = work.until_due() => (),
        }
    }
}

/// Starts a delivery for every notice that is due, as far as there is room; how many.
async fn claim<S: Face>(
    work: &Arc<Work<S>>,
    deliveries: &TaskTracker,
    stop: &CancellationToken,
) -> anyhow::Result<usize> {
    let room = work.pace.claimed_max.saturating_sub(deliveries.len());
    if room == 0 {
        return Ok(0);
    }
    let now = work.engine.clock().now();
    let room = u32::try_from(room).unwrap_or(u32::MAX);
    let rows = work.engine.store().claim_notices(now, &work.node, work.pace.lease, room).await?;
    let claimed = rows.len();
    for row in rows {
        let (work, stop) = (work.clone(), stop.clone());
        deliveries.spawn(async move {
            let id = row.notice.id.clone();
            if let Err(error) = work.deliver(row, now, &stop).await {
                error!(
                    notice.id = id,
                    error = format!("{error:#}"),
                    "what came of a notice was not written down"
                );
            }
            work.settled.notify_one();
        });
    }
    Ok(claimed)
}

impl<S: Face> Work<S> {
    /// Until a notice may be due, but no sooner than after a pause: what is due may be waiting for room.
    async fn until_due(&self) {
        tokio::time::sleep(self.pace.look).await;
        match self.engine.store().next_notice_at().await {
            Ok(next) => self.engine.clock().sleep_until(next).await,
            Err(error) => error!(error = format!("{error:#}"), "the outbox cannot be read"),
        }
    }

    /// One attempt, on the channel whose turn it is; what came of it is written down.
    async fn deliver(
        &self,
        row: OutboxRow,
        claimed_at: DateTime<Utc>,
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        let in_force = self.engine.in_force();
        let organisation = &in_force.coverage.organisation;
        let notice = &row.notice;
        let (names, missing) = self.channels.of(organisation, &notice.to);
        if let Some(missing) = missing
            && self.warned.lock().expect(LOCK).is_new(in_force.revision, &notice.to)
        {
            warn!(person = %notice.to, notice.id = %notice.id, "{missing}");
        }
        let turn = Turn::of(&row, &names);
        let person = organisation.people.get(&notice.to);
        let Some(outcome) = self.attempt(notice, person, turn.channel, claimed_at, stop).await? else {
            return Ok(());
        };
        match outcome {
            Ok(()) => {
                let now = self.engine.clock().now();
                self.counts.attempt(turn.channel, notice.kind, "delivered");
                self.counts.delivered(notice.kind, now - notice.at);
                self.engine.store().notice_sent(&notice.id, turn.channel, now).await
            }
            Err(failure) => self.failed(&row, &turn, failure).await,
        }
    }

    /// `None`: not attempted, because the daemon stops, the channel hangs or the lease ran out.
    async fn attempt(
        &self,
        notice: &Notice,
        person: Option<&Person>,
        name: &str,
        claimed_at: DateTime<Utc>,
        stop: &CancellationToken,
    ) -> anyhow::Result<Option<Result<(), Failure>>> {
        let (channel, places) = self.channels.get(name).context("only channels that exist have a turn")?;
        let place = tokio::select! {
            place = places.enter() => place,
            () = stop.cancelled() => return Ok(None),
        };
        if place.is_none() {
            // Claimed anew once its lease is over; the room it took here is for notices of other channels.
            debug!(notice.id = %notice.id, channel = name, "the channel hangs, and enough notices wait for it");
            return Ok(None);
        }
        let now = self.engine.clock().now();
        if now + self.timeout() > claimed_at + self.pace.lease {
            // Waited too long for a place: somebody may have claimed it anew.
            debug!(notice.id = %notice.id, channel = name, "the lease ran out before the attempt");
            return Ok(None);
        }
        let began = Instant::now();
        let outcome = channel.send(notice, person, now).await;
        self.counts.attempt_took(name, began.elapsed().as_secs_f64());
        Ok(Some(outcome))
    }

    /// Tries the same channel again after a pause, or the next one at once, or gives up.
    async fn failed(&self, row: &OutboxRow, turn: &Turn<'_>, failure: Failure) -> anyhow::Result<()> {
        let (notice, channel, failed) = (&row.notice, turn.channel, turn.failed + 1);
        let now = self.engine.clock().now();
        let reason = match failure {
            Failure::Passing { why, retry_after } => {
                self.counts.attempt(channel, notice.kind, "failed");
                warn!(notice.id = %notice.id, channel, attempt = failed, reason = why, "a notice was not taken");
                if failed < self.pace.attempts {
                    let delay = {
                        let mut chance = self.chance.lock().expect(LOCK);
                        self.pace.delay(failed, retry_after, &mut chance)
                    };
                    let why = format!("{channel}: {why}");
                    let store = self.engine.store();
                    return store
                        .notice_retry(&notice.id, &self.node, now + delay, &why, channel, failed)
                        .await;
                }
                why
            }
            Failure::Lasting { why } => {
                self.counts.attempt(channel, notice.kind, "refused");
                warn!(notice.id = %notice.id, channel, reason = why, "a channel refuses a notice");
                why
            }
        };
        let why = format!("{channel}: {reason}");
        match turn.next {
            // It has not been asked yet, so nothing holds it back.
            Some(next) => self.engine.store().notice_retry(&notice.id, &self.node, now, &why, next, 0).await,
            None => self.give_up(row, why).await,
        }
    }

    /// The desk hears of it; its batch marks the notice as failed.
    async fn give_up(&self, row: &OutboxRow, reason: String) -> anyhow::Result<()> {
        let notice = &row.notice;
        self.counts.given_up(notice.kind);
        error!(notice.id = %notice.id, ticket.id = %notice.ticket, person = %notice.to, reason, "a notice reached nobody");
        let failed = Action::NoticeFailed {
            notice: notice.id.clone(),
            ticket: notice.ticket,
            to: notice.to.clone(),
            reason,
        };
        self.engine
            .take(Command::system(failed), None)
            .await
            .context("the desk did not hear of a failure")?;
        Ok(())
    }

    fn timeout(&self) -> TimeDelta {
        TimeDelta::from_std(self.pace.timeout).unwrap_or(TimeDelta::MAX)
    }
}
