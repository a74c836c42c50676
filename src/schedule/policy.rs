//! Policies: the path that a ticket takes upwards, and the rules beside it; the routes that lead to one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::ids::*;
use super::sla::{Fraction, OnBreach};
use super::vendor::AtVendor;
use super::{Conditions, Priority};

/// The escalation path.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Not empty; at least one step moves.
    pub steps: Vec<Step>,
    /// What happens when `resolve_within` runs out.
    pub on_overrun: How,
    /// After the last step it begins again at this pace.
    pub repeat_every: TimeDelta,
    /// What people who send a ticket on must say.
    pub requires: BTreeMap<Priority, BTreeSet<RequestPart>>,
    /// After so many returns without progress only a lead sends it on; `None`: there is no limit.
    pub returns_at_most: Option<u32>,
    /// Who is told at once, beside the steps.
    pub immediately: Vec<AtOnce>,
    /// Whose escalations a lead has to approve.
    pub approve: Option<Approve>,
    pub on_unhappy: Option<OnUnhappy>,
    pub on_reopened: Option<OnReopened>,
    /// How soon vendors answer, where it stands over what they say themselves.
    pub vendor_reply_within: BTreeMap<Priority, TimeDelta>,
    pub on_vendor_breach: OnBreach,
    pub clocks_at_vendor: AtVendor,
}

/// Somebody of a tier is told of such tickets when they come in, or become such.
#[derive(Clone, Debug, PartialEq)]
pub struct AtOnce {
    pub when: Conditions,
    pub tell: TierId,
}

/// What people ask for goes to the next step only if a lead says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Approve {
    /// Of the tickets.
    pub priorities: BTreeSet<Priority>,
    /// By the clock of the ticket's waits.
    pub within: TimeDelta,
    pub if_silent: IfSilent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfSilent {
    Approve,
    Refuse,
}

/// What becomes of a ticket whose customer is unhappy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnUnhappy {
    /// Feedback up to this score is unhappy; 1 to 4.
    pub at_most: u8,
    pub how: Further,
}

/// What becomes of a ticket that comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnReopened {
    /// From so many reopenings on; at least 1.
    pub from: u32,
    pub how: Further,
}

/// How a ticket goes a step further than where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Further {
    /// The next step is asked to take it; a ticket that is done is reopened for it.
    Move,
    /// The next tier's lead is told.
    Tell,
}

/// A part of what is said to those who are asked to take a ticket over, or to help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestPart {
    Summary,
    StepsTaken,
    Impact,
    HelpWanted,
    TimeLimit,
    /// The ticket names its customer.
    Customer,
}

impl RequestPart {
    pub fn as_str(self) -> &'static str {
        match self {
            RequestPart::Summary => "summary",
            RequestPart::StepsTaken => "steps_taken",
            RequestPart::Impact => "impact",
            RequestPart::HelpWanted => "help_wanted",
            RequestPart::TimeLimit => "time_limit",
            RequestPart::Customer => "customer",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub tier: TierId,
    /// Lines to page, one after the other.
    pub call: Vec<LineId>,
    /// How long each line has; default the acknowledgement wait.
    pub call_every: Option<TimeDelta>,
    /// Where the step differs from the priority's own.
    pub acknowledge_within: BTreeMap<Priority, TimeDelta>,
    pub how: How,
    /// Who is asked where everybody of the tier has too much to do.
    pub overflow: Option<Overflow>,
    /// Who is asked first where a ticket goes further from here, before the next step; whoever holds it keeps it.
    pub vendor: Option<VendorId>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Overflow {
    /// Of other tiers. Not empty.
    pub to: Vec<TeamId>,
    /// From this share of its capacity on a team is overloaded; `None`: where nobody has room.
    pub at: Option<Fraction>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// Custody moves.
    Move,
    /// Somebody there helps; the holder stays.
    Join,
    /// Somebody there is told.
    Tell,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    pub name: String,
    pub when: Conditions,
    pub policy: PolicyId,
    /// What is promised to customers whose own table does not say.
    pub sla: Option<SlaId>,
}
