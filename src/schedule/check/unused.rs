//! What is of no use in the whole: people who never serve, and half-days that another calendar overrules.

use std::collections::{BTreeMap, BTreeSet};

use crate::schedule::place::Place;
use crate::schedule::read::{PersonTable, TeamTable};
use crate::schedule::*;

use super::Checker;
use super::changes::called_in;
use super::merge::Declared;

/// So many people are named where there are more.
const NAMED: usize = 3;

/// Where things are declared; the checked organisation no longer knows.
pub struct Whereabouts {
    people: BTreeMap<PersonId, Place>,
    /// Each list of calendars that a team has, and where its first team names the second of them.
    calendars: BTreeMap<Vec<CalendarId>, Place>,
}

impl Whereabouts {
    pub fn new(people: &Declared<PersonTable>, teams: &Declared<TeamTable>) -> Whereabouts {
        let people = people.iter().map(|(id, (at, _))| (PersonId::new(id), at.place)).collect();
        let mut calendars = BTreeMap::new();
        for table in teams.values().filter_map(|(_, table)| table.as_ref()) {
            let [first, second, rest @ ..] = table.holidays.as_deref().unwrap_or_default() else { continue };
            let named = [first, second].into_iter().chain(rest).map(|name| CalendarId::new(&name.value));
            calendars.entry(named.collect()).or_insert(second.place);
        }
        Whereabouts { people, calendars }
    }
}

impl Checker<'_> {
    pub fn unused(&mut self, organisation: &Organisation, at: &Whereabouts) {
        self.people_without_work(organisation, &at.people);
        for (calendars, place) in &at.calendars {
            let calendars = calendars.iter().filter_map(|id| organisation.calendars.get_key_value(id));
            self.half_days(&calendars.collect::<Vec<_>>(), *place);
        }
    }

    /// One warning for all: an organisation may well list everybody it employs.
    fn people_without_work(&mut self, organisation: &Organisation, places: &BTreeMap<PersonId, Place>) {
        let mut idle: BTreeSet<&PersonId> = organisation.people.keys().collect();
        idle.retain(|person| organisation.last_resort.as_ref() != Some(person));
        for team in organisation.teams.values() {
            let of_hours = team.hours.iter().flat_map(|window| &window.members).flatten();
            let of_rotations = team.rotations.iter().flat_map(|rotation| rotation.members.iter().flatten());
            for person in team.members.iter().chain(&team.lead).chain(of_hours).chain(of_rotations) {
                idle.remove(person);
            }
        }
        for person in organisation.overrides.iter().flat_map(|one| called_in(&one.effect)) {
            idle.remove(person);
        }
        for person in organisation.subscriptions.iter().flat_map(|one| &one.people) {
            idle.remove(person);
        }
        let mut idle: Vec<&PersonId> = idle.into_iter().collect();
        idle.sort_by_key(|person| places[*person]);
        let Some(first) = idle.first() else { return };
        let named: Vec<String> = idle.iter().take(NAMED).map(|person| format!("\"{person}\"")).collect();
        let more = idle.len() - named.len();
        let (and_more, are) = match (more, named.len()) {
            (0, 1) => (String::new(), "is"),
            (0, _) => (String::new(), "are"),
            _ => (format!(" and {more} more"), "are"),
        };
        let message =
            format!("{}{and_more} {are} in no team, rotation, override or subscription", named.join(", "));
        self.notes
            .warning("person-without-work", places[*first], message)
            .remedy("add them to the `members` of a team, or take them out");
    }

    /// Closed beats half-day; of two half-days on one date the calendar named first wins.
    fn half_days(&mut self, calendars: &[(&CalendarId, &Calendar)], place: Place) {
        let mut said = BTreeMap::new();
        let mut closed = BTreeSet::new();
        let mut clashes = Vec::new();
        for (id, calendar) in calendars {
            for (date, day) in &calendar.days {
                let Some(open) = day.open else {
                    closed.insert(date);
                    continue;
                };
                let (winner, first) = *said.entry(date).or_insert((id, open));
                if first != open {
                    clashes.push((date, winner, id));
                }
            }
        }
        clashes.retain(|(date, ..)| !closed.contains(date));
        let Some((date, winner, loser)) = clashes.first() else { return };
        let more = match clashes.len() - 1 {
            0 => String::new(),
            1 => ", and on 1 more date".to_string(),
            more => format!(", and on {more} more dates"),
        };
        self.notes
            .warning(
                "half-days-differ",
                place,
                format!("\"{loser}\" is open at other times than \"{winner}\" on {date}{more}"),
            )
            .remedy(format!(
                "the calendar named first wins, here \"{winner}\"; give the date the same `open` in both"
            ));
    }
}
