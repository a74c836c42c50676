//! Keeps the clocks of a ticket's promises: which SLA holds, what counts, what has passed and who is told.

use chrono::{DateTime, TimeDelta, Utc};

use super::case::Case;
use super::choose::{Among, Through};
use super::custody::Custody;
use super::profile::lead_of;
use super::vendor::vendor_clock;
use super::{
    Alone, Clock, ClockKind, Holder, OfferKind, Outcome, Passed, Request, State, StepWhy, Ticket, WaitClock,
    What, Why,
};
use crate::schedule::{
    AnsweredBy, Fraction, How, OnBreach, OnWarning, PersonId, Sla, SlaClock, SlaId, Step, TeamId, WhenClosed,
    defaults,
};

/// The SLA of a ticket, if any.
type Promised<'a> = Option<(&'a SlaId, &'a Sla)>;

/// What holds of one clock now.
struct Promise<'a> {
    /// Absent: the house's own.
    sla: Option<&'a SlaId>,
    /// Absent: nothing at this priority.
    within: Option<TimeDelta>,
    warn_at: &'a [Fraction],
}

impl Ticket {
    pub fn clock(&self, kind: ClockKind) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.kind == kind)
    }
}

impl<'a> Case<'a> {
    /// What is promised: by the customer's own table, else the route, else the customer's class, else the organisation. Of
    /// an internal ticket only by the route.
    pub fn sla(&self) -> Promised<'a> {
        if self.org.slas.is_empty() {
            return None;
        }
        let profile = self.profile();
        // What customers are promised is not promised to the house's own people; a route may name an SLA for them.
        let to_customers = profile.facts.audience.is_customer();
        let route = || profile.route(self.org, self.ticket.priority).0;
        let class = || profile.customer.and_then(|customer| customer.class.as_deref());
        let own = profile.customer.and_then(|customer| customer.sla.as_ref());
        let of_route = || route().and_then(|route| route.sla.as_ref());
        let of_class = || class().and_then(|class| self.org.sla_of_class(class));
        let id = match to_customers {
            true => own.or_else(of_route).or_else(of_class).or(self.org.sla.as_ref())?,
            false => of_route()?,
        };
        self.org.slas.get_key_value(id)
    }

    /// The clocks as they are from now on, by what is true now.
    pub fn keep_clocks(&mut self) {
        let owed = self.org.priority(self.ticket.priority).updates;
        let at_vendor = self.ticket.at_vendor().is_some();
        if self.org.slas.is_empty() && owed.is_none() && self.ticket.clocks.is_empty() && !at_vendor {
            return;
        }
        let sla = self.sla();
        let mut clocks: Vec<Clock> = Vec::with_capacity(ClockKind::ALL.len());
        for kind in ClockKind::ALL {
            let answered = clocks.first().is_none_or(|first| {
                first.kind != ClockKind::FirstResponse || first.met_at.is_some() || first.promised.is_none()
            });
            clocks.extend(self.kept_clock(sla, kind, answered));
        }
        if clocks != self.ticket.clocks {
            self.note_system(What::ClocksSet { clocks });
        }
    }

    /// What an SLA promises, or the house; `None`: nothing at any priority.
    fn promise(&self, sla: Promised<'a>, kind: ClockKind) -> Option<Promise<'a>> {
        if kind == ClockKind::Update {
            let owed = self.org.priority(self.ticket.priority).updates?;
            let within = if self.ticket.update.is_none() { owed.first } else { owed.every };
            return Some(Promise { sla: None, within: Some(within), warn_at: &defaults::WARN_AT });
        }
        if kind == ClockKind::VendorReply {
            let vendor = self.vendor_here()?;
            let within = self.vendor_reply_within(vendor)?;
            return Some(Promise { sla: None, within: Some(within), warn_at: &vendor.warn_at });
        }
        let (id, sla) = sla?;
        let promises = kind.promises(sla).filter(|promises| !promises.is_empty())?;
        let within = promises.get(&self.ticket.priority).copied();
        Some(Promise { sla: Some(id), within, warn_at: &sla.warn_at })
    }

    /// `answered`: the customer has had a first response, or none is promised.
    fn kept_clock(&self, sla: Promised<'a>, kind: ClockKind, answered: bool) -> Option<Clock> {
        if kind == ClockKind::VendorReply && self.ticket.at_vendor().is_none() {
            // What was not answered is owed no more.
            return self.ticket.clock(kind).filter(|clock| clock.met_at.is_some()).cloned();
        }
        let promise = self.promise(sla, kind);
        let mut clock = match self.ticket.clock(kind) {
            Some(clock) => clock.clone(),
            None if promise.is_none() || !self.ticket.live() => return None,
            None => self.begun_clock(sla, kind)?,
        };
        // Whoever is silent still, or has it now, owes the next one all the same.
        if kind == ClockKind::Update && clock.breached_at.is_some() {
            clock = Clock::begun(kind, self.now, clock.by);
        }
        if self.ticket.live() && clock.met_at.is_some() {
            match kind {
                _ if kind.repeats() => clock = Clock::begun(kind, self.now, clock.by),
                // Reopened: it goes on from what it had spent.
                ClockKind::Resolution => clock.met_at = None,
                _ => (),
            }
        }
        if clock.met_at.is_some() {
            return Some(clock);
        }
        let spent = self.clock_spent(&clock);
        let runs = self.ticket.live()
            && self.ticket.state != State::Pending
            && !(kind.is_of_sla() && self.ticket.at_vendor().is_some() && self.vendor_pauses())
            && match kind {
                ClockKind::NextUpdate => answered,
                ClockKind::Update => self.ticket.holder.person().is_some(),
                ClockKind::FirstResponse | ClockKind::Resolution | ClockKind::VendorReply => true,
            };
        let by = self.counted_by(sla, kind, &clock.by);
        // Each custody's share of it is seen in the history.
        let goes_on = runs == clock.running_since.is_some() && by == clock.by && !self.custody_changed();
        if !goes_on {
            if runs && spent.is_zero() && clock.running_since.is_none() {
                clock.since = self.now;
            }
            (clock.spent, clock.by) = (spent, by);
            clock.running_since = runs.then_some(self.now);
        }
        let (within, warn_at) = promise.as_ref().map_or((None, &[][..]), |p| (p.within, p.warn_at));
        clock.sla = promise.and_then(|promise| promise.sla).cloned();
        clock.measure_against(within, warn_at, spent);
        clock.due = self.clock_due(&clock, spent);
        Some(clock)
    }

    /// A promise that is found with the ticket, or with what is told of it later, counts from the opening; one that
    /// comes into the files counts from then on. `None`: the customer was answered before.
    fn begun_clock(&self, sla: Promised<'a>, kind: ClockKind) -> Option<Clock> {
        let told =
            |what: &What| matches!(what, What::Opened { .. } | What::Changed { .. } | What::Repeated { .. });
        let told = self.outcome.events.iter().any(|event| told(&event.what));
        let held_before = self.before.is_some_and(|before| before.holder.person().is_some())
            || !self.ticket.past.is_empty();
        if kind == ClockKind::FirstResponse && (held_before || self.ticket.update.is_some()) {
            return None;
        }
        let by = self.counted_by(sla, kind, &WaitClock::Calendar);
        let since = if told && !kind.repeats() { self.ticket.opened_at } else { self.now };
        let spent = self.counted(&by, since);
        Some(Clock { spent, ..Clock::begun(kind, since, by) })
    }

    /// What time counts from now on. Open hours are those of whichever team has the ticket: holds it, is asked for it,
    /// or is waited for; where none is in sight, of the one before, and else all time counts.
    /// What the house owes is counted as its waits are.
    fn counted_by(&self, sla: Promised, kind: ClockKind, before: &WaitClock) -> WaitClock {
        if kind == ClockKind::Update {
            return self.ticket.holder.team().map_or(before.clone(), |team| self.wait_clock(team));
        }
        if kind == ClockKind::VendorReply {
            return self.vendor_here().map_or(before.clone(), vendor_clock);
        }
        match sla.map(|(_, sla)| &sla.clock) {
            Some(SlaClock::Calendar) => WaitClock::Calendar,
            Some(SlaClock::BusinessHours(hours)) => WaitClock::Business { hours: hours.clone() },
            Some(SlaClock::Open) => {
                let waited_for = || match &self.ticket.holder {
                    Holder::Nobody { reason: Alone::Parked | Alone::NobodyAtAll, .. } => self.parked_for(),
                    _ => None,
                };
                let asked = self.ticket.offer.as_ref().map(|offer| &offer.team);
                let team = self.ticket.holder.team().or(asked).or_else(waited_for);
                match (team, before) {
                    (Some(team), _) => WaitClock::Open { team: team.clone() },
                    (None, WaitClock::Open { team }) => WaitClock::Open { team: team.clone() },
                    (None, _) => WaitClock::Calendar,
                }
            }
            None => before.clone(),
        }
    }

    /// For whose opening it has just been parked.
    fn parked_for(&self) -> Option<&TeamId> {
        match &self.outcome.explanation()?.outcome {
            Outcome::Park { team, .. } => Some(team),
            _ => None,
        }
    }

    fn custody_changed(&self) -> bool {
        let before = match self.before {
            Some(before) => Custody::of(before),
            None => Custody::of(&Ticket::unopened(self.ticket.id, self.now)),
        };
        before != Custody::of(&self.ticket)
    }

    /// All of it until now. What ran by hours that are gone from the files since is not known, and not counted.
    pub fn clock_spent(&self, clock: &Clock) -> TimeDelta {
        clock.spent + clock.running_since.map_or(TimeDelta::zero(), |since| self.counted(&clock.by, since))
    }

    /// When a running clock has spent so much; `None`: not within sight.
    fn clock_reaches(&self, clock: &Clock, spent: TimeDelta, threshold: TimeDelta) -> Option<DateTime<Utc>> {
        let left = (threshold - spent).max(TimeDelta::zero());
        clock.by.reaches(self.rules.coverage, self.now, left)
    }

    fn clock_due(&self, clock: &Clock, spent: TimeDelta) -> Option<DateTime<Utc>> {
        let promised = clock.promised?;
        clock.running_since?;
        // What is overdue stays due when it was.
        let overdue = clock.due.filter(|due| promised <= spent && *due <= self.now);
        overdue.or_else(|| self.clock_reaches(clock, spent, promised))
    }

    /// When the clocks have to be looked at.
    pub fn clock_instants(&self, instants: &mut Vec<DateTime<Utc>>) {
        for clock in self.ticket.clocks.iter().filter(|clock| clock.running_since.is_some()) {
            if let Some(threshold) = clock.next_threshold() {
                instants.extend(self.clock_reaches(clock, self.clock_spent(clock), threshold));
            }
        }
    }

    /// What has passed by now is told; a broken promise escalates, where its SLA says so.
    pub fn look_at_clocks(&mut self) {
        self.keep_clocks();
        if self.ticket.clocks.is_empty() {
            return;
        }
        let breached = self.pass_thresholds(&ClockKind::ALL);
        if breached.contains(&ClockKind::Update) {
            self.escalate_silence();
        }
        let escalates = self.sla().is_some_and(|(_, sla)| sla.on_breach == OnBreach::Escalate);
        if breached.contains(&ClockKind::VendorReply) {
            self.escalate_vendor();
        }
        let of_sla = breached.iter().find(|kind| kind.is_of_sla());
        if let Some(kind) = of_sla.filter(|_| escalates) {
            self.escalate_broken_promise(*kind);
        }
    }

    /// Which promises it ends or halts, whatever has been spent of them.
    pub fn clocks_ended_by(&self, what: &What) -> &'static [ClockKind] {
        match what {
            _ if self.ticket.clocks.is_empty() => &[],
            What::Acknowledged { .. } => match self.sla() {
                Some((_, sla)) if sla.first_response_by == AnsweredBy::Update => &[],
                _ => &[ClockKind::FirstResponse],
            },
            What::Updated { .. } => &[ClockKind::FirstResponse, ClockKind::NextUpdate, ClockKind::Update],
            What::VendorReplied { .. } | What::VendorRecalled { .. } => &[ClockKind::VendorReply],
            What::VendorAsked { .. } if self.vendor_pauses() => &ClockKind::OF_SLAS,
            What::Resolved { .. } => &ClockKind::OURS,
            What::Pended { .. } => &ClockKind::ALL,
            _ => &[],
        }
    }

    /// It has happened: these promises are kept, perhaps late.
    pub fn meet_clocks(&mut self, kinds: &[ClockKind]) {
        for kind in kinds {
            if let Some(clock) = self.ticket.clock(*kind).filter(|clock| clock.met_at.is_none()) {
                let (spent, promised) = (self.clock_spent(clock), clock.promised);
                self.note_system(What::ClockMet { clock: *kind, spent, promised });
            }
        }
    }

    /// Notes each warning and each breach that has come to pass, in order, and tells of all of them at once. Returns
    /// what is newly broken.
    pub fn pass_thresholds(&mut self, kinds: &[ClockKind]) -> Vec<ClockKind> {
        let (mut said, mut breached) = (Vec::new(), Vec::new());
        let tells = |on: OnWarning| on == OnWarning::Tell;
        let sla_warns = self.sla().is_none_or(|(_, sla)| tells(sla.on_warning));
        for kind in kinds {
            let Some(clock) = self.ticket.clock(*kind).cloned() else { continue };
            let Some(promised) = clock.promised.filter(|_| clock.is_open()) else { continue };
            let spent = self.clock_spent(&clock);
            let left_to_warn = &clock.warn_at[clock.warned.min(clock.warn_at.len())..];
            let passed: Vec<_> =
                left_to_warn.iter().filter(|fraction| fraction.part_of(promised) <= spent).collect();
            for fraction in &passed {
                self.note_system(What::ClockWarned { clock: *kind, fraction: **fraction, due: clock.due });
            }
            if promised <= spent {
                self.note_system(What::ClockBreached { clock: *kind, promised, sla: clock.sla.clone() });
                said.push(Passed { clock: *kind, promised, sla: clock.sla.clone(), spent: None, due: None });
                breached.push(*kind);
            } else if let Some(fraction) = passed.last().filter(|_| sla_warns || !kind.is_of_sla()) {
                let (sla, spent) = (clock.sla.clone(), Some(**fraction));
                said.push(Passed { clock: *kind, promised, sla, spent, due: clock.due });
            }
        }
        if !said.is_empty() {
            let mut people = self.close_to_it();
            // That a vendor may be late, whoever chases it has to know, and nobody else.
            let of_vendor = said.iter().all(|passed| passed.clock == ClockKind::VendorReply);
            if of_vendor && breached.is_empty() && self.ticket.holder.person().is_some() {
                people.truncate(1);
            }
            let broken = breached.iter().any(|kind| *kind != ClockKind::VendorReply);
            people.extend(broken.then(|| self.lead_above()).flatten());
            self.inform_somebody(people, Why::Promises { passed: said });
        }
        breached
    }

    /// The holder, and the lead of the team that has it or is asked; else the lead of the tier it stands on.
    pub fn close_to_it(&self) -> Vec<PersonId> {
        let custody = Custody::of(&self.ticket);
        let team = custody.team().or(self.ticket.holder.team());
        let residency = self.profile().residency;
        let lead = team.and_then(|team| lead_of(self.org, team, residency.as_ref()).cloned());
        let of_tier = || self.step().and_then(|step| self.lead_of_tier(&step.tier));
        self.ticket.holder.person().cloned().into_iter().chain(lead.or_else(of_tier)).collect()
    }

    /// Whoever works on it goes on; the next tier's lead has been told that nobody says how it stands.
    fn escalate_silence(&mut self) {
        // Whose time it was stays known when the next one begins.
        let mut clocks = self.ticket.clocks.clone();
        for clock in clocks.iter_mut().filter(|clock| clock.kind == ClockKind::Update) {
            clock.spent = self.clock_spent(clock);
            clock.running_since = clock.running_since.map(|_| self.now);
        }
        self.note_system(What::ClocksSet { clocks });
        self.note_automatic("the status update is overdue".to_owned(), self.ticket.request.clone());
    }

    /// One step further, unless somebody further along has been asked already.
    pub fn escalate_broken_promise(&mut self, kind: ClockKind) {
        let reason = format!("the promise of a {kind} is broken");
        if self.ask_vendor_next(&reason) {
            return;
        }
        let above = self.steps_above();
        let next = above.iter().find(|(_, step)| step.how != How::Tell).copied();
        let asked = self.ticket.offer.as_ref().map(|offer| offer.kind);
        let may_ask = matches!(asked, None | Some(OfferKind::Routing | OfferKind::Handoff));
        let Some((next, _)) = next.filter(|(_, step)| may_ask && self.would_be_asked(step)) else { return };
        self.end_offer();
        self.note_automatic(reason, Request::default());
        for (_, step) in above.iter().take_while(|(index, _)| *index < next) {
            self.tell_step(step, Why::PromiseBroken { clock: kind, tier: step.tier.clone() });
        }
        self.take_step(next, None, StepWhy::PromiseBroken);
        self.place(OfferKind::Escalation);
    }

    /// A ticket that parks is not taken from whoever has it to wait for somebody further along.
    fn would_be_asked(&self, step: &Step) -> bool {
        let there = || self.candidates(&Among::Tier(step.tier.clone()), &Through::Hours, self.now);
        self.when_closed() != WhenClosed::Park || there().best().is_some()
    }
}
