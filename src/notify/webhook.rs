//! Notices as signed HTTP requests, by the Standard Webhooks rules.

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, Response, StatusCode};
use serde::Serialize;

use super::{Failure, SigningKey, Target, refused_by_guard};
use crate::desk::{Notice, NoticeKind, TicketId};
use crate::schedule::{Person, PersonId, Priority};
use crate::settings::Secret;

/// Makes ring the cryptography of every TLS connection; before the first HTTP client, once or more often.
pub fn use_ring() {
    // An error only says that there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[derive(Clone)]
pub struct Webhook {
    target: Target,
    key: Option<SigningKey>,
}

#[derive(Serialize)]
struct Message<'a> {
    #[serde(rename = "type")]
    kind: String,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    notice: &'a str,
    ticket: TicketId,
    priority: Priority,
    kind: NoticeKind,
    to: Recipient<'a>,
    subject: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct Recipient<'a> {
    id: &'a PersonId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
}

impl Webhook {
    /// The process must have a rustls provider installed.
    pub fn new(
        url: &str,
        secret: Option<&Secret>,
        allow_private: bool,
        timeout: Duration,
    ) -> anyhow::Result<Webhook> {
        let target = Target::new(url, allow_private, timeout)?;
        let key = secret.map(SigningKey::new).transpose().context("secret_file")?;
        Ok(Webhook { target, key })
    }

    pub(super) async fn send(
        &self,
        notice: &Notice,
        person: Option<&Person>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let body = serde_json::to_vec(&message(notice, person)).expect("a message is plain JSON");
        let timestamp = now.timestamp();
        let mut request = self
            .target
            .request(Method::POST)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &notice.id)
            .header("webhook-timestamp", timestamp);
        if let Some(key) = &self.key {
            request = request.header("webhook-signature", key.sign(&notice.id, timestamp, &body));
        }
        match request.body(body).send().await {
            Ok(response) => verdict(&response, now),
            Err(error) => Err(failure(error)),
        }
    }
}

/// The same bytes at every attempt: `timestamp` is the notice's own.
fn message<'a>(notice: &'a Notice, person: Option<&'a Person>) -> Message<'a> {
    Message {
        kind: format!("ticket.{}", notice.kind.as_str()),
        timestamp: notice.at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        data: Data {
            notice: &notice.id,
            ticket: notice.ticket,
            priority: notice.priority,
            kind: notice.kind,
            to: Recipient {
                id: &notice.to,
                name: person.map(|person| person.name.as_str()),
                email: person.and_then(|person| person.email.as_deref()),
                phone: person.and_then(|person| person.phone.as_deref()),
            },
            subject: &notice.subject,
            text: &notice.text,
            expires_at: notice.expires_at,
        },
    }
}

fn verdict(response: &Response, now: DateTime<Utc>) -> Result<(), Failure> {
    let status = response.status();
    let why = format!("answered {status}");
    match status {
        _ if status.is_success() => Ok(()),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            Err(Failure::Passing { why, retry_after: retry_after(response, now) })
        }
        _ if status.is_server_error() => {
            Err(Failure::Passing { why, retry_after: retry_after(response, now) })
        }
        // While something new is brought out there, a login page or nothing stands in the receiver's place.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
            Err(Failure::Passing { why, retry_after: None })
        }
        _ if status.is_redirection() => Err(Failure::Passing { why, retry_after: None }),
        _ => Err(Failure::Lasting { why }),
    }
}

/// Seconds, or a date.
fn retry_after(response: &Response, now: DateTime<Utc>) -> Option<TimeDelta> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    match text.parse::<u32>() {
        Ok(seconds) => Some(TimeDelta::seconds(seconds.into())),
        Err(_) => Some(DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now),
    }
}

pub(super) fn failure_in_words(error: reqwest::Error) -> String {
    match failure(error) {
        Failure::Passing { why, .. } | Failure::Lasting { why } => why,
    }
}

fn failure(error: reqwest::Error) -> Failure {
    if let Some(why) = refused_by_guard(&error) {
        return Failure::Lasting { why };
    }
    // The address may carry a secret in its path, so it is left out.
    let error = error.without_url();
    let why = match sources(&error).last() {
        _ if error.is_timeout() => "no answer in time".to_owned(),
        Some(root) => root.to_string(),
        None => error.to_string(),
    };
    Failure::Passing { why, retry_after: None }
}

fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source())
}
