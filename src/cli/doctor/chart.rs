//! What was examined, and what came of it.

use serde::Serialize;

use crate::cli::show;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Ok,
    /// It works, and somebody should look.
    Warning,
    /// It does not work, or will not for long.
    Problem,
}

#[derive(Serialize)]
pub struct Examination {
    /// `audit`, `channel.pager`: stays the same from release to release.
    pub id: String,
    pub verdict: Verdict,
    /// What was found, in a sentence.
    pub what: String,
    pub remedy: Option<String>,
    /// One by one, where it is many things.
    pub details: Vec<String>,
}

#[derive(Default)]
pub struct Chart {
    pub examinations: Vec<Examination>,
}

#[derive(Serialize)]
struct Whole<'a> {
    /// No problem; there may be warnings.
    ok: bool,
    problems: usize,
    warnings: usize,
    examinations: &'a [Examination],
}

impl Chart {
    pub fn ok(&mut self, id: &str, what: impl Into<String>) {
        self.add(id, Verdict::Ok, what.into(), None);
    }

    pub fn warning(&mut self, id: &str, what: impl Into<String>, remedy: impl Into<String>) {
        self.add(id, Verdict::Warning, what.into(), Some(remedy.into()));
    }

    pub fn problem(&mut self, id: &str, what: impl Into<String>, remedy: impl Into<String>) {
        self.add(id, Verdict::Problem, what.into(), Some(remedy.into()));
    }

    fn add(&mut self, id: &str, verdict: Verdict, what: String, remedy: Option<String>) {
        self.examinations.push(Examination { id: id.to_owned(), verdict, what, remedy, details: Vec::new() });
    }

    /// Belongs to what was said last.
    pub fn details(&mut self, details: impl IntoIterator<Item = String>) {
        let last = self.examinations.last_mut().expect("details follow what they belong to");
        last.details.extend(details);
    }

    pub fn count(&self, verdict: Verdict) -> usize {
        self.examinations.iter().filter(|examination| examination.verdict == verdict).count()
    }

    pub fn json(&self) -> anyhow::Result<()> {
        let (problems, warnings) = (self.count(Verdict::Problem), self.count(Verdict::Warning));
        let whole = Whole { ok: problems == 0, problems, warnings, examinations: &self.examinations };
        show::json(&whole).map(drop)
    }

    pub fn text(&self) -> String {
        let width = self.examinations.iter().map(|one| one.id.len()).max().unwrap_or(0);
        let mut text = String::new();
        for Examination { id, verdict, what, remedy, details } in &self.examinations {
            let word = match verdict {
                Verdict::Ok => show::green("ok     "),
                Verdict::Warning => show::yellow("warning"),
                Verdict::Problem => show::red("problem"),
            };
            let indent = " ".repeat("problem".len() + 2 + width + 2);
            text += &format!("{word}  {id:<width$}  {}\n", show::plain(what));
            details.iter().for_each(|detail| text += &format!("{indent}  {}\n", show::plain(detail)));
            remedy.iter().for_each(|remedy| text += &format!("{indent}-> {}\n", show::plain(remedy)));
        }
        let (problems, warnings) = (self.count(Verdict::Problem), self.count(Verdict::Warning));
        text += &match (problems, warnings) {
            (0, 0) => show::green("all is well\n"),
            (0, warnings) => format!("{}\n", show::yellow(&show::counted(warnings, "warning"))),
            (problems, 0) => format!("{}\n", show::red(&show::counted(problems, "problem"))),
            (problems, warnings) => {
                format!(
                    "{}, {}\n",
                    show::red(&show::counted(problems, "problem")),
                    show::counted(warnings, "warning")
                )
            }
        };
        text
    }
}
