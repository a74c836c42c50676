//! Warnings about what has been checked already, with the place it came from.

use super::place::{Note, Place, Sources};
use super::{Files, Origin, Problem, Severity};

/// About the table at `origin`, underlined to the end of its line; nowhere, where `files` do not have it.
pub fn warning_at(
    files: &Files,
    origin: &Origin,
    code: &'static str,
    message: String,
    remedy: &str,
) -> Problem {
    // Its own file is enough: an index of the lines of all would cost more than the rest.
    let file = match origin {
        Origin::File(path, _) => files.get_key_value(&**path),
        Origin::Row(_) => None,
    };
    let sources = Sources::new(&file.map(|(path, text)| (path.clone(), text.clone())).into_iter().collect());
    let place = match origin {
        Origin::File(path, offset) => sources.line_from(path, *offset),
        Origin::Row(_) => Place::NOWHERE,
    };
    let remedy = Some(remedy.to_owned());
    sources.problem(Note { place, severity: Severity::Warning, code, message, remedy, missing: None })
}
