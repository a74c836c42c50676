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

use super::bundle::bundled;
use super::channel::Way;
use super::claims::{Claims, LEFT_TO_OTHERS, Turn};
use super::overtaken::{overtaken, past};
use super::places::Errand;
use super::taken::Ledger;
use super::warned::Warned;
use super::{Channels, Deliveries, Failure, Letter, Links, Pace, Recipient};
use crate::coverage::{Coverage, LOG};
use crate::desk::{Action, Command, Notice, NoticeKind};
use crate::engine::Engine;
use crate::message::Words;
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
    /// Nobody needs them any more, which has been written down.
    Overtaken,
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
    let in_force = work.engine.in_force();
    let coverage = &in_force.coverage;
    let Pace { claimed_max, lease, .. } = work.pace;
    let leave = work.claims.leave(coverage, &work.channels, claimed_max, store.is_shared(), now);
    let rows = store.claim_notices(now, &work.node, lease, CLAIMED_AT_ONCE, &leave).await?;
    let claimed = rows.len();
    // With time for one attempt left, and to say what came of it.
    let until = began + lease.to_std().unwrap_or_default().saturating_sub(2 * work.pace.timeout);
    for mut rows in bundled(rows) {
        let names = work.names(coverage, &rows[0].notice);
        let channel = Turn::of(&rows[0], &names).channel;
        let mut under_way = Vec::with_capacity(rows.len());
        // Where our own lease is over, as a clock was set forward, the attempt is still being made.
        rows.retain(|row| {
            let claimed = work.claims.under_way(row, channel);
            let is_free = claimed.is_some();
            under_way.extend(claimed);
            is_free
        });
        if rows.is_empty() {
            continue;
        }
        let (work, stop) = (work.clone(), stop.clone());
        deliveries.spawn(async move {
            let id = rows[0].notice.id.clone();
            if let Err(error) = work.deliver(rows, until, &stop).await {
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

    /// The channels by which it goes out, in their order.
    fn names<'a>(&self, coverage: &'a Coverage, notice: &Notice) -> Vec<&'a str> {
        let ways = notice.ways(coverage);
        match must_reach(notice.kind) {
            true => self.channels.waking(ways),
            false => self.channels.of(ways),
        }
    }

    /// One attempt to send one message, on the channel whose turn it is; what came of it is written down for all the notices
    /// that it is made of. `until`: nobody else can have claimed them by then.
    async fn deliver(
        &self,
        mut rows: Vec<OutboxRow>,
        until: Instant,
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        let in_force = self.engine.in_force();
        let organisation = &in_force.coverage.organisation;
        let notice = &rows[0].notice;
        if let Some(missing) = self.channels.missing(organisation, &notice.to)
            && self.warned.lock().expect(LOCK).is_new(in_force.revision, &notice.to)
        {
            warn!(person = %notice.to, notice.id = %notice.id, "{missing}");
        }
        if must_reach(notice.kind)
            && let Some(why) =
                self.channels.only_logged(organisation, &notice.to, &notice.ways(&in_force.coverage))
        {
            return self.cannot_reach(&mut rows, why).await;
        }
        let names = self.names(&in_force.coverage, notice);
        let turn = Turn::of(&rows[0], &names);
        match self.attempt(&mut rows, &in_force.coverage, &turn, until, stop).await? {
            Attempt::Made { outcome: Ok(said), .. } => self.taken(&rows, &turn, &said).await,
            Attempt::Made { outcome: Err(failure), silent } => {
                self.failed(&rows, &turn, failure, silent).await
            }
            Attempt::PutOff(wait) => {
                let due_at = self.engine.clock().now() + TimeDelta::from_std(wait)?;
                let why = format!("{}: waits for its turn", turn.channel);
                self.again(&rows, due_at, &why, turn.channel, turn.failed).await
            }
            Attempt::Passed => self.passed(&rows, &turn).await,
            Attempt::NoRoom { hangs: true } => {
                let why = "there was no room, and nobody answers".to_owned();
                self.failed(&rows, &turn, Failure::Passing { why, retry_after: None }, true).await
            }
            Attempt::NoRoom { hangs: false } => {
                let due_at = self.engine.clock().now() + NO_ROOM_PAUSE;
                let why = format!("{}: there was no room", turn.channel);
                self.again(&rows, due_at, &why, turn.channel, turn.failed).await
            }
            Attempt::Overtaken | Attempt::Stopped => Ok(()),
        }
    }

    /// `rows` is left with those that went out, or would have.
    async fn attempt(
        &self,
        rows: &mut Vec<OutboxRow>,
        coverage: &Coverage,
        turn: &Turn<'_>,
        until: Instant,
        stop: &CancellationToken,
    ) -> anyhow::Result<Attempt> {
        let first = &rows[0];
        if past(&first.notice, self.engine.clock().now()).is_some() {
            self.keep_needed(rows).await?;
            return Ok(Attempt::Overtaken);
        }
        let Way { channel, line, places, .. } =
            self.channels.get(turn.channel).context("only channels that exist have a turn")?;
        let errand = Errand::of(&first.notice, turn.may_pass());
        if places.leads_past(errand) {
            return Ok(Attempt::Passed);
        }
        let come = tokio::select! {
            biased;
            come = line.enter(first.urgent) => come,
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
        // As late as possible: they may have stood in the line for long.
        self.keep_needed(rows).await?;
        let Some((first, others)) = rows.split_first() else { return Ok(Attempt::Overtaken) };
        let others: Vec<&Notice> = others.iter().map(|row| &row.notice).collect();
        let links = self.channels.links(turn.channel, &first.notice);
        let words = first.notice.words_with(&others, links.reply.as_deref(), coverage);
        let letter = self.letter(&first.notice, &others, &words, coverage, links);
        let began = Instant::now();
        let outcome = channel.send(&letter, self.engine.clock().now()).await;
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

    fn letter<'a>(
        &self,
        notice: &'a Notice,
        others: &[&'a Notice],
        words: &'a Words,
        coverage: &'a Coverage,
        links: Links,
    ) -> Letter<'a> {
        if let Some(flaw) = &words.flaw {
            warn!(notice.id = %notice.id, language = words.language, flaw, "a message was written as it is built in");
        }
        let to = Recipient::in_files(&coverage.organisation, &notice.to);
        let letter = Letter::of(notice, words, to, links);
        match others {
            [] => letter,
            others => letter.shared_by(&[&[notice], others].concat()),
        }
    }

    /// Settles those that nobody needs any more, and leaves the others.
    async fn keep_needed(&self, rows: &mut Vec<OutboxRow>) -> anyhow::Result<()> {
        let mut needed = Vec::with_capacity(rows.len());
        for row in std::mem::take(rows) {
            match overtaken(self.engine.store(), &row.notice, self.engine.clock().now()).await {
                Some(why) => self.settle_overtaken(&row.notice, why).await?,
                None => needed.push(row),
            }
        }
        *rows = needed;
        Ok(())
    }

    async fn taken(&self, rows: &[OutboxRow], turn: &Turn<'_>, said: &str) -> anyhow::Result<()> {
        let now = self.engine.clock().now();
        let taken = |OutboxRow { notice, .. }: &OutboxRow| {
            debug!(notice.id = %notice.id, channel = turn.channel, said, "a notice was taken");
            self.counts.delivered(notice.kind, now - notice.goes_out_at().min(now));
            Taken { notice: notice.id.clone(), channel: turn.channel.to_owned() }
        };
        self.counts.attempt(turn.channel, rows[0].notice.kind, "delivered");
        self.ledger.write(self.engine.store(), rows.iter().map(taken).collect(), now).await
    }

    /// The channel hangs: they go on to the next.
    async fn passed(&self, rows: &[OutboxRow], turn: &Turn<'_>) -> anyhow::Result<()> {
        let next = turn.next.context("only what has a next channel passes one over")?;
        let why = format!("{}: hangs, so it was passed over", turn.channel);
        for row in rows {
            warn!(notice.id = %row.notice.id, channel = turn.channel, next, "the channel hangs: a page goes on");
            let passed: Vec<String> = row.passed.iter().cloned().chain([turn.channel.to_owned()]).collect();
            let due_at = self.engine.clock().now();
            let again = Again { due_at, why: &why, channel: next, attempts: 0, passed: &passed };
            self.engine.store().notice_retry(&row.notice.id, &self.node, &again).await?;
        }
        Ok(())
    }

    /// Only the log would take what has to reach somebody.
    async fn cannot_reach(&self, rows: &mut Vec<OutboxRow>, why: String) -> anyhow::Result<()> {
        if self.is_left_to_others(&rows[0]) {
            let due_at = self.engine.clock().now() + NO_ROOM_PAUSE;
            return self.again(rows, due_at, &why, LOG, 0).await;
        }
        self.keep_needed(rows).await?;
        self.give_up(rows, &why).await
    }

    /// What was put off is claimed by whoever comes first, and other nodes may know a channel of its receiver.
    fn is_left_to_others(&self, row: &OutboxRow) -> bool {
        let until = row.notice.goes_out_at() + LEFT_TO_OTHERS;
        self.engine.store().is_shared() && row.notice.is_put_off() && self.engine.clock().now() < until
    }

    async fn settle_overtaken(&self, notice: &Notice, why: &str) -> anyhow::Result<()> {
        self.counts.overtaken(notice.kind);
        debug!(notice.id = %notice.id, ticket.id = notice.ticket.map(|ticket| ticket.0), person = %notice.to, why, "a notice is overtaken");
        let now = self.engine.clock().now();
        self.engine.store().notice_overtaken(&notice.id, &self.node, why, now).await
    }

    /// Tries the same channel again after a pause, or the next one at once, or gives up. `silent`: nobody answered.
    async fn failed(
        &self,
        rows: &[OutboxRow],
        turn: &Turn<'_>,
        failure: Failure,
        silent: bool,
    ) -> anyhow::Result<()> {
        let (notice, channel, failed) = (&rows[0].notice, turn.channel, turn.failed + 1);
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
                    return self.again(rows, now + delay, &why, channel, failed).await;
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
            Some(next) => self.again(rows, now, &why, next, 0).await,
            None => self.give_up(rows, &why).await,
        }
    }

    /// To be claimed again from `due_at` on, for `channel`, which has failed `attempts` times.
    async fn again(
        &self,
        rows: &[OutboxRow],
        due_at: DateTime<Utc>,
        why: &str,
        channel: &str,
        attempts: u32,
    ) -> anyhow::Result<()> {
        for row in rows {
            let again = Again { due_at, why, channel, attempts, passed: &row.passed };
            self.engine.store().notice_retry(&row.notice.id, &self.node, &again).await?;
        }
        Ok(())
    }

    /// The desk hears of it, for each ticket; its batch marks the notice as failed.
    async fn give_up(&self, rows: &[OutboxRow], reason: &str) -> anyhow::Result<()> {
        for OutboxRow { notice, .. } in rows {
            self.counts.given_up(notice.kind);
            error!(notice.id = %notice.id, ticket.id = notice.ticket.map(|ticket| ticket.0), person = %notice.to, reason, "a notice reached nobody");
            let failed = Action::NoticeFailed { notice: Box::new(notice.clone()), reason: reason.to_owned() };
            self.engine
                .take(Command::system(failed), None)
                .await
                .context("the desk did not hear of a failure")?;
        }
        Ok(())
    }
}

/// What is written into a log nobody reads has not reached anybody.
fn must_reach(kind: NoticeKind) -> bool {
    matches!(kind, NoticeKind::Page | NoticeKind::LastResort | NoticeKind::Vendor)
}
