//! Whether what the organisation requires is kept, proved anew whenever who is at work changes, and told in time.

use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use tracing::{error, info, warn};

use super::HORIZON;
use super::aside::aside;
use super::running::Engine;
use crate::coverage::{Coverage, Proof, Proved, prove};
use crate::store::Face;

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

/// The next gap of a requirement, of which somebody has been told.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    requirement: String,
    /// It may have begun before the proof did.
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl<S: Face> Engine<S> {
    /// The proof of the requirements; `None`: the first is not ready yet. It may be some seconds behind an edit.
    pub fn standing(&self) -> Option<Arc<Standing>> {
        self.shared.standing.load_full()
    }

    /// Until the engine stops.
    pub(super) async fn keep_proof(self) {
        let mut swapped = self.swapped();
        let mut told = Vec::new();
        loop {
            match self.prove_if_new().await {
                Ok(Some(standing)) => told = tell(&standing.proof, &told),
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
        let proof = aside(move || prove(&about, now, now + HORIZON)).await;
        let proof = Arc::new(proof.context("proving the requirements failed")?);
        let standing = Arc::new(Standing { coverage, proof });
        self.shared.standing.store(Some(standing.clone()));
        Ok(Some(standing))
    }
}

/// Logs what is not known yet; gives what is known now.
fn tell(proof: &Proof, before: &[Told]) -> Vec<Told> {
    let told = near(proof, before);
    for Told { requirement, from, .. } in told.iter().filter(|gap| !before.iter().any(|was| gap.is(was))) {
        let from = from.to_rfc3339_opts(SecondsFormat::Secs, true);
        let remedy = "`meridian check` and POST /v1/schedules/check say who just misses; leave, overrides or hours can mend it";
        warn!(requirement, %from, remedy, "a requirement will not be kept");
    }
    for requirement in proof.requirements.iter().filter(|requirement| {
        let is_among = |told: &[Told]| told.iter().any(|gap| gap.requirement == requirement.name);
        is_among(before) && !is_among(&told)
    }) {
        info!(
            requirement = requirement.name,
            "a requirement is kept again for the next {} days",
            TOLD_AHEAD.num_days()
        );
    }
    told
}

/// The next gap of each requirement, where it is near. One that goes on is the one it was when it was told.
fn near(proof: &Proof, before: &[Told]) -> Vec<Told> {
    let next = |proved: &Proved| {
        let gap = proved.uncovered.iter().find(|gap| gap.until > proof.from)?;
        if gap.from >= proof.from + TOLD_AHEAD {
            return None;
        }
        let requirement = &proved.name;
        // The proof begins within it, whenever it began itself.
        let goes_on = |was: &&Told| {
            gap.from <= proof.from
                && was.requirement == *requirement
                && was.from <= proof.from
                && proof.from < was.until
        };
        let from = before.iter().find(goes_on).map_or(gap.from, |was| was.from);
        Some(Told { requirement: requirement.clone(), from, until: gap.until })
    };
    proof.requirements.iter().filter_map(next).collect()
}

impl Told {
    /// The same gap, though somebody may have made it longer or shorter.
    fn is(&self, other: &Told) -> bool {
        (&self.requirement, self.from) == (&other.requirement, other.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::Gap;
    use crate::schedule::Origin;

    /// Of one requirement, as of an hour of a day, with gaps between hours.
    fn proof(now: i64, gaps: &[(i64, i64)]) -> Proof {
        let hour = |hour| DateTime::UNIX_EPOCH + TimeDelta::hours(hour);
        let gap = |(from, until): &(i64, i64)| Gap {
            from: hour(*from),
            until: hour(*until),
            languages: Vec::new(),
            nearly: Vec::new(),
        };
        let requirement = Proved {
            name: "nights".to_owned(),
            tier: "frontline".into(),
            languages: Vec::new(),
            timezone: None,
            origin: Origin::File("org.toml".into(), 0),
            asked: true,
            needless: Vec::new(),
            uncovered: gaps.iter().map(gap).collect(),
            unspoken: Vec::new(),
            declared: Vec::new(),
        };
        Proof { from: hour(now), until: hour(9000), requirements: vec![requirement] }
    }

    /// How many gaps of each proof in turn are news.
    fn news(proofs: &[Proof]) -> Vec<usize> {
        let mut before = Vec::new();
        let news = |proof: &Proof| {
            let now = near(proof, &before);
            let new = now.iter().filter(|gap| !before.iter().any(|was| gap.is(was))).count();
            before = now;
            new
        };
        proofs.iter().map(news).collect()
    }

    #[test]
    fn a_gap_that_goes_on_is_not_told_with_every_proof_again() {
        let ahead_and_within = [proof(0, &[(2, 20)]), proof(6, &[(6, 20)]), proof(12, &[(12, 20)])];
        assert_eq!(news(&ahead_and_within), [1, 0, 0]);
        let without_end = [proof(0, &[(0, 9000)]), proof(6, &[(6, 9006)]), proof(12, &[(12, 9012)])];
        assert_eq!(news(&without_end), [1, 0, 0]);
    }

    #[test]
    fn the_gap_after_one_that_is_over_is_told() {
        assert_eq!(news(&[proof(0, &[(1, 3), (25, 27)]), proof(6, &[(25, 27)])]), [1, 1]);
        assert_eq!(news(&[proof(0, &[(1, 3), (5, 9)]), proof(6, &[(6, 9)])]), [1, 1], "begun meanwhile");
    }
}
