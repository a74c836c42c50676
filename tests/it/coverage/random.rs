//! Random organisations at random instants: the product against the oracle. A failure prints the organisation in words
//! and how to see it again: `SEED=7421 CASES=1 cargo test --test it random_organisations`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use fastrand::Rng;
use meridian::coverage::{Coverage, DayChanges, Span, Timeline};
use meridian::schedule::{BusinessHoursId, Organisation, PersonId, TeamId, ZoneName};
use meridian::zone::Zones;

use super::oracle::{AtWork, World, at_work};
use super::words;

/// Places, and local times that their clocks show twice or never; and some places where clocks do nothing.
pub const SCENES: &[(&str, &str)] = &[
    ("Africa/Cairo", "2026-04-24T00:30"),
    ("Africa/Cairo", "2026-10-29T23:30"),
    ("Africa/Casablanca", "2026-02-15T02:30"),
    ("Africa/Casablanca", "2026-03-22T02:30"),
    ("Africa/Casablanca", "2026-09-20T02:30"),
    ("America/Asuncion", "2024-03-23T23:30"),
    ("America/Asuncion", "2024-10-06T00:30"),
    ("America/Havana", "2026-03-08T00:30"),
    ("America/Havana", "2026-11-01T00:30"),
    ("America/New_York", "2026-03-08T02:30"),
    ("America/New_York", "2026-11-01T01:30"),
    ("America/Santiago", "2026-04-04T23:30"),
    ("America/Santiago", "2026-09-06T00:30"),
    ("America/Sao_Paulo", "2018-02-17T23:30"),
    ("America/Sao_Paulo", "2018-11-04T00:30"),
    ("America/St_Johns", "2010-03-14T00:30"),
    ("America/St_Johns", "2010-11-06T23:30"),
    ("America/Vancouver", "2026-11-01T01:30"),
    ("Antarctica/Troll", "2026-03-29T02:00"),
    ("Antarctica/Troll", "2026-10-25T02:00"),
    ("Asia/Beirut", "2026-03-29T00:30"),
    ("Asia/Beirut", "2026-10-24T23:30"),
    ("Asia/Gaza", "2026-03-28T02:30"),
    ("Asia/Gaza", "2026-10-24T01:30"),
    ("Asia/Kathmandu", "2026-12-31T00:00"),
    ("Asia/Kolkata", "2028-02-29T00:00"),
    ("Atlantic/Azores", "2026-03-29T00:30"),
    ("Atlantic/Azores", "2026-10-25T00:30"),
    ("Australia/Lord_Howe", "2026-04-05T01:45"),
    ("Australia/Lord_Howe", "2026-10-04T02:15"),
    ("Europe/Stockholm", "2026-03-29T02:30"),
    ("Europe/Stockholm", "2026-10-25T02:30"),
    ("Pacific/Apia", "2011-12-30T12:00"),
    ("Pacific/Chatham", "2026-04-05T03:00"),
    ("Pacific/Chatham", "2026-09-27T03:00"),
    ("Pacific/Kiritimati", "1994-12-31T12:00"),
];

const RULES: &[&str] = &[
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=DAILY;BYHOUR=1,2,3",
    "FREQ=HOURLY",
    "FREQ=HOURLY;INTERVAL=7",
    "FREQ=HOURLY;INTERVAL=6;BYDAY=MO,SU",
    "FREQ=MONTHLY;BYDAY=1MO",
    "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=WEEKLY;INTERVAL=2",
    "FREQ=WEEKLY;BYDAY=MO,TH",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU,SA",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
    "FREQ=WEEKLY;BYDAY=FR,SU;BYHOUR=0,2,18",
];

const TIMES: &[&str] = &[
    "00:00", "00:00", "00:30", "01:00", "01:30", "02:00", "02:15", "02:30", "02:45", "03:00", "08:00",
    "09:00", "12:00", "17:00", "22:00", "23:30",
];

pub const PEOPLE: &[&str] = &["anna", "bjorn", "chloe", "dmitri", "eva", "farid"];

#[test]
fn random_organisations_agree_with_the_oracle_at_random_instants() {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let seed = number("SEED").unwrap_or_else(|| fastrand::u64(..1 << 32));
    let worlds = Worlds::new();
    for seed in seed..seed + number("CASES").unwrap_or(150) {
        if let Err(difference) = agrees(seed, &worlds) {
            panic!(
                "{difference}\nsee it again: SEED={seed} CASES=1 cargo test --test it random_organisations"
            );
        }
    }
}

/// Zone data of both sources, each with an oracle's world that shares it.
pub struct Worlds {
    pub sources: Vec<(Arc<Zones>, World)>,
}

impl Worlds {
    pub fn new() -> Worlds {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/zones/2026f");
        let names = SCENES.iter().map(|(zone, _)| ZoneName::from(*zone)).collect();
        let zones = Arc::new(Zones::load(Some(&folder), &names).unwrap());
        assert_eq!(zones.tzif.len(), names.len());
        let files: RefCell<HashMap<ZoneName, jiff::tz::TimeZone>> = RefCell::default();
        let from_files = move |zone: &ZoneName, seconds| {
            let mut files = files.borrow_mut();
            let zone = files.entry(zone.clone()).or_insert_with(|| {
                let bytes = std::fs::read(folder.join(zone.as_str())).unwrap();
                jiff::tz::TimeZone::tzif(zone.as_str(), &bytes).unwrap()
            });
            zone.to_offset(jiff::Timestamp::from_second(seconds).unwrap()).seconds()
        };
        let embedded = |zone: &ZoneName, seconds| {
            let zone: chrono_tz::Tz = zone.as_str().parse().unwrap();
            let at = DateTime::<Utc>::from_timestamp(seconds, 0).unwrap().naive_utc();
            zone.offset_from_utc_datetime(&at).fix().local_minus_utc()
        };
        let nothing_read = Arc::new(Zones::default());
        Worlds { sources: vec![(zones, World::new(from_files)), (nothing_read, World::new(embedded))] }
    }
}

fn agrees(seed: u64, worlds: &Worlds) -> Result<(), String> {
    let mut rng = Rng::with_seed(seed);
    let (zone, scene) = *rng.choice(SCENES).unwrap();
    let mut writer = Writer { rng: rng.fork(), zone, scene: words::local(scene) };
    let text = writer.organisation();
    let (zones, world) = &worlds.sources[usize::from(rng.u8(..4) == 0)];
    let organisation = Arc::new(words::with_business_hours(words::organisation(&text)));
    let compile = |from, until| {
        Coverage::compile(organisation.clone(), zones.clone(), Arc::new(DayChanges::default()), from, until)
    };
    let middle = writer.scene.and_utc();
    let (from, until) = (middle - TimeDelta::days(9), middle + TimeDelta::days(9));
    let coverage = compile(from, until);
    let half = from + TimeDelta::minutes(rng.i64(0..18 * 24 * 60));
    let halves = [compile(from, half), compile(half, until)];
    let of_the_day = changed_during_the_day(&organisation, zones, from, until);
    for team in organisation.teams.keys() {
        if of_the_day.timeline(team) != coverage.timeline(team) {
            return Err(format!("{text}\n{team} differs if leave and overrides come during the day"));
        }
        let timeline = coverage.timeline(team).unwrap();
        let spans = timeline.spans();
        let tiles = spans.first().is_none_or(|first| first.from == from)
            && spans.last().is_none_or(|last| last.until == until)
            && spans.windows(2).all(|two| two[0].until == two[1].from)
            && spans.windows(2).all(|two| words::service(&two[0]) != words::service(&two[1]));
        if !tiles {
            return Err(format!("{text}\n{team} does not tile its window: {spans:#?}"));
        }
        let [early, late] =
            [&halves[0], &halves[1]].map(|part| part.timeline(team).unwrap().spans().to_vec());
        if timeline.window(from, half) != early || timeline.window(half, until) != late {
            return Err(format!("{text}\n{team} compiled in two parts at {half} differs from the whole"));
        }
        for at in instants(&mut rng, timeline, from, until) {
            let span = timeline.at(at).ok_or(format!("{text}\nno span of {team} holds {at}"))?;
            let expected = at_work(world, &organisation, team, at);
            if told(span) != expected {
                return Err(difference(&text, zones, &organisation, team, at, span, &expected));
            }
            let hours = BusinessHoursId::from(team.as_str());
            let minute = coverage.open_between(&hours, at, at + TimeDelta::minutes(1));
            if minute != TimeDelta::minutes(i64::from(expected.open)) {
                return Err(format!(
                    "{text}\nthe business hours of {team} at {at}: {minute}, not {expected:?}"
                ));
            }
        }
        business_hours_are_as_the_teams(&mut rng, &coverage, team)
            .map_err(|what| format!("{text}\n{what}"))?;
    }
    Ok(())
}

/// How much of any window is open, and when so much will have been, within what is compiled and beyond it.
fn business_hours_are_as_the_teams(rng: &mut Rng, coverage: &Coverage, team: &TeamId) -> Result<(), String> {
    let hours = BusinessHoursId::from(team.as_str());
    for _ in 0..4 {
        let from = coverage.from + TimeDelta::minutes(rng.i64(-3_000..24_000));
        let lasts = TimeDelta::minutes(rng.i64(0..6_000));
        let of_both = [
            coverage.open_between(team, from, from + lasts),
            coverage.open_between(&hours, from, from + lasts),
        ];
        let due = [coverage.after_open(team, from, lasts), coverage.after_open(&hours, from, lasts)];
        if of_both[0] != of_both[1] || due[0] != due[1] {
            return Err(format!("{team} and business hours like its own, from {from}: {of_both:?}, {due:?}"));
        }
    }
    Ok(())
}

/// The same coverage, to which leave and overrides came one after the other as changes of the day.
fn changed_during_the_day(
    organisation: &Organisation,
    zones: &Arc<Zones>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Coverage {
    let mut planned = organisation.clone();
    let mut changes = DayChanges {
        leave: std::mem::take(&mut planned.leave),
        overrides: std::mem::take(&mut planned.overrides),
    };
    let leave_only = DayChanges { leave: changes.leave.clone(), overrides: Vec::new() };
    let coverage = Coverage::compile(planned.into(), zones.clone(), Arc::default(), from, until);
    let coverage = coverage.with_changes(Arc::new(leave_only));
    // Their order in the list means nothing.
    changes.overrides.reverse();
    coverage.with_changes(Arc::new(changes))
}

fn told(span: &Span) -> AtWork {
    let people = |people: &[PersonId]| people.iter().cloned().collect();
    AtWork {
        open: span.open,
        working: people(&span.working),
        on_call: span.on_call.iter().map(|(line, who)| (line.clone(), people(who))).collect(),
    }
}

fn difference(
    text: &str,
    zones: &Zones,
    organisation: &Organisation,
    team: &TeamId,
    at: DateTime<Utc>,
    span: &Span,
    expected: &AtWork,
) -> String {
    let zone = zones.get(&organisation.teams[team].timezone).unwrap();
    let local = zone.local_with_offset(at).format("%a %Y-%m-%d %H:%M%:z");
    format!("{text}\n{team} at {at} = {local}\ncompiled: {:?}\n  oracle: {expected:?}", told(span))
}

/// Minutes of the window: borders of spans and the minutes before them, clock changes, and any others.
fn instants(
    rng: &mut Rng,
    timeline: &Timeline,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let minute = TimeDelta::minutes(1);
    let middle = from + (until - from) / 2;
    let mut instants = Vec::new();
    for _ in 0..6 {
        let border = rng.choice(timeline.spans()).map_or(from, |span| span.from);
        instants.extend([border - minute, border]);
    }
    // Clocks change around the middle of the window.
    instants.extend((0..6).map(|_| middle + TimeDelta::minutes(5 * rng.i64(-400..400))));
    instants.extend((0..4).map(|_| from + TimeDelta::minutes(rng.i64(0..18 * 24 * 60))));
    instants.retain(|at| from <= *at && *at < until);
    instants
}

/// Makes up an organisation around a scene.
pub struct Writer {
    pub rng: Rng,
    pub zone: &'static str,
    pub scene: NaiveDateTime,
}

impl Writer {
    pub fn organisation(&mut self) -> String {
        let mut text = String::new();
        for (team, zone) in [("north", self.zone), ("south", self.zone())] {
            writeln!(text, "team {team} in {zone}: {}", self.some(1..6, " ")).unwrap();
            for _ in 0..self.rng.usize(..4) {
                let members = self.some(0..4, " ");
                let by = if self.one_in(3) { format!(" by {members}") } else { String::new() };
                writeln!(text, "hours {} {}{by}", self.days(), self.times()).unwrap();
            }
            for _ in 0..self.rng.usize(..5) {
                writeln!(text, "{}", self.rotation()).unwrap();
            }
            for _ in 0..self.rng.usize(..7) {
                writeln!(text, "{}", self.override_(team)).unwrap();
            }
        }
        for _ in 0..self.rng.usize(..4) {
            let calendar = self.rng.choice(["holiday", "holiday2"]).unwrap();
            let open = if self.rng.bool() { format!(" {}", self.times()) } else { String::new() };
            writeln!(text, "{calendar} {}{open}", self.day()).unwrap();
        }
        for _ in 0..self.rng.usize(..10) {
            writeln!(text, "leave {} {}", self.person(), self.when()).unwrap();
        }
        text
    }

    fn rotation(&mut self) -> String {
        let line = self.rng.choice(["primary", "primary", "secondary"]).unwrap();
        let mut text = format!("rotation {line}@{}", self.rng.u8(..3));
        match self.rng.u8(..5) {
            0 => text += " outside-hours",
            1 => text += " within-hours",
            2 => {
                for _ in 0..self.rng.usize(1..3) {
                    write!(text, " during {} {}", self.days(), self.times()).unwrap();
                }
            }
            _ => (),
        }
        let ago = match self.rng.u8(..10) {
            0 => self.rng.u64(..400),
            // The eve of the scene.
            1 => 6,
            _ => self.rng.u64(..40),
        };
        let starts = self.scene.date() + Days::new(5) - Days::new(ago);
        let every = match self.rng.u8(..6) {
            0 => "day",
            1 | 2 => "week",
            3 => "month",
            _ => self.rng.choice(RULES).unwrap(),
        };
        write!(text, " from {starts}T{} every {every}", self.time()).unwrap();
        if self.one_in(3) {
            write!(text, " lasts {}h", self.rng.choice([1, 2, 8, 12, 24, 24, 36, 48, 200]).unwrap()).unwrap();
        }
        if self.one_in(4) {
            write!(text, " until {}T{}", self.day(), self.time()).unwrap();
        }
        if self.one_in(4) {
            write!(text, " in {}", self.zone()).unwrap();
        }
        let entries: Vec<String> = (0..self.rng.usize(1..5)).map(|_| self.some(1..3, "+")).collect();
        text + ": " + &entries.join(", ")
    }

    fn override_(&mut self, team: &str) -> String {
        let scope = self.rng.choice(["everything", "hours", "primary", "primary", "secondary"]).unwrap();
        let mut text = format!("override {team} {scope} {}:", self.when());
        if self.one_in(5) {
            return text + " only " + &self.some(0..3, " ");
        }
        for _ in 0..self.rng.usize(..4) {
            write!(text, " {}={}", self.person(), self.person()).unwrap();
        }
        for _ in 0..self.rng.usize(..2) {
            write!(text, " -{}", self.person()).unwrap();
        }
        if self.one_in(3) || text.ends_with(':') {
            write!(text, " +{}", self.person()).unwrap();
        }
        text
    }

    /// `FROM .. TO` of leave or of an override.
    fn when(&mut self) -> String {
        let (one, other) = (self.day(), self.day());
        let (from, to) = (one.min(other), one.max(other));
        format!("{} .. {}", self.moment(from), self.moment(to))
    }

    fn moment(&mut self, date: NaiveDate) -> String {
        match self.rng.u8(..4) {
            0 => date.to_string(),
            1 | 2 => format!("{date}T{}", self.time()),
            _ => format!("{date}T{}:00Z", self.time()),
        }
    }

    /// Every other time the scene's own day, else one around it.
    pub fn day(&mut self) -> NaiveDate {
        let off = if self.rng.bool() { 5 } else { self.rng.u64(..11) };
        self.scene.date() - Days::new(5) + Days::new(off)
    }

    fn time(&mut self) -> String {
        if self.one_in(4) {
            return self.scene.format("%H:%M").to_string();
        }
        self.rng.choice(TIMES).unwrap().to_string()
    }

    pub fn times(&mut self) -> String {
        let to = if self.one_in(6) { "24:00".to_owned() } else { self.time() };
        format!("{}-{to}", self.time())
    }

    pub fn days(&mut self) -> &'static str {
        self.rng.choice(["daily", "mon-fri", "sat-sun", "sun", "fri", "mon,wed,sat"]).unwrap()
    }

    pub fn zone(&mut self) -> &'static str {
        self.rng.choice(SCENES).unwrap().0
    }

    fn person(&mut self) -> &'static str {
        self.rng.choice(PEOPLE).unwrap()
    }

    fn some(&mut self, how_many: std::ops::Range<usize>, between: &str) -> String {
        let how_many = self.rng.usize(how_many);
        self.rng.choose_multiple(PEOPLE.iter().copied(), how_many).join(between)
    }

    pub fn one_in(&mut self, many: u8) -> bool {
        self.rng.u8(..many) == 0
    }
}
