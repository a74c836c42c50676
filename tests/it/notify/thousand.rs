//! A thousand notices through a receiver that fails as it likes, is away for moments and takes only so much at a time,
//! while the daemon's own sending stops and starts: what must hold, counted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use chrono::TimeDelta;
use meridian::clock::Clock;
use meridian::desk::{Action, Actor, Command, Facts, Patch, TicketId, Verb};
use meridian::engine::Engine;
use meridian::notify::{Channels, Deliveries, Notifier, Pace, use_ring};
use meridian::schedule::{PersonId, Priority};
use meridian::settings::{ChannelKind, ChannelSettings, Kept, Rate, Secret};
use meridian::store::{NoticeFilter, OutboxFilter, OutboxRow};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::office::Office;

const TICKETS: usize = 500;
const AT_MOST: Rate = Rate::per_second(400);

/// Anna and Björn, always there; whoever of them is asked is stood down when the other takes it.
const ORG: &str = r#"
[org]
name = "Example"
tiers = ["frontline"]
policy = "standard"
[regions.world]
name = "World"
timezone = "UTC"
[teams.north]
name = "North"
region = "world"
tier = "frontline"
members = ["anna", "bjorn"]
capacity = 1000
hours = [{ from = "00:00", to = "24:00" }]
[people.anna]
name = "Anna"
contact = ["hook"]
[people.bjorn]
name = "Björn"
contact = ["hook"]
[policies.standard]
steps = [{ tier = "frontline" }]
"#;

/// What a receiver remembers.
#[derive(Default)]
struct Told {
    /// Every message it has taken, in order: id, and the bytes.
    taken: Vec<(String, Bytes)>,
    requests: usize,
    throttled: usize,
    /// Taken, and told otherwise.
    lied: usize,
    /// When each request came, by the sender it came from.
    times: BTreeMap<usize, Vec<Instant>>,
}

#[derive(Clone)]
struct Ears {
    told: Arc<Mutex<Told>>,
    chance: Arc<Mutex<fastrand::Rng>>,
}

async fn hear(
    State(ears): State<Ears>,
    Path(sender): Path<usize>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let id = headers["webhook-id"].to_str().unwrap().to_owned();
    let lot = ears.chance.lock().unwrap().u32(0..100);
    let pause = ears.chance.lock().unwrap().u64(0..4);
    {
        let mut told = ears.told.lock().unwrap();
        told.requests += 1;
        told.times.entry(sender).or_default().push(Instant::now());
        match lot {
            0..70 => told.taken.push((id, body)),
            70..78 => {
                told.taken.push((id, body));
                told.lied += 1;
            }
            97.. => told.throttled += 1,
            _ => (),
        }
    }
    tokio::time::sleep(Duration::from_millis(pause)).await;
    match lot {
        0..70 => StatusCode::NO_CONTENT.into_response(),
        70..96 => StatusCode::BAD_GATEWAY.into_response(),
        // Longer than we wait.
        96 => {
            tokio::time::sleep(Duration::from_secs(3)).await;
            StatusCode::OK.into_response()
        }
        _ => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "0")]).into_response(),
    }
}

/// At one port, and again at the same after it was away.
async fn receiver(port: u16, ears: Ears) -> (u16, CancellationToken) {
    let listener = loop {
        match TcpListener::bind(("127.0.0.1", port)).await {
            Ok(listener) => break listener,
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    };
    let port = listener.local_addr().unwrap().port();
    let stop = CancellationToken::new();
    let stopped = stop.clone().cancelled_owned();
    let router = Router::new().route("/hook/{sender}", post(hear)).with_state(ears);
    tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(stopped).await });
    (port, stop)
}

/// The `sender`-th; it begins with no memory of what went out before.
fn notifier(engine: &Engine, port: u16, seed: u64, sender: usize, counts: &Deliveries) -> Notifier {
    let pace = Pace {
        attempts: 3,
        first_delay: TimeDelta::milliseconds(10),
        delay_max: TimeDelta::milliseconds(200),
        timeout: Duration::from_secs(1),
        lease: TimeDelta::seconds(4),
        look: Duration::from_millis(5),
        seed,
        ..Pace::default()
    };
    let url = Kept::Here(Secret::new(format!("http://127.0.0.1:{port}/hook/{sender}")));
    let kind = ChannelKind::Webhook { url, secret: None };
    let hook = ChannelSettings { kind, allow_private: true, rate: Some(AT_MOST), acknowledge: true };
    let channels = Channels::new(&BTreeMap::from([("hook".to_owned(), hook)]), &pace).unwrap();
    Notifier::start(engine.clone(), channels, pace, "node".to_owned(), counts.clone())
}

/// A ticket that one of the two is asked to take, and the other takes after a moment; it becomes worse, and worse again.
async fn worse_and_worse(engine: &Engine, moment: Duration) {
    let facts: Facts =
        serde_json::from_value(json!({ "title": "The shop is down", "priority": "P5" })).unwrap();
    let opened = Command { by: Actor::Token("test".to_owned()), action: Action::Open(Box::new(facts)) };
    let meridian::desk::Answer::Ticket { ticket, .. } = engine.take(opened, None).await.unwrap() else {
        panic!("a ticket was opened")
    };
    let asked = ticket.offer.as_ref().expect("somebody is there").ask[0].clone();
    let other = if asked.as_str() == "anna" { "bjorn" } else { "anna" };
    let by = Actor::Person(PersonId::new(other));
    let taken = Command { by, action: Action::On(ticket.id, Verb::Acknowledge) };
    tokio::time::sleep(moment).await;
    engine.take(taken, None).await.unwrap();
    for priority in [Priority::P4, Priority::P3] {
        let patch = Patch { priority: Some(priority), ..Patch::default() };
        let by = Actor::Token("test".to_owned());
        let action = Action::On(ticket.id, Verb::Change(Box::new(patch)));
        engine.take(Command { by, action }, None).await.unwrap();
    }
}

async fn outbox(office: &Office, state: Option<OutboxFilter>) -> Vec<OutboxRow> {
    let filter = NoticeFilter { state, limit: 100_000, ..NoticeFilter::default() };
    let (found, _) = office.engine.store().notices(filter).await.unwrap();
    found.into_iter().rev().map(|listed| listed.row).collect()
}

async fn settled(office: &Office) {
    for _ in 0..18_000 {
        if outbox(office, Some(OutboxFilter::Pending)).await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!(
        "after three minutes {} notices are still on their way",
        outbox(office, Some(OutboxFilter::Pending)).await.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_notices_none_is_lost_none_overtakes_another_and_copies_have_one_id() {
    use_ring();
    let seed =
        std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    println!("SEED={seed}");
    let office = Office::with(ORG, Clock::machine()).await;
    let told = Arc::new(Mutex::new(Told::default()));
    let chance = Arc::new(Mutex::new(fastrand::Rng::with_seed(seed)));
    let mut moments = fastrand::Rng::with_seed(seed);
    let ears = Ears { told: told.clone(), chance };
    let (port, mut stop) = receiver(0, ears.clone()).await;
    let counts = Deliveries::default();
    let mut senders = vec![Instant::now()];
    let mut sending = notifier(&office.engine, port, seed, 0, &counts);
    for round in 0..10 {
        // Some pages are given up before anybody takes the ticket, and nobody needs them afterwards.
        let moment = Duration::from_millis(moments.u64(0..300));
        let made = (0..TICKETS / 10).map(|_| worse_and_worse(&office.engine, moment));
        futures_util::future::join_all(made).await;
        match round {
            3 | 6 => {
                stop.cancel();
                tokio::time::sleep(Duration::from_millis(150)).await;
                (_, stop) = receiver(port, ears.clone()).await;
            }
            5 | 8 => {
                // Not every delivery under way comes to its end.
                sending.stop(Duration::from_millis(20)).await;
                sending = notifier(&office.engine, port, seed, senders.len(), &counts);
                senders.push(Instant::now());
            }
            _ => (),
        }
    }
    settled(&office).await;
    let made = outbox(&office, None).await;
    let first_round = told.lock().unwrap().taken.len();
    let (mut given_up, mut not_needed) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..20 {
        let mut failed = outbox(&office, Some(OutboxFilter::Failed)).await;
        failed.retain(|row| !not_needed.contains(&row.notice.id));
        if failed.is_empty() {
            break;
        }
        for row in failed {
            let path = format!("/v1/notices/{}/resend", row.notice.id);
            match office.post("lead", &path, json!({})).await {
                sent if sent.status == 200 => drop(given_up.insert(row.notice.id)),
                refused => {
                    assert_eq!(refused.status, 409, "SEED={seed}: {}", refused.body);
                    not_needed.insert(row.notice.id);
                }
            }
        }
        counts.ring();
        settled(&office).await;
    }
    sending.stop(Duration::from_secs(5)).await;
    stop.cancel();

    let told = std::mem::take(&mut *told.lock().unwrap());
    let made: BTreeMap<String, OutboxRow> =
        outbox(&office, None).await.into_iter().chain(made).map(|row| (row.notice.id.clone(), row)).collect();
    let taken: BTreeSet<&String> = told.taken.iter().map(|(id, _)| id).collect();
    println!(
        "{} notices; {} requests, {} throttled, {} taken and told otherwise; {} copies; {} given up and sent once more, \
         {} given up and not needed; {} arrived",
        made.len(),
        told.requests,
        told.throttled,
        told.lied,
        told.taken.len() - taken.len(),
        given_up.len(),
        not_needed.len(),
        taken.len(),
    );
    assert!(made.len() >= 2 * TICKETS, "SEED={seed}: {} were made", made.len());
    let is_needed = |id: &String, row: &OutboxRow| !row.is_overtaken() && !not_needed.contains(id);
    let needed = made.iter().filter(|(id, row)| is_needed(id, row));
    let lost: Vec<&String> = needed.map(|(id, _)| id).filter(|id| !taken.contains(id)).collect();
    assert!(taken.len() >= 2 * TICKETS, "SEED={seed}: {} were needed", taken.len());
    assert!(lost.is_empty(), "SEED={seed}: lost {lost:?}");
    assert!(
        told.taken.len() > taken.len(),
        "SEED={seed}: some were taken and told otherwise, so there are copies"
    );
    let mut bytes: BTreeMap<&String, &Bytes> = BTreeMap::new();
    for (id, body) in &told.taken {
        assert_eq!(*bytes.entry(id).or_insert(body), body, "SEED={seed}: a copy of {id} says something else");
    }
    // In the order in which they were made, for each ticket and receiver, copies included; what was sent once more
    // because somebody asked for it comes when it comes.
    let mut last: BTreeMap<(TicketId, &PersonId), (&OutboxRow, usize)> = BTreeMap::new();
    let order: BTreeMap<&String, usize> =
        as_made(&made).into_iter().enumerate().map(|(at, id)| (id, at)).collect();
    for (id, _) in told.taken[..first_round].iter().filter(|(id, _)| !given_up.contains(id)) {
        let row = &made[id];
        let at = order[id];
        if let Some((before, earlier)) = last.insert((row.notice.ticket.unwrap(), &row.notice.to), (row, at))
        {
            assert!(earlier <= at, "SEED={seed}: {id} came after {}", before.notice.id);
        }
    }
    // A sender's own clock is exact (notify/line.rs); what comes from it may be held up and come all at once.
    for (sender, times) in &told.times {
        let took = times[times.len() - 1] - senders[*sender];
        let at_most = f64::from(AT_MOST.count.get()) * (took.as_secs_f64() + 1.0);
        let came = times.len();
        assert!(came as f64 <= at_most, "SEED={seed}: {came} requests in {took:?} from the {sender}. sender");
    }
    office.close().await;
}

/// Ids in the order in which their notices were made: number of the event, then of the notice.
fn as_made(made: &BTreeMap<String, OutboxRow>) -> Vec<&String> {
    let mut ids: Vec<&String> = made.keys().collect();
    ids.sort_by_key(|id| id.split('-').map(|part| part.parse::<u64>().unwrap()).collect::<Vec<_>>());
    ids
}
