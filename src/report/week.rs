//! The mean week: exact sums of spans by hour of week, never samples.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{HourOfWeek, HoursOfWeek};
use crate::coverage::{Coverage, Interval, Span, union};
use crate::schedule::{PersonId, TeamId, TierId};

const HOURS: usize = 168;
const HOUR: i64 = 3_600_000;
/// 1970 began on a Thursday.
const HOURS_BEFORE_1970: i64 = 72;

/// The whole organisation first, then each tier that has a team. `coverage` is compiled over the window.
pub(super) fn hours_of_week(
    coverage: &Coverage,
    window: (DateTime<Utc>, DateTime<Utc>),
    opened: &[(DateTime<Utc>, Option<&TierId>)],
) -> Vec<HoursOfWeek> {
    let teams = &coverage.organisation.teams;
    let tiers = coverage.organisation.tiers.iter();
    let present = tiers.filter(|tier| teams.values().any(|team| team.tier == **tier)).map(Some);
    let scopes = std::iter::once(None).chain(present);
    scopes
        .map(|tier| {
            let of_tier = teams.iter().filter(|(_, team)| tier.is_none_or(|tier| *tier == team.tier));
            let people = People::gather(coverage, window, of_tier.map(|(id, _)| id));
            let mut tickets = [0; HOURS];
            for (at, decided_for) in opened {
                if tier.is_none() || tier == *decided_for {
                    tickets[hour_of_week(at.timestamp_millis())] += 1;
                }
            }
            HoursOfWeek { tier: tier.cloned(), hours: people.hours(window, &tickets) }
        })
        .collect()
}

/// Milliseconds by hour of week.
struct Sums([i64; HOURS]);

impl Sums {
    fn new() -> Sums {
        Sums([0; HOURS])
    }

    fn of(intervals: Vec<Interval>) -> Sums {
        let mut sums = Sums::new();
        union(intervals).into_iter().for_each(|interval| sums.add(interval, 1));
        sums
    }

    fn add(&mut self, interval: Interval, weight: i64) {
        let (from, until) = (interval.from.timestamp_millis(), interval.until.timestamp_millis());
        let week = HOUR * HOURS as i64;
        let weeks = (until - from) / week;
        if weeks > 0 {
            self.0.iter_mut().for_each(|sum| *sum += weeks * HOUR * weight);
        }
        let (mut at, until) = (from, until - weeks * week);
        while at < until {
            let next = until.min((at.div_euclid(HOUR) + 1) * HOUR);
            self.0[hour_of_week(at)] += (next - at) * weight;
            at = next;
        }
    }
}

fn hour_of_week(millis: i64) -> usize {
    (millis.div_euclid(HOUR) + HOURS_BEFORE_1970).rem_euclid(HOURS as i64) as usize
}

/// What the teams of one scope do together.
struct People {
    /// People times milliseconds.
    at_work: Sums,
    covered: Sums,
    reachable: Sums,
}

impl People {
    fn gather<'a>(
        coverage: &'a Coverage,
        window: (DateTime<Utc>, DateTime<Utc>),
        teams: impl Iterator<Item = &'a TeamId>,
    ) -> People {
        let timelines: Vec<&[Span]> =
            teams.filter_map(|team| coverage.timeline(team)).map(|line| line.from(window.0)).collect();
        let twice = in_several(&timelines);
        let mut at_work = Sums::new();
        let (mut covered, mut reachable) = (Vec::new(), Vec::new());
        let mut shared: BTreeMap<&PersonId, Vec<Interval>> = BTreeMap::new();
        for span in timelines.iter().flat_map(|spans| spans.iter()).filter(|span| span.from < window.1) {
            let interval = clipped(span, window);
            if !span.working.is_empty() {
                at_work.add(interval, span.working.len() as i64);
                covered.push(interval);
            }
            if !span.working.is_empty() || span.on_call.values().any(|line| !line.is_empty()) {
                reachable.push(interval);
            }
            if !twice.is_empty() {
                for person in span.working.iter().filter(|person| twice.contains(person)) {
                    shared.entry(person).or_default().push(interval);
                }
            }
        }
        // Somebody at work in two teams at once is one person.
        for intervals in shared.into_values() {
            intervals.iter().for_each(|interval| at_work.add(*interval, -1));
            union(intervals).into_iter().for_each(|interval| at_work.add(interval, 1));
        }
        People { at_work, covered: Sums::of(covered), reachable: Sums::of(reachable) }
    }

    fn hours(
        &self,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        opened: &[usize],
    ) -> Vec<Option<HourOfWeek>> {
        let whole = Sums::of(vec![Interval { from, until }]);
        let share = |part: i64, whole: i64| part as f64 / whole as f64;
        (0..HOURS)
            .map(|hour| {
                let whole = Some(whole.0[hour]).filter(|whole| *whole > 0)?;
                Some(HourOfWeek {
                    at_work: share(self.at_work.0[hour], whole),
                    covered: share(self.covered.0[hour], whole),
                    reachable: share(self.reachable.0[hour], whole),
                    opened: opened[hour],
                })
            })
            .collect()
    }
}

fn clipped(span: &Span, (from, until): (DateTime<Utc>, DateTime<Utc>)) -> Interval {
    Interval { from: span.from.max(from), until: span.until.min(until) }
}

/// Whoever works in more than one of the timelines.
fn in_several<'a>(timelines: &[&'a [Span]]) -> BTreeSet<&'a PersonId> {
    let (mut once, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for spans in timelines {
        // A timeline names the same people again and again by one allocation.
        let mut seen = BTreeSet::new();
        let mut own = BTreeSet::new();
        for span in spans.iter().filter(|span| seen.insert(Arc::as_ptr(&span.working).cast::<()>())) {
            own.extend(span.working.iter());
        }
        for person in own {
            if !once.insert(person) {
                twice.insert(person);
            }
        }
    }
    twice
}
