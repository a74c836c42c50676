//! A desk that time is made for, and the memory that outlives it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::coverage::Coverage;
use crate::desk::{
    Action, Answer, Changes, Command, Desk, Event, Handoff, HandoffId, HandoffOutcome, Notice, Numbers,
    Refusal, Rules, Saved, TicketId, Verb,
};
use crate::schedule::{PersonId, TeamId};

/// One organisation's desk at an instant.
#[derive(Clone, Debug)]
pub struct World {
    desk: Desk,
    coverage: Arc<Coverage>,
    revision: i64,
    now: DateTime<Utc>,
    kept: Kept,
    news: News,
}

/// What has been kept since somebody last asked.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// Kept anew, be it as they were.
    pub tickets: BTreeSet<TicketId>,
    pub handoffs: BTreeSet<HandoffId>,
    /// Where they stand in [`Kept::events`], in the order they happened.
    pub events: Vec<(TicketId, usize)>,
    /// Where they stand in [`Kept::notices`].
    pub notices: Range<usize>,
}

/// What is on disk: all that a restart starts from, and all that ever happened.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    pub tickets: BTreeMap<TicketId, Saved>,
    pub handoffs: BTreeMap<HandoffId, Handoff>,
    pub turns: BTreeMap<TeamId, PersonId>,
    pub numbers: Numbers,
    pub events: BTreeMap<TicketId, Vec<Event>>,
    /// In the order they were told.
    pub notices: Vec<Notice>,
}

impl World {
    pub fn new(coverage: Arc<Coverage>, now: DateTime<Utc>) -> World {
        World {
            desk: Desk::default(),
            coverage,
            revision: 1,
            now,
            kept: Kept::default(),
            news: News::default(),
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    pub fn coverage(&self) -> &Arc<Coverage> {
        &self.coverage
    }

    pub fn rules(&self) -> Rules<'_> {
        Rules { revision: self.revision, coverage: &self.coverage }
    }

    /// What has been kept since the last call.
    pub fn take_news(&mut self) -> News {
        let notices = self.kept.notices.len();
        let next = News { notices: notices..notices, ..News::default() };
        std::mem::replace(&mut self.news, next)
    }

    /// Decides one command now, and keeps what came of it.
    pub fn take(&mut self, command: Command) -> Result<Answer, Refusal> {
        self.fetch(&command.action);
        let rules = Rules { revision: self.revision, coverage: &self.coverage };
        let answer = self.desk.take(rules, command, self.now);
        self.keep();
        answer
    }

    /// Looks at the ticket that is due next, no later than `until`, and says which it was. Time moves on to the
    /// instant it asked for; one that is overdue is looked at now.
    pub fn wake_next(&mut self, until: DateTime<Utc>) -> Option<TicketId> {
        let next = self.desk.next_wake().filter(|next| *next <= until)?;
        self.now = self.now.max(next);
        let ticket = *self.desk.due(self.rules(), self.now, 1).first()?;
        let woken = self.take(Command::system(Action::On(ticket, Verb::Wake)));
        woken.expect("a ticket that is due is on the desk, and waking is never refused");
        Some(ticket)
    }

    /// Time passes, and what is due meanwhile is looked at when it is.
    pub fn advance_to(&mut self, at: DateTime<Utc>) {
        while self.wake_next(at).is_some() {}
        self.now = self.now.max(at);
    }

    /// Time passes and nobody looks: an outage. What fell due waits for the next look.
    pub fn sleep_until(&mut self, at: DateTime<Utc>) {
        self.now = self.now.max(at);
    }

    /// Another desk takes over, which knows only what was kept, as text.
    pub fn restart(&mut self) {
        let live = self.kept.tickets.values().filter(|saved| saved.ticket.live());
        let tickets: Vec<Saved> = live.map(through_text).collect();
        let open = |handoff: &&Handoff| {
            handoff.boundary > self.now
                || handoff.items.iter().any(|item| item.outcome == HandoffOutcome::Offered)
        };
        let handoffs: Vec<Handoff> = self.kept.handoffs.values().filter(open).map(written).collect();
        self.desk = Desk::restore(tickets, handoffs, written(&self.kept.turns), self.kept.numbers);
        let done = self.kept.tickets.iter().filter(|(_, saved)| !saved.ticket.live());
        self.desk.will_close(done.filter_map(|(id, saved)| Some((*id, saved.wake_at?))));
    }

    /// Other schedules from now on: whoever they concern is looked at again.
    pub fn edit(&mut self, coverage: Arc<Coverage>) {
        let same = *coverage.organisation == *self.coverage.organisation;
        let teams = coverage.differing_teams(&self.coverage, self.now);
        self.coverage = coverage;
        self.revision += 1;
        let rules = Rules { revision: self.revision, coverage: &self.coverage };
        match same {
            true => self.desk.wake_teams(rules, &teams, self.now),
            false => self.desk.wake_all(self.now),
        }
        self.keep();
    }

    /// The same schedules, compiled around another instant: nothing differs but how far one can see, so nobody is
    /// looked at again.
    pub fn extend(&mut self, coverage: Arc<Coverage>) {
        self.coverage = coverage;
    }

    /// A command may name what has left the desk: it is brought back from what was kept.
    fn fetch(&mut self, action: &Action) {
        let mut named: Vec<TicketId> = action.ticket().into_iter().collect();
        if let Action::AcceptHandoff { handoff, tickets } = action {
            if self.desk.handoff(*handoff).is_none()
                && let Some(kept) = self.kept.handoffs.get(handoff)
            {
                self.desk.put_handoff(kept.clone());
            }
            named.extend(tickets.iter().flatten());
        }
        for ticket in named {
            if self.desk.ticket(ticket).is_none()
                && let Some(saved) = self.kept.tickets.get(&ticket)
            {
                self.desk.put(saved.clone());
            }
        }
    }

    /// Keeps what another desk has decided at `now`.
    pub fn follow(&mut self, changes: Changes, now: DateTime<Utc>) {
        self.now = self.now.max(now);
        changes.tickets.iter().for_each(|saved| self.desk.put(saved.clone()));
        changes.handoffs.iter().for_each(|handoff| self.desk.put_handoff(handoff.clone()));
        // Those that are done leave the desk.
        self.desk.drain();
        self.hold(changes);
    }

    fn keep(&mut self) {
        let changes = self.desk.drain();
        self.hold(changes);
    }

    fn hold(&mut self, changes: Changes) {
        self.kept.numbers = changes.numbers;
        self.kept.turns.extend(changes.turns);
        self.kept.notices.extend(changes.notices);
        self.news.notices.end = self.kept.notices.len();
        for handoff in changes.handoffs {
            self.news.handoffs.insert(handoff.id);
            self.kept.handoffs.insert(handoff.id, handoff);
        }
        for saved in changes.tickets {
            self.news.tickets.insert(saved.ticket.id);
            self.kept.tickets.insert(saved.ticket.id, saved);
        }
        for event in changes.events {
            let events = self.kept.events.entry(event.ticket).or_default();
            self.news.events.push((event.ticket, events.len()));
            events.push(event);
        }
    }
}

fn through_text(saved: &Saved) -> Saved {
    Saved { ticket: written(&saved.ticket), wake_at: saved.wake_at, residency: saved.residency.clone() }
}

/// Written down and read again.
fn written<T: Serialize + DeserializeOwned>(value: &T) -> T {
    let text = serde_json::to_string(value).expect("it is plain data");
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("what was written cannot be read: {error}\n{text}"))
}
