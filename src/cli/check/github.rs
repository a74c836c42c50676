//! Problems as workflow commands: GitHub shows them beside the lines they are about.

use std::path::Path;

use crate::schedule::{Problem, Severity};

/// One line for each problem; paths are `dir`'s, as it was named, so run it from the top of the repository.
pub fn commands(problems: &[Problem], dir: &Path) -> String {
    problems.iter().map(|problem| command(problem, dir)).collect()
}

fn command(problem: &Problem, dir: &Path) -> String {
    let level = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut properties = Vec::new();
    if !problem.file.is_empty() {
        let path = dir.join(&problem.file);
        let path = path.to_string_lossy();
        let path = path.strip_prefix("./").unwrap_or(&path);
        properties.push(format!("file={}", property(path)));
        properties.push(format!("line={},col={}", problem.line, problem.column));
    }
    properties.push(format!("title={}", property(problem.code)));
    let remedy = problem.remedy.iter().fold(String::new(), |_, remedy| format!("\n{remedy}"));
    format!("::{level} {}::{}\n", properties.join(","), data(&format!("{}{remedy}", problem.message)))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{Files, Origin};

    #[test]
    fn what_would_end_a_property_or_a_line_is_escaped() {
        let name = "a,b:c%/org.toml";
        let files = Files::from([(name.to_owned(), "\n  x = 1".to_owned())]);
        let origin = Origin::File(name.into(), 3);
        let message = "50% of it,\r\nand: more".to_owned();
        let problem =
            Problem::at(&origin, &files, "bad-id", Severity::Warning, message).with_remedy("mend it");
        assert_eq!(
            commands(&[problem], Path::new("./schedules")),
            "::warning file=schedules/a%2Cb%3Ac%25/org.toml,line=2,col=3,title=bad-id::\
             50%25 of it,%0D%0Aand: more%0Amend it\n"
        );
    }
}
