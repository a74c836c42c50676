//! How people look: the same colour in every picture, and a number where a name has no room.

use std::collections::{BTreeMap, BTreeSet};

use super::letters;
use crate::schedule::{Organisation, PersonId};

/// Light, so that black reads on all of them, and told apart by eyes that confuse red with green. People who share
/// one are told apart by their names.
pub const COLOURS: [&str; 8] =
    ["#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#99ddff", "#44bb99", "#bbcc33", "#c5c0a8"];

/// Everybody whom a picture may show.
pub struct Faces<'o> {
    organisation: &'o Organisation,
    ranks: BTreeMap<&'o PersonId, usize>,
    /// Of those in this picture, from 1.
    numbers: BTreeMap<&'o PersonId, usize>,
    /// Whose number stands in the picture and has to be explained.
    numbered: BTreeSet<&'o PersonId>,
}

impl<'o> Faces<'o> {
    /// `shown` have numbers, in order of id.
    pub fn new(organisation: &'o Organisation, shown: BTreeSet<&'o PersonId>) -> Faces<'o> {
        let ranks = organisation.people.keys().enumerate().map(|(rank, id)| (id, rank)).collect();
        let numbers = std::iter::zip(shown, 1..).collect();
        Faces { organisation, ranks, numbers, numbered: BTreeSet::new() }
    }

    /// The class of somebody's colour: one of the [`COLOURS`], by their place among all people's ids.
    pub fn class(&self, person: &PersonId) -> String {
        format!("c{}", self.ranks.get(person).map_or(0, |rank| rank % COLOURS.len()))
    }

    pub fn name(&self, person: &'o PersonId) -> &'o str {
        self.organisation.people.get(person).map_or(person.as_str(), |person| &person.name)
    }

    /// What says in so much room who it is: the name, the id or, unless that is `named` beside it, a number.
    pub fn label(&mut self, person: &'o PersonId, size: f64, room: f64, named: bool) -> Option<String> {
        let fits = |text: &&str| letters::width(text, size) <= room;
        if let Some(text) = [self.name(person), person.as_str()].iter().find(|text| fits(text)) {
            return Some((*text).to_owned());
        }
        let number = self.numbers.get(person).filter(|_| !named)?.to_string();
        fits(&number.as_str()).then(|| {
            self.numbered.insert(person);
            number
        })
    }

    /// The numbers that [`Faces::label`] gave out, with the names they stand for.
    pub fn key(&self) -> Vec<(usize, &'o PersonId)> {
        self.numbered.iter().map(|person| (self.numbers[person], *person)).collect()
    }
}
