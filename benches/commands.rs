//! Commands per second, each on disk when it is answered: one caller waits for every commit, sixty-four share them.

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use meridian::clock::Clock;
use meridian::desk::{Action, Actor, Command, Facts, TicketId, Verb};
use meridian::engine::{Engine, Source};
use meridian::schedule::PersonId;
use meridian::store::Store;
use tempfile::TempDir;
use tokio::runtime::Runtime;

mod world;

use world::{open, schedules};

const CALLERS: [u64; 2] = [1, 64];

fn commands(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let folder = TempDir::new().expect("a folder");
    let engine = runtime.block_on(start(&folder));
    let tickets: Vec<TicketId> = (0..64).map(|_| runtime.block_on(open(&engine, Facts::default()))).collect();
    let mut group = criterion.benchmark_group("commands");
    group.throughput(Throughput::Elements(1)).sample_size(10).measurement_time(Duration::from_secs(3));
    for callers in CALLERS {
        group.bench_function(format!("{callers} callers"), |bencher| {
            bencher.iter_custom(|count| runtime.block_on(notes(&engine, &tickets, callers, count)));
        });
    }
    group.finish();
    runtime.block_on(engine.stop());
}

async fn start(folder: &TempDir) -> Engine {
    let schedules = schedules(folder);
    let url = format!("sqlite:{}", folder.path().join("meridian.db").display());
    let store = Store::open(&url).await.expect("a store");
    Engine::start(store, Clock::machine(), Source::now(&schedules, None)).await.expect("an engine")
}

/// So many notes altogether; each caller writes on a ticket of its own, and waits for every answer.
async fn notes(engine: &Engine, tickets: &[TicketId], callers: u64, count: u64) -> Duration {
    let begun = Instant::now();
    let callers = (0..callers).zip(tickets).map(|(caller, ticket)| {
        let (engine, ticket) = (engine.clone(), *ticket);
        let share = count / callers + u64::from(caller < count % callers);
        tokio::spawn(async move {
            for _ in 0..share {
                let note = Verb::Note { text: "Still looking".to_owned(), progress: false };
                let by = Actor::Person(PersonId::new("anna"));
                let command = Command { by, action: Action::On(ticket, note) };
                engine.take(command, None).await.expect("a note is taken");
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("a caller ends");
    }
    begun.elapsed()
}

criterion_group!(benches, commands);
criterion_main!(benches);
