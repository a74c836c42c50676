//! Rules 4 and 5: the turns of a rotation, placed in time and kept to when it serves.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::beginnings::beginnings;
use super::hours;
use super::interval::{self, Interval};
use crate::schedule::{During, Rotation};
use crate::zone::Zone;

/// A stretch in which one entry of the rotation's members has the turn.
#[derive(Clone, Copy)]
pub struct Turn {
    /// Place among the rotation's members.
    pub entry: usize,
    pub interval: Interval,
}

/// The turns that touch `range`, in order and disjoint, cut to when the rotation serves.
/// `until` is the rotation's own, or another; `open` is the union of the team's hours within `range`.
pub fn turns(
    rotation: &Rotation,
    until: Option<NaiveDateTime>,
    zone: &Zone,
    open: &[Interval],
    range: Interval,
) -> Vec<Turn> {
    let whole = whole_turns(rotation, until, zone, range);
    let serves = match &rotation.during {
        During::Always => return whole,
        During::WithinHours => open.to_vec(),
        During::OutsideHours => interval::complement(open, range),
        During::Windows(windows) => hours::windows(windows, zone, range),
    };
    let parts =
        |turn: Turn| interval::parts(turn.interval, &serves).map(move |interval| Turn { interval, ..turn });
    whole.into_iter().flat_map(parts).collect()
}

fn whole_turns(rotation: &Rotation, until: Option<NaiveDateTime>, zone: &Zone, range: Interval) -> Vec<Turn> {
    if rotation.members.is_empty() {
        return Vec::new();
    }
    // Two days are more than any zone can lie from another.
    let since = zone.local(range.from).checked_sub_signed(TimeDelta::days(2)).unwrap_or(NaiveDateTime::MIN);
    let ends = until.map(|until| zone.end(until));
    let mut found = Vec::new();
    let mut coming = beginnings(rotation, since).peekable();
    while let Some((turn, local)) = coming.next() {
        let next = coming.peek().map(|(_, next)| *next);
        if next.is_some_and(|next| next <= since) {
            continue;
        }
        let from = zone.start(local);
        if from >= range.until {
            break;
        }
        let lasts = rotation.lasts.map(|lasts| wall_clock_end(zone, local, lasts));
        let borders = [next.map(|next| zone.start(next)), lasts, ends];
        let until = borders.into_iter().flatten().min().unwrap_or(DateTime::<Utc>::MAX_UTC);
        let interval = Interval { from, until };
        if !interval.is_empty() && !interval.common(range).is_empty() {
            let entry = (turn % rotation.members.len() as u64) as usize;
            found.push(Turn { entry, interval });
        }
    }
    found
}

fn wall_clock_end(zone: &Zone, local: NaiveDateTime, lasts: TimeDelta) -> DateTime<Utc> {
    zone.end(local.checked_add_signed(lasts).unwrap_or(NaiveDateTime::MAX))
}
