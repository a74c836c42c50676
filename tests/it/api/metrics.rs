//! Numbers for monitoring.

use insta::assert_snapshot;
use meridian::clock::Clock;
use serde_json::json;

use super::office::*;

#[tokio::test]
async fn metrics_count_tickets_and_requests() {
    let office = Office::open().await;
    office.ticket(json!({"title": "One", "priority": "P2"})).await;
    office.get("", "/v1/made-up").await;
    let scraped = office.get("", "/metrics").await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(scraped.headers["content-type"], kind);
    let text = scraped.body.as_str().unwrap();
    assert!(text.ends_with("# EOF\n"));
    let metrics = metrics(text);
    let read = |name: &str| metrics.get(name).copied();
    assert_eq!(read(r#"meridian_tickets{state="waiting",priority="P2"}"#), Some(1.0));
    assert_eq!(
        read(r#"meridian_http_requests_total{method="POST",route="/v1/tickets",status="201"}"#),
        Some(1.0)
    );
    assert_eq!(read(r#"meridian_http_requests_total{method="GET",route="none",status="404"}"#), Some(1.0));
    assert_eq!(read(r#"meridian_outbox_pending{urgency="other"}"#), Some(1.0));
    assert!(text.contains(r#"meridian_zone_data_info{folder="2026f",embedded="2025b"} 1"#), "{text}");
    office.close().await;
}

#[tokio::test]
async fn a_database_that_was_away_took_all_the_numbers_with_it() {
    let office = Office::open().await;
    office.ticket(json!({"title": "One", "priority": "P2"})).await;
    let before = metrics(&scrape(&office).await);
    assert_eq!((before["meridian_database_up"], before["meridian_ready"]), (1.0, 1.0));
    assert!(before["meridian_database_size_bytes"] > 10_000.0);
    office.engine.store().close().await;
    let scraped = office.get("", "/metrics").await;
    assert_eq!(scraped.status, 200);
    let after = metrics(scraped.body.as_str().unwrap());
    assert_eq!((after["meridian_database_up"], after["meridian_ready"]), (0.0, 0.0));
    assert_eq!(after[r#"meridian_tickets{state="waiting",priority="P2"}"#], 1.0, "the desk remembers");
    assert!(!after.contains_key("meridian_outbox_failed"), "what nobody knows is not said");
    office.close().await;
}

#[tokio::test]
async fn a_day_of_tickets_in_numbers() {
    let office = Office::open().await;
    for title in ["One", "Two", "Three"] {
        office.ticket(json!({"title": title, "priority": "P2"})).await;
    }
    office.later("2026-03-02T09:01:00Z").await;
    for (ticket, verb, body) in [
        (1, "acknowledge", json!({})),
        (2, "decline", json!({"reason": "busy"})),
        (1, "pend", json!({"on": "customer", "until": "2026-03-03T10:00:00Z", "reason": "asked"})),
    ] {
        let mut who = "anna";
        if office.post(who, &format!("/v1/tickets/{ticket}/{verb}"), body.clone()).await.status != 200 {
            who = "bjorn";
            office.act(who, ticket, verb, body).await;
        }
    }
    let text = scrape(&office).await;
    let counted = [
        "meridian_tickets{",
        "meridian_tickets_held{",
        "meridian_tickets_asked{",
        "meridian_ticket_events_total{",
        "meridian_offers",
        "meridian_acknowledge_seconds_sum",
        "meridian_first_acknowledge_seconds_sum",
        "meridian_people_",
        "meridian_team_open",
    ];
    let mut lines: Vec<&str> = text
        .lines()
        .filter(|line| counted.iter().any(|name| line.starts_with(name)))
        .filter(|line| !line.ends_with(" 0") && !line.ends_with(" 0.0"))
        .collect();
    lines.sort();
    assert_snapshot!(lines.join("\n"), @r#"
    meridian_acknowledge_seconds_sum{asked="offer"} 60.0
    meridian_first_acknowledge_seconds_sum{priority="P2"} 60.0
    meridian_offers_total{asked="offer"} 3
    meridian_people_working{team="emea"} 2
    meridian_people_working{team="experts"} 1
    meridian_team_open{team="emea"} 1
    meridian_team_open{team="experts"} 1
    meridian_ticket_events_total{event="acknowledged"} 1
    meridian_ticket_events_total{event="declined"} 1
    meridian_ticket_events_total{event="opened"} 3
    meridian_tickets_asked{asked="offer"} 2
    meridian_tickets_held{team="emea"} 1
    meridian_tickets{state="pending",priority="P2"} 1
    meridian_tickets{state="waiting",priority="P2"} 2
    "#);
    office.close().await;
}

async fn scrape(office: &Office) -> String {
    office.get("", "/metrics").await.body.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_probe_of_health_was_counted_as_a_refused_command() {
    let office = Office::open().await;
    office.ticket(json!({"title": "One"})).await;
    assert_eq!(office.get("", "/readyz").await.status, 200);
    let metrics = metrics(&scrape(&office).await);
    let counted =
        ["commands", "refusals", "faults"].map(|name| metrics[&format!("meridian_engine_{name}_total")]);
    assert_eq!(counted, [1.0, 0.0, 0.0]);
    office.close().await;
}

#[tokio::test]
async fn two_metrics_said_the_same() {
    let office = Office::open().await;
    let text = scrape(&office).await;
    let mut helps: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# HELP ")?.split_once(' '))
        .map(|(_, help)| help)
        .collect();
    let all = helps.len();
    helps.sort();
    helps.dedup();
    assert_eq!(helps.len(), all, "each has a text of its own: {helps:#?}");
    assert_eq!(text.matches("# TYPE meridian_schedules_refused ").count(), 1);
    assert!(!text.contains("meridian_engine_refused "), "{text}");
    office.close().await;
}

#[tokio::test]
async fn nothing_counted_the_tickets_that_nobody_looks_after() {
    let office = Office::open().await;
    let counts = async || {
        let metrics = metrics(&scrape(&office).await);
        let names =
            ["tickets_unattended", "tickets_without_holder{reason=\"parked\"}", "oldest_overdue_seconds"];
        names.map(|name| metrics[&format!("meridian_{name}")])
    };
    let urgent = office.ticket(json!({"title": "Nobody answers", "priority": "P1"})).await;
    assert_eq!(counts().await, [0.0, 0.0, 0.0]);
    for minutes in (10..60).step_by(10) {
        office.later(&format!("2026-03-02T09:{minutes}:00Z")).await;
    }
    assert_eq!(counts().await, [1.0, 0.0, 0.0]);
    office.act("anna", urgent, "acknowledge", json!({})).await;
    assert_eq!(counts().await, [0.0, 0.0, 0.0]);

    office.later("2026-03-07T03:00:00Z").await;
    let parked = json!({"title": "On a Saturday", "priority": "P4", "residency": "eu"});
    office.ticket(parked).await;
    assert_eq!(counts().await[1], 1.0);
    // The writer has gone, and the time goes on.
    office.engine.stop().await;
    office.clock.set("2026-03-09T10:00:00Z".parse().unwrap());
    assert!(counts().await[2] >= 3600.0, "{:?}", counts().await);
    office.close().await;
}

#[tokio::test]
async fn a_requirement_tells_how_long_it_is_kept() {
    let required = "[[requirements]]\nname = \"somebody by day\"\ntier = \"frontline\"\n\
        when = { days = [\"mon\"], from = \"16:00\", to = \"23:00\" }\n\
        [[requirements]]\nname = \"a specialist, always\"\ntier = \"specialist\"\n\
        [[leave]]\nperson = \"carol\"\nfrom = 2026-03-09\nto = 2026-03-09\n\
        [[leave]]\nperson = \"anna\"\nfrom = 2026-03-09\nto = 2026-03-10\n\
        [[leave]]\nperson = \"bjorn\"\nfrom = 2026-03-09\nto = 2026-03-10\n";
    let office = Office::with(
        &format!("{ORG}{required}"),
        Clock::standing_at("2026-03-02T09:00:00Z".parse().unwrap()),
    )
    .await;
    let mut text = scrape(&office).await;
    while !text.contains("requirement_to_gap_seconds{") {
        tokio::task::yield_now().await;
        text = scrape(&office).await;
    }
    let metrics = metrics(&text);
    let read = |name: &str, requirement: &str| {
        metrics[&format!("meridian_requirement_{name}{{requirement=\"{requirement}\"}}")]
    };
    assert_eq!(read("to_gap_seconds", "somebody by day"), 630_000.0);
    assert_eq!(read("uncovered_seconds", "somebody by day"), 25_200.0);
    assert_eq!(read("to_gap_seconds", "a specialist, always"), f64::INFINITY);
    office.close().await;
}
