//! From a store and a directory of files to a running engine.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use arc_swap::{ArcSwap, ArcSwapOption};
use chrono::{DateTime, Utc};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, warn};

use super::aside::aside;
use super::job::Next;
use super::nodes::{apart, day_rows, listen};
use super::queue::queue;
use super::reload::log_drift;
use super::running::{Engine, Shared};
use super::schedules::{self, Found};
use super::set_aside::SetAside;
use super::watched::Watched;
use super::writer::{Pause, Writer};
use super::{Drift, InForce, Meters, RefusedSet, Source};
use crate::clock::Clock;
use crate::schedule::{Problem, Severity, render};
use crate::store::{Face, RevisionRow};

/// Batches of events that a slow listener may be behind.
const NEWS_MAX: usize = 1024;

impl<S: Face> Engine<S> {
    /// Reads the schedules (the last good revision where the files are broken), restores the desk, brings what is
    /// overdue up to date as it goes, and runs until [`Engine::stop`]. Fails where files are broken and no revision
    /// was ever at work.
    pub async fn start(store: S, clock: Clock, source: Source) -> anyhow::Result<Engine<S>> {
        let rows = store.load_desk().await.context("could not load the desk")?;
        if let Some(decided_at) = rows.decided_at {
            clock.at_least(decided_at);
        }
        let day_rows = day_rows(&store).await?;
        let latest = store.latest_revision().await?;
        let agreed = store.agreed().await?;
        let now = clock.now();
        // Nobody else can have published anything where nobody shares the database.
        let upon = latest.as_ref().map(|row| row.number);
        let may_publish = !store.is_shared() || upon == agreed;
        let first = read_first(source.clone(), latest, may_publish, now).await?;
        let (agrees, warned) = (first.agrees, first.drift.clone());
        let in_force = Arc::new(ArcSwap::from_pointee(first.in_force));
        let (news, swapped) = (broadcast::Sender::new(NEWS_MAX), watch::Sender::default());
        let meters = Meters::new();
        let mut writer = Writer {
            store: store.clone(),
            clock: clock.clone(),
            in_force: in_force.clone(),
            news: news.clone(),
            swapped: swapped.clone(),
            meters: meters.clone(),
            desk: None,
            last: rows.last(),
            told: rows.batch,
            watched: Watched::default(),
            day_rows,
            day_batch: rows.day_batch,
            heard: Arc::default(),
            apart: if store.is_shared() { apart(&store.node()) } else { Duration::ZERO },
            set_aside: SetAside::default(),
            due_on_end: BTreeMap::new(),
            forget_at: now,
            pause: Pause::default(),
        };
        let put = writer.put_to_work(first.next).await.context("could not put the schedules to work")?;
        // Where another node was faster, its schedules are at work, and ours are compared with them below.
        let agrees = agrees.filter(|_| put.is_some());
        let compared = agrees.or(warned.as_ref().map(|drift| drift.revision)).filter(|_| put.is_some());
        if put.is_some() && (first.refused.is_some() || first.drift.is_some()) {
            let (refused, drift) = (first.refused, first.drift);
            writer.swap(InForce { refused, drift, ..in_force.load().as_ref().clone() });
        }
        if store.is_shared()
            && let Some(revision) = agrees
        {
            store.agrees(revision, now).await?;
        }
        if let Some(drift) = warned {
            log_drift(&drift);
        }
        let (jobs, queue) = queue();
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(listen(store.clone(), writer.heard.clone(), stop.clone()));
        tasks.spawn(writer.run(queue, stop.clone()));
        let shared = Shared {
            store,
            clock,
            source,
            jobs,
            in_force,
            news,
            swapped,
            waited_for: watch::Sender::default(),
            meters,
            standing: ArcSwapOption::empty(),
            stop,
            tasks,
            reloading: tokio::sync::Mutex::new(agrees.or(agreed)),
            compiling_around: Default::default(),
            started: tokio::time::Instant::now(),
            silent_before: rows.decided_at.map(|at| now - at),
        };
        let engine = Engine { shared: Arc::new(shared) };
        engine.shared.tasks.spawn(engine.clone().keep_horizon());
        engine.shared.tasks.spawn(engine.clone().keep_proof());
        if engine.shared.store.is_shared() {
            engine.shared.tasks.spawn(engine.clone().watch_drift(compared));
        }
        Ok(engine)
    }
}

/// What a start finds.
struct First {
    /// What was at work before; where nothing was, the same as `next`.
    in_force: InForce,
    next: Next,
    refused: Option<RefusedSet>,
    drift: Option<Drift>,
    /// The revision with which the files here agree.
    agrees: Option<i64>,
}

async fn read_first(
    source: Source,
    latest: Option<RevisionRow>,
    may_publish: bool,
    now: DateTime<Utc>,
) -> anyhow::Result<First> {
    let first = aside(move || first(&source, latest, may_publish, now)).await;
    first.context("reading the schedules failed")?
}

fn first(
    source: &Source,
    latest: Option<RevisionRow>,
    may_publish: bool,
    now: DateTime<Utc>,
) -> anyhow::Result<First> {
    // Where nothing has ever been at work, nothing hangs by it; whatever comes later is heard of.
    let pause = || std::thread::sleep(if latest.is_some() { source.quiet } else { Duration::ZERO });
    let on_disk = schedules::read_at_rest(source, latest.as_ref(), now, pause);
    let before = latest.as_ref().map(|row| (row, schedules::read_revision(row, now)));
    match (on_disk, before) {
        (Ok(found), None) => Ok(First::new(&found, None, now)),
        (Ok(found), Some((row, _))) if found.is(row) => Ok(First::new(&found, Some(row), now)),
        (Ok(found), Some((row, Ok(before)))) if !may_publish => {
            let drift = Some(found.drift(row));
            Ok(First { drift, agrees: None, ..First::new(&before, Some(row), now) })
        }
        (Ok(_), Some((row, Err(broken)))) if !may_publish => bail!(
            "revision {}, which another node has published, cannot be read: is that node of a newer release?\n\n{}",
            row.number,
            render(&broken.problems, &broken.files, false)
        ),
        (Ok(found), Some((row, before))) => {
            let publish = Some(found.row(row.number + 1, now));
            let next = next(&found, now, publish, (row.number + 1, now), row.number);
            let in_force = match before {
                Ok(before) => in_force(&before, row.number, row.at, now),
                Err(broken) => {
                    log_problems(
                        &broken.problems,
                        "the revision that was at work before can no longer be read",
                    );
                    in_force(&found, row.number, row.at, now)
                }
            };
            let agrees = Some(row.number + 1);
            Ok(First { in_force, next, refused: None, drift: None, agrees })
        }
        (Err(broken), Some((row, Ok(before)))) => {
            log_problems(
                &broken.problems,
                "the schedules on disk are refused; the last good revision is put to work",
            );
            let refused = RefusedSet { at: now, problems: broken.problems };
            Ok(First { refused: Some(refused), agrees: None, ..First::new(&before, Some(row), now) })
        }
        (Err(broken), Some((row, Err(_)))) => bail!(
            "the schedules have errors, and revision {}, the last good one, cannot be read either\n\n{}",
            row.number,
            render(&broken.problems, &broken.files, false)
        ),
        (Err(broken), None) => bail!(
            "the schedules have errors, and there is no earlier revision to fall back on\n\n{}",
            render(&broken.problems, &broken.files, false)
        ),
    }
}

impl First {
    /// The same before and after; stored as revision 1 where there is none.
    fn new(found: &Found, row: Option<&RevisionRow>, now: DateTime<Utc>) -> First {
        let (number, at) = row.map_or((1, now), |row| (row.number, row.at));
        let publish = row.is_none().then(|| found.row(number, at));
        let next = next(found, now, publish, (number, at), row.map_or(0, |row| row.number));
        let in_force = InForce {
            // What is not stored yet has no number: another node may give it to other schedules.
            revision: row.map_or(0, |row| row.number),
            since: at,
            coverage: Arc::new(next.coverage.clone()),
            warnings: Vec::new(),
            refused: None,
            drift: None,
            stale: Vec::new(),
        };
        First { in_force, next, refused: None, drift: None, agrees: Some(number) }
    }
}

fn next(
    found: &Found,
    now: DateTime<Utc>,
    publish: Option<RevisionRow>,
    (revision, since): (i64, DateTime<Utc>),
    upon: i64,
) -> Next {
    let coverage = found.compile(Default::default(), now);
    Next { revision, since, coverage, warnings: found.warnings.clone(), publish, upon }
}

fn in_force(found: &Found, revision: i64, since: DateTime<Utc>, now: DateTime<Utc>) -> InForce {
    InForce {
        revision,
        since,
        coverage: Arc::new(found.compile(Default::default(), now)),
        warnings: Vec::new(),
        refused: None,
        drift: None,
        stale: Vec::new(),
    }
}

/// Loudly: what it means, and one line for each.
pub(super) fn log_problems(problems: &[Problem], what: &str) {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    error!(errors, warnings = problems.len() - errors, "{what}");
    for Problem { code, severity, file, line, column, message, remedy, .. } in problems {
        match severity {
            Severity::Error => error!(code, file, line, column, remedy, "{message}"),
            Severity::Warning => warn!(code, file, line, column, remedy, "{message}"),
        }
    }
}
