//! Reading the files again, and compiling ahead as time goes by.

use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, Utc};
use tracing::{error, info, warn};

use super::aside::aside;
use super::job::{Job, Next};
use super::reading::differing;
use super::running::Engine;
use super::schedules::{self, Found};
use super::start::log_problems;
use super::{Drift, EngineError, HORIZON, NewZoneData, RefusedSet, Reloaded};
use crate::coverage::compare_zones;
use crate::store::Face;
use crate::zone::Zones;

/// What may come of a look at the files.
#[derive(Clone, Copy, PartialEq)]
enum Publish {
    /// Nothing but a comparison: somebody else's revision has come into force.
    Never,
    /// Files that were changed here, from what is in force.
    Edits,
    /// Whatever stands here, over whatever is in force.
    Anyway,
}

impl<S: Face> Engine<S> {
    /// Reads the files again, and logs what came of it. Atomic: a set with an error changes nothing, and neither do
    /// files that were not made from what is in force.
    pub async fn reload(&self) -> Result<Reloaded, EngineError> {
        self.reload_as(Publish::Edits).await
    }

    /// The same, but the files of this node come into force even where another has published others.
    pub async fn publish(&self) -> Result<Reloaded, EngineError> {
        self.reload_as(Publish::Anyway).await
    }

    async fn reload_as(&self, publish: Publish) -> Result<Reloaded, EngineError> {
        let was_refused = self.in_force().refused.is_some();
        let outcome = self.read_again(publish).await;
        log_news(&outcome, was_refused);
        outcome
    }

    /// The same, asked by nobody: the files may have changed. What was known before is not logged again.
    pub async fn look_again(&self) {
        self.look(Publish::Edits).await;
    }

    async fn look(&self, publish: Publish) {
        let before = self.in_force();
        let (refused, drift) = (&before.refused, &before.drift);
        let outcome = self.read_again(publish).await;
        let known = match &outcome {
            Ok(Reloaded::Unchanged { .. }) => refused.is_none() && drift.is_none(),
            Ok(Reloaded::Drifted { drift: found, .. }) => drift.as_ref() == Some(found),
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

    async fn read_again(&self, publish: Publish) -> Result<Reloaded, EngineError> {
        let mut agreed = self.shared.reloading.lock().await;
        let (source, now) = (self.shared.source.clone(), self.shared.clock.now());
        // Where the database is away, everything is new.
        let at_work = self.shared.store.latest_revision().await.ok().flatten();
        let read = aside(move || {
            let pause = || std::thread::sleep(source.quiet);
            schedules::read_at_rest(&source, at_work.as_ref(), now, pause)
        });
        let read = read.await;
        match read.context("reading the schedules failed")? {
            Ok(found) => self.put_to_work(found, publish, &mut agreed).await,
            Err(broken) => {
                let (in_force, problems) = (self.in_force(), broken.problems);
                let same = in_force.refused.clone().filter(|refused| refused.problems == problems);
                let refused = same.unwrap_or_else(|| RefusedSet { at: now, problems: problems.clone() });
                self.ask(|reply| Job::Stay { refused: Some(refused), drift: None, reply }).await?;
                Ok(Reloaded::Refused { revision: in_force.revision, problems })
            }
        }
    }

    /// `agreed`: the last revision with which the files here agreed.
    async fn put_to_work(
        &self,
        found: Found,
        publish: Publish,
        agreed: &mut Option<i64>,
    ) -> Result<Reloaded, EngineError> {
        loop {
            let store = &self.shared.store;
            if store.is_shared() {
                self.ask(|reply| Job::Follow { reply }).await?;
            }
            let latest = store.latest_revision().await?;
            let upon = latest.as_ref().map_or(0, |row| row.number);
            if let Some(row) = latest.as_ref().filter(|row| found.is(row)) {
                self.agree(row.number, agreed).await?;
                self.ask(|reply| Job::Stay { refused: None, drift: None, reply }).await?;
                return Ok(Reloaded::Unchanged { revision: row.number });
            }
            let may_publish = match publish {
                Publish::Never => false,
                Publish::Edits => !store.is_shared() || upon == 0 || *agreed == Some(upon),
                Publish::Anyway => true,
            };
            if let Some(row) = latest.filter(|_| !may_publish) {
                let drift = found.drift(&row);
                let told = Some(drift.clone());
                self.ask(|reply| Job::Stay { refused: None, drift: told, reply }).await?;
                return Ok(Reloaded::Drifted { revision: row.number, drift });
            }
            let now = self.shared.clock.now();
            let (found_here, old) = (found.clone(), self.in_force().coverage.clone());
            let compiled = aside(move || {
                let zone_data = new_zone_data(&found_here, &old.zones, now);
                (zone_data, found_here.compile(old.changes.clone(), now))
            });
            let (zone_data, coverage) = compiled.await.context("compiling the schedules failed")?;
            let (revision, warnings) = (upon + 1, found.warnings.clone());
            let publish = Some(found.row(revision, now));
            let next = Next { revision, since: now, coverage, warnings: warnings.clone(), publish, upon };
            let teams = self.ask(|reply| Job::PutToWork { next: Box::new(next), reply }).await?;
            // Somebody else was faster: the files here may not be made from what is in force any more.
            let Some(teams) = teams else { continue };
            self.agree(revision, agreed).await?;
            let teams = teams.into_iter().collect();
            return Ok(Reloaded::Changed { revision, teams, warnings, zone_data });
        }
    }

    /// Written down, so that it is known after a restart.
    async fn agree(&self, revision: i64, agreed: &mut Option<i64>) -> anyhow::Result<()> {
        let (store, now) = (&self.shared.store, self.shared.clock.now());
        if *agreed != Some(revision) {
            if store.is_shared() {
                store.agrees(revision, now).await?;
            }
            *agreed = Some(revision);
        }
        Ok(())
    }

    /// Compares the files here with each revision that another node publishes, and where they differ, every minute
    /// until they are brought into line.
    pub(super) async fn watch_drift(self, mut compared: Option<i64>) {
        let mut swapped = self.swapped();
        loop {
            let in_force = self.in_force();
            let drifting = in_force.drift.is_some();
            if Some(in_force.revision) == compared || in_force.refused.is_some() {
                tokio::select! {
                    biased;
                    () = self.shared.stop.cancelled() => return,
                    changed = swapped.changed() => if changed.is_err() { return },
                    () = self.shared.clock.sleep_until(None), if drifting => compared = None,
                }
                continue;
            }
            self.look(Publish::Never).await;
            compared = Some(in_force.revision);
        }
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
        let compiled = aside(move || {
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
        Ok(Reloaded::Drifted { drift, .. }) => log_drift(drift),
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

pub(super) fn log_drift(drift: &Drift) {
    warn!(
        revision = drift.revision,
        files = ?drift.files,
        zones = ?drift.zones,
        "the files here are not those in force, which another node has published: bring them here, or publish these"
    );
}
