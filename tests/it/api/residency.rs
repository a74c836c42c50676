//! A ticket with a residency exists only for those who may see it.

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
