//! `meridian report` without a daemon: over the history of a simulation.

use insta::assert_snapshot;

use super::run::meridian;
use crate::report::reports::HOUSE;

struct Simulated {
    folder: tempfile::TempDir,
}

impl Simulated {
    fn new() -> Simulated {
        let folder = tempfile::tempdir().unwrap();
        let simulated = Simulated { folder };
        std::fs::create_dir(simulated.path("schedules")).unwrap();
        std::fs::write(simulated.path("schedules/org.toml"), HOUSE).unwrap();
        let csv = "opened_at,title,priority,customer\n2026-03-02T09:00:00Z,Payment fails,P2,acme\n2026-03-07T09:00:00Z,A question,P3,\n";
        std::fs::write(simulated.path("tickets.csv"), csv).unwrap();
        let files =
            ["--tickets", &simulated.path("tickets.csv"), "--history", &simulated.path("history.jsonl")];
        let ran =
            meridian(&[&["simulate", "--schedules", &simulated.path("schedules")], &files[..]].concat(), &[]);
        assert_eq!(ran.code, 0, "{ran}");
        simulated
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn report(&self, arguments: &[&str]) -> String {
        let files = ["--history", &self.path("history.jsonl"), "--schedules", &self.path("schedules")];
        let ran = meridian(&[&["report"], arguments].concat(), &files);
        ran.to_string().replace(&self.folder.path().display().to_string(), "FOLDER")
    }
}

#[test]
fn without_a_name_the_reports_are_listed() {
    assert_snapshot!(meridian(&["report"], &[]), @"");
}

#[test]
fn help_names_every_report() {
    let help = meridian(&["report", "--help"], &[]).stdout;
    for kind in meridian::report::Kind::ALL {
        assert!(help.contains(&format!("- {kind}:")), "{kind} in {help}");
    }
}

#[test]
fn a_simulation_is_reported_as_a_daemon_would() {
    let simulated = Simulated::new();
    let march = &["--month", "2026-03"];
    assert_snapshot!(simulated.report(&[&["volume"], &march[..]].concat()), @"");
    assert_snapshot!(simulated.report(&[&["times", "--customer", "acme", "--format", "csv"], &march[..]].concat()), @"");
    let svg = simulated.report(&[&["fairness", "--format", "svg"], &march[..]].concat());
    assert!(svg.starts_with("<svg") && svg.contains("bjorn") && svg.ends_with("--- exit 0"), "{svg}");
}

#[test]
fn what_cannot_be_reported_is_said_with_place_and_remedy() {
    let simulated = Simulated::new();
    let week = ["--week", "2026-W10"];
    let mut told = String::new();
    for arguments in [
        &["volume", "--team", "emae"][..],
        &["volume", "--customer", "acem"],
        &["times", "--format", "svg"],
        &["volume", "--from", "2026-03-02T00:00:00Z", "--until", "2026-03-01T00:00:00Z"],
    ] {
        told += &simulated.report(arguments);
        told += "\n\n";
    }
    let history = std::fs::read_to_string(simulated.path("history.jsonl")).unwrap();
    let without_second: String =
        history.lines().enumerate().filter(|(n, _)| *n != 1).map(|(_, line)| format!("{line}\n")).collect();
    for broken in ["", "{\"ticket\": 1}\n", &without_second] {
        std::fs::write(simulated.path("history.jsonl"), broken).unwrap();
        told += &simulated.report(&[&["volume"], &week[..]].concat());
        told += "\n\n";
    }
    assert_snapshot!(told, @"");
    let unknown = meridian(&["report", "volum"], &[]);
    assert_eq!(unknown.code, 2, "{unknown}");
    assert!(unknown.stderr.contains("'volume'"), "{unknown}");
}
