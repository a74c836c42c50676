//! Rotation files: texts to problems or an organisation, and from there to everything that is worked out of one.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use meridian::coverage::{Coverage, calendar, clock_surprises, prove, spans, who};
use meridian::desk::{Action, Actor, Command, Desk, Facts, Rules, Verb};
use meridian::engine::{Examined, Horizon};
use meridian::picture::roster;
use meridian::schedule::{Files, Organisation, PersonId, Priority, TeamId};
use meridian::simulate::{Invariants, Step, World};

use super::markup;
use super::town::{checked, spring, tiles, zones};

/// A line that begins so names the file that the lines after it stand in.
const NEXT_FILE: &str = "=== ";
/// Looked at so often, tickets have been through whatever the policy has.
const WAKES: usize = 40;
/// Enough to see whether a rule is wrong; thousands of teams are the large tests' business.
const TEAMS_MAX: usize = 12;

pub fn run(data: &[u8]) {
    let files = files(&super::text_of(data));
    let Some(organisation) = checked(&files) else { return };
    if organisation.teams.len() > TEAMS_MAX {
        return;
    }
    let organisation = Arc::new(organisation);
    let (from, until) = spring();
    let coverage = Coverage::compile(organisation.clone(), zones(), Arc::default(), from, until);
    for team in organisation.teams.keys() {
        coverage_is_right(&coverage, team);
    }
    is_told(&coverage, &files);
    is_worked(Arc::new(coverage));
}

fn files(text: &str) -> Files {
    let mut files = Files::new();
    let mut path = "org.toml".to_owned();
    for line in text.split_inclusive('\n') {
        match line.strip_prefix(NEXT_FILE) {
            Some(next) => path = next.trim().to_owned(),
            None => *files.entry(path.clone()).or_default() += line,
        }
    }
    files
}

fn coverage_is_right(coverage: &Coverage, team: &TeamId) {
    let (from, until) = (coverage.from, coverage.until);
    let timeline = coverage.timeline(team).expect("every team is compiled");
    tiles(timeline.spans(), &coverage.organisation, from, until);
    // Compiled on its own, a part of the window is as it was within the whole.
    let (some, more) = (from + TimeDelta::hours(205), from + TimeDelta::hours(232));
    let (organisation, zones) = (coverage.organisation.clone(), coverage.zones.clone());
    let part = Coverage::compile(organisation, zones, Arc::default(), some, more);
    assert_eq!(part.window(team, some, more), coverage.window(team, some, more), "{team} compiled in part");
}

/// What people are shown of it.
fn is_told(coverage: &Coverage, files: &Files) {
    let (from, until) = (coverage.from, coverage.until);
    let Coverage { organisation, zones, .. } = coverage;
    let examined = Examined::of(coverage, Horizon { from, until }, files);
    examined.warnings(files);
    serde_json::to_string(&examined).expect("it is plain data");
    who(coverage, from + TimeDelta::hours(57), None, None);
    clock_surprises(organisation, zones, from, until);
    let calendar = calendar(coverage, from, from + TimeDelta::days(3), None, None);
    super::ics::is_a_calendar(&calendar);
    let Some((zone, clock)) = a_clock(organisation, zones) else { return };
    let answer = spans(coverage, from, from + TimeDelta::days(7), None, None);
    let proof = prove(coverage, from, from + TimeDelta::days(7));
    if let Ok(picture) = roster(coverage, &answer, &proof, (zone, clock)) {
        markup::is_svg(&picture);
    }
}

fn a_clock<'a>(
    organisation: &'a Organisation,
    zones: &'a meridian::zone::Zones,
) -> Option<(&'a meridian::schedule::ZoneName, &'a meridian::zone::Zone)> {
    let zone = &organisation.teams.values().next()?.timezone;
    Some((zone, zones.get(zone)?))
}

/// Tickets of every priority come in, somebody answers some of them, and time passes: what must always hold does.
fn is_worked(coverage: Arc<Coverage>) {
    let opened_at: DateTime<Utc> = coverage.from + TimeDelta::hours(34);
    let languages = coverage.organisation.teams.values().flat_map(|team| team.languages.first());
    let languages: Vec<_> = languages.cloned().collect();
    let facts = |number: usize, priority| Facts {
        title: "A ticket".to_owned(),
        priority: Some(priority),
        language: languages.get(number % languages.len().max(1)).cloned(),
        ..Facts::default()
    };
    for (number, priority) in Priority::ALL.into_iter().enumerate() {
        let rules = Rules { revision: 1, coverage: &coverage };
        let told = Desk::default().explain(rules, &facts(number, priority), opened_at);
        told.expect("a question about an ordinary ticket is answered");
    }
    let people: Vec<PersonId> = coverage.organisation.people.keys().cloned().collect();
    let mut world = World::new(coverage.clone(), opened_at);
    let mut invariants = Invariants::new(TimeDelta::days(1));
    let holds = |world: &mut World, invariants: &mut Invariants, step: Step| {
        let news = world.take_news();
        let broken = invariants.check(world, &news, step);
        assert!(broken.is_empty(), "{broken:#?}");
    };
    for (number, priority) in Priority::ALL.into_iter().enumerate() {
        let by = Actor::Token("mail".to_owned());
        let open = Command { by, action: Action::Open(Box::new(facts(number, priority))) };
        world.take(open.clone()).expect("an ordinary ticket is taken");
        holds(&mut world, &mut invariants, Step::Taken(&open));
    }
    for turn in 0..WAKES {
        // Not to the end of what is compiled: the daemon's coverage reaches a year ahead.
        let Some(ticket) = world.wake_next(coverage.until - TimeDelta::days(7)) else { break };
        holds(&mut world, &mut invariants, Step::Woken(ticket));
        if turn % 3 == 0
            && let Some(person) = people.get(turn % people.len().max(1))
        {
            let by = Actor::Person(person.clone());
            let take = Command { by, action: Action::On(ticket, Verb::Acknowledge) };
            let step = world.take(take.clone());
            match &step {
                Ok(_) => holds(&mut world, &mut invariants, Step::Taken(&take)),
                Err(refusal) => holds(&mut world, &mut invariants, Step::Refused(&take, refusal)),
            }
        }
    }
    // Whatever else is due at this instant is looked at as well.
    while let Some(ticket) = world.wake_next(world.now()) {
        holds(&mut world, &mut invariants, Step::Woken(ticket));
    }
    let broken = invariants.at_the_end(&world);
    assert!(broken.is_empty(), "at the end: {broken:#?}");
}
