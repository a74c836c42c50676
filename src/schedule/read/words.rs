//! Values that are written as short texts: durations, times of day, weekdays, moments, fixed words.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use oxilangtag::LanguageTag;
use toml::value::{Datetime, Offset};

use crate::schedule::place::Notes;
use crate::schedule::suggest::did_you_mean;
use crate::schedule::{
    AnsweredBy, Assign, AtShiftEnd, AtVendor, Audience, Fraction, Further, How, IfSilent, Language, Moment,
    News, OnBreach, OnWarning, Priority, Purpose, RequestPart, ResolutionPart, WhenClosed, ZoneName,
};

use super::fields::wrong_type;
use super::{Describe, Node, Read, Tables, Value};

/// The longest duration, which keeps every sum of instants within what a calendar can hold.
const LONGEST_DAYS: i64 = 3660;

/// A duration: `90s`, `15m`, `2h30m`, `3d`. Zero is allowed only where a rule says so.
#[derive(Clone, Copy, Debug)]
pub struct Length(pub TimeDelta);

impl Read for Length {
    fn read(node: Node, notes: &mut Notes) -> Option<Length> {
        let Value::Text(text) = &node.value else {
            wrong_type(&node, "a duration in quotes", "\"15m\"", notes);
            return None;
        };
        let length = duration(text);
        if length.is_none() {
            notes
                .error("bad-duration", node.place, format!("{text:?} is not a duration"))
                .remedy("write it like \"90s\", \"15m\", \"2h30m\" or \"3d\", up to ten years");
        }
        length.map(Length)
    }
}

/// `90s`, `15m`, `2h30m`, `3d`: numbers with units from long to short, each unit once; at most about ten years.
pub fn duration(text: &str) -> Option<TimeDelta> {
    let mut total: i64 = 0;
    let mut rest = text;
    let mut last_unit = i64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        let unit = match rest.as_bytes()[digits] {
            b'd' => 86_400,
            b'h' => 3_600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        if unit >= last_unit {
            return None;
        }
        last_unit = unit;
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
    }
    let written = last_unit < i64::MAX;
    (written && total <= LONGEST_DAYS * 86_400).then(|| TimeDelta::seconds(total))
}

/// As it is written: the longest units that hold it.
pub fn duration_text(lasts: TimeDelta) -> String {
    let seconds = lasts.num_seconds();
    let units = [(86_400, i64::MAX, 'd'), (3_600, 24, 'h'), (60, 60, 'm'), (1, 60, 's')];
    let parts = units.into_iter().map(|(unit, wrap, letter)| (seconds / unit % wrap, letter));
    parts.filter(|(n, _)| *n > 0).map(|(n, letter)| format!("{n}{letter}")).collect()
}

/// `resolve_within`: a duration, or "none".
#[derive(Clone, Copy, Debug)]
pub struct Resolve(pub Option<TimeDelta>);

impl Read for Resolve {
    fn read(node: Node, notes: &mut Notes) -> Option<Resolve> {
        match &node.value {
            Value::Text(text) if text == "none" => Some(Resolve(None)),
            _ => Length::read(node, notes).map(|Length(length)| Resolve(Some(length))),
        }
    }
}

/// `close_after`: a duration, or "never".
#[derive(Clone, Copy, Debug)]
pub struct CloseAfter(pub Option<TimeDelta>);

impl Read for CloseAfter {
    fn read(node: Node, notes: &mut Notes) -> Option<CloseAfter> {
        match &node.value {
            Value::Text(text) if text == "never" => Some(CloseAfter(None)),
            Value::Text(text) if duration(text).is_none() => {
                notes
                    .error("bad-duration", node.place, format!("{text:?} is no duration, and not \"never\""))
                    .remedy("write it like \"12h\", \"7d\" or \"never\"");
                None
            }
            _ => Length::read(node, notes).map(|Length(length)| CloseAfter(Some(length))),
        }
    }
}

impl Read for Fraction {
    fn read(node: Node, notes: &mut Notes) -> Option<Fraction> {
        let fraction = match node.value {
            Value::Point(number) => Fraction::of(number),
            Value::Whole(_) => None,
            _ => {
                wrong_type(&node, "a fraction", "0.8", notes);
                return None;
            }
        };
        if fraction.is_none() {
            notes
                .error("out-of-range", node.place, "this is not a fraction")
                .remedy("write a number between 0 and 1, like 0.8, with at most three digits");
        }
        fraction
    }
}

/// Seconds since midnight; 24:00 is 86,400.
pub fn seconds_of_day(text: &str) -> Option<i64> {
    let parts: Vec<&str> = text.split(':').collect();
    let well_formed = parts.iter().all(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()));
    if !(2..=3).contains(&parts.len()) || !well_formed {
        return None;
    }
    let number = |part: usize| parts.get(part).map_or(Some(0), |text| text.parse::<i64>().ok());
    let (hours, minutes, seconds) = (number(0)?, number(1)?, number(2)?);
    let total = hours * 3_600 + minutes * 60 + seconds;
    (minutes < 60 && seconds < 60 && total <= 86_400).then_some(total)
}

/// A time of day in seconds since midnight, up to 24:00.
#[derive(Clone, Copy, Debug)]
pub struct Clock(pub i64);

impl Read for Clock {
    fn read(node: Node, notes: &mut Notes) -> Option<Clock> {
        let text = match &node.value {
            Value::Moment(Datetime { date: None, time: Some(time), offset: None }) => {
                format!("{:02}:{:02}:{:02}", time.hour, time.minute, time.second.unwrap_or(0))
            }
            Value::Text(text) => text.clone(),
            _ => {
                wrong_type(&node, "a time of day in quotes", "\"08:00\"", notes);
                return None;
            }
        };
        let seconds = seconds_of_day(&text);
        if seconds.is_none() {
            notes
                .error("bad-time", node.place, format!("{text:?} is not a time of day"))
                .remedy("write it like \"08:00\"; the end of a day is \"24:00\"");
        }
        seconds.map(Clock)
    }
}

/// The start and the wall-clock length of a window. `None`: it cannot start at 24:00.
pub fn window_between(Clock(from): Clock, Clock(to): Clock) -> Option<(NaiveTime, TimeDelta)> {
    let start = NaiveTime::from_num_seconds_from_midnight_opt(u32::try_from(from).ok()?, 0)?;
    let lasts = if to > from { to - from } else { to + 86_400 - from };
    Some((start, TimeDelta::seconds(lasts)))
}

/// A window without days: `08:00-12:00`.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    pub from: NaiveTime,
    pub lasts: TimeDelta,
}

impl Read for Opening {
    fn read(node: Node, notes: &mut Notes) -> Option<Opening> {
        let place = node.place;
        let text = String::read(node, notes)?;
        let window = text.split_once('-').and_then(|(from, to)| {
            window_between(Clock(seconds_of_day(from.trim())?), Clock(seconds_of_day(to.trim())?))
        });
        if window.is_none() {
            notes
                .error("bad-time", place, format!("{text:?} is not a window"))
                .remedy("write it like \"08:00-12:00\"");
        }
        window.map(|(from, lasts)| Opening { from, lasts })
    }
}

impl Read for Moment {
    fn read(node: Node, notes: &mut Notes) -> Option<Moment> {
        let written = match &node.value {
            Value::Moment(moment) => Some(*moment),
            Value::Text(text) => text.parse().ok(),
            _ => {
                wrong_type(&node, "a date or a date-time", "2026-12-24 or 2026-12-24T09:00:00", notes);
                return None;
            }
        };
        let moment = written.and_then(moment_of);
        if moment.is_none() {
            notes
                .error("bad-moment", node.place, "this is not a date or a date-time that exists")
                .remedy("write 2026-12-24, 2026-12-24T09:00:00, or with an offset 2026-12-24T09:00:00+01:00");
        }
        moment
    }
}

/// `None`: a time without a date, or one that no calendar has.
pub fn moment_of(written: Datetime) -> Option<Moment> {
    let date = written.date?;
    let date = NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())?;
    let Some(time) = written.time else { return Some(Moment::Date(date)) };
    let second = time.second.unwrap_or(0).into();
    let local = date.and_hms_opt(time.hour.into(), time.minute.into(), second)?;
    let offset = match written.offset {
        None => return Some(Moment::Local(local)),
        Some(Offset::Z) => 0,
        Some(Offset::Custom { minutes }) => minutes.into(),
    };
    Some(Moment::Exact(local.checked_sub_signed(TimeDelta::minutes(offset))?.and_utc()))
}

/// As [`Moment`] is written in JSON.
pub fn moment_text(moment: Moment) -> String {
    match moment {
        Moment::Date(date) => date.to_string(),
        Moment::Local(local) => local.format("%Y-%m-%dT%H:%M:%S").to_string(),
        Moment::Exact(at) => DateTime::<Utc>::to_rfc3339_opts(&at, chrono::SecondsFormat::Secs, true),
    }
}

/// A date-time on the wall clock, without offset.
#[derive(Clone, Copy, Debug)]
pub struct Local(pub NaiveDateTime);

impl Read for Local {
    fn read(node: Node, notes: &mut Notes) -> Option<Local> {
        let place = node.place;
        match Moment::read(node, notes)? {
            Moment::Local(local) => return Some(Local(local)),
            Moment::Date(_) => notes
                .error("bad-moment", place, "the time of day is missing here")
                .remedy("write date and time: 2026-01-05T09:00:00"),
            Moment::Exact(_) => notes
                .error("bad-moment", place, "this is wall-clock time, which has no offset")
                .remedy("leave out the offset, and give the zone as `timezone`"),
        };
        None
    }
}

impl Read for NaiveDate {
    fn read(node: Node, notes: &mut Notes) -> Option<NaiveDate> {
        let place = node.place;
        match Moment::read(node, notes)? {
            Moment::Date(date) => Some(date),
            _ => {
                notes
                    .error("bad-moment", place, "a date should stand here, without a time")
                    .remedy("write it like 2026-06-19");
                None
            }
        }
    }
}

impl Read for ZoneName {
    fn read(node: Node, notes: &mut Notes) -> Option<ZoneName> {
        String::read(node, notes).map(|text| ZoneName::new(&text))
    }
}

impl Read for Language {
    fn read(node: Node, notes: &mut Notes) -> Option<Language> {
        let place = node.place;
        let text = String::read(node, notes)?;
        let tag = language(&text);
        if tag.is_none() {
            notes
                .error("bad-language", place, format!("{text:?} is not a language tag"))
                .remedy("write a BCP 47 tag like \"en\", \"pt-BR\" or \"zh-Hant\"");
        }
        tag
    }
}

/// In its canonical case.
pub fn language(text: &str) -> Option<Language> {
    LanguageTag::parse_and_normalize(text).ok().map(|tag| Language::new(tag.as_str()))
}

/// One of a few fixed words.
pub trait Word {
    /// As it is written.
    fn word(self) -> &'static str;
}

/// Reads and describes one of a few fixed words.
macro_rules! words {
    ($($type:ty { $($word:literal => $value:path,)* })*) => {$(
        impl Word for $type {
            fn word(self) -> &'static str {
                match self {
                    $($value => $word,)*
                }
            }
        }

        impl Read for $type {
            fn read(node: Node, notes: &mut Notes) -> Option<$type> {
                let place = node.place;
                let text = String::read(node, notes)?;
                match text.as_str() {
                    $($word => return Some($value),)*
                    _ => (),
                }
                let words = [$($word),*];
                let note =
                    notes.error("unknown-word", place, format!("{text:?} is not one of the words known here"));
                note.remedy = did_you_mean(&text, words)
                    .or_else(|| Some(format!("write one of: {}", words.join(", "))));
                None
            }
        }

        impl Describe for $type {
            fn describe(_: &mut Tables) -> serde_json::Value {
                serde_json::json!({ "enum": [$($word),*] })
            }
        }
    )*};
}

words! {
    Priority {
        "P1" => Priority::P1,
        "P2" => Priority::P2,
        "P3" => Priority::P3,
        "P4" => Priority::P4,
        "P5" => Priority::P5,
    }
    WhenClosed {
        "page" => WhenClosed::Page,
        "park" => WhenClosed::Park,
        "next" => WhenClosed::Next,
    }
    AtShiftEnd {
        "hand-over" => AtShiftEnd::HandOver,
        "keep" => AtShiftEnd::Keep,
    }
    Assign {
        "least-loaded" => Assign::LeastLoaded,
        "round-robin" => Assign::RoundRobin,
        "queue" => Assign::Queue,
    }
    RequestPart {
        "summary" => RequestPart::Summary,
        "steps_taken" => RequestPart::StepsTaken,
        "impact" => RequestPart::Impact,
        "help_wanted" => RequestPart::HelpWanted,
        "time_limit" => RequestPart::TimeLimit,
        "customer" => RequestPart::Customer,
    }
    News {
        "opened" => News::Opened,
        "escalated" => News::Escalated,
        "breached" => News::Breached,
        "update" => News::Update,
        "reopened" => News::Reopened,
        "resolved" => News::Resolved,
    }
    ResolutionPart {
        "notes" => ResolutionPart::Notes,
        "cause" => ResolutionPart::Cause,
    }
    AnsweredBy {
        "acknowledgement" => AnsweredBy::Acknowledgement,
        "update" => AnsweredBy::Update,
    }
    Purpose {
        "page" => Purpose::Page,
        "offer" => Purpose::Offer,
        "all" => Purpose::All,
    }
    OnWarning {
        "tell" => OnWarning::Tell,
        "nothing" => OnWarning::Nothing,
    }
    OnBreach {
        "tell" => OnBreach::Tell,
        "escalate" => OnBreach::Escalate,
    }
    How {
        "move" => How::Move,
        "join" => How::Join,
        "tell" => How::Tell,
    }
    IfSilent {
        "approve" => IfSilent::Approve,
        "refuse" => IfSilent::Refuse,
    }
    AtVendor {
        "run" => AtVendor::Run,
        "pause" => AtVendor::Pause,
    }
    Audience {
        "customer" => Audience::Customer,
        "internal" => Audience::Internal,
    }
    Further {
        "move" => Further::Move,
        "tell" => Further::Tell,
    }
    Weekday {
        "mon" => Weekday::Mon,
        "tue" => Weekday::Tue,
        "wed" => Weekday::Wed,
        "thu" => Weekday::Thu,
        "fri" => Weekday::Fri,
        "sat" => Weekday::Sat,
        "sun" => Weekday::Sun,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_units_from_long_to_short() {
        let cases = [
            ("90s", Some(90)),
            ("15m", Some(900)),
            ("2h30m", Some(9_000)),
            ("3d", Some(259_200)),
            ("1d2h3m4s", Some(93_784)),
            ("0s", Some(0)),
            ("", None),
            ("5", None),
            ("m", None),
            ("30m2h", None),
            ("5m5m", None),
            ("-5m", None),
            ("1.5h", None),
            ("5 m", None),
            ("4000d", None),
            ("99999999999999999999d", None),
            ("9223372036854775807d", None),
            ("5µ", None),
        ];
        for (text, expected) in cases {
            assert_eq!(duration(text).map(|d| d.num_seconds()), expected, "{text}");
        }
    }

    #[test]
    fn a_window_that_ends_where_it_starts_lasts_a_day() {
        let lasts = |from, to| {
            let (from, to) = (seconds_of_day(from)?, seconds_of_day(to)?);
            window_between(Clock(from), Clock(to)).map(|(_, lasts)| lasts.num_minutes())
        };
        let cases = [
            ("08:00", "17:00", Some(540)),
            ("22:00", "06:00", Some(480)),
            ("09:00", "09:00", Some(1_440)),
            ("00:00", "24:00", Some(1_440)),
            ("22:00", "24:00", Some(120)),
            ("22:00", "00:00", Some(120)),
            ("24:00", "08:00", None),
            ("8:00", "17:00", None),
            ("08:60", "17:00", None),
            ("08:00", "24:01", None),
            ("+8:00", "17:00", None),
        ];
        for (from, to, expected) in cases {
            assert_eq!(lasts(from, to), expected, "{from} {to}");
        }
    }
}
