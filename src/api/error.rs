//! Problems as RFC 9457 has them, and the one place where status codes are chosen.
//!
//! 400: the request cannot be read as what it claims to be. 422: it can, but a field or a value is not acceptable;
//! `field` names the first such field, `errors` all of them.

use std::any::Any;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use tracing::error;

use crate::desk::Refusal;
use crate::engine::EngineError;

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct ApiError {
    status: StatusCode,
    /// Stable, for programs: the last part of `type`.
    kind: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    retry_after_seconds: Option<u32>,
    allow: Option<String>,
    /// Members of the problem beside the usual ones.
    more: Option<Box<Map<String, Value>>>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct FieldError {
    pub field: String,
    pub detail: String,
}

#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(flatten)]
    more: Option<&'a Map<String, Value>>,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> ApiError {
        ApiError {
            status,
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_seconds: None,
            allow: None,
            more: None,
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// With everything that `body`, an object, says.
    pub(super) fn with<T: Serialize>(mut self, body: &T) -> Result<ApiError, ApiError> {
        let body = serde_json::to_value(body).map_err(anyhow::Error::from)?;
        self.more = body.as_object().cloned().map(Box::new);
        Ok(self)
    }

    pub(super) fn not_found(detail: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    pub(super) fn gone(detail: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::GONE, "gone", detail)
    }

    pub(super) fn conflict(detail: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::CONFLICT, "conflict", detail)
    }

    pub(super) fn forbidden(detail: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    pub(super) fn unreadable(detail: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, "unreadable", detail)
    }

    /// One field is to blame.
    pub(super) fn invalid(field: impl Into<String>, detail: impl Into<String>) -> ApiError {
        ApiError::all_invalid(vec![FieldError { field: field.into(), detail: detail.into() }])
    }

    /// At least one.
    pub(super) fn all_invalid(errors: Vec<FieldError>) -> ApiError {
        let said: Vec<String> = errors.iter().map(|e| format!("{}: {}", e.field, e.detail)).collect();
        let mut error = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", said.join("; "));
        error.errors = errors;
        error
    }

    /// Which field is to blame for what; of the request as a whole under an empty name.
    pub(super) fn fields(self) -> Vec<(String, String)> {
        if self.errors.is_empty() {
            return vec![(String::new(), self.detail)];
        }
        self.errors.into_iter().map(|error| (error.field, error.detail)).collect()
    }

    pub(super) fn method_not_allowed(allow: String) -> ApiError {
        let detail = format!("this address takes {allow}");
        let mut error = ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail);
        error.allow = Some(allow);
        error
    }

    pub(super) fn too_many(detail: impl Into<String>, retry_after_seconds: u32) -> ApiError {
        let mut error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too-many", detail);
        error.retry_after_seconds = Some(retry_after_seconds);
        error
    }

    pub(super) fn unavailable(detail: impl Into<String>, retry_after_seconds: u32) -> ApiError {
        let mut error = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail);
        error.retry_after_seconds = Some(retry_after_seconds);
        error
    }
}

impl ApiError {
    /// Of a change of tickets, leave or overrides.
    fn database_unavailable() -> ApiError {
        ApiError::database_away(
            "the database cannot be reached, or cannot be written to; whether a change was made is not known: \
             send it again, with the same Idempotency-Key",
        )
    }

    fn database_away(detail: &str) -> ApiError {
        let mut error = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "database-unavailable", detail);
        error.retry_after_seconds = Some(5);
        error
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> ApiError {
        let said = refusal.to_string();
        match refusal {
            Refusal::UnknownTicket { .. } | Refusal::UnknownHandoff { .. } => ApiError::not_found(said),
            Refusal::Invalid { field, message } => ApiError::invalid(field, message),
            Refusal::NeedsPerson => ApiError::new(StatusCode::FORBIDDEN, "needs-person", said),
            Refusal::Residency { .. } => ApiError::forbidden(said),
            Refusal::WrongState { .. }
            | Refusal::NotOffered { .. }
            | Refusal::NotHolder { .. }
            | Refusal::Nowhere { .. } => ApiError::conflict(said),
        }
    }
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> ApiError {
        let said = error.to_string();
        match error {
            EngineError::Refused(refusal) => refusal.into(),
            EngineError::KeyReused => ApiError::invalid("Idempotency-Key", said),
            EngineError::Invalid(errors) => {
                // Without a field, the body as a whole is to blame.
                let named = |field: String| if field.is_empty() { "body".to_owned() } else { field };
                let errors = errors.into_iter();
                ApiError::all_invalid(
                    errors.map(|(field, detail)| FieldError { field: named(field), detail }).collect(),
                )
            }
            EngineError::NotFound { .. } => ApiError::not_found(said),
            EngineError::Overloaded => ApiError::unavailable(said, 1),
            EngineError::TooManyOfOne => ApiError::too_many(said, 1),
            EngineError::Stopping => ApiError::unavailable(said, 5),
            EngineError::Unavailable(_) => ApiError::database_unavailable(),
            EngineError::Fault(fault) => fault.into(),
        }
    }
}

/// A fault of ours: logged here with everything, told without it.
impl From<anyhow::Error> for ApiError {
    fn from(fault: anyhow::Error) -> ApiError {
        error!(error = format!("{fault:#}"), "a request failed");
        if crate::store::unavailable(&fault) {
            return ApiError::database_away(
                "the database cannot be reached, or cannot be written to: ask again in a few seconds",
            );
        }
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "fault",
            "the daemon could not do it; its log says why",
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = Problem {
            kind: format!("urn:meridian:problem:{}", self.kind),
            title: self.status.canonical_reason().unwrap_or("Problem"),
            status: self.status.as_u16(),
            detail: &self.detail,
            field: self.errors.first().map(|error| error.field.as_str()),
            errors: &self.errors,
            more: self.more.as_deref(),
        };
        let mut response = (self.status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"meridian\""));
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(allow) = self.allow.and_then(|allow| HeaderValue::try_from(allow).ok()) {
            headers.insert(header::ALLOW, allow);
        }
        response
    }
}

pub(super) async fn no_such_route(uri: Uri) -> ApiError {
    ApiError::not_found(format!("there is nothing at {}", uri.path()))
}

pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a word");
    ApiError::from(anyhow::anyhow!("a handler panicked: {said}")).into_response()
}
