//! Who may do what: one table. A route that is not in it does not exist for anybody.

use axum::http::Method;

use crate::store::Role::{self, Admin, Ingest, Lead, Reader, Responder};

/// Whom a route lets in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Access {
    /// Without signing in.
    Open,
    Roles(&'static [Role]),
}

const READERS: Access = Access::Roles(&[Admin, Lead, Responder, Reader]);
const RESPONDERS: Access = Access::Roles(&[Admin, Lead, Responder]);
const SENDERS: Access = Access::Roles(&[Admin, Lead, Responder, Ingest]);
const LEADS: Access = Access::Roles(&[Admin, Lead]);
const ADMINS: Access = Access::Roles(&[Admin]);

/// Method and path of every route, with whom it lets in.
pub const ACCESS: &[(&str, &str, Access)] = &[
    ("GET", "/healthz", Access::Open),
    ("GET", "/readyz", Access::Open),
    // Counts only: no names of people or customers.
    ("GET", "/metrics", Access::Open),
    // Whoever has such a link may take one ticket as the person it was sent to, for a while.
    ("GET", "/a/{token}", Access::Open),
    ("POST", "/a/{token}", Access::Open),
    // Whoever has such a link may answer for one vendor about one ticket, for a while.
    ("GET", "/v/{token}", Access::Open),
    ("POST", "/v/{token}", Access::Open),
    ("POST", "/v1/tickets", SENDERS),
    ("GET", "/v1/tickets", READERS),
    ("GET", "/v1/tickets/{id}", READERS),
    ("PATCH", "/v1/tickets/{id}", RESPONDERS),
    ("POST", "/v1/tickets/{id}/acknowledge", RESPONDERS),
    ("POST", "/v1/tickets/{id}/decline", RESPONDERS),
    ("POST", "/v1/tickets/{id}/release", RESPONDERS),
    ("POST", "/v1/tickets/{id}/escalate", RESPONDERS),
    // Who leads a team, the rotation files say.
    ("POST", "/v1/tickets/{id}/approve", RESPONDERS),
    ("POST", "/v1/tickets/{id}/refuse", RESPONDERS),
    ("POST", "/v1/tickets/{id}/vendor", RESPONDERS),
    ("POST", "/v1/tickets/{id}/vendor/reply", RESPONDERS),
    ("POST", "/v1/tickets/{id}/vendor/recall", RESPONDERS),
    ("POST", "/v1/tickets/{id}/reassign", RESPONDERS),
    ("POST", "/v1/tickets/{id}/brief", RESPONDERS),
    ("POST", "/v1/tickets/{id}/stay", RESPONDERS),
    ("POST", "/v1/tickets/{id}/note", RESPONDERS),
    ("POST", "/v1/tickets/{id}/update", RESPONDERS),
    ("POST", "/v1/tickets/{id}/subscribe", RESPONDERS),
    ("POST", "/v1/tickets/{id}/unsubscribe", RESPONDERS),
    ("POST", "/v1/tickets/{id}/link", RESPONDERS),
    ("POST", "/v1/tickets/{id}/unlink", RESPONDERS),
    ("POST", "/v1/tickets/{id}/pend", RESPONDERS),
    ("POST", "/v1/tickets/{id}/resume", RESPONDERS),
    ("POST", "/v1/tickets/{id}/resolve", RESPONDERS),
    ("POST", "/v1/tickets/{id}/close", RESPONDERS),
    ("POST", "/v1/tickets/{id}/reopen", RESPONDERS),
    ("POST", "/v1/tickets/{id}/feedback", RESPONDERS),
    ("POST", "/v1/tickets/{id}/verdict", RESPONDERS),
    ("GET", "/v1/tickets/{id}/report", READERS),
    ("GET", "/v1/handoffs", READERS),
    ("GET", "/v1/handoffs/{id}", READERS),
    ("POST", "/v1/handoffs/{id}/accept", RESPONDERS),
    ("GET", "/v1/notices", READERS),
    ("POST", "/v1/notices/{id}/resend", LEADS),
    // How people are reached.
    ("GET", "/v1/shifts", LEADS),
    ("GET", "/v1/on-duty", READERS),
    ("GET", "/v1/coverage", READERS),
    ("POST", "/v1/explain", READERS),
    ("GET", "/v1/overrides", READERS),
    ("POST", "/v1/overrides", LEADS),
    ("GET", "/v1/overrides/{id}", READERS),
    ("DELETE", "/v1/overrides/{id}", LEADS),
    ("GET", "/v1/leave", READERS),
    ("POST", "/v1/leave", LEADS),
    ("GET", "/v1/leave/{id}", READERS),
    ("DELETE", "/v1/leave/{id}", LEADS),
    ("GET", "/v1/schedules", READERS),
    ("POST", "/v1/schedules/check", LEADS),
    ("POST", "/v1/schedules/reload", ADMINS),
    // Of everybody's work, and of each person's nights.
    ("GET", "/v1/reports", LEADS),
    ("GET", "/v1/reports/{name}", LEADS),
    ("GET", "/v1/events", READERS),
    // Who has read what, and everything that is kept of a customer. Names stand in bodies: addresses are in many logs.
    ("GET", "/v1/audit", ADMINS),
    ("POST", "/v1/export", ADMINS),
    ("GET", "/v1/forget", ADMINS),
    ("POST", "/v1/forget", ADMINS),
    ("POST", "/v1/forget/call-off", ADMINS),
    ("GET", "/v1/tokens", ADMINS),
    ("POST", "/v1/tokens", ADMINS),
    ("DELETE", "/v1/tokens/{name}", ADMINS),
];

/// `None`: the path takes no such method.
pub(super) fn access(method: &Method, path: &str) -> Option<Access> {
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    ACCESS.iter().find(|(m, p, _)| *m == method && *p == path).map(|(_, _, access)| *access)
}

/// The methods a path takes, as the `Allow` header has them.
pub(super) fn allow(path: &str) -> String {
    let methods: Vec<&str> = ACCESS.iter().filter(|(_, p, _)| *p == path).map(|(m, _, _)| *m).collect();
    methods.join(", ")
}
