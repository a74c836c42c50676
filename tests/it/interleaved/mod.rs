//! Several nodes on one store, walked one touch of it at a time: the real engine and notifier, rows in memory, and
//! trouble from a seed. `SEED=7 cargo test --test it interleaved -- --nocapture` tells one run, `MINUTES=10` goes on
//! from seed to seed. What fails is made small and told as a story.

mod face;
mod flaws;
mod judge;
mod node;
mod receiver;
mod rows;
mod run;
mod script;
mod shrink;
mod story;

use std::time::{Duration, Instant};

use meridian::desk::Changes;
use meridian::store::{Face, FaceBatch, Last, Store};
use run::{Plan, Played, play};
use tempfile::TempDir;

const RUNS: u64 = 2;
const DAYS: u64 = 10;
/// Played twice, to be compared.
const TWICE: u64 = 1_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|value| value.parse().unwrap_or_else(|_| panic!("{name}={value} is no number")))
}

fn days() -> i64 {
    number("DAYS").unwrap_or(DAYS).cast_signed()
}

#[test]
fn several_nodes_lose_nothing_and_double_nothing() {
    let days = days();
    match (number("SEED"), number("MINUTES")) {
        (Some(seed), None) => told(seed, days),
        (from, Some(minutes)) => {
            let (from, until) = (from.unwrap_or(0), Instant::now() + Duration::from_secs(60 * minutes));
            walk((from..).take_while(|_| Instant::now() < until), days);
        }
        (None, None) => walk(0..number("RUNS").unwrap_or(RUNS), days),
    }
}

/// One run, or the part of it that is kept, with all that the nodes did.
fn told(seed: u64, days: i64) {
    let mut played = play(&Plan { told: true, ..Plan::by_chance(seed, days) });
    println!("{}", played.files);
    if let Ok(kept) = std::env::var("KEEP") {
        let script = shrink::some_of(&played.script, &story::places(&kept));
        played = play(&Plan { script: Some(&script), told: true, ..Plan::by_chance(seed, days) });
    }
    played.trace.iter().for_each(|(at, line)| println!("{}{line}", at.format("%m-%d %H:%M:%S%.3f")));
    if played.wrong.is_some() {
        panic!("{}", story::tell(seed, days, &played, None));
    }
}

fn walk(seeds: impl Iterator<Item = u64>, days: i64) {
    let begun = Instant::now();
    let (mut runs, mut batches, mut touches, mut virtual_days) = (0, 0, 0, 0.0);
    let mut failed = Vec::new();
    for seed in seeds {
        let played = play(&Plan::by_chance(seed, days));
        runs += 1;
        batches += played.batches;
        touches += played.touches;
        virtual_days += played.virtual_time.as_seconds_f64() / 86_400.0;
        if played.wrong.is_some() {
            let found = begun.elapsed().as_secs();
            let small = shrink::smaller(seed, days, &played);
            eprintln!("{}\n(after {found} s)\n", story::tell(seed, days, &played, small.as_ref()));
            failed.push(seed);
        }
    }
    println!(
        "{runs} organisations on {} nodes: {:.2} years, {batches} batches, {touches} touches of the store, in {} s",
        run::NODES,
        virtual_days / 365.25,
        begun.elapsed().as_secs()
    );
    assert!(failed.is_empty(), "these seeds fail: {failed:?}");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let once = || play(&Plan::by_chance(TWICE, 5));
    let (one, other) = (once(), once());
    assert!(one.wrong.is_none(), "{:?}", one.wrong);
    assert_eq!((one.hash, one.touches, one.batches), (other.hash, other.touches, other.batches));
    let from_script = play(&Plan { script: Some(&one.script), ..Plan::by_chance(TWICE, 5) });
    assert_eq!(from_script.hash, one.hash, "played from its script it is the same");
}

/// What was committed in a run, saved in a real database as well.
#[test]
fn memory_keeps_what_the_tables_keep() {
    let Played { commits, .. } = play(&Plan { told: true, ..Plan::by_chance(2, 5) });
    assert!(commits.len() > 50, "only {} batches", commits.len());
    tokio::runtime::Runtime::new().unwrap().block_on(compared(commits));
}

async fn compared(commits: Vec<(Changes, Last)>) {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite:{}", folder.path().join("meridian.db").display());
    let store = Store::open(&url).await.unwrap();
    let mut memory = rows::Rows::default();
    for (number, (changes, last)) in commits.into_iter().enumerate() {
        let mut batch = store.begin().await.unwrap();
        let before = batch.last().await.unwrap();
        batch.save(&changes, &before, last.decided_at.unwrap()).await.unwrap();
        batch.commit().await.unwrap();
        memory.write(rows::Write::Save { changes: Box::new(changes), last, at: last.decided_at.unwrap() });
        if number % 10 == 0 {
            let (real, ours) = (store.load_desk().await.unwrap(), memory.load_desk());
            assert_eq!(real.tickets, ours.tickets);
            assert_eq!((real.handoffs, real.turns), (ours.handoffs, ours.turns));
            assert_eq!(
                (real.numbers, real.batch, real.decided_at),
                (ours.numbers, ours.batch, ours.decided_at)
            );
            let since = last.batch - 7;
            let (real, ours) =
                (Face::since(&store, since).await.unwrap().unwrap(), memory.since(since, memory.last()));
            assert_eq!((real.tickets, real.handoffs, real.turns), (ours.tickets, ours.handoffs, ours.turns));
            assert_eq!(real.events, ours.events);
            assert_eq!(store.next_notice_at().await.unwrap(), memory.next_notice());
        }
    }
}
