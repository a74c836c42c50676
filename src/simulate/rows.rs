//! From text to rows of fields: what CSV and JSON Lines have in common is made of it here.

use std::collections::BTreeSet;

use csv::{ReaderBuilder, StringRecord};
use serde_json::{Map, Value};

use super::stream::{Mistake, Set, all_fields};
use crate::schedule::nearest;

/// One ticket's fields, in the shapes of a request.
pub(super) struct Row {
    /// From 1.
    pub line: u64,
    pub fields: Map<String, Value>,
}

/// What could be read, and what could not.
#[derive(Default)]
pub(super) struct Rows {
    pub rows: Vec<Row>,
    pub mistakes: Vec<Mistake>,
}

/// What separates the entries of a list in one cell.
const LIST: char = ';';

impl Row {
    /// Values that stand in place of the row's own; an empty one takes it away.
    pub fn put(&mut self, set: &[Set]) {
        for Set { field, value } in set {
            match value.trim().is_empty() {
                true => drop(self.fields.remove(field)),
                false => drop(self.fields.insert(field.clone(), in_request(field, value))),
            }
        }
    }
}

impl Rows {
    pub fn of_csv(text: &str) -> Rows {
        let mut rows = Rows::default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => {
                rows.blame(1, "", error.to_string());
                return rows;
            }
        };
        if !rows.header_is_right(&header) {
            return rows;
        }
        for record in reader.records() {
            match record {
                Ok(record) => rows.take(&header, &record),
                Err(error) => {
                    let line = error.position().map_or(0, |position| position.line());
                    rows.blame(line, "", error.to_string());
                }
            }
        }
        rows
    }

    /// Blank lines are passed over.
    pub fn of_json_lines(text: &str) -> Rows {
        let mut rows = Rows::default();
        for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
            match serde_json::from_str::<Map<String, Value>>(text) {
                Ok(mut fields) => {
                    // Null is as good as absent.
                    fields.retain(|_, value| !value.is_null());
                    let unknown: Vec<String> = fields.keys().filter(|f| !is_known(f)).cloned().collect();
                    unknown.iter().for_each(|field| rows.blame(line, field, unknown_field(field)));
                    if unknown.is_empty() {
                        rows.rows.push(Row { line, fields });
                    }
                }
                Err(error) => rows.blame(line, "", format!("is not a JSON object: {error}")),
            }
        }
        rows
    }

    fn header_is_right(&mut self, header: &StringRecord) -> bool {
        let mut seen = BTreeSet::new();
        if header.iter().all(|name| name.trim().is_empty()) {
            self.blame(1, "", "the first line names the columns, `opened_at` among them".into());
            return false;
        }
        if header.len() == 1 && header[0].contains(['\t', ';']) {
            self.blame(1, "", "columns are separated by commas: save it as comma-separated values".into());
            return false;
        }
        for name in header.iter().map(str::trim) {
            if !is_known(name) {
                self.blame(1, name, unknown_field(name));
            } else if !seen.insert(name) {
                self.blame(1, name, "two columns have this name; leave one away".into());
            }
        }
        if !seen.contains(super::stream::OPENED_AT) {
            self.blame(
                1,
                super::stream::OPENED_AT,
                "there is no such column, and nothing is without it".into(),
            );
        }
        self.mistakes.is_empty()
    }

    fn take(&mut self, header: &StringRecord, record: &StringRecord) {
        let line = record.position().map_or(0, |position| position.line());
        if record.len() != header.len() {
            let what = format!(
                "has {} cells, and the first line names {}; put a cell with a comma in quotes",
                record.len(),
                header.len()
            );
            return self.blame(line, "", what);
        }
        let mut fields = Map::new();
        for (name, cell) in header.iter().map(str::trim).zip(record) {
            if !cell.trim().is_empty() {
                fields.insert(name.to_owned(), in_request(name, cell));
            }
        }
        self.rows.push(Row { line, fields });
    }

    fn blame(&mut self, line: u64, field: &str, what: String) {
        self.mistakes.push(Mistake { line, field: field.to_owned(), what });
    }
}

/// A cell as a request would have it.
fn in_request(field: &str, cell: &str) -> Value {
    let entries = || cell.split(LIST).map(str::trim).filter(|entry| !entry.is_empty());
    match field {
        "skills" | "risk" => entries().collect(),
        "labels" => {
            let pairs = entries().map(|entry| entry.split_once('=').unwrap_or((entry, "")));
            Value::Object(pairs.map(|(name, value)| (name.trim().into(), value.trim().into())).collect())
        }
        "title" | "description" => cell.into(),
        _ => cell.trim().into(),
    }
}

fn is_known(field: &str) -> bool {
    all_fields().any(|known| known == field)
}

/// With what was probably meant.
fn unknown_field(field: &str) -> String {
    match nearest(field, all_fields()) {
        Some(near) => format!("there is no such field; did you mean `{near}`?"),
        None => format!("there is no such field; known are {}", all_fields().collect::<Vec<_>>().join(", ")),
    }
}
