//! Serde's complaints, said so that the sender of a request can mend it.

use super::ApiError;
use crate::schedule::nearest;

/// From the path of the value and serde's message.
pub(super) fn in_our_words(path: &str, message: &str) -> ApiError {
    let at = match path {
        "." | "?" => "",
        path => path,
    };
    // The place in the text says less than the path.
    let message = message.split(" at line ").next().unwrap_or(message);
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let mut named = quoted(rest);
        let unknown = named.next().unwrap_or_default();
        // The path may or may not end in the unknown field itself.
        let field = match at {
            "" => unknown.to_owned(),
            at if at == unknown || at.ends_with(&format!(".{unknown}")) => at.to_owned(),
            at => format!("{at}.{unknown}"),
        };
        let known: Vec<&str> = named.collect();
        return ApiError::invalid(field, format!("there is no such field; {}", meant(unknown, &known)));
    }
    if let Some(rest) = message.strip_prefix("missing field ") {
        let missing = quoted(rest).next().unwrap_or_default();
        let field = if at.is_empty() { missing.to_owned() } else { format!("{at}.{missing}") };
        return ApiError::invalid(field, "is needed");
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let mut named = quoted(rest);
        let unknown = named.next().unwrap_or_default();
        let known: Vec<&str> = named.collect();
        return ApiError::invalid(
            blamed(at),
            format!("{unknown:?} is not known; {}", meant(unknown, &known)),
        );
    }
    ApiError::invalid(blamed(at), wrong_kind(message).unwrap_or_else(|| message.to_owned()))
}

/// What is there where something of another kind is expected; `None` where the message is not about that.
fn wrong_kind(message: &str) -> Option<String> {
    // What std says of a query.
    match message {
        "invalid digit found in string"
        | "cannot parse integer from empty string"
        | "number too large to fit in target type"
        | "number too small to fit in target type" => return Some("must be a whole number".to_owned()),
        "provided string was not `true` or `false`" => return Some("must be true or false".to_owned()),
        _ => (),
    }
    let rest = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))?;
    let (found, expected) = rest.rsplit_once(", expected ")?;
    Some(format!("must be {}, not {}", kind(expected), thing(found)))
}

/// A kind of value, for people.
fn kind(expected: &str) -> &str {
    match expected {
        "a string" | "a borrowed string" => "a text",
        "a sequence" => "a list",
        "a map" => "an object",
        "a boolean" => "true or false",
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "f32" | "f64" => "a number",
        "string or map" | "variant identifier" => "one of the known words",
        other if other.starts_with("struct ") => "an object",
        other => other,
    }
}

/// A value as its sender wrote it, or what it is where that may be long.
fn thing(found: &str) -> &str {
    match found {
        "sequence" => "a list",
        "map" => "an object",
        "null" | "unit value" | "Option value" => "null",
        found => match found.split_once(' ') {
            Some(("string", text)) => text,
            _ => quoted(found).next().unwrap_or(found),
        },
    }
}

fn blamed(path: &str) -> &str {
    if path.is_empty() { "body" } else { path }
}

/// The words in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn meant(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if known.is_empty() => "nothing is known here".to_owned(),
        None => format!("known are {}", known.join(", ")),
    }
}
