//! What a ticket needs, read from its facts by the organisation's rules: priority, route, language, residency.

use super::{Facts, Patch, Refusal};
use crate::schedule::{
    Conditions, Customer, Language, Level, Organisation, PersonId, PolicyId, Priority, RaiseTo, RegionId,
    Residency, Route, Service, Skill, Team, TeamId,
};

/// What choosing looks at.
#[derive(Clone, Debug)]
pub(super) struct Profile<'a> {
    pub facts: &'a Facts,
    pub customer: Option<&'a Customer>,
    pub service: Option<&'a Service>,
    pub language: Language,
    pub region: Option<RegionId>,
    pub residency: Option<Residency>,
}

impl<'a> Profile<'a> {
    pub fn of(org: &'a Organisation, facts: &'a Facts) -> Profile<'a> {
        Profile {
            facts,
            customer: customer_of(org, facts),
            service: facts.service.as_ref().and_then(|service| org.services.get(service)),
            language: language_of(org, facts),
            region: region_of(org, facts),
            residency: residency_of(org, facts),
        }
    }

    /// How well a person at work in `team` speaks the ticket's language: 0 exactly, then the substitutes best
    /// first, the house language last. `None`: not at all.
    pub fn language_rank(&self, org: &Organisation, team: &Team, person: &PersonId) -> Option<usize> {
        let speaks = |wanted: &Language| org.speaks(team, person, wanted);
        if speaks(&self.language) {
            return Some(0);
        }
        let substitutes = substitutes(org, &self.language);
        let rank = substitutes.iter().position(speaks);
        rank.or_else(|| speaks(&org.language).then_some(substitutes.len())).map(|rank| rank + 1)
    }

    /// The language of a rank above 0.
    pub fn language_of_rank(&self, org: &Organisation, rank: usize) -> Language {
        if rank == 0 {
            return self.language.clone();
        }
        substitutes(org, &self.language).get(rank - 1).unwrap_or(&org.language).clone()
    }

    pub fn has_skills(&self, org: &Organisation, team: &Team, person: &PersonId) -> bool {
        let own = org.people.get(person).map(|person| &person.skills);
        let has = |skill: &Skill| team.skills.contains(skill) || own.is_some_and(|own| own.contains(skill));
        self.facts.skills.iter().all(has)
    }

    pub fn meets(&self, when: &Conditions, priority: Priority) -> bool {
        fn any<T: PartialEq>(wanted: &[T], value: Option<&T>) -> bool {
            wanted.is_empty() || value.is_some_and(|value| wanted.contains(value))
        }
        let facts = self.facts;
        let language = |wanted: &[Language]| {
            wanted.is_empty() || wanted.iter().any(|wanted| wanted.serves(&self.language))
        };
        any(&when.priority, Some(&priority))
            && any(&when.category, facts.category.as_ref())
            && any(&when.customer, facts.customer.as_ref())
            && any(&when.customer_class, self.customer.and_then(|c| c.class.as_ref()))
            && any(&when.region, self.region.as_ref())
            && any(&when.residency, self.residency.as_ref())
            && language(&when.language)
            && any(&when.service, facts.service.as_ref())
            && any(&when.service_value, self.service.and_then(|s| s.value.as_ref()))
            && (when.risk.is_empty() || when.risk.iter().any(|risk| facts.risk.contains(risk)))
            && (when.skills.is_empty() || when.skills.iter().any(|skill| facts.skills.contains(skill)))
            && any(&when.via, facts.via.as_ref())
            && any(&when.audience, Some(&facts.audience))
            && when.labels.iter().all(|(name, wanted)| any(wanted, facts.labels.get(name)))
    }

    /// The caller's word or the matrix, then the raise rules in order. Neither word nor matrix: medium by medium.
    pub fn priority(&self, org: &Organisation) -> Priority {
        let cell = |level: Option<Level>| level.unwrap_or(Level::Medium) as usize;
        let from_matrix = org.matrix[cell(self.facts.impact)][cell(self.facts.urgency)];
        let said = self.facts.priority.unwrap_or(from_matrix);
        org.raise.iter().filter(|raise| self.meets(&raise.when, said)).fold(said, |priority, raise| {
            match raise.to {
                RaiseTo::By(steps) => priority.raised(steps),
                RaiseTo::AtLeast(least) => priority.min(least),
            }
        })
    }

    /// Whether another path, or other people, could come of it than of `before`, at the priority it has now.
    pub fn differs_for_routing(&self, before: &Profile, org: &Organisation, priority: Priority) -> bool {
        let needs = |profile: &Profile| {
            let region = profile.region.clone();
            (profile.language.clone(), region, profile.residency.clone(), profile.facts.skills.clone())
        };
        let route = |profile: &Profile| profile.route(org, priority).1.clone();
        needs(self) != needs(before) || route(self) != route(before)
    }

    pub fn route<'o>(&self, org: &'o Organisation, priority: Priority) -> (Option<&'o Route>, &'o PolicyId) {
        let route = org.routes.iter().find(|route| self.meets(&route.when, priority));
        (route, route.map_or(&org.policy, |route| &route.policy))
    }
}

fn substitutes<'a>(org: &'a Organisation, wanted: &Language) -> &'a [Language] {
    org.substitutes.get(wanted).map_or(&[], |substitutes| substitutes)
}

fn customer_of<'a>(org: &'a Organisation, facts: &'a Facts) -> Option<&'a Customer> {
    facts.customer_details.as_ref().or_else(|| org.customers.get(facts.customer.as_ref()?))
}

/// The residency that binds a ticket: its own, else its customer's.
pub fn residency_of(org: &Organisation, facts: &Facts) -> Option<Residency> {
    facts.residency.clone().or_else(|| customer_of(org, facts)?.residency.clone())
}

/// The class of a ticket's customer.
pub fn class_of<'a>(org: &'a Organisation, facts: &'a Facts) -> Option<&'a str> {
    customer_of(org, facts)?.class.as_deref()
}

/// The language a ticket asks for: its own, else its customer's, else the house language.
pub fn language_of(org: &Organisation, facts: &Facts) -> Language {
    let own = facts.language.clone();
    let language = own.or_else(|| customer_of(org, facts).and_then(|customer| customer.language.clone()));
    language.unwrap_or_else(|| org.language.clone())
}

/// The region a ticket is from: its own, else its customer's.
pub fn region_of(org: &Organisation, facts: &Facts) -> Option<RegionId> {
    facts.region.clone().or_else(|| customer_of(org, facts)?.region.clone())
}

/// Whether a team's people may see what is bound to `residency`.
pub(super) fn team_may_see(org: &Organisation, team: &Team, residency: Option<&Residency>) -> bool {
    residency.is_none_or(|residency| {
        org.regions.get(&team.region).is_some_and(|region| region.residency.as_ref() == Some(residency))
    })
}

/// Whether a person may see a ticket bound to `residency`, or be told of it: as a member or the lead of a team in
/// such a region; somebody who is in no team at all, by the rotations they serve in.
pub fn may_see(org: &Organisation, person: &PersonId, residency: Option<&Residency>) -> bool {
    if residency.is_none() {
        return true;
    }
    let belongs = |team: &&Team| team.members.contains(person) || team.lead.as_ref() == Some(person);
    let mut own = org.teams.values().filter(belongs).peekable();
    if own.peek().is_some() {
        return own.any(|team| team_may_see(org, team, residency));
    }
    let serves = |team: &&Team| {
        team.rotations.iter().any(|rotation| rotation.members.iter().flatten().any(|p| p == person))
    };
    org.teams.values().filter(serves).any(|team| team_may_see(org, team, residency))
}

/// What a ticket of these facts would be refused for.
pub fn check_facts(org: &Organisation, facts: &Facts) -> Result<(), Refusal> {
    let known = |field: &'static str, what: &str, given: Option<&str>, exists: bool| match given {
        Some(given) if !exists => {
            Err(Refusal::Invalid { field, message: format!("no {what} {given:?} in the schedules") })
        }
        _ => Ok(()),
    };
    if super::is_blank(&facts.title) {
        return Err(Refusal::Invalid { field: "title", message: "must say in a line what is wrong".into() });
    }
    if facts.customer.is_some() && facts.customer_details.is_some() {
        return Err(Refusal::Invalid {
            field: "customer",
            message: "is an id or an object, not both".into(),
        });
    }
    let (customer, details) = (facts.customer.as_ref(), facts.customer_details.as_ref());
    known(
        "customer",
        "customer",
        customer.map(|c| c.as_str()),
        customer.is_some_and(|c| org.customers.contains_key(c)),
    )?;
    let service = facts.service.as_ref();
    known(
        "service",
        "service",
        service.map(|s| s.as_str()),
        service.is_some_and(|s| org.services.contains_key(s)),
    )?;
    let region = facts.region.as_ref();
    known(
        "region",
        "region",
        region.map(|r| r.as_str()),
        region.is_some_and(|r| org.regions.contains_key(r)),
    )?;
    let region = details.and_then(|d| d.region.as_ref());
    known(
        "customer.region",
        "region",
        region.map(|r| r.as_str()),
        region.is_some_and(|r| org.regions.contains_key(r)),
    )?;
    for (field, residency) in [
        ("residency", facts.residency.as_ref()),
        ("customer.residency", details.and_then(|d| d.residency.as_ref())),
    ] {
        let exists = residency
            .is_some_and(|r| org.regions.values().any(|region| region.residency.as_ref() == Some(r)));
        known(field, "region with residency", residency.map(|r| r.as_str()), exists)?;
    }
    Ok(())
}

/// The facts with a patch laid over them.
pub(super) fn patched(facts: &Facts, patch: &Patch) -> Facts {
    let patch = patch.clone();
    let by_level = patch.priority.is_none();
    let names_customer = patch.customer.is_some() || patch.customer_details.is_some();
    let facts = facts.clone();
    Facts {
        title: patch.title.unwrap_or(facts.title),
        description: patch.description.or(facts.description),
        priority: patch.priority.or(facts.priority),
        impact: facts.impact.filter(|_| by_level),
        urgency: facts.urgency.filter(|_| by_level),
        category: patch.category.or(facts.category),
        customer: if names_customer { patch.customer } else { facts.customer },
        customer_details: if names_customer { patch.customer_details } else { facts.customer_details },
        service: patch.service.or(facts.service),
        language: patch.language.or(facts.language),
        region: patch.region.or(facts.region),
        skills: patch.skills.unwrap_or(facts.skills),
        risk: patch.risk.unwrap_or(facts.risk),
        residency: patch.residency.or(facts.residency),
        via: facts.via,
        audience: patch.audience.unwrap_or(facts.audience),
        dedup_key: facts.dedup_key,
        external_ref: patch.external_ref.or(facts.external_ref),
        labels: patch.labels.unwrap_or(facts.labels),
    }
}

/// The lead of a team, if they may be told.
pub(super) fn lead_of<'a>(
    org: &'a Organisation,
    team: &TeamId,
    residency: Option<&Residency>,
) -> Option<&'a PersonId> {
    org.teams.get(team)?.lead.as_ref().filter(|lead| may_see(org, lead, residency))
}
