//! What somebody who watches daemons is given: numbers, alert rules, a dashboard, runbooks. They are held against a real
//! daemon, and against Prometheus.

mod dashboard;
mod metrics;
mod rules;
mod runbooks;
mod sample;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(docs().join(path)).unwrap_or_else(|error| panic!("docs/{path}: {error}"))
}

/// A row of the tables in docs/metrics.md.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Documented {
    name: String,
    kind: String,
    labels: Vec<String>,
    unit: String,
}

fn documented() -> BTreeSet<Documented> {
    let text = read("metrics.md");
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 7, "docs/metrics.md: {row}");
        assert!(["all", "node"].contains(&cells[4]), "docs/metrics.md: `of` is all or node: {row}");
        let bare = |cell: &str| cell.replace('`', "");
        Documented {
            name: bare(cells[0]),
            kind: cells[1].to_owned(),
            labels: bare(cells[2]).split_whitespace().map(str::to_owned).collect(),
            unit: cells[3].to_owned(),
        }
    })
    .collect()
}

/// Metrics that a query or a file of them names and that are not documented.
fn unknown_metrics(text: &str) -> BTreeSet<String> {
    let known = documented();
    let of_a_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c| !of_a_word(c));
    let named = words.filter(|word| word.starts_with("meridian_") || word.starts_with("process_"));
    let is_known = |name: &str| {
        known.iter().any(|metric| match metric.kind.as_str() {
            "histogram" => {
                ["_bucket", "_sum", "_count"].iter().any(|part| *name == format!("{}{part}", metric.name))
            }
            _ => metric.name == name,
        })
    };
    named.filter(|name| !is_known(name)).map(str::to_owned).collect()
}

/// Where `prometheus` and `promtool` are.
static PROMETHEUS: LazyLock<PathBuf> = LazyLock::new(|| {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/prometheus");
    let found = Command::new(script).output().expect("tests/tools/prometheus can be run");
    let said = String::from_utf8_lossy(&found.stderr);
    assert!(found.status.success(), "tests/tools/prometheus does not bring Prometheus:\n{said}");
    PathBuf::from(String::from_utf8(found.stdout).expect("a path").trim())
});
