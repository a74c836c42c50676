//! Wall clock and instants (section 2, rules 2 and 12), on the tests' own zone files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use meridian::schedule::ZoneName;
use meridian::zone::{Difference, Zone, Zones};

fn folder(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zones").join(version)
}

fn names(names: &[&str]) -> BTreeSet<ZoneName> {
    names.iter().map(|name| ZoneName::from(*name)).collect()
}

/// Every zone among the tests' files.
fn all() -> BTreeSet<ZoneName> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder("2026f")];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder("2026f")).unwrap().to_str().unwrap();
                found.extend((name != "+VERSION").then(|| ZoneName::from(name)));
            }
        }
    }
    assert!(found.len() > 30, "{found:?}");
    found
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
}

/// A line per local time: where a span that starts there starts, and where one that ends there ends.
fn placed(zones: &Zones, name: &str, times: &[&str]) -> String {
    let zone = zones.get(&name.into()).unwrap();
    let shown = |at: DateTime<Utc>| zone.local_with_offset(at).format("%m-%d %H:%M%:z").to_string();
    let line = |time: &&str| {
        let (start, end) = (zone.start(local(time)), zone.end(local(time)));
        format!("{time}  start {}  end {}\n", shown(start), shown(end))
    };
    times.iter().map(line).collect()
}

#[test]
fn a_doubled_time_starts_first_and_ends_last_and_a_missing_one_is_the_end_of_the_gap() {
    let zones = Zones::load(Some(&folder("2026f")), &all()).unwrap();
    let spring = ["2026-03-29T01:59", "2026-03-29T02:00", "2026-03-29T02:30", "2026-03-29T03:00"];
    assert_snapshot!(placed(&zones, "Europe/Stockholm", &spring), @r"
    2026-03-29T01:59  start 03-29 01:59+01:00  end 03-29 01:59+01:00
    2026-03-29T02:00  start 03-29 03:00+02:00  end 03-29 03:00+02:00
    2026-03-29T02:30  start 03-29 03:00+02:00  end 03-29 03:00+02:00
    2026-03-29T03:00  start 03-29 03:00+02:00  end 03-29 03:00+02:00
    ");
    let autumn = ["2026-10-25T01:59", "2026-10-25T02:00", "2026-10-25T02:59", "2026-10-25T03:00"];
    assert_snapshot!(placed(&zones, "Europe/Stockholm", &autumn), @r"
    2026-10-25T01:59  start 10-25 01:59+02:00  end 10-25 01:59+02:00
    2026-10-25T02:00  start 10-25 02:00+02:00  end 10-25 02:00+01:00
    2026-10-25T02:59  start 10-25 02:59+02:00  end 10-25 02:59+01:00
    2026-10-25T03:00  start 10-25 03:00+01:00  end 10-25 03:00+01:00
    ");
    let half_hours = ["2026-04-05T01:29", "2026-04-05T01:30", "2026-04-05T01:59", "2026-04-05T02:00"];
    assert_snapshot!(placed(&zones, "Australia/Lord_Howe", &half_hours), @r"
    2026-04-05T01:29  start 04-05 01:29+11:00  end 04-05 01:29+11:00
    2026-04-05T01:30  start 04-05 01:30+11:00  end 04-05 01:30+10:30
    2026-04-05T01:59  start 04-05 01:59+11:00  end 04-05 01:59+10:30
    2026-04-05T02:00  start 04-05 02:00+10:30  end 04-05 02:00+10:30
    ");
    let no_friday = ["2011-12-29T23:59", "2011-12-30T00:00", "2011-12-30T23:59", "2011-12-31T00:00"];
    assert_snapshot!(placed(&zones, "Pacific/Apia", &no_friday), @r"
    2011-12-29T23:59  start 12-29 23:59-10:00  end 12-29 23:59-10:00
    2011-12-30T00:00  start 12-31 00:00+14:00  end 12-31 00:00+14:00
    2011-12-30T23:59  start 12-31 00:00+14:00  end 12-31 00:00+14:00
    2011-12-31T00:00  start 12-31 00:00+14:00  end 12-31 00:00+14:00
    ");
    let midnight = ["2026-09-05T23:59", "2026-09-06T00:00", "2026-09-06T00:59", "2026-09-06T01:00"];
    assert_snapshot!(placed(&zones, "America/Santiago", &midnight), @r"
    2026-09-05T23:59  start 09-05 23:59-04:00  end 09-05 23:59-04:00
    2026-09-06T00:00  start 09-06 01:00-03:00  end 09-06 01:00-03:00
    2026-09-06T00:59  start 09-06 01:00-03:00  end 09-06 01:00-03:00
    2026-09-06T01:00  start 09-06 01:00-03:00  end 09-06 01:00-03:00
    ");
}

#[test]
fn both_sources_place_every_quarter_of_an_hour_around_clock_changes_alike() {
    let zones = Zones::load(Some(&folder("2025b")), &all()).unwrap();
    let embedded = Zones::default();
    let mut changes = 0;
    for name in all() {
        let (file, table) = (zones.get(&name).unwrap(), embedded.get(&name).unwrap());
        let offset = |zone: &Zone, time: NaiveDateTime| zone.local(time.and_utc()) - time;
        let days = (0..365 * 30).map(|day| local("2000-01-01T00:00") + TimeDelta::days(day));
        for day in days {
            let is_change = |zone| offset(zone, day) != offset(zone, day + TimeDelta::days(1));
            if !is_change(file) && !is_change(table) {
                continue;
            }
            changes += 1;
            for quarter in -100..200 {
                let time = day + TimeDelta::minutes(15 * quarter);
                assert_eq!(file.start(time), table.start(time), "{name} {time}");
                assert_eq!(file.end(time), table.end(time), "{name} {time}");
                assert_eq!(offset(file, time), offset(table, time), "{name} {time}");
            }
        }
    }
    assert!(changes > 1000, "only {changes} clock changes were met");
}

#[test]
fn no_zone_panics_at_the_edges_of_the_calendar() {
    let zones = Zones::load(Some(&folder("2026f")), &all()).unwrap();
    let embedded = Zones::default();
    let edges =
        [NaiveDateTime::MIN, NaiveDateTime::MAX, local("0001-01-01T00:00"), local("9999-12-31T23:59")];
    let around = |edge: NaiveDateTime| {
        let days = |days| edge.checked_add_signed(TimeDelta::days(days));
        [days(-2), days(-1), Some(edge), days(1), days(2)].into_iter().flatten()
    };
    for zone in all().iter().flat_map(|name| [zones.get(name).unwrap(), embedded.get(name).unwrap()]) {
        for time in edges.into_iter().flat_map(around) {
            let (start, end) = (zone.start(time), zone.end(time));
            assert!(start <= end, "{time}");
            assert!((start.naive_utc() - time).abs() <= TimeDelta::days(1), "{time} {start}");
            assert!((zone.local(time.and_utc()) - time).abs() <= TimeDelta::days(1), "{time}");
            assert!(!zone.local_with_offset(time.and_utc()).to_rfc3339().is_empty());
        }
    }
}

#[test]
fn a_span_never_ends_before_it_starts_and_starts_keep_their_order() {
    let zones = Zones::load(Some(&folder("2026f")), &all()).unwrap();
    let in_order = |zone: &Zone, place: fn(&Zone, NaiveDateTime) -> DateTime<Utc>| {
        let minutes =
            (0..730 * 96).map(|quarter| local("2026-01-01T00:00") + TimeDelta::minutes(15 * quarter));
        minutes.map(|time| place(zone, time)).is_sorted()
    };
    for name in all() {
        let zone = zones.get(&name).unwrap();
        assert!(in_order(zone, Zone::start) && in_order(zone, Zone::end), "{name}");
    }
}

#[test]
fn the_folder_is_read_with_its_version_and_the_embedded_tables_stand_behind_it() {
    let zones =
        Zones::load(Some(&folder("2026f")), &names(&["Europe/Stockholm", "Europe/Helsinki", "Mars/Base"]));
    let zones = zones.unwrap();
    assert_eq!(zones.version.as_deref(), Some("2026f"));
    assert_eq!(zones.tzif.keys().map(ZoneName::as_str).collect::<Vec<_>>(), ["Europe/Stockholm"]);
    assert!(zones.get(&"Europe/Helsinki".into()).is_some(), "not in the folder, yet embedded");
    assert!(zones.get(&"Mars/Base".into()).is_none());
}

#[test]
fn the_version_is_read_from_tzdata_zi_as_systems_have_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tzdata.zi"), "# version 2031c\nR d 1916 o - Jun 14 23s 1 S\n")
        .unwrap();
    let zones = Zones::load(Some(folder.path()), &BTreeSet::new()).unwrap();
    assert_eq!(zones.version.as_deref(), Some("2031c"));
}

#[test]
fn what_a_revision_kept_gives_the_same_zones() {
    let zones = Zones::load(Some(&folder("2026f")), &names(&["America/Vancouver"])).unwrap();
    let kept = Zones::from_tzif(zones.version.clone(), zones.tzif.clone()).unwrap();
    let winter = local("2026-12-01T09:00");
    let (vancouver, fresh) = ("America/Vancouver".into(), zones.get(&"America/Vancouver".into()).unwrap());
    assert_eq!(kept.get(&vancouver).unwrap().start(winter), fresh.start(winter));
    assert_eq!(fresh.start(winter).to_rfc3339(), "2026-12-01T16:00:00+00:00");
    let embedded = Zones::default();
    assert_eq!(embedded.get(&vancouver).unwrap().start(winter).to_rfc3339(), "2026-12-01T17:00:00+00:00");
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let outer = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(folder("2026f").join("Asia/Tokyo")).unwrap();
    let inner = outer.path().join("zones");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(outer.path().join("Secret"), &bytes).unwrap();
    std::fs::write(inner.join("localtime"), &bytes).unwrap();
    std::fs::write(inner.join("list.tab"), "not a zone").unwrap();
    std::fs::write(inner.join("words"), "not a zone").unwrap();
    let absolute = outer.path().join("Secret").to_str().unwrap().to_owned();
    let bad =
        ["../Secret", "Asia/../../Secret", "./words", "localtime", "list.tab", "words", "", "/", &absolute];
    let zones = Zones::load(Some(&inner), &names(&bad)).unwrap();
    assert_eq!(zones.tzif.len(), 0, "{:?}", zones.tzif.keys());
    assert!(bad.iter().all(|name| zones.get(&ZoneName::from(*name)).is_none()));
}

#[test]
fn a_folder_that_is_not_there_and_kept_data_that_is_broken_are_errors_that_help() {
    let missing = Zones::load(Some(Path::new("no/such/folder")), &all()).unwrap_err();
    assert_snapshot!(missing, @"no folder no/such/folder: name one that holds time zone files (--tzdir, else the variable TZDIR), or none for the system's");
    let broken = BTreeMap::from([("Broken".into(), b"TZif2 and then nothing of use"[..].into())]);
    let said = format!("{:#}", Zones::from_tzif(None, broken).unwrap_err());
    assert!(said.starts_with("the data of time zone Broken cannot be read: "), "{said}");
}

#[test]
fn a_zone_file_that_cannot_be_read_is_said_and_the_embedded_tables_stand_in() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("Europe")).unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("Europe/Paris", b"TZif2 and then nothing of use");
    write("Europe/Oslo", b"");
    write("Nowhere", b"TZif2 and then nothing of use");
    let zones =
        Zones::load(Some(folder.path()), &names(&["Europe/Paris", "Europe/Oslo", "Nowhere"])).unwrap();
    let said: Vec<&str> = zones.unreadable.keys().map(ZoneName::as_str).collect();
    assert_eq!(said, ["Europe/Oslo", "Europe/Paris"]);
    assert!(said.iter().all(|name| zones.get(&ZoneName::from(*name)).is_some()));
    assert!(zones.get(&ZoneName::from("Nowhere")).is_none());
    assert!(zones.unreadable[&ZoneName::from("Europe/Oslo")].ends_with("Oslo does not start with TZif"));
}

#[test]
fn zones_that_differ_from_the_embedded_tables_are_told_with_the_first_instant() {
    let zones = Zones::load(Some(&folder("2026f")), &all()).unwrap();
    let (from, until) = (utc("2026-11-22T00:00:00Z"), utc("2027-11-22T00:00:00Z"));
    let differences = zones.differences_from(&Zones::default(), &all(), from, until);
    let mut lines = String::new();
    for Difference { zone, stretches } in &differences {
        for stretch in stretches {
            let until = stretch.until.format("%Y-%m-%d %H:%MZ");
            let (in_use, other, minutes) = (stretch.in_use, stretch.other, stretch.minutes);
            writeln!(lines, "{zone} {in_use} not {other} ({minutes:+} min) until {until}").unwrap();
        }
    }
    assert_snapshot!(lines, @r#"
    Africa/Casablanca 2026-11-22 00:00:00 +00:00 not 2026-11-22 01:00:00 +01:00 (-60 min) until 2027-02-07 02:00Z
    Africa/Casablanca 2027-03-14 02:00:00 +00:00 not 2027-03-14 03:00:00 +01:00 (-60 min) until 2027-11-22 00:00Z
    America/Edmonton 2026-11-21 18:00:00 -06:00 not 2026-11-21 17:00:00 -07:00 (+60 min) until 2027-03-14 09:00Z
    America/Edmonton 2027-11-07 02:00:00 -06:00 not 2027-11-07 01:00:00 -07:00 (+60 min) until 2027-11-22 00:00Z
    America/Havana 2026-11-21 20:00:00 -04:00 not 2026-11-21 19:00:00 -05:00 (+60 min) until 2027-03-14 05:00Z
    America/Vancouver 2026-11-21 17:00:00 -07:00 not 2026-11-21 16:00:00 -08:00 (+60 min) until 2027-03-14 10:00Z
    America/Vancouver 2027-11-07 02:00:00 -07:00 not 2027-11-07 01:00:00 -08:00 (+60 min) until 2027-11-22 00:00Z
    America/Winnipeg 2026-11-21 19:00:00 -05:00 not 2026-11-21 18:00:00 -06:00 (+60 min) until 2027-03-14 08:00Z
    America/Winnipeg 2027-11-07 02:00:00 -05:00 not 2027-11-07 01:00:00 -06:00 (+60 min) until 2027-11-22 00:00Z
    Europe/Chisinau 2027-03-28 02:00:00 +02:00 not 2027-03-28 03:00:00 +03:00 (-60 min) until 2027-03-28 01:00Z
    Europe/Chisinau 2027-10-31 03:00:00 +03:00 not 2027-10-31 02:00:00 +02:00 (+60 min) until 2027-10-31 01:00Z
    "#);
    let old = Zones::load(Some(&folder("2025b")), &all()).unwrap();
    let (from, until) = (utc("2024-01-01T00:00:00Z"), utc("2030-01-01T00:00:00Z"));
    assert_eq!(old.differences_from(&Zones::default(), &all(), from, until), []);
    assert_eq!(zones.differences_from(&zones, &all(), from, until), []);
}
