//! The two lines before the writer: whatever people do about tickets waits in one, new tickets and questions in the
//! other, and nobody takes up the room of all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::error::{SendError, TrySendError};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tracing::warn;

use super::job::Job;
use crate::desk::{Action, Actor};

/// So many are taken together at most.
pub(super) const TAKEN_MAX: usize = 256;
/// Of them from the first line, where somebody waits in the other: so that these get on too.
const FIRST_MAX: usize = TAKEN_MAX * 3 / 4;
/// More than these do not wait in a line.
const LINE_MAX: usize = 1024;
/// So many commands of one caller wait at once.
const OF_ONE_MAX: usize = 256;
/// Whoever floods us shall not fill the log as well.
const SAY_AGAIN: Duration = Duration::from_secs(60);

pub(super) fn queue() -> (Entrance, Queue) {
    let ((people, first), (senders, second)) = (mpsc::channel(LINE_MAX), mpsc::channel(LINE_MAX));
    (Entrance { people, senders, callers: Callers::default() }, Queue { people: first, senders: second })
}

/// Where jobs are handed in.
pub(super) struct Entrance {
    people: Sender<Job>,
    senders: Sender<Job>,
    pub callers: Callers,
}

impl Entrance {
    pub fn try_send(&self, job: Job) -> Result<(), Box<TrySendError<Job>>> {
        self.line(&job).try_send(job).map_err(Box::new)
    }

    /// Waits for room.
    pub async fn send(&self, job: Job) -> Result<(), Box<SendError<Job>>> {
        self.line(&job).send(job).await.map_err(Box::new)
    }

    pub fn is_closed(&self) -> bool {
        self.people.is_closed()
    }

    fn line(&self, job: &Job) -> &Sender<Job> {
        match job {
            Job::Take(request) if matches!(request.command.action, Action::Open(_)) => &self.senders,
            Job::Explain { .. } => &self.senders,
            _ => &self.people,
        }
    }
}

/// Where the writer takes them.
pub(super) struct Queue {
    people: Receiver<Job>,
    senders: Receiver<Job>,
}

impl Queue {
    /// Waits until there is something to do, and takes it; `false`: nothing will come any more. Dropped while it waits,
    /// it has taken nothing.
    pub async fn take(&mut self, jobs: &mut Vec<Job>) -> bool {
        if !self.take_what_waits(jobs) {
            let first = tokio::select! {
                biased;
                Some(job) = self.people.recv() => job,
                Some(job) = self.senders.recv() => job,
                else => return false,
            };
            jobs.push(first);
            self.take_what_waits(jobs);
        }
        true
    }

    fn take_what_waits(&mut self, jobs: &mut Vec<Job>) -> bool {
        let first_max = if self.senders.is_empty() { TAKEN_MAX } else { FIRST_MAX };
        while jobs.len() < first_max
            && let Ok(job) = self.people.try_recv()
        {
            jobs.push(job);
        }
        while jobs.len() < TAKEN_MAX
            && let Ok(job) = self.senders.try_recv()
        {
            jobs.push(job);
        }
        !jobs.is_empty()
    }

    pub fn len(&self) -> usize {
        self.people.len() + self.senders.len()
    }

    pub fn is_closed(&self) -> bool {
        self.people.is_closed()
    }

    /// Takes nothing new; what waits is still to be had.
    pub fn close(&mut self) {
        self.people.close();
        self.senders.close();
    }
}

/// Whose commands wait.
#[derive(Clone, Default)]
pub(super) struct Callers {
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    by_caller: BTreeMap<String, usize>,
    said_at: Option<Instant>,
}

/// A command that waits or is being decided, until this is dropped.
pub(super) struct Waits {
    callers: Callers,
    caller: String,
}

impl Callers {
    /// `None`: too many of this caller's wait already. The daemon itself is not counted.
    pub fn one_more(&self, by: &Actor) -> Option<Waits> {
        let caller = match by {
            Actor::Person(person) => format!("person {person}"),
            Actor::Token(token) => format!("token {token}"),
            Actor::Vendor(vendor) => format!("vendor {vendor}"),
            Actor::System => return Some(Waits { callers: self.clone(), caller: String::new() }),
        };
        let mut waiting = self.waiting();
        let count = waiting.by_caller.get(&caller).copied().unwrap_or(0);
        if count >= OF_ONE_MAX {
            if waiting.said_at.is_none_or(|at| at.elapsed() >= SAY_AGAIN) {
                waiting.said_at = Some(Instant::now());
                warn!(
                    caller,
                    waiting = count,
                    "one caller sends more than can be decided: some of it is turned away"
                );
            }
            return None;
        }
        waiting.by_caller.insert(caller.clone(), count + 1);
        drop(waiting);
        Some(Waits { callers: self.clone(), caller })
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        let mut waiting = self.callers.waiting();
        if let Some(count) = waiting.by_caller.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                waiting.by_caller.remove(&self.caller);
            }
        }
    }
}
