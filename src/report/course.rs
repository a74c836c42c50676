//! One ticket from its first event to its last, in one pass. The ticket's state is the desk's own fold of its events.

use chrono::{DateTime, TimeDelta, Utc};

use super::Counts;
use crate::desk::{
    Alone, ClockKind, ClockState, Escalation, Event, Holder, Offer, OfferEnd, OfferKind, Received,
    ReceivedKind, ReplyStatus, Seat, State, Ticket, TicketId, Verdict, What,
};
use crate::schedule::{PersonId, PolicyId, SlaId, TeamId, TierId, VendorId};

/// What one ticket went through.
#[derive(Debug)]
pub(super) struct Course {
    /// As its events leave it.
    pub ticket: Ticket,
    pub opened: DateTime<Utc>,
    /// The tier of the first decision.
    pub tier: Option<TierId>,
    pub somebody: Option<DateTime<Utc>>,
    pub acknowledged: Option<DateTime<Utc>>,
    /// Absent again once it is reopened.
    pub resolved: Option<DateTime<Utc>>,
    /// Absent: it never was.
    pub parked: Option<TimeDelta>,
    pub queued: Option<TimeDelta>,
    pub unattended: bool,
    pub counts: Counts,
    /// What of this lies before the first acknowledgement.
    pub before_acknowledged: BeforeAcknowledged,
    /// From when on it was live, and no longer; in turn.
    pub turns_live: Vec<(DateTime<Utc>, bool)>,
    pub stints: Vec<Stint>,
    pub offered: Vec<(TeamId, OfferFate)>,
    pub taken: Vec<Taken>,
    pub resolved_in: Option<TeamId>,
    pub handoffs: Vec<HandoffOffer>,
    pub pages: Vec<Page>,
    pub escalations: Vec<Climb>,
    /// The teams it came back to, each time anew.
    pub returned_to: Vec<TeamId>,
    pub scores: Vec<Score>,
    pub receipts: Vec<Receipt>,
    /// What was promised to the customer, each status update by itself.
    pub promises: Vec<Promise>,
    pub visits: Vec<AtVendor>,
}

/// Somebody took it.
#[derive(Debug)]
pub(super) struct Taken {
    pub team: TeamId,
    /// Since the team was asked first; absent: it was not, or the handoff was ahead of a shift end.
    pub after: Option<TimeDelta>,
}

/// It was sent up, or aside.
#[derive(Debug)]
pub(super) struct Climb {
    pub at: DateTime<Utc>,
    pub kind: Escalation,
    /// Who had it or was asked for it.
    pub team: Option<TeamId>,
    /// Policy and step, from 0, on which it stood.
    pub step: (PolicyId, usize),
}

/// What the customer says of it.
#[derive(Debug)]
pub(super) struct Score {
    pub at: DateTime<Utc>,
    pub score: u8,
    /// Which resolved it.
    pub team: Option<TeamId>,
}

/// Somebody has received it, handed over or escalated.
#[derive(Debug)]
pub(super) struct Receipt {
    pub person: PersonId,
    pub at: DateTime<Utc>,
    pub kind: ReceivedKind,
    /// Which had it, or was asked for it.
    pub from: Option<TeamId>,
    /// Their last.
    pub verdict: Option<Verdict>,
}

/// One time at a vendor.
#[derive(Debug)]
pub(super) struct AtVendor {
    pub vendor: VendorId,
    pub from: DateTime<Utc>,
    /// Until the vendor said anything.
    pub answered: Option<TimeDelta>,
    /// Until it was there no more; absent: it is there still.
    pub lasted: Option<TimeDelta>,
    /// Absent: recalled, or there still.
    pub outcome: Option<ReplyStatus>,
    /// The vendor was late at least once.
    pub breached: bool,
}

/// A promise to the customer, and what became of it.
#[derive(Debug)]
pub(super) struct Promise {
    pub kind: ClockKind,
    pub sla: Option<SlaId>,
    pub since: DateTime<Utc>,
    pub state: ClockState,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BeforeAcknowledged {
    pub parked: TimeDelta,
    pub queued: TimeDelta,
    pub expired: usize,
    pub declined: usize,
}

/// Unbroken custody of one team.
#[derive(Debug)]
pub(super) struct Stint {
    pub team: TeamId,
    /// Absent: its queue.
    pub person: Option<PersonId>,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OfferFate {
    Expired,
    Other,
}

#[derive(Debug)]
pub(super) struct HandoffOffer {
    pub from: TeamId,
    pub to: TeamId,
    pub at: DateTime<Utc>,
    pub fate: HandoffFate,
    /// When its fate was settled.
    pub ended: Option<DateTime<Utc>>,
    /// The holder had written a briefing by then.
    pub briefed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HandoffFate {
    Running,
    Accepted,
    Passed,
    /// Nobody is left who could take it, and who could have declined.
    Declined,
    Withdrawn,
}

/// One person, woken once.
#[derive(Debug)]
pub(super) struct Page {
    pub person: PersonId,
    pub team: TeamId,
    pub at: DateTime<Utc>,
}

impl Course {
    /// `until`: what still lasts is measured up to then. `None` without events.
    pub fn of(id: TicketId, events: &[Event], until: DateTime<Utc>) -> Option<Course> {
        let (first, last) = (events.first()?, events.last()?);
        let mut walk = Walk::new(Ticket::unopened(id, first.at));
        events.iter().for_each(|event| walk.step(event));
        Some(walk.end(until.max(last.at)))
    }
}

/// A course under way.
struct Walk {
    course: Course,
    phase: Phase,
    since: DateTime<Utc>,
    /// The teams it has left, and the one it was with last.
    left: Vec<TeamId>,
    with: Option<TeamId>,
    /// The shift has ended of whoever had it last.
    went_home: bool,
    /// When an offer ahead of a shift end last ended at that boundary.
    boundary: Option<DateTime<Utc>>,
    /// The event by which somebody declined last.
    declined: Option<u32>,
    /// Teams that are asked, or were on the way up, since nobody has it; each with when it was asked first.
    asked: Vec<(TeamId, DateTime<Utc>)>,
}

/// What of a ticket makes one stint, or one stretch of being held back.
#[derive(Debug, PartialEq)]
enum Phase {
    Person(PersonId, TeamId),
    Queue(TeamId),
    HeldBack,
    Neither,
}

impl Phase {
    fn of(ticket: &Ticket) -> Phase {
        match &ticket.holder {
            Holder::Person { person, team, .. } => Phase::Person(person.clone(), team.clone()),
            Holder::Queue { team, .. } => Phase::Queue(team.clone()),
            Holder::Nobody { reason: Alone::Parked | Alone::NobodyAtAll, .. }
                if ticket.state == State::Waiting =>
            {
                Phase::HeldBack
            }
            Holder::Nobody { .. } => Phase::Neither,
        }
    }
}

impl Walk {
    fn new(ticket: Ticket) -> Walk {
        let at = ticket.opened_at;
        let course = Course {
            ticket,
            opened: at,
            tier: None,
            somebody: None,
            acknowledged: None,
            resolved: None,
            parked: None,
            queued: None,
            unattended: false,
            counts: Counts::default(),
            before_acknowledged: BeforeAcknowledged::default(),
            turns_live: vec![(at, true)],
            stints: Vec::new(),
            offered: Vec::new(),
            taken: Vec::new(),
            resolved_in: None,
            handoffs: Vec::new(),
            pages: Vec::new(),
            escalations: Vec::new(),
            returned_to: Vec::new(),
            scores: Vec::new(),
            receipts: Vec::new(),
            promises: Vec::new(),
            visits: Vec::new(),
        };
        let (left, with, boundary, asked) = (Vec::new(), None, None, Vec::new());
        let (phase, went_home, declined) = (Phase::Neither, false, None);
        Walk { course, phase, since: at, left, with, went_home, boundary, declined, asked }
    }

    fn step(&mut self, event: &Event) {
        let ticket = &self.course.ticket;
        let (holder, offer) = (ticket.holder.clone(), ticket.offer.clone());
        let (hops, live, briefed) = (ticket.hops, ticket.live(), ticket.briefed_by.is_some());
        // Where it stood, before the path moves on.
        let climb = match &event.what {
            // Asked once more, where the whole path has been walked before, is no step further.
            What::Escalated { kind: Escalation::Automatic, .. } if ticket.path.round > 0 => None,
            What::Escalated { kind, .. } => {
                let team = ticket.holder.team().or(ticket.offer.as_ref().map(|offer| &offer.team)).cloned();
                let step = (ticket.path.policy.clone(), ticket.path.step);
                Some(Climb { at: event.at, kind: *kind, team, step })
            }
            _ => None,
        };
        self.course.ticket.apply(event);

        self.count(&event.what);
        self.course.escalations.extend(climb);
        self.course.counts.hops += self.course.ticket.hops.saturating_sub(hops) as usize;
        if self.course.ticket.live() != live {
            self.course.turns_live.push((event.at, !live));
        }
        if matches!(&event.what, What::Declined { declined } if !declined.unreached) {
            self.declined = Some(event.seq);
        }
        self.offer_ended(event, offer.as_ref(), briefed);
        self.offer_made(event, &holder, offer.as_ref());
        self.custody(event);
        self.milestones(event, &holder, offer.as_ref());
    }

    fn count(&mut self, what: &What) {
        let counts = &mut self.course.counts;
        match what {
            What::Repeated { .. } => counts.repeated += 1,
            What::OfferEnded { why: OfferEnd::Expired } => counts.expired += 1,
            What::OfferEnded { why: OfferEnd::WentHome } => counts.went_home += 1,
            What::OfferEnded { why: OfferEnd::NotReached } => counts.not_reached += 1,
            What::Declined { .. } => counts.declined += 1,
            What::Escalated { kind: Escalation::Automatic, .. } => counts.escalated_automatic += 1,
            What::Escalated { kind: Escalation::Hierarchical, .. } => counts.escalated_hierarchical += 1,
            What::Escalated { kind: Escalation::Functional, .. } => counts.escalated_functional += 1,
            What::Reassigned { .. } => counts.reassigned += 1,
            What::Released { .. } => counts.released += 1,
            What::Reopened { .. } => {
                counts.reopened += 1;
                self.course.resolved = None;
                self.course.resolved_in = None;
            }
            What::Overran { .. } => counts.overran += 1,
            What::ReviewAsked { .. } => counts.satellites = 1,
            What::Unattended { .. } => self.course.unattended = true,
            _ => {}
        }
    }

    fn offer_ended(&mut self, event: &Event, before: Option<&Offer>, briefed: bool) {
        let (Some(before), what) = (before, &event.what) else { return };
        let after = self.course.ticket.offer.as_ref();
        let runs = after.is_some_and(|after| after.since == before.since && after.team == before.team);
        if runs && !matches!(what, What::Offered { .. }) {
            return;
        }
        if let (What::OfferEnded { why: OfferEnd::Expired }, Some(offered)) =
            (what, self.course.offered.last_mut())
        {
            offered.1 = OfferFate::Expired;
        }
        if before.kind != OfferKind::Handoff {
            return;
        }
        let fate = match what {
            What::Acknowledged { .. } => HandoffFate::Accepted,
            What::OfferEnded { why: OfferEnd::Boundary } => HandoffFate::Passed,
            What::OfferEnded { why: OfferEnd::Declined } => HandoffFate::Declined,
            // Offered to anybody of a team, whose last has just declined.
            What::OfferEnded { why: OfferEnd::Withdrawn } if self.declined == Some(event.seq - 1) => {
                HandoffFate::Declined
            }
            _ => HandoffFate::Withdrawn,
        };
        match fate {
            HandoffFate::Accepted => self.course.counts.handoffs_accepted += 1,
            HandoffFate::Passed => self.course.counts.handoffs_passed += 1,
            HandoffFate::Running | HandoffFate::Declined | HandoffFate::Withdrawn => {}
        }
        if let Some(handoff) = self.course.handoffs.last_mut() {
            (handoff.fate, handoff.ended, handoff.briefed) = (fate, Some(event.at), briefed);
        }
    }

    fn offer_made(&mut self, event: &Event, holder: &Holder, before: Option<&Offer>) {
        let course = &mut self.course;
        let Some(offer) = &course.ticket.offer else { return };
        let asked_before: &[PersonId] = match (&event.what, before) {
            (What::Offered { .. }, _) => &[],
            (What::AskedOthers { .. }, Some(before)) => &before.ask,
            _ => return,
        };
        if offer.is_page() && offer.kind != OfferKind::Handoff {
            let woken = offer.ask.iter().filter(|person| !asked_before.contains(person));
            let page =
                |person: &PersonId| Page { person: person.clone(), team: offer.team.clone(), at: event.at };
            course.pages.extend(woken.map(page));
        }
        if !matches!(event.what, What::Offered { .. }) {
            return;
        }
        course.counts.offers += 1;
        course.offered.push((offer.team.clone(), OfferFate::Other));
        if offer.kind != OfferKind::Handoff && !self.asked.iter().any(|(team, _)| *team == offer.team) {
            self.asked.push((offer.team.clone(), event.at));
        }
        if let (OfferKind::Handoff, Some(from)) = (offer.kind, holder.team()) {
            course.counts.handoffs += 1;
            let (from, to, fate) = (from.clone(), offer.team.clone(), HandoffFate::Running);
            let briefed = course.ticket.briefed_by.is_some();
            course.handoffs.push(HandoffOffer { from, to, at: event.at, fate, ended: None, briefed });
        }
    }

    /// Closes what the event has ended of custody, and of being held back.
    fn custody(&mut self, event: &Event) {
        let at = event.at;
        self.went_home |= matches!(event.what, What::ShiftEnded { .. } | What::QueueClosed { .. });
        let after = Phase::of(&self.course.ticket);
        if self.phase == after {
            return;
        }
        self.close(at);
        (self.phase, self.since) = (after, at);
        let team = self.course.ticket.holder.team().filter(|team| self.with.as_ref() != Some(team));
        if let Some(team) = team {
            let handed_over = matches!(event.what, What::Acknowledged { handoff: Some(_), .. });
            if self.left.contains(team) && !self.went_home && !handed_over {
                self.course.counts.returns += 1;
                self.course.counts.tickets_returned = 1;
                self.course.returned_to.push(team.clone());
            }
            self.left.extend(self.with.replace(team.clone()));
        }
        self.went_home &= self.course.ticket.holder.team().is_none();
    }

    fn close(&mut self, until: DateTime<Utc>) {
        let from = self.since;
        let (team, person) = match &self.phase {
            Phase::HeldBack => {
                *self.course.parked.get_or_insert_default() += until - from;
                return;
            }
            Phase::Neither => return,
            Phase::Queue(team) => {
                *self.course.queued.get_or_insert_default() += until - from;
                (team.clone(), None)
            }
            Phase::Person(person, team) => (team.clone(), Some(person.clone())),
        };
        self.course.stints.push(Stint { team, person, from, until });
    }

    fn milestones(&mut self, event: &Event, holder: &Holder, offer: Option<&Offer>) {
        self.received(event, holder);
        let (course, at) = (&mut self.course, event.at);
        match &event.what {
            What::Offered { decision, .. } | What::Parked { decision, .. } => {
                let tier = Some(&decision.tier).filter(|tier| !tier.as_str().is_empty());
                course.tier = course.tier.take().or_else(|| tier.cloned());
            }
            What::Acknowledged { seat, .. } => {
                let handed_over = offer.is_some_and(|offer| offer.kind == OfferKind::Handoff);
                let asked = self.asked.iter().find(|(team, _)| *team == seat.team && !handed_over);
                let after = asked.map(|(_, since)| at - *since);
                course.taken.push(Taken { team: seat.team.clone(), after });
                if course.acknowledged.is_none() {
                    course.acknowledged = Some(at);
                    course.before_acknowledged = course.so_far();
                }
            }
            What::VendorAsked { vendor } => course.visits.push(AtVendor {
                vendor: vendor.clone(),
                from: at,
                answered: None,
                lasted: None,
                outcome: None,
                breached: false,
            }),
            What::VendorReplied { reply, .. } => course.at_vendor(|visit| {
                visit.answered = visit.answered.or(Some(at - visit.from));
                if reply.status != ReplyStatus::Working {
                    (visit.lasted, visit.outcome) = (Some(at - visit.from), Some(reply.status));
                }
            }),
            What::VendorRecalled { .. } => {
                course.at_vendor(|visit| visit.lasted = Some(at - visit.from));
                // It is owed no more, and gone from the ticket.
                let promise = promise(&course.ticket, ClockKind::VendorReply);
                course.promises.extend(promise.filter(|promise| promise.state != ClockState::Met));
            }
            What::ClockBreached { clock: ClockKind::VendorReply, .. } => {
                course.at_vendor(|visit| visit.breached = true)
            }
            What::OfferEnded { why: OfferEnd::Boundary } => self.boundary = Some(at),
            What::ShiftEnded { .. } if offer.is_none() && self.boundary != Some(at) => {
                course.counts.shift_ends_unasked += 1;
            }
            What::Resolved { .. } => {
                course.resolved = Some(at);
                course.resolved_in = holder.team().cloned();
            }
            What::Feedback { score, .. } => {
                course.scores.push(Score { at, score: *score, team: course.resolved_in.clone() });
            }
            // The next one begins with it; the other clocks are told at the end.
            What::ClockMet { clock, .. } if clock.repeats() => {
                let promise = promise(&course.ticket, *clock);
                course.promises.extend(promise);
            }
            _ => {}
        }
        let over =
            matches!(event.what, What::Acknowledged { .. } | What::Parked { .. } | What::Released { .. });
        if over || !course.ticket.live() {
            self.asked.clear();
        }
        if let What::Offered { .. } | What::Queued { .. } | What::Acknowledged { .. } = event.what {
            course.somebody = course.somebody.or(Some(at));
        }
    }

    fn received(&mut self, event: &Event, holder: &Holder) {
        let course = &mut self.course;
        match &event.what {
            What::Acknowledged {
                seat: Seat { person, .. }, received: Some(Received { kind, .. }), ..
            }
            | What::Joined { seat: Seat { person, .. }, received: Some(Received { kind, .. }) } => {
                let from = match kind {
                    ReceivedKind::Handoff => holder.team(),
                    ReceivedKind::Escalation => {
                        course.escalations.last().and_then(|climb| climb.team.as_ref())
                    }
                };
                let (person, from) = (person.clone(), from.cloned());
                course.receipts.push(Receipt { person, at: event.at, kind: *kind, from, verdict: None });
            }
            What::Judged { received_at, verdict, .. } => {
                let mut receipts = course.receipts.iter_mut();
                let judged = receipts
                    .find(|receipt| receipt.at == *received_at && Some(&receipt.person) == event.by.person());
                if let Some(receipt) = judged {
                    receipt.verdict = Some(verdict.clone());
                }
            }
            _ => {}
        }
    }

    fn end(mut self, until: DateTime<Utc>) -> Course {
        self.close(until);
        for kind in ClockKind::ALL {
            let told =
                kind.repeats() && self.course.ticket.clock(kind).is_none_or(|clock| clock.met_at.is_some());
            let promise = promise(&self.course.ticket, kind).filter(|_| !told);
            self.course.promises.extend(promise);
        }
        if self.course.acknowledged.is_none() {
            self.course.before_acknowledged = self.course.so_far();
        }
        self.course
    }
}

/// `None`: nothing is promised at its priority.
fn promise(ticket: &Ticket, kind: ClockKind) -> Option<Promise> {
    let clock = ticket.clock(kind).filter(|clock| clock.promised.is_some())?;
    Some(Promise { kind, sla: clock.sla.clone(), since: clock.since, state: clock.state() })
}

impl Course {
    fn at_vendor(&mut self, change: impl FnOnce(&mut AtVendor)) {
        if let Some(visit) = self.visits.last_mut() {
            change(visit);
        }
    }

    fn so_far(&self) -> BeforeAcknowledged {
        BeforeAcknowledged {
            parked: self.parked.unwrap_or_default(),
            queued: self.queued.unwrap_or_default(),
            expired: self.counts.expired,
            declined: self.counts.declined,
        }
    }
}
