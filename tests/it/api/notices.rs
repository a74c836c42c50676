//! What waits, what arrived, what reached nobody; and once more.

use insta::assert_snapshot;
use meridian::store::FaceBatch;
use serde_json::{Value, json};

use super::office::*;
use crate::store::taken;

/// A line each.
fn lines(answer: &Value) -> String {
    let word = |notice: &Value, key: &str| notice[key].as_str().unwrap_or("-").to_owned();
    let line = |notice: &Value| {
        let words =
            ["id", "priority", "kind", "to", "state", "channel", "last_error"].map(|key| word(notice, key));
        format!("{} attempts {}\n", words.join(" "), notice["attempts"])
    };
    answer["notices"].as_array().unwrap().iter().map(line).collect()
}

async fn list(office: &Office, token: &str, query: &str) -> Value {
    let answer = office.get(token, &format!("/v1/notices{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// Three tickets; of their first notices one is sent, one given up, one waits. The third is bound to Europe.
async fn with_notices(office: &Office) {
    for ticket in [
        json!({"title": "One", "priority": "P2"}),
        json!({"title": "Two", "priority": "P2"}),
        json!({"title": "Three", "priority": "P2", "customer": "acme"}),
    ] {
        office.ticket(ticket).await;
    }
    let (store, now) = (office.engine.store(), office.clock.now());
    let id = |ticket: i64, all: &Value| {
        let of = all["notices"].as_array().unwrap().iter().find(|notice| notice["ticket"] == ticket);
        of.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let all = list(office, "admin", "").await;
    store.notices_sent(&[taken(&id(1, &all), "mail")], now).await.unwrap();
    let mut batch = store.begin().await.unwrap();
    batch
        .give_up(&[crate::store::given_up(&id(2, &all), "mail: answered 550 no such mailbox")], now)
        .await
        .unwrap();
    batch.commit().await.unwrap();
}

#[tokio::test]
async fn notices_are_listed_by_state_by_ticket_and_page_by_page() {
    let office = Office::open().await;
    with_notices(&office).await;
    let mut story = String::new();
    for query in ["", "?state=pending", "?state=failed", "?state=sent", "?ticket=2", "?ticket=2&state=sent"] {
        story += &format!("{query}\n{}", lines(&list(&office, "admin", query).await));
    }
    let mut next = Some(String::new());
    while let Some(query) = next {
        let page = list(&office, "admin", &format!("?limit=1{query}")).await;
        story += &format!("page {query:.8}\n{}", lines(&page));
        next = page["next"].as_str().map(|cursor| format!("&cursor={cursor}"));
    }
    let story = regex_free(&story);
    assert_snapshot!(story, @r#"

    3-4-0 P2 offer anna pending - - attempts 0
    2-4-0 P2 offer bjorn failed - mail: answered 550 no such mailbox attempts 1
    1-4-0 P2 offer anna sent mail - attempts 1
    ?state=pending
    3-4-0 P2 offer anna pending - - attempts 0
    ?state=failed
    2-4-0 P2 offer bjorn failed - mail: answered 550 no such mailbox attempts 1
    ?state=sent
    1-4-0 P2 offer anna sent mail - attempts 1
    ?ticket=2
    2-4-0 P2 offer bjorn failed - mail: answered 550 no such mailbox attempts 1
    ?ticket=2&state=sent
    page 
    3-4-0 P2 offer anna pending - - attempts 0
    page 
    2-4-0 P2 offer bjorn failed - mail: answered 550 no such mailbox attempts 1
    page 
    1-4-0 P2 offer anna sent mail - attempts 1
    "#);
    for query in ["?state=lost", "?limit=0", "?cursor=x", "?person=anna"] {
        assert_eq!(office.get("admin", &format!("/v1/notices{query}")).await.status, 422, "{query}");
    }
    office.close().await;
}

/// Cursors are numbers that mean nothing to anybody.
fn regex_free(story: &str) -> String {
    story.lines().map(|line| line.split("&cursor").next().unwrap().to_owned() + "\n").collect()
}

#[tokio::test]
async fn what_is_bound_to_a_residency_is_listed_and_sent_again_for_its_people_only() {
    let office = Office::open().await;
    with_notices(&office).await;
    let mut story = String::new();
    for token in ["admin", "anna", "carol", "reader"] {
        story += &format!(
            "{token}: {} of 3\n",
            list(&office, token, "").await["notices"].as_array().unwrap().len()
        );
    }
    let all = list(&office, "admin", "?ticket=3").await;
    let id = all["notices"][0]["id"].as_str().unwrap();
    let lead_elsewhere = json!({"name": "carol-lead", "role": "lead", "person": "carol"});
    let made = office.post("admin", "/v1/tokens", lead_elsewhere).await;
    let text = made.body["token"].as_str().unwrap();
    let refused = office.post(text, &format!("/v1/notices/{id}/resend"), json!({})).await;
    story += &format!("{}: {}\n", refused.status, refused.body["detail"]);
    assert_snapshot!(story, @r#"
    admin: 3 of 3
    anna: 3 of 3
    carol: 2 of 3
    reader: 2 of 3
    404 Not Found: "there is no notice \"3-4-0\""
    "#);
    office.close().await;
}

#[tokio::test]
async fn a_notice_is_sent_once_more_under_its_id_but_not_while_it_is_on_its_way() {
    let office = Office::open().await;
    with_notices(&office).await;
    let mut story = String::new();
    let all = list(&office, "admin", "").await;
    for ticket in [1, 2, 3] {
        let notice =
            all["notices"].as_array().unwrap().iter().find(|notice| notice["ticket"] == ticket).unwrap();
        let answer = office
            .post("lead", &format!("/v1/notices/{}/resend", notice["id"].as_str().unwrap()), json!({}))
            .await;
        let said = answer.body["detail"].as_str().unwrap_or("sent once more").to_owned();
        story += &format!("{}: {said}\n", answer.status);
    }
    let unknown = office.post("lead", "/v1/notices/9-9-9/resend", json!({})).await;
    story += &format!("{}: {}\n", unknown.status, unknown.body["detail"].as_str().unwrap());
    story += &lines(&list(&office, "admin", "").await);
    assert_snapshot!(story, @r#"
    200 OK: sent once more
    200 OK: sent once more
    409 Conflict: notice 3-4-0 is on its way: it has not failed yet
    404 Not Found: there is no notice "9-9-9"
    3-4-0 P2 offer anna pending - - attempts 0
    2-4-0 P2 offer bjorn pending - - attempts 0
    1-4-0 P2 offer anna pending - - attempts 0
    "#);
    office.close().await;
}
