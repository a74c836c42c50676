//! What whoever sends a ticket on tells those who are to take it, or to help. Parts that nobody wrote are empty.

use serde::{Deserialize, Serialize};

use super::Refusal;
use super::case::Case;
use crate::schedule::{PersonId, RequestPart};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// What it is about, in a few sentences.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub summary: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub steps_taken: String,
    /// Who cannot work because of it, and what that costs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub impact: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help_wanted: String,
    /// By when, and what happens then.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub time_limit: String,
    /// Who sent it on; the desk knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

impl Request {
    /// Each part with its name.
    pub fn parts(&self) -> [(RequestPart, &str); 5] {
        [
            (RequestPart::Summary, &self.summary),
            (RequestPart::StepsTaken, &self.steps_taken),
            (RequestPart::Impact, &self.impact),
            (RequestPart::HelpWanted, &self.help_wanted),
            (RequestPart::TimeLimit, &self.time_limit),
        ]
    }

    /// With the same words in every part, as somebody writes who says what they are asked to.
    pub fn of_everything(words: &str) -> Request {
        let words = || words.to_owned();
        Request {
            summary: words(),
            steps_taken: words(),
            impact: words(),
            help_wanted: words(),
            time_limit: words(),
            by: None,
        }
    }

    /// Nothing is known of it, not even who made it.
    pub fn is_empty(&self) -> bool {
        self.says_nothing() && self.by.is_none()
    }

    pub fn says_nothing(&self) -> bool {
        self.parts().iter().all(|(_, text)| text.is_empty())
    }
}

impl Case<'_> {
    /// Whether it has what the ticket's policy asks for at its priority; the refusal names all that is missing.
    pub fn must_carry(&self, request: &Request) -> Result<(), Refusal> {
        let priority = self.ticket.priority;
        let asked = self.policy().and_then(|policy| policy.requires.get(&priority)).into_iter().flatten();
        let facts = &self.ticket.facts;
        let written = |part: RequestPart| match part {
            RequestPart::Customer => facts.customer.is_some() || facts.customer_details.is_some(),
            _ => request.parts().iter().any(|(named, text)| *named == part && !text.trim().is_empty()),
        };
        let missing: Vec<RequestPart> = asked.copied().filter(|part| !written(*part)).collect();
        let Some(first) = missing.first() else { return Ok(()) };
        let names: Vec<String> = missing.iter().map(|part| format!("`{}`", part.as_str())).collect();
        let policy = &self.ticket.path.policy;
        let message = format!("the policy {policy} asks for {} with a {priority} ticket", names.join(", "));
        Err(Refusal::Invalid { field: first.as_str(), message })
    }
}
