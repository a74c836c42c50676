//! Who is told what. Words are made of it where it goes out: see `words.rs`.

use chrono::{DateTime, Utc};

use super::case::Case;
use super::profile::may_see;
use super::{
    Alone, Asked, Holder, NoticeKind, OfferEnd, OfferKind, Says, Spoken, State, VendorSaid, Visit, What, Why,
};
use crate::schedule::{PersonId, TeamId};

/// Minutes are enough for people.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

impl Case<'_> {
    /// Asks those of `people` whom the running offer asks.
    pub fn tell_offer(&mut self, people: &[PersonId]) {
        let Some(offer) = self.ticket.offer.clone() else { return };
        let ahead = offer.kind == OfferKind::Handoff;
        let kind = if offer.is_page() && !ahead { NoticeKind::Page } else { NoticeKind::Offer };
        let how = match (offer.kind, offer.is_page()) {
            (OfferKind::Handoff, _) => Asked::HandedOver,
            (OfferKind::Join, _) => Asked::ToHelp,
            (_, true) => Asked::OnCall,
            (OfferKind::Escalation, false) => Asked::Escalated,
            (OfferKind::Routing | OfferKind::Reassignment, false) => Asked::Offered,
        };
        let language = self.profile().language;
        let spoken = offer.substitute_language.map(|asked| Spoken { ticket: language, asked });
        // Of whoever hands it over; of whoever had it until their shift ended, or gave it back.
        let author = match (offer.kind, &self.ticket.holder) {
            (OfferKind::Handoff, holder) => holder.person(),
            (OfferKind::Routing, Holder::Person { .. }) => None,
            (OfferKind::Routing, _) => self.ticket.past.last().map(|seat| &seat.person),
            _ => None,
        };
        let briefing = author.map(|author| Box::new(self.briefing_of(author)));
        let until = offer.expires_at;
        let sent_on = matches!(offer.kind, OfferKind::Escalation | OfferKind::Join);
        let request = Some(&self.ticket.request).filter(|request| sent_on && !request.says_nothing());
        let request = request.cloned().map(Box::new);
        let (team, line, handoff) = (offer.team, offer.line, offer.handoff);
        let said = |visit: &Visit| {
            let (vendor, reply) = (visit.vendor.clone(), visit.reply.clone()?);
            Some(Box::new(VendorSaid { vendor, reply }))
        };
        let vendor = self.ticket.visits.last().and_then(said);
        let says = Says::Asked { how, team, line, until, spoken, briefing, request, handoff, vendor };
        for person in people {
            self.tell(person, kind, says.clone());
        }
    }

    /// Whoever was woken or asked, or has held it at work until now, and has no part in it any more.
    pub fn tell_relieved(&mut self) {
        let mut taken_by = None;
        let (mut withdrawn, mut left) = (false, false);
        for event in &self.outcome.events {
            match &event.what {
                What::Acknowledged { seat, .. } | What::Joined { seat, .. } => {
                    taken_by = Some(seat.person.clone())
                }
                What::OfferEnded { why: OfferEnd::Withdrawn } | What::Resolved { .. } => withdrawn = true,
                What::ShiftEnded { .. } => left = true,
                _ => {}
            }
        }
        let was_offered = self.before.is_some_and(|before| before.offer.is_some());
        let given_up = withdrawn && was_offered && self.ticket.offer.is_none();
        let asked = self.before.into_iter().flat_map(|before| &before.asked).map(|seat| &seat.person);
        let asked = asked.filter(|_| taken_by.is_some() || given_up);
        let holder = self.before.and_then(|before| before.holder.person()).filter(|_| !left);
        let relieved = asked.chain(holder).filter(|person| !self.has_a_part(person)).cloned().collect();
        let why = match (taken_by, self.ticket.state) {
            (Some(person), _) => Why::Taken { person },
            (None, State::Resolved) => Why::Resolved,
            (None, _) => Why::NotYours,
        };
        for person in self.sightful(relieved) {
            self.tell(&person, NoticeKind::StandDown, Says::Relieved { why: why.clone() });
        }
    }

    /// Holds it, is asked for it, has just acted on it, or is being told something else of it.
    pub fn has_a_part(&self, person: &PersonId) -> bool {
        self.ticket.holder.person() == Some(person)
            || self.by.person() == Some(person)
            || self.ticket.offer.as_ref().is_some_and(|offer| offer.ask.contains(person))
            || self.outcome.notices.iter().any(|notice| notice.to == *person)
    }

    pub fn tell_briefing_asked(&mut self, holder: &PersonId, to: &TeamId, boundary: DateTime<Utc>) {
        let says = Says::BriefingAsked { to: to.clone(), until: boundary };
        self.tell(holder, NoticeKind::BriefingAsked, says);
    }

    /// For their information; noted in the history. People its residency keeps out are not told.
    pub fn inform(&mut self, people: Vec<PersonId>, why: Why) {
        let people = self.sightful(people);
        if people.is_empty() {
            return;
        }
        self.note_system(What::Told { people: people.clone(), why: why.in_words(self.org) });
        for person in &people {
            self.tell(person, NoticeKind::Told, Says::Told { why: why.clone() });
        }
    }

    /// For their information; where its residency keeps all of them out, for that of the last resort.
    pub fn inform_somebody(&mut self, people: Vec<PersonId>, why: Why) {
        let people = self.sightful(people);
        let people = if people.is_empty() { self.last_resort() } else { people };
        if people.is_empty() {
            // Seen in the history at least.
            return self.note_system(What::Told { people, why: why.in_words(self.org) });
        }
        self.inform(people, why);
    }

    /// The last resort, where its residency lets them know; else the nearest leads who may.
    pub fn last_resort(&self) -> Vec<PersonId> {
        let residency = self.profile().residency;
        match &self.org.last_resort {
            Some(person) if may_see(self.org, person, residency.as_ref()) => vec![person.clone()],
            _ => self.leads(),
        }
    }

    pub fn tell_last_resort(&mut self, why: Why) {
        let people = self.last_resort();
        self.note_system(What::Told { people: people.clone(), why: why.in_words(self.org) });
        // One message is enough for one person at one instant.
        let lesser = |kind| matches!(kind, NoticeKind::Told | NoticeKind::LastResort);
        self.outcome.notices.retain(|notice| !lesser(notice.kind) || !people.contains(&notice.to));
        for person in &people {
            self.tell(person, NoticeKind::LastResort, Says::LastResort { why: why.clone() });
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
        self.inform(leads, Why::Unreached { person: unreached.clone() });
    }

    pub fn tell_review(&mut self, people: &[PersonId]) {
        let hops = self.ticket.hops;
        for person in people {
            self.tell(person, NoticeKind::Review, Says::Review { hops });
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
