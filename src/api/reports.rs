//! Reports over a window of time, gathered from the tickets' histories a page at a time.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::audit::Bound;
use super::caller::Caller;
use super::request::{Named, Query};
use super::{ApiError, App, Instant};
use crate::coverage::Coverage;
use crate::report::{Asked, Basis, Gathering, Kind, Narrowed, Sheet, Slip, Window, zone_of};
use crate::schedule::{Audience, CustomerId, Priority, RegionId, TeamId, TierId};
use crate::store::{Looked, Store};

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/reports", get(list)).route("/v1/reports/{name}", get(report))
}

/// Over a year of a large organisation a report takes longer than other answers may.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(600);
/// So many histories are in memory at once.
const TICKETS_A_PAGE: usize = 200;

/// Looks at every ticket there is, or may have to.
pub(super) fn is_one(uri: &Uri) -> bool {
    uri.path().starts_with("/v1/reports/") || matches!(uri.path(), "/v1/forget" | "/v1/export")
}

#[derive(Serialize)]
struct Listed {
    report: &'static str,
    about: &'static str,
    counts: &'static str,
    /// Whether `format=svg` is there.
    drawn: bool,
}

#[derive(Serialize)]
struct List {
    reports: Vec<Listed>,
}

async fn list() -> Json<List> {
    let listed = |kind: Kind| Listed {
        report: kind.as_str(),
        about: kind.about(),
        counts: kind.basis().in_words(),
        drawn: kind.is_drawn(),
    };
    Json(List { reports: Kind::ALL.into_iter().map(listed).collect() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    from: Option<Instant>,
    until: Option<Instant>,
    /// `2026-10`, on the organisation's clock.
    month: Option<String>,
    /// `2026-W43`
    week: Option<String>,
    team: Option<TeamId>,
    region: Option<RegionId>,
    tier: Option<TierId>,
    priority: Option<Priority>,
    customer: Option<CustomerId>,
    audience: Option<Audience>,
    #[serde(default)]
    format: Format,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Text,
    Csv,
    Svg,
}

async fn report(
    State(app): State<App>,
    caller: Caller,
    Named(name): Named<String>,
    Query(question): Query<Question>,
) -> Result<Response, ApiError> {
    let kind: Kind = name.parse().map_err(ApiError::not_found)?;
    let format = question.format;
    if format == Format::Svg && !kind.is_drawn() {
        let drawn: Vec<&str> =
            Kind::ALL.into_iter().filter(|kind| kind.is_drawn()).map(Kind::as_str).collect();
        let said = format!("there is no picture of {kind}; drawn are {}", drawn.join(", "));
        return Err(ApiError::invalid("format", said));
    }
    let coverage = app.engine.in_force().coverage.clone();
    let asked = asked(&app, &caller, kind, question, &coverage).await?;
    let Ok(place) = app.reporting.clone().try_acquire_owned() else {
        return Err(ApiError::unavailable("another report is being made; ask again in a few seconds", 5));
    };
    let stop = app.stop.child_token();
    // Whoever hangs up drops this, and nothing more is read for them.
    let hung_up = stop.clone().drop_guard();
    let store = app.engine.store().clone();
    let made = tokio::task::spawn_blocking(move || {
        let _place = place;
        Handle::current().block_on(gathered(&store, asked, &coverage, &stop))
    });
    let made = made.await.map_err(anyhow::Error::from)??;
    drop(hung_up);
    let (sheet, bound) = made.ok_or_else(|| ApiError::unavailable("the daemon is stopping", 5))?;
    app.audit.counted(&app, &caller, format!("GET /v1/reports/{kind}"), bound).await?;
    Ok(written(&sheet, format))
}

async fn asked(
    app: &App,
    caller: &Caller,
    kind: Kind,
    question: Question,
    coverage: &Coverage,
) -> Result<Asked, ApiError> {
    let Question { from, until, month, week, team, region, tier, priority, customer, audience, .. } =
        question;
    let organisation = &coverage.organisation;
    let blamed = |(field, said): Slip| ApiError::invalid(field, said);
    let narrowed = Narrowed { team, region, tier, priority, customer, audience };
    narrowed.check(organisation).map_err(blamed)?;
    let month = month.map(|month| month.parse()).transpose().map_err(|said| blamed(("month", said)))?;
    let week = week.map(|week| week.parse()).transpose().map_err(|said| blamed(("week", said)))?;
    // By what is on disk and not by the clock, so that the same data says the same.
    let decided_at = app.engine.store().last().await?.decided_at;
    let now = app.engine.clock().now();
    let window = Window { from: from.map(|at| at.0), until: until.map(|at| at.0), month, week };
    let (_, zone) = zone_of(organisation, &coverage.zones);
    let (from, until) = window.on(zone, now).map_err(blamed)?;
    let seen = caller.residencies(organisation);
    Ok(Asked { kind, from, until, as_of: decided_at.unwrap_or(now), narrowed, seen })
}

/// A thread of its own does all the work; the database is asked for a page at a time, and no lock is held. `None`: it was
/// told to stop.
async fn gathered(
    store: &Store,
    asked: Asked,
    coverage: &Arc<Coverage>,
    stop: &CancellationToken,
) -> anyhow::Result<Option<(Sheet, Bound)>> {
    let which = match asked.kind.basis() {
        Basis::Opened => Looked::Opened { from: asked.from, until: asked.until },
        Basis::Happened => {
            let (from, until) = asked.reaches();
            Looked::Stirred { from, until }
        }
    };
    let tickets = store.looked_at(which).await?;
    let covering = asked.covering(coverage, store.first_opened().await?);
    let mut gathering = Gathering::new(asked, &covering);
    let mut bound = Bound::default();
    for page in tickets.chunks(TICKETS_A_PAGE) {
        if stop.is_cancelled() {
            return Ok(None);
        }
        let mut counted = Vec::with_capacity(page.len());
        for (ticket, history) in store.histories(page).await? {
            let added = match history {
                Ok(history) => gathering.add(&history).map_err(anyhow::Error::from),
                Err(error) => {
                    gathering.leave_out();
                    Err(error)
                }
            };
            match added {
                Ok(true) => counted.push(ticket),
                Ok(false) => (),
                Err(error) => {
                    let error = format!("{error:#}");
                    error!(ticket.id = ticket.0, error, "a report leaves ticket {ticket} out");
                }
            }
        }
        bound.add(store.bound_to_a_residency(&counted).await?);
    }
    Ok(Some((gathering.finish(), bound)))
}

fn written(sheet: &Sheet, format: Format) -> Response {
    let with = |kind: &'static str, text: String| ([(header::CONTENT_TYPE, kind)], text).into_response();
    match format {
        Format::Json => Json(sheet).into_response(),
        Format::Text => with("text/plain; charset=utf-8", sheet.text()),
        Format::Csv => with("text/csv; charset=utf-8; header=present", sheet.csv()),
        Format::Svg => with("image/svg+xml", sheet.svg().unwrap_or_default()),
    }
}
