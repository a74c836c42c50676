//! A call to somebody who raises the alarm when the calls stop. It goes out only while tickets really are decided.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::api::decides;
use crate::engine::Engine;
use crate::notify::{Deliveries, Heartbeat};
use crate::settings::HeartbeatSettings;
use crate::store::NoAnswer;

/// Work that has been due for longer is not being done.
const OVERDUE_MAX: TimeDelta = TimeDelta::minutes(2);
/// A page that is overdue for longer than two leases reaches nobody through any node.
const PAGE_OVERDUE_MAX: TimeDelta = TimeDelta::minutes(5);
/// Without a word of the outbox for longer, nothing is sent from here.
const BLIND_MAX: Duration = Duration::from_secs(120);
const COUNTS_WITHIN: Duration = Duration::from_secs(5);

/// Calls as often as the settings say, the first time at once.
pub async fn beat(
    engine: Engine,
    deliveries: Deliveries,
    heartbeat: Heartbeat,
    settings: HeartbeatSettings,
    stop: CancellationToken,
) {
    let mut ticks = interval_at(Instant::now(), settings.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut silent = false;
    loop {
        tokio::select! {
            _ = ticks.tick() => (),
            () = stop.cancelled() => return,
        }
        let outcome = match well(&engine, &deliveries).await {
            Ok(()) => heartbeat.call(engine.clock()).await,
            Err(error) => {
                heartbeat.withheld();
                Err(error.context("it is not well"))
            }
        };
        match outcome {
            Ok(()) if silent => {
                silent = false;
                info!("the heartbeat is heard again");
            }
            Ok(()) => (),
            // Once: whoever listens for the heartbeat says the rest.
            Err(_) if silent => (),
            Err(error) => {
                silent = true;
                warn!(error = format!("{error:#}"), "no heartbeat");
            }
        }
    }
}

/// Commands are decided and committed, what is due is done, pages go out, and there are schedules to decide by.
async fn well(engine: &Engine, deliveries: &Deliveries) -> anyhow::Result<()> {
    decides(engine).await?;
    let blind = deliveries.blind_for();
    anyhow::ensure!(blind <= BLIND_MAX, "no notices could be claimed for {} s", blind.as_secs());
    let counts = tokio::time::timeout(COUNTS_WITHIN, engine.store().outbox_counts(None));
    let counts = counts.await.map_err(|_| NoAnswer(COUNTS_WITHIN.as_secs()))??;
    let waits = counts.pages.oldest_due.map(|due| engine.clock().now() - due).unwrap_or_default();
    anyhow::ensure!(waits <= PAGE_OVERDUE_MAX, "a page has been due for {} s", waits.num_seconds());
    let overdue = engine.overdue();
    anyhow::ensure!(overdue <= OVERDUE_MAX, "a ticket has been due for {} s", overdue.num_seconds());
    if let Some(said) = engine.ahead_of_the_clock() {
        anyhow::bail!(said);
    }
    anyhow::ensure!(engine.in_force().revision > 0, "no revision is in force");
    Ok(())
}
