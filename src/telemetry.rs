//! Logs: text for a terminal and for the journal, JSON lines for everything else.
//! Field names are the same everywhere: `ticket.id`, `notice.id`, `person`, `channel`.

use std::fmt;
use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use anyhow::Context;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Sends the log of this process to standard error; once per process.
pub fn start(directives: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(directives)
        .with_context(|| format!("log = {directives:?} is not understood; try \"info\""))?;
    let to_stderr = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let layer = if stderr_is_the_journal() {
        to_stderr.with_ansi(false).event_format(ForJournal).boxed()
    } else if std::io::stderr().is_terminal() {
        to_stderr.with_target(false).boxed()
    } else {
        to_stderr.json().flatten_event(true).with_current_span(false).boxed()
    };
    tracing_subscriber::registry().with(layer).with(filter).try_init().context("the log is started already")
}

/// systemd names the device and inode of the journal's stream; ours is that one unless it was redirected.
fn stderr_is_the_journal() -> bool {
    let Ok(named) = std::env::var("JOURNAL_STREAM") else { return false };
    let Ok(stderr) = std::io::stderr().as_fd().try_clone_to_owned() else { return false };
    let Ok(metadata) = std::fs::File::from(stderr).metadata() else { return false };
    named == format!("{}:{}", metadata.dev(), metadata.ino())
}

/// A line that begins with its level as sd-daemon(3) has it. The journal has its own form for fields, but shows none of
/// them: so all that was said stands in the line, and what somebody else wrote cannot begin another.
struct ForJournal;

impl<S, N> FormatEvent<S, N> for ForJournal
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut said = String::new();
        context.format_fields(Writer::new(&mut said), event)?;
        write!(line, "<{}>", priority(*event.metadata().level()))?;
        for c in said.chars() {
            if c.is_control() { write!(line, "{}", c.escape_default())? } else { line.write_char(c)? }
        }
        writeln!(line)
    }
}

fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::{error, info, warn};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_journal_showed_that_a_notice_reached_nobody_but_neither_whom_nor_why() {
        let kept = Kept::default();
        let writer = kept.clone();
        let layer = tracing_subscriber::fmt::layer().with_ansi(false).event_format(ForJournal);
        let log = tracing_subscriber::registry().with(layer.with_writer(move || writer.clone()));
        tracing::subscriber::with_default(log, || {
            error!(ticket.id = 812, person = %"anna", reason = "desk: refused\n<0>forged", "a notice reached nobody");
            warn!("on one line");
            info!(count = 2, "kept");
        });
        let said = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        insta::assert_snapshot!(said, @r#"
        <3>a notice reached nobody ticket.id=812 person=anna reason="desk: refused\n<0>forged"
        <4>on one line
        <6>kept count=2
        "#);
    }
}
