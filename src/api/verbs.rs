//! What people do to a ticket: one address per verb.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::routing::{MethodRouter, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::caller::Caller;
use super::request::{Named, Sent};
use super::ticket_body::Done;
use super::ticket_request::Limits;
use super::tickets::on;
use super::vendor::{AskVendor, Reply};
use super::{ApiError, App, Instant};
use crate::desk::{self, BriefPart, Briefing, PendingOn, Request, TicketId, Verb, Verdict};
use crate::schedule::{PersonId, Skill, TeamId};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/v1/tickets/{id}/acknowledge", verb::<Acknowledge>())
        .route("/v1/tickets/{id}/decline", verb::<Decline>())
        .route("/v1/tickets/{id}/release", verb::<Release>())
        .route("/v1/tickets/{id}/escalate", verb::<Escalate>())
        .route("/v1/tickets/{id}/approve", verb::<Approve>())
        .route("/v1/tickets/{id}/refuse", verb::<Refuse>())
        .route("/v1/tickets/{id}/vendor", verb::<AskVendor>())
        .route("/v1/tickets/{id}/vendor/reply", verb::<Reply>())
        .route("/v1/tickets/{id}/vendor/recall", verb::<Recall>())
        .route("/v1/tickets/{id}/reassign", verb::<Reassign>())
        .route("/v1/tickets/{id}/brief", verb::<Brief>())
        .route("/v1/tickets/{id}/stay", verb::<Stay>())
        .route("/v1/tickets/{id}/note", verb::<Note>())
        .route("/v1/tickets/{id}/update", verb::<Update>())
        .route("/v1/tickets/{id}/subscribe", verb::<Subscribe>())
        .route("/v1/tickets/{id}/unsubscribe", verb::<Unsubscribe>())
        .route("/v1/tickets/{id}/link", verb::<Link>())
        .route("/v1/tickets/{id}/unlink", verb::<Unlink>())
        .route("/v1/tickets/{id}/pend", verb::<Pend>())
        .route("/v1/tickets/{id}/resume", verb::<Resume>())
        .route("/v1/tickets/{id}/resolve", verb::<Resolve>())
        .route("/v1/tickets/{id}/close", verb::<Close>())
        .route("/v1/tickets/{id}/reopen", verb::<Reopen>())
        .route("/v1/tickets/{id}/feedback", verb::<Feedback>())
        .route("/v1/tickets/{id}/verdict", verb::<Judge>())
}

/// A body that says what to do to the ticket in the path.
pub(super) trait Asks: DeserializeOwned + Send + 'static {
    /// Everything a person may have written at length, by field.
    fn texts(&self) -> Vec<(&'static str, &str)> {
        Vec::new()
    }

    fn verb(self) -> Result<Verb, ApiError>;
}

fn verb<T: Asks>() -> MethodRouter<App> {
    post(take::<T>)
}

async fn take<T: Asks>(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<i64>,
    sent: Sent<T>,
) -> Result<Json<Done>, ApiError> {
    let mut limits = Limits::default();
    for (field, text) in sent.body.texts() {
        limits.text(field, Some(text), TEXT_MAX);
    }
    limits.done()?;
    on(&app, &caller, TicketId(id), sent.body.verb()?, sent.key).await
}

pub(super) const TEXT_MAX: usize = 20_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Acknowledge {}

impl Asks for Acknowledge {
    fn verb(self) -> Result<Verb, ApiError> {
        Ok(Verb::Acknowledge)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approve {}

impl Asks for Approve {
    fn verb(self) -> Result<Verb, ApiError> {
        Ok(Verb::Approve)
    }
}

/// Verbs whose whole body is a reason.
macro_rules! with_reason {
    ($($name:ident),*) => {$(
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            #[serde(default)]
            reason: String,
        }

        impl Asks for $name {
            fn texts(&self) -> Vec<(&'static str, &str)> {
                vec![("reason", &self.reason)]
            }

            fn verb(self) -> Result<Verb, ApiError> {
                Ok(Verb::$name { reason: self.reason })
            }
        }
    )*};
}

with_reason!(Decline, Release, Refuse, Resume, Close, Reopen, Recall);

/// With a team, skills or `functional`: to others; without: to the next step.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Escalate {
    #[serde(default)]
    reason: String,
    kind: Option<EscalateKind>,
    team: Option<TeamId>,
    #[serde(default)]
    skills: BTreeSet<Skill>,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    steps_taken: String,
    #[serde(default)]
    impact: String,
    #[serde(default)]
    help_wanted: String,
    #[serde(default)]
    time_limit: String,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum EscalateKind {
    Hierarchical,
    Functional,
}

impl Asks for Escalate {
    fn texts(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("reason", &self.reason),
            ("summary", &self.summary),
            ("steps_taken", &self.steps_taken),
            ("impact", &self.impact),
            ("help_wanted", &self.help_wanted),
            ("time_limit", &self.time_limit),
        ]
    }

    fn verb(self) -> Result<Verb, ApiError> {
        let Escalate { reason, kind, team, skills, .. } = self;
        let request = Box::new(Request {
            summary: self.summary,
            steps_taken: self.steps_taken,
            impact: self.impact,
            help_wanted: self.help_wanted,
            time_limit: self.time_limit,
            by: None,
        });
        let names_others = team.is_some() || !skills.is_empty();
        match kind {
            Some(EscalateKind::Hierarchical) if names_others => {
                Err(ApiError::invalid("kind", "`team` and `skills` belong to a functional escalation"))
            }
            Some(EscalateKind::Functional) => Ok(Verb::EscalateFunctional { reason, request, team, skills }),
            None if names_others => Ok(Verb::EscalateFunctional { reason, request, team, skills }),
            None | Some(EscalateKind::Hierarchical) => Ok(Verb::EscalateHierarchical { reason, request }),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reassign {
    #[serde(default)]
    reason: String,
    team: Option<TeamId>,
    person: Option<PersonId>,
}

impl Asks for Reassign {
    fn texts(&self) -> Vec<(&'static str, &str)> {
        vec![("reason", &self.reason)]
    }

    fn verb(self) -> Result<Verb, ApiError> {
        Ok(Verb::Reassign { reason: self.reason, team: self.team, person: self.person })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Brief {
    summary: String,
    #[serde(default)]
    done_so_far: String,
    #[serde(default)]
    next_action: String,
    #[serde(default)]
    waiting_on: String,
    #[serde(default)]
    customer_mood: String,
}

impl Asks for Brief {
    fn texts(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("summary", &self.summary),
            ("done_so_far", &self.done_so_far),
            ("next_action", &self.next_action),
            ("waiting_on", &self.waiting_on),
            ("customer_mood", &self.customer_mood),
        ]
    }

    fn verb(self) -> Result<Verb, ApiError> {
        Ok(Verb::Brief(Briefing {
            summary: self.summary,
            done_so_far: self.done_so_far,
            next_action: self.next_action,
            waiting_on: self.waiting_on,
            customer_mood: self.customer_mood,
            composed: false,
        }))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stay {
    until: Instant,
}

impl Asks for Stay {
    fn verb(self) -> Result<Verb, ApiError> {
        Ok(Verb::Stay { until: self.until.0 })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
    #[serde(default)]
    progress: bool,
}

impl Asks for Note {
    fn texts(&self) -> Vec<(&'static str, &str)> {
        vec![("text", &self.text)]
    }

    fn verb(self) -> Result<Verb, ApiError> {
        Ok(Verb::Note { text: self.text, progress: self.progress })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Update {
    status: String,
    done_so_far: Option<String>,
    next_action: Option<String>,
    expected_resolution: Option<Instant>,
}

impl Asks for Update {
    fn texts(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("status", &self.status),
            ("done_so_far", self.done_so_far.as_deref().unwrap_or_default()),
            ("next_action", self.next_action.as_deref().unwrap_or_default()),
        ]
    }

    fn verb(self) -> Result<Verb, ApiError> {
        Ok(Verb::Update(desk::Update {
            status: self.status,
            done_so_far: self.done_so_far,
            next_action: self.next_action,
            expected_resolution: self.expected_resolution.map(|expected| expected.0),
        }))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    to: i64,
}

impl Asks for Link {
    fn verb(self) -> Result<Verb, ApiError> {
        Ok(Verb::Link { to: TicketId(self.to) })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unlink {}

impl Asks for Unlink {
    fn verb(self) -> Result<Verb, ApiError> {
        Ok(Verb::Unlink)
    }
}

/// Verbs that name a person; absent: whoever asks.
macro_rules! of_person {
    ($($name:ident),*) => {$(
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            person: Option<PersonId>,
        }

        impl Asks for $name {
            fn verb(self) -> Result<Verb, ApiError> {
                Ok(Verb::$name { person: self.person })
            }
        }
    )*};
}

of_person!(Subscribe, Unsubscribe);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pend {
    on: PendingOn,
    until: Option<Instant>,
    #[serde(default)]
    reason: String,
}

impl Asks for Pend {
    fn texts(&self) -> Vec<(&'static str, &str)> {
        vec![("reason", &self.reason)]
    }

    fn verb(self) -> Result<Verb, ApiError> {
        Ok(Verb::Pend { on: self.on, until: self.until.map(|until| until.0), reason: self.reason })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resolve {
    #[serde(default)]
    notes: String,
    cause: Option<String>,
}

impl Asks for Resolve {
    fn texts(&self) -> Vec<(&'static str, &str)> {
        vec![("notes", &self.notes), ("cause", self.cause.as_deref().unwrap_or_default())]
    }

    fn verb(self) -> Result<Verb, ApiError> {
        Ok(Verb::Resolve { notes: self.notes, cause: self.cause })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Feedback {
    score: i64,
    #[serde(default)]
    text: String,
}

impl Asks for Feedback {
    fn texts(&self) -> Vec<(&'static str, &str)> {
        vec![("text", &self.text)]
    }

    fn verb(self) -> Result<Verb, ApiError> {
        // The desk knows which scores there are; what it cannot even be told is not among them.
        let score = u8::try_from(self.score).unwrap_or(u8::MAX);
        Ok(Verb::Feedback { score, text: self.text })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Judge {
    good: bool,
    #[serde(default)]
    missing: BTreeSet<BriefPart>,
    #[serde(default)]
    note: String,
}

impl Asks for Judge {
    fn texts(&self) -> Vec<(&'static str, &str)> {
        vec![("note", &self.note)]
    }

    fn verb(self) -> Result<Verb, ApiError> {
        Ok(Verb::Judge(Verdict { good: self.good, missing: self.missing, note: self.note }))
    }
}
