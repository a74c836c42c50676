//! A table as both the text and the page show it.

use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
pub(super) struct Table {
    pub caption: String,
    pub columns: Vec<Column>,
    /// The first cell of a row names it.
    pub rows: Vec<Vec<String>>,
    /// How many more rows there are that only JSON has.
    pub more: usize,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Column {
    pub name: String,
    /// Words rather than numbers.
    pub words: bool,
}

impl Table {
    /// A column whose name begins with `~` holds words; the others hold numbers, aligned at the right.
    pub fn new(caption: &str, columns: &[&str]) -> Table {
        let column = |name: &&str| Column {
            name: name.trim_start_matches('~').to_owned(),
            words: name.starts_with('~'),
        };
        Table {
            caption: caption.to_owned(),
            columns: columns.iter().map(column).collect(),
            rows: Vec::new(),
            more: 0,
        }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub fn at_most(mut self, rows: usize) -> Table {
        self.more = self.rows.len().saturating_sub(rows);
        self.rows.truncate(rows);
        self
    }

    /// Lines for a terminal, indented.
    pub fn lines(&self) -> String {
        let cells = |row: &[String]| row.iter().map(|cell| plain(cell)).collect::<Vec<_>>();
        let header = self.columns.iter().map(|column| column.name.to_uppercase()).collect();
        let rows: Vec<Vec<String>> =
            std::iter::once(header).chain(self.rows.iter().map(|row| cells(row))).collect();
        let width = |place: usize| rows.iter().map(|row| row[place].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let mut text = String::new();
        for row in &rows {
            let mut line = String::from(" ");
            for ((cell, column), width) in row.iter().zip(&self.columns).zip(&widths) {
                line += &match column.words {
                    true => format!(" {cell:<width$} "),
                    false => format!(" {cell:>width$} "),
                };
            }
            text += line.trim_end();
            text.push('\n');
        }
        if self.more > 0 {
            text += &format!("  and {} more\n", self.more);
        }
        text
    }
}

/// What a terminal may be given: a title's control characters could paint over the report.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
