use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use meridian::clock::Clock;
use meridian::desk::{Answer, TicketId};
use tempfile::TempDir;

use super::house::*;

/// Set in the process that is killed: the folder it works in.
const FOLDER: &str = "MERIDIAN_TEST_FOLDER";
const CALLERS: usize = 32;
const ENOUGH: usize = 400;

/// This test runs itself a second time, as the process that is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_a_kill_in_the_midst_of_work() {
    if let Ok(folder) = std::env::var(FOLDER) {
        return work_until_killed(&folder).await;
    }
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("schedules")).unwrap();
    std::fs::write(folder.path().join("schedules/org.toml"), ORG).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "engine::kill::what_was_answered_survives_a_kill_in_the_midst_of_work",
            "--exact",
            "--nocapture",
        ])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut answered = BTreeSet::new();
    for line in lines {
        if let Some(number) = line.strip_prefix("answered ") {
            answered.insert(number.parse::<i64>().unwrap());
        }
        if answered.len() == ENOUGH {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(answered.len() >= ENOUGH, "the child did not work: {} answers", answered.len());

    let engine = start(&folder, Clock::machine()).await.unwrap();
    for number in answered {
        let saved = engine.store().ticket(TicketId(number)).await.unwrap();
        let ticket = saved.unwrap_or_else(|| panic!("ticket {number} was answered and is lost")).ticket;
        let history = engine.store().history(TicketId(number)).await.unwrap();
        let seqs: Vec<u32> = history.iter().map(|event| event.seq).collect();
        assert_eq!(seqs, (1..=ticket.seq).collect::<Vec<_>>(), "history of ticket {number}");
    }
    engine.stop().await;
}

async fn work_until_killed(folder: &str) {
    let engine = start_in(folder.as_ref(), Clock::machine()).await.unwrap();
    let callers = (0..CALLERS).map(|caller| {
        let engine = engine.clone();
        tokio::spawn(async move {
            loop {
                let answer = engine.take(opening(facts(&format!("From caller {caller}"))), None).await;
                let Answer::Ticket { ticket, .. } = answer.unwrap() else { panic!() };
                let mut out = std::io::stdout().lock();
                // Fails once nobody reads any more.
                if writeln!(out, "answered {}", ticket.id).and_then(|()| out.flush()).is_err() {
                    return;
                }
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
}
