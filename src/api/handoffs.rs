//! Handoff batches: list, show, accept.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::request::{Named, Query, Sent};
use super::tickets::page_size;
use super::{ApiError, App};
use crate::desk::{
    Action, Answer, Briefing, Command, Handoff, HandoffId, HandoffItem, HandoffOutcome, State as TicketState,
    TicketId,
};
use crate::schedule::{PersonId, Priority, TeamId};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/v1/handoffs", get(list))
        .route("/v1/handoffs/{id}", get(show))
        .route("/v1/handoffs/{id}/accept", post(accept))
}

#[derive(Serialize)]
struct HandoffBody {
    id: HandoffId,
    boundary: DateTime<Utc>,
    from: TeamId,
    to: TeamId,
    tickets: Vec<ItemBody>,
}

#[derive(Serialize)]
struct ItemBody {
    ticket: TicketId,
    title: String,
    priority: Priority,
    state: TicketState,
    from: PersonId,
    outcome: HandoffOutcome,
    briefing: Briefing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// Only those with a ticket that is still offered.
    #[serde(default)]
    open: bool,
    cursor: Option<i64>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Page {
    /// Newest first.
    handoffs: Vec<HandoffBody>,
    next: Option<String>,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Page>, ApiError> {
    let limit = page_size(filter.limit)?;
    let after = filter.cursor.map(HandoffId);
    let mut found = app.engine.store().handoffs(filter.open, after, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    let mut handoffs = Vec::with_capacity(found.len());
    for handoff in found {
        handoffs.extend(body(&app, &caller, handoff).await?);
    }
    Ok(Json(Page { handoffs, next }))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<i64>,
) -> Result<Json<HandoffBody>, ApiError> {
    let nothing = || ApiError::not_found(format!("there is no handoff {id}"));
    let handoff = app.engine.store().handoff(HandoffId(id)).await?.ok_or_else(nothing)?;
    body(&app, &caller, handoff).await?.map(Json).ok_or_else(nothing)
}

/// With the tickets the caller may see; `None` if that is none of them.
async fn body(app: &App, caller: &Caller, handoff: Handoff) -> Result<Option<HandoffBody>, ApiError> {
    let organisation = &app.engine.in_force().coverage.organisation;
    let mut tickets = Vec::with_capacity(handoff.items.len());
    for HandoffItem { ticket, from, outcome, briefing } in handoff.items {
        let Some(saved) = app.engine.store().ticket(ticket).await? else { continue };
        if caller.may_see(organisation, &saved.ticket) {
            let (title, priority, state) =
                (saved.ticket.facts.title, saved.ticket.priority, saved.ticket.state);
            tickets.push(ItemBody { ticket, title, priority, state, from, outcome, briefing });
        }
    }
    let Handoff { id, boundary, from, to, .. } = handoff;
    Ok((!tickets.is_empty()).then_some(HandoffBody { id, boundary, from, to, tickets }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accept {
    /// Absent: all.
    tickets: Option<Vec<TicketId>>,
}

#[derive(Serialize)]
struct Accepted {
    handoff: HandoffId,
    accepted: Vec<TicketId>,
    /// With the reason.
    refused: BTreeMap<TicketId, String>,
}

async fn accept(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<i64>,
    sent: Sent<Accept>,
) -> Result<Json<Accepted>, ApiError> {
    let action = Action::AcceptHandoff { handoff: HandoffId(id), tickets: sent.body.tickets };
    match app.engine.take(Command { by: caller.actor(), action }, sent.key).await? {
        Answer::Handoff { handoff, accepted, refused } => Ok(Json(Accepted { handoff, accepted, refused })),
        Answer::Ticket { .. } => Err(anyhow::anyhow!("a handoff was meant, a ticket answered").into()),
    }
}
