//! What is due after an outage: those that page first, then by instant, and no more of them than were asked for.

use chrono::{DateTime, TimeDelta, Utc};
use meridian::desk::{Action, Actor, Command, Facts};
use meridian::schedule::Priority;
use meridian::simulate::World;

use super::play::coverage;

const ALONE: &str = r#"
[org]
tiers = ["frontline"]
policy = "standard"
[regions.world]
name = "World"
timezone = "UTC"
[people.anna]
name = "Anna"
[teams.world]
name = "World"
region = "world"
tier = "frontline"
members = ["anna"]
capacity = 100
hours = [{ from = "00:00", to = "24:00" }]
[policies.standard]
steps = [{ tier = "frontline" }]
"#;

#[test]
fn overdue_work_is_done_paging_first_however_little_is_asked_for() {
    let begins: DateTime<Utc> = "2026-03-02T08:00:00Z".parse().unwrap();
    let mut world = World::new(coverage(ALONE, begins), begins);
    let priorities = [Priority::P5, Priority::P3, Priority::P2, Priority::P4, Priority::P1, Priority::P2];
    for (minute, priority) in (0..).zip(priorities.into_iter().cycle().take(60)) {
        world.sleep_until(begins + TimeDelta::minutes(minute));
        let facts = Facts { title: "down".into(), priority: Some(priority), ..Facts::default() };
        let by = Actor::Token("test".into());
        world.take(Command { by, action: Action::Open(Box::new(facts)) }).unwrap();
    }
    let now = begins + TimeDelta::days(3);
    let all = world.desk().due(world.rules(), now, 1_000);
    assert_eq!(all.len(), 60);
    let order = all.iter().map(|id| {
        let ticket = world.desk().ticket(*id).unwrap();
        let pages = world.rules().coverage.organisation.priority(ticket.priority).pages();
        (!pages, world.desk().wake_at(*id), ticket.priority, *id)
    });
    assert!(order.is_sorted());
    for limit in [0, 1, 7, 20, 40, 59] {
        assert_eq!(world.desk().due(world.rules(), now, limit), all[..limit], "of {limit}");
    }
    assert_eq!(world.desk().due(world.rules(), begins, 10), []);
}
