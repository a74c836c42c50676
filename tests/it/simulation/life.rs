//! A month of one organisation: tickets come in, people answer or do not, files are edited, the daemon stops and starts.
//! Everything that happens follows from the seed.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use meridian::coverage::{Coverage, DayChanges};
use meridian::desk::{Action, Actor, Command, Event, HandoffId, NoticeKind, TicketId, What};
use meridian::report::Violation;
use meridian::schedule::{Leave, Moment, Organisation, Origin, PersonId};
use meridian::simulate::{Invariants, News, Step, World};

use super::organisation::{Plan, chance, midnight, pick, zones};
use super::people;

/// What the caller of a month may choose beside the seed.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub seed: u64,
    pub days: i64,
    /// Whether the daemon really starts anew where the seed says so; the history has to be the same.
    pub restarts: bool,
}

/// What will happen of itself at some instant.
#[derive(Clone, Debug)]
pub enum Coming {
    Ticket,
    /// Somebody answers, whatever has become of the ticket since.
    Say(Command),
    /// The holder of a ticket goes on with it, if they hold it still.
    Work(PersonId, TicketId),
    Batch(PersonId, HandoffId),
    Foolish,
    Edit,
    /// The compiled window moves on.
    Recompile,
    Ill,
    Back(i64),
    Restart,
    Outage,
}

pub struct Life {
    pub setting: Setting,
    pub world: World,
    pub plan: Plan,
    pub rng: Rng,
    pub until: DateTime<Utc>,
    /// How far ahead is compiled.
    sight: TimeDelta,
    coming: BTreeMap<(DateTime<Utc>, u64), Coming>,
    number: u64,
    changes: DayChanges,
    invariants: Invariants,
    /// What happened beside the tickets, for the story.
    pub chronicle: Vec<(DateTime<Utc>, String)>,
}

impl Life {
    pub fn new(setting: Setting) -> Life {
        let mut rng = Rng::with_seed(setting.seed);
        let plan = Plan::random(&mut rng);
        Life::of(setting, plan, rng)
    }

    /// Of an organisation that is soon compiled.
    pub fn small(setting: Setting) -> Life {
        let mut rng = Rng::with_seed(setting.seed);
        let plan = Plan::small(&mut rng);
        Life::of(setting, plan, rng)
    }

    fn of(setting: Setting, plan: Plan, mut rng: Rng) -> Life {
        let organisation = plan.organisation().unwrap_or_else(|problems| panic!("{problems}"));
        let now = midnight(plan.starts) + TimeDelta::milliseconds(rng.i64(0..86_400_000));
        let sight = TimeDelta::days(if chance(&mut rng, 50) { 12 } else { 70 });
        let changes = DayChanges::default();
        let coverage = compile(organisation, &changes, now, sight);
        let mut life = Life {
            setting,
            world: World::new(coverage, now),
            plan,
            rng,
            until: now + TimeDelta::days(setting.days),
            sight,
            coming: BTreeMap::new(),
            number: 0,
            changes,
            invariants: Invariants::new(TimeDelta::zero()),
            chronicle: Vec::new(),
        };
        life.foresee();
        life
    }

    /// The month's events that do not follow from others.
    fn foresee(&mut self) {
        let tickets = self.rng.i64(10..60);
        (0..tickets).for_each(|_| self.some_day(Coming::Ticket));
        for (coming, most) in [
            (Coming::Foolish, 60),
            (Coming::Edit, 8),
            (Coming::Ill, 8),
            (Coming::Restart, 12),
            (Coming::Outage, 3),
        ] {
            let times = self.rng.i64(0..=most);
            (0..times).for_each(|_| self.some_day(coming.clone()));
        }
        for day in (2..self.setting.days).step_by(3) {
            self.later(TimeDelta::days(day), Coming::Recompile);
        }
    }

    fn some_day(&mut self, coming: Coming) {
        let within = self.until - self.world.now();
        let after = TimeDelta::milliseconds(self.rng.i64(0..within.num_milliseconds()));
        self.later(after, coming);
    }

    pub fn later(&mut self, after: TimeDelta, coming: Coming) {
        self.number += 1;
        self.coming.insert((self.world.now() + after, self.number), coming);
    }

    /// Some time between two spans of minutes, to the millisecond.
    pub fn within_minutes(&mut self, from: i64, to: i64) -> TimeDelta {
        TimeDelta::milliseconds(self.rng.i64(from * 60_000..to * 60_000))
    }

    /// Plays the month.
    pub fn play(&mut self) -> Result<(), Violation> {
        loop {
            let next = self.coming.first_key_value().map(|((at, _), _)| *at).filter(|at| *at <= self.until);
            // An outage may reach beyond the month's end: what fell due meanwhile is still looked at.
            let end = self.until.max(self.world.now());
            let wakes = self.world.desk().next_wake().filter(|at| *at <= end);
            match (next, wakes) {
                (None, None) => break,
                // People's commands ahead of what is due at the same instant.
                (Some(at), wakes) if wakes.is_none_or(|wakes| at <= wakes.max(self.world.now())) => {
                    let ((at, _), coming) = self.coming.pop_first().expect("there is a first");
                    self.world.sleep_until(at);
                    self.happen(coming)?;
                }
                _ => {
                    let until = self.until.max(self.world.now());
                    let woken = self.world.wake_next(until);
                    self.look_at(woken.map_or(Step::Other, Step::Woken))?;
                }
            }
        }
        self.at_the_end()
    }

    pub fn at_the_end(&self) -> Result<(), Violation> {
        first(self.invariants.at_the_end(&self.world))?;
        self.is_readable()
    }

    /// What somebody asks for; `None`: nothing after all, or it is nothing that is asked of the desk.
    pub fn asks(&mut self, coming: &Coming) -> Option<Command> {
        match coming {
            Coming::Ticket => {
                let facts = people::facts(self);
                if facts.dedup_key.is_some() && chance(&mut self.rng, 60) {
                    let after = self.within_minutes(1, 3000);
                    let again = Action::Open(Box::new(facts.clone()));
                    self.later(
                        after,
                        Coming::Say(Command { by: Actor::Token("inbound".into()), action: again }),
                    );
                }
                Some(Command { by: Actor::Token("inbound".into()), action: Action::Open(Box::new(facts)) })
            }
            Coming::Say(command) => Some(command.clone()),
            Coming::Work(person, ticket) => {
                let verb = people::work(self, person, *ticket)?;
                Some(Command { by: Actor::Person(person.clone()), action: Action::On(*ticket, verb) })
            }
            Coming::Batch(person, handoff) => {
                let tickets = people::part_of_batch(self, *handoff);
                let action = Action::AcceptHandoff { handoff: *handoff, tickets };
                Some(Command { by: Actor::Person(person.clone()), action })
            }
            Coming::Foolish => Some(people::foolish(self)),
            _ => None,
        }
    }

    fn happen(&mut self, coming: Coming) -> Result<(), Violation> {
        if let Some(command) = self.asks(&coming) {
            return self.say(command);
        }
        match coming {
            Coming::Ticket | Coming::Say(_) | Coming::Work(..) | Coming::Batch(..) | Coming::Foolish => {
                Ok(())
            }
            Coming::Edit => self.edit(),
            Coming::Recompile => {
                let organisation = self.world.coverage().organisation.clone();
                self.put_to_work(organisation)
            }
            Coming::Ill => self.fall_ill(),
            Coming::Back(row) => {
                self.changes.leave.retain(|leave| leave.origin != Origin::Row(row));
                self.note(format!("back: leave {row} is over"));
                self.change_of_the_day()
            }
            Coming::Restart => {
                if self.setting.restarts {
                    self.world.restart();
                }
                self.note("restart: another desk".into());
                self.look_at(Step::Other)
            }
            Coming::Outage => {
                let lasts = self.within_minutes(1, 1200);
                self.note(format!("outage: {} minutes", lasts.num_minutes()));
                self.world.sleep_until(self.world.now() + lasts);
                if self.setting.restarts {
                    self.world.restart();
                }
                Ok(())
            }
        }
    }

    /// History, read back as text, is what was stored.
    fn is_readable(&self) -> Result<(), Violation> {
        for (id, events) in &self.world.kept().events {
            let text = serde_json::to_string(events).unwrap();
            if serde_json::from_str::<Vec<Event>>(&text).unwrap() != *events {
                let what = "its events are others once they were written and read".into();
                return Err(Violation { ticket: Some(*id), at: self.world.now(), what });
            }
        }
        Ok(())
    }

    fn say(&mut self, command: Command) -> Result<(), Violation> {
        match self.world.take(command.clone()) {
            Ok(_) => self.look_at(Step::Taken(&command)),
            Err(refusal) => self.look_at(Step::Refused(&command, &refusal)),
        }
    }

    /// What must hold holds; then people read what they were told.
    fn look_at(&mut self, step: Step) -> Result<(), Violation> {
        let news = self.world.take_news();
        self.check(&news, step)?;
        self.react(&news);
        Ok(())
    }

    pub fn check(&mut self, news: &News, step: Step) -> Result<(), Violation> {
        first(self.invariants.check(&self.world, news, step))
    }

    /// People read what they were told.
    pub fn react(&mut self, news: &News) {
        self.answer_notices(news);
        self.go_on_with_tickets(news);
    }

    /// When something happens next.
    pub fn next_at(&self) -> Option<DateTime<Utc>> {
        self.coming.first_key_value().map(|((at, _), _)| *at)
    }

    pub fn next_coming(&mut self) -> Option<Coming> {
        self.coming.pop_first().map(|(_, coming)| coming)
    }

    fn answer_notices(&mut self, news: &News) {
        let notices = self.world.kept().notices[news.notices.clone()].to_vec();
        for notice in notices {
            match notice.kind {
                NoticeKind::Offer | NoticeKind::Page => people::answer(self, &notice),
                NoticeKind::Vendor => people::vendor(self, &notice),
                NoticeKind::BriefingAsked => people::before_the_shift_ends(self, &notice),
                NoticeKind::Approval => people::approve(self, &notice),
                _ => (),
            }
        }
    }

    fn go_on_with_tickets(&mut self, news: &News) {
        for (ticket, place) in &news.events {
            let (ticket, what) = (*ticket, self.world.kept().events[ticket][*place].what.clone());
            match what {
                What::Acknowledged { seat, .. } => {
                    let after = self.within_minutes(3, 700);
                    self.later(after, Coming::Work(seat.person, ticket));
                }
                What::Pended { .. } | What::Resolved { .. } => people::customer(self, ticket, &what),
                _ => (),
            }
        }
    }

    fn edit(&mut self) -> Result<(), Violation> {
        let before = self.plan.clone();
        let said = self.plan.edit(&mut self.rng);
        match self.plan.organisation() {
            Ok(organisation) => {
                self.note(format!("edit: {said}"));
                self.drop_stale_changes(&organisation);
                self.put_to_work(organisation)
            }
            // A set with an error is never put to work.
            Err(_) => {
                self.plan = before;
                self.note(format!("refused: an edit by which {said}"));
                Ok(())
            }
        }
    }

    /// Changes of the day about people who are gone from the files are left out.
    fn drop_stale_changes(&mut self, organisation: &Organisation) {
        self.changes.leave.retain(|leave| organisation.people.contains_key(&leave.person));
    }

    fn put_to_work(&mut self, organisation: Arc<Organisation>) -> Result<(), Violation> {
        let coverage = compile(organisation, &self.changes, self.world.now(), self.sight);
        self.world.edit(coverage);
        self.look_at(Step::Other)
    }

    fn fall_ill(&mut self) -> Result<(), Violation> {
        let person = pick(&mut self.rng, &self.plan.people());
        self.number += 1;
        let row = self.number as i64;
        let now = self.world.now();
        let lasts = self.within_minutes(60, 6000);
        self.changes.leave.push(Leave {
            origin: Origin::Row(row),
            person: person.into(),
            from: Moment::Exact(now),
            to: Moment::Exact(now + lasts),
        });
        self.note(format!("ill: {person} for {} minutes (leave {row})", lasts.num_minutes()));
        if chance(&mut self.rng, 50) {
            let after = self.within_minutes(5, 2000);
            self.later(after, Coming::Back(row));
        }
        self.change_of_the_day()
    }

    fn change_of_the_day(&mut self) -> Result<(), Violation> {
        let coverage = self.world.coverage().with_changes(Arc::new(self.changes.clone()));
        self.world.edit(Arc::new(coverage));
        self.look_at(Step::Other)
    }

    fn note(&mut self, what: String) {
        self.chronicle.push((self.world.now(), what));
    }
}

fn first(found: Vec<Violation>) -> Result<(), Violation> {
    found.into_iter().next().map_or(Ok(()), Err)
}

fn compile(
    organisation: Arc<Organisation>,
    changes: &DayChanges,
    now: DateTime<Utc>,
    sight: TimeDelta,
) -> Arc<Coverage> {
    let (from, until) = (now - TimeDelta::days(2), now + sight);
    Arc::new(Coverage::compile(organisation, zones(), Arc::new(changes.clone()), from, until))
}
