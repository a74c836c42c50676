//! Whom pages woke, and when it was for them.

use std::collections::BTreeMap;

use chrono::Timelike;

use super::PersonPages;
use super::course::Page;
use crate::coverage::Coverage;
use crate::schedule::{PersonId, TeamId};

/// Local hours of the night, from and until.
pub(super) const NIGHT: (u32, u32) = (22, 7);

/// Pages by person, under way.
pub(super) struct Paged<'a> {
    coverage: &'a Coverage,
    teams_of: BTreeMap<&'a PersonId, Vec<&'a TeamId>>,
    people: BTreeMap<PersonId, PersonPages>,
}

impl<'a> Paged<'a> {
    pub fn new(coverage: &'a Coverage) -> Paged<'a> {
        let mut teams_of: BTreeMap<&PersonId, Vec<&TeamId>> = BTreeMap::new();
        for (id, team) in &coverage.organisation.teams {
            team.members.iter().for_each(|person| teams_of.entry(person).or_default().push(id));
        }
        Paged { coverage, teams_of, people: BTreeMap::new() }
    }

    /// Counts one page and says whether it came outside the person's hours, and at night.
    pub fn add(&mut self, page: &Page) -> (bool, bool) {
        let (outside, night) = (self.outside_hours(page), self.at_night(page));
        let none = || PersonPages { person: page.person.clone(), pages: 0, outside_hours: 0, at_night: 0 };
        let person = self.people.entry(page.person.clone()).or_insert_with(none);
        person.pages += 1;
        person.outside_hours += usize::from(outside);
        person.at_night += usize::from(night);
        (outside, night)
    }

    fn outside_hours(&self, page: &Page) -> bool {
        let own = self.teams_of.get(&page.person).into_iter().flatten().copied();
        !own.chain([&page.team]).any(|team| {
            let span = self.coverage.at(team, page.at);
            span.is_some_and(|span| span.working.binary_search(&page.person).is_ok())
        })
    }

    /// In the person's zone, else in that of the team that pages them.
    fn at_night(&self, page: &Page) -> bool {
        let organisation = &self.coverage.organisation;
        let own = organisation.people.get(&page.person).and_then(|person| person.timezone.as_ref());
        let zone = own.or_else(|| organisation.teams.get(&page.team).map(|team| &team.timezone));
        let Some(zone) = zone.and_then(|zone| self.coverage.zones.get(zone)) else { return false };
        let hour = zone.local_with_offset(page.at).hour();
        hour >= NIGHT.0 || hour < NIGHT.1
    }

    /// Most often outside hours first.
    pub fn finish(self) -> Vec<PersonPages> {
        let mut people: Vec<PersonPages> = self.people.into_values().collect();
        people.sort_by(|a, b| {
            let order = |one: &PersonPages| (one.outside_hours, one.at_night, one.pages);
            order(b).cmp(&order(a)).then_with(|| a.person.cmp(&b.person))
        });
        people
    }
}
