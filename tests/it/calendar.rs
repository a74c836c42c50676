//! Coverage as a calendar, by the real binary, and what a reader that is not ours makes of it.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use crate::cli::run::meridian;
use crate::validators::judge;

const SMALL: &[&str] = &["--schedules", "tests/golden/picture", "--tzdir", "tests/zones/2026f"];

fn calendar(window: &[&str]) -> String {
    let ran = meridian(&[&["coverage", "--format", "ics"], window].concat(), SMALL);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{window:?}");
    ran.stdout
}

fn uids(calendar: &str) -> BTreeSet<String> {
    let unfolded = calendar.replace("\r\n ", "");
    unfolded.lines().filter_map(|line| line.strip_prefix("UID:")).map(str::to_owned).collect()
}

#[test]
fn another_reader_sees_every_stretch_whole() {
    let window = ["--from", "2026-10-23T12:00:00Z", "--to", "2026-10-25T12:00:00Z"];
    assert_snapshot!(judge("events.py", &[], &calendar(&window)), @r#"
    -//Meridian//Coverage//EN 2.0 Nord & Süd <Support>: who is at work
    2026-10-23T06:00+0000 to 2026-10-23T15:00+0000  Anna Lindqvist at work, North  [north/hours/anna/20261023T060000Z@meridian]
    2026-10-23T06:00+0000 to 2026-10-23T15:00+0000  Björn "Bear" Ekdahl at work, North  [north/hours/bjorn/20261023T060000Z@meridian]
    2026-10-23T15:00+0000 to 2026-10-24T08:00+0000  Björn "Bear" Ekdahl on call (primary), North  [north/line/primary/bjorn/20261023T150000Z@meridian]
    2026-10-23T15:00+0000 to 2026-10-24T08:00+0000  </text><script>alert('&')</script> on call (primary), North  [north/line/primary/script/20261023T150000Z@meridian]
    2026-10-24T09:00+0000 to 2026-10-26T07:00+0000  Björn "Bear" Ekdahl on call (primary), North  [north/line/primary/bjorn/20261024T090000Z@meridian]
    2026-10-24T09:00+0000 to 2026-10-26T07:00+0000  </text><script>alert('&')</script> on call (primary), North  [north/line/primary/script/20261024T090000Z@meridian]
    2026-10-23T13:00+0000 to 2026-10-23T21:00+0000  Walt at work, West  [west/hours/walt/20261023T130000Z@meridian]
    2026-10-23T22:00+0000 to 2026-10-24T02:00+0000  Walt on call (primary), West  [west/line/primary/walt/20261023T220000Z@meridian]
    2026-10-24T22:00+0000 to 2026-10-25T02:00+0000  Walt on call (primary), West  [west/line/primary/walt/20261024T220000Z@meridian]
    "#);
}

#[test]
fn events_are_written_as_the_standard_asks() {
    let text =
        calendar(&["--from", "2026-10-20T22:00:00Z", "--to", "2026-10-21T07:00:00Z", "--team", "north"]);
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    assert_snapshot!(text.replace("\r\n", "\n"), @r#"
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//Meridian//Coverage//EN
    METHOD:PUBLISH
    NAME:Nord & Süd <Support>: who is at work
    X-WR-CALNAME:Nord & Süd <Support>: who is at work
    BEGIN:VEVENT
    UID:north/hours/anna/20261021T060000Z@meridian
    DTSTAMP:20261020T220000Z
    DTSTART:20261021T060000Z
    DTEND:20261021T100000Z
    SUMMARY:Anna Lindqvist at work\, North
    DESCRIPTION:Team north\, tier frontline\, region emea. The team's clock: Eu
     rope/Stockholm.
    CATEGORIES:north
    TRANSP:TRANSPARENT
    END:VEVENT
    BEGIN:VEVENT
    UID:north/hours/bjorn/20261021T060000Z@meridian
    DTSTAMP:20261020T220000Z
    DTSTART:20261021T060000Z
    DTEND:20261021T100000Z
    SUMMARY:Björn "Bear" Ekdahl at work\, North
    DESCRIPTION:Team north\, tier frontline\, region emea. The team's clock: Eu
     rope/Stockholm.
    CATEGORIES:north
    TRANSP:TRANSPARENT
    END:VEVENT
    BEGIN:VEVENT
    UID:north/hours/script/20261021T060000Z@meridian
    DTSTAMP:20261020T220000Z
    DTSTART:20261021T060000Z
    DTEND:20261021T100000Z
    SUMMARY:</text><script>alert('&')</script> at work\, North
    DESCRIPTION:Team north\, tier frontline\, region emea. The team's clock: Eu
     rope/Stockholm.
    CATEGORIES:north
    TRANSP:TRANSPARENT
    END:VEVENT
    BEGIN:VEVENT
    UID:north/line/primary/anna/20261020T070000Z@meridian
    DTSTAMP:20261020T220000Z
    DTSTART:20261020T070000Z
    DTEND:20261021T060000Z
    SUMMARY:Anna Lindqvist on call (primary)\, North
    DESCRIPTION:Team north\, tier frontline\, region emea. The team's clock: Eu
     rope/Stockholm.
    CATEGORIES:north
    TRANSP:TRANSPARENT
    END:VEVENT
    END:VCALENDAR
    "#);
}

#[test]
fn the_same_stretch_is_the_same_event_in_every_window_that_touches_it() {
    let first = uids(&calendar(&["--from", "2026-10-19T00:00:00Z", "--to", "2026-10-22T12:00:00Z"]));
    let second = uids(&calendar(&["--from", "2026-10-21T20:00:00Z", "--to", "2026-10-26T00:00:00Z"]));
    let both = uids(&calendar(&["--from", "2026-10-19T00:00:00Z", "--to", "2026-10-26T00:00:00Z"]));
    assert!(first.intersection(&second).count() > 0);
    assert_eq!(first.union(&second).cloned().collect::<BTreeSet<_>>(), both);
}

#[test]
fn an_empty_window_is_still_a_calendar() {
    let text =
        calendar(&["--from", "2026-10-23T00:00:00Z", "--to", "2026-10-24T00:00:00Z", "--tier", "expert"]);
    assert_snapshot!(judge("events.py", &[], &text), @"-//Meridian//Coverage//EN 2.0 Nord & Süd <Support>: who is at work");
}
