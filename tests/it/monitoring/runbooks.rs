//! A page for each alert, with commands that there are.

use std::path::Path;
use std::process::Command;

use super::rules::alerts;
use super::{docs, documented, read, unknown_metrics};

const PARTS: [&str; 5] = ["## What it means", "## See it", "## Do", "## Over when", "## What causes it"];

#[test]
fn every_alert_has_its_runbook_and_every_runbook_its_alert() {
    let folder = std::fs::read_dir(docs().join("runbooks")).unwrap();
    let mut pages: Vec<String> =
        folder.map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
    pages.sort();
    let mut wanted: Vec<String> = alerts().iter().map(|alert| format!("{alert}.md")).collect();
    wanted.sort();
    assert_eq!(pages, wanted);
    let rules = read("prometheus/meridian.rules.yml");
    for alert in alerts() {
        let named = format!("runbook: /usr/share/doc/meridian/runbooks/{alert}.md\n");
        assert_eq!(rules.matches(&named).count(), 1, "{alert} names its own page");
        let page = read(&format!("runbooks/{alert}.md"));
        assert!(page.starts_with(&format!("# {alert}\n")), "{alert}");
        let parts: Vec<&str> = page.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(parts, PARTS, "{alert}");
        assert!(page.lines().count() <= 60, "{alert}: too long for the night");
    }
}

/// The commands of `meridian` in a page, without what their output goes through.
fn commands(page: &str) -> Vec<&str> {
    let lines = page.lines().map(str::trim_start).filter(|line| line.starts_with("meridian "));
    lines.map(|line| line.split(['|', '>']).next().expect("the first part").trim()).collect()
}

#[test]
fn runbooks_name_commands_and_options_that_there_are() {
    let folder = tempfile::TempDir::new().unwrap();
    let meridian = Path::new(env!("CARGO_BIN_EXE_meridian")).parent().unwrap();
    let path = format!("{}:{}", meridian.display(), std::env::var("PATH").unwrap());
    let mut checked = 0;
    for alert in alerts() {
        let page = read(&format!("runbooks/{alert}.md"));
        for line in commands(&page) {
            // Nobody listens there: what is understood fails all the same, but not with 2, which is wrong usage.
            let tried = Command::new("sh")
                .args(["-c", line])
                .current_dir(folder.path())
                .env("PATH", &path)
                .env("MERIDIAN_SERVER", "http://127.0.0.1:9")
                .env("MERIDIAN_TOKEN", "none")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&tried.stderr);
            assert!(matches!(tried.status.code(), Some(0 | 1)), "{alert}: {line}: {said}");
            checked += 1;
        }
    }
    assert!(checked > 40, "only {checked} commands were found");
}

#[test]
fn runbooks_name_metrics_and_pages_that_there_are() {
    for alert in alerts() {
        let page = read(&format!("runbooks/{alert}.md"));
        let mut unknown = unknown_metrics(&page);
        // Of a histogram a page may speak as a whole.
        unknown.retain(|name| !documented().iter().any(|metric| metric.name == *name));
        assert!(unknown.is_empty(), "{alert}: not in docs/metrics.md: {unknown:?}");
        for (_, rest) in page.match_indices("](").map(|(at, _)| page.split_at(at + 2)) {
            let link = rest.split(')').next().unwrap();
            assert!(docs().join("runbooks").join(link).exists(), "{alert}: {link}");
        }
    }
}

/// Of the service alone, the next request would start it again in the middle of the work.
#[test]
fn whoever_is_told_to_stop_the_service_is_told_to_stop_the_socket_too() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut told, mut files) = (0, vec![root.join("README.md")]);
    let mut folders = vec![root.join("src"), root.join("docs"), root.join("systemd")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() { folders.push(entry) } else { files.push(entry) }
        }
    }
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for (at, _) in text.match_indices("systemctl stop meridian") {
            let command = text[at..].split(['\n', '`', '"', ')', ',']).next().unwrap();
            let units: Vec<&str> = command.split_whitespace().skip(2).collect();
            assert_eq!(units, ["meridian.socket", "meridian.service"], "{}: {command}", file.display());
            told += 1;
        }
    }
    assert!(told >= 6, "only {told} were found");
    for alert in alerts() {
        let page = read(&format!("runbooks/{alert}.md"));
        let stops = page.contains("systemctl stop meridian");
        assert_eq!(
            stops,
            page.contains("meridian restore "),
            "{alert}: a restore is of a daemon that stands still"
        );
        assert!(stops || !page.to_lowercase().contains("stop the daemon"), "{alert}: by which command?");
    }
}
