//! Who begins to serve, and whether a message would reach them while they do.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::contact::{placed, ways_for};
use super::interval::{self, Interval};
use super::{Coverage, moments};
use crate::schedule::{PersonId, Purpose, TeamId};

/// Whether messages arrive is asked about the first day of a shift: what later days bring, `check` tells.
const LOOKED_AHEAD: TimeDelta = TimeDelta::days(1);

/// Somebody begins to serve in a team, be it at work or on call, and had not served there until then.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Shift {
    pub at: DateTime<Utc>,
    pub team: TeamId,
    pub person: PersonId,
}

/// What is wrong with a channel for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The settings do not know it.
    NotSetUp,
    /// The files do not say what it needs of a person: `email`, `phone`.
    Lacks { what: String },
    /// What was last sent to them by it was given up, or has failed until now.
    Failed { at: DateTime<Utc> },
    /// It has failed for everybody it was last used for.
    Down { at: DateTime<Utc> },
}

/// A channel of somebody's that does not work for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faulty {
    pub channel: String,
    #[serde(flatten)]
    pub fault: Fault,
}

/// A page to them would go nowhere in some of their shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unready {
    pub person: PersonId,
    /// The first instant of it.
    pub from: DateTime<Utc>,
    /// Each once, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faulty: Vec<Faulty>,
    /// Their `contact` names no channel at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_contact: bool,
}

impl Coverage {
    /// Those that begin from `from` on and up to a team's lead time after `now`, in order. A team whose lead time is zero
    /// is left out.
    pub fn shifts_ahead(&self, from: DateTime<Utc>, now: DateTime<Utc>) -> Vec<Shift> {
        let mut found: Vec<Shift> = Vec::new();
        for (team, lead) in self.checked_teams() {
            found.extend(self.beginnings(team, from, now + lead + TimeDelta::milliseconds(1)));
        }
        found.sort_unstable();
        found
    }

    /// When [`Coverage::shifts_ahead`] has more to say than at `now`, at most `within` later.
    pub fn next_shift_check(&self, now: DateTime<Utc>, within: TimeDelta) -> DateTime<Utc> {
        let next = self.checked_teams().filter_map(|(team, lead)| {
            let after = now + lead + TimeDelta::milliseconds(1);
            let begins =
                self.beginnings(team, after, after + within).into_iter().map(|shift| shift.at).min()?;
            Some(begins - lead)
        });
        next.min().map_or(now + within, |next| next.min(now + within))
    }

    /// When and by whom a shift of the team is begun, in `from..until`.
    pub fn beginnings(&self, team: &TeamId, from: DateTime<Utc>, until: DateTime<Utc>) -> BTreeSet<Shift> {
        let mut serving: BTreeSet<&PersonId> = BTreeSet::new();
        let mut found = BTreeSet::new();
        let spans = self.window(team, from - TimeDelta::milliseconds(1), until);
        for span in &spans {
            let now: BTreeSet<&PersonId> =
                span.working.iter().chain(span.on_call.values().flat_map(|line| line.iter())).collect();
            for person in now.difference(&serving).filter(|_| span.from >= from) {
                found.insert(Shift { at: span.from, team: team.clone(), person: (*person).clone() });
            }
            serving = now;
        }
        found
    }

    fn checked_teams(&self) -> impl Iterator<Item = (&TeamId, TimeDelta)> {
        let teams = self.organisation.teams.keys().map(|team| (team, self.organisation.check_before(team)));
        teams.filter(|(_, lead)| !lead.is_zero())
    }

    /// `None`: whenever in the first day of the shift a page to them is made, a channel of theirs that works takes it.
    /// Whoever is to be written into the log alone is not to be woken, and that works.
    pub fn unready(&self, shift: &Shift, fault: impl Fn(&str) -> Option<Fault>) -> Option<Unready> {
        let ways = ways_for(&self.organisation, &shift.person, Purpose::Page);
        let range = self.first_stretch(shift);
        let zone = self.clock_of(&shift.person);
        let (mut faulty, mut open): (Vec<Faulty>, Vec<Interval>) = (Vec::new(), Vec::new());
        for way in &ways {
            if let Some(fault) = fault(&way.via) {
                if !faulty.iter().any(|known| known.channel == way.via) {
                    faulty.push(Faulty { channel: way.via.clone(), fault });
                }
                continue;
            }
            let (Some(window), Some(zone)) = (&way.between, zone) else { return None };
            // What is made now goes out by it later.
            let placed = placed(window, zone, range.from, range.until + way.after);
            open.extend(placed.into_iter().map(|open| Interval {
                from: open.from.checked_sub_signed(way.after).unwrap_or(open.from),
                until: open.until.checked_sub_signed(way.after).unwrap_or(open.until),
            }));
        }
        let first = interval::complement(&interval::union(open), range).into_iter().next()?;
        let (person, no_contact) = (shift.person.clone(), ways.is_empty());
        Some(Unready { person, from: first.from, faulty, no_contact })
    }

    /// From its beginning until they no longer serve, a day at most.
    fn first_stretch(&self, shift: &Shift) -> Interval {
        let spans = self.window(&shift.team, shift.at, shift.at + LOOKED_AHEAD);
        let serves = |person: &PersonId| *person == shift.person;
        let on = spans.iter().take_while(|span| {
            span.working.iter().any(serves) || span.on_call.values().any(|line| line.iter().any(serves))
        });
        Interval { from: shift.at, until: on.last().map_or(shift.at, |span| span.until) }
    }

    /// Whether leave of theirs, read in that team's zone, holds `at`.
    pub fn is_on_leave(&self, person: &PersonId, team: &TeamId, at: DateTime<Utc>) -> bool {
        let Some(zone) = self.organisation.teams.get(team).and_then(|team| self.zones.get(&team.timezone))
        else {
            return false;
        };
        let leave = self.organisation.leave.iter().chain(&self.changes.leave);
        let mut own = leave.filter(|leave| leave.person == *person).map(|leave| moments::leave(leave, zone));
        own.any(|away| away.from <= at && at < away.until)
    }
}
