//! The only reader of the machine's wall clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

/// Gives the time and never an earlier one than before, to the millisecond. Clones share their memory.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
    /// Milliseconds since the epoch.
    last: Arc<AtomicI64>,
}

#[derive(Clone, Debug)]
enum Source {
    Machine,
    /// Set by tests and the simulator; milliseconds since the epoch. Sleepers hear of a change.
    Set(watch::Sender<i64>),
}

impl Clock {
    pub fn machine() -> Clock {
        Clock { source: Source::Machine, last: Arc::new(AtomicI64::new(i64::MIN)) }
    }

    /// Stands still until [`Clock::set`].
    pub fn standing_at(at: DateTime<Utc>) -> Clock {
        let source = Source::Set(watch::Sender::new(at.timestamp_millis()));
        Clock { source, last: Arc::new(AtomicI64::new(i64::MIN)) }
    }

    pub fn now(&self) -> DateTime<Utc> {
        let read = match &self.source {
            Source::Machine => Utc::now().timestamp_millis(),
            Source::Set(at) => *at.borrow(),
        };
        let latest = self.last.fetch_max(read, Ordering::SeqCst).max(read);
        DateTime::from_timestamp_millis(latest).expect("the clock is within the years chrono knows")
    }

    /// Never give out an earlier time than `at`: another process may have been ahead.
    pub fn at_least(&self, at: DateTime<Utc>) {
        self.last.fetch_max(at.timestamp_millis(), Ordering::SeqCst);
    }

    /// Moves a clock that stands; the machine's own cannot be set.
    pub fn set(&self, at: DateTime<Utc>) {
        match &self.source {
            Source::Set(cell) => _ = cell.send_replace(at.timestamp_millis()),
            Source::Machine => panic!("only a clock that stands can be set"),
        }
    }

    /// Returns when `at` may have come, at the latest after a minute, so that a clock that was stepped is noticed;
    /// look again. `None` waits the minute. With a clock that stands, also returns when it is set.
    pub async fn sleep_until(&self, at: Option<DateTime<Utc>>) {
        let changed = match &self.source {
            Source::Machine => None,
            Source::Set(cell) => Some(cell.subscribe()),
        };
        let most = TimeDelta::seconds(60);
        let left = at.map_or(most, |at| (at - self.now()).clamp(TimeDelta::zero(), most));
        let slept = tokio::time::sleep(left.to_std().unwrap_or_default());
        match changed {
            None => slept.await,
            Some(mut changed) => tokio::select! {
                () = slept => (),
                _ = changed.changed() => (),
            },
        }
    }
}
