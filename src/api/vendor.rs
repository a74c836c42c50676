//! Vendors: what people of ours ask of them and hear from them, and `/v/{token}`, where a vendor answers without signing
//! in. Whoever has such a link may say one thing of one ticket for a while, and learns nothing by it that the message did
//! not say.

use axum::body::Body;
use axum::extract::{FromRequest, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Form, Json, Router};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use tracing::info;

use super::acknowledge::{Page, STRANGERS_MAX, TAPS_MAX, instant};
use super::request::{read_body, read_json};
use super::ticket_request::Limits;
use super::verbs::{Asks, TEXT_MAX};
use super::{ApiError, App};
use crate::desk::{
    Action, Actor, Command, Notice, ReplyStatus, Request, Says, Ticket, VendorReply, Verb, residency_of,
};
use crate::engine::EngineError;
use crate::schedule::VendorId;

pub(super) fn router() -> Router<App> {
    Router::new().route("/v/{token}", get(look).post(answer))
}

/// Asks a vendor for help.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AskVendor {
    to: VendorId,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    steps_taken: String,
    #[serde(default)]
    impact: String,
    #[serde(default)]
    help_wanted: String,
    #[serde(default)]
    time_limit: String,
}

impl Asks for AskVendor {
    fn texts(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("reason", &self.reason),
            ("summary", &self.summary),
            ("steps_taken", &self.steps_taken),
            ("impact", &self.impact),
            ("help_wanted", &self.help_wanted),
            ("time_limit", &self.time_limit),
        ]
    }

    fn verb(self) -> Result<Verb, ApiError> {
        let request = Box::new(Request {
            summary: self.summary,
            steps_taken: self.steps_taken,
            impact: self.impact,
            help_wanted: self.help_wanted,
            time_limit: self.time_limit,
            by: None,
        });
        Ok(Verb::AskVendor { vendor: self.to, reason: self.reason, request })
    }
}

/// What a vendor says: by its link, or told to somebody of ours who writes it down.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reply {
    status: ReplyStatus,
    case: Option<String>,
    #[serde(default)]
    text: String,
}

impl Reply {
    /// Repeats are recognised by it, so white space around what is said makes no other.
    fn said(self) -> Result<VendorReply, ApiError> {
        let case = self.case.map(|case| case.trim().to_owned()).filter(|case| !case.is_empty());
        let mut limits = Limits::default();
        limits.word("case", case.as_deref());
        limits.text("text", Some(&self.text), TEXT_MAX);
        limits.done()?;
        let text = self.text.replace("\r\n", "\n").trim().to_owned();
        Ok(VendorReply { status: self.status, case, text })
    }
}

impl Asks for Reply {
    fn verb(self) -> Result<Verb, ApiError> {
        Ok(Verb::VendorReply(self.said()?))
    }
}

/// What a link leads to.
struct Asked {
    notice: Notice,
    vendor: VendorId,
    ticket: Ticket,
    /// Until then the link works.
    until: DateTime<Utc>,
}

/// Within a minute, by one link: answers of each status.
const ANSWERS_MAX: usize = 6;
const OVER: &str = "What it was about is over, or the time to answer is. Nothing has been done.";

async fn look(State(app): State<App>, Path(token): Path<String>) -> Result<Page, ApiError> {
    Ok(match find(&app, &token, "look").await? {
        Err(page) => page,
        Ok(asked) if asked.ticket.visit_begun_by(&asked.notice).is_none() => asked.over(),
        Ok(asked) => asked.form(StatusCode::OK, asked.standing()),
    })
}

async fn answer(
    State(app): State<App>,
    Path(token): Path<String>,
    request: axum::extract::Request,
) -> Result<Response, ApiError> {
    let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let as_form = given.is_some_and(|given| given.starts_with("application/x-www-form-urlencoded"));
    let refused = |page: Page| if as_form { Ok(page.into_response()) } else { Err(page.as_error()) };
    let said = said(request, as_form).await;
    // Whoever says "working" all the time may still say that it is solved.
    let bucket = said.as_ref().map_or("unreadable", |said| said.status.as_str());
    let asked = match find(&app, &token, bucket).await? {
        Ok(asked) => asked,
        Err(page) => return refused(page),
    };
    let said = match said {
        Ok(said) => said,
        Err(error) if as_form => return Ok(asked.form(error.status(), error.to_string()).into_response()),
        Err(error) => return Err(error),
    };
    let status = said.status;
    let by = Actor::Vendor(asked.vendor.clone());
    let command = Command { by, action: Action::On(asked.ticket.id, Verb::VendorReply(said)) };
    // An older link of the same vendor does not answer for a later question.
    let is_latest = asked
        .ticket
        .visits
        .iter()
        .any(|visit| visit.vendor == asked.vendor && visit.since == asked.notice.at);
    if !is_latest {
        return if as_form { Ok(asked.over().into_response()) } else { Err(ApiError::gone(OVER)) };
    }
    match app.engine.take(command, None).await {
        Ok(_) => {
            let (ticket, notice) = (asked.ticket.id.0, &asked.notice.id);
            info!(notice.id = notice, ticket.id = ticket, vendor = %asked.vendor, status = status.as_str(), "a vendor has answered");
        }
        Err(EngineError::Refused(refusal)) => {
            if !as_form {
                return Err(refusal.into());
            }
            let still = asked.ticket.visit_begun_by(&asked.notice).is_some();
            let said = refusal.to_string();
            let page = if still { asked.form(StatusCode::UNPROCESSABLE_ENTITY, said) } else { asked.over() };
            return Ok(page.into_response());
        }
        Err(other) => return Err(other.into()),
    }
    if !as_form {
        return Ok(Json(json!({ "ticket": asked.ticket.id, "status": status })).into_response());
    }
    Ok(Page::new(StatusCode::OK, asked.title(), "Your answer has arrived. Thank you.").into_response())
}

async fn said(request: axum::extract::Request, as_form: bool) -> Result<VendorReply, ApiError> {
    let (parts, body) = request.into_parts();
    let body = read_body(axum::extract::Request::from_parts(parts.clone(), body)).await?;
    let reply = match as_form {
        true => {
            let request = axum::extract::Request::from_parts(parts, Body::from(body));
            let form = Form::<Reply>::from_request(request, &()).await;
            let known = ReplyStatus::ALL.map(ReplyStatus::as_str).join(", ");
            form.map_err(|_| ApiError::invalid("status", format!("choose one of {known}")))?.0
        }
        false => read_json(&body)?,
    };
    reply.said()
}

/// An error is the page for a link that leads nowhere.
async fn find(app: &App, token: &str, bucket: &str) -> Result<Result<Asked, Page>, ApiError> {
    let too_often = || {
        let text = "This was asked for too often. Please try again in a minute.";
        Page::new(StatusCode::TOO_MANY_REQUESTS, "One moment", text)
    };
    let Some(link) = app.links.as_ref().and_then(|links| links.read_reply(token)) else {
        if !app.knocks.let_in("", STRANGERS_MAX) {
            return Ok(Err(too_often()));
        }
        let text = "The link may have been cut off in the message. Nothing has been done.";
        return Ok(Err(Page::new(StatusCode::NOT_FOUND, "This link leads nowhere", text)));
    };
    let (who, most) = match bucket {
        "look" => (link.notice.clone(), TAPS_MAX),
        other => (format!("{} {other}", link.notice), ANSWERS_MAX),
    };
    if !app.knocks.let_in(&who, most) {
        return Ok(Err(too_often()));
    }
    let over = || Page::new(StatusCode::GONE, "This link has expired", OVER);
    if app.engine.clock().now() >= link.until {
        return Ok(Err(over()));
    }
    let store = app.engine.store();
    let Some(row) = store.notice(&link.notice).await? else { return Ok(Err(over())) };
    let notice = row.notice;
    let Some(ticket) = notice.ticket else { return Ok(Err(over())) };
    let found = store.tickets_named(&[ticket]).await?.into_iter().next();
    let organisation = &app.engine.in_force().coverage.organisation;
    let vendor = organisation.vendors.get_key_value(notice.to.as_str());
    let (Some(saved), Some((id, vendor))) = (found, vendor) else { return Ok(Err(over())) };
    let may_know = vendor.may_know(residency_of(organisation, &saved.ticket.facts).as_ref());
    if !may_know || !matches!(notice.says, Says::VendorAsked { .. }) {
        return Ok(Err(over()));
    }
    Ok(Ok(Asked { vendor: id.clone(), notice, ticket: saved.ticket, until: link.until }))
}

impl Asked {
    /// No more than the message said.
    fn title(&self) -> String {
        format!("Reference {}", self.ticket.id)
    }

    fn standing(&self) -> String {
        let visit = self.ticket.visit_begun_by(&self.notice);
        let said = visit.and_then(|visit| visit.reply.as_ref());
        let case = said.and_then(|reply| reply.case.as_deref());
        let case = case.map_or_else(String::new, |case| format!(" Your case: {case}."));
        format!("Please tell us how it stands.{case} The link works until {}.", instant(self.until))
    }

    fn form(&self, status: StatusCode, text: String) -> Page {
        Page::new(status, self.title(), text).asking(&ReplyStatus::ALL.map(ReplyStatus::as_str))
    }

    fn over(&self) -> Page {
        Page::new(StatusCode::GONE, self.title(), OVER)
    }
}
