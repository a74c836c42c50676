//! Alert rules, judged by Prometheus' own tool.

use std::process::Command;

use super::{PROMETHEUS, docs, read, unknown_metrics};

/// The names of the alerts, in the order of the file.
pub fn alerts() -> Vec<String> {
    let rules = read("prometheus/meridian.rules.yml");
    let names = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: "));
    names.map(str::to_owned).collect()
}

/// What promtool says, and whether it agrees.
fn promtool(arguments: &[&str]) -> (bool, String) {
    let folder = docs().join("prometheus");
    let done =
        Command::new(PROMETHEUS.join("promtool")).args(arguments).current_dir(folder).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    (done.status.success(), said)
}

#[test]
fn promtool_accepts_the_rules() {
    let (accepted, said) = promtool(&["check", "rules", "--lint=all", "--lint-fatal", "meridian.rules.yml"]);
    assert!(accepted, "{said}");
    assert!(said.contains(&format!("SUCCESS: {} rules found", alerts().len())), "{said}");
}

#[test]
fn every_alert_fires_when_it_should_and_not_otherwise() {
    let (held, said) = promtool(&["test", "rules", "meridian.rules.test.yml"]);
    assert!(held, "{said}");
    let tests = read("prometheus/meridian.rules.test.yml");
    let (_, tests) = tests.split_once("tests:\n").unwrap();
    let tried: Vec<(&str, &str)> =
        tests.split("  - name: ").skip(1).map(|test| test.split_once('\n').unwrap()).collect();
    let names: Vec<&str> = tried.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, alerts(), "one test for each alert, in the order of the rules");
    for (name, test) in tried {
        let asked = test.matches(&format!("- alertname: {name}\n")).count();
        assert_eq!(asked, test.matches("- alertname: ").count(), "{name}: a test is about its own alert");
        assert!(test.contains("exp_alerts: []"), "{name}: when does it not fire?");
        assert!(test.contains("exp_labels"), "{name}: when does it fire?");
    }
}

#[test]
fn promtool_finds_a_rule_that_never_fires() {
    let folder = tempfile::TempDir::new().unwrap();
    let rules = read("prometheus/meridian.rules.yml");
    let broken =
        rules.replace("meridian_oldest_overdue_seconds > 60", "meridian_oldest_overdue_seconds > 6000");
    assert_ne!(broken, rules);
    std::fs::write(folder.path().join("meridian.rules.yml"), broken).unwrap();
    let tests = folder.path().join("tests.yml");
    std::fs::write(&tests, read("prometheus/meridian.rules.test.yml")).unwrap();
    let (held, said) = promtool(&["test", "rules", tests.to_str().unwrap()]);
    assert!(!held && said.contains("MeridianWorkOverdue"), "{said}");
}

#[test]
fn rules_ask_for_metrics_that_there_are() {
    for file in ["prometheus/meridian.rules.yml", "prometheus/meridian.rules.test.yml"] {
        let unknown = unknown_metrics(&read(file));
        assert!(unknown.is_empty(), "docs/{file}: not in docs/metrics.md: {unknown:?}");
    }
}
