//! What is wrong with a set of files, said so that its author can mend it.

use serde::Serialize;

use super::{Files, Origin};

/// One finding. `check` reports all of them at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Problem {
    /// Stable, for scripts: `unknown-person`.
    pub code: &'static str,
    pub severity: Severity,
    /// Path beneath the schedules directory, with `/`; empty where no file is to blame.
    pub file: String,
    /// From 1; 0 where no place is to blame.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The offending text.
    pub snippet: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it, where we know: "did you mean `anna`?".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// Bytes of `file` to underline.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The set is not put to work.
    Error,
    /// It works, but perhaps not as meant.
    Warning,
}

impl Problem {
    /// About no place: of a row of the database, say, or of the machine.
    pub fn nowhere(code: &'static str, severity: Severity, message: String) -> Problem {
        Problem {
            code,
            severity,
            file: String::new(),
            line: 0,
            column: 0,
            snippet: String::new(),
            message,
            remedy: None,
            span: 0..0,
        }
    }

    /// About what begins at `origin`, to the end of its line; of a row of the database, without a place.
    pub fn at(
        origin: &Origin,
        files: &Files,
        code: &'static str,
        severity: Severity,
        message: String,
    ) -> Problem {
        let mut problem = Problem::nowhere(code, severity, message);
        let Origin::File(path, offset) = origin else { return problem };
        let Some(text) = files.get(&**path) else { return problem };
        let start = text.floor_char_boundary(*offset);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        problem.file = path.to_string();
        problem.line = text[..start].matches('\n').count() + 1;
        problem.column = text[line_start..start].chars().count() + 1;
        problem.snippet = text[start..].lines().next().unwrap_or_default().to_owned();
        problem.span = start..start + problem.snippet.len();
        problem
    }

    pub fn with_remedy(self, remedy: impl Into<String>) -> Problem {
        Problem { remedy: Some(remedy.into()), ..self }
    }
}
