//! Lengths side by side: a line of bars for each name.

use super::Svg;

/// One name with its bars.
#[derive(Clone, Debug)]
pub struct BarRow {
    pub name: String,
    /// Class, value, and the value in words.
    pub bars: Vec<(&'static str, f64, String)>,
}

const WIDTH: f64 = 590.0;
const BAR: f64 = 13.0;
const GAP: f64 = 9.0;
/// Of the words behind a bar.
const WORDS: f64 = 90.0;

/// Horizontal bars on one common scale. Styled by the page: classes `label`, `value` and those of the bars.
pub fn bars(title: &str, rows: &[BarRow]) -> String {
    let mut svg = Svg::new(WIDTH, height(rows).max(1.0), title, "");
    draw(&mut svg, rows, [WIDTH, 0.0]);
    svg.finish()
}

/// Of all of them together.
pub(super) fn height(rows: &[BarRow]) -> f64 {
    rows.iter().map(height_of).sum()
}

fn height_of(row: &BarRow) -> f64 {
    row.bars.len() as f64 * BAR + GAP
}

/// As wide as is said, from `y` down.
pub(super) fn draw(svg: &mut Svg, rows: &[BarRow], [width, mut y]: [f64; 2]) {
    let longest = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let left = (longest as f64 * 7.8 + 14.0).clamp(40.0, 240.0);
    let most = rows.iter().flat_map(|row| &row.bars).map(|bar| bar.1).fold(0.0, f64::max);
    let scale = if most > 0.0 { (width - left - WORDS) / most } else { 0.0 };
    for row in rows {
        let middle = y + (height_of(row) - GAP) / 2.0 + 4.0;
        svg.text("label end", [left - 8.0, middle], &shortened(&row.name, 29));
        for (place, (class, value, words)) in row.bars.iter().enumerate() {
            let top = y + place as f64 * BAR;
            // Something is seen even of the smallest.
            let length = (value * scale).max(if *value > 0.0 { 1.5 } else { 0.0 });
            svg.rect(class, [left, top, length, BAR - 2.0], &format!("{}: {words}", row.name));
            svg.text("value", [left + length + 5.0, top + BAR - 4.0], words);
        }
        y += height_of(row);
    }
}

/// At most so many characters.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
