//! How long something lasts, as people say it.

use chrono::TimeDelta;

/// `40 s`, `45 min`, `7 h`, `1 h 30 min`, `39 h`
pub fn lasting(lasts: TimeDelta) -> String {
    match (lasts.num_hours(), lasts.num_minutes() % 60) {
        (0, 0) => format!("{} s", lasts.num_seconds()),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}
