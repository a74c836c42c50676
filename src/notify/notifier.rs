//! The loop that claims notices, and the delivery of one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, error, warn};

use super::{Channels, Deliveries, Failure, Pace};
use crate::desk::{Action, Command};
use crate::engine::Engine;
use crate::store::OutboxRow;

/// Deliveries under way, and the loop that starts them.
pub struct Notifier {
    stop: CancellationToken,
    running: JoinHandle<()>,
    deliveries: TaskTracker,
}

struct Work {
    engine: Engine,
    channels: Channels,
    pace: Pace,
    /// Names this process in leases.
    node: String,
    chance: Mutex<fastrand::Rng>,
    counts: Deliveries,
    /// A delivery came to its end: there is room, or a new time to try again.
    settled: Notify,
}

impl Notifier {
    pub fn start(
        engine: Engine,
        channels: Channels,
        pace: Pace,
        node: String,
        counts: Deliveries,
    ) -> Notifier {
        let stop = CancellationToken::new();
        let deliveries = TaskTracker::new();
        let chance = Mutex::new(fastrand::Rng::with_seed(pace.seed));
        let work = Arc::new(Work { engine, channels, pace, node, chance, counts, settled: Notify::new() });
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

async fn drain(work: Arc<Work>, deliveries: TaskTracker, stop: CancellationToken) {
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
            () = work.until_due() => (),
            () = work.settled.notified() => (),
            heard = news.recv() => if matches!(heard, Err(RecvError::Closed)) {
                tokio::time::sleep(work.pace.look).await;
            },
            () = stop.cancelled() => (),
        }
    }
}

/// Starts a delivery for every notice that is due, as far as there is room; how many.
async fn claim(
    work: &Arc<Work>,
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

impl Work {
    /// Until a notice may be due, but no sooner than after a pause: what is due may be waiting for room.
    async fn until_due(&self) {
        tokio::time::sleep(self.pace.look).await;
        match self.engine.store().next_notice_at().await {
            Ok(next) => self.engine.clock().sleep_until(next).await,
            Err(error) => error!(error = format!("{error:#}"), "the outbox cannot be read"),
        }
    }

    /// Tries one channel, and the next ones at once where a channel will never take it.
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
        if let Some(missing) = missing.filter(|_| row.attempts == 0) {
            warn!(person = %notice.to, notice.id = %notice.id, "{missing}");
        }
        let mut why = row.last_error.clone().unwrap_or_else(|| "every channel was tried".to_owned());
        for (at, name) in names.iter().enumerate().skip(self.turn(&row, &names)) {
            let Some((channel, places)) = self.channels.get(name) else { continue };
            let _place = tokio::select! {
                place = places.acquire_owned() => place.context("a channel's places are never closed")?,
                () = stop.cancelled() => return Ok(()),
            };
            let now = self.engine.clock().now();
            if now + self.timeout() > claimed_at + self.pace.lease {
                // Waited too long for a place: somebody may have claimed it anew.
                debug!(notice.id = %notice.id, channel = name, "the lease ran out before the attempt");
                return Ok(());
            }
            let person = organisation.people.get(&notice.to);
            match channel.send(notice, person, now).await {
                Ok(()) => {
                    self.counts.attempt(name, "delivered");
                    return self
                        .engine
                        .store()
                        .notice_sent(&notice.id, name, self.engine.clock().now())
                        .await;
                }
                Err(Failure::Passing { why: reason, retry_after }) => {
                    self.counts.attempt(name, "failed");
                    let failed = row.attempts + 1;
                    why = format!("{name}: {reason}");
                    warn!(notice.id = %notice.id, channel = name, attempt = failed, reason, "a notice was not taken");
                    let last_channel = at + 1 == names.len();
                    let last_attempt = failed >= self.pace.attempts.saturating_mul(at as u32 + 1);
                    if !(last_channel && last_attempt) {
                        return self.again(&row, failed, retry_after, &why, name).await;
                    }
                }
                Err(Failure::Lasting { why: reason }) => {
                    self.counts.attempt(name, "refused");
                    why = format!("{name}: {reason}");
                    warn!(notice.id = %notice.id, channel = name, reason, "a channel refuses a notice");
                }
            }
        }
        self.give_up(&row, why).await
    }

    /// The place in `names` of the channel whose turn it is: the one tried last, or as many further as there were
    /// full rounds of attempts.
    fn turn(&self, row: &OutboxRow, names: &[&str]) -> usize {
        let last = row.channel.as_deref().and_then(|last| names.iter().position(|name| *name == last));
        last.unwrap_or(0).max((row.attempts / self.pace.attempts.max(1)) as usize)
    }

    async fn again(
        &self,
        row: &OutboxRow,
        failed: u32,
        asked: Option<TimeDelta>,
        why: &str,
        channel: &str,
    ) -> anyhow::Result<()> {
        let round = (failed - 1) % self.pace.attempts.max(1) + 1;
        let delay = if round == self.pace.attempts {
            // The next attempt is on another channel, which has not been asked to wait.
            TimeDelta::zero()
        } else {
            let mut chance = self.chance.lock().expect("no one panics while holding it");
            self.pace.delay(round, asked, &mut chance)
        };
        let due_at = self.engine.clock().now() + delay;
        self.engine.store().notice_retry(&row.notice.id, due_at, why, channel).await
    }

    /// The desk hears of it; its batch marks the notice as failed.
    async fn give_up(&self, row: &OutboxRow, reason: String) -> anyhow::Result<()> {
        let notice = &row.notice;
        self.counts.given_up();
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
