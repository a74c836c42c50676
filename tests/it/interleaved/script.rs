//! All that happens to the nodes: what they are asked, and what goes wrong. Drawn from a seed as a run goes on, written
//! down, and played again, whole or in part.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use fastrand::Rng;
use meridian::desk::{Action, Actor, Command};

/// What may go wrong where a node touches the store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Everybody else who waits goes first.
    Late,
    /// The connection breaks before it was done.
    Cut,
    /// It was done, and nobody hears of it.
    AnswerLost,
    /// The process dies before it is done, and starts again after so many seconds.
    DiesBefore(i64),
    /// The same, once it is done.
    DiesAfter(i64),
    /// The network is cut for this node's connection: nothing is heard of it.
    Silence,
    /// The process stands still for so many seconds before it is done.
    StandsStill(i64),
    /// The same, once it is done.
    StandsStillAfter(i64),
    /// The receiver of a notice will never take it.
    Refuses,
}

/// What somebody wants of a node.
#[derive(Clone, Debug)]
pub enum Ask {
    Take(Box<Command>),
    Leave(serde_json::Value),
    /// The oldest leave is over before its time.
    Unleave,
    /// Other files on every node's disk, and each is told.
    Edit {
        text: String,
        said: String,
    },
}

#[derive(Clone, Debug)]
pub enum Item {
    Ask {
        at: DateTime<Utc>,
        node: usize,
        ask: Ask,
    },
    Fault {
        node: usize,
        number: u32,
        what: &'static str,
        fault: Fault,
    },
    /// The database is away for so many seconds.
    Away {
        at: DateTime<Utc>,
        seconds: i64,
    },
    /// For so many seconds no receiver takes anything: each fails, or never answers.
    Deaf {
        at: DateTime<Utc>,
        seconds: i64,
        hangs: bool,
    },
    /// The node's clock is set, and is off by so many milliseconds from then on; others that were far off are right again.
    Step {
        at: DateTime<Utc>,
        node: usize,
        milliseconds: i64,
    },
    /// Somebody looks at the clock.
    Pass {
        at: DateTime<Utc>,
    },
    /// The node's clock is off by so many milliseconds.
    Skew {
        node: usize,
        milliseconds: i64,
    },
}

impl Item {
    pub fn words(&self) -> String {
        let clock = |at: &DateTime<Utc>| at.format("%m-%d %H:%M:%S%.3f").to_string();
        match self {
            Item::Ask { at, node, ask } => format!("{}  node {node} is asked: {}", clock(at), in_words(ask)),
            Item::Fault { node, number, what, fault } => {
                let wrong = match fault {
                    Fault::Late => "waits until everybody else has gone".to_owned(),
                    Fault::Cut => "fails: the connection breaks before it is done".to_owned(),
                    Fault::AnswerLost => "is done, and its answer lost".to_owned(),
                    Fault::DiesBefore(after) => format!("is never done: the node dies, back after {after} s"),
                    Fault::DiesAfter(after) => format!("is done, and the node dies, back after {after} s"),
                    Fault::Silence => "is not answered: the network is cut".to_owned(),
                    Fault::StandsStill(lasts) => format!("comes late: the node stands still for {lasts} s"),
                    Fault::Refuses => "is refused by the receiver".to_owned(),
                    Fault::StandsStillAfter(lasts) => {
                        format!("is done, and the node stands still for {lasts} s before it hears")
                    }
                };
                format!("                    node {node}, touch {number} ({what}) {wrong}")
            }
            Item::Away { at, seconds } => format!("{}  the database is away for {seconds} s", clock(at)),
            Item::Deaf { at, seconds, hangs } => {
                let how = if *hangs { "answers" } else { "takes" };
                format!("{}  no receiver {how} anything for {seconds} s", clock(at))
            }
            Item::Step { at, node, milliseconds } => {
                format!("{}  node {node}'s clock is set, and is off by {milliseconds} ms", clock(at))
            }
            Item::Pass { at } => format!("{}  time passes", clock(at)),
            Item::Skew { node, milliseconds } => {
                format!("                    node {node}'s clock is off by {milliseconds} ms")
            }
        }
    }
}

pub fn in_words(ask: &Ask) -> String {
    match ask {
        Ask::Take(command) => {
            let by = match &command.by {
                Actor::Person(person) => person.to_string(),
                Actor::Token(token) => token.clone(),
                Actor::Vendor(vendor) => vendor.to_string(),
                Actor::System => "the daemon".to_owned(),
            };
            match &command.action {
                Action::Open(facts) => {
                    let priority =
                        facts.priority.map_or("unknown".to_owned(), |priority| priority.to_string());
                    let key = facts.dedup_key.as_ref().map_or(String::new(), |key| format!(" for {key:?}"));
                    format!("{by} opens a ticket of priority {priority}{key}")
                }
                Action::On(ticket, verb) => {
                    let verb = format!("{verb:?}");
                    let verb = verb.split([' ', '(']).next().unwrap_or_default().to_lowercase();
                    format!("{by}, ticket {ticket}: {verb}")
                }
                other => format!("{by}: {other:?}"),
            }
        }
        Ask::Leave(body) => format!("leave {body}"),
        Ask::Unleave => "the oldest leave is over".to_owned(),
        Ask::Edit { said, .. } => format!("files edited: {said}"),
    }
}

/// Says what goes wrong at a touch: by chance, or as it is written.
pub struct Chooser {
    pub chance: Option<Rng>,
    pub faults: BTreeMap<(usize, u32), Fault>,
    /// Chosen by chance, to be written down.
    pub chosen: Vec<Item>,
}

impl Chooser {
    pub fn fault(&mut self, node: usize, number: u32, what: &'static str) -> Option<Fault> {
        let Some(rng) = &mut self.chance else { return self.faults.get(&(node, number)).copied() };
        let fault = draw(rng, what)?;
        self.chosen.push(Item::Fault { node, number, what, fault });
        Some(fault)
    }
}

fn draw(rng: &mut Rng, what: &str) -> Option<Fault> {
    if what == "send" {
        return draw_of_receiver(rng);
    }
    // What is written is worth more trouble than what is read.
    let dangerous = ["begin", "save", "commit", "claim_notices", "notices_sent", "add_revision", "agrees"];
    let often = if dangerous.contains(&what) { 3 } else { 1 };
    Some(match rng.u32(..6000) / often {
        0..=199 => Fault::Late,
        200..=204 => Fault::Cut,
        205..=208 => Fault::AnswerLost,
        209..=210 => Fault::DiesBefore(rng.i64(1..600)),
        211..=213 => Fault::DiesAfter(rng.i64(1..600)),
        214 => Fault::Silence,
        215..=216 => Fault::StandsStill(rng.i64(1..120)),
        217..=218 => Fault::StandsStillAfter(rng.i64(1..120)),
        _ => return None,
    })
}

/// What is outside fails more often than what is ours.
fn draw_of_receiver(rng: &mut Rng) -> Option<Fault> {
    Some(match rng.u32(..400) {
        0..=39 => Fault::Late,
        40..=59 => Fault::Cut,
        60..=67 => Fault::AnswerLost,
        68..=83 => Fault::Refuses,
        84..=91 => Fault::Silence,
        92 => Fault::DiesAfter(rng.i64(1..600)),
        93 => Fault::StandsStill(rng.i64(1..240)),
        94 => Fault::StandsStillAfter(rng.i64(1..240)),
        _ => return None,
    })
}
