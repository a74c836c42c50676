//! Stories whose figures are counted by hand.

use meridian::report::{Figures, Outcomes, Times};
use meridian::schedule::Priority;

use super::figures;
use crate::desk::play::GLOBE;

const HOUR: i64 = 3600;
const MINUTE: i64 = 60;

fn one(seconds: i64) -> Times {
    let seconds = Some(seconds);
    Times { count: 1, median: seconds, p90: seconds, mean: seconds, max: seconds }
}

#[test]
fn a_ticket_that_somebody_takes_and_resolves() {
    let figures = figures(
        GLOBE,
        "
        2026-03-02 09:00  open P3 in emea: A question
        09:20  anna acknowledges 1
        11:00  anna resolves 1
        12:00  nothing
    ",
    );
    let all = &figures.all;
    assert_eq!(all.outcomes, Outcomes { resolved: 1, ..Outcomes::default() });
    assert_eq!(all.time_to_somebody, one(0));
    assert_eq!(all.time_to_acknowledge, one(20 * MINUTE));
    assert_eq!(all.time_to_resolve, one(2 * HOUR));
    assert_eq!((all.parked.count, all.queued.count, all.counts.hops), (0, 0, 0));
    assert_eq!((all.counts.offers, all.counts.pages, all.counts.expired), (1, 0, 0));
    let team = figures.teams.iter().find(|team| team.team.as_str() == "emea").unwrap();
    // Held for 100 minutes of the twelve hours from midnight.
    assert!((team.held_mean - 100.0 / 720.0).abs() < 1e-9, "{}", team.held_mean);
    assert_eq!((team.held_peak, team.person_peak, team.acknowledged, team.resolved), (1, 1, 1, 1));
    assert_eq!(figures.by_tier.keys().collect::<Vec<_>>(), ["frontline"]);
    assert_eq!(figures.by_region.keys().collect::<Vec<_>>(), ["emea"]);
    assert_eq!(figures.by_language.keys().collect::<Vec<_>>(), ["en"]);
    assert!(figures.live.is_empty());
}

/// Saturday noon: nobody answers on the way up, and whoever was woken first comes after all.
#[test]
fn pages_are_counted_by_person_outside_hours_and_at_night() {
    let figures = figures(
        GLOBE,
        "
        2026-03-07 12:00  open P1: Everything is down
        12:11  anna acknowledges 1
        23:30  open P1: Everything is down again
        23:31  anna acknowledges 2
    ",
    );
    let all = &figures.all;
    // anna, bjorn and gus at noon; anna at 00:30 of Stockholm's Sunday.
    assert_eq!((all.counts.pages, all.counts.pages_outside_hours, all.counts.pages_at_night), (4, 4, 1));
    assert_eq!((all.counts.expired, all.counts.escalated_automatic, all.counts.stand_downs), (2, 2, 2));
    assert_eq!(
        all.time_to_acknowledge,
        Times {
            count: 2,
            median: Some(MINUTE),
            p90: Some(11 * MINUTE),
            mean: Some(6 * MINUTE),
            max: Some(11 * MINUTE),
        }
    );
    let people: Vec<_> = figures
        .paged
        .iter()
        .map(|person| (person.person.as_str(), person.pages, person.outside_hours, person.at_night))
        .collect();
    assert_eq!(people, [("anna", 2, 2, 1), ("bjorn", 1, 1, 0), ("gus", 1, 1, 0)]);
    let steps: Vec<_> = figures
        .automatic
        .iter()
        .map(|step| (step.policy.as_str(), step.step, step.tier.as_ref().unwrap().as_str(), step.escalations))
        .collect();
    assert_eq!(steps, [("standard", 1, "frontline", 2)]);
}

#[test]
fn in_hours_a_page_is_none_outside_hours() {
    // anna does not answer, and bjorn is paged while he is at work.
    let figures = figures(
        GLOBE,
        "
        2026-03-02 09:00  open P1 resident eu: Everything is down
        09:06  bjorn acknowledges 1
    ",
    );
    let counts = figures.all.counts;
    assert_eq!((counts.pages, counts.pages_outside_hours, counts.pages_at_night), (1, 0, 0));
}

#[test]
fn what_is_parked_waits_for_an_opening_and_the_wait_is_told() {
    let figures = figures(
        GLOBE,
        "
        2026-03-07 12:00  open P3: A question on a Saturday
        2026-03-09 00:00  nothing
    ",
    );
    let all = &figures.all;
    assert_eq!(all.outcomes, Outcomes { offered: 1, ..Outcomes::default() });
    // Tokyo opens at 00:00 UTC on Monday.
    assert_eq!((all.parked, all.time_to_somebody), (one(36 * HOUR), one(36 * HOUR)));
    assert_eq!(all.time_to_acknowledge.count, 0);
    let waited: Vec<_> =
        figures.waited_longest.iter().map(|one| (one.waited, one.acknowledged, one.why.as_str())).collect();
    assert_eq!(waited, [(36 * HOUR, None, "parked 1.5 d")]);
    let live: Vec<_> = figures.live.iter().map(|one| one.why.as_str()).collect();
    assert_eq!(live, ["offered to apac until 2026-03-09 02:00 UTC"]);
}

/// Stockholm's evening: offered ahead to New York, whose people take one of three before the boundary.
#[test]
fn handoffs_are_counted_by_pair_of_regions() {
    let figures = figures(
        GLOBE,
        "
        2026-03-02 09:00  open P2: One
        09:01  anna acknowledges 1
        09:02  open P2: Two
        09:03  bjorn acknowledges 2
        09:04  open P2: Three
        09:05  anna acknowledges 3
        15:40  carl acknowledges 1
        15:45  bjorn resolves 2
        16:05  nothing
    ",
    );
    let pairs: Vec<_> = figures
        .handoffs
        .iter()
        .map(|pair| {
            (pair.from.as_str(), pair.to.as_str(), pair.offered, pair.accepted, pair.passed, pair.withdrawn)
        })
        .collect();
    assert_eq!(pairs, [("emea", "amer", 3, 1, 1, 1)]);
    let counts = figures.all.counts;
    assert_eq!((counts.handoffs, counts.handoffs_accepted, counts.handoffs_passed), (3, 1, 1));
    // carl's; anna, who is on call that week, keeps what nobody has taken.
    assert_eq!((counts.hops, counts.shift_ends_unasked), (1, 0));
}

#[test]
fn a_handoff_that_was_declined_was_counted_as_withdrawn() {
    let figures = figures(
        GLOBE,
        "
        2026-03-02 09:00  open P2: One
        09:01  anna acknowledges 1
        09:02  open P2: Two
        09:03  bjorn acknowledges 2
        15:40  carl declines 1
        15:45  bjorn resolves 2
        15:50  nothing
    ",
    );
    let pairs: Vec<_> =
        figures.handoffs.iter().map(|pair| (pair.offered, pair.declined, pair.withdrawn)).collect();
    // Once carl has declined, another is asked.
    assert_eq!(pairs, [(3, 1, 1)]);
}

#[test]
fn a_ticket_that_comes_back_to_a_team_has_returned_once() {
    let figures = figures(
        GLOBE,
        "
        2026-03-02 12:40  open P2: There and back
        12:41  anna acknowledges 1
        13:20  anna reassigns 1 to carl
        13:21  carl acknowledges 1
        13:30  carl reassigns 1 to bjorn
        13:31  bjorn acknowledges 1
        13:40  bjorn reassigns 1 to anna
        13:41  anna acknowledges 1
    ",
    );
    let counts = figures.all.counts;
    assert_eq!((counts.reassigned, counts.returns, counts.tickets_returned, counts.hops), (3, 1, 1, 0));
}

#[test]
fn a_reopened_ticket_is_resolved_when_it_is_for_the_last_time() {
    let figures = figures(
        GLOBE,
        "
        2026-03-02 09:00  open P3: It is back
        09:01  anna acknowledges 1
        10:00  anna resolves 1
        11:00  anna reopens 1
        11:01  anna acknowledges 1
        15:00  anna resolves 1
        15:30  anna closes 1
    ",
    );
    let all = &figures.all;
    assert_eq!(all.outcomes, Outcomes { closed: 1, ..Outcomes::default() });
    assert_eq!((all.time_to_resolve, all.counts.reopened), (one(6 * HOUR), 1));
    let course: Vec<_> = figures
        .course
        .iter()
        .map(|stretch| (stretch.opened, stretch.reopened, stretch.done, stretch.live))
        .collect();
    assert_eq!(course, [(1, 1, 2, 0)]);
}

#[test]
fn parts_by_priority_hold_what_the_whole_holds() {
    let figures = figures(
        GLOBE,
        "
        2026-03-02 09:00  open P2: One
        09:00  open P3: Two
        09:01  anna acknowledges 1
        09:30  monitor raises 2 to P1
        09:31  nothing
    ",
    );
    let opened = |figures: &Figures, priority| figures.by_priority.get(&priority).map(|group| group.opened);
    assert_eq!(opened(&figures, Priority::P1), Some(1), "by the priority it had last");
    assert_eq!(opened(&figures, Priority::P2), Some(1));
    assert_eq!(opened(&figures, Priority::P3), None);
}

#[test]
fn titles_that_a_residency_binds_stay_out_of_the_report() {
    let figures = figures(
        GLOBE,
        "
        2026-03-02 09:00  open P3 resident eu: Patient data
        09:00  open P3: Printer
        09:01  nothing
    ",
    );
    let titles: Vec<_> = figures.live.iter().map(|live| live.title.as_deref()).collect();
    assert_eq!(titles, [None, Some("Printer")]);
}
