//! Recurrence rules of RFC 5545 on the wall clock: which are accepted, and what they yield.

use chrono::{Datelike, NaiveDateTime, TimeZone};
use rrule::{RRule, RRuleError, RRuleSet, RRuleSetIter, Tz, Unvalidated};

/// Parts that bound a rule or carry dates; a rotation says `starts` and `until` instead.
const BOUNDS: [&str; 6] = ["COUNT", "UNTIL", "DTSTART", "EXDATE", "RDATE", "EXRULE"];

const PARTS: [&str; 12] = [
    "FREQ",
    "INTERVAL",
    "BYDAY",
    "BYHOUR",
    "BYMINUTE",
    "BYSECOND",
    "BYMONTH",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYSETPOS",
    "WKST",
];

/// Why a rule is not accepted.
#[derive(Debug, PartialEq)]
pub struct Refused {
    pub code: &'static str,
    pub message: String,
    pub remedy: &'static str,
}

type Parts<'a> = Vec<(&'a str, &'a str)>;

/// What the numbers of a part count, the least and the greatest; `true`: from -1 backwards too.
const RANGES: [(&str, u32, u32, bool, &str); 8] = [
    ("BYMONTH", 1, 12, false, "months count from 1 to 12"),
    ("BYMONTHDAY", 1, 31, true, "days of a month count from 1 to 31, or from -1 to -31 backwards"),
    ("BYYEARDAY", 1, 366, true, "days of a year count from 1 to 366, or from -1 to -366 backwards"),
    ("BYWEEKNO", 1, 53, true, "weeks of a year count from 1 to 53, or from -1 to -53 backwards"),
    ("BYSETPOS", 1, 366, true, "positions count from 1, or from -1 backwards"),
    ("BYHOUR", 0, 23, false, "hours count from 0 to 23"),
    ("BYMINUTE", 0, 59, false, "minutes count from 0 to 59"),
    ("BYSECOND", 0, 59, false, "seconds count from 0 to 59"),
];

/// The rule in upper case, without a leading `RRULE:` or empty parts, if it is one that is expanded as its author
/// expects; where RFC 5545 takes a weekday from `starts` and the library does not, it is written out.
pub fn accept(text: &str, starts: NaiveDateTime) -> Result<String, Refused> {
    let rule = text.trim().to_ascii_uppercase();
    let rule = rule.strip_prefix("RRULE:").unwrap_or(&rule);
    let parts = parts(rule)?;
    frequency(&parts)?;
    interval(&parts)?;
    within_the_hour(&parts)?;
    in_range(&parts)?;
    weekdays(&parts)?;
    positions(&parts)?;
    let mut rule: Vec<String> = parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    rule.extend(weekday_of_starts(&parts, starts));
    let rule = rule.join(";");
    parsed(&rule)
        .and_then(|rule| set(rule, starts))
        .map_err(|error| unsupported(reason(&error), "see RFC 5545, section 3.3.10"))?;
    Ok(rule)
}

/// The wall-clock times that an accepted rule names from `starts` to `until`, both included, in order; `starts`
/// itself only if the rule names it.
///
/// Yields nothing for a rule that [`accept`] refuses. The cost grows with the time since `starts`.
pub fn occurrences(
    rule: &str,
    starts: NaiveDateTime,
    until: NaiveDateTime,
) -> impl Iterator<Item = NaiveDateTime> + use<> {
    // The library stops by itself at `until` only; a rule that never matches would take it to the year 10,000.
    let until = Tz::UTC.from_utc_datetime(&until);
    let set = parsed(rule).and_then(|rule| set(rule.until(until), starts)).ok();
    set.into_iter().flat_map(|set| set.into_iter().map(|at| at.naive_utc()))
}

fn parsed(rule: &str) -> Result<RRule<Unvalidated>, RRuleError> {
    rule.parse()
}

/// The library counts in UTC, which here stands for the wall clock: no clock change can swallow an occurrence.
fn set(rule: RRule<Unvalidated>, starts: NaiveDateTime) -> Result<RRuleSetIter, RRuleError> {
    let starts = Tz::UTC.from_utc_datetime(&starts);
    Ok((&RRuleSet::new(starts).rrule(rule.validate(starts)?)).into_iter())
}

fn parts(rule: &str) -> Result<Parts<'_>, Refused> {
    let bound = |name: &str| Refused {
        code: "rule-bounded",
        message: format!("a rotation's rule has no {name}"),
        remedy: "say when it begins and ends with `starts` and `until`",
    };
    if let Some(name) = BOUNDS.into_iter().find(|name| rule.contains(name)) {
        return Err(bound(name));
    }
    let mut parts = Parts::new();
    for part in rule.split(';').filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            return Err(unsupported(
                "this is neither \"day\", \"week\", \"month\" nor a rule".to_string(),
                "write a word, or a rule like \"FREQ=WEEKLY;BYDAY=MO,TH\"",
            ));
        };
        if !PARTS.contains(&name) {
            return Err(unsupported(format!("a rule has no part {name:?}"), "see RFC 5545, section 3.3.10"));
        }
        if parts.iter().any(|(other, _)| *other == name) {
            return Err(unsupported(format!("{name} stands twice in the rule"), "keep one of them"));
        }
        if !value.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-,".contains(&b)) || value.is_empty() {
            return Err(unsupported(
                format!("{value:?} is no value for {name}"),
                "write letters, numbers and commas",
            ));
        }
        parts.push((name, value));
    }
    Ok(parts)
}

fn frequency(parts: &Parts) -> Result<(), Refused> {
    match find(parts, "FREQ") {
        Some("HOURLY" | "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY") => Ok(()),
        Some(frequency @ ("SECONDLY" | "MINUTELY")) => {
            Err(too_frequent(format!("FREQ={frequency} changes turns too often")))
        }
        Some(other) => Err(unsupported(
            format!("there is no FREQ={other}"),
            "FREQ is HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY",
        )),
        None => Err(unsupported(
            "this is neither \"day\", \"week\", \"month\" nor a rule with a FREQ".to_string(),
            "write a word, or a rule like \"FREQ=WEEKLY;BYDAY=MO,TH\"",
        )),
    }
}

fn interval(parts: &Parts) -> Result<(), Refused> {
    match find(parts, "INTERVAL").map(str::parse::<u16>) {
        None | Some(Ok(1..)) => Ok(()),
        Some(_) => {
            Err(unsupported("INTERVAL is out of range".to_string(), "write a whole number from 1 to 65535"))
        }
    }
}

/// Several minutes of an hour are a rule that is faster than hourly under another name.
fn within_the_hour(parts: &Parts) -> Result<(), Refused> {
    for name in ["BYMINUTE", "BYSECOND"] {
        if find(parts, name).is_some_and(|values| values.contains(',')) {
            return Err(too_frequent(format!("several values of {name} change turns within the hour")));
        }
    }
    Ok(())
}

/// The library drops some numbers that are out of range, and speaks of the others in its own words.
fn in_range(parts: &Parts) -> Result<(), Refused> {
    for (name, least, most, backwards, counts) in RANGES {
        let fits = |value: &&str| {
            let forwards = value.strip_prefix('-').filter(|_| backwards);
            let number = forwards.unwrap_or(value).parse::<u32>();
            number.is_ok_and(|number| (least..=most).contains(&number))
        };
        let values = find(parts, name).into_iter().flat_map(|values| values.split(','));
        if let Some(value) = values.into_iter().find(|value| !fits(value)) {
            return Err(unsupported(format!("there is no {name}={value}"), counts));
        }
    }
    Ok(())
}

/// Weeks of a year without a weekday mean that of `starts`; the library would take all seven.
fn weekday_of_starts(parts: &Parts, starts: NaiveDateTime) -> Option<String> {
    let says = |name| find(parts, name).is_some();
    let open = says("BYWEEKNO") && !["BYDAY", "BYMONTHDAY", "BYYEARDAY"].into_iter().any(says);
    open.then(|| format!("BYDAY={}", starts.weekday().to_string()[..2].to_uppercase()))
}

/// The library accepts numbered weekdays where RFC 5545 has none, and then leaves BYDAY out altogether.
fn weekdays(parts: &Parts) -> Result<(), Refused> {
    let numbered = |day: &&str| day.bytes().any(|b| b.is_ascii_digit());
    let days = find(parts, "BYDAY").into_iter().flat_map(|days| days.split(','));
    days.filter(numbered).try_for_each(|day| numbered_weekday(day, parts))
}

fn numbered_weekday(day: &str, parts: &Parts) -> Result<(), Refused> {
    let frequency = find(parts, "FREQ").unwrap_or_default();
    if !["MONTHLY", "YEARLY"].contains(&frequency) {
        return Err(unsupported(
            format!("a numbered weekday like {day} has no meaning under FREQ={frequency}"),
            "leave out the number, or use FREQ=MONTHLY or FREQ=YEARLY",
        ));
    }
    if find(parts, "BYWEEKNO").is_some() {
        return Err(unsupported(
            format!("a numbered weekday like {day} has no meaning beside BYWEEKNO"),
            "leave out the number",
        ));
    }
    let of_a_month = frequency == "MONTHLY" || find(parts, "BYMONTH").is_some();
    let (most, counts) = match of_a_month {
        true => (5, "count from 1 to 5 within a month, or from -1 to -4 backwards"),
        false => (53, "count from 1 to 53 within a year, or from -1 to -52 backwards"),
    };
    let number = day.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<i32>();
    if number.is_ok_and(|number| number != 0 && (1 - most..=most).contains(&number)) {
        return Ok(());
    }
    Err(unsupported(format!("there is no weekday {day}"), counts))
}

/// Positions count within what the other parts name; the library lets them stand alone.
fn positions(parts: &Parts) -> Result<(), Refused> {
    let others = parts.iter().any(|(name, _)| name.starts_with("BY") && *name != "BYSETPOS");
    match find(parts, "BYSETPOS") {
        Some(_) if !others => Err(unsupported(
            "BYSETPOS has nothing to count in".to_string(),
            "add another part that begins with BY, like BYDAY",
        )),
        _ => Ok(()),
    }
}

/// Without the library's own introduction.
fn reason(error: &RRuleError) -> String {
    let text = error.to_string();
    text.split_once("error: ").map_or(text.as_str(), |(_, reason)| reason).to_string()
}

fn find<'a>(parts: &Parts<'a>, name: &str) -> Option<&'a str> {
    parts.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
}

fn unsupported(message: String, remedy: &'static str) -> Refused {
    Refused { code: "rule-not-supported", message, remedy }
}

fn too_frequent(message: String) -> Refused {
    Refused {
        code: "rule-too-frequent",
        message,
        remedy: "the fastest rule is FREQ=HOURLY with one BYMINUTE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveDate, TimeDelta};

    fn starts() -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, 1, 5).unwrap().and_hms_opt(9, 0, 0).unwrap()
    }

    #[test]
    fn rules_that_are_accepted_are_expanded_on_the_wall_clock() {
        let cases = [
            ("freq=weekly;byday=mo,th", "2026-01-05 09:00, 2026-01-08 09:00, 2026-01-12 09:00"),
            ("RRULE:FREQ=DAILY;;INTERVAL=2;", "2026-01-05 09:00, 2026-01-07 09:00, 2026-01-09 09:00"),
            ("FREQ=HOURLY;INTERVAL=12", "2026-01-05 09:00, 2026-01-05 21:00, 2026-01-06 09:00"),
            ("FREQ=MONTHLY;BYDAY=-1FR", "2026-01-30 09:00, 2026-02-27 09:00, 2026-03-27 09:00"),
            ("FREQ=YEARLY;BYWEEKNO=1", "2027-01-04 09:00, 2028-01-03 09:00, 2029-01-01 09:00"),
            ("FREQ=YEARLY;BYWEEKNO=20,-1", "2026-05-11 09:00, 2026-12-28 09:00, 2027-05-17 09:00"),
            ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=WE,FR", "2026-05-13 09:00, 2026-05-15 09:00, 2027-05-19 09:00"),
            ("FREQ=YEARLY;BYDAY=20MO", "2026-05-18 09:00, 2027-05-17 09:00, 2028-05-15 09:00"),
            ("FREQ=MONTHLY;BYDAY=+1MO", "2026-01-05 09:00, 2026-02-02 09:00, 2026-03-02 09:00"),
            (
                "FREQ=WEEKLY;BYDAY=TU;BYHOUR=2;BYMINUTE=30",
                "2026-01-06 02:30, 2026-01-13 02:30, 2026-01-20 02:30",
            ),
        ];
        for (rule, expected) in cases {
            let rule = accept(rule, starts()).unwrap();
            let first: Vec<String> = occurrences(&rule, starts(), starts() + TimeDelta::days(1_200))
                .take(3)
                .map(|at| at.format("%F %H:%M").to_string())
                .collect();
            assert_eq!(first.join(", "), expected, "{rule}");
        }
    }

    #[test]
    fn both_ends_count_and_a_rule_that_never_matches_ends_at_once() {
        let daily: Vec<_> = occurrences("FREQ=DAILY", starts(), starts() + TimeDelta::days(1)).collect();
        assert_eq!(daily, [starts(), starts() + TimeDelta::days(1)]);
        assert_eq!(occurrences("FREQ=DAILY", starts(), starts() - TimeDelta::days(1)).next(), None);
        let never = "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30";
        assert_eq!(occurrences(never, starts(), starts() + TimeDelta::days(366)).next(), None);
    }

    #[test]
    fn rules_that_would_not_do_as_they_say_are_refused() {
        let cases = [
            ("FREQ=MINUTELY", "rule-too-frequent"),
            ("FREQ=SECONDLY;INTERVAL=3600", "rule-too-frequent"),
            ("FREQ=HOURLY;BYMINUTE=0,30", "rule-too-frequent"),
            ("FREQ=DAILY;BYSECOND=0,1", "rule-too-frequent"),
            ("FREQ=DAILY;COUNT=3", "rule-bounded"),
            ("FREQ=DAILY;UNTIL=20260101T000000Z", "rule-bounded"),
            ("DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY", "rule-bounded"),
            ("FREQ=DAILY\nEXDATE:20260101T000000Z", "rule-bounded"),
            ("FREQ=DAILY;INTERVAL=0", "rule-not-supported"),
            ("FREQ=DAILY;INTERVAL=65536", "rule-not-supported"),
            ("FREQ=WEEKLY;BYDAY=1MO", "rule-not-supported"),
            ("FREQ=DAILY;BYDAY=-1FR", "rule-not-supported"),
            ("FREQ=HOURLY;BYDAY=MO,2TU", "rule-not-supported"),
            ("FREQ=YEARLY;BYWEEKNO=5;BYDAY=1MO", "rule-not-supported"),
            ("FREQ=MONTHLY;BYDAY=0MO", "rule-not-supported"),
            ("FREQ=MONTHLY;BYDAY=MO,6TU", "rule-not-supported"),
            ("FREQ=MONTHLY;BYDAY=1MO,-9TU", "rule-not-supported"),
            ("FREQ=YEARLY;BYMONTH=3;BYDAY=20MO", "rule-not-supported"),
            ("FREQ=YEARLY;BYDAY=54MO", "rule-not-supported"),
            ("FREQ=MONTHLY;BYMONTHDAY=0", "rule-not-supported"),
            ("FREQ=MONTHLY;BYMONTHDAY=1,-32", "rule-not-supported"),
            ("FREQ=YEARLY;BYMONTH=13", "rule-not-supported"),
            ("FREQ=YEARLY;BYMONTH=-1", "rule-not-supported"),
            ("FREQ=YEARLY;BYWEEKNO=0", "rule-not-supported"),
            ("FREQ=YEARLY;BYWEEKNO=54", "rule-not-supported"),
            ("FREQ=DAILY;BYWEEKNO=5", "rule-not-supported"),
            ("FREQ=YEARLY;BYYEARDAY=367", "rule-not-supported"),
            ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "rule-not-supported"),
            ("FREQ=DAILY;BYHOUR=24", "rule-not-supported"),
            ("FREQ=DAILY;BYHOUR=1,,2", "rule-not-supported"),
            ("FREQ=DAILY;BYHOUR=X", "rule-not-supported"),
            ("FREQ=DAILY;BYHOUR=--1", "rule-not-supported"),
            ("FREQ=DAILY;BYMINUTE=60", "rule-not-supported"),
            ("FREQ=DAILY;BYSECOND=60", "rule-not-supported"),
            ("FREQ=WEEKLY;BYMONTHDAY=3", "rule-not-supported"),
            ("FREQ=MONTHLY;BYMONTHDAY=32", "rule-not-supported"),
            ("FREQ=DAILY;BYSETPOS=1", "rule-not-supported"),
            ("FREQ=DAILY;FREQ=WEEKLY", "rule-not-supported"),
            ("FREQ=DAILY;X-FOO=1", "rule-not-supported"),
            ("FREQ=DAILY;BYEASTER=1", "rule-not-supported"),
            ("FREQ=FORTNIGHTLY", "rule-not-supported"),
            ("BYDAY=MO", "rule-not-supported"),
            ("FREQ=DAILY;BYDAY=\u{130}", "rule-not-supported"),
            ("fortnight", "rule-not-supported"),
            ("", "rule-not-supported"),
        ];
        for (rule, code) in cases {
            assert_eq!(accept(rule, starts()).map_err(|refused| refused.code), Err(code), "{rule}");
        }
    }
}
