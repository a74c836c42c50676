//! When somebody of a tier is at work who speaks this or that.

use std::collections::{BTreeMap, BTreeSet};

use super::Gap;
use crate::coverage::compile::Compiler;
use crate::coverage::interval::{self, Interval};
use crate::coverage::plan;
use crate::coverage::timeline::{People, Span, Timeline};
use crate::schedule::{Language, Organisation, PersonId, Team, TeamId, TierId};

/// What a requirement asks of the people at work: a language, or (`None`) that there is anybody.
pub type Wanted<'o> = Option<&'o Language>;

/// For each of `wanted`, the union of the stretches within `range` in which somebody of the tier gives it.
pub fn by_tier(
    organisation: &Organisation,
    compiler: &Compiler,
    tier: &TierId,
    wanted: &[Wanted],
    range: Interval,
) -> Vec<Vec<Interval>> {
    let mut unions = vec![Vec::new(); wanted.len()];
    for (id, team) in organisation.teams.iter().filter(|(_, team)| team.tier == *tier) {
        // In a large organisation the first teams often have it all, and the others need not be compiled.
        if unions.iter().all(|union| *union == [range]) {
            break;
        }
        let timeline = compiler.timeline(id, range);
        for (union, more) in unions.iter_mut().zip(by_team(organisation, team, &timeline, wanted, range)) {
            union.extend(more);
            *union = interval::union(std::mem::take(union));
        }
    }
    unions
}

/// The same for one team.
pub fn by_team(
    organisation: &Organisation,
    team: &Team,
    timeline: &Timeline,
    wanted: &[Wanted],
    range: Interval,
) -> Vec<Vec<Interval>> {
    let mut unions: Vec<Vec<Interval>> = vec![Vec::new(); wanted.len()];
    // Coverage shares equal people between spans and lines, so each group is asked once.
    let mut known: BTreeMap<*const PersonId, Vec<usize>> = BTreeMap::new();
    let mut given: Vec<usize> = Vec::new();
    for span in timeline.from(range.from).iter().take_while(|span| span.from < range.until) {
        given.clear();
        for people in groups(span) {
            let gives =
                |place: &usize| people.iter().any(|person| gives(organisation, team, person, wanted[*place]));
            let asked = || (0..wanted.len()).filter(gives).collect();
            given.extend_from_slice(known.entry(people.as_ptr()).or_insert_with(asked));
        }
        given.sort_unstable();
        given.dedup();
        let interval = Interval { from: span.from, until: span.until }.common(range);
        for place in &given {
            match unions[*place].last_mut() {
                Some(last) if last.until == interval.from => last.until = interval.until,
                _ => unions[*place].push(interval),
            }
        }
    }
    unions
}

/// Who of a team could give what gaps miss. Asked once, as the same people are met in span after span.
pub struct Givers<'c> {
    /// By what is missing; perhaps nobody.
    people: BTreeMap<Vec<Language>, BTreeSet<&'c PersonId>>,
}

impl<'c> Givers<'c> {
    pub fn new(compiler: &Compiler<'c>, id: &TeamId, team: &'c Team, gaps: &[&mut Gap]) -> Givers<'c> {
        let organisation = &compiler.coverage.organisation;
        let everybody = plan::people(team, compiler.changes.overrides_of(id));
        let mut people: BTreeMap<Vec<Language>, BTreeSet<&PersonId>> = BTreeMap::new();
        for gap in gaps {
            if !people.contains_key(&gap.languages) {
                let gives =
                    |person: &&&PersonId| wanted(gap).any(|wanted| gives(organisation, team, person, wanted));
                people.insert(gap.languages.clone(), everybody.iter().filter(gives).copied().collect());
            }
        }
        Givers { people }
    }

    /// Of a gap that they were made for.
    pub fn of(&self, gap: &Gap) -> &BTreeSet<&'c PersonId> {
        &self.people[&gap.languages]
    }
}

/// What is missing in a gap.
fn wanted(gap: &Gap) -> impl Iterator<Item = Wanted<'_>> {
    let anybody = gap.languages.is_empty().then_some(None);
    anybody.into_iter().chain(gap.languages.iter().map(Some))
}

/// Those in hours, and those on each line.
fn groups(span: &Span) -> impl Iterator<Item = &People> {
    std::iter::once(&span.working).chain(span.on_call.values()).filter(|people| !people.is_empty())
}

/// Everybody of a span, in hours and on every line.
pub fn at_work(span: &Span) -> impl Iterator<Item = &PersonId> {
    groups(span).flat_map(|people| people.iter())
}

fn gives(organisation: &Organisation, team: &Team, person: &PersonId, wanted: Wanted) -> bool {
    wanted.is_none_or(|language| organisation.speaks(team, person, language))
}
