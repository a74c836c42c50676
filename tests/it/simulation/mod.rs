//! Organisations through a month of virtual time, each from a seed: `ORGANISATIONS=1000 cargo test simulation`; a failure
//! tells the ticket's story and how to see it again.

mod life;
mod organisation;
mod people;
mod rest;
mod story;
mod watch;

use std::panic::{AssertUnwindSafe, catch_unwind};

use life::{Life, Setting};

/// So many are played where nothing else is said.
const ORGANISATIONS: u64 = 40;
const DAYS: i64 = 30;

fn number(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|value| value.parse().unwrap_or_else(|_| panic!("{name}={value} is no number")))
}

#[test]
fn no_ticket_is_ever_silently_alone() {
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + number("ORGANISATIONS").unwrap_or(1),
        None => 0..number("ORGANISATIONS").unwrap_or(ORGANISATIONS),
    };
    let (mut tickets, mut events) = (0, 0);
    for seed in seeds.clone() {
        let life = played(Setting { seed, days: DAYS, restarts: true });
        tickets += life.world.kept().tickets.len();
        events += life.world.kept().events.values().map(Vec::len).sum::<usize>();
    }
    println!(
        "{} organisations from seed {}, {DAYS} days each: {tickets} tickets, {events} events",
        seeds.clone().count(),
        seeds.start
    );
}

#[test]
fn the_same_seed_gives_the_same_history() {
    for seed in 0..6 {
        let setting = Setting { seed, days: DAYS, restarts: true };
        assert!(history(setting) == history(setting), "SEED={seed} gives two histories");
    }
}

#[test]
fn a_restart_changes_nothing() {
    for seed in 0..6 {
        let setting = Setting { seed, days: DAYS, restarts: true };
        let without = Setting { restarts: false, ..setting };
        assert!(history(setting) == history(without), "SEED={seed} goes otherwise without restarts");
    }
}

fn history(setting: Setting) -> String {
    let life = played(setting);
    let kept = life.world.kept();
    let events = serde_json::to_string(&kept.events.values().collect::<Vec<_>>()).unwrap();
    events + "\n" + &serde_json::to_string(&kept.notices).unwrap()
}

/// A month, as it should be.
#[track_caller]
fn played(setting: Setting) -> Life {
    let mut life = Life::new(setting);
    let again = format!("see it again: SEED={} cargo test --test it simulation", setting.seed);
    match catch_unwind(AssertUnwindSafe(|| life.play())) {
        Ok(Ok(())) => life,
        Ok(Err(wrong)) => panic!("{}\n{again}", story::tell(&life, &wrong)),
        Err(panic) => {
            eprintln!("at {}; {again}", life.world.now());
            std::panic::resume_unwind(panic)
        }
    }
}
