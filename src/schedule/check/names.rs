//! The names that exist, and the question whether one does.

use std::borrow::Borrow;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use crate::schedule::place::{At, Notes};
use crate::schedule::suggest::did_you_mean;
use crate::schedule::*;

/// A suggestion costs a pass over all names of its kind; so many wrong names are no slip of the fingers.
const SUGGESTIONS: usize = 200;

/// Everything that can be referred to.
#[derive(Debug, Default)]
pub struct Names {
    /// `None`: no `[org]` says, so every tier passes.
    pub tiers: Option<BTreeSet<TierId>>,
    pub regions: BTreeSet<RegionId>,
    pub residencies: BTreeSet<Residency>,
    pub teams: BTreeSet<TeamId>,
    /// The lines that the team's rotations feed.
    pub lines: BTreeMap<TeamId, BTreeSet<LineId>>,
    /// The teams without hours.
    pub closed: BTreeSet<TeamId>,
    pub people: BTreeSet<PersonId>,
    pub calendars: BTreeSet<CalendarId>,
    pub business_hours: BTreeSet<BusinessHoursId>,
    pub slas: BTreeSet<SlaId>,
    pub customers: BTreeSet<CustomerId>,
    pub services: BTreeSet<ServiceId>,
    pub policies: BTreeSet<PolicyId>,
    pub vendors: BTreeSet<VendorId>,
    /// Of customers.
    pub classes: BTreeSet<String>,
    /// Of services.
    pub values: BTreeSet<String>,
    /// How many suggestions were asked for.
    pub suggested: Cell<usize>,
}

/// What is said of a name that does not exist.
struct Kind {
    code: &'static str,
    /// Ahead of the name.
    lacks: &'static str,
    /// How it would be declared.
    declare: &'static str,
}

impl Names {
    /// The names that changes of the day can refer to.
    pub fn of(organisation: &Organisation) -> Names {
        let lines = |team: &Team| team.rotations.iter().map(|rotation| rotation.line.clone()).collect();
        let closed = |(_, team): &(&TeamId, &Team)| team.hours.is_empty();
        Names {
            teams: organisation.teams.keys().cloned().collect(),
            closed: organisation.teams.iter().filter(closed).map(|(id, _)| id.clone()).collect(),
            lines: organisation.teams.iter().map(|(id, team)| (id.clone(), lines(team))).collect(),
            people: organisation.people.keys().cloned().collect(),
            ..Names::default()
        }
    }

    pub fn tier(&self, name: &At<String>, notes: &mut Notes) -> Option<TierId> {
        let kind =
            Kind { code: "unknown-tier", lacks: "there is no tier", declare: "add it to `tiers` in [org]" };
        match &self.tiers {
            Some(tiers) => self.find(tiers, name, kind, notes),
            None => Some(TierId::new(&name.value)),
        }
    }

    pub fn region(&self, name: &At<String>, notes: &mut Notes) -> Option<RegionId> {
        let kind = Kind {
            code: "unknown-region",
            lacks: "there is no region",
            declare: "declare it as [regions.<id>]",
        };
        self.find(&self.regions, name, kind, notes)
    }

    pub fn residency(&self, name: &At<String>, notes: &mut Notes) -> Option<Residency> {
        let declare = "give a region this `residency`, or nobody may see what is bound to it";
        let kind =
            Kind { code: "unknown-residency", lacks: "there is no region with the residency", declare };
        self.find(&self.residencies, name, kind, notes)
    }

    pub fn team(&self, name: &At<String>, notes: &mut Notes) -> Option<TeamId> {
        let kind =
            Kind { code: "unknown-team", lacks: "there is no team", declare: "declare it as [teams.<id>]" };
        self.find(&self.teams, name, kind, notes)
    }

    pub fn line(&self, team: &TeamId, name: &At<String>, notes: &mut Notes) -> Option<LineId> {
        let kind = Kind {
            code: "unknown-line",
            lacks: "no rotation of this team feeds the line",
            declare: "write the `line` of one of its rotations, or \"hours\"",
        };
        self.find(self.lines.get(team)?, name, kind, notes)
    }

    pub fn person(&self, name: &At<String>, notes: &mut Notes) -> Option<PersonId> {
        let kind = Kind {
            code: "unknown-person",
            lacks: "there is no person",
            declare: "declare them as [people.<id>]",
        };
        self.find(&self.people, name, kind, notes)
    }

    /// Those of the list that exist.
    pub fn persons(&self, names: &[At<String>], notes: &mut Notes) -> Vec<PersonId> {
        names.iter().filter_map(|name| self.person(name, notes)).collect()
    }

    pub fn calendar(&self, name: &At<String>, notes: &mut Notes) -> Option<CalendarId> {
        let kind = Kind {
            code: "unknown-calendar",
            lacks: "there is no holiday calendar",
            declare: "declare it as [holidays.<id>]",
        };
        self.find(&self.calendars, name, kind, notes)
    }

    pub fn business_hours(&self, name: &At<String>, notes: &mut Notes) -> Option<BusinessHoursId> {
        let kind = Kind {
            code: "unknown-business-hours",
            lacks: "there are no business hours",
            declare: "declare them as [business_hours.<id>]",
        };
        self.find(&self.business_hours, name, kind, notes)
    }

    pub fn sla(&self, name: &At<String>, notes: &mut Notes) -> Option<SlaId> {
        let kind =
            Kind { code: "unknown-sla", lacks: "there is no SLA", declare: "declare it as [slas.<id>]" };
        self.find(&self.slas, name, kind, notes)
    }

    pub fn customer(&self, name: &At<String>, notes: &mut Notes) -> Option<CustomerId> {
        let kind = Kind {
            code: "unknown-customer",
            lacks: "there is no customer",
            declare: "declare it as [customers.<id>]",
        };
        self.find(&self.customers, name, kind, notes)
    }

    pub fn service(&self, name: &At<String>, notes: &mut Notes) -> Option<ServiceId> {
        let kind = Kind {
            code: "unknown-service",
            lacks: "there is no service",
            declare: "declare it as [services.<id>]",
        };
        self.find(&self.services, name, kind, notes)
    }

    pub fn policy(&self, name: &At<String>, notes: &mut Notes) -> Option<PolicyId> {
        let kind = Kind {
            code: "unknown-policy",
            lacks: "there is no policy",
            declare: "declare it as [policies.<id>]",
        };
        self.find(&self.policies, name, kind, notes)
    }

    pub fn vendor(&self, name: &At<String>, notes: &mut Notes) -> Option<VendorId> {
        let kind = Kind {
            code: "unknown-vendor",
            lacks: "there is no vendor",
            declare: "declare it as [vendors.<id>]",
        };
        self.find(&self.vendors, name, kind, notes)
    }

    /// A class that no customer has is kept, and warned of: the condition never holds.
    pub fn customer_classes(&self, written: Vec<At<String>>, notes: &mut Notes) -> Vec<String> {
        never_hold(&self.classes, &written, "unknown-class", "no customer has the class", notes);
        written.into_iter().map(|class| class.value).collect()
    }

    /// As [`Names::customer_classes`], of services.
    pub fn service_values(&self, written: Vec<At<String>>, notes: &mut Notes) -> Vec<String> {
        never_hold(&self.values, &written, "unknown-value", "no service has the value", notes);
        written.into_iter().map(|value| value.value).collect()
    }

    /// The id as declared, so that all who refer to it share one text.
    fn find<I>(&self, known: &BTreeSet<I>, name: &At<String>, kind: Kind, notes: &mut Notes) -> Option<I>
    where
        I: Clone + Ord + Borrow<str>,
    {
        let found = known.get(name.value.as_str()).cloned();
        if found.is_none() {
            let note = notes.error(kind.code, name.place, format!("{} {:?}", kind.lacks, name.value));
            note.remedy(kind.declare);
            if self.suggested.replace(self.suggested.get() + 1) < SUGGESTIONS
                && let Some(suggestion) = did_you_mean(&name.value, known.iter().map(|id| id.borrow()))
            {
                note.remedy(suggestion);
            }
        }
        found
    }
}

fn never_hold(
    known: &BTreeSet<String>,
    written: &[At<String>],
    code: &'static str,
    lacks: &str,
    notes: &mut Notes,
) {
    for name in written.iter().filter(|name| !known.contains(&name.value)) {
        let note = notes.warning(code, name.place, format!("{lacks} {:?}", name.value));
        note.remedy = did_you_mean(&name.value, known.iter().map(String::as_str))
            .or_else(|| Some("until one does, this condition never holds".to_string()));
    }
}
