//! The sample organisation in `schedules/` keeps what its comments promise.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use meridian::coverage::{Coverage, Span, prove, stand_ins};
use meridian::schedule::{Checked, Files, PersonId, Team, load, parse, stale};

fn files() -> Files {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schedules")).expect("the sample can be read")
}

fn checked() -> Checked {
    parse(&files()).check(&|zone| zone.as_str().parse::<chrono_tz::Tz>().is_ok())
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn coverage(from: &str, until: &str) -> Coverage {
    let organisation = Arc::new(checked().organisation.expect("the sample has no error"));
    Coverage::compile(organisation, Arc::default(), Arc::default(), instant(from), instant(until))
}

/// As far as its calendars reach.
fn whole() -> Coverage {
    coverage("2026-11-22T00:00:00Z", "2027-12-31T00:00:00Z")
}

/// What the teams do that `wanted` chooses, every quarter of an hour.
fn quarters(coverage: &Coverage, wanted: fn(&Team) -> bool) -> impl Iterator<Item = Vec<&Span>> {
    let timelines: Vec<_> = (coverage.organisation.teams.iter())
        .filter(|(_, team)| wanted(team))
        .map(|(id, _)| coverage.timeline(id).expect("every team is compiled"))
        .collect();
    std::iter::successors(Some(coverage.from), |at| Some(*at + TimeDelta::minutes(15)))
        .take_while(|at| *at < coverage.until)
        .map(move |at| timelines.iter().filter_map(|timeline| timeline.at(at)).collect())
}

fn frontline(team: &Team) -> bool {
    team.tier.as_str() == "frontline"
}

fn working<'a>(spans: &[&'a Span]) -> Vec<&'a PersonId> {
    spans.iter().flat_map(|span| span.working.iter()).collect()
}

fn on_call<'a>(spans: &[&'a Span], line: &str) -> Vec<&'a PersonId> {
    spans.iter().filter_map(|span| span.on_call.get(line)).flat_map(|people| people.iter()).collect()
}

#[test]
fn check_finds_nothing() {
    let checked = checked();
    assert_eq!(checked.problems, []);
    let organisation = checked.organisation.expect("the sample has no error");
    assert_eq!(stale(&organisation, &files(), instant("2026-11-22T00:00:00Z")), []);
}

#[test]
fn what_is_required_is_proved_but_for_the_gaps_that_are_declared() {
    // As far as the calendars reach.
    let coverage = whole();
    let mut told = Vec::new();
    for requirement in prove(&coverage, coverage.from, coverage.until).requirements {
        assert_eq!((requirement.uncovered, requirement.needless), (vec![], vec![]), "{}", requirement.name);
        assert!(requirement.asked);
        told.push(format!("{}: {} stretches declared", requirement.name, requirement.declared.len()));
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    someone answers in English, always: 0 stretches declared
    French in French office hours: 0 stretches declared
    Mandarin in Chinese office hours: 10 stretches declared
    Japanese, always: 0 stretches declared
    an incident manager, always: 0 stretches declared
    "#);
}

#[test]
fn bjorn_stands_in_while_anna_is_away() {
    let coverage = whole();
    for one in stand_ins(&coverage, coverage.from, coverage.until) {
        assert_eq!((&one.instead_of[0], &one.who[0]), (&"anna".into(), &"bjorn".into()), "{one:?}");
    }
}

#[test]
fn french_is_answered_in_french_at_work_in_english_at_work_or_by_the_french_line() {
    let coverage = whole();
    let any_speaks = |people: &[&PersonId], language: &str| {
        let people = people.iter().map(|person| &coverage.organisation.people[*person]);
        people.flat_map(|person| &person.languages).any(|known| known.as_str() == language)
    };
    let (mut french, mut english, mut called, mut nobody) = (0, 0, 0, 0);
    for spans in quarters(&coverage, frontline) {
        let at_work = working(&spans);
        if any_speaks(&at_work, "fr") {
            french += 1;
        } else if any_speaks(&at_work, "en") {
            english += 1;
        } else if any_speaks(&on_call(&spans, "french"), "fr") {
            called += 1;
        } else {
            nobody += 1;
        }
    }
    insta::assert_snapshot!(
        format!("quarters of an hour: French {french}, English {english}, called {called}, nobody {nobody}"),
        @"quarters of an hour: French 18144, English 9594, called 11046, nobody 0"
    );
}

#[test]
fn customers_of_the_eu_reach_somebody_of_the_eu_at_any_time() {
    let coverage = whole();
    let of_the_eu = |team: &Team| frontline(team) && team.region.as_str() == "emea";
    let alone = quarters(&coverage, of_the_eu)
        .filter(|spans| working(spans).is_empty() && on_call(spans, "primary").is_empty())
        .count();
    assert_eq!(alone, 0, "quarters of an hour without anybody");
}

#[test]
fn the_frontline_follows_the_sun_when_only_america_has_changed_its_clocks() {
    let coverage = coverage("2027-03-16T20:00:00Z", "2027-03-17T23:00:00Z");
    let mut opening = Vec::new();
    for (id, _) in coverage.organisation.teams.iter().filter(|(_, team)| frontline(team)) {
        let timeline = coverage.timeline(id).expect("every team is compiled");
        let open: Vec<_> = timeline.spans().iter().filter(|span| span.open).collect();
        for shift in open.chunk_by(|a, b| a.until == b.from) {
            let (from, until) = (shift[0].from, shift[shift.len() - 1].until);
            opening
                .push((from, format!("{} to {}  {id}", from.format("%a %H:%M"), until.format("%a %H:%M"))));
        }
    }
    opening.sort();
    let shown: Vec<String> = opening.into_iter().map(|(_, shift)| shift).collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    Tue 20:00 to Tue 20:30  india-frontline
    Tue 20:00 to Tue 22:00  amer-frontline
    Tue 21:00 to Wed 06:00  pacific-frontline
    Wed 01:00 to Wed 10:00  china-frontline
    Wed 03:30 to Wed 20:30  india-frontline
    Wed 07:00 to Wed 16:00  emea-frontline
    Wed 09:30 to Wed 18:30  azores-frontline
    Wed 11:00 to Wed 20:00  brazil-frontline
    Wed 12:00 to Wed 22:00  amer-frontline
    Wed 21:00 to Wed 23:00  pacific-frontline
    ");
}

#[test]
fn calendars_close_on_the_days_people_know() {
    let organisation = checked().organisation.expect("the sample has no error");
    let closing = |day: &str| {
        let date: NaiveDate = day.parse().expect("a date");
        let calendars = organisation.calendars.iter().filter_map(|(id, calendar)| {
            let holiday = calendar.days.get(&date)?;
            Some(format!("{id}{}", if holiday.open.is_some() { " (half)" } else { "" }))
        });
        format!("{day}  {}", calendars.collect::<Vec<_>>().join(", "))
    };
    let days = [
        "2026-11-26",
        "2026-11-27",
        "2026-12-23",
        "2026-12-25",
        "2027-01-01",
        "2027-01-26",
        "2027-02-10",
        "2027-03-26",
        "2027-04-29",
        "2027-05-17",
        "2027-06-25",
        "2027-07-09",
        "2027-07-14",
        "2027-11-20",
    ];
    insta::assert_snapshot!(days.map(closing).join("\n"), @r"
    2026-11-26  us
    2026-11-27  us (half)
    2026-12-23  se (half)
    2026-12-25  au-nsw, br-sp, fr, in-ka, pt-azores, se, us
    2027-01-01  au-nsw, br-sp, cn, fr, jp, pt-azores, se, us
    2027-01-26  au-nsw, in-ka
    2027-02-10  br-sp (half), cn
    2027-03-26  au-nsw, br-sp, in-ka, pt-azores, se
    2027-04-29  jp
    2027-05-17  fr, in-ka, pt-azores
    2027-06-25  se
    2027-07-09  br-sp
    2027-07-14  fr
    2027-11-20  br-sp
    ");
}
