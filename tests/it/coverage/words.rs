//! Small organisations in a few words, and timelines as a person would print them.
//!
//! ```text
//! team north in Europe/Stockholm: anna bjorn
//! hours mon-fri 08:00-17:00 by anna            (of the team above; `by` is optional)
//! rotation primary@1 outside-hours from 2026-01-05T09:00 every week lasts 8h until 2026-12-31T00:00 in UTC:
//!     anna, bjorn+chloe                         (on one line; all but `from` and `every` is optional)
//! holiday 2026-06-19 / holiday 2026-12-23 08:00-12:00   (a second calendar: `holiday2`)
//! leave anna 2026-12-24 .. 2027-01-02
//! override north primary 2026-12-24T09:00 .. 2026-12-25T09:00: anna=bjorn +dmitri -chloe   (or `only bjorn`)
//! languages fr en                               (of the team above)
//! speaks anna sv en                             (who declares none speaks the house language, en)
//! require fr en mon-fri 09:00-17:00 in Europe/Paris      (of the frontline, all teams' tier; or `require always`)
//! except 2026-12-24 .. 2026-12-26 Christmas     (of the requirement above)
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use meridian::coverage::{Coverage, DayChanges, Span};
use meridian::schedule::*;
use meridian::zone::Zones;

/// The zones of the tests' own folder; each organisation names its own.
pub fn zones(organisation: &Organisation) -> Arc<Zones> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zones/2026f");
    let teams = organisation.teams.values();
    let names = teams.flat_map(|team| {
        team.rotations.iter().map(|rotation| rotation.timezone.clone()).chain([team.timezone.clone()])
    });
    let asked = organisation.requirements.iter().filter_map(|requirement| requirement.when.as_ref());
    let names = names.chain(asked.map(|(_, zone)| zone.clone())).collect();
    Arc::new(Zones::load(Some(&folder), &names).unwrap())
}

pub fn compiled(text: &str, from: &str, until: &str) -> Coverage {
    let organisation = organisation(text);
    let zones = zones(&organisation);
    Coverage::compile(organisation.into(), zones, Arc::new(DayChanges::default()), utc(from), utc(until))
}

/// The first team's timeline, in its own local time.
pub fn timeline(text: &str, from: &str, until: &str) -> String {
    let coverage = compiled(text, from, until);
    let (id, team) = coverage.organisation.teams.first_key_value().unwrap();
    let zone = coverage.zones.get(&team.timezone).unwrap();
    let line = |span: &Span| {
        let from = zone.local_with_offset(span.from).format("%a %m-%d %H:%M%:z");
        format!("{from}  {}\n", service(span))
    };
    coverage.timeline(id).unwrap().spans().iter().map(line).collect()
}

/// `open anna bjorn | primary chloe | secondary -`
pub fn service(span: &Span) -> String {
    let people = |people: &[PersonId]| match people {
        [] => "-".to_owned(),
        people => people.iter().map(PersonId::as_str).collect::<Vec<_>>().join(" "),
    };
    let hours = match span.open {
        true => format!("open {}", people(&span.working)),
        false => "closed".to_owned(),
    };
    assert!(span.open || span.working.is_empty(), "somebody works while the team is closed: {span:?}");
    let lines = span.on_call.iter().map(|(line, who)| format!("{line} {}", people(who)));
    [hours].into_iter().chain(lines).collect::<Vec<_>>().join(" | ")
}

pub fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

pub fn organisation(text: &str) -> Organisation {
    let mut organisation = nobody();
    for (number, line) in text.lines().enumerate() {
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let origin = Origin::File("org.toml".into(), number);
        match word {
            "" => (),
            "team" => add_team(&mut organisation, rest),
            "hours" => {
                let window = hours(rest);
                last_team(&mut organisation).hours.push(window);
            }
            "rotation" => {
                let team = last_team(&mut organisation);
                let rotation = rotation(rest, &team.timezone);
                team.rotations.push(rotation);
            }
            "holiday" | "holiday2" => add_holiday(&mut organisation, word, rest),
            "languages" => {
                last_team(&mut organisation).languages = rest.split(' ').map(Language::from).collect();
            }
            "speaks" => {
                let (who, languages) = rest.split_once(' ').unwrap();
                let speaker = Person {
                    languages: languages.split(' ').map(Language::from).collect(),
                    ..person(&who.into())
                };
                organisation.people.insert(who.into(), speaker);
            }
            "require" => organisation.requirements.push(requirement(origin, rest)),
            "except" => {
                let (from, rest) = rest.split_once(" .. ").unwrap();
                let (to, why) = rest.split_once(' ').unwrap();
                let gap = DeclaredGap { from: moment(from), to: moment(to), why: why.to_owned() };
                organisation.requirements.last_mut().expect("a requirement comes first").except.push(gap);
            }
            "leave" => organisation.leave.push(leave(origin, rest)),
            "override" => organisation.overrides.push(override_(origin, rest)),
            word => panic!("no word {word:?}"),
        }
    }
    for id in everybody(&organisation) {
        organisation.people.entry(id.clone()).or_insert_with(|| person(&id));
    }
    organisation
}

/// For each team business hours under its name that are open as it is.
pub fn with_business_hours(mut organisation: Organisation) -> Organisation {
    for (id, team) in &organisation.teams {
        let hours = team.hours.iter().map(|window| Window { members: None, ..window.clone() }).collect();
        let (timezone, holidays) = (team.timezone.clone(), team.holidays.clone());
        let hours = BusinessHours { timezone, holidays, hours };
        organisation.business_hours.insert(BusinessHoursId::from(id.as_str()), hours);
    }
    organisation
}

pub fn leave(origin: Origin, text: &str) -> Leave {
    let (person, when) = text.split_once(' ').unwrap();
    let (from, to) = when.split_once(" .. ").unwrap();
    Leave { origin, person: person.into(), from: moment(from), to: moment(to) }
}

pub fn override_(origin: Origin, text: &str) -> Override {
    let (when, effect) = text.split_once(": ").unwrap();
    let [team, scope, from, "..", to] = when.split(' ').collect::<Vec<_>>()[..] else { panic!("{text}") };
    let line = match scope {
        "everything" => Scope::Everything,
        "hours" => Scope::Hours,
        line => Scope::Line(line.into()),
    };
    let effect = match effect.strip_prefix("only") {
        Some(people) => Effect::Only(people.split_whitespace().map(PersonId::from).collect()),
        None => change(effect),
    };
    Override { origin, team: team.into(), line, from: moment(from), to: moment(to), effect }
}

fn change(text: &str) -> Effect {
    let (mut cover, mut remove, mut add) = (BTreeMap::new(), Vec::new(), Vec::new());
    for word in text.split_whitespace() {
        if let Some(person) = word.strip_prefix('+') {
            add.push(person.into());
        } else if let Some(person) = word.strip_prefix('-') {
            remove.push(person.into());
        } else {
            let (person, stand_in) = word.split_once('=').unwrap();
            cover.insert(person.into(), stand_in.into());
        }
    }
    Effect::Change { cover, remove, add }
}

fn add_team(organisation: &mut Organisation, text: &str) {
    let (head, members) = text.split_once(':').unwrap();
    let (id, timezone) = head.split_once(" in ").unwrap();
    let team = Team {
        name: id.to_owned(),
        region: "world".into(),
        tier: "frontline".into(),
        timezone: timezone.into(),
        languages: BTreeSet::new(),
        skills: BTreeSet::new(),
        members: members.split_whitespace().map(PersonId::from).collect(),
        lead: None,
        check_before: None,
        capacity: 5,
        assign: Assign::LeastLoaded,
        holidays: vec!["holiday".into(), "holiday2".into()],
        hours: Vec::new(),
        rotations: Vec::new(),
    };
    organisation.teams.insert(id.into(), team);
    // Words that follow speak of this team, so it is remembered by its name.
    organisation.name = id.to_owned();
}

fn last_team(organisation: &mut Organisation) -> &mut Team {
    organisation.teams.get_mut(organisation.name.as_str()).expect("a team comes first")
}

fn add_holiday(organisation: &mut Organisation, calendar: &str, text: &str) {
    let (date, open) = text.split_once(' ').unwrap_or((text, ""));
    let open = (!open.is_empty()).then(|| from_to(open));
    let calendar = organisation.calendars.entry(calendar.into()).or_default();
    calendar.days.insert(date.parse().unwrap(), Holiday { name: "a holiday".into(), open });
}

/// `fr en always`, `mon-fri 09:00-17:00 in Europe/Paris`
fn requirement(origin: Origin, text: &str) -> Requirement {
    let (languages, when) = match text.strip_suffix("always") {
        Some(languages) => (languages, None),
        None => {
            let (text, zone) = text.split_once(" in ").unwrap();
            let (rest, times) = text.rsplit_once(' ').unwrap();
            let (languages, days) = rest.rsplit_once(' ').unwrap_or(("", rest));
            (languages, Some((vec![window(&format!("{days} {times}"))], zone.into())))
        }
    };
    Requirement {
        origin,
        name: text.to_owned(),
        tier: "frontline".into(),
        languages: languages.split_whitespace().map(Language::from).collect(),
        when,
        except: Vec::new(),
    }
}

fn hours(text: &str) -> Window {
    let (text, members) = text.split_once(" by").map_or((text, None), |(text, by)| (text, Some(by)));
    let members = members.map(|members| members.split_whitespace().map(PersonId::from).collect());
    Window { members, ..window(text) }
}

/// `mon-fri 08:00-17:00`, `daily 22:00-06:00`, `mon,wed 09:00-24:00`
fn window(text: &str) -> Window {
    let (days, times) = text.split_once(' ').unwrap();
    let (from, lasts) = from_to(times);
    Window { days: weekdays(days), from, lasts, members: None }
}

fn from_to(text: &str) -> (NaiveTime, TimeDelta) {
    let (from, to) = text.split_once('-').unwrap();
    let minutes = |text: &str| {
        let (hours, minutes) = text.split_once(':').unwrap();
        hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap()
    };
    let lasts = match minutes(to) - minutes(from) {
        lasts if lasts <= 0 => lasts + 24 * 60,
        lasts => lasts,
    };
    (from.parse().unwrap(), TimeDelta::minutes(lasts))
}

fn weekdays(text: &str) -> Vec<Weekday> {
    let week: Vec<Weekday> = (0..7).map(|day| Weekday::try_from(day).unwrap()).collect();
    let place = |text: &str| week.iter().position(|day| text.parse() == Ok(*day)).unwrap();
    if text == "daily" {
        return week;
    }
    let mut days: Vec<Weekday> = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        days.extend(&week[place(first)..=place(last)]);
    }
    days.sort_by_key(Weekday::num_days_from_monday);
    days
}

/// `primary@1 during.. from T every E lasts 8h until T in Z: anna, bjorn+chloe`
fn rotation(text: &str, timezone: &ZoneName) -> Rotation {
    let (head, members) = text.rsplit_once(": ").unwrap();
    let mut words = head.split(' ');
    let line = words.next().unwrap();
    let (line, layer) = line.split_once('@').unwrap_or((line, "0"));
    let mut rotation = Rotation {
        origin: Origin::File("words".into(), 0),
        name: text.to_owned(),
        line: line.into(),
        layer: layer.parse().unwrap(),
        during: During::Always,
        timezone: timezone.clone(),
        starts: NaiveDateTime::MIN,
        every: Every::Week,
        lasts: None,
        until: None,
        members: members.split(", ").map(|entry| entry.split('+').map(PersonId::from).collect()).collect(),
    };
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap();
        match word {
            "outside-hours" => rotation.during = During::OutsideHours,
            "within-hours" => rotation.during = During::WithinHours,
            "during" => {
                let window = window(&format!("{} {}", value(), value()));
                match &mut rotation.during {
                    During::Windows(windows) => windows.push(window),
                    during => *during = During::Windows(vec![window]),
                }
            }
            "from" => rotation.starts = local(value()),
            "until" => rotation.until = Some(local(value())),
            "in" => rotation.timezone = value().into(),
            "lasts" => {
                let hours = value().strip_suffix('h').unwrap();
                rotation.lasts = Some(TimeDelta::hours(hours.parse().unwrap()));
            }
            "every" => {
                rotation.every = match value() {
                    "day" => Every::Day,
                    "week" => Every::Week,
                    "month" => Every::Month,
                    rule => Every::Rule(rule.into()),
                }
            }
            word => panic!("no word {word:?} in rotation {text:?}"),
        }
    }
    rotation
}

fn moment(text: &str) -> Moment {
    if let Ok(date) = text.parse::<NaiveDate>() {
        Moment::Date(date)
    } else if text.ends_with('Z') {
        Moment::Exact(utc(text))
    } else {
        Moment::Local(local(text))
    }
}

pub fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn everybody(organisation: &Organisation) -> BTreeSet<PersonId> {
    let mut people: BTreeSet<PersonId> =
        organisation.leave.iter().map(|leave| leave.person.clone()).collect();
    for team in organisation.teams.values() {
        people.extend(team.members.iter().cloned());
        people.extend(team.hours.iter().flat_map(|window| window.members.iter().flatten()).cloned());
        people.extend(team.rotations.iter().flat_map(|rotation| rotation.members.iter().flatten()).cloned());
    }
    for change in &organisation.overrides {
        match &change.effect {
            Effect::Only(only) => people.extend(only.iter().cloned()),
            Effect::Change { cover, remove, add } => {
                people.extend(cover.keys().chain(cover.values()).chain(remove).chain(add).cloned());
            }
        }
    }
    people
}

fn person(id: &PersonId) -> Person {
    Person {
        name: id.to_string(),
        timezone: None,
        languages: Vec::new(),
        skills: BTreeSet::new(),
        email: None,
        phone: None,
        contact: Vec::new(),
    }
}

/// An organisation without teams.
fn nobody() -> Organisation {
    let rule = PriorityRule {
        acknowledge_within: TimeDelta::minutes(5),
        resolve_within: None,
        when_closed: WhenClosed::Page,
        at_shift_end: AtShiftEnd::HandOver,
        updates: None,
    };
    let region = Region { name: "World".into(), timezone: "UTC".into(), residency: None };
    Organisation {
        messages: Default::default(),
        name: String::new(),
        tiers: vec!["frontline".into()],
        language: "en".into(),
        policy: "standard".into(),
        last_resort: None,
        sla: None,
        substitutes: BTreeMap::new(),
        matrix: [[Priority::P3; 3]; 3],
        raise: Vec::new(),
        priorities: std::array::from_fn(|_| rule.clone()),
        handoff: HandoffRule {
            lead: TimeDelta::minutes(30),
            minimum_remaining: TimeDelta::minutes(45),
            hops_before_review: 3,
            keep_at_most: TimeDelta::days(3),
        },
        closing: ClosingRule::default(),
        check_before: TimeDelta::minutes(30),
        privacy: PrivacyRule::default(),
        regions: BTreeMap::from([("world".into(), region)]),
        teams: BTreeMap::new(),
        people: BTreeMap::new(),
        calendars: BTreeMap::new(),
        business_hours: BTreeMap::new(),
        slas: BTreeMap::new(),
        customers: BTreeMap::new(),
        services: BTreeMap::new(),
        categories: BTreeMap::new(),
        policies: BTreeMap::new(),
        routes: Vec::new(),
        leave: Vec::new(),
        overrides: Vec::new(),
        requirements: Vec::new(),
        subscriptions: Vec::new(),
        vendors: BTreeMap::new(),
    }
}
