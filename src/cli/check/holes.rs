//! Gaps for people: one that recurs for one reason is one hole, told once.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};

use crate::cli::show;
use crate::coverage::{Gap, Miss, Proved, Why};
use crate::engine::Horizon;
use crate::schedule::{Language, LineId, PersonId, TeamId, ZoneName};
use crate::zone::{Zone, Zones};

/// So many different times of day are told of one hole.
const TIMES_TOLD: usize = 3;

/// Gaps further from each other do not recur from week to week.
const APART: TimeDelta = TimeDelta::days(15);

/// Gaps of one requirement that have one reason, or lie at one time of day.
pub struct Hole {
    pub languages: Vec<Language>,
    /// When, a line for each time of day at which it recurs, on the clock of the requirement, else of whoever misses
    /// first.
    pub times: Vec<String>,
    pub nearly: Vec<Miss>,
    /// Languages nobody of the tier speaks, whoever is at work.
    pub unspoken: Vec<Language>,
}

/// Why there is a gap, as far as it is the same from one day to the next.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// A team would have been there, but for this.
    But(TeamId, Cause),
    /// It lies between the hours or turns of teams, at this time of day.
    Between(NaiveTime, NaiveTime, i64),
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    Override(Vec<PersonId>),
    EmptyLine(LineId),
    Leave(Vec<PersonId>),
    RotationEnded(String),
    Holiday(String),
}

/// The holes of a requirement, in order of their first gap.
pub fn holes(proved: &Proved, horizon: Horizon, zones: &Zones) -> Vec<Hole> {
    let mut by_language: BTreeMap<(&[Language], ZoneName), Vec<&Gap>> = BTreeMap::new();
    for gap in &proved.uncovered {
        by_language.entry((&gap.languages, zone_of(proved, gap))).or_default().push(gap);
    }
    let mut found: Vec<(DateTime<Utc>, Hole)> = Vec::new();
    for ((languages, name), gaps) in by_language {
        let Some(zone) = zones.get(&name) else { continue };
        for (reason, gaps) in by_reason(gaps, horizon, zone) {
            let hole = Hole {
                languages: languages.to_vec(),
                times: times(&gaps, zone, &name),
                nearly: nearly(gaps[0], &reason),
                unspoken: languages.iter().filter(|own| proved.unspoken.contains(own)).cloned().collect(),
            };
            found.push((gaps[0].from, hole));
        }
    }
    found.sort_by_key(|(from, _)| *from);
    found.into_iter().map(|(_, hole)| hole).collect()
}

fn zone_of(proved: &Proved, gap: &Gap) -> ZoneName {
    let of_team = || gap.nearly.first().map(|miss| miss.timezone.clone());
    proved.timezone.clone().or_else(of_team).unwrap_or_else(|| ZoneName::new("UTC"))
}

/// The reason that explains most gaps takes all of those, then the next takes what is left.
fn by_reason<'g>(gaps: Vec<&'g Gap>, horizon: Horizon, zone: &Zone) -> Vec<(Reason, Vec<&'g Gap>)> {
    let (cut, whole): (Vec<&Gap>, Vec<&Gap>) =
        gaps.into_iter().partition(|gap| gap.from == horizon.from || gap.until == horizon.until);
    let mut left: Vec<(Vec<Reason>, &Gap)> = whole.into_iter().map(|gap| (reasons(gap, zone), gap)).collect();
    // What the horizon has cut is taken to be like those that share its other end.
    for gap in cut {
        let alike = left.iter().find(|(_, other)| is_alike(gap, other, horizon, zone));
        let reasons = alike.map_or_else(|| reasons(gap, zone), |(reasons, _)| reasons.clone());
        left.push((reasons, gap));
    }
    left.sort_by_key(|(_, gap)| gap.from);
    let mut found = Vec::new();
    while !left.is_empty() {
        let mut counts: BTreeMap<&Reason, usize> = BTreeMap::new();
        for reason in left.iter().flat_map(|(reasons, _)| reasons) {
            *counts.entry(reason).or_default() += 1;
        }
        let most = counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(reason, _)| reason.clone());
        let reason = most.expect("every gap has a reason");
        let (these, others) = left.into_iter().partition(|(reasons, _)| reasons.contains(&reason));
        let these: Vec<(Vec<Reason>, &Gap)> = these;
        found.push((reason, these.into_iter().map(|(_, gap)| gap).collect()));
        left = others;
    }
    found
}

fn is_alike(cut: &Gap, other: &Gap, horizon: Horizon, zone: &Zone) -> bool {
    let clock = |at| zone.local(at).time();
    let begins = cut.from == horizon.from || clock(cut.from) == clock(other.from);
    let ends = cut.until == horizon.until || clock(cut.until) == clock(other.until);
    begins && ends && (cut.from > horizon.from || cut.until < horizon.until)
}

fn reasons(gap: &Gap, zone: &Zone) -> Vec<Reason> {
    let but = gap.nearly.iter().filter_map(|miss| Some(Reason::But(miss.team.clone(), cause(miss)?)));
    let but: Vec<Reason> = but.collect();
    if !but.is_empty() {
        return but;
    }
    let (from, until) = (zone.local(gap.from), zone.local(gap.until));
    let nights = until.date().signed_duration_since(from.date()).num_days();
    vec![Reason::Between(from.time(), until.time(), nights)]
}

fn cause(miss: &Miss) -> Option<Cause> {
    match &miss.why {
        Why::Override => Some(Cause::Override(miss.people.clone())),
        Why::EmptyLine { line } => Some(Cause::EmptyLine(line.clone())),
        Why::Leave => Some(Cause::Leave(miss.people.clone())),
        Why::RotationEnded { rotation, .. } => Some(Cause::RotationEnded(rotation.clone())),
        Why::Holiday { name } => Some(Cause::Holiday(name.clone())),
        Why::Language { .. } | Why::Hours { .. } | Why::TurnOver { .. } => None,
    }
}

/// Those of the first gap, whoever explains the hole first.
fn nearly(gap: &Gap, reason: &Reason) -> Vec<Miss> {
    let explains = |miss: &Miss| match reason {
        Reason::But(team, why) => miss.team == *team && cause(miss).as_ref() == Some(why),
        Reason::Between(..) => false,
    };
    let (first, rest): (Vec<Miss>, Vec<Miss>) = gap.nearly.iter().cloned().partition(explains);
    first.into_iter().chain(rest).collect()
}

/// The same local times on whichever days become one line, the most frequent first.
fn times(gaps: &[&Gap], zone: &Zone, name: &ZoneName) -> Vec<String> {
    let mut by_clock: BTreeMap<(NaiveTime, NaiveTime, i64), Vec<&Gap>> = BTreeMap::new();
    for gap in gaps {
        let (from, until) = (zone.local(gap.from), zone.local(gap.until));
        let nights = until.date().signed_duration_since(from.date()).num_days();
        by_clock.entry((from.time(), until.time(), nights)).or_default().push(gap);
    }
    let mut patterns: Vec<Vec<&Gap>> = by_clock.into_values().flat_map(seasons).collect();
    patterns.sort_by_key(|gaps| (std::cmp::Reverse(gaps.len()), gaps[0].from));
    let others: usize = patterns.iter().skip(TIMES_TOLD).map(Vec::len).sum();
    let mut lines: Vec<String> =
        patterns.iter().take(TIMES_TOLD).map(|gaps| pattern(gaps, zone, name)).collect();
    if others > 0 {
        lines.push(format!("and {others} more at other times"));
    }
    lines
}

/// Weeks in spring and weeks in autumn are told as two, unless there are too many of them.
fn seasons(gaps: Vec<&Gap>) -> Vec<Vec<&Gap>> {
    let runs: Vec<&[&Gap]> = gaps.chunk_by(|one, next| next.from - one.from <= APART).collect();
    if runs.len() > TIMES_TOLD {
        return vec![gaps];
    }
    runs.into_iter().map(<[&Gap]>::to_vec).collect()
}

/// `Mon-Fri 13:30-14:00 Asia/Kolkata (08:00-08:30Z), 261 times from 2026-11-23 to 2027-11-19`
fn pattern(gaps: &[&Gap], zone: &Zone, name: &ZoneName) -> String {
    let gap = gaps[0];
    let (from, until) = (zone.local(gap.from), zone.local(gap.until));
    let last = gaps[gaps.len() - 1];
    if gaps.len() == 1 {
        return format!("{} {name} ({}), {}", stretch(from, until), utc_stretch(gap), lasts(gap));
    }
    let mut days: Vec<Weekday> = gaps.iter().map(|gap| zone.local(gap.from).weekday()).collect();
    days.sort_by_key(Weekday::num_days_from_monday);
    days.dedup();
    let nights = until.date().signed_duration_since(from.date()).num_days();
    let end = match nights {
        0 => until.format("%H:%M").to_string(),
        1 => format!("{} next day", until.format("%H:%M")),
        nights => format!("{} {nights} days later", until.format("%H:%M")),
    };
    format!(
        "{} {}-{end} {name}, {} times from {} to {} (first {})",
        weekdays(&days),
        from.format("%H:%M"),
        gaps.len(),
        from.format("%Y-%m-%d"),
        zone.local(last.from).format("%Y-%m-%d"),
        utc_stretch(gap),
    )
}

fn lasts(gap: &Gap) -> String {
    show::lasting(gap.until - gap.from)
}

/// `Tue 2026-12-24 09:00-17:00`; the date of its end where that is another.
fn stretch(from: NaiveDateTime, until: NaiveDateTime) -> String {
    let end = match from.date() == until.date() {
        true => until.format("-%H:%M"),
        false => until.format(" to %a %Y-%m-%d %H:%M"),
    };
    format!("{}{end}", from.format("%a %Y-%m-%d %H:%M"))
}

fn utc_stretch(gap: &Gap) -> String {
    let (from, until) = (gap.from.naive_utc(), gap.until.naive_utc());
    format!("{}Z", stretch(from, until))
}

/// `Mon-Fri`, `Mon, Wed`, `Sun-Thu`, `daily`; `days` are in order from Monday on.
fn weekdays(days: &[Weekday]) -> String {
    if days.len() == 7 {
        return "daily".to_owned();
    }
    // A week that goes on over Sunday begins after a day off.
    let mut days = days.to_vec();
    let begins = days.windows(2).position(|pair| pair[0].succ() != pair[1]).map_or(0, |place| place + 1);
    if days.first() == Some(&Weekday::Mon) && days.last() == Some(&Weekday::Sun) {
        days.rotate_left(begins);
    }
    let runs = days.chunk_by(|one, next| one.succ() == *next);
    let run = |run: &[Weekday]| match run {
        [first, .., last] if run.len() > 2 => format!("{first}-{last}"),
        run => run.iter().map(Weekday::to_string).collect::<Vec<_>>().join(", "),
    };
    runs.map(run).collect::<Vec<_>>().join(", ")
}
