//! Bearer tokens: make, list, revoke. A token's text is shown once, in the answer that makes it; so an
//! `Idempotency-Key` cannot repeat it, and making one of the same name again is a conflict.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{delete, get};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tracing::info;

use super::caller::Caller;
use super::request::{Named, Sent};
use super::{ApiError, App, NewToken};
use crate::schedule::PersonId;
use crate::store::{Revoked, Role, TokenRow};

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/tokens", get(list).post(add)).route("/v1/tokens/{name}", delete(revoke))
}

const NAME_MAX: usize = 100;

#[derive(Serialize)]
struct TokenBody {
    name: String,
    role: Role,
    person: Option<PersonId>,
    created_at: DateTime<Utc>,
    /// Only in the answer to its making.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl From<TokenRow> for TokenBody {
    fn from(row: TokenRow) -> TokenBody {
        TokenBody { name: row.name, role: row.role, person: row.person, created_at: row.at, token: None }
    }
}

#[derive(Serialize)]
struct Tokens {
    tokens: Vec<TokenBody>,
}

async fn list(State(app): State<App>) -> Result<Json<Tokens>, ApiError> {
    let rows = app.engine.store().tokens().await?;
    Ok(Json(Tokens { tokens: rows.into_iter().map(TokenBody::from).collect() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Add {
    name: String,
    role: Role,
    person: Option<PersonId>,
}

async fn add(State(app): State<App>, caller: Caller, sent: Sent<Add>) -> Result<impl IntoResponse, ApiError> {
    let Add { name, role, person } = sent.body;
    check_name(&name)?;
    check_person(&app, role, person.as_ref())?;
    let made = NewToken::make()?;
    let row = TokenRow { name, hash: made.hash, role, person, at: app.engine.clock().now() };
    if !app.engine.store().add_token(&row).await? {
        return Err(ApiError::conflict(format!("there is a token called {:?} already", row.name)));
    }
    info!(
        token = row.name,
        role = row.role.as_str(),
        by = caller.token,
        person = caller.person(),
        "a token was made"
    );
    let body = TokenBody { token: Some(made.text.reveal().to_owned()), ..row.into() };
    Ok((StatusCode::CREATED, Json(body)))
}

/// What a token may be called.
pub fn check_name(name: &str) -> Result<(), ApiError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(plain) {
        let said = format!("1 to {NAME_MAX} letters, digits, `-`, `_`, `.` or `@`");
        return Err(ApiError::invalid("name", said));
    }
    Ok(())
}

/// Leads and responders are people; a program that only sends tickets is nobody.
fn check_person(app: &App, role: Role, person: Option<&PersonId>) -> Result<(), ApiError> {
    let organisation = &app.engine.in_force().coverage.organisation;
    match (role, person) {
        (Role::Lead | Role::Responder, None) => {
            Err(ApiError::invalid("person", "leads and responders act as a person: name one"))
        }
        (Role::Ingest, Some(_)) => Err(ApiError::invalid("person", "an ingest token acts as nobody")),
        (_, Some(person)) if !organisation.people.contains_key(person) => {
            Err(ApiError::invalid("person", format!("the schedules know nobody called {person:?}")))
        }
        _ => Ok(()),
    }
}

async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Named(name): Named<String>,
) -> Result<StatusCode, ApiError> {
    let in_force = app.engine.in_force();
    let people = in_force.coverage.organisation.people.keys();
    match app.engine.store().revoke_token(&name, people).await? {
        Revoked::Done => {
            info!(token = name, by = caller.token, person = caller.person(), "a token was revoked");
            app.revoked.send_replace(());
            Ok(StatusCode::NO_CONTENT)
        }
        Revoked::Unknown => Err(ApiError::not_found(format!("there is no token called {name:?}"))),
        Revoked::LastAdmin => Err(ApiError::conflict(format!(
            "{name:?} is the last token an administrator can sign in with: make another one first"
        ))),
    }
}
