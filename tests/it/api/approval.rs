//! A lead is asked before a ticket goes to the next tier.

use insta::assert_snapshot;
use meridian::clock::Clock;
use meridian::desk::NoticeKind;
use meridian::store::NoticeFilter;
use serde_json::{Value, json};

use super::office::*;

/// Anna leads Europe.
async fn office() -> Office {
    let rule = "approve = { priorities = [\"P3\"], within = \"1h\", if_silent = \"refuse\" }";
    let org = ORG.replace("[policies.standard]\n", &format!("[policies.standard]\n{rule}\n")).replace(
        "members = [\"anna\", \"bjorn\"]\nhours",
        "lead = \"anna\"\nmembers = [\"anna\", \"bjorn\"]\nhours",
    );
    Office::with(&org, Clock::standing_at("2026-03-02T09:00:00Z".parse().unwrap())).await
}

async fn asked(office: &Office) -> i64 {
    let id = office.ticket(json!({"title": "The shop is slow", "priority": "P3"})).await;
    office.act("bjorn", id, "acknowledge", json!({})).await;
    office.act("bjorn", id, "escalate", json!({"reason": "above me", "impact": "some give up"})).await;
    id
}

#[tokio::test]
async fn whoever_leads_a_team_approves_or_refuses_with_a_reason_and_nobody_else() {
    let office = office().await;
    let id = asked(&office).await;
    let shown = office.get("bjorn", &format!("/v1/tickets/{id}")).await.body;
    assert_eq!(custody(&shown), "held bjorn []");
    assert_snapshot!(shown["approval"], @r#"{"by":"bjorn","lead":"anna","reason":"above me","request":{"by":"bjorn","impact":"some give up"},"until":"2026-03-02T10:00:00Z"}"#);
    let (approve, refuse) = (format!("/v1/tickets/{id}/approve"), format!("/v1/tickets/{id}/refuse"));
    let mut said = String::new();
    for (token, path, body) in [
        ("bjorn", &approve, json!({})),
        ("reader", &approve, json!({})),
        ("anna", &approve, json!({"reason": "yes"})),
        ("anna", &refuse, json!({})),
        ("anna", &refuse, json!({"reason": "mend it yourself"})),
        ("anna", &approve, json!({})),
    ] {
        let answer = office.post(token, path, body.clone()).await;
        let came = if answer.status.is_success() { custody(&answer.body) } else { problem(&answer) };
        said += &format!("{token} {path} {body}: {came}\n");
    }
    assert_snapshot!(said, @r#"
    bjorn /v1/tickets/1/approve {}: 409 conflict | - | ticket 1: bjorn leads no team: what others ask for, a lead approves or refuses
    reader /v1/tickets/1/approve {}: 403 forbidden | - | a token of role reader may not do this
    anna /v1/tickets/1/approve {"reason":"yes"}: 422 invalid | reason | reason: there is no such field; nothing is known here
    anna /v1/tickets/1/refuse {}: 422 invalid | reason | reason: must not be empty
    anna /v1/tickets/1/refuse {"reason":"mend it yourself"}: held bjorn []
    anna /v1/tickets/1/approve {}: 409 conflict | - | ticket 1: no escalation of it waits for approval; its history tells what became of one
    "#);
    office.close().await;
}

#[tokio::test]
async fn one_tap_approves_it_and_a_second_one_changes_nothing() {
    let office = office().await;
    let id = asked(&office).await;
    let filter = NoticeFilter { limit: 100, ..NoticeFilter::default() };
    let (found, _) = office.engine.store().notices(filter).await.unwrap();
    let mut notices = found.into_iter().map(|listed| listed.row.notice);
    let notice = notices.find(|notice| notice.kind == NoticeKind::Approval).unwrap();
    let link = links().link(&notice).unwrap();
    let path = link.strip_prefix("https://meridian.example.com").unwrap();
    let mut said = String::new();
    for method in ["GET", "POST", "POST", "GET"] {
        let page = office.call(request(method, path, "", None)).await;
        let html = page.body.as_str().unwrap_or_default().to_owned();
        let text = html.split_once("<p>").unwrap().1.split_once("</p>").unwrap().0.to_owned();
        let shown = office.get("bjorn", &format!("/v1/tickets/{id}")).await.body;
        said += &format!("{method} {}: {text} | {}\n", page.status.as_u16(), custody(&shown));
    }
    assert_snapshot!(said, @r#"
    GET 200: Anna, Björn asks you whether it may be escalated. The link works until 2026-03-02 10:00 UTC. To refuse, sign in and say why. | held bjorn []
    POST 200: It is approved. Thank you. | held bjorn [dave]
    POST 200: It has been decided already; you need do nothing. | held bjorn [dave]
    GET 200: It has been decided already; you need do nothing. | held bjorn [dave]
    "#);
    let by: Vec<Value> = office.get("bjorn", &format!("/v1/tickets/{id}")).await.body["history"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| {
            ["approval_asked", "approval_ended", "escalated"].contains(&event["event"].as_str().unwrap())
        })
        .map(|event| json!([event["event"], event["by"]]))
        .collect();
    assert_snapshot!(Value::from(by), @r#"[["approval_asked",{"id":"bjorn","kind":"person"}],["approval_ended",{"id":"anna","kind":"person"}],["escalated",{"id":"anna","kind":"person"}]]"#);
    office.close().await;
}
