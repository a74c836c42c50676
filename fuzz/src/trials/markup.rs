//! A reader of markup that forgives nothing, for what we write ourselves: tags nest, values are quoted, what people
//! wrote is text and never a tag.

/// Elements without an end tag in HTML.
const VOID: &[&str] = &["meta", "link", "br", "hr", "wbr"];
/// All that our pages and pictures are made of.
const ELEMENTS: &[&str] = &[
    "a",
    "b",
    "body",
    "caption",
    "circle",
    "clipPath",
    "dd",
    "defs",
    "desc",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "g",
    "h1",
    "h2",
    "h3",
    "head",
    "header",
    "html",
    "li",
    "line",
    "link",
    "main",
    "meta",
    "nav",
    "ol",
    "p",
    "path",
    "pattern",
    "polygon",
    "polyline",
    "rect",
    "section",
    "span",
    "strong",
    "style",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "title",
    "tr",
    "tspan",
    "ul",
    "use",
];

pub fn is_svg(text: &str) {
    let text = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap_or(text);
    Reader { text, rest: text, open: Vec::new() }.read(false);
    let banned = |c: &char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
    let banned = text.chars().find(|c| banned(c) || matches!(c, '\u{fffe}' | '\u{ffff}'));
    assert_eq!(banned, None, "a character that XML does not have");
}

pub fn is_html(text: &str) {
    let rest = text.strip_prefix("<!doctype html>").unwrap_or_else(|| panic!("no page:\n{text}"));
    Reader { text, rest, open: Vec::new() }.read(true);
}

struct Reader<'t> {
    text: &'t str,
    rest: &'t str,
    /// Elements that have begun, outermost first.
    open: Vec<&'t str>,
}

impl<'t> Reader<'t> {
    fn read(&mut self, html: bool) {
        while let Some(at) = self.rest.find('<') {
            let (before, tag) = self.rest.split_at(at);
            match self.open.last() {
                Some(&"style") => (),
                _ => self.is_text(before),
            }
            self.rest = &tag[1..];
            match self.rest.strip_prefix('/') {
                Some(rest) => self.end(rest),
                None => self.start(html),
            }
        }
        self.is_text(self.rest);
        assert!(self.open.is_empty(), "{:?} do not end in\n{}", self.open, self.text);
    }

    fn end(&mut self, rest: &'t str) {
        let Some((name, rest)) = rest.split_once('>') else { self.fail("an end tag without an end") };
        if self.open.pop() != Some(name) {
            self.fail(&format!("</{name}> ends another element"));
        }
        self.rest = rest;
    }

    fn start(&mut self, html: bool) {
        let name = self.word();
        if !ELEMENTS.contains(&name) {
            self.fail(&format!("<{name}> is none of our elements"));
        }
        let mut attributes = Vec::new();
        loop {
            let spaced = self.rest.trim_start();
            let space = spaced.len() < self.rest.len();
            self.rest = spaced;
            if let Some(rest) = self.rest.strip_prefix("/>") {
                self.rest = rest;
                return;
            }
            if let Some(rest) = self.rest.strip_prefix('>') {
                self.rest = rest;
                if !(html && VOID.contains(&name)) {
                    self.open.push(name);
                }
                return;
            }
            let attribute = self.word();
            if !space
                || attribute.is_empty()
                || attribute.starts_with("on")
                || attributes.contains(&attribute)
            {
                self.fail(&format!("the attribute {attribute:?} of <{name}>"));
            }
            attributes.push(attribute);
            if let Some(rest) = self.rest.strip_prefix("=\"") {
                let Some((value, rest)) = rest.split_once('"') else { self.fail("a value without an end") };
                if value.contains('<') {
                    self.fail(&format!("a tag in {attribute}={value:?}"));
                }
                self.is_text(value);
                let links = attribute == "href" && !value.starts_with('#') && value != "data:,";
                if links {
                    self.fail(&format!("a link to {value:?}"));
                }
                self.rest = rest;
            } else if !html {
                self.fail(&format!("the attribute {attribute} has no value"));
            }
        }
    }

    fn word(&mut self) -> &'t str {
        let of_name = |c: char| c.is_ascii_alphanumeric() || "-:_".contains(c);
        let end = self.rest.find(|c| !of_name(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    /// Every `&` begins a character that is spelt out.
    fn is_text(&self, text: &str) {
        for (at, _) in text.match_indices('&') {
            let spelt = text[at + 1..].split(';').next().unwrap_or_default();
            let number = spelt.strip_prefix("#x").or(spelt.strip_prefix('#'));
            let known = ["amp", "lt", "gt", "quot", "apos"].contains(&spelt)
                || number
                    .is_some_and(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()) && digits.len() < 8);
            if !known {
                self.fail(&format!("`&{}` in {text:?}", spelt.chars().take(20).collect::<String>()));
            }
        }
    }

    fn fail(&self, what: &str) -> ! {
        let at = self.text.len() - self.rest.len();
        let from = self.text.floor_char_boundary(at.saturating_sub(200));
        panic!("{what}, behind\n{}\n\nof\n{}", &self.text[from..at], self.text)
    }
}
