//! What has been kept for long enough goes, between decisions.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use tracing::{info, warn};

use super::Engine;
use super::pauses::pause;
use crate::coverage::lasting;
use crate::store::{Face, Gone, KeptSince};

/// For how long things are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retention {
    /// Done tickets with their history, since anything happened to them; `None`: for ever.
    pub tickets: Option<TimeDelta>,
    /// Notices, since they were delivered or given up.
    pub notices: TimeDelta,
}

/// A look at whether anything is old enough.
const EVERY: TimeDelta = TimeDelta::minutes(10);
/// So many tickets and notices go at once: the write lock is held for some milliseconds.
const AT_ONCE: u32 = 50;
/// A daemon that was away for longer, or whose clock says so, lets go of nothing for its first day.
const SILENT_MAX: TimeDelta = TimeDelta::days(60);
const SILENCE_BELIEVED_AFTER: Duration = Duration::from_secs(86_400);

impl Retention {
    /// Before the years that can be counted, nothing.
    fn since(&self, now: DateTime<Utc>) -> KeptSince {
        let before = |kept| now.checked_sub_signed(kept).unwrap_or(DateTime::<Utc>::MIN_UTC);
        KeptSince { tickets: self.tickets.map(before), notices: before(self.notices) }
    }
}

impl<S: Face> Engine<S> {
    /// Lets go of what is older, now and then, until [`Engine::stop`]. Every node does; each row goes once.
    pub fn keep_only(&self, retention: Retention) {
        self.shared.tasks.spawn(self.clone().let_go(retention));
    }

    async fn let_go(self, retention: Retention) {
        loop {
            tokio::select! {
                () = self.let_go_of_all(retention) => (),
                () = self.shared.stop.cancelled() => return,
            }
            let next = self.clock().now() + EVERY;
            while self.clock().now() < next {
                tokio::select! {
                    () = self.clock().sleep_until(Some(next)) => (),
                    () = self.shared.stop.cancelled() => return,
                }
            }
        }
    }

    /// Why the time may not be what it seems.
    pub(super) fn doubt(&self) -> Option<String> {
        if let Some(leapt) = self.clock().leapt() {
            return Some(format!("the machine's clock has leapt ahead by {}", lasting(leapt)));
        }
        let silent = self.shared.silent_before.filter(|silent| *silent > SILENT_MAX);
        let new = self.shared.started.elapsed() < SILENCE_BELIEVED_AFTER;
        let doubt = silent.filter(|_| new).map(|silent| {
            format!(
                "nothing was decided for {} before this start; it is looked at again in a day",
                lasting(silent)
            )
        });
        self.ahead_of_the_clock().or(doubt)
    }

    /// Everything that is old enough by now.
    async fn let_go_of_all(&self, retention: Retention) {
        let mut all = Gone::default();
        // What is gone does not come back: not by a clock that may be wrong.
        if let Some(why) = self.doubt() {
            warn!(why, "nothing that was kept for long enough is let go of for now");
            return;
        }
        loop {
            let began = Instant::now();
            match self.store().prune(retention.since(self.clock().now()), AT_ONCE).await {
                Ok(gone) if gone.is_nothing() => break,
                Ok(gone) => {
                    all.tickets += gone.tickets;
                    all.events += gone.events;
                    all.handoffs += gone.handoffs;
                    all.notices += gone.notices;
                }
                Err(error) => {
                    let error = format!("{error:#}");
                    warn!(error, "what was kept for long enough could not be let go of; tried again later");
                    break;
                }
            }
            pause(began).await;
        }
        if !all.is_nothing() {
            let Gone { tickets, events, handoffs, notices } = all;
            info!(tickets, events, handoffs, notices, "kept for long enough, and gone now");
        }
    }
}
