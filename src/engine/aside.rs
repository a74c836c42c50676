//! Work that takes its time: reading, compiling, proving.

use anyhow::Context;
use tokio::runtime::{Handle, RuntimeFlavor};

/// Done on a thread of its own, so that the other tasks go on meanwhile; where there is one thread only, at once.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::CurrentThread => Ok(work()),
        _ => tokio::task::spawn_blocking(work).await.context("it panicked"),
    }
}
