//! One tap takes a ticket: links without sign-in, and what they do not do.

use axum::http::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use meridian::desk::{Notice, NoticeKind};
use meridian::notify::Acknowledging;
use meridian::settings::Secret;
use meridian::store::NoticeFilter;
use serde_json::json;

use super::office::*;

/// Status, headers, and the page as a person reads it: heading, text, and what can be tapped.
struct Page {
    status: u16,
    headers: HeaderMap,
    html: String,
}

impl Page {
    fn shown(&self) -> String {
        let between = |from: &str, to: &str| Some(self.html.split_once(from)?.1.split_once(to)?.0.trim());
        let button = between("<button type=\"submit\">", "</button>").map(|text| format!(" [{text}]"));
        format!(
            "{} {}: {}{}",
            self.status,
            between("<h1>", "</h1>").unwrap_or("?"),
            between("<p>", "</p>").unwrap_or("?"),
            button.unwrap_or_default()
        )
    }
}

async fn open(office: &Office, method: &str, link: &str) -> Page {
    let path = link.strip_prefix("https://meridian.example.com").unwrap_or(link);
    let answer = office.call(request(method, path, "", None)).await;
    let html = answer.body.as_str().unwrap_or_default().to_owned();
    Page { status: answer.status.as_u16(), headers: answer.headers, html }
}

async fn notices(office: &Office) -> Vec<Notice> {
    let filter = NoticeFilter { limit: 100, ..NoticeFilter::default() };
    let (found, _) = office.engine.store().notices(filter).await.unwrap();
    found.into_iter().map(|listed| listed.row.notice).collect()
}

/// The link in the last message that asks `person`.
async fn link_to(office: &Office, person: &str) -> String {
    let asks = |notice: &&Notice| matches!(notice.kind, NoticeKind::Offer | NoticeKind::Page);
    let all = notices(office).await;
    let notice = all.iter().filter(asks).find(|notice| notice.to.as_str() == person);
    links().link(notice.unwrap_or_else(|| panic!("{person} was not asked: {all:#?}"))).unwrap()
}

async fn custody_of(office: &Office, ticket: i64) -> String {
    custody(&office.get("admin", &format!("/v1/tickets/{ticket}")).await.body)
}

async fn asked(office: &Office, ticket: i64) -> String {
    let shown = office.get("admin", &format!("/v1/tickets/{ticket}")).await.body;
    shown["offer"]["ask"][0].as_str().expect("somebody is asked").to_owned()
}

#[tokio::test]
async fn looking_takes_nothing_and_one_tap_takes_the_ticket_for_whoever_was_asked() {
    let office = Office::open().await;
    let ticket = office.ticket(json!({"title": "<b>The shop</b> is down", "priority": "P2"})).await;
    let person = asked(&office, ticket).await;
    let link = link_to(&office, &person).await;
    let mut story = String::new();
    for method in ["GET", "HEAD", "GET", "POST", "GET", "POST"] {
        let page = open(&office, method, &link).await;
        assert!(!page.html.contains("shop"), "no more than who is asked about which ticket: {}", page.html);
        story += &format!("{method}: {} | {}\n", page.shown(), custody_of(&office, ticket).await);
    }
    assert_snapshot!(story, @r#"
    GET: 200 P2 ticket 1: Anna, you are asked to take it. The link works until 2026-03-02 09:25 UTC. [Take it] | waiting offered [anna]
    HEAD: 200 ?: ? | waiting offered [anna]
    GET: 200 P2 ticket 1: Anna, you are asked to take it. The link works until 2026-03-02 09:25 UTC. [Take it] | waiting offered [anna]
    POST: 200 P2 ticket 1: It is yours. Thank you. | held anna []
    GET: 200 P2 ticket 1: It is yours. Thank you. | held anna []
    POST: 200 P2 ticket 1: It is yours. Thank you. | held anna []
    "#);
    let history = office.get("admin", &format!("/v1/tickets/{ticket}")).await.body;
    let taken: Vec<_> =
        history["history"].as_array().unwrap().iter().filter(|e| e["event"] == "acknowledged").collect();
    assert_eq!(taken.len(), 1, "{history:#}");
    assert_eq!(taken[0]["by"]["id"], person.as_str(), "{:#}", taken[0]);
    office.close().await;
}

#[tokio::test]
async fn whoever_comes_too_late_is_told_kindly_how_it_stands() {
    let office = Office::open().await;
    let mut story = String::new();

    let ticket = office.ticket(json!({"title": "The shop is down", "priority": "P2"})).await;
    let person = asked(&office, ticket).await;
    let other = if person == "anna" { "bjorn" } else { "anna" };
    let link = link_to(&office, &person).await;
    office.act(other, ticket, "acknowledge", json!({})).await;
    for method in ["GET", "POST"] {
        story += &format!("taken, {method}: {}\n", open(&office, method, &link).await.shown());
    }
    office.act(other, ticket, "resolve", json!({"notes": "done"})).await;
    for method in ["GET", "POST"] {
        story += &format!("resolved, {method}: {}\n", open(&office, method, &link).await.shown());
    }

    let ticket = office.ticket(json!({"title": "The shop is down again", "priority": "P2"})).await;
    let person = asked(&office, ticket).await;
    let link = link_to(&office, &person).await;
    office.later("2026-03-02T15:10:00Z").await;
    for method in ["GET", "POST"] {
        story += &format!("late, {method}: {}\n", open(&office, method, &link).await.shown());
    }
    assert_ne!(custody_of(&office, ticket).await, format!("held {person} []"));
    assert_snapshot!(story, @r#"
    taken, GET: 200 P2 ticket 1: Björn has taken it; you need do nothing.
    taken, POST: 409 P2 ticket 1: Björn has taken it; you need do nothing.
    resolved, GET: 200 P2 ticket 1: It is resolved; there is nothing left to do.
    resolved, POST: 409 P2 ticket 1: It is resolved; there is nothing left to do.
    late, GET: 410 P2 ticket 2: The time to answer is over, and others are being asked. Sign in to take it all the same.
    late, POST: 410 P2 ticket 2: The time to answer is over, and others are being asked. Sign in to take it all the same.
    "#);
    office.close().await;
}

#[tokio::test]
async fn a_link_that_was_used_does_not_take_the_ticket_a_second_time() {
    let office = Office::open().await;
    let ticket = office.ticket(json!({"title": "The shop is down", "priority": "P2"})).await;
    let person = asked(&office, ticket).await;
    let link = link_to(&office, &person).await;
    let mut story = format!("{}\n", open(&office, "POST", &link).await.shown());
    office.act(&person, ticket, "release", json!({"reason": "I have to leave"})).await;
    story += &format!("{}\n", open(&office, "POST", &link).await.shown());
    story += &custody_of(&office, ticket).await.replace(&person, "WHO");
    assert_snapshot!(story, @r#"
    200 P2 ticket 1: It is yours. Thank you.
    409 P2 ticket 1: It is not offered to you any more, so it has not been given to you.
    waiting offered [bjorn]
    "#);
    office.close().await;
}

#[tokio::test]
async fn a_link_that_was_changed_leads_nowhere() {
    let office = Office::open().await;
    let ticket = office.ticket(json!({"title": "The shop is down", "priority": "P2"})).await;
    let person = asked(&office, ticket).await;
    let link = link_to(&office, &person).await;
    let token = link.rsplit('/').next().unwrap();
    let other = Acknowledging::new("https://meridian.example.com".to_owned(), Secret::new("another key"));
    let notice = notices(&office).await.into_iter().find(|notice| notice.to.as_str() == person).unwrap();
    let foreign = other.link(&notice).unwrap();
    let mut tried: Vec<String> = vec![foreign.rsplit('/').next().unwrap().to_owned()];
    for (at, c) in token.char_indices() {
        let swapped = if c == '1' { '2' } else { '1' };
        tried.push(format!("{}{swapped}{}", &token[..at], &token[at + 1..]));
        tried.push(format!("{}{}", &token[..at], &token[at + 1..]));
    }
    tried.extend([
        token.to_uppercase(),
        format!("{token}."),
        format!("{token}=="),
        "..".to_owned(),
        "%00".to_owned(),
    ]);
    for token in tried.iter().take(100) {
        let page = open(&office, "POST", &format!("/a/{token}")).await;
        assert!(matches!(page.status, 404), "{token}: {}", page.shown());
    }
    assert!(custody_of(&office, ticket).await.starts_with("waiting"));
    // Of what is none of ours there is no end, but it costs little and ends in a pause.
    let mut last = 0;
    for _ in 0..120 {
        last = open(&office, "GET", "/a/17-3-0.69a5.nonsense").await.status;
    }
    assert_eq!(last, 429);
    assert_eq!(open(&office, "GET", &link).await.status, 200, "a real link is none of them");
    for _ in 0..40 {
        last = open(&office, "GET", &link).await.status;
    }
    assert_eq!(last, 429, "but it has a limit of its own");
    office.close().await;
}

#[tokio::test]
async fn the_page_is_framed_kept_and_sent_on_by_nobody() {
    let office = Office::open().await;
    let ticket = office.ticket(json!({"title": "The shop is down", "priority": "P2"})).await;
    let link = link_to(&office, &asked(&office, ticket).await).await;
    let mut table = String::new();
    for path in [link.as_str(), "/a/nonsense"] {
        let page = open(&office, "GET", path).await;
        for name in [
            "content-type",
            "cache-control",
            "content-security-policy",
            "x-frame-options",
            "referrer-policy",
            "x-content-type-options",
        ] {
            table += &format!("{name}: {}\n", page.headers[name].to_str().unwrap());
        }
        assert!(
            page.headers.get("set-cookie").is_none()
                && page.headers.get("access-control-allow-origin").is_none()
        );
    }
    assert_snapshot!(table, @r#"
    content-type: text/html; charset=utf-8
    cache-control: no-store
    content-security-policy: default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'
    x-frame-options: DENY
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    content-type: text/html; charset=utf-8
    cache-control: no-store
    content-security-policy: default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'
    x-frame-options: DENY
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    "#);
    let tracked = open(&office, "GET", &format!("{link}?utm_source=mail")).await;
    assert_eq!(tracked.status, 200, "programs of mail add to links");
    office.close().await;
}

#[tokio::test]
async fn whoever_may_not_see_the_ticket_any_more_or_has_left_learns_nothing() {
    let office = Office::open().await;
    let ticket = office.ticket(json!({"title": "The shop is down", "priority": "P2"})).await;
    let person = asked(&office, ticket).await;
    let link = link_to(&office, &person).await;
    let left = ORG
        .replace(&format!("[people.{person}]"), "[people.zoe]")
        .replace(&format!("\"{person}\""), "\"zoe\"");
    assert_eq!(office.rewrite(&left).await.status, 200);
    let mut story = format!("{}\n", open(&office, "POST", &link).await.shown());
    let america = "[regions.amer]\nname = \"America\"\n";
    let elsewhere = ORG
        .replace("residency = \"eu\"\n[regions", "residency = \"us\"\n[regions")
        .replace(america, &format!("{america}residency = \"eu\"\n"));
    assert_eq!(office.rewrite(&elsewhere).await.status, 200);
    let patched = json!({"residency": "eu"});
    let patched = office
        .call(request("PATCH", &format!("/v1/tickets/{ticket}"), "admin", Some(patched.to_string())))
        .await;
    assert_eq!(patched.status, 200, "{}", patched.body);
    story += &open(&office, "POST", &link).await.shown();
    assert_snapshot!(story, @r#"
    410 This link has expired: What it was about is over, or not for you any more. Nothing has been done.
    410 This link has expired: What it was about is over, or not for you any more. Nothing has been done.
    "#);
    office.close().await;
}

#[test]
fn only_what_asks_for_a_ticket_has_a_link_and_it_ends_soon_after_the_offer() {
    let at: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().unwrap();
    let mut table = String::new();
    for kind in [
        NoticeKind::Offer,
        NoticeKind::Page,
        NoticeKind::StandDown,
        NoticeKind::Told,
        NoticeKind::BriefingAsked,
    ] {
        for expires_at in [Some(at + TimeDelta::minutes(5)), None] {
            let notice = Notice { kind, expires_at, ..crate::notify::post::notice("x", "y") };
            let link = links().link(&notice);
            let until =
                link.as_ref().map(|link| links().read(link.rsplit('/').next().unwrap()).unwrap().until);
            let until = until.map_or("none".to_owned(), |until| until.format("until %H:%M").to_string());
            table += &format!("{} {until}\n", kind.as_str());
            assert!(link.is_none_or(|link| link.len() < 80), "it has to fit into an SMS");
        }
    }
    assert_snapshot!(table, @r#"
    offer until 09:15
    offer until 10:10
    page until 09:15
    page until 10:10
    stand_down none
    stand_down none
    told none
    told none
    briefing_asked none
    briefing_asked none
    "#);
}
