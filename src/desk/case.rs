//! One ticket while it is being decided: what happens is noted here, and only a whole decision reaches the desk.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::profile::Profile;
use super::{
    About, Actor, Desk, Escalation, Event, Explanation, Handoff, HandoffId, Holder, Notice, NoticeKind,
    Numbers, Request, Rules, Saved, Says, Ticket, Wait, WaitClock, What,
};
use crate::schedule::{Organisation, PersonId, Policy, Step, TeamId, WhenClosed};

pub(super) struct Case<'a> {
    pub desk: &'a Desk,
    pub rules: Rules<'a>,
    pub org: &'a Organisation,
    pub now: DateTime<Utc>,
    pub by: Actor,
    pub ticket: Ticket,
    /// As it was before; `None`: it is new.
    pub before: Option<&'a Ticket>,
    /// Who has heard of it by another ticket.
    pub heard: BTreeSet<PersonId>,
    /// It has been decided again from what is true now.
    pub looked: bool,
    /// How many messages this case has written.
    told: usize,
    pub outcome: Decision,
}

/// What came of one case.
#[derive(Default)]
pub(super) struct Decision {
    pub events: Vec<Event>,
    pub notices: Vec<Notice>,
    /// Batches as they are now.
    pub handoffs: BTreeMap<HandoffId, Handoff>,
    pub numbers: Numbers,
    /// Who was named, for `round-robin`.
    pub named: BTreeMap<TeamId, PersonId>,
}

impl Decision {
    /// The last routing decision in it.
    pub fn explanation(&self) -> Option<&Explanation> {
        self.events.iter().rev().find_map(|event| match &event.what {
            What::Offered { decision, .. } | What::Parked { decision, .. } => Some(&**decision),
            _ => None,
        })
    }
}

impl<'a> Case<'a> {
    pub fn new(desk: &'a Desk, rules: Rules<'a>, by: Actor, ticket: Ticket, now: DateTime<Utc>) -> Case<'a> {
        let outcome = Decision { numbers: desk.numbers(), ..Decision::default() };
        let org = &rules.coverage.organisation;
        Case {
            desk,
            rules,
            org,
            now,
            by,
            before: desk.ticket(ticket.id),
            ticket,
            heard: BTreeSet::new(),
            looked: false,
            told: 0,
            outcome,
        }
    }

    pub fn settle(mut self) -> Settled {
        self.finish();
        let after: Vec<&PersonId> = counts_for(&self.ticket).collect();
        let before = self.before.into_iter().flat_map(counts_for);
        let freed: Vec<&PersonId> = before.filter(|person| !after.contains(person)).collect();
        let has_freed = |team: &&TeamId| {
            self.org
                .teams
                .get(*team)
                .is_some_and(|team| freed.iter().any(|person| team.members.contains(person)))
        };
        let freed = self.desk.queues().filter(has_freed).cloned().collect();
        let wake_at = self.wake_at();
        let residency = self.profile().residency;
        Settled {
            saved: Saved { ticket: self.ticket, wake_at, residency },
            outcome: self.outcome,
            now: self.now,
            freed,
        }
    }

    /// As it was, where this decision changes its facts or its priority.
    pub fn changed_from(&self) -> Option<&'a Ticket> {
        let told = |event: &Event| matches!(event.what, What::Changed { .. } | What::Repeated { .. });
        let differs =
            |before: &&Ticket| before.priority != self.ticket.priority || before.facts != self.ticket.facts;
        self.before.filter(|_| self.outcome.events.iter().any(told)).filter(differs)
    }

    /// It happened.
    pub fn note(&mut self, what: What) {
        let by = self.by.clone();
        self.note_by(by, what);
    }

    /// It happened of itself, whoever set it off.
    pub fn note_system(&mut self, what: What) {
        self.note_by(Actor::System, what);
    }

    /// An escalation that nobody asked for; `request`: what those who are asked then still read.
    pub fn note_automatic(&mut self, reason: String, request: Request) {
        self.note_system(What::Escalated { kind: Escalation::Automatic, reason, request, returns: false });
    }

    fn note_by(&mut self, by: Actor, what: What) {
        let ended = self.clocks_ended_by(&what);
        // These only halt them.
        let kept =
            !matches!(what, What::Pended { .. } | What::VendorAsked { .. } | What::VendorRecalled { .. });
        if !ended.is_empty() {
            self.pass_thresholds(ended);
        }
        let event = Event { ticket: self.ticket.id, seq: self.ticket.seq + 1, at: self.now, by, what };
        let batch = self.ticket.offer.as_ref().and_then(|offer| offer.handoff);
        self.ticket.apply(&event);
        if let Some(batch) = batch {
            self.keep_batch_true(batch, &event.what);
        }
        self.outcome.events.push(event);
        if kept {
            self.meet_clocks(ended);
        }
    }

    /// Told once the decision is on disk. The id names the ticket, the event it belongs to and the receiver's
    /// place; a later stage has it with its number behind.
    pub fn tell(&mut self, to: &PersonId, kind: NoticeKind, says: Says) {
        let mut id = format!("{}-{}-{}", self.ticket.id, self.ticket.seq, self.told);
        // What was told after the backup had the same numbers.
        if self.outcome.numbers.epoch > 0 {
            id += &format!("-{}", self.outcome.numbers.epoch);
        }
        self.told += 1;
        let expires_at = match kind {
            NoticeKind::Offer | NoticeKind::Page => self.ticket.offer.as_ref().map(|offer| offer.expires_at),
            NoticeKind::Approval => self.ticket.approval.as_ref().map(|approval| approval.until),
            _ => None,
        };
        let notice = Notice {
            id,
            at: self.now,
            ticket: Some(self.ticket.id),
            priority: Some(self.ticket.priority),
            kind,
            to: to.clone(),
            about: self.about(),
            says,
            expires_at,
            stage: None,
        };
        self.outcome.notices.extend(notice.in_stages(self.rules.coverage));
    }

    fn about(&self) -> About {
        let facts = &self.ticket.facts;
        About {
            title: facts.title.clone(),
            customer: self
                .profile()
                .customer
                .map(|customer| customer.name.clone())
                .filter(|name| !name.is_empty()),
            service: facts.service.as_ref().map(ToString::to_string),
            category: facts.category.clone(),
            knowledge: self.org.knowledge(facts.category.as_deref()).map(str::to_owned),
            audience: facts.audience,
        }
    }

    pub fn profile(&self) -> Profile<'_> {
        Profile::of(self.org, &self.ticket.facts)
    }

    /// Its priority calls people on call.
    pub fn pages(&self) -> bool {
        self.org.priority(self.ticket.priority).pages()
    }

    pub fn when_closed(&self) -> WhenClosed {
        self.org.priority(self.ticket.priority).when_closed
    }

    pub fn policy(&self) -> Option<&'a Policy> {
        self.org.policies.get(&self.ticket.path.policy)
    }

    /// `None`: the files no longer have it.
    pub fn step(&self) -> Option<&'a Step> {
        self.policy()?.steps.get(self.ticket.path.step)
    }

    /// Live tickets a person holds or is asked for first, this one apart.
    pub fn load(&self, person: &PersonId) -> u32 {
        let counted = self.before.into_iter().flat_map(counts_for);
        let this = counted.filter(|counted| *counted == person).count() as u32;
        self.desk.load(person).saturating_sub(this)
    }

    /// Whose clock a wait of this ticket goes by.
    pub fn wait_clock(&self, team: &TeamId) -> WaitClock {
        match self.when_closed() {
            WhenClosed::Park => WaitClock::Open { team: team.clone() },
            WhenClosed::Page | WhenClosed::Next => WaitClock::Calendar,
        }
    }

    /// The wait, running by `clock` from now on with what it has spent so far, limited by `allowed`.
    pub fn run_wait(&self, before: Option<&Wait>, allowed: TimeDelta, clock: WaitClock) -> Wait {
        let spent = before.map_or(TimeDelta::zero(), |wait| self.spent(wait));
        let left = (allowed - spent).max(TimeDelta::zero());
        let due = clock.reaches(self.rules.coverage, self.now, left);
        Wait { allowed, spent, clock, running_since: Some(self.now), due }
    }

    /// A running wait with its end as coverage has it now.
    fn with_due(&self, wait: Wait) -> Wait {
        let due = match (&wait.clock, wait.running_since) {
            (WaitClock::Open { team }, Some(since)) => self.rules.coverage.after_open(
                team,
                since,
                (wait.allowed - wait.spent).max(TimeDelta::zero()),
            ),
            _ => wait.due,
        };
        Wait { due, ..wait }
    }

    pub fn stop_wait(&self, wait: &Wait) -> Wait {
        Wait { spent: self.spent(wait), running_since: None, due: None, ..wait.clone() }
    }

    /// In whole seconds, as it is written down.
    fn spent(&self, wait: &Wait) -> TimeDelta {
        let Some(since) = wait.running_since else { return wait.spent };
        wait.spent + TimeDelta::seconds(self.counted(&wait.clock, since).num_seconds())
    }

    /// What of the time from `since` until now counts.
    pub fn counted(&self, clock: &WaitClock, since: DateTime<Utc>) -> TimeDelta {
        clock.counted(self.rules.coverage, since, self.now)
    }

    /// The step's limit for an acknowledgement.
    pub fn acknowledge_allowed(&self) -> TimeDelta {
        let own = self.step().and_then(|step| step.acknowledge_within.get(&self.ticket.priority));
        own.copied().unwrap_or(self.org.priority(self.ticket.priority).acknowledge_within)
    }

    /// The resolution wait, started or going on, by the clock of the holder's team; standing still without one.
    pub fn set_waits(&mut self, acknowledge: Option<Wait>) {
        let before = self.ticket.resolve.clone();
        let allowed = self.org.priority(self.ticket.priority).resolve_within;
        let resolve = match (&self.ticket.holder, allowed) {
            (_, None) => None,
            (Holder::Person { team, .. }, Some(allowed)) => {
                let clock = self.wait_clock(team);
                match before {
                    Some(wait)
                        if wait.running_since.is_some() && wait.clock == clock && wait.allowed == allowed =>
                    {
                        Some(self.with_due(wait))
                    }
                    before => Some(self.run_wait(before.as_ref(), allowed, clock)),
                }
            }
            (_, Some(_)) => before.map(|wait| if self.pages() { wait } else { self.stop_wait(&wait) }),
        };
        if acknowledge != self.ticket.acknowledge || resolve != self.ticket.resolve {
            self.note_system(What::WaitsSet { acknowledge, resolve });
        }
    }
}

/// A case that is decided, ready for the desk.
pub(super) struct Settled {
    pub saved: Saved,
    pub outcome: Decision,
    pub now: DateTime<Utc>,
    /// Teams with a queue in which somebody has more room than before.
    pub freed: Vec<TeamId>,
}

/// Whom a ticket counts for: its holder, and whoever is asked by name to take it in their hours.
pub(super) fn counts_for(ticket: &Ticket) -> impl Iterator<Item = &PersonId> {
    let holder = ticket.holder.person().filter(|_| ticket.live());
    let asked = ticket.offer.iter().filter(|offer| !offer.is_page()).flat_map(|offer| &offer.ask);
    holder.into_iter().chain(asked)
}
