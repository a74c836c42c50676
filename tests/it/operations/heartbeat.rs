use std::time::Duration;

use crate::daemon::{Daemon, folder};
use crate::notify::receiver::{Receiver, Reply};

/// Whether the heartbeat fails, and whether it was heard in the last minute.
async fn numbers(daemon: &Daemon) -> (i64, bool) {
    meridian::notify::use_ring();
    let text = reqwest::get(format!("{}/metrics", daemon.server())).await.unwrap().text().await.unwrap();
    let read = |name: &str| -> f64 {
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        value.unwrap_or_else(|| panic!("no {name} in {text}")).trim().parse().unwrap()
    };
    let heard_at = read("meridian_heartbeat_heard_timestamp_seconds ");
    (read("meridian_heartbeat_failing ") as i64, read("meridian_time_seconds ") - heard_at < 60.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heart_beats_only_while_tickets_are_decided() {
    let folder = folder();
    let receiver = Receiver::open(&[Reply::Status(500), Reply::Status(200)]).await;
    let settings = format!("[heartbeat]\nurl = \"{}\"\nevery = \"1s\"\nallow_private = true\n", receiver.url);
    std::fs::write(folder.path().join("meridian.toml"), settings).unwrap();
    let daemon = Daemon::start(folder.path(), None);
    // The first is refused.
    receiver.hears(3).await;

    let (database, away) = (folder.path().join("state/meridian.db"), folder.path().join("state/away.db"));
    std::fs::rename(&database, &away).unwrap();
    while !daemon.hears("no heartbeat")["error"].as_str().unwrap().contains("removed or replaced") {}
    let before = receiver.heard().len();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(receiver.heard().len(), before, "a daemon that decides nothing is silent");
    assert_eq!(numbers(&daemon).await, (1, true), "failing, and it was heard before");

    std::fs::rename(&away, &database).unwrap();
    daemon.hears("the heartbeat is heard again");
    receiver.hears(before + 2).await;
    assert_eq!(numbers(&daemon).await, (0, true));
    assert_eq!(daemon.stop(), 0);
    receiver.close().await;
}
