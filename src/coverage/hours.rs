//! Rules 6 and 7: weekly windows and holidays, placed date by date.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta};

use super::interval::{self, Interval};
use crate::schedule::{Calendar, CalendarId, Holiday, Organisation, Team, Window};
use crate::zone::Zone;

/// A stretch in which a team is open, by one of its windows.
pub struct Opening {
    pub interval: Interval,
    pub staffed_by: StaffedBy,
}

#[derive(Clone, Copy)]
pub enum StaffedBy {
    /// The members of the window at this place in the team's hours.
    Window(usize),
    /// All members: the one window of a holiday that has one.
    Everybody,
}

/// Every opening of hours, a team's or business hours, that touches `range`.
pub fn openings(
    hours: &[Window],
    holidays: &[CalendarId],
    calendars: &BTreeMap<CalendarId, Calendar>,
    zone: &Zone,
    range: Interval,
) -> Vec<Opening> {
    let mut openings = Vec::new();
    let calendars = named(holidays, calendars);
    for date in dates(zone, range) {
        let windows = || hours.iter().enumerate().filter(|(_, window)| starts_on(window, date));
        let mut open = |interval: Interval, staffed_by| {
            if !interval.common(range).is_empty() {
                openings.push(Opening { interval, staffed_by });
            }
        };
        match of_date(&calendars, date) {
            None => windows().for_each(|(place, window)| {
                open(placed(zone, date.and_time(window.from), window.lasts), StaffedBy::Window(place));
            }),
            Some(Holiday { open: Some((from, lasts)), .. }) => {
                if windows().next().is_some() {
                    open(placed(zone, date.and_time(*from), *lasts), StaffedBy::Everybody);
                }
            }
            Some(Holiday { open: None, .. }) => (),
        }
    }
    openings
}

/// When windows without holidays are open, as a union.
pub fn windows(windows: &[Window], zone: &Zone, range: Interval) -> Vec<Interval> {
    let mut found = Vec::new();
    for date in dates(zone, range) {
        for window in windows.iter().filter(|window| starts_on(window, date)) {
            found.push(placed(zone, date.and_time(window.from), window.lasts));
        }
    }
    interval::union(found)
}

/// The holiday of a team on one of its local dates.
pub fn holiday<'o>(organisation: &'o Organisation, team: &Team, date: NaiveDate) -> Option<&'o Holiday> {
    of_date(&named(&team.holidays, &organisation.calendars), date)
}

fn named<'a>(holidays: &[CalendarId], calendars: &'a BTreeMap<CalendarId, Calendar>) -> Vec<&'a Calendar> {
    holidays.iter().filter_map(|id| calendars.get(id)).collect()
}

/// What the calendars say of a date: closed beats half-day, and of half-days the calendar named first wins.
fn of_date<'a>(calendars: &[&'a Calendar], date: NaiveDate) -> Option<&'a Holiday> {
    let days = || calendars.iter().filter_map(|calendar| calendar.days.get(&date));
    days().find(|day| day.open.is_none()).or_else(|| days().next())
}

fn starts_on(window: &Window, date: NaiveDate) -> bool {
    window.days.contains(&date.weekday())
}

fn placed(zone: &Zone, from: NaiveDateTime, lasts: TimeDelta) -> Interval {
    let until = from.checked_add_signed(lasts).unwrap_or(NaiveDateTime::MAX);
    Interval { from: zone.start(from), until: zone.end(until) }
}

/// The local dates on which a window can start and still touch `range`: a window lasts a day at most, and a skipped
/// day can lie in between.
fn dates(zone: &Zone, range: Interval) -> impl Iterator<Item = NaiveDate> {
    let first = zone.local(range.from).date();
    let first = first.checked_sub_days(Days::new(3)).unwrap_or(NaiveDate::MIN);
    let last = zone.local(range.until).date();
    let last = last.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
    first.iter_days().take_while(move |date| *date <= last)
}
