//! The JSON API: a file per noun. A handler turns a request into a command or a question, and the answer into a
//! body; no rule about tickets lives here.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use crate::engine::{Engine, Source};
use crate::notify::{Acknowledging, Channels, Deliveries, Heartbeats, ShiftWatch};
use crate::tls::Served;

mod error;
pub use error::ApiError;

mod access;
pub use access::{ACCESS, Access};

mod sign_in;
pub use sign_in::{NewToken, hash_of};

mod instant;
pub use instant::Instant;

mod caller;
mod request;
mod words;

mod health;
pub use health::decides;

mod acknowledge;

mod audit;
mod export;
mod forget;

mod explain;
pub use explain::{facts_of_question, facts_of_row};

mod events;
mod handoffs;
mod leave_and_overrides;
mod metrics;
mod names;
mod notices;
mod on_duty;
mod reports;
mod schedules;
mod shared;
mod shifts;
mod ticket_body;
mod ticket_report;
mod ticket_request;
mod tickets;
mod tokens;
pub use tokens::check_name as check_token_name;
mod vendor;
mod verbs;

/// What handlers work with.
#[derive(Clone)]
pub struct App {
    pub engine: Engine,
    /// Where the files are, for checking them without putting them to work.
    pub source: Source,
    /// Ends streams that would otherwise hold up the stop.
    pub stop: CancellationToken,
    /// Heard by streams whose token may be the one that was revoked.
    revoked: Arc<watch::Sender<()>>,
    /// What the notifier counts.
    deliveries: Deliveries,
    /// Says whether messages reach people.
    shifts: ShiftWatch,
    /// Where somebody is to hear that we are alive.
    heartbeats: Option<Heartbeats>,
    /// Reads the links in messages, where there are any.
    links: Option<Arc<Acknowledging>>,
    knocks: Arc<acknowledge::Knocks>,
    /// The certificate that we are reached by, where it is ours to look after.
    tls: Option<Arc<Served>>,
    meters: Arc<metrics::Meters>,
    streams: events::Streams,
    /// Its one place belongs to whoever has a report made.
    reporting: Arc<Semaphore>,
    /// Whether we decide, for all who want to know at the same time.
    decides: Arc<shared::Shared<Result<(), String>>>,
    /// Who has read what not everybody may.
    audit: Arc<audit::AuditLog>,
}

/// Bodies larger than this are refused.
const BODY_MAX: usize = 256 * 1024;

/// A request that is not answered by then is given up; streams count until their first byte.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

impl App {
    pub fn new(engine: Engine, source: Source, deliveries: Deliveries, stop: CancellationToken) -> App {
        let shifts = ShiftWatch::new(engine.clone(), Channels::none());
        App {
            engine,
            source,
            stop,
            revoked: Arc::default(),
            deliveries,
            shifts,
            heartbeats: None,
            links: None,
            knocks: Arc::default(),
            tls: None,
            meters: Arc::default(),
            streams: Arc::default(),
            reporting: Arc::new(Semaphore::new(1)),
            decides: Arc::default(),
            audit: Arc::default(),
        }
    }

    /// The daemon's own, where somebody is to hear of it.
    pub fn with_heartbeats(self, heartbeats: Option<Heartbeats>) -> App {
        App { heartbeats, ..self }
    }

    /// Where messages have links to us.
    pub fn with_links(self, links: Option<Arc<Acknowledging>>) -> App {
        App { links, ..self }
    }

    /// By the channels that are set up.
    pub fn with_shifts(self, shifts: ShiftWatch) -> App {
        App { shifts, ..self }
    }

    /// Where we are reached by TLS of our own.
    pub fn with_tls(self, tls: Option<Arc<Served>>) -> App {
        App { tls, ..self }
    }
}

/// Everything under one roof: sign-in, limits and the routes of every noun.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(tickets::router())
        .merge(verbs::router())
        .merge(ticket_report::router())
        .merge(handoffs::router())
        .merge(notices::router())
        .merge(acknowledge::router())
        .merge(vendor::router())
        .merge(on_duty::router())
        .merge(explain::router())
        .merge(reports::router())
        .merge(leave_and_overrides::router())
        .merge(schedules::router())
        .merge(shifts::router())
        .merge(events::router())
        .merge(tokens::router())
        .merge(audit::router())
        .merge(export::router())
        .merge(forget::router())
        .merge(health::router())
        .route_layer(middleware::from_fn_with_state(app.clone(), sign_in::admit))
        .fallback(error::no_such_route)
        .layer(middleware::from_fn(request::in_time))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), metrics::count))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(app)
}
