//! What is said about a ticket, as flags.

use clap::Args;
use serde_json::{Map, Value, json};

use crate::schedule::{Audience, Priority};

#[derive(Args)]
pub struct FactsArgs {
    /// P1 (worst) to P5
    #[arg(long)]
    priority: Option<Priority>,
    /// With --urgency in place of --priority
    #[arg(long, value_parser = ["high", "medium", "low"])]
    impact: Option<String>,
    #[arg(long, value_parser = ["high", "medium", "low"])]
    urgency: Option<String>,
    #[arg(long)]
    description: Option<String>,
    #[arg(long)]
    category: Option<String>,
    /// A customer's id
    #[arg(long)]
    customer: Option<String>,
    /// A service's id
    #[arg(long)]
    service: Option<String>,
    /// A language tag: `fr`, `pt-BR`
    #[arg(long)]
    language: Option<String>,
    /// The customer's region
    #[arg(long)]
    region: Option<String>,
    /// Needed; may be repeated
    #[arg(long = "skill", value_name = "SKILL")]
    skills: Vec<String>,
    /// `security`, `data-loss` ...; may be repeated
    #[arg(long)]
    risk: Vec<String>,
    /// Only people of a region with this residency may see it
    #[arg(long)]
    residency: Option<String>,
    /// The medium: `email`, `phone`
    #[arg(long)]
    via: Option<String>,
    /// The same key is the same ticket as long as that is live
    #[arg(long)]
    dedup_key: Option<String>,
    /// Its name in another system
    #[arg(long)]
    external_ref: Option<String>,
    /// Of our own people, and no customer's
    #[arg(long)]
    internal: bool,
    /// NAME=VALUE; may be repeated
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = label)]
    labels: Vec<(String, String)>,
}

fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a label is NAME=VALUE".to_owned()),
    }
}

impl FactsArgs {
    /// The body of a request to open such a ticket.
    pub fn body(self, title: Option<String>) -> Value {
        let words = [
            ("title", title),
            ("description", self.description),
            ("priority", self.priority.map(|priority| priority.to_string())),
            ("impact", self.impact),
            ("urgency", self.urgency),
            ("category", self.category),
            ("customer", self.customer),
            ("service", self.service),
            ("language", self.language),
            ("region", self.region),
            ("residency", self.residency),
            ("via", self.via),
            ("dedup_key", self.dedup_key),
            ("external_ref", self.external_ref),
            ("audience", self.internal.then(|| Audience::Internal.as_str().to_owned())),
        ];
        let mut body = only_given(words);
        let lists = [("skills", self.skills), ("risk", self.risk)];
        body.extend(
            lists.into_iter().filter(|(_, l)| !l.is_empty()).map(|(name, l)| (name.to_owned(), json!(l))),
        );
        if !self.labels.is_empty() {
            body.insert("labels".to_owned(), self.labels.into_iter().collect());
        }
        Value::Object(body)
    }
}

/// An object of the values that are there.
pub fn only_given<'a>(values: impl IntoIterator<Item = (&'a str, Option<String>)>) -> Map<String, Value> {
    values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?)))).collect()
}
