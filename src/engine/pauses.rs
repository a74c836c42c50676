//! Work that can wait leaves the write lock to decisions.

use std::time::Duration;

use tokio::time::Instant;

/// Decisions have the lock for so many times as long as such work has it.
const SHARE: u32 = 9;
const PAUSE_MIN: Duration = Duration::from_millis(20);
/// However long it waited for the lock itself.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// After a piece of work that was begun then.
pub(super) async fn pause(began: Instant) {
    tokio::time::sleep((began.elapsed() * SHARE).clamp(PAUSE_MIN, PAUSE_MAX)).await;
}
