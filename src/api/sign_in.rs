//! Bearer tokens: how they are made, and how a request proves who sends it.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tracing::{error, info};

use super::access::{Access, access, allow};
use super::caller::Caller;
use super::request::{KEY, takes};
use super::{ApiError, App};
use crate::schedule::PersonId;
use crate::settings::Secret;
use crate::store::{Role, TokenRow};

/// A token that nobody has yet: shown once, stored as its hash.
pub struct NewToken {
    pub text: Secret,
    pub hash: String,
}

/// Marks our tokens, so that people and scanners recognise one that leaked.
const PREFIX: &str = "mer_";

/// Lets an administrator act as somebody.
const AS: &str = "meridian-as";

impl NewToken {
    pub fn make() -> anyhow::Result<NewToken> {
        let mut random = [0; 32];
        getrandom::fill(&mut random)
            .map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
        let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
        Ok(NewToken { hash: hash_of(&text), text: Secret::new(text) })
    }
}

/// SHA-256, hex: what is stored. 256 random bits need no slower hash.
pub fn hash_of(token: &str) -> String {
    hex(&Sha256::digest(token))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lets a request through to its handler if its sender may do this; the handler finds the [`Caller`].
pub(super) async fn admit(
    State(app): State<App>,
    path: MatchedPath,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(access) = access(request.method(), path.as_str()) else {
        return ApiError::method_not_allowed(allow(path.as_str())).into_response();
    };
    if let Err(error) = each_once(request.headers()) {
        return error.into_response();
    }
    let mut acting = None;
    if let Access::Roles(roles) = access {
        match sign_in(&app, request.headers()).await {
            Ok(caller) if roles.contains(&caller.role) => {
                let route = format!("{} {}", request.method(), path.as_str());
                let caller = Caller { route, ..caller };
                acting = Acting::of(&caller, &request);
                request.extensions_mut().insert(caller);
            }
            Ok(caller) => {
                let said = format!("a token of role {} may not do this", caller.role.as_str());
                return ApiError::forbidden(said).into_response();
            }
            Err(error) => return error.into_response(),
        }
    }
    if let Err(error) = takes(path.as_str(), &request) {
        return error.into_response();
    }
    let response = next.run(request).await;
    if let Some(acting) = acting {
        acting.log(&response);
    }
    response
}

/// Of two, a proxy before us may have looked at the other one.
const ONCE: [&str; 4] = ["authorization", AS, KEY, "content-type"];

fn each_once(headers: &HeaderMap) -> Result<(), ApiError> {
    match ONCE.iter().find(|name| headers.get_all(**name).iter().nth(1).is_some()) {
        Some(name) => Err(ApiError::unreadable(format!("the header {name} comes more than once"))),
        None => Ok(()),
    }
}

/// A change that an administrator makes as somebody else: histories name the person alone, so the log has both.
struct Acting {
    token: String,
    person: PersonId,
    method: Method,
    path: String,
}

impl Acting {
    fn of(caller: &Caller, request: &Request) -> Option<Acting> {
        let person = caller.person.clone().filter(|_| caller.acts_as && !request.method().is_safe())?;
        let path = request.uri().path().to_owned();
        Some(Acting { token: caller.token.clone(), person, method: request.method().clone(), path })
    }

    fn log(&self, response: &Response) {
        if !response.status().is_success() {
            return;
        }
        let opened = response.headers().get(header::LOCATION).and_then(|path| path.to_str().ok());
        let ticket = ticket_in(&self.path).or_else(|| ticket_in(opened?));
        info!(
            ticket.id = ticket,
            token = self.token,
            person = %self.person,
            request = format!("{} {}", self.method, self.path),
            "an administrator acted as {}",
            self.person,
        );
    }
}

fn ticket_in(path: &str) -> Option<i64> {
    path.strip_prefix("/v1/tickets/")?.split('/').next()?.parse().ok()
}

async fn sign_in(app: &App, headers: &HeaderMap) -> Result<Caller, ApiError> {
    let unknown = |detail: &str| ApiError::new(StatusCode::UNAUTHORIZED, "sign-in", detail);
    let given = headers
        .get(header::AUTHORIZATION)
        .ok_or_else(|| unknown("sign in with `Authorization: Bearer` and a token"))?;
    let token = given
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| unknown("the Authorization header is not `Bearer` and a token"))?;
    let row = app
        .engine
        .store()
        .token_by_hash(&hash_of(token))
        .await?
        .ok_or_else(|| unknown("this token is not known, or was revoked"))?;
    if let Some(person) = row.person.as_ref().filter(|person| !knows(app, person)) {
        return Err(unknown(&format!("this token is {person}'s, whom the schedules do not know any more")));
    }
    let TokenRow { name: token, hash, role, person, .. } = row;
    let mut caller = Caller { token, hash, role, person, acts_as: false, route: String::new() };
    if let Some(named) = headers.get(AS) {
        if caller.role != Role::Admin {
            return Err(ApiError::forbidden("only an admin token may act as somebody else (Meridian-As)"));
        }
        caller.person = Some(somebody(app, named.to_str().unwrap_or_default())?);
        caller.acts_as = true;
    }
    Ok(caller)
}

/// Whether whoever signed in a while ago still could.
pub(super) async fn still_signed_in(app: &App, caller: &Caller) -> bool {
    let row = match app.engine.store().token_by_hash(&caller.hash).await {
        Ok(row) => row,
        Err(fault) => {
            error!(error = format!("{fault:#}"), "a token cannot be looked up: its stream ends");
            return false;
        }
    };
    let people =
        |row: TokenRow| [row.person, caller.person.clone()].into_iter().flatten().collect::<Vec<_>>();
    row.is_some_and(|row| people(row).iter().all(|person| knows(app, person)))
}

pub(super) fn knows(app: &App, person: &PersonId) -> bool {
    app.engine.in_force().coverage.organisation.people.contains_key(person)
}

fn somebody(app: &App, named: &str) -> Result<PersonId, ApiError> {
    let person = PersonId::new(named);
    if knows(app, &person) {
        return Ok(person);
    }
    Err(ApiError::invalid("Meridian-As", format!("the schedules know nobody called {named:?}")))
}
