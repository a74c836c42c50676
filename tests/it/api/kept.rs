//! What was done and not kept, and what a restore has lost.

use chrono::TimeDelta;
use meridian::clock::Clock;
use meridian::store::{KeptSince, Restoring, Store, restore};
use serde_json::json;
use tempfile::TempDir;

use super::office::*;
use crate::postgres;

/// On either kind of database, in this folder.
async fn office(url: &str) -> Office {
    let clock = Clock::standing_at("2026-03-02T09:00:00Z".parse().unwrap());
    Office::on(url, TempDir::new().unwrap(), ORG, clock).await
}

#[tokio::test]
async fn a_ticket_that_is_not_kept_any_more_is_gone_for_whoever_sees_every_ticket() {
    let folder = TempDir::new().unwrap();
    let sqlite = format!("sqlite:{}", folder.path().join("meridian.db").display());
    for url in [sqlite, postgres::database().await] {
        let office = office(&url).await;
        let done = office.ticket(json!({"title": "Done long ago"})).await;
        let live = office.ticket(json!({"title": "Still open"})).await;
        office.act("anna", done, "resolve", json!({"notes": "A fuse"})).await;
        let later = office.clock.now() + TimeDelta::days(30);
        let since = KeptSince { tickets: Some(later), notices: later };
        assert_eq!(office.engine.store().prune(since, 50).await.unwrap().tickets, 1);

        let mut said = String::new();
        for (token, method, path) in [
            ("admin", "GET", ""),
            ("reader", "GET", ""),
            ("anna", "GET", ""),
            ("admin", "POST", "/note"),
            ("anna", "POST", "/note"),
        ] {
            let body = (method == "POST").then(|| json!({"text": "Once more?"}).to_string());
            let answer =
                office.call(request(method, &format!("/v1/tickets/{done}{path}"), token, body)).await;
            said += &format!("{token} {method}: {}\n", problem(&answer));
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(said, @r"
            admin GET: 410 gone | - | ticket 1 was done, and is not kept any more
            reader GET: 404 not-found | - | there is no ticket 1
            anna GET: 404 not-found | - | there is no ticket 1
            admin POST: 410 gone | - | ticket 1 was done, and is not kept any more
            anna POST: 404 not-found | - | there is no ticket 1
            ");
        }
        assert_eq!(office.get("admin", &format!("/v1/tickets/{live}")).await.status, 200);
        let never = office.get("admin", "/v1/tickets/9").await;
        assert_eq!(problem(&never), "404 not-found | - | there is no ticket 9");
        office.close().await;
    }
}

#[tokio::test]
async fn a_number_that_a_restore_has_passed_over_says_so_and_events_go_on_under_other_ids() {
    let folder = TempDir::new().unwrap();
    let sqlite = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let (before, after, copy) = (sqlite("before.db"), sqlite("after.db"), folder.path().join("copy.db"));
    let now = "2026-03-02T08:00:00Z".parse().unwrap();
    let first = Store::open(&before).await.unwrap();
    first.back_up(&copy, false, now, |_, _| ()).await.unwrap();
    first.close().await;
    let restoring = Restoring { force: false, state: folder.path(), node: "node", now };
    restore(&copy, &after, restoring, |_, _| ()).await.unwrap();

    let second = office(&after).await;
    let lost = second.get("reader", "/v1/tickets/812").await;
    insta::assert_snapshot!(problem(&lost), @"404 not-found | - | there is no ticket 812: numbers 1 to 1000 were passed over when a backup was restored on 2026-03-02 08:00 UTC, as what had been opened since is lost");
    let stream = second.send(request("GET", "/v1/events", "reader", None)).await;
    let opened = second.ticket(json!({"title": "The shop is down"})).await;
    let mut body = stream.into_body().into_data_stream();
    let chunk = futures_util::StreamExt::next(&mut body).await.unwrap().unwrap();
    let said = String::from_utf8(chunk.to_vec()).unwrap();
    assert!(said.contains(&format!("id: {opened}.1.{}\n", now.timestamp_millis())), "{said}");
    second.close().await;
}
