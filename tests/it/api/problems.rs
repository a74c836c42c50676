//! Requests that cannot be done, and what their senders are told.

use axum::body::Body;
use axum::http::Request;
use insta::assert_snapshot;
use serde_json::json;

use super::office::*;

#[tokio::test]
async fn a_mistake_in_a_body_is_named_with_its_place_and_its_remedy() {
    let office = Office::open().await;
    let bodies = [
        r#"{"title": "x",}"#.to_owned(),
        r#"{"title": "x"} and more"#.to_owned(),
        r#"["title"]"#.to_owned(),
        "\u{0}".to_owned(),
        r#"{}"#.to_owned(),
        r#"{"titel": "x"}"#.to_owned(),
        r#"{"title": 7}"#.to_owned(),
        r#"{"title": "  "}"#.to_owned(),
        r#"{"title": "x", "priority": "P0"}"#.to_owned(),
        r#"{"title": "x", "priority": "p1"}"#.to_owned(),
        r#"{"title": "x", "language": "not a tag"}"#.to_owned(),
        r#"{"title": "x", "customer": {"nam": "Acme"}}"#.to_owned(),
        r#"{"title": "x", "customer": {"name": "Acme", "language": "??"}}"#.to_owned(),
        r#"{"title": "x", "customer": 7}"#.to_owned(),
        r#"{"title": "x", "customer": "nobody"}"#.to_owned(),
        r#"{"title": "x", "impact": "high"}"#.to_owned(),
        r#"{"title": "a\u0007b"}"#.to_owned(),
        json!({"title": "t".repeat(301), "via": "v".repeat(201)}).to_string(),
        json!({"title": "x", "skills": (0..51).map(|n| n.to_string()).collect::<Vec<_>>()}).to_string(),
    ];
    let mut said = Vec::new();
    for body in bodies {
        let shown: String = body.chars().take(50).collect();
        let answer = office.call(request("POST", "/v1/tickets", "ingest", Some(body))).await;
        said.push(format!("{shown:?}\n    {}", problem(&answer)));
    }
    assert_snapshot!(said.join("\n"), @"");
    assert_eq!(office.engine.store().load_desk().await.unwrap().numbers.ticket, 0, "nothing was opened");
    office.close().await;
}

#[tokio::test]
async fn a_mistake_around_the_body_is_a_problem_too() {
    let office = Office::open().await;
    let text = |kind: &str, body: String| {
        Request::post("/v1/tickets")
            .header("authorization", "Bearer ingest")
            .header("content-type", kind)
            .body(Body::from(body))
            .unwrap()
    };
    let big = json!({"title": "x", "description": "d".repeat(300_000)}).to_string();
    let mut bad_key = request("POST", "/v1/tickets", "ingest", Some(r#"{"title": "x"}"#.to_owned()));
    bad_key.headers_mut().insert("idempotency-key", "k".repeat(256).parse().unwrap());
    let mut basic = request("GET", "/v1/tickets", "", None);
    basic.headers_mut().insert("authorization", "Basic YTpi".parse().unwrap());
    let requests = [
        request("GET", "/v1/nothing", "admin", None),
        request("GET", "/", "", None),
        request("PUT", "/v1/tickets", "admin", None),
        request("DELETE", "/v1/tickets/1", "", None),
        text("text/plain", r#"{"title": "x"}"#.to_owned()),
        text("application/json", big),
        request("GET", "/v1/tickets/one", "admin", None),
        request("GET", "/v1/tickets/99999999999999999999", "admin", None),
        request("GET", "/v1/tickets/1", "admin", None),
        request("GET", "/v1/tickets", "", None),
        request("GET", "/v1/tickets", "mer_made-up", None),
        basic,
        bad_key,
    ];
    let mut said = Vec::new();
    for request in requests {
        let shown = format!("{} {}", request.method(), request.uri());
        said.push(format!("{shown}\n    {}", problem(&office.call(request).await)));
    }
    assert_snapshot!(said.join("\n"), @"");

    let wrong_method = office.call(request("PUT", "/v1/tickets", "admin", None)).await;
    assert_eq!(wrong_method.headers["allow"], "POST, GET");
    let unknown = office.get("", "/v1/tickets").await;
    assert_eq!(unknown.headers["www-authenticate"], "Bearer realm=\"meridian\"");
    office.close().await;
}

#[tokio::test]
async fn a_mistake_in_a_query_names_the_parameter() {
    let office = Office::open().await;
    let addresses = [
        "/v1/tickets?stat=held",
        "/v1/tickets?state=lost",
        "/v1/tickets?priority=urgent",
        "/v1/tickets?limit=0",
        "/v1/tickets?limit=201",
        "/v1/tickets?limit=many",
        "/v1/tickets?cursor=x",
        "/v1/on-duty?at=yesterday",
        "/v1/on-duty?at=2026-03-29T01:30:00",
        "/v1/on-duty?team=nobody",
        "/v1/on-duty?tier=nobody",
        "/v1/coverage?from=2026-03-29T00:00:00Z",
        "/v1/coverage?from=2026-03-29T00:00:00Z&to=2026-03-29T00:00:00Z",
        "/v1/coverage?from=2026-03-29T00:00:00Z&to=2028-03-29T00:00:00Z",
        "/v1/handoffs?open=perhaps",
    ];
    let mut said = Vec::new();
    for address in addresses {
        said.push(format!("{address}\n    {}", problem(&office.get("reader", address).await)));
    }
    assert_snapshot!(said.join("\n"), @"");
    // A `+` that was not escaped is a space by the rules of queries, and meant as a `+`.
    let offset = office.get("reader", "/v1/on-duty?at=2026-03-29T01:30:00+01:00").await;
    assert_eq!(offset.body["at"], "2026-03-29T00:30:00Z");
    office.close().await;
}

#[tokio::test]
async fn a_daemon_that_stops_says_when_to_come_back() {
    let office = Office::open().await;
    office.engine.stop().await;
    let answer = office.post("ingest", "/v1/tickets", json!({"title": "x"})).await;
    assert_eq!(problem(&answer), "503 unavailable | - | the daemon is stopping");
    assert_eq!(answer.headers["retry-after"], "5");
    let ready = office.get("", "/readyz").await;
    assert_eq!((ready.status.as_u16(), ready.body["status"].as_str()), (503, Some("not ready")));
    assert_eq!(office.get("", "/healthz").await.status, 200);
    office.close().await;
}
