//! Teams, their members and hours.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Weekday;

use crate::schedule::place::{At, Place};
use crate::schedule::read::{self, Clock, Members, TeamTable, WindowTable, window_between};
use crate::schedule::*;

use super::Checker;
use super::merge::Declared;

impl Checker<'_> {
    pub fn teams(
        &mut self,
        tables: Declared<TeamTable>,
        regions: &BTreeMap<RegionId, Region>,
    ) -> BTreeMap<TeamId, Team> {
        let mut teams = BTreeMap::new();
        for (id, table) in tables.into_values() {
            self.id(&id);
            if let Some(team) = table.and_then(|table| self.team(&id, table, regions)) {
                teams.insert(TeamId::new(&id.value), team);
            }
        }
        teams
    }

    fn team(
        &mut self,
        id: &At<String>,
        table: TeamTable,
        regions: &BTreeMap<RegionId, Region>,
    ) -> Option<Team> {
        let region = table.region.and_then(|name| self.names.region(&name, &mut self.notes));
        let tier = table.tier.and_then(|name| self.names.tier(&name, &mut self.notes));
        let members = self.members(id, table.members);
        let lead = table.lead.and_then(|name| self.names.person(&name, &mut self.notes));
        let check_before = table.check_before.map(|length| self.check_before(length));
        let holidays = table.holidays.unwrap_or_default();
        let holidays =
            holidays.iter().filter_map(|name| self.names.calendar(name, &mut self.notes)).collect();
        let hours = table.hours.unwrap_or_default();
        let team = members.iter().cloned().collect();
        let hours = hours.into_iter().flatten().filter_map(|window| self.hours(window, &team)).collect();
        let own_zone = table.timezone.map(|zone| self.zones.find(&zone, &mut self.notes));
        // A team whose zone is wrong still has its rotations checked, in a zone that stands for it.
        let region_zone = region.as_ref().and_then(|region| Some(regions.get(region)?.timezone.clone()));
        let timezone = own_zone.unwrap_or(region_zone);
        let stand_in = timezone.clone().unwrap_or_else(|| ZoneName::new(defaults::REQUIREMENT_ZONE));
        let rotations = table.rotations.unwrap_or_default();
        self.rotation_names(&rotations);
        let mut rotation = |table| self.rotation(table, id, &stand_in);
        let rotations = rotations.into_iter().filter_map(&mut rotation).collect();
        Some(Team {
            name: table.name.unwrap_or_else(|| id.value.clone()),
            region: region?,
            tier: tier?,
            timezone: timezone?,
            languages: table.languages.unwrap_or_default().into_iter().collect(),
            skills: table.skills.unwrap_or_default().iter().map(|skill| Skill::new(skill)).collect(),
            members,
            lead,
            check_before,
            capacity: table.capacity.unwrap_or(defaults::CAPACITY),
            assign: table.assign.unwrap_or(Assign::LeastLoaded),
            holidays,
            hours,
            rotations,
        })
    }

    fn members(&mut self, id: &At<String>, members: Option<Members>) -> Vec<PersonId> {
        let place = members.as_ref().map_or(id.place, |members| members.place);
        // Present but unreadable has been noted.
        let Some(members) = members.map_or(Some(Vec::new()), |members| members.value) else {
            return Vec::new();
        };
        if members.is_empty() {
            self.notes
                .warning("team-without-members", place, format!("nobody is a member of {:?}", id.value))
                .remedy("list the ids of its people in `members`");
        }
        self.persons_once(members)
    }

    /// The people of a list, each once.
    pub fn persons_once(&mut self, names: read::Names) -> Vec<PersonId> {
        let names: Vec<At<String>> = names.into_iter().flatten().collect();
        let mut seen = BTreeSet::new();
        for name in &names {
            if !seen.insert(&name.value) {
                self.notes
                    .warning("repeated-person", name.place, format!("{:?} stands twice here", name.value))
                    .remedy("once is enough");
            }
        }
        let mut people = self.names.persons(&names, &mut self.notes);
        let mut seen = BTreeSet::new();
        people.retain(|person| seen.insert(person.clone()));
        people
    }

    fn hours(&mut self, table: WindowTable, team: &BTreeSet<PersonId>) -> Option<Window> {
        let members = table.members.map(|members| {
            if members.value.is_empty() {
                self.notes
                    .warning(
                        "nobody-works",
                        members.place,
                        "the team is open in these hours, and nobody works",
                    )
                    .remedy("list the ids of those who do, or leave out `members` for all of the team");
            }
            for name in members.value.iter().flatten() {
                let known = self.names.people.contains(name.value.as_str());
                if known && !team.contains(name.value.as_str()) {
                    self.notes
                        .warning(
                            "not-a-member",
                            name.place,
                            format!("{:?} works these hours and is no member of the team", name.value),
                        )
                        .remedy("add them to the team's `members`, or take them out here");
                }
            }
            self.persons_once(members.value)
        });
        let window = self.window(table.place, table.days, table.from, table.to)?;
        Some(Window { members, ..window })
    }

    /// A window of `during` or of business hours, which has no members of its own.
    pub fn plain_window(&mut self, table: WindowTable, remedy: &str) -> Option<Window> {
        if let Some(members) = &table.members {
            self.notes
                .error("unknown-key", members.place, "a window has `members` in a team's hours only")
                .remedy(remedy);
        }
        self.window(table.place, table.days, table.from, table.to)
    }

    pub fn window(
        &mut self,
        place: Place,
        days: Option<At<Vec<Option<At<Weekday>>>>>,
        from: Option<At<Clock>>,
        to: Option<At<Clock>>,
    ) -> Option<Window> {
        let on_no_day = days.as_ref().is_some_and(|days| days.value.is_empty());
        let days = self.days(days);
        let (from, to) = (from?, to?);
        let Some((start, lasts)) = window_between(from.value, to.value) else {
            self.notes
                .error("bad-time", from.place, "a window cannot start at the end of a day")
                .remedy("write \"00:00\" and the next day");
            return None;
        };
        if on_no_day {
            self.notes
                .error("empty-list", place, "this window is on no day")
                .remedy("leave out `days` for every day");
        }
        Some(Window { days, from: start, lasts, members: None })
    }

    /// Sorted from Monday, without repeats; absent means every day.
    fn days(&mut self, days: Option<At<Vec<Option<At<Weekday>>>>>) -> Vec<Weekday> {
        let all = [
            Weekday::Mon,
            Weekday::Tue,
            Weekday::Wed,
            Weekday::Thu,
            Weekday::Fri,
            Weekday::Sat,
            Weekday::Sun,
        ];
        let Some(days) = days else { return all.to_vec() };
        all.into_iter().filter(|day| days.value.iter().flatten().any(|named| named.value == *day)).collect()
    }
}
