//! What comes in: JSON bodies, queries and paths, with every mistake said in our own words.

use std::fmt::Display;
use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::{DeserializeOwned, IgnoredAny};
use sha2::{Digest, Sha256};

use super::caller::Caller;
use super::sign_in::hex;
use super::words::in_our_words;
use super::{ANSWER_WITHIN, ApiError, reports};
use crate::engine::IdempotencyKey;

/// A body, and the key that makes repeating it harmless.
pub(super) struct Sent<T> {
    pub body: T,
    pub key: Option<IdempotencyKey>,
}

/// The query, with unknown parameters refused.
pub(super) struct Query<T>(pub T);

/// A number or name in the path.
pub(super) struct Named<T>(pub T);

pub(super) const KEY: &str = "idempotency-key";
const KEY_MAX: usize = 255;

/// What takes parameters; each refuses those it does not know.
const TAKES_A_QUERY: &[(&str, &str)] = &[
    ("GET", "/v1/tickets"),
    ("GET", "/v1/tickets/{id}/report"),
    ("GET", "/v1/handoffs"),
    ("GET", "/v1/notices"),
    // Programs of mail add theirs to any link; it is passed over.
    ("GET", "/a/{token}"),
    ("POST", "/a/{token}"),
    ("GET", "/v/{token}"),
    ("POST", "/v/{token}"),
    ("GET", "/v1/on-duty"),
    ("GET", "/v1/coverage"),
    ("GET", "/v1/reports/{name}"),
    ("GET", "/v1/shifts"),
    ("GET", "/v1/audit"),
    ("POST", "/v1/schedules/reload"),
];

/// Writes that do not remember their answers, and why that is no loss. Every other write takes an
/// `Idempotency-Key`; to a question it makes no difference.
const TAKES_NO_KEY: &[(&str, &str, &str)] = &[
    (
        "POST",
        "/v1/tokens",
        "a token's text is shown once: where it was lost, revoke the token and make another",
    ),
    ("POST", "/a/{token}", "the link itself is used once"),
    ("POST", "/v/{token}", "the same answer twice is one answer"),
    ("POST", "/v1/notices/{id}/resend", "a notice that is on its way is not sent once more"),
    ("POST", "/v1/schedules/reload", "a repeated reload finds nothing new"),
    ("POST", "/v1/forget", "done again, it finds what is left"),
    ("POST", "/v1/forget/call-off", "what is called off already is a 404"),
    ("DELETE", "/v1/tokens/{name}", GONE),
    ("DELETE", "/v1/leave/{id}", GONE),
    ("DELETE", "/v1/overrides/{id}", GONE),
];

const GONE: &str = "a repeated DELETE does no harm: what is gone already is a 404";

/// What a route does not take is refused and not passed over: its sender counts on it.
pub(super) fn takes(route: &str, request: &Request) -> Result<(), ApiError> {
    let method = request.method();
    let as_asked = if method == Method::HEAD { "GET" } else { method.as_str() };
    if !TAKES_A_QUERY.contains(&(as_asked, route))
        && let Ok(given) = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(request.uri())
        && let Some((name, _)) = given.first()
    {
        return Err(ApiError::invalid(name, "there is no such parameter; this address takes none"));
    }
    let not_here = TAKES_NO_KEY.iter().find(|(takes, path, _)| method == takes && *path == route);
    match not_here {
        Some((_, _, why)) if request.headers().contains_key(KEY) => {
            Err(ApiError::invalid("Idempotency-Key", format!("not on this route: {why}")))
        }
        _ => Ok(()),
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Sent<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Sent<T>, ApiError> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, state).await?;
        let given_key = key(&parts.headers)?;
        let json = says_json(&parts.headers);
        let route = format!("{} {}", parts.method, parts.uri.path());
        let bytes = read_body(Request::from_parts(parts, body)).await?;
        if !bytes.is_empty() && !json {
            let said = "send the body as `Content-Type: application/json`";
            return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", said));
        }
        let key = given_key.map(|given| IdempotencyKey {
            key: format!("{}:{given}", caller.keys()),
            fingerprint: fingerprint(&route, &bytes),
        });
        // A verb without anything to say may leave the body away.
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        Ok(Sent { body: read_json(text)?, key })
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(KEY) else { return Ok(None) };
    match value.to_str() {
        Ok(text) if (1..=KEY_MAX).contains(&text.len()) => Ok(Some(text.to_owned())),
        _ => Err(ApiError::invalid("Idempotency-Key", format!("1 to {KEY_MAX} visible ASCII characters"))),
    }
}

fn fingerprint(route: &str, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(route);
    hash.update([0]);
    hash.update(body);
    hex(&hash.finalize())
}

fn says_json(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = given.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// At most as long as the layer around all routes lets it be.
pub(super) async fn read_body(request: Request) -> Result<Bytes, ApiError> {
    let read = Bytes::from_request(request, &()).await;
    read.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            format!("a body has at most {} KiB", super::BODY_MAX / 1024),
        ),
        other => ApiError::unreadable(format!("the body did not arrive: {other}")),
    })
}

pub(super) fn read_json<T: DeserializeOwned>(text: &[u8]) -> Result<T, ApiError> {
    // Serde would take a list for an object with its fields in order.
    let is_object = text.trim_ascii_start().starts_with(b"{");
    if !is_object && serde_json::from_slice::<IgnoredAny>(text).is_ok() {
        return Err(ApiError::invalid("body", "must be a JSON object"));
    }
    let reader = &mut serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut *reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => in_our_words(&path, &inner.to_string()),
            // What stands where a word is expected may be sound JSON all the same.
            _ if serde_json::from_slice::<IgnoredAny>(text).is_ok() => {
                ApiError::invalid(path, "must be one of the known words")
            }
            _ => ApiError::unreadable(format!("the body is not JSON: {inner}")),
        }
    })?;
    reader
        .end()
        .map_err(|error| ApiError::unreadable(format!("the body goes on after its JSON: {error}")))?;
    Ok(value)
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query<T>, ApiError> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(ApiError::unreadable("the query has a NUL, which no text of ours has"));
        }
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(query) => Ok(Query(query.0)),
            Err(rejection) => {
                // axum puts its own sentence and then the parameter's name before serde's.
                let said = rejection.body_text();
                let said = said.strip_prefix("Failed to deserialize query string: ").unwrap_or(&said);
                let (path, message) = match said.split_once(": ") {
                    Some((path, message)) if !path.contains(' ') => (path, message),
                    _ => ("", said),
                };
                Err(in_our_words(path, message))
            }
        }
    }
}

impl<S: Send + Sync, T: FromStr<Err: Display> + Send> FromRequestParts<S> for Named<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Named<T>, ApiError> {
        let address = parts.uri.path().to_owned();
        let nothing = || ApiError::not_found(format!("there is nothing at {address}"));
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| nothing())?;
        if text.contains('\0') {
            return Err(nothing());
        }
        text.parse().map(Named).map_err(|_| nothing())
    }
}

/// Gives up on a request that takes too long.
pub(super) async fn in_time(request: Request, next: Next) -> Response {
    let within = if reports::is_one(request.uri()) { reports::ANSWER_WITHIN } else { ANSWER_WITHIN };
    tokio::time::timeout(within, next.run(request)).await.unwrap_or_else(|_| {
        let said = "this took too long; it may or may not have been done, so repeat it with the same Idempotency-Key";
        ApiError::unavailable(said, 5).into_response()
    })
}
