//! Templates of requests: what a letter says is put in place so that it stays a value, wherever it is put.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use serde::Serialize;

use super::Letter;
use super::escape::{form, header, json, xml};
use crate::settings::Secret;

/// How values are written: by what they are put into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// As they are.
    None,
    /// In a path, a query or a form.
    Form,
    /// Between the quotes of a JSON string.
    Json,
    Xml,
    Header,
}

/// A text with values to come.
#[derive(Clone)]
pub struct Template {
    environment: Arc<Environment<'static>>,
}

/// Steps: a thousand times what a request takes, and yet an end.
const FUEL: u64 = 200_000;

/// What a template has in place of a number that there is not.
#[derive(Clone, Copy)]
pub enum Absent {
    Empty,
    /// Where a number stands without quotes, and nothing would be no JSON.
    Zero,
}

/// What templates can name.
#[derive(Serialize)]
struct Names<'a> {
    id: &'a str,
    kind: &'a str,
    /// As [`Absent`] says where the message is of none.
    ticket: Value,
    priority: String,
    subject: &'a str,
    text: &'a str,
    short: &'a str,
    /// Empty where there is none, as the next.
    acknowledge_url: &'a str,
    expires_at: String,
    at: String,
    person: Person<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

#[derive(Serialize)]
struct Person<'a> {
    id: &'a str,
    name: &'a str,
    /// What they do not have is not sent as nothing: the template cannot be filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
}

impl Template {
    /// `name` stands in errors. The text may be a secret, and is not shown.
    pub fn new(name: &'static str, text: &str, escape: Escape) -> anyhow::Result<Template> {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_fuel(Some(FUEL));
        environment.add_filter("default", minijinja::filters::default);
        environment.add_test("defined", minijinja::tests::is_defined);
        environment.add_filter("upper", minijinja::filters::upper);
        environment.add_filter("lower", minijinja::filters::lower);
        environment.add_filter("truncate", truncate);
        environment.set_formatter(move |out, _, value| {
            let text = if value.is_none() { String::new() } else { value.to_string() };
            let text = match escape {
                Escape::None => text,
                Escape::Form => form(&text),
                Escape::Json => json(&text),
                Escape::Xml => xml(&text),
                Escape::Header => header(&text),
            };
            Ok(out.write_str(&text)?)
        });
        environment.add_template_owned(name, text.to_owned()).map_err(|error| said(name, &error))?;
        Ok(Template { environment: Arc::new(environment) })
    }

    pub fn render(&self, letter: &Letter, secret: Option<&Secret>) -> anyhow::Result<String> {
        self.render_with(Absent::Empty, letter, secret)
    }

    pub fn render_with(
        &self,
        absent: Absent,
        letter: &Letter,
        secret: Option<&Secret>,
    ) -> anyhow::Result<String> {
        let about = letter.about;
        let instant =
            |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let names = Names {
            id: letter.id,
            kind: letter.kind(),
            ticket: match (about, absent) {
                (Some(about), _) => about.ticket.0.into(),
                (None, Absent::Empty) => "".into(),
                (None, Absent::Zero) => 0.into(),
            },
            priority: about
                .and_then(|about| about.priority)
                .map(|priority| priority.to_string())
                .unwrap_or_default(),
            subject: &letter.subject,
            text: &letter.text,
            short: &letter.short,
            acknowledge_url: letter.links.acknowledge.as_deref().unwrap_or_default(),
            expires_at: about.and_then(|about| about.expires_at).map(instant).unwrap_or_default(),
            at: instant(letter.at),
            person: Person {
                id: letter.to.id.as_str(),
                name: letter.to.name.unwrap_or(letter.to.id.as_str()),
                email: letter.to.email,
                phone: letter.to.phone,
            },
            secret: secret.map(Secret::reveal),
        };
        let (name, template) = self.environment.templates().next().context("a template has one text")?;
        template.render(Value::from(Serde(names))).map_err(|error| said(name, &error))
    }
}

fn truncate(text: &str, most: usize) -> String {
    super::letter::cut(text, most).into_owned()
}

/// Without the text around the place, which may hold a secret.
fn said(name: &str, error: &minijinja::Error) -> anyhow::Error {
    let detail = match (error.kind(), error.detail()) {
        (ErrorKind::UndefinedError, _) => {
            ": is it misspelt, or has this person no e-mail address or phone number?".to_owned()
        }
        (_, detail) => detail.map(|detail| format!(": {detail}")).unwrap_or_default(),
    };
    let line = error.line().map(|line| format!(", line {line}")).unwrap_or_default();
    anyhow!("`{name}`{line}: {}{detail}", error.kind())
}
