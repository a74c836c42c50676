//! Keys that every node signs by.

use anyhow::Context;
use chrono::{DateTime, Utc};

use super::Store;

impl Store {
    /// The key of that name: the one that is there, or else `fresh`, which is kept from now on.
    pub async fn key(&self, name: &str, fresh: &str, at: DateTime<Utc>) -> anyhow::Result<String> {
        let place = || format!("the key {name:?} cannot be had");
        sqlx::query(
            "insert into keys (name, secret, at)
            values ($1, $2, $3)
            on conflict (name) do nothing",
        )
        .bind(name)
        .bind(fresh)
        .bind(at.timestamp_millis())
        .execute(self.writing()?)
        .await
        .with_context(place)?;
        // By the connection that writes: another may not see it yet.
        sqlx::query_scalar("select secret from keys where name = $1")
            .bind(name)
            .fetch_one(self.writing()?)
            .await
            .with_context(place)
    }
}
