//! A stream of tickets: rows of CSV or lines of JSON go in, openings in order of time come out, or every mistake.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::generate::{self, Wanted};
use super::rows::{Row, Rows};
use crate::desk::{Facts, Refusal, check_facts};
use crate::schedule::{Organisation, TierId, nearest};
use crate::zone::Zones;

/// A ticket that comes in.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    pub at: DateTime<Utc>,
    pub facts: Facts,
    /// The lowest tier that can really solve it.
    pub needs: TierId,
    /// Working time of somebody of that tier.
    pub effort: TimeDelta,
}

/// What is wrong in a stream, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// From 1.
    pub line: u64,
    /// The column, or the field of an object; empty: the whole line is to blame.
    pub field: String,
    /// With its remedy.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.field.as_str() {
            "" => write!(f, "line {}: {}", self.line, self.what),
            field => write!(f, "line {}, {field}: {}", self.line, self.what),
        }
    }
}

/// How a stream is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180 with a header; lists are separated by `;`.
    Csv,
    /// An object a line, its fields as in a request.
    JsonLines,
}

/// What a request of these fields would open, or which of them it would be refused for, and why.
pub type ReadFacts<'a> = &'a dyn Fn(&Value) -> Result<Facts, Vec<(String, String)>>;

/// The fields of a ticket, beside those of the simulation.
pub const FIELDS: &[&str] = &[
    "title",
    "description",
    "priority",
    "impact",
    "urgency",
    "category",
    "customer",
    "service",
    "language",
    "region",
    "skills",
    "risk",
    "residency",
    "via",
    "dedup_key",
    "external_ref",
    "labels",
];
pub(super) const OPENED_AT: &str = "opened_at";
pub(super) const NEEDS_TIER: &str = "needs_tier";
pub(super) const EFFORT: &str = "effort_minutes";

/// Where a row does not say it.
const EFFORT_UNLESS_SAID: TimeDelta = TimeDelta::minutes(30);
/// Nobody works longer on one ticket: a year.
const EFFORT_AT_MOST: f64 = 525_600.0;
/// Outside of it an instant is a slip.
const YEARS: std::ops::Range<i32> = 1970..2200;

/// A value that stands in place of a column's in every row.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    pub field: String,
    pub value: String,
}

/// Reads a stream. Rows may stand in any order; those of one instant are opened as they stand.
pub fn read(
    text: &str,
    format: Format,
    set: &[Set],
    org: &Organisation,
    facts: ReadFacts,
) -> Result<Vec<Opening>, Vec<Mistake>> {
    let rows = match format {
        Format::Csv => Rows::of_csv(text),
        Format::JsonLines => Rows::of_json_lines(text),
    };
    openings(rows, set, org, facts)
}

/// Makes up a stream.
pub fn generate(
    wanted: Wanted,
    set: &[Set],
    org: &Organisation,
    zones: &Zones,
    facts: ReadFacts,
) -> Result<Vec<Opening>, Vec<Mistake>> {
    let rows = generate::rows(org, zones, wanted);
    openings(Rows { rows, mistakes: Vec::new() }, set, org, facts)
}

fn openings(
    rows: Rows,
    set: &[Set],
    org: &Organisation,
    facts: ReadFacts,
) -> Result<Vec<Opening>, Vec<Mistake>> {
    let Rows { rows, mut mistakes } = rows;
    let mut openings = Vec::with_capacity(rows.len());
    for mut row in rows {
        row.put(set);
        match opening(row, org, facts) {
            Ok(opening) => openings.push(opening),
            Err(found) => mistakes.extend(found),
        }
    }
    mistakes.sort();
    openings.sort_by_key(|opening| opening.at);
    if mistakes.is_empty() { Ok(openings) } else { Err(mistakes) }
}

/// Every field a row may have.
pub(super) fn all_fields() -> impl Iterator<Item = &'static str> {
    [OPENED_AT, NEEDS_TIER, EFFORT].into_iter().chain(FIELDS.iter().copied())
}

fn opening(row: Row, org: &Organisation, facts: ReadFacts) -> Result<Opening, Vec<Mistake>> {
    let Row { line, mut fields } = row;
    let mut mistakes = Vec::new();
    let mut blame = |field: &str, what: String| mistakes.push(Mistake { line, field: field.into(), what });
    let at = opened_at(&mut fields).map_err(|what| blame(OPENED_AT, what)).ok();
    let needs = needs_tier(&mut fields, org).map_err(|what| blame(NEEDS_TIER, what)).ok();
    let effort = effort(&mut fields).map_err(|what| blame(EFFORT, what)).ok();
    let facts = match facts(&Value::Object(fields)) {
        Ok(facts) => match check_facts(org, &facts) {
            Ok(()) => Some(facts),
            Err(refusal) => {
                let (field, what) = refused(refusal, org);
                blame(field, what);
                None
            }
        },
        Err(found) => {
            found.into_iter().for_each(|(field, what)| blame(&field, what));
            None
        }
    };
    match (at, needs, effort, facts) {
        (Some(at), Some(needs), Some(effort), Some(facts)) if mistakes.is_empty() => {
            Ok(Opening { at, facts, needs, effort })
        }
        _ => Err(mistakes),
    }
}

fn opened_at(fields: &mut Map<String, Value>) -> Result<DateTime<Utc>, String> {
    let example = "an instant with an offset, like 2026-03-29T00:30:00Z";
    let text = match fields.remove(OPENED_AT) {
        Some(Value::String(text)) => text,
        Some(other) => return Err(format!("{other} is not {example}")),
        None => return Err(format!("is needed: {example}")),
    };
    let at = DateTime::parse_from_rfc3339(text.trim()).map_err(|_| format!("{text:?} is not {example}"))?;
    let at = at.to_utc();
    if YEARS.contains(&chrono::Datelike::year(&at)) {
        Ok(at)
    } else {
        Err(format!("{text:?} is not between {} and {}", YEARS.start, YEARS.end))
    }
}

/// The lowest tier where it is not said: whoever takes it can solve it.
fn needs_tier(fields: &mut Map<String, Value>, org: &Organisation) -> Result<TierId, String> {
    let tiers = || org.tiers.iter().map(TierId::as_str);
    let said = match fields.remove(NEEDS_TIER) {
        Some(Value::String(said)) => said,
        Some(other) => return Err(format!("{other} is not a tier's name in quotes")),
        None => return Ok(org.tiers[0].clone()),
    };
    if let Some(tier) = org.tiers.iter().find(|tier| tier.as_str() == said) {
        return Ok(tier.clone());
    }
    let remedy = match nearest(&said, tiers()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the tiers are {}", tiers().collect::<Vec<_>>().join(", ")),
    };
    Err(format!("there is no tier {said:?} in the schedules; {remedy}"))
}

fn effort(fields: &mut Map<String, Value>) -> Result<TimeDelta, String> {
    let Some(said) = fields.remove(EFFORT) else { return Ok(EFFORT_UNLESS_SAID) };
    let minutes = match &said {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    match minutes.filter(|minutes| (0.0..=EFFORT_AT_MOST).contains(minutes)) {
        Some(minutes) => Ok(TimeDelta::milliseconds((minutes * 60_000.0).round() as i64)),
        None => Err(format!("{said} is not a number of minutes from 0 to {EFFORT_AT_MOST}, like 45 or 7.5")),
    }
}

/// What the desk would refuse it for.
fn refused(refusal: Refusal, org: &Organisation) -> (&'static str, String) {
    let Refusal::Invalid { field, message } = refusal else { return ("", refusal.to_string()) };
    let names: Vec<&str> = match field {
        "customer" => org.customers.keys().map(|id| id.as_str()).collect(),
        "service" => org.services.keys().map(|id| id.as_str()).collect(),
        "region" | "customer.region" => org.regions.keys().map(|id| id.as_str()).collect(),
        _ => Vec::new(),
    };
    let given = message.split('"').nth(1).unwrap_or_default();
    let remedy = match (nearest(given, names.iter().copied()), names.is_empty()) {
        (Some(near), _) => format!("; did you mean `{near}`?"),
        (None, true) => String::new(),
        (None, false) => format!("; known are {}", some_of(&names)),
    };
    (field, message + &remedy)
}

fn some_of(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let more = if names.len() > SHOWN { " ..." } else { "" };
    names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ") + more
}
