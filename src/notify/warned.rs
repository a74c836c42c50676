//! Of whom a warning has been given, so that every page does not repeat it.

use std::collections::BTreeSet;

use crate::schedule::PersonId;

/// People of one revision of the files.
#[derive(Debug, Default)]
pub struct Warned {
    revision: i64,
    people: BTreeSet<PersonId>,
}

impl Warned {
    /// Whether this is the first time that `person` comes up in `revision`.
    pub fn is_new(&mut self, revision: i64, person: &PersonId) -> bool {
        if self.revision != revision {
            *self = Warned { revision, people: BTreeSet::new() };
        }
        self.people.insert(person.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_contact_is_warned_of_once_per_person_and_revision_and_not_at_every_page() {
        let mut warned = Warned::default();
        let pages = [(7, "anna"), (7, "anna"), (7, "bjorn"), (7, "anna"), (8, "anna"), (8, "anna")];
        let said: Vec<(i64, &str)> = pages
            .into_iter()
            .filter(|(revision, person)| warned.is_new(*revision, &PersonId::new(person)))
            .collect();
        assert_eq!(said, [(7, "anna"), (7, "bjorn"), (8, "anna")]);
    }
}
