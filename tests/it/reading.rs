//! What depends on the zone data: changes that take up no time, and a folder older than the embedded tables. And files
//! that are replaced while they are read.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use meridian::engine::{Reading, Source};
use meridian::schedule::render;
use tempfile::TempDir;

use super::cli::run::meridian_with;

const ORG: &str = r#"
[org]
tiers = ["frontline"]
policy = "standard"
[regions.emea]
timezone = "Europe/Stockholm"
[regions.apac]
timezone = "Australia/Lord_Howe"
[teams.north]
region = "emea"
tier = "frontline"
members = ["anna", "bjorn"]
hours = [{ from = "00:00", to = "24:00" }]
rotations = [{ starts = 2026-01-05T09:00:00, every = "week", members = ["anna"] }]
[teams.south]
region = "apac"
tier = "frontline"
members = ["bjorn"]
[people.anna]
[people.bjorn]
[policies.standard]
steps = [{ tier = "frontline", call = ["primary"] }]
"#;

fn zones(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zones").join(version)
}

/// The problems of the organisation above with these changes.
fn problems(changes: &str, now: &str) -> String {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("org.toml"), ORG).unwrap();
    fs::write(folder.path().join("x.toml"), changes).unwrap();
    let source = Source::now(folder.path(), Some(&zones("2026f")));
    let now: DateTime<Utc> = now.parse().unwrap();
    let Reading { files, checked, .. } = source.read(now, now + TimeDelta::days(366)).unwrap();
    render(&checked.problems, &files, false)
}

#[test]
fn leave_and_overrides_that_take_up_no_time_are_warned_of() {
    let changes = r#"
[[leave]] # from the second half past two, to the first quarter to three
person = "anna"
from = 2026-10-25T02:30:00
to = 2026-10-25T02:45:00

[[leave]] # as above, with offsets: an hour and a quarter
person = "anna"
from = 2026-10-25T02:30:00+02:00
to = 2026-10-25T02:45:00+01:00

[[leave]] # the clock jumps over it
person = "bjorn"
from = 2027-03-28T02:10:00
to = 2027-03-28T02:50:00

[[leave]] # half an hour at Lord Howe is repeated
person = "bjorn"
from = 2027-04-04T01:30:00
to = 2027-04-04T01:45:00

[[overrides]]
team = "north"
from = 2027-03-28T02:00:00
to = 2027-03-28T03:00:00
add = ["anna"]

[[overrides]] # an hour too early: it is winter
team = "north"
from = 2026-12-24T10:00:00
to = 2026-12-24T10:30:00+02:00
only = ["bjorn"]

[[overrides]] # doubled hours are read as long as can be
team = "north"
from = 2026-10-25T02:30:00
to = 2026-10-25T02:31:00
only = ["bjorn"]
"#;
    let found = problems(changes, "2026-10-01T00:00:00Z");
    let heads: Vec<&str> =
        found.lines().filter(|line| line.starts_with("warning") || line.contains("-->")).collect();
    assert_snapshot!(heads.join("\n"), @r#"
    warning[leave-empty]: this leave of anna takes up no time on the clock of Europe/Stockholm
     --> x.toml:2:1
    warning[leave-empty]: this leave of bjorn takes up no time on the clock of Europe/Stockholm
      --> x.toml:12:1
    warning[leave-empty]: this leave of bjorn takes up no time on the clock of Australia/Lord_Howe
      --> x.toml:17:1
    warning[override-empty]: this override takes up no time on the clock of Europe/Stockholm
      --> x.toml:22:1
    warning[override-empty]: this override takes up no time on the clock of Europe/Stockholm
      --> x.toml:28:1
    "#);
    let over = problems(changes, "2027-04-05T00:00:00Z");
    assert!(over.contains("leave-over") && !over.contains("-empty"), "{over}");
}

#[test]
fn a_language_that_nobody_of_the_tier_speaks_is_said_once_beside_the_holes() {
    let requirement = |languages: &str, more: &str| {
        let requirement = format!(
            "requirements = [{{ name = \"promised\", tier = \"frontline\", languages = {languages}, when = \"always\" }}]\n"
        );
        problems(&format!("{requirement}{more}"), "2026-01-01T00:00:00Z")
    };
    assert_snapshot!(requirement("[\"pl\", \"en\"]", ""), @r#"
    warning[nobody-speaks]: nobody of frontline speaks "pl", so "promised" cannot be kept
     --> x.toml:1:17
      |
    1 | requirements = [{ name = "promised", tier = "frontline", languages = ["pl", "en"], when = "always" }]
      |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: add it to the `languages` of somebody who does, or take it out here
    "#);
    let celine = "[people.celine]\nlanguages = [\"pt-BR\", \"pl\"]\n";
    assert_snapshot!(requirement("[\"pt-BT\"]", celine), @r#"
    warning[person-without-work]: "celine" is in no team, rotation, override or subscription
     --> x.toml:2:9
      |
    2 | [people.celine]
      |         ^^^^^^
      |
      = help: add them to the `members` of a team, or take them out

    warning[nobody-speaks]: nobody of frontline speaks "pt-BT", so "promised" cannot be kept
     --> x.toml:1:17
      |
    1 | requirements = [{ name = "promised", tier = "frontline", languages = ["pt-BT"], when = "always" }]
      |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `pt-BR`?
    "#);
    // Somebody who only stands in now and then counts: when is for the proof to say.
    let celine = format!(
        "{celine}[[overrides]]\nteam = \"south\"\nfrom = 2026-02-01\nto = 2026-02-02\nadd = [\"celine\"]\n"
    );
    assert_snapshot!(requirement("[\"pl\"]", &celine), @r#"
    warning[no-hours-to-change]: "south" has no hours, and without a `line` nobody is added to its lines
     --> x.toml:8:8
      |
    8 | add = ["celine"]
      |        ^^^^^^^^
      |
      = help: add `line`, with the line on which they are to serve
    "#);
}

/// A folder with one zone, of this version.
fn folder_of(version: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("Europe")).unwrap();
    // The clock of New York, so that one sees where Stockholm's comes from.
    let bytes = fs::read(zones("2025b").join("America/New_York")).unwrap();
    fs::write(folder.path().join("Europe/Stockholm"), bytes).unwrap();
    fs::write(folder.path().join("+VERSION"), version).unwrap();
    folder
}

#[test]
fn a_folder_older_than_the_embedded_tables_is_used_only_when_asked_for() {
    let who = ["who", "--schedules", "tests/golden/small", "--at", "2026-12-01T12:00:00Z", "--json"];
    let local_time = |folder: &TempDir, asked: bool| {
        let folder = folder.path().to_str().unwrap();
        let ran = match asked {
            true => meridian_with(&[], &[&who[..], &["--tzdir", folder]].concat()),
            false => meridian_with(&[("TZDIR", folder)], &who),
        };
        let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        answer["teams"][0]["local_time"].as_str().unwrap().to_owned()
    };
    let (old, new) = (folder_of("2024a"), folder_of("2026f"));
    assert_eq!(local_time(&old, false), "2026-12-01T13:00:00+01:00");
    assert_eq!(local_time(&old, true), "2026-12-01T07:00:00-05:00");
    assert_eq!(local_time(&new, false), "2026-12-01T07:00:00-05:00");
    assert_eq!(local_time(&folder_of("of my own"), false), "2026-12-01T07:00:00-05:00");
}

#[test]
fn check_says_that_the_systems_zone_data_is_older() {
    let folder = folder_of("2024a");
    let tzdir = [("TZDIR", folder.path().to_str().unwrap())];
    let check = ["check", "tests/golden/small", "--from", "2026-03-01T00:00:00Z"];
    assert_snapshot!(meridian_with(&tzdir, &check), @r#"
    From Sun 2026-03-01 00:00Z to Mon 2027-03-01 00:00Z

    No requirement is written, so nothing is proved ([[requirements]]).

    1 warning in 1 file beneath tests/golden/small
    zone data: 2025b embedded in use, 2024a of the system set aside
    --- stderr
    warning[zone-data-older]: the system's time zone data is of 2024a, so the embedded tables of 2025b are in use
     |
     = help: update the system's tzdata; --tzdir names a folder that is used whatever its version

    --- exit 0
    "#);
}

/// Each set fits each other: half of one and half of another is a set without an error.
fn write_set(folder: &Path, mark: &str) {
    fs::create_dir(folder).unwrap();
    for number in 0..40 {
        fs::write(folder.join(format!("{number}.toml")), format!("[people.p{number}]\nname = \"{mark}\"\n"))
            .unwrap();
    }
}

#[test]
fn a_folder_that_was_replaced_while_it_was_read_gave_half_of_one_set_and_half_of_another() {
    let folder = TempDir::new().unwrap();
    let [schedules, new, old] = ["schedules", "new", "old"].map(|name| folder.path().join(name));
    write_set(&schedules, "one");
    let swapping = std::thread::spawn({
        let schedules = schedules.clone();
        move || {
            for round in 0..150 {
                write_set(&new, if round % 2 == 0 { "two" } else { "one" });
                fs::rename(&schedules, &old).unwrap();
                fs::rename(&new, &schedules).unwrap();
                fs::remove_dir_all(&old).unwrap();
            }
        }
    });
    let mut read = 0;
    while !swapping.is_finished() || read == 0 {
        // For an instant there is no folder; that is said, and no set.
        let Ok(files) = meridian::schedule::load(&schedules) else { continue };
        read += 1;
        let marks: std::collections::BTreeSet<&str> =
            files.values().map(|text| text.lines().nth(1).unwrap_or("half a file")).collect();
        assert_eq!((files.len(), marks.len()), (40, 1), "a mixture: {marks:?}");
    }
    swapping.join().unwrap();
}

#[test]
fn check_names_who_could_not_be_paged_and_the_hour() {
    let folder = TempDir::new().unwrap();
    let anna = "[people.anna]\ncontact = [\"log\", { via = \"voice\", for = \"page\", between = [\"07:00\", \"02:30\"] }]";
    fs::write(folder.path().join("org.toml"), ORG.replace("[people.anna]", anna)).unwrap();
    let path = folder.path().to_str().unwrap();
    let zones = zones("2026f");
    let check =
        ["check", path, "--tzdir", zones.to_str().unwrap(), "--from", "2026-03-28T12:00:00Z", "--json"];
    let answer: serde_json::Value = serde_json::from_str(&meridian_with(&[], &check).stdout).unwrap();
    let mut warned = answer["problems"].as_array().unwrap().iter();
    let warned = warned.find(|problem| problem["code"] == "page-reaches-nobody").unwrap();
    // 02:30 does not exist in that night: the way closes at 03:00, where the gap ends.
    assert_snapshot!(
        format!("{}:{}: {}\n{}", warned["line"], warned["column"], warned["message"], answer["unreached"][0]),
        @r#"
    20:12: "a page to anna at Sun 2026-03-29 01:00Z (03:00 there) would reach nobody: they are on call (primary of north), and no way to them is open"
    {"from":"2026-03-29T01:00:00Z","line":"primary","local_time":"2026-03-29T03:00:00+02:00","person":"anna","team":"north","until":"2026-03-29T05:00:00Z"}
    "#
    );
}
