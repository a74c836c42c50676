//! Reports through the API.

use futures_util::future::join_all;
use insta::assert_snapshot;
use meridian::clock::Clock;
use serde_json::json;

use super::office::*;

/// A Monday in March, with what happened in February.
async fn february() -> Office {
    let office = Office::with(ORG, Clock::standing_at("2026-02-02T09:00:00Z".parse().unwrap())).await;
    let first = office
        .ticket(json!({"title": "The shop is down", "priority": "P2", "category": "=cmd|'/C calc'!A0"}))
        .await;
    office.later("2026-02-02T09:10:00Z").await;
    office.act("anna", first, "acknowledge", json!({})).await;
    office.later("2026-02-02T10:00:00Z").await;
    office.act("anna", first, "escalate", json!({"reason": "too hard"})).await;
    office.act("dave", first, "acknowledge", json!({})).await;
    office.later("2026-02-02T11:00:00Z").await;
    office.act("dave", first, "resolve", json!({"notes": "mended"})).await;
    let bound = office.ticket(json!({"title": "Acme's secret", "customer": "acme", "priority": "P3"})).await;
    office.act("anna", bound, "acknowledge", json!({})).await;
    office.act("anna", bound, "resolve", json!({"notes": "mended"})).await;
    office.act("anna", bound, "feedback", json!({"score": 4})).await;
    office.later("2026-03-02T09:00:00Z").await;
    office
}

#[tokio::test]
async fn the_reports_are_listed() {
    let office = Office::open().await;
    let listed = office.get("lead", "/v1/reports").await.body;
    let lines = listed["reports"].as_array().unwrap().iter().map(|report| {
        format!("{:<12} {:<5} {}\n", report["report"].as_str().unwrap(), report["drawn"], report["about"])
    });
    assert_snapshot!(lines.collect::<String>(), @r#"
    volume       true "how many tickets, by audience, priority, category, region, language and medium"
    times        false "time to acknowledge and to resolve, by tier and team: median and 90th percentile"
    sla          true "promises met and breached, by SLA, clock and priority"
    sla-time     false "whose time the promises spent: by clock and by who had the ticket"
    escalations  false "escalations by kind, tier and priority"
    recurring    false "customers, services and categories whose tickets were escalated more than once"
    returns      false "tickets that came back: to a team, in circles without progress, or reopened"
    parked       false "time in which tickets waited because nobody was at work"
    handoffs     false "handoffs offered and accepted before the boundary, by pair of regions"
    briefings    false "whether what came with handoffs and escalations was good enough, by the team that sent it"
    feedback     false "what customers say, by team and priority"
    vendors      false "what vendors were asked, how soon they answered, how long tickets were there"
    fairness     true "who carries how much: hours on call, nights, weekends, holidays, pages, interrupted rest"
    "#);
    for report in listed["reports"].as_array().unwrap() {
        let name = report["report"].as_str().unwrap();
        let made = office.get("lead", &format!("/v1/reports/{name}")).await;
        assert_eq!((made.status.as_u16(), &made.body["report"]), (200, &json!(name)), "{}", made.body);
    }
    office.close().await;
}

#[tokio::test]
async fn without_a_window_it_is_the_last_month() {
    let office = february().await;
    let volume = office.get("lead", "/v1/reports/volume").await.body;
    assert_eq!(
        (&volume["from"], &volume["until"]),
        (&json!("2026-02-01T00:00:00Z"), &json!("2026-03-01T00:00:00Z"))
    );
    assert_eq!((&volume["tickets"], &volume["left_out"]), (&json!(2), &json!(0)));
    assert_eq!(
        volume["rows"][0],
        json!({"by": "all", "name": "all", "opened": 2, "resolved": 2, "live": 0, "escalated": 1, "reopened": 0, "came_in_again": 0})
    );
    let march = office.get("lead", "/v1/reports/volume?month=2026-03").await.body;
    assert_eq!(march["tickets"], 0);
    let times = office.get("lead", "/v1/reports/times?priority=P2&tier=frontline").await.body;
    assert_eq!(times["narrowed"], json!({"tier": "frontline", "priority": "P2"}));
    assert_eq!(
        (&times["rows"][0]["acknowledge_median_seconds"], &times["rows"][0]["resolve_p90_seconds"]),
        (&json!(600), &json!(7200))
    );
    office.close().await;
}

#[tokio::test]
async fn every_format_says_what_it_is() {
    let office = february().await;
    let mut told = String::new();
    for format in ["text", "csv", "svg", "json"] {
        let path = format!("/v1/reports/volume?format={format}");
        let [first, second] = [office.get("lead", &path).await, office.get("admin", &path).await];
        let kind = first.headers["content-type"].to_str().unwrap();
        assert_eq!(first.body, second.body, "the same bytes");
        if let Some(text) = first.body.as_str().filter(|_| format != "svg") {
            told += &format!("{kind}\n{}\n", text.replace('\r', ""));
        } else {
            told += &format!("{kind}\n\n");
        }
    }
    assert_snapshot!(told, @r#"
    text/plain; charset=utf-8
    Example: how many tickets, by audience, priority, category, region, language and medium
    2026-02-01 00:00 UTC to 2026-03-01 00:00 UTC; tickets opened within the window, each counted whole: 2

      BY        NAME               OPENED  RESOLVED  LIVE  ESCALATED  REOPENED  CAME IN AGAIN
      all       all                     2         2     0          1         0              0
      audience  customer                2         2     0          1         0              0
      priority  P2                      1         1     0          1         0              0
      priority  P3                      1         1     0          0         0              0
      category  -                       1         1     0          0         0              0
      category  =cmd|'/C calc'!A0       1         1     0          1         0              0
      region    -                       2         2     0          1         0              0
      language  en                      2         2     0          1         0              0
      medium    -                       2         2     0          1         0              0

    text/csv; charset=utf-8; header=present
    by,name,opened,resolved,live,escalated,reopened,came_in_again
    all,all,2,2,0,1,0,0
    audience,customer,2,2,0,1,0,0
    priority,P2,1,1,0,1,0,0
    priority,P3,1,1,0,0,0,0
    category,,1,1,0,0,0,0
    category,'=cmd|'/C calc'!A0,1,1,0,1,0,0
    region,,2,2,0,1,0,0
    language,en,2,2,0,1,0,0
    medium,,2,2,0,1,0,0

    image/svg+xml

    application/json
    "#);
    office.close().await;
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_with_place_and_remedy() {
    let office = Office::open().await;
    let mut told = String::new();
    for path in [
        "volum",
        "volume?from=yesterday",
        "volume?until=2026-03-01T00:00:00Z",
        "volume?from=2026-03-01T00:00:00Z&until=2026-02-01T00:00:00Z",
        "volume?from=2020-03-01T00:00:00Z",
        "volume?month=March",
        "volume?month=2026-02&week=2026-W05",
        "volume?team=emae",
        "volume?region=mars",
        "volume?customer=acem",
        "volume?priority=P9",
        "volume?format=pdf",
        "volume?colour=red",
        "times?format=svg",
    ] {
        let answer = office.get("lead", &format!("/v1/reports/{path}")).await;
        told += &format!("{}\n", problem(&answer));
    }
    assert_snapshot!(told, @r#"
    404 not-found | - | there is no report "volum"; did you mean `volume`?
    422 invalid | from | from: "yesterday" is not an instant with its offset, like 2026-03-29T00:30:00Z or 2026-03-29T02:30:00+02:00
    422 invalid | from | from: is needed where `until` is given
    422 invalid | until | until: must be later than `from`
    422 invalid | until | until: at most 400 days after `from`; ask for the years one by one
    422 invalid | month | month: "March" is not a month; write it like 2026-10
    422 invalid | month | month: give `from` and `until`, or a month, or a week
    422 invalid | team | team: no team "emae" in the schedules; did you mean `emea`?
    422 invalid | region | region: no region "mars" in the schedules
    422 invalid | customer | customer: no customer "acem" in the schedules; did you mean `acme`?
    422 invalid | priority | priority: "P9" is not known; known are P1, P2, P3, P4, P5
    422 invalid | format | format: "pdf" is not known; known are json, text, csv, svg
    422 invalid | colour | colour: there is no such field; known are from, until, month, week, team, region, tier, priority, customer, audience, format
    422 invalid | format | format: there is no picture of times; drawn are volume, sla, fairness
    "#);
    let responder = office.get("responder", "/v1/reports/fairness").await;
    assert_eq!(responder.status, 403, "nights of colleagues are for their leads");
    office.close().await;
}

/// Carol, a lead in America, may not see what is bound to Europe: no figure is made of it for her, but for people's nights.
#[tokio::test]
async fn figures_of_a_customer_of_europe_went_to_a_lead_of_america() {
    let office = Office::open().await;
    for (title, customer) in [("One", "acme"), ("Another", "acme"), ("A third", "globex")] {
        let known = if customer == "acme" { json!(customer) } else { json!({"name": customer}) };
        let category = format!("of {customer}");
        let facts = json!({"title": title, "customer": known, "priority": "P2", "category": category});
        let id = office.ticket(facts).await;
        office.act("anna", id, "acknowledge", json!({})).await;
        office.act("anna", id, "escalate", json!({"reason": "too hard"})).await;
    }
    let head = json!({"name": "head", "role": "lead", "person": "carol"});
    let head = office.post("admin", "/v1/tokens", head).await.body["token"].as_str().unwrap().to_owned();
    let day = "from=2026-03-02T00:00:00Z&until=2026-03-03T00:00:00Z";
    let listed = office.get("lead", "/v1/reports").await.body["reports"].clone();
    let mut story = String::new();
    for report in listed.as_array().unwrap() {
        let name = report["report"].as_str().unwrap();
        let asked = async |token: &str, narrowed: &str| {
            office.get(token, &format!("/v1/reports/{name}?{day}{narrowed}")).await.body
        };
        let [carol, anna] = [asked(&head, "").await, asked("lead", "").await];
        let of_acme = asked(&head, "&customer=acme").await;
        assert_eq!(of_acme["tickets"], 0, "{of_acme}");
        assert!(
            !of_acme.to_string().contains("of acme") && !carol.to_string().contains("of acme"),
            "{carol}"
        );
        story += &format!(
            "{name:<12} carol {} {} | of acme {} | anna {} {}\n",
            carol["tickets"], carol["without"], of_acme["without"], anna["tickets"], anna["without"]
        );
    }
    assert_snapshot!(story, @r#"
    volume       carol 1 ["eu"] | of acme ["eu"] | anna 3 []
    times        carol 1 ["eu"] | of acme ["eu"] | anna 3 []
    sla          carol 0 ["eu"] | of acme ["eu"] | anna 0 []
    sla-time     carol 0 ["eu"] | of acme ["eu"] | anna 0 []
    escalations  carol 1 ["eu"] | of acme ["eu"] | anna 3 []
    recurring    carol 1 ["eu"] | of acme ["eu"] | anna 3 []
    returns      carol 1 ["eu"] | of acme ["eu"] | anna 3 []
    parked       carol 1 ["eu"] | of acme ["eu"] | anna 3 []
    handoffs     carol 0 ["eu"] | of acme ["eu"] | anna 0 []
    briefings    carol 0 ["eu"] | of acme ["eu"] | anna 0 []
    feedback     carol 0 ["eu"] | of acme ["eu"] | anna 0 []
    vendors      carol 0 ["eu"] | of acme ["eu"] | anna 0 []
    fairness     carol 0 [] | of acme ["eu"] | anna 0 []
    "#);
    let text = office.get(&head, &format!("/v1/reports/volume?{day}&format=text")).await.body;
    assert_snapshot!(text.as_str().unwrap().lines().nth(1).unwrap(), @"2026-03-02 00:00 UTC to 2026-03-03 00:00 UTC; tickets opened within the window, each counted whole: 1, without those bound to eu");
    // Whom they were counted for is written down, report by report.
    let rows = office.get("admin", "/v1/audit?limit=200").await.body["audit"].clone();
    let mut lines: Vec<String> = rows
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["route"].as_str().unwrap().contains("reports"))
        .map(|row| format!("{} {} {}\n", row["person"], row["route"], row["tickets"]))
        .collect();
    lines.sort();
    assert_snapshot!(lines.concat(), @r#"
    "anna" "GET /v1/reports/escalations" [1,2]
    "anna" "GET /v1/reports/parked" [1,2]
    "anna" "GET /v1/reports/recurring" [1,2]
    "anna" "GET /v1/reports/returns" [1,2]
    "anna" "GET /v1/reports/times" [1,2]
    "anna" "GET /v1/reports/volume" [1,2]
    "#);
    office.close().await;
}

#[tokio::test]
async fn one_report_is_made_at_a_time_and_the_others_come_back_later() {
    let office = february().await;
    let answers = join_all((0..40).map(|_| office.get("lead", "/v1/reports/volume"))).await;
    let made = answers.iter().filter(|answer| answer.status == 200).count();
    let later: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert_eq!((made + later.len(), made >= 1), (40, true));
    let refused = later.first().expect("forty at once are too many");
    assert_eq!(refused.headers["retry-after"], "5");
    assert_snapshot!(problem(refused), @"503 unavailable | - | another report is being made; ask again in a few seconds");
    office.close().await;
}

/// Whoever hangs up takes no place away from those who come later.
#[tokio::test]
async fn a_caller_who_hangs_up_leaves_the_place_to_others() {
    let office = february().await;
    for _ in 0..20 {
        let asked = office.get("lead", "/v1/reports/times");
        tokio::select! {
            biased;
            () = tokio::task::yield_now() => (),
            _ = asked => (),
        }
    }
    for _ in 0..1000 {
        if office.get("lead", "/v1/reports/times").await.status == 200 {
            return office.close().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nobody gets a report any more");
}
