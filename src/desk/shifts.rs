//! Who is told that people begin a shift in which no page would reach them. No ticket is behind it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::state::{Desk, Rules};
use super::{About, Answer, Notice, NoticeKind, Says};
use crate::coverage::{Coverage, Unready};
use crate::schedule::{PersonId, TeamId};

/// People who begin a shift of one team together, and in it would not be reached.
#[derive(Clone, Debug, PartialEq)]
pub struct ShiftCheck {
    pub team: TeamId,
    /// When it begins.
    pub begins: DateTime<Utc>,
    /// By person, not empty.
    pub unready: Vec<Unready>,
    /// Those of them whom a message reaches now.
    pub hear_now: BTreeSet<PersonId>,
    /// Leads, and the last resort, whom none reaches now.
    pub deaf: BTreeSet<PersonId>,
}

impl ShiftCheck {
    /// How the ids of all notices about shifts that begin then begin, and no others.
    pub fn id_prefix(begins: DateTime<Utc>) -> String {
        format!("shift-{}-", begins.format("%Y%m%dT%H%M%SZ"))
    }

    /// The same whichever node tells it, however often.
    fn id(&self, to: &PersonId) -> String {
        let first = self.unready.first().map_or("", |unready| unready.person.as_str());
        let words = [self.team.as_str(), first, to.as_str()];
        // FNV-1a; ids of people may have letters that no header takes.
        let mixed = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
        format!("{}{:016x}", ShiftCheck::id_prefix(self.begins), bytes.fold(0xcbf2_9ce4_8422_2325, mixed))
    }

    fn notice(&self, to: &PersonId, unready: Vec<Unready>, now: DateTime<Utc>) -> Notice {
        Notice {
            id: self.id(to),
            at: now,
            ticket: None,
            priority: None,
            kind: NoticeKind::ShiftCheck,
            to: to.clone(),
            about: About::default(),
            says: Says::ShiftCheck { team: self.team.clone(), begins: self.begins, unready },
            expires_at: None,
            stage: None,
        }
    }

    /// The team's lead; where that is one of them, on leave or not reached now, the nearest lead of the next tier that has
    /// one who is neither: same region first, then by the team's id; else the last resort. Where none of these is reached
    /// now, the first of them all the same: it may pass.
    fn lead(&self, coverage: &Coverage, now: DateTime<Utc>) -> Option<PersonId> {
        let org = &coverage.organisation;
        let own = org.teams.get(&self.team)?;
        let above = org.tiers.iter().skip(org.tier_rank(&own.tier) + 1).flat_map(|tier| {
            let mut teams: Vec<_> = org.teams.iter().filter(|(_, team)| team.tier == *tier).collect();
            teams.sort_by_key(|(id, team)| (team.region != own.region, *id));
            teams
        });
        let leads = [(&self.team, own)].into_iter().chain(above);
        let leads = leads.filter_map(|(id, team)| Some((id, team.lead.as_ref()?)));
        let there = leads.filter(|(team, lead)| !coverage.is_on_leave(lead, team, now)).map(|(_, lead)| lead);
        let is_one = |person: &PersonId| self.unready.iter().any(|unready| unready.person == *person);
        let others: Vec<&PersonId> = there.chain(&org.last_resort).filter(|person| !is_one(person)).collect();
        let heard = others.iter().find(|person| !self.deaf.contains(**person));
        heard.or(others.first()).copied().cloned()
    }
}

impl Desk {
    /// The lead of all of them, and each of them whom a message reaches now.
    pub(super) fn tell_unready(&mut self, rules: Rules, check: &ShiftCheck, now: DateTime<Utc>) -> Answer {
        let lead = check.lead(rules.coverage, now);
        let mut notices: Vec<Notice> =
            lead.iter().map(|lead| check.notice(lead, check.unready.clone(), now)).collect();
        let themselves = check.unready.iter().filter(|unready| check.hear_now.contains(&unready.person));
        notices.extend(themselves.map(|unready| check.notice(&unready.person, vec![unready.clone()], now)));
        let to = notices.iter().map(|notice| notice.to.clone()).collect();
        self.tell(notices);
        Answer::Told { to }
    }
}
