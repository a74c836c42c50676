//! Numbers for monitoring, in OpenMetrics text; docs/metrics.md says what each means. What is counted lives here; what is
//! read at each scrape is read then.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use tokio::time::Instant;

use super::shared::Shared;
use super::{ApiError, App};

mod current;
use current::current;

mod kept;
use kept::Kept;

mod process;

type Labels = Vec<(&'static str, String)>;
type Float = Gauge<f64, AtomicU64>;

/// Counts what this process has answered.
pub(super) struct Meters {
    registry: Registry,
    requests: Family<Labels, Counter>,
    seconds: Family<Labels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    kept: Kept,
    /// For all who ask at the same time.
    text: Shared<Result<Arc<str>, String>>,
}

const BUCKETS: [f64; 10] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 2.5, 10.0];

impl Default for Meters {
    fn default() -> Meters {
        let (requests, in_flight) = (Family::default(), Gauge::default());
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let seconds = Family::new_with_constructor(histogram);
        let mut registry = Registry::with_prefix("meridian");
        registry.register("http_requests", "Requests answered", requests.clone());
        let took = "Time to the first byte of an answer, by the first digit of its status";
        registry.register_with_unit("http_request_duration", took, Unit::Seconds, seconds.clone());
        let under_way = "Requests whose answer has not begun, this scrape among them";
        registry.register("http_requests_in_flight", under_way, in_flight.clone());
        Meters { registry, requests, seconds, in_flight, kept: Kept::default(), text: Shared::default() }
    }
}

/// Counts until it is dropped, whatever becomes of the request.
struct InFlight(Gauge);

impl InFlight {
    fn new(gauge: &Gauge) -> InFlight {
        gauge.inc();
        InFlight(gauge.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Counts every request by route, never by address, so that nobody can make labels up.
pub(super) async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let _in_flight = InFlight::new(&app.meters.in_flight);
    let method = request.method().as_str();
    let known = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"].contains(&method);
    let method = if known { method.to_owned() } else { "other".to_owned() };
    let path = request.extensions().get::<MatchedPath>().map_or("none", |path| path.as_str()).to_owned();
    let began = Instant::now();
    let response = next.run(request).await;
    let route = [("method", method), ("route", path)];
    let status = response.status();
    let label = |name, value: String| [route.as_slice(), &[(name, value)]].concat();
    let class = label("class", format!("{}xx", status.as_u16() / 100));
    app.meters.seconds.get_or_create(&class).observe(began.elapsed().as_secs_f64());
    app.meters.requests.get_or_create(&label("status", status.as_str().to_owned())).inc();
    response
}

pub(super) async fn metrics(State(app): State<App>) -> Result<Response, ApiError> {
    let text =
        app.meters.text.answer(Duration::ZERO, async || text(&app).await.map_err(|error| error.to_string()));
    let text = text.await.map_err(anyhow::Error::msg)?;
    let kind = [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    Ok((kind, text.to_string()).into_response())
}

async fn text(app: &App) -> Result<Arc<str>, std::fmt::Error> {
    let now = current(app).await;
    let mut text = String::new();
    encode_registry(&mut text, &app.meters.registry)
        .and_then(|()| encode_registry(&mut text, &now))
        .and_then(|()| encode_registry(&mut text, &process::registry(app.engine.clock().now())))
        .and_then(|()| encode_eof(&mut text))?;
    Ok(text.into())
}
