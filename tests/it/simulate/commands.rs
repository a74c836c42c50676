//! `meridian simulate` as its users meet it.

use std::path::PathBuf;

use insta::assert_snapshot;
use serde_json::json;
use tempfile::TempDir;

use crate::cli::run::meridian;

const SAMPLE: &[&str] = &["--schedules", "schedules", "--tzdir", "tests/zones/2026f"];

const TICKETS: &str = "\
opened_at,title,priority,language,region,needs_tier,effort_minutes
2026-03-02T08:10:00Z,Card terminal dead,P2,en,emea,frontline,40
2026-03-02T15:40:00Z,Report slow,P3,sv,emea,frontline,90
2026-03-02T22:00:00Z,All down,P1,en,amer,specialist,50
";

struct Folder(TempDir);

impl Folder {
    fn with(name: &str, text: &str) -> (Folder, String) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        (Folder(folder), path.display().to_string())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

#[test]
fn the_sample_schedules_serve_a_stream() {
    let (_folder, path) = Folder::with("tickets.csv", TICKETS);
    let ran = meridian(&["simulate", "--tickets", &path], SAMPLE);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.starts_with("Example Corp Support\n"), "{ran}");
    let ran = meridian(&["simulate", "--tickets", &path, "--json"], SAMPLE);
    let said: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let run = &said["run"];
    assert_eq!((&run["violations"], &run["remarks"]), (&json!([]), &json!([])));
    assert_eq!((&said["all"]["opened"], &said["all"]["outcomes"]["resolved"]), (&json!(3), &json!(3)));
    assert_eq!(said["all"]["counts"]["escalated_hierarchical"], json!(1));
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (folder, path) = Folder::with("tickets.csv", TICKETS);
    let run = |page: &str| {
        let page = folder.path(page);
        let asked =
            ["simulate", "--tickets", &path, "--responders", "human", "--seed", "5", "--json", "--html"];
        let ran = meridian(&[&asked[..], &[page.to_str().unwrap()]].concat(), SAMPLE);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        (ran.stdout, std::fs::read(page).unwrap())
    };
    assert!(run("one.html") == run("two.html"), "two runs differ");
}

#[test]
fn a_made_up_stream_needs_a_beginning() {
    let asked = ["simulate", "--generate", "20", "--days", "3"];
    let ran = meridian(&asked, SAMPLE);
    assert_eq!(ran.code, 2, "{ran}");
    let from = ["--from", "2026-03-02T00:00:00Z"];
    let ran = meridian(&[&asked[..], &from].concat(), SAMPLE);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("20 generated over 3 days"), "{ran}");
}

#[test]
fn mistakes_in_a_stream_end_it_before_it_begins() {
    let (_folder, path) = Folder::with("tickets.csv", "opened_at,langage\n2026-03-02T08:10:00Z,en\n");
    assert_snapshot!(meridian(&["simulate", "--tickets", &path], SAMPLE), @r#"
    --- stderr
    error: line 1, langage: there is no such field; did you mean `language`?
    1 mistake in the stream; nothing was played
    --- exit 1
    "#);
    let (_folder, path) = Folder::with("tickets.csv", "opened_at\n");
    assert_snapshot!(meridian(&["simulate", "--tickets", &path], SAMPLE), @r#"
    --- stderr
    error: the stream has no ticket
    --- exit 1
    "#);
}

#[test]
fn a_value_for_all_names_a_field() {
    let (_folder, path) = Folder::with("tickets.csv", TICKETS);
    let ran = meridian(&["simulate", "--tickets", &path, "--set", "langage=en"], SAMPLE);
    assert_snapshot!(ran, @r#"
    --- stderr
    error: invalid value 'langage=en' for '--set <FIELD=VALUE>': there is no field "langage"; did you mean "language"?

    For more information, try '--help'.
    --- exit 2
    "#);
}
