//! How much is kept. To count it is to read whole indexes, so it is done beside the scrapes, and seldom.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::warn;

use crate::store::{KeptRows, Store};

/// What grows over years does not have to be known to the minute.
const PAUSE_MIN: Duration = Duration::from_secs(15 * 60);
/// Counting takes a hundredth of the time at most, however many rows there are.
const PAUSES: u32 = 100;

/// What was counted last. Nobody counts where nobody asks.
#[derive(Debug, Default)]
pub(super) struct Kept {
    last: Arc<Mutex<Last>>,
    counting: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Last {
    rows: Option<KeptRows>,
    next: Option<Instant>,
}

impl Kept {
    /// Without waiting; where it is time for it, a count begins. `None`: none has ended yet.
    pub fn counted(&self, store: &Store) -> Option<KeptRows> {
        let mut counting = self.counting.lock().unwrap_or_else(PoisonError::into_inner);
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = last.next.is_none_or(|next| next <= Instant::now());
        if is_time && counting.as_ref().is_none_or(JoinHandle::is_finished) {
            *counting = Some(tokio::spawn(count(store.clone(), self.last.clone())));
        }
        last.rows
    }
}

async fn count(store: Store, last: Arc<Mutex<Last>>) {
    let began = Instant::now();
    let counted = store.kept_rows().await;
    let pause = PAUSE_MIN.max(began.elapsed() * PAUSES);
    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
    last.next = Some(Instant::now() + pause);
    match counted {
        Ok(rows) => last.rows = Some(rows),
        Err(error) => warn!(error = format!("{error:#}"), "what is kept could not be counted"),
    }
}
