//! What is wrong with a set of files, said so that its author can mend it.

use serde::Serialize;

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
