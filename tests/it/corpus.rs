//! What fuzzing has found worth keeping: every file of `fuzz/corpus` goes through the trial of its target once more.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

#[path = "../../fuzz/src/trials/mod.rs"]
mod trials;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// By name, so that a failure is the same on every machine.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn replayed(target: &str) {
    let (_, trial) = trials::ALL.iter().find(|(name, _)| *name == target).expect("there is such a trial");
    let files = files(&fuzz().join("corpus").join(target));
    assert!(!files.is_empty(), "fuzz/corpus/{target} is empty: begin it with an ordinary example");
    for file in files {
        let bytes = fs::read(&file).unwrap();
        if catch_unwind(|| trial(&bytes)).is_err() {
            panic!("{} is not stood; what went wrong is said above", file.display());
        }
    }
}

#[test]
fn rotation_files_out_of_the_corpus_are_stood() {
    replayed("rotation_files");
}

#[test]
fn calendars_out_of_the_corpus_are_stood() {
    replayed("ics");
}

#[test]
fn requests_out_of_the_corpus_are_stood() {
    replayed("api_bodies");
}

#[test]
fn names_and_titles_out_of_the_corpus_stay_text() {
    replayed("templates");
}

#[test]
fn zone_files_out_of_the_corpus_are_stood() {
    replayed("zone_files");
}

#[test]
fn streams_of_tickets_out_of_the_corpus_are_stood() {
    replayed("ticket_stream");
}

#[test]
fn settings_out_of_the_corpus_are_stood() {
    replayed("settings");
}

#[test]
fn rows_out_of_the_corpus_are_stood() {
    replayed("stored_rows");
}

/// A target that is not fuzzed, or a corpus that nobody plays, proves nothing.
#[test]
fn every_target_has_a_trial_a_corpus_and_a_test() {
    let trials: Vec<&str> = trials::ALL.iter().map(|(name, _)| *name).collect();
    let stems = |folder: &str| -> Vec<String> {
        let files = files(&fuzz().join(folder));
        files.iter().map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    assert_eq!(stems("targets"), trials);
    assert_eq!(stems("corpus"), trials);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    let tests = include_str!("corpus.rs");
    for trial in trials {
        assert!(manifest.contains(&format!("path = \"targets/{trial}.rs\"")), "{trial} in fuzz/Cargo.toml");
        assert!(tests.contains(&format!("replayed(\"{trial}\")")), "{trial} in tests/it/corpus.rs");
    }
}
