//! The loop that claims notices, and the delivery of one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, error, warn};

use super::channel::Way;
use super::claims::{Claims, Turn};
use super::places::Errand;
use super::warned::Warned;
use super::{Channels, Deliveries, Failure, Letter, Pace};
use crate::desk::{Action, Command, Notice, NoticeKind};
use crate::engine::Engine;
use crate::store::{Face, OutboxRow};

/// Deliveries under way, and the loop that starts them.
pub struct Notifier {
    stop: CancellationToken,
    running: JoinHandle<()>,
    /// Nobody drains the outbox any more.
    ended: CancellationToken,
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
    claims: Arc<Claims>,
}

/// So many are claimed with one statement.
const CLAIMED_AT_ONCE: u32 = 64;
/// The outbox is looked into at least this often, whatever is due: only so is it known that it can be.
const LOOK_AT_LEAST: Duration = Duration::from_secs(30);
/// What found no room comes back after this.
const NO_ROOM_PAUSE: TimeDelta = TimeDelta::seconds(5);

const LOCK: &str = "no one panics while holding it";

/// What came of a notice's turn.
enum Attempt {
    Made {
        outcome: Result<String, Failure>,
        /// It ended because nobody answered.
        silent: bool,
    },
    /// Not before its turn, which is after so long.
    PutOff(Duration),
    /// Nobody needs it any more, and why.
    Overtaken(&'static str),
    /// The channel hangs, and there is a next one.
    Passed,
    /// There was no room before the lease ran out.
    NoRoom { hangs: bool },
    /// The daemon stops.
    Stopped,
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
        let (warned, claims) = (Mutex::default(), Arc::default());
        if channels.only_log() {
            warn!("no channel is set up: notices are written into this log, and nobody is woken by a page");
        }
        let work = Arc::new(Work { engine, channels, pace, node, chance, warned, counts, claims });
        let ended = CancellationToken::new();
        // However it ends, be it with a panic.
        let last_word = ended.clone().drop_guard();
        let draining = drain(work, deliveries.clone(), stop.clone());
        let running = tokio::spawn(async move {
            let _last_word = last_word;
            draining.await;
        });
        Notifier { stop, running, ended, deliveries }
    }

    /// Returns when nobody drains the outbox any more, which before [`Notifier::stop`] is a bug; the log says of what
    /// kind.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Claims nothing more and waits for what is under way, at most twice `patience`; what is left then is claimed again
    /// by whoever comes next, once its lease has ended.
    pub async fn stop(self, patience: Duration) {
        self.stop.cancel();
        match tokio::time::timeout(patience, self.running).await {
            Ok(Ok(())) => (),
            Ok(Err(error)) => error!(%error, "the outbox was not drained to the end"),
            Err(_) => warn!("the outbox was still being asked for notices: it does not answer"),
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
        let claimed = claim(&work, &deliveries, &stop).await;
        work.counts.looked(claimed.is_ok());
        let claimed = claimed.unwrap_or_else(|error| {
            error!(error = format!("{error:#}"), "notices cannot be claimed");
            0
        });
        if claimed > 0 {
            continue;
        }
        // The outbox is the truth: news only says that it may be worth looking sooner.
        tokio::select! {
            biased;
            () = stop.cancelled() => (),
            () = work.counts.rung() => (),
            heard = news.recv() => if matches!(heard, Err(RecvError::Closed)) {
                tokio::time::sleep(work.pace.look).await;
            },
            () = work.until_due() => (),
            () = tokio::time::sleep(LOOK_AT_LEAST) => (),
        }
    }
}

/// Starts a delivery for every notice that is due, as far as its channel has room; how many.
async fn claim<S: Face>(
    work: &Arc<Work<S>>,
    deliveries: &TaskTracker,
    stop: &CancellationToken,
) -> anyhow::Result<usize> {
    let (now, began) = (work.engine.clock().now(), Instant::now());
    let store = work.engine.store();
    let organisation = work.engine.in_force().coverage.organisation.clone();
    let Pace { claimed_max, lease, .. } = work.pace;
    let leave = work.claims.leave(&organisation, &work.channels, claimed_max, store.is_shared(), now);
    let rows = store.claim_notices(now, &work.node, lease, CLAIMED_AT_ONCE, &leave).await?;
    let claimed = rows.len();
    // With time for one attempt left, and to say what came of it.
    let until = began + lease.to_std().unwrap_or_default().saturating_sub(2 * work.pace.timeout);
    for row in rows {
        let (names, _) = work.channels.of(&organisation, &row.notice.to);
        let under_way = work.claims.under_way(Turn::of(&row, &names).channel);
        let (work, stop) = (work.clone(), stop.clone());
        deliveries.spawn(async move {
            let id = row.notice.id.clone();
            if let Err(error) = work.deliver(row, until, &stop).await {
                error!(
                    notice.id = id,
                    error = format!("{error:#}"),
                    "what came of a notice was not written down"
                );
            }
            drop(under_way);
            // There is room, or a new time to try again, or a way for the next to the same receiver.
            work.counts.ring();
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

    /// One attempt, on the channel whose turn it is; what came of it is written down. `until`: nobody else can have
    /// claimed it by then.
    async fn deliver(&self, row: OutboxRow, until: Instant, stop: &CancellationToken) -> anyhow::Result<()> {
        let in_force = self.engine.in_force();
        let organisation = &in_force.coverage.organisation;
        let notice = &row.notice;
        let (names, missing) = self.channels.of(organisation, &notice.to);
        if let Some(missing) = missing
            && self.warned.lock().expect(LOCK).is_new(in_force.revision, &notice.to)
        {
            warn!(person = %notice.to, notice.id = %notice.id, "{missing}");
        }
        if notice.kind == NoticeKind::Page
            && let Some(why) = self.channels.only_logged(organisation, &notice.to)
        {
            return match self.overtaken(&row).await {
                Some(why) => self.settle_overtaken(notice, why).await,
                None => self.give_up(&row, why).await,
            };
        }
        let turn = Turn::of(&row, &names);
        let person = organisation.people.get(&notice.to);
        let words = notice.words(&in_force.coverage);
        if let Some(flaw) = &words.flaw {
            warn!(notice.id = %notice.id, language = words.language, flaw, "a message was written as it is built in");
        }
        let letter = Letter::of(notice, &words, person, self.channels.links(turn.channel, notice));
        let store = self.engine.store();
        match self.attempt(&row, &letter, &turn, until, stop).await? {
            Attempt::Made { outcome: Ok(said), .. } => {
                debug!(notice.id = %notice.id, channel = turn.channel, said, "a notice was taken");
                let now = self.engine.clock().now();
                self.counts.attempt(turn.channel, notice.kind, "delivered");
                self.counts.delivered(notice.kind, now - notice.at);
                store.notice_sent(&notice.id, turn.channel, now).await
            }
            Attempt::Made { outcome: Err(failure), silent } => {
                self.failed(&row, &turn, failure, silent).await
            }
            Attempt::PutOff(wait) => {
                let due_at = self.engine.clock().now() + TimeDelta::from_std(wait)?;
                let why = format!("{}: waits for its turn", turn.channel);
                store.notice_retry(&notice.id, &self.node, due_at, &why, turn.channel, turn.failed).await
            }
            Attempt::Overtaken(why) => self.settle_overtaken(notice, why).await,
            Attempt::Passed => {
                let next = turn.next.context("only what has a next channel passes one over")?;
                let why = format!("{}: hangs, so it was passed over", turn.channel);
                warn!(notice.id = %notice.id, channel = turn.channel, next, "the channel hangs: a page goes on");
                let now = self.engine.clock().now();
                store.notice_retry(&notice.id, &self.node, now, &why, next, 0).await
            }
            Attempt::NoRoom { hangs: true } => {
                let why = "there was no room, and nobody answers".to_owned();
                self.failed(&row, &turn, Failure::Passing { why, retry_after: None }, true).await
            }
            Attempt::NoRoom { hangs: false } => {
                let due_at = self.engine.clock().now() + NO_ROOM_PAUSE;
                let why = format!("{}: there was no room", turn.channel);
                store.notice_retry(&notice.id, &self.node, due_at, &why, turn.channel, turn.failed).await
            }
            Attempt::Stopped => Ok(()),
        }
    }

    async fn attempt(
        &self,
        row: &OutboxRow,
        letter: &Letter<'_>,
        turn: &Turn<'_>,
        until: Instant,
        stop: &CancellationToken,
    ) -> anyhow::Result<Attempt> {
        let notice = &row.notice;
        if is_past(notice, self.engine.clock().now()) {
            return Ok(Attempt::Overtaken(PAST));
        }
        let Way { channel, line, places, .. } =
            self.channels.get(turn.channel).context("only channels that exist have a turn")?;
        let errand = Errand::of(notice, turn.next.is_some());
        if places.leads_past(errand) {
            return Ok(Attempt::Passed);
        }
        let come = tokio::select! {
            biased;
            come = line.enter(row.urgent) => come,
            () = stop.cancelled() => return Ok(Attempt::Stopped),
        };
        if let Err(wait) = come {
            return Ok(Attempt::PutOff(wait));
        }
        let place = tokio::select! {
            biased;
            place = places.enter(errand) => place,
            () = stop.cancelled() => return Ok(Attempt::Stopped),
            () = tokio::time::sleep_until(until) => {
                return Ok(Attempt::NoRoom { hangs: places.hangs() });
            }
        };
        let Ok(place) = place else { return Ok(Attempt::Passed) };
        // As late as possible: it may have stood in the line for long.
        if let Some(why) = self.overtaken(row).await {
            return Ok(Attempt::Overtaken(why));
        }
        let began = Instant::now();
        let outcome = channel.send(letter, self.engine.clock().now()).await;
        let took = began.elapsed();
        let silent = outcome.is_err() && took >= self.pace.timeout.mul_f64(0.9);
        place.ended(!silent);
        self.counts.attempt_took(turn.channel, took.as_secs_f64());
        if let Err(Failure::Throttled { retry_after: Some(wait), .. }) = &outcome {
            // It holds for all that goes there.
            line.close_for((*wait).clamp(TimeDelta::zero(), self.pace.delay_max).to_std()?);
        }
        Ok(Attempt::Made { outcome, silent })
    }

    /// Why nobody needs it any more. Where that cannot be found out it is needed: better one too many than one too few.
    async fn overtaken(&self, row: &OutboxRow) -> Option<&'static str> {
        let notice = &row.notice;
        if is_past(notice, self.engine.clock().now()) {
            return Some(PAST);
        }
        let relieves = notice.kind == NoticeKind::StandDown;
        if !notice.asks() && !relieves {
            return None;
        }
        // The store's own, not the desk's: that may lag behind what another node has offered.
        let store = self.engine.store();
        let ticket = store.ticket(notice.ticket).await.ok()??.ticket;
        if notice.asks() {
            return (!ticket.asks_by(notice)).then_some("the ticket is not offered to them any more");
        }
        let had_it = ticket.past.iter().any(|seat| seat.person == notice.to)
            || ticket.holder.person() == Some(&notice.to);
        let told = store.notices_of(notice.ticket).await.ok()?;
        let asked_again = |row: &OutboxRow| {
            row.notice.asks()
                && row.notice.to == notice.to
                && row.notice.at > notice.at
                && !row.is_overtaken()
        };
        if told.iter().any(asked_again) {
            return Some("they have been asked again since");
        }
        let mut asked = told.iter().filter(|row| row.notice.asks() && row.notice.to == notice.to).peekable();
        let knows_of_none = asked.peek().is_some() && asked.all(|row| !row.was_tried());
        (!had_it && knows_of_none).then_some("nothing they were asked by has gone out")
    }

    async fn settle_overtaken(&self, notice: &Notice, why: &str) -> anyhow::Result<()> {
        self.counts.overtaken(notice.kind);
        debug!(notice.id = %notice.id, ticket.id = %notice.ticket, person = %notice.to, why, "a notice is overtaken");
        let now = self.engine.clock().now();
        self.engine.store().notice_overtaken(&notice.id, &self.node, why, now).await
    }

    /// Tries the same channel again after a pause, or the next one at once, or gives up. `silent`: nobody answered.
    async fn failed(
        &self,
        row: &OutboxRow,
        turn: &Turn<'_>,
        failure: Failure,
        silent: bool,
    ) -> anyhow::Result<()> {
        let (notice, channel, failed) = (&row.notice, turn.channel, turn.failed + 1);
        let now = self.engine.clock().now();
        let hurries = notice.kind == NoticeKind::Page && turn.next.is_some();
        let enough = match (hurries, silent) {
            (true, true) => 1,
            (true, false) => self.pace.page_attempts,
            (false, _) => self.pace.attempts,
        };
        let reason = match failure {
            Failure::Passing { why, retry_after } | Failure::Throttled { why, retry_after } => {
                self.counts.attempt(channel, notice.kind, "failed");
                warn!(notice.id = %notice.id, channel, attempt = failed, reason = why, "a notice was not taken");
                if failed < enough {
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
        let failed = Action::NoticeFailed { notice: Box::new(notice.clone()), reason };
        self.engine
            .take(Command::system(failed), None)
            .await
            .context("the desk did not hear of a failure")?;
        Ok(())
    }
}

const PAST: &str = "an answer does not count any more";

/// Whether what it asks for had to be answered before now.
fn is_past(notice: &Notice, now: DateTime<Utc>) -> bool {
    notice.asks() && notice.expires_at.is_some_and(|until| until <= now)
}
