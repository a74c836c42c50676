//! Reading the files again, and compiling ahead as time goes by.

use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, Utc};
use tracing::{error, info, warn};

use super::job::{Job, Next};
use super::reading::differing;
use super::running::Engine;
use super::schedules::{self, Found};
use super::start::log_problems;
use super::{EngineError, HORIZON, NewZoneData, RefusedSet, Reloaded};
use crate::coverage::compare_zones;
use crate::zone::Zones;

impl Engine {
    /// Reads the files again, and logs what came of it. Atomic: a set with an error changes nothing.
    pub async fn reload(&self) -> Result<Reloaded, EngineError> {
        let was_refused = self.in_force().refused.is_some();
        let outcome = self.read_again().await;
        log_news(&outcome, was_refused);
        outcome
    }

    /// The same, asked by nobody: the files may have changed. What was known before is not logged again.
    pub async fn look_again(&self) {
        let refused = self.in_force().refused.clone();
        let outcome = self.read_again().await;
        let known = match &outcome {
            Ok(Reloaded::Unchanged { .. }) => refused.is_none(),
            Ok(Reloaded::Refused { problems, .. }) => {
                refused.as_ref().is_some_and(|refused| refused.problems == *problems)
            }
            Ok(Reloaded::Changed { .. }) => false,
            Err(error) => matches!(error, EngineError::Stopping),
        };
        if !known {
            log_news(&outcome, refused.is_some());
        }
    }

    async fn read_again(&self) -> Result<Reloaded, EngineError> {
        let _one_at_a_time = self.shared.reloading.lock().await;
        let (source, now) = (self.shared.source.clone(), self.shared.clock.now());
        let read = tokio::task::spawn_blocking(move || schedules::read(&source, now)).await;
        match read.context("reading the schedules failed")? {
            Ok(found) => self.put_to_work(found).await,
            Err(broken) => {
                let (in_force, problems) = (self.in_force(), broken.problems);
                let same = in_force.refused.clone().filter(|refused| refused.problems == problems);
                let refused = same.unwrap_or_else(|| RefusedSet { at: now, problems: problems.clone() });
                self.ask(|reply| Job::Stay { refused: Some(refused), reply }).await?;
                Ok(Reloaded::Refused { revision: in_force.revision, problems })
            }
        }
    }

    async fn put_to_work(&self, found: Found) -> Result<Reloaded, EngineError> {
        let latest = self.shared.store.latest_revision().await?;
        let stored = latest.as_ref().filter(|row| found.is(row));
        let in_force = self.in_force();
        if stored.is_some_and(|row| row.number == in_force.revision) {
            self.ask(|reply| Job::Stay { refused: None, reply }).await?;
            return Ok(Reloaded::Unchanged { revision: in_force.revision });
        }
        let now = self.shared.clock.now();
        let (revision, since) = match (stored, &latest) {
            (Some(row), _) => (row.number, row.at),
            (None, Some(latest)) => (latest.number + 1, now),
            (None, None) => (1, now),
        };
        let publish = stored.is_none().then(|| found.row(revision, since));
        let warnings = found.warnings.clone();
        let old = in_force.coverage.clone();
        let compiled = tokio::task::spawn_blocking(move || {
            (new_zone_data(&found, &old.zones, now), found.compile(old.changes.clone(), now))
        });
        let (zone_data, coverage) = compiled.await.context("compiling the schedules failed")?;
        let next = Box::new(Next { revision, since, coverage, warnings: warnings.clone(), publish });
        let teams = self.ask(|reply| Job::PutToWork { next, reply }).await?;
        Ok(Reloaded::Changed { revision, teams: teams.into_iter().collect(), warnings, zone_data })
    }

    /// Compiles the schedules at work again before what is compiled ends.
    pub(super) async fn keep_horizon(self) {
        loop {
            if let Err(fault) = self.extend_horizon().await {
                error!(error = format!("{fault:#}"), "coverage was not compiled further ahead");
            }
            tokio::select! {
                () = self.shared.stop.cancelled() => return,
                () = self.shared.clock.sleep_until(None) => (),
            }
        }
    }

    async fn extend_horizon(&self) -> anyhow::Result<()> {
        if !schedules::ends_soon(&self.in_force().coverage, self.shared.clock.now()) {
            return Ok(());
        }
        let _one_at_a_time = self.shared.reloading.lock().await;
        let (old, now) = (self.in_force().coverage.clone(), self.shared.clock.now());
        let compiled = tokio::task::spawn_blocking(move || {
            schedules::compile(old.organisation.clone(), old.zones.clone(), old.changes.clone(), now)
        });
        let coverage = Box::new(compiled.await.context("compiling the schedules failed")?);
        match self.ask(|reply| Job::Extend { coverage, reply }).await {
            Err(EngineError::Stopping) => Ok(()),
            outcome => Ok(outcome?),
        }
    }
}

fn log_news(outcome: &Result<Reloaded, EngineError>, was_refused: bool) {
    match outcome {
        Ok(Reloaded::Unchanged { revision }) if was_refused => {
            info!(revision, "the files are mended, and say what is at work already");
        }
        Ok(Reloaded::Unchanged { revision }) => info!(revision, "the files say what is at work already"),
        Ok(Reloaded::Changed { revision, teams, warnings, zone_data }) => {
            if let Some(zone_data) = zone_data {
                log_zone_data(*revision, zone_data);
            }
            let teams: Vec<&str> = teams.iter().map(|team| team.as_str()).collect();
            info!(revision, ?teams, warnings = warnings.len(), "new schedules are at work");
        }
        Ok(Reloaded::Refused { revision, problems }) => {
            let what =
                format!("the files are refused; revision {revision}, the last good one, stays at work");
            log_problems(problems, &what);
        }
        Err(error) => error!(%error, "the files cannot be read again"),
    }
}

fn new_zone_data(found: &Found, old: &Arc<Zones>, now: DateTime<Utc>) -> Option<NewZoneData> {
    // A zone that is used for the first time is no other data.
    let same = found.zones.tzif.iter().all(|(zone, data)| old.tzif.get(zone).is_none_or(|old| old == data));
    (!same).then(|| NewZoneData {
        before: old.version.clone(),
        now: found.zones.version.clone(),
        moved: compare_zones(&found.organisation, &found.zones, old, now, now + HORIZON),
    })
}

fn log_zone_data(revision: i64, NewZoneData { before, now, moved }: &NewZoneData) {
    let version =
        |version: &Option<String>| version.clone().unwrap_or_else(|| "of unknown version".to_owned());
    let (before, now) = (version(before), version(now));
    info!(revision, before, now, zones = moved.len(), "new time zone data is put to work");
    for found in moved {
        if let Some(message) = differing(found, "its clock is no longer what it was") {
            warn!(revision, zone = %found.difference.zone, "{message}");
        }
    }
}
