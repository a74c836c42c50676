//! Custody moves because a shift ends: offers ahead of the boundary, batches, briefings, and what happens at it.

use chrono::{DateTime, Utc};

use super::case::Case;
use super::choose::{Among, Candidate, Found, Pick, Through};
use super::work::{holds_until, next_when, serves};
use super::{
    Briefing, Handoff, HandoffId, HandoffItem, HandoffOutcome, Holder, Offer, OfferEnd, OfferKind, Outcome,
    Seat, StepWhy, What,
};
use crate::schedule::{AtShiftEnd, How, PersonId, TeamId, TierId};

/// Characters of each part of a briefing that nobody wrote.
const COMPOSED_MAX: usize = 2_000;

/// Whom a ticket would go to at an instant.
pub(super) struct Receiver {
    candidate: Candidate,
    found: Found,
    through: Through,
    pick: Pick,
}

impl Case<'_> {
    /// When the holder is no longer at work for this ticket; now, if they are not.
    pub fn leaves_at(&self, seat: &Seat) -> DateTime<Utc> {
        let pages = self.pages();
        holds_until(self.rules.coverage, &seat.team, self.stays_from(), |span| {
            serves(span, &seat.person, pages)
        })
    }

    /// When the work ends by which the holder has it: the shift of somebody in their hours, even if they are on call
    /// afterwards and remain at work until somebody takes it; else the turn on call.
    pub fn work_ends(&self, seat: &Seat) -> DateTime<Utc> {
        let from = self.stays_from();
        let shift_ends =
            holds_until(self.rules.coverage, &seat.team, from, |span| serves(span, &seat.person, false));
        if shift_ends > from { shift_ends } else { self.leaves_at(seat) }
    }

    fn stays_from(&self) -> DateTime<Utc> {
        self.ticket.stay_until.map_or(self.now, |until| until.max(self.now))
    }

    /// The holder's next shift from `from` on.
    fn next_shift(&self, seat: &Seat, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let working = |span: &crate::coverage::Span| span.working.binary_search(&seat.person).is_ok();
        next_when(self.rules.coverage, &seat.team, from, working)
    }

    /// Until when the holder keeps it over the shift end at `boundary`; `None`: it is handed over.
    pub fn keeps_until(&self, seat: &Seat, boundary: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.org.priority(self.ticket.priority).at_shift_end == AtShiftEnd::HandOver {
            return None;
        }
        self.next_shift(seat, boundary).filter(|next| *next - boundary <= self.org.handoff.keep_at_most)
    }

    /// Once the lead time before the holder's shift end has begun, offers the ticket to whoever comes next.
    pub fn prepare_handoff(&mut self, seat: &Seat) {
        let boundary = self.work_ends(seat);
        if self.ticket.offer.is_some()
            || boundary <= self.now
            || boundary > self.now + self.org.handoff.lead
            || boundary >= self.rules.coverage.until
            || self.keeps_until(seat, boundary).is_some()
        {
            return;
        }
        let on_call_next = self.leaves_at(seat) > boundary;
        let receiver = self.receiver_in_hours(seat, boundary);
        let receiver = receiver.or_else(|| self.on_call_receiver(seat, boundary).filter(|_| !on_call_next));
        let Some(receiver) = receiver else { return };
        let to = receiver.candidate.team.clone();
        let asked_before = self.is_briefed_for(boundary);
        let batch = self.join_batch(boundary, seat, &to);
        self.offer_ahead(receiver, boundary, batch);
        if self.ticket.briefed_by.as_ref() != Some(&seat.person) && !asked_before {
            self.tell_briefing_asked(&seat.person, &to, boundary);
        }
    }

    /// The holder has been asked for a briefing ahead of that boundary, for whoever was to receive it.
    fn is_briefed_for(&self, boundary: DateTime<Utc>) -> bool {
        let handoffs = self.outcome.handoffs.values().chain(self.desk.handoffs());
        let mut items =
            handoffs.filter(|handoff| handoff.boundary == boundary).flat_map(|handoff| &handoff.items);
        let holder = self.ticket.holder.person();
        items.any(|item| item.ticket == self.ticket.id && Some(&item.from) == holder)
    }

    /// First the same team's next people, then whoever held it before, then what routing would choose.
    fn receiver_in_hours(&self, seat: &Seat, at: DateTime<Utc>) -> Option<Receiver> {
        self.same_team(seat, at)
            .or_else(|| self.earlier_holder(seat, at))
            .or_else(|| self.routed_receiver(seat, at))
    }

    fn same_team(&self, seat: &Seat, at: DateTime<Utc>) -> Option<Receiver> {
        self.best(&Among::Team(seat.team.clone()), Through::Hours, at)
    }

    fn earlier_holder(&self, seat: &Seat, at: DateTime<Utc>) -> Option<Receiver> {
        let tier = self.tier_of(&seat.team)?;
        let earlier = self.ticket.past.iter().rev().filter(|past| self.tier_of(&past.team) == Some(tier));
        earlier.into_iter().find_map(|past| {
            let found = self.candidates(&Among::Team(past.team.clone()), &Through::Hours, at);
            let candidate = found.best().filter(|best| best.people.contains(&past.person))?.clone();
            Some(Receiver {
                candidate,
                found,
                through: Through::Hours,
                pick: Pick::Person(past.person.clone()),
            })
        })
    }

    fn routed_receiver(&self, seat: &Seat, at: DateTime<Utc>) -> Option<Receiver> {
        self.best(&Among::Tier(self.tier_of(&seat.team)?.clone()), Through::Hours, at)
    }

    /// Likewise among those on call then.
    fn on_call_receiver(&self, seat: &Seat, at: DateTime<Utc>) -> Option<Receiver> {
        let step = self.step().filter(|step| self.pages() && step.how != How::Tell)?;
        let on_line = |among: &Among| {
            step.call.iter().find_map(|line| self.best(among, Through::Line(line.clone()), at))
        };
        on_line(&Among::Team(seat.team.clone())).or_else(|| on_line(&self.among(step)))
    }

    fn best(&self, among: &Among, through: Through, at: DateTime<Utc>) -> Option<Receiver> {
        let found = self.candidates(among, &through, at);
        let candidate = found.best()?.clone();
        let pick = self.pick(&candidate, at);
        Some(Receiver { candidate, found, through, pick })
    }

    pub fn tier_of(&self, team: &TeamId) -> Option<&TierId> {
        self.org.teams.get(team).map(|team| &team.tier)
    }

    fn offer_ahead(&mut self, receiver: Receiver, boundary: DateTime<Utc>, batch: HandoffId) {
        let Receiver { candidate, found, through, pick } = receiver;
        let team = candidate.team.clone();
        let (line, ask) = match (through, pick) {
            (Through::Line(line), _) => (Some(line), candidate.people.clone()),
            (Through::Hours, Pick::Person(person)) => (None, vec![person]),
            (Through::Hours, Pick::Anyone | Pick::Queue) => (None, Vec::new()),
        };
        let outcome = match &line {
            Some(line) => Outcome::Page { team: team.clone(), line: line.clone(), ask: ask.clone() },
            None => Outcome::Offer { team: team.clone(), ask: ask.clone() },
        };
        let mut decision = self.explanation(outcome, Some(&candidate), &found);
        decision.text = format!("Ahead of the shift end. {}", decision.text);
        let told = if ask.is_empty() { candidate.people.clone() } else { ask.clone() };
        let substitute_language = self.substitute(&candidate);
        self.take_turn(&team, &ask);
        self.note_system(What::Offered {
            offer: Offer {
                kind: OfferKind::Handoff,
                team,
                line,
                ask,
                substitute_language,
                since: self.now,
                expires_at: boundary,
                handoff: Some(batch),
                unheard: Vec::new(),
            },
            decision: Box::new(decision),
        });
        self.tell_offer(&told);
    }

    /// The batch of that boundary and those two teams, with this ticket in it.
    fn join_batch(&mut self, boundary: DateTime<Utc>, seat: &Seat, to: &TeamId) -> HandoffId {
        let same =
            |handoff: &&Handoff| (handoff.boundary, &handoff.from, &handoff.to) == (boundary, &seat.team, to);
        let mut batch = self.desk.handoffs().find(same).cloned().unwrap_or_else(|| {
            self.outcome.numbers.handoff += 1;
            let id = HandoffId(self.outcome.numbers.handoff);
            Handoff { id, boundary, from: seat.team.clone(), to: to.clone(), items: Vec::new() }
        });
        batch.items.retain(|item| item.ticket != self.ticket.id);
        batch.items.push(HandoffItem {
            ticket: self.ticket.id,
            from: seat.person.clone(),
            outcome: HandoffOutcome::Offered,
            briefing: self.briefing_of(&seat.person),
        });
        let id = batch.id;
        self.outcome.handoffs.insert(id, batch);
        id
    }

    /// The holder's own words, else what history tells, with what somebody wrote before.
    pub fn briefing_of(&self, holder: &PersonId) -> Briefing {
        let own = self.ticket.briefing.as_ref().filter(|_| self.ticket.briefed_by.as_ref() == Some(holder));
        own.cloned().unwrap_or_else(|| {
            let ticket = &self.ticket;
            Briefing {
                summary: format!(
                    "{}, open since {}",
                    ticket.facts.title,
                    super::notices::instant(ticket.opened_at)
                ),
                done_so_far: self.gathered(),
                next_action: String::new(),
                waiting_on: ticket.at_vendor().map_or(String::new(), |visit| {
                    format!("{}, since {}", visit.vendor, super::notices::instant(visit.since))
                }),
                customer_mood: String::new(),
                composed: true,
            }
        })
    }

    fn gathered(&self) -> String {
        let earlier = self.ticket.briefing.as_ref();
        let earlier = earlier.map(|earlier| format!("an earlier briefing: {}", earlier.in_words()));
        in_short(&self.ticket.recent.iter().cloned().chain(earlier).collect::<Vec<_>>())
    }

    /// After an event of a ticket that was offered as part of a batch: the batch says what became of it.
    pub fn keep_batch_true(&mut self, id: HandoffId, what: &What) {
        let offered_still = self.ticket.offer.as_ref().is_some_and(|offer| offer.handoff == Some(id));
        let outcome = match what {
            What::Acknowledged { seat, .. } => HandoffOutcome::Accepted { by: seat.person.clone() },
            What::OfferEnded { why: OfferEnd::Boundary } => HandoffOutcome::Passed,
            What::Briefed { .. } => HandoffOutcome::Offered,
            _ if offered_still => return,
            _ => HandoffOutcome::Withdrawn,
        };
        let batch = self.outcome.handoffs.get(&id).or_else(|| self.desk.handoff(id)).cloned();
        let Some(mut batch) = batch else { return };
        let Some(item) = batch.items.iter_mut().find(|item| item.ticket == self.ticket.id) else { return };
        item.outcome = outcome;
        if let What::Briefed { briefing } = what {
            item.briefing = briefing.clone();
        }
        self.outcome.handoffs.insert(id, batch);
    }

    /// The holder is not at work any more and does not keep it. Whoever left is not woken and carries no clock.
    pub fn shift_ended(&mut self, seat: &Seat) {
        let ahead = self.ticket.offer.clone().filter(|offer| offer.kind == OfferKind::Handoff);
        let asked_elsewhere = self
            .ticket
            .offer
            .as_ref()
            .is_some_and(|offer| matches!(offer.kind, OfferKind::Escalation | OfferKind::Reassignment));
        if self.ticket.offer.is_some() && !asked_elsewhere {
            let why = if ahead.is_some() { OfferEnd::Boundary } else { OfferEnd::Withdrawn };
            self.note_system(What::OfferEnded { why });
        }
        self.note_system(What::ShiftEnded { seat: seat.clone() });
        if asked_elsewhere {
            return;
        }
        self.stand_on_tier_of(&seat.team, StepWhy::ShiftEnded);
        let receiver = ahead
            .filter(|offer| !offer.is_page())
            .and_then(|offer| self.asked_ahead(&offer))
            .or_else(|| self.same_team(seat, self.now))
            .or_else(|| self.earlier_holder(seat, self.now));
        let Some(Receiver { candidate, found, pick, .. }) = receiver else {
            return self.place(OfferKind::Routing);
        };
        if !self.pages() && !matches!(self.ticket.holder, Holder::Queue { .. }) {
            self.note_system(What::Queued { team: candidate.team.clone() });
        }
        self.offer_to(&candidate, &found, OfferKind::Routing, pick);
    }

    /// The team that was asked ahead; in it, whoever has read the briefing already.
    fn asked_ahead(&self, offer: &Offer) -> Option<Receiver> {
        let receiver = self.best(&Among::Team(offer.team.clone()), Through::Hours, self.now)?;
        let knows = offer.ask.iter().find(|person| receiver.candidate.people.contains(person));
        let pick = knows.map(|person| Pick::Person(person.clone()));
        Some(Receiver { pick: pick.unwrap_or(receiver.pick), ..receiver })
    }

    /// Puts the ticket on the path's step of that team's tier, begun anew; where the path has none, it stays.
    pub fn stand_on_tier_of(&mut self, team: &TeamId, why: StepWhy) {
        let tier = self.tier_of(team).cloned();
        let steps = self.policy().map_or(&[][..], |policy| &policy.steps);
        let step = steps.iter().position(|step| Some(&step.tier) == tier.as_ref() && step.how != How::Tell);
        self.take_step(step.unwrap_or(self.ticket.path.step), None, why);
    }
}

/// All of them; where that is too long, those that are long have a share each.
fn in_short(notes: &[String]) -> String {
    let whole = notes.join("; ");
    if whole.chars().count() <= COMPOSED_MAX {
        return whole;
    }
    let each = COMPOSED_MAX / notes.len() - "; ".len();
    let short = |note: &String| match note.char_indices().nth(each) {
        Some(_) => note.chars().take(each - 1).chain(['…']).collect(),
        None => note.clone(),
    };
    notes.iter().map(short).collect::<Vec<String>>().join("; ")
}

impl Briefing {
    /// For a message.
    pub fn in_words(&self) -> String {
        let parts = [
            ("", &self.summary),
            ("done so far: ", &self.done_so_far),
            ("next: ", &self.next_action),
            ("waiting on: ", &self.waiting_on),
            ("customer's mood: ", &self.customer_mood),
        ];
        let said = parts.iter().filter(|(_, text)| !text.is_empty());
        let text = said.map(|(name, text)| format!("{name}{text}")).collect::<Vec<_>>().join("; ");
        if self.composed { format!("{text} (composed from history)") } else { text }
    }
}
