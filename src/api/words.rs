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
    // What std says of numbers in a query.
    let message = match message {
        "invalid digit found in string" | "cannot parse integer from empty string" => "is not a number",
        message => message,
    };
    ApiError::invalid(blamed(at), message)
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
