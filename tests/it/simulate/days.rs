//! Days of a small organisation, told.

use chrono::TimeDelta;
use insta::assert_snapshot;
use meridian::simulate::{Delay, Habits};

use super::town::{played, told};

const HEADER: &str = "opened_at,title,priority,language,region,needs_tier,effort_minutes\n";

fn perfect(rows: &str) -> String {
    told(&played(&format!("{HEADER}{rows}"), Habits::PERFECT, 1))
}

#[test]
fn one_ticket_at_a_time_the_worst_first() {
    assert_snapshot!(perfect("\
        2026-03-02T08:00:00Z,Slow,P4,sv,emea,frontline,60\n\
        2026-03-02T08:10:00Z,Slower,P4,sv,emea,frontline,60\n\
        2026-03-02T08:20:00Z,Down,P1,sv,emea,frontline,30\n"), @r#"
    Mon 09:00  1  opened, P4
    Mon 09:00  1  asked: anna of emea (Routing)
    Mon 09:00  1  taken by anna of emea
    Mon 09:10  2  opened, P4
    Mon 09:10  2  asked: bjorn of emea (Routing)
    Mon 09:10  2  taken by bjorn of emea
    Mon 09:20  3  opened, P1
    Mon 09:20  3  asked: anna of emea (Routing)
    Mon 09:20  3  taken by anna of emea
    Mon 09:50  3  resolved
    Mon 10:10  2  resolved
    Mon 10:30  1  resolved
    "#);
}

#[test]
fn a_lower_tier_looks_for_a_while_and_sends_it_on() {
    assert_snapshot!(perfect("2026-03-02T08:00:00Z,Deep,P3,sv,emea,specialist,80\n"), @r#"
    Mon 09:00  1  opened, P3
    Mon 09:00  1  asked: anna of emea (Routing)
    Mon 09:00  1  taken by anna of emea
    Mon 09:20  1  sent on (Hierarchical): needs specialist
    Mon 09:20  1  asked: sven of specialists (Escalation)
    Mon 09:20  1  taken by sven of specialists
    Mon 10:40  1  resolved
    "#);
}

#[test]
fn work_that_outlasts_the_shift_goes_to_the_next_region_with_a_briefing() {
    assert_snapshot!(perfect("2026-03-02T15:00:00Z,Long,P2,en,emea,frontline,180\n"), @r#"
    Mon 16:00  1  opened, P2
    Mon 16:00  1  asked: anna of emea (Routing)
    Mon 16:00  1  taken by anna of emea
    Mon 16:30  1  asked: carol of amer (Handoff)
    Mon 16:30  1  briefing written
    Mon 16:31  1  taken by carol of amer
    Mon 19:00  1  resolved
    "#);
}

#[test]
fn nobody_works_at_night_unless_called() {
    assert_snapshot!(perfect("\
        2026-03-07T02:00:00Z,Slow,P4,en,emea,frontline,30\n\
        2026-03-07T02:05:00Z,Down,P1,en,emea,frontline,30\n"), @r#"
    Sat 03:00  1  opened, P4
    Sat 03:00  1  parked until Mon 08:00
    Sat 03:05  2  opened, P1
    Sat 03:05  2  paged: anna of emea (Routing)
    Sat 03:05  2  taken by anna of emea
    Sat 03:35  2  resolved
    Mon 08:00  1  asked: anna of emea (Routing)
    Mon 08:00  1  taken by anna of emea
    Mon 08:30  1  resolved
    "#);
}

#[test]
fn what_no_tier_on_its_path_can_solve_ends_explained() {
    let played = played(
        &format!("{HEADER}2026-03-02T08:00:00Z,Broken by design,P3,en,emea,vendor,40\n"),
        Habits::PERFECT,
        1,
    );
    assert_snapshot!(told(&played), @r#"
    Mon 09:00  1  opened, P3
    Mon 09:00  1  asked: anna of emea (Routing)
    Mon 09:00  1  taken by anna of emea
    Mon 09:10  1  sent on (Hierarchical): needs vendor
    Mon 09:10  1  asked: sven of specialists (Escalation)
    Mon 09:10  1  taken by sven of specialists
    Mon 09:20  1  pending on Vendor: needs vendor: nobody further up can be asked
    "#);
    let beyond: Vec<String> = played.beyond.iter().map(|(id, needs)| format!("{id} needs {needs}")).collect();
    assert_eq!(beyond, ["1 needs vendor"]);
}

#[test]
fn people_are_slower_than_perfect_ones_and_get_there_as_well() {
    let rows = (0..40).map(|n| {
        let (day, hour) = (2 + n / 10, 6 + n % 10);
        format!("2026-03-{day:02}T{hour:02}:15:00Z,Some,P{},sv,emea,frontline,25\n", 2 + n % 3)
    });
    let csv = HEADER.to_owned() + &rows.collect::<String>();
    let waited = |habits| {
        let played = played(&csv, habits, 3);
        let tickets = played.world.kept().tickets.values();
        assert!(tickets.clone().all(|saved| !saved.ticket.live()), "some are live still");
        played.until - played.from
    };
    assert!(waited(Habits::HUMAN) > waited(Habits::PERFECT));
}

#[test]
fn a_ticket_that_may_not_come_back_keeps_nobody_waiting_for_it() {
    let habits = Habits {
        reopens: 0.5,
        reopened: Delay { median: TimeDelta::minutes(30), spread: 0.0 },
        // On every morning somebody might fall ill, as long as it is not over.
        illnesses_a_year: 0.000_001,
        ..Habits::PERFECT
    };
    let csv = "opened_at,title,priority,language,region,effort_minutes,dedup_key\n\
        2026-03-02T08:00:00Z,Disk full,P4,sv,emea,10,disk\n\
        2026-03-02T08:20:00Z,Disk full again,P4,sv,emea,120,disk\n";
    for seed in 1..=12 {
        let played = played(csv, habits, seed);
        assert!(played.until - played.from < TimeDelta::days(5), "SEED={seed}: until {}", played.until);
    }
}
