//! Approval: where its policy asks for that, a lead says whether a ticket is escalated.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::profile::lead_of;
use super::work::at_work;
use super::{Escalation, Event, Notice, NoticeKind, Refusal, Request, Says, Seat, What, Why};
use crate::schedule::{Approve, IfSilent, PersonId, Skill, TeamId};

/// An escalation that waits for a lead's word. Whoever has the ticket has it meanwhile, and all its clocks run on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// Who asks for the escalation.
    pub by: PersonId,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Request::is_empty")]
    pub request: Request,
    /// Absent: it is to go to the next step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<Aside>,
    /// The lead who is asked; every lead who may see the ticket can answer.
    pub lead: PersonId,
    /// Then the policy says what silence means.
    pub until: DateTime<Utc>,
}

/// A functional escalation: where a ticket is to go beside the steps of its policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aside {
    pub team: TeamId,
    /// Asked for, so that the ticket asks for them from then on.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub skills: BTreeSet<Skill>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalEnd {
    Approved,
    Refused,
    /// Nobody answered, and the policy takes that for a yes.
    ApprovedBySilence,
    /// Nobody answered, and the policy takes that for a no.
    RefusedBySilence,
    /// The ticket or the files are such now that nobody has to be asked.
    NotNeeded,
    /// The ticket has gone on, waits or is done: there is nothing to decide any more.
    Withdrawn,
}

impl Approval {
    /// Whether it is this question that the notice asks.
    pub fn asks_by(&self, notice: &Notice) -> bool {
        matches!(&notice.says, Says::Approval { by, until, .. } if *by == self.by && *until == self.until)
    }
}

impl ApprovalEnd {
    pub fn as_str(self) -> &'static str {
        match self {
            ApprovalEnd::Approved => "approved",
            ApprovalEnd::Refused => "refused",
            ApprovalEnd::ApprovedBySilence => "approved_by_silence",
            ApprovalEnd::RefusedBySilence => "refused_by_silence",
            ApprovalEnd::NotNeeded => "not_needed",
            ApprovalEnd::Withdrawn => "withdrawn",
        }
    }
}

impl<'a> Case<'a> {
    /// Who has to be asked before whoever acts may escalate it; `None`: nobody. Leads and programs need no approval.
    pub fn approval_needed(&self) -> Result<Option<(&'a Approve, PersonId)>, Refusal> {
        if self.by.person().is_none_or(|person| self.leads_a_team(person)) {
            return Ok(None);
        }
        if let Some(asked) = &self.ticket.approval {
            let until = super::notices::instant(asked.until);
            let why = format!("{} asked for that; {} is to approve it by {until}", asked.by, asked.lead);
            return Err(Refusal::Nowhere { ticket: self.ticket.id, why });
        }
        Ok(self.approval_rule().zip(self.approving_lead()))
    }

    /// What its policy says of tickets such as it is now.
    fn approval_rule(&self) -> Option<&'a Approve> {
        self.policy()?.approve.as_ref().filter(|rule| rule.priorities.contains(&self.ticket.priority))
    }

    /// The lead of the team that has it, or of a tier above: the first of them who is at work, else the first.
    fn approving_lead(&self) -> Option<PersonId> {
        let residency = self.profile().residency;
        let own = self.team_near().and_then(|team| lead_of(self.org, team, residency.as_ref())).cloned();
        let rank = self.step().map_or(0, |step| self.org.tier_rank(&step.tier));
        let above = self.org.tiers.iter().skip(rank + 1).filter_map(|tier| self.lead_of_tier(tier));
        let leads: Vec<PersonId> = own.into_iter().chain(above).collect();
        leads.iter().find(|lead| self.works_now(lead)).or(leads.first()).cloned()
    }

    /// The team that has it, or is asked to take it.
    fn team_near(&self) -> Option<&TeamId> {
        self.ticket.holder.team().or(self.ticket.offer.as_ref().map(|offer| &offer.team))
    }

    fn works_now(&self, person: &PersonId) -> bool {
        let teams = self.org.teams.iter().filter(|(_, team)| team.members.contains(person));
        let mut seats = teams.map(|(team, _)| Seat { person: person.clone(), team: team.clone() });
        seats.any(|seat| at_work(self.rules.coverage, &seat, false, self.now))
    }

    pub fn ask_for_approval(
        &mut self,
        rule: &Approve,
        lead: PersonId,
        reason: String,
        request: Request,
        aside: Option<Aside>,
    ) {
        // By the clock of the waits: open hours for what parks, all time for what pages.
        let clock = self.team_near().map(|team| self.wait_clock(team));
        let due = clock.and_then(|clock| clock.reaches(self.rules.coverage, self.now, rule.within));
        let until = due.unwrap_or(self.now + rule.within);
        let by = request.by.clone().expect("only people need an approval");
        let says = Says::Approval {
            by: by.clone(),
            reason: reason.clone(),
            request: Some(request.clone()).filter(|request| !request.says_nothing()).map(Box::new),
            until,
            goes_on: rule.if_silent == IfSilent::Approve,
            team: aside.as_ref().map(|aside| aside.team.clone()),
        };
        let approval = Approval { by, reason, request, aside, lead: lead.clone(), until };
        self.note(What::ApprovalAsked { approval });
        self.tell(&lead, NoticeKind::Approval, says);
    }

    pub fn approve(&mut self) -> Result<(), Refusal> {
        let approval = self.awaited()?;
        if let Some(aside) = &approval.aside {
            self.team_with_sight(aside.team.clone())?;
        }
        self.note(What::ApprovalEnded { how: ApprovalEnd::Approved, reason: String::new() });
        self.spare_lead(&approval);
        let person = self.by.person().cloned();
        self.approved(approval, person);
        Ok(())
    }

    pub fn refuse(&mut self, reason: String) -> Result<(), Refusal> {
        super::verbs::filled("reason", &reason)?;
        let approval = self.awaited()?;
        self.note(What::ApprovalEnded { how: ApprovalEnd::Refused, reason: reason.clone() });
        self.spare_lead(&approval);
        let person = self.by.person().cloned();
        self.tell_asker(&approval, Why::NotApproved { person, reason });
        Ok(())
    }

    /// What the caller may answer.
    fn awaited(&self) -> Result<Approval, Refusal> {
        let ticket = self.ticket.id;
        if let Some(person) = self.by.person().filter(|person| !self.leads_a_team(person)) {
            let why = format!("{person} leads no team: what others ask for, a lead approves or refuses");
            return Err(Refusal::Nowhere { ticket, why });
        }
        let none = "no escalation of it waits for approval; its history tells what became of one";
        self.ticket.approval.clone().ok_or_else(|| Refusal::Nowhere { ticket, why: none.into() })
    }

    /// Whether silence has answered, or nobody has to any more.
    pub fn look_at_approval(&mut self) {
        let Some(approval) = self.ticket.approval.clone() else { return };
        let leads_nowhere = match &approval.aside {
            Some(aside) => self.team_with_sight(aside.team.clone()).is_err(),
            None => self.steps_above().is_empty(),
        };
        let how = match self.approval_rule() {
            _ if leads_nowhere => ApprovalEnd::Withdrawn,
            None => ApprovalEnd::NotNeeded,
            Some(_) if self.now < approval.until => return,
            Some(rule) if rule.if_silent == IfSilent::Approve => ApprovalEnd::ApprovedBySilence,
            Some(_) => ApprovalEnd::RefusedBySilence,
        };
        self.note_system(What::ApprovalEnded { how, reason: String::new() });
        match how {
            ApprovalEnd::NotNeeded => {
                self.spare_lead(&approval);
                self.escalate_as_asked(approval);
            }
            ApprovalEnd::ApprovedBySilence => self.approved(approval, None),
            ApprovalEnd::RefusedBySilence => {
                self.tell_asker(&approval, Why::NotApproved { person: None, reason: String::new() });
            }
            ApprovalEnd::Approved | ApprovalEnd::Refused | ApprovalEnd::Withdrawn => {
                self.spare_lead(&approval)
            }
        }
    }

    /// A ticket that has gone on by itself, waits or is done needs nobody's approval.
    pub fn withdraw_approval(&mut self) {
        let goes_on = |event: &Event| match &event.what {
            What::PathTaken { why, .. } => why.escalates(),
            What::Escalated { kind, .. } => *kind == Escalation::Functional,
            What::Reassigned { .. } | What::Pended { .. } | What::Resolved { .. } | What::Closed { .. } => {
                true
            }
            _ => false,
        };
        let Some(approval) = self.ticket.approval.clone() else { return };
        if self.outcome.events.iter().any(goes_on) {
            self.note_system(What::ApprovalEnded { how: ApprovalEnd::Withdrawn, reason: String::new() });
            self.spare_lead(&approval);
        }
    }

    /// `person`: the lead who says so, where one does.
    fn approved(&mut self, approval: Approval, person: Option<PersonId>) {
        self.tell_asker(&approval, Why::Approved { person });
        self.escalate_as_asked(approval);
    }

    fn escalate_as_asked(&mut self, Approval { reason, request, aside, .. }: Approval) {
        match aside {
            Some(aside) => self.send_across(reason, request, aside),
            None => self.send_up(reason, request),
        }
    }

    fn tell_asker(&mut self, approval: &Approval, why: Why) {
        let holder = self.ticket.holder.person().cloned();
        let people = [approval.by.clone()].into_iter().chain(holder);
        let others = people.filter(|person| self.by.person() != Some(person)).collect();
        self.inform(others, why);
    }

    /// The lead who was asked need not answer any more.
    fn spare_lead(&mut self, approval: &Approval) {
        if self.by.person() == Some(&approval.lead) {
            return;
        }
        for lead in self.sightful(vec![approval.lead.clone()]) {
            self.tell(&lead, NoticeKind::StandDown, Says::Relieved { why: Why::NotYours });
        }
    }
}
