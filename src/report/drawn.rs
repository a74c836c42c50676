//! Reports as pictures, where people would rather look.

use super::reports::Kind;
use super::sheet::{Cell, Sheet};
use super::words::{hours, number, share};
use crate::picture::{BarRow, Chart, chart};

/// So many people, or names of a side, are drawn; the table has all of them.
const DRAWN: usize = 40;

impl Sheet {
    /// An SVG that stands alone. `None`: there is no picture of such a report.
    pub fn svg(&self) -> Option<String> {
        let (key, parts) = match self.kind {
            Kind::Volume => (vec![("bar", "opened"), ("pale", "still live")], self.sides()),
            Kind::Sla => (vec![("bar", "met"), ("bad", "breached"), ("pale", "open")], self.promises()),
            Kind::Fairness => {
                let key = vec![("bar", "all"), ("pale", "at night"), ("bad", "rests interrupted")];
                (key, self.people())
            }
            _ => return None,
        };
        let chart_of =
            Chart { heading: self.headed(self.kind.as_str()), beneath: self.beneath(), key, parts };
        Some(chart(&chart_of) + "\n")
    }

    fn place(&self, key: &str) -> usize {
        let place = self.fields.iter().position(|field| field.key == key);
        place.unwrap_or_else(|| panic!("{} has a field {key}", self.kind))
    }

    fn value(&self, row: &[Cell], key: &str) -> usize {
        match &row[self.place(key)] {
            Cell::Count(count) => *count,
            Cell::Seconds(seconds) | Cell::Hours(seconds) => usize::try_from(*seconds).unwrap_or(0),
            _ => 0,
        }
    }

    fn name(&self, row: &[Cell], key: &str) -> String {
        match &row[self.place(key)] {
            Cell::Word(word) => word.clone(),
            _ => String::new(),
        }
    }

    /// Rows whose first cell says the same are one part.
    fn sides(&self) -> Vec<(String, Vec<BarRow>)> {
        let mut parts: Vec<(String, Vec<BarRow>)> = Vec::new();
        for row in &self.rows {
            let side = self.name(row, "by");
            let bar = |class, key| {
                let value = self.value(row, key);
                (class, value as f64, number(value))
            };
            let bars = BarRow {
                name: self.name(row, "name"),
                bars: vec![bar("bar", "opened"), bar("pale", "live")],
            };
            match parts.last_mut().filter(|(name, _)| *name == side) {
                Some((_, rows)) => rows.push(bars),
                None => parts.push((side, vec![bars])),
            }
        }
        for (name, rows) in &mut parts {
            rows.sort_by(|a, b| {
                if name == "priority" { a.name.cmp(&b.name) } else { b.bars[0].1.total_cmp(&a.bars[0].1) }
            });
        }
        parts
            .into_iter()
            .map(|(name, rows)| first(format!("by {name}").replace("by all", "all"), rows))
            .collect()
    }

    fn promises(&self) -> Vec<(String, Vec<BarRow>)> {
        let mut parts: Vec<(String, Vec<BarRow>)> = Vec::new();
        for row in &self.rows {
            let part = format!("{}: {}", self.name(row, "sla"), self.name(row, "clock").replace('_', " "));
            let [met, breached, open] = ["met", "breached", "open"].map(|key| self.value(row, key));
            let attained = format!("{} ({})", number(met), share(met, met + breached));
            let bars = BarRow {
                name: self.name(row, "priority"),
                bars: vec![
                    ("bar", met as f64, attained),
                    ("bad", breached as f64, number(breached)),
                    ("pale", open as f64, number(open)),
                ],
            };
            match parts.last_mut().filter(|(name, _)| *name == part) {
                Some((_, rows)) => rows.push(bars),
                None => parts.push((part, vec![bars])),
            }
        }
        parts
    }

    fn people(&self) -> Vec<(String, Vec<BarRow>)> {
        type Bars<'a> = &'a [(&'static str, &'static str)];
        let part = |caption: &str, keys: Bars, words: fn(usize) -> String| {
            let rows = self.rows.iter().map(|row| {
                let bar = |(class, key): &(&'static str, &'static str)| {
                    let value = self.value(row, key);
                    (*class, value as f64, words(value))
                };
                BarRow { name: self.name(row, "person"), bars: keys.iter().map(bar).collect() }
            });
            first(caption.to_owned(), rows.collect())
        };
        let in_hours = |value: usize| hours(value as i64);
        vec![
            part("Hours on call", &[("bar", "on_call_seconds"), ("pale", "night_seconds")], in_hours),
            part(
                "Pages",
                &[("bar", "pages"), ("pale", "pages_at_night"), ("bad", "rests_interrupted")],
                number,
            ),
        ]
    }
}

/// The first of them, and in the caption that there are more.
fn first(caption: String, mut rows: Vec<BarRow>) -> (String, Vec<BarRow>) {
    let all = rows.len();
    rows.truncate(DRAWN);
    match all {
        ..=DRAWN => (caption, rows),
        _ => (format!("{caption}, the first {DRAWN} of {all}"), rows),
    }
}
