//! The proof against asking minute by minute, over random organisations around clock changes:
//! `SEED=7421 CASES=1 cargo test --test it proof::oracle`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use meridian::coverage::{Coverage, Proved, prove};
use meridian::schedule::{Language, Organisation, Requirement, ZoneName};

use crate::coverage::oracle::{World, asks, excuses};
use crate::coverage::random::{PEOPLE, SCENES, Worlds, Writer};
use crate::coverage::words;

const LANGUAGES: &[&str] = &["en", "fr", "sv"];

#[test]
fn what_is_proved_is_what_one_finds_minute_by_minute() {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let seed = number("SEED").unwrap_or_else(|| fastrand::u64(..1 << 32));
    let worlds = Worlds::new();
    for seed in seed..seed + number("CASES").unwrap_or(60) {
        if let Err(difference) = agrees(seed, &worlds) {
            panic!("{difference}\nsee it again: SEED={seed} CASES=1 cargo test --test it proof::oracle");
        }
    }
}

fn agrees(seed: u64, worlds: &Worlds) -> Result<(), String> {
    let mut rng = Rng::with_seed(seed);
    let (zone, scene) = *rng.choice(SCENES).unwrap();
    let mut writer = Writer { rng: rng.fork(), zone, scene: words::local(scene) };
    let text = format!("{}\n{}", writer.organisation(), requirements(&mut writer));
    let (zones, world) = &worlds.sources[usize::from(rng.u8(..4) == 0)];
    let organisation = Arc::new(words::organisation(&text));
    let (from, until) =
        (writer.scene.and_utc() - TimeDelta::hours(40), writer.scene.and_utc() + TimeDelta::hours(40));
    let coverage = Coverage::compile(organisation.clone(), zones.clone(), Arc::default(), from, until);
    let proof = prove(&coverage, from, until);
    for (requirement, proved) in organisation.requirements.iter().zip(&proof.requirements) {
        let mut at = from;
        while at < until {
            let (expected, found) = (expected(&coverage, world, requirement, at), found(proved, at));
            if expected != found {
                return Err(format!(
                    "{text}\n{:?} at {at}\nproved: {found:?}\noracle: {expected:?}",
                    proved.name
                ));
            }
            at += TimeDelta::minutes(1);
        }
        let nearly = proved.uncovered.iter().map(|gap| gap.nearly.len());
        if nearly.max().is_some_and(|most| most > 5) {
            return Err(format!("{text}\n{:?} tells of more than five", proved.name));
        }
    }
    Ok(())
}

/// What is missing at an instant, and whether it is declared; `None`: nothing, or nothing is asked.
type Missing = Option<(BTreeSet<Language>, bool)>;

fn expected(coverage: &Coverage, world: &World, requirement: &Requirement, at: DateTime<Utc>) -> Missing {
    let utc = ZoneName::from("UTC");
    let zone = requirement.when.as_ref().map_or(&utc, |(_, zone)| zone);
    if requirement.when.as_ref().is_some_and(|(windows, zone)| !asks(world, windows, zone, at)) {
        return None;
    }
    let spoken = spoken(coverage, at);
    let missing: BTreeSet<Language> =
        requirement.languages.iter().filter(|language| !spoken.contains(*language)).cloned().collect();
    let is_met = if requirement.languages.is_empty() { !spoken.is_empty() } else { missing.is_empty() };
    let declared = requirement.except.iter().any(|gap| excuses(world, gap, zone, at));
    (!is_met).then_some((missing, declared))
}

/// By everybody at work anywhere: all teams are of one tier.
fn spoken(coverage: &Coverage, at: DateTime<Utc>) -> BTreeSet<Language> {
    let organisation: &Organisation = &coverage.organisation;
    let mut spoken = BTreeSet::new();
    for (id, team) in &organisation.teams {
        let span = coverage.at(id, at).expect("every team is compiled");
        for person in span.working.iter().chain(span.on_call.values().flat_map(|line| line.iter())) {
            let own = &organisation.people[person].languages;
            spoken.extend(own.iter().chain(&team.languages).cloned());
            if own.is_empty() && team.languages.is_empty() {
                spoken.insert(organisation.language.clone());
            }
        }
    }
    spoken
}

fn found(proved: &Proved, at: DateTime<Utc>) -> Missing {
    let gaps = proved.uncovered.iter().map(|gap| (gap.from, gap.until, &gap.languages, false));
    let declared = proved.declared.iter().map(|gap| (gap.from, gap.until, &gap.languages, true));
    let mut here = gaps.chain(declared).filter(|(from, until, ..)| *from <= at && at < *until);
    let found =
        here.next().map(|(_, _, languages, declared)| (languages.iter().cloned().collect(), declared));
    assert!(here.next().is_none(), "two gaps of {:?} hold {at}", proved.name);
    found
}

fn requirements(writer: &mut Writer) -> String {
    let mut text = String::new();
    for person in PEOPLE {
        if !writer.one_in(3) {
            writeln!(text, "speaks {person} {}", writer.rng.choice(LANGUAGES).unwrap()).unwrap();
        }
    }
    if writer.one_in(4) {
        text += "languages fr\n";
    }
    for _ in 0..3 {
        let how_many = writer.rng.usize(..3);
        let languages = writer.rng.choose_multiple(LANGUAGES, how_many);
        let languages: String = languages.iter().map(|language| format!("{language} ")).collect();
        if writer.one_in(3) {
            writeln!(text, "require {languages}always").unwrap();
        } else {
            let (days, times, zone) = (writer.days(), writer.times(), writer.zone());
            writeln!(text, "require {languages}{days} {times} in {zone}").unwrap();
        }
        if writer.one_in(3) {
            let day = writer.day();
            writeln!(text, "except {day} .. {} a reason", day + chrono::Days::new(writer.rng.u64(..3)))
                .unwrap();
        }
    }
    text
}
