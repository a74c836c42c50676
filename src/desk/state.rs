//! All live tickets and what choosing needs to know of them; takes commands one at a time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::case::{Case, Decision, Settled, counts_for};
use super::{
    Action, Actor, Answer, Command, Event, Explanation, Facts, Handoff, HandoffId, HandoffOutcome, Holder,
    Notice, Refusal, Ticket, TicketId, Update, Verb,
};
use crate::coverage::Coverage;
use crate::schedule::{PersonId, Priority, Residency, TeamId};

/// When somebody frees up, so many of their teams' queued tickets are looked at again.
const QUEUED_LOOKED_AT: usize = 8;

/// Where the wakes of resolved tickets stand, whatever their priority: nobody waits for them.
const CLOSINGS: usize = Priority::P5 as usize;

/// What decisions go by.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    pub revision: i64,
    /// With the organisation it was compiled from.
    pub coverage: &'a Coverage,
}

/// A ticket as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    pub ticket: Ticket,
    /// Look again no later than this; once it is no longer live, when it closes by itself, if it does.
    pub wake_at: Option<DateTime<Utc>>,
    /// Only people of a region with this residency may see it or be told of it.
    pub residency: Option<Residency>,
}

/// The last numbers given out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Numbers {
    pub ticket: i64,
    pub handoff: i64,
    /// The instant of the last restore in milliseconds since 1970; 0: none. Events that a backup does not know have
    /// numbers that are given out again after it: together with this they are different ones.
    pub epoch: i64,
}

/// Everything since the last [`Desk::drain`], to be saved together or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Each ticket once, as it is now.
    pub tickets: Vec<Saved>,
    /// In the order they happened.
    pub events: Vec<Event>,
    pub notices: Vec<Notice>,
    /// Each batch once, as it is now.
    pub handoffs: Vec<Handoff>,
    /// Who was named last, by team; for `round-robin`.
    pub turns: BTreeMap<TeamId, PersonId>,
    pub numbers: Numbers,
}

/// The desk of one organisation.
///
/// Invariant: the indexes say what `tickets` says, at any time between two calls.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    tickets: BTreeMap<TicketId, Saved>,
    handoffs: BTreeMap<HandoffId, Handoff>,
    turns: BTreeMap<TeamId, PersonId>,
    numbers: Numbers,
    /// Live tickets that count for a person.
    loads: BTreeMap<PersonId, u32>,
    by_dedup_key: BTreeMap<String, TicketId>,
    /// Live tickets that are linked to another, by that one.
    linked: BTreeMap<TicketId, BTreeSet<TicketId>>,
    /// By [`place`], so that those that page can be found first whatever else is due.
    wakes: [BTreeSet<(DateTime<Utc>, TicketId)>; 5],
    /// Tickets offered to a team and to nobody by name, worst first.
    queued: BTreeMap<TeamId, BTreeSet<(Priority, TicketId)>>,
    /// Resolved tickets that close by themselves. They are not on the desk, but brought when they are due.
    closings: BTreeMap<TicketId, DateTime<Utc>>,
    touched: BTreeSet<TicketId>,
    /// Put on the desk though no longer live; they leave with the next [`Desk::drain`], changed or not.
    guests: BTreeSet<TicketId>,
    touched_handoffs: BTreeSet<HandoffId>,
    changes: Changes,
    /// The latest instant it has decided at.
    decided_at: Option<DateTime<Utc>>,
}

impl Desk {
    /// From what the store has: live tickets, batches not yet settled, who was named last.
    pub fn restore(
        tickets: impl IntoIterator<Item = Saved>,
        handoffs: impl IntoIterator<Item = Handoff>,
        turns: BTreeMap<TeamId, PersonId>,
        numbers: Numbers,
    ) -> Desk {
        let mut desk = Desk { turns, numbers, ..Desk::default() };
        tickets.into_iter().for_each(|saved| desk.put(saved));
        handoffs.into_iter().for_each(|handoff| desk.put_handoff(handoff));
        desk
    }

    /// Puts a ticket on the desk that it does not have: one no longer live that a command names, or one another
    /// node has changed.
    pub fn put(&mut self, saved: Saved) {
        let id = saved.ticket.id;
        self.unindex(id);
        self.numbers.ticket = self.numbers.ticket.max(id.0);
        if !saved.ticket.live() {
            self.guests.insert(id);
        }
        self.tickets.insert(id, saved);
        self.index(id);
    }

    /// Tickets that are resolved and close by themselves then.
    pub fn will_close(&mut self, closings: impl IntoIterator<Item = (TicketId, DateTime<Utc>)>) {
        for (id, at) in closings {
            self.closings.insert(id, at);
            self.wakes[CLOSINGS].insert((at, id));
        }
    }

    /// It does not close, whatever was said of it.
    pub fn will_not_close(&mut self, id: TicketId) {
        if let Some(at) = self.closings.remove(&id) {
            self.wakes[CLOSINGS].remove(&(at, id));
        }
    }

    /// Another node has named that person last.
    pub fn put_turn(&mut self, team: TeamId, person: PersonId) {
        self.turns.insert(team, person);
    }

    pub fn put_handoff(&mut self, handoff: Handoff) {
        self.numbers.handoff = self.numbers.handoff.max(handoff.id.0);
        self.handoffs.insert(handoff.id, handoff);
    }

    pub fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.tickets.get(&id).map(|saved| &saved.ticket)
    }

    pub fn handoff(&self, id: HandoffId) -> Option<&Handoff> {
        self.handoffs.get(&id)
    }

    /// Those not yet settled or whose boundary is still to come, by number.
    pub fn handoffs(&self) -> impl Iterator<Item = &Handoff> {
        self.handoffs.values()
    }

    /// All on the desk, by number.
    pub fn tickets(&self) -> impl Iterator<Item = &Saved> {
        self.tickets.values()
    }

    /// Live tickets a person holds, or is asked for by name in their hours.
    pub fn load(&self, person: &PersonId) -> u32 {
        self.loads.get(person).copied().unwrap_or(0)
    }

    pub(super) fn live_with_key(&self, key: &str) -> Option<TicketId> {
        self.by_dedup_key.get(key).copied()
    }

    /// The live tickets that are linked to this one.
    pub fn linked_to(&self, id: TicketId) -> impl Iterator<Item = TicketId> {
        self.linked.get(&id).into_iter().flatten().copied()
    }

    /// When it is looked at again; `None`: it is over, or not known here.
    pub fn wake_at(&self, id: TicketId) -> Option<DateTime<Utc>> {
        match self.tickets.get(&id) {
            Some(saved) => saved.wake_at,
            None => self.closings.get(&id).copied(),
        }
    }

    /// Every look that is to come.
    pub fn wakes(&self) -> impl Iterator<Item = (DateTime<Utc>, TicketId)> {
        self.wakes.iter().flatten().copied()
    }

    pub(super) fn last_named(&self, team: &TeamId) -> Option<&PersonId> {
        self.turns.get(team)
    }

    /// The teams that have tickets nobody is asked for by name.
    pub(super) fn queues(&self) -> impl Iterator<Item = &TeamId> {
        self.queued.keys()
    }

    pub(super) fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// Decides one command and keeps what came of it for [`Desk::drain`]. A refusal changes nothing.
    pub fn take(&mut self, rules: Rules, command: Command, now: DateTime<Utc>) -> Result<Answer, Refusal> {
        self.decided_at = self.decided_at.max(Some(now));
        match command.action {
            Action::Open(facts) => self.open(rules, command.by, *facts, now),
            Action::On(ticket, verb) => self.on(rules, command.by, ticket, verb, now),
            Action::AcceptHandoff { handoff, tickets } => {
                self.accept(rules, command.by, handoff, tickets.as_deref(), now)
            }
            Action::TellUnready(check) => Ok(self.tell_unready(rules, &check, now)),
            Action::NoticeFailed { notice, reason } => {
                // What is about no ticket has no history: it is given up visibly in the outbox.
                let Some(ticket) = notice.ticket else { return Ok(Answer::Told { to: Vec::new() }) };
                let mut case = self.case(rules, command.by, ticket, now)?;
                case.must_be_whole()?;
                case.notice_failed(&notice, reason);
                let settled = case.settle();
                Ok(self.settle(settled))
            }
        }
    }

    fn open(&mut self, rules: Rules, by: Actor, facts: Facts, now: DateTime<Utc>) -> Result<Answer, Refusal> {
        let same = facts.dedup_key.as_ref().and_then(|key| self.by_dedup_key.get(key)).copied();
        if let Some(ticket) = same {
            let mut case = self.case(rules, by, ticket, now)?;
            case.repeat(&facts)?;
            let settled = case.settle();
            return Ok(self.settle(settled));
        }
        let id = TicketId(self.numbers.ticket + 1);
        let mut case = Case::new(self, rules, by, Ticket::unopened(id, now), now);
        case.open(facts)?;
        case.outcome.numbers.ticket = id.0;
        let settled = case.settle();
        Ok(match self.settle(settled) {
            Answer::Ticket { ticket, decision, .. } => Answer::Ticket { ticket, decision, created: true },
            other => other,
        })
    }

    fn on(
        &mut self,
        rules: Rules,
        by: Actor,
        id: TicketId,
        verb: Verb,
        now: DateTime<Utc>,
    ) -> Result<Answer, Refusal> {
        let mut case = self.case(rules, by.clone(), id, now)?;
        if verb != Verb::Wake {
            case.must_be_whole()?;
        }
        let said = match &verb {
            Verb::Update(update) => Some(Some(update.clone())),
            Verb::Resolve { .. } => Some(None),
            _ => None,
        };
        case.act(verb)?;
        let settled = case.settle();
        let heard: BTreeSet<PersonId> = settled.outcome.notices.iter().map(|n| n.to.clone()).collect();
        let answer = self.settle(settled);
        if let Some(update) = said {
            self.tell_linked(rules, by, id, update, heard, now);
        }
        Ok(answer)
    }

    /// The same is said of all tickets that are linked to this one; `None`: it is resolved.
    fn tell_linked(
        &mut self,
        rules: Rules,
        by: Actor,
        id: TicketId,
        update: Option<Update>,
        mut heard: BTreeSet<PersonId>,
        now: DateTime<Utc>,
    ) {
        let Some(parent) = self.ticket(id).cloned() else { return };
        let linked: Vec<TicketId> = self.linked_to(id).collect();
        for linked in linked {
            let Ok(mut case) = self.case(rules, by.clone(), linked, now) else { continue };
            // Its facts may have changed since it was linked.
            match &update {
                _ if case.keeps_from(&parent).is_some() => case.link_ended(id),
                Some(update) => case.said_of_parent(id, update, heard.clone()),
                None => case.parent_resolved(&parent),
            }
            let settled = case.settle();
            heard.extend(settled.outcome.notices.iter().map(|notice| notice.to.clone()));
            self.settle(settled);
        }
    }

    fn accept(
        &mut self,
        rules: Rules,
        by: Actor,
        id: HandoffId,
        only: Option<&[TicketId]>,
        now: DateTime<Utc>,
    ) -> Result<Answer, Refusal> {
        if by.person().is_none() {
            return Err(Refusal::NeedsPerson);
        }
        let handoff = self.handoffs.get(&id).ok_or(Refusal::UnknownHandoff { handoff: id })?;
        let own: BTreeSet<TicketId> = handoff
            .items
            .iter()
            .filter(|item| item.outcome == HandoffOutcome::Offered)
            .map(|item| item.ticket)
            .filter(|ticket| self.ticket(*ticket).is_some_and(|ticket| ticket.holder.person() == by.person()))
            .collect();
        let open =
            |outcome: &HandoffOutcome| matches!(outcome, HandoffOutcome::Offered | HandoffOutcome::Passed);
        let tickets: Vec<TicketId> = match only {
            Some(tickets) => tickets.to_vec(),
            None => handoff.items.iter().filter(|item| open(&item.outcome)).map(|item| item.ticket).collect(),
        };
        let strangers =
            tickets.iter().find(|ticket| !handoff.items.iter().any(|item| item.ticket == **ticket));
        if let Some(ticket) = strangers {
            return Err(Refusal::Invalid {
                field: "tickets",
                message: format!("ticket {ticket} is not part of it"),
            });
        }
        let (mut accepted, mut refused) = (Vec::new(), BTreeMap::new());
        for ticket in tickets {
            if own.contains(&ticket) {
                refused.insert(ticket, format!("you hold ticket {ticket}: somebody else takes it over"));
                continue;
            }
            match self.on(rules, by.clone(), ticket, Verb::Acknowledge, now) {
                Ok(_) => accepted.push(ticket),
                Err(refusal) => drop(refused.insert(ticket, refusal.to_string())),
            }
        }
        Ok(Answer::Handoff { handoff: id, accepted, refused })
    }

    /// Messages that are about no ticket.
    pub(super) fn tell(&mut self, notices: Vec<Notice>) {
        self.changes.notices.extend(notices);
    }

    /// What would become of such a ticket; creates nothing.
    pub fn explain(&self, rules: Rules, facts: &Facts, now: DateTime<Utc>) -> Result<Explanation, Refusal> {
        let id = TicketId(self.numbers.ticket + 1);
        let mut case = Case::new(self, rules, Actor::System, Ticket::unopened(id, now), now);
        case.open(facts.clone())?;
        Ok(case.outcome.explanation().expect("opening a ticket offers it or parks it").clone())
    }

    /// Tickets to look at again, those that page first, then by instant; at most `limit`, whose number is the cost.
    pub fn due(&self, rules: Rules, now: DateTime<Utc>, limit: usize) -> Vec<TicketId> {
        let pages = |priority: &Priority| rules.coverage.organisation.priority(*priority).pages();
        let (paging, others): (Vec<Priority>, Vec<Priority>) = Priority::ALL.into_iter().partition(pages);
        let paging = self.due_among(&paging, now, limit);
        let left = limit - paging.len();
        paging.into_iter().chain(self.due_among(&others, now, left)).collect()
    }

    /// Of these priorities, by instant, then the worst, then by number.
    fn due_among(&self, priorities: &[Priority], now: DateTime<Utc>, limit: usize) -> Vec<TicketId> {
        let due = priorities.iter().flat_map(|priority| {
            let wakes = self.wakes[priority.index()].iter().take_while(|(at, _)| *at <= now);
            wakes.take(limit).map(|(at, id)| (*at, *priority, *id))
        });
        let mut due: Vec<_> = due.collect();
        due.sort_unstable();
        due.into_iter().take(limit).map(|(_, _, id)| id).collect()
    }

    pub fn next_wake(&self) -> Option<DateTime<Utc>> {
        self.wakes.iter().filter_map(|wakes| wakes.first()).map(|(at, _)| *at).min()
    }

    /// Wakes the tickets that a change of these teams' coverage may concern: held, offered or parked there, or
    /// parked in their tiers.
    pub fn wake_teams(&mut self, rules: Rules, teams: &BTreeSet<TeamId>, now: DateTime<Utc>) {
        let org = &rules.coverage.organisation;
        let tiers: BTreeSet<_> =
            teams.iter().filter_map(|team| org.teams.get(team)).map(|team| &team.tier).collect();
        let concerned = |ticket: &Ticket| {
            let step =
                org.policies.get(&ticket.path.policy).and_then(|policy| policy.steps.get(ticket.path.step));
            let parked = matches!(ticket.holder, Holder::Nobody { .. });
            let target = ticket.path.target.as_ref();
            ticket.holder.team().is_some_and(|team| teams.contains(team))
                || ticket.offer.as_ref().is_some_and(|offer| teams.contains(&offer.team))
                || target.is_some_and(|team| teams.contains(team))
                || (parked && step.is_none_or(|step| tiers.contains(&step.tier)))
                || matches!(ticket.holder, Holder::Nobody { reason: super::Alone::NobodyAtAll, .. })
        };
        let live = self.tickets.values().filter(|saved| saved.ticket.live() && concerned(&saved.ticket));
        let ids: Vec<TicketId> = live.map(|saved| saved.ticket.id).collect();
        ids.into_iter().for_each(|id| self.wake(id, now));
    }

    /// Wakes every live ticket: something all decisions go by has changed.
    pub fn wake_all(&mut self, now: DateTime<Utc>) {
        let live = self.tickets.values().filter(|saved| saved.ticket.live());
        let ids: Vec<TicketId> = live.map(|saved| saved.ticket.id).collect();
        ids.into_iter().for_each(|id| self.wake(id, now));
    }

    fn wake(&mut self, id: TicketId, now: DateTime<Utc>) {
        let Some(saved) = self.tickets.get_mut(&id) else { return };
        let Some(before) = saved.wake_at.filter(|at| *at > now) else { return };
        saved.wake_at = Some(now);
        let wakes = &mut self.wakes[place(&saved.ticket)];
        wakes.remove(&(before, id));
        wakes.insert((now, id));
        self.touched.insert(id);
    }

    /// What happened since the last time. Tickets no longer live leave the desk with it, and batches that are past.
    pub fn drain(&mut self) -> Changes {
        let mut changes = std::mem::take(&mut self.changes);
        changes.numbers = self.numbers;
        for id in std::mem::take(&mut self.touched) {
            changes.tickets.push(self.tickets[&id].clone());
        }
        self.part_with_guests();
        for id in std::mem::take(&mut self.touched_handoffs) {
            changes.handoffs.push(self.handoffs[&id].clone());
        }
        let now = self.decided_at;
        self.handoffs.retain(|_, handoff| {
            let open = handoff.items.iter().any(|item| item.outcome == HandoffOutcome::Offered);
            open || Some(handoff.boundary) > now
        });
        changes
    }

    /// Tickets no longer live leave the desk: those another node has done with, too. What closes by itself is kept in mind.
    pub fn part_with_guests(&mut self) {
        for id in std::mem::take(&mut self.guests) {
            let Some(saved) = self.tickets.get(&id).filter(|saved| !saved.ticket.live()) else { continue };
            let closing = saved.wake_at.map(|at| (id, at));
            self.unindex(id);
            self.tickets.remove(&id);
            self.will_close(closing);
        }
    }

    fn case<'a>(
        &'a self,
        rules: Rules<'a>,
        by: Actor,
        id: TicketId,
        now: DateTime<Utc>,
    ) -> Result<Case<'a>, Refusal> {
        let ticket = self.ticket(id).ok_or(Refusal::UnknownTicket { ticket: id })?.clone();
        Ok(Case::new(self, rules, by, ticket, now))
    }

    /// A whole decision reaches the desk.
    fn settle(&mut self, settled: Settled) -> Answer {
        let Settled { saved, outcome, now, freed } = settled;
        let decision = outcome.explanation().cloned().map(Box::new);
        let answer = Answer::Ticket { ticket: Box::new(saved.ticket.clone()), created: false, decision };
        let Decision { events, notices, handoffs, numbers, named } = outcome;
        let id = saved.ticket.id;
        if self.tickets.get(&id) != Some(&saved) {
            self.touched.insert(id);
            self.put(saved);
        }
        self.numbers = numbers;
        self.changes.events.extend(events);
        self.changes.notices.extend(notices);
        self.changes.turns.extend(named.clone());
        self.turns.extend(named);
        for (id, handoff) in handoffs {
            self.touched_handoffs.insert(id);
            self.put_handoff(handoff);
        }
        for team in freed {
            let head: Vec<TicketId> = self
                .queued
                .get(&team)
                .into_iter()
                .flatten()
                .take(QUEUED_LOOKED_AT)
                .map(|(_, id)| *id)
                .collect();
            head.into_iter().for_each(|id| self.wake(id, now));
        }
        answer
    }

    fn index(&mut self, id: TicketId) {
        let saved = &self.tickets[&id];
        if let Some(at) = saved.wake_at {
            self.wakes[place(&saved.ticket)].insert((at, id));
        }
        let ticket = &saved.ticket;
        if !ticket.live() {
            return;
        }
        for person in counts_for(ticket) {
            *self.loads.entry(person.clone()).or_default() += 1;
        }
        if let Some(key) = &ticket.facts.dedup_key {
            self.by_dedup_key.insert(key.clone(), id);
        }
        if let Some(parent) = ticket.parent {
            self.linked.entry(parent).or_default().insert(id);
        }
        if let Some(offer) = ticket.offer.as_ref().filter(|offer| offer.ask.is_empty()) {
            self.queued.entry(offer.team.clone()).or_default().insert((ticket.priority, id));
        }
    }

    fn unindex(&mut self, id: TicketId) {
        self.will_not_close(id);
        let Some(saved) = self.tickets.get(&id) else { return };
        if let Some(at) = saved.wake_at {
            self.wakes[place(&saved.ticket)].remove(&(at, id));
        }
        let ticket = &saved.ticket;
        if !ticket.live() {
            return;
        }
        for person in counts_for(ticket) {
            if let Some(load) = self.loads.get_mut(person) {
                *load -= 1;
                if *load == 0 {
                    self.loads.remove(person);
                }
            }
        }
        if let Some(key) = &ticket.facts.dedup_key {
            self.by_dedup_key.remove(key);
        }
        if let Some(parent) = ticket.parent
            && let Some(linked) = self.linked.get_mut(&parent)
        {
            linked.remove(&id);
            if linked.is_empty() {
                self.linked.remove(&parent);
            }
        }
        if let Some(offer) = ticket.offer.as_ref().filter(|offer| offer.ask.is_empty())
            && let Some(queue) = self.queued.get_mut(&offer.team)
        {
            queue.remove(&(ticket.priority, id));
            if queue.is_empty() {
                self.queued.remove(&offer.team);
            }
        }
    }
}

/// Where a ticket's wake stands.
fn place(ticket: &Ticket) -> usize {
    if ticket.live() { ticket.priority.index() } else { CLOSINGS }
}
