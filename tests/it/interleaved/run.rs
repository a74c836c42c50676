//! One organisation on several nodes for some days of virtual time: who goes on at each touch, what goes wrong there,
//! and what somebody asks meanwhile. Everything follows from the seed, or from the part of it that is played again.

mod asked;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use meridian::desk::Changes;
use meridian::engine::EngineError;
use meridian::store::Last;

use super::face::{Database, Verdict};
use super::flaws::Flaw;
use super::judge::{Judge, Wrong};
use super::node::Node;
use super::script::{Ask, Chooser, Fault, Item, in_words};
use crate::simulation::life::{Life, Setting};

pub const NODES: usize = 3;
/// The database ends a transaction of which nothing was heard for so long.
const IDLE_MAX: TimeDelta = TimeDelta::seconds(10);
/// Nobody waits for the lock longer.
const LOCK_WAIT: TimeDelta = TimeDelta::seconds(15);
/// Of a cut network nothing is heard; then the system gives the connection up.
const SILENCE: TimeDelta = TimeDelta::seconds(40);
/// Whoever asked a node asks another one then, with the same key.
const PATIENCE: TimeDelta = TimeDelta::seconds(20);
const ASKED_AGAIN_AFTER: TimeDelta = TimeDelta::milliseconds(1_500);
/// Once everything is well again, all must be done within this.
const QUIET_WITHIN: TimeDelta = TimeDelta::minutes(20);
/// Nobody's clock runs wrong by so much of itself.
const FAR_OFF: TimeDelta = TimeDelta::minutes(1);
const TOUCHES_AT_ONCE: u32 = 4_000;

/// What a run is to be.
pub struct Plan<'a> {
    pub seed: u64,
    pub days: i64,
    /// `None`: whatever chance brings, written down.
    pub script: Option<&'a [Item]>,
    /// Whether it keeps a trace for people.
    pub told: bool,
    /// Of the store, to see whether it is found out.
    pub flaw: Option<Flaw>,
}

impl Plan<'_> {
    pub fn by_chance(seed: u64, days: i64) -> Plan<'static> {
        Plan { seed, days, script: None, told: false, flaw: None }
    }
}

pub struct Played {
    pub script: Vec<Item>,
    pub wrong: Option<Wrong>,
    pub hash: u64,
    pub batches: u64,
    pub touches: u64,
    pub virtual_time: TimeDelta,
    pub trace: Vec<(DateTime<Utc>, String)>,
    pub files: String,
    /// In their order, where it was told.
    pub commits: Vec<(Changes, Last)>,
}

/// Somebody waits for an answer.
struct Asked {
    ask: Ask,
    node: usize,
    /// When another node is asked.
    again_at: DateTime<Utc>,
}

pub enum Told {
    Answer(usize, Box<Result<meridian::desk::Answer, EngineError>>),
    Done(usize, Result<(), EngineError>),
    Explained(usize, Vec<String>),
}

pub struct Run {
    pub now: DateTime<Utc>,
    began: DateTime<Utc>,
    until: DateTime<Utc>,
    exploring: bool,
    life: Life,
    rng: Rng,
    script: Vec<Item>,
    /// Of the script, what has not come yet.
    next: usize,
    database: Database,
    nodes: Vec<Node>,
    asked: BTreeMap<usize, Asked>,
    told: Arc<Mutex<Vec<Told>>>,
    judge: Judge,
    away_until: Option<DateTime<Utc>>,
    /// No receiver takes anything until then, and whether they hang.
    deaf_until: Option<(DateTime<Utc>, bool)>,
    /// When the last trouble is over.
    disturbed: DateTime<Utc>,
    /// So often nothing came of waiting for what is due.
    waited: u32,
    commits: Vec<(Changes, Last)>,
}

pub fn play(plan: &Plan) -> Played {
    let mut run = Run::new(plan);
    let outcome = run.play();
    let mut inner = run.database.lock();
    let hash = std::mem::take(&mut inner.hash);
    Played {
        script: std::mem::take(&mut run.script),
        wrong: outcome.err(),
        hash: hash.finish(),
        batches: inner.rows.last().batch.unsigned_abs(),
        touches: inner.came,
        virtual_time: run.now - run.began,
        trace: inner.trace.take().unwrap_or_default(),
        files: run.life.plan.text(),
        commits: std::mem::take(&mut run.commits),
    }
}

impl Run {
    fn new(plan: &Plan) -> Run {
        let exploring = plan.script.is_none();
        let life = Life::small(Setting { seed: plan.seed, days: plan.days, restarts: false });
        let mut nodes: Vec<Node> = (0..NODES).map(Node::new).collect();
        nodes.iter().for_each(|node| node.write(&life.plan.text()));
        let mut rng = Rng::with_seed(plan.seed ^ 0x006e_6f64_6573);
        let mut script = plan.script.map_or(Vec::new(), <[Item]>::to_vec);
        if exploring {
            for node in 0..NODES {
                if rng.bool() {
                    script.push(Item::Skew { node, milliseconds: rng.i64(-3_000..3_000) });
                }
            }
        }
        let mut faults = BTreeMap::new();
        for item in &script {
            match item {
                Item::Skew { node, milliseconds } => {
                    nodes[*node].skew = TimeDelta::milliseconds(*milliseconds)
                }
                Item::Fault { node, number, fault, .. } => drop(faults.insert((*node, *number), *fault)),
                _ => (),
            }
        }
        let chooser = Chooser { chance: exploring.then(|| rng.fork()), faults, chosen: Vec::new() };
        let now = life.world.now();
        // What the nodes draw of themselves.
        fastrand::seed(plan.seed);
        Run {
            now,
            began: now,
            until: life.until,
            exploring,
            life,
            rng,
            next: if exploring { script.len() } else { 0 },
            script,
            database: Database::new(now, chooser, plan.told, plan.flaw),
            nodes,
            asked: BTreeMap::new(),
            told: Arc::default(),
            judge: Judge::default(),
            away_until: None,
            deaf_until: None,
            disturbed: now,
            waited: 0,
            commits: Vec::new(),
        }
    }

    fn play(&mut self) -> Result<(), Wrong> {
        for node in &mut self.nodes {
            node.start(&self.database, self.now);
            node.drive(&self.database);
        }
        self.settle()?;
        while let Some(next) = self.next_instant().filter(|next| *next <= self.until) {
            self.move_to(next)?;
        }
        self.heal();
        let end = self.now + QUIET_WITHIN;
        while !self.is_quiet() {
            let next = self.next_instant().unwrap_or(self.now + TimeDelta::seconds(5));
            if next > end {
                return Err(Wrong::new("never quiet", None, self.what_is_left()));
            }
            self.move_to(next)?;
        }
        // Whoever has not heard of the last commit asks by now.
        for _ in 0..3 {
            self.move_to(self.now + TimeDelta::seconds(3))?;
        }
        self.compare_nodes()?;
        self.judge.at_the_end(&mut self.life, &self.database.lock().rows, self.now)
    }

    /// Lets touches through, one at a time, until nobody waits who could go on.
    fn settle(&mut self) -> Result<(), Wrong> {
        let mut touches = 0;
        loop {
            self.look()?;
            let Some(touch) = self.whose_turn() else { return Ok(()) };
            self.let_through(touch);
            touches += 1;
            if touches > TOUCHES_AT_ONCE {
                return Err(Wrong::new("spinning", None, self.what_is_left()));
            }
        }
    }

    fn whose_turn(&self) -> Option<u64> {
        let inner = self.database.lock();
        let ready = inner.touches.iter().filter(|(_, touch)| {
            let is_locked = inner.lock.is_some() && self.away_until.is_none();
            let waits_for_lock = touch.what == "begin" && !touch.done && is_locked;
            let held = touch.held_until.is_some_and(|until| until > self.now);
            !(self.nodes[touch.node].stands_still() || held || waits_for_lock)
        });
        let mut ready = ready.map(|(id, touch)| (touch.fault == Some(Fault::Late), *id)).collect::<Vec<_>>();
        ready.sort_unstable();
        ready.first().map(|(_, id)| *id)
    }

    fn let_through(&mut self, id: u64) {
        let (node, fault) = {
            let mut inner = self.database.lock();
            let touch = inner.touches.get_mut(&id).expect("it waits");
            let fault = touch.fault.take();
            let (node, number, what, batch, done) =
                (touch.node, touch.number, touch.what, touch.batch, touch.done);
            let fault = match (what, self.away_until, self.deaf_until) {
                ("send", _, Some((_, hangs))) if !done => {
                    Some(if hangs { Fault::Silence } else { Fault::Cut })
                }
                ("send", _, _) | (_, None, _) => fault,
                (_, Some(_), _) => Some(Fault::Cut),
            };
            if fault == Some(Fault::Silence) {
                touch.held_until = Some(self.now + SILENCE);
                touch.fault = Some(Fault::Cut);
            }
            let verdict = match fault {
                None | Some(Fault::Late) => Some(Verdict::Go),
                Some(Fault::Cut) => Some(Verdict::Fail),
                Some(Fault::AnswerLost) => Some(Verdict::GoAndLose),
                Some(Fault::Refuses) => Some(Verdict::Refuse),
                Some(Fault::DiesAfter(_) | Fault::StandsStillAfter(_)) => Some(Verdict::GoAndHold),
                Some(Fault::DiesBefore(_) | Fault::Silence | Fault::StandsStill(_)) => None,
            };
            let said = fault.map_or(String::new(), |fault| format!(" {fault:?}"));
            let after = if done { " (the answer)" } else { "" };
            inner.note(|| format!("  node {node}, touch {number}: {what}{after}{said}"));
            if fault == Some(Fault::Cut)
                && let Some(batch) = batch
            {
                inner.end(batch);
            }
            if let Some(verdict) = verdict {
                inner.say(id, verdict);
            }
            (node, fault)
        };
        let in_force = self.nodes[node].engine().map(|engine| engine.in_force());
        self.judge.decides_by(node, in_force);
        self.nodes[node].drive(&self.database);
        match fault {
            Some(Fault::DiesBefore(after) | Fault::DiesAfter(after)) => {
                let back_at = self.now + TimeDelta::seconds(after);
                self.nodes[node].die(&self.database, back_at);
                self.disturb(back_at);
            }
            Some(Fault::StandsStill(lasts) | Fault::StandsStillAfter(lasts)) => {
                let until = self.now + TimeDelta::seconds(lasts);
                self.nodes[node].still_until = Some(until);
                self.disturb(until);
            }
            Some(Fault::Silence) => self.disturb(self.now + SILENCE),
            Some(Fault::Cut | Fault::AnswerLost | Fault::Refuses) => self.disturb(self.now),
            Some(Fault::Late) | None => (),
        }
        if !self.database.lock().commits.is_empty() {
            self.nodes.iter().for_each(|node| node.drive(&self.database));
        }
    }

    fn disturb(&mut self, until: DateTime<Utc>) {
        self.disturbed = self.disturbed.max(until);
    }

    /// What was committed and answered is judged.
    fn look(&mut self) -> Result<(), Wrong> {
        let (commits, chosen, gone) = {
            let mut inner = self.database.lock();
            if let Some(wrong) = inner.wrong.take() {
                return Err(wrong);
            }
            let chosen = std::mem::take(&mut inner.chooser.chosen);
            (std::mem::take(&mut inner.commits), chosen, std::mem::take(&mut inner.gone))
        };
        self.script.extend(chosen);
        if self.exploring {
            self.next = self.script.len();
        }
        self.judge.let_go(&gone, &self.life, self.now)?;
        for commit in commits {
            let mut inner = self.database.lock();
            (commit.last.batch, commit.last.decided_at.map(|at| at.timestamp_millis())).hash(&mut inner.hash);
            serde_json::to_string(&commit.changes.events).unwrap().hash(&mut inner.hash);
            inner.note(|| self.judge.in_words(&commit));
            if inner.trace.is_some() {
                self.commits.push((commit.changes.clone(), commit.last));
            }
            let news = self.judge.committed(&mut self.life, &inner.rows, commit)?;
            drop(inner);
            if self.exploring {
                self.life.react(&news);
            }
        }
        let told = std::mem::take(&mut *self.told.lock().unwrap());
        told.into_iter().try_for_each(|told| self.hear(told))?;
        for node in 0..NODES {
            if let Some(why) = self.nodes[node].failed() {
                self.database.lock().note(|| format!("  node {node} could not start: {why}"));
                self.nodes[node].die(&self.database, self.now + TimeDelta::seconds(2));
                self.disturb(self.now + TimeDelta::seconds(2));
            }
        }
        Ok(())
    }

    fn hear(&mut self, told: Told) -> Result<(), Wrong> {
        let (number, outcome) = match told {
            Told::Explained(node, explained) => {
                self.judge.explained.insert(node, explained);
                return Ok(());
            }
            Told::Answer(number, answer) => {
                let inner = self.database.lock();
                if let Ok(answer) = &*answer {
                    self.judge.answered(number, answer, &inner.rows)?;
                }
                (number, answer.map(drop))
            }
            Told::Done(number, done) => {
                let keyed = self.asked.get(&number).is_some_and(|asked| matches!(asked.ask, Ask::Leave(_)));
                if done.is_ok() && keyed {
                    self.judge.is_remembered(number, &self.database.lock().rows)?;
                }
                (number, done)
            }
        };
        let said = outcome.as_ref().map_or_else(|error| format!("{error}"), |()| "done".to_owned());
        {
            let mut inner = self.database.lock();
            (number, said.as_str()).hash(&mut inner.hash);
            inner.note(|| format!("  request {number} is answered: {said}"));
        }
        match outcome {
            Err(
                EngineError::Unavailable(_)
                | EngineError::Overloaded
                | EngineError::TooManyOfOne
                | EngineError::Stopping,
            ) => {
                let again_at = self.now + ASKED_AGAIN_AFTER;
                if let Some(asked) = self.asked.get_mut(&number) {
                    asked.again_at = asked.again_at.min(again_at);
                }
                Ok(())
            }
            Err(EngineError::Fault(fault)) => Err(Wrong::new("a fault", None, format!("{fault:#}"))),
            Err(EngineError::KeyReused) => {
                Err(Wrong::new("key reused", None, format!("of request {number}")))
            }
            Ok(())
            | Err(EngineError::Refused(_) | EngineError::Invalid(_) | EngineError::NotFound { .. }) => {
                self.asked.remove(&number);
                Ok(())
            }
        }
    }

    /// When something may happen next; `None`: nothing ever.
    fn next_instant(&mut self) -> Option<DateTime<Utc>> {
        let now = self.now;
        let inner = self.database.lock();
        let mut at: Vec<DateTime<Utc>> = Vec::new();
        at.extend(if self.exploring { self.life.next_at() } else { self.script_at() });
        let (wake, notice) = (inner.rows.next_wake(), inner.rows.next_notice());
        let mut due: Vec<DateTime<Utc>> =
            [wake, notice, inner.rows.next_wakes_by()].into_iter().flatten().collect();
        // By clocks that are ahead it is due sooner.
        due.extend(
            wake.iter()
                .flat_map(|at| self.nodes.iter().filter(|node| node.is_up()).map(|node| *at - node.skew)),
        );
        at.extend(&due);
        at.extend(inner.lock.map(|(_, heard)| heard + IDLE_MAX));
        for touch in inner.touches.values() {
            at.extend(
                touch.held_until.into_iter().flat_map(|until| [until, touch.since + TimeDelta::seconds(31)]),
            );
            at.extend((touch.what == "send").then_some(touch.since + TimeDelta::seconds(10)));
            at.extend((touch.what == "begin").then_some(touch.since + LOCK_WAIT));
        }
        at.extend(self.nodes.iter().flat_map(|node| [node.back_at, node.still_until]).flatten());
        at.extend(self.away_until);
        at.extend(self.deaf_until.map(|(until, _)| until));
        at.extend(self.asked.values().map(|asked| asked.again_at));
        let starting = self.nodes.iter().any(|node| node.alive.is_some() && node.engine().is_none());
        let soon = starting || !self.asked.is_empty() || due.iter().any(|at| *at <= now);
        if soon {
            at.push(now + TimeDelta::milliseconds((60 << self.waited.min(6)).min(3_000)));
            self.waited += 1;
        } else {
            self.waited = 0;
        }
        drop(inner);
        at.into_iter().filter(|at| *at > now).min()
    }

    fn script_at(&self) -> Option<DateTime<Utc>> {
        self.script[self.next..].iter().find_map(|item| match item {
            Item::Ask { at, .. }
            | Item::Away { at, .. }
            | Item::Deaf { at, .. }
            | Item::Step { at, .. }
            | Item::Pass { at } => Some(*at),
            _ => None,
        })
    }

    fn move_to(&mut self, at: DateTime<Utc>) -> Result<(), Wrong> {
        self.now = at;
        {
            let mut inner = self.database.lock();
            inner.now = at;
            if inner.lock.is_some_and(|(_, heard)| at >= heard + IDLE_MAX) {
                inner.note(|| "  the database ends a transaction of which nothing is heard".to_owned());
                inner.lock = None;
            }
            let waiting = inner
                .touches
                .iter()
                .filter(|(_, touch)| touch.what == "begin" && !touch.done && touch.since + LOCK_WAIT <= at);
            let waiting: Vec<u64> = waiting.map(|(id, _)| *id).collect();
            for id in waiting {
                if !self.nodes[inner.touches[&id].node].stands_still() {
                    inner.say(id, Verdict::Fail);
                }
            }
        }
        self.away_until.take_if(|until| *until <= at);
        self.deaf_until.take_if(|(until, _)| *until <= at);
        for node in &mut self.nodes {
            node.still_until.take_if(|until| *until <= at);
            if node.back_at.is_some_and(|back| back <= at) {
                self.database.lock().note(|| format!("  node {} starts", node.number));
                node.start(&self.database, at);
            }
            node.move_to(&self.database, at);
        }
        self.happen();
        self.ask_again();
        self.settle()?;
        let inner = self.database.lock();
        self.judge.nothing_is_overdue(&inner.rows, self.now, self.disturbed)
    }

    /// No more trouble, and whoever is down comes back.
    fn heal(&mut self) {
        self.exploring = false;
        self.next = self.script.len();
        {
            let mut inner = self.database.lock();
            inner.chooser = Chooser { chance: None, faults: BTreeMap::new(), chosen: Vec::new() };
            inner.touches.values_mut().for_each(|touch| touch.fault = None);
            inner.note(|| "  everything is well again".to_owned());
        }
        (self.away_until, self.deaf_until) = (None, None);
        for node in &mut self.nodes {
            (node.still_until, node.back_at) = (None, node.back_at.map(|_| self.now + TimeDelta::seconds(1)));
        }
        self.disturb(self.now);
    }

    fn is_quiet(&self) -> bool {
        let inner = self.database.lock();
        let due = [inner.rows.next_wake(), inner.rows.next_notice()];
        self.asked.is_empty()
            && self.nodes.iter().all(Node::is_up)
            && inner.touches.is_empty()
            && due.into_iter().flatten().all(|at| at > self.now)
    }

    fn what_is_left(&self) -> String {
        let inner = self.database.lock();
        let up: Vec<bool> = self.nodes.iter().map(Node::is_up).collect();
        let touches: Vec<_> = inner.touches.values().map(|touch| (touch.node, touch.what)).collect();
        let asked: Vec<_> =
            self.asked.iter().map(|(number, one)| (number, one.node, in_words(&one.ask))).collect();
        let due = (inner.rows.next_wake(), inner.rows.next_notice());
        format!("at {}: nodes up {up:?}, due {due:?}, touches {touches:?}, asked {asked:?}", self.now)
    }

    /// All work by one revision, and would decide alike.
    fn compare_nodes(&mut self) -> Result<(), Wrong> {
        let at = self.now;
        let questions: Vec<_> = (0..6).map(|_| crate::simulation::people::facts(&mut self.life)).collect();
        for node in &self.nodes {
            let engine = node.engine().expect("it is up");
            let (told, number, questions) = (self.told.clone(), node.number, questions.clone());
            node.spawn(async move {
                let mut explained = Vec::new();
                for facts in questions {
                    explained.push(match engine.explain(facts, Some(at)).await {
                        Ok(explanation) => serde_json::to_string(&explanation).unwrap(),
                        Err(error) => error.to_string(),
                    });
                }
                told.lock().unwrap().push(Told::Explained(number, explained));
            });
            node.drive(&self.database);
        }
        self.settle()?;
        let in_force: Vec<_> =
            self.nodes.iter().map(|node| node.engine().expect("it is up").in_force()).collect();
        let revision = self.database.lock().rows.last().revision;
        for (node, in_force) in in_force.iter().enumerate() {
            if in_force.revision != revision {
                let what = format!("node {node} works by revision {}, not {revision}", in_force.revision);
                return Err(Wrong::new("revision", None, what));
            }
        }
        let said: BTreeSet<&Vec<String>> = self.judge.explained.values().collect();
        if said.len() != 1 || self.judge.explained.len() != NODES {
            let what = format!("the nodes would decide differently: {:#?}", self.judge.explained);
            return Err(Wrong::new("desks differ", None, what));
        }
        Ok(())
    }
}

pub fn key(number: usize) -> String {
    format!("request {number}")
}

pub fn key_of_ticket(number: usize) -> String {
    format!("ask-{number}")
}
