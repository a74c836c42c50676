//! A ticket with a residency exists only for those who may see it.

use insta::assert_snapshot;
use meridian::clock::Clock;
use serde_json::{Value, json};

use super::office::*;

#[tokio::test]
async fn only_people_of_the_residency_see_the_ticket() {
    let office = Office::open().await;
    let open = office.ticket(json!({"title": "Anybody's"})).await;
    let bound = office.ticket(json!({"title": "Europe's own", "residency": "eu"})).await;
    let acme = office.ticket(json!({"title": "Acme's", "customer": "acme"})).await;
    for (token, sees) in [
        ("admin", vec![open, bound, acme]),
        ("anna", vec![open, bound, acme]),
        ("lead", vec![open, bound, acme]),
        ("carol", vec![open]),
        ("dave", vec![open]),
        ("reader", vec![open]),
    ] {
        let listed = office.get(token, "/v1/tickets").await.body;
        let ids: Vec<i64> =
            listed["tickets"].as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()).collect();
        assert_eq!(ids, sees, "{token}");
        for ticket in [open, bound, acme] {
            let expected = if sees.contains(&ticket) { 200 } else { 404 };
            let shown = office.get(token, &format!("/v1/tickets/{ticket}")).await;
            assert_eq!(shown.status.as_u16(), expected, "{token} {ticket}");
        }
    }
    office.close().await;
}

#[tokio::test]
async fn those_who_may_not_see_it_cannot_tell_it_from_one_that_is_not_there() {
    let office = Office::open().await;
    let bound = office.ticket(json!({"title": "Europe's own", "residency": "eu"})).await;
    for verb in ["acknowledge", "release", "note", "resolve"] {
        let body = if verb == "note" { json!({"text": "hello"}) } else { json!({}) };
        let hidden = office.post("carol", &format!("/v1/tickets/{bound}/{verb}"), body.clone()).await;
        let missing = office.post("carol", &format!("/v1/tickets/999/{verb}"), body).await;
        assert_eq!(problem(&hidden).replace(&bound.to_string(), "N"), problem(&missing).replace("999", "N"));
    }
    let history = office.get("anna", &format!("/v1/tickets/{bound}")).await.body;
    assert!(!history.to_string().contains("carol"), "nothing that carol tried is in the history");
    office.close().await;
}

#[tokio::test]
async fn a_sender_learns_of_its_own_ticket_and_little_of_anothers() {
    let office = Office::open().await;
    let body = json!({"title": "Secret", "residency": "eu", "dedup_key": "k", "description": "inside"});
    let first = office.post("ingest", "/v1/tickets", body).await;
    assert_eq!((first.status.as_u16(), &first.body["description"]), (201, &json!("inside")));
    let again = office.post("ingest", "/v1/tickets", json!({"title": "x", "dedup_key": "k"})).await;
    assert_eq!(again.status, 200);
    let names: Vec<&String> = again.body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["count", "id", "priority", "state"]);
    assert_eq!(again.body["count"], 2);
    let seen = office.post("anna", "/v1/tickets", json!({"title": "x", "dedup_key": "k"})).await;
    assert_eq!(seen.body["description"], "inside");
    assert_ne!(seen.body["holder"], Value::Null);
    office.close().await;
}

/// Carol has no part in Europe's night shift, and may not know of what it takes over.
#[tokio::test]
async fn whoever_accepted_a_batch_was_told_of_tickets_that_they_may_not_see() {
    let night = "[teams.night]\nname = \"Night\"\nregion = \"emea\"\ntier = \"frontline\"\nmembers = [\"bjorn\"]\n\
        hours = [{ from = \"16:00\", to = \"24:00\" }]\n[teams.amer]";
    let org = ORG
        .replace("[teams.amer]", night)
        .replace("members = [\"anna\", \"bjorn\"]\nhours", "members = [\"anna\"]\nhours");
    let office = Office::with(&org, Clock::standing_at("2026-03-02T09:00:00Z".parse().unwrap())).await;
    let bound = office.ticket(json!({"title": "Europe's own", "priority": "P2", "residency": "eu"})).await;
    office.act("anna", bound, "acknowledge", json!({})).await;
    office.later("2026-03-02T15:40:00Z").await;
    let mut story = String::new();
    for (token, body) in
        [("carol", json!({})), ("carol", json!({"tickets": [bound]})), ("carol", json!({"tickets": [999]}))]
    {
        story += &format!(
            "{token} {body}: {}\n",
            problem(&office.post(token, "/v1/handoffs/1/accept", body.clone()).await)
        );
    }
    let stranger = office.post("bjorn", "/v1/handoffs/1/accept", json!({"tickets": [999]})).await;
    story += &format!("bjorn: {}\n", problem(&stranger));
    let taken = office.post("bjorn", "/v1/handoffs/1/accept", json!({})).await;
    story += &format!("bjorn: {} {}\n", taken.status.as_u16(), taken.body);
    let rows = office.get("admin", "/v1/audit?person=bjorn").await.body["audit"].clone();
    story += &rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{} {}\n", row["route"], row["tickets"]))
        .collect::<String>();
    assert_snapshot!(story, @r#"
    carol {}: 404 not-found | - | there is no handoff 1
    carol {"tickets":[1]}: 404 not-found | - | there is no handoff 1
    carol {"tickets":[999]}: 404 not-found | - | there is no handoff 1
    bjorn: 422 invalid | tickets | tickets: ticket 999 is not part of it
    bjorn: 200 {"accepted":[1],"handoff":1,"refused":{}}
    "POST /v1/handoffs/{id}/accept" [1]
    "POST /v1/handoffs/{id}/accept" [1]
    "#);
    office.close().await;
}
