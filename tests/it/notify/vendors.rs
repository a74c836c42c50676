//! What is asked of vendors goes out as every notice does, and what reaches none comes back.

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use meridian::clock::Clock;
use meridian::notify::{Channels, Deliveries, Notifier, Pace, use_ring};
use meridian::settings::{ChannelKind, ChannelSettings, Kept, Secret};
use serde_json::{Value, json};

use super::receiver::{Receiver, Reply};
use crate::api::office::{ORG, Office, custody};

/// Anna holds a P2; both vendors can be asked, but only `hook` is a channel.
async fn office() -> (Office, i64) {
    let org = format!(
        "{}[vendors.acme-hw]\nname = \"Acme Hardware\"\nchannel = \"theirs\"\nemail = \"support@acme-hw.example\"\n\
         language = \"nb\"\ncontract = \"C-77\"\n[vendors.lost]\nchannel = \"nowhere\"\n",
        ORG.replace("contact = [\"hook\"", "contact = [\"log\"")
    );
    let office = Office::with(&org, Clock::standing_at("2026-03-02T09:00:00Z".parse().unwrap())).await;
    let id = office.ticket(json!({"title": "Storage fails", "priority": "P2"})).await;
    office.act("anna", id, "acknowledge", json!({})).await;
    (office, id)
}

fn notifier(office: &Office, hook: &Receiver) -> Notifier {
    use_ring();
    let kind = ChannelKind::Webhook { url: Kept::Here(Secret::new(&hook.url)), secret: None };
    let channel = ChannelSettings { kind, allow_private: true, rate: None, acknowledge: true };
    let pace = Pace { attempts: 2, look: Duration::from_millis(5), ..Pace::default() };
    let channels = Channels::new(&[("theirs".to_owned(), channel)].into(), &pace).unwrap();
    let channels = channels.with_links(Some(Arc::new(crate::api::office::links())));
    Notifier::start(office.engine.clone(), channels, pace, "test".to_owned(), Deliveries::default())
}

async fn until(office: &Office, id: i64, holds: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..1000 {
        let shown = office.get("admin", &format!("/v1/tickets/{id}")).await.body;
        if holds(&shown) {
            return shown;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not so after ten seconds");
}

#[tokio::test]
async fn a_vendor_is_reached_by_its_channel_and_answers_at_the_address_in_the_message() {
    let (office, id) = office().await;
    let hook = Receiver::open(&[Reply::Status(200)]).await;
    let ask = json!({"to": "acme-hw", "reason": "a disk has failed", "impact": "nobody can pay"});
    office.act("anna", id, "vendor", ask).await;
    let notifier = notifier(&office, &hook);
    let heard: Value = serde_json::from_slice(&hook.hears(1).await[0].body).unwrap();
    let data = &heard["data"];
    let link = data["reply_url"].as_str().unwrap();
    let text = data["text"].as_str().unwrap();
    assert!(text.contains(link), "{text}");
    assert_snapshot!(format!("{} {}\n{}\n{}", data["kind"], data["to"], data["subject"], text.replace(link, "LINK")), @r#"
    "vendor" {"email":"support@acme-hw.example","id":"acme-hw","name":"Acme Hardware"}
    "Vi trenger deres hjelp med Storage fails (vår referanse 1, P2)"
    Example ber Acme Hardware om hjelp: a disk has failed

    Vår referanse: 1
    Vårt nummer hos dere: C-77
    Deres kontakt: Anna

    Konsekvens: nobody can pay

    Svar her, også at dere arbeider med den eller at dere ikke kan: LINK
    "#);
    let path = link.strip_prefix("https://meridian.example.com").unwrap();
    let said = office.post("", path, json!({"status": "solved", "text": "mended"})).await;
    assert_eq!(said.status, 200, "{}", said.body);
    let shown = until(&office, id, |shown| shown["visits"][0]["until"].is_string()).await;
    assert_eq!(custody(&shown), "held anna []");
    notifier.stop(Duration::from_secs(5)).await;
    office.close().await;
}

#[tokio::test]
async fn what_was_recalled_before_it_went_out_is_not_sent_and_what_has_no_channel_comes_back() {
    let (office, id) = office().await;
    let hook = Receiver::open(&[Reply::Status(200)]).await;
    office.act("anna", id, "vendor", json!({"to": "acme-hw", "reason": "a disk"})).await;
    office.act("anna", id, "vendor/recall", json!({"reason": "found it"})).await;
    office.act("anna", id, "vendor", json!({"to": "lost", "reason": "a disk"})).await;
    let notifier = notifier(&office, &hook);
    let shown = until(&office, id, |shown| shown["visits"][1]["until"].is_string()).await;
    let history = shown["history"].as_array().unwrap();
    let back = history.iter().rfind(|event| event["event"] == "vendor_recalled").unwrap();
    assert_snapshot!(back["reason"].as_str().unwrap(), @"could not be reached: the channel of the vendor lost is not set up here: add [channels.nowhere] to meridian.toml on every node");
    let told = history.iter().rfind(|event| event["event"] == "told").unwrap();
    assert_snapshot!(format!("{} {}", told["people"], told["why"]), @r#"["anna"] "lost could not be reached, so it is not there; whoever holds it goes on with it""#);
    for _ in 0..500 {
        let notices = office.get("admin", "/v1/notices?state=pending").await.body;
        if notices["notices"].as_array().is_some_and(Vec::is_empty) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(hook.heard().is_empty(), "the vendor needs neither the question nor its end");
    notifier.stop(Duration::from_secs(5)).await;
    office.close().await;
}
