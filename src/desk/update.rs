//! A status update: what the customer is told of a ticket that is not solved yet.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::verbs::filled;
use super::{Refusal, State, What};

/// How things stand, in the words of whoever works on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Update {
    pub status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_so_far: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_action: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_resolution: Option<DateTime<Utc>>,
}

impl Case<'_> {
    /// Progress, and what the promise of a next update waits for.
    pub fn update(&mut self, update: Update) -> Result<(), Refusal> {
        self.must_be(&[State::Waiting, State::Held, State::Pending], "updated")?;
        filled("status", &update.status)?;
        self.must_have_a_hand()?;
        if update.expected_resolution.is_some_and(|expected| expected <= self.now) {
            let message = "must be in the future".to_owned();
            return Err(Refusal::Invalid { field: "expected_resolution", message });
        }
        self.note(What::Updated { update });
        Ok(())
    }
}
