//! The only reader of the machine's wall clock.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

/// Gives the time and never an earlier one than before, to the millisecond. Clones share their memory.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
    given: Arc<Mutex<Given>>,
}

#[derive(Clone, Debug)]
enum Source {
    Machine,
    /// Set by tests and the simulator; milliseconds since the epoch. Sleepers hear of a change.
    Set(watch::Sender<i64>),
}

/// The latest time given out that the source said, or that somebody else was ahead with.
#[derive(Clone, Copy, Debug)]
struct Given {
    /// Milliseconds since the epoch.
    at: i64,
    /// When that was, by the clock that nobody steps.
    when: Instant,
}

/// How fast time goes while it is ahead of the machine's clock, which has been set back. Were it to stand still, nothing
/// would be escalated until the machine has caught up. At this pace waits last a third longer, and a step of an hour is
/// made good in four.
const PACE_AHEAD: f64 = 0.75;

const LOCK: &str = "no one panics while holding it";

impl Given {
    /// The time now, where the machine says `read`.
    fn now(&mut self, read: i64, when: Instant) -> i64 {
        let ahead = when.saturating_duration_since(self.when).mul_f64(PACE_AHEAD).as_millis();
        let onwards = self.at.saturating_add(ahead.try_into().unwrap_or(i64::MAX));
        if read >= onwards {
            *self = Given { at: read, when };
        }
        read.max(onwards)
    }
}

impl Clock {
    pub fn machine() -> Clock {
        Clock::of(Source::Machine)
    }

    /// Stands still until [`Clock::set`].
    pub fn standing_at(at: DateTime<Utc>) -> Clock {
        Clock::of(Source::Set(watch::Sender::new(at.timestamp_millis())))
    }

    fn of(source: Source) -> Clock {
        let given = Given { at: DateTime::<Utc>::MIN_UTC.timestamp_millis(), when: Instant::now() };
        Clock { source, given: Arc::new(Mutex::new(given)) }
    }

    pub fn now(&self) -> DateTime<Utc> {
        let mut given = self.given.lock().expect(LOCK);
        let latest = match &self.source {
            Source::Machine => given.now(Utc::now().timestamp_millis(), Instant::now()),
            Source::Set(at) => {
                given.at = given.at.max(*at.borrow());
                given.at
            }
        };
        DateTime::from_timestamp_millis(latest).expect("the clock is within the years chrono knows")
    }

    /// Never give out an earlier time than `at`: another process may have been ahead.
    pub fn at_least(&self, at: DateTime<Utc>) {
        if self.now() < at {
            let mut given = self.given.lock().expect(LOCK);
            *given = Given { at: given.at.max(at.timestamp_millis()), when: Instant::now() };
        }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn a_clock_that_was_set_back_an_hour_stood_still_for_an_hour() {
        let start = Instant::now();
        let mut given = Given { at: 10 * HOUR, when: start };
        let mut said = Vec::new();
        for minutes in [0, 1, 2, 60, 239, 240, 241] {
            let passed = Duration::from_secs(minutes * 60);
            let read = 9 * HOUR + i64::try_from(passed.as_millis()).unwrap();
            let now = given.now(read, start + passed);
            said.push((minutes, (now - 10 * HOUR) / 1000, (now - read) / 1000));
        }
        // Minutes since the step, seconds given out since, seconds ahead of the machine.
        assert_eq!(
            said,
            [
                (0, 0, 3600),
                (1, 45, 3585),
                (2, 90, 3570),
                (60, 2700, 2700),
                (239, 10755, 15),
                (240, 10800, 0),
                (241, 10860, 0)
            ]
        );
    }

    #[test]
    fn time_goes_on_however_often_it_is_asked_for() {
        let start = Instant::now();
        let mut given = Given { at: HOUR, when: start };
        let last = (0..10_000).map(|step| given.now(0, start + Duration::from_micros(step * 100))).max();
        assert_eq!(last, Some(HOUR + 749));
    }

    #[test]
    fn a_node_that_is_behind_another_follows_it() {
        let clock = Clock::machine();
        let ahead = clock.now() + TimeDelta::hours(1);
        clock.at_least(ahead);
        assert!(clock.now() >= ahead);
        clock.at_least(ahead - TimeDelta::minutes(1));
        assert!(clock.now() >= ahead);
    }
}
