//! One tree for values, whichever language they were written in.

use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

use crate::schedule::place::{At, Place};

/// A value and its place.
pub type Node = At<Value>;

/// Its entries in order of place.
pub type Table = Vec<(At<String>, Node)>;

#[derive(Clone, Debug)]
pub enum Value {
    Text(String),
    Whole(i64),
    /// A number with a point.
    Point(f64),
    /// A whole number that 64 bits cannot hold.
    TooLarge,
    Truth,
    Moment(Datetime),
    List(Vec<Node>),
    Table(Table),
    /// Only JSON has it.
    Null,
}

impl Value {
    /// As a person would call it.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "a text",
            Value::Whole(_) => "a whole number",
            Value::Point(_) => "a number with a point",
            Value::TooLarge => "a number out of range",
            Value::Truth => "true or false",
            Value::Moment(_) => "a date or time",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Null => "null",
        }
    }
}

/// The tables of one TOML file.
pub fn from_toml(file: usize, table: &DeTable) -> Table {
    let mut entries: Table = table
        .iter()
        .map(|(key, value)| {
            let key = At { value: key.get_ref().to_string(), place: place(file, key.span()) };
            (key, node(file, value.get_ref(), place(file, value.span())))
        })
        .collect();
    entries.sort_by_key(|(key, _)| key.place);
    entries
}

fn node(file: usize, value: &DeValue, at: Place) -> Node {
    let value = match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::TooLarge, Value::Whole)
        }
        DeValue::Float(number) => number.as_str().parse().map_or(Value::TooLarge, Value::Point),
        DeValue::Boolean(_) => Value::Truth,
        DeValue::Datetime(moment) => Value::Moment(*moment),
        DeValue::Array(list) => Value::List(
            list.iter().map(|item| node(file, item.get_ref(), place(file, item.span()))).collect(),
        ),
        DeValue::Table(table) => Value::Table(from_toml(file, table)),
    };
    At { value, place: at }
}

/// A JSON value. Instead of bytes, places count the values, and `paths` says how to get to each: `cover.anna`.
///
/// An entry that is null counts as absent.
pub fn from_json(value: &serde_json::Value, path: String, paths: &mut Vec<String>) -> Node {
    let at = Place { file: 0, from: paths.len(), to: paths.len() };
    paths.push(path.clone());
    let value = match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(_) => Value::Truth,
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Whole(whole),
            (None, Some(point)) if number.is_f64() => Value::Point(point),
            (None, _) => Value::TooLarge,
        },
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Array(items) => {
            let item = |(index, item)| from_json(item, format!("{path}[{index}]"), paths);
            Value::List(items.iter().enumerate().map(item).collect())
        }
        serde_json::Value::Object(entries) => {
            let dot = if path.is_empty() { "" } else { "." };
            let entries = entries.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| {
                let node = from_json(value, format!("{path}{dot}{key}"), paths);
                (At { value: key.clone(), place: node.place }, node)
            });
            Value::Table(entries.collect())
        }
    };
    At { value, place: at }
}

fn place(file: usize, span: std::ops::Range<usize>) -> Place {
    Place { file, from: span.start, to: span.end }
}
