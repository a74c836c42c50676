//! By which of a person's ways a notice goes out, and in how many stages they are asked.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::ticket::seconds;
use super::{Notice, NoticeKind};
use crate::coverage::Coverage;
use crate::schedule::Purpose;

/// One of several notices by which somebody is asked the same: the next goes out after a while, unless somebody has taken
/// the ticket by then, or at once where this one reaches nobody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// The id of the first of them.
    pub first: String,
    /// From 0.
    pub number: u32,
    pub of: u32,
    /// So long after they were made it goes out.
    #[serde(rename = "after_seconds", with = "seconds")]
    pub after: TimeDelta,
}

impl Stage {
    /// The id of another stage of the same.
    fn id(first: &str, number: u32) -> String {
        if number == 0 { first.to_owned() } else { format!("{first}-s{number}") }
    }

    /// Whether none of them has reached anybody, given those that have not.
    pub(super) fn was_last(&self, unheard: &[String]) -> bool {
        (0..self.of).all(|number| unheard.contains(&Stage::id(&self.first, number)))
    }
}

impl Notice {
    /// When it is to go out first.
    pub fn goes_out_at(&self) -> DateTime<Utc> {
        let after = self.stage.as_ref().map_or(TimeDelta::zero(), |stage| stage.after);
        self.at.checked_add_signed(after).unwrap_or(self.at)
    }

    /// It waits before it goes out first, and nothing waits for it.
    pub fn is_put_off(&self) -> bool {
        self.goes_out_at() > self.at
    }

    /// The id of the stage after this one, which goes out at once where this one reaches nobody.
    pub fn next_stage(&self) -> Option<String> {
        let stage = self.stage.as_ref().filter(|stage| stage.number + 1 < stage.of)?;
        Some(Stage::id(&stage.first, stage.number + 1))
    }

    /// The channels by which it goes out, in their order; none where no way of its receiver is for such a notice at that
    /// hour.
    pub fn ways<'c>(&self, coverage: &'c Coverage) -> Vec<&'c str> {
        if let Some(vendor) = coverage.organisation.vendor(&self.to) {
            return vec![vendor.channel.as_str()];
        }
        let (to, purpose) = (&self.to, self.purpose());
        if !self.asks() {
            return coverage.ways(to, purpose, self.at);
        }
        let after = match &self.stage {
            Some(stage) => Some(stage.after),
            None => coverage.stages(to, purpose, self.at).first().copied(),
        };
        after.map_or(Vec::new(), |after| coverage.ways_of_stage(to, purpose, self.at, after))
    }

    fn purpose(&self) -> Purpose {
        match self.kind {
            NoticeKind::Page | NoticeKind::LastResort => Purpose::Page,
            NoticeKind::Offer | NoticeKind::Approval => Purpose::Offer,
            NoticeKind::StandDown
            | NoticeKind::BriefingAsked
            | NoticeKind::Told
            | NoticeKind::Review
            | NoticeKind::News
            | NoticeKind::ShiftCheck
            | NoticeKind::Vendor => Purpose::All,
        }
    }

    /// What asks somebody, once for each stage that goes out before an answer is too late; all else as it is.
    pub(super) fn in_stages(self, coverage: &Coverage) -> Vec<Notice> {
        if !self.asks() {
            return vec![self];
        }
        let in_time = |after: &TimeDelta| {
            self.expires_at.is_none_or(|until| *after < until.signed_duration_since(self.at))
        };
        let stages: Vec<TimeDelta> =
            coverage.stages(&self.to, self.purpose(), self.at).into_iter().filter(in_time).collect();
        // Where no way would be in time, the first of them is used at once.
        if stages.is_empty() || stages == [TimeDelta::zero()] {
            return vec![self];
        }
        let of = stages.len() as u32;
        let stage = |(number, after): (u32, TimeDelta)| {
            let stage = Stage { first: self.id.clone(), number, of, after };
            Notice { id: Stage::id(&self.id, number), stage: Some(stage), ..self.clone() }
        };
        (0..of).zip(stages).map(stage).collect()
    }
}
