use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use futures_util::future::join_all;
use meridian::clock::Clock;
use meridian::desk::{Action, Actor, AuditedAt, Facts, TicketId, Verb};
use meridian::engine::Engine;
use meridian::schedule::{Customer, PersonId};
use meridian::store::{Deed, Footprint};
use tempfile::TempDir;

use super::house::*;

/// Set in the process that is killed: the folder it works in.
const FOLDER: &str = "MERIDIAN_TEST_FOLDER_OF_FORGETTING";
const NAME: &str = "engine::forget::a_customer_is_forgotten_over_a_kill_and_no_word_is_left_in_any_file";
/// So many tickets, every second of them the customer's: more than are looked at in one step.
const TICKETS: i64 = 540;
const WORD: &str = "Mustermann";

/// This test runs itself a second time, as the process that is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_is_forgotten_over_a_kill_and_no_word_is_left_in_any_file() {
    if let Ok(folder) = std::env::var(FOLDER) {
        return forget_until_killed(folder.as_ref()).await;
    }
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("schedules")).unwrap();
    std::fs::write(folder.path().join("schedules/org.toml"), ORG).unwrap();
    fill(folder.path()).await;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([NAME, "--exact"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let url = format!("sqlite:{}", folder.path().join("meridian.db").display());
    let outside = sqlx::SqlitePool::connect(&url).await.unwrap();
    let erased = async || {
        let count = "select count(*) from tickets where erased_at is not null";
        sqlx::query_scalar::<_, i64>(count).fetch_one(&outside).await.unwrap()
    };
    // Wherever it is just then. It does not get to its end: see below.
    eventually("the first are erased", async || erased().await > 0).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let killed_at = erased().await;
    assert!((1..TICKETS / 2).contains(&killed_at), "killed in the middle, not after {killed_at}");
    outside.close().await;
    assert!(!files_with(folder.path(), WORD).is_empty(), "the test would see it");

    let engine = start(&folder, Clock::standing_at(monday(9, 10))).await.unwrap();
    engine.keep_private(None);
    eventually("it is finished by itself", async || engine.store().forgettings().await.unwrap().is_empty())
        .await;
    eventually("no word is left, nor in the log", async || files_with(folder.path(), WORD).is_empty()).await;
    engine.stop().await;
    for id in 1..=TICKETS {
        let ticket = engine.store().ticket(TicketId(id)).await.unwrap().unwrap().ticket;
        if id % 2 == 0 {
            assert!(ticket.erased_at.is_some(), "{id}");
        } else {
            let history = engine.store().history(TicketId(id)).await.unwrap();
            let said = format!("{history:?}");
            assert!(
                ticket.erased_at.is_none() && said.contains("Meier is content"),
                "{id} is another's: {said}"
            );
        }
    }
    let at = AuditedAt { now: monday(9, 10), lateness_max: chrono::TimeDelta::MAX };
    let audit = engine.store().audit(at, |_| ()).await.unwrap();
    assert_eq!((audit.wrong, audit.tickets), (0, TICKETS as u64), "{:?}", audit.findings);
    engine.store().close().await;
    assert_eq!(files_with(folder.path(), WORD), [""; 0], "once it is closed");
}

/// All of them done.
async fn fill(folder: &Path) {
    let engine = start_in(folder, Clock::standing_at(monday(9, 0))).await.unwrap();
    let who = |id: i64| if id % 2 == 0 { WORD } else { "Meier" };
    for ids in (1..=TICKETS).collect::<Vec<_>>().chunks(60) {
        let open = ids.iter().map(|id| {
            let name = who(*id).to_owned();
            let nobody =
                Customer { name, class: None, language: None, region: None, residency: None, sla: None };
            let facts =
                Facts { customer_details: Some(nobody), ..facts(&format!("{} cannot pay", who(*id))) };
            engine.take(opening(facts), None)
        });
        join_all(open).await.into_iter().for_each(|answer| drop(answer.unwrap()));
        let resolve = ids.iter().map(|id| {
            let verb = Verb::Resolve { notes: format!("{} is content", who(*id)), cause: None };
            let by = Actor::Person(PersonId::new("anna"));
            engine.take(meridian::desk::Command { by, action: Action::On(TicketId(*id), verb) }, None)
        });
        join_all(resolve).await.into_iter().for_each(|answer| drop(answer.unwrap()));
    }
    engine.stop().await;
    engine.store().close().await;
}

/// After the first step it stands still, so that whoever is slow to kill it finds it in the middle as well.
async fn forget_until_killed(folder: &Path) {
    let engine: Engine = start_in(folder, Clock::standing_at(monday(9, 5))).await.unwrap();
    let print = Footprint::new(engine.clock().now(), Deed::Forget, "POST /v1/forget").unwrap();
    let begun = engine.store().begin_forgetting(WORD, None, print).await.unwrap();
    let stand_still = |_: &_| loop {
        std::thread::sleep(Duration::from_secs(60));
    };
    engine.forget(begun, stand_still).await.unwrap();
}

/// The database's files that have the word in them.
fn files_with(folder: &Path, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            if bytes.windows(word.len()).any(|window| window == word.as_bytes()) {
                found.push(entry.file_name().into_string().unwrap());
            }
        }
    }
    found
}
