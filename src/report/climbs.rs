//! Escalations within the window: of which kind, and what is escalated again and again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::course::{Climb, Course};
use super::reports::Asked;
use super::sheet::{Cell, Field, NONE};
use crate::desk::{Escalation, TicketId};
use crate::schedule::{Organisation, Priority, TierId};

const BY_KIND: &[Field] = &[
    Field { key: "kind", head: "~Kind" },
    Field { key: "tier", head: "~From tier" },
    Field { key: "priority", head: "~Priority" },
    Field { key: "escalations", head: "escalations" },
    Field { key: "tickets", head: "tickets" },
];

#[derive(Default)]
pub(super) struct Climbs {
    /// By kind, place and name of the tier that had it, and priority: how often, and how many tickets.
    groups: BTreeMap<(String, usize, String, Priority), (usize, usize)>,
}

impl Climbs {
    pub fn add(&mut self, asked: &Asked, org: &Organisation, course: &Course) -> bool {
        let mut seen = BTreeSet::new();
        for climb in within(asked, course) {
            let tier = tier_of(org, climb);
            let rank = tier.map_or(usize::MAX, |tier| org.tier_rank(tier));
            let name = tier.map_or_else(|| NONE.to_owned(), ToString::to_string);
            let key = (word(climb.kind), rank, name, course.ticket.priority);
            let (escalations, tickets) = self.groups.entry(key.clone()).or_default();
            *escalations += 1;
            *tickets += usize::from(seen.insert(key));
        }
        !seen.is_empty()
    }

    pub fn rows(self) -> (&'static [Field], Vec<Vec<Cell>>) {
        type Key = (String, usize, String, Priority);
        let row = |((kind, _, tier, priority), (escalations, tickets)): (Key, (usize, usize))| {
            let names = [Cell::Word(kind), Cell::Word(tier), Cell::word(priority)];
            names.into_iter().chain([escalations, tickets].map(Cell::Count)).collect()
        };
        (BY_KIND, self.groups.into_iter().map(row).collect())
    }
}

fn within<'c>(asked: &Asked, course: &'c Course) -> impl Iterator<Item = &'c Climb> {
    course.escalations.iter().filter(|climb| asked.within(climb.at))
}

/// As history has it.
fn word(kind: Escalation) -> String {
    let word = serde_json::to_value(kind).ok().and_then(|word| word.as_str().map(str::to_owned));
    word.expect("a kind is a word")
}

/// Of the team that had it, else of the step it stood on.
fn tier_of<'o>(org: &'o Organisation, climb: &Climb) -> Option<&'o TierId> {
    let (policy, step) = &climb.step;
    let team = climb.team.as_ref().and_then(|team| org.teams.get(team));
    let of_step = || org.policies.get(policy)?.steps.get(*step).map(|step| &step.tier);
    team.map(|team| &team.tier).or_else(of_step)
}

const AGAIN: &[Field] = &[
    Field { key: "customer", head: "~Customer" },
    Field { key: "service", head: "~Service" },
    Field { key: "category", head: "~Category" },
    Field { key: "tickets", head: "tickets" },
    Field { key: "escalations", head: "escalations" },
    Field { key: "first_at", head: "~First" },
    Field { key: "last_at", head: "~Last" },
    Field { key: "ticket_ids", head: "~Numbers" },
];

/// So many tickets of a group are named.
const NAMED: usize = 20;

/// Customer, service and category.
type About = [Option<String>; 3];

#[derive(Default)]
pub(super) struct Recurring {
    groups: BTreeMap<About, Again>,
}

struct Again {
    tickets: usize,
    escalations: usize,
    first: DateTime<Utc>,
    last: DateTime<Utc>,
    /// The lowest numbers.
    named: BTreeSet<TicketId>,
}

impl Recurring {
    /// A ticket of which neither customer, service nor category is known is like no other.
    pub fn add(&mut self, asked: &Asked, course: &Course) -> bool {
        let (facts, id) = (&course.ticket.facts, course.ticket.id);
        let details = facts.customer_details.as_ref().map(|customer| customer.name.clone());
        let customer = facts.customer.as_ref().map(ToString::to_string).or(details);
        let about = [customer, facts.service.as_ref().map(ToString::to_string), facts.category.clone()];
        let times: Vec<DateTime<Utc>> = within(asked, course).map(|climb| climb.at).collect();
        let (Some(first), Some(last)) = (times.first(), times.last()) else { return false };
        if about.iter().all(Option::is_none) {
            return false;
        }
        let none =
            || Again { tickets: 0, escalations: 0, first: *first, last: *last, named: BTreeSet::new() };
        let again = self.groups.entry(about).or_insert_with(none);
        again.tickets += 1;
        again.escalations += times.len();
        again.first = again.first.min(*first);
        again.last = again.last.max(*last);
        again.named.insert(id);
        if again.named.len() > NAMED {
            again.named.pop_last();
        }
        true
    }

    /// Escalated more than once, most often first.
    pub fn rows(self) -> (&'static [Field], Vec<Vec<Cell>>) {
        let mut again: Vec<(About, Again)> =
            self.groups.into_iter().filter(|(_, again)| again.escalations > 1).collect();
        again.sort_by_key(|(_, again)| std::cmp::Reverse((again.tickets, again.escalations)));
        let row = |(about, again): (About, Again)| {
            let names = about.map(|name| Cell::Word(name.unwrap_or_else(|| NONE.to_owned())));
            let ids: Vec<String> = again.named.iter().map(ToString::to_string).collect();
            let told = [
                Cell::Count(again.tickets),
                Cell::Count(again.escalations),
                Cell::At(again.first),
                Cell::At(again.last),
                Cell::Word(ids.join(" ")),
            ];
            names.into_iter().chain(told).collect()
        };
        (AGAIN, again.into_iter().map(row).collect())
    }
}
