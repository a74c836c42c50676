//! How often and how long a delivery is tried.

use std::time::Duration;

use chrono::TimeDelta;

/// The defaults give up on a channel that answers with errors within about a minute, on one that does not answer within
/// two: a page that reaches nobody must come back to the desk while somebody else can still be called. A page does not
/// wait so long where the person has another channel.
#[derive(Clone, Debug)]
pub struct Pace {
    /// On one channel, before the next is tried.
    pub attempts: u32,
    /// Of a page, where the person has a next channel. One that is not answered is the last.
    pub page_attempts: u32,
    /// Before the second attempt; doubles with each.
    pub first_delay: TimeDelta,
    /// Of our own delays and of what a receiver asks for.
    pub delay_max: TimeDelta,
    /// Of one request, from connecting to the last byte.
    pub timeout: Duration,
    /// A claimed notice is ours for so long.
    pub lease: TimeDelta,
    /// Between looks into the outbox when there is no news.
    pub look: Duration,
    /// Requests under way to one channel; the others do not wait for it.
    pub per_channel: usize,
    /// Claimed and not settled, of one channel; and as many pages again.
    pub claimed_max: usize,
    /// Of the jitter.
    pub seed: u64,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            attempts: 6,
            page_attempts: 2,
            first_delay: TimeDelta::seconds(2),
            delay_max: TimeDelta::minutes(2),
            timeout: Duration::from_secs(10),
            lease: TimeDelta::minutes(2),
            look: Duration::from_secs(1),
            per_channel: 16,
            claimed_max: 64,
            seed: 0,
        }
    }
}

impl Pace {
    /// A claimed notice waits for its turn so long at most: there has to be time for the attempt within the lease.
    pub fn patience(&self) -> Duration {
        self.lease.to_std().unwrap_or_default() / 4
    }

    /// After `failed` attempts on a channel: doubled each time, half of it by chance, so that many notices that
    /// failed together do not come back together.
    pub fn delay(&self, failed: u32, asked: Option<TimeDelta>, chance: &mut fastrand::Rng) -> TimeDelta {
        if let Some(asked) = asked {
            return asked.clamp(self.first_delay.min(self.delay_max), self.delay_max);
        }
        let doubled = 1i32.checked_shl(failed.saturating_sub(1).min(20)).unwrap_or(i32::MAX);
        let most = self.first_delay.checked_mul(doubled).unwrap_or(self.delay_max).min(self.delay_max);
        let half = most.num_milliseconds() / 2;
        TimeDelta::milliseconds(half + chance.i64(0..=half.max(0)))
    }
}
