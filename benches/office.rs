//! What it costs to look: a ticket that leaves a row in the audit log beside one that leaves none, and the report of a month
//! beside that of the year it lies in. `BENCH_TICKETS` says how many tickets there are (12,000), `BENCH_DATABASE` in which
//! database, which must be empty (SQLite in a new folder).

use std::env;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use meridian::api::{App, hash_of, router};
use meridian::clock::Clock;
use meridian::desk::{Action, Actor, Command, Facts, TicketId, Verb};
use meridian::engine::{Engine, Source};
use meridian::notify::Deliveries;
use meridian::schedule::PersonId;
use meridian::store::{Role, Store, TokenRow};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

mod world;

use world::{open, schedules};

const CALLERS: [u64; 2] = [1, 64];
const MONTHS: u32 = 12;

struct Office {
    engine: Engine,
    router: Router,
    began: DateTime<Utc>,
    free: TicketId,
    bound: TicketId,
}

fn office(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let folder = TempDir::new().expect("a folder");
    let office = runtime.block_on(start(&folder));
    let mut looked = criterion.benchmark_group("a ticket is shown");
    looked.throughput(Throughput::Elements(1)).sample_size(10).measurement_time(Duration::from_secs(3));
    for (what, ticket) in [("to anybody", office.free), ("with a row in the audit log", office.bound)] {
        let path = format!("/v1/tickets/{ticket}");
        for callers in CALLERS {
            looked.bench_function(format!("{what}, {callers} callers"), |bencher| {
                bencher.iter_custom(|count| runtime.block_on(looks(&office.router, &path, callers, count)));
            });
        }
    }
    looked.finish();
    let mut reports = criterion.benchmark_group("a report is made");
    reports.sample_size(10).measurement_time(Duration::from_secs(5));
    for report in ["volume", "times", "escalations", "fairness"] {
        for months in [1, MONTHS] {
            let window =
                |month: u32| (office.began + TimeDelta::days(30) * month as i32).format("%Y-%m-%dT%H:%M:%SZ");
            let path =
                format!("/v1/reports/{report}?from={}&until={}", window(MONTHS - months), window(MONTHS));
            reports.bench_function(format!("{report}, {months} of {MONTHS} months"), |bencher| {
                bencher.iter(|| runtime.block_on(get(&office.router, &path)));
            });
        }
    }
    reports.finish();
    runtime.block_on(office.engine.stop());
}

async fn start(folder: &TempDir) -> Office {
    let schedules = schedules(folder);
    let own = format!("sqlite:{}", folder.path().join("meridian.db").display());
    let store = Store::open(&env::var("BENCH_DATABASE").unwrap_or(own)).await.expect("a store");
    let began: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().expect("an instant");
    let clock = Clock::standing_at(began);
    let source = Source::now(&schedules, None);
    let engine = Engine::start(store, clock.clone(), source.clone()).await.expect("an engine");
    let row = TokenRow {
        name: "bench".to_owned(),
        hash: hash_of("bench"),
        role: Role::Admin,
        person: None,
        at: began,
    };
    engine.store().add_token(&row).await.expect("a token");
    let app = App::new(engine.clone(), source, Deliveries::default(), CancellationToken::new());
    let tickets: u32 = env::var("BENCH_TICKETS").map_or(12_000, |tickets| tickets.parse().expect("a number"));
    for _ in 0..MONTHS {
        fill(&engine, tickets / MONTHS).await;
        clock.set(clock.now() + TimeDelta::days(30));
    }
    let residency = |residency: Option<&str>| residency.map(Into::into);
    let free = open(&engine, Facts { residency: residency(None), ..Facts::default() }).await;
    let bound = open(&engine, Facts { residency: residency(Some("world")), ..Facts::default() }).await;
    Office { engine, router: router(app), began, free, bound }
}

/// So many tickets are opened, taken and resolved.
async fn fill(engine: &Engine, tickets: u32) {
    let callers = (0..64).map(|caller| {
        let engine = engine.clone();
        tokio::spawn(async move {
            for _ in (caller..tickets).step_by(64) {
                let ticket = open(&engine, Facts::default()).await;
                for verb in [Verb::Acknowledge, Verb::Resolve { cause: None, notes: "mended".to_owned() }] {
                    let by = Actor::Person(PersonId::new("anna"));
                    let command = Command { by, action: Action::On(ticket, verb) };
                    engine.take(command, None).await.expect("a command is taken");
                }
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("a caller ends");
    }
}

async fn looks(router: &Router, path: &str, callers: u64, count: u64) -> Duration {
    let begun = Instant::now();
    let callers = (0..callers).map(|caller| {
        let (router, path) = (router.clone(), path.to_owned());
        let share = count / callers + u64::from(caller < count % callers);
        tokio::spawn(async move {
            for _ in 0..share {
                get(&router, &path).await;
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("a caller ends");
    }
    begun.elapsed()
}

async fn get(router: &Router, path: &str) {
    let request = Request::get(path).header("authorization", "Bearer bench").body(Body::empty());
    let answer = router.clone().oneshot(request.expect("a request")).await.expect("an answer");
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1 << 22).await.expect("a body");
    assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
}

criterion_group!(benches, office);
criterion_main!(benches);
