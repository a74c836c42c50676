//! What messages say. One place, so that they can be translated as one.

use chrono::{DateTime, Utc};

use super::case::Case;
use super::profile::{lead_of, may_see};
use super::{NoticeKind, OfferKind, What};
use crate::schedule::{PersonId, TeamId};

/// Minutes are enough for people.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

impl Case<'_> {
    fn title(&self) -> String {
        format!("{} ticket {}: {}", self.ticket.priority, self.ticket.id, self.ticket.facts.title)
    }

    /// Asks those of `people` whom the running offer asks.
    pub fn tell_offer(&mut self, people: &[PersonId]) {
        let Some(offer) = self.ticket.offer.clone() else { return };
        let until = instant(offer.expires_at);
        let id = self.ticket.id;
        let ahead = offer.kind == OfferKind::Handoff;
        let kind = if offer.is_page() && !ahead { NoticeKind::Page } else { NoticeKind::Offer };
        let (what, by) = match (offer.kind, &offer.line) {
            (OfferKind::Handoff, _) => ("is handed over to you", format!("the shift ends at {until}")),
            (OfferKind::Join, _) => ("needs your help", format!("answer by {until}")),
            (_, Some(line)) => ("needs you now: you are on call", format!("{line}; answer by {until}")),
            (OfferKind::Escalation, _) => ("is escalated to you", format!("answer by {until}")),
            (_, None) => ("is offered to you", format!("answer by {until}")),
        };
        let mut text = format!("{} {what} in {} ({by}).", self.title(), offer.team);
        if let Some(language) = &offer.substitute_language {
            text += &format!(" It is in {}; you are asked for your {language}.", self.profile().language);
        }
        if ahead && let Some(briefing) = &self.ticket.briefing {
            text += &format!(" Briefing: {}", briefing.in_words());
        }
        text +=
            &format!(" Take it: meridian ticket acknowledge {id}; refuse it: meridian ticket decline {id}.");
        for person in people {
            self.tell(person, kind, self.title(), text.clone());
        }
    }

    /// Whoever was woken or asked, and no longer needs to answer.
    pub fn tell_stand_down(&mut self, people: &[PersonId], taken_by: &PersonId) {
        let text = format!("{} is taken by {taken_by}; you need not answer any more.", self.title());
        for person in people {
            self.tell(person, NoticeKind::StandDown, self.title(), text.clone());
        }
    }

    pub fn tell_briefing_asked(&mut self, holder: &PersonId, to: &TeamId, boundary: DateTime<Utc>) {
        let text = format!(
            "{} goes to {to} when your shift ends at {}. Write what they need: meridian ticket brief {}. Without it, \
             one is composed from the ticket's history.",
            self.title(),
            instant(boundary),
            self.ticket.id
        );
        self.tell(holder, NoticeKind::BriefingAsked, self.title(), text);
    }

    /// For their information; noted in the history. People its residency keeps out are not told.
    pub fn inform(&mut self, people: Vec<PersonId>, why: &str) {
        let people = self.sightful(people);
        if people.is_empty() {
            return;
        }
        self.note_system(What::Told { people: people.clone(), why: why.to_owned() });
        let text = format!("{}: {why}.", self.title());
        for person in &people {
            self.tell(person, NoticeKind::Told, self.title(), text.clone());
        }
    }

    /// The last resort, where its residency lets them know; else leads who may.
    pub fn tell_last_resort(&mut self, why: &str) {
        let residency = self.profile().residency;
        let leads = self.org.teams.keys().filter_map(|team| lead_of(self.org, team, residency.as_ref()));
        let people = match &self.org.last_resort {
            Some(person) if may_see(self.org, person, residency.as_ref()) => vec![person.clone()],
            _ => self.sightful(leads.cloned().collect()),
        };
        self.note_system(What::Told { people: people.clone(), why: why.to_owned() });
        // One message is enough for one person at one instant.
        self.outcome.notices.retain(|notice| notice.kind != NoticeKind::Told || !people.contains(&notice.to));
        let text = format!("{}: {why}. Nobody else has been found: please see to it.", self.title());
        for person in &people {
            self.tell(person, NoticeKind::LastResort, self.title(), text.clone());
        }
    }

    pub fn tell_review(&mut self, people: &[PersonId]) {
        let text = format!(
            "{} has changed hands {} times without progress. Please see what it needs: another tier, another team, \
             one person who stays with it.",
            self.title(),
            self.ticket.hops
        );
        for person in people {
            self.tell(person, NoticeKind::Review, self.title(), text.clone());
        }
    }

    /// Those who may be told, each once.
    pub fn sightful(&self, people: Vec<PersonId>) -> Vec<PersonId> {
        let residency = self.profile().residency;
        let mut told: Vec<PersonId> = Vec::new();
        for person in people {
            if !told.contains(&person) && may_see(self.org, &person, residency.as_ref()) {
                told.push(person);
            }
        }
        told
    }
}
