//! The JSON Schema of the rotation files: what it knows is what the reader knows, and judges that are not ours agree.

use std::collections::BTreeSet;
use std::path::Path;

use insta::assert_snapshot;
use meridian::schedule::{Files, parse, schema};
use serde_json::Value;

use crate::cli::run::meridian;
use crate::validators::judge;

#[test]
fn every_table_and_key_is_described() {
    let schema = schema();
    let tables = schema["$defs"].as_object().expect("tables").iter();
    let mut keys = 0;
    for (name, table) in tables.chain([(&"File".to_owned(), &schema)]) {
        let said = |value: &Value| value["description"].as_str().is_some_and(|text| text.ends_with('.'));
        assert!(said(table), "{name} is not described");
        assert_eq!(table["additionalProperties"], false, "{name}");
        for (key, about) in table["properties"].as_object().expect("keys") {
            assert!(said(about), "{name}.{key} is not described");
            keys += 1;
        }
    }
    assert!(keys > 100, "only {keys} keys");
}

/// A file in which one table has a key that is not known, and the keys that the schema knows in that table.
type Case = (String, BTreeSet<String>);

/// One for each table that the schema leads to, written as a value within its parents.
fn with_an_unknown_key(
    schema: &Value,
    table: &Value,
    around: &dyn Fn(String) -> String,
    cases: &mut Vec<Case>,
) {
    let properties = table["properties"].as_object().expect("keys");
    cases.push((around("zzzzzzzz = 1".to_owned()), properties.keys().cloned().collect()));
    for (key, value) in properties {
        let written: [(&Value, &str, &str); 4] = [
            (value, "{ ", " }"),
            (&value["items"], "[{ ", " }]"),
            (&value["additionalProperties"], "{ x = { ", " } }"),
            (&value["anyOf"][1], "{ ", " }"),
        ];
        let in_list = &value["anyOf"][1]["items"];
        for (place, open, close) in written.into_iter().chain([(in_list, "[{ ", " }]")]) {
            let Some(name) = place["$ref"].as_str() else { continue };
            let inner = &schema["$defs"][name.trim_start_matches("#/$defs/")];
            let wrapped = |text: String| around(format!("{key} = {open}{text}{close}"));
            with_an_unknown_key(schema, inner, &wrapped, cases);
        }
    }
}

#[test]
fn the_reader_knows_the_same_keys() {
    let schema = schema();
    let mut cases = Vec::new();
    with_an_unknown_key(&schema, &schema, &|text| text, &mut cases);
    assert!(cases.len() >= 25, "only {} tables", cases.len());
    for (text, keys) in cases {
        let files = Files::from([("a.toml".to_owned(), text.clone())]);
        let problems = parse(&files).check(&|_| true).problems;
        let unknown: Vec<_> = problems.iter().filter(|problem| problem.code == "unknown-key").collect();
        let [problem] = unknown[..] else { panic!("{text}: {problems:?}") };
        let remedy = problem.remedy.as_deref().and_then(|text| text.strip_prefix("known here: "));
        let known = remedy.unwrap_or_else(|| panic!("{text}: {problem:?}")).split(", ").map(str::to_owned);
        assert_eq!(known.collect::<BTreeSet<_>>(), keys, "{text}");
    }
}

/// Every TOML file beneath a folder.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable").path())
        {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "toml") {
                found.push(path.to_str().expect("UTF-8").to_owned());
            }
        }
    }
    found.sort();
    found
}

fn judged(files: &[String]) -> String {
    let schema = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(schema.path(), meridian(&["schema"], &[]).stdout).expect("it can be written");
    let schema = schema.path().to_str().expect("UTF-8");
    let paths: Vec<&str> = [schema].into_iter().chain(files.iter().map(String::as_str)).collect();
    judge("validate.py", &paths, "")
}

#[test]
fn sound_files_satisfy_another_validator() {
    let folders = ["schedules", "tests/golden/sample", "tests/golden/small", "tests/golden/picture"];
    let sound: Vec<String> = folders.into_iter().flat_map(files).collect();
    assert!(sound.len() > 15, "only {} files", sound.len());
    assert_eq!(judged(&sound), "");
}

#[test]
fn it_finds_what_is_wrong_in_a_broken_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = [
        ("unknown-key", "[teams.a]\nregion = 'r'\ntier = 't'\nmember = ['anna']"),
        ("type", "[teams.a]\nregion = 'r'\ntier = 't'\nmembers = 'anna'"),
        ("word", "[teams.a]\nregion = 'r'\ntier = 't'\nassign = 'random'"),
        ("missing", "[teams.a]\ntier = 't'"),
        ("duration", "[handoff]\nlead = '30 minutes'"),
        ("time", "[teams.a]\nregion = 'r'\ntier = 't'\nhours = [{ from = '8:00', to = '25:00' }]"),
        ("moment", "[[leave]]\nperson = 'anna'\nfrom = 2026-12-24\nto = 09:00:00"),
        ("local", "[[teams.a.rotations]]\nstarts = 2026-01-05T09:00:00Z\nevery = 'week'\nmembers = ['anna']"),
        ("id", "[people.'anna lindqvist']"),
        ("priority", "[priorities.P6]\nwhen_closed = 'page'"),
        ("rule", "[[teams.a.rotations]]\nstarts = 2026-01-05T09:00:00\nevery = 'often'\nmembers = ['anna']"),
    ];
    let write = |(name, text): &(&str, &str)| {
        let path = folder.path().join(format!("{name}.toml"));
        std::fs::write(&path, text).expect("it can be written");
        path.to_str().expect("UTF-8").to_owned()
    };
    let said = judged(&broken.iter().map(write).collect::<Vec<_>>());
    let said = said.replace(&format!("{}/", folder.path().display()), "");
    // What stands behind a pattern's beginning is for machines.
    let said: Vec<&str> =
        said.lines().map(|line| line.split(" does not match").next().unwrap_or("")).collect();
    assert_snapshot!(said.join("\n"), @r#"
    unknown-key.toml: $.teams.a: Additional properties are not allowed ('member' was unexpected)
    type.toml: $.teams.a.members: 'anna' is not of type 'array'
    word.toml: $.teams.a.assign: 'random' is not one of ['least-loaded', 'round-robin', 'queue']
    missing.toml: $.teams.a: 'region' is a required property
    duration.toml: $.handoff.lead: '30 minutes'
    time.toml: $.teams.a.hours[0].from: '8:00'
    time.toml: $.teams.a.hours[0].to: '25:00'
    moment.toml: $.leave[0].to: '09:00:00'
    local.toml: $.teams.a: 'region' is a required property
    local.toml: $.teams.a: 'tier' is a required property
    local.toml: $.teams.a.rotations[0].starts: '2026-01-05T09:00:00+00:00'
    id.toml: $.people: 'anna lindqvist'
    priority.toml: $.priorities: Additional properties are not allowed ('P6' was unexpected)
    rule.toml: $.teams.a: 'region' is a required property
    rule.toml: $.teams.a: 'tier' is a required property
    rule.toml: $.teams.a.rotations[0].every: 'often' is not valid under any of the given schemas
    "#);
}
