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

/// Of a terminal.
pub(super) const WIDTH: usize = 100;
/// A last column of words gets at least so much of it.
const LAST_COLUMN: usize = 24;

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
        // The hours of a day would not fit with wider gaps.
        let gap = if self.columns.len() > 20 { " " } else { "  " };
        let before: usize = widths[..widths.len() - 1].iter().map(|width| width + gap.len()).sum();
        let last_words = self.columns.last().is_some_and(|column| column.words);
        let room = WIDTH.saturating_sub(before + 2).max(LAST_COLUMN);
        let mut text = String::new();
        for mut row in rows {
            let mut rest = Vec::new();
            if let Some(last) = row.last_mut().filter(|last| last_words && last.chars().count() > room) {
                let mut lines = folded(last, room).into_iter();
                *last = lines.next().unwrap_or_default();
                rest.extend(lines);
            }
            let mut line = String::from("  ");
            for ((cell, column), width) in row.iter().zip(&self.columns).zip(&widths) {
                line += &match column.words {
                    true => format!("{cell:<width$}{gap}"),
                    false => format!("{cell:>width$}{gap}"),
                };
            }
            text += &format!("{}\n", line.trim_end());
            rest.iter().for_each(|words| text += &format!("{:1$}{words}\n", "", before + 2));
        }
        if self.more > 0 {
            text += &format!("  and {} more\n", self.more);
        }
        text
    }
}

/// Words on lines of at most so many characters; a longer word has its own.
pub(super) fn folded(words: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut().filter(|line| line.chars().count() + 1 + word.chars().count() <= room) {
            Some(line) => *line += &format!(" {word}"),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// What a terminal may be given: a title's control characters could paint over the report.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
