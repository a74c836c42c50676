//! People, customers, services, and the languages that stand in for one another.

use std::collections::BTreeMap;

use crate::schedule::place::At;
use crate::schedule::read::{CustomerTable, PersonTable, ServiceTable, language};
use crate::schedule::*;

use super::Checker;
use super::merge::Declared;

impl Checker<'_> {
    pub fn people(&mut self, tables: Declared<PersonTable>) -> BTreeMap<PersonId, Person> {
        let mut people = BTreeMap::new();
        for (id, table) in tables.into_values() {
            self.id(&id);
            if let Some(table) = table {
                people.insert(PersonId::new(&id.value), self.person(&id, table));
            }
        }
        people
    }

    fn person(&mut self, id: &At<String>, table: PersonTable) -> Person {
        if let Some(email) = &table.email
            && (!email.value.contains('@') || email.value.contains(char::is_whitespace))
        {
            self.notes
                .error("bad-email", email.place, format!("{:?} is not a mail address", email.value))
                .remedy("write it like \"anna@example.com\"");
        }
        if let Some(phone) = &table.phone
            && !phone.value.chars().any(|c| c.is_ascii_digit())
        {
            self.notes
                .error("bad-phone", phone.place, format!("{:?} is not a telephone number", phone.value))
                .remedy("write it like \"+46700000001\"");
        }
        let mut languages: Vec<Language> = Vec::new();
        for language in table.languages.unwrap_or_default() {
            if !languages.contains(&language) {
                languages.push(language);
            }
        }
        Person {
            name: table.name.unwrap_or_else(|| id.value.clone()),
            timezone: table.timezone.and_then(|zone| self.zones.find(&zone, &mut self.notes)),
            languages,
            skills: table.skills.unwrap_or_default().iter().map(|skill| Skill::new(skill)).collect(),
            email: table.email.map(|email| email.value),
            phone: table.phone.map(|phone| phone.value),
            contact: self.contact(table.contact.unwrap_or_default()),
        }
    }

    pub fn customers(&mut self, tables: Declared<CustomerTable>) -> BTreeMap<CustomerId, Customer> {
        let mut customers = BTreeMap::new();
        for (id, table) in tables.into_values() {
            self.id(&id);
            let Some(table) = table else { continue };
            let customer = Customer {
                name: table.name.unwrap_or_else(|| id.value.clone()),
                class: table.class,
                language: table.language,
                region: table.region.and_then(|name| self.names.region(&name, &mut self.notes)),
                residency: table.residency.and_then(|name| self.names.residency(&name, &mut self.notes)),
                sla: table.sla.and_then(|name| self.names.sla(&name, &mut self.notes)),
            };
            customers.insert(CustomerId::new(&id.value), customer);
        }
        customers
    }

    pub fn services(&mut self, tables: Declared<ServiceTable>) -> BTreeMap<ServiceId, Service> {
        let mut services = BTreeMap::new();
        for (id, table) in tables.into_values() {
            self.id(&id);
            let Some(table) = table else { continue };
            let owner = table.owner.and_then(|name| self.names.team(&name, &mut self.notes));
            services.insert(ServiceId::new(&id.value), Service { value: table.value, owner });
        }
        services
    }

    pub fn substitutes(&mut self, tables: Declared<Vec<At<Language>>>) -> BTreeMap<Language, Vec<Language>> {
        let mut substitutes = BTreeMap::new();
        for (text, (key, list)) in tables {
            let Some(tag) = language(&text) else {
                self.notes
                    .error("bad-language", key.place, format!("{text:?} is not a language tag"))
                    .remedy("write a BCP 47 tag like en, pt-BR or zh-Hant");
                continue;
            };
            let list: Vec<Language> = list.unwrap_or_default().into_iter().map(|at| at.value).collect();
            if substitutes.insert(tag.clone(), list).is_some() {
                self.notes
                    .error("duplicate-id", key.place, format!("the substitutes of {tag} stand twice"))
                    .remedy("keep one of them");
            }
        }
        substitutes
    }
}
