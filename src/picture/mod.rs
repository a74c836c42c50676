//! Pictures: values in, SVG text out. Knows colours and places, no rule. Pure.

mod roster;
pub use roster::{DAYS_MAX, TooLarge, roster};

mod people;

mod letters;

mod svg;
pub use svg::Svg;
