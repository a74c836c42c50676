//! Who just misses a gap, and why: found by asking what would be without leave, holidays, overrides and ends of
//! rotations, one by one; and by looking who is at work just before, just after, or speaking something else.

use std::rc::Rc;

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::causes::Causes;
use super::served::{self, Givers};
use super::words;
use super::{Gap, Miss, Why};
use crate::coverage::compile::Compiler;
use crate::coverage::interval::Interval;
use crate::coverage::plan;
use crate::coverage::timeline::{Span, Timeline};
use crate::schedule::{Language, LineId, Organisation, PersonId, Team, TeamId, Window};
use crate::zone::Zone;

/// How far from a gap somebody's hours or turn may end or begin.
const NEAR: TimeDelta = TimeDelta::hours(12);

/// How far, where nobody is near.
const FAR: TimeDelta = TimeDelta::days(4);

/// How far the other end of somebody's hours may be to be told beside the nearer one.
const BESIDE: TimeDelta = TimeDelta::hours(3);

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
    let range = Interval { from: near(from, -FAR), until: near(until, FAR) };
    let mut ranked: Vec<Ranked> = gaps.iter().map(|_| Ranked::default()).collect();
    for (id, team) in teams {
        let candidate = Candidate::new(compiler, id, team, range, gaps);
        for (gap, ranked) in gaps.iter().zip(&mut ranked) {
            candidate.miss(gap, ranked);
        }
    }
    for (gap, ranked) in gaps.iter_mut().zip(ranked) {
        let near = ranked.0.iter().filter(|(rank, _)| *rank <= Rank::Off(NEAR)).count();
        gap.nearly = ranked.0.into_iter().take(near.max(1)).map(|(_, miss)| miss).collect();
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
    givers: Rc<Givers<'c>>,
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
        let givers = Rc::new(Givers::new(compiler, id, team, gaps));
        Candidate {
            organisation: &coverage.organisation,
            id,
            team,
            zone: plan::zone(&coverage.zones, &team.timezone),
            timeline: compiler.timeline_without(Default::default(), id, range),
            causes: Causes::new(compiler, id, team, givers.clone(), range, gaps),
            givers,
        }
    }

    fn miss(&self, gap: &Gap, ranked: &mut Ranked) {
        if self.givers.of(gap).is_empty() {
            if let Some((rank, miss)) = self.other_language(gap, ranked) {
                ranked.add(rank, miss);
            }
            return;
        }
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
        if let Some((rank, miss)) = self.night_before(gap).or_else(|| self.before_or_after(gap, ranked)) {
            ranked.add(rank, miss);
        }
    }

    /// A window that passes midnight would reach into the gap, if only it started on the day before.
    fn night_before(&self, gap: &Gap) -> Option<(Rank, Miss)> {
        let local = self.zone.local(gap.from);
        let day = local.date().pred_opt()?;
        let reaches = |window: &&Window| {
            let until = day.and_time(window.from).checked_add_signed(window.lasts);
            until.is_some_and(|until| until > local) && !window.days.contains(&day.weekday())
        };
        let window = self.team.hours.iter().find(reaches)?;
        let members = window.members.as_ref().unwrap_or(&self.team.members);
        if !members.iter().any(|person| self.givers.of(gap).contains(person)) {
            return None;
        }
        let why = Why::Hours { closes: None, opens: Some(window.from) };
        let detail = words::night_before(window.from, window.lasts, day.weekday());
        Some((Rank::Off(TimeDelta::zero()), self.told(Vec::new(), why, detail)))
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
        let mut borders: Vec<Border> =
            [self.last_before(gap), self.first_after(gap)].into_iter().flatten().collect();
        borders.sort_by_key(|border| border.off);
        let nearest = borders.first()?;
        let rank = Rank::Off(nearest.off);
        if !ranked.takes(rank) {
            return None;
        }
        borders.truncate(if borders.last()?.off <= BESIDE { 2 } else { 1 });
        borders.sort_by_key(|border| border.at);
        let nearest = borders.iter().min_by_key(|border| border.off)?;
        let clock = |ends| {
            let mut same = borders.iter().filter(|border| border.line == nearest.line && border.ends == ends);
            same.next().map(|border| self.zone.local(border.at).time())
        };
        let why = match nearest.line.clone() {
            None => Why::Hours { closes: clock(true), opens: clock(false) },
            Some(line) => Why::TurnOver { line, ends: clock(true), begins: clock(false) },
        };
        let told = |border: &Border| words::border(border, self.zone.local(border.at));
        let detail = borders.iter().map(told).collect::<Vec<_>>().join("; ");
        Some((rank, self.told(nearest.people.clone(), why, detail)))
    }

    fn last_before(&self, gap: &Gap) -> Option<Border> {
        let givers = self.givers.of(gap);
        let spans = self.timeline.spans();
        let before = &spans[..spans.partition_point(|span| span.until <= gap.from)];
        let mut near = before.iter().rev().take_while(|span| gap.from - span.until <= FAR);
        let span = near.find(|span| served::at_work(span).any(|person| givers.contains(person)))?;
        Some(self.border(span, gap, true))
    }

    fn first_after(&self, gap: &Gap) -> Option<Border> {
        let givers = self.givers.of(gap);
        let after = self.timeline.from(gap.until).iter().filter(|span| span.from >= gap.until);
        let mut near = after.take_while(|span| span.from - gap.until <= FAR);
        let span = near.find(|span| served::at_work(span).any(|person| givers.contains(person)))?;
        Some(self.border(span, gap, false))
    }

    fn border(&self, span: &Span, gap: &Gap, ends: bool) -> Border {
        let (at, off) = match ends {
            true => (span.until, gap.from - span.until),
            false => (span.from, span.from - gap.until),
        };
        let givers = self.givers.of(gap);
        let give = |people: &[PersonId]| -> Vec<PersonId> {
            people.iter().filter(|person| givers.contains(person)).cloned().collect()
        };
        let working = give(&span.working);
        let (line, people) = if working.is_empty() {
            let mut lines = span.on_call.iter().map(|(line, people)| (Some(line.clone()), give(people)));
            lines.find(|(_, people)| !people.is_empty()).expect("somebody of the span serves")
        } else if working.len() == span.working.len() {
            (None, Vec::new())
        } else {
            (None, working)
        };
        Border { at, off, ends, line, people }
    }
}

/// Where a team's service ends before a gap, or begins after it.
pub struct Border {
    pub at: DateTime<Utc>,
    /// How far from the gap.
    pub off: TimeDelta,
    pub ends: bool,
    /// `None`: in hours.
    pub line: Option<LineId>,
    /// Empty: the whole team.
    pub people: Vec<PersonId>,
}

/// The spans of a timeline that touch a gap.
pub fn within<'t>(timeline: &'t Timeline, gap: &Gap) -> impl Iterator<Item = &'t Span> {
    let until = gap.until;
    timeline.from(gap.from).iter().take_while(move |span| span.from < until)
}
