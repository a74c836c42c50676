//! Holiday calendars that other programs wrote, and the calendars that we write of what comes out of them.

use std::sync::Arc;

use chrono::TimeDelta;
use icalendar::parser::{read_calendar, unfold};
use meridian::coverage::{Coverage, calendar};
use meridian::schedule::Files;

use super::town::{TOWN, checked, spring, tiles, zones};

/// The text is a calendar; so much of its beginning is also the name of a person who stands in ours.
const NAME: usize = 60;

pub fn run(data: &[u8]) {
    let text = super::text_of(data);
    let from_file = TOWN.replace("days = [{ date = 2026-03-23, name = \"Feast\" }]", "file = \"feast.ics\"");
    assert_ne!(from_file, TOWN);
    let files = Files::from([("org.toml".to_owned(), from_file), ("feast.ics".to_owned(), text.clone())]);
    let Some(mut organisation) = checked(&files) else { return };
    let name: String = text.chars().take(NAME).collect();
    organisation.name.clone_from(&name);
    for person in organisation.people.values_mut() {
        person.name.clone_from(&name);
    }
    for team in organisation.teams.values_mut() {
        team.name.clone_from(&name);
    }
    let organisation = Arc::new(organisation);
    let (from, until) = spring();
    let coverage = Coverage::compile(organisation.clone(), zones(), Arc::default(), from, until);
    for team in organisation.teams.keys() {
        tiles(&coverage.window(team, from, until), &organisation, from, until);
    }
    let events = is_a_calendar(&calendar(&coverage, from, from + TimeDelta::days(14), None, None));
    assert!(events > 0, "the experts work around the clock, and nothing is told of it");
}

/// What we write another program can read: as many events as there are, none with a line of its own out of somebody's
/// name, and no line longer than RFC 5545 lets it be.
pub fn is_a_calendar(text: &str) -> usize {
    assert!(text.split_inclusive("\r\n").all(|line| line.len() <= 77), "a line is too long:\n{text}");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "a line ends otherwise:\n{text}");
    assert_eq!(text.matches('\r').count(), text.matches("\r\n").count(), "a line ends otherwise:\n{text}");
    let unfolded = unfold(text);
    let read = read_calendar(&unfolded).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let events: Vec<_> = read.components.iter().filter(|component| component.name == "VEVENT").collect();
    assert_eq!(events.len(), read.components.len(), "other components than events:\n{text}");
    let written = unfolded.lines().filter(|line| *line == "BEGIN:VEVENT").count();
    assert_eq!(events.len(), written, "{text}");
    for event in &events {
        let mut names: Vec<&str> = event.properties.iter().map(|property| property.name.as_str()).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "a property twice:\n{text}");
        assert!(event.find_prop("UID").is_some() && event.find_prop("DTSTART").is_some(), "{text}");
    }
    events.len()
}
