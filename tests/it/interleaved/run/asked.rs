//! What comes by itself, and what somebody asks of which node until it is answered.

use chrono::{DateTime, TimeDelta, Utc};
use meridian::desk::Action;
use meridian::engine::IdempotencyKey;
use meridian::store::DayKind;
use serde_json::json;

use super::super::script::{Ask, Item, in_words};
use super::{ASKED_AGAIN_AFTER, Asked, FAR_OFF, NODES, PATIENCE, Run, Told, key, key_of_ticket};
use crate::simulation::life::Coming;
use crate::simulation::organisation::{chance, pick};

impl Run {
    /// Whatever comes by itself, by now.
    pub(super) fn happen(&mut self) {
        if self.exploring {
            while self.life.next_at().is_some_and(|at| at <= self.now) {
                self.life.world.sleep_until(self.now);
                let coming = self.life.next_coming().expect("there is a next");
                let item = self.foresee(coming);
                self.script.push(item);
            }
            // Faults that were chosen before are among them.
            for number in self.next..self.script.len() {
                self.carry_out(number);
            }
            self.next = self.script.len();
        } else {
            while let Some(number) = (self.next < self.script.len()).then_some(self.next) {
                if self.script_at().is_some_and(|at| at > self.now) {
                    break;
                }
                self.carry_out(number);
                self.next += 1;
            }
        }
    }

    fn foresee(&mut self, coming: Coming) -> Item {
        let at = self.now;
        let node = self.rng.usize(..NODES);
        let ask = match &coming {
            Coming::Edit => {
                let before = self.life.plan.clone();
                let said = self.life.plan.edit(&mut self.life.rng);
                if self.life.plan.organisation().is_err() {
                    self.life.plan = before;
                    return Item::Pass { at };
                }
                Some(Ask::Edit { text: self.life.plan.text(), said })
            }
            Coming::Ill => {
                let person = pick(&mut self.life.rng, &self.life.plan.people());
                let lasts = self.life.within_minutes(60, 6000);
                if chance(&mut self.life.rng, 50) {
                    let after = self.life.within_minutes(5, 2000);
                    self.life.later(after, Coming::Back(0));
                }
                let time = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
                Some(Ask::Leave(json!({"person": person, "from": time(at), "to": time(at + lasts)})))
            }
            Coming::Back(_) => Some(Ask::Unleave),
            Coming::Outage => {
                let seconds = self.rng.i64(1..900);
                return match self.rng.u32(..3) {
                    0 => Item::Away { at, seconds },
                    kind => Item::Deaf { at, seconds, hangs: kind == 1 },
                };
            }
            Coming::Restart => {
                let (near, hour) = (self.rng.i64(-5_000..5_000), 3_600_000);
                let milliseconds = near + if self.rng.bool() { hour } else { 0 };
                return Item::Step { at, node, milliseconds };
            }
            coming => self.life.asks(coming).map(|command| Ask::Take(Box::new(command))),
        };
        ask.map_or(Item::Pass { at }, |ask| Item::Ask { at, node, ask })
    }

    fn carry_out(&mut self, number: usize) {
        let item = self.script[number].clone();
        if !matches!(item, Item::Fault { .. } | Item::Pass { .. } | Item::Skew { .. }) {
            self.database.lock().note(|| format!("[{number}] {}", item.words()));
        }
        match item {
            Item::Away { seconds, .. } => {
                let until = self.now + TimeDelta::seconds(seconds);
                self.away_until = Some(until);
                self.disturb(until);
                self.database.lock().lock = None;
            }
            Item::Deaf { seconds, hangs, .. } => {
                let until = self.now + TimeDelta::seconds(seconds);
                self.deaf_until = Some((until, hangs));
                self.disturb(until);
            }
            Item::Step { node, milliseconds, .. } => {
                for other in self.nodes.iter_mut().filter(|other| other.skew.abs() > FAR_OFF) {
                    other.skew = TimeDelta::zero();
                }
                self.nodes[node].skew = TimeDelta::milliseconds(milliseconds);
            }
            Item::Ask { node, ask: Ask::Edit { text, .. }, .. } => {
                self.nodes.iter().for_each(|node| node.write(&text));
                for place in 0..NODES {
                    let node = &self.nodes[(node + place) % NODES];
                    if let Some(engine) = node.engine() {
                        node.spawn(async move { drop(engine.reload().await) });
                    }
                    node.drive(&self.database);
                }
            }
            Item::Ask { node, ask, .. } => {
                self.asked.insert(number, Asked { ask, node, again_at: self.now });
                self.hand_in(number);
            }
            Item::Fault { .. } | Item::Pass { .. } | Item::Skew { .. } => (),
        }
    }

    pub(super) fn ask_again(&mut self) {
        let now = self.now;
        let due: Vec<usize> =
            self.asked.iter().filter(|(_, asked)| asked.again_at <= now).map(|(number, _)| *number).collect();
        for number in due {
            let asked = self.asked.get_mut(&number).expect("it waits");
            asked.node = (asked.node + 1) % NODES;
            self.hand_in(number);
        }
    }

    /// Of the node, or of the next one that is up.
    fn hand_in(&mut self, number: usize) {
        let asked = self.asked.get_mut(&number).expect("it waits");
        let up = (0..NODES).map(|place| (asked.node + place) % NODES).find(|node| self.nodes[*node].is_up());
        let Some(up) = up else {
            asked.again_at = self.now + ASKED_AGAIN_AFTER;
            return;
        };
        (asked.node, asked.again_at) = (up, self.now + PATIENCE);
        let engine = self.nodes[up].engine().expect("it is up");
        let key = Some(IdempotencyKey { key: key(number), fingerprint: "the same".into() });
        let (ask, told) = (asked.ask.clone(), self.told.clone());
        self.database.lock().note(|| format!("  request {number} to node {up}: {}", in_words(&ask)));
        match ask {
            Ask::Take(command) => {
                let mut command = *command;
                if let Action::Open(facts) = &mut command.action {
                    facts.external_ref = Some(key_of_ticket(number));
                }
                self.nodes[up].spawn(async move {
                    let answer = engine.take(command, key).await;
                    told.lock().unwrap().push(Told::Answer(number, Box::new(answer)));
                });
            }
            Ask::Leave(body) => self.nodes[up].spawn(async move {
                let done = engine.add_day_row(DayKind::Leave, body, "lead".into(), key).await;
                told.lock().unwrap().push(Told::Done(number, done.map(drop)));
            }),
            Ask::Unleave => {
                let oldest =
                    self.database.lock().rows.day.iter().find(|entry| !entry.removed).map(|e| e.row.id);
                let Some(oldest) = oldest else {
                    self.asked.remove(&number);
                    return;
                };
                self.nodes[up].spawn(async move {
                    let done = engine.remove_day_row(DayKind::Leave, oldest).await;
                    told.lock().unwrap().push(Told::Done(number, done));
                });
            }
            Ask::Edit { .. } => unreachable!("nobody waits for it"),
        }
        self.nodes[up].drive(&self.database);
    }
}
