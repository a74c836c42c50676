//! Surprises in words.

use chrono::TimeDelta;

use super::{ClockSurprise, SurpriseKind};

/// Names beyond these are counted.
const NAMED: usize = 3;

/// What holds for longer leaves nothing else to be usual.
const HALF_A_YEAR: TimeDelta = TimeDelta::days(183);

pub fn text(surprise: &ClockSurprise) -> String {
    match &surprise.regions[..] {
        [closing, opening] if !surprise.receivers.is_empty() => {
            let (closing, opening) = if closing == opening {
                (names(&surprise.teams), names(&surprise.receivers))
            } else {
                (closing.to_string(), opening.to_string())
            };
            handover(&closing, &opening, surprise)
        }
        _ => own(surprise),
    }
}

fn handover(closing: &str, opening: &str, surprise: &ClockSurprise) -> String {
    let (usual, then) = (surprise.usual_minutes, surprise.then_minutes);
    let is_longer = surprise.last - surprise.first > HALF_A_YEAR;
    let usually = if is_longer { "otherwise" } else { "usually" };
    let usually = match usual {
        0 => format!("{usually} they meet"),
        usual if usual < 0 => format!("{usually} {} before", lasting(-usual)),
        usual => format!("{usually} {} together", lasting(usual)),
    };
    let now = match then {
        0 => format!("{closing} closes as {opening} opens"),
        then if then < 0 => format!("{closing} closes {} before {opening} opens", lasting(-then)),
        then => format!("{closing} and {opening} are together for {}", lasting(then)),
    };
    let mut text = format!("{now} ({usually})");
    if surprise.uncovered_minutes > 0 && surprise.uncovered_minutes < -then {
        text.push_str(&format!(", {} of it with nobody", lasting(surprise.uncovered_minutes)));
    }
    if !surprise.covered_by.is_empty() {
        let part = match surprise.uncovered_minutes {
            0 => "",
            uncovered if uncovered < -then => "the rest ",
            _ => "on other days ",
        };
        text.push_str(&format!("; {part}covered by {}", names(&surprise.covered_by)));
    }
    text
}

fn own(surprise: &ClockSurprise) -> String {
    let (teams, what) = (names(&surprise.teams), &surprise.what);
    let (usual, then) = (lasting(surprise.usual_minutes), lasting(surprise.then_minutes));
    match surprise.kind {
        SurpriseKind::Vanishes => format!("{teams}: {what} is not on the clock that day"),
        SurpriseKind::Doubles => format!("{teams}: {what} both serve for {then}"),
        SurpriseKind::Moves => format!("{teams}: {what}, on the team's clock"),
        _ => format!("{teams}: {what} lasts {then} (usually {usual})"),
    }
}

fn names<T: std::fmt::Display>(names: &[T]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(T::to_string).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The hour by which most clocks change stands beside halves and quarters of it: it is told in minutes like them.
fn lasting(minutes: i64) -> String {
    match minutes {
        0 | 60 => format!("{minutes} min"),
        minutes => crate::coverage::lasting(TimeDelta::minutes(minutes)),
    }
}
