//! The report for a terminal.

use super::attention::{findings, headlines};
use super::sections::{Section, sections};
use super::table::plain;
use super::words::instant;
use super::{Figures, Run, tables};

/// For a terminal of some 100 columns; ends with a line feed. Without colours: it may go into a file.
pub fn text(figures: &Figures, run: Option<&Run>) -> String {
    let mut text = format!(
        "{}\n{} to {}\n",
        plain(&figures.organisation),
        instant(figures.from),
        instant(figures.until)
    );
    if let Some(run) = run {
        text += &format!(
            "simulated: {} under {}, people {}, seed {}\n",
            plain(&run.tickets),
            plain(&run.schedules),
            plain(&run.responders),
            run.seed
        );
        for remark in &run.remarks {
            text += &format!("note: {}\n", plain(remark));
        }
    }
    text.push('\n');
    for line in headlines(figures, run) {
        let beside = if line.beside.is_empty() { String::new() } else { format!(" ({})", line.beside) };
        text += &format!("  {:>10}  {}{beside}\n", line.value, line.what);
    }
    text += "\nATTENTION\n";
    let findings = findings(figures, run);
    if findings.is_empty() {
        text += "  nothing stands out\n";
    }
    for finding in findings {
        text += &wrapped(if finding.grave { "! " } else { "- " }, &finding.text);
    }
    if let Some(run) = run.filter(|run| !run.violations.is_empty()) {
        text += &format!("\n{}", tables::violations(&run.violations).lines());
    }
    for Section { title, lead, tables, .. } in sections(figures) {
        text += &format!("\n{}\n", title.to_uppercase());
        text += &wrapped("", &lead);
        let told = tables.iter().filter(|table| !table.rows.is_empty());
        let told: String = told.map(|table| format!("\n  {}\n{}", table.caption, table.lines())).collect();
        text += if told.is_empty() { "  None.\n" } else { &told };
    }
    text
}

/// Lines of at most 96 characters, indented; the first begins with `mark`, and the others stand below its words.
fn wrapped(mark: &str, words: &str) -> String {
    let indent = " ".repeat(mark.chars().count());
    let mut lines = vec![format!("  {mark}")];
    for word in plain(words).split_whitespace() {
        let line = lines.last_mut().expect("there is a first");
        let begun = line.len() > 2 + mark.len();
        if begun && line.chars().count() + word.chars().count() >= 96 {
            lines.push(format!("  {indent}{word}"));
        } else {
            *line += &format!("{}{word}", if begun { " " } else { "" });
        }
    }
    lines.join("\n") + "\n"
}
