//! Two teams on either side of an ocean, a daemon's API for them, and a token of every kind.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use chrono::{DateTime, Utc};
use meridian::api::{self, App, hash_of};
use meridian::clock::Clock;
use meridian::engine::{Engine, Source};
use meridian::notify::{Acknowledging, Deliveries};
use meridian::schedule::PersonId;
use meridian::settings::Secret;
use meridian::store::{Role, Store, TokenRow};
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Weekdays from 08 to 16 in Europe, from 16 to 24 in America, UTC; Europe's residency is `eu`.
pub const ORG: &str = r#"
[org]
name = "Example"
tiers = ["frontline", "specialist"]
policy = "standard"

[regions.emea]
name = "Europe"
timezone = "UTC"
residency = "eu"
[regions.amer]
name = "America"
timezone = "UTC"

[teams.emea]
name = "Europe"
region = "emea"
tier = "frontline"
members = ["anna", "bjorn"]
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "08:00", to = "16:00" }]
[[teams.emea.rotations]]
name = "nights"
during = "outside-hours"
starts = 2026-01-05T00:00:00
every = "week"
members = ["anna", "bjorn"]

[teams.amer]
name = "America"
region = "amer"
tier = "frontline"
members = ["carol"]
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "15:00", to = "24:00" }]

[teams.experts]
name = "Experts"
region = "amer"
tier = "specialist"
members = ["dave"]
hours = [{ from = "00:00", to = "24:00" }]

[people.anna]
name = "Anna"
contact = ["hook", "spare"]
[people.bjorn]
name = "Björn"
contact = ["hook"]
[people.carol]
name = "Carol"
[people.dave]
name = "Dave"

[customers.acme]
name = "Acme SA"
residency = "eu"

[policies.standard]
steps = [{ tier = "frontline" }, { tier = "specialist" }]
"#;

pub struct Office {
    pub folder: TempDir,
    pub clock: Clock,
    pub engine: Engine,
    pub stop: CancellationToken,
    router: Router,
}

/// What an office's messages link to.
pub fn links() -> Acknowledging {
    Acknowledging::new("https://meridian.example.com".to_owned(), Secret::new("a key that all nodes share"))
}

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Office {
    /// On a Monday at 09:00 UTC. Tokens are called like their roles, and like the people they act as.
    pub async fn open() -> Office {
        Office::with(ORG, Clock::standing_at("2026-03-02T09:00:00Z".parse().unwrap())).await
    }

    pub async fn with(org: &str, clock: Clock) -> Office {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("meridian.db").display());
        Office::on(&url, folder, org, clock).await
    }

    /// On some database; the files stand in the folder.
    pub async fn on(url: &str, folder: TempDir, org: &str, clock: Clock) -> Office {
        std::fs::create_dir(folder.path().join("schedules")).unwrap();
        std::fs::write(folder.path().join("schedules/org.toml"), org).unwrap();
        let store = Store::open(url).await.unwrap();
        let zones = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zones/2026f");
        let source = Source::now(&folder.path().join("schedules"), Some(&zones));
        let engine = Engine::start(store, clock.clone(), source.clone()).await.unwrap();
        let people = [
            ("admin", Role::Admin, None),
            ("lead", Role::Lead, Some("anna")),
            ("responder", Role::Responder, Some("bjorn")),
            ("reader", Role::Reader, None),
            ("ingest", Role::Ingest, None),
            ("anna", Role::Responder, Some("anna")),
            ("bjorn", Role::Responder, Some("bjorn")),
            ("carol", Role::Responder, Some("carol")),
            ("dave", Role::Responder, Some("dave")),
        ];
        for (name, role, person) in people {
            let person = person.map(PersonId::new);
            let row = TokenRow { name: name.to_owned(), hash: hash_of(name), role, person, at: clock.now() };
            assert!(engine.store().add_token(&row).await.unwrap());
        }
        let stop = CancellationToken::new();
        let app = App::new(engine.clone(), source, Deliveries::default(), stop.clone());
        let router = api::router(app.with_links(Some(Arc::new(links()))));
        Office { folder, clock, engine, stop, router }
    }

    pub async fn send(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn call(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.send(request).await.into_parts();
        let bytes = to_bytes(body, 1 << 22).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Writes other files and puts them to work.
    pub async fn rewrite(&self, org: &str) -> Answer {
        std::fs::write(self.folder.path().join("schedules/org.toml"), org).unwrap();
        self.post("admin", "/v1/schedules/reload", Value::Object(Default::default())).await
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.call(request("GET", path, token, None)).await
    }

    pub async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.call(request("POST", path, token, Some(body.to_string()))).await
    }

    /// Opens a ticket and gives its number.
    pub async fn ticket(&self, body: Value) -> i64 {
        let opened = self.post("ingest", "/v1/tickets", body).await;
        assert_eq!(opened.status, 201, "{}", opened.body);
        opened.body["id"].as_i64().unwrap()
    }

    /// Does something that has to succeed.
    pub async fn act(&self, token: &str, ticket: i64, verb: &str, body: Value) -> Value {
        let done = self.post(token, &format!("/v1/tickets/{ticket}/{verb}"), body).await;
        assert_eq!(done.status, 200, "{verb}: {}", done.body);
        done.body
    }

    /// Moves the clock and waits until nothing is due by then.
    pub async fn later(&self, to: &str) {
        let to: DateTime<Utc> = to.parse().unwrap();
        assert!(to > self.clock.now());
        self.clock.set(to);
        for _ in 0..6000 {
            let rows = self.engine.store().load_desk().await.unwrap();
            let closed = rows.closings.iter().all(|(_, at)| *at > to);
            if closed && rows.tickets.iter().all(|saved| saved.wake_at.is_none_or(|at| at > to)) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("not everything due by {to} was done within a minute");
    }

    pub async fn close(self) {
        self.engine.stop().await;
        self.engine.store().close().await;
    }
}

/// With `anna`'s token sent as `anna`; an empty name sends none.
pub fn request(method: &str, path: &str, token: &str, body: Option<String>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    match body {
        Some(body) => request.header("content-type", "application/json").body(Body::from(body)).unwrap(),
        None => request.body(Body::empty()).unwrap(),
    }
}

/// `holder / offer` in a few words.
pub fn custody(ticket: &Value) -> String {
    let holder = &ticket["holder"];
    let who =
        holder["person"].as_str().or(holder["team"].as_str()).or(holder["reason"].as_str()).unwrap_or("?");
    let asked: Vec<&str> =
        ticket["offer"]["ask"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    format!("{} {who} [{}]", ticket["state"].as_str().unwrap_or("?"), asked.join(" "))
}

/// [`ORG`] after Carol has left; Dave takes her place.
pub fn without_carol() -> String {
    ORG.replace("members = [\"carol\"]", "members = [\"dave\"]")
        .replace("[people.carol]\nname = \"Carol\"\n", "")
}

/// Status, type, field and detail of a problem, on one line.
pub fn problem(answer: &Answer) -> String {
    let kind = answer.headers.get("content-type").map(|kind| kind.to_str().unwrap()).unwrap_or("none");
    assert_eq!(kind, "application/problem+json", "{} {}", answer.status, answer.body);
    let word = |name: &str| answer.body[name].as_str().unwrap_or("-").to_owned();
    assert_eq!(answer.body["status"], answer.status.as_u16());
    let name = word("type").replace("urn:meridian:problem:", "");
    format!("{} {name} | {} | {}", answer.status.as_u16(), word("field"), word("detail"))
}

/// The columns of a metric by its whole name with labels.
pub fn metrics(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
        .collect()
}
