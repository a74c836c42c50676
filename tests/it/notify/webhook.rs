//! One request to one receiver: its signature, what its answer means, where it may not go.

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use meridian::desk::{Notice, NoticeKind, TicketId};
use meridian::notify::{Channel, Failure, Pace, SigningKey, Webhook, is_public, use_ring};
use meridian::schedule::{PersonId, Priority};
use meridian::settings::Secret;

use super::receiver::{Receiver, Reply};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn at() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

fn notice() -> Notice {
    Notice {
        id: "17-3-0".to_owned(),
        at: at(),
        ticket: TicketId(17),
        priority: Priority::P1,
        kind: NoticeKind::Page,
        to: PersonId::new("anna"),
        subject: "The shop is down".to_owned(),
        text: "Please take it.".to_owned(),
        expires_at: Some(at() + TimeDelta::minutes(5)),
    }
}

fn webhook(url: &str, secret: Option<&str>) -> Channel {
    use_ring();
    let secret = secret.map(Secret::new);
    Channel::Webhook(Webhook::new(url, secret.as_ref(), true, Duration::from_millis(300)).unwrap())
}

#[test]
fn signatures_are_those_of_the_published_vectors() {
    let key = SigningKey::new(&Secret::new(SECRET)).unwrap();
    assert_eq!(
        key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#),
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    );
    let body = br#"{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z","data":{"id":"1f81eb52-5198-4599-803e-771906343485"}}"#;
    assert_eq!(
        key.sign("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", 1_674_087_231, body),
        "v1,ARw42xaAApl/nxRo+iPGYwSaMQaOwMo2eyH5JBRA+bQ="
    );
}

#[test]
fn a_secret_that_is_none_is_refused_without_being_shown() {
    let secrets = [
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_short",
        "whsec_!!!!",
        &format!("whsec_{}", "A".repeat(88)),
    ];
    let said: Vec<String> = secrets
        .iter()
        .map(|text| format!("{:#}", SigningKey::new(&Secret::new(*text)).err().unwrap()))
        .collect();
    assert_snapshot!(said.join("\n"), @r#"
    a webhook secret is `whsec_` and base64 after it
    a webhook secret has 24 to 64 bytes, this one 0
    a webhook secret is `whsec_` and base64 after it
    what follows `whsec_` is not base64: Invalid input length: 5
    what follows `whsec_` is not base64: Invalid symbol 33, offset 0.
    a webhook secret has 24 to 64 bytes, this one 66
    "#);
    assert_eq!(format!("{:?}", Secret::new(SECRET)), "Secret(..)");
    assert!(
        SigningKey::new(&Secret::new("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD/w")).is_ok(),
        "padding may be left away"
    );
}

#[tokio::test]
async fn a_message_is_signed_and_says_what_is_asked_of_whom() {
    let receiver = Receiver::open(&[Reply::Status(204)]).await;
    assert_eq!(
        webhook(&receiver.url, Some(SECRET)).send(&notice(), None, at() + TimeDelta::seconds(3)).await,
        Ok(())
    );
    let heard = receiver.hears(1).await.remove(0);
    let header = |name: &str| heard.headers[name].to_str().unwrap().to_owned();
    assert_eq!(
        (header("webhook-id").as_str(), header("content-type").as_str()),
        ("17-3-0", "application/json")
    );
    let timestamp: i64 = header("webhook-timestamp").parse().unwrap();
    assert_eq!(timestamp, at().timestamp() + 3);
    let key = SigningKey::new(&Secret::new(SECRET)).unwrap();
    assert_eq!(header("webhook-signature"), key.sign("17-3-0", timestamp, &heard.body));
    let body: serde_json::Value = serde_json::from_slice(&heard.body).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&body).unwrap(), @r#"
    {
      "data": {
        "expires_at": "2026-03-02T09:05:00Z",
        "kind": "page",
        "notice": "17-3-0",
        "priority": "P1",
        "subject": "The shop is down",
        "text": "Please take it.",
        "ticket": 17,
        "to": {
          "id": "anna"
        }
      },
      "timestamp": "2026-03-02T09:00:00Z",
      "type": "ticket.page"
    }
    "#);
    receiver.close().await;
}

#[tokio::test]
async fn an_answer_decides_whether_to_try_again() {
    let replies = [
        ("200", Reply::Status(200)),
        ("204", Reply::Status(204)),
        ("302", Reply::Redirect),
        ("400", Reply::Status(400)),
        ("404", Reply::Status(404)),
        ("408", Reply::Status(408)),
        ("410", Reply::Status(410)),
        ("425", Reply::Status(425)),
        ("429 after 7", Reply::Later(429, "7")),
        ("429 after a date", Reply::Later(429, "Mon, 02 Mar 2026 09:00:30 GMT")),
        ("500", Reply::Status(500)),
        ("503 after 2", Reply::Later(503, "2")),
        ("never", Reply::Never),
    ];
    let mut table = String::new();
    for (name, reply) in replies {
        let receiver = Receiver::open(&[reply]).await;
        let outcome = match webhook(&receiver.url, None).send(&notice(), None, at()).await {
            Ok(()) => "delivered".to_owned(),
            Err(Failure::Passing { why, retry_after: None }) => format!("again: {why}"),
            Err(Failure::Passing { why, retry_after: Some(after) }) => {
                format!("again in {} s: {why}", after.num_seconds())
            }
            Err(Failure::Lasting { why }) => format!("never: {why}"),
        };
        assert_eq!(receiver.heard().len(), 1, "{name}: a redirect is not followed");
        table.push_str(&format!("{name:<17} {outcome}\n"));
        receiver.close().await;
    }
    assert_snapshot!(table, @r#"
    200               delivered
    204               delivered
    302               never: answered 302 Found
    400               never: answered 400 Bad Request
    404               never: answered 404 Not Found
    408               again: answered 408 Request Timeout
    410               never: answered 410 Gone
    425               again: answered 425 Too Early
    429 after 7       again in 7 s: answered 429 Too Many Requests
    429 after a date  again in 30 s: answered 429 Too Many Requests
    500               again: answered 500 Internal Server Error
    503 after 2       again in 2 s: answered 503 Service Unavailable
    never             again: no answer in time
    "#);
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_tried_again() {
    let receiver = Receiver::open(&[Reply::Status(200)]).await;
    let url = receiver.url.clone();
    receiver.close().await;
    let outcome = webhook(&url, None).send(&notice(), None, at()).await;
    assert!(matches!(outcome, Err(Failure::Passing { .. })), "{outcome:?}");
    assert!(!format!("{outcome:?}").contains("/hook"), "an address may be a secret: {outcome:?}");
}

#[test]
fn only_public_addresses_are_public() {
    let addresses = [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "::127.0.0.1",
        "2001::1",
    ];
    for address in addresses {
        assert!(!is_public(address.parse::<IpAddr>().unwrap()), "{address}");
    }
    for address in
        ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:1.1.1.1", "2a00:1450::1"]
    {
        assert!(is_public(address.parse::<IpAddr>().unwrap()), "{address}");
    }
}

#[test]
fn an_address_that_may_not_be_called_is_refused_at_the_start() {
    use_ring();
    let urls = [
        "http://127.0.0.1/hook",
        "http://2130706433/hook",
        "http://0x7f.1/hook",
        "https://[::1]/hook",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.7:8080/",
        "ftp://example.com/",
        "hook",
    ];
    let said: Vec<String> = urls
        .iter()
        .map(|url| format!("{:#}", Webhook::new(url, None, false, Duration::from_secs(1)).err().expect(url)))
        .collect();
    assert_snapshot!(said.join("\n"), @r#"
    url: 127.0.0.1 is not a public address; say `allow_private = true` if it is meant to be called
    url: 127.0.0.1 is not a public address; say `allow_private = true` if it is meant to be called
    url: 127.0.0.1 is not a public address; say `allow_private = true` if it is meant to be called
    url: ::1 is not a public address; say `allow_private = true` if it is meant to be called
    url: 169.254.169.254 is not a public address; say `allow_private = true` if it is meant to be called
    url: 10.0.0.7 is not a public address; say `allow_private = true` if it is meant to be called
    url: only http and https can be called
    url = "hook" is not a URL: relative URL without a base
    "#);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_called() {
    use_ring();
    let receiver = Receiver::open(&[Reply::Status(200)]).await;
    let url = receiver.url.replace("127.0.0.1", "localhost");
    let inside = Webhook::new(&url, None, false, Duration::from_secs(5)).unwrap();
    let outcome = Channel::Webhook(inside).send(&notice(), None, at()).await;
    let why = "localhost has no public address; say `allow_private = true` if it is meant to be called";
    assert_eq!(outcome, Err(Failure::Lasting { why: why.to_owned() }));
    assert_eq!(receiver.heard().len(), 0);
    assert_eq!(webhook(&url, None).send(&notice(), None, at()).await, Ok(()), "allowed, it is called");
    receiver.close().await;
}

#[test]
fn delays_double_up_to_a_limit_with_half_of_it_by_chance() {
    let pace =
        Pace { first_delay: TimeDelta::seconds(2), delay_max: TimeDelta::seconds(60), ..Pace::default() };
    let mut chance = fastrand::Rng::with_seed(7);
    for (failed, most) in [(1, 2), (2, 4), (3, 8), (5, 32), (6, 60), (40, 60), (u32::MAX, 60)] {
        for _ in 0..100 {
            let delay = pace.delay(failed, None, &mut chance).num_milliseconds();
            assert!((most * 500..=most * 1000).contains(&delay), "after {failed}: {delay} ms");
        }
    }
    let asked =
        |seconds: i64| pace.delay(1, Some(TimeDelta::seconds(seconds)), &mut fastrand::Rng::with_seed(7));
    assert_eq!(asked(30), TimeDelta::seconds(30));
    assert_eq!(asked(7200), TimeDelta::seconds(60), "a receiver cannot put us off for hours");
    assert_eq!(asked(-5), TimeDelta::seconds(2));
}
