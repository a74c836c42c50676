//! Whether coverage keeps what the organisation requires of it, second by second, and who just misses where not.

mod prove;
pub use prove::{prove, tell_who_nearly};

mod nearly;

mod causes;

mod words;

mod served;

use chrono::{DateTime, NaiveTime, Utc};
use serde::Serialize;

use crate::schedule::{Language, LineId, Origin, PersonId, TeamId, TierId, ZoneName};

/// What holds of every requirement over a horizon.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proof {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// In the order of the files.
    pub requirements: Vec<Proved>,
}

/// What holds of one requirement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proved {
    pub name: String,
    pub tier: TierId,
    pub languages: Vec<Language>,
    /// In which its windows and declared gaps are read; `None`: it is always asked, and they are read in UTC.
    pub timezone: Option<ZoneName>,
    #[serde(skip)]
    pub origin: Origin,
    /// `false`: none of its windows lies within the horizon, so that nothing is proved.
    pub asked: bool,
    /// In order of time, disjoint.
    pub uncovered: Vec<Gap>,
    /// Languages missing in a gap that nobody in a team of the tier speaks: no other hours would close it.
    pub unspoken: Vec<Language>,
    /// Where coverage is missing and a declared gap says so; in order of time, disjoint.
    pub declared: Vec<Declared>,
    /// Declared gaps that excuse nothing.
    pub needless: Vec<Needless>,
}

/// A stretch, half-open, in which a requirement is not met.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gap {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Those nobody at work speaks; empty: nobody at all is required to speak any, and nobody is there.
    pub languages: Vec<Language>,
    /// Who just misses, nearest first; at most five. Empty until [`tell_who_nearly`].
    pub nearly: Vec<Miss>,
}

/// A stretch in which coverage is missing, as its declared gap says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Declared {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub languages: Vec<Language>,
    pub why: String,
}

/// A declared gap without which the proof would say the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Needless {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub why: String,
    /// It has ended before the horizon begins; otherwise coverage stands there anyway.
    pub past: bool,
}

/// A team that would have met the requirement, but for one thing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Miss {
    pub team: TeamId,
    pub timezone: ZoneName,
    /// Whom it is about; empty: the team's hours.
    pub people: Vec<PersonId>,
    #[serde(flatten)]
    pub why: Why,
    /// The same in words, with times on the team's own clock.
    pub detail: String,
}

/// What keeps a team from meeting a requirement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Why {
    /// An override took the people out.
    Override,
    /// Everybody whose turns feed the line is on leave.
    EmptyLine {
        line: LineId,
    },
    Leave,
    /// The rotation's `until` is past.
    RotationEnded {
        line: LineId,
        rotation: String,
    },
    Holiday {
        name: String,
    },
    /// At work, but speaking something else.
    Language {
        speaks: Vec<Language>,
    },
    /// The team's hours end before, or begin after; on its own clock.
    Hours {
        closes: Option<NaiveTime>,
        opens: Option<NaiveTime>,
    },
    /// On the line before, or after.
    TurnOver {
        line: LineId,
        ends: Option<NaiveTime>,
        begins: Option<NaiveTime>,
    },
}

impl Proved {
    /// The first instant from `at` on at which it is not met, declared gaps aside. `None`: met to the horizon's end.
    pub fn next_gap(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.uncovered.iter().find(|gap| gap.until > at).map(|gap| gap.from.max(at))
    }
}
