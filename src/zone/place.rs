//! Rule 2: where a local time stands in the line of instants.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serializer;

use super::source::{Offsets, Source};

/// One time zone. Every question has an answer: what lies beyond the calendar is drawn to its edge.
#[derive(Clone, Debug)]
pub struct Zone {
    source: Source,
}

impl Zone {
    /// Where a span starts or a turn changes: of a doubled time the first, of a missing one the end of the gap.
    pub fn start(&self, local: NaiveDateTime) -> DateTime<Utc> {
        match self.source.of(local) {
            Offsets::One(offset) | Offsets::Two { first: offset, .. } => instant(local, offset),
            Offsets::Skipped { before, after } => self.gap_end(local, before, after),
        }
    }

    /// Where a span ends: of a doubled time the last, of a missing one the end of the gap.
    pub fn end(&self, local: NaiveDateTime) -> DateTime<Utc> {
        match self.source.of(local) {
            Offsets::One(offset) | Offsets::Two { last: offset, .. } => instant(local, offset),
            Offsets::Skipped { before, after } => self.gap_end(local, before, after),
        }
    }

    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        shifted(at.naive_utc(), self.offset(at))
    }

    /// With its offset, for people and for RFC 3339.
    pub fn local_with_offset(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        // A day from the edge of the calendar, so that whoever prints it can still reach the local time.
        let least = DateTime::<Utc>::MIN_UTC + TimeDelta::days(2);
        let most = DateTime::<Utc>::MAX_UTC - TimeDelta::days(2);
        at.clamp(least, most).with_timezone(&fixed(self.offset(at)))
    }

    /// Seconds east of UTC.
    pub fn offset(&self, at: DateTime<Utc>) -> i32 {
        self.source.at(at.timestamp())
    }

    pub(super) fn from_tzif(name: &str, bytes: &[u8]) -> Result<Zone, jiff::Error> {
        Ok(Zone { source: Source::Tzif(jiff::tz::TimeZone::tzif(name, bytes)?) })
    }

    /// `None`: chrono-tz knows no such zone.
    pub(super) fn embedded(name: &str) -> Option<&'static Zone> {
        static ZONES: LazyLock<BTreeMap<&str, Zone>> = LazyLock::new(|| {
            chrono_tz::TZ_VARIANTS
                .iter()
                .map(|tz| (tz.name(), Zone { source: Source::Embedded(*tz) }))
                .collect()
        });
        ZONES.get(name)
    }

    /// The instant at which the clock jumped over `local`.
    fn gap_end(&self, local: NaiveDateTime, before: i32, after: i32) -> DateTime<Utc> {
        let local = local.and_utc().timestamp();
        // Read with the offset after the jump, `local` lies before it, and the other way round.
        let (mut early, mut late) = (local - i64::from(after), local - i64::from(before));
        while late - early > 1 {
            let middle = early + (late - early) / 2;
            if self.source.at(middle) == before { early = middle } else { late = middle }
        }
        DateTime::from_timestamp(late, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// A local time in JSON. At UTC it says `+00:00`: `Z` would look like an instant.
pub fn with_offset<S: Serializer>(time: &DateTime<FixedOffset>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, false))
}

fn instant(local: NaiveDateTime, offset: i32) -> DateTime<Utc> {
    shifted(local, -offset).and_utc().clamp(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC)
}

fn shifted(time: NaiveDateTime, seconds: i32) -> NaiveDateTime {
    let edge = if seconds < 0 { NaiveDateTime::MIN } else { NaiveDateTime::MAX };
    time.checked_add_signed(TimeDelta::seconds(seconds.into())).unwrap_or(edge)
}

fn fixed(seconds: i32) -> FixedOffset {
    let day = TimeDelta::days(1).num_seconds() as i32;
    FixedOffset::east_opt(seconds.clamp(1 - day, day - 1)).expect("less than a day from UTC")
}
