//! What a resolution has to say, and when a ticket is over.

use std::array;
use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{Priority, defaults};

/// `[closing]`, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosingRule {
    /// What a resolution has to say; indexed by [`Priority::index`].
    pub requires: [BTreeSet<ResolutionPart>; 5],
    /// The causes there are, in the order written; empty: any text is one.
    pub causes: Vec<String>,
    /// A ticket that has been resolved for so long closes by itself; `None`: never. Indexed by [`Priority::index`].
    pub close_after: [Option<TimeDelta>; 5],
}

impl Default for ClosingRule {
    fn default() -> ClosingRule {
        ClosingRule {
            requires: array::from_fn(|_| BTreeSet::from(defaults::RESOLUTION)),
            causes: Vec::new(),
            close_after: [Some(defaults::CLOSE_AFTER); 5],
        }
    }
}

impl ClosingRule {
    pub fn required(&self, priority: Priority) -> &BTreeSet<ResolutionPart> {
        &self.requires[priority.index()]
    }

    pub fn close_after(&self, priority: Priority) -> Option<TimeDelta> {
        self.close_after[priority.index()]
    }
}

/// What can be said of a ticket that is solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResolutionPart {
    Notes,
    Cause,
}

impl ResolutionPart {
    pub fn as_str(self) -> &'static str {
        match self {
            ResolutionPart::Notes => "notes",
            ResolutionPart::Cause => "cause",
        }
    }
}
