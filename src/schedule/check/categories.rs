//! What is known of tickets of a kind.

use std::collections::BTreeMap;

use crate::schedule::Category;
use crate::schedule::place::At;
use crate::schedule::read::CategoryTable;

use super::Checker;
use super::merge::Declared;

/// Longer ones are cut by what shows them.
const LINK_MAX: usize = 2_000;

impl Checker<'_> {
    pub fn categories(&mut self, tables: Declared<CategoryTable>) -> BTreeMap<String, Category> {
        let mut categories = BTreeMap::new();
        for (id, table) in tables.into_values() {
            if id.value.trim().is_empty() {
                self.notes
                    .error("empty-text", id.place, "a category must have a name")
                    .remedy("name it as callers do: [categories.billing]");
            }
            let Some(table) = table else { continue };
            let knowledge = table.knowledge.and_then(|link| self.link(link));
            categories.insert(id.value, Category { knowledge });
        }
        categories
    }

    /// Of a web page, in full: people tap it in a message.
    fn link(&mut self, link: At<String>) -> Option<String> {
        let rest = ["https://", "http://"].iter().find_map(|scheme| link.value.strip_prefix(scheme));
        let plain = |c: char| c.is_ascii_graphic() && !"<>\"\\^`{|}".contains(c);
        let sound = rest
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['))
            && link.value.chars().all(plain)
            && link.value.len() <= LINK_MAX;
        if !sound {
            self.notes
                .error("bad-link", link.place, format!("{:?} is not the address of a web page", link.value))
                .remedy("write it in full, other than ASCII escaped: https://kb.example.com/billing");
        }
        sound.then_some(link.value)
    }
}
