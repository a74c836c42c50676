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
        text += &format!("  {} {}\n", if finding.grave { "!" } else { "-" }, plain(&finding.text));
    }
    if let Some(run) = run.filter(|run| !run.violations.is_empty()) {
        text += &format!("\n{}", tables::violations(&run.violations).lines());
    }
    for Section { title, lead, tables, .. } in sections(figures) {
        text += &format!("\n{}\n", title.to_uppercase());
        text += &wrapped(&lead);
        for table in tables.iter().filter(|table| !table.rows.is_empty()) {
            text += &format!("\n  {}\n{}", table.caption, table.lines());
        }
    }
    text
}

/// Lines of at most 96 characters, indented.
fn wrapped(lead: &str) -> String {
    let mut text = String::new();
    let mut length = 0;
    for word in lead.split_whitespace() {
        if length + word.chars().count() > 94 {
            text.push('\n');
            length = 0;
        }
        text += if length == 0 { "  " } else { " " };
        text += word;
        length += word.chars().count() + 1;
    }
    if !lead.is_empty() {
        text.push('\n');
    }
    text
}
