use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use meridian::desk::*;
use meridian::engine::{Engine, News};
use meridian::schedule::{PersonId, TeamId};
use meridian::store::DayKind;
use serde_json::json;
use tokio::sync::broadcast::Receiver;

use super::*;

#[tokio::test]
async fn any_node_takes_any_command() {
    let [one, two] = nodes().await;
    let same = Facts { dedup_key: Some("disk-7".to_owned()), ..facts("Disk full") };
    let opened = one.open_with(same.clone(), None).await.unwrap();
    assert_eq!(asked(&opened), ["anna"]);
    assert_eq!(asked(&two.open("Another").await.unwrap()), ["bjorn"], "whose turn it is");
    let repeated = two.open_with(same, None).await.unwrap();
    assert_eq!((repeated.id, repeated.count), (opened.id, 2));
    two.by("anna", 1, Verb::Acknowledge).await.unwrap();
    let late = one.by("bjorn", 1, Verb::Acknowledge).await.unwrap_err();
    insta::assert_snapshot!(late, @"ticket 1 is not offered to bjorn, and bjorn is not at work in a team it is offered to");
    assert_eq!(one.open("A third").await.unwrap().id, TicketId(3));
}

#[tokio::test]
async fn a_request_repeated_on_another_node_gets_the_same_answer() {
    let [one, two] = nodes().await;
    let first = one.open_with(facts("Once"), key("k", "open Once")).await.unwrap();
    one.by("anna", 1, Verb::Acknowledge).await.unwrap();
    assert_eq!(two.open_with(facts("Once"), key("k", "open Once")).await.unwrap(), first);
}

/// Ticket and number of every event that is told, until there are so many.
async fn hear(mut news: Receiver<News>, count: usize) -> Vec<(i64, u32)> {
    let mut heard = Vec::new();
    while heard.len() < count {
        let news = tokio::time::timeout(Duration::from_secs(20), news.recv()).await;
        let news = news.unwrap_or_else(|_| panic!("{} of {count} events were told", heard.len())).unwrap();
        heard.extend(news.events.iter().map(|event| (event.ticket.0, event.seq)));
    }
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_node_tells_what_happens_on_any_once_and_in_order() {
    let nodes: [House; 3] = nodes().await;
    let listening = nodes.each_ref().map(|node| node.engine.news());
    let work = |engine: &Engine, node: usize| {
        let engine = engine.clone();
        tokio::spawn(async move {
            for number in 0..20 {
                engine.take(opening(facts(&format!("Ticket {number} of node {node}"))), None).await.unwrap();
            }
        })
    };
    let working: Vec<_> = nodes.iter().enumerate().map(|(node, house)| work(&house.engine, node)).collect();
    for caller in working {
        caller.await.unwrap();
    }
    let store = nodes[0].engine.store();
    let mut expected = BTreeSet::new();
    for number in 1..=60 {
        expected.extend(store.history(TicketId(number)).await.unwrap().iter().map(|e| (e.ticket.0, e.seq)));
    }
    for news in listening {
        let heard = hear(news, expected.len()).await;
        assert_eq!(heard.iter().copied().collect::<BTreeSet<_>>(), expected, "all, and none twice");
        assert_eq!(heard.len(), expected.len());
        let mut last = BTreeMap::new();
        for (ticket, seq) in &heard {
            assert_eq!(last.insert(*ticket, *seq).unwrap_or(0) + 1, *seq, "ticket {ticket}");
        }
        let first: Vec<i64> = heard.iter().filter(|(_, seq)| *seq == 1).map(|(ticket, _)| *ticket).collect();
        assert!(first.is_sorted(), "tickets are told of in the order they were opened");
    }
}

#[tokio::test]
async fn what_is_due_is_done_by_one_node_while_the_others_find_it_done() {
    let nodes: [House; 3] = nodes().await;
    nodes[0].open("Nobody answers").await.unwrap();
    // Nobody was told by hand; the nodes that did not open it have to know when it is due.
    nodes[1].advance(TimeDelta::hours(2)).await;
    let story = nodes[2].story(1).await.join(" ");
    insta::assert_snapshot!(story, @"opened path_taken offered waits_set offer_ended tried escalated unattended told path_taken offered waits_set");
    let woken: u64 = nodes.iter().map(|node| node.engine.meters().wakes.get()).sum();
    assert_eq!(woken, 1);
}

#[tokio::test]
async fn what_is_due_is_done_where_the_node_that_opened_it_has_gone() {
    let [one, two] = nodes().await;
    one.open("Nobody answers").await.unwrap();
    one.engine.stop().await;
    two.advance(TimeDelta::hours(2)).await;
    assert!(two.story(1).await.contains(&"offer_ended".to_owned()));
}

#[tokio::test]
async fn leave_that_one_node_takes_counts_on_all() {
    let [one, two] = nodes().await;
    let body = json!({"person": "anna", "from": "2026-03-02", "to": "2026-03-03"});
    let row = one.engine.add_day_row(DayKind::Leave, body, "bjorn".to_owned(), None).await.unwrap();
    assert_eq!(asked(&two.open("For anna").await.unwrap()), ["bjorn"], "at once");
    let working = |house: &House| {
        let in_force = house.engine.in_force();
        let span = in_force.coverage.at(&TeamId::new("emea"), monday(9, 0)).unwrap();
        span.working.iter().map(PersonId::to_string).collect::<Vec<_>>()
    };
    assert_eq!(working(&two), ["bjorn"]);
    two.engine.remove_day_row(DayKind::Leave, row.id).await.unwrap();
    eventually("anna is back on the other node, unasked", async || working(&one) == ["anna", "bjorn"]).await;
}
