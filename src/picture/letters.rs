//! How wide a text will be, without a font to ask: a little more than usual faces need, so that what fits here fits.

/// How much wider bold letters are.
pub const BOLD: f64 = 1.15;

pub fn bold(text: &str, size: f64) -> f64 {
    width(text, size * BOLD)
}

/// In user units, at a font size.
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

/// The text, or as much of its beginning as there is room for, with an ellipsis. `None`: not even two letters.
pub fn cut(text: &str, size: f64, room: f64) -> Option<String> {
    if width(text, size) <= room {
        return Some(text.to_owned());
    }
    let mut left = room - width("…", size);
    let fits = |c: &char| {
        left -= em(*c) * size;
        left >= 0.0
    };
    let short: String = text.chars().take_while(fits).collect();
    let short = short.trim_end();
    (short.chars().count() >= 2).then(|| format!("{short}…"))
}

fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' => 0.31,
        'f' | 'r' | 't' | '-' | '(' | ')' => 0.37,
        'm' | 'w' | 'M' | 'W' | '@' | '…' => 0.92,
        'A'..='Z' => 0.74,
        '\u{1100}'.. => 1.02,
        _ => 0.62,
    }
}
