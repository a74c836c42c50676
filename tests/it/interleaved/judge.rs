//! What must hold, whatever the nodes went through.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use meridian::desk::{Answer, Ticket, TicketId};
use meridian::engine::InForce;
use meridian::schedule::Origin;
use meridian::simulate::{News, Step};
use meridian::store::KeptSince;

use super::face::Commit;
use super::node::RETENTION;
use super::rows::{NoticeRow, Rows};
use super::run::key;
use crate::simulation::life::Life;

/// After the last trouble, what is due is done within this.
const LATE_MAX: TimeDelta = TimeDelta::seconds(60);
/// A lease lasts two minutes.
const NOTICE_LATE_MAX: TimeDelta = TimeDelta::minutes(4);
/// By so much a clock is wrong at most.
const OFF_MAX: TimeDelta = TimeDelta::minutes(65);

/// A rule that was broken.
#[derive(Clone, Debug)]
pub struct Wrong {
    pub rule: &'static str,
    pub ticket: Option<TicketId>,
    pub what: String,
}

impl Wrong {
    pub fn new(rule: &'static str, ticket: Option<TicketId>, what: String) -> Wrong {
        Wrong { rule, ticket, what }
    }
}

#[derive(Default)]
pub struct Judge {
    batch: i64,
    decided_at: Option<DateTime<Utc>>,
    /// By node: what it decided by when it last touched the store.
    in_force: BTreeMap<usize, Arc<InForce>>,
    /// Keys whose request was carried out.
    keys: BTreeSet<String>,
    /// Which request opened a ticket.
    opened: BTreeMap<String, TicketId>,
    answers: BTreeMap<usize, Answer>,
    /// Done for so long that they were let go of.
    gone: BTreeSet<TicketId>,
    pub explained: BTreeMap<usize, Vec<String>>,
}

impl Judge {
    pub fn decides_by(&mut self, node: usize, in_force: Option<Arc<InForce>>) {
        match in_force {
            Some(in_force) => drop(self.in_force.insert(node, in_force)),
            None => drop(self.in_force.remove(&node)),
        }
    }

    pub fn in_words(&self, commit: &Commit) -> String {
        let mut text = format!("  batch {} of node {}", commit.last.batch, commit.node);
        for event in &commit.changes.events {
            let what = serde_json::to_value(&event.what).unwrap();
            let what = what["event"].as_str().unwrap_or_default().to_owned();
            text.push_str(&format!("; ticket {} {what}", event.ticket));
        }
        text
    }

    /// The next batch in a total order, decided by what is in force, after which everything is as it should be.
    pub fn committed(&mut self, life: &mut Life, rows: &Rows, commit: Commit) -> Result<News, Wrong> {
        let Commit { node, changes, last, keys, publishes } = commit;
        if last.batch != self.batch + 1 {
            let what = format!("batch {} of node {node} after batch {}", last.batch, self.batch);
            return Err(Wrong::new("order", None, what));
        }
        if last.decided_at < self.decided_at {
            let what = format!("decided at {:?}, after {:?}", last.decided_at, self.decided_at);
            return Err(Wrong::new("time", None, what));
        }
        (self.batch, self.decided_at) = (last.batch, last.decided_at);
        for key in keys {
            if !self.keys.insert(key.clone()) {
                return Err(Wrong::new("twice", None, format!("{key} was carried out again by node {node}")));
            }
        }
        if let Some(saved) = changes.tickets.iter().find(|saved| self.gone.contains(&saved.ticket.id)) {
            let what = format!("node {node} has changed a ticket that had been let go of");
            return Err(Wrong::new("back from nowhere", Some(saved.ticket.id), what));
        }
        for saved in &changes.tickets {
            let (id, reference) =
                (saved.ticket.id, saved.ticket.facts.external_ref.clone().unwrap_or_default());
            if self.opened.entry(reference.clone()).or_insert(id) != &id {
                return Err(Wrong::new(
                    "twice",
                    Some(id),
                    format!("{reference} opened another ticket before"),
                ));
            }
        }
        if let Some(in_force) = self.in_force.get(&node) {
            // Whatever makes other schedules has only woken tickets.
            if !publishes && last.day_batch != last.batch {
                decides_by_what_is_in_force(node, in_force, rows)?;
            }
            life.world.extend(in_force.coverage.clone());
        }
        let now = last.decided_at.unwrap_or(life.world.now());
        life.world.follow(changes, now);
        let news = life.world.take_news();
        life.check(&news, Step::Other)
            .map_err(|broken| Wrong::new("invariant", broken.ticket, broken.what))?;
        Ok(news)
    }

    /// An answer in the 200s is in the store, and the same however often it is given.
    pub fn answered(&mut self, number: usize, answer: &Answer, rows: &Rows) -> Result<(), Wrong> {
        self.is_remembered(number, rows)?;
        if let Answer::Ticket { ticket, .. } = answer {
            let history = rows.history(ticket.id, ticket.seq);
            if history.len() != ticket.seq as usize || Ticket::replay(&history).as_ref() != Some(&**ticket) {
                let what =
                    format!("request {number} was answered with a ticket that the store does not have");
                return Err(Wrong::new("lost", Some(ticket.id), what));
            }
        }
        match self.answers.insert(number, answer.clone()) {
            Some(before) if before != *answer => {
                let what = format!("request {number} was answered {before:?} before, and now {answer:?}");
                Err(Wrong::new("two answers", None, what))
            }
            _ => Ok(()),
        }
    }

    pub fn is_remembered(&self, number: usize, rows: &Rows) -> Result<(), Wrong> {
        match rows.remembered.contains_key(&key(number)) {
            true => Ok(()),
            false => {
                Err(Wrong::new("lost", None, format!("request {number} was answered and is not remembered")))
            }
        }
    }

    /// Whole tickets, done for as long as was said.
    pub fn let_go(&mut self, gone: &[TicketId], life: &Life, now: DateTime<Utc>) -> Result<(), Wrong> {
        for id in gone {
            self.gone.insert(*id);
            let kept = &life.world.kept().tickets[id].ticket;
            let changed = life.world.kept().events[id].last().expect("it was opened").at;
            let kept_for = RETENTION.tickets.expect("tickets go") - OFF_MAX;
            if kept.live() || changed > now - kept_for {
                let what = format!("let go of at {now}, changed at {changed}, live: {}", kept.live());
                return Err(Wrong::new("let go of too early", Some(*id), what));
            }
        }
        Ok(())
    }

    pub fn nothing_is_overdue(
        &self,
        rows: &Rows,
        now: DateTime<Utc>,
        disturbed: DateTime<Utc>,
    ) -> Result<(), Wrong> {
        let late = |what: &str, due: Option<DateTime<Utc>>, most: TimeDelta| match due {
            Some(due) if now > due.max(disturbed) + most => {
                Err(Wrong::new("overdue", None, format!("{what} due at {due}, and it is {now}")))
            }
            _ => Ok(()),
        };
        late("a ticket is", rows.next_wake(), LATE_MAX)?;
        late("by the true time, a ticket is", rows.next_wakes_by(), LATE_MAX)?;
        late("a notice is", rows.next_notice(), NOTICE_LATE_MAX)?;
        let never_tried = |notice: &&NoticeRow| {
            notice.pending()
                && notice.lease.is_none()
                && notice.sends + notice.row.attempts + notice.lost == 0
        };
        let written = rows.outbox.values().filter(never_tried).map(|notice| notice.written_at).min();
        late("by the true time, a notice that nobody has tried to send is", written, NOTICE_LATE_MAX)
    }

    pub fn at_the_end(&self, life: &mut Life, rows: &Rows, now: DateTime<Utc>) -> Result<(), Wrong> {
        life.world.sleep_until(now);
        life.at_the_end().map_err(|broken| Wrong::new("invariant", broken.ticket, broken.what))?;
        for (id, kept) in &life.world.kept().tickets {
            let stored = rows.ticket(*id);
            if stored.as_ref() != Some(kept).filter(|_| !self.gone.contains(id)) {
                return Err(Wrong::new("lost", Some(*id), format!("the store has {stored:?}, not {kept:?}")));
            }
        }
        let left = rows.outbox.values().find(|notice| notice.pending() && notice.row.due_at <= now);
        match left {
            Some(notice) => {
                let what = format!("notice {} was never sent", notice.row.notice.id);
                Err(Wrong::new("notice", notice.row.notice.ticket, what))
            }
            None => Ok(()),
        }
    }
}

fn decides_by_what_is_in_force(node: usize, in_force: &InForce, rows: &Rows) -> Result<(), Wrong> {
    let last = rows.last();
    if in_force.revision != last.revision {
        let what = format!("node {node} decides by revision {}, not {}", in_force.revision, last.revision);
        return Err(Wrong::new("revision", None, what));
    }
    let people = &in_force.coverage.organisation.people;
    let there = rows.day.iter().filter(|entry| !entry.removed);
    let fits =
        |body: &serde_json::Value| body["person"].as_str().is_some_and(|person| people.contains_key(person));
    let there: BTreeSet<i64> =
        there.filter(|entry| fits(&entry.row.body)).map(|entry| entry.row.id).collect();
    let row = |origin: &Origin| match origin {
        Origin::Row(row) => Some(*row),
        _ => None,
    };
    let known: BTreeSet<i64> =
        in_force.coverage.changes.leave.iter().filter_map(|leave| row(&leave.origin)).collect();
    if there != known {
        let what = format!("node {node} decides by leave {known:?}, not {there:?}");
        return Err(Wrong::new("leave", None, what));
    }
    Ok(())
}

/// Whoever lets go of things goes by a clock that is not far off.
pub fn kept_too_short(since: &KeptSince, now: DateTime<Utc>) -> Option<Wrong> {
    let notices = now - RETENTION.notices + OFF_MAX;
    let tickets = RETENTION.tickets.map(|kept| now - kept + OFF_MAX);
    (since.notices > notices || since.tickets > tickets)
        .then(|| Wrong::new("let go of too early", None, format!("at {now}: {since:?}")))
}
