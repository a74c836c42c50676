//! Which team, and whom in it: hard rules drop a candidate with the reason, a written total order ranks the rest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::case::Case;
use super::notices::instant;
use super::profile::{Profile, may_see, team_may_see};
use super::work::{lasts, next_when, serves};
use super::{Reason, Rejected, Seat};
use crate::coverage::Span;
use crate::schedule::{Assign, LineId, PersonId, Team, TeamId, TierId};

/// Explanations name so many of those that were not chosen.
const REJECTED_SHOWN: usize = 5;

/// Where to look.
#[derive(Clone, Debug)]
pub(super) enum Among<'a> {
    Tier(TierId),
    Team(TeamId),
    /// These teams.
    Teams(&'a [TeamId]),
    /// Every team of every tier.
    Anybody,
}

impl Among<'_> {
    fn names(&self, id: &TeamId, team: &Team) -> bool {
        match self {
            Among::Tier(tier) => team.tier == *tier,
            Among::Team(target) => id == target,
            Among::Teams(teams) => teams.contains(id),
            Among::Anybody => true,
        }
    }
}

/// How people are reached.
#[derive(Clone, Debug)]
pub(super) enum Through {
    Hours,
    Line(LineId),
}

impl Through {
    pub fn people<'s>(&self, span: &'s Span) -> &'s [PersonId] {
        match self {
            Through::Hours => &span.working,
            Through::Line(line) => span.on_call.get(line).map_or(&[], |people| people),
        }
    }
}

/// A team that can serve the ticket at an instant.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub team: TeamId,
    /// Those who can take it, by id: all of the same, best language rank.
    pub people: Vec<PersonId>,
    pub language_rank: usize,
    rank: Rank,
    standing: Standing,
}

/// What ranks a candidate.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    /// Closes, or ends its turn, sooner than new work should find it.
    short: bool,
    /// Of another region than the customer.
    far: bool,
    /// Load against capacity, in millionths.
    share: u64,
}

/// Smaller is better; compared in the order written for the ticket's priority.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(usize, usize, bool, u64, TeamId);

/// What choosing found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Best first.
    pub candidates: Vec<Candidate>,
    pub dropped: Vec<(TeamId, Reason)>,
    through: Through,
    pub at: DateTime<Utc>,
}

impl Candidate {
    /// It has at least so much of its capacity in hand, in millionths.
    pub fn has_in_hand(&self, share: u64) -> bool {
        self.standing.share >= share
    }
}

impl Found {
    pub fn best(&self) -> Option<&Candidate> {
        self.candidates.first()
    }
}

/// Whom in a team to ask first.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pick {
    Person(PersonId),
    /// Whoever picks it.
    Anyone,
    /// Nobody has room: the team's queue takes it.
    Queue,
}

impl Case<'_> {
    /// The teams that can serve the ticket at `at`, best first.
    pub fn candidates(&self, among: &Among, through: &Through, at: DateTime<Utc>) -> Found {
        let profile = self.profile();
        let mut found = Found { candidates: Vec::new(), dropped: Vec::new(), through: through.clone(), at };
        for (id, team) in &self.org.teams {
            if !among.names(id, team) {
                continue;
            }
            match self.candidate(&profile, id, team, through, at) {
                Ok(candidate) => found.candidates.push(candidate),
                Err(reason) => found.dropped.push((id.clone(), reason)),
            }
        }
        found.candidates.sort_by(|a, b| a.rank.cmp(&b.rank));
        found
    }

    fn candidate(
        &self,
        profile: &Profile,
        id: &TeamId,
        team: &Team,
        through: &Through,
        at: DateTime<Utc>,
    ) -> Result<Candidate, Reason> {
        if !team_may_see(self.org, team, profile.residency.as_ref()) {
            return Err(Reason::Residency);
        }
        let present = self.rules.coverage.at(id, at).map_or(&[][..], |span| through.people(span));
        if present.is_empty() {
            return Err(Reason::NobodyAtWork);
        }
        let (people, language_rank) = self.able(profile, id, team, present, at)?;
        let still = |span: &Span| through.people(span).iter().any(|person| people.contains(person));
        let enough = lasts(self.rules.coverage, id, at, self.org.handoff.minimum_remaining, still);
        let load: u32 = people.iter().map(|person| self.load(person)).sum();
        let room = u64::from(team.capacity.max(1)) * people.len() as u64;
        let share = u64::from(load) * 1_000_000 / room;
        let far = profile.region.as_ref().is_some_and(|region| *region != team.region);
        let short = usize::from(!enough);
        let rank = if self.pages() {
            Rank(short, language_rank, far, share, id.clone())
        } else {
            Rank(language_rank, short, far, share, id.clone())
        };
        let standing = Standing { short: !enough, far, share };
        Ok(Candidate { team: id.clone(), people, language_rank, rank, standing })
    }

    /// Of those present, who can take it: with the skills, in the best language they have among them.
    fn able(
        &self,
        profile: &Profile,
        id: &TeamId,
        team: &Team,
        present: &[PersonId],
        at: DateTime<Utc>,
    ) -> Result<(Vec<PersonId>, usize), Reason> {
        let mut lacking = Reason::Residency;
        let mut able: Vec<(usize, &PersonId)> = Vec::new();
        for person in present {
            match self.ability(profile, id, team, person, at) {
                Ok(rank) => able.push((rank, person)),
                Err(reason) => lacking = lacking.max(reason),
            }
        }
        let best = able.iter().map(|(rank, _)| *rank).min().ok_or(lacking)?;
        Ok((
            able.into_iter().filter(|(rank, _)| *rank == best).map(|(_, person)| person.clone()).collect(),
            best,
        ))
    }

    /// The language rank of one person for this ticket, or what keeps them from it.
    pub fn ability(
        &self,
        profile: &Profile,
        id: &TeamId,
        team: &Team,
        person: &PersonId,
        at: DateTime<Utc>,
    ) -> Result<usize, Reason> {
        let inside = team.members.contains(person) || profile.residency.is_none();
        if !inside && !may_see(self.org, person, profile.residency.as_ref()) {
            return Err(Reason::Residency);
        }
        if self.ticket.holder.person() == Some(person) {
            return Err(Reason::HoldsIt);
        }
        if !profile.has_skills(self.org, team, person) {
            return Err(Reason::Skill);
        }
        let rank = profile.language_rank(self.org, team, person).ok_or(Reason::Language)?;
        match self.declined_until(id, person) {
            Some(until) if at < until => Err(Reason::Declined),
            _ => Ok(rank),
        }
    }

    /// Somebody asked for by name, whatever they lack.
    pub fn named(&self, seat: &Seat) -> Candidate {
        let team = self.org.teams.get(&seat.team);
        let language_rank = team.and_then(|team| self.profile().language_rank(self.org, team, &seat.person));
        Candidate {
            team: seat.team.clone(),
            people: vec![seat.person.clone()],
            language_rank: language_rank.unwrap_or(0),
            rank: Rank(0, 0, false, 0, seat.team.clone()),
            standing: Standing::default(),
        }
    }

    /// Whom of a candidate's people to ask first: whoever held it before, then as the team assigns.
    pub fn pick(&self, candidate: &Candidate, at: DateTime<Utc>) -> Pick {
        let Some(team) = self.org.teams.get(&candidate.team) else { return Pick::Anyone };
        let has_room = |person: &&PersonId| self.load(person) < team.capacity;
        let picks = team.assign == Assign::Queue;
        let stays = |person: &&PersonId| {
            let pages = self.pages();
            let still = |span: &Span| serves(span, person, pages);
            lasts(self.rules.coverage, &candidate.team, at, self.org.handoff.minimum_remaining, still)
        };
        let mut people: Vec<&PersonId> = candidate.people.iter().filter(has_room).collect();
        if people.is_empty() {
            if !self.pages() {
                return if picks { Pick::Anyone } else { Pick::Queue };
            }
            people = candidate.people.iter().collect();
        }
        if people.iter().any(&stays) {
            people.retain(stays);
        }
        let before =
            self.ticket.past.iter().rev().map(|seat| &seat.person).find(|person| people.contains(person));
        if let Some(person) = before {
            return Pick::Person(person.clone());
        }
        match team.assign {
            Assign::Queue => Pick::Anyone,
            Assign::LeastLoaded => {
                let least = people.into_iter().min_by_key(|person| (self.load(person), (*person).clone()));
                least.map_or(Pick::Anyone, |person| Pick::Person(person.clone()))
            }
            Assign::RoundRobin => {
                let last = self.desk.last_named(&candidate.team);
                let next = people.iter().find(|person| last.is_some_and(|last| ***person > *last));
                Pick::Person((*next.unwrap_or(&people[0])).clone())
            }
        }
    }

    /// The earliest instant from `at` on at which somebody among them can serve the ticket, and where.
    pub fn next_chance(
        &self,
        among: &Among,
        through: &[Through],
        at: DateTime<Utc>,
    ) -> Option<(DateTime<Utc>, TeamId)> {
        let profile = self.profile();
        let mut best: Option<(DateTime<Utc>, TeamId)> = None;
        for (id, team) in &self.org.teams {
            if !among.names(id, team) || !team_may_see(self.org, team, profile.residency.as_ref()) {
                continue;
            }
            if let Some(found) =
                self.chance_in(&profile, id, team, through, at, best.as_ref().map(|(at, _)| *at))
            {
                best = Some((found, id.clone()));
            }
        }
        best
    }

    /// The first instant from `at` on, before `limit`, at which somebody of that team can serve the ticket.
    fn chance_in(
        &self,
        profile: &Profile,
        id: &TeamId,
        team: &Team,
        through: &[Through],
        at: DateTime<Utc>,
        limit: Option<DateTime<Utc>>,
    ) -> Option<DateTime<Utc>> {
        let spans = self.rules.coverage.timeline(id)?.from(at);
        // Coverage shares the same people between spans, and a year of them is not asked one by one.
        let mut hopeless: BTreeSet<*const PersonId> = BTreeSet::new();
        let chance = |span: &Span| {
            let start = span.from.max(at);
            let mut first = None;
            for people in
                through.iter().map(|through| through.people(span)).filter(|people| !people.is_empty())
            {
                if hopeless.contains(&people.as_ptr()) {
                    continue;
                }
                let from = |person| match self.ability(profile, id, team, person, start) {
                    Ok(_) => Some(start),
                    Err(Reason::Declined) => Some(self.declined_until(id, person)?.max(start)),
                    Err(_) => None,
                };
                let Some(from) = people.iter().filter_map(from).min() else {
                    hopeless.insert(people.as_ptr());
                    continue;
                };
                first = first.into_iter().chain(Some(from).filter(|from| *from < span.until)).min();
            }
            first
        };
        let within = spans.iter().take_while(|span| limit.is_none_or(|limit| span.from < limit));
        within.filter_map(chance).next().filter(|found| limit.is_none_or(|limit| *found < limit))
    }

    fn declined_until(&self, team: &TeamId, person: &PersonId) -> Option<DateTime<Utc>> {
        let declined = self.ticket.declined.iter();
        let mut here =
            declined.filter(|declined| declined.seat.person == *person && declined.seat.team == *team);
        here.next().map(|declined| declined.until)
    }

    /// The best of those not chosen, in words, and how many fell for each reason.
    pub fn rejected(
        &self,
        found: &Found,
        chosen: Option<&Candidate>,
    ) -> (Vec<Rejected>, BTreeMap<Reason, usize>) {
        let others =
            found.candidates.iter().filter(|other| chosen.is_none_or(|chosen| chosen.team != other.team));
        let lower = others.map(|candidate| (&candidate.team, Reason::RankedLower));
        let mut dropped: Vec<(&TeamId, Reason)> =
            found.dropped.iter().map(|(team, reason)| (team, *reason)).collect();
        dropped.sort_by_key(|(_, reason)| Reverse(*reason));
        let all: Vec<(&TeamId, Reason)> = lower.chain(dropped).collect();
        let mut counts = BTreeMap::new();
        for (_, reason) in &all {
            *counts.entry(*reason).or_default() += 1;
        }
        let shown = all.into_iter().take(REJECTED_SHOWN).map(|(team, reason)| Rejected {
            team: team.clone(),
            reason,
            detail: self.detail(found, team, reason),
        });
        (shown.collect(), counts)
    }

    fn detail(&self, found: &Found, team: &TeamId, reason: Reason) -> String {
        let present =
            self.rules.coverage.at(team, found.at).map_or(&[][..], |span| found.through.people(span));
        let at_work = names(present);
        match reason {
            Reason::Residency => match self.profile().residency {
                Some(residency) => format!("may not see what is bound to residency {residency}"),
                None => "may not see it".into(),
            },
            Reason::Skill => format!("{at_work}: none has the skills it needs"),
            Reason::Language => format!("{at_work}: none speaks its language or a substitute"),
            Reason::Declined => format!("{at_work}: who could take it has declined"),
            Reason::HoldsIt => format!("{at_work}: only the holder could take it"),
            Reason::NobodyAtWork => self.absence(team, &found.through, found.at),
            Reason::RankedLower => found
                .candidates
                .iter()
                .find(|candidate| candidate.team == *team)
                .map_or(String::new(), |candidate| self.standing(found, candidate)),
        }
    }

    /// What put it behind the best.
    fn standing(&self, found: &Found, candidate: &Candidate) -> String {
        let could = names(&candidate.people);
        let Some(best) = found.best().filter(|best| best.team != candidate.team) else {
            return format!("{could}: asked in their hours, and did not answer");
        };
        let language = self.profile().language_of_rank(self.org, candidate.language_rank);
        let speaks = candidate.language_rank != best.language_rank;
        let soon = candidate.standing.short != best.standing.short;
        let why = if speaks && (!soon || !self.pages()) {
            format!("it would be in {language}")
        } else if soon {
            "there is little time left before they go".to_owned()
        } else if candidate.standing.far != best.standing.far {
            "it is not the customer's region".to_owned()
        } else if candidate.standing.share != best.standing.share {
            format!("they have more to do than {}", best.team)
        } else {
            format!("equal to {}, which is first by name", best.team)
        };
        format!("{could} could take it, but {why}")
    }

    fn absence(&self, team: &TeamId, through: &Through, at: DateTime<Utc>) -> String {
        let next = next_when(self.rules.coverage, team, at, |span| !through.people(span).is_empty());
        let open = self.rules.coverage.at(team, at).is_some_and(|span| span.open);
        match (through, next) {
            (Through::Hours, Some(next)) if open => {
                format!("open, but nobody is at work until {}", instant(next))
            }
            (Through::Hours, Some(next)) => format!("closed until {}", instant(next)),
            (Through::Hours, None) => "nobody is ever at work there".into(),
            (Through::Line(line), Some(next)) => format!("nobody on call on {line} until {}", instant(next)),
            (Through::Line(line), None) => format!("nobody is ever on call on {line} there"),
        }
    }
}

/// The first few of them.
pub(super) fn names(people: &[PersonId]) -> String {
    const SHOWN: usize = 3;
    let mut text = people.iter().take(SHOWN).map(|p| p.as_str()).collect::<Vec<_>>().join(", ");
    if people.len() > SHOWN {
        text += &format!(" and {} more", people.len() - SHOWN);
    }
    text
}
