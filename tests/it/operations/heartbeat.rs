use std::time::Duration;

use crate::daemon::{Daemon, folder};
use crate::notify::receiver::{Receiver, Reply};

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

    std::fs::rename(&away, &database).unwrap();
    daemon.hears("the heartbeat is heard again");
    receiver.hears(before + 2).await;
    assert_eq!(daemon.stop(), 0);
    receiver.close().await;
}
