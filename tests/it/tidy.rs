//! The rules of the house that a compiler does not know. Every finding names file, line and what to do.

use std::collections::BTreeSet;
use std::path::Path;

mod source;
use source::{Place, Source};

/// A room imports only what stands below it, and what is not written here is not imported.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("message", &[]),
    ("schedule", &["message"]),
    ("zone", &["schedule"]),
    ("coverage", &["schedule", "zone"]),
    ("picture", &["schedule", "zone", "coverage"]),
    ("desk", &["message", "schedule", "zone", "coverage"]),
    ("clock", &[]),
    ("settings", &["schedule"]),
    ("telemetry", &["settings"]),
    ("tls", &["settings"]),
    ("store", &["desk", "schedule", "zone", "coverage"]),
    ("engine", &["store", "desk", "schedule", "zone", "coverage", "clock"]),
    ("notify", &["engine", "store", "desk", "message", "schedule", "zone", "coverage", "clock", "settings"]),
    ("report", &["picture", "desk", "message", "schedule", "zone", "coverage"]),
    ("simulate", &["report", "desk", "schedule", "zone", "coverage"]),
    (
        "api",
        &[
            "report", "notify", "engine", "store", "desk", "schedule", "zone", "coverage", "clock",
            "settings", "tls",
        ],
    ),
    ("daemon", EVERYTHING),
    ("cli", EVERYTHING),
];
const EVERYTHING: &[&str] = &["*"];

/// Rooms of plain functions: values in, values out.
const PURE: &[&str] = &["message", "schedule", "zone", "coverage", "picture", "desk", "report"];

/// The parts of pure rooms that read the disk for them.
const LOADERS: &[&str] = &["src/schedule/load.rs", "src/zone/folder.rs"];

/// What a pure room does not name, and what to do instead.
const IMPURE: &[(&str, &str)] = &[
    ("tokio", "a pure room never awaits: do it in engine, notify or daemon"),
    ("sqlx", "queries stand in store"),
    ("axum", "HTTP stands in api"),
    ("reqwest", "messages are sent in notify"),
    ("std::fs", "only a room's loader reads the disk (LOADERS in tests/it/tidy.rs)"),
    ("std::env", "take the value as a parameter"),
    ("std::net", "a pure room has no network"),
    ("std::process", "a pure room starts nothing"),
    ("std::thread", "a pure room starts nothing"),
    ("Utc::now", "take `now` as a parameter"),
    ("Local::now", "take `now` as a parameter"),
    ("SystemTime", "take `now` as a parameter"),
    ("Instant::now", "take `now` as a parameter"),
    ("fastrand", "the same input has to give the same output: take what is random as a parameter"),
    ("getrandom", "the same input has to give the same output: take what is random as a parameter"),
    ("HashMap", "its order differs from run to run: take a BTreeMap"),
    ("HashSet", "its order differs from run to run: take a BTreeSet"),
];

/// What asks the machine for the time of day.
const WALL_CLOCK: &[&str] = &["Utc::now", "Local::now", "SystemTime::now"];

const LINES_MAX: usize = 600;

#[test]
fn a_room_imports_only_what_stands_below_it() {
    assert_none(sources("src").iter().flat_map(|source| forbidden_imports(source, &rooms())).collect());
}

#[test]
fn the_import_table_points_downwards_only() {
    for (at, (room, below)) in MAY_IMPORT.iter().enumerate() {
        for name in below.iter().filter(|name| **name != "*") {
            let stands = MAY_IMPORT.iter().position(|(room, _)| room == name);
            assert!(
                stands.is_some_and(|stands| stands < at),
                "MAY_IMPORT: {room} names {name}, which is not above it"
            );
        }
    }
}

#[test]
fn pure_rooms_name_neither_clock_nor_disk_nor_network_nor_chance() {
    assert_none(sources("src").iter().flat_map(impurities).collect());
}

#[test]
fn only_the_clock_reads_the_wall_clock() {
    assert_none(sources("src").iter().flat_map(wall_clock_readings).collect());
}

#[test]
fn files_are_short() {
    let long = |source: &Source| {
        let lines = source.text.lines().count();
        (lines > LINES_MAX).then(|| {
            format!("{}:{lines}: over {LINES_MAX} lines; has it a second subject to split off?", source.path)
        })
    };
    assert_none(sources("src").iter().filter_map(long).collect());
}

#[test]
fn nothing_is_left_half_done() {
    let everywhere = ["src", "tests", "benches", "fuzz/src", "fuzz/targets"]
        .into_iter()
        .flat_map(sources)
        .collect::<Vec<_>>();
    assert_none(everywhere.iter().flat_map(leftovers).collect());
}

#[test]
fn the_map_has_a_line_for_every_room() {
    let map =
        std::fs::read_to_string(root().join("src/ARCHITECTURE.md")).expect("src/ARCHITECTURE.md is the map");
    let missing = |room: &String| {
        let named = [format!("{room}/"), format!("`{room}`"), format!("{room}.rs")];
        (!map.lines().any(|line| named.iter().any(|name| line.contains(name))))
            .then(|| format!("src/ARCHITECTURE.md: no line about {room}; say in one what it is for"))
    };
    assert_none(rooms().iter().filter_map(missing).collect());
}

fn forbidden_imports(source: &Source, rooms: &BTreeSet<String>) -> Vec<String> {
    let Some(room) = source.room() else { return Vec::new() };
    let Some((_, below)) = MAY_IMPORT.iter().find(|(name, _)| *name == room) else {
        return vec![format!(
            "{}:1: no line for {room} in MAY_IMPORT (tests/it/tidy.rs); add one",
            source.path
        )];
    };
    let mut findings = Vec::new();
    for (place, name) in source.crate_names(rooms) {
        let line = format!("{}:{}", source.path, place.line);
        if !rooms.contains(&name) {
            findings.push(format!("{line}: crate::{name} is no room; name it by the room it stands in"));
        } else if name != room && !below.contains(&name.as_str()) && *below != EVERYTHING {
            findings.push(format!(
                "{line}: {room} may not import {name}; move the shared part below both, or pass it in \
                 (MAY_IMPORT in tests/it/tidy.rs says who may)"
            ));
        }
    }
    findings.dedup();
    findings
}

fn impurities(source: &Source) -> Vec<String> {
    if !source.room().is_some_and(|room| PURE.contains(&room)) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (name, remedy) in IMPURE {
        let disk = ["std::fs", "std::env"].contains(name);
        if disk && LOADERS.contains(&source.path.as_str()) {
            continue;
        }
        for place in source.naming(name) {
            findings.push(format!("{}:{}: {name} in a pure room; {remedy}", source.path, place.line));
        }
    }
    findings.dedup();
    findings
}

fn wall_clock_readings(source: &Source) -> Vec<String> {
    if source.path == "src/clock.rs" {
        return Vec::new();
    }
    let readings = WALL_CLOCK.iter().flat_map(|name| source.naming(name).map(move |place| (name, place)));
    readings
        .map(|(name, place)| {
            format!("{}:{}: {name}; ask the Clock (src/clock.rs) instead", source.path, place.line)
        })
        .collect()
}

fn leftovers(source: &Source) -> Vec<String> {
    let mut findings = Vec::new();
    let mut find = |line: usize, what: &str, remedy: &str| {
        findings.push(format!("{}:{line}: {what}; {remedy}", source.path));
    };
    for (line, code) in source.code_lines() {
        for what in ["todo!", "unimplemented!", "dbg!"] {
            if code.contains(what) {
                find(line, what, "finish it or take it out");
            }
        }
        if code.contains("#[ignore") {
            find(line, "an ignored test", "it proves nothing: mend it or delete it");
        }
        for lint in ["dead_code", "unused"] {
            if ["allow(", "expect("].iter().any(|quiet| code.contains(quiet)) && code.contains(lint) {
                find(line, &format!("{lint} silenced"), "delete what is not used");
            }
        }
    }
    for (line, text) in source.text.lines().enumerate() {
        // Put together here, lest this file finds itself.
        for what in [concat!("TO", "DO"), concat!("FIX", "ME")] {
            if text.contains(what) {
                find(line + 1, what, "do it now, or open an issue");
            }
        }
    }
    findings
}

/// Folders of `src`, and files beside them but for the two that only list rooms.
fn rooms() -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join("src")).expect("src is a folder");
    let names =
        entries.map(|entry| entry.expect("src can be read").file_name().into_string().expect("UTF-8"));
    names
        .filter(|name| !["lib.rs", "main.rs", "ARCHITECTURE.md"].contains(&name.as_str()))
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .collect()
}

/// Every Rust file beneath a folder of the project, in order of path.
fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.expect("a folder of the project can be read").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source file is UTF-8");
                let path = path.strip_prefix(root()).expect("beneath the root").to_str().expect("UTF-8");
                found.push(Source::new(path, &text));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
fn assert_none(findings: Vec<String>) {
    assert!(findings.is_empty(), "{} to mend:\n{}\n", findings.len(), findings.join("\n"));
}

mod on_small_texts {
    use super::*;

    fn findings(path: &str, text: &str) -> String {
        let rooms = MAY_IMPORT.iter().map(|(room, _)| room.to_string()).collect();
        let source = Source::new(path, text);
        let mut all = forbidden_imports(&source, &rooms);
        all.extend(impurities(&source));
        all.extend(wall_clock_readings(&source));
        all.extend(leftovers(&source));
        all.join("\n")
    }

    #[test]
    fn imports_are_seen_in_groups_in_paths_and_through_super() {
        insta::assert_snapshot!(findings("src/desk/route.rs", "
            use crate::{schedule::Team, store::{self, Store}};
            use super::super::engine;
            fn f() -> crate::api::Body { crate::coverage::at() }
            use crate::Orphan;
        "), @r"
        src/desk/route.rs:2: desk may not import store; move the shared part below both, or pass it in (MAY_IMPORT in tests/it/tidy.rs says who may)
        src/desk/route.rs:3: desk may not import engine; move the shared part below both, or pass it in (MAY_IMPORT in tests/it/tidy.rs says who may)
        src/desk/route.rs:4: desk may not import api; move the shared part below both, or pass it in (MAY_IMPORT in tests/it/tidy.rs says who may)
        src/desk/route.rs:5: crate::Orphan is no room; name it by the room it stands in
        ");
    }

    #[test]
    fn a_room_without_a_line_in_the_table_is_told_to_get_one() {
        insta::assert_snapshot!(
            findings("src/cellar/mod.rs", "use crate::desk::Ticket;"),
            @"src/cellar/mod.rs:1: no line for cellar in MAY_IMPORT (tests/it/tidy.rs); add one"
        );
    }

    #[test]
    fn impure_names_are_seen_however_they_are_imported() {
        insta::assert_snapshot!(findings("src/coverage/compile.rs", "
            use std::{collections::{BTreeMap, HashMap}, fs};
            use chrono::Utc;
            fn f(now: DateTime<Utc>) { Utc::now(); chrono::Utc
                ::now(); tokio::spawn(g) }
        "), @r"
        src/coverage/compile.rs:5: tokio in a pure room; a pure room never awaits: do it in engine, notify or daemon
        src/coverage/compile.rs:2: std::fs in a pure room; only a room's loader reads the disk (LOADERS in tests/it/tidy.rs)
        src/coverage/compile.rs:4: Utc::now in a pure room; take `now` as a parameter
        src/coverage/compile.rs:2: HashMap in a pure room; its order differs from run to run: take a BTreeMap
        src/coverage/compile.rs:4: Utc::now; ask the Clock (src/clock.rs) instead
        src/coverage/compile.rs:4: Utc::now; ask the Clock (src/clock.rs) instead
        ");
    }

    #[test]
    fn what_is_allowed_passes() {
        let loader = "use std::fs; use crate::schedule::Files;";
        assert_eq!(findings("src/zone/folder.rs", loader), "");
        assert_eq!(findings("src/clock.rs", "fn now() { chrono::Utc::now() }"), "");
        assert_eq!(findings("src/daemon/mod.rs", "use crate::{api, cli}; use tokio::fs;"), "");
        // A part of the room that is called like another room is still its own.
        assert_eq!(findings("src/main.rs", "use meridian::cli;"), "");
    }

    #[test]
    fn comments_strings_and_unit_tests_name_what_they_like() {
        let text = r##"
            // use crate::store; Utc::now()
            /* tokio /* HashMap */ todo!() */
            const A: &str = "https://std::fs \" HashMap"; const B: char = '"'; const C: char = '\'';
            const D: &str = r#"sqlx " dbg!()"#; fn life<'a>(x: &'a str) -> &'a str { x }
            #[cfg(test)]
            mod tests { use std::collections::HashSet; fn f() { use crate::store::Store; } }
        "##;
        assert_eq!(findings("src/desk/route.rs", text), "");
        let behind = format!("{text}\n#[cfg(test)] mod tests;\nuse crate::store::Store;");
        assert!(
            findings("src/desk/route.rs", &behind)
                .starts_with("src/desk/route.rs:10: desk may not import store")
        );
    }

    #[test]
    fn leftovers_are_seen() {
        let mark = concat!("TO", "DO");
        let text = format!(
            "#[allow(dead_code)]\nfn f() {{ todo!() }} // {mark}: later\n#[ignore = \"slow\"]\nfn g() {{}}"
        );
        insta::assert_snapshot!(findings("src/api/tickets.rs", &text).replace(mark, "TO-DO"), @r"
        src/api/tickets.rs:1: dead_code silenced; delete what is not used
        src/api/tickets.rs:2: todo!; finish it or take it out
        src/api/tickets.rs:3: an ignored test; it proves nothing: mend it or delete it
        src/api/tickets.rs:2: TO-DO; do it now, or open an issue
        ");
    }

    #[test]
    fn a_place_is_where_the_name_begins() {
        let source = Source::new("src/desk/x.rs", "fn f() {}\n\nuse a::{\n    b::HashMap,\n};\n");
        assert_eq!(source.naming("HashMap").collect::<Vec<_>>(), [Place { line: 4 }]);
    }
}
