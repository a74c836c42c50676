//! One tap takes a ticket, or approves an escalation: `/a/{token}`, a page without sign-in for whoever was sent the link. Looking changes nothing, so
//! programs that open links ahead of people take no ticket; the button does.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;
use tokio::time::Instant;
use tracing::{info, warn};

use super::sign_in::knows;
use super::{ApiError, App};
use crate::desk::{
    Action, Actor, Answer, Command, HandoffId, Holder, Notice, NoticeKind, State as TicketState, Ticket,
    TicketId, Verb, may_see, residency_of,
};
use crate::engine::{EngineError, IdempotencyKey};
use crate::notify::Asked;
use crate::schedule::PersonId;

pub(super) fn router() -> Router<App> {
    Router::new().route("/a/{token}", get(look).post(tap))
}

/// Within a minute: links that are none of ours, all together; and each link that is.
pub(super) const STRANGERS_MAX: usize = 120;
pub(super) const TAPS_MAX: usize = 30;
const MINUTE: Duration = Duration::from_secs(60);
/// So many links are remembered.
const LINKS_MAX: usize = 2_000;

/// Who knocked within the last minute.
#[derive(Default)]
pub(super) struct Knocks(Mutex<BTreeMap<String, VecDeque<Instant>>>);

impl Knocks {
    /// Whether there is room for one more of `who`.
    pub fn let_in(&self, who: &str, most: usize) -> bool {
        let now = Instant::now();
        let mut all = self.0.lock().expect("no one panics while holding it");
        if all.len() >= LINKS_MAX {
            all.retain(|_, knocks| knocks.back().is_some_and(|last| now - *last < MINUTE));
        }
        if all.len() >= LINKS_MAX && !all.contains_key(who) {
            return false;
        }
        let knocks = all.entry(who.to_owned()).or_default();
        while knocks.front().is_some_and(|first| now - *first >= MINUTE) {
            knocks.pop_front();
        }
        if knocks.len() >= most {
            return false;
        }
        knocks.push_back(now);
        true
    }
}

/// What the page says.
#[derive(Serialize)]
pub(super) struct Page {
    #[serde(skip)]
    status: StatusCode,
    title: String,
    text: String,
    /// What it is about, where it is more than one thing.
    list: Vec<String>,
    button: Option<&'static str>,
    /// The statuses to choose from, where words are asked for.
    answers: Vec<&'static str>,
}

impl Page {
    pub fn new(status: StatusCode, title: impl Into<String>, text: impl Into<String>) -> Page {
        let (list, answers) = (Vec::new(), Vec::new());
        Page { status, title: title.into(), text: text.into(), list, button: None, answers }
    }

    /// With a form for one of these answers.
    pub fn asking(self, answers: &[&'static str]) -> Page {
        Page { answers: answers.to_vec(), ..self }
    }

    /// For a program.
    pub fn as_error(&self) -> ApiError {
        let kind = match self.status {
            StatusCode::TOO_MANY_REQUESTS => return ApiError::too_many(self.text.clone(), 60),
            StatusCode::GONE => "gone",
            _ => "not-found",
        };
        ApiError::new(self.status, kind, self.text.clone())
    }
}

const FUEL: u64 = 100_000;

/// Nothing is fetched, framed, kept or sent on from there, and its form goes nowhere but back.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; \
                      base-uri 'none'";

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_fuel(Some(FUEL));
        let template = environment.template_from_named_str("a.html", include_str!("acknowledge.html"));
        let page = template.and_then(|template| template.render(Value::from(Serde(self))));
        let page =
            page.unwrap_or_else(|error| panic!("the template is ours and knows every field: {error:#}"));
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
        ];
        let mut response = (status, headers, page).into_response();
        if status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, "60".parse().expect("a number"));
        }
        response
    }
}

/// Whom a link asks what about, and how that stands.
struct Standing {
    asked: Asked,
    notice: Notice,
    ticket: Ticket,
    /// Where it is one of several that are handed over together: those that are offered to them still.
    offered: Vec<Ticket>,
}

async fn look(State(app): State<App>, Path(token): Path<String>) -> Result<Page, ApiError> {
    let standing = match find(&app, &token).await? {
        Ok(standing) => standing,
        Err(page) => return Ok(page),
    };
    if standing.notice.kind == NoticeKind::Approval {
        return Ok(standing.approval(&app));
    }
    if let Some(handoff) = standing.several(&app) {
        return Ok(standing.all_of(&app, handoff));
    }
    let Err(page) = standing.settled(&app) else {
        let Standing { notice, asked, .. } = &standing;
        let text = format!(
            "{}, you are asked to take it. The link works until {}.",
            name(&app, &notice.to),
            instant(asked.until)
        );
        let page = Page::new(StatusCode::OK, standing.title(), text);
        return Ok(Page { button: Some("Take it"), ..page });
    };
    // A question that was answered is no failure.
    let gone = page.status == StatusCode::GONE;
    Ok(Page { status: if gone { page.status } else { StatusCode::OK }, ..page })
}

async fn tap(State(app): State<App>, Path(token): Path<String>) -> Result<Page, ApiError> {
    let standing = match find(&app, &token).await? {
        Ok(standing) => standing,
        Err(page) => return Ok(page),
    };
    if standing.notice.kind == NoticeKind::Approval {
        return approve(&app, standing).await;
    }
    if let Some(handoff) = standing.several(&app) {
        return take_all(&app, &token, standing, handoff).await;
    }
    if let Err(page) = standing.settled(&app) {
        return Ok(page);
    }
    let notice = &standing.notice;
    let acknowledge = Action::On(standing.ticket.id, Verb::Acknowledge);
    let command = Command { by: Actor::Person(notice.to.clone()), action: acknowledge };
    let key = IdempotencyKey { key: format!("notice:{}", notice.id), fingerprint: "acknowledge".to_owned() };
    match app.engine.take(command, Some(key)).await {
        Ok(_) => info!(notice.id, ticket.id = standing.ticket.id.0, person = %notice.to, "a link was used"),
        Err(EngineError::Refused(refusal)) => {
            warn!(notice.id, ticket.id = standing.ticket.id.0, person = %notice.to, %refusal, "a link was used in vain");
        }
        Err(other) => return Err(other.into()),
    }
    let standing = match find(&app, &token).await? {
        Ok(standing) => standing,
        Err(page) => return Ok(page),
    };
    Ok(match standing.settled(&app) {
        Err(page) => page,
        Ok(()) => standing.not_given(),
    })
}

/// The escalation that a lead is asked for; a second tap finds it done.
async fn approve(app: &App, standing: Standing) -> Result<Page, ApiError> {
    let notice = &standing.notice;
    if !standing.awaits_approval() {
        return Ok(standing.approval(app));
    }
    let by = Actor::Person(notice.to.clone());
    let command = Command { by, action: Action::On(standing.ticket.id, Verb::Approve) };
    let key = IdempotencyKey { key: format!("notice:{}", notice.id), fingerprint: "approve".to_owned() };
    match app.engine.take(command, Some(key)).await {
        Ok(_) => {
            info!(notice.id, ticket.id = standing.ticket.id.0, person = %notice.to, "a link was used");
            Ok(Page::new(StatusCode::OK, standing.title(), "It is approved. Thank you."))
        }
        Err(EngineError::Refused(refusal)) => {
            warn!(notice.id, ticket.id = standing.ticket.id.0, person = %notice.to, %refusal, "a link was used in vain");
            Ok(standing.decided())
        }
        Err(other) => Err(other.into()),
    }
}

/// Takes what is offered still of a handoff. What somebody else has taken meanwhile is refused, and said.
async fn take_all(app: &App, token: &str, standing: Standing, handoff: HandoffId) -> Result<Page, ApiError> {
    let Standing { notice, offered, .. } = &standing;
    let tickets: Vec<TicketId> = offered.iter().map(|ticket| ticket.id).collect();
    let accept = Action::AcceptHandoff { handoff, tickets: Some(tickets) };
    let by = Actor::Person(notice.to.clone());
    match app.engine.take(Command { by, action: accept }, None).await {
        Ok(Answer::Handoff { accepted, refused, .. }) => {
            let (accepted, refused) = (accepted.len(), refused.len());
            info!(notice.id, handoff.id = handoff.0, accepted, refused, person = %notice.to, "a link was used");
        }
        Ok(_) => (),
        Err(EngineError::Refused(refusal)) => {
            warn!(notice.id, handoff.id = handoff.0, person = %notice.to, %refusal, "a link was used in vain");
        }
        Err(other) => return Err(other.into()),
    }
    let named: Vec<TicketId> = offered.iter().map(|ticket| ticket.id).collect();
    let mut now = app.engine.store().tickets_named(&named).await?;
    now.sort_by_key(|saved| (saved.ticket.priority, saved.ticket.id));
    let is_theirs = |ticket: &&Ticket| ticket.holder.person() == Some(&notice.to);
    let theirs: Vec<String> = now.iter().map(|saved| &saved.ticket).filter(is_theirs).map(called).collect();
    if theirs.is_empty() {
        return Ok(match find(app, token).await? {
            Ok(standing) => standing.settled(app).err().unwrap_or_else(|| standing.not_given()),
            Err(page) => page,
        });
    }
    let text = match named.len() - theirs.len() {
        0 => "They are yours. Thank you.".to_owned(),
        gone => format!("These are yours. Thank you. {gone} more had been taken meanwhile."),
    };
    let page = Page::new(StatusCode::OK, format!("{} tickets", theirs.len()), text);
    Ok(Page { list: theirs, ..page })
}

/// No more than the message said.
fn called(ticket: &Ticket) -> String {
    format!("{} ticket {}", ticket.priority, ticket.id)
}

/// An error is the page for a link that leads nowhere.
async fn find(app: &App, token: &str) -> Result<Result<Standing, Page>, ApiError> {
    let too_often = || {
        let text = "This was asked for too often. Please try again in a minute.";
        Page::new(StatusCode::TOO_MANY_REQUESTS, "One moment", text)
    };
    let Some(asked) = app.links.as_ref().and_then(|links| links.read(token)) else {
        if !app.knocks.let_in("", STRANGERS_MAX) {
            return Ok(Err(too_often()));
        }
        let text = "The link may have been cut off in the message. Nothing has been done.";
        return Ok(Err(Page::new(StatusCode::NOT_FOUND, "This link leads nowhere", text)));
    };
    if !app.knocks.let_in(&asked.notice, TAPS_MAX) {
        return Ok(Err(too_often()));
    }
    let over = || {
        let text = "What it was about is over, or not for you any more. Nothing has been done.";
        Page::new(StatusCode::GONE, "This link has expired", text)
    };
    let store = app.engine.store();
    let Some(row) = store.notice(&asked.notice).await? else { return Ok(Err(over())) };
    let notice = row.notice;
    let named: Vec<TicketId> = notice.ticket.into_iter().collect();
    let ticket = store.tickets_named(&named).await?.into_iter().next().map(|saved| saved.ticket);
    let Some(ticket) = ticket.filter(|_| knows(app, &notice.to)) else { return Ok(Err(over())) };
    let organisation = &app.engine.in_force().coverage.organisation;
    if !may_see(organisation, &notice.to, residency_of(organisation, &ticket.facts).as_ref()) {
        return Ok(Err(over()));
    }
    let offered = offered_with(app, &notice).await?;
    Ok(Ok(Standing { asked, notice, ticket, offered }))
}

/// What is offered still, of the handoff that a notice is about, to whoever it is for; the worst first.
async fn offered_with(app: &App, notice: &Notice) -> Result<Vec<Ticket>, ApiError> {
    let Some(id) = notice.handoff() else { return Ok(Vec::new()) };
    let store = app.engine.store();
    let Some(handoff) = store.handoff(id).await? else { return Ok(Vec::new()) };
    let tickets: Vec<TicketId> = handoff.items.iter().map(|item| item.ticket).collect();
    let organisation = &app.engine.in_force().coverage.organisation;
    let is_offered = |ticket: &Ticket| {
        let offer = ticket.offer.as_ref().filter(|offer| offer.handoff == Some(id));
        offer.is_some_and(|offer| offer.ask.is_empty() || offer.ask.contains(&notice.to))
            && may_see(organisation, &notice.to, residency_of(organisation, &ticket.facts).as_ref())
    };
    let found = store.tickets_named(&tickets).await?.into_iter().map(|saved| saved.ticket);
    let mut offered: Vec<Ticket> = found.filter(is_offered).collect();
    offered.sort_by_key(|ticket| (ticket.priority, ticket.id));
    Ok(offered)
}

impl Standing {
    fn title(&self) -> String {
        called(&self.ticket)
    }

    fn not_given(&self) -> Page {
        let text = "It is not offered to you any more, so it has not been given to you.";
        Page::new(StatusCode::CONFLICT, self.title(), text)
    }

    /// The handoff, where more than this one ticket of it can be taken still.
    fn several(&self, app: &App) -> Option<HandoffId> {
        let more = self.offered.iter().any(|ticket| ticket.id != self.ticket.id);
        self.notice.handoff().filter(|_| more && app.engine.clock().now() < self.asked.until)
    }

    fn all_of(&self, app: &App, handoff: HandoffId) -> Page {
        let text = format!(
            "{}, you are asked to take what is handed over to you (handoff {handoff}). The link works until {}.",
            name(app, &self.notice.to),
            instant(self.asked.until)
        );
        let count = self.offered.len();
        let title = if count == 1 { called(&self.offered[0]) } else { format!("{count} tickets") };
        let button = Some(if count == 1 { "Take it" } else { "Take them all" });
        let list = self.offered.iter().map(called).collect();
        Page { list, button, ..Page::new(StatusCode::OK, title, text) }
    }

    fn awaits_approval(&self) -> bool {
        self.ticket.approval.as_ref().is_some_and(|approval| approval.asks_by(&self.notice))
    }

    fn decided(&self) -> Page {
        let text = "It has been decided already; you need do nothing.";
        Page::new(StatusCode::OK, self.title(), text)
    }

    /// What a lead is asked.
    fn approval(&self, app: &App) -> Page {
        let Some(approval) = self.ticket.approval.as_ref().filter(|_| self.awaits_approval()) else {
            return self.decided();
        };
        let text = format!(
            "{}, {} asks you whether it may be escalated. The link works until {}. To refuse, sign in and say why.",
            name(app, &self.notice.to),
            name(app, &approval.by),
            instant(approval.until)
        );
        Page { button: Some("Approve it"), ..Page::new(StatusCode::OK, self.title(), text) }
    }

    fn helps(&self) -> bool {
        self.ticket.helpers.iter().any(|seat| seat.person == self.notice.to)
    }

    /// An error is the page that says why there is nothing to tap any more.
    fn settled(&self, app: &App) -> Result<(), Page> {
        let page = |status, text: String| Err(Page::new(status, self.title(), text));
        let ticket = &self.ticket;
        let holder = ticket.holder.person();
        if holder == Some(&self.notice.to) {
            return page(StatusCode::OK, "It is yours. Thank you.".to_owned());
        }
        if self.helps() {
            return page(StatusCode::OK, "You are helping with it. Thank you.".to_owned());
        }
        if matches!(ticket.state, TicketState::Resolved | TicketState::Closed) {
            return page(StatusCode::CONFLICT, "It is resolved; there is nothing left to do.".to_owned());
        }
        let is_asked = ticket.offer.as_ref().is_some_and(|offer| offer.ask.contains(&self.notice.to));
        if let Some(holder) = holder.filter(|_| !is_asked) {
            let text = format!("{} has taken it; you need do nothing.", name(app, holder));
            return page(StatusCode::CONFLICT, text);
        }
        if app.engine.clock().now() >= self.asked.until {
            let text = match &ticket.holder {
                Holder::Queue { .. } => "The time to answer is over; its team's queue has it now.",
                _ => {
                    "The time to answer is over, and others are being asked. Sign in to take it all the same."
                }
            };
            return page(StatusCode::GONE, text.to_owned());
        }
        Ok(())
    }
}

fn name(app: &App, person: &PersonId) -> String {
    let organisation = &app.engine.in_force().coverage.organisation;
    organisation.people.get(person).map_or_else(|| person.to_string(), |person| person.name.clone())
}

pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
