//! A store, a directory of schedules, a clock that stands, and an engine on them.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use meridian::clock::Clock;
use meridian::desk::*;
use meridian::engine::*;
use meridian::schedule::{PersonId, Priority};
use meridian::store::Store;
use tempfile::TempDir;

/// Two teams that take turns on weekdays: emea from 08 to 16, amer from 16 to 24, UTC. Nobody is on call.
pub const ORG: &str = r#"
[org]
name = "Example"
tiers = ["frontline"]
policy = "standard"

[regions.world]
name = "World"
timezone = "UTC"

[teams.emea]
name = "Europe"
region = "world"
tier = "frontline"
members = ["anna", "bjorn"]
assign = "round-robin"
capacity = 1000
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "08:00", to = "16:00" }]

[teams.amer]
name = "America"
region = "world"
tier = "frontline"
members = ["carol"]
capacity = 1000
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "16:00", to = "24:00" }]

[people.anna]
name = "Anna"
email = "anna@example.com"
contact = ["email"]
[people.bjorn]
name = "Björn"
email = "bjorn@example.com"
contact = ["email"]
[people.carol]
name = "Carol"
email = "carol@example.com"
contact = ["email"]

[priorities]
P1 = { when_closed = "park", at_shift_end = "hand-over" }
P2 = { when_closed = "park", at_shift_end = "hand-over" }

[policies.standard]
steps = [{ tier = "frontline" }]
"#;

pub struct House {
    folder: TempDir,
    url: String,
    pub clock: Clock,
    pub engine: Engine,
}

impl House {
    /// On a Monday at 09:00, an hour after emea opens.
    pub async fn new() -> House {
        House::try_new(ORG).await.unwrap()
    }

    pub async fn try_new(org: &str) -> anyhow::Result<House> {
        let folder = TempDir::new().unwrap();
        let url = sqlite_url(folder.path());
        House::on(folder, url, org, Clock::standing_at(monday(9, 0))).await
    }

    /// One of several on a database.
    pub async fn node(url: &str, org: &str, clock: &Clock) -> anyhow::Result<House> {
        House::on(TempDir::new().unwrap(), url.to_owned(), org, clock.clone()).await
    }

    async fn on(folder: TempDir, url: String, org: &str, clock: Clock) -> anyhow::Result<House> {
        std::fs::create_dir(folder.path().join("schedules")).unwrap();
        std::fs::write(folder.path().join("schedules/org.toml"), org).unwrap();
        let engine = start_on(folder.path(), &url, clock.clone()).await?;
        Ok(House { folder, url, clock, engine })
    }

    pub fn url(&self) -> String {
        self.url.clone()
    }

    pub fn write(&self, org: &str) {
        std::fs::write(self.folder.path().join("schedules/org.toml"), org).unwrap();
    }

    pub fn remove_schedules(&self) {
        std::fs::remove_dir_all(self.folder.path().join("schedules")).unwrap();
    }

    /// What another program would do to the database.
    pub async fn sql(&self, text: &'static str) {
        let outside = sqlx::SqlitePool::connect(&self.url()).await.unwrap();
        sqlx::raw_sql(text).execute(&outside).await.unwrap();
        outside.close().await;
    }

    /// Stopped for so long, then started again, perhaps with other files.
    pub async fn restart(&mut self, after: TimeDelta) {
        self.engine.stop().await;
        self.engine.store().close().await;
        self.clock = Clock::standing_at(self.clock.now() + after);
        self.engine = start_on(self.folder.path(), &self.url, self.clock.clone()).await.unwrap();
    }

    /// Nothing more can be decided about the ticket: its last event already has the highest number.
    pub async fn poison(&self, ticket: i64) {
        let outside = sqlx::SqlitePool::connect(&self.url()).await.unwrap();
        let text = "update tickets set body = json_set(body, '$.seq', 4294967295), changed_batch = 1000 where id = ?";
        sqlx::query(text).bind(ticket).execute(&outside).await.unwrap();
        sqlx::query("update desk set batch = 1000").execute(&outside).await.unwrap();
        outside.close().await;
    }

    pub async fn open(&self, title: &str) -> Result<Box<Ticket>, EngineError> {
        self.open_with(facts(title), None).await
    }

    pub async fn open_with(
        &self,
        facts: Facts,
        key: Option<IdempotencyKey>,
    ) -> Result<Box<Ticket>, EngineError> {
        match self.engine.take(opening(facts), key).await? {
            Answer::Ticket { ticket, .. } => Ok(ticket),
            other => panic!("{other:?}"),
        }
    }

    pub async fn by(&self, person: &str, ticket: i64, verb: Verb) -> Result<Box<Ticket>, EngineError> {
        let by = Actor::Person(PersonId::new(person));
        match self.engine.take(Command { by, action: Action::On(TicketId(ticket), verb) }, None).await? {
            Answer::Ticket { ticket, .. } => Ok(ticket),
            other => panic!("{other:?}"),
        }
    }

    pub async fn ticket(&self, id: i64) -> Ticket {
        self.engine.store().ticket(TicketId(id)).await.unwrap().expect("there is such a ticket").ticket
    }

    /// The names of what happened to it, in order.
    pub async fn story(&self, id: i64) -> Vec<String> {
        let history = self.engine.store().history(TicketId(id)).await.unwrap();
        let names = history.iter().map(|event| serde_json::to_value(&event.what).unwrap()["event"].clone());
        names.map(|name| name.as_str().unwrap().to_owned()).collect()
    }

    pub async fn batch(&self) -> i64 {
        self.engine.store().load_desk().await.unwrap().batch
    }

    /// Moves the clock, and waits until nothing is due by then.
    pub async fn advance(&self, by: TimeDelta) {
        self.clock.set(self.clock.now() + by);
        let now = self.clock.now();
        eventually("everything that is due is done", async || {
            let rows = self.engine.store().load_desk().await.unwrap();
            rows.tickets.iter().all(|saved| saved.wake_at.is_none_or(|at| at > now))
                && rows.closings.iter().all(|(_, at)| *at > now)
        })
        .await;
    }
}

pub async fn start(folder: &TempDir, clock: Clock) -> anyhow::Result<Engine> {
    start_in(folder.path(), clock).await
}

pub async fn start_in(folder: &Path, clock: Clock) -> anyhow::Result<Engine> {
    start_on(folder, &sqlite_url(folder), clock).await
}

fn sqlite_url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("meridian.db").display())
}

/// The node is called like its folder.
pub async fn start_on(folder: &Path, url: &str, clock: Clock) -> anyhow::Result<Engine> {
    let zones = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zones/2026f");
    let source = Source::now(&folder.join("schedules"), Some(&zones));
    let store = Store::open(url).await?.of_node(&folder.display().to_string());
    Engine::start(store, clock, source).await
}

pub fn monday(hour: i64, minute: i64) -> DateTime<Utc> {
    let midnight: DateTime<Utc> = "2026-03-02T00:00:00Z".parse().unwrap();
    midnight + TimeDelta::hours(hour) + TimeDelta::minutes(minute)
}

pub fn facts(title: &str) -> Facts {
    Facts { title: title.to_owned(), priority: Some(Priority::P3), ..Facts::default() }
}

pub fn opening(facts: Facts) -> Command {
    Command { by: Actor::Token("mail".to_owned()), action: Action::Open(Box::new(facts)) }
}

pub fn key(key: &str, fingerprint: &str) -> Option<IdempotencyKey> {
    Some(IdempotencyKey { key: key.to_owned(), fingerprint: fingerprint.to_owned() })
}

/// Whom the ticket's offer names.
pub fn asked(ticket: &Ticket) -> Vec<&str> {
    ticket.offer.iter().flat_map(|offer| &offer.ask).map(PersonId::as_str).collect()
}

pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..6000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within a minute: {what}");
}
