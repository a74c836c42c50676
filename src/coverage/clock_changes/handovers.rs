//! Pairs of desks of which one closes about when the other has opened: how long both are there, or how long neither.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, Utc};

use super::super::interval::{self, Interval};
use super::clocks::{self, ZoneChange};
use super::desks::{Desk, Floor, floors};
use super::{ClockSurprise, SurpriseKind};
use crate::schedule::{Organisation, RegionId, TeamId, ZoneName};
use crate::zone::{Zone, Zones};

/// Whoever usually opens later than this after the closing is not the one who takes over.
const MARGIN_MINUTES: i64 = 60;
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
        let at_work: Vec<Interval> = floor.desks.iter().flat_map(|desk| &desk.open).copied().collect();
        let at_work = interval::union(at_work);
        for closing in &floor.desks {
            let Some(zone) = zones.get(closing.zone) else { continue };
            let closings = Closings::of(closing, zone, range);
            for opening in &floor.desks {
                let (ours, theirs) = (&changes[closing.zone], &changes[opening.zone]);
                if closing.zone == opening.zone || ours.is_empty() && theirs.is_empty() {
                    continue;
                }
                let changes: Vec<ZoneChange> = ours.iter().chain(theirs).cloned().collect();
                let pair = Pair { floor, at_work: &at_work, closing, opening, zone, changes, lead, range };
                pair.surprises(&closings, &mut found);
            }
        }
    }
    found
}

/// A time of the week at which a desk closes, on its own clock.
type Slot = (u32, NaiveTime);

/// The shifts of a desk that end within the range, in order, each with the slot of its end.
struct Closings {
    shifts: Vec<(Interval, Slot)>,
}

impl Closings {
    fn of(desk: &Desk, zone: &Zone, range: Interval) -> Closings {
        let ends = desk.open.iter().filter(|shift| range.from <= shift.until && shift.until < range.until);
        let slot = |shift: &Interval| {
            let local = zone.local(shift.until);
            (local.weekday().num_days_from_monday(), local.time())
        };
        Closings { shifts: ends.map(|shift| (*shift, slot(shift))).collect() }
    }
}

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
    closing: &'a Desk<'a>,
    opening: &'a Desk<'a>,
    zone: &'a Zone,
    changes: Vec<ZoneChange>,
    lead: i64,
    range: Interval,
}

impl Pair<'_> {
    fn surprises(&self, closings: &Closings, found: &mut Vec<ClockSurprise>) {
        let mut slots: BTreeMap<Slot, Vec<Handover>> = BTreeMap::new();
        for (handover, slot) in self.handovers(closings) {
            slots.entry(slot).or_default().push(handover);
        }
        // Slots of the same usual overlap make one week.
        let mut weeks: BTreeMap<i64, Vec<Handover>> = BTreeMap::new();
        for handovers in slots.into_values() {
            let usual = usual(&handovers);
            if usual >= -MARGIN_MINUTES {
                weeks.entry(usual).or_default().extend(handovers);
            }
        }
        let handed_over: usize = weeks.values().map(Vec::len).sum();
        if handed_over * 2 <= closings.shifts.len() {
            return;
        }
        for (usual, mut week) in weeks {
            week.sort_by_key(|handover| handover.at);
            for run in week.chunk_by(|a, b| a.minutes == b.minutes) {
                found.extend(self.surprise(usual, run));
            }
        }
    }

    /// Those closings at which the other is at work or opens not too long after.
    fn handovers(&self, closings: &Closings) -> impl Iterator<Item = (Handover, Slot)> {
        let mut opening = self.opening.open.iter().peekable();
        closings.shifts.iter().filter_map(move |(shift, slot)| {
            while opening.next_if(|next| next.until <= shift.until).is_some() {}
            let next = opening.peek()?;
            let since = next.from.max(shift.from);
            let minutes = (shift.until - since).num_minutes();
            (next.from - shift.until < FAR).then_some((Handover { at: shift.until, minutes }, *slot))
        })
    }

    /// What is to be told of days in a row on which the handover is not the usual one.
    fn surprise(&self, usual: i64, run: &[Handover]) -> Option<ClockSurprise> {
        let (first, last) = (run.first()?, run.last()?);
        let then = first.minutes;
        let uncovered = run.iter().map(|handover| self.uncovered(handover.hole())).max()?;
        let kind = kind(usual, then, uncovered, self.lead)?;
        let covered_by = if then < 0 { self.covering(run) } else { Vec::new() };
        let (begins, ends) = clocks::around(&self.changes, first.at.max(first.hole().until), last.at);
        Some(ClockSurprise {
            kind,
            tier: self.floor.tier.clone(),
            regions: self.regions(),
            teams: self.closing.teams.iter().copied().cloned().collect(),
            receivers: self.opening.teams.iter().copied().cloned().collect(),
            what: String::new(),
            from: begins.map_or(self.range.from, |change| change.at),
            until: ends.map_or(self.range.until, |change| change.at),
            first: self.zone.local(first.at).date(),
            last: self.zone.local(last.at).date(),
            usual_minutes: usual,
            then_minutes: then,
            uncovered_minutes: uncovered,
            covered_by,
            zones: vec![self.closing.zone.clone(), self.opening.zone.clone()],
            changes: begins.into_iter().chain(ends).cloned().collect(),
            text: String::new(),
        })
    }

    fn regions(&self) -> Vec<RegionId> {
        vec![self.closing.region.clone(), self.opening.region.clone()]
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

/// What holds most often; of two that hold equally often the longer overlap.
fn usual(handovers: &[Handover]) -> i64 {
    let mut times: BTreeMap<i64, usize> = BTreeMap::new();
    for handover in handovers {
        *times.entry(handover.minutes).or_default() += 1;
    }
    times.into_iter().max_by_key(|(_, times)| *times).map_or(i64::MIN, |(minutes, _)| minutes)
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
