//! A small organisation that follows the sun, and its tickets' days as a person would tell them.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use meridian::api::facts_of_row;
use meridian::desk::{Event, Seat, What};
use meridian::schedule::{self, Files, Organisation};
use meridian::simulate::{self, Format, Habits, Mistake, Opening, Played, Set, Setting};
use meridian::zone::Zones;

/// Stockholm hands over to Boston; specialists sit in Stockholm alone; nobody serves the vendor's tier.
pub const TOWN: &str = r#"
[org]
name = "Town"
tiers = ["frontline", "specialist", "vendor"]
language = "en"
policy = "standard"

[languages]
sv = ["en"]

[priorities.P1]
acknowledge_within = "5m"
[priorities.P2]
acknowledge_within = "15m"
[priorities.P3]
acknowledge_within = "2h"
at_shift_end = "hand-over"

[regions.emea]
name = "Europe"
timezone = "Europe/Stockholm"
[regions.amer]
name = "America"
timezone = "America/New_York"

[customers.acme]
name = "Acme"
region = "emea"

[people]
anna = { name = "Anna", languages = ["sv", "en"] }
bjorn = { name = "Björn", languages = ["sv", "en"] }
carol = { name = "Carol", languages = ["en"] }
sven = { name = "Sven", languages = ["sv", "en"] }

[teams.emea]
name = "Europe"
region = "emea"
tier = "frontline"
members = ["anna", "bjorn"]
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "08:00", to = "17:00" }]
rotations = [{ name = "nights", during = "outside-hours", starts = 2026-01-05T08:00:00, every = "week", members = ["anna", "bjorn"] }]

[teams.amer]
name = "America"
region = "amer"
tier = "frontline"
members = ["carol"]
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "10:00", to = "18:00" }]

[teams.specialists]
name = "Specialists"
region = "emea"
tier = "specialist"
members = ["sven"]
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "09:00", to = "17:00" }]

[policies.standard]
steps = [{ tier = "frontline", call = ["primary"] }, { tier = "specialist" }]
"#;

pub fn town() -> (Arc<Organisation>, Arc<Zones>) {
    let files = Files::from([("org.toml".to_owned(), TOWN.to_owned())]);
    let parsed = schedule::parse(&files);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zones/2026f");
    let zones = Zones::load(Some(&folder), &parsed.zones()).unwrap();
    let checked = parsed.check(&|zone| zones.get(zone).is_some());
    let problems = schedule::render(&checked.problems, &files, false);
    (Arc::new(checked.organisation.unwrap_or_else(|| panic!("{problems}"))), Arc::new(zones))
}

pub fn read(text: &str, format: Format, set: &[Set]) -> Result<Vec<Opening>, Vec<Mistake>> {
    simulate::read(text, format, set, &town().0, &facts_of_row)
}

/// The mistakes of a stream, one a line.
pub fn mistakes(text: &str, format: Format) -> String {
    let found = read(text, format, &[]).expect_err("it has mistakes");
    found.iter().map(|mistake| format!("{mistake}\n")).collect()
}

/// Plays a stream of CSV.
pub fn played(csv: &str, habits: Habits, seed: u64) -> Played {
    let (organisation, zones) = town();
    let openings = read(csv, Format::Csv, &[]).unwrap_or_else(|found| panic!("{found:?}"));
    let run_on = TimeDelta::days(30);
    let setting = Setting { organisation, zones, openings, habits, seed, run_on };
    let played = simulate::play(&setting, &mut |_| {}).expect("there is a ticket");
    assert_eq!(played.violations, [], "SEED={seed}");
    played
}

/// What happened, as it did, by the clock of Stockholm.
pub fn told(played: &Played) -> String {
    let mut events: Vec<&Event> = played.world.kept().events.values().flatten().collect();
    events.sort_by_key(|event| (event.at, event.ticket, event.seq));
    let mut text = String::new();
    for event in events {
        if let Some(words) = words(&event.what) {
            writeln!(text, "{}  {}  {words}", clock(event.at), event.ticket).unwrap();
        }
    }
    text
}

fn clock(at: DateTime<Utc>) -> String {
    let stockholm: chrono_tz::Tz = chrono_tz::Europe::Stockholm;
    at.with_timezone(&stockholm).format("%a %H:%M").to_string()
}

fn words(what: &What) -> Option<String> {
    let seat = |seat: &Seat| format!("{} of {}", seat.person, seat.team);
    Some(match what {
        What::Opened { priority, .. } => format!("opened, {priority}"),
        What::Offered { offer, .. } => {
            let people: Vec<&str> = offer.ask.iter().map(|person| person.as_str()).collect();
            let kind = if offer.is_page() { "paged" } else { "asked" };
            let whom = if people.is_empty() { "whoever is free".into() } else { people.join(", ") };
            format!("{kind}: {whom} of {} ({:?})", offer.team, offer.kind)
        }
        What::Acknowledged { seat: by, .. } => format!("taken by {}", seat(by)),
        What::Escalated { kind, reason, .. } => format!("sent on ({kind:?}): {reason}"),
        What::Parked { until, .. } => format!("parked until {}", clock(*until)),
        What::Queued { team } => format!("in the queue of {team}"),
        What::ShiftEnded { seat: by } => format!("the shift of {} ends", seat(by)),
        What::Kept { seat: by, until } => format!("kept by {} until {}", seat(by), clock(*until)),
        What::Briefed { .. } => "briefing written".into(),
        What::Declined { declined } => format!("declined by {}", seat(&declined.seat)),
        What::Pended { pending, reason } => format!("pending on {:?}: {reason}", pending.on),
        What::Resumed { reason } => format!("resumed: {reason}"),
        What::Resolved { .. } => "resolved".into(),
        What::Reopened { .. } => "reopened".into(),
        _ => return None,
    })
}
