//! Vendors over the API: whoever has the link may answer, and nothing else.

use axum::body::Body;
use axum::http::Request;
use insta::assert_snapshot;
use meridian::clock::Clock;
use meridian::desk::{Notice, Says};
use meridian::store::NoticeFilter;
use serde_json::{Value, json};

use super::office::*;

fn org() -> String {
    format!(
        "{ORG}\n[vendors.acme-hw]\nname = \"Acme Hardware\"\nchannel = \"hook\"\nresidency = \"eu\"\n\
         reply_within = \"4h\"\n[vendors.far]\nchannel = \"hook\"\n"
    )
}

async fn office() -> Office {
    Office::with(&org(), Clock::standing_at("2026-03-02T09:00:00Z".parse().unwrap())).await
}

/// A ticket that Acme Hardware has been asked about, and the path of the link in the last such message.
async fn asked(office: &Office) -> (i64, String) {
    let id =
        office.ticket(json!({"title": "<b>Storage</b> fails", "priority": "P2", "customer": "acme"})).await;
    office.act("anna", id, "acknowledge", json!({})).await;
    office.act("anna", id, "vendor", json!({"to": "acme-hw", "reason": "a disk has failed"})).await;
    (id, link(office, id).await)
}

async fn link(office: &Office, id: i64) -> String {
    let filter = NoticeFilter { limit: 100, ..NoticeFilter::default() };
    let (found, _) = office.engine.store().notices(filter).await.unwrap();
    let asks = |notice: &Notice| {
        notice.ticket.is_some_and(|ticket| ticket.0 == id) && matches!(notice.says, Says::VendorAsked { .. })
    };
    let mut notices = found.into_iter().map(|listed| listed.row.notice).filter(asks);
    let latest = notices.next().expect("the vendor was asked");
    let link = links().reply_link(&latest).unwrap();
    link.strip_prefix("https://meridian.example.com").unwrap().to_owned()
}

async fn state(office: &Office, id: i64) -> String {
    let shown = office.get("admin", &format!("/v1/tickets/{id}")).await.body;
    format!("{} visits {}", custody(&shown), shown["visits"])
}

async fn form(office: &Office, path: &str, body: &str) -> Answer {
    let request = Request::builder().method("POST").uri(path);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    office.call(request.body(Body::from(body.to_owned())).unwrap()).await
}

fn told(answer: &Answer) -> String {
    let html = answer.body.as_str().unwrap_or_default();
    let between = |from: &str, to: &str| Some(html.split_once(from)?.1.split_once(to)?.0.trim());
    let shown = between("<p>", "</p>").unwrap_or("?");
    let form = if html.contains("<form") { " [form]" } else { "" };
    format!("{} {}: {shown}{form}", answer.status.as_u16(), between("<h1>", "</h1>").unwrap_or("?"))
}

#[tokio::test]
async fn a_vendor_answers_by_its_link_and_the_same_answer_twice_is_one() {
    let office = office().await;
    let (id, link) = asked(&office).await;
    let look = office.get("", &link).await;
    let html = look.body.as_str().unwrap();
    assert!(!html.contains("Storage") && !html.contains("Acme SA"), "no more than the message said: {html}");
    let mut story = format!("{}\n", told(&look));
    let works = json!({"status": "working", "case": "4711"});
    for body in [works.clone(), works] {
        let said = office.post("", &link, body).await;
        story += &format!("{} {}\n", said.status.as_u16(), said.body);
    }
    story += &format!("{}\n{}\n", told(&office.get("", &link).await), state(&office, id).await);
    for body in [
        "status=solved&text=",
        "status=mended&text=x",
        "status=solved&case=4711&text=a+new+disk%0D%0Ais+in",
        "status=solved&case=4711&text=a+new+disk%0D%0Ais+in",
        "status=declined&text=no",
    ] {
        story += &format!("{body}: {}\n", told(&form(&office, &link, body).await));
    }
    story += &state(&office, id).await;
    assert_snapshot!(story, @r#"
    200 Reference 1: Please tell us how it stands. The link works until 2026-04-01 09:00 UTC. [form]
    200 {"status":"working","ticket":1}
    200 {"status":"working","ticket":1}
    200 Reference 1: Please tell us how it stands. Your case: 4711. The link works until 2026-04-01 09:00 UTC. [form]
    held anna [] visits [{"reply":{"case":"4711","status":"working"},"since":"2026-03-02T09:00:00Z","vendor":"acme-hw"}]
    status=solved&text=: 422 Reference 1: text: must not be empty [form]
    status=mended&text=x: 422 Reference 1: status: choose one of working, answered, solved, declined [form]
    status=solved&case=4711&text=a+new+disk%0D%0Ais+in: 200 Reference 1: Your answer has arrived. Thank you.
    status=solved&case=4711&text=a+new+disk%0D%0Ais+in: 200 Reference 1: Your answer has arrived. Thank you.
    status=declined&text=no: 410 Reference 1: What it was about is over, or the time to answer is. Nothing has been done.
    held anna [] visits [{"reply":{"case":"4711","status":"solved","text":"a new disk\nis in"},"since":"2026-03-02T09:00:00Z","until":"2026-03-02T09:00:00Z","vendor":"acme-hw"}]
    "#);
    let history = office.get("admin", &format!("/v1/tickets/{id}")).await.body["history"].clone();
    let replies: Vec<&Value> =
        history.as_array().unwrap().iter().filter(|event| event["event"] == "vendor_replied").collect();
    assert_eq!(replies.len(), 2, "{replies:?}");
    assert_eq!(replies[0]["by"], json!({"kind": "vendor", "id": "acme-hw"}));
    office.close().await;
}

#[tokio::test]
async fn a_vendors_link_does_nothing_else_and_ends() {
    let office = office().await;
    let (id, link) = asked(&office).await;
    let answer = json!({"status": "solved", "text": "done"});
    let mut story = String::new();
    let token = link.strip_prefix("/v/").unwrap();
    let last = if link.ends_with('A') { "B" } else { "A" };
    let forged = format!("{}{last}", &link[..link.len() - 1]);
    for (what, path) in [("forged", forged.as_str()), ("of another sort", &format!("/a/{token}"))] {
        let page = office.get("", path).await;
        story += &format!("{what}: {}\n", told(&page));
    }
    story += &format!("forged: {}\n", problem(&office.post("", &forged, answer.clone()).await));
    for (method, path) in
        [("GET", format!("/v1/tickets/{id}")), ("POST", format!("/v1/tickets/{id}/vendor/reply"))]
    {
        let body = (method == "POST").then(|| answer.to_string());
        story += &format!(
            "{method} {path}: {}\n",
            problem(&office.call(request(method, &path, token, body)).await)
        );
    }
    for body in [
        json!({"status": "solved", "text": "x".repeat(20_001)}),
        json!({"status": "working", "case": "a\nb"}),
        json!({"status": "working", "as": "anna"}),
        json!({"status": "closed"}),
        json!({"status": "answered", "text": " "}),
    ] {
        story += &format!("{}\n", problem(&office.post("", &link, body).await));
    }
    office.act("anna", id, "vendor/recall", json!({"reason": "found it ourselves"})).await;
    story += &format!("recalled: {}\n", problem(&office.post("", &link, answer.clone()).await));
    story += &format!("recalled: {}\n", told(&office.get("", &link).await));
    office.act("anna", id, "vendor", json!({"to": "acme-hw", "reason": "after all"})).await;
    office.later("2026-03-02T09:30:00Z").await;
    office.act("anna", id, "vendor/recall", json!({"reason": "no"})).await;
    office.act("anna", id, "vendor", json!({"to": "acme-hw", "reason": "after all"})).await;
    story += &format!("of an earlier question: {}\n", problem(&office.post("", &link, answer.clone()).await));
    let later = self::link(&office, id).await;
    office.act("anna", id, "stay", json!({"until": "2026-03-02T20:00:00Z"})).await;
    office.clock.set("2026-04-02T09:00:00Z".parse().unwrap());
    story += &format!("a month later: {}\n", problem(&office.post("", &later, answer).await));
    assert_snapshot!(story, @r#"
    forged: 404 This link leads nowhere: The link may have been cut off in the message. Nothing has been done.
    of another sort: 404 This link leads nowhere: The link may have been cut off in the message. Nothing has been done.
    forged: 404 not-found | - | The link may have been cut off in the message. Nothing has been done.
    GET /v1/tickets/1: 401 sign-in | - | this token is not known, or was revoked
    POST /v1/tickets/1/vendor/reply: 401 sign-in | - | this token is not known, or was revoked
    422 invalid | text | text: has 20001 characters; 20000 are the most
    422 invalid | case | case: must be one line of text, without control characters or marks that turn its direction
    422 invalid | as | as: there is no such field; known are status, case, text
    422 invalid | status | status: "closed" is not known; known are working, answered, solved, declined
    422 invalid | text | text: must not be empty
    recalled: 409 conflict | - | ticket 1: it is not at acme-hw any more
    recalled: 410 Reference 1: What it was about is over, or the time to answer is. Nothing has been done.
    of an earlier question: 410 gone | - | What it was about is over, or the time to answer is. Nothing has been done.
    a month later: 410 gone | - | What it was about is over, or the time to answer is. Nothing has been done.
    "#);
    office.close().await;
}

#[tokio::test]
async fn a_vendor_who_says_working_all_the_time_could_not_say_solved_any_more() {
    let office = office().await;
    let (id, link) = asked(&office).await;
    let says = async |status: &str, text: &str| {
        office.post("", &link, json!({"status": status, "text": text})).await
    };
    let mut taken = 0;
    for n in 0..40 {
        let said = says("working", &format!("{n} of 40")).await;
        taken += usize::from(said.status == 200);
        if said.status != 200 {
            assert_eq!(said.headers["retry-after"], "60");
        }
    }
    assert_eq!(taken, 6, "each tells whoever holds it");
    let filter = NoticeFilter { limit: 200, ..NoticeFilter::default() };
    let (told, _) = office.engine.store().notices(filter).await.unwrap();
    let said = |notice: &Notice| format!("{:?}", notice.says).contains("of 40");
    let working = told
        .into_iter()
        .filter(|listed| listed.row.notice.ticket.is_some_and(|t| t.0 == id) && said(&listed.row.notice))
        .count();
    assert_eq!(working, 6);
    let solved = says("solved", "a new disk is in").await;
    assert_eq!(solved.status, 200, "{}", solved.body);
    office.close().await;
}

#[tokio::test]
async fn a_vendors_body_that_was_too_long_was_called_unreadable() {
    let office = office().await;
    let (_, link) = asked(&office).await;
    let long = "x".repeat(300_000);
    assert_snapshot!(problem(&office.post("", &link, json!({"status": "working", "text": long})).await), @"413 too-large | - | a body has at most 256 KiB");
    assert_snapshot!(told(&form(&office, &link, &format!("status=working&text={long}")).await), @"413 Reference 1: a body has at most 256 KiB [form]");
    office.close().await;
}

#[tokio::test]
async fn only_whoever_may_see_the_ticket_asks_a_vendor_and_only_one_that_may_know() {
    let office = office().await;
    let id = office.ticket(json!({"title": "Storage fails", "priority": "P2", "customer": "acme"})).await;
    office.act("anna", id, "acknowledge", json!({})).await;
    let path = format!("/v1/tickets/{id}/vendor");
    let ask = |to: &str| json!({"to": to, "reason": "a disk"});
    let mut said = Vec::new();
    for (token, body) in [
        ("reader", ask("acme-hw")),
        ("ingest", ask("acme-hw")),
        ("carol", ask("acme-hw")),
        ("bjorn", ask("acme-hw")),
        ("anna", ask("far")),
        ("anna", ask("acme")),
        ("anna", json!({"to": "acme-hw"})),
        ("anna", json!({"reason": "a disk"})),
    ] {
        said.push(format!("{token} {body}: {}", problem(&office.post(token, &path, body.clone()).await)));
    }
    let reply = format!("{path}/reply");
    said.push(problem(&office.post("anna", &reply, json!({"status": "solved", "text": "mended"})).await));
    said.push(problem(&office.post("anna", &format!("{path}/recall"), json!({"reason": "x"})).await));
    assert_snapshot!(said.join("\n"), @r#"
    reader {"reason":"a disk","to":"acme-hw"}: 403 forbidden | - | a token of role reader may not do this
    ingest {"reason":"a disk","to":"acme-hw"}: 403 forbidden | - | a token of role ingest may not do this
    carol {"reason":"a disk","to":"acme-hw"}: 404 not-found | - | there is no ticket 1
    bjorn {"reason":"a disk","to":"acme-hw"}: 409 conflict | - | ticket 1 is held by anna, not by bjorn
    anna {"reason":"a disk","to":"far"}: 409 conflict | - | ticket 1: it stays within eu, and far may not know of it
    anna {"reason":"a disk","to":"acme"}: 422 invalid | to | to: no vendor "acme" in the schedules
    anna {"to":"acme-hw"}: 422 invalid | reason | reason: must not be empty
    anna {"reason":"a disk"}: 422 invalid | to | to: is needed
    409 conflict | - | ticket 1: it is at no vendor
    409 conflict | - | ticket 1: it is at no vendor
    "#);
    office.act("anna", id, "vendor", ask("acme-hw")).await;
    // By the phone, written down by whoever holds it.
    office.act("anna", id, "vendor/reply", json!({"status": "working", "case": "4711"})).await;
    assert_snapshot!(state(&office, id).await, @r#"held anna [] visits [{"reply":{"case":"4711","status":"working"},"since":"2026-03-02T09:00:00Z","vendor":"acme-hw"}]"#);
    office.close().await;
}
