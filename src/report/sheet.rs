//! A report as it goes out: one table, and from it a text, CSV or JSON.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::reports::{Asked, Kind, Narrowed};
use super::table::{Table, plain};
use super::words::{hours, instant, lasting, number, share};
use crate::schedule::{Organisation, Residency};

/// What a report says. The same tickets give the same bytes in every format.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    pub kind: Kind,
    pub organisation: String,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub as_of: DateTime<Utc>,
    pub narrowed: Narrowed,
    /// How many tickets are in it.
    pub tickets: usize,
    /// How many are not, as their history cannot be read.
    pub left_out: usize,
    /// What is bound to these is not in it, as whoever asks may not see it.
    pub without: Vec<Residency>,
    pub fields: &'static [Field],
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Debug, PartialEq)]
pub struct Field {
    /// In CSV and JSON; says the unit.
    pub key: &'static str,
    /// For people; those of words begin with `~`.
    pub head: &'static str,
}

/// What has no name of its own; in CSV nothing, in JSON `null`.
pub(super) const NONE: &str = "-";

#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Word(String),
    Count(usize),
    Seconds(i64),
    /// As seconds; for people in hours, however many.
    Hours(i64),
    /// So many of so many.
    Share(usize, usize),
    /// In hundredths.
    Decimal(i64),
    At(DateTime<Utc>),
    /// There is nothing it could be said of.
    Nothing,
}

impl Cell {
    pub fn word(text: impl ToString) -> Cell {
        Cell::Word(text.to_string())
    }

    pub fn maybe_seconds(seconds: Option<i64>) -> Cell {
        seconds.map_or(Cell::Nothing, Cell::Seconds)
    }

    /// For people.
    fn shown(&self) -> String {
        match self {
            Cell::Word(text) => plain(text),
            Cell::Count(count) => number(*count),
            Cell::Seconds(seconds) => lasting(*seconds),
            Cell::Hours(seconds) => hours(*seconds),
            Cell::Share(part, whole) => share(*part, *whole),
            Cell::Decimal(hundredths) => decimal(*hundredths),
            Cell::At(at) => instant(*at),
            Cell::Nothing => NONE.to_owned(),
        }
    }

    /// For programs.
    fn plainly(&self) -> String {
        match self {
            Cell::Word(text) if text == NONE => String::new(),
            Cell::Word(text) => text.clone(),
            Cell::Count(count) => count.to_string(),
            Cell::Seconds(seconds) | Cell::Hours(seconds) => seconds.to_string(),
            Cell::Share(part, whole) => ten_thousandths(*part, *whole)
                .map_or(String::new(), |n| format!("{}.{:04}", n / 10_000, n % 10_000)),
            Cell::Decimal(hundredths) => decimal(*hundredths),
            Cell::At(at) => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            Cell::Nothing => String::new(),
        }
    }
}

fn decimal(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Rounded to the nearest; of nothing there is none.
fn ten_thousandths(part: usize, whole: usize) -> Option<usize> {
    (whole > 0).then(|| (part * 10_000 + whole / 2) / whole)
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Word(text) if text == NONE => to.serialize_none(),
            Cell::Word(text) => to.serialize_str(text),
            Cell::Count(count) => to.serialize_u64(*count as u64),
            Cell::Seconds(seconds) | Cell::Hours(seconds) => to.serialize_i64(*seconds),
            Cell::Share(part, whole) => match ten_thousandths(*part, *whole) {
                Some(share) => to.serialize_f64(share as f64 / 10_000.0),
                None => to.serialize_none(),
            },
            Cell::Decimal(hundredths) => to.serialize_f64(*hundredths as f64 / 100.0),
            Cell::At(at) => at.serialize(to),
            Cell::Nothing => to.serialize_none(),
        }
    }
}

/// The rows as objects, a member for each field.
struct Rows<'a>(&'a Sheet);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(self.0.rows.len()))?;
        for row in &self.0.rows {
            list.serialize_element(&Row { fields: self.0.fields, cells: row })?;
        }
        list.end()
    }
}

struct Row<'a> {
    fields: &'a [Field],
    cells: &'a [Cell],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.fields.iter().map(|field| field.key).zip(self.cells))
    }
}

impl Serialize for Sheet {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("report", self.kind.as_str())?;
        map.serialize_entry("about", self.kind.about())?;
        map.serialize_entry("counts", self.kind.basis().in_words())?;
        map.serialize_entry("organisation", &self.organisation)?;
        map.serialize_entry("from", &self.from)?;
        map.serialize_entry("until", &self.until)?;
        map.serialize_entry("as_of", &self.as_of)?;
        map.serialize_entry("narrowed", &self.narrowed)?;
        map.serialize_entry("tickets", &self.tickets)?;
        map.serialize_entry("left_out", &self.left_out)?;
        map.serialize_entry("without", &self.without)?;
        map.serialize_entry("rows", &Rows(self))?;
        map.end()
    }
}

impl Sheet {
    pub(super) fn new(
        asked: &Asked,
        org: &Organisation,
        fields: &'static [Field],
        rows: Vec<Vec<Cell>>,
    ) -> Sheet {
        let Asked { kind, from, until, as_of, narrowed, .. } = asked.clone();
        let (organisation, without) = (org.name.clone(), asked.without(org));
        let (tickets, left_out) = (0, 0);
        Sheet { kind, organisation, from, until, as_of, narrowed, tickets, left_out, without, fields, rows }
    }

    /// For a terminal; ends with a line feed. Without colours: it may go into a file.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", plain(&self.heading()));
        text += &format!("{}\n", self.beneath());
        if self.left_out > 0 {
            let left_out = number(self.left_out);
            text += &format!(
                "! left out, as their history cannot be read: {left_out} (`meridian doctor` says which)\n"
            );
        }
        text.push('\n');
        if self.rows.is_empty() {
            return text + "  nothing\n";
        }
        let heads: Vec<&str> = self.fields.iter().map(|field| field.head).collect();
        let mut table = Table::new("", &heads);
        self.rows.iter().for_each(|row| table.row(row.iter().map(Cell::shown)));
        text + &table.lines()
    }

    /// By RFC 4180, with a header of keys. A cell that a spreadsheet would take for a formula has an apostrophe before it.
    pub fn csv(&self) -> String {
        let mut text = line(self.fields.iter().map(|field| field.key.to_owned()));
        for row in &self.rows {
            text += &line(row.iter().map(Cell::plainly));
        }
        text
    }

    /// What it is about, whose it is, and what it is narrowed to.
    pub(super) fn heading(&self) -> String {
        self.headed(self.kind.about())
    }

    /// `about`: in a sentence, or in a word where a line is short.
    pub(super) fn headed(&self, about: &str) -> String {
        let narrowed = match self.narrowed.in_words() {
            none if none.is_empty() => none,
            words => format!(" ({words})"),
        };
        format!("{}: {about}{narrowed}", self.organisation)
    }

    pub(super) fn beneath(&self) -> String {
        let (from, until) = (instant(self.from), instant(self.until));
        let counted =
            format!("{from} to {until}; {}: {}", self.kind.basis().in_words(), number(self.tickets));
        if self.without.is_empty() {
            return counted;
        }
        let without: Vec<&str> = self.without.iter().map(Residency::as_str).collect();
        format!("{counted}, without those bound to {}", without.join(", "))
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| quoted(&cell)).collect();
    cells.join(",") + "\r\n"
}

fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}
