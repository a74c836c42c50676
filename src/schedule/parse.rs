//! Text of files -> tables as written; the tables' references are held against each other by `check`.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::DeTable;

use super::check;
use super::place::{At, Note, Notes, Place, Sources};
use super::read::{FileTable, Node, Read, Value, from_toml};
use super::syntax::{NOT_UTF8, SYNTAX, leave_out_what_follows, remedy};
use super::{Organisation, Problem, ZoneName};

/// Text by path beneath the schedules directory, with `/`: every `*.toml`, and every file those name.
pub type Files = BTreeMap<String, String>;

/// Tables as written, not yet held against each other.
pub struct Parsed {
    sources: Sources,
    /// One for each `*.toml`, in order of path.
    tables: Vec<FileTable>,
    notes: Notes,
}

/// The outcome of a check.
pub struct Checked {
    /// `None` where any problem is an error.
    pub organisation: Option<Organisation>,
    /// In order of file and place, but what keeps a file from being read stands first in it.
    pub problems: Vec<Problem>,
}

/// Reads all files; what is wrong is kept for [`Parsed::check`] to report with the rest.
pub fn parse(files: &Files) -> Parsed {
    let sources = Sources::new(files);
    let mut notes = Notes::default();
    for (file, text) in files.values().enumerate() {
        encoding(file, text, &mut notes);
    }
    let tables = files
        .iter()
        .enumerate()
        .filter(|(_, (path, text))| path.ends_with(".toml") && !is_of_two_bytes(text))
        .filter_map(|(file, (_, text))| parse_file(file, text, &sources, &mut notes))
        .collect();
    Parsed { sources, tables, notes }
}

/// [`super::load`] has put U+FFFD where the bytes were not UTF-8.
fn encoding(file: usize, text: &str, notes: &mut Notes) {
    let Some(from) = text.find(char::REPLACEMENT_CHARACTER) else { return };
    let place = Place { file, from, to: from + char::REPLACEMENT_CHARACTER.len_utf8() };
    notes
        .error(NOT_UTF8, place, format!("this is not UTF-8 (byte {from} of the file)"))
        .remedy("save the file in that encoding, and look at its letters with accents");
}

/// What an editor calls Unicode or UTF-16: to read on would yield nothing but errors.
fn is_of_two_bytes(text: &str) -> bool {
    text.contains(char::REPLACEMENT_CHARACTER) && text.contains('\0')
}

/// Reads on behind an error of syntax; what else is odd on such a line is only its consequence.
fn parse_file(file: usize, text: &str, sources: &Sources, notes: &mut Notes) -> Option<FileTable> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut bad_lines = BTreeSet::new();
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let place = Place { file, from: span.start, to: span.end };
        bad_lines.insert(sources.line(place));
        notes.error(SYNTAX, place, format!("this is not TOML: {}", error.message())).remedy =
            remedy(error.message()).map(str::to_owned);
    }
    let place = Place { file, from: 0, to: 0 };
    let root: Node = At { value: Value::Table(from_toml(file, table.get_ref())), place };
    let mut found = Notes::default();
    let tables = FileTable::read(root, &mut found);
    let consequence = |note: &Note| bad_lines.contains(&sources.line(note.place));
    notes.list.extend(found.list.into_iter().filter(|note| !consequence(note)));
    tables
}

impl Parsed {
    /// Every zone the files name, known or not, and the one that is meant where a requirement names none.
    pub fn zones(&self) -> BTreeSet<ZoneName> {
        check::zones(&self.tables)
    }

    /// The files that holiday tables name, beneath the schedules directory.
    pub fn named_files(&self) -> BTreeSet<String> {
        check::named_files(&self.tables, &self.sources)
    }

    /// Holds the tables against each other. `known` says whether a zone exists.
    pub fn check(self, known: &dyn Fn(&ZoneName) -> bool) -> Checked {
        let (organisation, mut notes) = check::check(self.tables, self.notes, &self.sources, known);
        leave_out_what_follows(&mut notes, &self.sources);
        Checked { organisation, problems: self.sources.problems(notes) }
    }
}
