//! Problems for a person's eyes, drawn as a compiler draws them.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Files, Problem, Severity};

/// One picture for each problem, with an empty line between them; `files` are those that were checked.
pub fn render(problems: &[Problem], files: &Files, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for problem in problems {
        text += &renderer.render(&[picture(problem, files)]);
        text += "\n\n";
    }
    text.truncate(text.trim_end().len());
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Only the first line of what is wrong is shown.
fn picture<'a>(problem: &'a Problem, files: &'a Files) -> Group<'a> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(problem.message.as_str()).id(problem.code));
    if let Some(text) = files.get(&problem.file) {
        let Excerpt { line, marked, is_cut } = excerpt(text, problem.span.clone());
        let annotation = AnnotationKind::Primary.span(marked);
        let snippet = Snippet::source(line).line_start(problem.line).annotation(annotation);
        if is_cut {
            // It would count the column from the cut.
            let origin = Origin::path(problem.file.as_str()).line(problem.line).char_column(problem.column);
            group = group.element(origin).element(snippet);
        } else {
            group = group.element(snippet.path(problem.file.as_str()));
        }
    }
    match &problem.remedy {
        Some(remedy) => group.element(Level::HELP.message(remedy.as_str())),
        None => group,
    }
}

/// So many bytes of a line are shown before and after where a problem begins.
const AROUND: usize = 200;

struct Excerpt<'a> {
    line: &'a str,
    /// What of it to underline.
    marked: Range<usize>,
    /// Whether the line begins further ahead.
    is_cut: bool,
}

/// The line on which a problem begins; of a long one, which a program may have written, what is near.
fn excerpt(text: &str, span: Range<usize>) -> Excerpt<'_> {
    let start = text.floor_char_boundary(span.start);
    let earliest = text.floor_char_boundary(start.saturating_sub(AROUND));
    let latest = text.floor_char_boundary(start + AROUND);
    let line_start = text[earliest..start].rfind('\n').map(|at| earliest + at + 1);
    let from = line_start.unwrap_or(earliest);
    let line = text[from..latest].lines().next().unwrap_or_default();
    let begins = (start - from).min(line.len());
    let ends = line.floor_char_boundary(span.end.saturating_sub(from)).max(begins);
    let is_cut = line_start.is_none() && earliest > 0 && text.as_bytes()[earliest - 1] != b'\n';
    Excerpt { line, marked: begins..ends, is_cut }
}
