//! A run that fails, made small: of everything that happened, what it takes to fail in the same way.

use std::time::{Duration, Instant};

use super::run::{Plan, Played, play};
use super::script::Item;

const RUNS_MAX: u32 = 400;
const TAKES_AT_MOST: Duration = Duration::from_secs(180);

pub struct Small {
    /// Places in the script of the whole run.
    pub kept: Vec<usize>,
    pub of: usize,
    /// The small one, told.
    pub played: Played,
}

struct Search<'a> {
    whole: &'a Played,
    seed: u64,
    days: i64,
    begun: Instant,
    runs: u32,
}

/// Leaves out ever smaller parts as long as it goes on failing by the same rule (delta debugging). `None`: played from
/// its script it does not fail, so nothing can be left out.
pub fn smaller(seed: u64, days: i64, whole: &Played) -> Option<Small> {
    let mut search = Search { whole, seed, days, begun: Instant::now(), runs: 0 };
    let mut kept: Vec<usize> = (0..whole.script.len()).collect();
    if !search.fails(&kept) {
        return None;
    }
    let mut part = kept.len().div_ceil(2);
    while part > 0 && !search.is_over() {
        let before = kept.len();
        let mut at = 0;
        while at < kept.len() && !search.is_over() {
            let mut without = kept.clone();
            without.drain(at..(at + part).min(kept.len()));
            if search.fails(&without) {
                kept = without;
            } else {
                at += part;
            }
        }
        part = match part {
            1 if kept.len() < before => 1,
            1 => 0,
            _ => part.div_ceil(2),
        };
    }
    let script = some_of(&whole.script, &kept);
    let played = play(&Plan { script: Some(&script), told: true, ..Plan::by_chance(seed, days) });
    Some(Small { kept, of: whole.script.len(), played })
}

impl Search<'_> {
    fn is_over(&self) -> bool {
        self.runs >= RUNS_MAX || self.begun.elapsed() > TAKES_AT_MOST
    }

    fn fails(&mut self, kept: &[usize]) -> bool {
        self.runs += 1;
        let script = some_of(&self.whole.script, kept);
        let played = play(&Plan { script: Some(&script), ..Plan::by_chance(self.seed, self.days) });
        let rule = |played: &Played| played.wrong.as_ref().map(|wrong| wrong.rule);
        rule(&played) == rule(self.whole)
    }
}

pub fn some_of(script: &[Item], kept: &[usize]) -> Vec<Item> {
    kept.iter().filter_map(|place| script.get(*place).cloned()).collect()
}
