//! README's quick start, as somebody types it who has just got here, at whatever hour.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::daemon::Daemon;

/// The lines to type in the section's second terminal, after the alias.
fn typed(readme: &str) -> Vec<&str> {
    let section = readme.split("## Quick start").nth(1).unwrap().split("\n## ").next().unwrap();
    section
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with("meridian "))
        .collect()
}

#[test]
fn the_last_step_of_the_quick_start_was_refused() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(root.join("schedules"), folder.path().join("schedules")).unwrap();
    let daemon = Daemon::start(folder.path(), None);
    let shell = |line: &str| {
        let line = line.replacen("meridian", env!("CARGO_BIN_EXE_meridian"), 1);
        let mut command = Command::new("sh");
        command.args(["-c", &line]).current_dir(folder.path()).env("NO_COLOR", "1");
        let ran =
            command.env("MERIDIAN_SERVER", daemon.server()).env_remove("MERIDIAN_TOKEN").output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (ran.status.code(), text(&ran.stdout), text(&ran.stderr))
    };
    let read = |line: &str| -> Value {
        let (code, said, error) = shell(line);
        assert_eq!(code, Some(0), "{line}: {error}");
        serde_json::from_str(&said).unwrap()
    };
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let lines = typed(&readme);
    let (looked, worked): (Vec<&str>, Vec<&str>) = lines.iter().partition(|line| !line.contains(" 1"));
    assert_eq!(worked.len(), 4, "{lines:?}");
    for line in looked {
        let (code, said, error) = shell(line);
        assert_eq!(code, Some(0), "{line}: {said}{error}");
    }
    let offer = &read("meridian ticket show 1 --json")["offer"];
    let mut people = offer["ask"].as_array().expect("it is offered at every hour").clone();
    if people.is_empty() {
        let team = &offer["team"].as_str().unwrap();
        let here = read(&format!("meridian who --team {team} --json"));
        people = here["teams"][0]["working"].as_array().unwrap().clone();
    }
    let somebody = people[0].as_str().unwrap();
    for line in worked {
        let (code, said, error) = shell(&line.replace("--as anna", &format!("--as {somebody}")));
        assert_eq!(code, Some(0), "{line} (as {somebody}): {said}{error}");
    }
    assert_eq!(read("meridian ticket show 1 --json")["state"], "resolved");
}
