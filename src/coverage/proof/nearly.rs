//! Who just misses a gap, and why: found by asking what would be without leave, holidays, overrides and ends of
//! rotations, one by one; and by looking who is at work just before, just after, or speaking something else.

use chrono::{DateTime, TimeDelta, Utc};

use super::causes::Causes;
use super::served::{self, Wanted};
use super::words;
use super::{Gap, Miss, Why};
use crate::coverage::compile::Compiler;
use crate::coverage::interval::Interval;
use crate::coverage::plan;
use crate::coverage::timeline::{Span, Timeline};
use crate::schedule::{Language, LineId, Organisation, PersonId, Team, TeamId};
use crate::zone::Zone;

/// How far from a gap somebody's hours or turn may end or begin.
const NEAR: TimeDelta = TimeDelta::hours(12);

/// So many are told of one gap, and of them so many who speak something else.
const TOLD: usize = 5;
const TOLD_OF_LANGUAGE: usize = 2;

/// Fills in who nearly serves each of the gaps, which must be of one tier, `teams`.
pub fn tell<'o>(
    compiler: &Compiler,
    teams: impl Iterator<Item = (&'o TeamId, &'o Team)>,
    gaps: &mut [&mut Gap],
) {
    let (Some(from), Some(until)) =
        (gaps.iter().map(|gap| gap.from).min(), gaps.iter().map(|gap| gap.until).max())
    else {
        return;
    };
    let near = |at: DateTime<Utc>, by| at.checked_add_signed(by).unwrap_or(at);
    let range = Interval { from: near(from, -NEAR), until: near(until, NEAR) };
    let mut ranked: Vec<Ranked> = gaps.iter().map(|_| Ranked::default()).collect();
    for (id, team) in teams {
        let candidate = Candidate::new(compiler, id, team, range, gaps);
        for (gap, ranked) in gaps.iter().zip(&mut ranked) {
            candidate.miss(gap, ranked);
        }
    }
    for (gap, ranked) in gaps.iter_mut().zip(ranked) {
        gap.nearly = ranked.0.into_iter().map(|(_, miss)| miss).collect();
    }
}

/// Nearer is less: what would serve all of the gap, part of it, and then by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    But,
    PartlyBut,
    Off(TimeDelta),
}

/// The nearest so far, in order.
#[derive(Default)]
struct Ranked(Vec<(Rank, Miss)>);

impl Ranked {
    fn takes(&self, rank: Rank) -> bool {
        self.0.len() < TOLD || self.0.last().is_some_and(|(last, _)| rank < *last)
    }

    fn add(&mut self, rank: Rank, miss: Miss) {
        let place = self.0.partition_point(|(other, _)| *other <= rank);
        self.0.insert(place, (rank, miss));
        let mut of_language = 0;
        self.0.retain(|(_, miss)| {
            of_language += usize::from(matches!(miss.why, Why::Language { .. }));
            !matches!(miss.why, Why::Language { .. }) || of_language <= TOLD_OF_LANGUAGE
        });
        self.0.truncate(TOLD);
    }
}

/// A team that could have met the requirement.
struct Candidate<'c> {
    organisation: &'c Organisation,
    id: &'c TeamId,
    team: &'c Team,
    zone: &'c Zone,
    timeline: Timeline,
    causes: Causes<'c>,
}

impl<'c> Candidate<'c> {
    fn new(
        compiler: &'c Compiler<'c>,
        id: &'c TeamId,
        team: &'c Team,
        range: Interval,
        gaps: &[&mut Gap],
    ) -> Candidate<'c> {
        let coverage = compiler.coverage;
        Candidate {
            organisation: &coverage.organisation,
            id,
            team,
            zone: plan::zone(&coverage.zones, &team.timezone),
            timeline: compiler.timeline_without(Default::default(), id, range),
            causes: Causes::new(compiler, id, team, range, gaps),
        }
    }

    fn miss(&self, gap: &Gap, ranked: &mut Ranked) {
        let mut whole = false;
        if let Some(cause) = self.causes.of(gap, &self.timeline) {
            whole = cause.whole;
            let rank = if whole { Rank::But } else { Rank::PartlyBut };
            if ranked.takes(rank) {
                ranked.add(rank, self.told(cause.people, cause.why, cause.detail));
            }
        }
        if whole {
            return;
        }
        if let Some((rank, miss)) = self.other_language(gap, ranked) {
            ranked.add(rank, miss);
        }
        if let Some((rank, miss)) = self.before_or_after(gap, ranked) {
            ranked.add(rank, miss);
        }
    }

    fn told(&self, people: Vec<PersonId>, why: Why, detail: String) -> Miss {
        Miss { team: self.id.clone(), timezone: self.team.timezone.clone(), people, why, detail }
    }

    /// Whoever is there first in the gap; a substitute is as good as half an hour off.
    fn other_language(&self, gap: &Gap, ranked: &Ranked) -> Option<(Rank, Miss)> {
        if gap.languages.is_empty() {
            return None;
        }
        let span = within(&self.timeline, gap).find(|span| served::at_work(span).next().is_some())?;
        let substitute = |person: &PersonId| self.substitute(person, gap);
        let substitutes = served::at_work(span).find_map(substitute);
        let rank = Rank::Off(TimeDelta::minutes(if substitutes.is_some() { 30 } else { 180 }));
        if !ranked.takes(rank) {
            return None;
        }
        let mut people: Vec<PersonId> = served::at_work(span).cloned().collect();
        people.sort_unstable();
        people.dedup();
        if substitutes.is_some() {
            people.retain(|person| substitute(person).is_some());
        }
        let own = people.iter().filter_map(|person| self.organisation.people.get(person));
        let mut speaks: Vec<Language> =
            self.team.languages.iter().chain(own.flat_map(|person| &person.languages)).cloned().collect();
        if speaks.is_empty() {
            speaks.push(self.organisation.language.clone());
        }
        speaks.sort_unstable();
        speaks.dedup();
        let detail = words::at_work_but_speaking(&people, &speaks, substitutes);
        Some((rank, self.told(people, Why::Language { speaks }, detail)))
    }

    /// The best substitute for one of the missing languages that somebody of the team speaks.
    fn substitute(&self, person: &PersonId, gap: &Gap) -> Option<&'c Language> {
        let substitutes = |language| self.organisation.substitutes.get(language).into_iter().flatten();
        let mut all = gap.languages.iter().flat_map(substitutes).chain([&self.organisation.language]);
        all.find(|language| self.organisation.speaks(self.team, person, language))
    }

    /// Whose hours or turn end before the gap, or begin after it.
    fn before_or_after(&self, gap: &Gap, ranked: &Ranked) -> Option<(Rank, Miss)> {
        let ends = self.last_before(gap).filter(|ends| gap.from - ends.at <= NEAR);
        let begins = self.first_after(gap).filter(|begins| begins.at - gap.until <= NEAR);
        let off = [ends.as_ref().map(|ends| gap.from - ends.at), begins.as_ref().map(|b| b.at - gap.until)];
        let nearest = off.into_iter().flatten().min()?;
        let rank = Rank::Off(nearest);
        if !ranked.takes(rank) {
            return None;
        }
        // The nearer of the two says which kind it is, and the other counts if it is of the same kind.
        let first = if off[0] == Some(nearest) { ends.as_ref()? } else { begins.as_ref()? };
        let clock = |border: &Border| self.zone.local(border.at).time();
        let same = |border: &&Border| border.line == first.line;
        let (end, begin) = (ends.as_ref().filter(same), begins.as_ref().filter(same));
        let why = match first.line.clone() {
            None => Why::Hours { closes: end.map(clock), opens: begin.map(clock) },
            Some(line) => Why::TurnOver { line, ends: end.map(clock), begins: begin.map(clock) },
        };
        let people = match (&first.line, gap.languages.is_empty()) {
            (None, true) => Vec::new(),
            _ => first.people.clone(),
        };
        let side = |border: &Border, closes| {
            let who =
                if gap.languages.is_empty() && border.line.is_none() { &[][..] } else { &border.people };
            let off = if closes { gap.from - border.at } else { border.at - gap.until };
            words::border(border.line.as_ref(), who, closes, self.zone.local(border.at), off)
        };
        let sides = [ends.as_ref().map(|b| side(b, true)), begins.as_ref().map(|b| side(b, false))];
        let detail = sides.into_iter().flatten().collect::<Vec<_>>().join("; ");
        Some((rank, self.told(people, why, detail)))
    }

    fn last_before(&self, gap: &Gap) -> Option<Border> {
        let spans = self.timeline.spans();
        let before = &spans[..spans.partition_point(|span| span.until <= gap.from)];
        let mut near = before.iter().rev().take_while(|span| gap.from - span.until <= NEAR);
        let span = near.find(|span| self.serves(span, gap))?;
        Some(self.border(span, span.until, gap))
    }

    fn first_after(&self, gap: &Gap) -> Option<Border> {
        let after = self.timeline.from(gap.until).iter().filter(|span| span.from >= gap.until);
        let mut near = after.take_while(|span| span.from - gap.until <= NEAR);
        let span = near.find(|span| self.serves(span, gap))?;
        Some(self.border(span, span.from, gap))
    }

    fn serves(&self, span: &Span, gap: &Gap) -> bool {
        served::at_work(span).any(|person| self.gives(person, gap))
    }

    fn gives(&self, person: &PersonId, gap: &Gap) -> bool {
        wanted(gap).any(|wanted| served::gives(self.organisation, self.team, person, wanted))
    }

    fn border(&self, span: &Span, at: DateTime<Utc>, gap: &Gap) -> Border {
        let give = |people: &[PersonId]| -> Vec<PersonId> {
            people.iter().filter(|person| self.gives(person, gap)).cloned().collect()
        };
        let working = give(&span.working);
        if !working.is_empty() {
            return Border { at, line: None, people: working };
        }
        let mut lines = span.on_call.iter().map(|(line, people)| (line, give(people)));
        let (line, people) =
            lines.find(|(_, people)| !people.is_empty()).expect("somebody of the span serves");
        Border { at, line: Some(line.clone()), people }
    }
}

/// Where a team's service ends before a gap, or begins after it.
struct Border {
    at: DateTime<Utc>,
    /// `None`: in hours.
    line: Option<LineId>,
    people: Vec<PersonId>,
}

/// What is missing in a gap.
pub fn wanted(gap: &Gap) -> impl Iterator<Item = Wanted<'_>> {
    let anybody = gap.languages.is_empty().then_some(None);
    anybody.into_iter().chain(gap.languages.iter().map(Some))
}

/// The spans of a timeline that touch a gap.
pub fn within<'t>(timeline: &'t Timeline, gap: &Gap) -> impl Iterator<Item = &'t Span> {
    let until = gap.until;
    timeline.from(gap.from).iter().take_while(move |span| span.from < until)
}
