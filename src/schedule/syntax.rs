//! Errors of syntax: what to do about one, and which other findings only follow from it.

use std::collections::BTreeSet;

use super::place::{Note, Notes, Place, Sources};

/// The codes of files that cannot be read to the end; such a problem stands first in its file.
pub const NOT_UTF8: &str = "not-utf8";
pub const SYNTAX: &str = "syntax";

/// What fits the parser's message, where we know.
pub fn remedy(message: &str) -> Option<&'static str> {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    Some(match message {
        "duplicate key" => "each table and each key stands once in a file: keep one, or merge the two",
        _ if says(&["date", "time", "day", "hour", "minute", "second"]) => {
            "write a day and a time that exist, like 2026-12-24 or 2026-12-24T09:00:00"
        }
        _ if says(&["unclosed", "missing array opening", "missing inline table opening"]) => {
            "each [ needs its ], each { its }"
        }
        _ if says(&["string values must be quoted", "invalid basic string", "literal string"]) => {
            "put texts in quotes that open and close on one line: \"text\""
        }
        _ if says(&["missing comma"]) => "put a comma between two entries",
        _ if says(&["assignment", "key with no value", "missing value"]) => "write key = value",
        _ => return None,
    })
}

/// Leaves out what lines that could not be read may explain, and says once how much.
pub fn leave_out_what_follows(notes: &mut Notes, sources: &Sources) {
    let unread = notes.list.iter().filter(|note| [NOT_UTF8, SYNTAX].contains(&note.code));
    let unread: BTreeSet<usize> = unread.map(|note| note.place.file).collect();
    if unread.is_empty() {
        return;
    }
    let all = notes.list.len();
    notes.list.retain(|note| !follows(note, &unread, sources));
    let left_out = all - notes.list.len();
    if left_out > 0 {
        let findings = if left_out == 1 { "finding is" } else { "findings are" };
        notes
            .warning(
                "left-out",
                Place::NOWHERE,
                format!(
                    "{left_out} more {findings} left out: the lines that cannot be read may explain them"
                ),
            )
            .remedy("mend those lines and check again");
    }
}

fn follows(note: &Note, unread: &BTreeSet<usize>, sources: &Sources) -> bool {
    match note.code {
        // A key of this table may stand on a line that was lost.
        "missing-key" | "team-without-members" | "empty-calendar" => unread.contains(&note.place.file),
        // A team, a rotation or a step may.
        "policy-unreachable" | "tier-unreachable" | "tier-unused" | "policy-calls-nobody" => true,
        "missing-org" => unread.iter().any(|file| occurs("org", note.place, *file, sources)),
        "unknown-tier" | "unknown-region" | "unknown-residency" | "unknown-team" | "unknown-line"
        | "unknown-person" | "unknown-calendar" | "unknown-customer" | "unknown-service"
        | "unknown-policy" | "unknown-class" | "unknown-value" => {
            let name = sources.at(note.place).trim_matches(['"', '\'']);
            unread.iter().any(|file| occurs(name, note.place, *file, sources))
        }
        _ => false,
    }
}

/// Whether the file has this name anywhere but at `place`, so that it may declare it.
fn occurs(name: &str, place: Place, file: usize, sources: &Sources) -> bool {
    let here = |at: usize| place.file == file && (place.from..place.to).contains(&at);
    // Of an encoding of two bytes, every other one reads as nothing.
    let text = sources.text_of(file);
    text.match_indices(name).any(|(at, _)| !here(at))
        || text.contains('\0') && text.replace('\0', "").contains(name)
}
