//! A drawing that is written down as it is made. Every text in it is escaped, so no name can become markup.

use std::fmt::{Display, Write};

/// An SVG under way. Lengths are user units, which a browser shows as CSS pixels.
#[derive(Debug)]
pub struct Svg {
    width: f64,
    height: f64,
    title: String,
    style: String,
    definitions: &'static str,
    body: String,
}

impl Svg {
    /// `title` is what a screen reader says of the whole; `style` is CSS of ours.
    pub fn new(width: f64, height: f64, title: &str, style: &str) -> Svg {
        Svg {
            width,
            height,
            title: title.to_owned(),
            style: style.to_owned(),
            definitions: "",
            body: String::new(),
        }
    }

    /// Markup of ours for `<defs>`: patterns that the style refers to.
    pub fn define(&mut self, definitions: &'static str) {
        self.definitions = definitions;
    }

    /// Where the height is known only when all is drawn.
    pub fn set_height(&mut self, height: f64) {
        self.height = height;
    }

    /// A closed shape through points.
    pub fn shape(&mut self, class: &str, points: &[[f64; 2]], tip: &str) {
        let points: Vec<String> = points.iter().map(|[x, y]| format!("{},{}", n(*x), n(*y))).collect();
        self.tipped("polygon", format_args!(r#"points="{}""#, points.join(" ")), class, tip);
    }

    /// A box of a class, with a tip for whoever points at it; an empty tip is left out.
    pub fn rect(&mut self, class: &str, [x, y, width, height]: [f64; 4], tip: &str) {
        self.tipped(
            "rect",
            format_args!(r#"x="{}" y="{}" width="{}" height="{}""#, n(x), n(y), n(width), n(height)),
            class,
            tip,
        );
    }

    pub fn line(&mut self, class: &str, [x1, y1, x2, y2]: [f64; 4]) {
        self.tipped(
            "line",
            format_args!(r#"x1="{}" y1="{}" x2="{}" y2="{}""#, n(x1), n(y1), n(x2), n(y2)),
            class,
            "",
        );
    }

    /// Text whose anchor (start, middle or end of it, by the class) stands at a place on its base line.
    pub fn text(&mut self, class: &str, [x, y]: [f64; 2], text: &str) {
        write!(self.body, r#"<text class="{class}" x="{}" y="{}">{}</text>"#, n(x), n(y), escaped(text))
            .expect(NEVER);
    }

    /// The whole document; also fit to stand inside an HTML page.
    pub fn finish(self) -> String {
        let Svg { width, height, title, style, definitions, body } = self;
        let title = escaped(&title);
        let definitions =
            if definitions.is_empty() { String::new() } else { format!("<defs>{definitions}</defs>") };
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" aria-label="{title}"><title>{title}</title><style>{style}</style>{definitions}{body}</svg>"#,
            n(width),
            n(height),
        )
    }

    fn tipped(&mut self, tag: &str, geometry: impl Display, class: &str, tip: &str) {
        let written = match tip {
            "" => write!(self.body, r#"<{tag} class="{class}" {geometry}/>"#),
            tip => write!(
                self.body,
                r#"<{tag} class="{class}" {geometry}><title>{}</title></{tag}>"#,
                escaped(tip)
            ),
        };
        written.expect(NEVER);
    }
}

const NEVER: &str = "writing to a string never fails";

/// To a hundredth of a unit, which nobody sees, and without idle zeros.
fn n(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            // XML has no such characters, not even escaped.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_markup() {
        let mut svg = Svg::new(10.0, 10.0, "a & b", "");
        svg.text("name", [1.0, 2.005], "</text><script>\u{7}");
        let drawn = svg.finish();
        assert!(
            drawn.contains("a &amp; b") && drawn.contains("&lt;/text&gt;&lt;script&gt;\u{fffd}"),
            "{drawn}"
        );
        assert!(!drawn.contains("<script"), "{drawn}");
    }
}
