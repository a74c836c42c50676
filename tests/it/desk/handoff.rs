//! Custody moves because a shift ends.

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use meridian::desk::*;
use meridian::schedule::Priority;

use super::play::{GLOBE, coverage, play};

#[test]
fn ahead_of_the_shift_end_tickets_are_offered_to_the_next_region_as_one_batch() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 15:00  open P2 in emea: one
        15:00  open P2 in emea: two
        15:01  anna acknowledges 1
        15:02  bjorn acknowledges 2
        15:40  anna briefs 1
        15:50  carl accepts handoff 1
        16:30  nothing
    "), @r"
    02 15:00 1: opened P2
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 02 15:15
    02 15:00 1:   offer to anna
    02 15:00 2: opened P2
    02 15:00 2: step 1 of standard (Routed)
    02 15:00 2: routing to emea: bjorn until 02 15:15
    02 15:00 2:   offer to bjorn
    02 15:01 1: held by anna in emea
    02 15:02 2: held by bjorn in emea
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 2: handoff to amer: dora until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to anna
    02 15:30 2:   offer to dora
    02 15:30 2:   briefing_asked to bjorn
    02 15:40 1: briefed
    02 15:50 1: held by carl in amer
    02 15:50 2: held by carl in amer
    02 15:50 1:   stand_down to anna
    02 15:50 2:   stand_down to dora
    02 15:50 2:   stand_down to bjorn
    ");
}

#[test]
fn not_taken_before_the_boundary_a_parking_priority_goes_to_the_queue_a_paging_one_is_asked_for() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 15:00  open P2 in emea: pages
        15:00  open P3 in emea: parks
        15:01  anna acknowledges 1
        15:02  bjorn acknowledges 2
        16:05  nothing
    "), @r#"
    02 15:00 1: opened P2
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 02 15:15
    02 15:00 1:   offer to anna
    02 15:00 2: opened P3
    02 15:00 2: step 1 of standard (Routed)
    02 15:00 2: routing to emea: bjorn until 03 08:00
    02 15:00 2:   offer to bjorn
    02 15:01 1: held by anna in emea
    02 15:02 2: held by bjorn in emea
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 2: handoff to amer: dora until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to anna
    02 15:30 2:   offer to dora
    02 15:30 2:   briefing_asked to bjorn
    02 16:00 1: offer ended (Boundary)
    02 16:00 2: offer ended (Boundary)
    02 16:00 2: shift of bjorn ended
    02 16:00 2: step 1 of standard (ShiftEnded)
    02 16:00 2: in the queue of amer
    02 16:00 2: routing to amer: dora until 02 18:00
    02 16:00 2:   offer to dora
    "#);
}

#[test]
fn kept_until_the_next_shift_but_not_over_a_long_absence() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 15:00  open P4 in emea: slow
        15:01  anna acknowledges 1
        2026-03-03 08:00  nothing
        08:00  anna falls ill until 2026-03-20
    "), @r"
    02 15:00 1: opened P4
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 03 14:00
    02 15:00 1:   offer to anna
    02 15:01 1: held by anna in emea
    02 16:00 1: kept by anna until 03 07:00
    03 07:00 1: anna is back
    03 08:00 1: shift of anna ended
    03 08:00 1: step 1 of standard (ShiftEnded)
    03 08:00 1: in the queue of emea
    03 08:00 1: routing to emea: bjorn until 03 16:00
    03 08:00 1:   offer to bjorn
    ");
}

#[test]
fn the_holder_falls_ill() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P2 in emea: urgent
        09:01  anna acknowledges 1
        09:30  anna falls ill until 2026-03-03
    "), @r"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:15
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:30 1: shift of anna ended
    02 09:30 1: step 1 of standard (ShiftEnded)
    02 09:30 1: routing to emea: bjorn until 02 09:45
    02 09:30 1:   offer to bjorn
    ");
}

#[test]
fn the_holder_stays_on() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 15:00  open P3 in emea: nearly done
        15:01  anna acknowledges 1
        15:20  anna stays 1 until 17:00
        17:10  nothing
    "), @r"
    02 15:00 1: opened P3
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 03 08:00
    02 15:00 1:   offer to anna
    02 15:01 1: held by anna in emea
    02 15:20 1: holder stays until 02 17:00
    02 16:30 1: handoff to amer: carl until 02 17:00 batch 1
    02 16:30 1:   offer to carl
    02 16:30 1:   briefing_asked to anna
    02 17:00 1: offer ended (Boundary)
    02 17:00 1: shift of anna ended
    02 17:00 1: step 1 of standard (ShiftEnded)
    02 17:00 1: in the queue of amer
    02 17:00 1: routing to amer: carl until 02 19:00
    02 17:00 1:   offer to carl
    ");
}

#[test]
fn nobody_next_in_hours_those_on_call_next_are_asked() {
    assert_snapshot!(play(GLOBE, "
        2026-03-06 20:00  open P2: friday night
        20:01  carl acknowledges 1
        21:31  anna acknowledges 1
        2026-03-09 07:00  nothing
    "), @r"
    06 20:00 1: opened P2
    06 20:00 1: step 1 of standard (Routed)
    06 20:00 1: routing to amer: carl until 06 20:15
    06 20:00 1:   offer to carl
    06 20:01 1: held by carl in amer
    06 21:30 1: handoff to emea primary: anna until 06 22:00 batch 1
    06 21:30 1:   offer to anna
    06 21:30 1:   briefing_asked to carl
    06 21:31 1: held by anna in emea
    06 21:31 1:   stand_down to carl
    07 08:01 1: overran: told
    07 08:01 1: told anna, gus: it has not been resolved in time
    07 08:01 1:   told to anna
    07 08:01 1:   told to gus
    ");
}

#[test]
fn nobody_stays_for_ever_or_puts_a_ticket_off_for_ever() {
    let long = TimeDelta::days(400);
    let desk = |verb: fn(DateTime<Utc>) -> Verb| {
        let now = DateTime::parse_from_rfc3339("2026-03-02T09:00:00Z").unwrap().to_utc();
        let coverage = coverage(GLOBE, now);
        let rules = Rules { revision: 1, coverage: &coverage };
        let mut desk = Desk::default();
        let facts = Facts { title: "x".into(), priority: Some(Priority::P2), ..Facts::default() };
        desk.take(rules, Command::system(Action::Open(Box::new(facts))), now).unwrap();
        let person = desk.ticket(TicketId(1)).unwrap().offer.as_ref().unwrap().ask[0].clone();
        let by = |verb| Command { by: Actor::Person(person.clone()), action: Action::On(TicketId(1), verb) };
        desk.take(rules, by(Verb::Acknowledge), now).unwrap();
        desk.take(rules, by(verb(now + long)), now).unwrap_err().to_string()
    };
    assert_snapshot!(desk(|until| Verb::Stay { until }), @"until: must be within 24 hours; say it again then");
    assert_snapshot!(
        desk(|until| Verb::Pend { on: PendingOn::Date, until: Some(until), reason: "later".into() }),
        @"until: must be within 8784 hours; say it again then"
    );
}

#[test]
fn taken_before_the_receivers_own_shift_it_is_theirs_from_then_on() {
    // Tokyo opens as New York closes: nobody there is at work before the boundary.
    let abutting = GLOBE.replace("from = \"09:00\"\nto = \"18:00\"", "from = \"07:00\"\nto = \"16:00\"");
    assert_snapshot!(play(&abutting, "
        2026-03-03 21:00  open P3 in amer: one
        21:00  open P3 in amer: two
        21:01  carl acknowledges 1
        21:01  dora acknowledges 2
        21:40  emi acknowledges 1
        21:41  carl accepts handoff 1
        21:42  dora accepts handoff 1
        21:45  fumi accepts handoff 1
        22:30  nothing
    "), @r"
    03 21:00 1: opened P3
    03 21:00 1: step 1 of standard (Routed)
    03 21:00 1: routing to amer: carl until 04 14:00
    03 21:00 1:   offer to carl
    03 21:00 2: opened P3
    03 21:00 2: step 1 of standard (Routed)
    03 21:00 2: routing to amer: dora until 04 14:00
    03 21:00 2:   offer to dora
    03 21:01 1: held by carl in amer
    03 21:01 2: held by dora in amer
    03 21:30 1: handoff to apac: emi until 03 22:00 batch 1
    03 21:30 2: handoff to apac: fumi until 03 22:00 batch 1
    03 21:30 1:   offer to emi
    03 21:30 1:   briefing_asked to carl
    03 21:30 2:   offer to fumi
    03 21:30 2:   briefing_asked to dora
    03 21:40 1: held by emi in apac
    03 21:40 1: holder stays until 03 22:00
    03 21:40 1:   stand_down to carl
    03 21:45 2: held by fumi in apac
    03 21:45 2: holder stays until 03 22:00
    03 21:45 2:   stand_down to dora
    ");
}

#[test]
fn taken_by_somebody_asked_earlier_who_is_not_at_work_any_more_it_is_handed_on_in_order() {
    assert_snapshot!(play(GLOBE, "
        2026-03-07 12:00  open P1: everything is down
        12:02  anna falls ill until 2026-03-09
        12:03  anna acknowledges 1
        12:32  bjorn acknowledges 1
    "), @r"
    07 12:00 1: opened P1
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: routing to emea primary: anna until 07 12:05
    07 12:00 1:   page to anna
    07 12:02 1: now bjorn (who is on call has changed)
    07 12:02 1:   page to bjorn
    07 12:03 1: held by anna in emea
    07 12:03 1: holder stays until 07 12:33
    07 12:03 1: handoff to emea primary: bjorn until 07 12:33 batch 1
    07 12:03 1:   offer to bjorn
    07 12:03 1:   briefing_asked to anna
    07 12:32 1: held by bjorn in emea
    07 12:32 1:   stand_down to anna
    ");
}

#[test]
fn on_call_after_the_shift_the_holder_hands_over_if_somebody_in_hours_takes_it_and_keeps_it_otherwise() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 15:00  open P2 in emea: one
        15:01  anna acknowledges 1
        16:10  carl acknowledges 1
        16:11  nothing
    "), @r"
    02 15:00 1: opened P2
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 02 15:15
    02 15:00 1:   offer to anna
    02 15:01 1: held by anna in emea
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to anna
    02 16:00 1: offer ended (Boundary)
    02 16:10 1: held by carl in amer
    02 16:10 1:   stand_down to anna
    ");
}

#[test]
fn round_the_globe_without_progress_it_is_reviewed() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 15:00  open P3: circles
        15:01  anna acknowledges 1
        16:01  carl acknowledges 1
        22:01  nothing
        2026-03-03 00:01  emi acknowledges 1
        09:05  anna acknowledges 1
        09:06  nothing
    "), @r"
    02 15:00 1: opened P3
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to amer: carl until 02 17:00
    02 15:00 1:   offer to carl
    02 15:01 refused: ticket 1 is not offered to anna, and anna is not at work in a team it is offered to
    02 16:01 1: held by carl in amer
    02 22:00 1: shift of carl ended
    02 22:00 1: step 1 of standard (ShiftEnded)
    02 22:00 1: parked until 03 00:00 (Parked)
    03 00:00 1: routing to apac: emi until 03 02:00
    03 00:00 1:   offer to emi
    03 00:01 1: held by emi in apac
    03 08:30 1: handoff to emea: anna until 03 09:00 batch 1
    03 08:30 1:   offer to anna
    03 08:30 1:   briefing_asked to emi
    03 09:00 1: offer ended (Boundary)
    03 09:00 1: shift of emi ended
    03 09:00 1: step 1 of standard (ShiftEnded)
    03 09:00 1: in the queue of emea
    03 09:00 1: routing to emea: anna until 03 11:00
    03 09:00 1:   offer to anna
    03 09:05 1: held by anna in emea
    ");
}

#[test]
fn a_restart_over_the_boundary_needs_no_special_case() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 15:00  open P2 in emea: one
        15:01  anna acknowledges 1
        15:35  restart
        15:50  carl acknowledges 1
    "), @r"
    02 15:00 1: opened P2
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 02 15:15
    02 15:00 1:   offer to anna
    02 15:01 1: held by anna in emea
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to anna
    02 15:50 1: held by carl in amer
    02 15:50 1:   stand_down to anna
    ");
}

#[test]
fn refused_ahead_of_a_shift_it_is_refused_for_that_shift() {
    // Tokyo opens at 16:00 UTC, when Stockholm closes; New York is on holiday.
    let night = GLOBE
        .replace("from = \"09:00\"\nto = \"18:00\"", "from = \"01:00\"\nto = \"09:00\"")
        .replace("members = [\"carl\", \"dora\"]", "members = []")
        .replace("lead = \"carl\"\n", "");
    assert_snapshot!(play(&night, "
        2026-03-02 15:00  open P3 in emea: one
        15:01  anna acknowledges 1
        15:31  emi declines 1
        15:32  fumi declines 1
    "), @r"
    02 15:00 1: opened P3
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 03 08:00
    02 15:00 1:   offer to anna
    02 15:01 1: held by anna in emea
    02 15:30 1: handoff to apac: emi until 02 16:00 batch 1
    02 15:30 1:   offer to emi
    02 15:30 1:   briefing_asked to anna
    02 15:31 1: emi out until 03 16:00
    02 15:31 1: offer ended (Declined)
    02 15:31 1: handoff to apac: fumi until 02 16:00 batch 1
    02 15:31 1:   offer to fumi
    02 15:32 1: fumi out until 03 16:00
    02 15:32 1: offer ended (Declined)
    ");
}

#[test]
fn a_briefing_is_for_one_handoff() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 15:00  open P3 in emea: circles
        15:01  anna acknowledges 1
        15:31  anna briefs 1
        15:32  carl acknowledges 1
        16:00  carl reassigns 1 to-team amer
        16:01  dora acknowledges 1
        2026-03-02 22:00  gus reassigns 1 to emi
        2026-03-03 00:01  emi acknowledges 1
        09:01  anna acknowledges 1
        15:30  nothing
    "), @r"
    02 15:00 1: opened P3
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 03 08:00
    02 15:00 1:   offer to anna
    02 15:01 1: held by anna in emea
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to anna
    02 15:31 1: briefed
    02 15:32 1: held by carl in amer
    02 15:32 1:   stand_down to anna
    02 16:00 1: reassigned (for a reason)
    02 16:00 1: reassignment to amer: dora until 02 18:00
    02 16:00 1:   offer to dora
    02 16:01 1: held by dora in amer
    02 16:01 1:   stand_down to carl
    02 22:00 1: shift of dora ended
    02 22:00 1: step 1 of standard (ShiftEnded)
    02 22:00 1: parked until 03 00:00 (Parked)
    02 22:00 refused: ticket 1: emi is not at work for it anywhere now
    03 00:00 1: routing to apac: emi until 03 02:00
    03 00:00 1:   offer to emi
    03 00:01 1: held by emi in apac
    03 08:30 1: handoff to emea: anna until 03 09:00 batch 2
    03 08:30 1:   offer to anna
    03 08:30 1:   briefing_asked to emi
    03 09:00 1: offer ended (Boundary)
    03 09:00 1: shift of emi ended
    03 09:00 1: step 1 of standard (ShiftEnded)
    03 09:00 1: in the queue of emea
    03 09:00 1: routing to emea: anna until 03 11:00
    03 09:00 1: review after 3 hops
    03 09:00 1:   offer to anna
    03 09:00 1:   review to gus
    03 09:01 1: held by anna in emea
    03 15:30 1: handoff to amer: dora until 03 16:00 batch 3
    03 15:30 1:   offer to dora
    03 15:30 1:   briefing_asked to anna
    ");
}

#[test]
fn an_escalation_nobody_answers_makes_way_for_the_handoff() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 15:00  open P2 in emea: one
        15:01  anna acknowledges 1
        15:25  anna escalates 1 to experts
        15:41  nothing
    "), @r"
    02 15:00 1: opened P2
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 02 15:15
    02 15:00 1:   offer to anna
    02 15:01 1: held by anna in emea
    02 15:25 1: escalated (Functional: for a reason)
    02 15:25 1: step 1 of standard (Asked)
    02 15:25 1: escalation to experts: gus until 02 15:40
    02 15:25 1:   offer to gus
    02 15:40 1: offer ended (Expired)
    02 15:40 1: step 1 of standard (HeldStill)
    02 15:40 1: told anna: experts has not taken it; you hold it still
    02 15:40 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:40 1:   told to anna
    02 15:40 1:   offer to carl
    02 15:40 1:   briefing_asked to anna
    ");
}

#[test]
fn staying_on_the_receivers_need_not_answer() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 15:00  open P3 in emea: nearly done
        15:01  anna acknowledges 1
        15:45  anna stays 1 until 18:00
        15:50  anna pends 1
        2026-03-03 10:00  monitor resumes 1
    "), @r"
    02 15:00 1: opened P3
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 03 08:00
    02 15:00 1:   offer to anna
    02 15:01 1: held by anna in emea
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to anna
    02 15:45 1: holder stays until 02 18:00
    02 15:45 1: offer ended (Withdrawn)
    02 15:45 1:   stand_down to carl
    02 15:50 1: pending until 05 15:50
    03 10:00 1: resumed
    03 10:00 1: told anna: it is no longer pending
    03 10:00 1:   told to anna
    ");
}

#[test]
fn a_queue_that_was_pending_is_asked_again() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P3 resident eu: one
        09:00  open P3 resident eu: two
        09:00  open P3 resident eu: three
        09:00  open P3 resident eu: four
        09:00  open P3 resident eu: five
        09:01  monitor pends 5
        09:30  monitor resumes 5
    "), @r"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:00 2: opened P3
    02 09:00 2: step 1 of standard (Routed)
    02 09:00 2: routing to emea: bjorn until 02 11:00
    02 09:00 2:   offer to bjorn
    02 09:00 3: opened P3
    02 09:00 3: step 1 of standard (Routed)
    02 09:00 3: routing to emea: anna until 02 11:00
    02 09:00 3:   offer to anna
    02 09:00 4: opened P3
    02 09:00 4: step 1 of standard (Routed)
    02 09:00 4: routing to emea: bjorn until 02 11:00
    02 09:00 4:   offer to bjorn
    02 09:00 5: opened P3
    02 09:00 5: step 1 of standard (Routed)
    02 09:00 5: in the queue of emea
    02 09:00 5: routing to emea: whoever picks it until 02 11:00
    02 09:01 5: offer ended (Withdrawn)
    02 09:01 5: pending until 05 09:01
    02 09:30 5: resumed
    02 09:30 5: routing to emea: whoever picks it until 02 11:30
    ");
}

#[test]
fn the_team_is_gone_from_the_files() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 14:00  open P2 in amer: held there
        14:00  open P3 in amer: offered there
        14:01  carl acknowledges 1
        14:02  edit teams.amer => teams.brazil
        14:03  edit members = [\"carl\", \"dora\"] => members = [\"dora\"]
    "), @r"
    02 14:00 1: opened P2
    02 14:00 1: step 1 of standard (Routed)
    02 14:00 1: routing to amer: carl until 02 14:15
    02 14:00 1:   offer to carl
    02 14:00 2: opened P3
    02 14:00 2: step 1 of standard (Routed)
    02 14:00 2: routing to amer: dora until 02 16:00
    02 14:00 2:   offer to dora
    02 14:01 1: held by carl in amer
    02 14:02 1: shift of carl ended
    02 14:02 1: step 1 of standard (ShiftEnded)
    02 14:02 1: routing to brazil: carl until 02 14:17
    02 14:02 2: offer ended (WentHome)
    02 14:02 2: routing to brazil: dora until 02 16:02
    02 14:02 1:   offer to carl
    02 14:02 2:   offer to dora
    02 14:03 1: now dora (who was asked first cannot take it any more)
    02 14:03 1:   offer to dora
    ");
}

#[test]
fn the_weeks_turn_ends_and_the_same_teams_next_person_on_call_is_asked() {
    assert_snapshot!(play(&GLOBE.replace("starts = 2026-01-05T08:00:00\nevery = \"week\"\nmembers = [\"anna\", \"bjorn\"]", "starts = 2026-01-03T12:00:00\nevery = \"week\"\nmembers = [\"anna\", \"bjorn\"]")
        .replace("name = \"second\"\nline = \"secondary\"\nstarts = 2026-01-05T08:00:00", "name = \"second\"\nline = \"secondary\"\nlasts = \"1h\"\nstarts = 2026-01-05T08:00:00"), "
        2026-03-07 09:00  open P2: over the change of turns
        09:01  anna acknowledges 1
        09:01  bjorn acknowledges 1
        10:31  anna acknowledges 1
        10:40  bjorn acknowledges 1
        11:00  nothing
    "), @r"
    07 09:00 1: opened P2
    07 09:00 1: step 1 of standard (Routed)
    07 09:00 1: routing to emea primary: anna until 07 09:05
    07 09:00 1:   page to anna
    07 09:01 1: held by anna in emea
    07 09:01 refused: ticket 1 is not offered to bjorn, and bjorn is not at work in a team it is offered to
    07 10:30 1: handoff to emea primary: bjorn until 07 11:00 batch 1
    07 10:30 1:   offer to bjorn
    07 10:30 1:   briefing_asked to anna
    07 10:40 1: held by bjorn in emea
    07 10:40 1: holder stays until 07 11:00
    07 10:40 1:   stand_down to anna
    ");
}

/// One team that is open by day, and an expert who would be told.
const DAYS: &str = r#"
[org]
tiers = ["frontline", "expert"]
policy = "standard"
[priorities.P5]
acknowledge_within = "20d"
when_closed = "park"
[regions.emea]
timezone = "UTC"
[teams.emea]
region = "emea"
tier = "frontline"
members = ["anna"]
assign = "queue"
hours = [{ from = "08:00", to = "16:00" }]
[teams.experts]
region = "emea"
tier = "expert"
members = ["gus"]
lead = "gus"
hours = [{ from = "00:00", to = "24:00" }]
[people.anna]
[people.gus]
[policies.standard]
steps = [{ tier = "frontline" }, { tier = "expert" }]
"#;

#[test]
fn a_queue_that_closed_every_evening_was_taken_for_a_satellite() {
    let week = play(
        DAYS,
        "
        2026-03-02 15:00  open P5: it can wait
        2026-03-09 09:00  nothing
    ",
    );
    assert_eq!(week.matches("parked until").count(), 7, "{week}");
    assert!(!week.contains("review"), "{week}");
}
