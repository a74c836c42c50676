//! A ticket's life through the API.

use insta::assert_snapshot;
use serde_json::json;

use super::office::*;

#[tokio::test]
async fn opening_answers_with_everything_about_the_ticket() {
    let office = Office::open().await;
    let opened = office
        .post(
            "ingest",
            "/v1/tickets",
            json!({
                "title": "Card payments fail", "impact": "high", "urgency": "medium", "language": "EN-gb",
                "customer": {"name": "Corner shop", "region": "emea"}, "labels": {"shop": "17"}, "via": "email",
            }),
        )
        .await;
    assert_eq!(opened.status, 201);
    assert_eq!(opened.headers["location"], "/v1/tickets/1");
    assert_snapshot!(serde_json::to_string_pretty(&opened.body).unwrap(), @r#"
    {
      "acknowledge": {
        "allowed_seconds": 900,
        "clock": {
          "kind": "calendar"
        },
        "due": "2026-03-02T09:15:00Z",
        "running_since": "2026-03-02T09:00:00Z",
        "spent_seconds": 0
      },
      "approval": null,
      "audience": "customer",
      "briefed_by": null,
      "briefing": null,
      "category": null,
      "clocks": [],
      "closes_at": null,
      "count": 1,
      "customer": {
        "name": "Corner shop",
        "region": "emea"
      },
      "decision": {
        "at": "2026-03-02T09:00:00Z",
        "counts": {
          "nobody_at_work": 1
        },
        "loads": {
          "anna": 0,
          "bjorn": 0
        },
        "outcome": {
          "ask": [
            "anna"
          ],
          "kind": "offer",
          "team": "emea"
        },
        "policy": "standard",
        "rejected": [
          {
            "detail": "closed until 2026-03-02 15:00 UTC",
            "reason": "nobody_at_work",
            "team": "amer"
          }
        ],
        "revision": 1,
        "step": 0,
        "text": "Offered to emea, anna first, in en-GB: they are in their hours. P2, no route matches, policy standard, step 1 (frontline).",
        "tier": "frontline"
      },
      "declined": [],
      "dedup_key": null,
      "description": null,
      "external_ref": null,
      "helpers": [],
      "holder": {
        "kind": "nobody",
        "reason": "offered"
      },
      "hops": 0,
      "id": 1,
      "impact": "high",
      "kept_until": null,
      "labels": {
        "shop": "17"
      },
      "language": "en-GB",
      "offer": {
        "ask": [
          "anna"
        ],
        "expires_at": "2026-03-02T09:15:00Z",
        "kind": "routing",
        "since": "2026-03-02T09:00:00Z",
        "team": "emea"
      },
      "opened_at": "2026-03-02T09:00:00Z",
      "overran_at": null,
      "parent": null,
      "past": [],
      "path": {
        "hours_asked": false,
        "lines_called": 0,
        "policy": "standard",
        "round": 0,
        "since": "2026-03-02T09:00:00Z",
        "step": 0
      },
      "pending": null,
      "priority": "P2",
      "priority_asked": null,
      "received": [],
      "region": null,
      "reopened": 0,
      "residency": null,
      "resolve": null,
      "risk": [],
      "service": null,
      "skills": [],
      "state": "waiting",
      "stay_until": null,
      "subscribers": [],
      "title": "Card payments fail",
      "unattended_since": null,
      "update": null,
      "urgency": "medium",
      "via": "email",
      "visits": []
    }
    "#);
    office.close().await;
}

#[tokio::test]
async fn a_dedup_key_that_matches_is_the_same_ticket() {
    let office = Office::open().await;
    let body = json!({"title": "Disk full", "priority": "P4", "dedup_key": "disk-7"});
    let first = office.post("anna", "/v1/tickets", body).await;
    let again = office
        .post("anna", "/v1/tickets", json!({"title": "Disk full", "priority": "P2", "dedup_key": "disk-7"}))
        .await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 200));
    assert_eq!(again.body["id"], first.body["id"]);
    assert_eq!((&again.body["count"], &again.body["priority"]), (&json!(2), &json!("P2")));
    office.close().await;
}

#[tokio::test]
async fn a_repeated_request_with_its_key_is_one_request() {
    let office = Office::open().await;
    let keyed = |token: &str, body: &str| {
        let mut request = request("POST", "/v1/tickets", token, Some(body.to_owned()));
        request.headers_mut().insert("idempotency-key", "k1".parse().unwrap());
        office.call(request)
    };
    let first = keyed("ingest", r#"{"title": "x"}"#).await;
    let again = keyed("ingest", r#"{"title": "x"}"#).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    let other = keyed("ingest", r#"{"title": "y"}"#).await;
    assert_eq!(
        problem(&other),
        "422 invalid | Idempotency-Key | Idempotency-Key: this Idempotency-Key came before with another request"
    );
    let another_sender = keyed("anna", r#"{"title": "x"}"#).await;
    assert_eq!(another_sender.body["id"], 2, "a key is its sender's own");
    office.close().await;
}

#[tokio::test]
async fn verbs_lead_a_ticket_through_its_life() {
    let office = Office::open().await;
    let id = office.ticket(json!({"title": "The shop is down", "priority": "P2"})).await;
    let steps = [
        ("bjorn", "acknowledge", json!({})),
        ("bjorn", "note", json!({"text": "looking", "progress": true})),
        (
            "bjorn",
            "pend",
            json!({"on": "customer", "reason": "asked for logs", "until": "2026-03-02T12:00:00+01:00"}),
        ),
        ("bjorn", "resume", json!({"reason": "logs came"})),
        ("bjorn", "brief", json!({"summary": "no stock service", "next_action": "restart it"})),
        ("bjorn", "stay", json!({"until": "2026-03-02T17:00:00Z"})),
        ("bjorn", "reassign", json!({"person": "anna", "reason": "lunch"})),
        ("anna", "acknowledge", json!({})),
        ("anna", "resolve", json!({"notes": "restarted", "cause": "deployment"})),
        ("anna", "feedback", json!({"score": 5, "text": "quick"})),
        ("anna", "reopen", json!({"reason": "down again"})),
        ("anna", "resolve", json!({"notes": "restarted twice"})),
        ("anna", "close", json!({"reason": "confirmed"})),
    ];
    let mut story = String::new();
    for (who, verb, body) in steps {
        let done = office.act(who, id, verb, body).await;
        story.push_str(&format!("{who} {verb}: {}\n", custody(&done)));
    }
    assert_snapshot!(story, @r#"
    bjorn acknowledge: held bjorn []
    bjorn note: held bjorn []
    bjorn pend: pending bjorn []
    bjorn resume: held bjorn []
    bjorn brief: held bjorn []
    bjorn stay: held bjorn []
    bjorn reassign: held bjorn [anna]
    anna acknowledge: held anna []
    anna resolve: resolved done []
    anna feedback: resolved done []
    anna reopen: waiting offered [anna]
    anna resolve: resolved done []
    anna close: closed done []
    "#);
    let shown = office.get("reader", &format!("/v1/tickets/{id}")).await.body;
    assert_eq!(shown["briefing"]["summary"], "no stock service");
    let history = shown["history"].as_array().unwrap();
    assert_eq!(history.len() as u64, history.last().unwrap()["seq"].as_u64().unwrap(), "without holes");
    office.close().await;
}

#[tokio::test]
async fn an_escalation_goes_up_or_across() {
    let office = Office::open().await;
    let up = office.ticket(json!({"title": "Up", "priority": "P2"})).await;
    let across = office.ticket(json!({"title": "Across", "priority": "P2"})).await;
    for id in [up, across] {
        office.act("anna", id, "acknowledge", json!({})).await;
    }
    let up = office.act("anna", up, "escalate", json!({"reason": "needs an expert"})).await;
    let across = office.act("anna", across, "escalate", json!({"reason": "theirs", "team": "experts"})).await;
    assert_eq!(up["offer"]["team"], "experts");
    assert_eq!(across["offer"]["team"], "experts");
    let both = json!({"kind": "hierarchical", "team": "experts"});
    let answer = office.post("anna", "/v1/tickets/1/escalate", both).await;
    assert_eq!(
        problem(&answer),
        "422 invalid | kind | kind: `team` and `skills` belong to a functional escalation"
    );
    office.close().await;
}

#[tokio::test]
async fn what_the_desk_refuses_is_told_with_the_fitting_status() {
    let office = Office::open().await;
    let id = office.ticket(json!({"title": "The shop is down", "priority": "P2"})).await;
    let attempts = [
        ("dave", "acknowledge", json!({})),
        ("admin", "acknowledge", json!({})),
        ("anna", "reopen", json!({})),
        ("anna", "feedback", json!({"score": 9})),
        ("anna", "feedback", json!({"score": 900})),
        ("anna", "reassign", json!({"team": "nobody"})),
        ("anna", "stay", json!({"until": "tomorrow"})),
        ("anna", "pend", json!({"on": "holiday"})),
        ("anna", "note", json!({})),
        ("anna", "note", json!({"text": "x".repeat(20_001)})),
    ];
    let mut said = Vec::new();
    for (who, verb, body) in attempts {
        let answer = office.post(who, &format!("/v1/tickets/{id}/{verb}"), body).await;
        said.push(format!("{who} {verb}\n    {}", problem(&answer)));
    }
    assert_snapshot!(said.join("\n"), @r#"
    dave acknowledge
        409 conflict | - | ticket 1 is not offered to dave, and dave is not at work in a team it is offered to
    admin acknowledge
        403 needs-person | - | only a person can do this: sign in as one, or name one
    anna reopen
        409 conflict | - | ticket 1 is waiting, so it cannot be reopened
    anna feedback
        422 invalid | score | score: goes from 1 to 5
    anna feedback
        422 invalid | score | score: goes from 1 to 5
    anna reassign
        422 invalid | reason | reason: must not be empty
    anna stay
        422 invalid | until | until: "tomorrow" is not an instant with its offset, like 2026-03-29T00:30:00Z or 2026-03-29T02:30:00+02:00
    anna pend
        422 invalid | on | on: "holiday" is not known; known are customer, vendor, date
    anna note
        422 invalid | text | text: is needed
    anna note
        422 invalid | text | text: has 20001 characters; 20000 are the most
    "#);
    office.close().await;
}

#[tokio::test]
async fn a_change_is_decided_again() {
    let office = Office::open().await;
    let id = office.ticket(json!({"title": "Slow", "priority": "P4"})).await;
    let path = format!("/v1/tickets/{id}");
    let changed = office
        .call(request("PATCH", &path, "anna", Some(r#"{"priority": "P1", "category": "shop"}"#.to_owned())))
        .await;
    assert_eq!(
        (changed.status.as_u16(), &changed.body["priority"], &changed.body["category"]),
        (200, &json!("P1"), &json!("shop"))
    );
    let fixed = office.call(request("PATCH", &path, "anna", Some(r#"{"dedup_key": "k"}"#.to_owned()))).await;
    assert_eq!(
        problem(&fixed),
        "422 invalid | dedup_key | dedup_key: cannot be changed once the ticket is open"
    );
    office.close().await;
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap_or_a_repeat() {
    let office = Office::open().await;
    for number in 1..=7 {
        office.ticket(json!({"title": format!("Ticket {number}"), "priority": "P4"})).await;
    }
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = office.get("reader", &format!("/v1/tickets?limit=3{cursor}")).await.body;
        seen.extend(page["tickets"].as_array().unwrap().iter().map(|ticket| ticket["id"].as_i64().unwrap()));
        pages += 1;
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((seen, pages), ((1..=7).collect(), 3));
    let held = office.get("reader", "/v1/tickets?state=held").await.body;
    assert_eq!(held["tickets"], json!([]));
    office.close().await;
}

#[tokio::test]
async fn a_question_creates_nothing() {
    let office = Office::open().await;
    let answer = office.post("reader", "/v1/explain", json!({"priority": "P2", "language": "fr"})).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["outcome"]["kind"], "offer");
    assert!(answer.body["text"].as_str().is_some_and(|text| !text.is_empty()));
    assert_eq!(office.get("admin", "/v1/tickets").await.body["tickets"], json!([]));
    office.close().await;
}

#[tokio::test]
async fn a_question_could_not_ask_about_another_time() {
    let office = Office::open().await;
    let mut said = String::new();
    for at in ["null", "\"2026-03-02T21:00:00+01:00\"", "\"2031-03-03T09:00:00Z\"", "\"tomorrow\"", "7"] {
        let body = format!(r#"{{"priority": "P3", "at": {at}}}"#);
        let answer = office.call(request("POST", "/v1/explain", "reader", Some(body))).await;
        let text = answer.body["text"].as_str().unwrap_or_default().split(':').next().unwrap_or_default();
        let detail = answer.body["detail"].as_str().unwrap_or_default();
        said.push_str(&format!("{at}: {} {} {text}{detail}\n", answer.status.as_u16(), answer.body["at"]));
    }
    assert_snapshot!(said, @r#"
    null: 200 "2026-03-02T09:00:00Z" Offered to emea, anna first, in en
    "2026-03-02T21:00:00+01:00": 200 "2026-03-02T20:00:00Z" Offered to amer, carol first, in en
    "2031-03-03T09:00:00Z": 200 "2031-03-03T09:00:00Z" Offered to emea, anna first, in en
    "tomorrow": 422 null at: "tomorrow" is not an instant with its offset, like 2026-03-29T00:30:00Z or 2026-03-29T02:30:00+02:00
    7: 422 null at: must be an instant like 2026-03-29T00:30:00Z
    "#);
    office.close().await;
}

#[tokio::test]
async fn a_person_and_a_token_of_one_name_shared_their_keys() {
    let office = Office::open().await;
    // The token `lead` acts as anna; now there is a token `anna` of nobody.
    office.call(request("DELETE", "/v1/tokens/anna", "admin", None)).await;
    let made = office.post("admin", "/v1/tokens", json!({"name": "anna", "role": "ingest"})).await;
    let of_nobody = made.body["token"].as_str().unwrap();
    let keyed = |token: &str, title: &str| {
        let body = json!({ "title": title }).to_string();
        let mut request = request("POST", "/v1/tickets", token, Some(body));
        request.headers_mut().insert("idempotency-key", "k1".parse().unwrap());
        office.call(request)
    };
    assert_eq!(keyed("lead", "Hers").await.body["id"], 1);
    assert_eq!(keyed(of_nobody, "Its").await.body["id"], 2);
    office.close().await;
}

#[tokio::test]
async fn a_handoff_is_seen_briefed_and_accepted_as_one() {
    let office = Office::open().await;
    for title in ["First", "Second"] {
        let id = office.ticket(json!({"title": title, "priority": "P2"})).await;
        office.act("anna", id, "acknowledge", json!({})).await;
    }
    let secret = office.ticket(json!({"title": "Europe's own", "priority": "P2", "residency": "eu"})).await;
    office.act("anna", secret, "acknowledge", json!({})).await;
    office.later("2026-03-02T15:31:00Z").await;
    let open = office.get("carol", "/v1/handoffs?open=true").await.body;
    let batch = open["handoffs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|batch| batch["to"] == "amer")
        .expect("a batch to amer");
    assert_eq!((&batch["from"], &batch["boundary"]), (&json!("emea"), &json!("2026-03-02T16:00:00Z")));
    let titles: Vec<&str> =
        batch["tickets"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["First", "Second"]);
    let path = format!("/v1/handoffs/{}", batch["id"]);
    assert_eq!(&office.get("carol", &path).await.body, batch);
    let taken = office.post("carol", &format!("{path}/accept"), json!({"tickets": [2]})).await;
    assert_eq!((taken.status.as_u16(), &taken.body["accepted"]), (200, &json!([2])), "{}", taken.body);
    let outside = office.post("carol", &format!("{path}/accept"), json!({"tickets": [secret]})).await;
    assert_eq!(problem(&outside), "422 invalid | tickets | tickets: ticket 3 is not part of it");
    let rest = office.post("carol", &format!("{path}/accept"), json!({})).await;
    assert_eq!(rest.body["accepted"], json!([1]), "{}", rest.body);
    assert_eq!(
        problem(&office.get("carol", "/v1/handoffs/999").await),
        "404 not-found | - | there is no handoff 999"
    );
    office.close().await;
}
