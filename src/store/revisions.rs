//! Every state of the schedules that was ever at work.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;
use sqlx::FromRow;

use super::Store;
use super::columns::{from_json, instant, to_json};

/// One stored state of the schedules: the texts, and the zone data in use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevisionRow {
    pub number: i64,
    pub at: DateTime<Utc>,
    pub files: BTreeMap<String, String>,
    pub zone_version: Option<String>,
    /// TZif bytes by zone, base64 in JSON.
    pub zones: BTreeMap<String, String>,
}

impl Store {
    /// Number and instant, newest first.
    pub async fn revisions(&self, limit: u32) -> anyhow::Result<Vec<(i64, DateTime<Utc>)>> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "select number, at
            from revisions
            order by number desc
            limit $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await?;
        rows.into_iter().map(|(number, at)| Ok((number, instant(at)?))).collect()
    }

    pub async fn revision(&self, number: i64) -> anyhow::Result<Option<RevisionRow>> {
        let row: Option<Row> = sqlx::query_as(
            "select number, at, files, zone_version, zones
            from revisions
            where number = $1",
        )
        .bind(number)
        .fetch_optional(&self.reader)
        .await?;
        row.map(Row::read).transpose()
    }

    pub async fn latest_revision(&self) -> anyhow::Result<Option<RevisionRow>> {
        let row: Option<Row> = sqlx::query_as(
            "select number, at, files, zone_version, zones
            from revisions
            order by number desc
            limit 1",
        )
        .fetch_optional(&self.reader)
        .await?;
        row.map(Row::read).transpose()
    }
}

#[derive(FromRow)]
struct Row {
    number: i64,
    at: i64,
    files: String,
    zone_version: Option<String>,
    zones: String,
}

impl Row {
    fn read(self) -> anyhow::Result<RevisionRow> {
        let place = || format!("revision {}", self.number);
        Ok(RevisionRow {
            number: self.number,
            at: instant(self.at).with_context(place)?,
            files: from_json(&self.files).with_context(place)?,
            zone_version: self.zone_version.clone(),
            zones: from_json(&self.zones).with_context(place)?,
        })
    }
}

/// Fails where another node has published that number already.
pub(super) async fn add(connection: &mut AnyConnection, revision: &RevisionRow) -> anyhow::Result<()> {
    sqlx::query(
        "insert into revisions (number, at, files, zone_version, zones)
        values ($1, $2, $3, $4, $5)",
    )
    .bind(revision.number)
    .bind(revision.at.timestamp_millis())
    .bind(to_json(&revision.files)?)
    .bind(&revision.zone_version)
    .bind(to_json(&revision.zones)?)
    .execute(connection)
    .await
    .with_context(|| format!("could not store revision {}", revision.number))?;
    Ok(())
}
