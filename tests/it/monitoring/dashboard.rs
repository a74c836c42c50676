//! The dashboard: read by Grafana's schema, and every question of it put to a real Prometheus that watches a real daemon.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::rules::alerts;
use super::sample::{Sample, eventually, get};
use super::{PROMETHEUS, docs, read, unknown_metrics};
use crate::validators::judge;

fn dashboard() -> Value {
    serde_json::from_str(&read("grafana/meridian.json")).unwrap()
}

/// Title and expression of every question.
fn questions() -> Vec<(String, String)> {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut questions = Vec::new();
    for panel in panels {
        let title = panel["title"].as_str().unwrap();
        for target in panel["targets"].as_array().into_iter().flatten() {
            questions.push((title.to_owned(), target["expr"].as_str().unwrap().to_owned()));
        }
    }
    for annotation in dashboard["annotations"]["list"].as_array().unwrap() {
        questions.push(("annotations".to_owned(), annotation["expr"].as_str().unwrap().to_owned()));
    }
    questions
}

#[test]
fn grafana_s_schema_knows_every_key_of_the_dashboard() {
    assert_eq!(judge("dashboard.py", &[], &read("grafana/meridian.json")).trim(), "");
    // The schema has a word for everything, and finds what has none.
    let strange = read("grafana/meridian.json").replacen("\"gridPos\"", "\"gridPosition\"", 1);
    assert!(judge("dashboard.py", &[], &strange).contains("/panels/0/gridPosition"), "{strange}");
}

#[test]
fn panels_fill_the_width_and_do_not_lie_on_one_another() {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap();
    let (mut taken, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for panel in panels {
        assert!(numbers.insert(panel["id"].as_i64().unwrap()), "{}", panel["title"]);
        let side = |name: &str| panel["gridPos"][name].as_i64().unwrap();
        assert!(side("x") + side("w") <= 24, "{}", panel["title"]);
        for x in side("x")..side("x") + side("w") {
            for y in side("y")..side("y") + side("h") {
                assert!(taken.insert((x, y)), "{} lies on another", panel["title"]);
            }
        }
        let source = &panel["datasource"]["uid"];
        assert!(panel["type"] == "row" || source == "${datasource}", "{}", panel["title"]);
    }
    let rows = taken.iter().map(|(_, y)| *y).max().unwrap() + 1;
    assert_eq!(i64::try_from(taken.len()).unwrap(), rows * 24, "no holes");
}

#[test]
fn the_dashboard_asks_for_metrics_that_there_are() {
    let questions = questions();
    let all: Vec<&str> = questions.iter().map(|(_, question)| question.as_str()).collect();
    let unknown = unknown_metrics(&all.join("\n"));
    assert!(unknown.is_empty(), "docs/grafana/meridian.json: not in docs/metrics.md: {unknown:?}");
}

/// A Prometheus that watches one daemon, by the rules that come with it.
struct Prometheus {
    process: Child,
    address: String,
    _folder: TempDir,
}

impl Prometheus {
    fn watching(sample: &Sample) -> Prometheus {
        let (daemon, ca) = (&sample.daemon.address, sample.ca());
        let folder = TempDir::new().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let rules = docs().join("prometheus/meridian.rules.yml");
        let config = format!(
            "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n\
            rule_files: [{rules:?}]\n\
            scrape_configs: [{{job_name: meridian, scheme: https, tls_config: {{ca_file: {ca:?}}}, \
            static_configs: [{{targets: [{daemon:?}]}}]}}]\n"
        );
        std::fs::write(folder.path().join("prometheus.yml"), config).unwrap();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let process = Command::new(PROMETHEUS.join("prometheus"))
            .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=warn"])
            .arg(format!("--web.listen-address={free}"))
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Prometheus { process, address: free.to_string(), _folder: folder }
    }

    /// Series and the value of each; `None`: the question is wrong, or nobody answers.
    fn ask(&self, question: &str) -> Option<Vec<Value>> {
        let coded: String = question.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = get(&self.address, &format!("/api/v1/query?query={coded}"))?;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        Some(answer["data"]["result"].as_array().expect("series").clone())
    }

    fn has_scraped(&self, times: u32) -> bool {
        let question = format!("count_over_time(meridian_ready{{job=\"meridian\"}}[5m]) >= {times}");
        self.ask(&question).is_some_and(|found| !found.is_empty())
    }

    fn rules(&self) -> Vec<Value> {
        let answer: Value = serde_json::from_str(&get(&self.address, "/api/v1/rules").unwrap()).unwrap();
        let groups = answer["data"]["groups"].as_array().unwrap();
        groups.iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
    }

    /// Those that fire or are about to, by name; how full this machine's disk is, is not ours to say.
    fn alerts(&self) -> Vec<String> {
        let rules = self.rules();
        let mut alerts: Vec<String> = rules
            .iter()
            .filter(|rule| rule["state"] != "inactive" && rule["name"] != "MeridianDiskFilling")
            .map(|rule| format!("{} {}", rule["name"].as_str().unwrap(), rule["state"].as_str().unwrap()))
            .collect();
        alerts.sort();
        alerts
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn every_question_of_dashboard_and_rules_is_answered_by_a_real_prometheus() {
    let sample = Sample::start();
    sample.scrape();
    let prometheus = Prometheus::watching(&sample);
    eventually(|| prometheus.has_scraped(4).then_some(()));

    let mut silent = Vec::new();
    for (title, question) in questions() {
        let question = question
            .replace("$__rate_interval", "1m")
            .replace("$__range", "5m")
            .replace("$job", "meridian")
            .replace("$instance", ".*");
        let found = prometheus.ask(&question).unwrap_or_else(|| panic!("{title}: no question: {question}"));
        if found.is_empty() && title != "annotations" {
            silent.push(format!("{title}: {question}"));
        }
    }
    assert!(silent.is_empty(), "asked, and nothing was found:\n{}", silent.join("\n"));
    let live = prometheus.ask("sum(meridian_tickets)").unwrap();
    assert_eq!(live[0]["value"][1], "3", "of four tickets, one is resolved");

    let unhealthy = eventually(|| {
        let rules = prometheus.rules();
        assert_eq!(rules.len(), alerts().len());
        let unhealthy: Vec<Value> = rules.into_iter().filter(|rule| rule["health"] != "ok").collect();
        unhealthy.iter().all(|rule| rule["health"] != "unknown").then_some(unhealthy)
    });
    assert_eq!(unhealthy, Vec::<Value>::new());
    let states = eventually(|| Some(prometheus.alerts()).filter(|alerts| alerts.len() >= 2));
    // Nobody speaks French, the only one there has declined, and everything else is well.
    assert_eq!(states, ["MeridianCoverageGapNow pending", "MeridianNobodyAtAll pending"]);
    assert_eq!(sample.daemon.stop(), 0);
}
