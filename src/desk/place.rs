//! Finds a ticket somebody: walks the policy's steps from where it stands until somebody is asked, or it is parked.

use chrono::{DateTime, TimeDelta, Utc};

use super::case::Case;
use super::choose::{Among, Candidate, Found, Pick, Through, names};
use super::notices::instant;
use super::{Alone, Explanation, Holder, Offer, OfferKind, Outcome, Path, Reason, Seat, StepWhy, What, Why};
use crate::schedule::{Fraction, How, LineId, PersonId, PolicyId, Step, TeamId, WhenClosed};

/// No offer is shorter, whatever has been spent of its wait.
const OFFER_AT_LEAST: TimeDelta = TimeDelta::seconds(1);
/// Where nobody could be reached, a round begins after the policy's pace, and no later than this.
const ROUND_REST_MAX: TimeDelta = TimeDelta::minutes(5);
/// A team's whole capacity, in millionths.
const FULL: u64 = 1_000_000;
/// Where nobody can be found within sight.
const LOOK_AGAIN_AFTER: TimeDelta = TimeDelta::hours(24);

enum Tried {
    Placed,
    Onward(StepWhy),
}

impl Case<'_> {
    /// The path its facts ask for, from the first step.
    pub fn take_routed_path(&mut self, why: StepWhy) {
        let (route, policy) = self.profile().route(self.org, self.ticket.priority);
        let (route, policy) = (route.map(|route| route.name.clone()), policy.clone());
        self.take_path(route, policy, 0, None, 0, why);
    }

    fn take_path(
        &mut self,
        route: Option<String>,
        policy: PolicyId,
        step: usize,
        target: Option<TeamId>,
        round: u32,
        why: StepWhy,
    ) {
        let (hours_asked, lines_called, since) = (false, 0, self.now);
        let overflowed = false;
        let path = Path { route, policy, step, target, hours_asked, lines_called, overflowed, round, since };
        self.note_system(What::PathTaken { path, why });
    }

    /// Another step of the same path, begun anew.
    pub fn take_step(&mut self, step: usize, target: Option<TeamId>, why: StepWhy) {
        let Path { route, policy, round, .. } = self.ticket.path.clone();
        self.take_path(route, policy, step, target, round, why);
    }

    /// The same step as if it had never been tried.
    pub fn begin_step_anew(&mut self, why: StepWhy) {
        let Path { route, policy, step, .. } = self.ticket.path.clone();
        self.take_path(route, policy, step, None, 0, why);
    }

    /// Asks somebody, or parks it, from where it stands on its path. Afterwards it is not silently alone.
    pub fn place(&mut self, kind: OfferKind) {
        let path = &self.ticket.path;
        let mut from_the_start = path.step == 0 && !path.hours_asked && path.lines_called == 0;
        loop {
            let why = match self.try_step(kind) {
                Tried::Placed => return,
                Tried::Onward(why) => why,
            };
            let path = &self.ticket.path;
            let steps = self.policy().map_or(0, |policy| policy.steps.len());
            if path.target.is_some() {
                self.take_step(path.step, None, why);
            } else if path.step + 1 < steps {
                self.take_step(path.step + 1, None, why);
            } else if let Some(holder) = self.ticket.holder.seat() {
                return self.nobody_above(&holder, kind);
            } else if from_the_start && !self.somebody_unreached() {
                return self.park_for_anybody();
            } else {
                let unreached = self.somebody_unreached();
                let others = self.chance_on_path().is_some_and(|(at, _)| at <= self.now);
                self.next_round();
                if unreached && !others {
                    return self.rest_before_round();
                }
                from_the_start = true;
            }
        }
    }

    /// Whether somebody is passed over because no message reached them.
    fn somebody_unreached(&self) -> bool {
        self.ticket.declined.iter().any(|declined| declined.unreached && self.now < declined.until)
    }

    fn try_step(&mut self, kind: OfferKind) -> Tried {
        let Some(step) = self.step() else {
            self.take_routed_path(StepWhy::Routed);
            return match self.step() {
                Some(_) => self.try_step(kind),
                None => Tried::Onward(StepWhy::Skipped),
            };
        };
        let path = self.ticket.path.clone();
        if step.how == How::Tell && path.target.is_none() {
            // As for the last resort: what does not page is not worth a message at every round.
            if self.ticket.unattended_since.is_none() || self.pages() {
                self.tell_step(step, Why::StepNotTaken { tier: step.tier.clone() });
            }
            return Tried::Onward(StepWhy::TellOnly);
        }
        let kind = match step.how {
            How::Join if self.ticket.holder.person().is_some() => OfferKind::Join,
            _ => kind,
        };
        let among = self.among(step);
        let found = self.candidates(&among, &Through::Hours, self.now);
        if !path.hours_asked
            && let Some(best) = found.best()
        {
            match self.elsewhere(step, &found) {
                Some((team, others)) => {
                    self.note_system(What::Overflowed { tier: step.tier.clone(), to: team.team.clone() });
                    self.offer_in_hours(&team, &others, kind);
                }
                None => self.offer_in_hours(best, &found, kind),
            }
            return Tried::Placed;
        }
        let tried_before = path.hours_asked || path.lines_called > 0;
        let onward = if tried_before { StepWhy::NotAnswered } else { StepWhy::Skipped };
        match self.when_closed() {
            WhenClosed::Page => self.page_next_line(step, &found, kind, onward),
            // Those at work there have refused: parking would only ask them again tomorrow.
            WhenClosed::Park if found.dropped.iter().any(|(_, reason)| *reason == Reason::Declined) => {
                Tried::Onward(StepWhy::NotAnswered)
            }
            WhenClosed::Park if !path.hours_asked => {
                match self.next_chance(&among, &[Through::Hours], self.now) {
                    Some((until, team)) => {
                        self.park(Alone::Parked, until, Outcome::Park { team, until }, &found);
                        Tried::Placed
                    }
                    None => Tried::Onward(onward),
                }
            }
            WhenClosed::Park | WhenClosed::Next => Tried::Onward(onward),
        }
    }

    pub fn among(&self, step: &Step) -> Among<'static> {
        match &self.ticket.path.target {
            Some(team) => Among::Team(team.clone()),
            None => Among::Tier(step.tier.clone()),
        }
    }

    /// Who is asked in place of the step's tier, as all of it that was `found` has too much to do; and what both were
    /// chosen from. Once they have refused it is the tier's turn; where they let the wait run out, it goes on as ever.
    fn elsewhere(&self, step: &Step, found: &Found) -> Option<(Candidate, Found)> {
        let path = &self.ticket.path;
        let rule = step.overflow.as_ref().filter(|_| !path.overflowed && path.target.is_none())?;
        let limit = rule.at.map_or(FULL, Fraction::in_millionths);
        if !found.candidates.iter().all(|team| team.has_in_hand(limit)) {
            return None;
        }
        let mut others = self.candidates(&Among::Teams(&rule.to), &Through::Hours, self.now);
        others.candidates.retain(|team| !team.has_in_hand(limit));
        let best = others.best()?.clone();
        others.candidates.extend(found.candidates.iter().cloned());
        Some((best, others))
    }

    /// `in_hours`: what was found there, for the explanation.
    fn page_next_line(&mut self, step: &Step, in_hours: &Found, kind: OfferKind, onward: StepWhy) -> Tried {
        let among = self.among(step);
        let Path { hours_asked, lines_called, .. } = self.ticket.path;
        for (index, line) in step.call.iter().enumerate().skip(lines_called) {
            let found = self.candidates(&among, &Through::Line(line.clone()), self.now);
            if let Some(best) = found.best() {
                self.note_system(What::Tried { hours_asked, lines_called: index + 1 });
                let each = step.call_every.unwrap_or(self.acknowledge_allowed());
                let last = index + 1 == step.call.len();
                self.offer_page(best, in_hours, line, kind, each, last);
                return Tried::Placed;
            }
        }
        Tried::Onward(onward)
    }

    /// Offers it to a team's people in their hours: to somebody by name, to whoever picks it, or to the queue.
    pub fn offer_in_hours(&mut self, best: &Candidate, found: &Found, kind: OfferKind) {
        let pick = self.pick(best, self.now);
        self.offer_to(best, found, kind, pick);
    }

    pub fn offer_to(&mut self, best: &Candidate, found: &Found, kind: OfferKind, pick: Pick) {
        let team = best.team.clone();
        let ask: Vec<PersonId> = match &pick {
            Pick::Person(person) => vec![person.clone()],
            Pick::Anyone | Pick::Queue => Vec::new(),
        };
        let outcome = match pick {
            Pick::Queue => Outcome::Queue { team: team.clone() },
            _ => Outcome::Offer { team: team.clone(), ask: ask.clone() },
        };
        let decision = self.explanation(outcome, Some(best), found);
        if ask.is_empty() && self.ticket.holder.person().is_none() && self.ticket.holder.team() != Some(&team)
        {
            self.note_system(What::Queued { team: team.clone() });
        }
        let clock = self.wait_clock(&team);
        let wait = self.run_wait(self.ticket.acknowledge.as_ref(), self.acknowledge_allowed(), clock);
        let due = wait.due.unwrap_or(self.rules.coverage.until);
        let expires_at = self.at_pace(due);
        let told = if ask.is_empty() && pick == Pick::Anyone { best.people.clone() } else { ask.clone() };
        if kind != OfferKind::Reassignment {
            self.take_turn(&team, &ask);
        }
        self.note_system(What::Offered {
            offer: Offer {
                kind,
                team,
                line: None,
                ask,
                substitute_language: self.substitute(best),
                since: self.now,
                expires_at,
                handoff: None,
                unheard: Vec::new(),
            },
            decision: Box::new(decision),
        });
        self.set_waits(Some(wait));
        self.tell_offer(&told);
    }

    pub fn offer_page(
        &mut self,
        best: &Candidate,
        found: &Found,
        line: &LineId,
        kind: OfferKind,
        each: TimeDelta,
        last: bool,
    ) {
        let clock = self.wait_clock(&best.team);
        let wait = self.run_wait(self.ticket.acknowledge.as_ref(), self.acknowledge_allowed(), clock);
        let due = wait.due.filter(|_| last).map_or(self.now + each, |due| due.max(self.now + each));
        let expires_at = self.at_pace(due);
        let (team, ask) = (best.team.clone(), best.people.clone());
        let outcome = Outcome::Page { team: team.clone(), line: line.clone(), ask: ask.clone() };
        let decision = Box::new(self.explanation(outcome, Some(best), found));
        let offer = Offer {
            kind,
            team,
            line: Some(line.clone()),
            ask: ask.clone(),
            substitute_language: self.substitute(best),
            since: self.now,
            expires_at,
            handoff: None,
            unheard: Vec::new(),
        };
        self.note_system(What::Offered { offer, decision });
        self.set_waits(Some(wait));
        self.tell_offer(&ask);
    }

    /// For `round-robin`: it was that person's turn, unless they were asked because they know the ticket.
    pub fn take_turn(&mut self, team: &TeamId, ask: &[PersonId]) {
        if let [person] = ask
            && !self.ticket.past.iter().any(|seat| seat.person == *person)
        {
            self.outcome.named.insert(team.clone(), person.clone());
        }
    }

    pub fn substitute(&self, candidate: &Candidate) -> Option<crate::schedule::Language> {
        let rank = candidate.language_rank;
        (rank > 0).then(|| self.profile().language_of_rank(self.org, rank))
    }

    /// An unattended ticket is asked for again at the policy's fixed pace.
    fn at_pace(&self, due: DateTime<Utc>) -> DateTime<Utc> {
        let pace = self.policy().map_or(TimeDelta::zero(), |policy| policy.repeat_every);
        let least = if self.ticket.path.round > 0 { pace.max(OFFER_AT_LEAST) } else { OFFER_AT_LEAST };
        due.max(self.now + least)
    }

    fn park(&mut self, reason: Alone, until: DateTime<Utc>, outcome: Outcome, found: &Found) {
        let as_before = Holder::Nobody { reason, look_again: Some(until) };
        if self.ticket.holder == as_before && self.ticket.offer.is_none() {
            return;
        }
        let decision = self.explanation(outcome, None, found);
        let waited = self.ticket.acknowledge.as_ref().map(|wait| self.stop_wait(wait));
        self.note_system(What::Parked { reason, until, decision: Box::new(decision) });
        // What was spent of the wait in earlier hours stays spent, or a long wait would begin anew every morning.
        self.set_waits(waited);
    }

    /// Nobody at all on the whole path: until somebody will be, and the last resort is told.
    fn park_for_anybody(&mut self) {
        let (until, outcome) = match self.chance_on_path() {
            Some((until, team)) => (until, Outcome::Park { team, until }),
            None => {
                let look_again = self.now + LOOK_AGAIN_AFTER;
                (look_again, Outcome::Nobody { look_again })
            }
        };
        let known = matches!(self.ticket.holder, Holder::Nobody { reason: Alone::NobodyAtAll, .. });
        let tier = self.step().map_or("".into(), |step| step.tier.clone());
        let found = self.candidates(&Among::Tier(tier), &Through::Hours, self.now);
        self.park(Alone::NobodyAtAll, until, outcome, &found);
        if !known {
            self.tell_last_resort(Why::NobodyBefore { until });
        }
    }

    /// Whoever could serve it is not reached, and may be soon: the next round begins after a pause.
    fn rest_before_round(&mut self) {
        let pace = self.policy().map_or(ROUND_REST_MAX, |policy| policy.repeat_every);
        let least = if self.pages() { OFFER_AT_LEAST } else { ROUND_REST_MAX };
        let look_again = self.now + pace.min(ROUND_REST_MAX).max(least);
        let tier = self.step().map_or("".into(), |step| step.tier.clone());
        let found = self.candidates(&Among::Tier(tier), &Through::Hours, self.now);
        self.park(Alone::NobodyAtAll, look_again, Outcome::Nobody { look_again }, &found);
    }

    /// When somebody on any step of the path can serve it, in their hours or, if it pages, on call.
    pub fn chance_on_path(&self) -> Option<(DateTime<Utc>, TeamId)> {
        let steps = self.policy().map_or(&[][..], |policy| &policy.steps);
        let moving = steps.iter().filter(|step| step.how != How::Tell);
        let chances = moving.filter_map(|step| {
            let lines = step.call.iter().filter(|_| self.pages()).cloned().map(Through::Line);
            let through: Vec<Through> = std::iter::once(Through::Hours).chain(lines).collect();
            self.next_chance(&Among::Tier(step.tier.clone()), &through, self.now)
        });
        chances.min()
    }

    /// The holder asked upwards and nobody there has answered: the holder has it still, and should know.
    fn nobody_above(&mut self, holder: &Seat, kind: OfferKind) {
        let why = match kind {
            OfferKind::Join => Why::NobodyHelps,
            _ => Why::NobodyAbove,
        };
        self.inform(vec![holder.person.clone()], why);
        self.tell_last_resort(Why::EscalationUnanswered);
        self.stand_on_tier_of(&holder.team, StepWhy::HeldStill);
        self.prepare_handoff(holder);
    }

    fn next_round(&mut self) {
        let round = self.ticket.path.round + 1;
        let first = self.ticket.unattended_since.is_none();
        self.note_system(What::Unattended { round });
        // What does not page can wait, and is not worth a message at every round.
        if first || self.pages() {
            self.tell_last_resort(Why::PathUnanswered);
        }
        let Path { route, policy, .. } = self.ticket.path.clone();
        self.take_path(route, policy, 0, None, round, StepWhy::NextRound);
    }

    pub fn tell_step(&mut self, step: &Step, why: Why) {
        let people = self.people_to_tell(step);
        self.inform(people, why);
    }

    /// Somebody of the tier: at work, else on call, else the lead of the first team that may know.
    pub fn people_to_tell(&self, step: &Step) -> Vec<PersonId> {
        let among = Among::Tier(step.tier.clone());
        if let Some(best) = self.candidates(&among, &Through::Hours, self.now).best() {
            return match self.pick(best, self.now) {
                Pick::Person(person) => vec![person],
                Pick::Anyone | Pick::Queue => best.people.clone(),
            };
        }
        let on_call = step.call.iter().find_map(|line| {
            let found = self.candidates(&among, &Through::Line(line.clone()), self.now);
            found.best().map(|best| best.people.clone())
        });
        on_call.unwrap_or_else(|| self.lead_of_tier(&step.tier).into_iter().collect())
    }

    /// `chosen`: whom the outcome names; `found`: what they were chosen from, or after.
    pub fn explanation(&self, outcome: Outcome, chosen: Option<&Candidate>, found: &Found) -> Explanation {
        let (rejected, counts) = self.rejected(found, chosen);
        let path = &self.ticket.path;
        let tier = self.step().map_or("".into(), |step| step.tier.clone());
        let people = found.candidates.iter().chain(chosen).flat_map(|candidate| &candidate.people);
        let loads = people.map(|person| (person.clone(), self.load(person))).collect();
        let language = &self.profile().language;
        let spoken = chosen.filter(|best| best.language_rank > 0);
        let spoken = spoken.map(|best| self.profile().language_of_rank(self.org, best.language_rank));
        let speaks = match spoken {
            Some(substitute) => format!("in {substitute} in place of {language}"),
            None => format!("in {language}"),
        };
        let hours =
            if found.at > self.now { "they are in their hours by then" } else { "they are in their hours" };
        let text = match &outcome {
            Outcome::Offer { team, ask } if ask.is_empty() => {
                format!("Offered to whoever in {team} picks it, {speaks}: {hours}.")
            }
            Outcome::Offer { team, ask } => {
                format!("Offered to {team}, {} first, {speaks}: {hours}.", names(ask))
            }
            Outcome::Page { team, line, ask } if found.at > self.now => {
                format!("Offered to {} on {line} of {team}, {speaks}: they are on call by then.", names(ask))
            }
            Outcome::Page { team, line, ask } => {
                format!(
                    "Nobody in their hours has taken it or can: {} on {line} of {team} paged, {speaks}.",
                    names(ask)
                )
            }
            Outcome::Queue { team } => {
                format!("In the queue of {team}: who could take it there has as much as they can hold.")
            }
            Outcome::Park { team, until } => {
                format!(
                    "Nobody who may take it is at work: parked until {}, when {team} can.",
                    instant(*until)
                )
            }
            Outcome::Nobody { look_again } => {
                format!("Nobody who may take it can be found: looking again at {}.", instant(*look_again))
            }
        };
        let elsewhere = chosen.filter(|best| path.overflowed && self.tier_of(&best.team) != Some(&tier));
        let full = elsewhere.map_or(String::new(), |_| format!(" {tier} has too much to do."));
        let way =
            path.route.as_ref().map_or("no route matches".to_owned(), |route| format!("route {route:?}"));
        let sla = self.sla().map(|(id, _)| id.clone());
        let promised = sla.as_ref().map_or(String::new(), |sla| format!(", SLA {sla}"));
        let text = format!(
            "{text}{full} {}, {way}, policy {}, step {} ({tier}){promised}.",
            self.ticket.priority,
            path.policy,
            path.step + 1
        );
        Explanation {
            text,
            at: self.now,
            revision: self.rules.revision,
            route: path.route.clone(),
            policy: path.policy.clone(),
            step: path.step,
            tier,
            sla,
            outcome,
            rejected,
            counts,
            loads,
        }
    }
}
