//! Push messages by a server of ntfy: one JSON document to its root, with a button that takes the ticket.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use super::answer::verdict;
use super::letter::cut;
use super::template::{Escape, Template};
use super::{Failure, Letter, Target};
use crate::desk::NoticeKind;
use crate::settings::Secret;

/// Longer messages become attachments. In bytes; a character may take four.
const MESSAGE_MAX: usize = 4096 / 4;
const TITLE_MAX: usize = 200;
const TOPIC_MAX: usize = 64;

#[derive(Clone)]
pub struct Ntfy {
    target: Target,
    url: Secret,
    topic: Template,
    token: Option<Secret>,
}

impl Ntfy {
    pub fn new(
        url: &Secret,
        topic: &str,
        token: Option<&Secret>,
        allow_private: bool,
        timeout: Duration,
    ) -> anyhow::Result<Ntfy> {
        Ok(Ntfy {
            target: Target::new(url.reveal(), allow_private, timeout)?,
            url: url.clone(),
            topic: Template::new("topic", topic, Escape::None)?,
            token: token.cloned(),
        })
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    pub(super) async fn send(&self, letter: &Letter<'_>, now: DateTime<Utc>) -> Result<String, Failure> {
        let topic =
            self.topic.render(letter, None).map_err(|error| Failure::lasting(format!("{error:#}")))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if topic.is_empty() || topic.len() > TOPIC_MAX || !topic.chars().all(plain) {
            let why = "topic: letters, digits, `-` and `_`, 64 at most; for this person it is not that";
            return Err(Failure::lasting(why.to_owned()));
        }
        let mut request = self.target.request(Method::POST).json(&message(letter, &topic));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.reveal());
        }
        let secrets: Vec<&Secret> = [&self.url].into_iter().chain(&self.token).collect();
        verdict(request.send().await, &secrets, now).await
    }
}

fn message(letter: &Letter, topic: &str) -> Value {
    let priority = match letter.kind {
        Some(NoticeKind::Page | NoticeKind::LastResort) => 5,
        Some(NoticeKind::Offer) => 4,
        _ => 3,
    };
    let mut message = json!({
        "topic": topic,
        "title": cut(&letter.subject, TITLE_MAX),
        "message": cut(&letter.text, MESSAGE_MAX),
        "priority": priority,
    });
    if let Some(link) = &letter.links.acknowledge {
        // The button acts at once; the message itself leads to a page that asks first.
        message["click"] = json!(link);
        message["actions"] =
            json!([{ "action": "http", "label": letter.tap, "url": link, "method": "POST", "clear": true }]);
    }
    message
}
