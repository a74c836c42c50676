//! Changes of the day as the API sends them: the keys and the checks of the files' tables, in JSON.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::check::{Names, check_leave, check_override};
use super::place::Notes;
use super::read::{LeaveTable, OverrideTable, Read, from_json, moment_text};
use super::{Effect, Leave, Organisation, Origin, Override, PersonId, Scope, Severity};

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldProblem {
    /// `cover.anna`, `add[0]`; empty where it is the object itself.
    pub field: String,
    pub message: String,
}

/// Reads what a table `[[leave]]` says; dates are texts. `row` is where the database keeps it.
pub fn leave_from_json(
    organisation: &Organisation,
    value: &Value,
    row: i64,
) -> Result<Leave, Vec<FieldProblem>> {
    read(value, |table: LeaveTable, notes| {
        check_leave(table, Origin::Row(row), &Names::of(organisation), notes)
    })
}

/// Reads what a table `[[overrides]]` says; dates are texts. `row` is where the database keeps it.
pub fn override_from_json(
    organisation: &Organisation,
    value: &Value,
    row: i64,
) -> Result<Override, Vec<FieldProblem>> {
    read(value, |table: OverrideTable, notes| {
        check_override(table, Origin::Row(row), &Names::of(organisation), notes)
    })
}

fn read<T: Read, C>(
    value: &Value,
    check: impl FnOnce(T, &mut Notes) -> Option<C>,
) -> Result<C, Vec<FieldProblem>> {
    let mut paths = Vec::new();
    let mut notes = Notes::default();
    let node = from_json(value, String::new(), &mut paths);
    let checked = T::read(node, &mut notes).and_then(|table| check(table, &mut notes));
    match checked {
        Some(checked) if !notes.has_errors() => Ok(checked),
        _ => Err(field_problems(notes, &paths)),
    }
}

fn field_problems(notes: Notes, paths: &[String]) -> Vec<FieldProblem> {
    let mut errors = notes.list;
    errors.retain(|note| note.severity == Severity::Error);
    errors.sort_by_key(|note| note.place);
    errors
        .into_iter()
        .map(|note| match (note.missing, note.remedy) {
            (Some(key), _) => FieldProblem { field: key.to_string(), message: "this is missing".to_string() },
            (None, remedy) => FieldProblem {
                field: paths[note.place.from].clone(),
                message: remedy
                    .into_iter()
                    .fold(note.message, |message, remedy| format!("{message}; {remedy}")),
            },
        })
        .collect()
}

/// As [`leave_from_json`] reads it.
pub fn leave_to_json(leave: &Leave) -> Value {
    json!({ "person": leave.person, "from": moment_text(leave.from), "to": moment_text(leave.to) })
}

/// As [`override_from_json`] reads it; what is empty is left out, but for `only`.
pub fn override_to_json(one: &Override) -> Value {
    let mut fields = Map::new();
    fields.insert("team".to_string(), json!(one.team));
    match &one.line {
        Scope::Everything => None,
        Scope::Hours => fields.insert("line".to_string(), json!("hours")),
        Scope::Line(line) => fields.insert("line".to_string(), json!(line)),
    };
    fields.insert("from".to_string(), moment_text(one.from).into());
    fields.insert("to".to_string(), moment_text(one.to).into());
    match &one.effect {
        Effect::Only(people) => {
            fields.insert("only".to_string(), json!(people));
        }
        Effect::Change { cover, remove, add } => {
            if !cover.is_empty() {
                fields.insert("cover".to_string(), json!(cover));
            }
            let lists: [(&str, &Vec<PersonId>); 2] = [("remove", remove), ("add", add)];
            for (key, people) in lists.into_iter().filter(|(_, people)| !people.is_empty()) {
                fields.insert(key.to_string(), json!(people));
            }
        }
    }
    Value::Object(fields)
}
