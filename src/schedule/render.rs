//! Problems for a person's eyes, drawn as a compiler draws them.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

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
        let start = text.floor_char_boundary(problem.span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let from = (start - line_start).min(line.len());
        let to = line.floor_char_boundary(problem.span.end.saturating_sub(line_start)).max(from);
        group = group.element(
            Snippet::source(line)
                .path(problem.file.as_str())
                .line_start(problem.line)
                .annotation(AnnotationKind::Primary.span(from..to)),
        );
    }
    match &problem.remedy {
        Some(remedy) => group.element(Level::HELP.message(remedy.as_str())),
        None => group,
    }
}
