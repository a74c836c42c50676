//! Who sends a request, and which tickets they may see.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::{ApiError, App};
use crate::desk::{Actor, Saved, Ticket, TicketId, may_see, residency_of};
use crate::schedule::{Organisation, PersonId, Residency};
use crate::store::Role;

/// Signed in; the role has been checked against the route.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub token: String,
    /// Of the token's text: the token by which they signed in, and no later one of the same name.
    pub hash: String,
    pub role: Role,
    pub person: Option<PersonId>,
    /// An administrator who has named the person with `Meridian-As`.
    pub acts_as: bool,
    /// By which they come: `GET /v1/tickets/{id}`.
    pub route: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, ApiError> {
        let caller = parts.extensions.get::<Caller>();
        Ok(caller.cloned().expect("every route that asks who calls has roles in the table of access"))
    }
}

impl Caller {
    pub fn actor(&self) -> Actor {
        match &self.person {
            Some(person) => Actor::Person(person.clone()),
            None => Actor::Token(self.token.clone()),
        }
    }

    /// Name of the person, else of the token.
    pub fn name(&self) -> &str {
        self.person.as_ref().map_or(&self.token, |person| person.as_str())
    }

    /// For the log: whom they are, or act as.
    pub fn person(&self) -> Option<&str> {
        self.person.as_ref().map(PersonId::as_str)
    }

    /// Keys of one caller are not another's, be it a person and a token of one name.
    pub fn keys(&self) -> String {
        match &self.person {
            Some(person) => format!("person:{person}"),
            None => format!("token:{}", self.token),
        }
    }

    /// Nobody in particular and may see everything.
    pub fn sees_all(&self) -> bool {
        self.role == Role::Admin && self.person.is_none()
    }

    pub fn may_see(&self, organisation: &Organisation, ticket: &Ticket) -> bool {
        self.may_see_residency(organisation, residency_of(organisation, &ticket.facts).as_ref())
    }

    pub fn may_see_residency(&self, organisation: &Organisation, residency: Option<&Residency>) -> bool {
        match &self.person {
            Some(person) => may_see(organisation, person, residency),
            None => self.sees_all() || residency.is_none(),
        }
    }

    /// Those whose tickets this caller may see beside the unrestricted ones; `None`: everybody's.
    pub fn residencies(&self, organisation: &Organisation) -> Option<Vec<Residency>> {
        if self.sees_all() {
            return None;
        }
        let seen = |residency: &&Residency| self.may_see_residency(organisation, Some(residency));
        Some(organisation.residencies().into_iter().filter(seen).cloned().collect())
    }

    /// A ticket this caller may not see does not exist for them. That they have seen one which is bound to a residency is
    /// written down before they do.
    pub async fn find(&self, app: &App, ticket: TicketId) -> Result<Saved, ApiError> {
        let organisation = &app.engine.in_force().coverage.organisation;
        match app.engine.store().ticket(ticket).await? {
            Some(saved) if self.may_see(organisation, &saved.ticket) => {
                app.audit.reads(app, self, [&saved.ticket]).await?;
                Ok(saved)
            }
            None if let Some(passed_over) = app.engine.store().passed_over(ticket).await? => {
                Err(ApiError::not_found(format!("there is no ticket {ticket}: {passed_over}")))
            }
            // Whoever may not see every ticket does not learn which ones there were.
            None if self.sees_all() && app.engine.store().is_gone(ticket).await? => {
                Err(ApiError::gone(format!("ticket {ticket} was done, and is not kept any more")))
            }
            _ => Err(ApiError::not_found(format!("there is no ticket {ticket}"))),
        }
    }
}
