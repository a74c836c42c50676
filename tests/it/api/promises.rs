//! Promises to customers, as the API shows them.

use insta::assert_snapshot;
use meridian::clock::Clock;
use serde_json::{Value, json};

use super::office::*;

/// Acme is promised gold.
fn org() -> String {
    let with = ORG.replace("name = \"Acme SA\"", "name = \"Acme SA\"\nsla = \"gold\"");
    with + "[slas.gold]\nfirst_response = \"15m\"\nresolution = { P1 = \"2h\", P2 = \"4h\" }\nwarn_at = [0.5]\n"
}

/// One entry a line.
fn in_lines(part: &str, list: &Value) -> String {
    list.as_array().unwrap().iter().map(|entry| format!("{part} {entry}\n")).collect()
}

#[tokio::test]
async fn a_ticket_shows_its_clocks_and_whose_time_they_spent() {
    let clock = Clock::standing_at("2026-03-02T09:00:00Z".parse().unwrap());
    let office = Office::with(&org(), clock).await;
    let body = json!({"title": "The shop is down", "priority": "P2", "customer": "acme"});
    let explained = office.post("reader", "/v1/explain", json!({"customer": "acme"})).await;
    assert_eq!(explained.body["sla"], "gold");
    let id = office.ticket(body).await;
    office.later("2026-03-02T09:05:00Z").await;
    office.act("anna", id, "acknowledge", json!({})).await;
    office.later("2026-03-02T09:20:00Z").await;
    let update = json!({
        "status": "the bank works on it",
        "next_action": "call them",
        "expected_resolution": "2026-03-02T11:00:00Z",
    });
    let updated = office.act("anna", id, "update", update).await;
    assert_eq!(updated["update"]["status"], "the bank works on it");
    office.later("2026-03-02T10:00:00.400Z").await;
    let shown = office.get("anna", &format!("/v1/tickets/{id}")).await.body;
    let told = ["clocks", "custody", "spent"].map(|part| in_lines(part, &shown[part]));
    assert_snapshot!(told.concat(), @r#"
    clocks {"breached_at":null,"by":{"kind":"calendar"},"clock":"first_response","due":null,"met_at":"2026-03-02T09:05:00Z","promised_seconds":900,"running_since":null,"since":"2026-03-02T09:00:00Z","sla":"gold","spent_seconds":300,"state":"met","warned":null}
    clocks {"breached_at":null,"by":{"kind":"calendar"},"clock":"resolution","due":"2026-03-02T13:00:00Z","met_at":null,"promised_seconds":14400,"running_since":"2026-03-02T09:05:00Z","since":"2026-03-02T09:00:00Z","sla":"gold","spent_seconds":300,"state":"running","warned":null}
    custody {"custody":{"kind":"asked","team":"emea"},"from":"2026-03-02T09:00:00Z","until":"2026-03-02T09:05:00Z"}
    custody {"custody":{"kind":"person","person":"anna","team":"emea"},"from":"2026-03-02T09:05:00Z","until":null}
    spent {"by_custody":[{"custody":{"kind":"asked","team":"emea"},"spent_seconds":300}],"clock":"first_response","since":"2026-03-02T09:00:00Z","spent_seconds":300}
    spent {"by_custody":[{"custody":{"kind":"asked","team":"emea"},"spent_seconds":300},{"custody":{"kind":"person","person":"anna","team":"emea"},"spent_seconds":3300}],"clock":"resolution","since":"2026-03-02T09:00:00Z","spent_seconds":3600}
    "#);
    let kept = r#"meridian_sla_promises_total{clock="first_response",priority="P2",outcome="kept"}"#;
    let scraped = office.get("", "/metrics").await;
    assert!(scraped.body.as_str().unwrap().contains(&format!("{kept} 1")), "{}", scraped.body);
    office.close().await;
}

#[tokio::test]
async fn an_update_says_something_about_what_is_still_open() {
    let office = Office::with(&org(), Clock::standing_at("2026-03-02T09:00:00Z".parse().unwrap())).await;
    let id = office.ticket(json!({"title": "The shop is down", "priority": "P2"})).await;
    office.act("anna", id, "acknowledge", json!({})).await;
    let path = format!("/v1/tickets/{id}/update");
    let past = json!({"status": "soon", "expected_resolution": "2026-03-02T08:00:00Z"});
    for (body, field) in
        [(json!({"status": " "}), "status"), (json!({}), "status"), (past, "expected_resolution")]
    {
        let refused = office.post("anna", &path, body.clone()).await;
        assert_eq!(refused.status, 422, "{body}: {}", refused.body);
        assert!(refused.body.to_string().contains(field), "{body}: {}", refused.body);
    }
    let other = office.post("bjorn", &path, json!({"status": "not mine"})).await;
    assert_eq!(other.status, 409, "{}", other.body);
    office.act("anna", id, "resolve", json!({"notes": "mended"})).await;
    let late = office.post("anna", &path, json!({"status": "too late"})).await;
    assert_eq!(late.status, 409, "{}", late.body);
    office.close().await;
}
