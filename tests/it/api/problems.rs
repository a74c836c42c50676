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
        r#"{"title": "x", "impact": "huge"}"#.to_owned(),
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
    assert_snapshot!(said.join("\n"), @r#"
    "{\"title\": \"x\",}"
        400 unreadable | - | the body is not JSON: trailing comma at line 1 column 15
    "{\"title\": \"x\"} and more"
        400 unreadable | - | the body goes on after its JSON: trailing characters at line 1 column 16
    "[\"title\"]"
        422 invalid | body | body: must be a JSON object
    "\0"
        400 unreadable | - | the body is not JSON: expected value at line 1 column 1
    "{}"
        422 invalid | title | title: is needed
    "{\"titel\": \"x\"}"
        422 invalid | titel | titel: there is no such field; did you mean `title`?
    "{\"title\": 7}"
        422 invalid | title | title: must be a text, not 7
    "{\"title\": \"  \"}"
        422 invalid | title | title: must say in a line what is wrong
    "{\"title\": \"x\", \"priority\": \"P0\"}"
        422 invalid | priority | priority: "P0" is not known; known are P1, P2, P3, P4, P5
    "{\"title\": \"x\", \"priority\": \"p1\"}"
        422 invalid | priority | priority: "p1" is not known; did you mean `P1`?
    "{\"title\": \"x\", \"language\": \"not a tag\"}"
        422 invalid | language | language: "not a tag" is not a language tag like `pt-BR`: A subtag may be eight characters in length at maximum
    "{\"title\": \"x\", \"customer\": {\"nam\": \"Acme\"}}"
        422 invalid | customer.nam | customer.nam: there is no such field; did you mean `name`?
    "{\"title\": \"x\", \"customer\": {\"name\": \"Acme\", \"langu"
        422 invalid | customer.language | customer.language: "??" is not a language tag like `pt-BR`: The given language subtag is invalid
    "{\"title\": \"x\", \"customer\": 7}"
        422 invalid | customer | customer: must be a customer's id or an object with `name`, not 7
    "{\"title\": \"x\", \"customer\": \"nobody\"}"
        422 invalid | customer | customer: no customer "nobody" in the schedules
    "{\"title\": \"x\", \"impact\": \"huge\"}"
        422 invalid | impact | impact: "huge" is not known; known are high, medium, low
    "{\"title\": \"a\\u0007b\"}"
        422 invalid | title | title: must be one line of text, without control characters or marks that turn its direction
    "{\"title\":\"tttttttttttttttttttttttttttttttttttttttt"
        422 invalid | title | title: has 301 characters; 300 are the most; via: has 201 characters; 200 are the most
    "{\"skills\":[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\""
        422 invalid | skills | skills: has too many entries; 50 are the most
    "#);
    assert_eq!(office.engine.store().load_desk().await.unwrap().numbers.ticket, 0, "nothing was opened");
    office.close().await;
}

#[tokio::test]
async fn a_value_of_the_wrong_kind_was_named_in_a_programs_words() {
    let office = Office::open().await;
    office.ticket(json!({"title": "x"})).await;
    let bodies = [
        ("/v1/tickets", r#"{"title": "x", "skills": "billing"}"#),
        ("/v1/tickets", r#"{"title": "x", "skills": [7]}"#),
        ("/v1/tickets", r#"{"title": "x", "labels": ["a"]}"#),
        ("/v1/tickets", r#"{"title": "x", "labels": {"a": true}}"#),
        ("/v1/tickets", r#"{"title": "x", "priority": 1}"#),
        ("/v1/tickets", r#"{"title": ["x"]}"#),
        ("/v1/tickets", r#"{"title": {"en": "x"}}"#),
        ("/v1/tickets", r#"{"title": "x", "language": false}"#),
        ("/v1/tickets", r#"{"title": "x", "customer": []}"#),
        ("/v1/tickets/1/note", r#"{"text": "x", "progress": "yes"}"#),
        ("/v1/tickets/1/note", r#"{"text": null}"#),
        ("/v1/tickets/1/feedback", r#"{"score": "five"}"#),
        ("/v1/tickets/1/feedback", r#"{"score": 4.5}"#),
        ("/v1/tickets/1/feedback", r#"{"score": 256}"#),
        ("/v1/tickets/1/feedback", r#"{"score": -1}"#),
    ];
    let mut said = Vec::new();
    for (path, body) in bodies {
        let answer = office.call(request("POST", path, "anna", Some(body.to_owned()))).await;
        said.push(format!("{body}\n    {}", problem(&answer)));
    }
    assert_snapshot!(said.join("\n"), @r#"
    {"title": "x", "skills": "billing"}
        422 invalid | skills | skills: must be a list, not "billing"
    {"title": "x", "skills": [7]}
        422 invalid | skills[0] | skills[0]: must be a text, not 7
    {"title": "x", "labels": ["a"]}
        422 invalid | labels | labels: must be an object, not a list
    {"title": "x", "labels": {"a": true}}
        422 invalid | labels.a | labels.a: must be a text, not true
    {"title": "x", "priority": 1}
        422 invalid | priority | priority: must be one of the known words
    {"title": ["x"]}
        422 invalid | title | title: must be a text, not a list
    {"title": {"en": "x"}}
        422 invalid | title | title: must be a text, not an object
    {"title": "x", "language": false}
        422 invalid | language | language: must be a text, not false
    {"title": "x", "customer": []}
        422 invalid | customer | customer: must be a customer's id or an object with `name`, not a list
    {"text": "x", "progress": "yes"}
        422 invalid | progress | progress: must be true or false, not "yes"
    {"text": null}
        422 invalid | text | text: must be a text, not null
    {"score": "five"}
        422 invalid | score | score: must be a whole number, not "five"
    {"score": 4.5}
        422 invalid | score | score: must be a whole number, not 4.5
    {"score": 256}
        422 invalid | score | score: goes from 1 to 5
    {"score": -1}
        422 invalid | score | score: goes from 1 to 5
    "#);
    office.close().await;
}

#[tokio::test]
async fn a_word_that_says_nothing_and_a_title_that_is_no_line_were_taken() {
    let office = Office::open().await;
    let bodies = [
        json!({"title": "x", "dedup_key": "", "category": "", "external_ref": " ", "via": "", "service": ""}),
        json!({"title": "x", "customer": ""}),
        json!({"title": "x", "customer": {"name": ""}}),
        json!({"title": "x\ny"}),
        json!({"title": "x\r"}),
        json!({"title": "x\ty"}),
        json!({"title": "x\u{202e}"}),
        json!({"title": "x\u{2028}y"}),
    ];
    let mut said = Vec::new();
    for body in bodies {
        // Debug shows what cannot be seen.
        let shown = format!("{:?}", body.to_string()).replace("\\\"", "'");
        said.push(format!("{shown}\n    {}", problem(&office.post("ingest", "/v1/tickets", body).await)));
    }
    assert_snapshot!(said.join("\n"), @r#"
    "{'category':'','dedup_key':'','external_ref':' ','service':'','title':'x','via':''}"
        422 invalid | category | category: must not be empty; leave it away where there is nothing to say; service: must not be empty; leave it away where there is nothing to say; via: must not be empty; leave it away where there is nothing to say; dedup_key: must not be empty; leave it away where there is nothing to say; external_ref: must not be empty; leave it away where there is nothing to say
    "{'customer':'','title':'x'}"
        422 invalid | customer | customer: must not be empty; leave it away where there is nothing to say
    "{'customer':{'name':''},'title':'x'}"
        422 invalid | customer.name | customer.name: must not be empty; leave it away where there is nothing to say
    "{'title':'x\\ny'}"
        422 invalid | title | title: must be one line of text, without control characters or marks that turn its direction
    "{'title':'x\\r'}"
        422 invalid | title | title: must be one line of text, without control characters or marks that turn its direction
    "{'title':'x\\ty'}"
        422 invalid | title | title: must be one line of text, without control characters or marks that turn its direction
    "{'title':'x\u{202e}'}"
        422 invalid | title | title: must be one line of text, without control characters or marks that turn its direction
    "{'title':'x\u{2028}y'}"
        422 invalid | title | title: must be one line of text, without control characters or marks that turn its direction
    "#);
    let taken =
        office.post("ingest", "/v1/tickets", json!({"title": "مشكلة في الدفع", "dedup_key": null})).await;
    assert_eq!(taken.status, 201, "{}", taken.body);
    office.close().await;
}

#[tokio::test]
async fn a_null_in_a_change_was_passed_over() {
    let office = Office::open().await;
    let id = office.ticket(json!({"title": "x", "category": "shop"})).await;
    let body = json!({"category": null, "language": null, "priority": "P1"}).to_string();
    let answer = office.call(request("PATCH", &format!("/v1/tickets/{id}"), "anna", Some(body))).await;
    assert_snapshot!(problem(&answer), @"422 invalid | category | category: cannot be cleared; leave it away to keep what it says; language: cannot be cleared; leave it away to keep what it says");
    let shown = office.get("anna", &format!("/v1/tickets/{id}")).await.body;
    assert_eq!((&shown["category"], &shown["priority"]), (&json!("shop"), &json!("P3")));
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
    assert_snapshot!(said.join("\n"), @r#"
    GET /v1/nothing
        404 not-found | - | there is nothing at /v1/nothing
    GET /
        404 not-found | - | there is nothing at /
    PUT /v1/tickets
        405 method-not-allowed | - | this address takes POST, GET
    DELETE /v1/tickets/1
        405 method-not-allowed | - | this address takes GET, PATCH
    POST /v1/tickets
        415 media-type | - | send the body as `Content-Type: application/json`
    POST /v1/tickets
        413 too-large | - | a body has at most 256 KiB
    GET /v1/tickets/one
        404 not-found | - | there is nothing at /v1/tickets/one
    GET /v1/tickets/99999999999999999999
        404 not-found | - | there is nothing at /v1/tickets/99999999999999999999
    GET /v1/tickets/1
        404 not-found | - | there is no ticket 1
    GET /v1/tickets
        401 sign-in | - | sign in with `Authorization: Bearer` and a token
    GET /v1/tickets
        401 sign-in | - | this token is not known, or was revoked
    GET /v1/tickets
        401 sign-in | - | the Authorization header is not `Bearer` and a token
    POST /v1/tickets
        422 invalid | Idempotency-Key | Idempotency-Key: 1 to 255 visible ASCII characters
    "#);

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
        "/v1/tickets?cursor=-1",
        "/v1/tickets?limit=-1",
        "/v1/handoffs?cursor=-1",
        "/v1/tickets?team=emae",
        "/v1/tickets?holder=karol",
        "/v1/on-duty?team=amr",
    ];
    let mut said = Vec::new();
    for address in addresses {
        said.push(format!("{address}\n    {}", problem(&office.get("reader", address).await)));
    }
    assert_snapshot!(said.join("\n"), @r#"
    /v1/tickets?stat=held
        422 invalid | stat | stat: there is no such field; did you mean `state`?
    /v1/tickets?state=lost
        422 invalid | state | state: "lost" is not known; known are waiting, held, pending, resolved, closed
    /v1/tickets?priority=urgent
        422 invalid | priority | priority: "urgent" is not known; known are P1, P2, P3, P4, P5
    /v1/tickets?limit=0
        422 invalid | limit | limit: from 1 to 200
    /v1/tickets?limit=201
        422 invalid | limit | limit: from 1 to 200
    /v1/tickets?limit=many
        422 invalid | limit | limit: must be a whole number
    /v1/tickets?cursor=x
        422 invalid | cursor | cursor: must be a whole number
    /v1/on-duty?at=yesterday
        422 invalid | at | at: "yesterday" is not an instant with its offset, like 2026-03-29T00:30:00Z or 2026-03-29T02:30:00+02:00
    /v1/on-duty?at=2026-03-29T01:30:00
        422 invalid | at | at: "2026-03-29T01:30:00" is not an instant with its offset, like 2026-03-29T00:30:00Z or 2026-03-29T02:30:00+02:00
    /v1/on-duty?team=nobody
        422 invalid | team | team: no team "nobody" in the schedules
    /v1/on-duty?tier=nobody
        422 invalid | tier | tier: no tier "nobody" in the schedules
    /v1/coverage?from=2026-03-29T00:00:00Z
        422 invalid | to | to: is needed
    /v1/coverage?from=2026-03-29T00:00:00Z&to=2026-03-29T00:00:00Z
        422 invalid | to | to: must be later than `from`
    /v1/coverage?from=2026-03-29T00:00:00Z&to=2028-03-29T00:00:00Z
        422 invalid | to | to: at most 400 days after `from`
    /v1/handoffs?open=perhaps
        422 invalid | open | open: must be true or false
    /v1/tickets?cursor=-1
        422 invalid | cursor | cursor: is what `next` said on the page before
    /v1/tickets?limit=-1
        422 invalid | limit | limit: must be a whole number
    /v1/handoffs?cursor=-1
        422 invalid | cursor | cursor: is what `next` said on the page before
    /v1/tickets?team=emae
        422 invalid | team | team: no team "emae" in the schedules; did you mean `emea`?
    /v1/tickets?holder=karol
        422 invalid | holder | holder: no person "karol" in the schedules; did you mean `carol`?
    /v1/on-duty?team=amr
        422 invalid | team | team: no team "amr" in the schedules; did you mean `amer`?
    "#);
    // A `+` that was not escaped is a space by the rules of queries, and meant as a `+`.
    let offset = office.get("reader", "/v1/on-duty?at=2026-03-29T01:30:00+01:00").await;
    assert_eq!(offset.body["at"], "2026-03-29T00:30:00Z");
    office.close().await;
}

#[tokio::test]
async fn a_parameter_that_nothing_reads_was_passed_over() {
    let office = Office::open().await;
    let requests = [
        ("POST", "/v1/explain?at=2026-03-02T21:00:00Z", "reader"),
        ("POST", "/v1/tickets?priority=P1", "ingest"),
        ("POST", "/v1/tickets/1/acknowledge?as=anna", "anna"),
        ("PATCH", "/v1/tickets/1?priority=P1", "anna"),
        ("GET", "/v1/tickets/1?history=false", "reader"),
        ("GET", "/v1/leave?person=anna", "reader"),
        ("DELETE", "/v1/leave/1?force", "lead"),
        ("GET", "/v1/schedules?revision=1", "reader"),
        ("GET", "/healthz?full=1", ""),
    ];
    let mut said = Vec::new();
    for (method, path, token) in requests {
        let body = (method != "GET").then(|| r#"{"title": "x"}"#.to_owned());
        said.push(format!(
            "{method} {path}\n    {}",
            problem(&office.call(request(method, path, token, body)).await)
        ));
    }
    assert_snapshot!(said.join("\n"), @r#"
    POST /v1/explain?at=2026-03-02T21:00:00Z
        422 invalid | at | at: there is no such parameter; this address takes none
    POST /v1/tickets?priority=P1
        422 invalid | priority | priority: there is no such parameter; this address takes none
    POST /v1/tickets/1/acknowledge?as=anna
        422 invalid | as | as: there is no such parameter; this address takes none
    PATCH /v1/tickets/1?priority=P1
        422 invalid | priority | priority: there is no such parameter; this address takes none
    GET /v1/tickets/1?history=false
        422 invalid | history | history: there is no such parameter; this address takes none
    GET /v1/leave?person=anna
        422 invalid | person | person: there is no such parameter; this address takes none
    DELETE /v1/leave/1?force
        422 invalid | force | force: there is no such parameter; this address takes none
    GET /v1/schedules?revision=1
        422 invalid | revision | revision: there is no such parameter; this address takes none
    GET /healthz?full=1
        422 invalid | full | full: there is no such parameter; this address takes none
    "#);
    assert_eq!(office.engine.store().load_desk().await.unwrap().numbers.ticket, 0, "nothing was opened");
    office.close().await;
}

#[tokio::test]
async fn a_key_that_nothing_honours_was_passed_over() {
    let office = Office::open().await;
    let requests = [
        ("POST", "/v1/tokens"),
        ("POST", "/v1/schedules/reload"),
        ("DELETE", "/v1/tokens/anna"),
        ("DELETE", "/v1/leave/1"),
        ("DELETE", "/v1/overrides/1"),
    ];
    let mut said = Vec::new();
    for (method, path) in requests {
        let mut request = request(method, path, "admin", Some("{}".to_owned()));
        request.headers_mut().insert("idempotency-key", "k1".parse().unwrap());
        said.push(format!("{method} {path}\n    {}", problem(&office.call(request).await)));
    }
    assert_snapshot!(said.join("\n"), @r#"
    POST /v1/tokens
        422 invalid | Idempotency-Key | Idempotency-Key: not on this route: a token's text is shown once: where it was lost, revoke the token and make another
    POST /v1/schedules/reload
        422 invalid | Idempotency-Key | Idempotency-Key: not on this route: a repeated reload finds nothing new
    DELETE /v1/tokens/anna
        422 invalid | Idempotency-Key | Idempotency-Key: not on this route: a repeated DELETE does no harm: what is gone already is a 404
    DELETE /v1/leave/1
        422 invalid | Idempotency-Key | Idempotency-Key: not on this route: a repeated DELETE does no harm: what is gone already is a 404
    DELETE /v1/overrides/1
        422 invalid | Idempotency-Key | Idempotency-Key: not on this route: a repeated DELETE does no harm: what is gone already is a 404
    "#);
    office.close().await;
}

#[tokio::test]
async fn a_daemon_that_stops_is_alive_but_not_ready() {
    let office = Office::open().await;
    assert_eq!(office.get("", "/readyz").await.status, 200);
    office.engine.stop().await;
    let turned_away = office.post("ingest", "/v1/tickets", json!({"title": "x"})).await;
    assert_eq!(problem(&turned_away), "503 unavailable | - | the daemon is stopping");
    assert_eq!(turned_away.headers["retry-after"], "5");
    let ready = office.get("", "/readyz").await;
    assert_eq!((ready.status.as_u16(), ready.body["status"].as_str()), (503, Some("not ready")));
    assert_eq!(ready.headers["retry-after"], "5");
    assert_eq!(office.get("", "/healthz").await.status, 200);
    office.close().await;
}

#[tokio::test]
async fn a_title_of_characters_that_nobody_sees_was_taken() {
    let office = Office::open().await;
    let unseen =
        "\u{200b}\u{3164}\u{2060}\u{feff}\u{ad}\u{115f}\u{1160}\u{ffa0}\u{180e}\u{2800}\u{fe0f}\u{e0020}";
    let titles = unseen.chars().map(String::from).chain([format!(" {unseen}\u{3000}")]);
    for title in titles {
        for field in ["title", "category", "dedup_key", "external_ref"] {
            let mut body = json!({"title": "x"});
            body[field] = json!(title);
            let answer = office.call(request("POST", "/v1/tickets", "ingest", Some(body.to_string()))).await;
            assert_eq!(
                (answer.status, &answer.body["errors"][0]["field"]),
                (422.try_into().unwrap(), &json!(field)),
                "{title:?}"
            );
        }
    }
    let id = office.ticket(json!({"title": "\u{200b}Zahlung\u{ad}s fehler \u{2764}\u{fe0f}"})).await;
    office.act("anna", id, "acknowledge", json!({})).await;
    let note = json!({"text": "\u{2060}"}).to_string();
    let release = json!({"reason": "\u{2060}"}).to_string();
    for (verb, body) in [("note", note), ("release", release)] {
        let path = format!("/v1/tickets/{id}/{verb}");
        let answer = office.call(request("POST", &path, "anna", Some(body))).await;
        assert_eq!(answer.status, 422, "{verb}: {}", answer.body);
    }
    office.close().await;
}
