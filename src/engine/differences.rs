//! Who has to decide again when other schedules are put to work.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::coverage::Coverage;
use crate::schedule::{Organisation, TeamId};

/// What a change of schedules concerns.
#[derive(Debug, PartialEq)]
pub(super) struct Concerned {
    /// Those whose coverage or definition differs.
    pub teams: BTreeSet<TeamId>,
    /// Something that all decisions go by differs: policies, routes, priorities, people, customers, SLAs.
    pub everything: bool,
}

pub(super) fn concerned(old: &Coverage, new: &Coverage, now: DateTime<Utc>) -> Concerned {
    let mut teams = new.differing_teams(old, now);
    let (before, after) = (&*old.organisation, &*new.organisation);
    let redefined = after.teams.iter().filter(|(id, team)| before.teams.get(*id) != Some(team));
    teams.extend(redefined.map(|(id, _)| id.clone()));
    let everything = common(before) != common(after) || !old.same_business_hours(new, now);
    Concerned { teams, everything }
}

/// What is neither one team's nor seen in coverage.
fn common(organisation: &Organisation) -> Organisation {
    Organisation {
        teams: Default::default(),
        calendars: Default::default(),
        leave: Vec::new(),
        overrides: Vec::new(),
        requirements: Vec::new(),
        ..organisation.clone()
    }
}
