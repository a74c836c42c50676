//! Numbers for monitoring, in OpenMetrics text. What is counted lives here; what is read at each scrape is read then.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tokio::time::Instant;

use super::{ApiError, App};
use crate::coverage::Proof;
use crate::zone::Zones;

type Labels = Vec<(&'static str, String)>;

/// Counts what this process has answered.
pub(super) struct Meters {
    registry: Registry,
    requests: Family<Labels, Counter>,
    seconds: Family<Labels, Histogram, fn() -> Histogram>,
}

const BUCKETS: [f64; 9] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];

impl Default for Meters {
    fn default() -> Meters {
        let requests = Family::default();
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let seconds = Family::new_with_constructor(histogram);
        let mut registry = Registry::with_prefix("meridian");
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_seconds", "Time to the first byte of an answer", seconds.clone());
        Meters { registry, requests, seconds }
    }
}

/// Counts every request by route, never by address, so that nobody can make labels up.
pub(super) async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let method = request.method().as_str();
    let known = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"].contains(&method);
    let method = if known { method.to_owned() } else { "other".to_owned() };
    let path = request.extensions().get::<MatchedPath>().map_or("none", |path| path.as_str()).to_owned();
    let began = Instant::now();
    let response = next.run(request).await;
    let route = vec![("method", method), ("route", path)];
    app.meters.seconds.get_or_create(&route).observe(began.elapsed().as_secs_f64());
    let answered = [route, vec![("status", response.status().as_str().to_owned())]].concat();
    app.meters.requests.get_or_create(&answered).inc();
    response
}

pub(super) async fn metrics(State(app): State<App>) -> Result<Response, ApiError> {
    let now = current(&app).await?;
    let mut text = String::new();
    encode_registry(&mut text, &app.meters.registry)
        .and_then(|()| encode_registry(&mut text, &now))
        .and_then(|()| encode_eof(&mut text))
        .map_err(anyhow::Error::from)?;
    let kind = [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    Ok((kind, text).into_response())
}

/// What is true at this moment.
async fn current(app: &App) -> Result<Registry, ApiError> {
    let store = app.engine.store();
    let mut registry = Registry::with_prefix("meridian");
    app.engine.meters().register(&mut registry);
    app.deliveries.register(&mut registry);
    app.heartbeats.register(&mut registry);
    let tickets = Family::<Labels, Gauge>::default();
    for ((state, priority), count) in store.counts_by_state_priority().await? {
        let labels = vec![("state", state.as_str().to_owned()), ("priority", priority.to_string())];
        tickets.get_or_create(&labels).set(count.try_into().unwrap_or(i64::MAX));
    }
    registry.register("tickets", "Tickets by state and priority", tickets);
    let outbox = store.outbox_counts().await?;
    let mut gauge = |name: &str, help: &str, value: i64| {
        let gauge: Gauge = Gauge::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    gauge("outbox_pending", "Notices not delivered yet", outbox.pending.try_into().unwrap_or(i64::MAX));
    gauge(
        "outbox_failed",
        "Notices in the outbox that nobody will send any more",
        outbox.failed.try_into().unwrap_or(i64::MAX),
    );
    let in_force = app.engine.in_force();
    let overdue = "How long ago the ticket that is overdue longest should have been looked at";
    gauge("oldest_overdue_seconds", overdue, app.engine.overdue().num_seconds());
    gauge(
        "stale_changes",
        "Leave and overrides of the day that no longer fit the files",
        in_force.stale.len().try_into().unwrap_or(i64::MAX),
    );
    if let Some(standing) = app.engine.standing() {
        requirements(&mut registry, &standing.proof, app.engine.clock().now());
    }
    let folder = in_force.coverage.zones.version.clone().unwrap_or_else(|| "none".to_owned());
    let zones = vec![("folder", folder), ("embedded", Zones::embedded_version().to_owned())];
    registry.register("zone_data", "Versions of the time zone data", Info::new(zones));
    let build = vec![("version", env!("CARGO_PKG_VERSION"))];
    registry.register("build", "This program", Info::new(build));
    Ok(registry)
}

/// How long each requirement is kept for; of two with one name, the one that fails first.
fn requirements(registry: &mut Registry, proof: &Proof, now: DateTime<Utc>) {
    let mut by_name: BTreeMap<&str, (f64, i64)> = BTreeMap::new();
    for requirement in &proof.requirements {
        let gap = requirement.next_gap(now).map_or(f64::INFINITY, |gap| (gap - now).num_minutes() as f64);
        let missing: TimeDelta = requirement.uncovered.iter().map(|gap| gap.until - gap.from).sum();
        let entry = by_name.entry(&requirement.name).or_insert((f64::INFINITY, 0));
        *entry = (entry.0.min(gap), entry.1 + missing.num_minutes());
    }
    let to_gap = Family::<Labels, Gauge<f64, AtomicU64>>::default();
    let missing = Family::<Labels, Gauge>::default();
    for (name, (minutes_to_gap, minutes_missing)) in by_name {
        let labels = vec![("requirement", name.to_owned())];
        to_gap.get_or_create(&labels).set(minutes_to_gap);
        missing.get_or_create(&labels).set(minutes_missing);
    }
    let help = "Minutes until the next uncovered instant, declared gaps aside; +Inf: none within the horizon";
    registry.register("requirement_minutes_to_gap", help, to_gap);
    let help = "Uncovered minutes within the horizon, declared gaps aside";
    registry.register("requirement_uncovered_minutes", help, missing);
}
