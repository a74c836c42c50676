//! The command line as its users meet it: the real binary, its two outputs, its exit code.

mod examples;
mod privacy;
mod report;
pub mod run;
mod terminal;
use run::{Ran, meridian, meridian_with};

use insta::assert_snapshot;

/// As of when `check` is asked, so that its answer does not age.
const FROM: &str = "2026-03-01T00:00:00Z";

const SAMPLE: &[&str] = &["--schedules", "tests/golden/sample", "--tzdir", "tests/zones/2026f"];

#[test]
fn who_answers_in_the_fixed_shape() {
    let ran =
        meridian(&["who", "--at", "2026-03-29T00:30:00Z", "--team", "emea-frontline", "--json"], SAMPLE);
    assert_snapshot!(ran, @r#"
    {
      "at": "2026-03-29T00:30:00Z",
      "teams": [
        {
          "team": "emea-frontline",
          "tier": "frontline",
          "region": "emea",
          "local_time": "2026-03-29T01:30:00+01:00",
          "open": false,
          "working": [],
          "on_call": {
            "primary": [
              "chloe",
              "dmitri"
            ]
          },
          "until": "2026-03-30T06:00:00Z"
        }
      ]
    }
    --- exit 0
    "#);
}

#[test]
fn who_shows_every_team_on_its_own_clock() {
    let ran = meridian(&["who", "--at", "2026-03-30T09:00:00+02:00"], SAMPLE);
    assert_snapshot!(ran, @r#"
    Who is at work at Mon 2026-03-30 07:00Z

    TEAM             LOCAL TIME                   HOURS   WORKING             ON CALL          UNTIL
    emea-frontline   Mon 2026-03-30 09:00 +02:00  open    anna, bjorn, chloe  primary: nobody  Mon 2026-03-30 17:00 +02:00 (15:00Z)
    emea-specialist  Mon 2026-03-30 09:00 +02:00  closed  nobody              -                nothing changes within 366 days
    management       Mon 2026-03-30 09:00 +02:00  closed  nobody              -                nothing changes within 366 days
    --- exit 0
    "#);
}

#[test]
fn the_timeline_steps_over_the_spring_night_on_local_clocks() {
    let window = ["--from", "2026-03-28T12:00:00Z", "--to", "2026-03-31T00:00:00Z"];
    let ran = meridian(&[&["coverage", "--team", "emea-frontline"], &window[..]].concat(), SAMPLE);
    assert_snapshot!(ran, @r#"
    From Sat 2026-03-28 12:00Z to Tue 2026-03-31 00:00Z

    emea-frontline (Europe/Stockholm)
    FROM                   LOCAL TIME                   HOURS   WORKING             ON CALL
    Sat 2026-03-28 12:00Z  Sat 2026-03-28 13:00 +01:00  closed  nobody              primary: chloe, dmitri
    Mon 2026-03-30 06:00Z  Mon 2026-03-30 08:00 +02:00  open    anna, bjorn, chloe  primary: nobody
    Mon 2026-03-30 15:00Z  Mon 2026-03-30 17:00 +02:00  closed  nobody              primary: anna
    --- exit 0
    "#);
}

#[test]
fn the_timeline_as_json_tiles_its_window() {
    let window = ["--from", "2026-03-30T12:00:00Z", "--to", "2026-03-31T00:00:00Z"];
    let ran = meridian(&[&["coverage", "--json", "--team", "emea-frontline"], &window[..]].concat(), SAMPLE);
    assert_snapshot!(ran, @r#"
    {
      "from": "2026-03-30T12:00:00Z",
      "to": "2026-03-31T00:00:00Z",
      "teams": [
        {
          "team": "emea-frontline",
          "spans": [
            {
              "from": "2026-03-30T12:00:00Z",
              "until": "2026-03-30T15:00:00Z",
              "open": true,
              "working": [
                "anna",
                "bjorn",
                "chloe"
              ],
              "on_call": {
                "primary": []
              }
            },
            {
              "from": "2026-03-30T15:00:00Z",
              "until": "2026-03-31T00:00:00Z",
              "open": false,
              "working": [],
              "on_call": {
                "primary": [
                  "anna"
                ]
              }
            }
          ]
        }
      ]
    }
    --- exit 0
    "#);
}

#[test]
fn explain_says_where_a_ticket_would_go_and_why() {
    let asked = ["explain", "--priority", "P4", "--at", "2026-03-29T00:30:00Z"];
    assert_snapshot!(meridian(&asked, SAMPLE), @r#"
    Nobody who may take it is at work: parked until 2026-03-30 06:00 UTC, when emea-frontline can. P4, no route matches, policy standard, step 1 (frontline).
      no route matched, policy standard, step 1 (frontline)
      look again: Mon 2026-03-30 06:00Z (in 1 d 5 h)
      NOT             BECAUSE
      emea-frontline  nobody at work  closed until 2026-03-30 06:00 UTC
    --- exit 0
    "#);
}

#[test]
fn explain_takes_what_a_request_would() {
    let asked = ["explain", "--language", "x_x", "--at", "2026-03-29T00:30:00Z"];
    assert_snapshot!(meridian(&asked, SAMPLE), @r#"
    --- stderr
    error: language: "x_x" is not a language tag like `pt-BR`: The given language subtag is invalid
    --- exit 1
    "#);
    let asked = ["explain", "--customer", "acmee", "--at", "2026-03-29T00:30:00Z"];
    assert_snapshot!(meridian(&asked, SAMPLE), @r#"
    --- stderr
    error: customer: no customer "acmee" in the schedules
    --- exit 1
    "#);
}

#[test]
fn check_is_content_with_a_sound_set() {
    assert_snapshot!(meridian(&["check", "tests/golden/small", "--from", FROM, "--tzdir", "tests/zones/2026f"], &[]), @r#"
    From Sun 2026-03-01 00:00Z to Mon 2027-03-01 00:00Z

    No requirement is written, so nothing is proved ([[requirements]]).

    no problems in 1 file beneath tests/golden/small
    zone data: 2026f in use, 2025b embedded
    --- exit 0
    "#);
}

#[test]
fn check_shows_the_place_and_the_remedy_and_says_no() {
    let ran = meridian(&["check", "tests/golden/broken/bad-org", "--tzdir", "tests/zones/2026f"], &[]);
    assert_snapshot!(ran, @r#"
    5 errors in 1 file beneath tests/golden/broken/bad-org
    zone data: 2026f in use, 2025b embedded
    --- stderr
    error[empty-list]: there are no tiers
     --> a.toml:2:9
      |
    2 | tiers = []
      |         ^^
      |
      = help: write at least one: ["frontline"]

    error[bad-language]: "??" is not a language tag
     --> a.toml:3:12
      |
    3 | language = "??"
      |            ^^^^
      |
      = help: write a BCP 47 tag like "en", "pt-BR" or "zh-Hant"

    error[unknown-policy]: there is no policy "standrad"
     --> a.toml:4:10
      |
    4 | policy = "standrad"
      |          ^^^^^^^^^^
      |
      = help: did you mean `standard`?

    error[unknown-person]: there is no person "nobody"
     --> a.toml:5:15
      |
    5 | last_resort = "nobody"
      |               ^^^^^^^^
      |
      = help: declare them as [people.<id>]

    error[unknown-tier]: there is no tier "a"
     --> a.toml:8:19
      |
    8 | steps = [{ tier = "a" }]
      |                   ^^^
      |
      = help: add it to `tiers` in [org]

    --- exit 1
    "#);
}

#[test]
fn check_answers_scripts_with_every_problem() {
    let ran =
        meridian(&["check", "tests/golden/broken/bad-tiers", "--json", "--tzdir", "tests/zones/2026f"], &[]);
    assert_eq!(ran.code, 1);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["ok"], false);
    assert_eq!(answer["zone_data"]["folder"], "2026f");
    let places: Vec<String> = answer["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| format!("{}:{}:{} {}", p["file"], p["line"], p["column"], p["code"]))
        .collect();
    assert_snapshot!(places.join("\n"), @r#"
    "a.toml":1:1 "missing-key"
    "a.toml":2:15 "duplicate-id"
    "a.toml":2:20 "bad-id"
    "#);
}

#[test]
fn check_answers_scripts_where_there_is_no_folder_as_well() {
    let ran = meridian(&["check", "no/such/folder", "--json", "--tzdir", "tests/zones/2026f"], &[]);
    assert_snapshot!(ran, @r#"
    {
      "ok": false,
      "problems": [
        {
          "code": "unreadable",
          "severity": "error",
          "file": "",
          "line": 0,
          "column": 0,
          "snippet": "",
          "message": "there is no schedules directory no/such/folder: name yours with --schedules DIR or `schedules` in meridian.toml: No such file or directory (os error 2)"
        }
      ],
      "zone_data": {
        "folder": null,
        "embedded": "2025b",
        "differences": []
      }
    }
    --- exit 1
    "#);
}

#[test]
fn a_zone_file_that_cannot_be_read_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("Europe")).unwrap();
    std::fs::write(folder.path().join("Europe/Stockholm"), "TZif2 and then nothing of use").unwrap();
    let tzdir = folder.path().to_str().unwrap();
    let ran = meridian(&["check", "tests/golden/small", "--from", FROM, "--tzdir", tzdir], &[]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stderr.contains("warning[zone-file-unreadable]: Europe/Stockholm: its file"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.contains("\n1 warning in 1 file"), "{}", ran.stdout);
}

#[test]
fn broken_files_leave_standard_output_empty() {
    let broken = ["--schedules", "tests/golden/broken/bad-org", "--tzdir", "tests/zones/2026f"];
    let commands: [&[&str]; 3] = [
        &["who", "--json"],
        &["coverage", "--json", "--from", "2026-03-28T12:00:00Z", "--to", "2026-03-31T00:00:00Z"],
        &["explain", "--json"],
    ];
    for command in commands {
        let Ran { code, stdout, stderr } = meridian(command, &broken);
        assert_eq!((code, stdout.as_str()), (1, ""), "{command:?}");
        assert!(stderr.contains("error[empty-list]: there are no tiers"), "{command:?}: {stderr}");
    }
}

#[test]
fn wrong_usage_exits_with_two() {
    let wrong: [&[&str]; 11] = [
        &["check", "--horizon", "1y"],
        &["check", "--horizon", "30m"],
        &["check", "--horizon", "3000d"],
        &["who", "--at", "yesterday"],
        &["who", "--at", "2026-03-29T00:30:00"],
        &["coverage", "--from", "now"],
        &["explain", "--priority", "P9"],
        &["simulate", "--tickets", "-", "--days", "3"],
        &["simulate", "--tickets", "-", "--from", "now"],
        &["whom"],
        &["ticket", "list", "--state", "lost"],
    ];
    for command in wrong {
        let Ran { code, stdout, stderr } = meridian(command, &[]);
        assert_eq!((code, stdout.as_str()), (2, ""), "{command:?}: {stderr}");
    }
}

#[test]
fn names_that_do_not_exist_are_refused_with_the_nearest() {
    assert_snapshot!(meridian(&["who", "--team", "emea-frontlin"], SAMPLE), @r#"
    --- stderr
    error: there is no team "emea-frontlin"; did you mean "emea-frontline"?
    --- exit 1
    "#);
    assert_snapshot!(meridian(&["who", "--tier", "first"], SAMPLE), @r#"
    --- stderr
    error: there is no tier "first"; the tiers are frontline, specialist, expert, management
    --- exit 1
    "#);
}

#[test]
fn every_command_shows_examples() {
    let mut open = vec![Vec::<String>::new()];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        let words: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let help = meridian(&words, &[]);
        assert_eq!(help.code, 0, "{words:?}");
        if !path.is_empty() {
            assert!(help.stdout.contains("Example"), "{words:?} shows no example");
        }
        seen += 1;
        let commands =
            help.stdout.split("Commands:\n").nth(1).unwrap_or("").split("\n\n").next().unwrap_or("");
        for line in commands.lines() {
            let name = line.split_whitespace().next().unwrap_or("help");
            if name != "help" && line.starts_with("  ") && !line.starts_with("   ") {
                open.push(path.iter().cloned().chain([name.to_owned()]).collect());
            }
        }
    }
    assert!(seen > 35, "only {seen} commands were found");
}

#[test]
fn completions_come_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = meridian(&["completions", shell], &[]);
        assert_eq!(ran.code, 0, "{shell}");
        for word in ["acknowledge", "schema", "month"] {
            assert!(ran.stdout.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn a_daemon_that_is_not_there_is_said_so() {
    let token = ("MERIDIAN_TOKEN", "none-that-anybody-asks-for");
    // Nothing listens on port 1.
    let ran = meridian_with(&[token], &["ticket", "list", "--server", "http://127.0.0.1:1"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("the daemon at http://127.0.0.1:1/ does not answer"), "{}", ran.stderr);
}

/// Of an organisation with an office in each of 33 zones.
const MANY_ZONES: &[&str] =
    &["check", "tests/golden/many-zones", "--from", "2026-11-22T00:00:00Z", "--tzdir", "tests/zones/2026f"];

#[test]
fn two_folders_of_zone_data_differ_in_vancouver_winnipeg_and_casablanca_and_that_moves_their_teams() {
    let ran = meridian(MANY_ZONES, &["--compare-tzdir", "tests/zones/2025b"]);
    let report = &ran.stdout[ran.stdout.find("Zone data ").expect("a section of its own")..];
    assert_snapshot!(report, @r#"
    Zone data 2026f against 2025b: 3 zones of 33 in use differ

    Africa/Casablanca
      60 min behind from Sun 2026-11-22 00:00Z to Sun 2027-02-07 02:00Z
      60 min behind from Sun 2027-03-14 02:00Z to the end of the horizon
      casablanca: 470 h in all, from Mon 2026-11-23 07:00Z
        opens 08:00Z, not 07:00Z, from Mon 2026-11-23 on: 235 openings
        closes 17:00Z, not 16:00Z, from Mon 2026-11-23 on: 235 closings
        primary changes hands 08:00Z, not 07:00Z, from Mon 2026-11-23 on: 470 times

    America/Vancouver
      60 min ahead from Sun 2026-11-22 00:00Z to Sun 2027-03-14 10:00Z
      60 min ahead from Sun 2027-11-07 09:00Z to the end of the horizon
      vancouver: 180 h in all, from Mon 2026-11-23 15:00Z
        opens 15:00Z, not 16:00Z, from Mon 2026-11-23 on: 90 openings
        closes 00:00Z, not 01:00Z, from Tue 2026-11-24 on: 90 closings
        primary changes hands 15:00Z, not 16:00Z, from Mon 2026-11-23 on: 180 times

    America/Winnipeg
      60 min ahead from Sun 2026-11-22 00:00Z to Sun 2027-03-14 08:00Z
      60 min ahead from Sun 2027-11-07 07:00Z to the end of the horizon
      winnipeg: 180 h in all, from Mon 2026-11-23 13:00Z
        opens 13:00Z, not 14:00Z, from Mon 2026-11-23 on: 90 openings
        closes 22:00Z, not 23:00Z, from Mon 2026-11-23 on: 90 closings
        primary changes hands 13:00Z, not 14:00Z, from Mon 2026-11-23 on: 180 times

    3 warnings in 1 file beneath tests/golden/many-zones
    zone data: 2026f in use, 2025b embedded
    "#);
    assert_eq!(ran.code, 0);
    let same = meridian(MANY_ZONES, &["--compare-tzdir", "tests/zones/2026f"]);
    assert!(same.stdout.contains("\nZone data 2026f against 2026f: no difference in 33 zones\n"), "{same}");
    let nowhere = meridian(MANY_ZONES, &["--compare-tzdir", "no/such/folder"]);
    assert_eq!(nowhere.code, 1, "{nowhere}");
    assert!(nowhere.stderr.contains("no/such/folder"), "{nowhere}");
}

#[test]
fn zone_data_that_differs_from_the_embedded_tables_is_a_warning_that_says_whom_it_moves() {
    let ran = meridian(MANY_ZONES, &["--json", "--horizon", "30d"]);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let messages: Vec<&str> =
        answer["problems"].as_array().unwrap().iter().map(|p| p["message"].as_str().unwrap()).collect();
    assert_snapshot!(messages.join("\n"), @r#"
    Africa/Casablanca: the zone data in use and the embedded tables differ, first at 2026-11-22T00:00:00Z (2026-11-22T01:00:00+01:00); it moves casablanca (opens 08:00Z, not 07:00Z, from Mon 2026-11-23 on: 21 openings)
    America/Vancouver: the zone data in use and the embedded tables differ, first at 2026-11-21T17:00:00-07:00 (2026-11-21T16:00:00-08:00); it moves vancouver (opens 15:00Z, not 16:00Z, from Mon 2026-11-23 on: 21 openings)
    America/Winnipeg: the zone data in use and the embedded tables differ, first at 2026-11-21T19:00:00-05:00 (2026-11-21T18:00:00-06:00); it moves winnipeg (opens 13:00Z, not 14:00Z, from Mon 2026-11-23 on: 21 openings)
    "#);
    assert_snapshot!(serde_json::to_string_pretty(&answer["zone_data"]["differences"][2]).unwrap(), @r#"
    {
      "stretches": [
        {
          "from": "2026-11-22T00:00:00Z",
          "in_use": "2026-11-21T19:00:00-05:00",
          "minutes": 60,
          "other": "2026-11-21T18:00:00-06:00",
          "until": "2026-12-22T00:00:00Z"
        }
      ],
      "teams": [
        {
          "from": "2026-11-23T13:00:00Z",
          "minutes": 2520,
          "moves": [
            {
              "in_use": "2026-11-23T13:00:00Z",
              "other": "2026-11-23T14:00:00Z",
              "times": 21,
              "what": "opens"
            },
            {
              "in_use": "2026-11-23T22:00:00Z",
              "other": "2026-11-23T23:00:00Z",
              "times": 21,
              "what": "closes"
            },
            {
              "in_use": "2026-11-23T13:00:00Z",
              "line": "primary",
              "other": "2026-11-23T14:00:00Z",
              "times": 42,
              "what": "changes-hands"
            }
          ],
          "team": "winnipeg"
        }
      ],
      "zone": "America/Winnipeg"
    }
    "#);
}

#[test]
fn clock_changes_are_told_with_what_they_do_to_handovers() {
    let sample = ["check", "schedules", "--from", "2026-11-22T00:00:00Z", "--tzdir", "tests/zones/2026f"];
    let ran = meridian(&sample, &[]);
    let section = &ran.stdout[ran.stdout.find("Clock changes").expect("a section of its own")..];
    let section = section.split("\n\n").take(2).collect::<Vec<_>>().join("\n\n");
    assert_snapshot!(section, @r#"
    Clock changes in the horizon
    Sun 2027-03-14   60 min forward  America/New_York
    Sun 2027-03-28   60 min forward  Atlantic/Azores, Europe/Paris, Europe/Stockholm
    Sun 2027-04-04   30 min back     Australia/Lord_Howe
    Sun 2027-10-03   30 min forward  Australia/Lord_Howe
    Sun 2027-10-31   60 min back     Atlantic/Azores, Europe/Paris, Europe/Stockholm
    Sun 2027-11-07   60 min back     America/New_York

    WHAT     FROM        TO          TIER        WHO
    moves    2026-11-22  2027-03-13  management  amer-management: turns of "incident-manager" begin 09:00, usually 10:00, on the team's clock
    moves    2026-11-22  2027-03-27  management  emea-management: turns of "incident-manager" begin 07:00, usually 08:00, on the team's clock
    doubles  2026-11-23  2027-03-11  frontline   amer and apac are together for 2 h (usually 30 min together)
    opens    2027-03-15  2027-11-04  specialist  amer closes 2 h before apac opens (otherwise 60 min before)
    doubles  2027-03-15  2027-04-01  frontline   amer and apac are together for 60 min (usually 30 min together)
    doubles  2027-10-04  2027-11-04  frontline   amer and apac are together for 60 min (usually 30 min together)
    moves    2027-10-31  2027-11-22  management  emea-management: turns of "incident-manager" begin 07:00, usually 08:00, on the team's clock
    moves    2027-11-07  2027-11-22  management  amer-management: turns of "incident-manager" begin 09:00, usually 10:00, on the team's clock
    doubles  2027-11-08  2027-11-22  frontline   amer and apac are together for 2 h (usually 30 min together)
    "#);
    let answer: serde_json::Value = serde_json::from_str(&meridian(&sample, &["--json"]).stdout).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&answer["clock_changes"][0]).unwrap(), @r#"
    {
      "changes": [
        {
          "at": "2027-03-14T07:00:00Z",
          "minutes": 60,
          "zone": "America/New_York"
        }
      ],
      "first": "2026-11-22",
      "from": "2026-11-22T00:00:00Z",
      "kind": "moves",
      "last": "2027-03-13",
      "regions": [
        "amer"
      ],
      "teams": [
        "amer-management"
      ],
      "text": "amer-management: turns of \"incident-manager\" begin 09:00, usually 10:00, on the team's clock",
      "then_minutes": -60,
      "tier": "management",
      "until": "2027-03-14T07:00:00Z",
      "usual_minutes": 0,
      "what": "turns of \"incident-manager\" begin 09:00, usually 10:00",
      "zones": [
        "UTC",
        "America/New_York"
      ]
    }
    "#);
}
