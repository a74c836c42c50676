//! What systemd is told; without systemd, nobody hears it.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{Instant, interval_at};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::api::decides;
use crate::engine::{Engine, EngineError};
use crate::notify::Deliveries;
use crate::store::FileLost;

pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// What `systemctl status` shows.
pub fn status(status: &str) {
    tell(&[NotifyState::Status(status)]);
}

pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => warn!(%error, "systemd is not told of the reload"),
    }
}

/// Starting takes longer, for a reason of which we know; systemd is asked not to give up before `more`.
pub fn waiting(status: &str, more: Duration) {
    let more = u32::try_from(more.as_micros()).unwrap_or(u32::MAX);
    tell(&[NotifyState::ExtendTimeoutUsec(more), NotifyState::Status(status)]);
}

pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("finishing what was begun")]);
}

/// Whoever has not come back from the outbox for so long does not come back at all.
const STUCK_MAX: Duration = Duration::from_secs(120);

/// Pings as often as systemd wants it, as long as tickets are decided and the outbox is looked into. Whether pages get
/// through is not asked: a new start does not mend a channel.
pub async fn watchdog(engine: Engine, deliveries: Deliveries, stop: CancellationToken) {
    let Some(limit) = sd_notify::watchdog_enabled().filter(|limit| *limit > Duration::ZERO) else { return };
    let half = limit / 2;
    let mut ticks = interval_at(Instant::now() + half, half);
    loop {
        tokio::select! {
            _ = ticks.tick() => (),
            () = stop.cancelled() => return,
        }
        let stuck = deliveries.stuck_for();
        if stuck > STUCK_MAX {
            let seconds = stuck.as_secs();
            error!(seconds, "the outbox is not drained any more: the watchdog is not told that all is well");
            continue;
        }
        match decides(&engine).await {
            Ok(()) => tell(&[NotifyState::Watchdog]),
            Err(error) if cannot_write(&engine, &error) || database_is_away(&engine).await => {
                // A new start would find it so too.
                tell(&[NotifyState::Watchdog]);
                warn!(
                    error = format!("{error:#}"),
                    "the database is away, or cannot be written to: nothing is decided until it is back"
                );
            }
            Err(error) => error!(error = format!("{error:#}"), "the watchdog is not told that all is well"),
        }
    }
}

/// The file is there and takes nothing: the disk is full, or broken.
fn cannot_write(engine: &Engine, error: &anyhow::Error) -> bool {
    !engine.store().is_shared() && matches!(error.downcast_ref(), Some(EngineError::Unavailable(_)))
}

const DATABASE_ANSWERS_WITHIN: Duration = Duration::from_secs(3);

async fn database_is_away(engine: &Engine) -> bool {
    match tokio::time::timeout(DATABASE_ANSWERS_WITHIN, engine.store().ping()).await {
        Ok(Ok(())) => false,
        // A new start would begin with an empty file, and end the process that still has the old one.
        Ok(Err(error)) if error.is::<FileLost>() => true,
        _ => engine.store().is_shared(),
    }
}

fn tell(states: &[NotifyState]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!(%error, "systemd cannot be told");
    }
}
