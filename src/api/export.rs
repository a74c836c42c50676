//! Everything that is kept of a customer, a page of tickets at a time.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::forget::{check_name, everything_is_seen};
use super::request::Sent;
use super::ticket_body::TicketBody;
use super::{ApiError, App};
use crate::desk::{Briefing, Event, HandoffId, Notice, Saved, TicketId, What};
use crate::schedule::{Customer, TeamId};
use crate::store::{Deed, Kept, OutboxRow};

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/export", post(export))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Export {
    /// The id in the rotation files, or the name that tickets give.
    customer: String,
    /// What `next` said on the page before.
    #[serde(default)]
    after: i64,
}

#[derive(Serialize)]
struct Page {
    customer: String,
    exported_at: DateTime<Utc>,
    /// What the rotation files in force say; absent: they do not know the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<Customer>,
    tickets: Vec<Exported>,
    /// A page may be without a ticket, and others come after it; `null` on the last.
    next: Option<i64>,
}

#[derive(Serialize)]
struct Exported {
    #[serde(flatten)]
    ticket: TicketBody,
    /// Everything that ever happened to it.
    history: Vec<Event>,
    notices: Vec<Told>,
    /// What was written for those who took it over.
    briefings: Vec<Handed>,
}

#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    notice: Notice,
    sent_at: Option<DateTime<Utc>>,
    failed_at: Option<DateTime<Utc>>,
    channel: Option<String>,
}

#[derive(Serialize)]
struct Handed {
    handoff: HandoffId,
    boundary: DateTime<Utc>,
    from: TeamId,
    to: TeamId,
    briefing: Briefing,
}

/// So many tickets are in memory at once.
const A_PAGE: usize = 50;

async fn export(State(app): State<App>, caller: Caller, sent: Sent<Export>) -> Result<Json<Page>, ApiError> {
    let Export { customer, after } = sent.body;
    everything_is_seen(&caller)?;
    check_name(&customer)?;
    if after < 0 {
        return Err(ApiError::invalid("after", "is what `next` said on the page before"));
    }
    let (store, now) = (app.engine.store(), app.engine.clock().now());
    let named = app.engine.named(&customer).await?;
    let Kept { done, live, mut next, .. } = store.kept_of(&named, TicketId(after)).await?;
    let mut ids: Vec<TicketId> = done.into_iter().chain(live).collect();
    ids.sort();
    if ids.len() > A_PAGE {
        ids.truncate(A_PAGE);
        next = ids.last().copied();
    }
    // Before anything is given out.
    let footprint = caller.footprint(now, Deed::Export)?.of(&customer).about(ids.clone());
    app.audit.write(&app, footprint).await?;
    let mut tickets = Vec::with_capacity(ids.len());
    for saved in store.tickets_named(&ids).await? {
        tickets.push(exported(&app, saved).await?);
    }
    let next = next.map(|next| next.0);
    Ok(Json(Page { customer, exported_at: now, known: named.known, tickets, next }))
}

async fn exported(app: &App, saved: Saved) -> Result<Exported, ApiError> {
    let (store, id) = (app.engine.store(), saved.ticket.id);
    let history = store.history(id).await?;
    let notices = store.notices_of(id).await?.into_iter().map(|row| {
        let OutboxRow { notice, sent_at, failed_at, channel, .. } = row;
        Told { notice, sent_at, failed_at, channel }
    });
    let offered = history.iter().filter_map(|event| match &event.what {
        What::Offered { offer, .. } => offer.handoff,
        _ => None,
    });
    let offered: BTreeSet<HandoffId> = offered.collect();
    let mut briefings = Vec::new();
    for id_of_batch in offered {
        // It may be gone: batches are kept no longer than tickets.
        let Some(batch) = store.handoff(id_of_batch).await? else { continue };
        for item in batch.items.into_iter().filter(|item| item.ticket == id) {
            let (from, to, boundary) = (batch.from.clone(), batch.to.clone(), batch.boundary);
            briefings.push(Handed { handoff: batch.id, boundary, from, to, briefing: item.briefing });
        }
    }
    Ok(Exported { ticket: saved.ticket.into(), history, notices: notices.collect(), briefings })
}
