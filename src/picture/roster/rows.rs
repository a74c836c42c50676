//! What the sheet shows, row by row, before anything has a place on it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::axis::days;
use crate::coverage::{
    Coverage, CoverageAnswer, Duty, Interval, Nobody, People, Present, Proof, Proved, Stretch, TeamSpans,
    holiday, presence,
};
use crate::schedule::{PersonId, Team, TeamId, TierId};

/// So many people of one team have a lane each; of a larger team one lane says how many are at work.
const LANES_MAX: usize = 30;

pub struct Tier<'a> {
    pub id: &'a TierId,
    /// `None` where only some of the tier's teams are shown: it would tell half the truth.
    pub presence: Option<Vec<Present>>,
    pub teams: Vec<TeamRow<'a>>,
}

pub struct TeamRow<'a> {
    pub id: &'a TeamId,
    pub team: &'a Team,
    pub open: Vec<Interval>,
    pub holidays: Vec<MarkedDay>,
    pub groups: Vec<Group<'a>>,
}

/// A holiday on the team's own calendar.
pub struct MarkedDay {
    pub date: NaiveDate,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub name: String,
}

/// The lanes of the hours, or of one line.
pub struct Group<'a> {
    pub duty: Duty<'a>,
    /// Never empty.
    pub lanes: Vec<Lane<'a>>,
    pub nobody: Vec<Nobody<'a>>,
}

pub struct Lane<'a> {
    /// Whose lane it is, where it has one owner.
    pub owner: Option<&'a PersonId>,
    pub bars: Vec<Bar<'a>>,
}

pub struct Bar<'a> {
    pub who: Who<'a>,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

pub enum Who<'a> {
    One(&'a PersonId),
    Many(&'a People),
}

/// Tiers from the lowest, teams by region and id.
pub fn tiers<'a>(coverage: &'a Coverage, answer: &'a CoverageAnswer) -> Vec<Tier<'a>> {
    let teams = &coverage.organisation.teams;
    let tier = |id: &'a TierId| {
        let shown: Vec<&TeamSpans> = answer
            .teams
            .iter()
            .filter(|spans| teams.get(&spans.team).is_some_and(|t| t.tier == *id))
            .collect();
        let whole = shown.len() == teams.values().filter(|team| team.tier == *id).count();
        let mut rows: Vec<TeamRow> = shown.iter().map(|spans| team_row(coverage, spans)).collect();
        rows.sort_by_key(|row| (&row.team.region, row.id));
        Tier { id, presence: whole.then(|| presence(shown)), teams: rows }
    };
    let tiers = coverage.organisation.tiers.iter().map(tier);
    tiers.filter(|tier| !tier.teams.is_empty()).collect()
}

/// The requirements that are not met, of tiers whose teams are all shown.
pub fn broken<'a>(proof: &'a Proof, tiers: &[Tier]) -> Vec<&'a Proved> {
    let whole = |id: &TierId| tiers.iter().any(|tier| tier.id == id && tier.presence.is_some());
    let requirements = proof.requirements.iter();
    requirements.filter(|proved| whole(&proved.tier) && !proved.uncovered.is_empty()).collect()
}

/// Everybody who stands in a lane, once.
pub fn people<'a>(tiers: &[Tier<'a>]) -> BTreeSet<&'a PersonId> {
    let groups = tiers.iter().flat_map(|tier| &tier.teams).flat_map(|team| &team.groups);
    let bars = groups.flat_map(|group| &group.lanes).flat_map(|lane| &lane.bars);
    bars.filter_map(|bar| match bar.who {
        Who::One(person) => Some(person),
        Who::Many(_) => None,
    })
    .collect()
}

fn team_row<'a>(coverage: &'a Coverage, spans: &'a TeamSpans) -> TeamRow<'a> {
    let (id, team) =
        coverage.organisation.teams.get_key_value(&spans.team).expect("the answer is of this coverage");
    let mut by_duty: BTreeMap<Duty, Vec<Stretch>> = BTreeMap::new();
    for stretch in spans.stretches() {
        by_duty.entry(stretch.duty).or_default().push(stretch);
    }
    let mut nobody: BTreeMap<Duty, Vec<Nobody>> = BTreeMap::new();
    for stretch in coverage.nobody(spans) {
        nobody.entry(stretch.duty).or_default().push(stretch);
    }
    let lines = spans.spans.first().into_iter().flat_map(|span| span.on_call.keys()).map(Duty::Line);
    let hours = (!team.hours.is_empty() || by_duty.contains_key(&Duty::Hours)).then_some(Duty::Hours);
    let mut duties: Vec<Duty> = hours.into_iter().chain(lines).collect();
    if duties.is_empty() {
        duties.push(Duty::Hours);
    }
    let groups = duties.into_iter().map(|duty| {
        let stretches = by_duty.remove(&duty).unwrap_or_default();
        let lanes = match duty {
            Duty::Hours => hours_lanes(spans, &stretches),
            Duty::Line(_) => packed(&stretches),
        };
        Group { duty, lanes, nobody: nobody.remove(&duty).unwrap_or_default() }
    });
    TeamRow {
        id,
        team,
        open: spans.open(),
        holidays: holidays(coverage, team, spans),
        groups: groups.collect(),
    }
}

/// A lane for each person, or one for all of them where they are many.
fn hours_lanes<'a>(spans: &'a TeamSpans, stretches: &[Stretch<'a>]) -> Vec<Lane<'a>> {
    let mut of: BTreeMap<&PersonId, Vec<Bar>> = BTreeMap::new();
    for stretch in stretches {
        let bar = Bar { who: Who::One(stretch.person), from: stretch.from, until: stretch.until };
        of.entry(stretch.person).or_default().push(bar);
    }
    if of.is_empty() {
        return vec![Lane { owner: None, bars: Vec::new() }];
    }
    if of.len() <= LANES_MAX {
        return of.into_iter().map(|(owner, bars)| Lane { owner: Some(owner), bars }).collect();
    }
    let at_work: Vec<_> = spans.spans.iter().filter(|span| !span.working.is_empty()).collect();
    let runs = at_work.chunk_by(|one, next| one.until == next.from && one.working == next.working);
    let bar = |run: &[&'a crate::coverage::Span]| Bar {
        who: Who::Many(&run[0].working),
        from: run[0].from,
        until: run[run.len() - 1].until,
    };
    vec![Lane { owner: None, bars: runs.map(bar).collect() }]
}

/// As few lanes as hold all stretches without overlap.
fn packed<'a>(stretches: &[Stretch<'a>]) -> Vec<Lane<'a>> {
    let mut lanes: Vec<Lane> = vec![Lane { owner: None, bars: Vec::new() }];
    for stretch in stretches {
        let bar = Bar { who: Who::One(stretch.person), from: stretch.from, until: stretch.until };
        let free =
            lanes.iter_mut().find(|lane| lane.bars.last().is_none_or(|last| last.until <= stretch.from));
        match free {
            Some(lane) => lane.bars.push(bar),
            None => lanes.push(Lane { owner: None, bars: vec![bar] }),
        }
    }
    lanes
}

fn holidays(coverage: &Coverage, team: &Team, spans: &TeamSpans) -> Vec<MarkedDay> {
    let window = spans.spans.first().zip(spans.spans.last());
    let Some(((first, last), zone)) = window.zip(coverage.zones.get(&team.timezone)) else {
        return Vec::new();
    };
    let marked = days(zone, first.from, last.until).into_iter().filter_map(|day| {
        let holiday = holiday(&coverage.organisation, team, day.date)?;
        let name = match holiday.open {
            None => holiday.name.clone(),
            Some((from, lasts)) => {
                let until = from + lasts;
                format!("{} ({} to {})", holiday.name, from.format("%H:%M"), until.format("%H:%M"))
            }
        };
        Some(MarkedDay { date: day.date, from: day.from, until: day.until, name })
    });
    marked.collect()
}
