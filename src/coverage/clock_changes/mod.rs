//! Clock changes that surprise people who run a desk: handovers that no longer meet, shifts of seven or nine hours.
//! Only the weekly pattern and the zones count here; holidays, leave and overrides are somebody's decision.

mod desks;

mod handovers;

mod windows;

mod turns;

mod clocks;
pub use clocks::{ClocksSet, ZoneChange, clocks_set};

mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Serialize;

use super::interval::Interval;
use crate::schedule::{Organisation, RegionId, TeamId, TierId, ZoneName};
use crate::zone::Zones;

/// What a clock change does to coverage, for a while.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClockSurprise {
    pub kind: SurpriseKind,
    pub tier: TierId,
    /// Of a handover, who closes and who takes over; else where the teams are.
    pub regions: Vec<RegionId>,
    /// Whose shift ends at the handover; else those whose own hours or turns it is about.
    pub teams: Vec<TeamId>,
    /// Who takes over; empty where it is no handover.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub receivers: Vec<TeamId>,
    /// `hours 22:00-06:00`, `primary 08:00-20:00`; empty of a handover.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub what: String,
    /// Of a handover, from the change that begins it to the one that ends it, or the edge of what was looked at; else
    /// the first and the last instant of what is told.
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// The first and the last day on which it happens, on the clock of the (closing) team.
    pub first: NaiveDate,
    pub last: NaiveDate,
    /// Of a handover, for how long both are at work, below 0 how long nobody of the two is; of a window, its length;
    /// of turns, 0 and by how much later they begin on the team's clock.
    pub usual_minutes: i64,
    pub then_minutes: i64,
    /// How much of the hole nobody else of the tier covers, at the worst.
    #[serde(skip_serializing_if = "is_zero")]
    pub uncovered_minutes: i64,
    /// Who of the tier is at work in the hole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub covered_by: Vec<TeamId>,
    pub zones: Vec<ZoneName>,
    /// The clock changes that begin and end it.
    pub changes: Vec<ZoneChange>,
    /// All of this for a person, in one line without the dates.
    pub text: String,
}

/// In the order of how much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SurpriseKind {
    /// A hole in the tier's hours that is not there for at least a season, or smaller.
    Opens,
    /// A window that never is on that day.
    Vanishes,
    /// Less time to hand over, though somebody is there.
    Narrows,
    Shortens,
    Lengthens,
    /// Twice as long at work together as usual, or more.
    Doubles,
    /// Turns begin at another time of the team's day.
    Moves,
}

/// What is usual shows over a year.
const YEAR: TimeDelta = TimeDelta::days(366);

/// The surprises that begin within `from..until`, in order of time. What is usual is read from at least a year.
pub fn clock_surprises(
    organisation: &Organisation,
    zones: &Zones,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<ClockSurprise> {
    let a_year = from.checked_add_signed(YEAR).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let range = Interval { from, until: until.max(a_year) };
    let mut found = handovers::surprises(organisation, zones, range);
    found.extend(windows::surprises(organisation, zones, range));
    found.extend(turns::surprises(organisation, zones, range));
    found.retain(|surprise| surprise.from < until && surprise.until > from);
    let mut found = merged(found);
    for surprise in &mut found {
        surprise.text = words::text(surprise);
    }
    found.sort_by(|a, b| {
        let rank = |surprise: &ClockSurprise| organisation.tier_rank(&surprise.tier);
        let key = |surprise: &ClockSurprise| (surprise.first, surprise.kind, rank(surprise));
        key(a)
            .cmp(&key(b))
            .then_with(|| (&a.regions, &a.teams, &a.text).cmp(&(&b.regions, &b.teams, &b.text)))
    });
    found
}

/// Teams to whom the same happens on the same days are told together.
fn merged(found: Vec<ClockSurprise>) -> Vec<ClockSurprise> {
    let mut by_what: BTreeMap<_, ClockSurprise> = BTreeMap::new();
    for surprise in found {
        let is_handover = !surprise.receivers.is_empty();
        let between = is_handover.then(|| surprise.regions.clone());
        let key = (
            (surprise.kind, surprise.tier.clone(), between, surprise.what.clone()),
            (surprise.first, surprise.last, surprise.usual_minutes, surprise.then_minutes),
            (surprise.covered_by.is_empty(), surprise.uncovered_minutes),
        );
        match by_what.get_mut(&key) {
            None => _ = by_what.insert(key, surprise),
            Some(known) => {
                known.from = known.from.min(surprise.from);
                known.until = known.until.max(surprise.until);
                if !is_handover {
                    join(&mut known.regions, surprise.regions);
                }
                join(&mut known.teams, surprise.teams);
                join(&mut known.receivers, surprise.receivers);
                join(&mut known.covered_by, surprise.covered_by);
                join(&mut known.zones, surprise.zones);
                join(&mut known.changes, surprise.changes);
            }
        }
    }
    by_what.into_values().collect()
}

fn join<T: Ord>(list: &mut Vec<T>, more: Vec<T>) {
    list.extend(more);
    list.sort();
    list.dedup();
}

fn is_zero(minutes: &i64) -> bool {
    *minutes == 0
}
