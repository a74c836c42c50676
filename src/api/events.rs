//! What happens, as it happens: server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event as Sent, KeepAlive};
use axum::routing::get;
use futures_util::{Stream, stream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tracing::error;

use super::App;
use super::caller::Caller;
use crate::desk::Event;
use crate::engine::News;

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/events", get(events))
}

const KEEP_ALIVE: Duration = Duration::from_secs(15);

struct Listener {
    app: App,
    caller: Caller,
    news: Receiver<News>,
    heard: VecDeque<Event>,
}

/// Ends when the daemon stops. A listener who falls behind is told with `missed`, and reads again what they show.
async fn events(State(app): State<App>, caller: Caller) -> Sse<impl Stream<Item = Result<Sent, Infallible>>> {
    let news = app.engine.news();
    let listener = Listener { app, caller, news, heard: VecDeque::new() };
    let stream = stream::unfold(listener, |mut listener| async {
        listener.next().await.map(|sent| (Ok(sent), listener))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

impl Listener {
    async fn next(&mut self) -> Option<Sent> {
        loop {
            while let Some(event) = self.heard.pop_front() {
                if self.may_hear(&event).await {
                    return Some(sent(&event));
                }
            }
            tokio::select! {
                heard = self.news.recv() => match heard {
                    Ok(news) => self.heard.extend(news.events.iter().cloned()),
                    Err(RecvError::Lagged(missed)) => {
                        return Some(Sent::default().event("missed").data(missed.to_string()));
                    }
                    Err(RecvError::Closed) => return None,
                },
                () = self.app.stop.cancelled() => return None,
            }
        }
    }

    async fn may_hear(&self, event: &Event) -> bool {
        self.caller.sees_all() || self.caller.find(&self.app, event.ticket).await.is_ok()
    }
}

fn sent(event: &Event) -> Sent {
    let id = format!("{}.{}", event.ticket, event.seq);
    match serde_json::to_value(event) {
        Ok(body) => {
            let name = body["event"].as_str().unwrap_or("event").to_owned();
            Sent::default().event(name).id(id).data(body.to_string())
        }
        Err(error) => {
            error!(ticket.id = %event.ticket, %error, "an event cannot be written as JSON");
            Sent::default().event("missed").id(id).data("1")
        }
    }
}
