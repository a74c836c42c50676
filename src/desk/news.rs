//! Those who follow a ticket without working on it: what they are told, and who joins and leaves them.

use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::profile::{Profile, may_see};
use super::{ClockKind, Event, NoticeKind, Passed, Refusal, Says, Ticket, What, Why};
use crate::schedule::{News, PersonId};

/// More belong into a room of their own.
const SUBSCRIBERS_MAX: usize = 100;

impl Case<'_> {
    /// `None`: whoever asks.
    pub fn subscribe(&mut self, person: Option<PersonId>) -> Result<(), Refusal> {
        let person = self.named_or_self(person)?;
        if !self.org.people.contains_key(&person) {
            let message = format!("there is no person {:?} in the schedules", person.as_str());
            return Err(Refusal::Invalid { field: "person", message });
        }
        self.must_see(&person)?;
        if self.ticket.subscribers.contains(&person) {
            return Ok(());
        }
        if self.ticket.subscribers.len() >= SUBSCRIBERS_MAX {
            let message = format!("{SUBSCRIBERS_MAX} follow it already; subscribe a room of theirs instead");
            return Err(Refusal::Invalid { field: "person", message });
        }
        self.note(What::Subscribed { person });
        Ok(())
    }

    pub fn unsubscribe(&mut self, person: Option<PersonId>) -> Result<(), Refusal> {
        let person = self.named_or_self(person)?;
        if self.ticket.subscribers.contains(&person) {
            self.note(What::Unsubscribed { person });
            return Ok(());
        }
        let message = match self.followers(&self.ticket).contains_key(&person) {
            true => {
                format!("{person} follows it by the rotation files, not by a subscription of this ticket")
            }
            false => format!("{person} does not follow it"),
        };
        Err(Refusal::Invalid { field: "person", message })
    }

    fn named_or_self(&self, person: Option<PersonId>) -> Result<PersonId, Refusal> {
        person.map_or_else(|| self.person(), Ok)
    }

    /// Who follows it, as it was or as it is now, and what they want to know.
    fn followers(&self, ticket: &Ticket) -> BTreeMap<PersonId, BTreeSet<News>> {
        let mut followers: BTreeMap<PersonId, BTreeSet<News>> = BTreeMap::new();
        let profile = Profile::of(self.org, &ticket.facts);
        let residency = profile.residency.as_ref();
        let sees = |person: &PersonId| may_see(self.org, person, residency);
        for one in &self.org.subscriptions {
            // What is meant for those who wait with a customer says nothing of the house's own, unless it names them.
            let is_meant = profile.facts.audience.is_customer() || !one.when.audience.is_empty();
            if !is_meant || !profile.meets(&one.when, ticket.priority) {
                continue;
            }
            let trusted = residency.is_some() && one.residency.as_ref() == residency;
            for person in one.people.iter().filter(|person| trusted || sees(person)) {
                followers.entry(person.clone()).or_default().extend(&one.about);
            }
        }
        let known = |person: &&PersonId| self.org.people.contains_key(*person);
        for person in ticket.subscribers.iter().filter(known).filter(|person| sees(person)) {
            followers.entry(person.clone()).or_default().extend(News::USUAL);
        }
        followers
    }

    /// Each of them hears one thing of one instant; whoever works on it knows.
    pub fn tell_followers(&mut self) {
        if self.org.subscriptions.is_empty() && self.ticket.subscribers.is_empty() {
            return;
        }
        let mut news: Vec<(News, Why)> = self.outcome.events.iter().filter_map(news).collect();
        news.sort_by_key(|(news, _)| *news);
        let before = self.changed_from().map(|before| self.followers(before));
        if news.is_empty() && before.is_none() {
            return;
        }
        let mut told: Vec<(Why, Vec<PersonId>)> = Vec::new();
        for (person, about) in self.followers(&self.ticket) {
            let is_new = before.as_ref().is_some_and(|before| !before.contains_key(&person));
            let joins = (is_new && about.contains(&News::Opened)).then_some(&Why::ConcernsNow);
            let latest = news.iter().rev().find(|(news, _)| about.contains(news)).map(|(_, why)| why);
            let Some(why) = latest.or(joins).filter(|_| !self.knows_already(&person)) else { continue };
            match told.iter_mut().find(|(known, _)| known == why) {
                Some((_, people)) => people.push(person),
                None => told.push((why.clone(), vec![person])),
            }
        }
        for (why, people) in told {
            self.tell_news(people, why);
        }
    }

    fn knows_already(&self, person: &PersonId) -> bool {
        self.heard.contains(person) || self.has_a_part(person)
    }

    fn tell_news(&mut self, people: Vec<PersonId>, why: Why) {
        self.note_system(What::Told { people: people.clone(), why: why.in_words(self.org) });
        let update = self.ticket.update.clone().filter(|_| why == Why::Updated).map(Box::new);
        let owed = [ClockKind::Update, ClockKind::NextUpdate].map(|kind| self.ticket.clock(kind)?.due);
        let next_by = owed.into_iter().flatten().min().filter(|due| *due > self.now);
        for person in &people {
            let says = Says::News { why: why.clone(), update: update.clone(), next_by };
            self.tell(person, NoticeKind::News, says);
        }
    }
}

fn news(event: &Event) -> Option<(News, Why)> {
    Some(match &event.what {
        What::Opened { .. } => (News::Opened, Why::Opened),
        What::Updated { .. } => (News::Update, Why::Updated),
        What::Escalated { reason, .. } => (News::Escalated, Why::SentOn { reason: reason.clone() }),
        What::ClockBreached { clock, promised, sla: Some(sla) } => {
            let (clock, promised, sla) = (*clock, *promised, Some(sla.clone()));
            let passed = Passed { clock, promised, sla, spent: None, due: None };
            (News::Breached, Why::Promises { passed: vec![passed] })
        }
        What::Reopened { .. } => (News::Reopened, Why::Reopened),
        What::Resolved { .. } => (News::Resolved, Why::Resolved),
        _ => return None,
    })
}
