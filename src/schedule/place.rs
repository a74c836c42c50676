//! Where something stands in a set of files, and what is to be said about it.

use std::ops::Range;
use std::sync::Arc;

use super::syntax::{NOT_UTF8, SYNTAX};
use super::{Files, Problem, Severity};

/// The longest offending text that a problem repeats, in characters.
const SNIPPET_LIMIT: usize = 80;

/// The longest message, in bytes: it may repeat a name, and a name may be a whole file.
const MESSAGE_LIMIT: usize = 1_000;

/// Bytes of one of the files; ordered by file and position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Index into [`Sources`].
    pub file: usize,
    pub from: usize,
    pub to: usize,
}

impl Place {
    /// No file is to blame. Sorts behind everything that has a place.
    pub const NOWHERE: Place = Place { file: usize::MAX, from: 0, to: 0 };
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct At<T> {
    pub value: T,
    pub place: Place,
}

/// One finding, before its line and column are known.
#[derive(Debug)]
pub struct Note {
    pub place: Place,
    pub severity: Severity,
    pub code: &'static str,
    pub message: String,
    pub remedy: Option<String>,
    /// The key that is missing in the table at `place`.
    pub missing: Option<&'static str>,
}

impl Note {
    pub fn remedy(&mut self, remedy: impl Into<String>) {
        self.remedy = Some(remedy.into());
    }
}

/// Collects findings, so that all of them are reported at once.
#[derive(Debug, Default)]
pub struct Notes {
    pub list: Vec<Note>,
}

impl Notes {
    pub fn error(&mut self, code: &'static str, place: Place, message: impl Into<String>) -> &mut Note {
        self.add(Severity::Error, code, place, message.into())
    }

    pub fn warning(&mut self, code: &'static str, place: Place, message: impl Into<String>) -> &mut Note {
        self.add(Severity::Warning, code, place, message.into())
    }

    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|note| note.severity == Severity::Error)
    }

    fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        place: Place,
        mut message: String,
    ) -> &mut Note {
        if message.len() > MESSAGE_LIMIT {
            message.truncate(message.floor_char_boundary(MESSAGE_LIMIT));
            message.push('…');
        }
        self.list.push(Note { place, severity, code, message, remedy: None, missing: None });
        self.list.last_mut().expect("a note was just pushed")
    }
}

/// The files' texts, with an index of their lines.
#[derive(Debug)]
pub struct Sources {
    list: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    path: Arc<str>,
    text: String,
    /// Byte at which each line starts.
    lines: Vec<usize>,
}

impl Sources {
    pub fn new(files: &Files) -> Sources {
        let list = files.iter().map(|(path, text)| Source {
            path: path.as_str().into(),
            text: text.clone(),
            lines: std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect(),
        });
        Sources { list: list.collect() }
    }

    pub fn path(&self, file: usize) -> &Arc<str> {
        &self.list[file].path
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        Some(&self.list[self.find(path)?].text)
    }

    pub fn text_of(&self, file: usize) -> &str {
        &self.list[file].text
    }

    /// The text at a place; empty where that is nowhere.
    pub fn at(&self, place: Place) -> &str {
        let source = self.list.get(place.file);
        source.map_or("", |source| &source.text[source.clamp(place.from..place.to)])
    }

    /// From a byte of a file to the end of its line; nowhere, where the file is not here.
    pub fn line_from(&self, path: &str, from: usize) -> Place {
        let Some(file) = self.find(path) else { return Place::NOWHERE };
        let rest = self.list[file].text.get(from..).unwrap_or_default();
        Place { file, from, to: from + rest.lines().next().map_or(0, str::len) }
    }

    fn find(&self, path: &str) -> Option<usize> {
        self.list.binary_search_by(|source| (*source.path).cmp(path)).ok()
    }

    /// From 1; of a place in a file.
    pub fn line(&self, place: Place) -> usize {
        self.list[place.file].line(place.from)
    }

    /// `file:line`, for messages that point at a second place.
    pub fn refer(&self, place: Place) -> String {
        format!("{}:{}", self.path(place.file), self.line(place))
    }

    /// In order of file and place, but what keeps a file from being read stands first in it.
    pub fn problems(&self, notes: Notes) -> Vec<Problem> {
        let mut list = notes.list;
        let reads_on = |note: &Note| ![NOT_UTF8, SYNTAX].contains(&note.code);
        list.sort_by_key(|note| (note.place.file, reads_on(note), note.place, note.severity, note.code));
        let mut columns = Columns::default();
        list.into_iter().map(|note| self.described(note, &mut columns)).collect()
    }

    pub fn problem(&self, note: Note) -> Problem {
        self.described(note, &mut Columns::default())
    }

    fn described(&self, note: Note, columns: &mut Columns) -> Problem {
        let problem =
            Problem { remedy: note.remedy, ..Problem::nowhere(note.code, note.severity, note.message) };
        let Some(source) = self.list.get(note.place.file) else { return problem };
        let span = source.clamp(note.place.from..note.place.to);
        let line = source.line(span.start);
        Problem {
            file: source.path.to_string(),
            line,
            column: columns.of(source, note.place.file, line, span.start),
            snippet: snippet(&source.text[span.clone()]),
            span,
            ..problem
        }
    }
}

/// Counts on from the problem before, as a file of one line can have many of them.
#[derive(Default)]
struct Columns {
    /// File, line, byte and column of that one; column 0: there was none.
    last: (usize, usize, usize, usize),
}

impl Columns {
    /// In characters, from 1.
    fn of(&mut self, source: &Source, file: usize, line: usize, byte: usize) -> usize {
        let (last_file, last_line, last_byte, last_column) = self.last;
        let goes_on = last_column > 0 && (last_file, last_line) == (file, line) && last_byte <= byte;
        let (from, before) = if goes_on { (last_byte, last_column) } else { (source.lines[line - 1], 1) };
        let column = before + source.text[from..byte].chars().count();
        self.last = (file, line, byte, column);
        column
    }
}

impl Source {
    fn line(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte)
    }

    /// The nearest span that lies within the text and on borders of characters.
    fn clamp(&self, span: Range<usize>) -> Range<usize> {
        let end = self.text.floor_char_boundary(span.end);
        self.text.floor_char_boundary(span.start).min(end)..end
    }
}

/// The first line of the offending text, shortened.
fn snippet(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(SNIPPET_LIMIT) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_lines_and_characters() {
        let files = Files::from([("a.toml".to_string(), "x = 1\nñandú = \"über\"\n".to_string())]);
        let sources = Sources::new(&files);
        let from = files["a.toml"].find("\"über").unwrap();
        let mut notes = Notes::default();
        notes.error("wrong-type", Place { file: 0, from, to: from + 7 }, "no");
        let problem = &sources.problems(notes)[0];
        assert_eq!((problem.line, problem.column, problem.snippet.as_str()), (2, 9, "\"über\""));
    }

    #[test]
    fn a_place_past_the_end_or_inside_a_character_is_moved_and_not_a_panic() {
        let files = Files::from([("a.toml".to_string(), "é".to_string())]);
        let sources = Sources::new(&files);
        for (from, to) in [(1, 2), (1, 1), (7, 9), (2, 1)] {
            let mut notes = Notes::default();
            notes.error("wrong-type", Place { file: 0, from, to }, "no");
            assert_eq!(sources.problems(notes)[0].line, 1);
        }
    }
}
