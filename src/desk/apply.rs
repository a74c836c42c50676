//! How an event changes a ticket. The only place where a ticket's state changes.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{
    Alone, Clock, ClockKind, Event, Facts, Holder, OfferEnd, OfferKind, Path, Receipt, Received, ReplyStatus,
    Request, Seat, State, StepWhy, Ticket, TicketId, Visit, What,
};
use crate::schedule::{Priority, VendorId};

/// A composed briefing quotes so many notes.
const RECENT_NOTES: usize = 5;

impl Ticket {
    /// Before its first event; only for folding.
    pub fn unopened(id: TicketId, at: DateTime<Utc>) -> Ticket {
        Ticket {
            id,
            opened_at: at,
            facts: Facts::default(),
            priority: Priority::P5,
            state: State::Waiting,
            holder: Holder::Nobody { reason: Alone::Offered, look_again: None },
            offer: None,
            path: Path {
                route: None,
                policy: "".into(),
                step: 0,
                target: None,
                hours_asked: false,
                lines_called: 0,
                overflowed: false,
                round: 0,
                since: at,
            },
            acknowledge: None,
            resolve: None,
            clocks: Vec::new(),
            request: Request::default(),
            approval: None,
            update: None,
            visits: Vec::new(),
            subscribers: BTreeSet::new(),
            parent: None,
            overran_at: None,
            pending: None,
            closes_at: None,
            declined: Vec::new(),
            asked: Vec::new(),
            received: Vec::new(),
            reopened: 0,
            past: Vec::new(),
            helpers: Vec::new(),
            briefing: None,
            briefed_by: None,
            recent: Vec::new(),
            stay_until: None,
            kept_until: None,
            left_by: None,
            hops: 0,
            returns: 0,
            reviewed_hops: 0,
            count: 1,
            reported: None,
            unattended_since: None,
            erased_at: None,
            seq: 0,
        }
    }

    /// A ticket's state from all its events, in order. `None` without any.
    pub fn replay(events: &[Event]) -> Option<Ticket> {
        let first = events.first()?;
        let mut ticket = Ticket::unopened(first.ticket, first.at);
        events.iter().for_each(|event| ticket.apply(event));
        Some(ticket)
    }

    pub fn apply(&mut self, event: &Event) {
        assert_eq!(
            (event.ticket, event.seq),
            (self.id, self.seq + 1),
            "events apply in order, without holes"
        );
        self.seq = event.seq;
        let at = event.at;
        match &event.what {
            What::Opened { facts, priority } => {
                self.facts = (**facts).clone();
                self.priority = *priority;
            }
            What::Repeated { priority } => {
                self.count += 1;
                if *priority < self.priority {
                    self.reported = Some(*priority);
                }
                self.priority = *priority;
            }
            What::Changed { facts, priority } => {
                self.reported = self.reported.filter(|reported| priority <= reported);
                self.facts = (**facts).clone();
                self.priority = *priority;
            }
            What::PathTaken { path, why } => {
                let moves = (&path.policy, path.step) != (&self.path.policy, self.path.step);
                let crosses = path.target.is_some() && path.target != self.path.target;
                if (moves || crosses) && why.escalates() {
                    self.resolve = None;
                    self.overran_at = None;
                }
                if moves && (why.escalates() || *why == StepWhy::Taken) {
                    self.progressed();
                }
                if *why == StepWhy::NextRound {
                    self.declined.retain(|declined| !declined.unreached);
                }
                self.path = path.clone();
                self.acknowledge = None;
            }
            What::Tried { hours_asked, lines_called } => {
                self.path.hours_asked = *hours_asked;
                self.path.lines_called = *lines_called;
            }
            What::Offered { offer, .. } => {
                for person in &offer.ask {
                    self.remember_asked(Seat { person: person.clone(), team: offer.team.clone() });
                }
                if let Holder::Nobody { reason, look_again } = &mut self.holder {
                    (*reason, *look_again) = (Alone::Offered, None);
                }
                // Nobody there answered before they went home: a hop, unless the same people are asked again.
                if self.left_by.take().is_some_and(|left_by| left_by != offer.team) {
                    self.hops += 1;
                }
                self.offer = Some(offer.clone());
            }
            What::AskedOthers { ask, .. } => {
                let offer = self.offer.as_mut().expect("only a running offer asks others");
                offer.ask = ask.clone();
                let team = offer.team.clone();
                for person in ask {
                    self.remember_asked(Seat { person: person.clone(), team: team.clone() });
                }
            }
            What::Overflowed { .. } => self.path.overflowed = true,
            What::OfferEnded { why } => {
                let offer = self.offer.take();
                if *why == OfferEnd::WentHome {
                    self.left_by = offer.map(|offer| offer.team);
                }
            }
            What::Declined { declined } => {
                self.declined.retain(|earlier| earlier.seat != declined.seat);
                self.declined.push(declined.clone());
                self.asked.retain(|seat| *seat != declined.seat);
            }
            What::Queued { team } => {
                self.leave_custody();
                self.holder = Holder::Queue { team: team.clone(), since: at };
                self.state = State::Held;
            }
            What::QueueClosed { .. } => self.lose_custody(Alone::ShiftEnded),
            What::Acknowledged { seat, received, .. } => {
                self.acknowledged(seat, at);
                self.remember_received(seat, received.as_ref(), at);
            }
            What::Joined { seat, received } => {
                self.remember_received(seat, received.as_ref(), at);
                self.offer = None;
                self.asked.clear();
                if !self.helpers.contains(seat) {
                    self.helpers.push(seat.clone());
                }
            }
            What::Parked { reason, until, .. } => {
                self.leave_custody();
                self.holder = Holder::Nobody { reason: *reason, look_again: Some(*until) };
                self.state = State::Waiting;
                self.offer = None;
                self.acknowledge = None;
                self.asked.clear();
            }
            What::Released { .. } => self.lose_custody(Alone::Released),
            What::ShiftEnded { .. } => {
                self.lose_custody(Alone::ShiftEnded);
                self.hops += 1;
            }
            What::Kept { until, .. } => self.kept_until = Some(*until),
            What::BackAtWork { .. } => self.kept_until = None,
            What::Stayed { until } => self.stay_until = Some(*until),
            What::Briefed { briefing } => {
                self.briefing = Some(briefing.clone());
                self.briefed_by = self.holder.person().cloned();
            }
            What::WaitsSet { acknowledge, resolve } => {
                self.acknowledge = acknowledge.clone();
                self.resolve = resolve.clone();
            }
            What::Overran { .. } => self.overran_at = Some(at),
            What::Unattended { .. } => self.unattended_since = self.unattended_since.or(Some(at)),
            What::ClocksSet { clocks } => self.clocks = clocks.clone(),
            What::ClockWarned { clock, .. } => self.on_clock(*clock, |clock| clock.warned += 1),
            What::ClockBreached { clock, .. } => self.on_clock(*clock, |clock| clock.breached_at = Some(at)),
            What::ClockMet { clock, spent, .. } => self.on_clock(*clock, |clock| {
                (clock.spent, clock.running_since, clock.due) = (*spent, None, None);
                clock.met_at = Some(at);
            }),
            What::Updated { update } => {
                self.remember_note(&update.status);
                self.update = Some(update.clone());
                self.got_forward();
            }
            What::VendorAsked { vendor } => {
                self.visits.retain(|earlier| earlier.vendor != *vendor);
                self.visits.push(Visit { vendor: vendor.clone(), since: at, until: None, reply: None });
                self.progressed();
            }
            What::VendorReplied { vendor, reply } => {
                let stays = reply.status == ReplyStatus::Working;
                self.on_visit(vendor, |visit| {
                    visit.reply = Some(reply.clone());
                    visit.until = (!stays).then_some(at);
                });
                self.remember_note(&reply.text);
                self.got_forward();
            }
            What::VendorRecalled { vendor, .. } => self.on_visit(vendor, |visit| visit.until = Some(at)),
            What::Subscribed { person } => drop(self.subscribers.insert(person.clone())),
            What::Unsubscribed { person } => drop(self.subscribers.remove(person)),
            What::Linked { to } => self.parent = Some(*to),
            What::Unlinked => self.parent = None,
            What::Noted { text, progress } => {
                self.remember_note(text);
                if *progress {
                    self.got_forward();
                }
            }
            What::Pended { pending, .. } => {
                self.state = State::Pending;
                self.pending = Some(pending.clone());
                self.offer = None;
                self.kept_until = None;
            }
            What::Resumed { .. } => {
                self.pending = None;
                self.state = if self.holder.team().is_some() { State::Held } else { State::Waiting };
            }
            What::Resolved { closes_at, .. } => {
                self.done(State::Resolved);
                self.closes_at = *closes_at;
            }
            What::Closed { .. } => self.done(State::Closed),
            What::Reopened { times, .. } => {
                self.reopened = self.reopened.max(*times);
                self.state = State::Waiting;
                self.closes_at = None;
                self.overran_at = None;
                self.holder = Holder::Nobody { reason: Alone::Released, look_again: None };
            }
            What::ReviewAsked { hops, .. } => self.reviewed_hops = *hops,
            What::Escalated { request, returns, .. } => {
                self.request = request.clone();
                self.returns += u32::from(*returns);
            }
            What::ApprovalAsked { approval } => self.approval = Some(approval.clone()),
            What::ApprovalEnded { .. } => self.approval = None,
            What::Judged { verdict, .. } => {
                let judge = event.by.person();
                let mut receipts = self.received.iter_mut();
                if let Some(receipt) = receipts.find(|receipt| Some(&receipt.person) == judge) {
                    receipt.verdict = Some(verdict.clone());
                }
            }
            What::Reassigned { returns, .. } => self.returns += u32::from(*returns),
            What::NoticeFailed { notice, stage: Some(_), .. } => self.remember_unheard(notice),
            What::Erased { .. } => self.erased_at = self.erased_at.or(Some(at)),
            What::Told { .. } | What::NoticeFailed { stage: None, .. } | What::Feedback { .. } => {}
        }
    }

    fn acknowledged(&mut self, seat: &Seat, at: DateTime<Utc>) {
        // A hop is custody that went on because a shift ends, not because somebody asked for the ticket.
        let handed_over = self.offer.as_ref().is_some_and(|offer| offer.kind == OfferKind::Handoff);
        if handed_over && self.holder.person().is_some_and(|person| *person != seat.person) {
            self.hops += 1;
        }
        self.leave_custody();
        self.past.retain(|earlier| earlier != seat);
        self.helpers.retain(|helper| helper.person != seat.person);
        self.holder = Holder::Person { person: seat.person.clone(), team: seat.team.clone(), since: at };
        self.state = State::Held;
        self.offer = None;
        self.acknowledge = None;
        self.asked.clear();
        self.declined.clear();
        self.unattended_since = None;
        self.path.round = 0;
        self.briefed_by = None;
    }

    fn remember_received(&mut self, seat: &Seat, received: Option<&Received>, at: DateTime<Utc>) {
        let Some(received) = received.cloned() else { return };
        self.received.retain(|earlier| earlier.person != seat.person);
        self.received.push(Receipt { person: seat.person.clone(), at, received, verdict: None });
    }

    fn on_clock(&mut self, kind: ClockKind, change: impl FnOnce(&mut Clock)) {
        let clock = self.clocks.iter_mut().find(|clock| clock.kind == kind);
        change(clock.expect("an event of a clock comes after the clock was set"));
    }

    fn on_visit(&mut self, vendor: &VendorId, change: impl FnOnce(&mut Visit)) {
        if let Some(visit) = self.visits.iter_mut().find(|visit| visit.vendor == *vendor) {
            change(visit);
        }
    }

    fn remember_note(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.recent.push(text.to_owned());
        if self.recent.len() > RECENT_NOTES {
            self.recent.remove(0);
        }
    }

    /// Somebody says so; another tier alone is no progress of this kind.
    fn got_forward(&mut self) {
        self.returns = 0;
        self.progressed();
    }

    fn progressed(&mut self) {
        self.hops = 0;
        self.reviewed_hops = 0;
    }

    fn remember_unheard(&mut self, notice: &String) {
        if let Some(offer) = self.offer.as_mut().filter(|offer| !offer.unheard.contains(notice)) {
            offer.unheard.push(notice.clone());
        }
    }

    fn remember_asked(&mut self, seat: Seat) {
        if !self.asked.contains(&seat) {
            self.asked.push(seat);
        }
    }

    /// Whoever had custody is among the past holders, and what was theirs alone is gone.
    fn leave_custody(&mut self) {
        if let Some(seat) = self.holder.seat() {
            self.past.retain(|earlier| *earlier != seat);
            self.past.push(seat);
        }
        self.stay_until = None;
        self.kept_until = None;
    }

    fn lose_custody(&mut self, reason: Alone) {
        self.leave_custody();
        self.holder = Holder::Nobody { reason, look_again: None };
        self.state = State::Waiting;
    }

    fn done(&mut self, state: State) {
        self.leave_custody();
        self.state = state;
        self.holder = Holder::Nobody { reason: Alone::Done, look_again: None };
        self.offer = None;
        self.acknowledge = None;
        self.resolve = None;
        self.pending = None;
        self.closes_at = None;
        self.helpers.clear();
        self.asked.clear();
        self.declined.clear();
        self.unattended_since = None;
    }
}
