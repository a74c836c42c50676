//! Requirements against coverage: what is asked, less what is served, less what is declared.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::nearly;
use super::served::{self, Wanted};
use super::{Declared, Gap, Needless, Proof, Proved};
use crate::coverage::compile::{Compiler, Coverage};
use crate::coverage::hours;
use crate::coverage::interval::{self, Interval};
use crate::coverage::moments;
use crate::coverage::plan;
use crate::schedule::{DeclaredGap, Language, Organisation, Requirement, TierId, ZoneName, defaults};
use crate::zone::{Zone, Zones};

/// Proves every requirement over `from..until`, exact to the second.
///
/// Costs a walk over the spans of the teams of tiers that something is required of; what `coverage` has not compiled
/// is compiled team by team and not kept.
pub fn prove(coverage: &Coverage, from: DateTime<Utc>, until: DateTime<Utc>) -> Proof {
    let range = Interval { from, until };
    let organisation = &*coverage.organisation;
    let compiler = Compiler::new(coverage);
    let mut wanted: BTreeMap<&TierId, Vec<Wanted>> = BTreeMap::new();
    for requirement in &organisation.requirements {
        wanted.entry(&requirement.tier).or_default().extend(wants(requirement));
    }
    let mut served: BTreeMap<(&TierId, Wanted), Vec<Interval>> = BTreeMap::new();
    for (tier, mut wanted) in wanted {
        wanted.sort_unstable();
        wanted.dedup();
        let unions = served::by_tier(organisation, &compiler, tier, &wanted, range);
        served.extend(wanted.into_iter().map(|wanted| (tier, wanted)).zip(unions));
    }
    let proved = |requirement| {
        let missing = wants(requirement)
            .map(|wanted| (wanted, interval::complement(&served[&(&requirement.tier, wanted)], range)));
        let proved = proved(requirement, &coverage.zones, missing.collect(), range);
        Proved { unspoken: unspoken(organisation, &proved), ..proved }
    };
    Proof { from, until, requirements: organisation.requirements.iter().map(proved).collect() }
}

/// Adds to each gap who just misses; `coverage` is what was proved. Compiles the teams of the tiers with gaps again.
pub fn tell_who_nearly(proof: &mut Proof, coverage: &Coverage) {
    let (organisation, compiler) = (&*coverage.organisation, Compiler::new(coverage));
    let mut gaps: BTreeMap<TierId, Vec<&mut Gap>> = BTreeMap::new();
    for proved in &mut proof.requirements {
        gaps.entry(proved.tier.clone()).or_default().extend(&mut proved.uncovered);
    }
    // Tier by tier, as each of its teams is looked at once for all gaps.
    for (tier, mut gaps) in gaps.into_iter().filter(|(_, gaps)| !gaps.is_empty()) {
        let teams = organisation.teams.iter().filter(|(_, team)| team.tier == tier);
        nearly::tell(&compiler, teams, &mut gaps);
    }
}

fn wants(requirement: &Requirement) -> impl Iterator<Item = Wanted<'_>> {
    let anybody = requirement.languages.is_empty().then_some(None);
    anybody.into_iter().chain(requirement.languages.iter().map(Some))
}

/// `missing`: for each thing wanted, when the tier does not give it.
fn proved(
    requirement: &Requirement,
    zones: &Zones,
    missing: Vec<(Wanted, Vec<Interval>)>,
    range: Interval,
) -> Proved {
    let zone = zone(requirement, zones);
    let asked = asked(requirement, zone, range);
    let except: Vec<(Interval, &DeclaredGap)> =
        (requirement.except.iter()).map(|gap| (moments::declared_gap(gap, zone), gap)).collect();
    let holes = holes(&asked, &missing);
    let declared_at = |at| except.iter().find(|(gap, _)| gap.from <= at && at < gap.until);
    let (mut uncovered, mut declared) = (Vec::new(), Vec::new());
    for (hole, languages) in cut(holes, &except) {
        let Interval { from, until } = hole;
        match declared_at(from) {
            None => uncovered.push(Gap { from, until, languages, nearly: Vec::new() }),
            Some((_, gap)) => declared.push(Declared { from, until, languages, why: gap.why.clone() }),
        }
    }
    let needless = except.iter().filter_map(|(gap, declaration)| {
        let past = gap.until <= range.from;
        let whole = range.from <= gap.from && gap.until <= range.until;
        let excuses = declared.iter().any(|hole| gap.from < hole.until && hole.from < gap.until);
        (past || whole && !excuses).then(|| Needless {
            from: gap.from,
            until: gap.until,
            why: declaration.why.clone(),
            past,
        })
    });
    Proved {
        name: requirement.name.clone(),
        tier: requirement.tier.clone(),
        languages: requirement.languages.clone(),
        timezone: requirement.when.as_ref().map(|(_, zone)| zone.clone()),
        origin: requirement.origin.clone(),
        asked: !asked.is_empty(),
        needless: needless.collect(),
        uncovered,
        unspoken: Vec::new(),
        declared,
    }
}

fn unspoken(organisation: &Organisation, proved: &Proved) -> Vec<Language> {
    let speaks = |language: &Language| {
        let teams = organisation.teams.values().filter(|team| team.tier == proved.tier);
        let speaks = |team| plan::everybody(team).any(|person| organisation.speaks(team, person, language));
        teams.into_iter().any(speaks)
    };
    let missing = |language: &&Language| proved.uncovered.iter().any(|gap| gap.languages.contains(language));
    let languages = proved.languages.iter().filter(missing);
    languages.filter(|language| !speaks(language)).cloned().collect()
}

/// When something is required, as a union.
fn asked(requirement: &Requirement, zone: &Zone, range: Interval) -> Vec<Interval> {
    match &requirement.when {
        None => interval::union(vec![range]),
        Some((windows, _)) => interval::parts(range, &hours::windows(windows, zone, range))
            .filter(|part| !part.is_empty())
            .collect(),
    }
}

/// Where the requirement is not met, and in which languages; borders lie where either changes.
fn holes(asked: &[Interval], missing: &[(Wanted, Vec<Interval>)]) -> Vec<(Interval, Vec<Language>)> {
    // At each instant the languages that begin (`true`) or cease to be missing.
    let mut changes: BTreeMap<DateTime<Utc>, Vec<(Wanted, bool)>> = BTreeMap::new();
    for (wanted, missing) in missing {
        for hole in asked.iter().flat_map(|asked| interval::parts(*asked, missing)) {
            changes.entry(hole.from).or_default().push((*wanted, true));
            changes.entry(hole.until).or_default().push((*wanted, false));
        }
    }
    let mut holes: Vec<(Interval, Vec<Language>)> = Vec::new();
    let mut now: Vec<Wanted> = Vec::new();
    let mut since: Option<DateTime<Utc>> = None;
    for (at, changes) in changes {
        if let Some(from) = since.filter(|_| !now.is_empty()) {
            let languages: Vec<Language> = now.iter().flatten().map(|language| (*language).clone()).collect();
            holes.push((Interval { from, until: at }, languages));
        }
        for (wanted, begins) in changes {
            now.retain(|other| *other != wanted);
            if begins {
                now.push(wanted);
            }
        }
        now.sort_unstable();
        since = Some(at);
    }
    holes
}

/// The holes, cut where a declared gap begins or ends.
fn cut(
    holes: Vec<(Interval, Vec<Language>)>,
    except: &[(Interval, &DeclaredGap)],
) -> Vec<(Interval, Vec<Language>)> {
    let mut borders: Vec<DateTime<Utc>> = except.iter().flat_map(|(gap, _)| [gap.from, gap.until]).collect();
    borders.sort_unstable();
    let mut parts = Vec::with_capacity(holes.len());
    for (hole, languages) in holes {
        let mut from = hole.from;
        for border in borders.iter().copied().filter(|border| hole.from < *border && *border < hole.until) {
            if from < border {
                parts.push((Interval { from, until: border }, languages.clone()));
                from = border;
            }
        }
        parts.push((Interval { from, until: hole.until }, languages));
    }
    parts
}

fn zone<'z>(requirement: &Requirement, zones: &'z Zones) -> &'z Zone {
    let name =
        requirement.when.as_ref().map_or(ZoneName::new(defaults::REQUIREMENT_ZONE), |(_, zone)| zone.clone());
    zones.get(&name).unwrap_or_else(|| panic!("time zone {name} passed the check, yet there is no such zone"))
}
