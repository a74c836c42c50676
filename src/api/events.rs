//! What happens, as it happens: server-sent events.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
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

use super::caller::Caller;
use super::sign_in::{knows, still_signed_in};
use super::{ApiError, App};
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
    /// Of their numbers.
    epoch: i64,
    /// It has listened before and may have missed what happened since.
    came_back: bool,
    _place: Place,
}

/// Streams at once, and of them by one token: each costs memory, and a look at the database now and then.
const STREAMS_MAX: usize = 1024;
const STREAMS_MAX_OF_ONE: usize = 64;

/// Streams under way, by token.
pub(super) type Streams = Arc<Mutex<BTreeMap<String, usize>>>;

/// Counts as a stream for as long as it is kept.
struct Place {
    streams: Streams,
    token: String,
}

impl Place {
    fn take(streams: &Streams, token: &str) -> Option<Place> {
        let mut counts = streams.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = counts.values().sum();
        let of_one = counts.get(token).copied().unwrap_or_default();
        if all >= STREAMS_MAX || of_one >= STREAMS_MAX_OF_ONE {
            return None;
        }
        counts.insert(token.to_owned(), of_one + 1);
        Some(Place { streams: streams.clone(), token: token.to_owned() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get_mut(&self.token) {
            Some(of_one) if *of_one > 1 => *of_one -= 1,
            _ => _ = counts.remove(&self.token),
        }
    }
}

/// Ends when the daemon stops, or the caller could no longer sign in. A listener who falls behind is told with
/// `missed` and how many batches; one who comes back with `Last-Event-ID`, with `missed` and `null`, as nobody
/// counted. Either reads again what they show.
async fn events(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Sent, Infallible>>>, ApiError> {
    let place = Place::take(&app.streams, &caller.token).ok_or_else(|| {
        let said = format!("too many streams are open; one token has at most {STREAMS_MAX_OF_ONE}");
        ApiError::unavailable(said, 30)
    })?;
    let (news, revoked) = (app.engine.news(), app.revoked.subscribe());
    let look_again = interval_at(Instant::now() + STILL_SIGNED_IN, STILL_SIGNED_IN);
    let came_back = headers.contains_key(LAST_HEARD);
    let heard = VecDeque::new();
    let listener =
        Listener { app, caller, news, revoked, look_again, heard, epoch: 0, came_back, _place: place };
    let stream = stream::unfold(listener, |mut listener| async {
        listener.next().await.map(|sent| (Ok(sent), listener))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

impl Listener {
    async fn next(&mut self) -> Option<Sent> {
        if std::mem::take(&mut self.came_back) {
            return Some(missed("null"));
        }
        loop {
            if let Some(event) = self.heard.pop_front() {
                return Some(sent(&event, self.epoch));
            }
            tokio::select! {
                heard = self.news.recv() => match heard {
                    Ok(news) if self.is_known() => self.hear(&news).await?,
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

    /// `None`: what they are to hear could not be written into the audit log, so they do not hear it.
    async fn hear(&mut self, news: &News) -> Option<()> {
        let in_force = self.app.engine.in_force();
        let organisation = &in_force.coverage.organisation;
        let (mut may_hear, mut bound) = (BTreeMap::new(), Vec::new());
        for (ticket, residency) in news.residencies.iter() {
            let may = self.caller.may_see_residency(organisation, residency.as_ref());
            may_hear.insert(*ticket, may);
            bound.extend(Some(*ticket).filter(|_| may && residency.is_some()));
        }
        self.app.audit.read(&self.app, &self.caller, bound).await.ok()?;
        let ours = news.events.iter().filter(|event| may_hear.get(&event.ticket) == Some(&true));
        self.heard.extend(ours.cloned());
        self.epoch = news.epoch;
        Some(())
    }
}

fn missed(batches: &str) -> Sent {
    Sent::default().event("missed").data(batches)
}

/// Numbers that a restore has taken back are given out again: with its epoch they are different ids.
fn sent(event: &Event, epoch: i64) -> Sent {
    let id = match epoch {
        0 => format!("{}.{}", event.ticket, event.seq),
        _ => format!("{}.{}.{epoch}", event.ticket, event.seq),
    };
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
