//! The file format as a JSON Schema, from the tables and words that read it: what is read is described, and nothing
//! else. A date or time of TOML counts as its text.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use serde_json::{Map, Value, json};

use super::Entries;
use super::tables::{
    CategoryTable, ContactTable, FileTable, PriorityRuleTable, SlaHoursTable, WindowTable, ZonedWindowTable,
};
use super::words::{Clock, CloseAfter, Length, Local, Opening, Resolve, Word, duration_text};
use crate::message::Template;
use crate::schedule::place::At;
use crate::schedule::{
    Fraction, Language, Moment, Priority, PriorityRule, RequestPart, ResolutionPart, ZoneName, defaults,
};

/// What can be described as a schema.
pub trait Describe {
    fn describe(tables: &mut Tables) -> Value;
}

/// The tables described so far, by name.
#[derive(Default)]
pub struct Tables(BTreeMap<&'static str, Value>);

/// One key of a table.
pub struct Key {
    pub name: &'static str,
    pub about: &'static [&'static str],
    pub schema: Value,
    pub must: bool,
    /// What holds where the key is absent; null: nothing that could be written.
    pub default: Value,
}

/// A JSON Schema (2020-12) of one rotation file.
pub fn schema() -> Value {
    let mut tables = Tables::default();
    FileTable::describe(&mut tables);
    let mut root = tables.0.remove("File").expect("it has just been described");
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("Meridian rotation file");
    root["$defs"] = json!(tables.0);
    root
}

impl Tables {
    /// A reference to a table, which is described once.
    pub fn refer(
        &mut self,
        name: &'static str,
        about: &[&str],
        keys: impl FnOnce(&mut Tables) -> Vec<Key>,
    ) -> Value {
        let name = name.trim_end_matches("Table");
        if !self.0.contains_key(name) {
            self.0.insert(name, Value::Null);
            let keys = keys(self);
            self.0.insert(name, table(about, keys));
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }
}

fn table(about: &[&str], keys: Vec<Key>) -> Value {
    let must: Vec<&str> = keys.iter().filter(|key| key.must).map(|key| key.name).collect();
    let mut table = json!({
        "type": "object",
        "description": joined(about),
        "additionalProperties": false,
    });
    if !must.is_empty() {
        table["required"] = json!(must);
    }
    let mut properties = Map::new();
    for Key { name, about, mut schema, default, .. } in keys {
        schema["description"] = json!(joined(about));
        if !default.is_null() {
            schema["default"] = default;
        }
        properties.insert(name.to_owned(), schema);
    }
    table["properties"] = Value::Object(properties);
    table
}

/// Lines of a comment as one text.
fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

impl Describe for String {
    fn describe(_: &mut Tables) -> Value {
        json!({ "type": "string" })
    }
}

impl Describe for i64 {
    fn describe(_: &mut Tables) -> Value {
        json!({ "type": "integer" })
    }
}

impl Describe for u32 {
    fn describe(_: &mut Tables) -> Value {
        json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX })
    }
}

impl<T: Describe> Describe for At<T> {
    fn describe(tables: &mut Tables) -> Value {
        T::describe(tables)
    }
}

impl<T: Describe> Describe for Option<T> {
    fn describe(tables: &mut Tables) -> Value {
        T::describe(tables)
    }
}

impl<T: Describe> Describe for Vec<T> {
    fn describe(tables: &mut Tables) -> Value {
        json!({ "type": "array", "items": T::describe(tables) })
    }
}

impl<T: Describe> Describe for Entries<T> {
    fn describe(tables: &mut Tables) -> Value {
        // Letters beyond ASCII pass, as an id may have them.
        let ids = r"^[^\x00-*,/:-?\[-\^`{-\x7f]{1,100}$";
        json!({
            "type": "object",
            "propertyNames": { "pattern": ids },
            "additionalProperties": T::describe(tables),
        })
    }
}

impl Describe for Language {
    fn describe(_: &mut Tables) -> Value {
        pattern("^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*$")
    }
}

impl Describe for ZoneName {
    fn describe(_: &mut Tables) -> Value {
        pattern("^[A-Za-z0-9_+/-]+$")
    }
}

const LENGTH: &str =
    "[0-9]+d([0-9]+h)?([0-9]+m)?([0-9]+s)?|[0-9]+h([0-9]+m)?([0-9]+s)?|[0-9]+m([0-9]+s)?|[0-9]+s";

impl Describe for Length {
    fn describe(_: &mut Tables) -> Value {
        pattern(&format!("^({LENGTH})$"))
    }
}

impl Describe for Fraction {
    fn describe(_: &mut Tables) -> Value {
        json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 })
    }
}

impl Describe for Resolve {
    fn describe(_: &mut Tables) -> Value {
        pattern(&format!("^({LENGTH}|none)$"))
    }
}

impl Describe for CloseAfter {
    fn describe(_: &mut Tables) -> Value {
        pattern(&format!("^({LENGTH}|never)$"))
    }
}

const CLOCK: &str = "(([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|24:00(:00)?)";
const DATE: &str = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
const TIME: &str = r"[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?";

impl Describe for Clock {
    fn describe(_: &mut Tables) -> Value {
        pattern(&format!("^{CLOCK}$"))
    }
}

impl Describe for Opening {
    fn describe(_: &mut Tables) -> Value {
        pattern(&format!("^ *{CLOCK} *- *{CLOCK} *$"))
    }
}

impl Describe for Moment {
    fn describe(_: &mut Tables) -> Value {
        pattern(&format!("^{DATE}({TIME}([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})?)?$"))
    }
}

impl Describe for Local {
    fn describe(_: &mut Tables) -> Value {
        pattern(&format!("^{DATE}{TIME}$"))
    }
}

impl Describe for NaiveDate {
    fn describe(_: &mut Tables) -> Value {
        pattern(&format!("^{DATE}$"))
    }
}

/// At least one.
pub fn tiers(_: &mut Tables) -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "minItems": 1, "uniqueItems": true })
}

/// Three rows of three.
pub fn matrix(tables: &mut Tables) -> Value {
    let row = json!({ "type": "array", "items": Priority::describe(tables), "minItems": 3, "maxItems": 3 });
    json!({ "type": "array", "items": row, "minItems": 3, "maxItems": 3 })
}

/// By priority, each with its own defaults.
pub fn priorities(tables: &mut Tables) -> Value {
    let mut properties = Map::new();
    for priority in Priority::ALL {
        let mut rule = PriorityRuleTable::describe(tables);
        rule["description"] = json!(format!("What holds for tickets of {priority}."));
        rule["default"] = rule_as_written(&defaults::PRIORITIES[priority.index()]);
        properties.insert(priority.to_string(), rule);
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn rule_as_written(rule: &PriorityRule) -> Value {
    json!({
        "acknowledge_within": length(rule.acknowledge_within),
        "resolve_within": rule.resolve_within.map_or(json!("none"), length),
        "when_closed": rule.when_closed.word(),
        "at_shift_end": rule.at_shift_end.word(),
    })
}

/// Any text is a label's name.
pub fn labels(tables: &mut Tables) -> Value {
    json!({ "type": "object", "additionalProperties": Vec::<String>::describe(tables) })
}

/// Any text is a category.
pub fn categories(tables: &mut Tables) -> Value {
    json!({ "type": "object", "additionalProperties": CategoryTable::describe(tables) })
}

/// The templates there are, by language.
pub fn messages(_: &mut Tables) -> Value {
    let mut tables: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for template in Template::all() {
        let (table, key) = template.name();
        tables.entry(table).or_default().insert(key.to_owned(), json!({ "type": "string" }));
    }
    let closed =
        |properties| json!({ "type": "object", "properties": properties, "additionalProperties": false });
    let wording: Map<String, Value> =
        tables.into_iter().map(|(table, keys)| (table.to_owned(), closed(keys))).collect();
    json!({ "type": "object", "additionalProperties": closed(wording) })
}

pub fn during(tables: &mut Tables) -> Value {
    let words = json!({ "enum": ["always", "within-hours", "outside-hours"] });
    json!({ "anyOf": [words, Vec::<WindowTable>::describe(tables)] })
}

/// A word or a recurrence rule, whose parts `check` looks at.
pub fn every(_: &mut Tables) -> Value {
    json!({ "anyOf": [{ "enum": ["day", "week", "month"] }, pattern("[Ff][Rr][Ee][Qq]=")] })
}

/// Names, or lists of names that serve together.
pub fn turns(tables: &mut Tables) -> Value {
    let group = Vec::<String>::describe(tables);
    json!({ "type": "array", "minItems": 1, "items": { "anyOf": [{ "type": "string" }, group] } })
}

pub fn required_when(tables: &mut Tables) -> Value {
    let windows = json!({ "type": "array", "minItems": 1, "items": ZonedWindowTable::describe(tables) });
    json!({ "anyOf": [{ "const": "always" }, ZonedWindowTable::describe(tables), windows] })
}

/// Channels by name, or ways with more to say of them.
pub fn contact(tables: &mut Tables) -> Value {
    let way = ContactTable::describe(tables);
    json!({ "type": "array", "items": { "anyOf": [{ "type": "string" }, way] } })
}

/// Two times of day.
pub fn between(tables: &mut Tables) -> Value {
    json!({ "type": "array", "minItems": 2, "maxItems": 2, "items": Clock::describe(tables) })
}

/// A word, or business hours by name.
pub fn sla_clock(tables: &mut Tables) -> Value {
    let words = json!({ "enum": ["calendar", "open"] });
    json!({ "anyOf": [words, SlaHoursTable::describe(tables)] })
}

/// One duration for all priorities, or one for each.
pub fn waits(tables: &mut Tables) -> Value {
    for_all_or_each(Length::describe(tables))
}

/// One list for all priorities, or one for each.
pub fn request_parts(tables: &mut Tables) -> Value {
    for_all_or_each(Vec::<RequestPart>::describe(tables))
}

/// One list for all priorities, or one for each.
pub fn resolution_parts(tables: &mut Tables) -> Value {
    for_all_or_each(Vec::<ResolutionPart>::describe(tables))
}

/// One duration or "never" for all priorities, or one for each.
pub fn close_after(tables: &mut Tables) -> Value {
    for_all_or_each(CloseAfter::describe(tables))
}

/// One duration or "never" for all customers, or one for each class.
pub fn erase_after(tables: &mut Tables) -> Value {
    let by_class = Entries::<CloseAfter>::describe(tables);
    json!({ "anyOf": [CloseAfter::describe(tables), by_class] })
}

fn for_all_or_each(one: Value) -> Value {
    let by_priority: Map<String, Value> =
        Priority::ALL.iter().map(|priority| (priority.to_string(), one.clone())).collect();
    let by_priority = json!({ "type": "object", "properties": by_priority, "additionalProperties": false });
    json!({ "anyOf": [one, by_priority] })
}

/// A duration as it is written.
pub fn length(lasts: TimeDelta) -> Value {
    json!(duration_text(lasts))
}
