//! A stream made up from what an organisation is: its regions, languages, customers, skills, and their hours of the day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, SecondsFormat, TimeDelta, Timelike, Utc};
use fastrand::Rng;
use serde_json::{Map, Value};

use super::chance::{Chance, Delay, Purpose, happens, lognormal, weighted};
use super::rows::Row;
use super::stream::{EFFORT, NEEDS_TIER, OPENED_AT};
use crate::schedule::{Language, Organisation, RegionId, TierId};
use crate::zone::Zones;

/// What a made-up stream is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub tickets: usize,
    pub from: DateTime<Utc>,
    pub lasts: TimeDelta,
    pub seed: u64,
}

/// How likely a priority is.
const PRIORITIES: [(&str, f64); 5] = [("P1", 0.03), ("P2", 0.12), ("P3", 0.40), ("P4", 0.30), ("P5", 0.15)];
const MEDIA: [(&str, f64); 4] = [("email", 0.4), ("portal", 0.35), ("phone", 0.2), ("chat", 0.05)];
/// Each tier solves so much of what the one below it cannot.
const SOLVED_BY_A_TIER: f64 = 0.65;
/// Effort of the lowest tier; each above it takes twice as long.
const EFFORT_OF_LOWEST: Delay = Delay { median: TimeDelta::minutes(20), spread: 0.9 };
const HAS_CUSTOMER: f64 = 0.3;
const HAS_SERVICE: f64 = 0.3;
const NEEDS_SKILL: f64 = 0.1;
/// Who does not say in which language speaks the house language.
const SAYS_LANGUAGE: f64 = 0.6;
/// On a day of the weekend, beside one of the week.
const WEEKEND: f64 = 0.25;

/// What tickets are drawn from.
struct Lot {
    regions: Vec<(RegionId, f64)>,
    /// By region, as many as speak it there.
    languages: BTreeMap<RegionId, Vec<(Language, f64)>>,
    tiers: Vec<(TierId, f64)>,
    skills: Vec<String>,
}

/// Rows of a stream, each of them sound.
pub(super) fn rows(org: &Organisation, zones: &Zones, wanted: Wanted) -> Vec<Row> {
    let lot = Lot::of(org);
    let chance = Chance { seed: wanted.seed };
    let row = |number: usize| {
        let mut rng = chance.of(Purpose::Stream, &number.to_string());
        Row { line: number as u64, fields: lot.ticket(org, zones, wanted, number, &mut rng) }
    };
    (1..=wanted.tickets).map(row).collect()
}

impl Lot {
    fn of(org: &Organisation) -> Lot {
        let mut people: BTreeMap<RegionId, f64> = org.regions.keys().map(|id| (id.clone(), 0.0)).collect();
        let mut spoken: BTreeMap<RegionId, BTreeMap<Language, f64>> = BTreeMap::new();
        let mut skills = BTreeSet::new();
        for team in org.teams.values() {
            *people.entry(team.region.clone()).or_default() += team.members.len().max(1) as f64;
            skills.extend(team.skills.iter().map(|skill| skill.as_str().to_owned()));
            let languages = spoken.entry(team.region.clone()).or_default();
            let own = team.members.iter().filter_map(|person| org.people.get(person));
            for language in own.flat_map(|person| &person.languages).chain(&team.languages) {
                *languages.entry(language.clone()).or_default() += 1.0;
            }
        }
        let served = |tier: &&TierId| org.teams.values().any(|team| team.tier == **tier);
        let tiers = (0..)
            .zip(org.tiers.iter().filter(served))
            .map(|(rank, tier)| (tier.clone(), SOLVED_BY_A_TIER * (1.0 - SOLVED_BY_A_TIER).powi(rank)));
        Lot {
            regions: people.into_iter().collect(),
            languages: spoken.into_iter().map(|(id, spoken)| (id, spoken.into_iter().collect())).collect(),
            tiers: tiers.collect(),
            skills: skills.into_iter().collect(),
        }
    }

    fn ticket(
        &self,
        org: &Organisation,
        zones: &Zones,
        wanted: Wanted,
        number: usize,
        rng: &mut Rng,
    ) -> Map<String, Value> {
        let mut fields = Map::new();
        let mut say = |field: &str, value: &str| fields.insert(field.to_owned(), value.into());
        say("title", &format!("Made-up ticket {number}"));
        let region = weighted(rng, &self.regions);
        let at = instant(org, zones, region, wanted, rng);
        say(OPENED_AT, &at.to_rfc3339_opts(SecondsFormat::Secs, true));
        say("priority", weighted(rng, &PRIORITIES).expect("weights are over 0"));
        say("via", weighted(rng, &MEDIA).expect("weights are over 0"));
        if let Some(region) = region {
            say("region", region.as_str());
        }
        let spoken = region.and_then(|region| self.languages.get(region)).map_or(&[][..], |spoken| spoken);
        if let Some(language) = weighted(rng, spoken).filter(|_| happens(rng, SAYS_LANGUAGE)) {
            say("language", language.as_str());
        }
        let tier = weighted(rng, &self.tiers);
        if let Some(tier) = tier {
            say(NEEDS_TIER, tier.as_str());
        }
        let customers: Vec<&str> = org.customers.keys().map(|id| id.as_str()).collect();
        if let Some(customer) = rng.choice(&customers).filter(|_| happens(rng, HAS_CUSTOMER)) {
            say("customer", customer);
        }
        let services: Vec<&str> = org.services.keys().map(|id| id.as_str()).collect();
        if let Some(service) = rng.choice(&services).filter(|_| happens(rng, HAS_SERVICE)) {
            say("service", service);
        }
        let rank = tier.and_then(|tier| self.tiers.iter().position(|(other, _)| other == tier)).unwrap_or(0);
        let minutes = EFFORT_OF_LOWEST.median.num_minutes() as f64 * f64::from(1 << rank.min(8));
        let effort = (minutes * lognormal(rng, EFFORT_OF_LOWEST.spread)).round().clamp(2.0, 2_000.0);
        fields.insert(EFFORT.to_owned(), effort.into());
        if let Some(skill) = rng.choice(&self.skills).filter(|_| happens(rng, NEEDS_SKILL)) {
            fields.insert("skills".to_owned(), vec![skill.clone()].into());
        }
        fields
    }
}

/// An instant within the window, as likely as tickets are at that hour on the region's clocks.
fn instant(
    org: &Organisation,
    zones: &Zones,
    region: Option<&RegionId>,
    wanted: Wanted,
    rng: &mut Rng,
) -> DateTime<Utc> {
    let zone = region.and_then(|id| org.regions.get(id)).and_then(|region| zones.get(&region.timezone));
    loop {
        let at = wanted.from + TimeDelta::seconds(rng.i64(0..wanted.lasts.num_seconds().max(1)));
        let local = zone.map_or(at.naive_utc(), |zone| zone.local(at));
        let of_day = match local.hour() {
            9..17 => 1.0,
            7 | 8 | 17 | 18 => 0.6,
            6 | 19..23 => 0.25,
            _ => 0.1,
        };
        let of_week = if local.weekday().num_days_from_monday() < 5 { 1.0 } else { WEEKEND };
        if happens(rng, of_day * of_week) {
            return at;
        }
    }
}
