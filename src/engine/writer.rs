//! The one task that decides and writes: takes what waits, decides it in one batch, answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use tokio::sync::{Notify, broadcast, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::decide::{Failed, Wakes};
use super::guard::guarded;
use super::job::{Job, Question, Request};
use super::nodes::{in_long_time, in_time};
use super::queue::{Queue, TAKEN_MAX};
use super::set_aside::SetAside;
use super::watched::Watched;
use super::{EngineError, InForce, Meters, News};
use crate::clock::Clock;
use crate::desk::{Answer, Changes, Desk, Explanation, Rules, TicketId};
use crate::store::{DayRow, Face, Last, unavailable};

pub(super) struct Writer<S> {
    pub store: S,
    pub clock: Clock,
    pub in_force: Arc<ArcSwap<InForce>>,
    pub news: broadcast::Sender<News>,
    pub swapped: watch::Sender<()>,
    pub meters: Meters,
    /// As of `last`. `None`: not to be trusted, restored before the next batch.
    pub desk: Option<Desk>,
    pub last: Last,
    pub watched: Watched,
    /// Number of the batch up to which listeners have been told.
    pub told: i64,
    /// Not removed, in the order they came.
    pub day_rows: Vec<DayRow>,
    /// Number of the last batch that changed them.
    pub day_batch: i64,
    /// Other nodes may have committed something.
    pub heard: Arc<Notify>,
    /// How much later than another node this one looks at what is due.
    pub apart: Duration,
    pub set_aside: SetAside,
    /// In how many batches on end a ticket was due.
    pub due_on_end: BTreeMap<TicketId, u32>,
    pub forget_at: DateTime<Utc>,
    pub pause: Pause,
}

/// After a fault nothing is tried unasked for a while.
#[derive(Default)]
pub(super) struct Pause {
    failures: u32,
    until: Option<Instant>,
    /// The last batch was not committed because the database did not take it: when, and what it said.
    unavailable: Option<(Instant, String)>,
}

/// So long after a batch was not committed, only another batch can say that the database takes them again.
const TAKEN_FOR_AWAY: Duration = Duration::from_secs(5);

impl Pause {
    fn failed(&mut self, fault: &anyhow::Error) {
        let delay = Duration::from_millis(100) * 2u32.pow(self.failures.min(6));
        self.failures += 1;
        self.until = Some(Instant::now() + delay);
        self.unavailable = unavailable(fault).then(|| (Instant::now(), format!("{fault:#}")));
    }

    async fn over(&self) {
        if let Some(until) = self.until {
            tokio::time::sleep_until(until).await;
        }
    }
}

impl<S: Face> Writer<S> {
    /// Until `stop`; then takes nothing new, and finishes what was handed in.
    pub async fn run(mut self, mut queue: Queue, stop: CancellationToken) {
        let mut jobs = Vec::with_capacity(TAKEN_MAX);
        let heard = self.heard.clone();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled(), if !queue.is_closed() => queue.close(),
                more = queue.take(&mut jobs) => if !more { break },
                () = heard.notified() => {
                    self.look_around().await;
                    continue;
                }
                () = self.rest() => (),
            }
            self.meters.queue.set(i64::try_from(queue.len()).unwrap_or(i64::MAX));
            self.round(jobs.drain(..)).await;
        }
    }

    /// Until something is due.
    async fn rest(&self) {
        self.pause.over().await;
        self.clock.sleep_until(self.next_wake()).await;
        tokio::time::sleep(self.apart).await;
    }

    fn next_wake(&self) -> Option<DateTime<Utc>> {
        let Some(desk) = &self.desk else { return Some(self.clock.now()) };
        let on_desk = if self.set_aside.len() == 0 {
            desk.next_wake()
        } else {
            let others = desk.wakes().filter(|(_, ticket)| !self.set_aside.contains(*ticket));
            others.map(|(at, _)| at).min()
        };
        [on_desk, self.set_aside.next()].into_iter().flatten().min()
    }

    /// Commands first and together, but those handed in before other schedules are decided by the old ones.
    async fn round(&mut self, jobs: impl Iterator<Item = Job>) {
        let mut asked = Vec::new();
        for job in jobs {
            match job {
                Job::Take(request) => asked.push(request),
                Job::Explain { question, reply } => {
                    let store = self.store.clone();
                    _ = reply.send(in_time(&store, self.explain(&question)).await);
                }
                other => {
                    self.batch(std::mem::take(&mut asked), Wakes::None).await;
                    self.other(other).await;
                }
            }
        }
        let due = self.next_wake().is_some_and(|at| at <= self.clock.now());
        if due || !asked.is_empty() {
            self.batch(asked, Wakes::Due).await;
        }
        for ticket in self.set_aside.ready(self.clock.now()) {
            self.wake_alone(ticket).await;
        }
    }

    async fn other(&mut self, job: Job) {
        let store = self.store.clone();
        match job {
            Job::AddDayRow { new, reply } => {
                let outcome = in_long_time(&store, self.add_day_row(new)).await;
                _ = reply.send(self.settled(outcome));
            }
            Job::RemoveDayRow { kind, id, reply } => {
                let outcome = in_long_time(&store, self.remove_day_row(kind, id)).await;
                _ = reply.send(self.settled(outcome));
            }
            Job::PutToWork { next, reply } => {
                let outcome = in_long_time(&store, self.put_to_work(*next)).await;
                _ = reply.send(self.settled(outcome));
            }
            Job::Probe { reply } => {
                let probed = in_time(&store, self.probe()).await;
                _ = reply.send(probed);
            }
            Job::Follow { reply } => {
                self.look_around().await;
                _ = reply.send(Ok(()));
            }
            Job::Extend { coverage, reply } => _ = reply.send(self.extend(*coverage).await),
            Job::Stay { refused, drift, reply } => {
                let in_force = InForce { refused, drift, ..self.in_force.load().as_ref().clone() };
                self.swap(in_force);
                _ = reply.send(Ok(()));
            }
            Job::Take(_) | Job::Explain { .. } => unreachable!("handled by the round"),
        }
    }

    /// Where the last batch was not committed, that one can be opened proves nothing: a disk that is full can be read.
    async fn probe(&mut self) -> Result<(), EngineError> {
        let open = self.begin().await?;
        match &self.pause.unavailable {
            Some((at, said)) if at.elapsed() < TAKEN_FOR_AWAY => Err(EngineError::Unavailable(said.clone())),
            Some(_) => {
                let nothing = Changes { numbers: open.last.numbers, ..Changes::default() };
                if let Err(fault) = self.finish(open, nothing).await {
                    self.failed(&fault);
                    return Err(fault.into());
                }
                self.pause = Pause::default();
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// A batch that failed may have left the desk half changed.
    fn settled<T>(&mut self, outcome: Result<T, EngineError>) -> Result<T, EngineError> {
        if let Err(fault @ (EngineError::Fault(_) | EngineError::Unavailable(_))) = &outcome {
            error!(error = format!("{fault:#}"), "a change of schedules was not carried out");
            self.desk = None;
        }
        outcome
    }

    async fn explain(&mut self, question: &Question) -> Result<Explanation, EngineError> {
        let (in_force, now) = (self.in_force.load_full(), self.clock.now());
        let coverage = question.compiled.as_deref().unwrap_or(&in_force.coverage);
        let rules = Rules { revision: in_force.revision, coverage };
        let desk = self.desk().await?;
        let outcome = guarded(|| desk.explain(rules, &question.facts, question.at.unwrap_or(now)));
        Ok(outcome.map_err(|words| anyhow!("explaining panicked: {words}"))??)
    }

    /// Decides together; where that fails because of one of them, one by one.
    async fn batch(&mut self, asked: Vec<Request>, wakes: Wakes) {
        if asked.is_empty() && wakes == Wakes::None {
            return;
        }
        let store = self.store.clone();
        match in_time(&store, self.decide(&asked, wakes)).await {
            Ok(answers) => {
                self.pause = Pause::default();
                for (request, answer) in asked.into_iter().zip(answers) {
                    self.reply(request, answer);
                }
            }
            Err(Failed::Fault(fault)) => {
                error!(error = format!("{fault:#}"), commands = asked.len(), "a batch was not committed");
                self.failed(&fault);
                for request in asked {
                    self.reply(request, Err(EngineError::like(&fault)));
                }
            }
            Err(Failed::Poisoned(poison)) => {
                error!(
                    error = format!("{poison:#}"),
                    commands = asked.len(),
                    "a batch cannot be decided: its commands are tried one by one"
                );
                self.desk = None;
                self.one_by_one(asked, wakes).await;
            }
        }
    }

    async fn one_by_one(&mut self, asked: Vec<Request>, wakes: Wakes) {
        for request in asked {
            let store = self.store.clone();
            match in_time(&store, self.decide(std::slice::from_ref(&request), Wakes::None)).await {
                Ok(mut answers) => {
                    let answer = answers.pop().expect("one answer for one command");
                    self.reply(request, answer);
                }
                Err(Failed::Fault(fault) | Failed::Poisoned(fault)) => {
                    let ticket = request.command.action.ticket().map(|ticket| ticket.0);
                    error!(error = format!("{fault:#}"), ticket.id = ticket, "a command cannot be decided");
                    self.failed(&fault);
                    self.reply(request, Err(EngineError::like(&fault)));
                }
            }
        }
        if wakes == Wakes::Due {
            for ticket in self.due().await {
                self.wake_alone(ticket).await;
            }
        }
    }

    async fn wake_alone(&mut self, ticket: TicketId) {
        let store = self.store.clone();
        match in_time(&store, self.decide(&[], Wakes::One(ticket))).await {
            Ok(_) => self.set_aside.remove(ticket),
            Err(Failed::Poisoned(poison)) => {
                self.desk = None;
                self.put_aside(ticket, &format!("{poison:#}"));
            }
            Err(Failed::Fault(fault)) => {
                error!(error = format!("{fault:#}"), ticket.id = ticket.0, "a ticket was not woken");
                self.failed(&fault);
            }
        }
        self.meters.set_aside.set(i64::try_from(self.set_aside.len()).unwrap_or(i64::MAX));
    }

    pub fn put_aside(&mut self, ticket: TicketId, why: &str) {
        let until = self.set_aside.add(ticket, self.clock.now());
        error!(error = why, ticket.id = ticket.0, %until, "a ticket cannot be woken: set aside, tried again then");
    }

    fn failed(&mut self, fault: &anyhow::Error) {
        self.desk = None;
        self.pause.failed(fault);
    }

    fn reply(&self, request: Request, answer: Result<Answer, EngineError>) {
        match &answer {
            Err(EngineError::Fault(_) | EngineError::Unavailable(_)) => _ = self.meters.faults.inc(),
            Err(EngineError::Refused(_)) => {
                self.meters.refusals.inc();
                self.meters.commands.inc();
            }
            _ => _ = self.meters.commands.inc(),
        }
        self.meters.decision_seconds.observe(request.handed_in.elapsed().as_secs_f64());
        drop(request.waits);
        // Whoever asked may have gone; it is decided all the same.
        _ = request.reply.send(answer);
    }

    pub fn swap(&self, in_force: InForce) {
        self.meters.revision.set(in_force.revision);
        self.meters.refused.set(i64::from(in_force.refused.is_some()));
        self.meters.drift.set(i64::from(in_force.drift.is_some()));
        self.meters.horizon_seconds.set(in_force.coverage.until.timestamp() as f64);
        self.in_force.store(Arc::new(in_force));
        self.swapped.send_replace(());
    }
}
