//! The stream of what happens.

use std::time::Duration;

use axum::body::BodyDataStream;
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::office::*;

/// Reads the stream until it has said `count` events, or has ended.
async fn hear(stream: &mut BodyDataStream, count: usize) -> Vec<(String, Value)> {
    let mut heard = Vec::new();
    let mut text = String::new();
    while heard.len() < count {
        let Ok(Some(chunk)) = tokio::time::timeout(Duration::from_secs(5), stream.next()).await else {
            break;
        };
        text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        while let Some((message, rest)) = text.split_once("\n\n") {
            let field =
                |name: &str| message.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            if let (Some(event), Some(data)) = (field("event: "), field("data: ")) {
                heard.push((event, serde_json::from_str(&data).unwrap()));
            }
            text = rest.to_owned();
        }
    }
    heard
}

async fn listen(office: &Office, token: &str) -> BodyDataStream {
    let response = office.send(request("GET", "/v1/events", token, None)).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response.into_body().into_data_stream()
}

#[tokio::test]
async fn a_listener_hears_what_happens_in_its_order() {
    let office = Office::open().await;
    let mut stream = listen(&office, "reader").await;
    let id = office.ticket(json!({"title": "The shop is down", "priority": "P2"})).await;
    let first = hear(&mut stream, 2).await;
    assert_eq!((first[0].0.as_str(), &first[0].1["ticket"]), ("opened", &json!(id)));
    assert_eq!(first[0].1["seq"], 1);
    assert_eq!(first[1].1["seq"], 2);
    office.close().await;
}

#[tokio::test]
async fn a_listener_does_not_hear_of_tickets_it_may_not_see() {
    let office = Office::open().await;
    let mut stream = listen(&office, "carol").await;
    office.ticket(json!({"title": "Europe's own", "residency": "eu"})).await;
    let open = office.ticket(json!({"title": "Anybody's"})).await;
    let heard = hear(&mut stream, 1).await;
    assert_eq!(heard[0].1["ticket"], open);
    office.close().await;
}

#[tokio::test]
async fn every_stream_ends_when_the_daemon_stops() {
    let office = Office::open().await;
    let mut stream = listen(&office, "reader").await;
    office.stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.next()).await;
    assert!(matches!(ended, Ok(None)));
    office.close().await;
}

#[tokio::test]
async fn a_stream_outlived_its_token() {
    let office = Office::open().await;
    let mut stream = listen(&office, "carol").await;
    let mut other = listen(&office, "dave").await;
    assert_eq!(office.call(request("DELETE", "/v1/tokens/carol", "admin", None)).await.status, 204);
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.next()).await;
    assert!(matches!(ended, Ok(None)), "{ended:?}");
    office.ticket(json!({"title": "The shop is down"})).await;
    assert_eq!(hear(&mut other, 1).await[0].0, "opened", "another's goes on");
    office.close().await;
}

#[tokio::test]
async fn a_stream_outlived_its_person() {
    let office = Office::open().await;
    let mut stream = listen(&office, "carol").await;
    assert_eq!(office.rewrite(&without_carol()).await.status, 200);
    office.ticket(json!({"title": "The shop is down"})).await;
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.next()).await;
    assert!(matches!(ended, Ok(None)), "{ended:?}");
    office.close().await;
}

#[tokio::test]
async fn a_listener_that_came_back_believed_it_had_heard_all() {
    let office = Office::open().await;
    let mut request = request("GET", "/v1/events", "reader", None);
    request.headers_mut().insert("last-event-id", "1.2".parse().unwrap());
    let mut stream = office.send(request).await.into_body().into_data_stream();
    office.ticket(json!({"title": "The shop is down"})).await;
    let heard = hear(&mut stream, 2).await;
    assert_eq!((heard[0].0.as_str(), &heard[0].1), ("missed", &Value::Null));
    assert_eq!(heard[1].0, "opened");
    office.close().await;
}
