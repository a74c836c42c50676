//! Bearer tokens: who may do what.

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::Store;
use super::columns::{instant, to_json, word};
use crate::schedule::PersonId;

/// A bearer token as stored: only its hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenRow {
    pub name: String,
    /// SHA-256 of the token's text, hex.
    pub hash: String,
    pub role: Role,
    pub person: Option<PersonId>,
    pub at: DateTime<Utc>,
}

/// What a token may do; see the table in `api`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Admin,
    Lead,
    Responder,
    Reader,
    Ingest,
}

/// What came of revoking a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    Done,
    /// There is no such token.
    Unknown,
    /// It stays: nobody could administer the daemon any more.
    LastAdmin,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Lead => "lead",
            Role::Responder => "responder",
            Role::Reader => "reader",
            Role::Ingest => "ingest",
        }
    }
}

impl Store {
    /// By name.
    pub async fn tokens(&self) -> anyhow::Result<Vec<TokenRow>> {
        let rows: Vec<Row> = sqlx::query_as(
            "select name, hash, role, person, at
            from tokens
            order by name",
        )
        .fetch_all(&self.reader)
        .await?;
        rows.into_iter().map(Row::read).collect()
    }

    pub async fn token_by_hash(&self, hash: &str) -> anyhow::Result<Option<TokenRow>> {
        let row: Option<Row> = sqlx::query_as(
            "select name, hash, role, person, at
            from tokens
            where hash = $1",
        )
        .bind(hash)
        .fetch_optional(&self.reader)
        .await?;
        row.map(Row::read).transpose()
    }

    /// False where the name is taken.
    pub async fn add_token(&self, token: &TokenRow) -> anyhow::Result<bool> {
        let done = sqlx::query(
            "insert into tokens (name, hash, role, person, at)
            values ($1, $2, $3, $4, $5)
            on conflict (name) do nothing",
        )
        .bind(&token.name)
        .bind(&token.hash)
        .bind(token.role.as_str())
        .bind(token.person.as_ref().map(PersonId::as_str))
        .bind(token.at.timestamp_millis())
        .execute(self.writing()?)
        .await
        .with_context(|| format!("could not store the token {:?}", token.name))?;
        Ok(done.rows_affected() == 1)
    }

    /// Never takes away the last token with which an administrator can sign in: one of nobody, or of one of these
    /// people.
    pub async fn revoke_token<'a>(
        &self,
        name: &str,
        people: impl IntoIterator<Item = &'a PersonId>,
    ) -> anyhow::Result<Revoked> {
        let place = || format!("could not revoke the token {name:?}");
        let people: Vec<&PersonId> = people.into_iter().collect();
        let done = sqlx::query(
            "delete from tokens
            where name = $1 and (
                role <> 'admin'
                or exists (
                    select 1
                    from tokens as other
                    where other.role = 'admin' and other.name <> $1
                        and (other.person is null or other.person in (select atom from json_each($2)))
                )
            )",
        )
        .bind(name)
        .bind(to_json(&people)?)
        .execute(self.writing()?)
        .await
        .with_context(place)?;
        if done.rows_affected() == 1 {
            return Ok(Revoked::Done);
        }
        let kept: i64 = sqlx::query_scalar("select count(*) from tokens where name = $1")
            .bind(name)
            .fetch_one(&self.reader)
            .await
            .with_context(place)?;
        Ok(if kept == 0 { Revoked::Unknown } else { Revoked::LastAdmin })
    }
}

#[derive(FromRow)]
struct Row {
    name: String,
    hash: String,
    role: String,
    person: Option<String>,
    at: i64,
}

impl Row {
    fn read(self) -> anyhow::Result<TokenRow> {
        let place = || format!("token {:?}", self.name);
        Ok(TokenRow {
            role: word(&self.role).with_context(place)?,
            at: instant(self.at).with_context(place)?,
            person: self.person.as_deref().map(PersonId::new),
            hash: self.hash,
            name: self.name,
        })
    }
}
