//! The only reader of the machine's wall clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

/// Gives the time and never an earlier one than before, to the millisecond. Clones share their memory.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
    given: Arc<Mutex<Given>>,
}

#[derive(Clone, Debug)]
enum Source {
    Machine,
    /// Set by tests and the simulator.
    Set(Arc<SetTime>),
}

/// Sleepers hear of a change, in the order in which they went to sleep: a run can be repeated.
#[derive(Debug)]
struct SetTime {
    /// Milliseconds since the epoch.
    at: AtomicI64,
    changed: Notify,
}

/// The latest time given out that the source said, or that somebody else was ahead with.
#[derive(Clone, Copy, Debug)]
struct Given {
    /// Milliseconds since the epoch.
    at: i64,
    /// When that was, by the clock that nobody steps: since the machine was started.
    when: Duration,
    /// Since when the machine's clock has been a leap ahead.
    leapt: Option<Duration>,
    /// How far the latest time given out is ahead of the machine's clock, in milliseconds.
    ahead: i64,
}

/// How fast time goes while it is ahead of the machine's clock, which has been set back. Were it to stand still, nothing
/// would be escalated until the machine has caught up. At this pace waits last a third longer, and a step of an hour is
/// made good in four.
const PACE_AHEAD: f64 = 0.75;

/// A clock that is this much further than it can be is believed only once it says so for a while: what is decided by it
/// cannot be taken back, and whoever is at work then is not at work now.
const LEAP: i64 = 3_600_000;
const LEAP_BELIEVED_AFTER: Duration = Duration::from_secs(120);

const LOCK: &str = "no one panics while holding it";

impl Given {
    /// The time now, where the machine says `read`.
    fn now(&mut self, read: i64, when: Duration) -> i64 {
        let passed = when.saturating_sub(self.when);
        let after =
            |passed: Duration| self.at.saturating_add(passed.as_millis().try_into().unwrap_or(i64::MAX));
        let (onwards, whole) = (after(passed.mul_f64(PACE_AHEAD)), after(passed));
        let leapt = self.at > BEGINNING && read.saturating_sub(whole) > LEAP;
        self.leapt = leapt.then(|| self.leapt.unwrap_or(when));
        if self.leapt.is_some_and(|since| when.saturating_sub(since) < LEAP_BELIEVED_AFTER) {
            return self.go_on_alone(passed);
        }
        if read >= onwards {
            *self = Given { at: read, when, leapt: None, ahead: 0 };
        }
        self.ahead = onwards.saturating_sub(read).max(0);
        read.max(onwards)
    }

    /// Without the machine's clock, at the pace there was; what is given out counts, whatever that clock says next.
    fn go_on_alone(&mut self, passed: Duration) -> i64 {
        let pace = if self.ahead > 0 { PACE_AHEAD } else { 1.0 };
        let on = passed.mul_f64(pace).as_millis();
        // Whole milliseconds: the rest is still to be given out.
        self.when += Duration::from_millis(on.try_into().unwrap_or(u64::MAX)).div_f64(pace);
        self.at = self.at.saturating_add(on.try_into().unwrap_or(i64::MAX));
        self.at
    }
}

/// Before anything was given out.
const BEGINNING: i64 = DateTime::<Utc>::MIN_UTC.timestamp_millis();

/// Since the machine was started, also while it slept.
fn since_boot() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let parts = u64::try_from(now.tv_sec).ok().zip(u32::try_from(now.tv_nsec).ok());
    parts.map_or(Duration::ZERO, |(seconds, nanoseconds)| Duration::new(seconds, nanoseconds))
}

impl Clock {
    /// Further ahead of the machine's clock than this is no matter of clocks that differ a little.
    pub const AHEAD_MAX: TimeDelta = TimeDelta::minutes(5);

    pub fn machine() -> Clock {
        Clock::of(Source::Machine)
    }

    /// Stands still until [`Clock::set`].
    pub fn standing_at(at: DateTime<Utc>) -> Clock {
        let at = AtomicI64::new(at.timestamp_millis());
        Clock::of(Source::Set(Arc::new(SetTime { at, changed: Notify::new() })))
    }

    fn of(source: Source) -> Clock {
        let given = Given { at: BEGINNING, when: since_boot(), leapt: None, ahead: 0 };
        Clock { source, given: Arc::new(Mutex::new(given)) }
    }

    pub fn now(&self) -> DateTime<Utc> {
        let mut given = self.given.lock().expect(LOCK);
        let latest = match &self.source {
            Source::Machine => given.now(Utc::now().timestamp_millis(), since_boot()),
            Source::Set(set) => {
                given.at = given.at.max(set.at.load(Ordering::SeqCst));
                given.at
            }
        };
        DateTime::from_timestamp_millis(latest).expect("the clock is within the years chrono knows")
    }

    /// Never give out an earlier time than `at`: another process may have been ahead.
    pub fn at_least(&self, at: DateTime<Utc>) {
        if self.now() < at {
            let mut given = self.given.lock().expect(LOCK);
            let ahead = given.ahead;
            *given =
                Given { at: given.at.max(at.timestamp_millis()), when: since_boot(), leapt: None, ahead };
        }
    }

    /// How far we are ahead of the machine's clock, because it was set back, or somebody decided by one that was ahead.
    /// A clock that stands is never behind.
    pub fn ahead(&self) -> TimeDelta {
        self.now();
        TimeDelta::milliseconds(self.given.lock().expect(LOCK).ahead)
    }

    /// By how much the machine's clock has leapt ahead, as long as that is not believed yet.
    pub fn leapt(&self) -> Option<TimeDelta> {
        let now = self.now();
        let leapt = self.given.lock().expect(LOCK).leapt.is_some();
        leapt.then(|| Utc::now() - now)
    }

    /// Moves a clock that stands; the machine's own cannot be set.
    pub fn set(&self, at: DateTime<Utc>) {
        match &self.source {
            Source::Set(set) => {
                set.at.store(at.timestamp_millis(), Ordering::SeqCst);
                set.changed.notify_waiters();
            }
            Source::Machine => panic!("only a clock that stands can be set"),
        }
    }

    /// Returns when `at` may have come, at the latest after a minute, so that a clock that was stepped is noticed;
    /// look again. `None` waits the minute. With a clock that stands, also returns when it is set.
    pub async fn sleep_until(&self, at: Option<DateTime<Utc>>) {
        let changed = match &self.source {
            Source::Machine => None,
            Source::Set(set) => Some(set.changed.notified()),
        };
        let most = TimeDelta::seconds(60);
        let left = at.map_or(most, |at| (at - self.now()).clamp(TimeDelta::zero(), most));
        let slept = tokio::time::sleep(left.to_std().unwrap_or_default());
        match changed {
            None => slept.await,
            Some(changed) => tokio::select! {
                biased;
                () = slept => (),
                () = changed => (),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn a_clock_that_was_set_back_an_hour_stood_still_for_an_hour() {
        let start = Duration::from_secs(99);
        let mut given = Given { at: 10 * HOUR, when: start, leapt: None, ahead: 0 };
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
    fn a_clock_that_was_a_day_ahead_for_a_minute_had_people_of_tomorrow_called_for_days() {
        let start = Duration::from_secs(99);
        let mut given = Given { at: 10 * HOUR, when: start, leapt: None, ahead: 0 };
        let mut said = Vec::new();
        // Seconds since the beginning, and by how many hours the machine's clock is wrong then.
        for (seconds, wrong) in
            [(0, 0), (60, 24), (119, 24), (120, 0), (300, 24), (419, 24), (421, 24), (430, 0)]
        {
            let right = 10 * HOUR + seconds * 1000;
            let when = start + Duration::from_secs(seconds.unsigned_abs());
            let now = given.now(right + wrong * HOUR, when);
            said.push((seconds, (now - right) / HOUR, given.leapt.is_some(), given.ahead / HOUR));
        }
        // Seconds, hours that we are wrong, whether a leap is not believed yet, hours ahead of the machine.
        assert_eq!(
            said,
            [
                (0, 0, false, 0),
                (60, 0, true, 0),
                (119, 0, true, 0),
                (120, 0, false, 0),
                (300, 0, true, 0),
                (419, 0, true, 0),
                (421, 24, false, 0),
                (430, 23, false, 23),
            ]
        );
    }

    #[test]
    fn a_leap_that_was_not_believed_ended_with_a_step_back() {
        // Seconds, and what the machine's clock is wrong by then: behind right after the leap; and set back before it.
        let behind = [(0, 0), (1, 24 * HOUR), (110, 24 * HOUR), (111, -20_000), (131, -20_000)];
        let set_back = [(0, 0), (1, -HOUR), (1200, -HOUR), (1201, 24 * HOUR), (1202, -HOUR)];
        let said = [&behind, &set_back].map(|steps| {
            let start = Duration::from_secs(99);
            let mut given = Given { at: 10 * HOUR, when: start, leapt: None, ahead: 0 };
            steps.map(|(seconds, wrong)| {
                let when = start + Duration::from_secs(seconds);
                let read = 10 * HOUR + i64::try_from(seconds).unwrap() * 1000 + wrong;
                (given.now(read, when) - 10 * HOUR) / 1000
            })
        });
        assert_eq!(said, [[0, 1, 110, 110, 125], [0, 0, 900, 900, 901]]);
    }

    #[test]
    fn time_goes_on_however_often_it_is_asked_for() {
        let start = Duration::from_secs(99);
        let mut given = Given { at: HOUR, when: start, leapt: None, ahead: 0 };
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
