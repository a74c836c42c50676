//! The ways to reach a person.

use chrono::TimeDelta;

use crate::schedule::place::{At, Place};
use crate::schedule::read::{Clock, ContactTable, Node, Read, Value};
use crate::schedule::*;

use super::Checker;

impl Checker<'_> {
    pub fn contact(&mut self, written: Vec<Node>) -> Vec<ContactWay> {
        written.into_iter().filter_map(|node| self.way(node)).collect()
    }

    fn way(&mut self, node: Node) -> Option<ContactWay> {
        let (origin, place) = (self.origin(node.place), node.place);
        let plain = |via| ContactWay {
            origin: origin.clone(),
            via,
            purpose: Purpose::All,
            after: TimeDelta::zero(),
            between: None,
        };
        match &node.value {
            Value::Text(via) => Some(plain(via.clone())),
            Value::Table(_) => {
                let table = ContactTable::read(node, &mut self.notes)?;
                let between = table.between.and_then(|times| self.between(place, times));
                let after = table.after.map_or(TimeDelta::zero(), |after| after.value.0);
                let purpose = table.r#for.unwrap_or(Purpose::All);
                Some(ContactWay { purpose, after, between, ..plain(table.via?) })
            }
            other => {
                let message = format!("a channel should stand here, not {}", other.kind());
                self.notes
                    .error("wrong-type", place, message)
                    .remedy("write \"mail\", or { via = \"voice\", for = \"page\", after = \"5m\" }");
                None
            }
        }
    }

    fn between(&mut self, place: Place, times: At<Vec<Option<At<Clock>>>>) -> Option<Window> {
        let written = times.value.len();
        let Ok([from, to]) = <[Option<At<Clock>>; 2]>::try_from(times.value) else {
            self.notes
                .error("wrong-type", times.place, format!("two times should stand here, not {written}"))
                .remedy("write when it begins and when it ends: [\"22:00\", \"07:00\"]");
            return None;
        };
        self.window(place, None, from, to)
    }

    /// What is written as it should be, and does nothing or cannot be read.
    pub fn ways(&mut self, organisation: &Organisation) {
        let (longest_page, longest) = longest_waits(organisation);
        for (id, person) in &organisation.people {
            for way in &person.contact {
                let place = self.written_at(&way.origin);
                if way.between.is_some() && organisation.zone_of(id).is_none() {
                    self.notes
                        .error("unknown-clock", place, format!("nobody says by whose clock {id:?} lives"))
                        .remedy(format!("give [people.{id}] a `timezone`"));
                }
                let longest = if way.purpose == Purpose::Page { longest_page } else { longest };
                if let Some(longest) = longest.filter(|longest| way.after >= *longest) {
                    let (after, longest) = (duration_text(way.after), duration_text(longest));
                    let message =
                        format!("after {after} nobody waits for an answer any more: {longest} at most");
                    self.notes
                        .warning("way-never-used", place, message)
                        .remedy("write a shorter `after`, or a longer `acknowledge_within`");
                }
            }
            self.all_purposes(id, person);
        }
    }

    /// Somebody whom pages reach, and not all the rest.
    fn all_purposes(&mut self, id: &PersonId, person: &Person) {
        let widest = person.contact.iter().map(|way| way.purpose).max();
        let what = match widest {
            Some(Purpose::Page) => "what is offered to them or told them",
            Some(Purpose::Offer) => "what is told them",
            Some(Purpose::All) | None => return,
        };
        let place = self.written_at(&person.contact[0].origin);
        self.notes
            .warning(
                "contact-in-part",
                place,
                format!("no way of {id:?} is for everything: {what} is only logged"),
            )
            .remedy("name one more channel that is for everything, such as \"email\"");
    }

    fn written_at(&self, origin: &Origin) -> Place {
        match origin {
            Origin::File(path, offset) => self.sources.line_from(path, *offset),
            Origin::Row(_) => Place::NOWHERE,
        }
    }
}

/// How long an answer is waited for at most: that to a page, and that to any offer. `None`: as long as hours are closed.
fn longest_waits(organisation: &Organisation) -> (Option<TimeDelta>, Option<TimeDelta>) {
    let longest = |priority: &Priority| {
        let steps = organisation.policies.values().flat_map(|policy| &policy.steps);
        let of_steps =
            steps.flat_map(|step| step.acknowledge_within.get(priority).into_iter().chain(&step.call_every));
        let own = organisation.priority(*priority).acknowledge_within;
        of_steps.copied().fold(own, TimeDelta::max)
    };
    let parks = |priority: &Priority| organisation.priority(*priority).when_closed == WhenClosed::Park;
    let pages = |priority: &&Priority| organisation.priority(**priority).pages();
    let of_pages = Priority::ALL.iter().filter(pages).map(longest).max();
    let of_all =
        Priority::ALL.iter().map(longest).max().map(|longest| longest.max(organisation.handoff.lead));
    (of_pages, of_all.filter(|_| !Priority::ALL.iter().any(parks)))
}
