//! Escalations that say what their receiver needs.

use meridian::clock::Clock;
use serde_json::json;

use super::office::*;

#[tokio::test]
async fn an_escalation_that_says_too_little_is_refused_and_what_it_says_is_shown() {
    let demands = "[policies.standard]\nrequires = [\"impact\", \"help_wanted\"]\n";
    let org = ORG.replace("[policies.standard]\n", demands);
    let office = Office::with(&org, Clock::standing_at("2026-03-02T09:00:00Z".parse().unwrap())).await;
    let id = office.ticket(json!({"title": "The shop is down", "priority": "P2"})).await;
    office.act("anna", id, "acknowledge", json!({})).await;
    let path = format!("/v1/tickets/{id}/escalate");
    let little = json!({"reason": "above me", "impact": "nobody can pay", "help_wanted": "  "});
    let refused = office.post("anna", &path, little).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.body["field"]),
        (422, &json!("help_wanted")),
        "{}",
        refused.body
    );
    let history = office.get("anna", &format!("/v1/tickets/{id}")).await.body["history"].to_string();
    assert!(!history.contains("escalated"), "nothing has changed: {history}");

    let enough = json!({"reason": "above me", "impact": "nobody can pay", "help_wanted": "a database owner"});
    let done = office.act("anna", id, "escalate", enough).await;
    let said = json!({"impact": "nobody can pay", "help_wanted": "a database owner", "by": "anna"});
    assert_eq!(done["request"], said);
    let shown = office.get("dave", &format!("/v1/tickets/{id}")).await.body;
    let escalated = shown["history"].as_array().unwrap().iter().find(|event| event["event"] == "escalated");
    assert_eq!(escalated.unwrap()["request"], said);
    office.close().await;
}
