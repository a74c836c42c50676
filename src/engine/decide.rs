//! One batch: lock, load, decide, save, commit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Context, anyhow};
use chrono::{DateTime, TimeDelta, Utc};

use super::guard::guarded;
use super::job::Request;
use super::writer::Writer;
use super::{EngineError, IdempotencyKey, News};
use crate::desk::{Action, Answer, Changes, Command, Desk, Rules, TicketId, Verb};
use crate::store::{Face, FaceBatch, GivenUp, Last, Remembered, contradicts};

/// So many tickets that are due are woken in one batch at most, so that people's commands do not wait for long.
const WAKES_MAX: usize = 64;
/// A ticket that is due again at once, this often on end, does not get on.
const DUE_ON_END_MAX: u32 = 100;
/// An Idempotency-Key counts for so long.
const KEY_LIFE: TimeDelta = TimeDelta::hours(24);
const FORGET_EVERY: TimeDelta = TimeDelta::minutes(1);
const FORGET_MAX: u32 = 500;
/// Other tasks get a turn after so many commands.
const YIELD_EVERY: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wakes {
    None,
    /// What is due and not set aside.
    Due,
    One(TicketId),
}

/// Why a batch came to nothing. The desk is not to be used any more.
pub(super) enum Failed {
    /// The world is broken: the disk, the database.
    Fault(anyhow::Error),
    /// Deciding or saving one of the commands will fail again.
    Poisoned(anyhow::Error),
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Failed {
        if contradicts(&error) { Failed::Poisoned(error) } else { Failed::Fault(error) }
    }
}

/// A batch that has begun; the desk is current until it ends.
pub(super) struct Open<B> {
    pub batch: B,
    /// What was committed before it.
    pub last: Last,
    pub now: DateTime<Utc>,
}

/// Answers by key: those given before, and those of this batch.
#[derive(Default)]
struct Keys {
    known: BTreeMap<String, Remembered>,
    fresh: BTreeMap<String, Remembered>,
}

impl<S: Face> Writer<S> {
    /// Decides those commands and wakes those tickets, at one instant and by one revision. Either everything is on
    /// disk afterwards, or nothing has happened.
    pub async fn decide(
        &mut self,
        asked: &[Request],
        wakes: Wakes,
    ) -> Result<Vec<Result<Answer, EngineError>>, Failed> {
        let mut open = self.begin().await?;
        let in_force = self.in_force.load_full();
        let rules = Rules { revision: in_force.revision, coverage: &in_force.coverage };
        self.bring(&mut open, asked).await?;
        let mut keys = known_keys(&mut open, asked).await?;
        let mut answers = Vec::with_capacity(asked.len());
        for (number, request) in asked.iter().enumerate() {
            if number % YIELD_EVERY == YIELD_EVERY - 1 {
                tokio::task::yield_now().await;
            }
            answers.push(self.answer(request, &mut keys, rules, open.now)?);
        }
        let woken = self.wake(wakes, rules, &mut open).await?;
        let changes = self.drain()?;
        let given_up = given_up(asked);
        if !given_up.is_empty() {
            open.batch.give_up(&given_up, open.now).await?;
        } else if nothing_to_save(&changes) && keys.fresh.is_empty() {
            self.count_due(woken);
            return Ok(answers);
        }
        if !keys.fresh.is_empty() {
            open.batch.remember(&keys.fresh, open.now).await?;
        }
        self.meters.batch_commands.observe((asked.len() + woken.len()) as f64);
        self.finish(open, changes).await?;
        self.count_due(woken);
        Ok(answers)
    }

    /// Takes the write lock and brings the desk up to date with whatever happened elsewhere.
    pub async fn begin(&mut self) -> anyhow::Result<Open<S::Batch>> {
        loop {
            self.desk().await?;
            let mut batch = self.store.begin().await?;
            let last = batch.last().await?;
            if last.batch < self.last.batch {
                // Somebody put an older database in place.
                self.restore().await?;
            } else if last.batch > self.last.batch {
                let since = batch.changed_since(self.last.batch, last).await?;
                self.take_in(since).await?;
            }
            if self.is_at_work(&last) {
                if let Some(decided_at) = last.decided_at {
                    self.clock.at_least(decided_at);
                }
                return Ok(Open { batch, last, now: self.clock.now() });
            }
            // Compiling takes its time: not under the lock.
            drop(batch);
            self.follow().await?;
        }
    }

    /// Saves, commits, and tells.
    pub async fn finish(&mut self, mut open: Open<S::Batch>, changes: Changes) -> anyhow::Result<()> {
        let last = open.batch.save(&changes, &open.last, open.now).await?;
        if open.now >= self.forget_at {
            let forgotten = open.batch.forget(open.now - KEY_LIFE, FORGET_MAX).await?;
            // As many as that may leave more: they go with the next batches, each a little later for it.
            let more = forgotten >= u64::from(FORGET_MAX);
            self.forget_at = if more { open.now } else { open.now + FORGET_EVERY };
        }
        open.batch.commit().await?;
        (self.last, self.told) = (last, last.batch);
        self.meters.batches.inc();
        self.meters.tally.count(&changes, &self.watched);
        changes.tickets.iter().for_each(|saved| self.watched.note(saved));
        self.measure();
        if !changes.events.is_empty() || !changes.notices.is_empty() {
            let residencies = changes.tickets.iter().map(|saved| (saved.ticket.id, saved.residency.clone()));
            let residencies = Arc::new(residencies.collect());
            // Nobody may be listening.
            let (events, epoch) = (Arc::new(changes.events), last.numbers.epoch);
            _ = self.news.send(News { events, residencies, epoch });
        }
        Ok(())
    }

    /// What is measured on a desk that is at rest.
    pub fn measure(&self) {
        self.meters.show(&self.watched);
        self.meters.batch.set(self.last.batch);
        let next = self.desk.as_ref().and_then(Desk::next_wake);
        self.meters.next_wake.store(next.map_or(i64::MAX, |at| at.timestamp_millis()), Ordering::Relaxed);
    }

    /// Puts on the desk what commands name and it does not have.
    async fn bring(&mut self, open: &mut Open<S::Batch>, asked: &[Request]) -> anyhow::Result<()> {
        let tickets = asked.iter().filter_map(|request| request.command.action.ticket()).collect();
        self.bring_tickets(open, tickets).await?;
        let desk = self.desk().await?;
        let handoffs: BTreeSet<_> = asked
            .iter()
            .filter_map(|request| match &request.command.action {
                Action::AcceptHandoff { handoff, .. } => Some(*handoff),
                _ => None,
            })
            .collect();
        let handoffs: Vec<_> = handoffs.into_iter().filter(|id| desk.handoff(*id).is_none()).collect();
        if !handoffs.is_empty() {
            open.batch.handoffs(&handoffs).await?.into_iter().for_each(|handoff| desk.put_handoff(handoff));
        }
        Ok(())
    }

    async fn bring_tickets(
        &mut self,
        open: &mut Open<S::Batch>,
        tickets: BTreeSet<TicketId>,
    ) -> anyhow::Result<()> {
        let desk = self.desk().await?;
        let tickets: Vec<TicketId> = tickets.into_iter().filter(|id| desk.ticket(*id).is_none()).collect();
        if !tickets.is_empty() {
            open.batch.tickets(&tickets).await?.into_iter().for_each(|saved| desk.put(saved));
        }
        Ok(())
    }

    fn answer(
        &mut self,
        request: &Request,
        keys: &mut Keys,
        rules: Rules,
        now: DateTime<Utc>,
    ) -> Result<Result<Answer, EngineError>, Failed> {
        if let Some(answer) = keys.earlier(request.key.as_ref()) {
            return Ok(answer);
        }
        let outcome = self.take(rules, request.command.clone(), now)?;
        if let (Ok(answer), Some(key)) = (&outcome, &request.key) {
            keys.add(key, answer)?;
        }
        Ok(outcome)
    }

    fn take(
        &mut self,
        rules: Rules,
        command: Command,
        now: DateTime<Utc>,
    ) -> Result<Result<Answer, EngineError>, Failed> {
        let desk = self.desk.as_mut().expect("a batch has begun, so the desk is there");
        let outcome = guarded(|| desk.take(rules, command, now));
        let outcome = outcome.map_err(|words| Failed::Poisoned(anyhow!("deciding panicked: {words}")))?;
        Ok(outcome.map_err(EngineError::Refused))
    }

    fn drain(&mut self) -> Result<Changes, Failed> {
        let desk = self.desk.as_mut().expect("a batch has begun, so the desk is there");
        guarded(|| desk.drain()).map_err(|words| Failed::Poisoned(anyhow!("summing up panicked: {words}")))
    }

    async fn wake(
        &mut self,
        wakes: Wakes,
        rules: Rules<'_>,
        open: &mut Open<S::Batch>,
    ) -> Result<Vec<TicketId>, Failed> {
        let mut woken = match wakes {
            Wakes::None => Vec::new(),
            Wakes::One(ticket) => {
                let waits = self.desk().await?.wake_at(ticket).is_some();
                waits.then_some(ticket).into_iter().collect()
            }
            Wakes::Due => self.due_by(rules, open.now).await?,
        };
        self.bring_tickets(open, woken.iter().copied().collect()).await?;
        let desk = self.desk().await?;
        woken.retain(|ticket| {
            let here = desk.ticket(*ticket).is_some();
            if !here {
                // Its row is gone, or cannot be read.
                desk.will_not_close(*ticket);
            }
            here
        });
        for ticket in &woken {
            let wake = Command::system(Action::On(*ticket, Verb::Wake));
            if let Err(refusal) = self.take(rules, wake, open.now)? {
                return Err(Failed::Poisoned(anyhow!("waking ticket {ticket} was refused: {refusal}")));
            }
        }
        self.meters.wakes.inc_by(woken.len() as u64);
        Ok(woken)
    }

    /// What is due and not set aside; empty where the desk cannot say.
    pub async fn due(&mut self) -> Vec<TicketId> {
        let in_force = self.in_force.load_full();
        let rules = Rules { revision: in_force.revision, coverage: &in_force.coverage };
        let now = self.clock.now();
        self.due_by(rules, now).await.unwrap_or_default()
    }

    async fn due_by(&mut self, rules: Rules<'_>, now: DateTime<Utc>) -> anyhow::Result<Vec<TicketId>> {
        let limit = WAKES_MAX + self.set_aside.len();
        let desk = self.desk().await?;
        let mut due = desk.due(rules, now, limit);
        due.retain(|ticket| !self.set_aside.contains(*ticket));
        due.truncate(WAKES_MAX);
        let wake_at = |ticket: &TicketId| self.desk.as_ref().and_then(|desk| desk.wake_at(*ticket));
        if let Some(earliest) = due.iter().filter_map(wake_at).min() {
            self.meters.wake_late_seconds.observe((now - earliest).as_seconds_f64());
        }
        Ok(due)
    }

    /// A ticket whose decision leaves it due again would keep the writer busy for ever.
    fn count_due(&mut self, woken: Vec<TicketId>) {
        if woken.is_empty() {
            return;
        }
        let before = std::mem::take(&mut self.due_on_end);
        let now = self.clock.now();
        let due_still = |ticket: &TicketId| {
            let wake_at = self.desk.as_ref().and_then(|desk| desk.wake_at(*ticket));
            wake_at.is_some_and(|at| at <= now)
        };
        let woken: Vec<TicketId> = woken.into_iter().filter(due_still).collect();
        for ticket in woken {
            let times = before.get(&ticket).copied().unwrap_or(0) + 1;
            if times >= DUE_ON_END_MAX {
                self.put_aside(ticket, "waking it does not get it on");
            } else {
                self.due_on_end.insert(ticket, times);
            }
        }
    }
}

impl Keys {
    fn earlier(&self, key: Option<&IdempotencyKey>) -> Option<Result<Answer, EngineError>> {
        let key = key?;
        let earlier = self.known.get(&key.key)?;
        Some(earlier_answer(earlier, key))
    }

    fn add(&mut self, key: &IdempotencyKey, answer: &Answer) -> anyhow::Result<()> {
        let remembered = remember(key, answer)?;
        self.known.insert(key.key.clone(), remembered.clone());
        self.fresh.insert(key.key.clone(), remembered);
        Ok(())
    }
}

pub(super) fn remember<T: serde::Serialize>(key: &IdempotencyKey, answer: &T) -> anyhow::Result<Remembered> {
    let answer = serde_json::to_value(answer).context("could not write an answer as JSON")?;
    Ok(Remembered { fingerprint: key.fingerprint.clone(), answer })
}

pub(super) fn earlier_answer<T: serde::de::DeserializeOwned>(
    earlier: &Remembered,
    key: &IdempotencyKey,
) -> Result<T, EngineError> {
    if earlier.fingerprint != key.fingerprint {
        return Err(EngineError::KeyReused);
    }
    let answer = serde_json::from_value(earlier.answer.clone());
    Ok(answer.context("could not read the answer that was given to this Idempotency-Key")?)
}

/// Answers given within the life of a key.
pub(super) async fn known<B: FaceBatch>(
    open: &mut Open<B>,
    keys: &[&str],
) -> anyhow::Result<BTreeMap<String, Remembered>> {
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    open.batch.remembered(keys, open.now - KEY_LIFE).await
}

async fn known_keys<B: FaceBatch>(open: &mut Open<B>, asked: &[Request]) -> anyhow::Result<Keys> {
    let keys: Vec<&str> =
        asked.iter().filter_map(|request| Some(request.key.as_ref()?.key.as_str())).collect();
    Ok(Keys { known: known(open, &keys).await?, fresh: BTreeMap::new() })
}

/// Notices nobody will send any more. That stays true even where the desk refuses to act on it.
fn given_up(asked: &[Request]) -> Vec<GivenUp<'_>> {
    let given_up = asked.iter().filter_map(|request| match &request.command.action {
        Action::NoticeFailed { notice, reason } => {
            Some(GivenUp { id: &notice.id, reason, next: notice.next_stage() })
        }
        _ => None,
    });
    given_up.collect()
}

fn nothing_to_save(changes: &Changes) -> bool {
    *changes == Changes { numbers: changes.numbers, ..Changes::default() }
}
