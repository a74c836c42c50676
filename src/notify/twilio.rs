//! SMS and calls by Twilio's API: a form, HTTP Basic sign-in, and for calls what is to be said as TwiML.

use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Url};

use super::answer::verdict;
use super::escape::{form, xml};
use super::letter::cut;
use super::{Failure, Letter, Target};
use crate::settings::{Secret, TwilioSettings};

/// Characters of TwiML that stands in a request. Every one of what is said may become six.
const SAID_MAX: usize = 600;

#[derive(Clone)]
pub struct Twilio {
    target: Target,
    settings: TwilioSettings,
    token: Secret,
    medium: Medium,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    Sms,
    Voice,
}

impl Twilio {
    pub fn new(
        settings: &TwilioSettings,
        medium: Medium,
        allow_private: bool,
        timeout: Duration,
    ) -> anyhow::Result<Twilio> {
        let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
        ensure!(plain(&settings.account), "`account` is Twilio's account SID: AC and 32 digits and letters");
        let resource = match medium {
            Medium::Sms => "Messages.json",
            Medium::Voice => "Calls.json",
        };
        let base = Url::parse(settings.url.read()?.reveal()).context("url is no URL")?;
        let path = format!("/2010-04-01/Accounts/{}/{resource}", settings.account);
        let url = base.join(&path).context("url")?;
        let target = Target::new(url.as_str(), allow_private, timeout)?;
        Ok(Twilio { target, settings: settings.clone(), token: settings.token.read()?, medium })
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    pub(super) async fn send(&self, letter: &Letter<'_>, now: DateTime<Utc>) -> Result<String, Failure> {
        let Some(to) = letter.to.phone else {
            return Err(Failure::lasting(format!("{} has no `phone` in the rotation files", letter.to.id)));
        };
        let (name, value) = match self.medium {
            Medium::Sms => ("Body", letter.short.clone()),
            Medium::Voice => ("Twiml", said(letter, &self.settings.language)),
        };
        let fields = [("To", to), ("From", &self.settings.from), (name, &value)];
        let fields = fields.map(|(name, value)| format!("{name}={}", form(value)));
        let request = self
            .target
            .request(Method::POST)
            .basic_auth(&self.settings.account, Some(self.token.reveal()))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(fields.join("&"));
        verdict(request.send().await, &[&self.token], now).await
    }
}

/// What a voice says, twice: whoever wakes up misses the first.
fn said(letter: &Letter, language: &str) -> String {
    let words = xml(&cut(&letter.subject, SAID_MAX));
    let language = xml(language);
    format!(r#"<Response><Say language="{language}" loop="2">{words}</Say></Response>"#)
}
