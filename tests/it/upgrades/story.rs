//! Half a day at a small organisation, told to a new database: something in every table, and much still to come.

use crate::store::{retried, taken};
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use meridian::clock::Clock;
use meridian::desk::*;
use meridian::engine::*;
use meridian::schedule::{CustomerId, PersonId, Priority, Skill};
use meridian::store::{DayKind, Deed, Footprint, LastBackup, Leave, Role, Store, TokenRow};
use serde_json::json;

/// Europe until 16, America from 16 on, the network two hours of a morning; UTC.
const ORG: &str = r#"
[org]
name = "Example"
tiers = ["frontline"]
policy = "standard"
last_resort = "dave"
[regions.emea]
timezone = "UTC"
residency = "eu"
[regions.amer]
timezone = "UTC"
residency = "eu"
[teams.emea]
region = "emea"
tier = "frontline"
members = ["anna", "bjorn"]
assign = "round-robin"
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "08:00", to = "16:00" }]
[teams.amer]
region = "amer"
tier = "frontline"
members = ["carol"]
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "16:00", to = "24:00" }]
[teams.network]
region = "amer"
tier = "frontline"
members = ["dave"]
skills = ["network"]
hours = [{ from = "10:00", to = "12:00" }]
[people.anna]
contact = ["chat"]
[people.bjorn]
contact = ["chat"]
[people.carol]
contact = ["chat"]
[people.dave]
name = "Dave"
[customers.acme]
name = "Acme"
residency = "eu"
[priorities]
P1 = { when_closed = "park", at_shift_end = "hand-over" }
[policies.standard]
steps = [{ tier = "frontline" }]
"#;

/// When the story ends: ten minutes into the handoff to America.
pub fn end() -> DateTime<Utc> {
    monday(15, 40)
}

pub fn monday(hour: i64, minute: i64) -> DateTime<Utc> {
    let midnight: DateTime<Utc> = "2026-03-02T00:00:00Z".parse().unwrap();
    midnight + TimeDelta::hours(hour) + TimeDelta::minutes(minute)
}

pub fn source(folder: &Path) -> Source {
    let zones = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zones/2026f");
    Source::now(&folder.join("schedules"), Some(&zones))
}

pub struct Told {
    pub engine: Engine,
    pub clock: Clock,
}

impl Told {
    pub async fn later(&self, to: DateTime<Utc>) {
        self.clock.set(to);
        for _ in 0..1000 {
            let rows = self.engine.store().load_desk().await.unwrap();
            if rows.tickets.iter().all(|saved| saved.wake_at.is_none_or(|at| at > to)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not everything due by {to} was done within ten seconds");
    }

    pub async fn open(&self, title: &str, more: Facts, key: Option<IdempotencyKey>) -> TicketId {
        let facts = Facts { title: title.to_owned(), ..more };
        let by = Actor::Token("mail".to_owned());
        let opened = self.engine.take(Command { by, action: Action::Open(Box::new(facts)) }, key).await;
        match opened.unwrap() {
            Answer::Ticket { ticket, .. } => ticket.id,
            other => panic!("{other:?}"),
        }
    }

    pub async fn by(&self, person: &str, ticket: TicketId, verb: Verb) {
        let by = Actor::Person(PersonId::new(person));
        self.engine.take(Command { by, action: Action::On(ticket, verb) }, None).await.unwrap();
    }
}

/// The key under which the pending ticket was opened.
pub fn key() -> Option<IdempotencyKey> {
    Some(IdempotencyKey { key: "mail: key".to_owned(), fingerprint: "POST /v1/tickets".to_owned() })
}

pub fn of(priority: Priority) -> Facts {
    Facts { priority: Some(priority), ..Facts::default() }
}

/// Tells it to the store, and leaves.
pub async fn tell(folder: &Path, store: Store) {
    let schedules = folder.join("schedules");
    std::fs::create_dir_all(&schedules).unwrap();
    std::fs::write(schedules.join("org.toml"), ORG.replace("name = \"Dave\"", "")).unwrap();
    let clock = Clock::standing_at(monday(9, 0));
    let engine = Engine::start(store, clock.clone(), source(folder)).await.unwrap();
    let told = Told { engine, clock };
    std::fs::write(schedules.join("org.toml"), ORG).unwrap();
    assert!(matches!(told.engine.reload().await.unwrap(), Reloaded::Changed { revision: 2, .. }));

    let acme = Facts { customer: Some(CustomerId::new("acme")), ..of(Priority::P1) };
    let held = told.open("Everything is down", acme, None).await;
    told.by("anna", held, Verb::Acknowledge).await;
    told.by("anna", held, Verb::Note { text: "looked at the \"logs\"\n🌍".to_owned(), progress: true }).await;
    let resolved = told.open("Printer", of(Priority::P3), None).await;
    told.by("bjorn", resolved, Verb::Acknowledge).await;
    told.by("bjorn", resolved, Verb::Resolve { notes: "paper".to_owned(), cause: None }).await;
    let closed = told.open("Spam", of(Priority::P5), None).await;
    told.by("anna", closed, Verb::Acknowledge).await;
    told.by("anna", closed, Verb::Resolve { notes: "none of ours".to_owned(), cause: None }).await;
    told.by("anna", closed, Verb::Close { reason: "spam".to_owned() }).await;
    let pending = told.open("Waits for the customer", of(Priority::P2), key()).await;
    told.by("bjorn", pending, Verb::Acknowledge).await;
    let until = Some(monday(9, 0) + TimeDelta::days(3));
    let pend = Verb::Pend { on: PendingOn::Customer, until, reason: "asked for logs".to_owned() };
    told.by("bjorn", pending, pend).await;

    told.later(monday(15, 30)).await;
    let briefing = Briefing { summary: "all of it".to_owned(), ..Briefing::default() };
    told.by("anna", held, Verb::Brief(briefing)).await;
    let network = Facts { skills: [Skill::new("network")].into(), ..of(Priority::P3) };
    told.open("Slow line", network, None).await;
    told.later(monday(15, 35)).await;
    let again = Facts {
        dedup_key: Some("disk".to_owned()),
        external_ref: Some("INC-7".to_owned()),
        ..of(Priority::P3)
    };
    told.open("Disk full", again.clone(), None).await;
    told.open("Disk full", again, None).await;
    told.later(end()).await;

    let leave = json!({"person": "anna", "from": "2026-03-05", "to": "2026-03-06"});
    told.engine.add_day_row(DayKind::Leave, leave, "anna".to_owned(), None).await.unwrap();
    let gone = json!({"team": "amer", "from": "2026-03-03", "to": "2026-03-03", "only": []});
    let gone = told.engine.add_day_row(DayKind::Override, gone, "lead".to_owned(), None).await.unwrap();
    told.engine.remove_day_row(DayKind::Override, gone.id).await.unwrap();
    deliver(&told).await;
    let footprint = Footprint::new(end(), Deed::Forget, "POST /v1/forget").unwrap();
    told.engine.store().begin_forgetting("somebody", None, footprint).await.unwrap();
    told.engine.stop().await;
    told.engine.store().close().await;
}

/// One notice arrives, one has to be tried again, one never arrives, and one is under way as the story ends.
async fn deliver(told: &Told) {
    let store = told.engine.store();
    let token = TokenRow {
        name: "mail".to_owned(),
        hash: "a".repeat(64),
        role: Role::Ingest,
        person: None,
        at: end(),
    };
    assert!(store.add_token(&token).await.unwrap());
    store.key("acknowledge-links", "a key that all nodes share", end()).await.unwrap();
    let claimed =
        store.claim_notices(end(), "node", TimeDelta::minutes(1), 4, &Leave::NOTHING).await.unwrap();
    let [sent, again, failed, _] = &claimed[..] else { panic!("{} notices", claimed.len()) };
    store.notices_sent(&[taken(&sent.notice.id, "chat")], end()).await.unwrap();
    let later = end() + TimeDelta::minutes(2);
    store
        .notice_retry(&again.notice.id, "node", &retried(later, "answered with 503", "chat", 1))
        .await
        .unwrap();
    let given_up = Action::NoticeFailed {
        notice: Box::new(failed.notice.clone()),
        reason: "no channel is set up".to_owned(),
    };
    told.engine.take(Command::system(given_up), None).await.unwrap();
    store.agrees(2, end()).await.unwrap();
    store.backed_up(LastBackup { at: monday(14, 0), batch: 7 }).await.unwrap();
}
