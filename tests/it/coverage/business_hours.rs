//! Open hours that belong to no team keep the rules of time as a team's do.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use meridian::coverage::Coverage;
use meridian::schedule::BusinessHoursId;

use super::words::{self, utc};

fn compiled(hours: &str, from: DateTime<Utc>, until: DateTime<Utc>) -> Coverage {
    let organisation = words::with_business_hours(words::organisation(hours));
    let zones = words::zones(&organisation);
    Coverage::compile(organisation.into(), zones, Arc::default(), from, until)
}

/// One line a case: the hours, from when, so many hours on, and how much of the next three days is open.
fn table(cases: &[(&str, &str, &str, i64)]) -> String {
    let line = |(rule, hours, from, lasts): &(&str, &str, &str, i64)| {
        let from = utc(from);
        let coverage = compiled(hours, from - TimeDelta::days(10), from + TimeDelta::days(60));
        let id = BusinessHoursId::from("desk");
        let due = coverage.after_open(&id, from, TimeDelta::hours(*lasts)).expect("within sight");
        let open = coverage.open_between(&id, from, from + TimeDelta::days(3));
        let zone = coverage.zones.get(&coverage.organisation.business_hours[&id].timezone).unwrap();
        let due = zone.local_with_offset(due).format("%a %m-%d %H:%M%:z");
        format!("{rule:<58} {lasts:>2} h: {due}  of 3 days: {:>4} min\n", open.num_minutes())
    };
    cases.iter().map(line).collect()
}

#[test]
fn clock_changes_midnight_and_holidays_are_read_by_the_rules_of_time() {
    let cases = [
        (
            "an ordinary week",
            "team desk in Europe/Stockholm: anna\nhours mon-fri 08:00-17:00",
            "2026-03-06T14:00:00Z",
            4,
        ),
        (
            "rule 2: a start in the gap begins behind it",
            "team desk in Europe/Stockholm: anna\nhours sun 02:30-08:00",
            "2026-03-28T12:00:00Z",
            5,
        ),
        (
            "rule 2: a doubled start is the first, a doubled end the last",
            "team desk in Europe/Stockholm: anna\nhours sat 22:00-02:30",
            "2026-10-24T12:00:00Z",
            5,
        ),
        (
            "rule 3: a night of spring is an hour short",
            "team desk in America/New_York: anna\nhours daily 22:00-06:00",
            "2026-03-07T12:00:00Z",
            8,
        ),
        (
            "half an hour's change at Lord Howe",
            "team desk in Australia/Lord_Howe: anna\nhours daily 00:00-24:00",
            "2026-04-03T13:00:00Z",
            48,
        ),
        (
            "the day that Samoa skipped",
            "team desk in Pacific/Apia: anna\nhours daily 09:00-17:00",
            "2011-12-29T08:00:00Z",
            10,
        ),
        (
            "midnight does not exist in Beirut",
            "team desk in Asia/Beirut: anna\nhours sun 00:00-04:00",
            "2026-03-28T12:00:00Z",
            2,
        ),
        (
            "rule 6: a window past midnight belongs to its first date",
            "team desk in UTC: anna\nhours fri 22:00-06:00",
            "2026-03-06T12:00:00Z",
            7,
        ),
        (
            "rule 6: `to` equal to `from` is a whole day",
            "team desk in UTC: anna\nhours sat 09:00-09:00",
            "2026-03-06T12:00:00Z",
            24,
        ),
        (
            "rule 7: closed on a holiday",
            "team desk in Europe/Stockholm: anna\nhours mon-fri 08:00-17:00\nholiday 2026-03-09",
            "2026-03-06T14:00:00Z",
            4,
        ),
        (
            "rule 7: half a day stands in the windows' place",
            "team desk in UTC: anna\nhours mon-fri 08:00-12:00\nhours mon-fri 12:00-17:00\n\
             holiday 2026-03-09 10:00-11:00",
            "2026-03-08T12:00:00Z",
            2,
        ),
        (
            "rule 7: nor does a half-day open a date without windows",
            "team desk in UTC: anna\nhours mon-fri 08:00-17:00\nholiday 2026-03-08 10:00-11:00",
            "2026-03-07T12:00:00Z",
            1,
        ),
        (
            "windows that overlap count once",
            "team desk in UTC: anna\nhours mon-fri 08:00-14:00\nhours mon-fri 12:00-17:00",
            "2026-03-09T00:00:00Z",
            9,
        ),
    ];
    assert_snapshot!(table(&cases), @r#"
    an ordinary week                                            4 h: Mon 03-09 10:00+01:00  of 3 days:  540 min
    rule 2: a start in the gap begins behind it                 5 h: Sun 03-29 08:00+02:00  of 3 days:  300 min
    rule 2: a doubled start is the first, a doubled end the last  5 h: Sun 10-25 02:00+01:00  of 3 days:  330 min
    rule 3: a night of spring is an hour short                  8 h: Sun 03-08 23:00-04:00  of 3 days: 1380 min
    half an hour's change at Lord Howe                         48 h: Sun 04-05 23:30+10:30  of 3 days: 4320 min
    the day that Samoa skipped                                 10 h: Sat 12-31 11:00+14:00  of 3 days: 1440 min
    midnight does not exist in Beirut                           2 h: Sun 03-29 03:00+03:00  of 3 days:  180 min
    rule 6: a window past midnight belongs to its first date    7 h: Sat 03-07 05:00+00:00  of 3 days:  480 min
    rule 6: `to` equal to `from` is a whole day                24 h: Sun 03-08 09:00+00:00  of 3 days: 1440 min
    rule 7: closed on a holiday                                 4 h: Tue 03-10 10:00+01:00  of 3 days:  120 min
    rule 7: half a day stands in the windows' place             2 h: Tue 03-10 09:00+00:00  of 3 days:  840 min
    rule 7: nor does a half-day open a date without windows     1 h: Mon 03-09 09:00+00:00  of 3 days:  780 min
    windows that overlap count once                             9 h: Mon 03-09 17:00+00:00  of 3 days: 1620 min
    "#);
}

#[test]
fn unknown_hours_are_never_open_and_time_beyond_what_is_compiled_is_compiled_for_the_purpose() {
    let (from, until) = (utc("2026-03-02T00:00:00Z"), utc("2026-03-16T00:00:00Z"));
    let coverage = compiled("team desk in UTC: anna\nhours mon-fri 08:00-17:00", from, until);
    let (desk, gone) = (BusinessHoursId::from("desk"), BusinessHoursId::from("gone"));
    let week = |from: &str| (utc(from), utc(from) + TimeDelta::weeks(1));
    let (monday, sunday) = week("2027-06-07T00:00:00Z");
    assert_eq!(coverage.open_between(&desk, monday, sunday), TimeDelta::hours(45), "never compiled");
    assert_eq!(coverage.after_open(&desk, from, TimeDelta::hours(91)), None, "two weeks have ninety");
    assert_eq!(coverage.open_between(&gone, from, until), TimeDelta::zero());
    assert_eq!(coverage.after_open(&gone, from, TimeDelta::hours(1)), None);
}

#[test]
fn whoever_counts_by_them_hears_of_another_calendar() {
    let (from, until) = (utc("2026-03-02T00:00:00Z"), utc("2026-03-16T00:00:00Z"));
    let hours = "team desk in UTC: anna\nhours mon-fri 08:00-17:00";
    let one = compiled(hours, from, until);
    let other = compiled(&format!("{hours}\nholiday 2026-03-05"), from, until);
    assert!(one.same_business_hours(&one, from));
    assert!(!one.same_business_hours(&other, from));
    assert!(one.same_business_hours(&other, utc("2026-03-06T00:00:00Z")), "what is past moves nothing");
}
