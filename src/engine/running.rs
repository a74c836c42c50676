//! The engine as the rest of the house sees it.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, anyhow};
use arc_swap::{ArcSwap, ArcSwapOption};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{broadcast, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::aside::aside;
use super::forgetting::WaitedFor;
use super::job::{Job, NewDayRow, Question, Reply, Request};
use super::queue::Entrance;
use super::{EngineError, IdempotencyKey, InForce, Meters, News, Source, Standing, day, schedules};
use crate::clock::Clock;
use crate::coverage::lasting;
use crate::desk::{Answer, Command, Explanation, Facts};
use crate::store::{DayKind, DayRow, Face, Store};

/// The running engine. Clones talk to the same one.
#[derive(Clone)]
pub struct Engine<S = Store> {
    pub(super) shared: Arc<Shared<S>>,
}

pub(super) struct Shared<S> {
    pub store: S,
    pub clock: Clock,
    pub source: Source,
    pub jobs: Entrance,
    pub in_force: Arc<ArcSwap<InForce>>,
    pub news: broadcast::Sender<News>,
    pub swapped: watch::Sender<()>,
    pub waited_for: watch::Sender<WaitedFor>,
    pub meters: Meters,
    pub standing: ArcSwapOption<Standing>,
    pub stop: CancellationToken,
    pub tasks: TaskTracker,
    /// Held while schedules are read and compiled: one after the other. The last revision with which the files here
    /// agreed.
    pub reloading: tokio::sync::Mutex<Option<i64>>,
    /// Held while schedules are compiled for a question about a time far away.
    pub compiling_around: Arc<tokio::sync::Mutex<()>>,
    pub started: tokio::time::Instant,
    /// Between the last decision in the store and this start.
    pub silent_before: Option<TimeDelta>,
}

impl<S: Face> Engine<S> {
    /// Decided, and on disk, when it returns.
    pub async fn take(&self, command: Command, key: Option<IdempotencyKey>) -> Result<Answer, EngineError> {
        let handed_in = Instant::now();
        let Some(waits) = self.shared.jobs.callers.one_more(&command.by) else {
            self.shared.meters.throttled.inc();
            return Err(EngineError::TooManyOfOne);
        };
        self.ask_now(|reply| Job::Take(Request { command, key, handed_in, waits, reply })).await
    }

    /// Goes up the staircase and takes the database's write lock, like a command that nobody counts.
    pub async fn probe(&self) -> Result<(), EngineError> {
        self.ask_now(|reply| Job::Probe { reply }).await
    }

    /// How long ago a ticket should have been looked at that has not been; the longest of all.
    pub fn overdue(&self) -> TimeDelta {
        self.shared.meters.overdue(self.shared.clock.now())
    }

    /// Where such a ticket would go at `at` (`None`: now), as busy as everybody is now; creates nothing.
    pub async fn explain(&self, facts: Facts, at: Option<DateTime<Utc>>) -> Result<Explanation, EngineError> {
        let in_force = self.in_force();
        let compiled = match at {
            Some(at) if !schedules::answers_at(&in_force.coverage, at) => {
                let one_at_a_time = self.shared.compiling_around.clone().lock_owned().await;
                let old = in_force.coverage.clone();
                // It goes on where the caller has gone, and the next waits for its end all the same.
                let around = aside(move || {
                    let _one_at_a_time = one_at_a_time;
                    schedules::around(&old, at)
                })
                .await;
                Some(Box::new(around.context("compiling the schedules failed")?))
            }
            _ => None,
        };
        let question = Question { facts, at, compiled };
        self.ask_now(|reply| Job::Explain { question: Box::new(question), reply }).await
    }

    /// The schedules at work.
    pub fn in_force(&self) -> Arc<InForce> {
        self.shared.in_force.load_full()
    }

    /// Changes with whatever [`Engine::in_force`] says, whoever asked for it.
    pub fn swapped(&self) -> watch::Receiver<()> {
        self.shared.swapped.subscribe()
    }

    /// Adds leave or an override; coverage has changed when it returns.
    pub async fn add_day_row(
        &self,
        kind: DayKind,
        body: serde_json::Value,
        by: String,
        key: Option<IdempotencyKey>,
    ) -> Result<DayRow, EngineError> {
        let new = NewDayRow { kind, body, by, key };
        self.ask_now(|reply| Job::AddDayRow { new, reply }).await
    }

    pub async fn remove_day_row(&self, kind: DayKind, id: i64) -> Result<(), EngineError> {
        self.ask_now(|reply| Job::RemoveDayRow { kind, id, reply }).await
    }

    /// In words, why leave or an override changes nothing; `None`: it does, or will.
    pub fn without_effect(&self, row: &DayRow) -> Option<String> {
        day::without_effect(&self.in_force().coverage.organisation, row, self.shared.clock.now())
    }

    /// In words, the tokens of people the schedules do not know any more: nobody can sign in with them.
    pub async fn stale_tokens(&self) -> anyhow::Result<Vec<String>> {
        let tokens = self.shared.store.tokens().await?;
        Ok(day::stale_tokens(&self.in_force().coverage.organisation, &tokens))
    }

    /// Every batch of events as it is committed. A batch that only has notices to send has no events.
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.shared.news.subscribe()
    }

    /// For reads; writes go through [`Engine::take`].
    pub fn store(&self) -> &S {
        &self.shared.store
    }

    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// In words, where decisions are far ahead of this machine's clock: what it means, and what to do.
    pub fn ahead_of_the_clock(&self) -> Option<String> {
        let ahead = Some(self.clock().ahead()).filter(|ahead| *ahead >= Clock::AHEAD_MAX)?;
        Some(format!(
            "decisions are {} ahead of this machine's clock: it was set back, or somebody has decided by a clock that was \
             wrong. Who is at work is looked up by the time that is ahead. Compare the clock with one you trust; see the \
             runbook MeridianClockAhead",
            lasting(ahead)
        ))
    }

    pub fn meters(&self) -> &Meters {
        &self.shared.meters
    }

    /// False once it stops, or if its writer has died.
    pub fn is_running(&self) -> bool {
        !self.shared.jobs.is_closed()
    }

    /// Takes nothing new, finishes what it has taken. The store stays open, so that requests under way can still be
    /// answered.
    pub async fn stop(&self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }

    /// Refuses at once where too many wait.
    async fn ask_now<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, EngineError> {
        let (reply, answer) = oneshot::channel();
        match self.shared.jobs.try_send(job(reply)) {
            Ok(()) => self.heard(answer).await,
            Err(refused) => match *refused {
                TrySendError::Full(_) => {
                    self.shared.meters.overloads.inc();
                    Err(EngineError::Overloaded)
                }
                TrySendError::Closed(_) => Err(self.gone()),
            },
        }
    }

    /// Waits for room.
    pub(super) async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, EngineError> {
        let (reply, answer) = oneshot::channel();
        match self.shared.jobs.send(job(reply)).await {
            Ok(()) => self.heard(answer).await,
            Err(_) => Err(self.gone()),
        }
    }

    async fn heard<T>(&self, answer: oneshot::Receiver<Result<T, EngineError>>) -> Result<T, EngineError> {
        answer.await.unwrap_or_else(|_| Err(self.gone()))
    }

    fn gone(&self) -> EngineError {
        if self.shared.stop.is_cancelled() {
            EngineError::Stopping
        } else {
            EngineError::Fault(anyhow!("the engine has died: restart the daemon, and see the log for why"))
        }
    }
}
