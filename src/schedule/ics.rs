//! Holidays out of an iCalendar file: its all-day events, each day of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, NaiveTime, TimeZone};
use icalendar::parser::{Component, Property, read_calendar, unfold};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

/// Years for which recurring holidays are worked out.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// The longest single event, and the most dates of one event; more is no holiday but a mistake.
const DAYS_MAX: u64 = 400;
const DATES_MAX: usize = 50_000;
/// The most days of all events together, counted as often as an event covers them.
const DAYS_OF_FILE_MAX: usize = 200_000;

/// What a file holds.
#[derive(Debug, Default)]
pub struct Holidays {
    pub days: BTreeMap<NaiveDate, String>,
    /// Events with a time of day.
    pub passed_over: usize,
}

/// One event that lasts whole days.
struct Event<'a> {
    uid: Option<String>,
    /// The occurrence of the series `uid` that this one replaces.
    replaces: Option<NaiveDate>,
    cancelled: bool,
    name: String,
    first: NaiveDate,
    /// At least 1.
    days: u64,
    component: &'a Component<'a>,
}

/// Every day of the file's all-day events; of two on one day the first in the file names it.
pub fn holidays(text: &str) -> Result<Holidays, String> {
    // Calendars end in several ways and may start with a byte order mark; their reader is strict about both.
    let text = unfold(text.trim_start_matches('\u{feff}').trim_end());
    let text: String =
        text.lines().filter(|line| !line.trim().is_empty()).flat_map(|line| [line, "\r\n"]).collect();
    if !text.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCALENDAR")) {
        return Err("it does not start with BEGIN:VCALENDAR".to_string());
    }
    if !text.trim_end().to_ascii_uppercase().ends_with("END:VCALENDAR") {
        return Err("it does not end with END:VCALENDAR; is it cut off?".to_string());
    }
    let calendar = read_calendar(&text).map_err(|error| first_line(&error))?;
    let mut found = Holidays::default();
    let mut events = Vec::new();
    for component in calendar.components.iter().filter(|component| component.name == "VEVENT") {
        match event(component)? {
            Some(event) => events.push(event),
            None => found.passed_over += 1,
        }
    }
    let mut replaced = BTreeSet::new();
    for event in &events {
        replaced.extend(event.uid.clone().zip(event.replaces));
    }
    let mut left = DAYS_OF_FILE_MAX;
    for event in events.iter().filter(|event| !event.cancelled) {
        for first in dates(event, &replaced)? {
            left = left.checked_sub(event.days as usize).ok_or_else(|| {
                format!("its events cover more than {DAYS_OF_FILE_MAX} days; that is no calendar of holidays")
            })?;
            for day in first.iter_days().take(event.days as usize) {
                found.days.entry(day).or_insert_with(|| event.name.clone());
            }
        }
    }
    Ok(found)
}

/// `None`: it has a time of day.
fn event<'a>(component: &'a Component<'a>) -> Result<Option<Event<'a>>, String> {
    let text = |name: &str| component.find_prop(name).map(|property| property.val.as_str().trim());
    let name = text("SUMMARY").map_or("holiday".to_string(), unescape);
    let Some(start) = text("DTSTART") else { return Err(format!("the event {name:?} has no DTSTART")) };
    let timed = |value: &str| value.contains(['T', 't']);
    if timed(start) {
        return Ok(None);
    }
    let first = date(start, &name)?;
    let days = match (text("DTEND"), text("DURATION")) {
        (Some(end), _) if !timed(end) => (date(end, &name)? - first).num_days(),
        (None, Some(duration)) => whole_days(duration)
            .ok_or_else(|| format!("the event {name:?} lasts {duration:?}, which is not a number of days"))?,
        _ => 1,
    };
    // An end on the first day is what some programs write for one day.
    let days = u64::try_from(days.max(1)).unwrap_or(1);
    if days > DAYS_MAX {
        return Err(format!("the event {name:?} lasts {days} days"));
    }
    let replaces =
        text("RECURRENCE-ID").map(|value| date(value.get(..8).unwrap_or(value), &name)).transpose()?;
    Ok(Some(Event {
        uid: text("UID").map(str::to_string),
        replaces,
        cancelled: text("STATUS").is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED")),
        name,
        first,
        days,
        component,
    }))
}

/// The first day of each occurrence.
fn dates(event: &Event, replaced: &BTreeSet<(String, NaiveDate)>) -> Result<BTreeSet<NaiveDate>, String> {
    let mut dates = BTreeSet::from([event.first]);
    for property in properties(event, "RRULE") {
        dates.extend(recurrence(property.val.as_str().trim(), event)?);
    }
    for property in properties(event, "RDATE") {
        for value in property.val.as_str().split(',') {
            dates.insert(date(value.get(..8).unwrap_or(value), &event.name)?);
        }
    }
    for property in properties(event, "EXDATE") {
        for value in property.val.as_str().split(',') {
            dates.remove(&date(value.get(..8).unwrap_or(value), &event.name)?);
        }
    }
    if let (Some(uid), None) = (&event.uid, event.replaces) {
        dates.retain(|date| !replaced.contains(&(uid.clone(), *date)));
    }
    Ok(dates)
}

fn properties<'a>(event: &'a Event, name: &str) -> impl Iterator<Item = &'a Property<'a>> {
    event.component.properties.iter().filter(move |property| property.name.as_str() == name)
}

/// The rule's days on the calendar, which here stands in UTC, within [`YEARS`].
fn recurrence(rule: &str, event: &Event) -> Result<Vec<NaiveDate>, String> {
    let refuse = |reason: String| format!("the event {:?} has the rule {rule:?}: {reason}", event.name);
    let rule = rule.to_ascii_uppercase();
    if ["SECONDLY", "MINUTELY", "HOURLY"].iter().any(|frequency| rule.contains(frequency)) {
        return Err(refuse("it recurs within a day".to_string()));
    }
    let start = Tz::UTC.from_utc_datetime(&event.first.and_time(NaiveTime::MIN));
    let parts: Vec<String> = rule.split(';').filter(|part| !part.is_empty()).map(until_in_utc).collect();
    let parsed: RRule<Unvalidated> = parts.join(";").parse().map_err(|error| refuse(format!("{error}")))?;
    let checked = parsed.validate(start).map_err(|error| refuse(error.to_string()))?;
    let days = (&RRuleSet::new(start).rrule(checked)).into_iter().map(|at| at.naive_utc().date());
    Ok(days
        .take_while(|day| day.year() <= *YEARS.end())
        .filter(|day| YEARS.contains(&day.year()))
        .take(DATES_MAX)
        .collect())
}

/// `UNTIL` is a date here, or a time without zone, of which the library wants neither.
fn until_in_utc(part: &str) -> String {
    match part.strip_prefix("UNTIL=") {
        Some(until) if !until.contains('T') => format!("UNTIL={until}T000000Z"),
        Some(until) if !until.ends_with('Z') => format!("UNTIL={until}Z"),
        _ => part.to_string(),
    }
}

fn date(value: &str, event: &str) -> Result<NaiveDate, String> {
    let value = value.trim();
    let digits = value.len() == 8 && value.bytes().all(|b| b.is_ascii_digit());
    let date = digits.then(|| NaiveDate::parse_from_str(value, "%Y%m%d").ok()).flatten();
    date.ok_or_else(|| format!("the event {event:?} has {value:?}, which is not a date"))
}

/// `P1D`, `P2W`.
fn whole_days(duration: &str) -> Option<i64> {
    let number = duration.trim_start_matches('+').strip_prefix('P')?;
    match number.strip_suffix('W') {
        Some(weeks) => weeks.parse::<i64>().ok()?.checked_mul(7),
        None => number.strip_suffix('D')?.parse().ok(),
    }
}

fn unescape(text: &str) -> String {
    text.replace("\\n", " ").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
}

fn first_line(error: &str) -> String {
    error.trim_start_matches("error: ").lines().next().unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(events: &[&str]) -> String {
        let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n".to_string();
        for event in events {
            text += &format!("BEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\n", event.replace('|', "\r\n"));
        }
        text + "END:VCALENDAR\r\n"
    }

    fn days(events: &[&str]) -> Vec<String> {
        let found = holidays(&calendar(events)).unwrap();
        found.days.iter().map(|(date, name)| format!("{date} {name}")).collect()
    }

    #[test]
    fn an_event_of_several_days_ends_before_its_end() {
        assert_eq!(
            days(&["DTSTART;VALUE=DATE:20261224|DTEND;VALUE=DATE:20261226|SUMMARY:Jul\\, och mer"]),
            ["2026-12-24 Jul, och mer", "2026-12-25 Jul, och mer"]
        );
    }

    #[test]
    fn lengths_come_from_the_end_the_duration_or_are_one_day() {
        for (end, count) in [("", 1), ("|DURATION:P2D", 2), ("|DURATION:P1W", 7), ("|DTEND:20260101", 1)] {
            assert_eq!(days(&[&format!("DTSTART:20260101{end}")]).len(), count, "{end}");
        }
    }

    #[test]
    fn yearly_rules_are_expanded_with_their_exceptions() {
        let found = days(&[
            "UID:a|DTSTART;VALUE=DATE:20200606|RRULE:FREQ=YEARLY;UNTIL=20250606|EXDATE;VALUE=DATE:20210606|SUMMARY:Dag",
            "UID:a|RECURRENCE-ID;VALUE=DATE:20220606|DTSTART;VALUE=DATE:20220607|SUMMARY:Flyttad",
            "UID:a|RECURRENCE-ID;VALUE=DATE:20230606|DTSTART;VALUE=DATE:20230606|STATUS:CANCELLED|SUMMARY:Dag",
        ]);
        assert_eq!(found, ["2020-06-06 Dag", "2022-06-07 Flyttad", "2024-06-06 Dag", "2025-06-06 Dag"]);
        assert_eq!(days(&["DTSTART:19000101|RRULE:FREQ=YEARLY"]).len(), 1 + 101);
        assert_eq!(
            days(&["DTSTART:20240229|RRULE:FREQ=YEARLY;COUNT=2"]),
            ["2024-02-29 holiday", "2028-02-29 holiday"]
        );
    }

    #[test]
    fn folded_lines_bare_line_feeds_and_events_with_a_time_are_read() {
        let text = "\u{feff}BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260101\nSUMMARY:New\n  Year\nEND:VEVENT\n\
                    BEGIN:VEVENT\nDTSTART:20260102T090000Z\nSUMMARY:Meeting\nEND:VEVENT\nEND:VCALENDAR\n\n";
        let found = holidays(text).unwrap();
        assert_eq!(found.days.into_values().collect::<Vec<_>>(), ["New Year"]);
        assert_eq!(found.passed_over, 1);
    }

    #[test]
    fn what_is_not_a_calendar_is_an_error_and_never_a_panic() {
        let cut_off = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260101\n";
        let cases = [
            ("", "it does not start with BEGIN:VCALENDAR"),
            ("<html>ö", "it does not start with BEGIN:VCALENDAR"),
            (cut_off, "it does not end with END:VCALENDAR; is it cut off?"),
        ];
        for (text, expected) in cases {
            assert_eq!(holidays(text).unwrap_err(), expected);
        }
        for event in [
            "SUMMARY:No start",
            "DTSTART:2026",
            "DTSTART:20261301",
            "DTSTART;VALUE=DATE:2026é101",
            "DTSTART:20260101|DTEND:29990101",
            "DTSTART:20260101|DURATION:P9999999999999999999W",
            "DTSTART:20260101|RRULE:FREQ=HOURLY",
            "DTSTART:20260101|RRULE:nonsense",
        ] {
            assert!(holidays(&calendar(&[event])).is_err(), "{event}");
        }
    }
}
