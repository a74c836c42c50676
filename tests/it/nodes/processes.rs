use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use meridian::desk::{Answer, Facts, TicketId};
use meridian::engine::EngineError;
use meridian::store::Store;
use tempfile::TempDir;

use super::*;

/// Set in the processes that are killed and paused: the database, and the folder they work in.
const DATABASE: &str = "MERIDIAN_TEST_DATABASE";
const FOLDER: &str = "MERIDIAN_TEST_FOLDER";
const CALLERS: usize = 8;
/// Longer than the database lets a silent node keep the lock.
const PAUSED: Duration = Duration::from_secs(11);

struct Node {
    process: Child,
    answers: Receiver<(String, i64)>,
    answered: BTreeMap<String, i64>,
    _folder: TempDir,
}

impl Node {
    fn start(url: &str) -> Node {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("schedules")).unwrap();
        std::fs::write(folder.path().join("schedules/org.toml"), ORG).unwrap();
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([
                "nodes::processes::a_node_is_killed_and_one_is_paused_and_nothing_is_lost_or_doubled",
                "--exact",
                "--nocapture",
            ])
            .env(DATABASE, url)
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (said, answers) = channel();
        let out = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let Some((reference, id)) =
                    line.strip_prefix("answered ").and_then(|words| words.split_once(' '))
                else {
                    continue;
                };
                if said.send((reference.to_owned(), id.parse().unwrap())).is_err() {
                    return;
                }
            }
        });
        Node { process, answers, answered: BTreeMap::new(), _folder: folder }
    }

    /// Waits for so many more answers; how long that took.
    fn answers(&mut self, count: usize) -> Duration {
        let begun = Instant::now();
        for _ in 0..count {
            let (reference, id) = self.answers.recv_timeout(Duration::from_secs(40)).expect("it works");
            assert_eq!(self.answered.insert(reference.clone(), id), None, "{reference} was answered twice");
        }
        begun.elapsed()
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Everything it answered before it died.
    fn kill(mut self) -> BTreeMap<String, i64> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.answered.extend(self.answers.iter());
        self.answered
    }
}

/// This test runs itself again, as the processes that are killed and paused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_is_killed_and_one_is_paused_and_nothing_is_lost_or_doubled() {
    if let Ok(url) = std::env::var(DATABASE) {
        return work_until_killed(&url).await;
    }
    let url = postgres::database().await;
    let [mut killed, mut paused, mut steady] = [(); 3].map(|()| Node::start(&url));
    for node in [&mut killed, &mut paused, &mut steady] {
        node.answers(40);
    }
    let mut answered = killed.kill();
    let longest = steady.answers(20);
    assert!(longest < Duration::from_secs(5), "a node that dies gives the lock back at once: {longest:?}");
    paused.signal("STOP");
    let stopped = Instant::now();
    // Whether it had the lock or not.
    steady.answers(40);
    std::thread::sleep(PAUSED.saturating_sub(stopped.elapsed()));
    paused.signal("CONT");
    paused.answers(20);
    answered.extend(paused.kill());
    answered.extend(steady.kill());

    let store = Store::open(&url).await.unwrap();
    let last = store.last().await.unwrap().numbers.ticket;
    let mut references = BTreeMap::new();
    for number in 1..=last {
        let ticket = store.ticket(TicketId(number)).await.unwrap().expect("numbers have no holes").ticket;
        let reference = ticket.facts.external_ref.unwrap();
        assert_eq!(references.insert(reference.clone(), number), None, "{reference} was opened twice");
        let history = store.history(TicketId(number)).await.unwrap();
        let seqs: Vec<u32> = history.iter().map(|event| event.seq).collect();
        assert_eq!(seqs, (1..=ticket.seq).collect::<Vec<_>>(), "history of ticket {number}");
    }
    for (reference, id) in answered {
        assert_eq!(references.get(&reference), Some(&id), "{reference} was answered");
    }
}

async fn work_until_killed(url: &str) {
    let folder = std::env::var(FOLDER).unwrap();
    let engine = start_on(folder.as_ref(), url, Clock::machine()).await.unwrap();
    let callers = (0..CALLERS).map(|caller| {
        let engine = engine.clone();
        tokio::spawn(async move {
            for number in 0.. {
                let reference = format!("{}.{caller}.{number}", std::process::id());
                let id = loop {
                    let facts = Facts { external_ref: Some(reference.clone()), ..facts(&reference) };
                    match engine.take(opening(facts), key(&reference, "open")).await {
                        Ok(Answer::Ticket { ticket, .. }) => break ticket.id,
                        Err(EngineError::Unavailable(_)) => {
                            tokio::time::sleep(Duration::from_millis(50)).await
                        }
                        other => panic!("{other:?}"),
                    }
                };
                let mut out = std::io::stdout().lock();
                // Fails once nobody reads any more.
                if writeln!(out, "answered {reference} {id}").and_then(|()| out.flush()).is_err() {
                    return;
                }
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
}
