//! By which channels people are reached: for what, after how long, and at which hours of their own clock.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde::Serialize;

use super::Coverage;
use super::hours;
use super::interval::{self, Interval};
use crate::schedule::{ContactWay, LineId, Organisation, Origin, Person, PersonId, Purpose, TeamId, Window};
use crate::zone::{Zone, with_offset};

/// The channel for which no settings are needed, and where notices go, visibly, for which no other is known. It takes
/// everything and wakes nobody.
pub const LOG: &str = "log";

impl Coverage {
    /// How long after `at` each stage goes out of asking somebody for something then, the first first; without those
    /// for which no way is open then.
    pub fn stages(&self, person: &PersonId, purpose: Purpose, at: DateTime<Utc>) -> Vec<TimeDelta> {
        let open = self.open_ways(person, purpose, move |way| at.checked_add_signed(way.after).unwrap_or(at));
        let after: BTreeSet<TimeDelta> = open.map(|way| way.after).collect();
        after.into_iter().collect()
    }

    /// The channels of the stage that goes out `after` the notice was made at `at`, in their order.
    pub fn ways_of_stage(
        &self,
        person: &PersonId,
        purpose: Purpose,
        at: DateTime<Utc>,
        after: TimeDelta,
    ) -> Vec<&str> {
        let then = at.checked_add_signed(after).unwrap_or(at);
        let ways = self.open_ways(person, purpose, move |_| then).filter(|way| way.after == after);
        ways.map(|way| way.via.as_str()).collect()
    }

    /// The channels for what asks for nothing, the soonest first: each is tried where those before it fail.
    pub fn ways(&self, person: &PersonId, purpose: Purpose, at: DateTime<Utc>) -> Vec<&str> {
        let mut ways: Vec<&ContactWay> = self.open_ways(person, purpose, move |_| at).collect();
        ways.sort_by_key(|way| way.after);
        ways.into_iter().map(|way| way.via.as_str()).collect()
    }

    /// When [`Coverage::ways`] may be others than at `at`, for whoever it is. `None`: never.
    pub fn same_ways_until(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let is_timed = |person: &Person| person.contact.iter().any(|way| way.between.is_some());
        let timed = self.organisation.people.iter().filter(|(_, person)| is_timed(person));
        let windows = timed.flat_map(|(id, person)| {
            let zone = self.clock_of(id);
            person.contact.iter().filter_map(move |way| Some((zone?, way.between.as_ref()?)))
        });
        let borders = windows.flat_map(|(zone, window)| {
            placed(window, zone, at, at + TimeDelta::days(2))
                .into_iter()
                .flat_map(|open| [open.from, open.until])
        });
        borders.filter(|border| *border > at).min()
    }

    fn open_ways(
        &self,
        person: &PersonId,
        purpose: Purpose,
        when: impl Fn(&ContactWay) -> DateTime<Utc>,
    ) -> impl Iterator<Item = &ContactWay> {
        let ways = ways_for(&self.organisation, person, purpose);
        let timed = ways.iter().any(|way| way.between.is_some());
        let zone = if timed { self.clock_of(person) } else { None };
        ways.into_iter().filter(move |way| is_open(way, zone, when(way)))
    }

    fn unreached(&self, person: &PersonId, team: &TeamId, line: &LineId, when: Interval) -> Unreached {
        let Interval { from, until } = when;
        let zone = self.clock_of(person).expect("only windows on a clock leave somebody unreached");
        Unreached {
            origin: self.organisation.people[person].contact[0].origin.clone(),
            person: person.clone(),
            team: team.clone(),
            line: line.clone(),
            from,
            until,
            local_time: zone.local_with_offset(from),
        }
    }

    pub(super) fn clock_of(&self, person: &PersonId) -> Option<&Zone> {
        self.zones.get(self.organisation.zone_of(person)?)
    }
}

/// As written. Where there is another way to wake somebody, the log is none.
pub(super) fn ways_for<'o>(
    organisation: &'o Organisation,
    person: &PersonId,
    purpose: Purpose,
) -> Vec<&'o ContactWay> {
    let contact = organisation.people.get(person).map_or(&[][..], |person| &person.contact);
    let mut ways: Vec<&ContactWay> = contact.iter().filter(|way| purpose <= way.purpose).collect();
    if purpose == Purpose::Page && ways.iter().any(|way| way.via != LOG) {
        ways.retain(|way| way.via != LOG);
    }
    ways
}

fn is_open(way: &ContactWay, zone: Option<&Zone>, at: DateTime<Utc>) -> bool {
    let (Some(window), Some(zone)) = (&way.between, zone) else { return true };
    placed(window, zone, at, at).iter().any(|open| open.from <= at && at < open.until)
}

/// Every day's, as a union, around `from..until`.
pub(super) fn placed(
    window: &Window,
    zone: &Zone,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<Interval> {
    hours::windows(std::slice::from_ref(window), zone, Interval { from, until })
}

/// Somebody is on call whom a page would not reach.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unreached {
    /// Where their ways are written.
    #[serde(skip)]
    pub origin: Origin,
    pub person: PersonId,
    pub team: TeamId,
    pub line: LineId,
    /// From when on, and until when: the first such stretch of theirs.
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// `from` on the clock by which they live.
    #[serde(serialize_with = "with_offset")]
    pub local_time: DateTime<FixedOffset>,
}

/// By person, those who are on call within `from..until` at an hour at which none of their ways is open.
pub fn unreached(coverage: &Coverage, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Unreached> {
    let range = Interval { from, until };
    let closed: BTreeMap<&PersonId, Vec<Interval>> = coverage
        .organisation
        .people
        .keys()
        .map(|person| (person, closed(coverage, person, range)))
        .filter(|(_, closed)| !closed.is_empty())
        .collect();
    let mut first: BTreeMap<&PersonId, Unreached> = BTreeMap::new();
    if closed.is_empty() {
        return Vec::new();
    }
    for team in coverage.organisation.teams.keys() {
        for span in coverage.window(team, from, until) {
            let on_call = span
                .on_call
                .iter()
                .flat_map(|(line, people)| people.iter().map(move |person| (line, person)));
            for (line, person) in on_call {
                let Some((person, closed)) = closed.get_key_value(person) else { continue };
                let within = Interval { from: span.from, until: span.until };
                let Some(Interval { from, until }) = interval::parts(within, closed).next() else { continue };
                if first.get(person).is_none_or(|known| from < known.from) {
                    first.insert(person, coverage.unreached(person, team, line, Interval { from, until }));
                }
            }
        }
    }
    first.into_values().collect()
}

/// When a page to them goes nowhere, though they have ways.
fn closed(coverage: &Coverage, person: &PersonId, range: Interval) -> Vec<Interval> {
    let ways = ways_for(&coverage.organisation, person, Purpose::Page);
    if ways.is_empty() || ways.iter().any(|way| way.between.is_none()) {
        return Vec::new();
    }
    let Some(zone) = coverage.clock_of(person) else { return Vec::new() };
    let open = ways.iter().flat_map(|way| {
        let window = way.between.as_ref().expect("they all have one");
        // What is made now goes out by it later.
        let made = move |at: DateTime<Utc>| at.checked_sub_signed(way.after).unwrap_or(at);
        let placed = placed(window, zone, range.from, range.until + way.after);
        placed.into_iter().map(move |open| Interval { from: made(open.from), until: made(open.until) })
    });
    interval::complement(&interval::union(open.collect()), range)
}
