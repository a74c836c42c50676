//! What is personal goes, and figures stay.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use meridian::coverage::Coverage;
use meridian::desk::*;
use meridian::report::{Asked, Gathering, Kind, Narrowed};
use meridian::schedule::Customer;
use serde_json::Value;

use crate::cli::run::meridian;
use crate::desk::play::{Played, played};
use crate::report::reports::HOUSE;

type Histories = BTreeMap<TicketId, Vec<Event>>;

fn pseudonym(name: &str) -> String {
    format!("customer-{}", name.len())
}

fn by_age(causes: &[String]) -> Erasure<'_> {
    Erasure { causes, pseudonym: &pseudonym, forgotten: None }
}

const DAY: &str = "
    2026-03-02 09:00  open P2 from acme about billing via email service checkout: Frau Mustermann cannot pay
    09:20  anna acknowledges 1
    09:30  anna notes 1 progress
    10:00  anna escalates 1
    10:30  dave acknowledges 1
    12:00  dave resolves 1
    12:30  monitor scores 1 with 2
";

/// Without what neither a person wrote nor reads: explanations, waits and clocks.
fn lines(history: &[Event]) -> String {
    let mut text = String::new();
    for event in history {
        let mut what = serde_json::to_value(&event.what).unwrap();
        if matches!(event.what, What::WaitsSet { .. } | What::ClocksSet { .. } | What::PathTaken { .. }) {
            continue;
        }
        for dull in ["decision", "offer", "seat", "received", "closes_at", "progress"] {
            what.as_object_mut().unwrap().remove(dull);
        }
        text += &format!("{} {what}\n", event.at.format("%d %H:%M"));
    }
    text
}

#[test]
fn what_people_wrote_is_gone_and_the_rest_can_still_be_read() {
    let played = played(HOUSE, DAY);
    let history = &played.events[&TicketId(1)];
    let left = erase(history, &by_age(&[]), played.until + TimeDelta::days(365)).unwrap();
    assert_snapshot!(lines(&left.history), @r#"
    02 09:00 {"event":"opened","facts":{"category":"billing","customer":"acme","priority":"P2","service":"checkout","title":"(erased)","via":"email"},"priority":"P2"}
    02 09:00 {"event":"offered"}
    02 09:20 {"event":"acknowledged","handoff":null}
    02 09:20 {"clock":"first_response","event":"clock_met","promised_seconds":3600,"spent_milliseconds":1200000}
    02 09:30 {"event":"noted","text":"(erased)"}
    02 10:00 {"event":"escalated","kind":"hierarchical","reason":"(erased)","request":{"by":"anna"}}
    02 10:00 {"event":"offered"}
    02 10:30 {"event":"acknowledged","handoff":null}
    02 12:00 {"cause":null,"event":"resolved","notes":"(erased)"}
    02 12:00 {"clock":"resolution","event":"clock_met","promised_seconds":14400,"spent_milliseconds":10800000}
    02 12:30 {"event":"feedback","score":2,"text":""}
    02 12:30 {"event":"erased"}
    "#);
    assert_eq!(left.ticket.erased_at, Some(played.until + TimeDelta::days(365)));
    assert!(!format!("{:?}", left.ticket).contains("Mustermann"), "{:?}", left.ticket);
    let saved = Saved { wake_at: left.ticket.closes_at, ticket: left.ticket, residency: None };
    let at = AuditedAt { now: played.until, lateness_max: TimeDelta::MAX };
    assert_eq!(audit(&saved, &left.history, at), []);
}

#[test]
fn whoever_is_forgotten_is_a_pseudonym_with_the_region_and_language_that_the_files_gave() {
    let played = played(HOUSE, DAY);
    let known = played.coverage.organisation.customers.values().next().cloned().unwrap();
    let until = played.until;
    let forgotten = Forgotten {
        names: ["acme".to_owned()].into(),
        pseudonym: "forgotten-1".into(),
        until,
        known: Some(known),
    };
    let erasure = Erasure { causes: &[], pseudonym: &pseudonym, forgotten: Some(&forgotten) };
    let history = &played.events[&TicketId(1)];
    assert!(forgotten.is_of(history));
    let opened_at = history[0].at;
    let asked_at = |until| Forgotten { until, ..forgotten.clone() };
    assert!(asked_at(opened_at).is_of(history), "at the same instant");
    assert!(
        !asked_at(opened_at - TimeDelta::milliseconds(1)).is_of(history),
        "what is opened later is not meant"
    );
    let left = erase(history, &erasure, played.until).unwrap();
    assert!(!forgotten.is_of(&left.history), "nothing leads back");
    let text = serde_json::to_string(&left.history).unwrap();
    assert!(!text.to_lowercase().contains("acme"), "{text}");
    let facts = left.ticket.facts;
    assert_eq!(facts.customer, None);
    let Customer { name, region, language, .. } = facts.customer_details.unwrap();
    assert_eq!(
        (name.as_str(), region.unwrap().as_str(), language.unwrap().as_str()),
        ("forgotten-1", "emea", "fr")
    );
}

#[test]
fn a_history_that_cannot_be_true_is_left_alone() {
    let mut history = played(HOUSE, DAY).events.remove(&TicketId(1)).unwrap();
    history.remove(3);
    let flaws = erase(&history, &by_age(&[]), Utc::now()).unwrap_err();
    assert!(matches!(flaws[..], [Flaw::Numbering { .. }, ..]), "{flaws:?}");
    assert_eq!(erase(&[], &by_age(&[]), Utc::now()), Err(vec![Flaw::NoHistory]));
}

/// Every text somebody wrote, or that names somebody outside the house.
fn written(history: &[Event], words: &mut Vec<String>) {
    fn strings(value: &Value, key: &str, words: &mut Vec<String>) {
        const WRITTEN: [&str; 12] = [
            "title",
            "description",
            "text",
            "reason",
            "notes",
            "status",
            "summary",
            "done_so_far",
            "next_action",
            "impact",
            "help_wanted",
            "dedup_key",
        ];
        match value {
            Value::String(text) if WRITTEN.contains(&key) && text.len() > 3 => words.push(text.clone()),
            Value::Array(list) => list.iter().for_each(|value| strings(value, key, words)),
            Value::Object(fields) => fields
                .iter()
                .filter(|(key, _)| !["decision", "holder"].contains(&key.as_str()))
                .for_each(|(key, value)| strings(value, key, words)),
            _ => {}
        }
    }
    for event in history {
        // A reason to be alone is one of ours.
        if !matches!(event.what, What::Parked { .. }) {
            strings(&serde_json::to_value(&event.what).unwrap(), "", words);
        }
    }
}

fn simulated(seed: &str) -> Histories {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::create_dir(path("schedules")).unwrap();
    std::fs::write(path("schedules/org.toml"), HOUSE).unwrap();
    let generated = ["simulate", "--generate", "300", "--days", "40", "--from", "2026-03-02T00:00:00Z"];
    let people = ["--responders", "human", "--seed", seed];
    let files = ["--schedules", &path("schedules"), "--history", &path("history.jsonl"), "--json"];
    let ran = meridian(&[&generated[..], &people[..], &files[..]].concat(), &[]);
    assert_eq!(ran.code, 0, "SEED={seed}: {}", ran.stderr);
    let mut histories = Histories::new();
    for line in std::fs::read_to_string(path("history.jsonl")).unwrap().lines() {
        let event: Event = serde_json::from_str(line).unwrap();
        histories.entry(event.ticket).or_default().push(event);
    }
    histories
}

fn sheets(coverage: &Coverage, histories: &Histories, as_of: DateTime<Utc>) -> Vec<String> {
    let from = "2026-03-02T00:00:00Z".parse().unwrap();
    let until = from + TimeDelta::days(60);
    let sheet = |kind| {
        let asked = Asked { kind, from, until, as_of, narrowed: Narrowed::default(), seen: None };
        let covering = asked.covering(coverage, Some(from)).into_owned();
        let mut gathering = Gathering::new(asked, &covering);
        for history in histories.values() {
            gathering.add(history).unwrap();
        }
        gathering.finish().csv()
    };
    Kind::ALL.into_iter().map(sheet).collect()
}

#[test]
fn every_report_gives_the_same_figures_before_and_after() {
    let Played { coverage, events, .. } = played(HOUSE, DAY);
    let simulated = ["1", "2", "3"].map(|seed| (format!("SEED={seed}"), simulated(seed)));
    let mut told = BTreeSet::new();
    for (case, before) in simulated.into_iter().chain([("one day".to_owned(), events)]) {
        let last = before.values().flatten().map(|event| event.at).max().unwrap();
        let (mut after, mut words) = (before.clone(), Vec::new());
        for history in after.values_mut() {
            let ticket = Ticket::replay(history).unwrap();
            if ticket.live() {
                continue;
            }
            written(history, &mut words);
            let left = erase(history, &by_age(&[]), last + TimeDelta::days(400)).unwrap();
            assert_eq!(left.ticket.state, ticket.state, "{case}");
            *history = left.history;
        }
        for as_of in [last, last + TimeDelta::days(500)] {
            let (said, says) = (sheets(&coverage, &before, as_of), sheets(&coverage, &after, as_of));
            for ((kind, before), after) in Kind::ALL.into_iter().zip(&said).zip(&says) {
                told.extend((before.lines().count() > 1).then_some(kind));
                assert_eq!(before, after, "{case}: {kind}");
            }
        }
        let is_erased = |history: &&Vec<Event>| matches!(history.last().unwrap().what, What::Erased { .. });
        let done: Vec<&Vec<Event>> = after.values().filter(is_erased).collect();
        assert!(words.len() >= done.len() && !done.is_empty(), "{case}: {} texts", words.len());
        let kept: String = done.iter().map(|history| serde_json::to_string(history).unwrap()).collect();
        words.sort();
        words.dedup();
        for word in words {
            let word = serde_json::to_string(&word).unwrap();
            assert!(!kept.contains(&word), "{case}: {word} is still there");
        }
    }
    // No vendor is asked in any of these.
    let silent: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| !told.contains(kind)).collect();
    assert_eq!(silent, [Kind::Vendors], "every other report had something to say");
}
