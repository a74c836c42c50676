//! What happens, as it happens: server-sent events.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event as Sent, KeepAlive};
use axum::routing::get;
use futures_util::{Stream, stream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, interval_at};
use tracing::error;

use super::App;
use super::caller::Caller;
use super::sign_in::{knows, still_signed_in};
use crate::desk::Event;
use crate::engine::News;

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/events", get(events))
}

const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a stream may outlive its token where nobody tells us, and the token's person where nothing happens.
const STILL_SIGNED_IN: Duration = Duration::from_secs(10);

const LAST_HEARD: &str = "last-event-id";

struct Listener {
    app: App,
    caller: Caller,
    news: Receiver<News>,
    revoked: watch::Receiver<()>,
    look_again: Interval,
    /// What it may hear and has not been sent yet.
    heard: VecDeque<Event>,
    /// It has listened before and may have missed what happened since.
    came_back: bool,
}

/// Ends when the daemon stops, or the caller could no longer sign in. A listener who falls behind is told with
/// `missed` and how many batches; one who comes back with `Last-Event-ID`, with `missed` and `null`, as nobody
/// counted. Either reads again what they show.
async fn events(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Sent, Infallible>>> {
    let (news, revoked) = (app.engine.news(), app.revoked.subscribe());
    let look_again = interval_at(Instant::now() + STILL_SIGNED_IN, STILL_SIGNED_IN);
    let came_back = headers.contains_key(LAST_HEARD);
    let heard = VecDeque::new();
    let listener = Listener { app, caller, news, revoked, look_again, heard, came_back };
    let stream = stream::unfold(listener, |mut listener| async {
        listener.next().await.map(|sent| (Ok(sent), listener))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

impl Listener {
    async fn next(&mut self) -> Option<Sent> {
        if std::mem::take(&mut self.came_back) {
            return Some(missed("null"));
        }
        loop {
            if let Some(event) = self.heard.pop_front() {
                return Some(sent(&event));
            }
            tokio::select! {
                heard = self.news.recv() => match heard {
                    Ok(news) if self.is_known() => self.hear(&news),
                    Err(RecvError::Lagged(batches)) => return Some(missed(&batches.to_string())),
                    Ok(_) | Err(RecvError::Closed) => return None,
                },
                _ = self.revoked.changed() => self.look_again.reset_immediately(),
                _ = self.look_again.tick() => {
                    if !still_signed_in(&self.app, &self.caller).await {
                        return None;
                    }
                }
                () = self.app.stop.cancelled() => return None,
            }
        }
    }

    /// Cheap enough for every batch; that the token was not revoked is looked up less often.
    fn is_known(&self) -> bool {
        self.caller.person.as_ref().is_none_or(|person| knows(&self.app, person))
    }

    fn hear(&mut self, news: &News) {
        let in_force = self.app.engine.in_force();
        let organisation = &in_force.coverage.organisation;
        let mut may_hear = BTreeMap::new();
        for (ticket, residency) in news.residencies.iter() {
            may_hear.insert(*ticket, self.caller.may_see_residency(organisation, residency.as_ref()));
        }
        let ours = news.events.iter().filter(|event| may_hear.get(&event.ticket) == Some(&true));
        self.heard.extend(ours.cloned());
    }
}

fn missed(batches: &str) -> Sent {
    Sent::default().event("missed").data(batches)
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
            missed("1").id(id)
        }
    }
}
