//! Notices as signed HTTP requests, by the Standard Webhooks rules.

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde::Serialize;

use super::answer::verdict;
use super::{Failure, Letter, SigningKey, Target};
use crate::desk::TicketId;
use crate::schedule::{PersonId, Priority};
use crate::settings::Secret;

/// Makes ring the cryptography of every TLS connection; before the first HTTP client, once or more often.
pub fn use_ring() {
    // An error only says that there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[derive(Clone)]
pub struct Webhook {
    target: Target,
    url: Secret,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<TicketId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<Priority>,
    kind: &'a str,
    to: Recipient<'a>,
    subject: &'a str,
    text: &'a str,
    /// Of both, as a tag.
    language: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledge_url: Option<&'a str>,
    /// Where a vendor answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_url: Option<&'a str>,
    /// All the notices that this message stands for, this one among them; absent: it stands for itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    together: Vec<Together<'a>>,
}

#[derive(Serialize)]
struct Together<'a> {
    notice: &'a str,
    ticket: TicketId,
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
        url: &Secret,
        secret: Option<&Secret>,
        allow_private: bool,
        timeout: Duration,
    ) -> anyhow::Result<Webhook> {
        let target = Target::new(url.reveal(), allow_private, timeout)?;
        let key = secret.map(SigningKey::new).transpose().context("secret_file")?;
        Ok(Webhook { target, url: url.clone(), key })
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    pub(super) async fn send(&self, letter: &Letter<'_>, now: DateTime<Utc>) -> Result<String, Failure> {
        let body = serde_json::to_vec(&message(letter)).expect("a message is plain JSON");
        let timestamp = now.timestamp();
        let mut request = self
            .target
            .request(Method::POST)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", letter.id)
            .header("webhook-timestamp", timestamp);
        if let Some(key) = &self.key {
            request = request.header("webhook-signature", key.sign(letter.id, timestamp, &body));
        }
        verdict(request.body(body).send().await, &[&self.url], now).await
    }
}

/// The same bytes at every attempt: `timestamp` is the notice's own. Of several tickets those that have been taken since
/// are no longer in it.
fn message<'a>(letter: &'a Letter) -> Message<'a> {
    let about = letter.about;
    Message {
        kind: format!("{}.{}", if about.is_some() { "ticket" } else { "meridian" }, letter.kind()),
        timestamp: letter.at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        data: Data {
            notice: letter.id,
            ticket: about.map(|about| about.ticket),
            priority: about.and_then(|about| about.priority),
            kind: letter.kind(),
            to: Recipient {
                id: letter.to.id,
                name: letter.to.name,
                email: letter.to.email,
                phone: letter.to.phone,
            },
            subject: &letter.subject,
            text: &letter.text,
            language: letter.language,
            expires_at: about.and_then(|about| about.expires_at),
            acknowledge_url: letter.links.acknowledge.as_deref(),
            reply_url: letter.links.reply.as_deref(),
            together: letter.together.iter().map(|&(notice, ticket)| Together { notice, ticket }).collect(),
        },
    }
}
