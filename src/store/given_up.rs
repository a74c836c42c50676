//! Notices that reached nobody.

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::AnyConnection;

use super::columns::to_json;

/// A notice that nobody will send any more, and why.
#[derive(Clone, Debug, Serialize)]
pub struct GivenUp<'a> {
    pub id: &'a str,
    pub reason: &'a str,
    /// Goes out at once in its place, if it has been waiting.
    pub next: Option<String>,
}

/// The attempt that failed last counts.
pub(super) async fn give_up(
    connection: &mut AnyConnection,
    given_up: &[GivenUp<'_>],
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    mark_given_up(connection, given_up, now).await?;
    let next: Vec<&String> = given_up.iter().filter_map(|one| one.next.as_ref()).collect();
    if next.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "update outbox
        set due_at = $2
        where id in (select atom from json_each($1)) and sent_at is null and failed_at is null and due_at > $2",
    )
    .bind(to_json(&next)?)
    .bind(now.timestamp_millis())
    .execute(connection)
    .await
    .context("could not hasten notices")?;
    Ok(())
}

async fn mark_given_up(
    connection: &mut AnyConnection,
    given_up: &[GivenUp<'_>],
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    sqlx::query(
        "update outbox
        set failed_at = $2, attempts = attempts + 1, leased_by = null, leased_until = null, last_error = (
            select value ->> 'reason'
            from json_each($1)
            where value ->> 'id' = outbox.id
            order by cast(key as bigint)
            limit 1
        )
        where id in (select value ->> 'id' from json_each($1)) and sent_at is null and failed_at is null",
    )
    .bind(to_json(given_up)?)
    .bind(now.timestamp_millis())
    .execute(connection)
    .await
    .context("could not mark notices as given up")?;
    Ok(())
}
