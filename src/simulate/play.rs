//! A stream of tickets meets an organisation: from the first opening until everything is done, or time is up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::chance::{Chance, Purpose, happens, lognormal};
use super::people::{self, Coming};
use super::work::{Job, Next, Work};
use super::{Habits, Invariants, News, Opening, Step, World, absence};
use crate::coverage::{Coverage, DayChanges};
use crate::desk::{
    Action, Actor, Answer, Command, NoticeKind, PendingOn, ReplyStatus, Request, Ticket, TicketId,
    VendorReply, Verb, What,
};
use crate::report::Violation;
use crate::schedule::{Organisation, PersonId, TierId};
use crate::zone::Zones;

/// What is compiled around an instant, and how little ahead is enough before it is compiled again.
const BEHIND: TimeDelta = TimeDelta::days(40);
const AHEAD: TimeDelta = TimeDelta::days(460);
const AHEAD_MIN: TimeDelta = TimeDelta::days(400);
/// Tickets that have not changed are held against the invariants this often.
const LOOK_AT_ALL_EVERY: TimeDelta = TimeDelta::days(1);
/// A ticket that nobody on its path can solve waits for the outside world and is looked at again after this.
const BEYOND_PENDING: TimeDelta = TimeDelta::days(30);
/// Of the effort, what a ticket that comes back costs once more.
const REOPENED_SHARE: f64 = 0.3;
/// So many violations are kept; a reader needs no more.
const VIOLATIONS_KEPT: usize = 1_000;
/// How many steps pass between two words about how far it has come.
const STEPS_A_WORD: u64 = 500;

/// What is to be played.
#[derive(Clone, Debug)]
pub struct Setting {
    pub organisation: Arc<Organisation>,
    pub zones: Arc<Zones>,
    /// In order of time.
    pub openings: Vec<Opening>,
    pub habits: Habits,
    pub seed: u64,
    /// So long after the last opening it ends, whatever is still live.
    pub run_on: TimeDelta,
}

/// How far it has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub now: DateTime<Utc>,
    pub opened: usize,
    pub of: usize,
    pub live: usize,
}

/// What was played.
#[derive(Clone, Debug)]
pub struct Played {
    pub world: World,
    /// Over all of `from..until`, with all the leave there was.
    pub coverage: Coverage,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// What did not hold though it must, each once.
    pub violations: Vec<Violation>,
    /// Live tickets that nobody on their path can solve, and the tier each needs.
    pub beyond: BTreeMap<TicketId, TierId>,
    /// Everybody's leave and illness, where habits have any.
    pub absences: usize,
}

/// Plays it all. `None`: there is no ticket.
pub fn play(setting: &Setting, progress: &mut dyn FnMut(Progress)) -> Option<Played> {
    let (first, last) = (setting.openings.first()?.at, setting.openings.last()?.at);
    let mut play = Play::new(setting, first, last + setting.run_on);
    play.run(progress);
    Some(play.end(first))
}

struct Play<'a> {
    setting: &'a Setting,
    chance: Chance,
    world: World,
    changes: DayChanges,
    work: Work,
    invariants: Invariants,
    coming: BTreeMap<(DateTime<Utc>, u64), Coming>,
    number: u64,
    opened: usize,
    /// Live tickets that somebody can still do something about.
    open: BTreeSet<TicketId>,
    until: DateTime<Utc>,
    violations: Vec<Violation>,
}

impl<'a> Play<'a> {
    fn new(setting: &'a Setting, from: DateTime<Utc>, until: DateTime<Utc>) -> Play<'a> {
        let org = &setting.organisation;
        let chance = Chance { seed: setting.seed };
        let leave = absence::planned(org, chance, &setting.habits, from, until);
        let changes = DayChanges { leave, overrides: Vec::new() };
        let pace = |person: &PersonId| {
            let mut rng = chance.of(Purpose::Pace, person.as_str());
            (person.clone(), lognormal(&mut rng, setting.habits.pace_spread))
        };
        let coverage = compile(setting, &changes, from);
        let mut play = Play {
            setting,
            chance,
            world: World::new(coverage, from),
            changes,
            work: Work::with_pace(org.people.keys().map(pace).collect()),
            invariants: Invariants::new(LOOK_AT_ALL_EVERY),
            coming: BTreeMap::new(),
            number: 0,
            opened: 0,
            open: BTreeSet::new(),
            until,
            violations: Vec::new(),
        };
        play.later(from, Coming::Opening(0));
        play.later(from + AHEAD - AHEAD_MIN, Coming::Compile);
        if setting.habits.illnesses_a_year > 0.0 {
            play.later(from + TimeDelta::days(1), Coming::Morning);
        }
        play
    }

    fn run(&mut self, progress: &mut dyn FnMut(Progress)) {
        let of = self.setting.openings.len();
        for step in 0_u64.. {
            if step % STEPS_A_WORD == 0 {
                let live = self.world.desk().tickets().count();
                progress(Progress { now: self.world.now(), opened: self.opened, of, live });
            }
            if self.opened == of && self.open.is_empty() || !self.step() {
                break;
            }
        }
    }

    /// What comes next: people's commands ahead of what is due at the same instant. False: time is up.
    fn step(&mut self) -> bool {
        let coming = self.coming.first_key_value().map(|((at, _), _)| *at).filter(|at| *at <= self.until);
        let wake = self.world.desk().next_wake().filter(|at| *at <= self.until);
        match (coming, wake) {
            (None, None) => return false,
            (Some(at), wake) if wake.is_none_or(|wake| at <= wake.max(self.world.now())) => {
                let (_, coming) = self.coming.pop_first().expect("there is a first");
                self.world.sleep_until(at);
                self.happen(coming);
            }
            _ => {
                if let Some(ticket) = self.world.wake_next(self.until) {
                    self.settle(Step::Woken(ticket));
                }
            }
        }
        true
    }

    fn happen(&mut self, coming: Coming) {
        match coming {
            Coming::Opening(index) => self.open(index),
            Coming::Answer { by, ticket, verb } => {
                if people::still_asked(&self.world, &by, ticket) {
                    self.take(Actor::Person(by), ticket, verb);
                }
            }
            Coming::Approve { by, ticket, verb } => {
                let waits = self.world.desk().ticket(ticket).is_some_and(|t| t.approval.is_some());
                if waits {
                    self.take(Actor::Person(by), ticket, verb);
                }
            }
            Coming::Brief { by, ticket } => {
                let holds = self.world.desk().ticket(ticket).is_some_and(|t| t.holder.person() == Some(&by));
                if holds {
                    self.take(Actor::Person(by), ticket, people::briefing());
                }
            }
            Coming::Reply(ticket) => {
                let reason = "the customer replied".into();
                self.take(Actor::Token("customer".into()), ticket, Verb::Resume { reason });
            }
            Coming::Vendor(ticket, vendor) => {
                let is_there = |ticket: &Ticket| {
                    ticket.live() && ticket.at_vendor().is_some_and(|visit| visit.vendor == vendor)
                };
                if self.world.desk().ticket(ticket).is_some_and(is_there) {
                    let (status, text) = (ReplyStatus::Answered, "what is known of it".to_owned());
                    let reply = VendorReply { status, case: None, text };
                    self.take(Actor::Vendor(vendor), ticket, Verb::VendorReply(reply));
                }
            }
            Coming::Back(ticket) => self.back(ticket),
            Coming::Look { person, number } => {
                if self.work.is_current(&person, number) {
                    self.look(&person);
                }
            }
            Coming::Morning => self.morning(),
            Coming::Compile => {
                let coverage = compile(self.setting, &self.changes, self.world.now());
                self.world.extend(coverage);
                self.later(self.world.now() + AHEAD - AHEAD_MIN, Coming::Compile);
                self.everybody_chooses();
            }
        }
    }

    fn open(&mut self, index: usize) {
        let opening = &self.setting.openings[index];
        let by = Actor::Token("simulation".into());
        let command = Command { by, action: Action::Open(Box::new(opening.facts.clone())) };
        match self.world.take(command.clone()) {
            Ok(Answer::Ticket { ticket, created: true, .. }) => {
                let mut rng = self.chance.of(Purpose::Customer, &index.to_string());
                let asks = happens(&mut rng, self.setting.habits.asks_customer);
                let job = Job::new(index, opening, &self.setting.organisation, asks);
                self.work.jobs.insert(ticket.id, job);
                self.settle(Step::Taken(&command));
            }
            Ok(_) => self.settle(Step::Taken(&command)),
            Err(refusal) => self.settle(Step::Refused(&command, &refusal)),
        }
        self.opened += 1;
        if let Some(next) = self.setting.openings.get(index + 1) {
            self.later(next.at, Coming::Opening(index + 1));
        }
    }

    fn back(&mut self, ticket: TicketId) {
        let reason = "it is back".into();
        let reopened = self.take(Actor::Token("customer".into()), ticket, Verb::Reopen { reason });
        if !reopened && self.world.desk().ticket(ticket).is_none_or(|ticket| !ticket.live()) {
            self.open.remove(&ticket);
        }
        if let Some(job) = self.work.jobs.get_mut(&ticket).filter(|_| reopened) {
            job.reopened(REOPENED_SHARE);
        }
    }

    /// Somebody looks up from their work: something is done, or they come to work, or leave.
    fn look(&mut self, person: &PersonId) {
        self.work.bank(&self.world, person);
        if let Some((ticket, next)) = self.work.done(&self.world, person) {
            let by = Actor::Person(person.clone());
            let verb = match next {
                Next::Resolve => {
                    let closing = &self.world.coverage().organisation.closing;
                    let cause = closing.causes.first().cloned().unwrap_or_else(|| "unknown".to_owned());
                    Verb::Resolve { notes: "solved".into(), cause: Some(cause) }
                }
                Next::AskCustomer => {
                    let (on, reason) = (PendingOn::Customer, "asked the customer".to_owned());
                    Verb::Pend { on, until: None, reason }
                }
                Next::SendOn => {
                    let reason = self.needs(ticket);
                    let request = Box::new(Request::of_everything(&reason));
                    Verb::EscalateHierarchical { reason, request }
                }
                Next::GiveUp => {
                    self.open.remove(&ticket);
                    let until = Some(self.world.now() + BEYOND_PENDING);
                    let reason = format!("{}: nobody further up can be asked", self.needs(ticket));
                    Verb::Pend { on: PendingOn::Vendor, until, reason }
                }
            };
            if !self.take(by, ticket, verb.clone()) {
                let what = format!("{person} holds it, and may not do this: {verb:?}");
                self.blame(Violation { ticket: Some(ticket), at: self.world.now(), what });
                self.work.jobs.remove(&ticket);
            }
        }
        self.chooses(person);
    }

    fn needs(&self, ticket: TicketId) -> String {
        let opening = self.work.jobs.get(&ticket).map(|job| &self.setting.openings[job.opening]);
        opening.map_or(String::new(), |opening| format!("needs {}", opening.needs))
    }

    /// Who falls ill today; on a day without a live ticket nobody would notice.
    fn morning(&mut self) {
        let now = self.world.now();
        self.later(now + TimeDelta::days(1), Coming::Morning);
        if self.world.desk().tickets().next().is_none() {
            return;
        }
        let number = self.changes.leave.len();
        let org = &self.setting.organisation;
        let ill = absence::ill(org, self.chance, &self.setting.habits, now, number);
        if ill.is_empty() {
            return;
        }
        self.changes.leave.extend(ill);
        let coverage = self.world.coverage().with_changes(Arc::new(self.changes.clone()));
        self.world.edit(Arc::new(coverage));
        self.settle(Step::Other);
        self.everybody_chooses();
    }

    fn everybody_chooses(&mut self) {
        for person in self.work.everybody() {
            self.chooses(&person);
        }
    }

    fn chooses(&mut self, person: &PersonId) {
        self.work.bank(&self.world, person);
        if let Some((at, number)) = self.work.choose(&self.world, person) {
            self.later(at, Coming::Look { person: person.clone(), number });
        }
    }

    /// True: the desk has done it.
    fn take(&mut self, by: Actor, ticket: TicketId, verb: Verb) -> bool {
        let command = Command { by, action: Action::On(ticket, verb) };
        match self.world.take(command.clone()) {
            Ok(_) => {
                self.settle(Step::Taken(&command));
                true
            }
            Err(refusal) => {
                self.settle(Step::Refused(&command, &refusal));
                false
            }
        }
    }

    /// What must hold holds; then people hear of it.
    fn settle(&mut self, step: Step) {
        let news = self.world.take_news();
        for violation in self.invariants.check(&self.world, &news, step) {
            self.blame(violation);
        }
        self.hear(&news);
        for person in self.work.hear(&self.world, &news.tickets) {
            self.chooses(&person);
        }
    }

    fn blame(&mut self, violation: Violation) {
        let same = |known: &Violation| (known.ticket, &known.what) == (violation.ticket, &violation.what);
        if self.violations.len() < VIOLATIONS_KEPT && !self.violations.iter().any(same) {
            self.violations.push(violation);
        }
    }

    fn hear(&mut self, news: &News) {
        let habits = self.setting.habits;
        for at in news.notices.clone() {
            let notice = &self.world.kept().notices[at];
            let reaction = match notice.kind {
                NoticeKind::Offer | NoticeKind::Page => {
                    let load = self.work.load(&notice.to);
                    people::answer(&self.world, self.chance, &habits, notice, load)
                }
                NoticeKind::BriefingAsked => people::brief(self.chance, &habits, notice),
                NoticeKind::Approval => people::approve(&self.world, self.chance, &habits, notice),
                _ => None,
            };
            if let Some((after, coming)) = reaction {
                self.later(self.world.now().max(notice.goes_out_at()) + after, coming);
            }
        }
        for (ticket, place) in &news.events {
            let what = &self.world.kept().events[ticket][*place].what;
            match what {
                What::Opened { .. } | What::Reopened { .. } => drop(self.open.insert(*ticket)),
                What::Resolved { .. } | What::Closed { .. } => drop(self.open.remove(ticket)),
                _ => {}
            }
            let of_vendor = people::vendor(self.chance, &habits, *ticket, *place, what);
            let reaction = people::customer(self.chance, &habits, *ticket, *place, what).or(of_vendor);
            if let Some((after, coming)) = reaction {
                // A ticket that will come back is not done yet.
                if matches!(coming, Coming::Back(_)) {
                    self.open.insert(*ticket);
                }
                self.later(self.world.now() + after, coming);
            }
        }
    }

    fn later(&mut self, at: DateTime<Utc>, coming: Coming) {
        self.number += 1;
        self.coming.insert((at, self.number), coming);
    }

    fn end(mut self, from: DateTime<Utc>) -> Played {
        for violation in self.invariants.at_the_end(&self.world) {
            self.blame(violation);
        }
        let until = self.world.now();
        let Setting { organisation, zones, .. } = self.setting;
        let absences = self.changes.leave.len();
        let live = |id: &TicketId| self.world.desk().ticket(*id).is_some_and(Ticket::live);
        let beyond = self.work.jobs.iter().filter(|(id, job)| job.beyond && live(id));
        let beyond =
            beyond.map(|(id, job)| (*id, self.setting.openings[job.opening].needs.clone())).collect();
        let changes = Arc::new(self.changes);
        Played {
            coverage: Coverage::compile(organisation.clone(), zones.clone(), changes, from, until),
            world: self.world,
            from,
            until,
            violations: self.violations,
            beyond,
            absences,
        }
    }
}

fn compile(setting: &Setting, changes: &DayChanges, now: DateTime<Utc>) -> Arc<Coverage> {
    let (from, until) = (now - BEHIND, now + AHEAD);
    let (organisation, zones) = (setting.organisation.clone(), setting.zones.clone());
    Arc::new(Coverage::compile(organisation, zones, Arc::new(changes.clone()), from, until))
}
