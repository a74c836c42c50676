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
use super::overtaken::{overtaken, past};
use super::places::Errand;
use super::taken::Ledger;
use super::warned::Warned;
use super::{Channels, Deliveries, Failure, Letter, Pace};
use crate::desk::{Action, Command, Notice, NoticeKind};
use crate::engine::Engine;
use crate::schedule::Organisation;
use crate::store::{Again, Face, OutboxRow, Taken};

/// Deliveries under way, and the loop that starts them.
pub struct Notifier {
    stop: CancellationToken,
    /// Ends with the loop, and gives back what was claimed and not tried.
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
    ledger: Ledger,
}

/// So many are claimed with one statement.
const CLAIMED_AT_ONCE: u32 = 64;
/// The outbox is looked into at least this often, whatever is due: only so is it known that it can be.
const LOOK_AT_LEAST: Duration = Duration::from_secs(10);
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
        let (warned, claims, ledger) = (Mutex::default(), Arc::default(), Ledger::default());
        if channels.only_log() {
            warn!("no channel is set up: notices are written into this log, and nobody is woken by a page");
        }
        let work = Arc::new(Work { engine, channels, pace, node, chance, warned, counts, claims, ledger });
        let ended = CancellationToken::new();
        // However it ends, be it with a panic.
        let last_word = ended.clone().drop_guard();
        let (under_way, stopped) = (deliveries.clone(), stop.clone());
        let running = tokio::spawn(async move {
            let _last_word = last_word;
            drain(&work, &under_way, &stopped).await;
            under_way.close();
            under_way.wait().await;
            work.give_back().await;
        });
        Notifier { stop, running, ended, deliveries }
    }

    /// Returns when nobody drains the outbox any more, which before [`Notifier::stop`] is a bug; the log says of what
    /// kind.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Claims nothing more, waits for what is under way and gives back what was not tried, all of that for at most twice
    /// `patience`; what is left then is claimed again by whoever comes next, once its lease has ended.
    pub async fn stop(self, patience: Duration) {
        self.stop.cancel();
        match tokio::time::timeout(2 * patience, self.running).await {
            Ok(Ok(())) => (),
            Ok(Err(error)) => error!(%error, "the outbox was not drained to the end"),
            Err(_) if self.deliveries.is_empty() => warn!("the outbox does not answer"),
            Err(_) => {
                warn!(left = self.deliveries.len(), "deliveries were still under way and will be repeated")
            }
        }
    }
}

async fn drain<S: Face>(work: &Arc<Work<S>>, deliveries: &TaskTracker, stop: &CancellationToken) {
    let mut news = work.engine.news();
    while !stop.is_cancelled() {
        let claimed = claim(work, deliveries, stop).await;
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
        let names = work.names(&organisation, &row.notice);
        let Some(under_way) = work.claims.under_way(&row, Turn::of(&row, &names).channel) else {
            // Our own lease is over, as a clock was set forward, and the attempt is still being made.
            continue;
        };
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

    /// What waited for room when we stopped is for others now, or for us when we come back.
    async fn give_back(&self) {
        if let Err(error) = self.engine.store().take_back_leases(&self.node).await {
            warn!(
                error = format!("{error:#}"),
                "what was claimed and not tried waits until its lease has ended"
            );
        }
    }

    /// The receiver's channels, in their order.
    fn names<'a>(&'a self, organisation: &'a Organisation, notice: &Notice) -> Vec<&'a str> {
        match must_reach(notice.kind) {
            true => self.channels.waking(organisation, &notice.to),
            false => self.channels.of(organisation, &notice.to).0,
        }
    }

    /// One attempt, on the channel whose turn it is; what came of it is written down. `until`: nobody else can have
    /// claimed it by then.
    async fn deliver(&self, row: OutboxRow, until: Instant, stop: &CancellationToken) -> anyhow::Result<()> {
        let in_force = self.engine.in_force();
        let organisation = &in_force.coverage.organisation;
        let notice = &row.notice;
        if let (_, Some(missing)) = self.channels.of(organisation, &notice.to)
            && self.warned.lock().expect(LOCK).is_new(in_force.revision, &notice.to)
        {
            warn!(person = %notice.to, notice.id = %notice.id, "{missing}");
        }
        if must_reach(notice.kind)
            && let Some(why) = self.channels.only_logged(organisation, &notice.to)
        {
            return match overtaken(self.engine.store(), notice, self.engine.clock().now()).await {
                Some(why) => self.settle_overtaken(notice, why).await,
                None => self.give_up(&row, why).await,
            };
        }
        let names = self.names(organisation, notice);
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
                let taken = Taken { notice: notice.id.clone(), channel: turn.channel.to_owned() };
                self.ledger.write(store, taken, now).await
            }
            Attempt::Made { outcome: Err(failure), silent } => {
                self.failed(&row, &turn, failure, silent).await
            }
            Attempt::PutOff(wait) => {
                let due_at = self.engine.clock().now() + TimeDelta::from_std(wait)?;
                let why = format!("{}: waits for its turn", turn.channel);
                self.again(&row, due_at, &why, turn.channel, turn.failed).await
            }
            Attempt::Overtaken(why) => self.settle_overtaken(notice, why).await,
            Attempt::Passed => {
                let next = turn.next.context("only what has a next channel passes one over")?;
                let why = format!("{}: hangs, so it was passed over", turn.channel);
                warn!(notice.id = %notice.id, channel = turn.channel, next, "the channel hangs: a page goes on");
                let passed: Vec<String> =
                    row.passed.iter().cloned().chain([turn.channel.to_owned()]).collect();
                let due_at = self.engine.clock().now();
                let again = Again { due_at, why: &why, channel: next, attempts: 0, passed: &passed };
                store.notice_retry(&notice.id, &self.node, &again).await
            }
            Attempt::NoRoom { hangs: true } => {
                let why = "there was no room, and nobody answers".to_owned();
                self.failed(&row, &turn, Failure::Passing { why, retry_after: None }, true).await
            }
            Attempt::NoRoom { hangs: false } => {
                let due_at = self.engine.clock().now() + NO_ROOM_PAUSE;
                let why = format!("{}: there was no room", turn.channel);
                self.again(&row, due_at, &why, turn.channel, turn.failed).await
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
        if let Some(why) = past(notice, self.engine.clock().now()) {
            return Ok(Attempt::Overtaken(why));
        }
        let Way { channel, line, places, .. } =
            self.channels.get(turn.channel).context("only channels that exist have a turn")?;
        let errand = Errand::of(notice, turn.may_pass());
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
        if let Some(why) = overtaken(self.engine.store(), notice, self.engine.clock().now()).await {
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
                    return self.again(row, now + delay, &why, channel, failed).await;
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
            Some(next) => self.again(row, now, &why, next, 0).await,
            None => self.give_up(row, why).await,
        }
    }

    /// To be claimed again from `due_at` on, for `channel`, which has failed `attempts` times.
    async fn again(
        &self,
        row: &OutboxRow,
        due_at: DateTime<Utc>,
        why: &str,
        channel: &str,
        attempts: u32,
    ) -> anyhow::Result<()> {
        let again = Again { due_at, why, channel, attempts, passed: &row.passed };
        self.engine.store().notice_retry(&row.notice.id, &self.node, &again).await
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

/// What is written into a log nobody reads has not reached anybody.
fn must_reach(kind: NoticeKind) -> bool {
    matches!(kind, NoticeKind::Page | NoticeKind::LastResort)
}
