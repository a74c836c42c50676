//! Before each shift: whether a page would reach whoever begins it. Their lead is told of those whom none would.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::Channels;
use super::arrivals::{Arrivals, REMEMBERED};
use crate::coverage::{Coverage, Fault, LOG, Shift, Unready};
use crate::desk::{Action, Answer, Command, Says, ShiftCheck};
use crate::engine::Engine;
use crate::schedule::{PersonId, Purpose, TeamId};

/// Somebody who has begun no longer ago, and still serves, is checked as well: we may not have been there before.
const BACK: TimeDelta = TimeDelta::days(1);
/// The next shift is looked for so far ahead.
const AHEAD: TimeDelta = TimeDelta::days(1);
/// After a fault nothing is looked at for so long.
const PAUSE: Duration = Duration::from_secs(30);
/// A database that has not answered within this does not answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);

/// Looks whether messages reach people before they serve.
#[derive(Clone)]
pub struct ShiftWatch {
    engine: Engine,
    channels: Channels,
    /// By whether a page would reach them: so many that were about to begin a shift.
    checks: Family<[(&'static str, &'static str); 1], Counter>,
}

const REACHED: [(&str, &str); 1] = [("outcome", "reached")];
const UNREACHED: [(&str, &str); 1] = [("outcome", "unreached")];

/// A shift, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckedShift {
    #[serde(flatten)]
    pub shift: Shift,
    /// Absent: a page would reach them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unready: Option<Unready>,
}

impl ShiftWatch {
    pub fn new(engine: Engine, channels: Channels) -> ShiftWatch {
        let checks = Family::default();
        // A rate does not see a counter that begins with 1.
        for outcome in [REACHED, UNREACHED] {
            drop(checks.get_or_create(&outcome));
        }
        ShiftWatch { engine, channels, checks }
    }

    pub fn register(&self, registry: &mut Registry) {
        let checks = "People who were about to begin a shift, by whether a page would reach them";
        registry.register("shift_checks", checks, self.checks.clone());
    }

    /// Until `stop`: whenever a shift comes near, and whenever it changes who is at work.
    pub async fn watch(self, stop: CancellationToken) {
        let mut swapped = self.engine.swapped();
        let mut seen = BTreeSet::new();
        loop {
            if let Err(fault) = self.look(&mut seen).await {
                error!(
                    error = format!("{fault:#}"),
                    "whether messages reach those who begin a shift is not known"
                );
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(PAUSE) => continue,
                }
            }
            let now = self.engine.clock().now();
            let next = self.engine.in_force().coverage.next_shift_check(now, AHEAD);
            tokio::select! {
                () = stop.cancelled() => return,
                changed = swapped.changed() => if changed.is_err() { return },
                () = self.engine.clock().sleep_until(Some(next)) => (),
            }
        }
    }

    /// Whether a page would reach each of those who begin a shift from now on and before `until`.
    pub async fn check(&self, until: DateTime<Utc>) -> anyhow::Result<Vec<CheckedShift>> {
        let (coverage, now) = (self.engine.in_force().coverage.clone(), self.engine.clock().now());
        let teams = coverage.organisation.teams.keys();
        let mut shifts: Vec<Shift> = teams.flat_map(|team| coverage.beginnings(team, now, until)).collect();
        shifts.sort_unstable();
        let arrivals = self.arrivals(&coverage, now).await?;
        let checked = |shift: Shift| {
            let unready = self.unready(&coverage, &shift, &arrivals);
            CheckedShift { shift, unready }
        };
        Ok(shifts.into_iter().map(checked).collect())
    }

    /// Tells of the shifts that are near and not among `seen`, and adds them.
    pub async fn look(&self, seen: &mut BTreeSet<Shift>) -> anyhow::Result<()> {
        let (coverage, now) = (self.engine.in_force().coverage.clone(), self.engine.clock().now());
        let from = now - BACK;
        seen.retain(|shift| shift.at >= from);
        let mut near = coverage.shifts_ahead(from, now);
        near.retain(|shift| !seen.contains(shift) && (shift.at > now || serves(&coverage, shift, now)));
        if near.is_empty() {
            return Ok(());
        }
        let arrivals = self.arrivals(&coverage, now).await?;
        let mut together: BTreeMap<(DateTime<Utc>, TeamId), Vec<Unready>> = BTreeMap::new();
        for shift in &near {
            if let Some(unready) = self.unready(&coverage, shift, &arrivals) {
                together.entry((shift.at, shift.team.clone())).or_default().push(unready);
            }
        }
        let unreached = together.values().map(|unready| unready.len() as u64).sum();
        for ((begins, team), mut unready) in together {
            let told = self.told(&team, begins).await?;
            unready.retain(|unready| !told.contains(&unready.person));
            if unready.is_empty() {
                continue;
            }
            let hears = |person: &PersonId| self.hears(&coverage, person, &arrivals, now);
            let hear_now =
                unready.iter().map(|unready| unready.person.clone()).filter(|person| hears(person)).collect();
            let deaf = responsible(&coverage).filter(|person| !hears(person)).cloned().collect();
            let check = ShiftCheck { team, begins, unready, hear_now, deaf };
            self.tell_of(check).await?;
        }
        self.checks.get_or_create(&UNREACHED).inc_by(unreached);
        self.checks.get_or_create(&REACHED).inc_by(near.len() as u64 - unreached);
        seen.extend(near);
        Ok(())
    }

    async fn tell_of(&self, check: ShiftCheck) -> anyhow::Result<()> {
        let people: Vec<&str> = check.unready.iter().map(|unready| unready.person.as_str()).collect();
        let (people, team, begins) = (people.join(", "), check.team.clone(), check.begins);
        let action = Action::TellUnready(Box::new(check));
        let answer = self.engine.take(Command::system(action), None).await;
        let answer = answer.context("the desk did not hear of people whom no page would reach")?;
        let Answer::Told { to } = answer else { return Ok(()) };
        let told: Vec<&str> = to.iter().map(PersonId::as_str).collect();
        let remedy = "`meridian channel check` says what is wrong; mend `contact` or the channel, or have others serve";
        match told.is_empty() {
            true => {
                error!(%team, people, %begins, remedy, "no page would reach people in their shift, and nobody can be told");
            }
            false => {
                let told = told.join(", ");
                warn!(%team, people, %begins, told, remedy, "no page would reach people in their shift");
            }
        }
        Ok(())
    }

    /// Of whom it has been told, by whatever node.
    async fn told(&self, team: &TeamId, begins: DateTime<Utc>) -> anyhow::Result<BTreeSet<PersonId>> {
        let prefix = ShiftCheck::id_prefix(begins);
        let notices = in_time(self.engine.store().notices_called(&prefix)).await?;
        let people = notices.into_iter().flat_map(|notice| match notice.says {
            Says::ShiftCheck { team: of, unready, .. } if of == *team => unready,
            _ => Vec::new(),
        });
        Ok(people.map(|unready| unready.person).collect())
    }

    async fn arrivals(&self, coverage: &Coverage, now: DateTime<Utc>) -> anyhow::Result<Arrivals> {
        let (store, since) = (self.engine.store(), now - REMEMBERED);
        let failing = Arrivals::failing(&in_time(store.failing_notices(since)).await?, coverage);
        let channels = failing.channels();
        if channels.is_empty() {
            return Ok(failing);
        }
        Ok(failing.with_taken(&in_time(store.last_taken(since, &channels)).await?))
    }

    /// Where no channel is set up at all, the log is what everybody has.
    fn unready(&self, coverage: &Coverage, shift: &Shift, arrivals: &Arrivals) -> Option<Unready> {
        if self.channels.only_log() {
            return None;
        }
        coverage.unready(shift, |channel| self.fault(coverage, &shift.person, channel, arrivals))
    }

    fn fault(
        &self,
        coverage: &Coverage,
        person: &PersonId,
        channel: &str,
        arrivals: &Arrivals,
    ) -> Option<Fault> {
        let Some(found) = self.channels.named(channel) else { return Some(Fault::NotSetUp) };
        let lacks = found.lacks(coverage.organisation.people.get(person)?);
        lacks.map(|what| Fault::Lacks { what: what.to_owned() }).or_else(|| arrivals.fault(person, channel))
    }

    /// Whether what wakes nobody would reach them now.
    fn hears(&self, coverage: &Coverage, person: &PersonId, arrivals: &Arrivals, now: DateTime<Utc>) -> bool {
        let mut ways = coverage.ways(person, Purpose::All, now).into_iter().filter(|way| *way != LOG);
        ways.any(|way| self.fault(coverage, person, way, arrivals).is_none())
    }
}

fn responsible(coverage: &Coverage) -> impl Iterator<Item = &PersonId> {
    let organisation = &coverage.organisation;
    organisation.teams.values().filter_map(|team| team.lead.as_ref()).chain(&organisation.last_resort)
}

fn serves(coverage: &Coverage, shift: &Shift, now: DateTime<Utc>) -> bool {
    coverage.at(&shift.team, now).is_some_and(|span| {
        let on_call = span.on_call.values().flat_map(|line| line.iter());
        span.working.iter().chain(on_call).any(|person| *person == shift.person)
    })
}

async fn in_time<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::time::timeout(ANSWERS_WITHIN, work).await.context("the database does not answer")?
}
