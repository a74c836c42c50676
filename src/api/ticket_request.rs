//! What a caller says about a ticket, held against the limits of its fields. What it means is the desk's business.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use oxilangtag::LanguageTag;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::ApiError;
use super::error::FieldError;
use crate::desk::{Facts, Patch, is_blank};
use crate::schedule::{
    Audience, Customer, CustomerId, Language, Level, Priority, RegionId, Residency, ServiceId, Skill,
};

/// Of `POST /v1/tickets` and `POST /v1/explain`; with everything optional, of `PATCH /v1/tickets/{id}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TicketRequest {
    title: Option<String>,
    description: Option<String>,
    priority: Option<Priority>,
    impact: Option<Level>,
    urgency: Option<Level>,
    category: Option<String>,
    customer: Option<CustomerRequest>,
    service: Option<ServiceId>,
    language: Option<Tag>,
    region: Option<RegionId>,
    skills: Option<BTreeSet<Skill>>,
    risk: Option<BTreeSet<String>>,
    residency: Option<Residency>,
    via: Option<String>,
    dedup_key: Option<String>,
    external_ref: Option<String>,
    audience: Option<Audience>,
    labels: Option<BTreeMap<String, String>>,
}

/// An id that the files know, or an object.
enum CustomerRequest {
    Id(CustomerId),
    Details(Customer),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomerObject {
    name: String,
    class: Option<String>,
    language: Option<Tag>,
    region: Option<RegionId>,
    residency: Option<Residency>,
}

/// A well-formed language tag, in its canonical case.
struct Tag(Language);

const TITLE_MAX: usize = 300;
const DESCRIPTION_MAX: usize = 20_000;
/// Of every other field.
const WORD_MAX: usize = 200;
const LABELS_MAX: usize = 50;
const LIST_MAX: usize = 50;

impl TicketRequest {
    /// A new ticket, which has a title.
    pub fn facts(self) -> Result<Facts, ApiError> {
        if self.title.is_none() {
            return Err(ApiError::invalid("title", "is needed"));
        }
        self.facts_with_title("")
    }

    /// For a question about a ticket that nobody opens.
    pub fn facts_with_title(self, default_title: &str) -> Result<Facts, ApiError> {
        self.check()?;
        let (customer, customer_details) = split(self.customer);
        Ok(Facts {
            title: self.title.unwrap_or_else(|| default_title.to_owned()),
            description: self.description,
            priority: self.priority,
            impact: self.impact,
            urgency: self.urgency,
            category: self.category,
            customer,
            customer_details,
            service: self.service,
            language: self.language.map(|tag| tag.0),
            region: self.region,
            skills: self.skills.unwrap_or_default(),
            risk: self.risk.unwrap_or_default(),
            residency: self.residency,
            via: self.via,
            dedup_key: self.dedup_key,
            external_ref: self.external_ref,
            audience: self.audience.unwrap_or_default(),
            labels: self.labels.unwrap_or_default(),
        })
    }

    pub fn patch(self) -> Result<Patch, ApiError> {
        self.check()?;
        let fixed = [
            ("impact", self.impact.is_some()),
            ("urgency", self.urgency.is_some()),
            ("via", self.via.is_some()),
            ("dedup_key", self.dedup_key.is_some()),
        ];
        if let Some((field, _)) = fixed.into_iter().find(|(_, given)| *given) {
            return Err(ApiError::invalid(field, "cannot be changed once the ticket is open"));
        }
        let (customer, customer_details) = split(self.customer);
        Ok(Patch {
            title: self.title,
            description: self.description,
            priority: self.priority,
            category: self.category,
            customer,
            customer_details,
            service: self.service,
            language: self.language.map(|tag| tag.0),
            region: self.region,
            skills: self.skills,
            risk: self.risk,
            residency: self.residency,
            external_ref: self.external_ref,
            audience: self.audience,
            labels: self.labels,
        })
    }

    /// Everything that is too long, at once.
    fn check(&self) -> Result<(), ApiError> {
        let mut limits = Limits::default();
        limits.length("title", self.title.as_deref(), TITLE_MAX);
        match self.title.as_deref() {
            Some(title) if is_blank(title) => {
                limits.blame("title", "must say in a line what is wrong".to_owned());
            }
            title => limits.one_line("title", title),
        }
        limits.text("description", self.description.as_deref(), DESCRIPTION_MAX);
        let words = [
            ("category", self.category.as_deref()),
            ("service", self.service.as_ref().map(|s| s.as_str())),
            ("region", self.region.as_ref().map(|r| r.as_str())),
            ("residency", self.residency.as_ref().map(|r| r.as_str())),
            ("via", self.via.as_deref()),
            ("dedup_key", self.dedup_key.as_deref()),
            ("external_ref", self.external_ref.as_deref()),
        ];
        for (field, text) in words {
            limits.word(field, text);
        }
        let skills: Vec<&str> = self.skills.iter().flatten().map(|skill| skill.as_str()).collect();
        limits.list("skills", &skills, LIST_MAX);
        let risk: Vec<&str> = self.risk.iter().flatten().map(String::as_str).collect();
        limits.list("risk", &risk, LIST_MAX);
        let labels: Vec<&str> =
            self.labels.iter().flatten().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect();
        limits.list("labels", &labels, 2 * LABELS_MAX);
        match &self.customer {
            Some(CustomerRequest::Id(id)) => limits.word("customer", Some(id.as_str())),
            Some(CustomerRequest::Details(customer)) => {
                limits.word("customer.name", Some(&customer.name));
                limits.word("customer.class", customer.class.as_deref());
            }
            None => (),
        }
        limits.done()
    }
}

const ONE_LINE: &str =
    "must be one line of text, without control characters or marks that turn its direction";

/// Shown in lists, logs and messages as it is: it neither breaks a line nor turns the text around it.
fn is_one_line(text: &str) -> bool {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    !text.chars().any(|c| breaks(c) || turns(c))
}

/// Marks that turn the direction of what follows (Unicode UAX 9): words that are not what they seem.
fn turns(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn split(customer: Option<CustomerRequest>) -> (Option<CustomerId>, Option<Customer>) {
    match customer {
        Some(CustomerRequest::Id(id)) => (Some(id), None),
        Some(CustomerRequest::Details(details)) => (None, Some(details)),
        None => (None, None),
    }
}

/// Collects what is too long.
#[derive(Default)]
pub(super) struct Limits {
    errors: Vec<FieldError>,
}

impl Limits {
    pub fn text(&mut self, field: &str, text: Option<&str>, max: usize) {
        self.length(field, text, max);
        // Line breaks and tabs are text; the rest of the control characters are an accident or an attack.
        let controls = |text: &str| {
            let text = text.replace("\r\n", "\n");
            text.chars().any(|c| (c.is_control() && !matches!(c, '\n' | '\t')) || turns(c))
        };
        if text.is_some_and(controls) {
            let said = "has control characters or marks that turn its direction";
            self.blame(field, said.to_owned());
        }
    }

    fn one_line(&mut self, field: &str, text: Option<&str>) {
        if text.is_some_and(|text| !is_one_line(text)) {
            self.blame(field, ONE_LINE.to_owned());
        }
    }

    fn length(&mut self, field: &str, text: Option<&str>, max: usize) {
        let length = text.map_or(0, |text| text.chars().count());
        if length > max {
            self.blame(field, format!("has {length} characters; {max} are the most"));
        }
    }

    /// Where it is there, it says something.
    pub fn word(&mut self, field: &str, word: Option<&str>) {
        self.length(field, word, WORD_MAX);
        self.one_line(field, word);
        if word.is_some_and(is_blank) {
            self.blame(field, "must not be empty; leave it away where there is nothing to say".to_owned());
        }
    }

    fn list(&mut self, field: &str, items: &[&str], max: usize) {
        if items.len() > max {
            self.blame(field, "has too many entries; 50 are the most".to_owned());
        }
        for item in items.iter().take(max) {
            self.length(field, Some(item), WORD_MAX);
            self.one_line(field, Some(item));
        }
    }

    fn blame(&mut self, field: &str, detail: String) {
        self.errors.push(FieldError { field: field.to_owned(), detail });
    }

    pub fn done(self) -> Result<(), ApiError> {
        if self.errors.is_empty() { Ok(()) } else { Err(ApiError::all_invalid(self.errors)) }
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Tag, D::Error> {
        let text = String::deserialize(from)?;
        let tag = LanguageTag::parse_and_normalize(&text).map_err(|error| {
            D::Error::custom(format!("{text:?} is not a language tag like `pt-BR`: {error}"))
        })?;
        Ok(Tag(Language::new(tag.as_str())))
    }
}

impl<'de> Deserialize<'de> for CustomerRequest {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<CustomerRequest, D::Error> {
        struct IdOrObject;

        impl<'de> Visitor<'de> for IdOrObject {
            type Value = CustomerRequest;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a customer's id or an object with `name`")
            }

            fn visit_str<E: Error>(self, id: &str) -> Result<CustomerRequest, E> {
                Ok(CustomerRequest::Id(CustomerId::new(id)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<CustomerRequest, A::Error> {
                let object = CustomerObject::deserialize(MapAccessDeserializer::new(map))?;
                Ok(CustomerRequest::Details(Customer {
                    name: object.name,
                    class: object.class,
                    language: object.language.map(|tag| tag.0),
                    region: object.region,
                    residency: object.residency,
                    sla: None,
                }))
            }
        }

        from.deserialize_any(IdOrObject)
    }
}
