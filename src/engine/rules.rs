//! Other schedules, leave and overrides, put to work between two batches.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};
use tracing::{error, warn};

use super::aside::aside;
use super::decide::{Open, earlier_answer, known, remember};
use super::differences::{Concerned, concerned};
use super::guard::guarded;
use super::job::{NewDayRow, Next};
use super::writer::Writer;
use super::{EngineError, InForce, day};
use crate::coverage::{Coverage, DayChanges};
use crate::desk::{Changes, Rules};
use crate::schedule::TeamId;
use crate::store::{DayKind, DayRow, Face, FaceBatch};

impl<S: Face> Writer<S> {
    /// The schedules, stored where they are new, and everything they concern woken, in one batch. The teams that
    /// differ, by id; `None`: another revision has come into force since they were read, and stays.
    pub async fn put_to_work(&mut self, next: Next) -> Result<Option<Vec<TeamId>>, EngineError> {
        let (day_batch, rows) = (self.day_batch, self.day_rows.clone());
        let (changes, stale) = day::changes(&next.coverage.organisation, &rows);
        let coverage = with_changes(Arc::new(next.coverage), changes).await?;
        let mut open = self.begin().await?;
        if open.last.revision != next.upon || self.day_batch != day_batch {
            return Ok(None);
        }
        let old = self.in_force.load_full();
        if let Some(row) = &next.publish {
            open.batch.add_revision(row).await?;
        }
        let concerned = concerned(&old.coverage, &coverage, open.now);
        let rules = Rules { revision: next.revision, coverage: &coverage };
        let changes = self.wake_concerned(rules, &concerned, open.now).await?;
        self.finish(open, changes).await?;
        for row in &stale {
            warn!(row, "a change of the day does not fit the schedules: left out");
        }
        for token in self.stale_tokens(&coverage).await {
            warn!(token, "a token is refused: its person is not in the schedules");
        }
        self.swap(InForce {
            revision: next.revision,
            since: next.since,
            coverage,
            warnings: next.warnings,
            refused: None,
            drift: None,
            stale,
        });
        Ok(Some(concerned.teams.into_iter().collect()))
    }

    /// Empty where the database does not say: what is at work does not hang on it.
    async fn stale_tokens(&self, coverage: &Coverage) -> Vec<String> {
        match self.store.tokens().await {
            Ok(tokens) => day::stale_tokens(&coverage.organisation, &tokens),
            Err(fault) => {
                error!(error = format!("{fault:#}"), "the tokens cannot be held against the schedules");
                Vec::new()
            }
        }
    }

    /// Nothing differs but how far ahead one can see, so nobody is woken. Passed over if other schedules have come
    /// in the meantime.
    pub async fn extend(&mut self, coverage: Coverage) -> Result<(), EngineError> {
        let old = self.in_force.load_full();
        if Arc::ptr_eq(&coverage.organisation, &old.coverage.organisation) {
            let changes = DayChanges::clone(&old.coverage.changes);
            let coverage = with_changes(Arc::new(coverage), changes).await?;
            self.swap(InForce { coverage, ..old.as_ref().clone() });
        }
        Ok(())
    }

    pub async fn add_day_row(&mut self, new: NewDayRow) -> Result<DayRow, EngineError> {
        let mut open = self.begin().await?;
        if let Some(key) = &new.key
            && let Some(earlier) = known(&mut open, &[&key.key]).await?.get(&key.key)
        {
            return earlier_answer(earlier, key);
        }
        let row = open.batch.add_day_row(new.kind, &new.body, &new.by, open.now).await?;
        let organisation = self.in_force.load().coverage.organisation.clone();
        day::add(&organisation, &row, &mut DayChanges::default()).map_err(EngineError::Invalid)?;
        if let Some(key) = &new.key {
            let remembered = BTreeMap::from([(key.key.clone(), remember(key, &row)?)]);
            open.batch.remember(&remembered, open.now).await?;
        }
        let mut rows = self.day_rows.clone();
        rows.push(row.clone());
        self.change_day(open, rows).await?;
        Ok(row)
    }

    pub async fn remove_day_row(&mut self, kind: DayKind, id: i64) -> Result<(), EngineError> {
        let mut open = self.begin().await?;
        if !open.batch.remove_day_row(kind, id, open.now).await? {
            return Err(EngineError::NotFound { kind, id });
        }
        let mut rows = self.day_rows.clone();
        rows.retain(|row| row.id != id);
        self.change_day(open, rows).await
    }

    async fn change_day(&mut self, open: Open<S::Batch>, rows: Vec<DayRow>) -> Result<(), EngineError> {
        let old = self.in_force.load_full();
        let (changes, stale) = day::changes(&old.coverage.organisation, &rows);
        let coverage = with_changes(old.coverage.clone(), changes).await?;
        let concerned = concerned(&old.coverage, &coverage, open.now);
        let rules = Rules { revision: old.revision, coverage: &coverage };
        let changes = self.wake_concerned(rules, &concerned, open.now).await?;
        self.finish(open, changes).await?;
        (self.day_rows, self.day_batch) = (rows, self.last.day_batch);
        self.swap(InForce { coverage, stale, ..old.as_ref().clone() });
        Ok(())
    }

    async fn wake_concerned(
        &mut self,
        rules: Rules<'_>,
        concerned: &Concerned,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Changes> {
        let desk = self.desk().await?;
        let changes = guarded(|| {
            if concerned.everything {
                desk.wake_all(now);
            } else {
                desk.wake_teams(rules, &concerned.teams, now);
            }
            desk.drain()
        });
        changes.map_err(|words| anyhow!("waking tickets panicked: {words}"))
    }
}

/// Compiling takes its time, so it does not hold up the other tasks.
pub(super) async fn with_changes(
    coverage: Arc<Coverage>,
    changes: DayChanges,
) -> anyhow::Result<Arc<Coverage>> {
    if *coverage.changes == changes {
        return Ok(coverage);
    }
    let compiled = aside(move || coverage.with_changes(Arc::new(changes))).await;
    Ok(Arc::new(compiled.context("compiling the changes of the day failed")?))
}
