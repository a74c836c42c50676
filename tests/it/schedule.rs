//! Files -> checked organisation, and every problem a file can have.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use meridian::schedule::{
    Checked, Files, Organisation, Severity, ZoneName, leave_from_json, leave_to_json, load,
    override_from_json, override_to_json, parse, render, stale,
};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

fn known(zone: &ZoneName) -> bool {
    zone.as_str().parse::<chrono_tz::Tz>().is_ok()
}

fn check(files: &Files) -> Checked {
    parse(files).check(&known)
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// The smallest valid set, and one more file.
fn small_and(name: &str, text: &str) -> Files {
    let mut files = load(&golden("small")).unwrap();
    files.insert(name.to_string(), text.to_string());
    files
}

fn organisation(files: &Files) -> Organisation {
    let checked = check(files);
    checked.organisation.unwrap_or_else(|| panic!("{}", render(&checked.problems, files, false)))
}

/// Codes and places, one a line.
fn outline(checked: &Checked) -> String {
    let mut text = String::new();
    for problem in &checked.problems {
        writeln!(text, "{}:{}:{} {}", problem.file, problem.line, problem.column, problem.code).unwrap();
    }
    text
}

#[test]
fn the_sample_of_the_format_checks_clean() {
    let files = load(&golden("sample")).unwrap();
    assert_eq!(render(&check(&files).problems, &files, false), "");
    insta::assert_debug_snapshot!(organisation(&files));
}

#[test]
fn the_smallest_set_is_valid() {
    let files = load(&golden("small")).unwrap();
    assert_eq!(render(&check(&files).problems, &files, false), "");
    assert!(check(&files).organisation.is_some());
}

/// Each `*.toml` in `broken/` is put beside the smallest valid set, each folder there is a set of its own; the
/// text file beside it holds all that `check` says. `BLESS=1` rewrites those.
#[test]
fn every_broken_file_gets_the_problems_written_beside_it() {
    let mut wrong = Vec::new();
    for (case, files) in broken() {
        let problems = check(&files).problems;
        assert!(!problems.is_empty(), "{} is not broken", case.display());
        let text = render(&problems, &files, false);
        let beside = case.with_extension("txt");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&beside, &text).unwrap();
        }
        if fs::read_to_string(&beside).unwrap_or_default() != text {
            wrong.push(format!("{} differs; it should be:\n{text}", beside.display()));
        }
    }
    assert!(wrong.is_empty(), "{}\nBLESS=1 rewrites them", wrong.join("\n"));
}

fn broken() -> Vec<(PathBuf, Files)> {
    let folder = golden("broken");
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let mut broken = Vec::new();
    for case in cases {
        if case.is_dir() {
            broken.push((case.clone(), load(&case).unwrap()));
        } else if case.extension().is_some_and(|extension| extension == "toml") {
            let name = case.file_name().unwrap().to_str().unwrap();
            let mut files = small_and(name, &fs::read_to_string(&case).unwrap());
            for calendar in ["notcal.ics", "timed.ics"] {
                files.insert(calendar.to_string(), fs::read_to_string(folder.join(calendar)).unwrap());
            }
            broken.push((case, files));
        }
    }
    broken
}

/// A code that no golden file shows is one whose message nobody has read.
#[test]
fn every_code_is_shown_by_a_broken_file() {
    let mut shown = BTreeSet::new();
    for (_, files) in broken() {
        shown.extend(check(&files).problems.into_iter().map(|problem| problem.code.to_string()));
    }
    let mut sources = Vec::new();
    for folder in ["src/schedule", "src/schedule/check", "src/schedule/read"] {
        let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        // What is stale depends on the date, and is shown below.
        sources.extend(paths.filter(|path| path.is_file() && !path.ends_with("stale.rs")));
    }
    let mut missing = BTreeSet::new();
    let mut codes = 0;
    for path in sources {
        let text = fs::read_to_string(&path).unwrap();
        let product = text.split("#[cfg(test)]").next().unwrap();
        for start in [".error(", ".warning(", "code: "] {
            for rest in product.split(start).skip(1) {
                let Some(literal) = rest.trim_start().strip_prefix('"') else { continue };
                let code = literal.split('"').next().unwrap();
                codes += 1;
                if !shown.contains(code) {
                    missing.insert(code.to_string());
                }
            }
        }
    }
    assert!(codes > 60, "found {codes} places only: has the way to note a problem changed?");
    assert_eq!(missing, BTreeSet::new());
}

#[test]
fn a_problem_in_json_has_everything_a_script_needs() {
    let files = small_and("x.toml", "[[leave]]\nperson = \"ana\"\nfrom = 2026-12-24\nto = 2026-12-25\n");
    insta::assert_snapshot!(serde_json::to_string_pretty(&check(&files).problems).unwrap(), @r#"
    [
      {
        "code": "unknown-person",
        "severity": "error",
        "file": "x.toml",
        "line": 2,
        "column": 10,
        "snippet": "\"ana\"",
        "message": "there is no person \"ana\"",
        "remedy": "did you mean `anna`?"
      }
    ]
    "#);
}

#[test]
fn a_bad_file_does_not_hide_the_problems_of_the_others() {
    let mut files = small_and("a.toml", "[people.chloe\nname = \"Chloé\"\n[teams.x]\nregion = 5\n");
    files.insert(
        "b.toml".to_string(),
        "[teams.y]\nregion = \"amer\"\ntier = \"frontline\"\nmembers = [\"zoe\"]\n".to_string(),
    );
    insta::assert_snapshot!(outline(&check(&files)), @r#"
    a.toml:1:14 syntax
    a.toml:4:10 wrong-type
    b.toml:2:10 unknown-region
    b.toml:4:12 unknown-person
    :0:0 left-out
    "#);
}

/// What became of one file in Latin-1, one in UTF-16, and a calendar: the first two said it of every file.
#[test]
fn a_file_that_is_not_utf8_is_a_problem_with_its_place_beside_those_of_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("small.toml", fs::read(golden("small/small.toml")).unwrap().as_slice());
    write("latin.toml", b"[people.zoe]\nname = \"Zo\xeb\"\n[holidays.se]\nfile = \"se.ics\"\n");
    write(
        "se.ics",
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261224\nSUMMARY:\xc5r\nEND:VEVENT\nEND:VCALENDAR\n",
    );
    let wide: Vec<u8> = "[people.carl]".encode_utf16().flat_map(u16::to_le_bytes).collect();
    write("wide.toml", &[&b"\xff\xfe"[..], &wide].concat());
    write(
        "x.toml",
        b"[[leave]]\nperson = \"ana\"\nfrom = 2026-12-24\nto = 2026-12-25\n\
        [[leave]]\nperson = \"carl\"\nfrom = 2026-12-24\nto = 2026-12-25\n",
    );
    let checked = check(&load(folder.path()).unwrap());
    insta::assert_snapshot!(outline(&checked), @r#"
    latin.toml:2:11 not-utf8
    se.ics:4:9 not-utf8
    wide.toml:1:1 not-utf8
    x.toml:2:10 unknown-person
    :0:0 left-out
    "#);
    assert!(checked.problems[0].message.contains("byte 23"), "{}", checked.problems[0].message);
}

#[test]
fn zones_are_those_that_the_files_name() {
    let files = load(&golden("sample")).unwrap();
    let zones: Vec<String> = parse(&files).zones().iter().map(ZoneName::to_string).collect();
    assert_eq!(zones, ["Europe/Stockholm"]);
    let text = "[[requirements]]\nname = \"r\"\ntier = \"frontline\"\nwhen = [{ from = \"08:00\", to = \"09:00\" }]\n\
                [people.zoe]\ntimezone = \"Not/There\"\n";
    let zones: Vec<String> =
        parse(&small_and("x.toml", text)).zones().iter().map(ZoneName::to_string).collect();
    assert_eq!(zones, ["Europe/Stockholm", "Not/There", "UTC"]);
}

#[test]
fn in_one_calendar_days_stand_over_the_file() {
    let organisation = organisation(&load(&golden("sample")).unwrap());
    let days: Vec<String> = organisation.calendars["se"]
        .days
        .iter()
        .filter(|(date, _)| date.to_string().starts_with("2026"))
        .map(|(date, day)| {
            format!("{date} {} {:?}", day.name, day.open.map(|(from, lasts)| (from, lasts.num_hours())))
        })
        .collect();
    insta::assert_snapshot!(days.join("\n"), @r#"
    2026-01-01 Nyårsdagen None
    2026-06-19 Midsommarafton None
    2026-12-23 Dan före dopparedagen Some((08:00:00, 4))
    2026-12-24 Jul None
    2026-12-25 Jul None
    2026-12-26 Jul None
    "#);
}

#[test]
fn what_the_calendar_has_overtaken_is_a_warning_with_its_place() {
    let text = r#"
[[teams.frontline2.rotations]]
starts = 2025-01-06T09:00:00
until = 2026-01-05T09:00:00
every = "week"
members = ["anna"]

[[teams.frontline2.rotations]]
name = "leap"
starts = 2024-02-29T09:00:00
every = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"
members = ["anna"]

[[teams.frontline2.rotations]]
name = "still going"
starts = 2024-03-01T09:00:00
every = "FREQ=YEARLY"
members = ["anna"]

[teams.frontline2]
region = "emea"
tier = "frontline"
members = ["anna"]

[[leave]]
person = "bjorn"
from = 2026-01-01
to = 2026-01-04

[[overrides]]
team = "frontline"
from = 2026-01-01
to = 2026-01-04
only = []
"#;
    let files = small_and("x.toml", text);
    let organisation = organisation(&files);
    let at = |now: &str| {
        let now: DateTime<Utc> = now.parse().unwrap();
        render(&stale(&organisation, &files, now), &files, false)
    };
    assert!(!at("2027-12-01T00:00:00Z").contains("leap"), "the 29th of February is within a year");
    let somewhere = at("2026-01-05T08:00:00Z");
    let over = ["leave-over", "override-over"].map(|code| somewhere.contains(code));
    assert_eq!(over, [false, false], "it may still be the fourth somewhere");
    insta::assert_snapshot!(at("2026-01-06T00:00:00Z"), @r#"
    warning[rotation-over]: the rotation "primary" of "frontline2" has ended: its `until` is past
     --> x.toml:2:1
      |
    2 | [[teams.frontline2.rotations]]
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: take it out, or write a later `until`

    warning[rule-without-occurrence]: the rule of the rotation "leap" of "frontline2" names no time within a year, so the turn in progress goes on
     --> x.toml:8:1
      |
    8 | [[teams.frontline2.rotations]]
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: check its BY... parts: is there such a day?

    warning[leave-over]: this leave of bjorn has ended
      --> x.toml:25:1
       |
    25 | [[leave]]
       | ^^^^^^^^^
       |
       = help: it has no effect any more: take it out

    warning[override-over]: this override of frontline has ended
      --> x.toml:30:1
       |
    30 | [[overrides]]
       | ^^^^^^^^^^^^^
       |
       = help: it has no effect any more: take it out
    "#);
}

#[test]
fn changes_of_the_day_are_read_by_the_same_rules_as_the_files() {
    let organisation = organisation(&load(&golden("small")).unwrap());
    let leave = |value: Value| match leave_from_json(&organisation, &value, 7) {
        Ok(leave) => leave_to_json(&leave).to_string(),
        Err(problems) => {
            problems.iter().map(|p| format!("{}: {}", p.field, p.message)).collect::<Vec<_>>().join("\n")
        }
    };
    let change = |value: Value| match override_from_json(&organisation, &value, 7) {
        Ok(change) => override_to_json(&change).to_string(),
        Err(problems) => {
            problems.iter().map(|p| format!("{}: {}", p.field, p.message)).collect::<Vec<_>>().join("\n")
        }
    };
    let cases = [
        leave(json!({"person": "anna", "from": "2026-12-24", "to": "2026-12-24T09:00:00+01:00"})),
        leave(json!({"person": "ana", "from": "2026-12-24T09:00:00", "until": "x"})),
        leave(json!({"person": null, "from": "2026-12-24", "to": "2026-12-23"})),
        leave(json!("anna")),
        change(
            json!({"team": "frontline", "from": "2026-12-24", "to": "2026-12-24", "cover": {"anna": "bjorn"}, "line": "hours"}),
        ),
        change(
            json!({"team": "frontline", "from": "2026-12-24", "to": "2026-12-24", "only": [], "line": "primary"}),
        ),
        change(
            json!({"team": "frontline", "from": "2026-12-24", "to": "2026-12-24", "cover": {"anna": "bjrn"}, "add": ["anna", 5]}),
        ),
        change(json!({"team": "frontline", "from": "2026-12-24", "to": "2026-12-24", "line": "secondary"})),
    ];
    insta::assert_snapshot!(cases.join("\n\n"), @r#"
    {"from":"2026-12-24","person":"anna","to":"2026-12-24T08:00:00Z"}

    to: this is missing
    person: there is no person "ana"; did you mean `anna`?
    until: there is no key `until` here; known here: person, from, to

    person: this is missing
    to: this ends before it starts; write a `to` that is later than `from`; dates include both days

    : a table should stand here, not a text; write it like { key = ... }

    {"cover":{"anna":"bjorn"},"from":"2026-12-24","line":"hours","team":"frontline","to":"2026-12-24"}

    {"from":"2026-12-24","line":"primary","only":[],"team":"frontline","to":"2026-12-24"}

    add[1]: a text in quotes should stand here, not a whole number; write it like "text"
    cover.anna: there is no person "bjrn"; did you mean `bjorn`?

    : this override does not say what changes; add `cover`, `add`, `remove` or `only`
    line: no rotation of this team feeds the line "secondary"; write the `line` of one of its rotations, or "hours"
    "#);
}

#[test]
fn loading_finds_files_below_and_those_they_name_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &[u8]| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("a.toml", b"[holidays.x]\nfile = \"deep/er/x.ics\"\n[holidays.y]\nfile = \"../secret.ics\"\n");
    write("deep/er/b.toml", b"[holidays.z]\nfile = \"../z.ics\"\n");
    write("deep/er/x.ics", b"x");
    write("deep/z.ics", b"z");
    write("deep/unnamed.ics", b"?");
    write("notes.md", b"?");
    write(".hidden.toml", b"?");
    write("..data/a.toml", b"?");
    std::os::unix::fs::symlink("..", folder.path().join("deep/up")).unwrap();
    let paths: Vec<String> = load(folder.path()).unwrap().into_keys().collect();
    assert_eq!(paths, ["a.toml", "deep/er/b.toml", "deep/er/x.ics", "deep/z.ics"]);

    let error = load(&folder.path().join("nowhere")).unwrap_err().to_string();
    assert!(error.contains("there is no schedules directory"), "{error}");
    let error = load(&folder.path().join("a.toml")).unwrap_err().to_string();
    assert!(error.contains("is not a directory"), "{error}");
}

/// Pieces that mean something somewhere, and so get past the first checks.
const PIECES: &[&str] = &[
    "\"",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    "\n",
    "#",
    "é",
    "\u{1F600}",
    "\t",
    "0",
    "-1",
    "99999999999999999999",
    "1.5",
    "true",
    "\"\"",
    "[]",
    "{}",
    "2026-02-29",
    "0000-01-01",
    "9999-12-31T23:59:59",
    "2026-12-24T09:00:00+23:59",
    "09:00:00",
    "\"24:00\"",
    "\"00:00\"",
    "\"0s\"",
    "\"3660d\"",
    "\"FREQ=HOURLY\"",
    "\"FREQ=MONTHLY;BYDAY=-1FR\"",
    "\"FREQ=YEARLY;INTERVAL=65535\"",
    "\"month\"",
    "\"anna\"",
    "[\"anna\"]",
    "\"hours\"",
    "\"../se.ics\"",
    "[[leave]]",
    "[org]",
    "[teams.emea-frontline]",
    "only = []",
    "until = 2026-01-05T09:00:00",
    "every = \"day\"",
    "\"P1\"",
    "\"i-klingon\"",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever stands in the files: no panic, every problem has a place that exists, and an organisation comes
    /// out exactly where there is no error.
    #[test]
    fn no_text_makes_a_check_panic(
        file in 0usize..4,
        edits in proptest::collection::vec((any::<Index>(), 0usize..40, any::<Index>()), 1..6),
    ) {
        let mut files = load(&golden("sample")).unwrap();
        let text = files.values_mut().nth(file).unwrap();
        for (at, cut, piece) in edits {
            let from = text.floor_char_boundary(at.index(text.len() + 1));
            let to = text.ceil_char_boundary((from + cut).min(text.len()));
            text.replace_range(from..to, PIECES[piece.index(PIECES.len())]);
        }
        let checked = check(&files);
        let errors = checked.problems.iter().any(|problem| problem.severity == Severity::Error);
        prop_assert_eq!(checked.organisation.is_none(), errors);
        for problem in &checked.problems {
            let text = files.get(&problem.file).map(|text| &text[problem.span.clone()]);
            prop_assert_eq!(problem.line == 0, text.is_none());
        }
        render(&checked.problems, &files, true);
        if let Some(organisation) = checked.organisation {
            stale(&organisation, &files, "2026-06-01T00:00:00Z".parse().unwrap());
        }
    }

    #[test]
    fn no_json_makes_a_change_of_the_day_panic(text in "\\PC*", number in any::<i64>(), key in any::<Index>()) {
        let organisation = organisation(&load(&golden("small")).unwrap());
        let keys = ["person", "team", "line", "from", "to", "cover", "add", "remove", "only"];
        for odd in [json!(text), json!(number), json!([text]), json!({ text.clone(): text }), Value::Null] {
            let mut value = json!({"team": "frontline", "from": "2026-12-24", "to": "2026-12-24", "only": []});
            value[keys[key.index(keys.len())]] = odd;
            let read_back = override_from_json(&organisation, &value, 1)
                .map(|change| override_from_json(&organisation, &override_to_json(&change), 1) == Ok(change));
            prop_assert!(read_back.unwrap_or(true), "{value}");
            prop_assert!(leave_from_json(&organisation, &value, 1).is_err());
        }
    }
}

/// A large organisation: 1,000 teams of 20 people, 5 rotations each.
#[test]
fn a_large_organisation_is_checked_without_asking_everybody_about_everybody() {
    let mut files = load(&golden("small")).unwrap();
    for team in 0..1_000 {
        let mut text = String::new();
        let members: Vec<String> = (0..20).map(|member| format!("\"p{team}-{member}\"")).collect();
        let members = members.join(", ");
        writeln!(text, "[teams.t{team}]\nregion = \"emea\"\ntier = \"frontline\"\nmembers = [{members}]")
            .unwrap();
        for rotation in 0..5 {
            writeln!(text, "[[teams.t{team}.rotations]]\nlayer = {rotation}\nmembers = [{members}]").unwrap();
            writeln!(text, "starts = 2026-01-05T09:00:00\nevery = \"FREQ=WEEKLY;BYDAY=MO,TH\"").unwrap();
        }
        for member in 0..20 {
            writeln!(text, "[people.p{team}-{member}]\nname = \"P\"\nlanguages = [\"en\"]").unwrap();
        }
        files.insert(format!("t{team}.toml"), text);
    }
    let started = std::time::Instant::now();
    let organisation = organisation(&files);
    println!("{:?}", started.elapsed());
    assert_eq!((organisation.teams.len(), organisation.people.len()), (1_001, 20_002));
    // Far above what it takes unoptimised, far below what one pass over all names for each name would.
    assert!(started.elapsed().as_secs() < 30, "took {:?}", started.elapsed());
}
