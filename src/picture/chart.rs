//! Bars that stand alone: with a heading, a key to their colours, and parts beneath each other.

use super::Svg;
use super::bars::{self, BarRow};

/// What is drawn.
#[derive(Clone, Debug)]
pub struct Chart {
    pub heading: String,
    pub beneath: String,
    /// Class of a colour (`bar`, `pale`, `bad`), and what has it.
    pub key: Vec<(&'static str, &'static str)>,
    /// Each with a name, and on a scale of its own.
    pub parts: Vec<(String, Vec<BarRow>)>,
}

const STYLE: &str = "\
text{font-family:system-ui,sans-serif;font-size:12px;fill:#222}\
.heading{font-size:15px;font-weight:600}.beneath{fill:#555}.part{font-weight:600}\
.end{text-anchor:end}.value{fill:#444;font-size:11px}.ground{fill:#fff}\
.bar{fill:#2b6cb0}.pale{fill:#a3c4e8}.bad{fill:#c2410c}";
const WIDTH: f64 = 760.0;
const MARGIN: f64 = 16.0;
const HEAD: f64 = 64.0;
const PART: f64 = 26.0;

/// An SVG document with its own style.
pub fn chart(chart: &Chart) -> String {
    let parts: f64 = chart.parts.iter().map(|(_, rows)| PART + bars::height(rows)).sum();
    let height = HEAD + PART + parts + MARGIN;
    let mut svg = Svg::new(WIDTH, height, &chart.heading, STYLE);
    svg.rect("ground", [0.0, 0.0, WIDTH, height], "");
    svg.text("heading", [MARGIN, 26.0], &bars::shortened(&chart.heading, 84));
    svg.text("beneath", [MARGIN, 46.0], &bars::shortened(&chart.beneath, 105));
    let mut x = MARGIN;
    for (class, words) in &chart.key {
        svg.rect(class, [x, HEAD - 4.0, 10.0, 10.0], "");
        svg.text("label", [x + 15.0, HEAD + 5.0], words);
        x += 40.0 + words.chars().count() as f64 * 6.6;
    }
    let mut y = HEAD + PART;
    for (name, rows) in &chart.parts {
        svg.text("part", [MARGIN, y + 12.0], name);
        bars::draw(&mut svg, rows, [WIDTH - MARGIN, y + PART - 4.0]);
        y += PART + bars::height(rows);
    }
    svg.finish()
}
