//! The only staircase: commands from anywhere go up it one batch at a time, and come down decided and on disk.
//! Also holds the schedules in force, and wakes tickets when they are due.

mod reading;
pub use reading::Reading;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::coverage::{Coverage, MovedZone};
use crate::desk::{Event, Refusal, TicketId};
use crate::schedule::{Problem, Residency, Severity, TeamId};
use crate::store::{DayKind, unavailable};

mod retention;
pub use retention::Retention;

mod pauses;

mod privacy;
pub use privacy::{Pseudonyms, known};

mod forgetting;
pub use forgetting::Forgot;

mod running;
pub use running::Engine;

mod meters;
pub use meters::Meters;

mod start;

mod reload;

mod examined;
pub use examined::{Examined, HORIZON, Horizon, ProvedAt, ZoneVersions};

mod proving;
pub use proving::Standing;

mod schedules;

mod job;

mod queue;

mod writer;

mod decide;

mod rules;

mod day;

mod differences;

mod nodes;

mod set_aside;

mod watched;

mod tally;

mod guard;

mod aside;

/// Where schedules come from.
#[derive(Clone, Debug)]
pub struct Source {
    pub schedules: PathBuf,
    pub tzdir: Option<PathBuf>,
    /// What is to be put to work has to have stood unchanged for so long: a file that is being written in place is, up
    /// to some line, a file without an error.
    pub quiet: Duration,
}

/// The schedules at work, and how the last attempt to change them went.
#[derive(Clone, Debug)]
pub struct InForce {
    pub revision: i64,
    pub since: DateTime<Utc>,
    pub coverage: Arc<Coverage>,
    /// Warnings of the revision at work.
    pub warnings: Vec<Problem>,
    /// The last set of files that was refused, if the files on disk are not what is at work.
    pub refused: Option<RefusedSet>,
    /// How the files on this node's disk differ from those in force, which another node has published.
    pub drift: Option<Drift>,
    /// Rows of the day that no longer fit the files, in words; they are left out.
    pub stale: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct RefusedSet {
    pub at: DateTime<Utc>,
    pub problems: Vec<Problem>,
}

/// The files here are not those in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The revision in force when they were compared.
    pub revision: i64,
    /// Paths of the files that differ, or are on one side alone.
    pub files: Vec<String>,
    /// Zones whose data differs.
    pub zones: Vec<String>,
}

/// Errors and warnings apart: `1 error and 2 warnings`.
pub fn in_numbers(problems: &[Problem]) -> String {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let warnings = problems.len() - errors;
    let many = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    match warnings {
        0 => many(errors, "error"),
        _ => format!("{} and {}", many(errors, "error"), many(warnings, "warning")),
    }
}

/// What came of a reload.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Reloaded {
    /// Files and zone data are what is at work already.
    Unchanged { revision: i64 },
    Changed {
        revision: i64,
        teams: BTreeSet<TeamId>,
        warnings: Vec<Problem>,
        /// Set where other zone data came with it.
        #[serde(skip_serializing_if = "Option::is_none")]
        zone_data: Option<NewZoneData>,
    },
    /// Another node has published other files since these here agreed with what is at work; nothing is changed.
    Drifted { revision: i64, drift: Drift },
    /// The last good revision stays at work.
    Refused { revision: i64, problems: Vec<Problem> },
}

/// Zone data that was put to work with a revision, and what it changes within the year ahead.
#[derive(Clone, Debug, Serialize)]
pub struct NewZoneData {
    /// Version of the folder, where it tells.
    pub before: Option<String>,
    pub now: Option<String>,
    /// Zones in use whose clocks are no longer what they were, and the teams that this moves.
    pub moved: Vec<MovedZone>,
}

/// Makes a repeated request answer as it did before.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// The caller's key together with the caller's name.
    pub key: String,
    /// Of route and body.
    pub fingerprint: String,
}

#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("this Idempotency-Key came before with another request")]
    KeyReused,
    /// Field and message of a change of the day that does not fit the files.
    #[error("{0:?}")]
    Invalid(Vec<(String, String)>),
    #[error("there is no {} {id}", kind.as_str())]
    NotFound { kind: DayKind, id: i64 },
    #[error("more commands are waiting than can be taken now")]
    Overloaded,
    #[error(
        "so many commands of this caller wait already that no more of them are taken now: send them slower"
    )]
    TooManyOfOne,
    #[error("the daemon is stopping")]
    Stopping,
    /// Nobody knows whether it was done, unless it is repeated with its key.
    #[error("the database cannot be reached, or cannot be written to: {0}")]
    Unavailable(String),
    #[error(transparent)]
    Fault(anyhow::Error),
}

impl From<anyhow::Error> for EngineError {
    fn from(fault: anyhow::Error) -> EngineError {
        if unavailable(&fault) {
            EngineError::Unavailable(format!("{fault:#}"))
        } else {
            EngineError::Fault(fault)
        }
    }
}

impl EngineError {
    /// For each of many who hear of the same fault.
    fn like(fault: &anyhow::Error) -> EngineError {
        if unavailable(fault) {
            EngineError::Unavailable(format!("{fault:#}"))
        } else {
            EngineError::Fault(anyhow::anyhow!("{fault:#}"))
        }
    }
}

/// Something happened; for `GET /v1/events` and whoever waits for news.
#[derive(Clone, Debug)]
pub struct News {
    pub events: Arc<Vec<Event>>,
    /// Of every ticket among them: who may hear of it hangs on that.
    pub residencies: Arc<BTreeMap<TicketId, Option<Residency>>>,
    /// Of the events' numbers: see [`crate::desk::Numbers`].
    pub epoch: i64,
}
