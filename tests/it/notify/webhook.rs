//! One request to one receiver: its signature, what its answer means, where it may not go.

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use meridian::notify::{
    Channel, Failure, Letter, Links, Pace, Recipient, SigningKey, Webhook, is_public, use_ring,
};
use meridian::settings::Secret;

use super::post::{at, notice, words};
use super::receiver::{Receiver, Reply};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn webhook(url: &str, secret: Option<&str>) -> Channel {
    use_ring();
    let secret = secret.map(Secret::new);
    let url = Secret::new(url);
    Channel::Webhook(Webhook::new(&url, secret.as_ref(), true, Duration::from_millis(300)).unwrap())
}

async fn send(channel: &Channel, at: DateTime<Utc>) -> Result<(), Failure> {
    let notice = notice("The shop is down", "Please take it.");
    channel
        .send(&Letter::of(&notice, &words(&notice), Recipient::of(&notice.to, None), Links::default()), at)
        .await
        .map(drop)
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
    assert_eq!(send(&webhook(&receiver.url, Some(SECRET)), at() + TimeDelta::seconds(3)).await, Ok(()));
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
        "language": "en",
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
    let after = |wait: Option<TimeDelta>| {
        wait.map(|wait| format!(" in {} s", wait.num_seconds())).unwrap_or_default()
    };
    for (name, reply) in replies {
        let receiver = Receiver::open(&[reply]).await;
        let outcome = match send(&webhook(&receiver.url, None), at()).await {
            Ok(()) => "delivered".to_owned(),
            Err(Failure::Passing { why, retry_after }) => format!("again{}: {why}", after(retry_after)),
            Err(Failure::Throttled { why, retry_after }) => {
                format!("less, again{}: {why}", after(retry_after))
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
    302               again: answered 302 Found
    400               never: answered 400 Bad Request
    404               again: answered 404 Not Found
    408               again: answered 408 Request Timeout
    410               never: answered 410 Gone
    425               again: answered 425 Too Early
    429 after 7       less, again in 7 s: answered 429 Too Many Requests
    429 after a date  less, again in 30 s: answered 429 Too Many Requests
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
    let outcome = send(&webhook(&url, None), at()).await;
    assert!(matches!(outcome, Err(Failure::Passing { .. })), "{outcome:?}");
    assert!(!format!("{outcome:?}").contains("/hook"), "an address may be a secret: {outcome:?}");
}

#[test]
fn only_public_addresses_are_public() {
    // Each row: what it is, its first and last address, and those next to it on either side that are public.
    let inside = [
        ("this host", "0.0.0.0", "0.255.255.255", "- 1.0.0.0"),
        ("private", "10.0.0.0", "10.255.255.255", "9.255.255.255 11.0.0.0"),
        ("carriers", "100.64.0.0", "100.127.255.255", "100.63.255.255 100.128.0.0"),
        ("loopback", "127.0.0.0", "127.255.255.255", "126.255.255.255 128.0.0.0"),
        ("link-local", "169.254.0.0", "169.254.255.255", "169.253.255.255 169.255.0.0"),
        ("private", "172.16.0.0", "172.31.255.255", "172.15.255.255 172.32.0.0"),
        ("protocols", "192.0.0.0", "192.0.0.255", "191.255.255.255 192.0.1.0"),
        ("examples", "192.0.2.0", "192.0.2.255", "192.0.1.255 192.0.3.0"),
        ("6to4 relays", "192.88.99.0", "192.88.99.255", "192.88.98.255 192.88.100.0"),
        ("private", "192.168.0.0", "192.168.255.255", "192.167.255.255 192.169.0.0"),
        ("benchmarks", "198.18.0.0", "198.19.255.255", "198.17.255.255 198.20.0.0"),
        ("examples", "198.51.100.0", "198.51.100.255", "198.51.99.255 198.51.101.0"),
        ("examples", "203.0.113.0", "203.0.113.255", "203.0.112.255 203.0.114.0"),
        ("multicast and up", "224.0.0.0", "255.255.255.255", "223.255.255.255 -"),
        ("unspecified, loopback", "::", "::1", "- -"),
        ("compatible private", "::a00:0", "::aff:ffff", "- ::b00:0"),
        ("mapped loopback", "::ffff:7f00:0", "::ffff:7fff:ffff", "::ffff:7eff:ffff ::ffff:8000:0"),
        ("mapped link-local", "::ffff:169.254.0.0", "::ffff:169.254.255.255", "- ::ffff:169.255.0.0"),
        ("NAT64 of private", "64:ff9b::a00:0", "64:ff9b::aff:ffff", "64:ff9b::9ff:ffff 64:ff9b::b00:0"),
        ("NAT64 of one's own", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "- -"),
        ("discarded", "100::", "100::ffff:ffff:ffff:ffff", "- -"),
        ("Teredo", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "- -"),
        ("protocols", "2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "- 2001:200::"),
        ("examples", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff:: 2001:db9::"),
        ("6to4 of private", "2002:a00::", "2002:aff:ffff::", "2002:9ff:: 2002:b00::"),
        ("6to4 of loopback", "2002:7f00::", "2002:7fff:ffff::", "2002:7eff:: 2002:8000::"),
        ("examples", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe:: 3fff:1000::"),
        ("not given out", "4000::", "fbff::", "3fff:ffff:: -"),
        ("unique local", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "- -"),
        ("link-local", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "- -"),
        ("site-local", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "- -"),
        ("multicast", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "- -"),
    ];
    let public = |address: &str| is_public(address.parse::<IpAddr>().expect(address));
    for (what, first, last, beside) in inside {
        for address in [first, last] {
            assert!(!public(address), "{what}: {address}");
        }
        for address in beside.split(' ').filter(|address| *address != "-") {
            assert!(public(address), "beside {what}: {address}");
        }
    }
    for address in ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:1.1.1.1", "2a00:1450::1"] {
        assert!(public(address), "{address}");
    }
}

#[test]
fn an_address_that_may_not_be_called_is_refused_at_the_start() {
    use_ring();
    let urls = [
        "http://127.0.0.1/hook",
        "http://2130706433/hook",
        "http://0x7f.1/hook",
        "http://0177.0.0.1/hook",
        "http://127.1/hook",
        "http://\u{ff11}27.0.0.1/hook",
        "http://hooks.example.com@127.0.0.1/hook",
        "http://hooks.example.com:80\\@127.0.0.1/hook",
        "https://[::1]/hook",
        "https://[::ffff:10.0.0.7]/hook",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.7:8080/",
        "http://0/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "hush:hush@hook",
        "https://hush:hush@:1/",
    ];
    let said = urls.iter().map(|url| {
        let made = Webhook::new(&Secret::new(*url), None, false, Duration::from_secs(1));
        let said = made.err().map_or("may be called".to_owned(), |error| format!("{error:#}"));
        assert!(!said.contains("hush"), "what it is to be called by may be a secret");
        format!("{url}\n    {said}")
    });
    assert_snapshot!(said.collect::<Vec<_>>().join("\n"), @r#"
    http://127.0.0.1/hook
        url: 127.0.0.1 is not a public address; say `allow_private = true` if it is meant to be called
    http://2130706433/hook
        url: 127.0.0.1 is not a public address; say `allow_private = true` if it is meant to be called
    http://0x7f.1/hook
        url: 127.0.0.1 is not a public address; say `allow_private = true` if it is meant to be called
    http://0177.0.0.1/hook
        url: 127.0.0.1 is not a public address; say `allow_private = true` if it is meant to be called
    http://127.1/hook
        url: 127.0.0.1 is not a public address; say `allow_private = true` if it is meant to be called
    http://１27.0.0.1/hook
        url: 127.0.0.1 is not a public address; say `allow_private = true` if it is meant to be called
    http://hooks.example.com@127.0.0.1/hook
        url: 127.0.0.1 is not a public address; say `allow_private = true` if it is meant to be called
    http://hooks.example.com:80\@127.0.0.1/hook
        may be called
    https://[::1]/hook
        url: ::1 is not a public address; say `allow_private = true` if it is meant to be called
    https://[::ffff:10.0.0.7]/hook
        url: ::ffff:10.0.0.7 is not a public address; say `allow_private = true` if it is meant to be called
    http://169.254.169.254/latest/meta-data
        url: 169.254.169.254 is not a public address; say `allow_private = true` if it is meant to be called
    http://10.0.0.7:8080/
        url: 10.0.0.7 is not a public address; say `allow_private = true` if it is meant to be called
    http://0/
        url: 0.0.0.0 is not a public address; say `allow_private = true` if it is meant to be called
    ftp://example.com/
        url: only http and https can be called
    file:///etc/passwd
        url: only http and https can be called
    hush:hush@hook
        url: only http and https can be called
    https://hush:hush@:1/
        url is no URL: empty host
    "#);
}

#[tokio::test]
async fn a_password_in_an_address_is_sent_and_not_shown() {
    use_ring();
    let receiver = Receiver::open(&[Reply::Status(500)]).await;
    let url = receiver.url.replace("://", "://user:hush@");
    let outcome = send(&webhook(&url, None), at()).await;
    let why = "answered 500 Internal Server Error".to_owned();
    assert_eq!(outcome, Err(Failure::Passing { why, retry_after: None }));
    let heard = receiver.hears(1).await.remove(0);
    assert_eq!(heard.headers["authorization"], "Basic dXNlcjpodXNo");
    receiver.close().await;
    let outcome = send(&webhook(&url, None), at()).await;
    assert!(!format!("{outcome:?}").contains("hush"), "{outcome:?}");
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_called() {
    use_ring();
    let receiver = Receiver::open(&[Reply::Status(200)]).await;
    let url = receiver.url.replace("127.0.0.1", "localhost");
    let inside = Webhook::new(&Secret::new(&url), None, false, Duration::from_secs(5)).unwrap();
    let outcome = send(&Channel::Webhook(inside), at()).await;
    let why = "localhost has no public address; say `allow_private = true` if it is meant to be called";
    assert_eq!(outcome, Err(Failure::Lasting { why: why.to_owned() }));
    assert_eq!(receiver.heard().len(), 0);
    assert_eq!(send(&webhook(&url, None), at()).await, Ok(()), "allowed, it is called");
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
