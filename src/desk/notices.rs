//! What messages say. One place, so that they can be translated as one.

use chrono::{DateTime, Utc};

use super::case::Case;
use super::profile::may_see;
use super::{Alone, Holder, NoticeKind, OfferEnd, OfferKind, State, What};
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
        if let Some(holder) = self.ticket.holder.person().filter(|_| ahead) {
            text += &format!(" Briefing: {}.", self.briefing_of(holder).in_words());
        }
        text +=
            &format!(" Take it: meridian ticket acknowledge {id}; refuse it: meridian ticket decline {id}.");
        for person in people {
            self.tell(person, kind, self.title(), text.clone());
        }
    }

    /// Whoever was woken or asked, or has held it at work until now, and has no part in it any more.
    pub fn tell_relieved(&mut self) {
        let mut taken_by = None;
        let (mut withdrawn, mut left) = (false, false);
        for event in &self.outcome.events {
            match &event.what {
                What::Acknowledged { seat, .. } | What::Joined { seat } => {
                    taken_by = Some(seat.person.clone())
                }
                What::OfferEnded { why: OfferEnd::Withdrawn } | What::Resolved { .. } => withdrawn = true,
                What::ShiftEnded { .. } => left = true,
                _ => {}
            }
        }
        let given_up = withdrawn && self.was_offered && self.ticket.offer.is_none();
        let asked = self.asked_before.iter().filter(|_| taken_by.is_some() || given_up);
        let holder = self.held_by.iter().filter(|_| !left);
        let relieved = asked.chain(holder).filter(|person| !self.has_a_part(person)).cloned().collect();
        let how = match (&taken_by, self.ticket.state) {
            (Some(person), _) => format!("is taken by {person}"),
            (None, State::Resolved) => "is resolved".to_owned(),
            (None, _) => "is not yours to answer any more".to_owned(),
        };
        let text = format!("{} {how}; you need do nothing.", self.title());
        for person in self.sightful(relieved) {
            self.tell(&person, NoticeKind::StandDown, self.title(), text.clone());
        }
    }

    /// Holds it, is asked for it, has just acted on it, or is being told something else of it.
    fn has_a_part(&self, person: &PersonId) -> bool {
        self.ticket.holder.person() == Some(person)
            || self.by.person() == Some(person)
            || self.ticket.offer.as_ref().is_some_and(|offer| offer.ask.contains(person))
            || self.outcome.notices.iter().any(|notice| notice.to == *person)
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

    /// The last resort, where its residency lets them know; else the nearest leads who may.
    pub fn tell_last_resort(&mut self, why: &str) {
        let residency = self.profile().residency;
        let people = match &self.org.last_resort {
            Some(person) if may_see(self.org, person, residency.as_ref()) => vec![person.clone()],
            _ => self.leads(),
        };
        self.note_system(What::Told { people: people.clone(), why: why.to_owned() });
        // One message is enough for one person at one instant.
        let lesser = |kind| matches!(kind, NoticeKind::Told | NoticeKind::LastResort);
        self.outcome.notices.retain(|notice| !lesser(notice.kind) || !people.contains(&notice.to));
        let text = format!("{}: {why}. Nobody else has been found: please see to it.", self.title());
        for person in &people {
            self.tell(person, NoticeKind::LastResort, self.title(), text.clone());
        }
    }

    /// Whether it waits for anybody at all, so that the last resort's word is what it hangs by.
    pub fn nobody_has_it(&self) -> bool {
        let at_all = matches!(self.ticket.holder, Holder::Nobody { reason: Alone::NobodyAtAll, .. });
        at_all || self.ticket.unattended_since.is_some()
    }

    /// The nearest lead of each tier who may know, lowest first.
    fn leads(&self) -> Vec<PersonId> {
        self.sightful(self.org.tiers.iter().filter_map(|tier| self.lead_of_tier(tier)).collect())
    }

    /// In place of a last resort whom no message reaches.
    pub fn tell_leads(&mut self, unreached: &PersonId) {
        let leads = self.leads().into_iter().filter(|lead| lead != unreached).collect();
        self.inform(leads, &format!("nobody has taken it, and {unreached} could not be reached"));
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
