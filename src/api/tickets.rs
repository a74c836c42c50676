//! Tickets: open, list, show, change.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::caller::Caller;
use super::error::FieldError;
use super::names::{known_holder, known_team};
use super::request::{Named, Query, Sent, read_json};
use super::ticket_body::{Done, Repeated, TicketBody, WithHistory};
use super::ticket_request::TicketRequest;
use super::{ApiError, App};
use crate::desk::{self, Action, Clock, Command, Ticket, TicketId, Verb};
use crate::engine::IdempotencyKey;
use crate::schedule::{PersonId, Priority, TeamId};
use crate::store::TicketFilter;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/v1/tickets", get(list).post(open))
        .route("/v1/tickets/{id}", get(show).patch(change))
}

const PAGE: u32 = 50;
const PAGE_MAX: u32 = 200;

async fn open(
    State(app): State<App>,
    caller: Caller,
    sent: Sent<TicketRequest>,
) -> Result<Response, ApiError> {
    let facts = sent.body.facts()?;
    let command = Command { by: caller.actor(), action: Action::Open(Box::new(facts)) };
    let (ticket, created, decision) = match app.engine.take(command, sent.key).await? {
        desk::Answer::Ticket { ticket, created, decision } => (*ticket, created, decision),
        desk::Answer::Handoff { .. } | desk::Answer::Told { .. } => {
            return Err(anyhow::anyhow!("a ticket was opened, a handoff answered").into());
        }
    };
    let location = [(header::LOCATION, format!("/v1/tickets/{}", ticket.id))];
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    let organisation = &app.engine.in_force().coverage.organisation;
    if !created && !caller.may_see(organisation, &ticket) {
        return Ok((status, location, Json(Repeated::from(&ticket))).into_response());
    }
    if !created {
        app.audit.reads(&app, &caller, [&ticket]).await?;
    }
    Ok((status, location, Json(Done::new(ticket, decision))).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    state: Option<desk::State>,
    team: Option<TeamId>,
    holder: Option<PersonId>,
    priority: Option<Priority>,
    external_ref: Option<String>,
    cursor: Option<i64>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Page {
    tickets: Vec<TicketBody>,
    /// The `cursor` of the next page; `null` on the last.
    next: Option<String>,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Page>, ApiError> {
    let limit = page_size(filter.limit)?;
    let organisation = &app.engine.in_force().coverage.organisation;
    known_team(organisation, filter.team.as_ref())?;
    known_holder(organisation, filter.holder.as_ref())?;
    let mut found = app
        .engine
        .store()
        .tickets(&TicketFilter {
            state: filter.state,
            team: filter.team,
            holder: filter.holder,
            priority: filter.priority,
            external_ref: filter.external_ref,
            residencies: caller.residencies(organisation),
            after: cursor(filter.cursor)?.map(TicketId),
            limit: limit + 1,
        })
        .await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| last.ticket.id.to_string());
    // The stored residency may be older than the files.
    found.retain(|saved| caller.may_see(organisation, &saved.ticket));
    app.audit.reads(&app, &caller, found.iter().map(|saved| &saved.ticket)).await?;
    Ok(Json(Page { tickets: found.into_iter().map(|saved| saved.ticket.into()).collect(), next }))
}

/// At most [`PAGE_MAX`], which is refused rather than cut, so that nobody takes a cut page for the whole.
pub(super) fn page_size(limit: Option<u32>) -> Result<u32, ApiError> {
    match limit.unwrap_or(PAGE) {
        limit @ 1..=PAGE_MAX => Ok(limit),
        _ => Err(ApiError::invalid("limit", format!("from 1 to {PAGE_MAX}"))),
    }
}

/// The number of the last row of the page before.
pub(super) fn cursor(given: Option<i64>) -> Result<Option<i64>, ApiError> {
    match given {
        Some(number) if number < 0 => {
            Err(ApiError::invalid("cursor", "is what `next` said on the page before"))
        }
        given => Ok(given),
    }
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<i64>,
) -> Result<Json<WithHistory>, ApiError> {
    let saved = caller.find(&app, TicketId(id)).await?;
    let history = app.engine.store().history(TicketId(id)).await?;
    let (coverage, now) = (app.engine.in_force().coverage.clone(), app.engine.clock().now());
    let running = |clock: &Clock| {
        clock.running_since.map_or(TimeDelta::zero(), |since| clock.by.counted(&coverage, since, now))
    };
    let category = saved.ticket.facts.category.as_deref();
    let knowledge = coverage.organisation.knowledge(category).map(str::to_owned);
    Ok(Json(WithHistory::new(saved, history, knowledge, running)))
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<i64>,
    sent: Sent<Map<String, Value>>,
) -> Result<Json<Done>, ApiError> {
    let nulls = sent.body.iter().filter(|(_, value)| value.is_null());
    let cleared = nulls.map(|(field, _)| FieldError {
        field: field.clone(),
        detail: "cannot be cleared; leave it away to keep what it says".to_owned(),
    });
    let cleared: Vec<FieldError> = cleared.collect();
    if !cleared.is_empty() {
        return Err(ApiError::all_invalid(cleared));
    }
    let patch = read_json::<TicketRequest>(Value::Object(sent.body).to_string().as_bytes())?.patch()?;
    on(&app, &caller, TicketId(id), Verb::Change(Box::new(patch)), sent.key).await
}

/// Does something to a ticket that the caller may see.
pub(super) async fn on(
    app: &App,
    caller: &Caller,
    id: TicketId,
    verb: Verb,
    key: Option<IdempotencyKey>,
) -> Result<Json<Done>, ApiError> {
    caller.find(app, id).await?;
    let command = Command { by: caller.actor(), action: Action::On(id, verb) };
    let (ticket, decision): (Ticket, _) = match app.engine.take(command, key).await? {
        desk::Answer::Ticket { ticket, decision, .. } => (*ticket, decision),
        desk::Answer::Handoff { .. } | desk::Answer::Told { .. } => {
            return Err(anyhow::anyhow!("a ticket was meant, a handoff answered").into());
        }
    };
    Ok(Json(Done::new(ticket, decision)))
}
