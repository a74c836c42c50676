//! An upgrade that is cut off, and two that begin at once.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;

/// Set in the processes that are killed.
const DATABASE: &str = "MERIDIAN_TEST_UPGRADED";
/// Killed so often, later each time, from before the first statement until it gets through.
const KILLS_MAX: u32 = 12;
const A_LITTLE: Duration = Duration::from_millis(12);
const NODES: usize = 6;

/// Opens the database and says so, where it is run as the process that is to be killed.
#[tokio::test]
async fn an_upgrade_killed_at_any_moment_is_finished_by_the_next_start() {
    if let Ok(url) = std::env::var(DATABASE) {
        println!("begun");
        Store::open(&url).await.unwrap().close().await;
        println!("opened");
        return;
    }
    for kind in KINDS {
        let newest = *kind.versions().last().unwrap();
        let before = kind.versions().iter().rev().nth(1).copied();
        let folder = TempDir::new().unwrap();
        let rows = match before {
            Some(version) => dump::everything(&kind.of_release(version, &folder).await).await,
            None => Vec::new(),
        };
        let mut kills = 0;
        for number in 0..KILLS_MAX {
            let folder = TempDir::new().unwrap();
            let url = match before {
                Some(version) => kind.of_release(version, &folder).await,
                None => kind.empty(&folder).await,
            };
            let got_through = killed_after(A_LITTLE * number, &url);
            Store::open(&url)
                .await
                .unwrap_or_else(|error| panic!("{kind:?} {number}: {error:#}"))
                .close()
                .await;
            assert_eq!(dump::again(&url, &rows).await, rows, "{kind:?} {number}");
            assert_eq!(applied(&url).await, kind.versions(), "{kind:?} {number}");
            if got_through {
                break;
            }
            kills += 1;
        }
        assert!(kills > 0, "{kind:?} to {newest}: never killed before it was done");
    }
}

/// Whether it had opened the database by then.
fn killed_after(wait: Duration, url: &str) -> bool {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["upgrades::interrupted::an_upgrade_killed_at_any_moment_is_finished_by_the_next_start"])
        .args(["--exact", "--nocapture"])
        .env(DATABASE, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = process.stdout.take().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(out)).map_while(Result::ok);
    assert!(lines.any(|line| line.ends_with("begun")), "it did not begin");
    std::thread::sleep(wait);
    process.kill().unwrap();
    process.wait().unwrap();
    lines.any(|line| line == "opened")
}

async fn applied(url: &str) -> Vec<i64> {
    let pool = dump::connect(url).await;
    let text = "select version from _sqlx_migrations order by version";
    let versions = sqlx::query_scalar(text).fetch_all(&pool).await.unwrap();
    pool.close().await;
    versions
}

/// On PostgreSQL several nodes start at once; a SQLite file has one daemon, but commands open it as well.
#[tokio::test]
async fn nodes_that_start_at_once_upgrade_once() {
    for kind in KINDS {
        let mut states: Vec<Option<i64>> = kind.versions().into_iter().map(Some).collect();
        states.push(None);
        for state in states {
            let folder = TempDir::new().unwrap();
            let url = match state {
                Some(version) => kind.of_release(version, &folder).await,
                None => kind.empty(&folder).await,
            };
            let starts = futures_util::future::join_all((0..NODES).map(|_| Store::open(&url)));
            for opened in starts.await {
                opened.unwrap_or_else(|error| panic!("{kind:?} from {state:?}: {error:#}")).close().await;
            }
            assert_eq!(applied(&url).await, kind.versions(), "{kind:?} from {state:?}");
        }
    }
}
