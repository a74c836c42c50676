//! What is said of a sound set of schedules over a horizon; the same on the command line and over HTTP.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::coverage::{
    ClockSurprise, ClocksSet, Coverage, Proved, StandIn, Unreached, clock_surprises, clocks_set, prove,
    stand_ins, tell_who_nearly, unreached,
};
use crate::schedule::{self, Files, Problem, Severity};
use crate::zone::Zones;

/// How far ahead is looked where nobody says.
pub const HORIZON: TimeDelta = TimeDelta::days(365);
const HORIZON_MIN: TimeDelta = TimeDelta::hours(1);
const HORIZON_MAX: TimeDelta = TimeDelta::days(5 * 366);

/// A stretch of time, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Horizon {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
pub struct Examined {
    pub horizon: Horizon,
    pub requirements: Vec<ProvedAt>,
    pub stand_ins: Vec<StandIn>,
    pub clocks: Vec<ClocksSet>,
    pub clock_changes: Vec<ClockSurprise>,
    /// Who is on call at an hour at which no way to them is open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreached: Vec<Unreached>,
}

/// A requirement with the place where it is written.
#[derive(Debug, Serialize)]
pub struct ProvedAt {
    pub file: String,
    pub line: usize,
    pub column: usize,
    #[serde(flatten)]
    pub proved: Proved,
}

/// The zone data at hand.
#[derive(Debug, Serialize)]
pub struct ZoneVersions {
    /// `null`: the folder does not tell, or there is none.
    pub folder: Option<String>,
    pub embedded: &'static str,
    /// The folder is older than the embedded tables, which are in use.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub set_aside: bool,
}

impl Horizon {
    /// `None`: beyond the calendar.
    pub fn after(from: DateTime<Utc>, lasts: TimeDelta) -> Option<Horizon> {
        Some(Horizon { from, until: from.checked_add_signed(lasts)? })
    }

    /// How long one lasts, as people write it: `90d`, `12h`.
    pub fn lasting(text: &str) -> Result<TimeDelta, String> {
        let lasts = schedule::duration(text)
            .ok_or_else(|| format!("{text:?} is not a duration: write it like \"90d\" or \"12h\""))?;
        match lasts {
            _ if lasts < HORIZON_MIN => {
                Err(format!("{text} is too short: from 1h to {}d", HORIZON_MAX.num_days()))
            }
            _ if lasts > HORIZON_MAX => {
                Err(format!("{text} is too long: from 1h to {}d", HORIZON_MAX.num_days()))
            }
            _ => Ok(lasts),
        }
    }
}

impl Examined {
    /// `coverage` need not be compiled over the horizon; each part compiles what it needs.
    pub fn of(coverage: &Coverage, horizon: Horizon, files: &Files) -> Examined {
        let Horizon { from, until } = horizon;
        let placed = |proved: Proved| {
            let place = Problem::at(&proved.origin, files, "uncovered", Severity::Error, String::new());
            ProvedAt { file: place.file, line: place.line, column: place.column, proved }
        };
        let mut proof = prove(coverage, from, until);
        tell_who_nearly(&mut proof, coverage);
        Examined {
            horizon,
            requirements: proof.requirements.into_iter().map(placed).collect(),
            stand_ins: stand_ins(coverage, from, until),
            clocks: clocks_set(&coverage.organisation, &coverage.zones, from, until),
            clock_changes: clock_surprises(&coverage.organisation, &coverage.zones, from, until),
            unreached: unreached(coverage, from, until),
        }
    }

    /// Whether every requirement is kept throughout, declared gaps aside.
    pub fn is_kept(&self) -> bool {
        self.requirements.iter().all(|requirement| requirement.proved.uncovered.is_empty())
    }

    /// What is required at no time, declared gaps that excuse nothing, and pages that would reach nobody.
    pub fn warnings(&self, files: &Files) -> Vec<Problem> {
        let idle = self.requirements.iter().flat_map(|requirement| idle(&requirement.proved, files));
        idle.chain(self.unreached.iter().map(|unreached| cannot_be_paged(unreached, files))).collect()
    }
}

impl ZoneVersions {
    pub fn of(zones: &Zones) -> ZoneVersions {
        let Zones { version, set_aside, .. } = zones;
        ZoneVersions { folder: version.clone(), embedded: Zones::embedded_version(), set_aside: *set_aside }
    }
}

fn cannot_be_paged(unreached: &Unreached, files: &Files) -> Problem {
    let Unreached { origin, person, team, line, from, local_time, .. } = unreached;
    let (at, there) = (from.format("%a %Y-%m-%d %H:%MZ"), local_time.format("%H:%M"));
    let message = format!(
        "a page to {person} at {at} ({there} there) would reach nobody: they are on call ({line} of {team}), and no way \
         to them is open"
    );
    Problem::at(origin, files, "page-reaches-nobody", Severity::Warning, message).with_remedy(
        "add a way without `between`, or widen one: what cannot be sent goes on to others at once",
    )
}

fn idle(proved: &Proved, files: &Files) -> Vec<Problem> {
    let warning = |code, message, remedy| {
        Problem::at(&proved.origin, files, code, Severity::Warning, message).with_remedy(remedy)
    };
    let (name, mut warnings) = (&proved.name, Vec::new());
    if !proved.asked {
        let message = format!("{name:?} asks for nothing within the horizon, so nothing is proved");
        let remedy = "look further ahead (--horizon), or write other `days`";
        warnings.push(warning("requirement-never-asked", message, remedy));
    }
    for gap in &proved.needless {
        let from = gap.from.format("%a %Y-%m-%d %H:%MZ");
        let (code, message) = match gap.past {
            true => ("declared-gap-over", format!("the gap {:?} of {name:?} has ended", gap.why)),
            false => (
                "declared-gap-without-gap",
                format!("the gap {:?} of {name:?} from {from} excuses nothing: coverage stands", gap.why),
            ),
        };
        warnings.push(warning(code, message, "take it out of `except`"));
    }
    warnings
}
