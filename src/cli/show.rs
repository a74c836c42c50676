//! How answers look to a person.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use comfy_table::{ContentArrangement, Table};
use serde::Serialize;

use super::Outcome;
use crate::api::Instant;
use crate::schedule::PersonId;

/// Writes JSON, and nothing else, to standard output.
pub fn json(value: &impl Serialize) -> anyhow::Result<Outcome> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    out(&text)
}

/// Writes to standard output; a reader who has seen enough is no error.
pub fn out(text: &str) -> anyhow::Result<Outcome> {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(Outcome::Yes),
    }
}

pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().map(|title| title.to_uppercase()));
    table
}

/// Lines without the blanks that a table leaves at their ends.
pub fn lines(table: &Table) -> String {
    table.lines().map(|line| format!("{}\n", line.trim())).collect()
}

/// `Sun 2026-03-29 02:30 +02:00`, in whatever zone the instant carries.
pub fn local<Tz: TimeZone<Offset: std::fmt::Display>>(at: &DateTime<Tz>) -> String {
    at.format("%a %Y-%m-%d %H:%M %:z").to_string()
}

pub fn utc(at: DateTime<Utc>) -> String {
    at.format("%a %Y-%m-%d %H:%M:%SZ").to_string().replace(":00Z", "Z")
}

pub fn people(people: &[PersonId]) -> String {
    if people.is_empty() {
        return "nobody".to_owned();
    }
    people.iter().map(PersonId::as_str).collect::<Vec<_>>().join(", ")
}

/// `2 h 05 min`; the sign is left to the words around it.
pub fn lasting(delta: TimeDelta) -> String {
    let minutes = delta.num_minutes().abs();
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => format!("{} s", delta.num_seconds().abs()),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes:02} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// `1 warning`, `2 warnings`
pub fn counted<N: std::fmt::Display + PartialEq + From<bool>>(count: N, word: &str) -> String {
    let one = N::from(true);
    format!("{count} {word}{}", if count == one { "" } else { "s" })
}

/// With all its causes, each said once: many repeat the one beneath them.
pub fn fault(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !text.contains(&cause) {
            text += if text.is_empty() { "" } else { ": " };
            text += &cause;
        }
    }
    text
}

/// A name as a terminal may be given it: control characters, and those that turn the direction of what follows, could
/// paint over the rest of the answer.
pub fn plain(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c }).collect()
}

pub fn red(text: &str) -> String {
    painted(text, AnsiColor::Red)
}

pub fn green(text: &str) -> String {
    painted(text, AnsiColor::Green)
}

pub fn yellow(text: &str) -> String {
    painted(text, AnsiColor::Yellow)
}

fn painted(text: &str, colour: AnsiColor) -> String {
    let style = Style::new().bold().fg_color(Some(colour.into()));
    format!("{style}{text}{style:#}")
}

pub fn bold(text: &str) -> String {
    let style = Style::new().bold();
    format!("{style}{text}{style:#}")
}

/// An instant with its offset, or `now`.
pub fn instant(text: &str) -> Result<Instant, String> {
    match text {
        "now" => Ok(Instant(crate::clock::Clock::machine().now())),
        text => text.parse(),
    }
}
