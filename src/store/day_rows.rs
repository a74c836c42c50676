//! Leave and overrides that came in during the day.

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;
use sqlx::FromRow;

use super::Store;
use super::columns::{from_json, instant, to_json, word};

/// A change of the day: the body of the table as a file would have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayRow {
    pub id: i64,
    pub kind: DayKind,
    pub at: DateTime<Utc>,
    /// Name of the person or token.
    pub by: String,
    pub body: serde_json::Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayKind {
    Leave,
    Override,
}

impl DayKind {
    pub const ALL: [DayKind; 2] = [DayKind::Leave, DayKind::Override];

    pub fn as_str(self) -> &'static str {
        match self {
            DayKind::Leave => "leave",
            DayKind::Override => "override",
        }
    }
}

impl Store {
    /// Those not removed, in the order they came.
    pub async fn day_rows(&self, kind: DayKind) -> anyhow::Result<Vec<DayRow>> {
        let rows: Vec<Row> = sqlx::query_as(
            "select id, kind, at, by, body
            from day_rows
            where kind = $1 and removed_at is null
            order by id",
        )
        .bind(kind.as_str())
        .fetch_all(&self.reader)
        .await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// Not where it was removed.
    pub async fn day_row(&self, kind: DayKind, id: i64) -> anyhow::Result<Option<DayRow>> {
        let row: Option<Row> = sqlx::query_as(
            "select id, kind, at, by, body
            from day_rows
            where kind = $1 and id = $2 and removed_at is null",
        )
        .bind(kind.as_str())
        .bind(id)
        .fetch_optional(&self.reader)
        .await?;
        row.map(Row::read).transpose()
    }
}

#[derive(FromRow)]
struct Row {
    id: i64,
    kind: String,
    at: i64,
    by: String,
    body: String,
}

impl Row {
    fn read(self) -> anyhow::Result<DayRow> {
        let place = || format!("row {} of the day", self.id);
        Ok(DayRow {
            id: self.id,
            kind: word(&self.kind).with_context(place)?,
            at: instant(self.at).with_context(place)?,
            body: from_json(&self.body).with_context(place)?,
            by: self.by,
        })
    }
}

/// Numbered as part of the batch that is under way. Rows stay, and restores pass over what may have
/// been given out, so no number is ever given twice.
pub(super) async fn add(
    connection: &mut AnyConnection,
    kind: DayKind,
    body: &serde_json::Value,
    by: &str,
    at: DateTime<Utc>,
) -> anyhow::Result<DayRow> {
    let id: i64 = sqlx::query_scalar(
        "insert into day_rows (id, kind, at, by, body, changed_batch)
        select
            (
                select coalesce(max(id), 0) + 1
                from (select id from day_rows union all select day_row_after from restores) as given
            ),
            $1, $2, $3, $4,
            (select batch + 1 from desk where id = 1)
        returning id",
    )
    .bind(kind.as_str())
    .bind(at.timestamp_millis())
    .bind(by)
    .bind(to_json(body)?)
    .fetch_one(connection)
    .await
    .context("could not store the change of the day")?;
    Ok(DayRow { id, kind, at, by: by.to_owned(), body: body.clone() })
}

/// False where there is none, or it has been removed before.
pub(super) async fn remove(
    connection: &mut AnyConnection,
    kind: DayKind,
    id: i64,
    at: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "update day_rows
        set removed_at = $3, changed_batch = (select batch + 1 from desk where id = 1)
        where kind = $1 and id = $2 and removed_at is null",
    )
    .bind(kind.as_str())
    .bind(id)
    .bind(at.timestamp_millis())
    .execute(connection)
    .await
    .context("could not remove the change of the day")?;
    Ok(done.rows_affected() == 1)
}
