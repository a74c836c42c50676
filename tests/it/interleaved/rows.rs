//! What the tables keep, in memory: bodies as text, written and read as the store does, and what the database's
//! constraints would refuse.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use meridian::desk::*;
use meridian::schedule::{PersonId, Priority, Residency, TeamId};
use meridian::store::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

#[derive(Clone)]
pub struct TicketRow {
    pub wake_at: Option<DateTime<Utc>>,
    pub residency: Option<Residency>,
    live: bool,
    /// When the nodes' time comes to `wake_at`, by the true time and at the slowest.
    wakes_by: Option<DateTime<Utc>>,
    dedup_key: Option<String>,
    changed: i64,
    body: String,
}

#[derive(Clone)]
pub struct NoticeRow {
    pub row: OutboxRow,
    /// Batch and place in it.
    made: (i64, usize),
    /// Its own, or that of a page it stands before.
    priority: Priority,
    pub lease: Option<(String, DateTime<Utc>)>,
    /// So often it went out; so many leases ended before anybody said so, and so many answers were never heard.
    pub sends: u32,
    pub lost: u32,
    pub unheard: u32,
    /// By the true time.
    pub written_at: DateTime<Utc>,
}

#[derive(Clone)]
struct HandoffRow {
    boundary: DateTime<Utc>,
    open: bool,
    changed: i64,
    body: String,
}

#[derive(Clone)]
pub struct DayEntry {
    pub row: DayRow,
    pub removed: bool,
    changed: i64,
}

/// What is committed.
#[derive(Clone, Default)]
pub struct Rows {
    batch: i64,
    decided_at: Option<DateTime<Utc>>,
    numbers: Numbers,
    pub tickets: BTreeMap<TicketId, TicketRow>,
    events: BTreeMap<(TicketId, u32), (i64, String)>,
    handoffs: BTreeMap<HandoffId, HandoffRow>,
    turns: BTreeMap<TeamId, (PersonId, i64)>,
    pub outbox: BTreeMap<String, NoticeRow>,
    pub remembered: BTreeMap<String, (Remembered, DateTime<Utc>)>,
    pub revisions: Vec<RevisionRow>,
    pub day: Vec<DayEntry>,
    pub agreed: BTreeMap<String, i64>,
}

/// What a batch will have written once it is committed.
pub enum Write {
    Save { changes: Box<Changes>, last: Last, at: DateTime<Utc> },
    Remember { answers: BTreeMap<String, Remembered>, now: DateTime<Utc> },
    Forget { before: DateTime<Utc>, limit: u32 },
    GiveUp { notices: Vec<(String, String, Option<String>)>, now: DateTime<Utc> },
    Revision(RevisionRow),
    AddDay(DayRow),
    RemoveDay(i64),
}

impl Rows {
    pub fn last(&self) -> Last {
        Last {
            batch: self.batch,
            decided_at: self.decided_at,
            numbers: self.numbers,
            revision: self.revisions.last().map_or(0, |row| row.number),
            day_batch: self.day.iter().map(|entry| entry.changed).max().unwrap_or(0),
        }
    }

    pub fn load_desk(&self) -> DeskRows {
        let Last { batch, decided_at, numbers, revision, day_batch } = self.last();
        let closings = self.tickets.iter().filter(|(_, row)| !row.live);
        let unsettled = |row: &&HandoffRow| row.open || Some(row.boundary) > decided_at;
        DeskRows {
            damaged: Vec::new(),
            tickets: self.read_tickets(|row| row.live),
            closings: closings.filter_map(|(id, row)| Some((*id, row.wake_at?))).collect(),
            handoffs: self.handoffs.values().filter(unsettled).map(|row| read(&row.body)).collect(),
            turns: self.turns.iter().map(|(team, (person, _))| (team.clone(), person.clone())).collect(),
            numbers,
            batch,
            decided_at,
            revision,
            day_batch,
        }
    }

    pub fn since(&self, batch: i64, last: Last) -> Since {
        let turns = self.turns.iter().filter(|(_, (_, changed))| *changed > batch);
        let handoffs = self.handoffs.values().filter(|row| row.changed > batch);
        Since {
            last,
            tickets: self.read_tickets(|row| row.changed > batch),
            handoffs: handoffs.map(|row| read(&row.body)).collect(),
            turns: turns.map(|(team, (person, _))| (team.clone(), person.clone())).collect(),
            events: self.events_since(batch, last.batch),
        }
    }

    pub fn events_since(&self, batch: i64, until: i64) -> Vec<Heard> {
        let among = self.events.iter().filter(|(_, (of, _))| *of > batch && *of <= until);
        let mut events: Vec<_> = among.map(|(id, (of, text))| (*of, *id, text)).collect();
        events.sort_unstable_by_key(|(of, id, _)| (*of, *id));
        let heard = |(_, (ticket, _), text): (_, (TicketId, u32), &String)| {
            (read(text), self.tickets[&ticket].residency.clone())
        };
        events.into_iter().map(heard).collect()
    }

    /// Its events up to that one.
    pub fn history(&self, ticket: TicketId, until: u32) -> Vec<Event> {
        self.events.range((ticket, 0)..=(ticket, until)).map(|(_, (_, text))| read(text)).collect()
    }

    pub fn ticket(&self, id: TicketId) -> Option<Saved> {
        self.tickets.get(&id).map(saved)
    }

    fn read_tickets(&self, among: impl Fn(&TicketRow) -> bool) -> Vec<Saved> {
        self.tickets.values().filter(|row| among(row)).map(saved).collect()
    }

    pub fn handoff(&self, id: HandoffId) -> Option<Handoff> {
        self.handoffs.get(&id).map(|row| read(&row.body))
    }

    /// When the next ticket is to be looked at.
    pub fn next_wake(&self) -> Option<DateTime<Utc>> {
        self.tickets.values().filter_map(|row| row.wake_at).min()
    }

    /// By the true time, when the first live ticket must have been looked at, however wrong the nodes' clocks are.
    pub fn next_wakes_by(&self) -> Option<DateTime<Utc>> {
        self.tickets.values().filter(|row| row.live).filter_map(|row| row.wakes_by).min()
    }

    pub fn next_notice(&self) -> Option<DateTime<Utc>> {
        let claimable = |notice: &NoticeRow| {
            let leased = notice.lease.as_ref().map(|(_, until)| *until);
            leased.map_or(notice.row.due_at, |until| until.max(notice.row.due_at))
        };
        let pending = self.outbox.values().filter(|notice| notice.pending() && self.is_first(notice));
        pending.map(claimable).min()
    }

    /// Nothing made before it for the same receiver about the same ticket is still to be settled.
    pub fn is_first(&self, notice: &NoticeRow) -> bool {
        let about = |notice: &NoticeRow| (notice.row.notice.ticket, notice.row.notice.to.clone());
        if notice.row.notice.is_put_off() {
            return true;
        }
        let counts = |other: &NoticeRow| {
            (!notice.row.urgent || other.row.attempts == 0) && !other.row.notice.is_put_off()
        };
        let earlier = |other: &&NoticeRow| other.pending() && other.made < notice.made && counts(other);
        !self.outbox.values().filter(earlier).any(|other| about(other) == about(notice))
    }

    /// Pages first, the worst first, then by due time; of those about one ticket to one receiver only the first that is not settled.
    pub fn claim(
        &mut self,
        now: DateTime<Utc>,
        node: &str,
        lease: TimeDelta,
        limit: u32,
        leave: &Leave,
        whoever_has_a_lease: bool,
    ) -> Vec<OutboxRow> {
        let first: BTreeSet<String> = self
            .outbox
            .iter()
            .filter(|(_, row)| row.pending() && self.is_first(row))
            .map(|(id, _)| id.clone())
            .collect();
        let due = self.outbox.iter_mut().filter(|(id, _)| first.contains(*id));
        let mut due: Vec<_> = due.map(|(_, row)| row).collect();
        due.retain(|notice| {
            let free = notice.lease.as_ref().is_none_or(|(_, until)| *until <= now);
            notice.pending()
                && notice.row.due_at <= now
                && (free || whoever_has_a_lease)
                && !leave.has(&notice.row)
        });
        let order = |NoticeRow { row, priority, .. }: &NoticeRow| {
            (!row.urgent, *priority, row.due_at, row.notice.id.clone())
        };
        due.sort_by_key(|notice| order(notice));
        due.truncate(limit as usize);
        for notice in &mut due {
            let ended = notice.lease.replace((node.to_owned(), now + lease));
            notice.lost += u32::from(ended.is_some_and(|(_, until)| until <= now));
        }
        due.into_iter().map(|notice| notice.row.clone()).collect()
    }

    /// What is done and has been kept for long enough goes: how much, and which tickets.
    pub fn prune(&mut self, since: KeptSince, limit: u32, live_too: bool) -> (Gone, Vec<TicketId>) {
        let limit = limit as usize;
        let mut gone = Gone::default();
        let mut tickets = Vec::new();
        if let Some(since) = since.tickets {
            let done = self.tickets.iter().filter(|(_, row)| live_too || !row.live);
            let mut oldest: Vec<(i64, TicketId)> = done.map(|(id, row)| (row.changed, *id)).collect();
            oldest.sort_unstable();
            oldest.truncate(limit);
            tickets.extend(
                oldest.into_iter().map(|(_, id)| id).filter(|id| self.last_changed(*id) < Some(since)),
            );
            let old = |row: &HandoffRow| !row.open && row.boundary < since;
            let mut old: Vec<_> = self
                .handoffs
                .iter()
                .filter(|(_, row)| old(row))
                .map(|(id, row)| (row.boundary, *id))
                .collect();
            old.sort_unstable();
            old.truncate(limit);
            gone.handoffs = old.len() as u64;
            old.iter().for_each(|(_, id)| drop(self.handoffs.remove(id)));
        }
        let of = |id: &TicketId| tickets.contains(id);
        let before = (self.events.len(), self.outbox.len());
        self.tickets.retain(|id, _| !of(id));
        self.events.retain(|(id, _), _| !of(id));
        self.outbox.retain(|_, notice| !notice.row.notice.ticket.is_some_and(|ticket| of(&ticket)));
        let settled = |notice: &NoticeRow| notice.row.sent_at.or(notice.row.failed_at);
        let mut old: Vec<_> =
            self.outbox.iter().filter_map(|(id, notice)| Some((settled(notice)?, id.clone()))).collect();
        old.retain(|(at, _)| *at < since.notices);
        old.sort_unstable();
        old.iter().take(limit).for_each(|(_, id)| drop(self.outbox.remove(id)));
        (gone.tickets, gone.events) = (tickets.len() as u64, (before.0 - self.events.len()) as u64);
        gone.notices = (before.1 - self.outbox.len()) as u64;
        (gone, tickets)
    }

    fn last_changed(&self, ticket: TicketId) -> Option<DateTime<Utc>> {
        let last = self.events.range((ticket, 0)..=(ticket, u32::MAX)).next_back();
        last.map(|(_, (_, text))| read::<Event>(text).at)
    }

    pub fn take_back_leases(&mut self, node: &str) {
        for notice in self.outbox.values_mut().filter(|notice| notice.pending()) {
            notice.lost += u32::from(notice.lease.take_if(|(by, _)| by == node).is_some());
        }
    }

    pub fn add_day(&self, kind: DayKind, body: &serde_json::Value, by: &str, at: DateTime<Utc>) -> DayRow {
        let id = self.day.len() as i64 + 1;
        DayRow { id, kind, at, by: by.to_owned(), body: body.clone() }
    }

    /// What a primary key or a unique index would have against it.
    pub fn refuses(&self, changes: &Changes) -> Option<String> {
        for event in &changes.events {
            if self.events.contains_key(&(event.ticket, event.seq)) {
                return Some(format!("event {} of ticket {} twice", event.seq, event.ticket));
            }
        }
        let known = changes.notices.iter().find(|notice| self.outbox.contains_key(&notice.id));
        if let Some(notice) = known {
            return Some(format!("notice {} twice", notice.id));
        }
        let changed: BTreeMap<TicketId, &Saved> =
            changes.tickets.iter().map(|saved| (saved.ticket.id, saved)).collect();
        let mut keys = BTreeMap::new();
        let after = changed.values().filter(|saved| saved.ticket.live());
        let after = after.filter_map(|saved| Some((saved.ticket.facts.dedup_key.as_ref()?, saved.ticket.id)));
        let before = self.tickets.iter().filter(|(id, row)| row.live && !changed.contains_key(id));
        let before = before.filter_map(|(id, row)| Some((row.dedup_key.as_ref()?, *id)));
        for (key, ticket) in after.chain(before) {
            if let Some(other) = keys.insert(key, ticket) {
                return Some(format!("tickets {other} and {ticket} are live and have the dedup key {key:?}"));
            }
        }
        None
    }

    pub fn write(&mut self, write: Write) {
        match write {
            Write::Save { changes, last, at } => self.save(*changes, last, at),
            Write::Remember { answers, now } => {
                self.remembered.extend(answers.into_iter().map(|(key, one)| (key, (one, now))));
            }
            Write::Forget { before, limit } => {
                let mut old: Vec<_> =
                    self.remembered.iter().map(|(key, (_, at))| (*at, key.clone())).collect();
                old.retain(|(at, _)| *at < before);
                old.sort();
                for (_, key) in old.into_iter().take(limit as usize) {
                    self.remembered.remove(&key);
                }
            }
            Write::GiveUp { notices, now } => {
                for (id, reason, next) in notices {
                    let next = next.and_then(|id| self.outbox.get_mut(&id)).filter(|next| next.pending());
                    if let Some(next) = next {
                        next.row.due_at = next.row.due_at.min(to_the_millisecond(now));
                    }
                    let Some(notice) = self.outbox.get_mut(&id).filter(|notice| notice.pending()) else {
                        continue;
                    };
                    (notice.row.failed_at, notice.row.last_error, notice.lease) =
                        (Some(now), Some(reason), None);
                    notice.row.attempts += 1;
                }
            }
            Write::Revision(row) => self.revisions.push(row),
            Write::AddDay(row) => self.day.push(DayEntry { row, removed: false, changed: self.batch + 1 }),
            Write::RemoveDay(id) => {
                let changed = self.batch + 1;
                for entry in self.day.iter_mut().filter(|entry| entry.row.id == id) {
                    (entry.removed, entry.changed) = (true, changed);
                }
            }
        }
    }

    fn save(&mut self, changes: Changes, last: Last, at: DateTime<Utc>) {
        let Last { batch, decided_at, numbers, .. } = last;
        (self.batch, self.decided_at, self.numbers) = (batch, decided_at, numbers);
        for Saved { ticket, wake_at, residency } in changes.tickets {
            let row = TicketRow {
                wake_at: wake_at.map(to_the_millisecond),
                residency,
                live: ticket.live(),
                wakes_by: wake_at.map(|wake| comes_by(wake, decided_at.unwrap_or(at), at)),
                dedup_key: ticket.facts.dedup_key.clone(),
                changed: batch,
                body: written(&ticket),
            };
            self.tickets.insert(ticket.id, row);
        }
        for event in changes.events {
            self.events.insert((event.ticket, event.seq), (batch, written(&event)));
        }
        let in_line = |notice: &&Notice| notice.kind == NoticeKind::Page && !notice.is_put_off();
        for page in changes.notices.iter().filter(in_line) {
            let waits = |row: &&mut NoticeRow| row.pending() && !row.row.notice.is_put_off();
            let before = self.outbox.values_mut().filter(waits);
            let before =
                before.filter(|row| (row.row.notice.ticket, &row.row.notice.to) == (page.ticket, &page.to));
            for NoticeRow { row, priority, .. } in before {
                (row.urgent, row.due_at) = (true, row.due_at.min(to_the_millisecond(page.at)));
                *priority = page.priority.unwrap().min(*priority);
            }
        }
        for (place, notice) in changes.notices.into_iter().enumerate() {
            let row = OutboxRow {
                urgent: notice.kind == NoticeKind::Page,
                attempts: 0,
                due_at: to_the_millisecond(notice.goes_out_at()),
                sent_at: None,
                failed_at: None,
                channel: None,
                passed: Vec::new(),
                last_error: None,
                notice: read(&written(&notice)),
            };
            let (sends, lost, unheard, written_at) = (0, 0, 0, at);
            let (made, priority, lease) = ((batch, place), notice.priority, None);
            let row =
                NoticeRow { row, made, priority: priority.unwrap(), lease, sends, lost, unheard, written_at };
            self.outbox.insert(notice.id, row);
        }
        for handoff in changes.handoffs {
            let row = HandoffRow {
                boundary: to_the_millisecond(handoff.boundary),
                open: handoff.items.iter().any(|item| item.outcome == HandoffOutcome::Offered),
                changed: batch,
                body: written(&handoff),
            };
            self.handoffs.insert(handoff.id, row);
        }
        self.turns.extend(changes.turns.into_iter().map(|(team, person)| (team, (person, batch))));
    }
}

impl NoticeRow {
    pub fn is_leased_by(&self, node: &str) -> bool {
        self.lease.as_ref().is_some_and(|(by, _)| by == node)
    }

    pub fn pending(&self) -> bool {
        self.row.sent_at.is_none() && self.row.failed_at.is_none()
    }
}

fn saved(row: &TicketRow) -> Saved {
    Saved { ticket: read(&row.body), wake_at: row.wake_at, residency: row.residency.clone() }
}

/// The nodes' time was `decided` when it was `at`. From then on it goes at three quarters of the true pace, or faster,
/// and is not behind it.
fn comes_by(wake: DateTime<Utc>, decided: DateTime<Utc>, at: DateTime<Utc>) -> DateTime<Utc> {
    wake.min(at + (wake - decided).max(TimeDelta::zero()) * 4 / 3)
}

fn to_the_millisecond(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap()
}

fn written<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text)
        .unwrap_or_else(|error| panic!("what was written cannot be read: {error}\n{text}"))
}
