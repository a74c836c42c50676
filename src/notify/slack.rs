//! Slack, by an incoming webhook. What a ticket says is text there and nothing else: it names nobody and links nowhere.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use super::answer::verdict;
use super::{Failure, Letter, Target};
use crate::settings::Secret;

/// Of a header block, of a section's text, and of the line that stands in notifications; in characters as they are sent.
const HEADER_MAX: usize = 150;
const SECTION_MAX: usize = 3000;

#[derive(Clone)]
pub struct Slack {
    target: Target,
    url: Secret,
}

impl Slack {
    pub fn new(url: &Secret, allow_private: bool, timeout: Duration) -> anyhow::Result<Slack> {
        Ok(Slack { target: Target::new(url.reveal(), allow_private, timeout)?, url: url.clone() })
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    pub(super) async fn send(&self, letter: &Letter<'_>, now: DateTime<Utc>) -> Result<String, Failure> {
        let request = self.target.request(Method::POST).json(&message(letter));
        verdict(request.send().await, &[&self.url], now).await
    }
}

fn message(letter: &Letter) -> Value {
    let header = escaped(&letter.subject, HEADER_MAX);
    let mut blocks = vec![
        json!({ "type": "header", "text": { "type": "plain_text", "text": header } }),
        json!({ "type": "section", "text": { "type": "mrkdwn", "text": escaped(&letter.text, SECTION_MAX) } }),
    ];
    if let Some(link) = &letter.links.acknowledge {
        let text = format!("<{}|{}>", escaped(link, SECTION_MAX), escaped(letter.tap, HEADER_MAX));
        blocks.push(json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } }));
    }
    let whom = escaped(letter.to.name.unwrap_or(letter.to.id.as_str()), HEADER_MAX);
    let context = format!("For {whom} · {} · {}", letter.kind(), escaped(letter.id, HEADER_MAX));
    blocks.push(json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": context }] }));
    json!({
        "text": escaped(&letter.subject, SECTION_MAX),
        "blocks": blocks,
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

/// With the three characters that mean something to Slack as entities, no entity cut in two, and never empty.
fn escaped(text: &str, most: usize) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut length = 0;
    for c in text.chars() {
        let entity = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            _ => "",
        };
        // One is kept for the mark that something is missing.
        length += entity.len().max(1);
        if length >= most {
            escaped.push('…');
            return escaped;
        }
        match entity {
            "" => escaped.push(c),
            entity => escaped.push_str(entity),
        }
    }
    if escaped.trim().is_empty() { "-".to_owned() } else { escaped }
}
