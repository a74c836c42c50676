//! Pictures: values in, SVG text out. Knows colours and places, no rule. Pure.

mod svg;
pub use svg::Svg;
