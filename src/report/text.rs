//! The report for a terminal.

use super::attention::{findings, headlines};
use super::sections::{Section, sections};
use super::table::{WIDTH, folded, plain};
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
            text += &wrapped("note: ", remark);
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

/// Indented lines; the first begins with `mark`, and the others stand below its words.
fn wrapped(mark: &str, words: &str) -> String {
    let indent = mark.chars().count();
    let lines = folded(&plain(words), WIDTH - 2 - indent);
    let line = |(place, line): (usize, String)| match place {
        0 => format!("  {mark}{line}\n"),
        _ => format!("  {:indent$}{line}\n", ""),
    };
    lines.into_iter().enumerate().map(line).collect()
}
