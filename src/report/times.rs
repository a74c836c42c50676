//! Durations of many tickets, summed up.

use super::Times;

impl Times {
    /// Of durations in seconds, in any order.
    pub(super) fn of(mut seconds: Vec<i64>) -> Times {
        seconds.sort_unstable();
        let count = seconds.len();
        if count == 0 {
            return Times::default();
        }
        let sum: i128 = seconds.iter().map(|seconds| i128::from(*seconds)).sum();
        Times {
            count,
            median: Some(nearest_rank(&seconds, 50)),
            p90: Some(nearest_rank(&seconds, 90)),
            mean: i64::try_from(sum / count as i128).ok(),
            max: seconds.last().copied(),
        }
    }
}

/// Of values in order, the one at place ceil(percent * n / 100), counted from 1.
fn nearest_rank(sorted: &[i64], percent: usize) -> i64 {
    sorted[(percent * sorted.len()).div_ceil(100).max(1) - 1]
}
