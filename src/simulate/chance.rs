//! Chance that can be had again: a draw follows from the seed, from what it is for and from whom or what it is about,
//! so one more event elsewhere shifts no other.

use std::f64::consts::TAU;

use chrono::TimeDelta;
use fastrand::Rng;

#[derive(Clone, Copy, Debug)]
pub(super) struct Chance {
    pub seed: u64,
}

/// What a draw is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Answer,
    Briefing,
    Customer,
    Reopening,
    Pace,
    Leave,
    Illness,
    Stream,
    Vendor,
}

/// A time that is mostly near its median and now and then much longer: lognormal.
#[derive(Clone, Copy, Debug)]
pub struct Delay {
    /// Half of the draws are shorter.
    pub median: TimeDelta,
    /// Standard deviation of the logarithm; 0: always the median.
    pub spread: f64,
}

impl Chance {
    pub fn of(self, purpose: Purpose, about: &str) -> Rng {
        // FNV-1a, and the last steps of splitmix64 so that near seeds give far ones.
        let bytes = self.seed.to_le_bytes().into_iter().chain([purpose as u8]).chain(about.bytes());
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Rng::with_seed(mixed ^ (mixed >> 31))
    }
}

impl Delay {
    pub const NONE: Delay = Delay { median: TimeDelta::zero(), spread: 0.0 };

    /// In whole seconds.
    pub fn draw(self, rng: &mut Rng) -> TimeDelta {
        let seconds = self.median.num_seconds() as f64 * lognormal(rng, self.spread);
        TimeDelta::seconds(seconds.round() as i64)
    }
}

/// A factor whose median is 1; by Box and Muller's method from two draws.
pub(super) fn lognormal(rng: &mut Rng, spread: f64) -> f64 {
    let (u, v) = (1.0 - rng.f64(), rng.f64());
    let normal = (-2.0 * u.ln()).sqrt() * (TAU * v).cos();
    (spread * normal).exp()
}

/// Whether what happens with that probability happens.
pub(super) fn happens(rng: &mut Rng, probability: f64) -> bool {
    rng.f64() < probability
}

/// One of them, each as likely as its weight says; `None` where no weight is over 0.
pub(super) fn weighted<'a, T>(rng: &mut Rng, choices: &'a [(T, f64)]) -> Option<&'a T> {
    let whole: f64 = choices.iter().map(|(_, weight)| weight).sum();
    let mut at = rng.f64() * whole;
    let likely = choices.iter().filter(|(_, weight)| *weight > 0.0);
    let mut last = None;
    for (choice, weight) in likely {
        last = Some(choice);
        if at < *weight {
            break;
        }
        at -= weight;
    }
    last
}
