//! A Rust file as its names: paths like `crate::desk::Ticket`, each with its line. A simple reader, not a parser:
//! it knows comments, literals and grouped imports, and nothing of types or macros.

use std::collections::BTreeSet;

pub struct Source {
    /// From the project's folder, with `/`.
    pub path: String,
    pub text: String,
    /// The text with comments and literals blanked, line for line.
    code: String,
    /// Every path of two or more names, and every single name, outside of unit tests.
    paths: Vec<(Place, Vec<String>)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    pub line: usize,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Source {
        let code = blanked(text);
        let tokens = tokens(&without_unit_tests(&code));
        let mut paths = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            at = read_path(&tokens, at, &[], &mut paths);
        }
        if path.ends_with("/tests.rs") {
            paths.clear();
        }
        Source { path: path.to_owned(), text: text.to_owned(), code, paths }
    }

    /// The room it stands in; `None` for `lib.rs`, `main.rs` and what is not in `src`.
    pub fn room(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        let room = inside.split('/').next()?.trim_end_matches(".rs");
        (!["lib", "main"].contains(&room)).then_some(room)
    }

    /// Lines without comments and literals, from 1.
    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(line, code)| (line + 1, code))
    }

    /// Where a path has these names side by side.
    pub fn naming(&self, name: &str) -> impl Iterator<Item = Place> {
        let wanted: Vec<String> = name.split("::").map(str::to_owned).collect();
        let names = move |path: &[String]| path.windows(wanted.len()).any(|part| part == wanted);
        self.paths.iter().filter(move |(_, path)| names(path)).map(|(place, _)| *place)
    }

    /// What is named right at the crate's root: after `crate::`, or after `super::` up to a room.
    pub fn crate_names(&self, rooms: &BTreeSet<String>) -> Vec<(Place, String)> {
        let mut found = Vec::new();
        for (place, path) in &self.paths {
            let supers = path.iter().take_while(|name| *name == "super").count();
            match path.as_slice() {
                [first, name, ..] if first == "crate" => found.push((*place, name.clone())),
                _ if supers >= self.depth() => {
                    let name = path.get(supers).filter(|name| rooms.contains(*name));
                    found.extend(name.map(|name| (*place, name.clone())));
                }
                _ => (),
            }
        }
        found
    }

    /// How many `super` lead to the crate's root, counted from the file.
    fn depth(&self) -> usize {
        let modules = self.path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        modules.split('/').count()
    }
}

enum Token {
    Name(String),
    /// `::`
    Into,
    Other(char),
}

fn tokens(code: &str) -> Vec<(Place, Token)> {
    let mut tokens = Vec::new();
    for (line, text) in code.lines().enumerate() {
        let place = Place { line: line + 1 };
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let name = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let length = if name > 0 {
                tokens.push((place, Token::Name(rest[..name].to_owned())));
                name
            } else if rest.starts_with("::") {
                tokens.push((place, Token::Into));
                2
            } else {
                if !letter.is_whitespace() {
                    tokens.push((place, Token::Other(letter)));
                }
                letter.len_utf8()
            };
            rest = &rest[length..];
        }
    }
    tokens
}

/// Reads the path that begins `at`, with every branch of its groups, and says where it ends.
fn read_path(
    tokens: &[(Place, Token)],
    mut at: usize,
    prefix: &[String],
    paths: &mut Vec<(Place, Vec<String>)>,
) -> usize {
    let mut path = prefix.to_vec();
    let Some((place, Token::Name(_))) = tokens.get(at) else { return at + 1 };
    while let Some((_, Token::Name(name))) = tokens.get(at) {
        path.push(name.clone());
        at += 1;
        match (tokens.get(at), tokens.get(at + 1)) {
            (Some((_, Token::Into)), Some((_, Token::Name(_)))) => at += 1,
            (Some((_, Token::Into)), Some((_, Token::Other('{')))) => {
                at += 2;
                while at < tokens.len() && !matches!(tokens[at].1, Token::Other('}')) {
                    at = read_path(tokens, at, &path, paths);
                }
                return at + 1;
            }
            _ => break,
        }
    }
    paths.push((*place, path));
    at
}

/// Blanked code without the items marked as tests' own; lines stay where they are.
fn without_unit_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut shipped = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(mark) = rest.find(MARK) {
        let (before, item) = rest.split_at(mark);
        let end = item_end(&item[MARK.len()..]) + MARK.len();
        shipped.push_str(before);
        shipped.extend(item[..end].chars().filter(|c| *c == '\n'));
        rest = &item[end..];
    }
    shipped + rest
}

/// Behind the `;` that ends the item or the `}` that closes its first `{`.
fn item_end(code: &str) -> usize {
    let mut open = 0;
    for (at, letter) in code.char_indices() {
        match letter {
            '{' => open += 1,
            '}' => open -= 1,
            _ => (),
        }
        if open == 0 && [';', '}'].contains(&letter) {
            return at + 1;
        }
    }
    code.len()
}

/// The text with comments and the insides of literals as blanks; lines stay where they are.
fn blanked(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = match letter {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest),
            'r' if !ends_in_name(&code) && raw_string(rest).is_some() => raw_string(rest).unwrap_or(1),
            '\'' => character(rest).unwrap_or(0),
            _ => 0,
        };
        if length == 0 {
            code.push(letter);
            rest = &rest[letter.len_utf8()..];
        } else {
            code.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[length..];
        }
    }
    code
}

/// A `b` in front belongs to the literal.
fn ends_in_name(code: &str) -> bool {
    code.strip_suffix('b').unwrap_or(code).ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

fn block_comment(text: &str) -> usize {
    let mut open = 0;
    let mut at = 0;
    loop {
        if text[at..].starts_with("/*") {
            open += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            open -= 1;
            at += 2;
        } else {
            at += text[at..].chars().next().map_or(0, char::len_utf8);
        }
        if open == 0 || at >= text.len() {
            return at;
        }
    }
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// `None`: no raw string begins here.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text[1..].chars().take_while(|c| *c == '#').count();
    let inside = text[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(2 + hashes + length)
}

/// `None`: a lifetime, not a character.
fn character(text: &str) -> Option<usize> {
    let mut letters = text.char_indices().skip(1);
    let (_, first) = letters.next()?;
    if first == '\\' {
        letters.next()?;
        return letters.find(|(_, c)| *c == '\'').map(|(at, _)| at + 1);
    }
    letters.next().filter(|(_, c)| *c == '\'').map(|(at, _)| at + 1)
}
