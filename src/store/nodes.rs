//! What is known of each node that shares the database.

use anyhow::Context;
use chrono::{DateTime, Utc};

use super::Store;

impl Store {
    /// The last revision with which the files on this node's own disk agreed when it looked.
    pub async fn agreed(&self) -> anyhow::Result<Option<i64>> {
        let agreed = sqlx::query_scalar("select agreed from nodes where id = $1");
        Ok(agreed.bind(self.node()).fetch_optional(&self.reader).await?)
    }

    pub async fn agrees(&self, revision: i64, at: DateTime<Utc>) -> anyhow::Result<()> {
        sqlx::query(
            "insert into nodes (id, agreed, at)
            values ($1, $2, $3)
            on conflict (id) do update set agreed = excluded.agreed, at = excluded.at",
        )
        .bind(self.node())
        .bind(revision)
        .bind(at.timestamp_millis())
        .execute(self.writing()?)
        .await
        .context("could not write down that the files agree")?;
        Ok(())
    }
}
