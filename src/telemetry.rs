//! Logs: text for a terminal, the journal's own form under systemd, JSON lines for everything else.
//! Field names are the same everywhere: `ticket.id`, `notice.id`, `person`, `channel`.

use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use anyhow::Context;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Sends the log of this process to standard error or the journal; once per process.
pub fn start(directives: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(directives)
        .with_context(|| format!("log = {directives:?} is not understood; try \"info\""))?;
    let to_stderr = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let layer = if stderr_is_the_journal() {
        tracing_journald::layer().context("the journal cannot be reached")?.boxed()
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
