//! From the outbox to a receiver, over a real engine.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use meridian::clock::Clock;
use meridian::desk::{Action, Actor, Command, TicketId, Verb};
use meridian::notify::{Channels, Deliveries, Notifier, Pace, use_ring};
use meridian::settings::{ChannelKind, ChannelSettings, Kept, Secret};
use meridian::store::{Leave, OutboxFilter, OutboxRow};
use serde_json::json;

use super::receiver::{Receiver, Reply};
use crate::api::office::{Office, request};

/// Always open, so that the machine's clock will do, but for the teams that are only on call: `night`, `lost`, `hill` and
/// `jam`. `anna` and `eve` have two channels, `hilda` the log as her second, `bjorn` and `gil` one that nobody set up,
/// `dora` three, of which she wrote one twice.
const ORG: &str = r#"
[org]
name = "Example"
tiers = ["frontline"]
policy = "standard"

[regions.world]
name = "World"
timezone = "UTC"

[teams.north]
name = "North"
region = "world"
tier = "frontline"
members = ["anna"]
hours = [{ from = "00:00", to = "24:00" }]
skills = ["north"]

[teams.south]
name = "South"
region = "world"
tier = "frontline"
members = ["bjorn"]
hours = [{ from = "00:00", to = "24:00" }]
skills = ["south"]

[teams.west]
name = "West"
region = "world"
tier = "frontline"
members = ["carol", "dave"]
hours = [{ from = "00:00", to = "24:00" }]
skills = ["west"]

[teams.east]
name = "East"
region = "world"
tier = "frontline"
members = ["dora"]
hours = [{ from = "00:00", to = "24:00" }]
skills = ["east"]

[people.anna]
name = "Anna"
contact = ["hook", "spare"]
[people.bjorn]
name = "Björn"
contact = ["pigeon"]
[people.carol]
name = "Carol"
contact = ["spare"]
[people.dave]
name = "Dave"
[people.dora]
name = "Dora"
contact = ["a", "b", "b", "c"]

[teams.night]
name = "Night"
region = "world"
tier = "frontline"
members = ["eve", "frank"]
skills = ["night"]
[[teams.night.rotations]]
name = "together"
starts = 2026-01-05T09:00:00
every = "week"
members = [["eve", "frank"]]

[teams.lost]
name = "Lost"
region = "world"
tier = "frontline"
members = ["gil"]
skills = ["lost"]
[[teams.lost.rotations]]
name = "alone"
starts = 2026-01-05T09:00:00
every = "week"
members = ["gil"]

[teams.hill]
name = "Hill"
region = "world"
tier = "frontline"
members = ["hilda"]
skills = ["hill"]
[[teams.hill.rotations]]
name = "alone"
starts = 2026-01-05T09:00:00
every = "week"
members = ["hilda"]

[teams.jam]
name = "Jam"
region = "world"
tier = "frontline"
members = ["jan"]
skills = ["jam"]
[[teams.jam.rotations]]
name = "alone"
starts = 2026-01-05T09:00:00
every = "week"
members = ["jan"]

[people.hilda]
name = "Hilda"
contact = ["hook", "log"]
[people.jan]
name = "Jan"
contact = ["hook"]
[people.eve]
name = "Eve"
contact = ["hook", "spare"]
[people.frank]
name = "Frank"
contact = ["spare"]
[people.gil]
name = "Gil"
contact = ["pigeon"]

[policies.standard]
steps = [{ tier = "frontline", call = ["primary"] }]
"#;

struct Post {
    office: Office,
    notifier: Notifier,
}

fn pace() -> Pace {
    Pace {
        attempts: 3,
        first_delay: TimeDelta::milliseconds(20),
        delay_max: TimeDelta::milliseconds(100),
        timeout: Duration::from_millis(400),
        lease: TimeDelta::seconds(20),
        look: Duration::from_millis(5),
        per_channel: 2,
        claimed_max: 4,
        ..Pace::default()
    }
}

impl Post {
    async fn open(hook: &Receiver, spare: &Receiver) -> Post {
        Post::with(&[("hook", hook), ("spare", spare)]).await
    }

    async fn with(receivers: &[(&str, &Receiver)]) -> Post {
        Post::of(Office::with(ORG, Clock::machine()).await, receivers)
    }

    fn of(office: Office, receivers: &[(&str, &Receiver)]) -> Post {
        use_ring();
        let settings = |url: &str| ChannelSettings {
            kind: ChannelKind::Webhook { url: Kept::Here(Secret::new(url)), secret: None },
            allow_private: true,
            rate: None,
            acknowledge: true,
        };
        let settings: BTreeMap<String, ChannelSettings> =
            receivers.iter().map(|(name, receiver)| (name.to_string(), settings(&receiver.url))).collect();
        let channels = Channels::new(&settings, &pace()).unwrap();
        let notifier = Notifier::start(
            office.engine.clone(),
            channels,
            pace(),
            "test".to_owned(),
            Deliveries::default(),
        );
        Post { office, notifier }
    }

    /// Wakes whoever is on call there.
    async fn page(&self, team: &str) -> i64 {
        self.office.ticket(json!({"title": "All is down", "priority": "P1", "skills": [team]})).await
    }

    async fn ask(&self, team: &str) -> i64 {
        self.office.ticket(json!({"title": "The shop is down", "priority": "P2", "skills": [team]})).await
    }

    /// Waits until the outbox has so many rows of the kind.
    async fn rows(&self, filter: OutboxFilter, count: usize) -> Vec<OutboxRow> {
        for _ in 0..1000 {
            let rows = self.office.engine.store().outbox(filter, 1000).await.unwrap();
            if rows.len() >= count {
                return rows;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the outbox has not {count} such rows within ten seconds");
    }

    async fn close(self) {
        self.notifier.stop(Duration::from_secs(5)).await;
        self.office.close().await;
    }
}

#[tokio::test]
async fn what_is_offered_is_delivered_once() {
    let (hook, spare) =
        (Receiver::open(&[Reply::Status(200)]).await, Receiver::open(&[Reply::Status(200)]).await);
    let post = Post::open(&hook, &spare).await;
    post.ask("north").await;
    let sent = post.rows(OutboxFilter::Sent, 1).await.remove(0);
    assert_eq!((sent.channel.as_deref(), sent.attempts), (Some("hook"), 1));
    let body: serde_json::Value = serde_json::from_slice(&hook.hears(1).await[0].body).unwrap();
    assert_eq!((&body["type"], &body["data"]["to"]["id"]), (&json!("ticket.offer"), &json!("anna")));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!((hook.heard().len(), spare.heard().len()), (1, 0));
    post.close().await;
    hook.close().await;
    spare.close().await;
}

#[tokio::test]
async fn a_receiver_that_recovers_gets_the_same_message() {
    let hook = Receiver::open(&[Reply::Status(500), Reply::Status(503), Reply::Status(200)]).await;
    let spare = Receiver::open(&[Reply::Status(200)]).await;
    let post = Post::open(&hook, &spare).await;
    post.ask("north").await;
    let sent = post.rows(OutboxFilter::Sent, 1).await.remove(0);
    assert_eq!((sent.channel.as_deref(), sent.attempts), (Some("hook"), 3));
    let heard = hook.heard();
    assert!(
        heard
            .iter()
            .all(|one| one.headers["webhook-id"] == sent.notice.id.as_str() && one.body == heard[0].body)
    );
    assert_eq!((heard.len(), spare.heard().len()), (3, 0));
    post.close().await;
    hook.close().await;
    spare.close().await;
}

#[tokio::test]
async fn a_channel_that_keeps_failing_makes_way_for_the_next() {
    let (hook, spare) = (Receiver::open(&[Reply::Never]).await, Receiver::open(&[Reply::Status(200)]).await);
    let post = Post::open(&hook, &spare).await;
    post.ask("north").await;
    let sent = post.rows(OutboxFilter::Sent, 1).await.remove(0);
    assert_eq!((sent.channel.as_deref(), sent.attempts), (Some("spare"), 1));
    assert_eq!((hook.heard().len(), spare.heard().len()), (3, 1));
    post.close().await;
    hook.close().await;
    spare.close().await;
}

#[tokio::test]
async fn a_channel_that_refuses_makes_way_at_once() {
    let (hook, spare) =
        (Receiver::open(&[Reply::Status(410)]).await, Receiver::open(&[Reply::Status(200)]).await);
    let post = Post::open(&hook, &spare).await;
    post.ask("north").await;
    let sent = post.rows(OutboxFilter::Sent, 1).await.remove(0);
    assert_eq!((sent.channel.as_deref(), hook.heard().len(), spare.heard().len()), (Some("spare"), 1, 1));
    post.close().await;
    hook.close().await;
    spare.close().await;
}

#[tokio::test]
async fn a_refusal_before_it_gives_a_channel_neither_more_attempts_nor_shorter_pauses() {
    let (a, b) = (Receiver::open(&[Reply::Status(410)]).await, Receiver::open(&[Reply::Status(500)]).await);
    let c = Receiver::open(&[Reply::Status(200)]).await;
    let post = Post::with(&[("a", &a), ("b", &b), ("c", &c)]).await;
    post.ask("east").await;
    let sent = post.rows(OutboxFilter::Sent, 1).await.remove(0);
    assert_eq!((sent.channel.as_deref(), sent.attempts), (Some("c"), 1));
    assert_eq!((a.heard().len(), b.heard().len(), c.heard().len()), (1, 3, 1));
    for pair in b.heard().windows(2) {
        let pause = pair[1].at - pair[0].at;
        assert!(pause >= Duration::from_millis(10), "half of the first delay at least: {pause:?}");
    }
    post.close().await;
    for receiver in [a, b, c] {
        receiver.close().await;
    }
}

#[tokio::test]
async fn when_every_channel_failed_the_desk_hears_of_it() {
    let (hook, spare) =
        (Receiver::open(&[Reply::Status(500)]).await, Receiver::open(&[Reply::Status(500)]).await);
    let post = Post::open(&hook, &spare).await;
    let ticket = post.ask("north").await;
    let failed = post.rows(OutboxFilter::Failed, 1).await.remove(0);
    assert_eq!((hook.heard().len(), spare.heard().len()), (3, 3));
    assert_eq!(failed.notice.to.as_str(), "anna");
    let shown = post.office.get("admin", &format!("/v1/tickets/{ticket}")).await.body;
    let history = shown["history"].as_array().unwrap();
    let told = history.iter().find(|event| event["event"] == "notice_failed").expect("it is in the history");
    assert_eq!(told["reason"], "spare: answered 500 Internal Server Error");
    assert_eq!(post.office.call(request("GET", "/readyz", "", None)).await.status, 200);
    post.close().await;
    hook.close().await;
    spare.close().await;
}

#[tokio::test]
async fn somebody_without_a_channel_is_told_in_the_log() {
    let (hook, spare) =
        (Receiver::open(&[Reply::Status(200)]).await, Receiver::open(&[Reply::Status(200)]).await);
    let post = Post::open(&hook, &spare).await;
    post.ask("south").await;
    let sent = post.rows(OutboxFilter::Sent, 1).await.remove(0);
    assert_eq!((sent.notice.to.as_str(), sent.channel.as_deref()), ("bjorn", Some("log")));
    post.close().await;
    hook.close().await;
    spare.close().await;
}

#[tokio::test]
async fn a_slow_channel_does_not_hold_up_another() {
    let (hook, spare) = (Receiver::open(&[Reply::Never]).await, Receiver::open(&[Reply::Status(200)]).await);
    let post = Post::open(&hook, &spare).await;
    for _ in 0..6 {
        post.ask("north").await;
    }
    hook.hears(2).await;
    post.ask("west").await;
    let first = spare.hears(1).await.remove(0);
    let body: serde_json::Value = serde_json::from_slice(&first.body).unwrap();
    assert_eq!(body["data"]["to"]["id"], "carol");
    assert!(hook.heard().len() < 6, "not all of anna's have been tried even once");
    post.close().await;
    hook.close().await;
    spare.close().await;
}

/// To whom the messages that a receiver has heard are.
fn receivers_of(receiver: &Receiver) -> Vec<String> {
    let to =
        |body: &[u8]| serde_json::from_slice::<serde_json::Value>(body).unwrap()["data"]["to"]["id"].clone();
    receiver.heard().iter().map(|heard| to(&heard.body).as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_hanging_first_channel_kept_pages_from_the_second() {
    let (hook, spare) = (Receiver::open(&[Reply::Never]).await, Receiver::open(&[Reply::Status(200)]).await);
    let post = Post::open(&hook, &spare).await;
    let began = Instant::now();
    for _ in 0..20 {
        post.page("night").await;
    }
    // Eve's and Frank's.
    spare.hears(40).await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(6), "the last page took {took:?}");
    assert_eq!(receivers_of(&spare).iter().filter(|to| *to == "eve").count(), 20);
    assert!(hook.heard().len() <= 4, "{} pages were spent on a channel that hangs", hook.heard().len());
    post.close().await;
    hook.close().await;
    spare.close().await;
}

#[tokio::test]
async fn a_channel_that_answered_slowly_kept_the_pages_of_another_waiting() {
    let slow = Receiver::open(&[Reply::Slowly(Duration::from_millis(300))]).await;
    let spare = Receiver::open(&[Reply::Status(200)]).await;
    let post = Post::open(&slow, &spare).await;
    for _ in 0..40 {
        post.ask("north").await;
    }
    let began = Instant::now();
    post.ask("west").await;
    spare.hears(1).await;
    let took = began.elapsed();
    assert!(took < Duration::from_millis(1500), "it waited {took:?} for a channel that is not its own");
    assert!(slow.heard().len() < 40);
    slow.hears(40).await;
    post.close().await;
    slow.close().await;
    spare.close().await;
}

#[tokio::test]
async fn pages_went_out_after_the_ticket_was_taken() {
    let (hook, spare) =
        (Receiver::open(&[Reply::Status(200)]).await, Receiver::open(&[Reply::Status(200)]).await);
    let office = Office::with(ORG, Clock::machine()).await;
    let facts = json!({"title": "All is down", "priority": "P1", "skills": ["night"]});
    let ticket = office.ticket(facts).await;
    let taken = Command {
        by: Actor::Person("frank".into()),
        action: Action::On(TicketId(ticket), Verb::Acknowledge),
    };
    office.engine.take(taken, None).await.unwrap();
    let post = Post::of(office, &[("hook", &hook), ("spare", &spare)]);
    let overtaken = post.rows(OutboxFilter::Overtaken, 3).await;
    let mut said: Vec<String> = overtaken
        .iter()
        .map(|row| {
            let why = row.last_error.as_deref().unwrap();
            format!("{} to {}: {why}", row.notice.kind.as_str(), row.notice.to)
        })
        .collect();
    said.sort();
    insta::assert_snapshot!(said.join("\n"), @r#"
    page to eve: overtaken: the ticket is not offered to them any more
    page to frank: overtaken: the ticket is not offered to them any more
    stand_down to eve: overtaken: nothing they were asked by has gone out
    "#);
    assert_eq!((hook.heard().len(), spare.heard().len()), (0, 0));
    assert_eq!(post.office.engine.store().outbox_counts(None).await.unwrap().failed, 0);
    post.close().await;
    hook.close().await;
    spare.close().await;
}

#[tokio::test]
async fn a_page_to_a_misspelt_channel_was_written_into_the_log_and_counted_as_delivered() {
    let (hook, spare) =
        (Receiver::open(&[Reply::Status(200)]).await, Receiver::open(&[Reply::Status(200)]).await);
    let post = Post::open(&hook, &spare).await;
    let ticket = post.page("lost").await;
    let failed = post.rows(OutboxFilter::Failed, 1).await.remove(0);
    insta::assert_snapshot!(failed.last_error.unwrap(), @"no channel of gil is set up here (pigeon): mend `contact`, or add [channels.pigeon] to meridian.toml on every node");
    let shown = post.office.get("admin", &format!("/v1/tickets/{ticket}")).await.body;
    let history = shown["history"].as_array().unwrap();
    let told = history.iter().any(|event| event["event"] == "notice_failed");
    assert!(told, "the desk hears of it, so that somebody else is called");
    post.close().await;
    hook.close().await;
    spare.close().await;
}

#[tokio::test]
async fn a_page_that_a_channel_did_not_take_went_into_the_log_and_counted_as_delivered() {
    let (hook, spare) =
        (Receiver::open(&[Reply::Status(410)]).await, Receiver::open(&[Reply::Status(200)]).await);
    let post = Post::open(&hook, &spare).await;
    post.page("hill").await;
    let failed = post.rows(OutboxFilter::Failed, 1).await.remove(0);
    assert_eq!(failed.last_error.as_deref(), Some("hook: answered 410 Gone"));
    post.close().await;
    hook.close().await;
    spare.close().await;
}

#[tokio::test]
async fn a_channel_that_was_passed_over_was_never_asked() {
    let hook = Receiver::open(&[Reply::Never, Reply::Status(200)]).await;
    let spare = Receiver::open(&[Reply::Status(410)]).await;
    let post = Post::open(&hook, &spare).await;
    post.page("night").await;
    // Eve's and Frank's: the first has found out that the hook does not answer.
    post.rows(OutboxFilter::Failed, 2).await;
    post.page("night").await;
    let sent = post.rows(OutboxFilter::Sent, 1).await.remove(0);
    assert_eq!((sent.notice.to.as_str(), sent.channel.as_deref()), ("eve", Some("hook")));
    assert_eq!(sent.passed, ["hook"]);
    post.close().await;
    hook.close().await;
    spare.close().await;
}

#[tokio::test]
async fn whoever_had_another_channel_waited_behind_those_who_had_none() {
    let (hook, spare) = (Receiver::open(&[Reply::Never]).await, Receiver::open(&[Reply::Status(200)]).await);
    let post = Post::open(&hook, &spare).await;
    for _ in 0..30 {
        post.page("jam").await;
    }
    hook.hears(3).await;
    let began = Instant::now();
    post.page("night").await;
    // Eve's and Frank's.
    spare.hears(2).await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(2), "it took {took:?}");
    post.close().await;
    hook.close().await;
    spare.close().await;
}

#[tokio::test]
async fn a_last_resort_whose_channel_is_misspelt_was_told_in_the_log() {
    let (hook, spare) =
        (Receiver::open(&[Reply::Status(200)]).await, Receiver::open(&[Reply::Status(200)]).await);
    let org = ORG.replace("name = \"Example\"", "name = \"Example\"\nlast_resort = \"gil\"");
    let post = Post::of(Office::with(&org, Clock::machine()).await, &[("hook", &hook), ("spare", &spare)]);
    post.office.ticket(json!({"title": "Nobody can do this", "priority": "P1", "skills": ["magic"]})).await;
    let failed = post.rows(OutboxFilter::Failed, 1).await.remove(0);
    assert_eq!((failed.notice.kind.as_str(), failed.notice.to.as_str()), ("last_resort", "gil"));
    post.close().await;
    hook.close().await;
    spare.close().await;
}

#[tokio::test]
async fn pages_that_waited_for_room_when_we_stopped_were_nobodys_until_their_lease_was_over() {
    let slow = Receiver::open(&[Reply::Slowly(Duration::from_millis(300))]).await;
    let spare = Receiver::open(&[Reply::Status(200)]).await;
    let post = Post::open(&slow, &spare).await;
    for _ in 0..8 {
        post.page("jam").await;
    }
    slow.hears(2).await;
    post.notifier.stop(Duration::from_secs(5)).await;
    let (store, now) = (post.office.engine.store(), post.office.engine.clock().now());
    let sent = store.outbox(OutboxFilter::Sent, 99).await.unwrap().len();
    let left = store.claim_notices(now, "another", TimeDelta::minutes(1), 99, &Leave::NOTHING).await.unwrap();
    assert_eq!((sent + left.len(), slow.heard().len()), (8, sent));
    post.office.close().await;
    slow.close().await;
    spare.close().await;
}

#[tokio::test]
async fn a_clock_that_was_set_forward_had_a_page_sent_twice() {
    let slow = Receiver::open(&[Reply::Slowly(Duration::from_millis(300))]).await;
    let spare = Receiver::open(&[Reply::Status(200)]).await;
    let start = "2026-03-02T09:00:00Z".parse::<DateTime<Utc>>().unwrap();
    let clock = Clock::standing_at(start);
    let post = Post::of(Office::with(ORG, clock.clone()).await, &[("hook", &slow), ("spare", &spare)]);
    post.page("jam").await;
    slow.hears(1).await;
    // Longer than a lease, and the page still counts.
    clock.set(start + TimeDelta::seconds(30));
    let sent = post.rows(OutboxFilter::Sent, 1).await.remove(0);
    assert_eq!((sent.attempts, slow.heard().len()), (1, 1));
    post.close().await;
    slow.close().await;
    spare.close().await;
}
