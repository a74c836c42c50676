//! Who carries how much: hours on call, and when they are; pages; rest that was interrupted.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

use super::course::Course;
use super::gather::AROUND;
use super::pages::{NIGHT, Paged};
use super::reports::Asked;
use super::rest;
use super::sheet::{Cell, Field};
use crate::coverage::{Coverage, Interval, holiday, union};
use crate::schedule::{Organisation, PersonId, Team, TeamId};
use crate::zone::Zone;

const FIELDS: &[Field] = &[
    Field { key: "person", head: "~Person" },
    Field { key: "on_call_seconds", head: "on call" },
    Field { key: "on_call_share", head: "share" },
    Field { key: "night_seconds", head: "at night" },
    Field { key: "weekend_seconds", head: "weekends" },
    Field { key: "holiday_seconds", head: "holidays" },
    Field { key: "pages", head: "pages" },
    Field { key: "pages_outside_hours", head: "outside hours" },
    Field { key: "pages_at_night", head: "at night" },
    Field { key: "rests_interrupted", head: "rests interrupted" },
];

pub(super) struct Fairness<'a> {
    coverage: &'a Coverage,
    paged: Paged<'a>,
    /// When each was woken.
    woken: BTreeMap<PersonId, Vec<DateTime<Utc>>>,
}

impl<'a> Fairness<'a> {
    pub fn new(coverage: &'a Coverage) -> Fairness<'a> {
        Fairness { coverage, paged: Paged::new(coverage), woken: BTreeMap::new() }
    }

    pub fn add(&mut self, asked: &Asked, course: &Course) -> bool {
        let org = &self.coverage.organisation;
        let mut any = false;
        for page in course.pages.iter().filter(|page| asked.narrowed.means_team(org, &page.team)) {
            // Rest that begins before the window may be interrupted by a page within it, and the other way round.
            self.woken.entry(page.person.clone()).or_default().push(page.at);
            if asked.within(page.at) {
                self.paged.add(page);
                any = true;
            }
        }
        any
    }

    /// Everybody who serves in a team that is meant, those who carry most first.
    pub fn rows(self, asked: &Asked) -> (&'static [Field], Vec<Vec<Cell>>) {
        let Fairness { coverage, paged, mut woken } = self;
        let org = &coverage.organisation;
        let meant: Vec<(&TeamId, &Team)> =
            org.teams.iter().filter(|(id, _)| asked.narrowed.means_team(org, id)).collect();
        let pages: BTreeMap<PersonId, _> =
            paged.finish().into_iter().map(|pages| (pages.person.clone(), pages)).collect();
        let mut people: BTreeSet<&PersonId> = pages.keys().collect();
        for (_, team) in &meant {
            people.extend(&team.members);
            people.extend(team.rotations.iter().flat_map(|rotation| rotation.members.iter().flatten()));
        }
        let window = Interval { from: asked.from, until: asked.until };
        let mut served = Served::over(coverage, &meant, window);
        let known = Interval { from: coverage.from.max(window.from - AROUND), until: coverage.until };
        let mut carried: Vec<Carried> = people
            .into_iter()
            .map(|person| {
                let woken = woken.remove(person).map_or_else(Vec::new, |mut woken| {
                    woken.sort_unstable();
                    woken
                });
                let duties = if woken.is_empty() { Vec::new() } else { duties(coverage, person, known) };
                let pages = pages.get(person);
                Carried {
                    pages: pages.map_or([0; 3], |pages| [pages.pages, pages.outside_hours, pages.at_night]),
                    rests_interrupted: rest::interrupted(&duties, &woken, window, known),
                    ..served.of(coverage, person)
                }
            })
            .collect();
        carried.sort_by(|a, b| {
            let order = |one: &Carried| (one.on_call, one.pages);
            order(b).cmp(&order(a)).then_with(|| a.person.cmp(&b.person))
        });
        let all: TimeDelta = carried.iter().map(|one| one.on_call).sum();
        (FIELDS, carried.into_iter().map(|one| one.row(all)).collect())
    }
}

/// When somebody works in their hours, in whatever team.
fn duties(coverage: &Coverage, person: &PersonId, known: Interval) -> Vec<Interval> {
    let lines = coverage.organisation.teams.keys().filter_map(|team| coverage.timeline(team));
    let spans = lines.flat_map(|line| line.from(known.from)).filter(|span| span.from < known.until);
    let working = spans.filter(|span| span.working.binary_search(person).is_ok());
    union(working.map(|span| Interval { from: span.from, until: span.until }).collect())
}

struct Carried {
    person: PersonId,
    on_call: TimeDelta,
    night: TimeDelta,
    weekend: TimeDelta,
    holiday: TimeDelta,
    /// All, outside hours, at night.
    pages: [usize; 3],
    rests_interrupted: usize,
}

impl Carried {
    fn row(self, all: TimeDelta) -> Vec<Cell> {
        let seconds = |lasts: TimeDelta| usize::try_from(lasts.num_seconds()).unwrap_or(0);
        let carried = [self.night, self.weekend, self.holiday].map(|lasts| Cell::Hours(lasts.num_seconds()));
        let first = [
            Cell::word(self.person),
            Cell::Hours(self.on_call.num_seconds()),
            Cell::Share(seconds(self.on_call), seconds(all)),
        ];
        let last = self.pages.map(Cell::Count).into_iter().chain([Cell::Count(self.rests_interrupted)]);
        first.into_iter().chain(carried).chain(last).collect()
    }
}

/// When people are on call within the window.
#[derive(Default)]
struct Served<'a> {
    on_call: BTreeMap<&'a PersonId, Vec<Interval>>,
    on_holidays: BTreeMap<&'a PersonId, Vec<Interval>>,
    /// The zone of a team that each is on call in, for those who have none of their own and belong to no team.
    zones: BTreeMap<&'a PersonId, &'a Zone>,
}

impl<'a> Served<'a> {
    fn over(coverage: &'a Coverage, teams: &[(&'a TeamId, &'a Team)], window: Interval) -> Served<'a> {
        let mut served = Served::default();
        for (id, team) in teams {
            let Some(zone) = coverage.zones.get(&team.timezone) else { continue };
            let Some(line) = coverage.timeline(id) else { continue };
            let free = holidays(coverage, team, zone, window);
            for span in line.from(window.from).iter().filter(|span| span.from < window.until) {
                let interval = Interval { from: span.from, until: span.until }.common(window);
                for person in span.on_call.values().flat_map(|line| line.iter()) {
                    served.on_call.entry(person).or_default().push(interval);
                    let on_holidays = free.iter().map(|day| day.common(interval));
                    let on_holidays = on_holidays.filter(|part| !part.is_empty());
                    served.on_holidays.entry(person).or_default().extend(on_holidays);
                    served.zones.entry(person).or_insert(zone);
                }
            }
        }
        served
    }

    /// On whichever lines, each instant is counted once.
    fn of(&mut self, coverage: &Coverage, person: &PersonId) -> Carried {
        let on_call = union(self.on_call.remove(person).unwrap_or_default());
        let on_holidays = union(self.on_holidays.remove(person).unwrap_or_default());
        let own = coverage.organisation.people.get(person).and_then(|person| person.timezone.as_ref());
        let home = || home(&coverage.organisation, person).map(|team| &team.timezone);
        let zone = own.or_else(home).and_then(|zone| coverage.zones.get(zone));
        let zone = zone.or_else(|| self.zones.get(person).copied());
        let within = |parts: fn(&Zone, NaiveDate) -> Option<Interval>| -> TimeDelta {
            let Some(zone) = zone else { return TimeDelta::zero() };
            let of_day = |interval: &Interval, date| parts(zone, date).map(|part| part.common(*interval));
            let all = on_call.iter().flat_map(|interval| {
                days(zone, *interval).filter_map(|date| of_day(interval, date)).collect::<Vec<_>>()
            });
            all.filter(|part| !part.is_empty()).map(|part| part.until - part.from).sum()
        };
        Carried {
            person: person.clone(),
            on_call: lasts(&on_call),
            night: within(night),
            weekend: within(weekend),
            holiday: lasts(&on_holidays),
            pages: [0; 3],
            rests_interrupted: 0,
        }
    }
}

/// The first team that somebody belongs to, or takes turns in.
fn home<'o>(org: &'o Organisation, person: &PersonId) -> Option<&'o Team> {
    org.teams.values().find(|team| {
        let takes_turns =
            || team.rotations.iter().any(|turns| turns.members.iter().flatten().any(|p| p == person));
        team.members.contains(person) || takes_turns()
    })
}

fn lasts(union: &[Interval]) -> TimeDelta {
    union.iter().map(|interval| interval.until - interval.from).sum()
}

/// The whole days on which a team's calendars close it.
fn holidays(coverage: &Coverage, team: &Team, zone: &Zone, window: Interval) -> Vec<Interval> {
    if team.holidays.is_empty() {
        return Vec::new();
    }
    let closed = |date: &NaiveDate| {
        holiday(&coverage.organisation, team, *date).is_some_and(|holiday| holiday.open.is_none())
    };
    days(zone, window).filter(closed).filter_map(|date| day(zone, date)).collect()
}

/// The local dates that an interval touches, and the one before.
fn days(zone: &Zone, interval: Interval) -> impl Iterator<Item = NaiveDate> {
    let (first, last) = (zone.local(interval.from).date(), zone.local(interval.until).date());
    let first = first.pred_opt().unwrap_or(first);
    first.iter_days().take_while(move |date| *date <= last)
}

fn day(zone: &Zone, date: NaiveDate) -> Option<Interval> {
    let start = |date: NaiveDate| zone.start(date.and_time(NaiveTime::MIN));
    Some(Interval { from: start(date), until: start(date.succ_opt()?) })
}

/// The night that begins on a date.
fn night(zone: &Zone, date: NaiveDate) -> Option<Interval> {
    let from = zone.start(date.and_hms_opt(NIGHT.0, 0, 0)?);
    Some(Interval { from, until: zone.end(date.succ_opt()?.and_hms_opt(NIGHT.1, 0, 0)?) })
}

/// A Saturday or Sunday.
fn weekend(zone: &Zone, date: NaiveDate) -> Option<Interval> {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun).then(|| day(zone, date)).flatten()
}
