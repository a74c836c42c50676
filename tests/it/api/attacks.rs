//! Requests of those who may do little and would like to do more.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::office::*;

#[tokio::test]
async fn what_looks_like_sql_is_a_text_like_any_other() {
    let office = Office::open().await;
    office.ticket(json!({"title": "Mine", "external_ref": "a"})).await;
    office.ticket(json!({"title": "Europe's", "residency": "eu", "external_ref": "b"})).await;
    let texts =
        ["' or 1=1 --", "a' union select hash from tokens --", "\"; drop table tickets; --", "%", "a\\"];
    for text in texts {
        let escaped: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let found = office.get("reader", &format!("/v1/tickets?external_ref={escaped}")).await;
        assert_eq!((found.status.as_u16(), &found.body["tickets"]), (200, &json!([])), "{text}");
        for path in ["/v1/tickets/", "/v1/leave/", "/v1/handoffs/"] {
            assert_eq!(office.get("reader", &format!("{path}{escaped}")).await.status, 404, "{path}{text}");
        }
        for parameter in ["team", "holder", "state", "priority", "cursor"] {
            let found = office.get("reader", &format!("/v1/tickets?{parameter}={escaped}")).await;
            assert_eq!(found.status, 422, "{parameter} {text}");
        }
        let revoked = office.call(request("DELETE", &format!("/v1/tokens/{escaped}"), "admin", None)).await;
        assert_eq!(revoked.status, 404, "{text}");
        let body = json!({"title": text, "external_ref": text, "dedup_key": text, "labels": {"k": text}});
        let opened = office.post("ingest", "/v1/tickets", body).await;
        assert_eq!(opened.status, 201, "{text}: {}", opened.body);
        let found = office.get("reader", &format!("/v1/tickets?external_ref={escaped}")).await;
        assert_eq!(found.body["tickets"][0]["external_ref"], text);
    }
    assert_eq!(office.get("admin", "/v1/tokens").await.body["tokens"].as_array().unwrap().len(), 9);
    office.close().await;
}

#[tokio::test]
async fn no_spelling_of_a_path_leads_past_the_table_of_access() {
    let office = Office::open().await;
    let paths = [
        "/v1/tokens/",
        "//v1/tokens",
        "/v1//tokens",
        "/v1/tickets/../tokens",
        "/v1/tickets/%2e%2e/tokens",
        "/v1/tickets/..%2ftokens",
        "/V1/TOKENS",
        "/v1/%74okens",
        "/v1/tokens%00",
        "/v1/tokens;x=1",
        "/v1/tokens%3f",
        "/v1/tokens%20",
        "/healthz/../v1/tokens",
        "/v1/tickets/1%2fnote",
    ];
    let mut table = String::new();
    for path in paths {
        let mut statuses = Vec::new();
        for token in ["", "ingest", "admin"] {
            statuses.push(office.get(token, path).await.status.as_u16().to_string());
        }
        table.push_str(&format!("{path:<28} {}\n", statuses.join(" ")));
    }
    assert_snapshot!(table, @r#"
    /v1/tokens/                  404 404 404
    //v1/tokens                  404 404 404
    /v1//tokens                  404 404 404
    /v1/tickets/../tokens        404 404 404
    /v1/tickets/%2e%2e/tokens    404 404 404
    /v1/tickets/..%2ftokens      401 403 404
    /V1/TOKENS                   404 404 404
    /v1/%74okens                 404 404 404
    /v1/tokens%00                404 404 404
    /v1/tokens;x=1               404 404 404
    /v1/tokens%3f                404 404 404
    /v1/tokens%20                404 404 404
    /healthz/../v1/tokens        404 404 404
    /v1/tickets/1%2fnote         401 403 404
    "#);
    office.close().await;
}

#[tokio::test]
async fn a_header_that_comes_twice_is_refused_before_anything_is_done() {
    let office = Office::open().await;
    let twice = [
        ("authorization", "Bearer ingest", "Bearer admin"),
        ("meridian-as", "anna", "bjorn"),
        ("idempotency-key", "a", "b"),
        ("content-type", "application/json", "text/plain"),
    ];
    let mut said = Vec::new();
    for (name, first, second) in twice {
        let mut request = request("POST", "/v1/tickets", "", Some(json!({"title": "x"}).to_string()));
        let headers = request.headers_mut();
        headers.insert("authorization", "Bearer admin".parse().unwrap());
        headers.insert(name, first.parse().unwrap());
        headers.append(name, second.parse().unwrap());
        said.push(problem(&office.call(request).await));
    }
    assert_snapshot!(said.join("\n"), @r#"
    400 unreadable | - | the header authorization comes more than once
    400 unreadable | - | the header meridian-as comes more than once
    400 unreadable | - | the header idempotency-key comes more than once
    400 unreadable | - | the header content-type comes more than once
    "#);
    assert_eq!(office.get("admin", "/v1/tickets").await.body["tickets"], json!([]));
    office.close().await;
}

/// Opens a ticket under a key.
async fn keyed(office: &Office, token: &str, acts_as: Option<&str>, title: &str) -> Answer {
    let body = json!({"title": title, "description": "hush", "residency": "eu"}).to_string();
    let mut request = request("POST", "/v1/tickets", token, Some(body));
    request.headers_mut().insert("idempotency-key", "k1".parse().unwrap());
    if let Some(person) = acts_as {
        request.headers_mut().insert("meridian-as", person.parse().unwrap());
    }
    office.call(request).await
}

#[tokio::test]
async fn an_idempotency_key_gives_nobody_the_answer_of_another() {
    let office = Office::open().await;
    let body = json!({"name": "anna-phone", "role": "ingest"});
    let other = office.post("admin", "/v1/tokens", body).await.body["token"].as_str().unwrap().to_owned();
    let first = keyed(&office, "ingest", None, "x").await;
    assert_eq!((first.status.as_u16(), &first.body["id"]), (201, &json!(1)));
    let again = keyed(&office, "ingest", None, "x").await;
    assert_eq!((again.status.as_u16(), &again.body["id"]), (201, &json!(1)), "the same sender");
    for (number, (token, acts_as)) in
        [(other.as_str(), None), ("admin", None), ("anna", None), ("admin", Some("bjorn"))]
            .into_iter()
            .enumerate()
    {
        let answer = keyed(&office, token, acts_as, "x").await;
        assert_eq!((answer.status.as_u16(), &answer.body["id"]), (201, &json!(number + 2)), "{token}");
    }
    // Keys of a person are the person's, whichever way they come.
    assert_eq!(keyed(&office, "bjorn", None, "x").await.body["id"], 5);
    assert_eq!(
        problem(&keyed(&office, "ingest", None, "another").await),
        "422 invalid | Idempotency-Key | Idempotency-Key: this Idempotency-Key came before with another request"
    );
    office.close().await;
}

#[tokio::test]
async fn streams_that_one_token_opens_leave_room_for_others() {
    let office = Office::open().await;
    let mut open = Vec::new();
    let refused = loop {
        let stream = office.send(request("GET", "/v1/events", "reader", None)).await;
        if stream.status() != 200 {
            break stream;
        }
        open.push(stream);
    };
    assert_eq!((open.len(), refused.status().as_u16()), (64, 503));
    assert_eq!(refused.headers()["retry-after"], "30");
    assert_eq!(office.send(request("GET", "/v1/events", "anna", None)).await.status(), 200);
    open.pop();
    assert_eq!(office.send(request("GET", "/v1/events", "reader", None)).await.status(), 200, "room again");
    office.close().await;
}

#[tokio::test]
async fn a_message_that_cannot_be_true_tells_nothing_of_the_inside() {
    let office = Office::open().await;
    let deep = format!("{{\"title\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("{{{}}}", (0..20_000).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(","));
    let bodies = [deep, wide, "{\"title\": \"\\ud800\"}".to_owned(), "{\"title\": 1e999999}".to_owned()];
    let mut said = Vec::new();
    for body in bodies {
        let answer = office.call(request("POST", "/v1/tickets", "ingest", Some(body))).await;
        let text: String = problem(&answer).chars().take(150).collect();
        assert!(answer.body.to_string().len() < 4_000, "{text}");
        said.push(text);
    }
    assert_snapshot!(said.join("\n"), @r#"
    422 invalid | title | title: must be a text, not a list
    422 invalid | k0 | k0: there is no such field; known are title, description, priority, impact, urgency, category, customer, service, language, region,
    422 invalid | title | title: must be one of the known words
    422 invalid | title | title: must be one of the known words
    "#);
    assert_eq!(office.get("admin", "/v1/tickets").await.body["tickets"], Value::Array(Vec::new()));
    office.close().await;
}
