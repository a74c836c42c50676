//! Requests, as anybody with a token can send them: the real router, engine and store, on a file in memory where there
//! is such a place. A line is `WHO METHOD PATH BODY`, or `LATER DURATION`, and everything else is the body of a ticket.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use meridian::api::{self, App, hash_of};
use meridian::clock::Clock;
use meridian::desk::{Ticket, TicketId};
use meridian::engine::{Engine, Source};
use meridian::notify::Deliveries;
use meridian::schedule::{PersonId, duration};
use meridian::store::{Role, Store, TokenRow};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::town::{TOWN, TZIF};

const REQUESTS_MAX: usize = 12;
/// A house that has seen so much is left for a new one.
const TRIALS_OF_A_HOUSE: usize = 300;
const ANSWER_MAX: usize = 8 << 20;
/// Forwards at most; the year that is compiled must not run out over many trials.
const LATER_MAX: TimeDelta = TimeDelta::days(4);
const LATEST: &str = "2026-11-01T00:00:00Z";

/// A token each, by the name of its role or of the person it acts as.
const CALLERS: &[(&str, Role, Option<&str>)] = &[
    ("admin", Role::Admin, None),
    ("lead", Role::Lead, Some("anna")),
    ("anna", Role::Responder, Some("anna")),
    ("bjorn", Role::Responder, Some("bjorn")),
    ("carol", Role::Responder, Some("carol")),
    ("dave", Role::Responder, Some("dave")),
    ("reader", Role::Reader, None),
    ("ingest", Role::Ingest, None),
];

struct House {
    folder: TempDir,
    clock: Clock,
    engine: Engine,
    router: Router,
    /// Since it was opened.
    seen: Vec<String>,
}

pub fn run(data: &[u8]) {
    static PLACE: Mutex<Option<(Runtime, House)>> = Mutex::new(None);
    let text = super::text_of(data);
    let mut place = PLACE.lock().expect("no trial before has failed");
    let (runtime, house) = match place.take() {
        Some((runtime, house)) if house.seen.len() < TRIALS_OF_A_HOUSE => (runtime, house),
        before => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime");
            if let Some((old, house)) = before {
                old.block_on(house.close());
            }
            let house = runtime.block_on(House::open());
            (runtime, house)
        }
    };
    let (runtime, house) = &mut *place.insert((runtime, house));
    house.seen.push(text.clone());
    if let Err(what) = runtime.block_on(house.hears(&text)) {
        let before = house.seen.join("\n--------\n");
        panic!("{what}\n\nafter these, since the house was opened:\n{before}");
    }
}

impl House {
    async fn open() -> House {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
        let folder = folder.expect("a folder");
        let schedules = folder.path().join("schedules");
        std::fs::create_dir(&schedules).expect("a folder in it");
        std::fs::write(schedules.join("org.toml"), TOWN).expect("a file in it");
        let url = format!("sqlite:{}", folder.path().join("meridian.db").display());
        let store = Store::open(&url).await.expect("a new database");
        let clock = Clock::standing_at("2026-03-24T09:00:00Z".parse().expect("an instant"));
        let tzdir = folder.path().join("zones");
        for (name, bytes) in TZIF {
            let path = tzdir.join(name);
            std::fs::create_dir_all(path.parent().expect("a continent")).expect("a folder in it");
            std::fs::write(path, bytes).expect("a file in it");
        }
        let source = Source::now(&schedules, Some(&tzdir));
        let engine = Engine::start(store, clock.clone(), source.clone()).await.expect("it starts");
        for (name, role, person) in CALLERS {
            let row = TokenRow {
                name: (*name).to_owned(),
                hash: hash_of(name),
                role: *role,
                person: person.map(PersonId::new),
                at: clock.now(),
            };
            assert!(engine.store().add_token(&row).await.expect("a token"));
        }
        let app = App::new(engine.clone(), source, Deliveries::default(), CancellationToken::new());
        House { folder, clock, engine, router: api::router(app), seen: Vec::new() }
    }

    async fn close(self) {
        self.engine.stop().await;
        self.engine.store().close().await;
        drop(self.folder);
    }

    async fn hears(&mut self, text: &str) -> Result<(), String> {
        let before = self.engine.store().last().await.map_err(words)?.batch;
        for line in text.lines().filter(|line| !line.trim().is_empty()).take(REQUESTS_MAX) {
            match line.strip_prefix("LATER ") {
                Some(lasts) => self.later(lasts).await,
                None => self.hears_line(line).await?,
            }
        }
        self.is_right_since(before).await
    }

    async fn later(&self, lasts: &str) {
        let latest: DateTime<Utc> = LATEST.parse().expect("an instant");
        let lasts = duration(lasts.trim()).unwrap_or_default().min(LATER_MAX);
        self.clock.set((self.clock.now() + lasts).min(latest));
        // Whoever is due is looked at before anybody asks.
        for _ in 0..200 {
            let now = self.clock.now();
            let rows = self.engine.store().load_desk().await.expect("the desk can be read");
            if rows.tickets.iter().all(|saved| saved.wake_at.is_none_or(|at| at > now)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn hears_line(&self, line: &str) -> Result<(), String> {
        let Some(request) = request_of(line) else { return Ok(()) };
        let answer = self.router.clone().oneshot(request).await.expect("a router always answers");
        let (parts, body) = answer.into_parts();
        let is_problem =
            parts.headers.get("content-type").is_some_and(|kind| kind == "application/problem+json");
        let bytes = to_bytes(body, ANSWER_MAX).await.map_err(|error| format!("{line}: {error}"))?;
        let value: Result<Value, _> = serde_json::from_slice(&bytes);
        let said = || format!("{line}: {} {}", parts.status, String::from_utf8_lossy(&bytes));
        if parts.status.is_server_error() {
            return Err(said());
        }
        if parts.status.is_client_error() {
            let value = value.map_err(|_| said())?;
            let kind = value["type"].as_str().unwrap_or_default();
            let right = is_problem
                && value["status"] == parts.status.as_u16()
                && kind.starts_with("urn:meridian:problem:")
                && value["title"].is_string();
            return if right { Ok(()) } else { Err(format!("no problem as RFC 9457 has them: {}", said())) };
        }
        let empty = parts.status == StatusCode::NO_CONTENT && bytes.is_empty();
        let metrics = line.contains("/metrics");
        if empty || metrics || value.is_ok() { Ok(()) } else { Err(format!("no JSON: {}", said())) }
    }

    /// What was decided since can be read, replays to its state, and nothing live is silently alone.
    async fn is_right_since(&self, batch: i64) -> Result<(), String> {
        let store = self.engine.store();
        let last = store.last().await.map_err(words)?.batch;
        let heard = store.events_since(batch, last).await.map_err(words)?;
        let tickets: BTreeSet<TicketId> = heard.iter().map(|(event, _)| event.ticket).collect();
        for id in tickets {
            let saved = store.ticket(id).await.map_err(words)?.ok_or(format!("ticket {id} has gone"))?;
            let replayed = Ticket::replay(&store.history(id).await.map_err(words)?);
            if replayed.as_ref() != Some(&saved.ticket) {
                return Err(format!("ticket {id} replays to\n{replayed:#?}\nand is\n{:#?}", saved.ticket));
            }
            if saved.ticket.live() && saved.wake_at.is_none() {
                return Err(format!("nobody will look at ticket {id} again: {:#?}", saved.ticket));
            }
        }
        Ok(())
    }
}

/// `None`: it is not one that comes to an end, or no address at all.
fn request_of(line: &str) -> Option<Request<Body>> {
    let mut words = line.splitn(4, ' ');
    let caller = words.next().filter(|word| CALLERS.iter().any(|(name, ..)| name == word));
    let Some(caller) = caller else { return request("ingest", "POST", "/v1/tickets", line) };
    let (method, path) = (words.next()?, words.next()?);
    let streams = path.starts_with("/v1/events");
    let locks_out = method == "DELETE" && path.starts_with("/v1/tokens");
    if streams || locks_out {
        return None;
    }
    request(caller, method, path, words.next().unwrap_or_default())
}

fn request(caller: &str, method: &str, path: &str, body: &str) -> Option<Request<Body>> {
    let request =
        Request::builder().method(method).uri(path).header("authorization", format!("Bearer {caller}"));
    match body {
        "" => request.body(Body::empty()).ok(),
        _ => request.header("content-type", "application/json").body(Body::from(body.to_owned())).ok(),
    }
}

/// The whole chain of causes.
fn words(error: impl std::fmt::Display) -> String {
    format!("{error:#}")
}
