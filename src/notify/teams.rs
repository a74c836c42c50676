//! Microsoft Teams, by a workflow that posts what it is sent: an adaptive card.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use super::answer::verdict;
use super::letter::cut;
use super::{Failure, Letter, Target};
use crate::settings::Secret;

/// Bytes of a whole message; beyond about 28 KB it is refused, and some are before.
const MESSAGE_MAX: usize = 21_000;
const SUBJECT_MAX: usize = 300;

#[derive(Clone)]
pub struct Teams {
    target: Target,
    url: Secret,
}

impl Teams {
    pub fn new(url: &Secret, allow_private: bool, timeout: Duration) -> anyhow::Result<Teams> {
        Ok(Teams { target: Target::new(url.reveal(), allow_private, timeout)?, url: url.clone() })
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    pub(super) async fn send(&self, letter: &Letter<'_>, now: DateTime<Utc>) -> Result<String, Failure> {
        let request = self.target.request(Method::POST).json(&fitting(letter));
        verdict(request.send().await, &[&self.url], now).await
    }
}

/// With as much of the text as a message may have.
fn fitting(letter: &Letter) -> Value {
    let mut most = letter.text.chars().count();
    loop {
        let message = message(letter, &cut(&letter.text, most));
        let size = message.to_string().len();
        if size <= MESSAGE_MAX || most == 0 {
            return message;
        }
        // A character is at most six bytes in JSON, so this ends well before nothing is left.
        most -= ((size - MESSAGE_MAX) / 6).max(1).min(most);
    }
}

/// Runs of text know no Markdown: a ticket's title makes no link and mentions nobody.
fn message(letter: &Letter, text: &str) -> Value {
    let colour = if letter.is_page() { "Attention" } else { "Default" };
    let block = |run: Value| json!({ "type": "RichTextBlock", "inlines": [run] });
    let subject = cut(&letter.subject, SUBJECT_MAX);
    let whom = cut(letter.to.name.unwrap_or(letter.to.id.as_str()), SUBJECT_MAX);
    let mut card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": [
            block(json!({
                "type": "TextRun", "text": subject, "weight": "Bolder", "size": "Medium", "color": colour,
            })),
            block(json!({ "type": "TextRun", "text": text })),
            block(json!({ "type": "TextRun", "text": format!("For {whom}"), "isSubtle": true })),
        ],
        "msteams": { "width": "full" },
    });
    if let Some(link) = &letter.links.acknowledge {
        card["actions"] = json!([{ "type": "Action.OpenUrl", "title": letter.tap, "url": link }]);
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    })
}
