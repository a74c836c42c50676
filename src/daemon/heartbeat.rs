//! A call to somebody who raises the alarm when the calls stop. It goes out only while tickets really are decided.

use chrono::TimeDelta;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::api::decides;
use crate::engine::Engine;
use crate::notify::Heartbeat;
use crate::settings::HeartbeatSettings;

/// Work that has been due for longer is not being done.
const OVERDUE_MAX: TimeDelta = TimeDelta::minutes(2);

/// Calls as often as the settings say, the first time at once.
pub async fn beat(
    engine: Engine,
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
        let outcome = match well(&engine).await {
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

/// Commands are decided and committed, what is due is done, and there are schedules to decide by.
async fn well(engine: &Engine) -> anyhow::Result<()> {
    decides(engine).await?;
    let overdue = engine.overdue();
    anyhow::ensure!(overdue <= OVERDUE_MAX, "a ticket has been due for {} s", overdue.num_seconds());
    if let Some(said) = engine.ahead_of_the_clock() {
        anyhow::bail!(said);
    }
    anyhow::ensure!(engine.in_force().revision > 0, "no revision is in force");
    Ok(())
}
