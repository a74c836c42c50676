//! Leave that was planned, and people who fall ill.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};

use super::Habits;
use super::chance::{Chance, Purpose, happens};
use crate::schedule::{Leave, Moment, Organisation, Origin, PersonId};

/// Leave is taken in blocks of at most so many weeks.
const WEEKS_AT_ONCE: u32 = 2;
const DAYS_A_YEAR: f64 = 365.25;
/// Nobody is ill for less; and whoever is ill for longer is replaced.
const ILL_AT_LEAST: TimeDelta = TimeDelta::hours(8);
const ILL_AT_MOST: TimeDelta = TimeDelta::days(30);

/// Everybody's leave in the years that `from..until` touches: weeks from Monday, any week as likely as another.
pub(super) fn planned(
    org: &Organisation,
    chance: Chance,
    habits: &Habits,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<Leave> {
    let mut leave = Vec::new();
    for person in org.people.keys() {
        for year in from.year()..=until.year() {
            let mut rng = chance.of(Purpose::Leave, &format!("{person} {year}"));
            let mut weeks = habits.leave_weeks_a_year;
            while weeks > 0 {
                let lasts = rng.u32(1..=WEEKS_AT_ONCE.min(weeks));
                weeks -= lasts;
                let Some(begins) = NaiveDate::from_isoywd_opt(year, rng.u32(1..=52), Weekday::Mon) else {
                    continue;
                };
                let ends = begins + Days::new(u64::from(lasts) * 7 - 1);
                leave.push(row(leave.len(), person, Moment::Date(begins), Moment::Date(ends)));
            }
        }
    }
    leave
}

/// Who falls ill on the day that begins at `now`, with rows numbered from `number` on.
pub(super) fn ill(
    org: &Organisation,
    chance: Chance,
    habits: &Habits,
    now: DateTime<Utc>,
    number: usize,
) -> Vec<Leave> {
    let mut leave = Vec::new();
    let probability = habits.illnesses_a_year / DAYS_A_YEAR;
    for person in org.people.keys() {
        let mut rng = chance.of(Purpose::Illness, &format!("{person} {}", now.date_naive()));
        if happens(&mut rng, probability) {
            let lasts = habits.illness.draw(&mut rng).clamp(ILL_AT_LEAST, ILL_AT_MOST);
            leave.push(row(number + leave.len(), person, Moment::Exact(now), Moment::Exact(now + lasts)));
        }
    }
    leave
}

fn row(number: usize, person: &PersonId, from: Moment, to: Moment) -> Leave {
    Leave { origin: Origin::Row(number as i64), person: person.clone(), from, to }
}
