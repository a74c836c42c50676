//! Figures recomputed outside of the house, from nothing but the history.

use std::path::Path;
use std::process::Command;

use super::reports::HOUSE;
use crate::cli::run::meridian;

/// `tests/tools/recompute` shares neither code nor data structures with the binary.
#[test]
fn a_script_that_knows_only_the_history_comes_to_the_same_figures() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::create_dir(path("schedules")).unwrap();
    std::fs::write(path("schedules/org.toml"), HOUSE).unwrap();
    for seed in ["1", "2", "3"] {
        let generated = ["simulate", "--generate", "400", "--days", "50", "--from", "2026-03-02T00:00:00Z"];
        let people = ["--responders", "human", "--seed", seed];
        let files = ["--schedules", &path("schedules"), "--history", &path("history.jsonl"), "--json"];
        let played = meridian(&[&generated[..], &people[..], &files[..]].concat(), &[]);
        assert_eq!(played.code, 0, "SEED={seed}: {}", played.stderr);
        let window = ["2026-03-05T09:30:00Z", "2026-04-05T00:00:00Z"];
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/recompute");
        let compared = Command::new(script)
            .arg(env!("CARGO_BIN_EXE_meridian"))
            .args([path("history.jsonl"), path("schedules")])
            .args(window)
            .output()
            .expect("python3 is there: tests/run installs it");
        let said = String::from_utf8_lossy(&compared.stdout);
        let errors = String::from_utf8_lossy(&compared.stderr);
        assert!(compared.status.success(), "SEED={seed}: {said}{errors}");
        assert!(said.contains("0 of 7 figures differ"), "SEED={seed}: {said}");
    }
}
