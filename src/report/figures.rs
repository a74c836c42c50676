//! The figures themselves, in the shape in which they are written as JSON. Durations are whole seconds.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::desk::TicketId;
use crate::schedule::{PersonId, PolicyId, Priority, RegionId, TeamId, TierId};

/// What happened to an organisation's tickets within a window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    pub organisation: String,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub all: Group,
    /// By the priority a ticket had last.
    pub by_priority: BTreeMap<Priority, Group>,
    /// By the tier a ticket was decided for first; `-`: it was never decided.
    pub by_tier: BTreeMap<String, Group>,
    /// By the customer's region; `-`: none is known.
    pub by_region: BTreeMap<String, Group>,
    pub by_language: BTreeMap<String, Group>,
    /// Where waits ran out, most often first.
    pub automatic: Vec<AutomaticStep>,
    pub handoffs: Vec<RegionPair>,
    /// Every team of the organisation, by id.
    pub teams: Vec<TeamLoad>,
    /// Everybody who was paged, those paged outside their hours most often first.
    pub paged: Vec<PersonPages>,
    /// The whole organisation first, then each tier that has a team, lowest first.
    pub hours_of_week: Vec<HoursOfWeek>,
    /// The window in order, by weeks from Monday, or by days where it is no longer than a month.
    pub course: Vec<Stretch>,
    /// Every ticket that is not done, by number: what it waits for.
    pub live: Vec<Live>,
    /// The tickets that waited longest for an acknowledgement, longest first, at most ten.
    pub waited_longest: Vec<Waited>,
}

/// Some tickets, counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Group {
    pub opened: usize,
    pub outcomes: Outcomes,
    /// Tickets whose whole path was walked at least once and nobody answered.
    pub unattended: usize,
    /// Tickets the last resort was told of.
    pub last_resort: usize,
    /// From opening until it was first offered to people at work, queued with them, or paged.
    pub time_to_somebody: Times,
    /// From opening until somebody first took it.
    pub time_to_acknowledge: Times,
    /// From opening until it was resolved for the last time; only of those that are done.
    pub time_to_resolve: Times,
    /// Held back because nobody was at work; of the tickets that ever were, live ones up to the window's end.
    pub parked: Times,
    /// In teams' queues; likewise.
    pub queued: Times,
    pub counts: Counts,
}

/// What became of tickets: each is counted once, so the sum is how many were opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcomes {
    /// And not closed yet.
    pub resolved: usize,
    /// Resolved before.
    pub closed: usize,
    pub held: usize,
    pub in_queue: usize,
    pub offered: usize,
    pub parked: usize,
    pub pending: usize,
    /// Nobody who may serve it can be found at all.
    pub nobody_at_all: usize,
    /// Given back or left at a shift end, and nobody has been asked since.
    pub left: usize,
}

/// How long something took, over a number of tickets. All absent where the number is 0.
///
/// A percentile is the nearest rank: of n values in order, the one at place ceil(p * n), counted from 1. It is always a
/// duration that really occurred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    pub count: usize,
    #[serde(rename = "median_seconds")]
    pub median: Option<i64>,
    #[serde(rename = "p90_seconds")]
    pub p90: Option<i64>,
    /// Rounded down.
    #[serde(rename = "mean_seconds")]
    pub mean: Option<i64>,
    #[serde(rename = "max_seconds")]
    pub max: Option<i64>,
}

macro_rules! counts {
    ($(#[$about:meta])* pub struct $name:ident { $($(#[$doc:meta])* $field:ident,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        pub struct $name {
            $($(#[$doc])* pub $field: usize,)*
        }

        impl std::ops::AddAssign for $name {
            fn add_assign(&mut self, other: $name) {
                $(self.$field += other.$field;)*
            }
        }
    };
}

counts! {
    /// How often something happened.
    pub struct Counts {
        /// Its dedup key came in again.
        repeated,
        /// Offers made, pages and handoffs among them.
        offers,
        expired,
        declined,
        /// Those asked went home before they answered.
        went_home,
        not_reached,
        escalated_automatic,
        escalated_hierarchical,
        escalated_functional,
        reassigned,
        released,
        reopened,
        /// `resolve_within` ran out.
        overran,
        /// Custody that went on, or was lost, because a shift ended.
        hops,
        /// A ticket came back to a team it had left.
        returns,
        tickets_returned,
        /// Tickets that circled without progress until a review was asked for.
        satellites,
        /// Offered ahead of a shift end.
        handoffs,
        /// Of these taken before the boundary.
        handoffs_accepted,
        /// Of these taken by nobody before the boundary.
        handoffs_passed,
        /// A shift ended and nobody had been asked to take over.
        shift_ends_unasked,
        /// People paged, each time anew.
        pages,
        /// Of these while not at work in any of their teams' hours.
        pages_outside_hours,
        /// Of these between 22:00 and 07:00 where the person lives.
        pages_at_night,
        stand_downs,
    }
}

/// A step of a policy on which a wait ran out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AutomaticStep {
    pub policy: PolicyId,
    /// From 1.
    pub step: usize,
    /// Absent: the files know no such step any more.
    pub tier: Option<TierId>,
    pub escalations: usize,
}

/// Custody offered ahead of shift ends, from one region to another or within one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RegionPair {
    pub from: RegionId,
    pub to: RegionId,
    pub offered: usize,
    /// Taken before the boundary.
    pub accepted: usize,
    /// Taken by nobody before the boundary.
    pub passed: usize,
    /// Whoever was asked would not take it.
    pub declined: usize,
    /// No longer needed, or offered to others: resolved, kept, escalated meanwhile.
    pub withdrawn: usize,
}

/// Tickets in a team's custody, its people's and its queue's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TeamLoad {
    pub team: TeamId,
    pub name: String,
    /// `-`: the files know the team no more.
    pub tier: TierId,
    pub region: RegionId,
    pub people: usize,
    /// At once, averaged over the window.
    pub held_mean: f64,
    pub held_peak: usize,
    /// The most that one person held at once in this team.
    pub person_peak: usize,
    /// Of these, how many a person is meant to hold.
    pub capacity: u32,
    pub offers: usize,
    pub expired: usize,
    pub acknowledged: usize,
    pub resolved: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PersonPages {
    pub person: PersonId,
    pub pages: usize,
    pub outside_hours: usize,
    pub at_night: usize,
}

/// A mean week, in UTC.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HoursOfWeek {
    /// Absent: the whole organisation.
    pub tier: Option<TierId>,
    /// 168 hours from Monday 00:00; absent where the window holds no such hour.
    pub hours: Vec<Option<HourOfWeek>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct HourOfWeek {
    /// Mean number of people at work in their hours, each once.
    pub at_work: f64,
    /// Share of the time in which at least one was, 0 to 1.
    pub covered: f64,
    /// Share of the time in which somebody was at work or on call.
    pub reachable: f64,
    /// Tickets opened; of a tier those it was decided for first.
    pub opened: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stretch {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub opened: usize,
    pub reopened: usize,
    /// Resolved, or closed without; a ticket that was reopened can be done twice.
    pub done: usize,
    /// At the stretch's end.
    pub live: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Live {
    pub ticket: TicketId,
    pub priority: Priority,
    /// Absent where a residency binds it: a report is read by anybody.
    pub title: Option<String>,
    pub opened: DateTime<Utc>,
    /// What it waits for, in words.
    pub why: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waited {
    pub ticket: TicketId,
    pub priority: Priority,
    /// As in [`Live`].
    pub title: Option<String>,
    pub opened: DateTime<Utc>,
    #[serde(rename = "waited_seconds")]
    pub waited: i64,
    /// Absent: nobody has taken it yet.
    pub acknowledged: Option<DateTime<Utc>>,
    pub why: String,
}
