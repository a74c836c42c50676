//! The two sources of zone rules, brought to the same two questions.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone as _, Timelike};
use chrono_tz::{GapInfo, Tz};
use jiff::tz::{AmbiguousOffset, TimeZone};

/// Where a zone's rules come from. Offsets are seconds east of UTC.
#[derive(Clone, Debug)]
pub enum Source {
    Tzif(TimeZone),
    Embedded(Tz),
}

/// The offsets under which a wall clock shows one local time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Offsets {
    One(i32),
    /// The clock was set back: shown twice.
    Two {
        first: i32,
        last: i32,
    },
    /// The clock was set forward over it: never shown.
    Skipped {
        before: i32,
        after: i32,
    },
}

impl Source {
    /// The offset at an instant, given in seconds since 1970.
    pub fn at(&self, seconds: i64) -> i32 {
        match self {
            Source::Tzif(zone) => {
                let seconds = seconds.clamp(jiff_seconds(i64::MIN), jiff_seconds(i64::MAX));
                let at = jiff::Timestamp::from_second(seconds).expect("clamped to what jiff can hold");
                zone.to_offset(at).seconds()
            }
            Source::Embedded(zone) => embedded_at(*zone, seconds),
        }
    }

    /// The offsets of a local time.
    pub fn of(&self, local: NaiveDateTime) -> Offsets {
        match self {
            Source::Tzif(zone) => match zone.to_ambiguous_timestamp(civil(local)).offset() {
                AmbiguousOffset::Unambiguous { offset } => Offsets::One(offset.seconds()),
                AmbiguousOffset::Gap { before, after } => {
                    Offsets::Skipped { before: before.seconds(), after: after.seconds() }
                }
                AmbiguousOffset::Fold { before, after } => {
                    Offsets::Two { first: before.seconds(), last: after.seconds() }
                }
            },
            Source::Embedded(zone) => embedded_of(*zone, local),
        }
    }
}

fn embedded_at(zone: Tz, seconds: i64) -> i32 {
    let (least, most) = (chrono::DateTime::<chrono::Utc>::MIN_UTC, chrono::DateTime::<chrono::Utc>::MAX_UTC);
    let at = chrono::DateTime::from_timestamp(seconds, 0);
    let at = at.unwrap_or(if seconds < 0 { least } else { most });
    zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
}

fn embedded_of(zone: Tz, local: NaiveDateTime) -> Offsets {
    use chrono::MappedLocalTime as Mapped;
    match zone.offset_from_local_datetime(&local) {
        Mapped::Single(offset) => Offsets::One(offset.fix().local_minus_utc()),
        Mapped::Ambiguous(first, last) => {
            Offsets::Two { first: first.fix().local_minus_utc(), last: last.fix().local_minus_utc() }
        }
        Mapped::None => match GapInfo::new(&local, &zone) {
            Some(GapInfo { begin: Some((_, before)), end: Some(end) }) => Offsets::Skipped {
                before: before.fix().local_minus_utc(),
                after: end.offset().fix().local_minus_utc(),
            },
            // Not in a gap after all, or in one at the edge of the tables.
            _ => Offsets::One(embedded_at(zone, local.and_utc().timestamp())),
        },
    }
}

/// Years that both chrono and jiff hold, with room for any offset on either side.
const YEARS: std::ops::RangeInclusive<i32> = -9998..=9998;

fn civil(local: NaiveDateTime) -> jiff::civil::DateTime {
    let local = if YEARS.contains(&local.year()) {
        local
    } else {
        let year = local.year().clamp(*YEARS.start(), *YEARS.end());
        NaiveDate::from_ymd_opt(year, 7, 1).expect("a day of every year").and_time(NaiveTime::MIN)
    };
    jiff::civil::date(local.year() as i16, local.month() as i8, local.day() as i8).at(
        local.hour() as i8,
        local.minute() as i8,
        local.second() as i8,
        0,
    )
}

/// The nearest second that jiff can hold.
fn jiff_seconds(seconds: i64) -> i64 {
    seconds.clamp(jiff::Timestamp::MIN.as_second() + 1, jiff::Timestamp::MAX.as_second() - 1)
}
