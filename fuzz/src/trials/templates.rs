//! Pages and pictures with names and titles that want to be more than text.

use std::sync::Arc;

use chrono::TimeDelta;
use meridian::coverage::{Coverage, prove, spans};
use meridian::desk::{Action, Actor, Command, Facts, TicketId, Verb};
use meridian::picture::roster;
use meridian::report::{Happened, Run, Violation, html, measure, text};
use meridian::schedule::{Customer, PersonId, Priority, ZoneName};
use meridian::simulate::World;

use super::markup;
use super::town::{town, town_coverage, zones};

/// The lines of the text stand, in turn, wherever a person may have written something.
pub fn run(data: &[u8]) {
    let all = super::text_of(data);
    let mut words = all.split('\n').cycle();
    let mut word = || words.next().unwrap_or_default().to_owned();
    let mut organisation = town().as_ref().clone();
    organisation.name = word();
    for person in organisation.people.values_mut() {
        person.name = word();
    }
    for team in organisation.teams.values_mut() {
        team.name = word();
    }
    for calendar in organisation.calendars.values_mut() {
        calendar.days.values_mut().for_each(|holiday| holiday.name = word());
    }
    let mut coverage = town_coverage();
    coverage.organisation = Arc::new(organisation);
    let coverage = Arc::new(coverage);
    let mut world = World::new(coverage.clone(), coverage.from + TimeDelta::hours(82));
    for priority in Priority::ALL {
        let details = Customer { name: word(), ..Customer::default() };
        let facts = Facts {
            title: word(),
            description: Some(word()),
            priority: Some(priority),
            customer_details: Some(details),
            labels: [(word(), word())].into(),
            ..Facts::default()
        };
        let open = Command { by: Actor::Token(word()), action: Action::Open(Box::new(facts)) };
        // A title of nothing is refused.
        if world.take(open).is_err() {
            continue;
        }
        world.advance_to(world.now() + TimeDelta::minutes(3));
    }
    let act = |world: &mut World, person: &str, ticket: i64, verb| {
        let by = Actor::Person(PersonId::new(person));
        _ = world.take(Command { by, action: Action::On(TicketId(ticket), verb) });
    };
    act(&mut world, "anna", 1, Verb::Acknowledge);
    act(&mut world, "anna", 1, Verb::Note { text: word(), progress: true });
    act(&mut world, "bjorn", 2, Verb::Decline { reason: word() });
    world.advance_to(world.now() + TimeDelta::hours(30));
    act(&mut world, "anna", 1, Verb::Resolve { notes: word(), cause: None });
    let figures = measure(&Happened {
        coverage: &coverage,
        from: coverage.from,
        until: world.now(),
        tickets: &world.kept().tickets,
        events: &world.kept().events,
        notices: &world.kept().notices,
    });
    let run = Run {
        schedules: word(),
        tickets: word(),
        responders: word(),
        seed: 7,
        violations: vec![Violation { ticket: None, at: world.now(), what: word() }],
        remarks: vec![word(), word()],
    };
    markup::is_html(&html(&figures, Some(&run)));
    markup::is_html(&html(&figures, None));
    text(&figures, Some(&run));
    draws(&coverage);
}

fn draws(coverage: &Coverage) {
    let (from, to) = (coverage.from, coverage.from + TimeDelta::days(7));
    let (answer, proof) = (spans(coverage, from, to, None, None), prove(coverage, from, to));
    let zone = ZoneName::new("Europe/Berlin");
    let zones = zones();
    let clock = zones.get(&zone).expect("it is one of ours");
    markup::is_svg(&roster(coverage, &answer, &proof, (&zone, clock)).expect("a week of three teams"));
}
