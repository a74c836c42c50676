//! Whether what the organisation requires is kept, proved anew whenever who is at work changes, and told in time.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use tracing::{error, info, warn};

use super::HORIZON;
use super::running::Engine;
use crate::coverage::{Coverage, Proof, Proved, prove};

/// The horizon moves on: proved anew at least this often.
const AGAIN_AFTER: TimeDelta = TimeDelta::hours(6);
/// A gap nearer than this is told in the log, once.
const TOLD_AHEAD: TimeDelta = TimeDelta::days(14);

/// A proof, and the coverage it is about.
#[derive(Clone, Debug)]
pub struct Standing {
    pub coverage: Arc<Coverage>,
    pub proof: Arc<Proof>,
}

/// A gap somebody has been told of: requirement and beginning.
type Told = BTreeSet<(String, DateTime<Utc>)>;

impl Engine {
    /// The proof of the requirements; `None`: the first is not ready yet. It may be some seconds behind an edit.
    pub fn standing(&self) -> Option<Arc<Standing>> {
        self.shared.standing.load_full()
    }

    /// Until the engine stops.
    pub(super) async fn keep_proof(self) {
        let mut swapped = self.swapped();
        let mut told = Told::new();
        loop {
            match self.prove_if_new().await {
                Ok(Some(standing)) => told = self.tell(&standing.proof, &told),
                Ok(None) => (),
                Err(fault) => error!(error = format!("{fault:#}"), "the requirements were not proved"),
            }
            tokio::select! {
                () = self.shared.stop.cancelled() => return,
                _ = swapped.changed() => (),
                () = self.shared.clock.sleep_until(None) => (),
            }
        }
    }

    async fn prove_if_new(&self) -> anyhow::Result<Option<Arc<Standing>>> {
        let (coverage, now) = (self.in_force().coverage.clone(), self.shared.clock.now());
        let known = self.standing().is_some_and(|standing| {
            Arc::ptr_eq(&standing.coverage, &coverage) && now - standing.proof.from < AGAIN_AFTER
        });
        if known {
            return Ok(None);
        }
        let about = coverage.clone();
        let proof = tokio::task::spawn_blocking(move || prove(&about, now, now + HORIZON)).await;
        let proof = Arc::new(proof.context("proving the requirements failed")?);
        let standing = Arc::new(Standing { coverage, proof });
        self.shared.standing.store(Some(standing.clone()));
        Ok(Some(standing))
    }

    /// Logs what is not known yet; gives what is known now.
    fn tell(&self, proof: &Proof, before: &Told) -> Told {
        let near = |requirement: &Proved| {
            let gap = requirement.next_gap(proof.from).filter(|gap| *gap < proof.from + TOLD_AHEAD);
            Some((requirement.name.clone(), gap?))
        };
        let told: Told = proof.requirements.iter().filter_map(near).collect();
        for (requirement, gap) in told.difference(before) {
            let from = gap.to_rfc3339_opts(SecondsFormat::Secs, true);
            let remedy = "`meridian check` and POST /v1/schedules/check say who just misses; leave, overrides or hours can mend it";
            warn!(requirement, %from, remedy, "a requirement will not be kept");
        }
        for requirement in proof.requirements.iter().filter(|requirement| {
            let was_told = before.iter().any(|(name, _)| *name == requirement.name);
            was_told && !told.iter().any(|(name, _)| *name == requirement.name)
        }) {
            info!(
                requirement = requirement.name,
                "a requirement is kept again for the next {} days",
                TOLD_AHEAD.num_days()
            );
        }
        told
    }
}
