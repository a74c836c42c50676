//! A promise to the customer while its time runs: a clock.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::WaitClock;
use crate::schedule::{Fraction, Priority, Sla, SlaId};

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    FirstResponse,
    /// Begins with the first response, and anew with each status update.
    NextUpdate,
    Resolution,
    /// The status update that the holder owes; begins with the first holder, and anew with each update.
    Update,
    /// The answer that a vendor owes; begins when it is asked, and anew with each answer, as long as it works on it.
    VendorReply,
}

impl ClockKind {
    pub const ALL: [ClockKind; 5] = [
        ClockKind::FirstResponse,
        ClockKind::NextUpdate,
        ClockKind::Resolution,
        ClockKind::Update,
        ClockKind::VendorReply,
    ];
    /// What SLAs promise to customers.
    pub const OF_SLAS: [ClockKind; 3] =
        [ClockKind::FirstResponse, ClockKind::NextUpdate, ClockKind::Resolution];
    /// What is over when a ticket is resolved.
    pub(super) const OURS: [ClockKind; 4] =
        [ClockKind::FirstResponse, ClockKind::NextUpdate, ClockKind::Resolution, ClockKind::Update];

    pub fn as_str(self) -> &'static str {
        match self {
            ClockKind::FirstResponse => "first_response",
            ClockKind::NextUpdate => "next_update",
            ClockKind::Resolution => "resolution",
            ClockKind::Update => "update",
            ClockKind::VendorReply => "vendor_reply",
        }
    }

    /// How soon, by priority; `None`: that is no matter of an SLA.
    pub(super) fn promises(self, sla: &Sla) -> Option<&BTreeMap<Priority, TimeDelta>> {
        match self {
            ClockKind::FirstResponse => Some(&sla.first_response),
            ClockKind::NextUpdate => Some(&sla.next_update),
            ClockKind::Resolution => Some(&sla.resolution),
            ClockKind::Update | ClockKind::VendorReply => None,
        }
    }

    pub fn is_of_sla(self) -> bool {
        ClockKind::OF_SLAS.contains(&self)
    }

    /// Begins anew with each status update, or answer.
    pub fn repeats(self) -> bool {
        matches!(self, ClockKind::NextUpdate | ClockKind::Update | ClockKind::VendorReply)
    }
}

impl fmt::Display for ClockKind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(match self {
            ClockKind::FirstResponse => "first response",
            ClockKind::NextUpdate => "next update",
            ClockKind::Resolution => "resolution",
            ClockKind::Update => "status update",
            ClockKind::VendorReply => "vendor reply",
        })
    }
}

/// How much of a promise is spent. It is never set back by anything that happens inside the house: what it has spent
/// survives every escalation, handoff and change of priority.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    pub kind: ClockKind,
    /// Whose promise it is; absent: nobody's any more, and it only keeps count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<SlaId>,
    /// Absent: nothing is promised at the ticket's priority.
    #[serde(
        rename = "promised_seconds",
        default,
        skip_serializing_if = "Option::is_none",
        with = "maybe_seconds"
    )]
    pub promised: Option<TimeDelta>,
    /// When it began; that of status updates begins anew with each.
    pub since: DateTime<Utc>,
    /// Before `running_since`.
    #[serde(rename = "spent_milliseconds", with = "milliseconds")]
    pub spent: TimeDelta,
    pub by: WaitClock,
    /// Absent: it stands still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running_since: Option<DateTime<Utc>>,
    /// When all of it is spent, as things stand; absent: it stands still, or that is not within sight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<DateTime<Utc>>,
    /// Ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warn_at: Vec<Fraction>,
    /// So many of `warn_at` have been passed.
    pub warned: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met_at: Option<DateTime<Utc>>,
    /// It was not kept, though it may have been met since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breached_at: Option<DateTime<Utc>>,
}

/// How a clock stands, for lists and people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    Running,
    /// Pending, or not begun.
    Standing,
    Met,
    Breached,
    MetLate,
    /// Nothing is promised at this priority.
    Unpromised,
}

impl Clock {
    pub(super) fn begun(kind: ClockKind, since: DateTime<Utc>, by: WaitClock) -> Clock {
        Clock {
            kind,
            sla: None,
            promised: None,
            since,
            spent: TimeDelta::zero(),
            by,
            running_since: None,
            due: None,
            warn_at: Vec::new(),
            warned: 0,
            met_at: None,
            breached_at: None,
        }
    }

    pub fn state(&self) -> ClockState {
        match (self.met_at, self.breached_at) {
            _ if self.promised.is_none() => ClockState::Unpromised,
            (Some(_), Some(_)) => ClockState::MetLate,
            (Some(_), None) => ClockState::Met,
            (None, Some(_)) => ClockState::Breached,
            (None, None) if self.running_since.is_none() => ClockState::Standing,
            (None, None) => ClockState::Running,
        }
    }

    /// Something of it may still be told: a warning, or that it is broken.
    pub(super) fn is_open(&self) -> bool {
        self.met_at.is_none() && self.breached_at.is_none() && self.promised.is_some()
    }

    /// How much may be spent before the next warning, or before it is broken.
    pub(super) fn next_threshold(&self) -> Option<TimeDelta> {
        let promised = self.promised.filter(|_| self.is_open())?;
        Some(self.warn_at.get(self.warned).map_or(promised, |fraction| fraction.part_of(promised)))
    }

    /// Measured against another promise. What the new one has not passed yet can be warned of again, and where the new
    /// one is kept so far, it is not broken. Where nothing is promised, what was told stays known.
    pub(super) fn measure_against(
        &mut self,
        promised: Option<TimeDelta>,
        warn_at: &[Fraction],
        spent: TimeDelta,
    ) {
        if self.promised == promised && (self.warn_at == warn_at || promised.is_none()) {
            return;
        }
        (self.promised, self.due) = (promised, None);
        let Some(promised) = promised else { return };
        let told = self.warned.checked_sub(1).map(|last| self.warn_at[last]);
        let passed = |fraction: &&Fraction| {
            told.is_some_and(|told| **fraction <= told) && fraction.part_of(promised) <= spent
        };
        self.warned = warn_at.iter().take_while(passed).count();
        self.breached_at = self.breached_at.filter(|_| promised <= spent);
        self.warn_at = warn_at.to_vec();
    }
}

pub(super) mod milliseconds {
    use chrono::TimeDelta;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(value: &TimeDelta, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(value.num_milliseconds())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<TimeDelta, D::Error> {
        let milliseconds = i64::deserialize(from)?;
        TimeDelta::try_milliseconds(milliseconds)
            .ok_or_else(|| serde::de::Error::custom("more milliseconds than we can count"))
    }
}

pub(super) mod maybe_seconds {
    use chrono::TimeDelta;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(value: &Option<TimeDelta>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => to.serialize_some(&value.num_seconds()),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<TimeDelta>, D::Error> {
        let Some(seconds) = Option::<i64>::deserialize(from)? else { return Ok(None) };
        let value = TimeDelta::try_seconds(seconds);
        value.map(Some).ok_or_else(|| serde::de::Error::custom("more seconds than we can count"))
    }
}
