//! How something went on over time: one strip of columns under another, each on its own scale.

use super::Svg;

/// One strip.
#[derive(Clone, Debug)]
pub struct Strip {
    pub name: String,
    /// Class of its columns.
    pub class: &'static str,
    /// Value and tip.
    pub columns: Vec<(f64, String)>,
    /// The highest value in words.
    pub most: String,
}

const WIDTH: f64 = 640.0;
const STRIP: f64 = 74.0;
const HEAD: f64 = 20.0;

/// Strips of equally many columns; `names` stand below at the columns they name. Styled by the page: classes `label`,
/// `axis` and those of the strips.
pub fn columns(title: &str, strips: &[Strip], names: &[(usize, String)]) -> String {
    let count = strips.iter().map(|strip| strip.columns.len()).max().unwrap_or(0).max(1);
    let step = WIDTH / count as f64;
    let gap = if step > 6.0 {
        2.0
    } else if step > 3.0 {
        1.0
    } else {
        0.0
    };
    let mut svg = Svg::new(WIDTH, strips.len() as f64 * (STRIP + HEAD) + 20.0, title, "");
    for (row, strip) in strips.iter().enumerate() {
        let foot = (row + 1) as f64 * (STRIP + HEAD);
        let most = strip.columns.iter().map(|column| column.0).fold(0.0, f64::max);
        svg.text("label", [0.0, foot - STRIP - 6.0], &format!("{}, at most {}", strip.name, strip.most));
        for (place, (value, tip)) in strip.columns.iter().enumerate() {
            let height = if most > 0.0 { value / most * STRIP } else { 0.0 };
            let height = if *value > 0.0 { height.max(1.0) } else { 0.0 };
            svg.rect(strip.class, [place as f64 * step, foot - height, (step - gap).max(0.5), height], tip);
        }
        svg.line("axis", [0.0, foot, WIDTH, foot]);
    }
    let foot = strips.len() as f64 * (STRIP + HEAD) + 15.0;
    for (place, name) in names {
        let x = *place as f64 * step;
        let class = if x > WIDTH - 60.0 { "label end" } else { "label" };
        svg.text(class, [if x > WIDTH - 60.0 { WIDTH } else { x }, foot], name);
    }
    svg.finish()
}
