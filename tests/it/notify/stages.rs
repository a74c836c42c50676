//! One way after the other, until somebody has taken the ticket: over a real engine, in virtual time.

use std::collections::BTreeMap;
use std::time::Duration;

use insta::assert_snapshot;
use meridian::clock::Clock;
use meridian::notify::{Channels, Deliveries, Notifier, Pace, use_ring};
use meridian::settings::{ChannelKind, ChannelSettings, Kept, Secret};
use meridian::store::{NoticeFilter, OutboxFilter};
use serde_json::json;

use super::receiver::{Receiver, Reply};
use crate::api::office::Office;

/// On call alone, in Stockholm; at noon on a Saturday in March it is 13:00 there.
const ORG: &str = r#"
[org]
name = "Example"
tiers = ["frontline"]
policy = "standard"
[regions.world]
name = "World"
timezone = "Europe/Stockholm"
[teams.night]
name = "Night"
region = "world"
tier = "frontline"
members = ["anna", "bjorn"]
[[teams.night.rotations]]
name = "first"
starts = 2026-01-05T09:00:00
every = "week"
members = ["anna"]
[[teams.night.rotations]]
name = "second"
line = "secondary"
starts = 2026-01-05T09:00:00
every = "week"
members = ["bjorn"]
[people.anna]
name = "Anna"
contact = ["mail", { via = "sms", after = "2m" }, { via = "voice", for = "page", after = "4m", between = ["22:00", "07:00"] }]
[people.bjorn]
name = "Björn"
contact = [{ via = "voice", for = "page", between = ["22:00", "07:00"] }, "log"]
[priorities.P1]
acknowledge_within = "10m"
when_closed = "page"
[policies.standard]
steps = [{ tier = "frontline", call = ["primary", "secondary"] }]
"#;

struct Post {
    office: Office,
    notifier: Notifier,
    receivers: BTreeMap<&'static str, Receiver>,
}

impl Post {
    /// What each channel answers: `mail`, `sms`, `voice`.
    async fn open(at: &str, answers: [Reply; 3]) -> Post {
        use_ring();
        let office = Office::with(ORG, Clock::standing_at(at.parse().unwrap())).await;
        let pace = Pace { attempts: 1, page_attempts: 1, look: Duration::from_millis(5), ..Pace::default() };
        let (mut receivers, mut settings) = (BTreeMap::new(), BTreeMap::new());
        for (name, answer) in ["mail", "sms", "voice"].into_iter().zip(answers) {
            let receiver = Receiver::open(&[answer]).await;
            let kind = ChannelKind::Webhook { url: Kept::Here(Secret::new(&receiver.url)), secret: None };
            let channel = ChannelSettings { kind, allow_private: true, rate: None, acknowledge: true };
            settings.insert(name.to_owned(), channel);
            receivers.insert(name, receiver);
        }
        let channels = Channels::new(&settings, &pace).unwrap();
        let counts = Deliveries::default();
        let notifier = Notifier::start(office.engine.clone(), channels, pace, "test".to_owned(), counts);
        Post { office, notifier, receivers }
    }

    /// Waits until so many notices are settled, and tells of all in the order they were made.
    async fn told(&self, settled: usize) -> String {
        let filter = NoticeFilter { limit: 100, ..NoticeFilter::default() };
        for _ in 0..1000 {
            let (mut all, _) = self.office.engine.store().notices(filter).await.unwrap();
            let pending = all.iter().filter(|listed| listed.row.state() == OutboxFilter::Pending).count();
            if all.len() - pending < settled {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            }
            all.reverse();
            let line = |listed: &meridian::store::Listed| {
                let row = &listed.row;
                let due = row.due_at.format("%H:%M");
                let (channel, why) =
                    (row.channel.as_deref().unwrap_or("-"), row.last_error.as_deref().unwrap_or(""));
                let kind = row.notice.kind.as_str();
                format!(
                    "{} {kind} to {} {:?} {due} {channel} {why}\n",
                    row.notice.id,
                    row.notice.to,
                    row.state()
                )
            };
            let heard =
                self.receivers.iter().map(|(name, receiver)| format!("{name} {}", receiver.heard().len()));
            let heard: Vec<String> = heard.collect();
            return all.iter().map(line).collect::<String>() + &heard.join(", ");
        }
        panic!("fewer than {settled} notices are settled after ten seconds");
    }

    async fn page(&self) -> i64 {
        self.office.ticket(json!({"title": "All is down", "priority": "P1"})).await
    }

    async fn close(self) {
        self.notifier.stop(Duration::from_secs(5)).await;
        for receiver in self.receivers.into_values() {
            receiver.close().await;
        }
        self.office.close().await;
    }
}

const TAKES: Reply = Reply::Status(200);
const REFUSES: Reply = Reply::Status(410);

#[tokio::test]
async fn the_next_way_is_used_when_its_time_comes_and_no_other_once_somebody_has_it() {
    let post = Post::open("2026-03-07T21:00:00Z", [TAKES; 3]).await;
    let ticket = post.page().await;
    let mut story = format!("at once:\n{}\n", post.told(1).await);
    post.office.later("2026-03-07T21:02:00Z").await;
    story += &format!("after two minutes:\n{}\n", post.told(2).await);
    post.office.act("anna", ticket, "acknowledge", json!({})).await;
    post.office.later("2026-03-07T21:04:00Z").await;
    story += &format!("taken, and after four minutes:\n{}\n", post.told(3).await);
    assert_snapshot!(story, @r#"
    at once:
    1-5-0 page to anna Sent 21:00 mail 
    1-5-0-s1 page to anna Pending 21:02 - 
    1-5-0-s2 page to anna Pending 21:04 - 
    mail 1, sms 0, voice 0
    after two minutes:
    1-5-0 page to anna Sent 21:00 mail 
    1-5-0-s1 page to anna Sent 21:02 sms 
    1-5-0-s2 page to anna Pending 21:04 - 
    mail 1, sms 1, voice 0
    taken, and after four minutes:
    1-5-0 page to anna Sent 21:00 mail 
    1-5-0-s1 page to anna Sent 21:02 sms 
    1-5-0-s2 page to anna Overtaken 21:04 - overtaken: the ticket is not offered to them any more
    mail 1, sms 1, voice 0
    "#);
    post.close().await;
}

#[tokio::test]
async fn a_stage_that_reaches_nobody_is_followed_at_once_and_the_last_of_them_by_somebody_else() {
    let post = Post::open("2026-03-07T21:00:00Z", [REFUSES, REFUSES, REFUSES]).await;
    let ticket = post.page().await;
    let told = post.told(4).await;
    let shown = post.office.get("admin", &format!("/v1/tickets/{ticket}")).await.body;
    let history = shown["history"].as_array().unwrap().iter();
    let history =
        history.filter(|event| ["notice_failed", "offer_ended"].contains(&event["event"].as_str().unwrap()));
    let history: Vec<String> =
        history.map(|event| format!("{} {}{}", event["event"], event["reason"], event["why"])).collect();
    assert_snapshot!(format!("{told}\n{}", history.join("\n")), @r#"
    1-5-0 page to anna Failed 21:00 - mail: answered 410 Gone
    1-5-0-s1 page to anna Failed 21:00 - sms: answered 410 Gone
    1-5-0-s2 page to anna Failed 21:00 - voice: answered 410 Gone
    1-12-0 page to bjorn Failed 21:00 - voice: answered 410 Gone
    mail 1, sms 1, voice 2
    "notice_failed" "mail: answered 410 Gone"null
    "notice_failed" "sms: answered 410 Gone"null
    "notice_failed" "voice: answered 410 Gone"null
    "offer_ended" null"not_reached"
    "notice_failed" "voice: answered 410 Gone"null
    "offer_ended" null"not_reached"
    "#);
    post.close().await;
}

#[tokio::test]
async fn whoever_has_no_way_at_that_hour_is_passed_over_at_once() {
    let post = Post::open("2026-03-07T12:00:00Z", [TAKES; 3]).await;
    let ticket = post.page().await;
    post.told(1).await;
    post.office.act("anna", ticket, "decline", json!({"reason": "on a train"})).await;
    // To bjorn, who is rung at night only, and has the log for all the rest.
    assert_snapshot!(post.told(2).await, @r#"
    1-5-0 page to anna Sent 12:00 mail 
    1-5-0-s1 page to anna Pending 12:02 - 
    1-9-0 page to bjorn Failed 12:00 - no way to wake bjorn is open at this hour: see `between` in their `contact`
    mail 1, sms 0, voice 0
    "#);
    post.close().await;
}
