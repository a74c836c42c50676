//! A person sends the ticket on: to the next tier, to another team or skill, or to somebody by name.

use std::collections::BTreeSet;

use super::case::Case;
use super::choose::{Among, Pick, Through};
use super::profile::lead_of;
use super::verbs::filled;
use super::work::{at_work, next_when, serves};
use super::{Aside, Escalation, Holder, OfferKind, Refusal, Request, Seat, State, StepWhy, What, Why};
use crate::schedule::{How, PersonId, Skill, Step, TeamId};

impl<'a> Case<'a> {
    pub fn escalate_up(&mut self, reason: String, mut request: Request) -> Result<(), Refusal> {
        self.must_be(&[State::Held, State::Waiting], "escalated")?;
        filled("reason", &reason)?;
        self.must_carry(&request)?;
        self.must_have_a_hand()?;
        if let Some(vendor) = self.vendor_next() {
            self.send_to_vendor(Escalation::Hierarchical, vendor, reason, request);
            return Ok(());
        }
        if self.steps_above().is_empty() {
            let why =
                "it stands on the last step of its policy; reassign it, or escalate it to a team by name";
            return Err(Refusal::Nowhere { ticket: self.ticket.id, why: why.into() });
        }
        request.by = self.by.person().cloned();
        match self.approval_needed()? {
            Some((rule, lead)) => self.ask_for_approval(rule, lead, reason, request, None),
            None => self.send_up(reason, request),
        }
        Ok(())
    }

    /// The steps of its policy after the one it stands on, each with its place.
    pub fn steps_above(&self) -> Vec<(usize, &'a Step)> {
        let steps = self.policy().map_or(&[][..], |policy| &policy.steps);
        steps.iter().enumerate().skip(self.ticket.path.step + 1).collect()
    }

    /// To the next step, which there is. Steps on the way that only tell are told.
    pub fn send_up(&mut self, reason: String, request: Request) {
        let above = self.steps_above();
        self.end_offer();
        let (kind, reason_given) = (Escalation::Hierarchical, reason.clone());
        self.note(What::Escalated { kind, reason: reason_given, request, returns: false });
        let telling = above.iter().take_while(|(_, step)| step.how == How::Tell);
        telling.for_each(|(_, step)| {
            let why = Why::StepEscalated { tier: step.tier.clone(), reason: reason.clone() };
            self.tell_step(step, why);
        });
        match above.iter().find(|(_, step)| step.how != How::Tell) {
            Some((next, _)) => {
                self.take_step(*next, None, StepWhy::Asked);
                self.place(OfferKind::Escalation);
            }
            None => self.look(),
        }
    }

    pub fn escalate_across(
        &mut self,
        reason: String,
        mut request: Request,
        team: Option<TeamId>,
        skills: BTreeSet<Skill>,
    ) -> Result<(), Refusal> {
        self.must_be(&[State::Held, State::Waiting], "escalated")?;
        filled("reason", &reason)?;
        self.must_carry(&request)?;
        self.must_have_a_hand()?;
        let owner = self.profile().service.and_then(|service| service.owner.clone());
        let target = team.or(if skills.is_empty() { owner } else { None });
        let target = match target {
            Some(team) => self.team_with_sight(team)?,
            None if skills.is_empty() => {
                let message = "name a team or skills: the ticket has no service with an owner".to_owned();
                return Err(Refusal::Invalid { field: "team", message });
            }
            None => self.team_with(&skills)?,
        };
        self.may_send_to(&target)?;
        request.by = self.by.person().cloned();
        let aside = Aside { team: target, skills };
        match self.approval_needed()? {
            Some((rule, lead)) => self.ask_for_approval(rule, lead, reason, request, Some(aside)),
            None => self.send_across(reason, request, aside),
        }
        Ok(())
    }

    /// To a team that may see it.
    pub fn send_across(&mut self, reason: String, request: Request, Aside { team, skills }: Aside) {
        let returns = self.comes_back_to(&team);
        self.end_offer();
        self.note(What::Escalated { kind: Escalation::Functional, reason, request, returns });
        if !skills.is_empty() {
            let mut facts = self.ticket.facts.clone();
            facts.skills.extend(skills);
            let priority = self.ticket.priority;
            self.note(What::Changed { facts: Box::new(facts), priority });
        }
        self.take_step(self.ticket.path.step, Some(team), StepWhy::Asked);
        self.place(OfferKind::Escalation);
        self.tell_of_returns(returns);
    }

    fn comes_back_to(&self, team: &TeamId) -> bool {
        self.ticket.holder.team() != Some(team) && self.ticket.past.iter().any(|seat| seat.team == *team)
    }

    /// Whether it has been there, so that it comes back. Too often, and only a lead, or a program, may send it.
    fn may_send_to(&self, team: &TeamId) -> Result<bool, Refusal> {
        let returns = self.comes_back_to(team);
        let at_most = self.policy().and_then(|policy| policy.returns_at_most);
        let times = self.ticket.returns;
        if returns
            && at_most.is_some_and(|at_most| at_most <= times)
            && self.by.person().is_some_and(|person| !self.leads_a_team(person))
        {
            let leads = self.leads_between(team);
            let ask = leads.first().map_or(String::new(), |lead| format!(": ask {lead}"));
            let why =
                format!("it has been sent back without progress ({times}×); a lead says who keeps it{ask}");
            return Err(Refusal::Nowhere { ticket: self.ticket.id, why });
        }
        Ok(returns)
    }

    /// The last return that people may decide by themselves is told to the leads of both teams.
    fn tell_of_returns(&mut self, returns: bool) {
        let at_most = self.policy().and_then(|policy| policy.returns_at_most);
        if !returns || at_most.is_none_or(|at_most| self.ticket.returns < at_most) {
            return;
        }
        let to = self.ticket.offer.as_ref().map(|offer| offer.team.clone());
        let people = to.map_or(Vec::new(), |team| self.leads_between(&team));
        let others = people.into_iter().filter(|lead| self.by.person() != Some(lead)).collect();
        self.inform(others, Why::SentBack { times: self.ticket.returns });
    }

    /// Of the team that has it, or had it last, and of the one it goes to.
    fn leads_between(&self, team: &TeamId) -> Vec<PersonId> {
        let residency = self.profile().residency;
        let here = self.ticket.holder.team().or(self.ticket.past.last().map(|seat| &seat.team));
        let leads =
            here.into_iter().chain([team]).filter_map(|team| lead_of(self.org, team, residency.as_ref()));
        leads.cloned().collect()
    }

    /// The team whose people at work have the skills, the earliest to open where none is.
    fn team_with(&self, skills: &BTreeSet<Skill>) -> Result<TeamId, Refusal> {
        let mut ticket = self.ticket.clone();
        ticket.facts.skills.extend(skills.iter().cloned());
        let case = Case::new(self.desk, self.rules, self.by.clone(), ticket, self.now);
        let found = case.candidates(&Among::Anybody, &Through::Hours, self.now);
        let best = found.best().map(|best| best.team.clone());
        best.or_else(|| case.next_chance(&Among::Anybody, &[Through::Hours], self.now).map(|(_, team)| team))
            .ok_or_else(|| Refusal::Nowhere {
                ticket: self.ticket.id,
                why: "nobody has all of these skills and may see it".into(),
            })
    }

    pub fn team_with_sight(&self, team: TeamId) -> Result<TeamId, Refusal> {
        let Some(known) = self.org.teams.get(&team) else {
            return Err(Refusal::Invalid {
                field: "team",
                message: format!("no team {:?} in the schedules", team),
            });
        };
        let residency = self.profile().residency;
        if !super::profile::team_may_see(self.org, known, residency.as_ref()) {
            let why =
                format!("{team} is not of its residency {}", residency.as_ref().map_or("", |r| r.as_str()));
            return Err(Refusal::Nowhere { ticket: self.ticket.id, why });
        }
        Ok(team)
    }

    pub fn reassign(
        &mut self,
        reason: String,
        team: Option<TeamId>,
        person: Option<PersonId>,
    ) -> Result<(), Refusal> {
        self.must_be(&[State::Held, State::Waiting], "reassigned")?;
        filled("reason", &reason)?;
        self.must_have_a_hand()?;
        let team = match (team, &person) {
            (Some(team), _) => team,
            (None, Some(person)) => self.team_where_at_work(person)?,
            (None, None) => {
                return Err(Refusal::Invalid {
                    field: "person",
                    message: "name a person, a team, or both".into(),
                });
            }
        };
        let team = self.team_with_sight(team)?;
        match person {
            Some(person) => self.reassign_to_person(reason, team, person),
            None => self.reassign_to_team(reason, team),
        }
    }

    fn reassign_to_team(&mut self, reason: String, team: TeamId) -> Result<(), Refusal> {
        let found = self.candidates(&Among::Team(team.clone()), &Through::Hours, self.now);
        let Some(best) = found.best().cloned() else {
            let why = format!("nobody at work in {team} can take it");
            return Err(Refusal::Nowhere { ticket: self.ticket.id, why });
        };
        let returns = self.may_send_to(&best.team)?;
        self.begin_reassignment(reason, returns);
        self.offer_in_hours(&best, &found, OfferKind::Reassignment);
        self.tell_of_returns(returns);
        Ok(())
    }

    /// Named by somebody who knows better than skills, language and load; only residency binds.
    fn reassign_to_person(&mut self, reason: String, team: TeamId, person: PersonId) -> Result<(), Refusal> {
        self.must_see(&person)?;
        let seat = Seat { person: person.clone(), team };
        if !at_work(self.rules.coverage, &seat, self.pages(), self.now) {
            return Err(self.not_at_work(&seat));
        }
        if self.ticket.holder.person() == Some(&person) {
            let why = format!("{person} holds it already");
            return Err(Refusal::Nowhere { ticket: self.ticket.id, why });
        }
        let returns = self.may_send_to(&seat.team)?;
        self.begin_reassignment(reason, returns);
        let named = self.named(&seat);
        let line = self.rules.coverage.at(&seat.team, self.now).and_then(|span| {
            let on_call = span.on_call.iter().find(|(_, people)| people.binary_search(&person).is_ok());
            on_call.filter(|_| span.working.binary_search(&person).is_err()).map(|(line, _)| line.clone())
        });
        let through = line.clone().map_or(Through::Hours, Through::Line);
        let found = self.candidates(&Among::Team(seat.team.clone()), &through, self.now);
        match line {
            None => self.offer_to(&named, &found, OfferKind::Reassignment, Pick::Person(person)),
            Some(line) => {
                let each = self.acknowledge_allowed();
                self.offer_page(&named, &found, &line, OfferKind::Reassignment, each, true);
            }
        }
        self.tell_of_returns(returns);
        Ok(())
    }

    fn begin_reassignment(&mut self, reason: String, returns: bool) {
        self.end_offer();
        if let Holder::Queue { team, .. } = self.ticket.holder.clone() {
            self.note_system(What::QueueClosed { team });
        }
        self.note(What::Reassigned { reason, returns });
        // Whoever is asked now has the whole wait, whatever others have spent of it.
        self.set_waits(None);
    }

    fn team_where_at_work(&self, person: &PersonId) -> Result<TeamId, Refusal> {
        if !self.org.people.contains_key(person) {
            return Err(Refusal::Invalid {
                field: "person",
                message: format!("no person {person:?} in the schedules"),
            });
        }
        let teams = self.org.teams.keys();
        let mut seats = teams.map(|team| Seat { person: person.clone(), team: team.clone() });
        let here = seats.find(|seat| at_work(self.rules.coverage, seat, self.pages(), self.now));
        here.map(|seat| seat.team).ok_or_else(|| Refusal::Nowhere {
            ticket: self.ticket.id,
            why: format!("{person} is not at work for it anywhere now"),
        })
    }

    fn not_at_work(&self, seat: &Seat) -> Refusal {
        let pages = self.pages();
        let next =
            next_when(self.rules.coverage, &seat.team, self.now, |span| serves(span, &seat.person, pages));
        let when = next.map_or("not again within sight".into(), |next| {
            format!("next at {}", super::notices::instant(next))
        });
        let why = format!("{} is not at work for it in {} now, {when}", seat.person, seat.team);
        Refusal::Nowhere { ticket: self.ticket.id, why }
    }
}
