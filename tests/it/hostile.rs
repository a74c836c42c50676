//! Files that nobody would write by hand: no panic, and the time grows with the text, not with its square.

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use meridian::schedule::{Checked, Files, load, parse, render};

/// Unoptimised and on a busy machine, and yet far less than anything quadratic takes.
const LONGEST: Duration = Duration::from_secs(60);

/// The problems' codes, each with how many there are, and how much there is to read.
fn told(text: String) -> String {
    let mut files: Files = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/small")).unwrap();
    files.insert("x.toml".to_owned(), text);
    let begun = Instant::now();
    let Checked { problems, .. } = parse(&files).check(&|_| true);
    let drawn = render(&problems, &files, true);
    assert!(begun.elapsed() < LONGEST, "took {:?}", begun.elapsed());
    assert!(drawn.len() < (1 + problems.len()) * 4_000, "{} bytes for {}", drawn.len(), problems.len());
    let mut counts = std::collections::BTreeMap::new();
    for problem in &problems {
        *counts.entry(problem.code).or_insert(0) += 1;
    }
    counts.into_iter().map(|(code, count)| format!("{count} {code}")).collect::<Vec<_>>().join(", ")
}

/// `count` pieces of text, each made from its number.
fn many(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect()
}

#[test]
fn what_is_nested_deeper_than_anybody_nests_is_an_error() {
    let deep = 100_000;
    let cases = [
        format!("a = {}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("a = {}1{}", "{a=".repeat(deep), "}".repeat(deep)),
        format!("{}a = 1", "a.".repeat(deep)),
        format!("[{}a]", "a.".repeat(deep)),
        format!("[[{}a]]", "a.".repeat(deep)),
    ];
    let told: Vec<String> = cases.into_iter().map(told).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    1 syntax
    1 syntax
    1 syntax
    1 syntax
    1 syntax
    "#);
}

#[test]
fn a_file_of_one_line_can_have_thousands_of_problems() {
    let leave = many(2_000, |number| format!("{{ person = \"å{number}\" }}, "));
    insta::assert_snapshot!(told(format!("leave = [{leave}]")), @"4000 missing-key, 2000 unknown-person");
}

#[test]
fn thousands_of_tables_and_keys_and_unknown_names_are_each_told_of() {
    let cases = [
        many(20_000, |number| format!("[x.t{number}]\na = 1\n")),
        many(20_000, |number| format!("key{number} = 1\n")),
        many(5_000, |number| format!("[teams.t{number}]\na = 1\n")),
        many(5_000, |number| format!("= {number}\n")),
        many(5_000, |number| {
            let mut leave = format!("[[leave]]\nperson = \"an{number}\"\n");
            writeln!(leave, "from = 2026-12-24\nto = 2026-12-25").unwrap();
            leave
        }),
    ];
    let told: Vec<String> = cases.into_iter().map(told).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    1 unknown-key
    20000 unknown-key
    10000 missing-key, 5000 team-without-members, 5000 unknown-key
    9999 syntax
    5000 unknown-person
    "#);
}

#[test]
fn a_name_of_a_megabyte_is_no_name_and_is_not_repeated_in_full() {
    let long = "k".repeat(1_000_000);
    let cases = [
        format!("{long} = 1"),
        format!("\"{long}\" = 1"),
        format!("[people.{long}]"),
        format!("[[leave]]\nperson = \"{long}\"\nfrom = 2026-12-24\nto = 2026-12-25"),
        format!("[teams.x]\nregion = \"emea\"\ntier = \"frontline\"\nassign = \"{long}\""),
    ];
    let told: Vec<String> = cases.into_iter().map(told).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    1 unknown-key
    1 unknown-key
    1 bad-id
    1 unknown-person
    1 team-without-members, 1 unknown-word
    "#);
}

#[test]
fn of_a_long_line_the_part_that_matters_is_shown() {
    let names = many(200, |number| format!("\"anna\", \"bjorn\", \"chloé-{number}\", "));
    let text = format!("[teams.x]\nregion = \"emea\"\ntier = \"frontline\"\nmembers = [{names}]\n");
    let mut files: Files = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/small")).unwrap();
    files.insert("x.toml".to_owned(), text);
    let problems = parse(&files).check(&|_| true).problems;
    let found = problems.iter().find(|problem| problem.snippet == "\"chloé-150\"").unwrap();
    let line = files["x.toml"].lines().nth(3).unwrap();
    let column = line.split("\"chloé-150\"").next().unwrap().chars().count() + 1;
    assert_eq!((found.line, found.column), (4, column));
    insta::assert_snapshot!(render(std::slice::from_ref(found), &files, false), @r#"
    error[unknown-person]: there is no person "chloé-150"
     --> x.toml:4:4419
      |
     ::: 
    4 | ...chloé-148", "anna", "bjorn", "chloé-149", "anna", "bjorn", "chloé-150", "anna", "bjorn", "chloé-151", "anna", "bjorn", "chloé-152"...
      |                                                               ^^^^^^^^^^^
      |
      = help: declare them as [people.<id>]
    "#);
}
