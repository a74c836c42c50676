//! What docs/threat-model.md claims is in the code and in tests that are there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file beneath the folder.
fn sources(folder: PathBuf) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts.extend(sources(path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            texts.push(std::fs::read_to_string(path).unwrap());
        }
    }
    texts
}

#[test]
fn every_place_and_every_test_it_names_is_there() {
    let text = std::fs::read_to_string(root().join("docs/threat-model.md")).unwrap();
    let tests: BTreeSet<String> = sources(root().join("tests"))
        .iter()
        .flat_map(|text| text.split("fn ").skip(1))
        .filter_map(|rest| rest.split_once('(').map(|(name, _)| name.to_owned()))
        .collect();
    let named: Vec<&str> = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).collect();
    let (mut found, mut missing) = (0, Vec::new());
    for name in named {
        let is_path = ["src/", "tests/", "systemd/"].iter().any(|folder| name.starts_with(folder));
        let is_test = name.matches('_').count() >= 3 && !name.contains('/');
        let is_there = match (is_path, is_test) {
            (true, _) => root().join(name).exists(),
            (_, true) => tests.contains(name),
            _ => continue,
        };
        found += 1;
        if !is_there {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "docs/threat-model.md names what is not there: {missing:?}");
    assert!(found > 40, "only {found} places are named");
}

#[test]
fn what_the_compiler_cannot_check_stands_where_the_page_says() {
    for (folder, expected) in [("src/daemon/listening.rs", 2), ("src/cli/serve.rs", 1)] {
        let text = std::fs::read_to_string(root().join(folder)).unwrap();
        assert_eq!(text.matches("unsafe {").count(), expected, "{folder}");
    }
    let everywhere: usize =
        sources(root().join("src")).iter().map(|text| text.matches("unsafe {").count()).sum();
    assert_eq!(everywhere, 3, "unsafe code beyond that is to be named in docs/threat-model.md");
}
