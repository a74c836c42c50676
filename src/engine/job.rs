//! What the writer is asked to do.

use std::time::Instant;

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::queue::Waits;
use super::{Drift, EngineError, IdempotencyKey, RefusedSet};
use crate::coverage::Coverage;
use crate::desk::{Answer, Command, Explanation, Facts};
use crate::schedule::{Problem, TeamId};
use crate::store::{DayKind, DayRow, RevisionRow};

pub(super) type Reply<T> = oneshot::Sender<Result<T, EngineError>>;

pub(super) enum Job {
    Take(Request),
    Explain {
        question: Box<Question>,
        reply: Reply<Explanation>,
    },
    AddDayRow {
        new: NewDayRow,
        reply: Reply<DayRow>,
    },
    RemoveDayRow {
        kind: DayKind,
        id: i64,
        reply: Reply<()>,
    },
    /// Other schedules.
    PutToWork {
        next: Box<Next>,
        /// `None`: another node has published something since the files were read, and that is at work.
        reply: Reply<Option<Vec<TeamId>>>,
    },
    /// The same schedules, compiled further ahead.
    Extend {
        coverage: Box<Coverage>,
        reply: Reply<()>,
    },
    /// Whether the staircase can be gone up: nothing is decided, and nothing counted; written only after a fault.
    Probe {
        reply: Reply<()>,
    },
    /// Takes over what other nodes have committed.
    Follow {
        reply: Reply<()>,
    },
    /// The same schedules stay; the files on disk are refused, or are others, or are those at work again.
    Stay {
        refused: Option<RefusedSet>,
        drift: Option<Drift>,
        reply: Reply<()>,
    },
}

/// About a ticket that nobody opens.
pub(super) struct Question {
    pub facts: Facts,
    /// `None`: now.
    pub at: Option<DateTime<Utc>>,
    /// The schedules at work around an instant for which they are not compiled as a rule.
    pub compiled: Option<Box<Coverage>>,
}

/// A command, and who waits for its answer.
pub(super) struct Request {
    pub command: Command,
    pub key: Option<IdempotencyKey>,
    pub handed_in: Instant,
    /// Given back once it is answered.
    pub waits: Waits,
    pub reply: Reply<Answer>,
}

/// A change of the day as it comes in.
pub(super) struct NewDayRow {
    pub kind: DayKind,
    pub body: serde_json::Value,
    pub by: String,
    pub key: Option<IdempotencyKey>,
}

/// Schedules to be put to work.
pub(super) struct Next {
    pub revision: i64,
    pub since: DateTime<Utc>,
    pub coverage: Coverage,
    pub warnings: Vec<Problem>,
    /// `None`: stored already.
    pub publish: Option<RevisionRow>,
    /// Number of the revision that was in force when the files were read; 0: none.
    pub upon: i64,
}
