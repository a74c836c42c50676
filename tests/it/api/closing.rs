//! What a resolution has to say, what whoever receives a ticket thinks of it, and the report of what happened.

use insta::assert_snapshot;
use meridian::clock::Clock;
use serde_json::{Value, json};

use super::office::*;

fn org() -> String {
    ORG.replace("[policies.standard]\n", "[policies.standard]\non_unhappy = { at_most = 2 }\n")
        + "\n[closing]\nrequires = { P2 = [\"notes\", \"cause\"] }\ncauses = [\"hardware\", \"software\"]\n\
           close_after = { P2 = \"2d\" }\n"
}

async fn office() -> Office {
    Office::with(&org(), Clock::standing_at("2026-03-02T09:00:00Z".parse().unwrap())).await
}

#[tokio::test]
async fn a_resolution_without_what_is_asked_for_is_refused_and_a_resolved_ticket_closes() {
    let office = office().await;
    let id = office.ticket(json!({"title": "The shop is down", "priority": "P2"})).await;
    office.act("anna", id, "acknowledge", json!({})).await;
    let path = format!("/v1/tickets/{id}/resolve");
    let mut said = String::new();
    for body in
        [json!({}), json!({"notes": "mended", "cause": " "}), json!({"notes": "mended", "cause": "softwear"})]
    {
        said += &format!("{body}: {}\n", problem(&office.post("anna", &path, body.clone()).await));
    }
    assert_snapshot!(said, @r#"
    {}: 422 invalid | notes | notes: a P2 ticket is not resolved without `notes` and `cause` (causes are hardware, software)
    {"cause":" ","notes":"mended"}: 422 invalid | cause | cause: a P2 ticket is not resolved without `cause` (causes are hardware, software)
    {"cause":"softwear","notes":"mended"}: 422 invalid | cause | cause: there is no cause "softwear"; did you mean `software`?
    "#);
    let done = office.act("anna", id, "resolve", json!({"notes": "mended", "cause": "software"})).await;
    assert_eq!((&done["state"], &done["closes_at"]), (&json!("resolved"), &json!("2026-03-04T09:00:00Z")));
    office.later("2026-03-04T09:00:00Z").await;
    let shown = office.get("anna", &format!("/v1/tickets/{id}")).await.body;
    assert_eq!((&shown["state"], &shown["closes_at"]), (&json!("closed"), &Value::Null));
    office.close().await;
}

#[tokio::test]
async fn whoever_received_it_judges_what_came_with_it_and_nobody_else() {
    let office = office().await;
    let id = office.ticket(json!({"title": "The shop is down", "priority": "P2"})).await;
    office.act("anna", id, "acknowledge", json!({})).await;
    office.act("anna", id, "escalate", json!({"reason": "above me", "summary": "it is down"})).await;
    let path = format!("/v1/tickets/{id}/verdict");
    let good = json!({"good": true});
    let early = office.post("dave", &path, good.clone()).await;
    office.act("dave", id, "acknowledge", json!({})).await;
    let nobody = office.post("admin", &path, good.clone()).await;
    let unknown = office.post("dave", &path, json!({"good": false, "missing": ["sumary"]})).await;
    let neither = office.post("dave", &path, json!({"good": false})).await;
    let reader = office.post("reader", &path, good.clone()).await;
    let said = [early, nobody, unknown, neither, reader].map(|answer| problem(&answer));
    assert_snapshot!(said.join("\n"), @r#"
    409 conflict | - | ticket 1: dave has received it by no handoff and no escalation, so cannot judge one
    403 needs-person | - | only a person can do this: sign in as one, or name one
    422 invalid | missing[0] | missing[0]: "sumary" is not known; did you mean `summary`?
    422 invalid | missing | missing: say what was missing, or write a `note`
    403 forbidden | - | a token of role reader may not do this
    "#);
    let judged = json!({"good": false, "missing": ["steps_taken", "impact"], "note": "who is down?"});
    let done = office.act("dave", id, "verdict", judged).await;
    assert_snapshot!(done["received"], @r#"[{"at":"2026-03-02T09:00:00Z","from":"anna","kind":"escalation","person":"dave","verdict":{"good":false,"missing":["steps_taken","impact"],"note":"who is down?"}}]"#);
    let notices = office.get("admin", &format!("/v1/notices?ticket={id}")).await.body;
    assert!(notices.to_string().contains("would have liked to know more"), "{notices}");
    office.close().await;
}

#[tokio::test]
async fn the_report_of_a_ticket_is_for_whoever_may_see_it_as_markdown_or_as_a_page() {
    let office = office().await;
    let body = json!({"title": "Checkout <b>fails</b> | [here](http://x.example)", "customer": "acme"});
    let id = office.ticket(body).await;
    let path = format!("/v1/tickets/{id}/report");
    let kind = |answer: &Answer| answer.headers["content-type"].to_str().unwrap().to_owned();
    let plain = office.get("anna", &path).await;
    assert_eq!((plain.status.as_u16(), kind(&plain).as_str()), (200, "text/markdown; charset=utf-8"));
    let text = plain.body.as_str().unwrap();
    assert!(text.contains(r"**Checkout \<b\>fails\</b\> \| \[here\](http\://x.example)**"), "{text}");

    let mut asked = request("GET", &path, "anna", None);
    let browser = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";
    asked.headers_mut().insert("accept", browser.parse().unwrap());
    let page = office.call(asked).await;
    assert_eq!(kind(&page), "text/html; charset=utf-8");
    let html = page.body.as_str().unwrap();
    assert!(html.contains("Checkout &lt;b&gt;fails&lt;&#x2f;b&gt;") && !html.contains("<b>"), "{html}");
    let named = office.get("anna", &format!("{path}?format=html")).await;
    assert_eq!(named.body, page.body);

    let other = office.get("anna", &format!("{path}?format=pdf")).await;
    let more = office.get("anna", &format!("{path}?as=html")).await;
    // Acme's data stays in the EU, where Carol and Dave are not; a token that is no person's sees no such ticket either.
    let elsewhere = office.get("dave", &path).await;
    let ingest = office.get("ingest", &path).await;
    let nowhere = office.get("admin", "/v1/tickets/99/report").await;
    let said = [other, more, elsewhere, ingest, nowhere].map(|answer| problem(&answer));
    assert_snapshot!(said.join("\n"), @r#"
    422 invalid | format | format: "pdf" is not known; known are markdown, html
    422 invalid | as | as: there is no such field; known are format
    404 not-found | - | there is no ticket 1
    403 forbidden | - | a token of role ingest may not do this
    404 not-found | - | there is no ticket 99
    "#);
    office.close().await;
}
