//! Any service that takes a request: method, address, headers and body as the settings say.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use super::answer::verdict;
use super::letter::Links;
use super::template::{Absent, Escape, Template};
use super::{Failure, Letter, Target};
use crate::schedule::PersonId;
use crate::settings::{HttpSettings, Kept, Secret};

#[derive(Clone)]
pub struct Http {
    target: Target,
    method: Method,
    url: Template,
    headers: Vec<(HeaderName, Template)>,
    body: Option<Body>,
    secret: Option<Secret>,
    /// May not be shown either, with what it has in it.
    shown: Secret,
}

#[derive(Clone)]
struct Body {
    template: Template,
    escape: Escape,
}

const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

impl Http {
    /// Also tries it with a letter whose values are as awkward as they can be.
    pub fn new(settings: &HttpSettings, allow_private: bool, timeout: Duration) -> anyhow::Result<Http> {
        let method = METHODS.into_iter().find(|method| method.as_str() == settings.method);
        let method = method.context("`method` is GET, POST, PUT, PATCH or DELETE")?;
        let headers = headers(&settings.headers)?;
        let body = settings.body.as_deref().map(|text| body(text, &settings.headers)).transpose()?;
        let shown = settings.url.read()?;
        let http = Http {
            target: Target::new(authority(shown.reveal())?, allow_private, timeout)?,
            method,
            url: Template::new("url", shown.reveal(), Escape::Form)?,
            headers,
            body,
            secret: settings.secret.as_ref().map(Kept::read).transpose()?,
            shown,
        };
        let awkward = "\"}]<&'>\\\n{{ x }}, 1";
        let person = PersonId::new(awkward);
        let mut letter = Letter::test(awkward, DateTime::UNIX_EPOCH, &person, None);
        (letter.to.name, letter.to.email, letter.to.phone) = (Some(awkward), Some(awkward), Some(awkward));
        (letter.subject, letter.text, letter.short) = (awkward.into(), awkward.into(), awkward.to_owned());
        letter.links = Links { acknowledge: Some(awkward.to_owned()), reply: None };
        http.request(&letter).context("tried with a made-up message")?;
        Ok(http)
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    pub(super) async fn send(&self, letter: &Letter<'_>, now: DateTime<Utc>) -> Result<String, Failure> {
        let Request { url, headers, body } =
            self.request(letter).map_err(|error| Failure::lasting(format!("{error:#}")))?;
        let mut request = self.target.request_at(self.method.clone(), url).headers(headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        let secrets: Vec<&Secret> = self.secret.iter().chain([&self.shown]).collect();
        verdict(request.send().await, &secrets, now).await
    }

    fn request(&self, letter: &Letter) -> anyhow::Result<Request> {
        let secret = self.secret.as_ref();
        let url =
            Url::parse(&self.url.render(letter, secret)?).map_err(|_| anyhow::anyhow!("`url` is no URL"))?;
        ensure!(self.target.is_of(&url), "`url` leads to another host than its template");
        let mut headers = HeaderMap::new();
        for (name, template) in &self.headers {
            let mut value = HeaderValue::from_bytes(template.render(letter, secret)?.as_bytes())?;
            value.set_sensitive(true);
            headers.insert(name.clone(), value);
        }
        let Some(body) = &self.body else { return Ok(Request { url, headers, body: None }) };
        let mut text = body.template.render(letter, secret)?;
        if body.escape == Escape::Json {
            let is_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text);
            if is_json(&text).is_err() {
                text = body.template.render_with(Absent::Zero, letter, secret)?;
            }
            is_json(&text).context("`body` is not JSON: write values between quotes, \"{{ subject }}\"")?;
            if !headers.contains_key(CONTENT_TYPE) {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
        }
        Ok(Request { url, headers, body: Some(text) })
    }
}

struct Request {
    url: Url,
    headers: HeaderMap,
    body: Option<String>,
}

/// Scheme and host, which are written out: no message decides who is called.
fn authority(url: &str) -> anyhow::Result<&str> {
    let written = &url[..url.find("{{").or(url.find("{%")).unwrap_or(url.len())];
    let host = written.find("://").and_then(|at| Some((at + 3, written[at + 3..].find('/')?)));
    match (host, written.len() == url.len()) {
        (Some((from, length)), _) => Ok(&url[..from + length]),
        (None, true) => Ok(url),
        (None, false) => {
            bail!("`url`: scheme and host are written out, and `/` after them; templates come later")
        }
    }
}

fn headers(written: &BTreeMap<String, String>) -> anyhow::Result<Vec<(HeaderName, Template)>> {
    let read = |(name, text): (&String, &String)| {
        let place = || format!("headers: {name:?} is no name of a header");
        let name = HeaderName::from_bytes(name.as_bytes()).with_context(place)?;
        Ok((name, Template::new("headers", text, Escape::Header)?))
    };
    written.iter().map(read).collect()
}

/// Values are written as the body's type wants them; without one it is JSON.
fn body(text: &str, headers: &BTreeMap<String, String>) -> anyhow::Result<Body> {
    let kind = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let kind = kind.map_or("application/json", |(_, kind)| kind.split(';').next().unwrap_or(kind).trim());
    let escape = match kind {
        "application/x-www-form-urlencoded" => Escape::Form,
        kind if kind.ends_with("/json") || kind.ends_with("+json") => Escape::Json,
        kind if kind.ends_with("/xml") || kind.ends_with("+xml") || kind == "text/html" => Escape::Xml,
        _ => Escape::None,
    };
    Ok(Body { template: Template::new("body", text, escape)?, escape })
}
