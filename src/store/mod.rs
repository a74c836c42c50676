//! Everything that must survive: tickets, events, notices, batches, revisions, changes of the day, tokens.
//! Rows go in and out; no rule lives here, and no other room names a database.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::desk::{Changes, Event, Handoff, HandoffId, Notice, Numbers, Saved, State, TicketId};
use crate::schedule::{PersonId, Priority, Residency, TeamId};

/// A database, opened and migrated.
#[derive(Clone, Debug)]
pub struct Store {}

/// One batch of decisions: holds the write lock from [`Store::begin`] to commit.
pub struct Batch {}

/// Everything a desk starts from.
pub struct DeskRows {
    pub tickets: Vec<Saved>,
    /// Batches with an item that is still offered.
    pub handoffs: Vec<Handoff>,
    pub turns: BTreeMap<TeamId, PersonId>,
    pub numbers: Numbers,
    /// Number of the last batch committed, by any node.
    pub batch: i64,
    /// The instant its decisions were stamped with.
    pub decided_at: Option<DateTime<Utc>>,
}

/// What `GET /v1/tickets` filters by; every field that is set must hold.
#[derive(Clone, Debug, Default)]
pub struct TicketFilter {
    pub state: Option<State>,
    /// Held, queued or offered there.
    pub team: Option<TeamId>,
    pub holder: Option<PersonId>,
    pub priority: Option<Priority>,
    pub external_ref: Option<String>,
    /// Only tickets without residency or with one of these; `None`: all.
    pub residencies: Option<Vec<Residency>>,
    /// Only numbers beyond this one.
    pub after: Option<TicketId>,
    pub limit: u32,
}

/// One stored state of the schedules: the texts, and the zone data in use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevisionRow {
    pub number: i64,
    pub at: DateTime<Utc>,
    pub files: BTreeMap<String, String>,
    pub zone_version: Option<String>,
    /// TZif bytes by zone, base64 in JSON.
    pub zones: BTreeMap<String, String>,
}

/// A change of the day: the body of the table as a file would have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayRow {
    pub id: i64,
    pub kind: DayKind,
    pub at: DateTime<Utc>,
    /// Name of the person or token.
    pub by: String,
    pub body: serde_json::Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayKind {
    Leave,
    Override,
}

/// A notice on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutboxRow {
    pub notice: Notice,
    pub attempts: u32,
    pub due_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    /// Given up, and the desk has heard of it.
    pub failed_at: Option<DateTime<Utc>>,
    /// The channel that took it, or the last one tried.
    pub channel: Option<String>,
    pub last_error: Option<String>,
}

/// A bearer token as stored: only its hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenRow {
    pub name: String,
    /// SHA-256 of the token's text, hex.
    pub hash: String,
    pub role: Role,
    pub person: Option<PersonId>,
    pub at: DateTime<Utc>,
}

/// What a token may do; see the table in `api`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Admin,
    Lead,
    Responder,
    Reader,
    Ingest,
}

/// An answer already given to an `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remembered {
    /// Of the request's route and body: the same key with another request is a mistake of the caller.
    pub fingerprint: String,
    pub answer: serde_json::Value,
}
