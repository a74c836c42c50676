//! Who has read tickets that are bound to a residency, and what was done about customers: written before anything is shown.

use std::sync::{Mutex, PoisonError};

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tracing::error;

use super::caller::Caller;
use super::request::Query;
use super::tickets::page_size;
use super::{ApiError, App, Instant};
use crate::desk::{Ticket, TicketId, residency_of};
use crate::schedule::PersonId;
use crate::store::{Deed, Footprint, TrailFilter};

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/audit", get(list))
}

type Written = Result<(), String>;

/// Rows that come while others are being written are written together, with one commit.
#[derive(Default)]
pub(super) struct AuditLog {
    waiting: Mutex<Vec<(Footprint, oneshot::Sender<Written>)>>,
    turn: tokio::sync::Mutex<()>,
}

/// Tickets that a report has counted; of many there is only the number.
#[derive(Default)]
pub(super) struct Bound {
    first: Vec<TicketId>,
    more: u64,
}

const NAMED_MAX: usize = 200;

impl Bound {
    pub fn add(&mut self, tickets: Vec<TicketId>) {
        let room = NAMED_MAX - self.first.len();
        self.more += tickets.len().saturating_sub(room) as u64;
        self.first.extend(tickets.into_iter().take(room));
    }
}

impl AuditLog {
    /// Those of the tickets that are bound to a residency are about to be shown to the caller. On disk when it returns; an
    /// error: nothing is to be shown.
    pub async fn reads<'t>(
        &self,
        app: &App,
        caller: &Caller,
        tickets: impl IntoIterator<Item = &'t Ticket>,
    ) -> Result<(), ApiError> {
        let in_force = app.engine.in_force();
        let organisation = &in_force.coverage.organisation;
        let bound = tickets.into_iter().filter(|ticket| residency_of(organisation, &ticket.facts).is_some());
        let bound: Vec<TicketId> = bound.map(|ticket| ticket.id).collect();
        self.read(app, caller, bound).await
    }

    /// As [`AuditLog::reads`], of tickets that are known to be bound.
    pub async fn read(&self, app: &App, caller: &Caller, bound: Vec<TicketId>) -> Result<(), ApiError> {
        if bound.is_empty() {
            return Ok(());
        }
        let footprint = caller.footprint(app.engine.clock().now(), Deed::Read)?;
        self.write(app, footprint.about(bound)).await
    }

    /// As [`AuditLog::reads`], of tickets that a report has counted. `route`: with the report's name.
    pub async fn counted(
        &self,
        app: &App,
        caller: &Caller,
        route: String,
        bound: Bound,
    ) -> Result<(), ApiError> {
        if bound.first.is_empty() {
            return Ok(());
        }
        let footprint = caller.footprint(app.engine.clock().now(), Deed::Read)?;
        self.write(app, Footprint { more: bound.more, route, ..footprint }.about(bound.first)).await
    }

    pub async fn write(&self, app: &App, footprint: Footprint) -> Result<(), ApiError> {
        let (done, written) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((footprint, done));
        // Whoever hangs up takes nobody else's rows along.
        let writing = app.clone();
        tokio::spawn(async move { writing.audit.write_all(&writing).await });
        match written.await {
            Ok(Ok(())) => Ok(()),
            _ => {
                let said = "who reads this cannot be written into the audit log, so it is not shown; ask again in a few seconds";
                Err(ApiError::unavailable(said, 5))
            }
        }
    }

    async fn write_all(&self, app: &App) {
        let _turn = self.turn.lock().await;
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if waiting.is_empty() {
            return;
        }
        let (footprints, done): (Vec<Footprint>, Vec<_>) = waiting.into_iter().unzip();
        let outcome = app.engine.store().leave_footprints(&footprints).await;
        let outcome = outcome.map_err(|error| format!("{error:#}"));
        if let Err(error) = &outcome {
            error!(error, rows = footprints.len(), "the audit log could not be written: nothing was shown");
        }
        for done in done {
            // Whoever asked may have gone.
            _ = done.send(outcome.clone());
        }
    }
}

impl Caller {
    pub fn footprint(&self, at: DateTime<Utc>, what: Deed) -> anyhow::Result<Footprint> {
        let footprint = Footprint::new(at, what, &self.route)?;
        Ok(Footprint { token: Some(self.token.clone()), person: self.person.clone(), ..footprint })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    what: Option<Deed>,
    ticket: Option<i64>,
    person: Option<PersonId>,
    token: Option<String>,
    from: Option<Instant>,
    until: Option<Instant>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Page {
    /// Newest first.
    audit: Vec<Footprint>,
    next: Option<String>,
}

/// As `next` says it.
fn cursor(given: String) -> Result<String, ApiError> {
    if Footprint::is_id(&given) {
        return Ok(given);
    }
    Err(ApiError::invalid("cursor", "is what `next` said on the page before"))
}

async fn list(State(app): State<App>, Query(filter): Query<Filter>) -> Result<Json<Page>, ApiError> {
    let limit = page_size(filter.limit)?;
    if filter.ticket.is_some_and(|ticket| ticket < 1) {
        return Err(ApiError::invalid("ticket", "numbers of tickets begin at 1"));
    }
    let (from, until) = (filter.from.map(|at| at.0), filter.until.map(|at| at.0));
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        return Err(ApiError::invalid("until", "must be later than `from`"));
    }
    let asked = TrailFilter {
        what: filter.what,
        ticket: filter.ticket.map(TicketId),
        person: filter.person,
        token: filter.token,
        from,
        until,
        before: filter.cursor.map(cursor).transpose()?,
        limit: limit + 1,
    };
    let mut audit = app.engine.store().footprints(&asked).await?;
    let more = audit.len() > limit as usize;
    audit.truncate(limit as usize);
    let next = audit.last().filter(|_| more).map(|last| last.id.clone());
    Ok(Json(Page { audit, next }))
}
