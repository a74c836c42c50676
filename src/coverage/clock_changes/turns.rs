//! Rotations on another clock than their team's: at a change of either, their turns begin at another time of the
//! team's day.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::super::beginnings::beginnings;
use super::super::hours;
use super::super::interval::{self, Interval};
use super::clocks::{self, ZoneChange};
use super::{ClockSurprise, SurpriseKind};
use crate::schedule::{During, Organisation, Rotation, Team, TeamId};
use crate::zone::{Zone, Zones};

pub fn surprises(organisation: &Organisation, zones: &Zones, range: Interval) -> Vec<ClockSurprise> {
    let mut found = Vec::new();
    for (id, team) in &organisation.teams {
        let Some(here) = zones.get(&team.timezone) else { continue };
        for rotation in team.rotations.iter().filter(|rotation| rotation.timezone != team.timezone) {
            let Some(there) = zones.get(&rotation.timezone) else { continue };
            let names = [&team.timezone, &rotation.timezone];
            let mut changes: Vec<ZoneChange> =
                names.into_iter().flat_map(|name| clocks::changes(zones, name, range)).collect();
            changes.sort();
            if !changes.is_empty() {
                let clocks = Clocks { here, there, changes, range };
                clocks.surprises(id, team, rotation, &mut found);
            }
        }
    }
    found
}

/// The team's clock and the rotation's.
struct Clocks<'a> {
    here: &'a Zone,
    there: &'a Zone,
    changes: Vec<ZoneChange>,
    range: Interval,
}

impl Clocks<'_> {
    fn surprises(&self, id: &TeamId, team: &Team, rotation: &Rotation, found: &mut Vec<ClockSurprise>) {
        let usual = self.usual();
        let begins = self.beginnings(team, rotation);
        for run in begins.chunk_by(|a, b| self.apart(*a) == self.apart(*b)) {
            let (first, last) = (run[0], run[run.len() - 1]);
            let later = usual - self.apart(first);
            if later == 0 {
                continue;
            }
            let (change, back) = clocks::around(&self.changes, first, last);
            let then = self.here.local(first);
            let usually = then - TimeDelta::minutes(later);
            found.push(ClockSurprise {
                kind: SurpriseKind::Moves,
                tier: team.tier.clone(),
                regions: vec![team.region.clone()],
                teams: vec![id.clone()],
                receivers: Vec::new(),
                what: format!(
                    "turns of {:?} begin {}, usually {}",
                    rotation.name,
                    then.format("%H:%M"),
                    usually.format("%H:%M")
                ),
                from: change.map_or(self.range.from, |change| change.at),
                until: back.map_or(self.range.until, |change| change.at),
                first: then.date(),
                last: self.here.local(last).date(),
                usual_minutes: 0,
                then_minutes: later,
                uncovered_minutes: 0,
                covered_by: Vec::new(),
                zones: vec![rotation.timezone.clone(), team.timezone.clone()],
                changes: change.into_iter().chain(back).cloned().collect(),
                text: String::new(),
            });
        }
    }

    /// By how many minutes the rotation's clock is ahead of the team's.
    fn apart(&self, at: DateTime<Utc>) -> i64 {
        i64::from(self.there.offset(at) - self.here.offset(at)) / 60
    }

    /// What they are apart for the longest time.
    fn usual(&self) -> i64 {
        let borders = self.changes.iter().map(|change| change.at).chain([self.range.until]);
        let (mut lasting, mut from): (BTreeMap<i64, TimeDelta>, _) = (BTreeMap::new(), self.range.from);
        for border in borders {
            *lasting.entry(self.apart(from)).or_default() += border - from;
            from = border;
        }
        lasting.into_iter().max_by_key(|(_, lasting)| *lasting).map_or(0, |(apart, _)| apart)
    }

    /// The instants at which somebody's turn begins to count, in order.
    fn beginnings(&self, team: &Team, rotation: &Rotation) -> Vec<DateTime<Utc>> {
        let counts = |at: &DateTime<Utc>| self.range.from <= *at && *at < self.range.until;
        if let During::Windows(windows) = &rotation.during {
            let windows = hours::windows(windows, self.there, self.range);
            return windows.into_iter().map(|window| window.from).filter(counts).collect();
        }
        let open = hours::windows(&team.hours, self.here, self.range);
        let is_open = |at: DateTime<Utc>| {
            interval::parts(Interval { from: at, until: at + TimeDelta::seconds(1) }, &open).next().is_some()
        };
        let serves = |at: &DateTime<Utc>| match rotation.during {
            During::WithinHours => is_open(*at),
            During::OutsideHours => !is_open(*at),
            During::Always | During::Windows(_) => true,
        };
        let since = self.there.local(self.range.from).checked_sub_signed(TimeDelta::days(2));
        let beginnings = beginnings(rotation, since.unwrap_or(NaiveDateTime::MIN));
        let placed = beginnings.map(|(_, local)| self.there.start(local));
        placed.take_while(|at| *at < self.range.until).filter(counts).filter(serves).collect()
    }
}
