//! Random organisations at random instants: the product against the oracle. A failure prints the organisation in words
//! and how to see it again: `SEED=7421 CASES=1 cargo test --test it random_organisations`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Offset, TimeDelta, TimeZone, Utc};
use fastrand::Rng;
use meridian::coverage::{Coverage, DayChanges, Span, Timeline};
use meridian::schedule::{Organisation, PersonId, TeamId, ZoneName};
use meridian::zone::Zones;

use super::oracle::{AtWork, World, at_work};
use super::words;

/// Places and days on which clocks do remarkable things, and some on which they do nothing.
const SCENES: &[(&str, &str)] = &[
    ("Africa/Cairo", "2026-04-24"),
    ("Africa/Cairo", "2026-10-30"),
    ("Africa/Casablanca", "2026-02-15"),
    ("Africa/Casablanca", "2026-03-22"),
    ("Africa/Casablanca", "2026-09-20"),
    ("America/Asuncion", "2024-03-24"),
    ("America/Asuncion", "2024-10-06"),
    ("America/Havana", "2026-03-08"),
    ("America/Havana", "2026-11-01"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("America/Santiago", "2026-04-05"),
    ("America/Santiago", "2026-09-06"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/St_Johns", "2010-03-14"),
    ("America/St_Johns", "2010-11-07"),
    ("America/Vancouver", "2026-11-01"),
    ("Antarctica/Troll", "2026-03-29"),
    ("Antarctica/Troll", "2026-10-25"),
    ("Asia/Beirut", "2026-03-29"),
    ("Asia/Beirut", "2026-10-25"),
    ("Asia/Gaza", "2026-03-28"),
    ("Asia/Gaza", "2026-10-24"),
    ("Asia/Kathmandu", "2026-12-31"),
    ("Asia/Kolkata", "2028-02-29"),
    ("Atlantic/Azores", "2026-03-29"),
    ("Atlantic/Azores", "2026-10-25"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Europe/Stockholm", "2026-03-29"),
    ("Europe/Stockholm", "2026-10-25"),
    ("Pacific/Apia", "2011-12-30"),
    ("Pacific/Chatham", "2026-04-05"),
    ("Pacific/Chatham", "2026-09-27"),
    ("Pacific/Kiritimati", "1995-01-01"),
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

const PEOPLE: &[&str] = &["anna", "bjorn", "chloe", "dmitri", "eva", "farid"];

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
struct Worlds {
    sources: Vec<(Arc<Zones>, World)>,
}

impl Worlds {
    fn new() -> Worlds {
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
    let (scene, text) = organisation(&mut rng);
    let (zones, world) = &worlds.sources[usize::from(rng.u8(..4) == 0)];
    let organisation = Arc::new(words::organisation(&text));
    let compile = |from, until| {
        Coverage::compile(organisation.clone(), zones.clone(), Arc::new(DayChanges::default()), from, until)
    };
    let noon = scene.and_hms_opt(12, 0, 0).unwrap().and_utc();
    let (from, until) = (noon - TimeDelta::days(9), noon + TimeDelta::days(9));
    let coverage = compile(from, until);
    let half = from + TimeDelta::minutes(rng.i64(0..18 * 24 * 60));
    let halves = [compile(from, half), compile(half, until)];
    for team in organisation.teams.keys() {
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
        }
    }
    Ok(())
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

/// An organisation in words, and the day around which it is to be looked at.
fn organisation(rng: &mut Rng) -> (NaiveDate, String) {
    let (zone, scene) = *rng.choice(SCENES).unwrap();
    let scene: NaiveDate = scene.parse().unwrap();
    let mut text = String::new();
    for (team, zone) in [("north", zone), ("south", rng.choice(SCENES).unwrap().0)] {
        writeln!(text, "team {team} in {zone}: {}", some(rng, 1..6, " ")).unwrap();
        for _ in 0..rng.usize(..4) {
            let by = if rng.u8(..3) == 0 { format!(" by {}", some(rng, 0..4, " ")) } else { String::new() };
            writeln!(text, "hours {} {}{by}", days(rng), from_to(rng)).unwrap();
        }
        for _ in 0..rng.usize(..5) {
            writeln!(text, "{}", rotation(rng, scene)).unwrap();
        }
        for _ in 0..rng.usize(..7) {
            writeln!(text, "{}", override_(rng, team, scene)).unwrap();
        }
    }
    for _ in 0..rng.usize(..4) {
        let calendar = rng.choice(["holiday", "holiday2"]).unwrap();
        let open = if rng.bool() { format!(" {}", from_to(rng)) } else { String::new() };
        writeln!(text, "{calendar} {}{open}", day(rng, scene)).unwrap();
    }
    for _ in 0..rng.usize(..8) {
        let who = rng.choice(PEOPLE).unwrap();
        writeln!(text, "leave {who} {}", when(rng, scene)).unwrap();
    }
    (scene, text)
}

fn rotation(rng: &mut Rng, scene: NaiveDate) -> String {
    let line = rng.choice(["primary", "primary", "secondary"]).unwrap();
    let mut text = format!("rotation {line}@{}", rng.u8(..3));
    match rng.u8(..5) {
        0 => text += " outside-hours",
        1 => text += " within-hours",
        2 => {
            for _ in 0..rng.usize(1..3) {
                write!(text, " during {} {}", days(rng), from_to(rng)).unwrap();
            }
        }
        _ => (),
    }
    let ago = match rng.u8(..10) {
        0 => rng.u64(..400),
        _ => rng.u64(..40),
    };
    let starts = scene + Days::new(5) - Days::new(ago);
    let every = match rng.u8(..6) {
        0 => "day",
        1 | 2 => "week",
        3 => "month",
        _ => rng.choice(RULES).unwrap(),
    };
    write!(text, " from {starts}T{} every {every}", rng.choice(TIMES).unwrap()).unwrap();
    if rng.u8(..3) == 0 {
        write!(text, " lasts {}h", rng.choice([1, 2, 8, 12, 24, 36, 200]).unwrap()).unwrap();
    }
    if rng.u8(..5) == 0 {
        write!(text, " until {}T{}", day(rng, scene), rng.choice(TIMES).unwrap()).unwrap();
    }
    if rng.u8(..4) == 0 {
        write!(text, " in {}", rng.choice(SCENES).unwrap().0).unwrap();
    }
    let entries: Vec<String> = (0..rng.usize(1..5)).map(|_| some(rng, 1..3, "+")).collect();
    text + ": " + &entries.join(", ")
}

fn override_(rng: &mut Rng, team: &str, scene: NaiveDate) -> String {
    let scope = rng.choice(["everything", "hours", "primary", "primary", "secondary"]).unwrap();
    let mut text = format!("override {team} {scope} {}:", when(rng, scene));
    if rng.u8(..5) == 0 {
        return text + " only " + &some(rng, 0..3, " ");
    }
    for _ in 0..rng.usize(..4) {
        write!(text, " {}={}", rng.choice(PEOPLE).unwrap(), rng.choice(PEOPLE).unwrap()).unwrap();
    }
    for _ in 0..rng.usize(..2) {
        write!(text, " -{}", rng.choice(PEOPLE).unwrap()).unwrap();
    }
    if rng.u8(..3) == 0 || text.ends_with(':') {
        write!(text, " +{}", rng.choice(PEOPLE).unwrap()).unwrap();
    }
    text
}

fn some(rng: &mut Rng, how_many: std::ops::Range<usize>, between: &str) -> String {
    let how_many = rng.usize(how_many);
    rng.choose_multiple(PEOPLE.iter().copied(), how_many).join(between)
}

fn days(rng: &mut Rng) -> &'static str {
    rng.choice(["daily", "mon-fri", "sat-sun", "sun", "fri", "mon,wed,sat"]).unwrap()
}

fn from_to(rng: &mut Rng) -> String {
    let to = if rng.u8(..6) == 0 { &"24:00" } else { rng.choice(TIMES).unwrap() };
    format!("{}-{to}", rng.choice(TIMES).unwrap())
}

fn day(rng: &mut Rng, scene: NaiveDate) -> NaiveDate {
    let off = if rng.bool() { rng.u64(4..7) } else { rng.u64(..11) };
    scene - Days::new(5) + Days::new(off)
}

/// `FROM .. TO` of leave or of an override.
fn when(rng: &mut Rng, scene: NaiveDate) -> String {
    let (one, other) = (day(rng, scene), day(rng, scene));
    let mut moment = |date: NaiveDate| match rng.u8(..3) {
        0 => date.to_string(),
        1 => format!("{date}T{}", rng.choice(TIMES).unwrap()),
        _ => format!("{date}T{}:00Z", rng.choice(TIMES).unwrap()),
    };
    format!("{} .. {}", moment(one.min(other)), moment(one.max(other)))
}
