//! Pictures: values in, SVG text out. Knows colours and places, no rule. Pure.

mod roster;
pub use roster::{DAYS_MAX, TooLarge, roster};

mod people;

mod letters;

mod svg;
pub use svg::Svg;

mod bars;
pub use bars::{BarRow, bars};

mod chart;
pub use chart::{Chart, chart};

mod heat;
pub use heat::{Cell, Grid, heat};

mod columns;
pub use columns::{Strip, columns};
