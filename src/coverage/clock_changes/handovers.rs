//! Pairs of desks of which one closes about when the other has opened: how long both are there, or how long neither.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::super::interval::{self, Interval};
use super::clocks::{self, ZoneChange};
use super::desks::{Desk, Floor, floors};
use super::{ClockSurprise, SurpriseKind};
use crate::schedule::{Organisation, RegionId, TeamId, ZoneName};
use crate::zone::{Zone, Zones};

/// Whoever usually opens later than this after the closing is not the one who takes over.
const MARGIN_MINUTES: i64 = 60;
/// What holds for one of so many parts of the year is a season, not the weeks between two clock changes.
const SEASONS: usize = 4;
/// Beyond this the other one's next opening has nothing to do with the closing.
const FAR: TimeDelta = TimeDelta::hours(12);

pub fn surprises(organisation: &Organisation, zones: &Zones, range: Interval) -> Vec<ClockSurprise> {
    let lead = organisation.handoff.lead.num_minutes();
    let floors = floors(organisation, zones, range);
    let names = floors.iter().flat_map(|floor| floor.desks.iter().map(|desk| desk.zone));
    let changes: BTreeMap<&ZoneName, Vec<ZoneChange>> =
        names.map(|name| (name, clocks::changes(zones, name, range))).collect();
    let mut found = Vec::new();
    for floor in &floors {
        let at_work = union(&floor.desks.iter().collect::<Vec<_>>());
        for (ours, theirs, meanwhile) in pairs(floor) {
            let names: BTreeSet<&ZoneName> = ours.iter().chain(&theirs).map(|desk| desk.zone).collect();
            let changes: Vec<ZoneChange> = names.iter().flat_map(|name| &changes[name]).cloned().collect();
            if names.len() == 1 || changes.is_empty() {
                continue;
            }
            let (closing, opening) = (union(&ours), union(&theirs));
            let at_work = &at_work;
            let pair = Pair { floor, at_work, ours, theirs, closing, opening, zones, changes, lead, range };
            pair.surprises(&meanwhile, &mut found);
        }
    }
    found
}

type Desks<'a> = Vec<&'a Desk<'a>>;

/// Region with region; within a region, desk with desk, and when others of the region are at work, who then do not
/// let it close.
fn pairs<'a>(floor: &'a Floor<'a>) -> Vec<(Desks<'a>, Desks<'a>, Vec<Interval>)> {
    let mut regions: BTreeMap<&RegionId, Desks> = BTreeMap::new();
    for desk in &floor.desks {
        regions.entry(desk.region).or_default().push(desk);
    }
    let mut pairs = Vec::new();
    for (region, ours) in &regions {
        for (_, theirs) in regions.iter().filter(|(other, _)| *other != region) {
            pairs.push((ours.clone(), theirs.clone(), Vec::new()));
        }
        for one in ours {
            for other in ours.iter().filter(|other| other.zone != one.zone) {
                let third = |desk: &&&Desk| desk.zone != one.zone && desk.zone != other.zone;
                let others: Desks = ours.iter().filter(third).copied().collect();
                pairs.push((vec![*one], vec![*other], union(&others)));
            }
        }
    }
    pairs
}

fn union(desks: &[&Desk]) -> Vec<Interval> {
    interval::union(desks.iter().flat_map(|desk| &desk.open).copied().collect())
}

/// A time of the week at which a desk closes, on its own clock.
type Slot<'a> = (&'a ZoneName, u32, NaiveTime);

/// A closing, and for how many minutes both are at work then; below 0, how long neither.
#[derive(Clone, Copy)]
struct Handover {
    at: DateTime<Utc>,
    minutes: i64,
}

impl Handover {
    fn hole(self) -> Interval {
        Interval { from: self.at, until: self.at - TimeDelta::minutes(self.minutes) }
    }
}

struct Pair<'a> {
    floor: &'a Floor<'a>,
    at_work: &'a [Interval],
    ours: Desks<'a>,
    theirs: Desks<'a>,
    /// When any of ours is at work, and any of theirs.
    closing: Vec<Interval>,
    opening: Vec<Interval>,
    zones: &'a Zones,
    changes: Vec<ZoneChange>,
    lead: i64,
    range: Interval,
}

impl Pair<'_> {
    fn surprises(&self, meanwhile: &[Interval], found: &mut Vec<ClockSurprise>) {
        let mut slots: BTreeMap<Slot, Vec<Handover>> = BTreeMap::new();
        let mut closings = 0;
        let mut opening = self.opening.iter().peekable();
        for shift in self.closing.iter().filter(|shift| ends_within(shift, self.range)) {
            if is_within(shift.until, meanwhile) {
                continue;
            }
            closings += 1;
            while opening.next_if(|next| next.until <= shift.until).is_some() {}
            // Whoever was there before the shift takes nothing over.
            let next = opening.peek().filter(|next| shift.from < next.from);
            if let Some(next) = next.filter(|next| next.from - shift.until < FAR)
                && let Some(slot) = self.slot(shift.until)
            {
                let minutes = (shift.until - next.from).num_minutes();
                slots.entry(slot).or_default().push(Handover { at: shift.until, minutes });
            }
        }
        // Days of the week on which the same overlaps alternate have one that is usual: Fridays are none of their own
        // for being counted once more. Slots of the same usual overlap make one week.
        let mut alike: BTreeMap<BTreeSet<i64>, Vec<Handover>> = BTreeMap::new();
        for handovers in slots.into_values() {
            let overlaps = handovers.iter().map(|handover| handover.minutes).collect();
            alike.entry(overlaps).or_default().extend(handovers);
        }
        let mut weeks: BTreeMap<i64, Vec<Handover>> = BTreeMap::new();
        for handovers in alike.into_values() {
            let usual = self.usual(&handovers);
            if usual >= -MARGIN_MINUTES {
                weeks.entry(usual).or_default().extend(handovers);
            }
        }
        let handed_over: usize = weeks.values().map(Vec::len).sum();
        if handed_over * 2 <= closings {
            return;
        }
        for (usual, mut week) in weeks {
            week.sort_by_key(|handover| handover.at);
            for run in week.chunk_by(|a, b| a.minutes == b.minutes) {
                found.extend(self.surprise(usual, run));
            }
        }
    }

    /// The one of ours who is the last to close then.
    fn closing_desk(&self, at: DateTime<Utc>) -> Option<&Desk<'_>> {
        self.ours
            .iter()
            .copied()
            .find(|desk| desk.open.binary_search_by_key(&at, |shift| shift.until).is_ok())
    }

    fn slot(&self, at: DateTime<Utc>) -> Option<Slot<'_>> {
        let desk = self.closing_desk(at)?;
        let local = self.zones.get(desk.zone)?.local(at);
        Some((desk.zone, local.weekday().num_days_from_monday(), local.time()))
    }

    /// What holds most often; of two that hold equally often the longer overlap. But a hole with nobody is not usual
    /// as long as for a season there is none, or a smaller one.
    fn usual(&self, handovers: &[Handover]) -> i64 {
        let mut times: BTreeMap<i64, usize> = BTreeMap::new();
        for handover in handovers {
            *times.entry(handover.minutes).or_default() += 1;
        }
        let most = times.iter().max_by_key(|(_, times)| **times).map_or(i64::MIN, |(minutes, _)| *minutes);
        let is_hole = |handover: &Handover| handover.minutes == most && self.uncovered(handover.hole()) > 0;
        if !handovers.iter().any(is_hole) {
            return most;
        }
        let seasons = times.into_iter().filter(|(_, times)| times * SEASONS >= handovers.len());
        let best = seasons.max_by_key(|(minutes, times)| (*minutes.min(&0), *times, *minutes));
        best.map_or(most, |(minutes, _)| minutes)
    }

    /// What is to be told of days in a row on which the handover is not the usual one.
    fn surprise(&self, usual: i64, run: &[Handover]) -> Option<ClockSurprise> {
        let (first, last) = (run.first()?, run.last()?);
        let then = first.minutes;
        let uncovered = run.iter().map(|handover| self.uncovered(handover.hole())).max()?;
        let kind = kind(usual, then, uncovered, self.lead)?;
        let covered_by = if then < 0 { self.covering(run) } else { Vec::new() };
        let opens = first.hole().until;
        let (begins, ends) = clocks::around(&self.changes, first.at.max(opens), last.at);
        let closing = self.closing_desk(first.at)?;
        let opens_then = |desk: &&Desk| desk.open.binary_search_by_key(&opens, |shift| shift.from).is_ok();
        let opening: Desks = self.theirs.iter().copied().filter(opens_then).collect();
        let zone = self.zones.get(closing.zone)?;
        Some(ClockSurprise {
            kind,
            tier: self.floor.tier.clone(),
            regions: vec![closing.region.clone(), self.theirs.first()?.region.clone()],
            teams: closing.teams.iter().copied().cloned().collect(),
            receivers: opening.iter().flat_map(|desk| &desk.teams).copied().cloned().collect(),
            what: String::new(),
            from: begins.map_or(self.range.from, |change| change.at),
            until: ends.map_or(self.range.until, |change| change.at),
            first: date(zone, first),
            last: date(zone, last),
            usual_minutes: usual,
            then_minutes: then,
            uncovered_minutes: uncovered,
            covered_by,
            zones: [closing.zone].into_iter().chain(opening.iter().map(|desk| desk.zone)).cloned().collect(),
            changes: begins.into_iter().chain(ends).cloned().collect(),
            text: String::new(),
        })
    }

    /// How many minutes of a hole nobody of the tier is at work.
    fn uncovered(&self, hole: Interval) -> i64 {
        if hole.is_empty() {
            return 0;
        }
        let covered = interval::parts(hole, self.at_work).map(|part| part.until - part.from);
        ((hole.until - hole.from) - covered.sum::<TimeDelta>()).num_minutes()
    }

    fn covering(&self, run: &[Handover]) -> Vec<TeamId> {
        let covers = |desk: &&Desk| {
            run.iter().any(|handover| interval::parts(handover.hole(), &desk.open).next().is_some())
        };
        let covering = self.floor.desks.iter().filter(covers).flat_map(|desk| &desk.teams);
        let mut covering: Vec<TeamId> = covering.copied().cloned().collect();
        covering.sort();
        covering
    }
}

/// The day that ends with a closing at midnight is the one before.
fn date(zone: &Zone, handover: &Handover) -> NaiveDate {
    zone.local(handover.at - TimeDelta::seconds(1)).date()
}

fn ends_within(shift: &Interval, range: Interval) -> bool {
    range.from <= shift.until && shift.until < range.until
}

fn is_within(at: DateTime<Utc>, union: &[Interval]) -> bool {
    let first = union.partition_point(|interval| interval.until <= at);
    union.get(first).is_some_and(|interval| interval.from <= at)
}

/// `None`: nothing to tell. An overlap counts as narrow if it is half the usual one, or too short for the handoff's
/// lead; four hours together instead of five are no surprise.
fn kind(usual: i64, then: i64, uncovered: i64, lead: i64) -> Option<SurpriseKind> {
    if then < usual && uncovered > 0 {
        Some(SurpriseKind::Opens)
    } else if then < usual && usual >= 0 && (then * 2 <= usual || then < lead.min(usual)) {
        Some(SurpriseKind::Narrows)
    } else if then > usual && then > 0 && then >= usual * 2 {
        Some(SurpriseKind::Doubles)
    } else {
        None
    }
}
