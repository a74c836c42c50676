//! Answers already given, so that a repeated request gets the same one.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use super::columns::{from_json, to_json};

/// An answer already given to an `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remembered {
    /// Of the request's route and body: the same key with another request is a mistake of the caller.
    pub fingerprint: String,
    pub answer: serde_json::Value,
}

/// Those of the keys that were used since `since`.
pub(super) async fn named(
    connection: &mut AnyConnection,
    keys: &[&str],
    since: DateTime<Utc>,
) -> anyhow::Result<BTreeMap<String, Remembered>> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "select key, fingerprint, answer
        from remembered
        where key in (select atom from json_each($1)) and at >= $2
        order by key",
    )
    .bind(to_json(keys)?)
    .bind(since.timestamp_millis())
    .fetch_all(connection)
    .await?;
    let remembered = rows
        .into_iter()
        .map(|(key, fingerprint, answer)| Ok((key, Remembered { fingerprint, answer: from_json(&answer)? })));
    remembered.collect()
}

/// A key whose old answer has expired gets the new one.
pub(super) async fn save(
    connection: &mut AnyConnection,
    answers: &BTreeMap<String, Remembered>,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let rows = answers.iter().map(|(key, one)| Ok((key, Columns::of(one)?)));
    let rows: BTreeMap<&String, Columns> = rows.collect::<anyhow::Result<_>>()?;
    sqlx::query(
        "insert into remembered (key, fingerprint, at, answer)
        select key, value ->> 'fingerprint', $2, value ->> 'answer'
        from json_each($1)
        where true
        on conflict (key) do update set
            fingerprint = excluded.fingerprint,
            at = excluded.at,
            answer = excluded.answer",
    )
    .bind(to_json(&rows)?)
    .bind(now.timestamp_millis())
    .execute(connection)
    .await
    .context("could not remember answers")?;
    Ok(())
}

/// The oldest of what was used before `before`, at most `limit`; how many.
pub(super) async fn forget(
    connection: &mut AnyConnection,
    before: DateTime<Utc>,
    limit: u32,
) -> anyhow::Result<u64> {
    let forgotten = sqlx::query(
        "delete from remembered
        where key in (select key from remembered where at < $1 order by at, key limit $2)",
    )
    .bind(before.timestamp_millis())
    .bind(i64::from(limit))
    .execute(connection)
    .await
    .context("could not forget old answers")?;
    Ok(forgotten.rows_affected())
}

#[derive(Serialize)]
struct Columns<'a> {
    fingerprint: &'a str,
    answer: String,
}

impl Columns<'_> {
    fn of(remembered: &Remembered) -> anyhow::Result<Columns<'_>> {
        Ok(Columns { fingerprint: &remembered.fingerprint, answer: to_json(&remembered.answer)? })
    }
}
