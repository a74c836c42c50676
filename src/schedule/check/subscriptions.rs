//! Who is told how tickets go on.

use std::collections::BTreeSet;

use crate::schedule::read::SubscriptionTable;
use crate::schedule::*;

use super::Checker;

impl Checker<'_> {
    pub fn subscriptions(&mut self, tables: Vec<SubscriptionTable>) -> Vec<Subscription> {
        tables.into_iter().filter_map(|table| self.subscription(table)).collect()
    }

    fn subscription(&mut self, table: SubscriptionTable) -> Option<Subscription> {
        let when = table.when.map(|when| self.conditions(when)).unwrap_or_default();
        let residency = table.residency.and_then(|name| self.names.residency(&name, &mut self.notes));
        if let Some(about) = table.about.as_ref().filter(|about| about.value.is_empty()) {
            self.notes
                .error("empty-list", about.place, "these people would be told nothing")
                .remedy("leave `about` out, or write what they are told: [\"update\", \"resolved\"]");
        }
        let about = table.about.map(|about| about.value.into_iter().flatten().collect());
        let people = table.people?;
        if people.value.is_empty() {
            self.notes
                .error("empty-list", people.place, "this subscription is nobody's")
                .remedy("name at least one person, or take it out");
        }
        let people: Vec<_> = people.value.into_iter().flatten().collect();
        let people = self.names.persons(&people, &mut self.notes);
        let usual = || BTreeSet::from(News::USUAL);
        Some(Subscription { people, when, about: about.unwrap_or_else(usual), residency })
    }
}
