//! Schedules from text to timelines, one team beside fifty-one: the time per team must not grow with their number.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use meridian::coverage::Coverage;
use meridian::schedule::{Files, Organisation, parse, stale};
use meridian::zone::Zones;

const TEAMS: [u64; 2] = [1, 51];

const ORG: &str = r#"
[org]
tiers = ["frontline"]
policy = "standard"
[policies.standard]
steps = [{ tier = "frontline", call = ["primary"] }]
"#;

const ZONES: [&str; 6] = [
    "Europe/Stockholm",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Atlantic/Azores",
    "America/Santiago",
];

fn coverage(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("coverage");
    group.sample_size(10).measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_secs(1));
    for teams in TEAMS {
        let files = files(teams);
        let organisation = Arc::new(checked(&files));
        group.throughput(Throughput::Elements(teams));
        group.bench_function(BenchmarkId::new("parse, check", teams), |bencher| {
            bencher.iter(|| checked(&files));
        });
        group.bench_function(BenchmarkId::new("stale", teams), |bencher| {
            bencher.iter(|| stale(&organisation, &files, now()));
        });
        group.bench_function(BenchmarkId::new("compile 400 days", teams), |bencher| {
            bencher.iter(|| compiled(&organisation));
        });
        let (one, other) = (compiled(&organisation), compiled(&organisation));
        group.bench_function(BenchmarkId::new("compare", teams), |bencher| {
            bencher.iter(|| one.differing_teams(&other, now()));
        });
    }
    group.finish();
}

fn now() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().expect("an instant")
}

/// On the embedded zone data, so that two machines measure the same.
fn compiled(organisation: &Arc<Organisation>) -> Coverage {
    let until = now() + TimeDelta::days(400);
    Coverage::compile(organisation.clone(), Arc::new(Zones::default()), Arc::default(), now(), until)
}

fn checked(files: &Files) -> Organisation {
    parse(files).check(&|_| true).organisation.expect("no error")
}

/// Each team has 20 people, two windows, one of which passes midnight, and five rotations of different kinds.
fn files(teams: u64) -> Files {
    let mut files = BTreeMap::from([("org.toml".to_owned(), ORG.to_owned())]);
    for team in 0..teams {
        let zone = ZONES[team as usize % ZONES.len()];
        let people: Vec<String> = (0..20).map(|person| format!("\"p{team}-{person}\"")).collect();
        let (half, all) = (people[..10].join(", "), people.join(", "));
        let mut text = format!(
            "[regions.r{team}]\ntimezone = \"{zone}\"\n[teams.t{team}]\nregion = \"r{team}\"\ntier = \"frontline\"\n\
             members = [{all}]\nhours = [{{ from = \"08:00\", to = \"16:00\", members = [{half}] }}, \
             {{ days = [\"mon\", \"fri\"], from = \"15:30\", to = \"00:30\" }}]\n"
        );
        for rotation in [
            "during = \"outside-hours\"\nevery = \"week\"",
            "layer = 1\nduring = [{ days = [\"sat\", \"sun\"], from = \"10:00\", to = \"18:00\" }]\nevery = \"week\"",
            "line = \"secondary\"\nevery = \"FREQ=WEEKLY;BYDAY=MO,TH\"",
            "line = \"tertiary\"\nevery = \"day\"",
            "line = \"management\"\nevery = \"FREQ=MONTHLY;BYDAY=1MO\"",
        ] {
            let table = format!("starts = 2025-01-06T09:00:00\nmembers = [{all}]\n{rotation}");
            writeln!(text, "[[teams.t{team}.rotations]]\n{table}").expect("text");
        }
        for person in people {
            writeln!(text, "[people.{person}]\nname = \"P\"\nlanguages = [\"en\"]").expect("text");
        }
        let leave = format!("[[leave]]\nperson = \"p{team}-3\"\nfrom = 2026-07-01\nto = 2026-07-28\n");
        files.insert(format!("t{team}.toml"), text + &leave);
    }
    files
}

criterion_group!(benches, coverage);
criterion_main!(benches);
