//! Section 2 of the design once more, slow and plain: who is at work at one instant.
//! Written from the rules' words, it shares nothing with the product but the model; it walks days and turns one at a
//! time, and finds a local time by looking at the clock minute by minute. Everything is in whole minutes since 1970.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc, Weekday,
};
use meridian::schedule::*;

type Minute = i64;

#[derive(Debug, PartialEq)]
pub struct AtWork {
    pub open: bool,
    pub working: BTreeSet<PersonId>,
    pub on_call: BTreeMap<LineId, BTreeSet<PersonId>>,
}

/// Seconds east of UTC at a Unix time.
type Offset = Box<dyn Fn(&ZoneName, i64) -> i32>;

/// Clocks on walls all over the world.
pub struct World {
    offset: Offset,
    seen: RefCell<HashMap<(ZoneName, Minute), (Minute, Minute)>>,
}

impl World {
    pub fn new(offset: impl Fn(&ZoneName, i64) -> i32 + 'static) -> World {
        World { offset: Box::new(offset), seen: RefCell::default() }
    }

    fn shows(&self, zone: &ZoneName, at: Minute) -> Minute {
        at + Minute::from((self.offset)(zone, at * 60) / 60)
    }

    /// Rule 2: the first and the last minute at which the clock shows `local`, or twice the end of the gap.
    fn first_and_last(&self, zone: &ZoneName, local: NaiveDateTime) -> (Minute, Minute) {
        let local = local.and_utc().timestamp() / 60;
        if let Some(seen) = self.seen.borrow().get(&(zone.clone(), local)) {
            return *seen;
        }
        // No offset was ever in force for less than a quarter of an hour, so looking that often meets them all.
        let around = || local - 27 * 60..=local + 27 * 60;
        let looks = around().step_by(15).map(|at| self.shows(zone, at) - at);
        let readings: BTreeSet<Minute> = looks.map(|offset| local - offset).collect();
        let mut showing = readings.into_iter().filter(|at| self.shows(zone, *at) == local);
        let found = match showing.next() {
            Some(first) => (first, showing.next_back().unwrap_or(first)),
            None => {
                let end = around().find(|at| self.shows(zone, *at) > local).unwrap();
                (end, end)
            }
        };
        self.seen.borrow_mut().insert((zone.clone(), local), found);
        found
    }

    fn first(&self, zone: &ZoneName, local: NaiveDateTime) -> Minute {
        self.first_and_last(zone, local).0
    }

    fn last(&self, zone: &ZoneName, local: NaiveDateTime) -> Minute {
        self.first_and_last(zone, local).1
    }

    fn date(&self, zone: &ZoneName, at: Minute) -> NaiveDate {
        DateTime::<Utc>::from_timestamp(self.shows(zone, at) * 60, 0).unwrap().date_naive()
    }
}

/// Whether one of the windows of a requirement asks for something.
pub fn asks(world: &World, windows: &[Window], zone: &ZoneName, at: DateTime<Utc>) -> bool {
    let at = at.timestamp().div_euclid(60);
    let today = world.date(zone, at);
    (0..8).map(|back| today + Days::new(2) - Days::new(back)).any(|date| {
        windows.iter().filter(|window| window.days.contains(&date.weekday())).any(|window| {
            let from = date.and_time(window.from);
            world.first(zone, from) <= at && at < world.last(zone, from + window.lasts)
        })
    })
}

/// Whether a declared gap holds; it is as long as it can be read.
pub fn excuses(world: &World, gap: &DeclaredGap, zone: &ZoneName, at: DateTime<Utc>) -> bool {
    let from = match gap.from {
        Moment::Date(date) => world.first(zone, midnight(date)),
        Moment::Local(local) => world.first(zone, local),
        Moment::Exact(at) => at.timestamp() / 60,
    };
    let to = match gap.to {
        Moment::Date(date) => world.last(zone, midnight(date + Days::new(1))),
        Moment::Local(local) => world.last(zone, local),
        Moment::Exact(at) => at.timestamp() / 60,
    };
    let at = at.timestamp().div_euclid(60);
    from <= at && at < to
}

pub fn at_work(world: &World, organisation: &Organisation, team: &TeamId, at: DateTime<Utc>) -> AtWork {
    assert_eq!(at.second(), 0, "the oracle thinks in minutes");
    let question = Question {
        world,
        organisation,
        id: team,
        team: &organisation.teams[team],
        at: at.timestamp().div_euclid(60),
    };
    let lines: BTreeSet<&LineId> = question.team.rotations.iter().map(|rotation| &rotation.line).collect();
    AtWork {
        open: question.is_open(),
        working: question.working(),
        on_call: lines.into_iter().map(|line| (line.clone(), question.on_call(line))).collect(),
    }
}

struct Question<'a> {
    world: &'a World,
    organisation: &'a Organisation,
    id: &'a TeamId,
    team: &'a Team,
    at: Minute,
}

/// Somebody's place in a picture.
#[derive(Clone, Debug)]
struct Post {
    layer: i64,
    rotation: usize,
    person: PersonId,
    /// On leave: not serving, yet to be found by a cover.
    away: bool,
    /// Stands in for the members whose turn it is.
    stands_in: bool,
    /// Taken out by an override: nobody serves here, and nobody fills the gap.
    gap: bool,
}

impl Question<'_> {
    fn is_open(&self) -> bool {
        !self.open_windows().is_empty()
    }

    /// The members of each window that is open.
    fn open_windows(&self) -> Vec<&[PersonId]> {
        let zone = &self.team.timezone;
        let mut open = Vec::new();
        for date in self.dates_around(zone) {
            let windows: Vec<&Window> =
                self.team.hours.iter().filter(|window| window.days.contains(&date.weekday())).collect();
            let marked = |id| self.organisation.calendars.get(id)?.days.get(&date);
            let marks: Vec<&Holiday> = self.team.holidays.iter().filter_map(marked).collect();
            if marks.iter().any(|mark| mark.open.is_none()) {
                continue;
            }
            if let Some((from, lasts)) = marks.first().map(|mark| mark.open.unwrap()) {
                if !windows.is_empty() && self.runs(zone, date.and_time(from), lasts) {
                    open.push(&self.team.members[..]);
                }
                continue;
            }
            for window in windows {
                if self.runs(zone, date.and_time(window.from), window.lasts) {
                    open.push(window.members.as_ref().unwrap_or(&self.team.members));
                }
            }
        }
        open
    }

    fn dates_around(&self, zone: &ZoneName) -> Vec<NaiveDate> {
        let today = self.world.date(zone, self.at);
        (0..8).map(|back| today + Days::new(2) - Days::new(back)).collect()
    }

    fn runs(&self, zone: &ZoneName, from: NaiveDateTime, lasts: TimeDelta) -> bool {
        self.world.first(zone, from) <= self.at && self.at < self.world.last(zone, from + lasts)
    }

    /// Rules 2 and 10: leave is an absence, so its borders are read the other way round.
    fn is_away(&self, person: &PersonId) -> bool {
        let zone = &self.team.timezone;
        self.organisation.leave.iter().filter(|leave| leave.person == *person).any(|leave| {
            let from = match leave.from {
                Moment::Date(date) => self.world.last(zone, midnight(date)),
                Moment::Local(local) => self.world.last(zone, local),
                Moment::Exact(at) => at.timestamp() / 60,
            };
            let to = match leave.to {
                Moment::Date(date) => self.world.first(zone, midnight(date + Days::new(1))),
                Moment::Local(local) => self.world.first(zone, local),
                Moment::Exact(at) => at.timestamp() / 60,
            };
            from <= self.at && self.at < to
        })
    }

    fn working(&self) -> BTreeSet<PersonId> {
        if !self.is_open() {
            return BTreeSet::new();
        }
        let scheduled: BTreeSet<&PersonId> = self.open_windows().into_iter().flatten().collect();
        let posts = scheduled.into_iter().map(|person| self.post(0, 0, person)).collect();
        self.after_overrides(posts, None)
    }

    fn on_call(&self, line: &LineId) -> BTreeSet<PersonId> {
        let mut posts = Vec::new();
        for (number, rotation) in self.team.rotations.iter().enumerate() {
            if rotation.line != *line || !self.serves_now(rotation) {
                continue;
            }
            let Some(turn) = self.turn(rotation) else { continue };
            let entries = rotation.members.len();
            let entry = &rotation.members[turn % entries];
            posts.extend(entry.iter().map(|person| self.post(rotation.layer, number, person)));
            if entry.iter().all(|person| self.is_away(person)) {
                let next = (1..entries).map(|further| &rotation.members[(turn + further) % entries]);
                let next =
                    next.map(|entry| entry.iter().filter(|who| !self.is_away(who)).collect::<Vec<_>>());
                for person in next.into_iter().find(|present| !present.is_empty()).unwrap_or_default() {
                    posts.push(Post { stands_in: true, ..self.post(rotation.layer, number, person) });
                }
            }
        }
        self.after_overrides(posts, Some(line))
    }

    fn post(&self, layer: i64, rotation: usize, person: &PersonId) -> Post {
        let away = self.is_away(person);
        Post { layer, rotation, person: person.clone(), away, stands_in: false, gap: false }
    }

    /// Rule 9 from "then overrides" on; `line` is `None` for the hours.
    fn after_overrides(&self, mut posts: Vec<Post>, line: Option<&LineId>) -> BTreeSet<PersonId> {
        for change in self.overrides_now(line) {
            let everything = change.line == Scope::Everything;
            match &change.effect {
                Effect::Only(people) => posts = people.iter().map(added).collect(),
                Effect::Change { cover, remove, add } => {
                    let before = posts.clone();
                    for post in posts.iter_mut().filter(|post| !post.gap && is_in_picture(post, &before)) {
                        if let Some(stand_in) = cover.get(&post.person) {
                            post.person = stand_in.clone();
                            post.away = false;
                        } else if !post.away && remove.contains(&post.person) {
                            post.gap = true;
                        }
                    }
                    // On call needs a line: one that names none adds to the hours alone.
                    if line.is_none() || !everything {
                        posts.extend(add.iter().map(added));
                    }
                }
            }
        }
        let all = posts.clone();
        let serving = posts.into_iter().filter(|post| !post.away && !post.gap && is_in_picture(post, &all));
        serving.map(|post| post.person).collect()
    }

    fn overrides_now(&self, line: Option<&LineId>) -> Vec<&Override> {
        let zone = &self.team.timezone;
        let from = |change: &Override| match change.from {
            Moment::Date(date) => self.world.first(zone, midnight(date)),
            Moment::Local(local) => self.world.first(zone, local),
            Moment::Exact(at) => at.timestamp() / 60,
        };
        let to = |change: &Override| match change.to {
            Moment::Date(date) => self.world.last(zone, midnight(date + Days::new(1))),
            Moment::Local(local) => self.world.last(zone, local),
            Moment::Exact(at) => at.timestamp() / 60,
        };
        let mut now: Vec<&Override> = self
            .organisation
            .overrides
            .iter()
            .filter(|change| change.team == *self.id)
            .filter(|change| match &change.line {
                Scope::Everything => true,
                Scope::Hours => line.is_none(),
                Scope::Line(one) => line == Some(one),
            })
            .filter(|change| from(change) <= self.at && self.at < to(change))
            .collect();
        now.sort_by_key(|change| (from(change), change.origin.clone()));
        now
    }

    fn serves_now(&self, rotation: &Rotation) -> bool {
        match &rotation.during {
            During::Always => true,
            During::WithinHours => self.is_open(),
            During::OutsideHours => !self.is_open(),
            During::Windows(windows) => self.dates_around(&rotation.timezone).into_iter().any(|date| {
                windows.iter().any(|window| {
                    window.days.contains(&date.weekday())
                        && self.runs(&rotation.timezone, date.and_time(window.from), window.lasts)
                })
            }),
        }
    }

    /// Rules 3 to 5: walks the turns one after the other. `None`: nobody's turn.
    fn turn(&self, rotation: &Rotation) -> Option<usize> {
        let zone = &rotation.timezone;
        let ended = |end: NaiveDateTime| self.at >= self.world.last(zone, end);
        if rotation.until.is_some_and(ended) {
            return None;
        }
        let mut running = None;
        for (turn, local) in Occurrences::new(rotation).enumerate() {
            if self.world.first(zone, local) > self.at {
                break;
            }
            running = Some((turn, local));
        }
        let (turn, local) = running?;
        if rotation.lasts.is_some_and(|lasts| ended(local + lasts)) { None } else { Some(turn) }
    }
}

/// A layer counts unless a higher one serves; stand-ins, unless somebody of the turn is there or was removed.
fn is_in_picture(post: &Post, posts: &[Post]) -> bool {
    let is_held = |of: &Post| posts.iter().any(|p| p.rotation == of.rotation && !p.stands_in && !p.away);
    let occupied = |p: &&Post| !p.away && (!p.stands_in || !is_held(p));
    let higher_serves = posts.iter().filter(occupied).any(|p| p.layer > post.layer && p.rotation != ADDED);
    post.rotation == ADDED || !(higher_serves || post.stands_in && is_held(post))
}

/// The "rotation" of those whom an override put beside the plan.
const ADDED: usize = usize::MAX;

fn added(person: &PersonId) -> Post {
    Post { layer: 0, rotation: ADDED, person: person.clone(), away: false, stands_in: false, gap: false }
}

fn midnight(date: NaiveDate) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN)
}

/// Local times at which turns begin: `starts`, then each that the rule names, found by trying hour after hour.
struct Occurrences<'a> {
    rotation: &'a Rotation,
    rule: BTreeMap<&'a str, &'a str>,
    next: NaiveDateTime,
}

impl<'a> Occurrences<'a> {
    fn new(rotation: &'a Rotation) -> Occurrences<'a> {
        let rule = match &rotation.every {
            Every::Day => "FREQ=DAILY",
            Every::Week => "FREQ=WEEKLY",
            Every::Month => "FREQ=MONTHLY",
            Every::Rule(rule) => rule,
        };
        let rule = rule.split(';').map(|part| part.split_once('=').unwrap()).collect();
        Occurrences { rotation, rule, next: rotation.starts }
    }

    fn names(&self, local: NaiveDateTime) -> bool {
        let starts = self.rotation.starts;
        let part = |name| self.rule.get(name).copied();
        let interval: i64 = part("INTERVAL").map_or(1, |n| n.parse().unwrap());
        let sunday_first = part("WKST") == Some("SU");
        let into_week = |day: Weekday| match sunday_first {
            true => day.num_days_from_sunday(),
            false => day.num_days_from_monday(),
        };
        let week = |date: NaiveDate| date - Days::new(into_week(date.weekday()).into());
        let (from, to) = (starts.date(), local.date());
        let days = to.signed_duration_since(from).num_days();
        let in_step = match part("FREQ").unwrap() {
            "HOURLY" => days * 24 + i64::from(local.hour()) - i64::from(starts.hour()),
            "DAILY" => days,
            "WEEKLY" => week(to).signed_duration_since(week(from)).num_days() / 7,
            "MONTHLY" => {
                i64::from(to.year() - from.year()) * 12 + i64::from(to.month()) - i64::from(from.month())
            }
            frequency => panic!("the oracle does not know {frequency}"),
        } % interval
            == 0;
        let hour = match part("BYHOUR") {
            Some(hours) => hours.split(',').any(|hour| hour.parse() == Ok(local.hour())),
            None => part("FREQ") == Some("HOURLY") || local.hour() == starts.hour(),
        };
        let day = match (part("FREQ"), part("BYDAY"), part("BYMONTHDAY")) {
            (_, None, Some(days)) => days.split(',').any(|day| day.parse() == Ok(to.day())),
            (Some("MONTHLY"), Some(nth), None) => is_nth(to, nth),
            (_, Some(names), None) => names.split(',').any(|name| name == two_letters(to.weekday())),
            (Some("WEEKLY"), None, None) => to.weekday() == from.weekday(),
            (Some("MONTHLY"), None, None) => to.day() == from.day(),
            _ => true,
        };
        in_step && hour && day
    }
}

impl Iterator for Occurrences<'_> {
    type Item = NaiveDateTime;

    fn next(&mut self) -> Option<NaiveDateTime> {
        let found = self.next;
        if found == NaiveDateTime::MAX {
            return None;
        }
        let many_a_day = self.rule["FREQ"] == "HOURLY" || self.rule.contains_key("BYHOUR");
        let step = if many_a_day { 1 } else { 24 };
        // A rule that names nothing for two years names nothing at all.
        let mut later = (1..24 * 800 / step).map(|steps| found + TimeDelta::hours(steps * step));
        self.next = later.find(|local| self.names(*local)).unwrap_or(NaiveDateTime::MAX);
        Some(found)
    }
}

/// `1MO`: the first Monday of its month; `-1FR`: the last Friday.
fn is_nth(date: NaiveDate, nth: &str) -> bool {
    let (number, name) = nth.split_at(nth.len() - 2);
    let month_length = (28..=31).rev().find(|day| date.with_day(*day).is_some()).unwrap();
    let place = match number.parse::<i64>().unwrap() {
        number if number < 0 => -number == i64::from((month_length - date.day()) / 7 + 1),
        number => number == i64::from((date.day() - 1) / 7 + 1),
    };
    place && two_letters(date.weekday()) == name
}

fn two_letters(day: Weekday) -> String {
    day.to_string()[..2].to_uppercase()
}
