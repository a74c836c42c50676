//! Writes down what channels took: what ends together is one commit. At a boundary of thousands of tickets the database
//! would otherwise wait for its disk once for each message.

use std::sync::Mutex as Shared;

use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};
use tokio::sync::{Mutex, oneshot};

use crate::store::{Face, Taken};

#[derive(Default)]
pub(super) struct Ledger {
    waiting: Shared<Vec<Entry>>,
    /// Held by whoever writes for all who wait.
    pen: Mutex<()>,
}

struct Entry {
    taken: Vec<Taken>,
    written: oneshot::Sender<Result<(), String>>,
}

const LOCK: &str = "no one panics while holding it";

impl Ledger {
    /// Returns when it is on disk.
    pub async fn write(
        &self,
        store: &impl Face,
        taken: Vec<Taken>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let (written, outcome) = oneshot::channel();
        self.waiting.lock().expect(LOCK).push(Entry { taken, written });
        let pen = self.pen.lock().await;
        // None, if whoever had the pen before has written ours too.
        let entries = std::mem::take(&mut *self.waiting.lock().expect(LOCK));
        if !entries.is_empty() {
            let (all, tell): (Vec<Vec<Taken>>, Vec<_>) =
                entries.into_iter().map(|entry| (entry.taken, entry.written)).unzip();
            let outcome = store.notices_sent(&all.concat(), now).await.map_err(|error| format!("{error:#}"));
            for written in tell {
                // Whoever waited for it may have been stopped.
                written.send(outcome.clone()).ok();
            }
        }
        drop(pen);
        outcome.await.context("whoever wrote it down was stopped")?.map_err(|error| anyhow!(error))
    }
}
