//! What teams carry: custody over time.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::TeamLoad;
use super::course::{Course, OfferFate, Stint};
use crate::schedule::{Organisation, PersonId, RegionId, TeamId, TierId};

/// Every team's load under way.
pub(super) struct Loads {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    teams: BTreeMap<TeamId, Carried>,
}

#[derive(Default)]
struct Carried {
    held: TimeDelta,
    changes: Vec<Change>,
    by_person: BTreeMap<PersonId, Vec<Change>>,
    offers: usize,
    expired: usize,
    acknowledged: usize,
    resolved: usize,
}

/// One ticket less (-1, sorts first) or more.
type Change = (DateTime<Utc>, i32);

impl Loads {
    pub fn new(organisation: &Organisation, from: DateTime<Utc>, until: DateTime<Utc>) -> Loads {
        let teams = organisation.teams.keys().map(|team| (team.clone(), Carried::default())).collect();
        Loads { from, until, teams }
    }

    pub fn add(&mut self, course: &Course) {
        for stint in &course.stints {
            self.carry(stint);
        }
        for (team, fate) in &course.offered {
            let carried = self.team(team);
            carried.offers += 1;
            carried.expired += usize::from(*fate == OfferFate::Expired);
        }
        for taken in &course.taken {
            self.team(&taken.team).acknowledged += 1;
        }
        if let Some(team) = &course.resolved_in {
            self.team(team).resolved += 1;
        }
    }

    fn team(&mut self, team: &TeamId) -> &mut Carried {
        if !self.teams.contains_key(team) {
            self.teams.insert(team.clone(), Carried::default());
        }
        self.teams.get_mut(team).expect("it is there by now")
    }

    fn carry(&mut self, stint: &Stint) {
        let (from, until) = (stint.from.max(self.from), stint.until.min(self.until));
        if from >= until {
            return;
        }
        let carried = self.team(&stint.team);
        carried.held += until - from;
        carried.changes.extend([(from, 1), (until, -1)]);
        if let Some(person) = &stint.person {
            carried.by_person.entry(person.clone()).or_default().extend([(from, 1), (until, -1)]);
        }
    }

    pub fn finish(self, organisation: &Organisation) -> Vec<TeamLoad> {
        let lasts = (self.until - self.from).num_milliseconds();
        let load = |(id, carried): (TeamId, Carried)| {
            let team = organisation.teams.get(&id);
            TeamLoad {
                name: team.map_or_else(|| id.to_string(), |team| team.name.clone()),
                tier: team.map_or_else(|| TierId::new("-"), |team| team.tier.clone()),
                region: team.map_or_else(|| RegionId::new("-"), |team| team.region.clone()),
                people: team.map_or(0, |team| team.members.len()),
                team: id,
                held_mean: if lasts > 0 {
                    carried.held.num_milliseconds() as f64 / lasts as f64
                } else {
                    0.0
                },
                held_peak: peak(carried.changes),
                person_peak: carried.by_person.into_values().map(peak).max().unwrap_or(0),
                capacity: team.map_or(0, |team| team.capacity),
                offers: carried.offers,
                expired: carried.expired,
                acknowledged: carried.acknowledged,
                resolved: carried.resolved,
            }
        };
        self.teams.into_iter().map(load).collect()
    }
}

/// The most at once. What ends at an instant is gone when another begins.
fn peak(mut changes: Vec<Change>) -> usize {
    changes.sort_unstable();
    let mut now = 0;
    let most = changes.into_iter().map(|(_, change)| {
        now += change;
        now
    });
    most.max().map_or(0, |most| most.max(0) as usize)
}
