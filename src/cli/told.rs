//! What long work says of itself: on a terminal while it goes on, and of what it has done.

use std::io::IsTerminal;

use super::show;
use crate::store::{Contents, Schema, Store};

/// One line that is written over again; nothing where nobody looks.
pub struct Progress {
    terminal: bool,
}

impl Default for Progress {
    fn default() -> Progress {
        Progress { terminal: std::io::stderr().is_terminal() }
    }
}

impl Progress {
    pub fn tell(&mut self, what: &str, count: u64) {
        if self.terminal {
            anstream::eprint!("\r\x1b[K{what}: {count}");
        }
    }

    pub fn end(&mut self) {
        if self.terminal {
            anstream::eprint!("\r\x1b[K");
        }
    }
}

pub fn contents(contents: &Contents) -> String {
    let until = contents
        .decided_at
        .map_or("nothing decided yet".to_owned(), |at| format!("decided until {}", show::utc(at)));
    format!("{} tickets with {} events, {until}", contents.tickets, contents.events)
}

/// On standard error: `what` has been done, and what in it cannot be true.
pub fn flaws(what: &str, contents: &Contents) {
    const TOLD: usize = 10;
    let found = show::counted(contents.flaws(), "thing");
    anstream::eprintln!(
        "{}: {}: meridian doctor tells more",
        show::yellow("warning"),
        what.replace("{found}", &found)
    );
    let rows = contents.broken_rows.iter().map(|row| format!("a row is damaged: {row}"));
    let findings = contents.audit.findings.iter().map(|finding| match finding.ticket {
        Some(ticket) => format!("ticket {ticket}: {}", finding.what),
        None => finding.what.clone(),
    });
    findings.chain(rows).take(TOLD).for_each(|line| anstream::eprintln!("  {line}"));
}

/// Row by row, only what this release knows is copied.
pub async fn newer_tables(store: &Store) -> anyhow::Result<()> {
    let Schema { there, known } = store.schema().await?;
    if there > known {
        anstream::eprintln!(
            "{}: the tables are those of a newer release (migration {there}; this one's are {known}): what only that one \
             knows is not in the copy",
            show::yellow("warning")
        );
    }
    Ok(())
}
