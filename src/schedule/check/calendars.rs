//! Holiday calendars: days written in the tables, and days that an iCalendar file brings along.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveTime, TimeDelta};

use crate::schedule::place::{At, Sources};
use crate::schedule::read::{FileTable, HolidaysTable, Opening};
use crate::schedule::*;

use super::Checker;
use super::merge::Declared;

/// The files that holiday tables name, beneath the schedules directory.
pub fn named_files(files: &[FileTable], sources: &Sources) -> BTreeSet<String> {
    let tables = files.iter().flat_map(|file| file.holidays.iter().flatten());
    tables.filter_map(|(_, table)| path_of(table.as_ref()?.file.as_ref()?, sources)).collect()
}

/// The path beneath the schedules directory; `None` where it leaves that.
fn path_of(file: &At<String>, sources: &Sources) -> Option<String> {
    let beside = sources.path(file.place.file);
    let mut parts: Vec<&str> = beside.split('/').collect();
    parts.pop();
    if file.value.starts_with('/') || file.value.contains('\\') {
        return None;
    }
    for part in file.value.split('/') {
        match part {
            "" | "." => (),
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

impl Checker<'_> {
    pub fn calendars(&mut self, tables: Declared<HolidaysTable>) -> BTreeMap<CalendarId, Calendar> {
        let mut calendars = BTreeMap::new();
        for (id, table) in tables.into_values() {
            self.id(&id);
            if let Some(table) = table {
                calendars.insert(CalendarId::new(&id.value), self.calendar(&id, table));
            }
        }
        calendars
    }

    fn calendar(&mut self, id: &At<String>, table: HolidaysTable) -> Calendar {
        if table.file.is_none() && table.days.as_ref().is_none_or(Vec::is_empty) {
            self.notes
                .warning("empty-calendar", id.place, format!("the calendar {:?} has no holiday", id.value))
                .remedy("give it `days`, or a `file`");
        }
        let mut days = table.file.map(|file| self.holiday_file(&file)).unwrap_or_default();
        let mut written = BTreeSet::new();
        for day in table.days.unwrap_or_default() {
            let Some(date) = day.date else { continue };
            if !written.insert(date.value) {
                self.notes
                    .error(
                        "duplicate-date",
                        date.place,
                        format!("{} stands twice in this calendar", date.value),
                    )
                    .remedy("keep one of them");
            }
            let open = day.open.map(|opening| self.opening(opening));
            let name = day.name.unwrap_or_else(|| date.value.to_string());
            days.insert(date.value, Holiday { name, open });
        }
        Calendar { days }
    }

    fn opening(&mut self, opening: At<Opening>) -> (NaiveTime, TimeDelta) {
        let At { value: Opening { from, lasts }, place } = opening;
        if from - NaiveTime::MIN + lasts > TimeDelta::days(1) {
            self.notes
                .warning("half-day-past-midnight", place, "this ends before it starts, so on the day after")
                .remedy("write the earlier time first, unless that is meant: \"09:00-12:00\"");
        }
        (from, lasts)
    }

    fn holiday_file(&mut self, file: &At<String>) -> BTreeMap<chrono::NaiveDate, Holiday> {
        let Some(path) = path_of(file, self.sources) else {
            self.notes
                .error(
                    "path-outside",
                    file.place,
                    format!("{:?} is not beneath the schedules directory", file.value),
                )
                .remedy("keep the file there, and name it relative to this one, with `/`");
            return BTreeMap::new();
        };
        let Some(text) = self.sources.text(&path) else {
            self.notes
                .error("missing-file", file.place, format!("there is no file {path:?}"))
                .remedy("the path is relative to this file");
            return BTreeMap::new();
        };
        match ics::holidays(text) {
            Ok(found) => {
                if found.passed_over > 0 {
                    self.notes
                        .warning(
                            "ics-not-a-day",
                            file.place,
                            format!(
                                "{path} has events with a time of day, which are passed over: {}",
                                found.passed_over
                            ),
                        )
                        .remedy("only all-day events are holidays");
                }
                found.days.into_iter().map(|(date, name)| (date, Holiday { name, open: None })).collect()
            }
            Err(reason) => {
                self.notes
                    .error("bad-ics", file.place, format!("{path} cannot be read as a calendar: {reason}"))
                    .remedy("export it again as iCalendar (.ics), in UTF-8");
                BTreeMap::new()
            }
        }
    }
}
