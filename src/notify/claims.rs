//! What is claimed and not settled, by channel: a channel that is slow fills its own room and no other's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};

use super::Channels;
use crate::coverage::Coverage;
use crate::schedule::{Organisation, PersonId, Purpose};
use crate::store::{Leave, LeaveOf, OutboxRow};

/// A page whose channels this node does not know is left to nodes that may know them for so long.
pub(super) const LEFT_TO_OTHERS: TimeDelta = TimeDelta::seconds(30);

const LOCK: &str = "no one panics while holding it";

#[derive(Default)]
pub(super) struct Claims {
    under_way: Mutex<UnderWay>,
    firsts: Mutex<Option<Arc<Firsts>>>,
}

#[derive(Default)]
struct UnderWay {
    attempts: BTreeSet<Attempted>,
    by_channel: BTreeMap<String, usize>,
}

/// A notice as it was claimed. Once it has been put back it is another one, and may be claimed again while the last words
/// about the one before are still being said.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Attempted {
    notice: String,
    due_at: DateTime<Utc>,
    channel: Option<String>,
    failed: u32,
}

impl Attempted {
    fn of(row: &OutboxRow) -> Attempted {
        let (notice, channel) = (row.notice.id.clone(), row.channel.clone());
        Attempted { notice, due_at: row.due_at, channel, failed: row.attempts }
    }
}

/// One notice that is under way, until it is dropped.
pub(super) struct Claimed {
    claims: Arc<Claims>,
    attempted: Attempted,
    channel: String,
}

/// Which channel people's notices begin with, as the files say it at this hour.
struct Firsts {
    organisation: Arc<Organisation>,
    /// At another hour it may be others; `None`: never.
    until: Option<DateTime<Utc>>,
    /// Of what must reach somebody; and who has another channel after it.
    pages: BTreeMap<String, Vec<(PersonId, bool)>>,
    others: BTreeMap<String, Vec<PersonId>>,
    /// Who names channels, none of which is known here.
    strangers: BTreeSet<PersonId>,
}

impl Claims {
    /// `None`: this very attempt is under way already.
    pub fn under_way(self: &Arc<Self>, row: &OutboxRow, channel: &str) -> Option<Claimed> {
        let (mut under_way, attempted) = (self.under_way.lock().expect(LOCK), Attempted::of(row));
        if !under_way.attempts.insert(attempted.clone()) {
            return None;
        }
        *under_way.by_channel.entry(channel.to_owned()).or_default() += 1;
        Some(Claimed { claims: self.clone(), attempted, channel: channel.to_owned() })
    }

    /// What is not to be claimed now: `room` notices of one channel may be under way, and as many pages again. `shared`:
    /// other nodes may know channels that are unknown here.
    pub fn leave(
        &self,
        coverage: &Coverage,
        channels: &Channels,
        room: usize,
        shared: bool,
        now: DateTime<Utc>,
    ) -> Leave {
        let firsts = self.firsts(coverage, channels, now);
        let (mut pages, mut others) = (LeaveOf::default(), LeaveOf::default());
        for (channel, count) in &self.under_way.lock().expect(LOCK).by_channel {
            if *count >= 2 * room {
                // Whoever has another channel does not wait for one that hangs.
                let passed = channels.get(channel).is_some_and(|way| way.places.hangs());
                let people = firsts.pages.get(channel).into_iter().flatten();
                let waiting = people.filter(|(_, has_another)| !(passed && *has_another));
                pages.people.extend(waiting.map(|(person, _)| person.clone()));
                pages.channels.insert(channel.clone());
            }
            if *count >= room {
                others.people.extend(firsts.others.get(channel).into_iter().flatten().cloned());
                others.channels.insert(channel.clone());
            }
        }
        let strangers = if shared { firsts.strangers.clone() } else { BTreeSet::new() };
        Leave { pages, others, strangers, strangers_after: now - LEFT_TO_OTHERS }
    }

    fn firsts(&self, coverage: &Coverage, channels: &Channels, now: DateTime<Utc>) -> Arc<Firsts> {
        let mut kept = self.firsts.lock().expect(LOCK);
        match &*kept {
            Some(firsts)
                if Arc::ptr_eq(&firsts.organisation, &coverage.organisation)
                    && firsts.until.is_none_or(|until| now < until) =>
            {
                firsts.clone()
            }
            _ => kept.insert(Arc::new(Firsts::of(coverage, channels, now))).clone(),
        }
    }
}

impl Firsts {
    fn of(coverage: &Coverage, channels: &Channels, now: DateTime<Utc>) -> Firsts {
        let organisation = &coverage.organisation;
        let (mut pages, mut others) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for person in organisation.people.keys() {
            let waking = channels.waking(first_ways(coverage, person, Purpose::Page, now));
            pages.entry(waking[0].to_owned()).or_default().push((person.clone(), waking.len() > 1));
            let offered = channels.of(first_ways(coverage, person, Purpose::Offer, now));
            let told = channels.of(coverage.ways(person, Purpose::All, now));
            // Nobody waits for a channel that is not theirs.
            if offered[0] == told[0] {
                others.entry(told[0].to_owned()).or_default().push(person.clone());
            }
        }
        let strangers = organisation.people.keys().filter(|person| channels.knows_none(organisation, person));
        Firsts {
            organisation: organisation.clone(),
            until: coverage.same_ways_until(now),
            pages,
            others,
            strangers: strangers.cloned().collect(),
        }
    }
}

/// Of the first stage of asking them.
fn first_ways<'c>(
    coverage: &'c Coverage,
    person: &PersonId,
    purpose: Purpose,
    now: DateTime<Utc>,
) -> Vec<&'c str> {
    let first = coverage.stages(person, purpose, now).first().copied();
    first.map_or(Vec::new(), |after| coverage.ways_of_stage(person, purpose, now, after))
}

impl Drop for Claimed {
    fn drop(&mut self) {
        let mut under_way = self.claims.under_way.lock().expect(LOCK);
        under_way.attempts.remove(&self.attempted);
        if let Some(count) = under_way.by_channel.get_mut(&self.channel) {
            *count -= 1;
            if *count == 0 {
                under_way.by_channel.remove(&self.channel);
            }
        }
    }
}

/// Where in a person's channels a notice is.
pub(super) struct Turn<'a> {
    pub channel: &'a str,
    /// Attempts on this channel that came to nothing.
    pub failed: u32,
    pub next: Option<&'a str>,
    /// It was passed over before: it was its turn while it hung.
    was_passed: bool,
}

impl<'a> Turn<'a> {
    /// The channel the outbox names, else the person's first; those that were passed over come after the others. `names`
    /// has at least one, and each once.
    pub fn of(row: &OutboxRow, names: &[&'a str]) -> Turn<'a> {
        let place = |name: &&str| row.passed.iter().position(|passed| passed == name);
        let mut order = names.to_vec();
        // `None` is before every place.
        order.sort_by_key(place);
        let stored = row.channel.as_deref().and_then(|last| order.iter().position(|name| *name == last));
        let at = stored.unwrap_or(0);
        let failed = if stored.is_some() { row.attempts } else { 0 };
        let was_passed = place(&order[at]).is_some();
        Turn { channel: order[at], failed, next: order.get(at + 1).copied(), was_passed }
    }

    /// Whether it may go on to the next channel without having been tried on this one: each is passed over once.
    pub fn may_pass(&self) -> bool {
        self.next.is_some() && !self.was_passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{About, Notice, NoticeKind, Says, TicketId};
    use crate::schedule::Priority;

    #[test]
    fn a_notice_that_was_put_back_and_claimed_at_once_was_nobodys_until_its_lease_ended() {
        let at: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().unwrap();
        let notice = Notice {
            id: "1-5-0".to_owned(),
            at,
            ticket: Some(TicketId(1)),
            priority: Some(Priority::P1),
            kind: NoticeKind::Page,
            to: PersonId::new("anna"),
            about: About::default(),
            says: Says::Review { hops: 1 },
            expires_at: None,
            stage: None,
        };
        let row = OutboxRow {
            notice,
            urgent: true,
            attempts: 0,
            due_at: at,
            sent_at: None,
            failed_at: None,
            channel: None,
            passed: Vec::new(),
            last_error: None,
        };
        let claims = Arc::new(Claims::default());
        let first = claims.under_way(&row, "hook").expect("nobody has it");
        assert!(claims.under_way(&row, "hook").is_none(), "a lease that a clock has ended is no new attempt");
        // Passed over, and not yet dropped.
        let again =
            OutboxRow { channel: Some("sms".to_owned()), passed: vec!["hook".to_owned()], ..row.clone() };
        assert!(claims.under_way(&again, "sms").is_some());
        let later = OutboxRow { due_at: at + TimeDelta::milliseconds(1), ..row.clone() };
        assert!(claims.under_way(&later, "hook").is_some());
        drop(first);
        assert!(claims.under_way(&row, "hook").is_some());
    }
}
