//! Handoff batches: list, show, accept.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::request::{Named, Query, Sent};
use super::tickets::{cursor, page_size};
use super::{ApiError, App};
use crate::desk::{
    Action, Answer, Briefing, Command, Handoff, HandoffId, HandoffItem, HandoffOutcome, Saved,
    State as TicketState, TicketId,
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
    let after = cursor(filter.cursor)?.map(HandoffId);
    let mut found = app.engine.store().handoffs(filter.open, after, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    let tickets = tickets_of(&app, &caller, &found).await?;
    let handoffs = found.into_iter().filter_map(|handoff| body(handoff, &tickets)).collect();
    Ok(Json(Page { handoffs, next }))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<i64>,
) -> Result<Json<HandoffBody>, ApiError> {
    let nothing = || ApiError::not_found(format!("there is no handoff {id}"));
    let handoff = app.engine.store().handoff(HandoffId(id)).await?.ok_or_else(nothing)?;
    let tickets = tickets_of(&app, &caller, std::slice::from_ref(&handoff)).await?;
    body(handoff, &tickets).map(Json).ok_or_else(nothing)
}

/// Those that the caller may see; all at once, however many batches there are.
async fn tickets_of(
    app: &App,
    caller: &Caller,
    handoffs: &[Handoff],
) -> Result<BTreeMap<TicketId, Saved>, ApiError> {
    let named: BTreeSet<TicketId> =
        handoffs.iter().flat_map(|handoff| &handoff.items).map(|item| item.ticket).collect();
    let named: Vec<TicketId> = named.into_iter().collect();
    let mut found = app.engine.store().tickets_named(&named).await?;
    let organisation = &app.engine.in_force().coverage.organisation;
    found.retain(|saved| caller.may_see(organisation, &saved.ticket));
    app.audit.reads(app, caller, found.iter().map(|saved| &saved.ticket)).await?;
    Ok(found.into_iter().map(|saved| (saved.ticket.id, saved)).collect())
}

/// With the tickets the caller may see; `None` if that is none of them.
fn body(handoff: Handoff, seen: &BTreeMap<TicketId, Saved>) -> Option<HandoffBody> {
    let mut tickets = Vec::with_capacity(handoff.items.len());
    for HandoffItem { ticket, from, outcome, briefing } in handoff.items {
        let Some(Saved { ticket: found, .. }) = seen.get(&ticket) else { continue };
        let (title, priority, state) = (found.facts.title.clone(), found.priority, found.state);
        tickets.push(ItemBody { ticket, title, priority, state, from, outcome, briefing });
    }
    let Handoff { id, boundary, from, to, .. } = handoff;
    (!tickets.is_empty()).then_some(HandoffBody { id, boundary, from, to, tickets })
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

/// Those named, else all that are still to be taken; of tickets that the caller may not see, none is part of the batch.
async fn asked_for(
    app: &App,
    caller: &Caller,
    id: HandoffId,
    named: Option<Vec<TicketId>>,
) -> Result<Vec<TicketId>, ApiError> {
    let nothing = || ApiError::not_found(format!("there is no handoff {id}"));
    let handoff = app.engine.store().handoff(id).await?.ok_or_else(nothing)?;
    let seen = tickets_of(app, caller, std::slice::from_ref(&handoff)).await?;
    if seen.is_empty() {
        return Err(nothing());
    }
    let Some(named) = named else {
        let open = handoff
            .items
            .into_iter()
            .filter(|item| matches!(item.outcome, HandoffOutcome::Offered | HandoffOutcome::Passed));
        return Ok(open.map(|item| item.ticket).filter(|ticket| seen.contains_key(ticket)).collect());
    };
    match named.iter().find(|ticket| !seen.contains_key(ticket)) {
        Some(ticket) => Err(ApiError::invalid("tickets", format!("ticket {ticket} is not part of it"))),
        None => Ok(named),
    }
}

async fn accept(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<i64>,
    sent: Sent<Accept>,
) -> Result<Json<Accepted>, ApiError> {
    let tickets = Some(asked_for(&app, &caller, HandoffId(id), sent.body.tickets).await?);
    let action = Action::AcceptHandoff { handoff: HandoffId(id), tickets };
    match app.engine.take(Command { by: caller.actor(), action }, sent.key).await? {
        Answer::Handoff { handoff, accepted, refused } => Ok(Json(Accepted { handoff, accepted, refused })),
        Answer::Ticket { .. } | Answer::Told { .. } => {
            Err(anyhow::anyhow!("a handoff was meant, something else answered").into())
        }
    }
}
