//! The hours at which people are reached keep the rules of time, on the clock by which each of them lives.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use meridian::coverage::{Coverage, unreached};
use meridian::schedule::{PersonId, Purpose};
use meridian::zone::Zone;

use crate::coverage::words::utc;
use crate::desk::play;

/// A team of one, `anna`, who is on call at any hour and reached as `contact` says.
fn organisation(zone: &str, contact: &str) -> String {
    format!(
        r#"
[org]
tiers = ["frontline"]
policy = "standard"
[regions.world]
timezone = "UTC"
[teams.desk]
region = "world"
tier = "frontline"
timezone = "UTC"
members = ["anna"]
[[teams.desk.rotations]]
name = "always"
starts = 2020-01-06T00:00:00
every = "week"
members = ["anna"]
[people.anna]
timezone = "{zone}"
contact = {contact}
[policies.standard]
steps = [{{ tier = "frontline", call = ["primary"] }}]
"#
    )
}

fn compiled(zone: &str, contact: &str, from: DateTime<Utc>) -> Arc<Coverage> {
    play::coverage(&organisation(zone, contact), from)
}

fn anna() -> PersonId {
    PersonId::new("anna")
}

/// When the only way opens and closes, on its own clock, for so many days from `from` on.
fn openings(zone: &str, between: &str, from: &str, days: i64) -> String {
    let from = utc(from);
    let coverage = compiled(zone, &format!("[{{ via = \"voice\", between = {between} }}]"), from);
    let clock: &Zone = coverage.zones.get(coverage.organisation.zone_of(&anna()).unwrap()).unwrap();
    let is_open = |at| !coverage.ways(&anna(), Purpose::Page, at).is_empty();
    let (mut at, mut was, mut told) = (from, is_open(from), Vec::new());
    while let Some(next) = coverage.same_ways_until(at).filter(|next| *next < from + TimeDelta::days(days)) {
        (at, was) = match is_open(next) {
            open if open == was => (next, was),
            open => {
                // Half-open, to the millisecond.
                assert_eq!(is_open(next - TimeDelta::milliseconds(1)), was);
                let word = if open { "opens" } else { "closes" };
                let (there, here) = (clock.local_with_offset(next), next.format("%a %H:%MZ"));
                told.push(format!("{word} {} = {here}", there.format("%a %H:%M%:z")));
                (next, open)
            }
        };
    }
    told.join(", ")
}

#[test]
fn a_way_is_open_by_the_rules_of_time_on_the_persons_own_clock() {
    let cases = [
        ("past midnight", "Europe/Stockholm", "2026-03-02T12:00:00Z", r#"["22:00", "07:00"]"#),
        ("until midnight", "Europe/Stockholm", "2026-03-02T12:00:00Z", r#"["18:00", "24:00"]"#),
        ("all day", "Europe/Stockholm", "2026-03-02T12:00:00Z", r#"["08:00", "08:00"]"#),
        ("a night of spring", "Europe/Stockholm", "2026-03-28T12:00:00Z", r#"["22:00", "07:00"]"#),
        ("a start in the gap", "Europe/Stockholm", "2026-03-28T12:00:00Z", r#"["02:30", "07:00"]"#),
        ("nothing but the gap", "Europe/Stockholm", "2026-03-28T12:00:00Z", r#"["02:00", "03:00"]"#),
        ("a doubled start", "Europe/Stockholm", "2026-10-24T12:00:00Z", r#"["02:30", "07:00"]"#),
        ("a doubled end", "Europe/Stockholm", "2026-10-24T12:00:00Z", r#"["22:00", "02:30"]"#),
        ("half an hour back", "Australia/Lord_Howe", "2026-04-04T06:00:00Z", r#"["22:00", "01:45"]"#),
        ("half an hour ahead", "Australia/Lord_Howe", "2026-10-03T06:00:00Z", r#"["02:15", "07:00"]"#),
        ("a quarter past", "Pacific/Chatham", "2026-09-26T00:00:00Z", r#"["22:00", "03:00"]"#),
        ("Ramadan begins", "Africa/Casablanca", "2026-02-14T12:00:00Z", r#"["22:00", "02:30"]"#),
        ("Ramadan ends", "Africa/Casablanca", "2026-03-21T12:00:00Z", r#"["22:00", "02:30"]"#),
        ("the skipped day", "Pacific/Apia", "2011-12-29T00:00:00Z", r#"["22:00", "07:00"]"#),
        ("no midnight", "Asia/Beirut", "2026-03-28T12:00:00Z", r#"["00:00", "04:00"]"#),
    ];
    let line = |(name, zone, from, between): &(&str, &str, &str, &str)| {
        format!("{name}: {zone} {between}\n    {}\n", openings(zone, between, from, 2))
    };
    assert_snapshot!(cases.iter().map(line).collect::<String>(), @r#"
    past midnight: Europe/Stockholm ["22:00", "07:00"]
        opens Mon 22:00+01:00 = Mon 21:00Z, closes Tue 07:00+01:00 = Tue 06:00Z, opens Tue 22:00+01:00 = Tue 21:00Z, closes Wed 07:00+01:00 = Wed 06:00Z
    until midnight: Europe/Stockholm ["18:00", "24:00"]
        opens Mon 18:00+01:00 = Mon 17:00Z, closes Tue 00:00+01:00 = Mon 23:00Z, opens Tue 18:00+01:00 = Tue 17:00Z, closes Wed 00:00+01:00 = Tue 23:00Z
    all day: Europe/Stockholm ["08:00", "08:00"]
        
    a night of spring: Europe/Stockholm ["22:00", "07:00"]
        opens Sat 22:00+01:00 = Sat 21:00Z, closes Sun 07:00+02:00 = Sun 05:00Z, opens Sun 22:00+02:00 = Sun 20:00Z, closes Mon 07:00+02:00 = Mon 05:00Z
    a start in the gap: Europe/Stockholm ["02:30", "07:00"]
        opens Sun 03:00+02:00 = Sun 01:00Z, closes Sun 07:00+02:00 = Sun 05:00Z, opens Mon 02:30+02:00 = Mon 00:30Z, closes Mon 07:00+02:00 = Mon 05:00Z
    nothing but the gap: Europe/Stockholm ["02:00", "03:00"]
        opens Mon 02:00+02:00 = Mon 00:00Z, closes Mon 03:00+02:00 = Mon 01:00Z
    a doubled start: Europe/Stockholm ["02:30", "07:00"]
        opens Sun 02:30+02:00 = Sun 00:30Z, closes Sun 07:00+01:00 = Sun 06:00Z, opens Mon 02:30+01:00 = Mon 01:30Z, closes Mon 07:00+01:00 = Mon 06:00Z
    a doubled end: Europe/Stockholm ["22:00", "02:30"]
        opens Sat 22:00+02:00 = Sat 20:00Z, closes Sun 02:30+01:00 = Sun 01:30Z, opens Sun 22:00+01:00 = Sun 21:00Z, closes Mon 02:30+01:00 = Mon 01:30Z
    half an hour back: Australia/Lord_Howe ["22:00", "01:45"]
        opens Sat 22:00+11:00 = Sat 11:00Z, closes Sun 01:45+10:30 = Sat 15:15Z, opens Sun 22:00+10:30 = Sun 11:30Z, closes Mon 01:45+10:30 = Sun 15:15Z
    half an hour ahead: Australia/Lord_Howe ["02:15", "07:00"]
        opens Sun 02:30+11:00 = Sat 15:30Z, closes Sun 07:00+11:00 = Sat 20:00Z, opens Mon 02:15+11:00 = Sun 15:15Z, closes Mon 07:00+11:00 = Sun 20:00Z
    a quarter past: Pacific/Chatham ["22:00", "03:00"]
        opens Sat 22:00+12:45 = Sat 09:15Z, closes Sun 03:45+13:45 = Sat 14:00Z, opens Sun 22:00+13:45 = Sun 08:15Z, closes Mon 03:00+13:45 = Sun 13:15Z
    Ramadan begins: Africa/Casablanca ["22:00", "02:30"]
        opens Sat 22:00+01:00 = Sat 21:00Z, closes Sun 02:30+00:00 = Sun 02:30Z, opens Sun 22:00+00:00 = Sun 22:00Z, closes Mon 02:30+00:00 = Mon 02:30Z
    Ramadan ends: Africa/Casablanca ["22:00", "02:30"]
        opens Sat 22:00+00:00 = Sat 22:00Z, closes Sun 03:00+01:00 = Sun 02:00Z, opens Sun 22:00+01:00 = Sun 21:00Z, closes Mon 02:30+01:00 = Mon 01:30Z
    the skipped day: Pacific/Apia ["22:00", "07:00"]
        opens Wed 22:00-10:00 = Thu 08:00Z, closes Thu 07:00-10:00 = Thu 17:00Z, opens Thu 22:00-10:00 = Fri 08:00Z, closes Sat 07:00+14:00 = Fri 17:00Z
    no midnight: Asia/Beirut ["00:00", "04:00"]
        opens Sun 01:00+03:00 = Sat 22:00Z, closes Sun 04:00+03:00 = Sun 01:00Z, opens Mon 00:00+03:00 = Sun 21:00Z, closes Mon 04:00+03:00 = Mon 01:00Z
    "#);
}

#[test]
fn away_from_clock_changes_a_way_is_open_when_the_clock_says_so() {
    let zones =
        ["Europe/Stockholm", "Australia/Lord_Howe", "Pacific/Chatham", "Africa/Casablanca", "Asia/Kolkata"];
    let windows =
        [("22:00", "07:00", 1_320, 420), ("07:15", "21:50", 435, 1_310), ("00:00", "24:00", 0, 1_440)];
    let from = utc("2026-03-01T00:00:00Z");
    for zone in zones {
        for (since, to, opens, closes) in windows {
            let way = format!("[{{ via = \"voice\", between = [\"{since}\", \"{to}\"] }}]");
            let coverage = compiled(zone, &way, from);
            let clock = coverage.zones.get(coverage.organisation.zone_of(&anna()).unwrap()).unwrap();
            for step in 0..2_000 {
                let at = from + TimeDelta::minutes(61 * step);
                let (before, after) = (at - TimeDelta::days(1), at + TimeDelta::days(1));
                if clock.offset(before) != clock.offset(after) {
                    continue;
                }
                let minute = (clock.local(at).time() - chrono::NaiveTime::MIN).num_minutes();
                let expected = match opens < closes {
                    true => opens <= minute && minute < closes,
                    false => minute >= opens || minute < closes,
                };
                let open = !coverage.ways(&anna(), Purpose::Page, at).is_empty();
                assert_eq!(open, expected, "{zone} {since}-{to} at {at}");
            }
        }
    }
}

/// By what a page, an offer and a word for information go out that are made at `at`: `+5m voice`.
fn ways(contact: &str, at: &str) -> String {
    let at = utc(at);
    let coverage = compiled("Europe/Stockholm", contact, at);
    let asked = |purpose| {
        let stages = coverage.stages(&anna(), purpose, at);
        let stage = |after: TimeDelta| {
            let ways = coverage.ways_of_stage(&anna(), purpose, at, after).join(", ");
            format!("+{}m {ways}", after.num_minutes())
        };
        let stages: Vec<String> = stages.into_iter().map(stage).collect();
        if stages.is_empty() { "nobody".to_owned() } else { stages.join("; ") }
    };
    let told = coverage.ways(&anna(), Purpose::All, at).join(", ");
    format!("page {} | offer {} | told {told}", asked(Purpose::Page), asked(Purpose::Offer))
}

#[test]
fn ways_are_for_what_they_are_written_for_in_stages() {
    let practice = r#"["mail", "chat", { via = "push", for = "page" },
        { via = "voice", for = "page", after = "5m", between = ["22:00", "07:00"] }]"#;
    let late = r#"["mail", { via = "sms", for = "offer", after = "10m" }, { via = "voice", for = "page", after = "3m" }]"#;
    let night = r#"[{ via = "voice", for = "page", between = ["22:00", "07:00"] }, "mail"]"#;
    let cases = [
        ("by day", practice, "2026-03-02T12:00:00Z"),
        ("by night", practice, "2026-03-02T22:00:00Z"),
        ("the hour counts at which it goes out", practice, "2026-03-02T20:56:00Z"),
        ("three stages", late, "2026-03-02T12:00:00Z"),
        ("voice comes first at night", night, "2026-03-02T22:00:00Z"),
        ("by day it is not there", night, "2026-03-02T12:00:00Z"),
        (
            "the log wakes nobody",
            r#"["log", { via = "voice", for = "page", after = "5m" }]"#,
            "2026-03-02T12:00:00Z",
        ),
        ("the log alone", r#"["log"]"#, "2026-03-02T12:00:00Z"),
        ("nobody by day", r#"[{ via = "voice", between = ["22:00", "07:00"] }]"#, "2026-03-02T12:00:00Z"),
        ("nothing written", "[]", "2026-03-02T12:00:00Z"),
    ];
    let line = |(name, contact, at): &(&str, &str, &str)| format!("{name}: {}\n", ways(contact, at));
    assert_snapshot!(cases.iter().map(line).collect::<String>(), @r#"
    by day: page +0m mail, chat, push | offer +0m mail, chat | told mail, chat
    by night: page +0m mail, chat, push; +5m voice | offer +0m mail, chat | told mail, chat
    the hour counts at which it goes out: page +0m mail, chat, push; +5m voice | offer +0m mail, chat | told mail, chat
    three stages: page +0m mail; +3m voice; +10m sms | offer +0m mail; +10m sms | told mail
    voice comes first at night: page +0m voice, mail | offer +0m mail | told mail
    by day it is not there: page +0m mail | offer +0m mail | told mail
    the log wakes nobody: page +5m voice | offer +0m log | told log
    the log alone: page +0m log | offer +0m log | told log
    nobody by day: page nobody | offer nobody | told 
    nothing written: page nobody | offer nobody | told
    "#);
}

#[test]
fn whoever_is_on_call_and_cannot_be_reached_is_found_with_the_first_such_hour() {
    let from = utc("2026-03-27T12:00:00Z");
    let found = |contact: &str| {
        let coverage = compiled("Europe/Stockholm", contact, from);
        let told = unreached(&coverage, from, from + TimeDelta::days(30)).into_iter().map(|one| {
            format!(
                "{} on {} from {} ({} there) until {}",
                one.person,
                one.line,
                one.from,
                one.local_time.format("%H:%M"),
                one.until
            )
        });
        told.collect::<Vec<_>>().join("; ")
    };
    let cases = [
        r#"["mail"]"#,
        r#"[{ via = "voice", between = ["22:00", "07:00"] }]"#,
        r#"[{ via = "voice", between = ["22:00", "07:00"] }, { via = "push", between = ["07:00", "22:00"] }]"#,
        r#"[{ via = "voice", between = ["22:00", "07:00"] }, { via = "push", between = ["07:00", "21:30"] }]"#,
        r#"[{ via = "voice", between = ["22:00", "07:00"], after = "5m" }, { via = "push", between = ["07:00", "22:00"] }]"#,
        r#"["log", { via = "voice", between = ["22:00", "07:00"] }]"#,
        "[]",
    ];
    let line = |contact: &&str| format!("{contact}\n    {}\n", found(contact));
    assert_snapshot!(cases.iter().map(line).collect::<String>(), @r#"
    ["mail"]
        
    [{ via = "voice", between = ["22:00", "07:00"] }]
        anna on primary from 2026-03-27 12:00:00 UTC (13:00 there) until 2026-03-27 21:00:00 UTC
    [{ via = "voice", between = ["22:00", "07:00"] }, { via = "push", between = ["07:00", "22:00"] }]
        
    [{ via = "voice", between = ["22:00", "07:00"] }, { via = "push", between = ["07:00", "21:30"] }]
        anna on primary from 2026-03-27 20:30:00 UTC (21:30 there) until 2026-03-27 21:00:00 UTC
    [{ via = "voice", between = ["22:00", "07:00"], after = "5m" }, { via = "push", between = ["07:00", "22:00"] }]
        anna on primary from 2026-03-28 05:55:00 UTC (06:55 there) until 2026-03-28 06:00:00 UTC
    ["log", { via = "voice", between = ["22:00", "07:00"] }]
        anna on primary from 2026-03-27 12:00:00 UTC (13:00 there) until 2026-03-27 21:00:00 UTC
    []
    "#);
}
