//! Values as depths of one hue: an hour of the week, or a pair of names, is a cell.

use super::Svg;
use super::bars::shortened;

/// Depths from q0, nothing, to q6, the most.
const DEPTHS: f64 = 6.0;

/// A cell of a heat map.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Absent: there is no such cell in what was measured.
    pub value: Option<f64>,
    /// What stands in it; short.
    pub words: String,
    /// What it says to whoever points at it.
    pub tip: String,
    /// It needs somebody's eye.
    pub marked: bool,
}

/// How large cells are, and how much room the names at the left have.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    pub left: f64,
    pub width: f64,
    pub height: f64,
}

/// Rows of cells under one line of names. Styled by the page: classes `q0` to `q6`, `absent`, `marked`, `deep` for
/// words on the deeper half, `label`.
pub fn heat(title: &str, grid: Grid, columns: &[String], rows: &[(String, Vec<Cell>)]) -> String {
    const TOP: f64 = 18.0;
    let width = grid.left + columns.len() as f64 * grid.width + 2.0;
    let height = TOP + rows.len() as f64 * grid.height + 2.0;
    let values = rows.iter().flat_map(|(_, cells)| cells).filter_map(|cell| cell.value);
    let most = values.fold(0.0, f64::max);
    let mut svg = Svg::new(width, height, title, "");
    let name_room = (grid.left / 7.2) as usize;
    for (place, name) in columns.iter().enumerate() {
        let x = grid.left + (place as f64 + 0.5) * grid.width;
        svg.text("label middle", [x, TOP - 6.0], &shortened(name, (grid.width / 6.5).max(2.0) as usize));
    }
    for (row, (name, cells)) in rows.iter().enumerate() {
        let y = TOP + row as f64 * grid.height;
        let base = y + grid.height / 2.0 + 4.0;
        svg.text("label end", [grid.left - 7.0, base], &shortened(name, name_room.max(2)));
        for (place, cell) in cells.iter().enumerate() {
            let x = grid.left + place as f64 * grid.width;
            let depth = cell.value.map(|value| depth(value, most));
            let mut class = depth.map_or("absent".to_owned(), |depth| format!("q{depth}"));
            if cell.marked {
                class += " marked";
            }
            svg.rect(&class, [x + 1.0, y + 1.0, grid.width - 2.0, grid.height - 2.0], &cell.tip);
            let class = if depth.is_some_and(|depth| depth > 3) { "cell deep" } else { "cell" };
            svg.text(class, [x + grid.width / 2.0, base], &cell.words);
        }
    }
    svg.finish()
}

fn depth(value: f64, most: f64) -> usize {
    if value <= 0.0 || most <= 0.0 {
        return 0;
    }
    ((value / most * DEPTHS).ceil()).clamp(1.0, DEPTHS) as usize
}
