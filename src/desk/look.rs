//! Looks at a ticket again and decides from what is true now. An outage, a restart, an edited file: all the same.

use chrono::{DateTime, TimeDelta, Utc};

use super::case::Case;
use super::choose::{Among, Found, Pick, Through};
use super::work::{at_work, holds_until, serves};
use super::{Alone, Holder, Offer, OfferEnd, OfferKind, Request, Seat, State, StepWhy, What, Why};
use crate::schedule::{How, PersonId, Step, TeamId, TierId};

/// A live ticket is looked at at least so often, whatever else is due.
const LOOK_AT_LEAST: TimeDelta = TimeDelta::hours(24);
/// What is due and stays due in spite of a look is looked at again no sooner, so that nothing spins.
const LOOK_AT_MOST: TimeDelta = TimeDelta::seconds(1);

impl Case<'_> {
    pub fn look(&mut self) {
        if !self.ticket.live() {
            return self.close_if_due();
        }
        self.looked = true;
        self.mend_path();
        if self.ticket.state == State::Pending {
            if self.ticket.pending.as_ref().is_some_and(|pending| self.now < pending.until) {
                return;
            }
            return self.resumed("the date it was pending until has come".into());
        }
        self.look_at_approval();
        self.look_at_clocks();
        self.look_at_resolution();
        self.look_at_custody();
        self.look_at_offer();
        if self.ticket.offer.is_none() {
            match self.ticket.holder.clone() {
                Holder::Nobody { .. } => self.look_at_nobody(),
                Holder::Queue { team, .. } => self.look_at_queue(&team),
                Holder::Person { .. } => {}
            }
        }
    }

    /// Of itself or because somebody asked: custody is checked, and whoever has it still is told.
    pub fn resumed(&mut self, reason: String) {
        self.note(What::Resumed { reason });
        let holder = self.ticket.holder.person().cloned();
        self.look();
        let still = holder.filter(|holder| self.ticket.holder.person() == Some(holder));
        let others = still.filter(|holder| self.by.person() != Some(holder));
        self.inform(others.into_iter().collect(), Why::NoLongerPending);
    }

    /// What must be so after every decision.
    pub fn finish(&mut self) {
        self.look_at_vendor();
        self.escalate_at_once();
        if self.ticket.live() && self.ticket.state != State::Pending {
            self.review_hops();
            self.set_waits(self.ticket.acknowledge.clone());
        }
        self.withdraw_approval();
        self.keep_clocks();
        self.tell_relieved();
        self.tell_followers();
    }

    /// A policy, a step or a team asked for by name that is gone from the files: the path begins anew.
    fn mend_path(&mut self) {
        if self.step().is_none() {
            self.take_routed_path(StepWhy::Routed);
            match self.ticket.holder.team().cloned() {
                Some(team) => self.stand_on_tier_of(&team, StepWhy::Routed),
                None if self.ticket.offer.is_some() => {
                    self.note_system(What::OfferEnded { why: OfferEnd::Withdrawn })
                }
                None => {}
            }
        }
        if self.ticket.path.target.as_ref().is_some_and(|team| !self.org.teams.contains_key(team)) {
            self.take_step(self.ticket.path.step, None, StepWhy::Routed);
        }
    }

    fn look_at_custody(&mut self) {
        let Some(seat) = self.ticket.holder.seat() else { return };
        let stays = self.ticket.stay_until.is_some_and(|until| self.now < until);
        let exists = self.org.teams.contains_key(&seat.team) && self.org.people.contains_key(&seat.person);
        let sees = super::may_see(self.org, &seat.person, self.profile().residency.as_ref());
        if sees && exists && (stays || at_work(self.rules.coverage, &seat, self.pages(), self.now)) {
            if self.ticket.kept_until.is_some() {
                self.note_system(What::BackAtWork { seat: seat.clone() });
            }
            return self.prepare_handoff(&seat);
        }
        let keeps = self.keeps_until(&seat, self.now).filter(|_| sees && exists);
        match keeps {
            None => self.shift_ended(&seat),
            Some(until) if self.ticket.kept_until == Some(until) => {}
            Some(until) => {
                if self.ticket.offer.as_ref().is_some_and(|offer| offer.kind == OfferKind::Handoff) {
                    self.note_system(What::OfferEnded { why: OfferEnd::Withdrawn });
                }
                self.note_system(What::Kept { seat, until });
            }
        }
    }

    fn look_at_offer(&mut self) {
        let Some(offer) = self.ticket.offer.clone() else { return };
        if offer.is_page() && !self.pages() {
            return self.offer_lapsed(&offer, OfferEnd::Withdrawn);
        }
        if offer.kind == OfferKind::Handoff {
            return self.look_at_handoff_offer(&offer);
        }
        if offer.expires_at <= self.now {
            return self.offer_expired(&offer);
        }
        if offer.kind == OfferKind::Reassignment && !offer.ask.is_empty() {
            return self.look_at_reassignment(&offer);
        }
        let found = self.candidates(&Among::Team(offer.team.clone()), &offer.through(), self.now);
        let Some(best) = found.best() else {
            return self.offer_lapsed(&offer, OfferEnd::WentHome);
        };
        if offer.is_page() {
            if offer.ask != best.people {
                self.ask_others(best.people.clone(), "who is on call has changed");
            }
        } else if offer.ask.iter().any(|person| !self.still_able(&offer, person)) {
            self.ask_again(&found, "who was asked first cannot take it any more");
        } else if offer.ask.is_empty() {
            self.ask_again(&found, "somebody has room for it");
        }
    }

    /// Whoever was named remains asked while at work, whatever else they lack but sight of it.
    fn look_at_reassignment(&mut self, offer: &Offer) {
        let (coverage, pages, now) = (self.rules.coverage, self.pages(), self.now);
        let residency = self.profile().residency;
        let here = |person: &PersonId| {
            at_work(coverage, &Seat { person: person.clone(), team: offer.team.clone() }, pages, now)
                && super::may_see(self.org, person, residency.as_ref())
        };
        if !offer.ask.iter().all(here) {
            self.offer_lapsed(offer, OfferEnd::WentHome);
        }
    }

    /// Named people may have a lower language rank than somebody who has just come to work; they stay asked.
    fn still_able(&self, offer: &Offer, person: &PersonId) -> bool {
        let Some(team) = self.org.teams.get(&offer.team) else { return false };
        let here = self.rules.coverage.at(&offer.team, self.now);
        here.is_some_and(|span| span.working.binary_search(person).is_ok())
            && self.ability(&self.profile(), &offer.team, team, person, self.now).is_ok()
    }

    fn ask_again(&mut self, found: &Found, why: &str) {
        let Some(best) = found.best() else { return };
        let nobody_named = self.ticket.offer.as_ref().is_none_or(|offer| offer.ask.is_empty());
        match self.pick(best, self.now) {
            Pick::Person(person) => {
                self.take_turn(&best.team, std::slice::from_ref(&person));
                self.ask_others(vec![person], why);
            }
            Pick::Anyone | Pick::Queue if nobody_named => {}
            Pick::Anyone | Pick::Queue => self.ask_others(Vec::new(), why),
        }
    }

    fn ask_others(&mut self, ask: Vec<PersonId>, why: &str) {
        let before = self.ticket.offer.as_ref().map_or(Vec::new(), |offer| offer.ask.clone());
        self.note_system(What::AskedOthers { ask: ask.clone(), why: why.into() });
        let new: Vec<PersonId> = ask.into_iter().filter(|person| !before.contains(person)).collect();
        self.tell_offer(&new);
    }

    fn look_at_handoff_offer(&mut self, offer: &Offer) {
        let seat = self.ticket.holder.seat();
        let stands = seat.as_ref().is_some_and(|seat| self.work_ends(seat) == offer.expires_at);
        let team = Among::Team(offer.team.clone());
        let found = self.candidates(&team, &offer.through(), offer.expires_at);
        let able = |person: &PersonId| found.best().is_some_and(|best| best.people.contains(person));
        let served = found.best().is_some() && offer.ask.iter().all(able);
        if offer.expires_at > self.now && stands && served {
            return;
        }
        // A holder who is on call after the shift keeps what nobody has taken by its end.
        let passed = offer.expires_at <= self.now;
        let why = if passed { OfferEnd::Boundary } else { OfferEnd::Withdrawn };
        self.note_system(What::OfferEnded { why });
        if let Some(seat) = seat {
            self.prepare_handoff(&seat);
        }
    }

    /// Nobody took it in time.
    pub fn offer_expired(&mut self, offer: &Offer) {
        self.note_system(What::OfferEnded { why: OfferEnd::Expired });
        if offer.kind == OfferKind::Join && !offer.is_page() && self.stands_on_joining_step() {
            let lines_called = self.ticket.path.lines_called;
            self.note_system(What::Tried { hours_asked: true, lines_called });
        }
        match offer.kind {
            OfferKind::Escalation if self.asked_of_one_team() => self.nobody_came(offer),
            OfferKind::Routing | OfferKind::Escalation => {
                if !offer.is_page() {
                    let lines_called = self.ticket.path.lines_called;
                    self.note_system(What::Tried { hours_asked: true, lines_called });
                }
                let reason = format!("{} did not answer", offer.team);
                self.note_automatic(reason, Request::default());
                self.place(offer.kind);
            }
            OfferKind::Join if self.stands_on_joining_step() => self.place(OfferKind::Escalation),
            OfferKind::Reassignment | OfferKind::Join | OfferKind::Handoff => self.nobody_came(offer),
        }
    }

    /// Help is what the policy's step asks for, so its lines and the steps above follow.
    fn stands_on_joining_step(&self) -> bool {
        self.step().is_some_and(|step| step.how == How::Join) && self.ticket.path.target.is_none()
    }

    /// Those asked cannot answer any more, before the wait ran out.
    pub fn offer_lapsed(&mut self, offer: &Offer, why: OfferEnd) {
        self.note_system(What::OfferEnded { why });
        if matches!(self.ticket.holder, Holder::Queue { .. }) {
            self.note_system(What::QueueClosed { team: offer.team.clone() });
        }
        match offer.kind {
            OfferKind::Escalation if self.asked_of_one_team() => self.nobody_came(offer),
            OfferKind::Routing | OfferKind::Escalation => self.place(offer.kind),
            OfferKind::Handoff => {
                if let Some(seat) = self.ticket.holder.seat() {
                    self.prepare_handoff(&seat);
                }
            }
            OfferKind::Join if self.stands_on_joining_step() => self.place(OfferKind::Escalation),
            OfferKind::Reassignment | OfferKind::Join => self.nobody_came(offer),
        }
    }

    /// The holder asked for one team, which is not a step of the path.
    fn asked_of_one_team(&self) -> bool {
        self.ticket.path.target.is_some() && self.ticket.holder.person().is_some()
    }

    fn nobody_came(&mut self, offer: &Offer) {
        if let (Some(team), true) = (self.ticket.holder.team().cloned(), self.ticket.path.target.is_some()) {
            self.stand_on_tier_of(&team, StepWhy::HeldStill);
        }
        match self.ticket.holder.seat() {
            Some(seat) => {
                self.inform(vec![seat.person.clone()], Why::NotTaken { team: offer.team.clone() });
                // While that offer ran, no other could be made.
                self.prepare_handoff(&seat);
            }
            None => self.place(OfferKind::Routing),
        }
    }

    /// In a queue and offered to nobody, as after it was pending there.
    fn look_at_queue(&mut self, team: &TeamId) {
        let found = self.candidates(&Among::Team(team.clone()), &Through::Hours, self.now);
        match found.best() {
            Some(best) => self.offer_in_hours(best, &found, OfferKind::Routing),
            None => {
                self.note_system(What::QueueClosed { team: team.clone() });
                self.place(OfferKind::Routing);
            }
        }
    }

    fn look_at_nobody(&mut self) {
        if let Holder::Nobody { reason: Alone::NobodyAtAll, look_again: Some(until) } = &self.ticket.holder {
            let (until, now) = (*until, self.now);
            if until > now && self.chance_on_path().is_none_or(|(chance, _)| chance == until) {
                return;
            }
            self.take_routed_path(StepWhy::Routed);
        }
        self.place(OfferKind::Routing);
    }

    fn look_at_resolution(&mut self) {
        let due = self.ticket.resolve.as_ref().and_then(|wait| wait.due);
        let overrun = due.is_some_and(|due| due <= self.now) && self.ticket.overran_at.is_none();
        let Some(policy) = self.policy().filter(|_| overrun) else { return };
        let next =
            policy.steps.iter().enumerate().skip(self.ticket.path.step + 1).find(|(_, s)| s.how != How::Tell);
        let held = self.ticket.holder.person().is_some();
        let offered = self.ticket.offer.as_ref().map(|offer| offer.kind);
        if let Some(vendor) = self.vendor_next().filter(|_| policy.on_overrun != How::Tell) {
            self.note_system(What::Overran { action: format!("{vendor} asked") });
            self.ask_vendor_next("not resolved in time");
            return;
        }
        match (policy.on_overrun, next.filter(|_| held)) {
            (How::Move, Some((step, next))) if offered.is_none_or(|kind| kind == OfferKind::Handoff) => {
                self.end_offer();
                self.note_system(What::Overran { action: format!("escalated to {}", next.tier) });
                let reason = "not resolved in time".into();
                self.note_automatic(reason, Request::default());
                self.take_step(step, None, StepWhy::Overrun);
                self.place(OfferKind::Escalation);
            }
            (How::Join, Some((_, next))) if offered.is_none() => {
                self.note_system(What::Overran { action: format!("{} asked to help", next.tier) });
                self.ask_for_help(next);
            }
            _ => {
                self.note_system(What::Overran { action: "told".into() });
                let holder = self.ticket.holder.person().cloned();
                let leads = self.ticket.holder.team().cloned().and_then(|team| {
                    super::profile::lead_of(self.org, &team, self.profile().residency.as_ref()).cloned()
                });
                let above = next.and_then(|(_, step)| self.lead_of_tier(&step.tier));
                let people = holder.into_iter().chain(leads).chain(above).collect();
                self.inform(people, Why::Overran);
            }
        }
    }

    /// Asks somebody of the step to help the holder, if anybody there is at work for it.
    fn ask_for_help(&mut self, step: &Step) {
        let among = Among::Tier(step.tier.clone());
        let found = self.candidates(&among, &Through::Hours, self.now);
        if let Some(best) = found.best() {
            return self.offer_in_hours(best, &found, OfferKind::Join);
        }
        for line in step.call.iter().filter(|_| self.pages()) {
            if let Some(best) = self.candidates(&among, &Through::Line(line.clone()), self.now).best() {
                let each = self.acknowledge_allowed();
                return self.offer_page(best, &found, line, OfferKind::Join, each, true);
            }
        }
        let holder = self.ticket.holder.person().cloned();
        let told = holder.into_iter().chain(self.lead_of_tier(&step.tier)).collect();
        self.inform(told, Why::OverranAlone);
    }

    /// The lead of the tier who is nearest to the ticket: same region first, then by the team's id.
    pub fn lead_of_tier(&self, tier: &TierId) -> Option<PersonId> {
        let profile = self.profile();
        let holder_region =
            self.ticket.holder.team().and_then(|team| self.org.teams.get(team)).map(|t| &t.region);
        let near = profile.region.as_ref().or(holder_region);
        let teams = self.org.teams.iter().filter(|(_, team)| team.tier == *tier);
        let leads = teams.filter_map(|(id, team)| {
            let lead = super::profile::lead_of(self.org, id, profile.residency.as_ref())?;
            Some((near != Some(&team.region), id, lead))
        });
        leads.min().map(|(_, _, lead)| lead.clone())
    }

    /// A ticket that circles without progress is shown to the next tier's lead.
    fn review_hops(&mut self) {
        let (hops, limit) = (self.ticket.hops, self.org.handoff.hops_before_review.max(1));
        if hops < self.ticket.reviewed_hops + limit {
            return;
        }
        let lead = self.sightful(self.lead_above().into_iter().collect());
        let told = if lead.is_empty() { self.last_resort() } else { lead };
        self.note_system(What::ReviewAsked { hops, told: told.clone() });
        self.tell_review(&told);
    }

    /// The nearest lead of the next tier that has one.
    pub fn lead_above(&self) -> Option<PersonId> {
        let tier = self.step().map(|step| self.org.tier_rank(&step.tier)).unwrap_or(0);
        self.org.tiers.iter().skip(tier + 1).find_map(|tier| self.lead_of_tier(tier))
    }

    /// When to look again; `None` once it is over.
    pub fn wake_at(&self) -> Option<DateTime<Utc>> {
        if !self.ticket.live() {
            return self.ticket.closes_at;
        }
        let mut instants = vec![self.now + LOOK_AT_LEAST];
        instants.extend(self.due_before());
        if let Some(pending) = &self.ticket.pending {
            instants.push(pending.until);
        } else {
            instants.extend(
                self.ticket.resolve.as_ref().filter(|_| self.ticket.overran_at.is_none()).and_then(|w| w.due),
            );
            instants.extend(self.ticket.approval.as_ref().map(|approval| approval.until));
            self.clock_instants(&mut instants);
            self.custody_instants(&mut instants);
            self.offer_instants(&mut instants);
        }
        // What is due now and was not looked at just now stays due: a note does not put it off.
        let soonest = if self.looked { self.now + LOOK_AT_MOST } else { self.now };
        instants.into_iter().min().map(|at| if at > self.now { at } else { soonest })
    }

    /// The look it was waiting for, if that is due; nothing but a look does away with it.
    fn due_before(&self) -> Option<DateTime<Utc>> {
        self.desk.wake_at(self.ticket.id).filter(|at| *at <= self.now && !self.looked)
    }

    fn custody_instants(&self, instants: &mut Vec<DateTime<Utc>>) {
        if let Holder::Nobody { look_again, .. } = &self.ticket.holder {
            instants.extend(*look_again);
        }
        let Some(seat) = self.ticket.holder.seat() else { return };
        if let Some(until) = self.ticket.kept_until {
            instants.push(until);
            return;
        }
        let boundary = self.work_ends(&seat);
        instants.extend([boundary, self.leaves_at(&seat)]);
        let ahead = boundary - self.org.handoff.lead;
        if ahead > self.now && self.keeps_until(&seat, boundary).is_none() {
            instants.push(ahead);
        }
    }

    fn offer_instants(&self, instants: &mut Vec<DateTime<Utc>>) {
        let Some(offer) = &self.ticket.offer else { return };
        instants.push(offer.expires_at);
        if offer.kind == OfferKind::Handoff {
            return;
        }
        let through = offer.through();
        let here = self.rules.coverage.at(&offer.team, self.now).map(|span| through.people(span));
        // Of those there, a page or a queue may ask only some; whoever comes or goes can change who.
        let named = offer.kind == OfferKind::Reassignment && !offer.ask.is_empty();
        let everybody = (offer.is_page() && !named) || offer.ask.is_empty();
        // Whoever was named stays asked as long as at work for it, be it on call.
        let on_call_counts = named && self.pages();
        let same = |span: &crate::coverage::Span| match everybody {
            true => Some(through.people(span)) == here,
            false => offer.ask.iter().all(|person| serves(span, person, on_call_counts)),
        };
        let changes = holds_until(self.rules.coverage, &offer.team, self.now, same);
        if changes > self.now {
            instants.push(changes);
        }
    }

    /// Whether a person may take it, and from which seat: asked by name, at work in the team it is offered to, or
    /// asked earlier.
    pub fn seat_to_take(&self, person: &PersonId) -> Option<Seat> {
        let seat = |team: &crate::schedule::TeamId| Seat { person: person.clone(), team: team.clone() };
        if let Some(offer) = &self.ticket.offer {
            let at_offered = |at| at_work(self.rules.coverage, &seat(&offer.team), self.pages(), at);
            let ahead = offer.kind == OfferKind::Handoff && at_offered(offer.expires_at);
            if offer.ask.contains(person) || ahead || at_offered(self.now) {
                return Some(seat(&offer.team));
            }
        }
        self.ticket.asked.iter().rev().find(|asked| asked.person == *person).cloned()
    }
}

impl Offer {
    pub(super) fn through(&self) -> Through {
        self.line.clone().map_or(Through::Hours, Through::Line)
    }
}
