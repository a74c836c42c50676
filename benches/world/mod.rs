//! One team that works around the clock, for benches.

use std::path::PathBuf;

use meridian::desk::{Action, Actor, Answer, Command, Facts, TicketId};
use meridian::engine::Engine;
use tempfile::TempDir;

const ORG: &str = r#"
[org]
tiers = ["frontline"]
policy = "standard"
[regions.world]
name = "World"
timezone = "UTC"
residency = "world"
[teams.world]
name = "World"
region = "world"
tier = "frontline"
members = ["anna"]
capacity = 1000
hours = [{ from = "00:00", to = "24:00" }]
[people.anna]
name = "Anna"
[priorities]
P1 = { when_closed = "park", at_shift_end = "keep" }
P2 = { when_closed = "park", at_shift_end = "keep" }
[policies.standard]
steps = [{ tier = "frontline" }]
"#;

/// Its rotation files, beneath the folder.
pub fn schedules(folder: &TempDir) -> PathBuf {
    let schedules = folder.path().join("schedules");
    std::fs::create_dir(&schedules).expect("a folder for the schedules");
    std::fs::write(schedules.join("org.toml"), ORG).expect("the schedules");
    schedules
}

pub async fn open(engine: &Engine, facts: Facts) -> TicketId {
    let facts = Facts { title: "The shop is down".to_owned(), category: Some("shop".to_owned()), ..facts };
    let command = Command { by: Actor::Token("bench".to_owned()), action: Action::Open(Box::new(facts)) };
    match engine.take(command, None).await {
        Ok(Answer::Ticket { ticket, .. }) => ticket.id,
        other => panic!("{other:?}"),
    }
}
