//! Organisations through a month of virtual time, each from a seed: `ORGANISATIONS=1000 cargo test simulation`; a failure
//! tells the ticket's story and how to see it again.

mod edits;
mod found;
pub mod life;
pub mod organisation;
pub mod people;
mod story;

use std::collections::BTreeSet;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use life::{Life, Setting};
use meridian::desk::{Event, What};

/// So many are played where nothing else is said.
const ORGANISATIONS: u64 = 40;
const DAYS: i64 = 30;

/// A simulation in which one of these never happens proves nothing about it.
const EVERYTHING: &[&str] = &[
    "back",
    "edit",
    "ill",
    "outage",
    "refused",
    "restart",
    "acknowledged",
    "asked_others",
    "back_at_work",
    "briefed",
    "briefing_asked",
    "changed",
    "clock_breached",
    "clock_met",
    "clock_warned",
    "clocks_set",
    "closed",
    "declined",
    "escalated automatic",
    "escalated functional",
    "escalated hierarchical",
    "feedback",
    "joined",
    "kept",
    "last_resort",
    "noted",
    "notice_failed",
    "offer",
    "offer_ended boundary",
    "offer_ended declined",
    "offer_ended expired",
    "offer_ended not_reached",
    "offer_ended went_home",
    "offer_ended withdrawn",
    "offered escalation",
    "offered handoff",
    "offered join",
    "offered reassignment",
    "offered routing",
    "opened",
    "overran",
    "page",
    "parked nobody_at_all",
    "parked parked",
    "path_taken asked",
    "path_taken next_round",
    "path_taken not_answered",
    "path_taken overrun",
    "path_taken promise_broken",
    "path_taken reopened",
    "path_taken routed",
    "path_taken shift_ended",
    "path_taken skipped",
    "path_taken tell_only",
    "pended",
    "queue_closed",
    "queued",
    "reassigned",
    "released",
    "reopened",
    "repeated",
    "resolved",
    "resumed",
    "review",
    "review_asked",
    "shift_ended",
    "stand_down",
    "stayed",
    "told",
    "tried",
    "unattended",
    "updated",
    "waits_set",
];

fn number(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|value| value.parse().unwrap_or_else(|_| panic!("{name}={value} is no number")))
}

/// `SEED` on its own is one organisation, seen again.
fn seeds() -> Range<u64> {
    match number("SEED") {
        Some(seed) => seed..seed + number("ORGANISATIONS").unwrap_or(1),
        None => 0..number("ORGANISATIONS").unwrap_or(ORGANISATIONS),
    }
}

/// Those that are played twice, to be compared.
fn some_seeds() -> impl Iterator<Item = u64> {
    seeds().step_by(7)
}

#[test]
fn no_ticket_is_ever_silently_alone() {
    let seeds = seeds();
    let (mut tickets, mut events, mut happened) = (0, 0, BTreeSet::new());
    for seed in seeds.clone() {
        let life = played(Setting { seed, days: DAYS, restarts: true });
        tickets += life.world.kept().tickets.len();
        let all = life.world.kept().events.values().flatten();
        events += all.clone().count();
        happened.extend(all.map(kind));
        let beside = life.chronicle.iter().filter_map(|(_, what)| what.split_once(':'));
        happened.extend(beside.map(|(word, _)| word.to_owned()));
        happened.extend(life.world.kept().notices.iter().map(|notice| notice.kind.as_str().to_owned()));
    }
    println!(
        "{} organisations from seed {}, {DAYS} days each: {tickets} tickets, {events} events",
        seeds.clone().count(),
        seeds.start
    );
    let missing: Vec<_> = EVERYTHING.iter().filter(|kind| !happened.contains(**kind)).collect();
    assert!(seeds.count() < 40 || missing.is_empty(), "none of this ever happened: {missing:?}");
}

/// As it is written, with what tells one offer, escalation or park from another.
fn kind(event: &Event) -> String {
    let value = serde_json::to_value(event).unwrap();
    let pointer = match event.what {
        What::Offered { .. } => "/offer/kind",
        What::Escalated { .. } => "/kind",
        What::Parked { .. } => "/reason",
        What::OfferEnded { .. } | What::PathTaken { .. } => "/why",
        _ => "/no more",
    };
    let word = |pointer| value.pointer(pointer).and_then(|word| word.as_str());
    [word("/event"), word(pointer)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_same_seed_gives_the_same_history() {
    for seed in some_seeds() {
        let setting = Setting { seed, days: DAYS, restarts: true };
        assert!(history(setting) == history(setting), "SEED={seed} gives two histories");
    }
}

#[test]
fn a_restart_changes_nothing() {
    for seed in some_seeds() {
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
