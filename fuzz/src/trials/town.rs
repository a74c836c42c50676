//! What trials stand on: zone data that does not hang on the machine, small organisations, and what must hold of
//! coverage whoever wrote the schedules.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, TimeDelta, Utc};
use meridian::coverage::{Coverage, Span};
use meridian::schedule::{Checked, Files, Organisation, Problem, Severity, ZoneName, parse, render};
use meridian::zone::Zones;

/// Zones with a past: half hours, a skipped day, clocks set at midnight, and a negative summer time.
pub const TZIF: &[(&str, &[u8])] = &[
    ("Africa/Casablanca", include_bytes!("../../../tests/zones/2026f/Africa/Casablanca")),
    ("America/Havana", include_bytes!("../../../tests/zones/2026f/America/Havana")),
    ("America/New_York", include_bytes!("../../../tests/zones/2026f/America/New_York")),
    ("Antarctica/Troll", include_bytes!("../../../tests/zones/2026f/Antarctica/Troll")),
    ("Australia/Lord_Howe", include_bytes!("../../../tests/zones/2026f/Australia/Lord_Howe")),
    ("Europe/Berlin", include_bytes!("../../../tests/zones/2026f/Europe/Berlin")),
    ("Europe/Dublin", include_bytes!("../../../tests/zones/2026f/Europe/Dublin")),
    ("Pacific/Apia", include_bytes!("../../../tests/zones/2026f/Pacific/Apia")),
];

/// Some from files, the rest from the embedded tables.
pub fn zones() -> Arc<Zones> {
    static ZONES: OnceLock<Arc<Zones>> = OnceLock::new();
    let read = || {
        let tzif: BTreeMap<ZoneName, Arc<[u8]>> =
            TZIF.iter().map(|(name, bytes)| (ZoneName::new(name), Arc::from(*bytes))).collect();
        Arc::new(Zones::from_tzif(Some("2026f".to_owned()), tzif).expect("they are sound"))
    };
    ZONES.get_or_init(read).clone()
}

/// Over which clocks are set in Europe; those of America were set twelve days before.
pub fn spring() -> (DateTime<Utc>, DateTime<Utc>) {
    let from: DateTime<Utc> = "2026-03-20T00:00:00Z".parse().expect("an instant");
    (from, from + TimeDelta::days(21))
}

/// Two teams on either side of an ocean with a person of their own each, one that they share, and hours, turns,
/// a residency, a customer and a holiday.
pub const TOWN: &str = r#"
[org]
name = "Town"
tiers = ["frontline", "expert"]
policy = "standard"
last_resort = "dave"

[regions.emea]
timezone = "Europe/Berlin"
residency = "eu"
[regions.amer]
timezone = "America/New_York"

[teams.emea]
name = "Europe"
region = "emea"
tier = "frontline"
members = ["anna", "bjorn"]
languages = ["en", "de"]
holidays = ["feast"]
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "08:00", to = "16:00" }]
[[teams.emea.rotations]]
during = "outside-hours"
starts = 2026-01-05T00:00:00
every = "week"
members = ["anna", "bjorn"]

[teams.amer]
name = "America"
region = "amer"
tier = "frontline"
members = ["carol", "bjorn"]
languages = ["en"]
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "09:00", to = "18:00" }]

[teams.experts]
name = "Experts"
region = "amer"
tier = "expert"
members = ["dave"]
skills = ["network"]
hours = [{ from = "00:00", to = "24:00" }]

[people.anna]
name = "Anna"
languages = ["de", "en"]
contact = ["hook"]
[people.bjorn]
name = "Björn"
[people.carol]
name = "Carol"
skills = ["billing"]
[people.dave]
name = "Dave"

[holidays.feast]
days = [{ date = 2026-03-23, name = "Feast" }]

[customers.acme]
name = "Acme SA"
residency = "eu"
language = "de"

[services.checkout]
owner = "experts"

[policies.standard]
steps = [{ tier = "frontline" }, { tier = "expert" }]
"#;

/// The organisation of files that are known to be sound.
pub fn organisation(text: &str) -> Organisation {
    let files = Files::from([("org.toml".to_owned(), text.to_owned())]);
    let checked = parse(&files).check(&|zone| zones().get(zone).is_some());
    checked.organisation.unwrap_or_else(|| panic!("{}", render(&checked.problems, &files, false)))
}

pub fn town() -> Arc<Organisation> {
    static TOWN_READ: OnceLock<Arc<Organisation>> = OnceLock::new();
    TOWN_READ.get_or_init(|| Arc::new(organisation(TOWN))).clone()
}

/// The town at work, compiled once.
pub fn town_coverage() -> Coverage {
    static COMPILED: OnceLock<Coverage> = OnceLock::new();
    let (from, until) = spring();
    let compile = || Coverage::compile(town(), zones(), Arc::default(), from, until);
    COMPILED.get_or_init(compile).clone()
}

/// Checks files, and that what is said of them can be shown; `None`: they have an error.
pub fn checked(files: &Files) -> Option<Organisation> {
    let zones = zones();
    let Checked { organisation, problems } = parse(files).check(&|zone| zones.get(zone).is_some());
    problems.iter().for_each(|problem| stands_in(problem, files));
    let drawn = render(&problems, files, false);
    assert!(problems.iter().all(|problem| drawn.contains(problem.code)), "not everything is drawn:\n{drawn}");
    render(&problems, files, true);
    let has_errors = problems.iter().any(|problem| problem.severity == Severity::Error);
    assert_eq!(organisation.is_none(), has_errors, "{drawn}");
    organisation
}

/// The place of a problem is one of the text's.
fn stands_in(problem: &Problem, files: &Files) {
    assert!(!problem.message.is_empty(), "{problem:?} says nothing");
    if problem.file.is_empty() {
        assert_eq!((problem.line, problem.column), (0, 0), "{problem:?}");
        return;
    }
    let text = files.get(&problem.file).unwrap_or_else(|| panic!("{problem:?} is in no file"));
    let marked = text.get(problem.span.clone());
    assert!(marked.is_some(), "{problem:?} is not of a text of {} bytes", text.len());
    let before = &text[..problem.span.start];
    let line = before.rsplit('\n').next().unwrap_or_default();
    assert_eq!(problem.line, before.matches('\n').count() + 1, "{problem:?}");
    assert_eq!(problem.column, line.chars().count() + 1, "{problem:?}");
}

/// Spans tile the window, neighbours differ, people are sorted and known.
pub fn tiles(spans: &[Span], organisation: &Organisation, from: DateTime<Utc>, until: DateTime<Utc>) {
    assert_eq!(spans.first().map(|span| span.from), Some(from));
    assert_eq!(spans.last().map(|span| span.until), Some(until));
    for span in spans {
        assert!(span.from < span.until, "{span:?} is empty");
        let everybody = std::iter::once(&span.working).chain(span.on_call.values());
        for people in everybody {
            assert!(people.windows(2).all(|two| two[0] < two[1]), "{people:?} are not in order");
            assert!(people.iter().all(|person| organisation.people.contains_key(person)), "{people:?}");
        }
        assert!(span.open || span.working.is_empty(), "{span:?}: at work in a closed team");
    }
    for two in spans.windows(2) {
        assert_eq!(two[0].until, two[1].from);
        let same = two[0].open == two[1].open
            && two[0].working == two[1].working
            && two[0].on_call == two[1].on_call;
        assert!(!same, "neighbours say the same: {two:?}");
    }
}
