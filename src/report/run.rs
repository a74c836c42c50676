//! What only a simulation knows of itself.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::desk::TicketId;

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Run {
    /// Where the schedules came from, as the caller named them.
    pub schedules: String,
    /// Likewise the tickets.
    pub tickets: String,
    /// How the people behave: `perfect`, `human`.
    pub responders: String,
    pub seed: u64,
    /// What must always hold and did not; none in a sound run.
    pub violations: Vec<Violation>,
    /// What a reader has to know before believing the figures, a sentence each.
    pub remarks: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Violation {
    /// Absent: it is about no single ticket.
    pub ticket: Option<TicketId>,
    pub at: DateTime<Utc>,
    pub what: String,
}
