//! Figures as people say them.

use chrono::{DateTime, Utc};

use super::course::BeforeAcknowledged;
use crate::desk::{Alone, Holder, PendingOn, Ticket};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `40 s`, `12 min`, `2 h 05 m`, `3.1 d`.
pub(super) fn lasting(seconds: i64) -> String {
    match (seconds / DAY, seconds / HOUR, seconds / MINUTE) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {:02} m", minutes % 60),
        _ => format!("{:.1} d", seconds as f64 / DAY as f64),
    }
}

/// `119.5 h`
pub(super) fn hours(seconds: i64) -> String {
    format!("{:.1} h", seconds as f64 / HOUR as f64)
}

pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

pub(super) fn date(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

/// `12,345`
pub(super) fn number(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 ticket`, `2,000 tickets`
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// `87 %`, `0.4 %`; of nothing `-`.
pub(super) fn share(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    // Neither all nor nothing where it is only nearly so.
    let permille = (part * 1000 + whole / 2) / whole;
    match permille {
        _ if part == 0 || part == whole => format!("{} %", part * 100 / whole),
        0 => "under 0.1 %".to_owned(),
        1..100 => format!("{}.{} %", permille / 10, permille % 10),
        995.. => format!("{:.1} %", permille.min(999) as f64 / 10.0),
        _ => format!("{} %", (permille + 5) / 10),
    }
}

/// What a live ticket waits for.
pub(super) fn waits_for(ticket: &Ticket) -> String {
    if let Some(pending) = &ticket.pending {
        let on = match pending.on {
            PendingOn::Customer => "the customer",
            PendingOn::Vendor => "a vendor",
            PendingOn::Date => "a date",
        };
        return format!("pending on {on} until {}", instant(pending.until));
    }
    let has = match &ticket.holder {
        Holder::Person { person, team, since } => {
            let kept = ticket.kept_until.map(|until| format!(", who is back {}", instant(until)));
            format!("held by {person} in {team} since {}{}", instant(*since), kept.unwrap_or_default())
        }
        Holder::Queue { team, since } => format!("in the queue of {team} since {}", instant(*since)),
        Holder::Nobody { reason, look_again } => {
            let again = look_again.map(instant);
            match (reason, again) {
                (Alone::Parked, Some(until)) => {
                    format!("parked until {until}: nobody who may take it is at work before")
                }
                (Alone::NobodyAtAll, Some(again)) => {
                    format!("nobody who may serve it can be found before {again}")
                }
                (Alone::Released, _) => "given back by its last holder".to_owned(),
                (Alone::ShiftEnded, _) => "left at a shift end".to_owned(),
                (_, again) => again.map_or_else(String::new, |again| format!("looked at again {again}")),
            }
        }
    };
    let Some(offer) = &ticket.offer else { return has };
    let way = if offer.is_page() { "paged in" } else { "offered to" };
    let asked = format!("{way} {} until {}", offer.team, instant(offer.expires_at));
    if has.is_empty() { asked } else { format!("{has}; {asked}") }
}

/// Where the time before the first acknowledgement went.
pub(super) fn waited_because(before: &BeforeAcknowledged) -> String {
    let mut parts = Vec::new();
    for (name, lasted) in [("parked", before.parked), ("in queues", before.queued)] {
        let seconds = lasted.num_seconds();
        if seconds > 0 {
            parts.push(format!("{name} {}", lasting(seconds)));
        }
    }
    if before.expired > 0 {
        parts.push(format!("{} not answered", counted(before.expired, "offer", "offers")));
    }
    if before.declined > 0 {
        parts.push(format!("declined {}", counted(before.declined, "time", "times")));
    }
    if parts.is_empty() { "offered, and taken late".to_owned() } else { parts.join("; ") }
}
