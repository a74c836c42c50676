//! Notices: what waits, what arrived, what reached nobody; and once more.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tracing::info;

use super::caller::Caller;
use super::request::{Named, Query};
use super::tickets::page_size;
use super::{ApiError, App};
use crate::coverage::Coverage;
use crate::desk::{Notice, NoticeKind, Saved, TicketId};
use crate::notify::overtaken;
use crate::schedule::{PersonId, Priority};
use crate::store::{Listed, NoticeFilter, OutboxFilter, OutboxRow, Resent, Role};

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/notices", get(list)).route("/v1/notices/{id}/resend", post(resend))
}

#[derive(Serialize)]
struct NoticeBody {
    id: String,
    /// Absent: it is about a shift.
    ticket: Option<TicketId>,
    priority: Option<Priority>,
    kind: NoticeKind,
    to: PersonId,
    subject: String,
    state: OutboxFilter,
    at: DateTime<Utc>,
    /// When it was or is to be tried.
    due_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
    failed_at: Option<DateTime<Utc>>,
    /// On `channel`.
    attempts: u32,
    /// Which took it, or whose turn it is.
    channel: Option<String>,
    /// Which were not asked, as they did not answer: they come after the others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    passed: Vec<String>,
    last_error: Option<String>,
}

impl NoticeBody {
    /// With the subject as its receiver reads it.
    fn of(row: OutboxRow, coverage: &Coverage) -> NoticeBody {
        let (state, subject) = (row.state(), row.notice.words(coverage).subject);
        let OutboxRow { notice, attempts, due_at, sent_at, failed_at, channel, passed, last_error, .. } = row;
        NoticeBody {
            id: notice.id,
            ticket: notice.ticket,
            priority: notice.priority,
            kind: notice.kind,
            to: notice.to,
            subject,
            state,
            at: notice.at,
            due_at,
            sent_at,
            failed_at,
            attempts,
            channel,
            passed,
            last_error,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    state: Option<OutboxFilter>,
    ticket: Option<i64>,
    cursor: Option<i64>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Page {
    /// Newest first.
    notices: Vec<NoticeBody>,
    next: Option<String>,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Page>, ApiError> {
    let filter = NoticeFilter {
        state: filter.state,
        ticket: filter.ticket.map(TicketId),
        before: filter.cursor,
        limit: page_size(filter.limit)?,
    };
    let (found, next) = app.engine.store().notices(filter).await?;
    let notices: Vec<OutboxRow> = found.into_iter().map(|Listed { row, .. }| row).collect();
    let tickets: BTreeSet<TicketId> = notices.iter().filter_map(|row| row.notice.ticket).collect();
    let tickets = seen(&app, &caller, tickets.into_iter().collect()).await?;
    let may_see = |notice: &Notice| match notice.ticket {
        Some(ticket) => tickets.contains_key(&ticket),
        None => may_see_shifts(&caller, notice),
    };
    let notices = notices.into_iter().filter(|row| may_see(&row.notice));
    let coverage = &app.engine.in_force().coverage;
    let notices = notices.map(|row| NoticeBody::of(row, coverage));
    Ok(Json(Page { notices: notices.collect(), next: next.map(|next| next.to_string()) }))
}

/// What is about no ticket tells how people are reached.
fn may_see_shifts(caller: &Caller, notice: &Notice) -> bool {
    matches!(caller.role, Role::Admin | Role::Lead) || caller.person.as_ref() == Some(&notice.to)
}

/// Those of the tickets that the caller may see.
async fn seen(
    app: &App,
    caller: &Caller,
    tickets: Vec<TicketId>,
) -> Result<BTreeMap<TicketId, Saved>, ApiError> {
    let organisation = &app.engine.in_force().coverage.organisation;
    let found = app.engine.store().tickets_named(&tickets).await?;
    let found: Vec<Saved> =
        found.into_iter().filter(|saved| caller.may_see(organisation, &saved.ticket)).collect();
    app.audit.reads(app, caller, found.iter().map(|saved| &saved.ticket)).await?;
    Ok(found.into_iter().map(|saved| (saved.ticket.id, saved)).collect())
}

async fn resend(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<Json<NoticeBody>, ApiError> {
    let nothing = || ApiError::not_found(format!("there is no notice {id:?}"));
    let store = app.engine.store();
    let notice = store.notice(&id).await?.ok_or_else(nothing)?.notice;
    let is_seen = match notice.ticket {
        Some(ticket) => {
            let seen = seen(&app, &caller, vec![ticket]).await?;
            if seen.get(&ticket).is_some_and(|saved| saved.ticket.erased_at.is_some()) {
                let said = format!("what notice {id} said is erased: there is nothing to send");
                return Err(ApiError::conflict(said));
            }
            !seen.is_empty()
        }
        None => may_see_shifts(&caller, &notice),
    };
    if !is_seen {
        return Err(nothing());
    }
    let now = app.engine.clock().now();
    if let Some(why) = overtaken(store, &notice, now).await {
        return Err(ApiError::conflict(format!("nobody needs notice {id} any more: {why}")));
    }
    match store.resend_notice(&id, now).await? {
        Resent::Unknown => return Err(nothing()),
        Resent::Pending => {
            return Err(ApiError::conflict(format!("notice {id} is on its way: it has not failed yet")));
        }
        Resent::Done => (),
    }
    info!(
        notice.id = id,
        ticket.id = notice.ticket.map(|ticket| ticket.0),
        to = %notice.to,
        by = caller.token,
        person = caller.person(),
        "a notice is sent once more"
    );
    app.deliveries.ring();
    let row = store.notice(&id).await?.ok_or_else(nothing)?;
    Ok(Json(NoticeBody::of(row, &app.engine.in_force().coverage)))
}
