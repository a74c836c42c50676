//! What is handed over to one person at one boundary goes out as one message, and is taken by one tap.

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use meridian::clock::Clock;
use meridian::notify::{Channels, Deliveries, Notifier, Pace, use_ring};
use meridian::settings::{ChannelKind, ChannelSettings, Kept, Secret};
use meridian::store::{NoticeFilter, OutboxFilter, OutboxRow};
use serde_json::{Value, json};

use super::receiver::{Receiver, Reply};
use crate::api::office::{self, Office, request};

/// Anna works until 17:00, bjorn from then on.
const ORG: &str = r#"
[org]
name = "Example"
tiers = ["frontline"]
policy = "standard"
[regions.world]
name = "World"
timezone = "UTC"
[teams.day]
name = "Day"
region = "world"
tier = "frontline"
members = ["anna"]
capacity = 50
hours = [{ from = "08:00", to = "17:00" }]
[teams.evening]
name = "Evening"
region = "world"
tier = "frontline"
members = ["bjorn"]
capacity = 50
hours = [{ from = "17:00", to = "24:00" }]
[people.anna]
name = "Anna"
contact = ["log"]
[people.bjorn]
name = "Björn"
contact = ["hook"]
[policies.standard]
steps = [{ tier = "frontline" }]
"#;

struct Post {
    office: Office,
    notifier: Notifier,
    hook: Receiver,
}

impl Post {
    /// At 16:00 anna takes so many tickets, the last of them the worst.
    async fn with(tickets: i64, answers: &[Reply]) -> Post {
        use_ring();
        let office = Office::with(ORG, Clock::standing_at("2026-03-02T16:00:00Z".parse().unwrap())).await;
        for number in 1..=tickets {
            let priority = if number == tickets { "P1" } else { "P2" };
            let ticket =
                office.ticket(json!({"title": format!("Number {number}"), "priority": priority})).await;
            office.act("anna", ticket, "acknowledge", json!({})).await;
            if number == 2 {
                let briefing = json!({"summary": "Half done", "next_action": "Call them back"});
                office.act("anna", ticket, "brief", briefing).await;
            }
        }
        let hook = Receiver::open(answers).await;
        let kind = ChannelKind::Webhook { url: Kept::Here(Secret::new(&hook.url)), secret: None };
        let channel = ChannelSettings { kind, allow_private: true, rate: None, acknowledge: true };
        let pace = Pace { attempts: 2, look: Duration::from_millis(5), ..Pace::default() };
        let channels = Channels::new(&[("hook".to_owned(), channel)].into(), &pace).unwrap();
        let channels = channels.with_links(Some(Arc::new(office::links())));
        let counts = Deliveries::default();
        let notifier = Notifier::start(office.engine.clone(), channels, pace, "test".to_owned(), counts);
        Post { office, notifier, hook }
    }

    /// All to bjorn, once so many of them are settled.
    async fn settled(&self, count: usize) -> Vec<OutboxRow> {
        let filter = NoticeFilter { limit: 500, ..NoticeFilter::default() };
        for _ in 0..1000 {
            let (all, _) = self.office.engine.store().notices(filter).await.unwrap();
            let all: Vec<OutboxRow> = all.into_iter().rev().map(|listed| listed.row).collect();
            let all: Vec<OutboxRow> =
                all.into_iter().filter(|row| row.notice.to.as_str() == "bjorn").collect();
            if all.iter().filter(|row| row.state() != OutboxFilter::Pending).count() >= count {
                return all;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("fewer than {count} notices are settled after ten seconds");
    }

    /// Each with what became of it.
    fn told(rows: &[OutboxRow]) -> String {
        let line = |row: &OutboxRow| {
            let (kind, why) = (row.notice.kind.as_str(), row.last_error.as_deref().unwrap_or_default());
            format!("{} {kind} {:?} {} {why}\n", row.notice.ticket.unwrap(), row.state(), row.attempts)
        };
        rows.iter().map(line).collect()
    }

    async fn heard(&self, count: usize) -> Vec<Value> {
        let heard = self.hook.hears(count).await;
        heard.iter().map(|one| serde_json::from_slice(&one.body).unwrap()).collect()
    }

    /// The page behind the link, without its frame.
    async fn page(&self, method: &str, link: &str) -> String {
        let path = link.strip_prefix("https://meridian.example.com").expect("it leads to us");
        let answer = self.office.call(request(method, path, "", None)).await;
        let page = answer.body.as_str().unwrap().to_owned();
        let main = page.split("<main>").nth(1).unwrap().split("</main>").next().unwrap();
        format!("{} {}\n", answer.status, main.trim())
    }

    async fn close(self) {
        self.notifier.stop(Duration::from_secs(5)).await;
        self.hook.close().await;
        self.office.close().await;
    }
}

#[tokio::test]
async fn ten_tickets_to_one_person_are_one_message_with_the_worst_first() {
    let post = Post::with(10, &[Reply::Status(200)]).await;
    post.office.later("2026-03-02T16:30:00Z").await;
    let rows = post.settled(10).await;
    assert!(
        rows.iter().all(|row| row.state() == OutboxFilter::Sent && row.attempts == 1),
        "{}",
        Post::told(&rows)
    );
    let heard = post.heard(1).await;
    assert_eq!(heard.len(), 1, "one message");
    let data = &heard[0]["data"];
    let together: Vec<i64> =
        data["together"].as_array().unwrap().iter().map(|one| one["ticket"].as_i64().unwrap()).collect();
    assert_eq!((together, &data["ticket"]), (vec![10, 1, 2, 3, 4, 5, 6, 7, 8, 9], &json!(10)));
    assert_eq!(data["together"][0]["notice"], data["notice"], "it goes by the id of its worst");
    let text = data["text"].as_str().unwrap();
    let begin: Vec<&str> = text.lines().take(24).collect();
    assert_snapshot!(format!("{}\n\n{}", data["subject"].as_str().unwrap(), begin.join("\n")), @r#"
    10 tickets are handed over to you, the worst P1 10: Number 10

    They come to Evening when the shift before yours ends, at 2026-03-02 17:00 UTC.

    P1 10: Number 10
    Nobody has written a briefing; the history says:
    Number 10, open since 2026-03-02 16:00 UTC

    P2 1: Number 1
    Nobody has written a briefing; the history says:
    Number 1, open since 2026-03-02 16:00 UTC

    P2 2: Number 2
    Briefing:
    Half done
    Next action: Call them back

    P2 3: Number 3
    Nobody has written a briefing; the history says:
    Number 3, open since 2026-03-02 16:00 UTC

    P2 4: Number 4
    Nobody has written a briefing; the history says:
    Number 4, open since 2026-03-02 16:00 UTC

    P2 5: Number 5
    "#);
    let all = "Take them all: meridian handoff accept 1 --ticket 10 --ticket 1 --ticket 2 --ticket 3 --ticket 4 \
               --ticket 5 --ticket 6 --ticket 7 --ticket 8 --ticket 9";
    assert!(text.ends_with(all), "{text}");
    post.close().await;
}

#[tokio::test]
async fn one_tap_takes_all_that_is_still_offered_and_the_page_says_which() {
    let post = Post::with(4, &[Reply::Status(200)]).await;
    post.office.later("2026-03-02T16:30:00Z").await;
    let link = post.heard(1).await[0]["data"]["acknowledge_url"].as_str().unwrap().to_owned();
    // One is taken by itself before, and one is solved.
    post.office.act("bjorn", 2, "acknowledge", json!({})).await;
    post.office.act("anna", 3, "resolve", json!({"notes": "done"})).await;
    let mut story = format!("looked at: {}", post.page("GET", &link).await);
    story += &format!("tapped: {}", post.page("POST", &link).await);
    story += &format!("tapped again: {}", post.page("POST", &link).await);
    for ticket in 1..=4 {
        let shown = post.office.get("admin", &format!("/v1/tickets/{ticket}")).await.body;
        story += &format!("{ticket} {}: {}\n", shown["state"], office::custody(&shown));
    }
    assert_snapshot!(story, @r#"
    looked at: 200 OK <h1>2 tickets</h1>
    <p>Björn, you are asked to take what is handed over to you (handoff 1). The link works until 2026-03-02 17:10 UTC.</p>
    <ul><li>P1 ticket 4</li><li>P2 ticket 1</li></ul>
    <form method="post"><button type="submit">Take them all</button></form>
    tapped: 200 OK <h1>2 tickets</h1>
    <p>They are yours. Thank you.</p>
    <ul><li>P1 ticket 4</li><li>P2 ticket 1</li></ul>
    tapped again: 200 OK <h1>P1 ticket 4</h1>
    <p>It is yours. Thank you.</p>
    1 "held": held bjorn []
    2 "held": held bjorn []
    3 "resolved": resolved done []
    4 "held": held bjorn []
    "#);
    post.close().await;
}

#[tokio::test]
async fn every_ticket_of_a_message_that_reached_nobody_is_told_so() {
    let post = Post::with(3, &[Reply::Status(410)]).await;
    post.office.later("2026-03-02T16:30:00Z").await;
    let rows = post.settled(3).await;
    let mut story = Post::told(&rows);
    for ticket in 1..=3 {
        let shown = post.office.get("admin", &format!("/v1/tickets/{ticket}")).await.body;
        let history = shown["history"].as_array().unwrap().iter();
        let last: Vec<&str> = history
            .filter_map(|event| event["event"].as_str())
            .skip_while(|event| *event != "notice_failed")
            .collect();
        story += &format!("{ticket}: {}\n", last.join(", "));
    }
    assert_snapshot!(story, @r#"
    3 offer Failed 1 hook: answered 410 Gone
    1 offer Failed 1 hook: answered 410 Gone
    2 offer Failed 1 hook: answered 410 Gone
    1: notice_failed, declined, offer_ended
    2: notice_failed, declined, offer_ended
    3: notice_failed, declined, offer_ended
    "#);
    post.close().await;
}

#[tokio::test]
async fn what_is_over_before_the_next_attempt_is_left_out_and_the_id_stays() {
    let post = Post::with(3, &[Reply::Status(500), Reply::Status(200)]).await;
    post.office.later("2026-03-02T16:30:00Z").await;
    post.heard(1).await;
    while post.settled(0).await.iter().any(|row| row.attempts == 0) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The next attempt is after some seconds, which pass only now.
    post.office.act("bjorn", 1, "acknowledge", json!({})).await;
    post.office.later("2026-03-02T16:40:00Z").await;
    let rows = post.settled(3).await;
    let heard = post.heard(2).await;
    let tickets = |one: &Value| {
        let together = one["data"]["together"].as_array().unwrap().iter();
        together.map(|one| one["ticket"].to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(heard[0]["data"]["notice"], heard[1]["data"]["notice"]);
    let story = format!("{}first {}, then {}", Post::told(&rows), tickets(&heard[0]), tickets(&heard[1]));
    assert_snapshot!(story, @r#"
    3 offer Sent 2 
    1 offer Overtaken 1 overtaken: the ticket is not offered to them any more
    2 offer Sent 2 
    first 3 1 2, then 3 2
    "#);
    post.close().await;
}
