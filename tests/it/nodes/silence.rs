//! A network that goes silent: what was sent on a connection is heard, and nothing comes back.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use meridian::notify::{Channels, Deliveries, Notifier, Pace};
use meridian::settings::{ChannelKind, ChannelSettings};
use meridian::store::{Face, Leave, OutboxFilter, Store, unavailable};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

use super::*;

/// Between us and a PostgreSQL server.
struct Network {
    url: String,
    /// Of the connections of now.
    silent: Arc<Mutex<CancellationToken>>,
    stop: CancellationToken,
    _folder: TempDir,
}

impl Network {
    fn before(url: &str) -> Network {
        let (address, server) = url.split_once("?host=").expect("a socket");
        let (folder, server) = (TempDir::new().unwrap(), Path::new(server).join(".s.PGSQL.5432"));
        let url = format!("{address}?host={}", folder.path().display());
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let (silent, stop) = (Arc::<Mutex<CancellationToken>>::default(), CancellationToken::new());
        let (now, stopped) = (silent.clone(), stop.clone());
        tokio::spawn(stopped.run_until_cancelled_owned(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let far = UnixStream::connect(&server).await.unwrap();
                let silent = now.lock().unwrap().clone();
                tokio::spawn(carry(near, far, silent));
            }
        }));
        Network { url, silent, stop, _folder: folder }
    }

    /// Nothing comes back on the connections of now; new ones are sound.
    fn falls_silent(&self) {
        std::mem::take(&mut *self.silent.lock().unwrap()).cancel();
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn carry(near: UnixStream, far: UnixStream, silent: CancellationToken) {
    let ((mut from_near, mut to_near), (mut from_far, mut to_far)) = (near.into_split(), far.into_split());
    let there = tokio::spawn(async move { tokio::io::copy(&mut from_near, &mut to_far).await });
    let mut said = vec![0; 65_536];
    while let Ok(count @ 1..) = from_far.read(&mut said).await {
        if silent.is_cancelled() {
            // Until whoever waits hangs up.
            break;
        }
        if to_near.write_all(&said[..count]).await.is_err() {
            break;
        }
    }
    _ = there.await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_never_comes_is_waited_for_so_long_and_its_connection_is_not_used_again() {
    let network = Network::before(&postgres::database().await);
    let store = Store::open(&network.url).await.unwrap();
    let claim = async || {
        Face::claim_notices(&store, monday(9, 0), "one", TimeDelta::minutes(2), 9, &Leave::NOTHING).await
    };
    for _ in 0..6 {
        claim().await.unwrap();
    }
    network.falls_silent();
    let began = Instant::now();
    let error = claim().await.unwrap_err();
    assert!(unavailable(&error), "{error:#}");
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    // Each that was open is found out, once; none keeps its place in the pool.
    while claim().await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(90), "{:?}", began.elapsed());
    }
    for _ in 0..6 {
        claim().await.unwrap();
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_answer_that_never_came_stopped_a_nodes_notices_for_good() {
    let url = postgres::database().await;
    let network = Network::before(&url);
    let clock = Clock::standing_at(monday(9, 0));
    let house = House::node(&network.url, ORG, &clock).await.unwrap();
    let pace = Pace::default();
    let log =
        ChannelSettings { kind: ChannelKind::Log, allow_private: false, rate: None, acknowledge: false };
    let settings = BTreeMap::from([("email".to_owned(), log)]);
    let channels = Channels::new(&settings, &pace).unwrap();
    let counts = Deliveries::default();
    let notifier = Notifier::start(house.engine.clone(), channels, pace, "one".to_owned(), counts.clone());
    house.open("Before").await.unwrap();
    let beside = Store::open(&url).await.unwrap();
    let sent = async |count: usize| {
        while beside.outbox(OutboxFilter::Sent, 99).await.unwrap().len() < count {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), sent(1)).await.expect("all is well");
    network.falls_silent();
    let began = Instant::now();
    // The engine finds out for itself.
    while house.open("After").await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(50), "commands are decided again");
    }
    tokio::time::timeout(Duration::from_secs(40), sent(2)).await.expect("notices go out again");
    assert!(counts.blind_for() < Duration::from_secs(40));
    notifier.stop(Duration::from_secs(5)).await;
    beside.close().await;
}
