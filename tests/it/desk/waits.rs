//! How long anybody has: acknowledgement, resolution, and what stops, continues or restarts them.

use insta::assert_snapshot;

use super::play::{GLOBE, play};

#[test]
fn what_pages_counts_on_the_calendar_what_parks_in_the_holder_teams_open_hours() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 15:00  open P2 in emea: pages
        15:00  open P3 in emea: parks
        15:01  anna acknowledges 1
        15:01  bjorn acknowledges 2
        clocks 1
        clocks 2
    "), @r"
    02 15:00 1: opened P2
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 02 15:15
    02 15:00 1:   offer to anna
    02 15:00 2: opened P3
    02 15:00 2: step 1 of standard (Routed)
    02 15:00 2: routing to emea: bjorn until 03 08:00
    02 15:00 2:   offer to bjorn
    02 15:01 1: held by anna in emea
    02 15:01 2: held by bjorn in emea
      acknowledge: none, resolve: 03 03:01
      acknowledge: none, resolve: 12 15:01
    ");
}

#[test]
fn a_parks_acknowledgement_starts_on_leaving_it() {
    assert_snapshot!(play(GLOBE, "
        2026-03-07 12:00  open P3: on a saturday
        clocks 1
        2026-03-09 00:00  nothing
        clocks 1
    "), @r"
    07 12:00 1: opened P3
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: parked until 09 00:00 (Parked)
      acknowledge: none, resolve: none
    09 00:00 1: routing to apac: emi until 09 02:00
    09 00:00 1:   offer to emi
      acknowledge: 09 02:00, resolve: none
    ");
}

#[test]
fn a_reassignment_continues_the_resolution_wait_across_tiers_and_an_escalation_restarts_it() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P2 skills billing: Hard
        09:01  gus acknowledges 1
        clocks 1
        10:00  gus reassigns 1 to bjorn
        10:01  bjorn acknowledges 1
        clocks 1
        11:00  bjorn escalates 1
        11:01  hana acknowledges 1
        clocks 1
    "), @r"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: step 2 of standard (Skipped)
    02 09:00 1: routing to experts: gus until 02 09:15
    02 09:00 1:   offer to gus
    02 09:01 1: held by gus in experts
      acknowledge: none, resolve: 02 21:01
    02 10:00 1: reassigned (for a reason)
    02 10:00 1: reassignment to emea: bjorn until 02 10:15
    02 10:00 1:   offer to bjorn
    02 10:01 1: held by bjorn in emea
    02 10:01 1: step 1 of standard (Taken)
    02 10:01 1:   stand_down to gus
      acknowledge: none, resolve: 02 21:01
    02 11:00 1: escalated (Hierarchical: for a reason)
    02 11:00 1: step 2 of standard (Asked)
    02 11:00 1: escalation to experts: gus until 02 11:15
    02 11:00 1:   offer to gus
    02 11:01 1: held by hana in experts
    02 11:01 1:   stand_down to gus
    02 11:01 1:   stand_down to bjorn
      acknowledge: none, resolve: 02 23:00
    ");
}

#[test]
fn a_handoff_continues_the_resolution_wait_and_reopening_starts_it_anew() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 15:00  open P2 in emea: long
        15:01  anna acknowledges 1
        15:45  carl acknowledges 1
        clocks 1
        16:00  carl resolves 1
        17:00  monitor reopens 1
        17:01  carl acknowledges 1
        clocks 1
    "), @r"
    02 15:00 1: opened P2
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 02 15:15
    02 15:00 1:   offer to anna
    02 15:01 1: held by anna in emea
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to anna
    02 15:45 1: held by carl in amer
    02 15:45 1:   stand_down to anna
      acknowledge: none, resolve: 03 03:01
    02 16:00 1: resolved
    02 17:00 1: reopened
    02 17:00 1: step 1 of standard (Reopened)
    02 17:00 1: routing to amer: carl until 02 17:15
    02 17:00 1:   offer to carl
    02 17:01 1: held by carl in amer
      acknowledge: none, resolve: 03 05:01
    ");
}

#[test]
fn an_edited_policy_does_not_restart_the_clock() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P2: one
        09:01  anna acknowledges 1
        10:00  edit standard => usual
        clocks 1
    "), @r"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:15
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 10:00 1: step 1 of usual (Routed)
    02 10:00 1: step 1 of usual (Routed)
      acknowledge: none, resolve: 02 21:01
    ");
}

#[test]
fn whoever_the_escalation_does_not_reach_has_it_on_their_own_step_again() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P3: Hard
        09:01  anna acknowledges 1
        09:02  anna escalates 1
        11:02  nothing
        11:03  anna escalates 1
    "), @r"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:02 1: escalated (Hierarchical: for a reason)
    02 09:02 1: step 2 of standard (Asked)
    02 09:02 1: escalation to experts: gus until 02 11:02
    02 09:02 1:   offer to gus
    02 11:02 1: offer ended (Expired)
    02 11:02 1: escalated (Automatic: experts did not answer)
    02 11:02 1: step 3 of standard (NotAnswered)
    02 11:02 1: told ines: nobody has taken it, and management is told as its policy asks
    02 11:02 1: told anna: nobody further up has taken it; you hold it still
    02 11:02 1: told ines: an escalation has been answered by nobody
    02 11:02 1: step 1 of standard (HeldStill)
    02 11:02 1:   told to anna
    02 11:02 1:   last_resort to ines
    02 11:03 1: escalated (Hierarchical: for a reason)
    02 11:03 1: step 2 of standard (Asked)
    02 11:03 1: escalation to experts: gus until 02 13:03
    02 11:03 1:   offer to gus
    ");
}

#[test]
fn over_time_it_moves_to_the_next_step_even_while_a_handoff_is_under_way() {
    let moves = GLOBE.replace("[policies.standard]", "[policies.standard]\non_overrun = \"move\"");
    assert_snapshot!(play(&moves, "
        2026-03-02 14:40  open P1 in emea: Slow
        14:41  anna acknowledges 1
        15:41  nothing
    "), @r"
    02 14:40 1: opened P1
    02 14:40 1: step 1 of standard (Routed)
    02 14:40 1: routing to emea: anna until 02 14:45
    02 14:40 1:   offer to anna
    02 14:41 1: held by anna in emea
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to anna
    02 15:41 1: offer ended (Withdrawn)
    02 15:41 1: overran: escalated to specialist
    02 15:41 1: escalated (Automatic: not resolved in time)
    02 15:41 1: step 2 of standard (Overrun)
    02 15:41 1: escalation to experts: gus until 02 15:46
    02 15:41 1:   offer to gus
    ");
}

#[test]
fn over_time_at_night_those_on_call_above_are_asked_to_help_and_the_holder_stays() {
    let joins = GLOBE.replace("[policies.standard]", "[policies.standard]\non_overrun = \"join\"");
    assert_snapshot!(play(&joins, "
        2026-03-07 12:00  open P1: Slow
        12:01  anna acknowledges 1
        13:02  gus acknowledges 1
        13:30  nothing
    "), @r"
    07 12:00 1: opened P1
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: routing to emea primary: anna until 07 12:05
    07 12:00 1:   page to anna
    07 12:01 1: held by anna in emea
    07 13:01 1: overran: specialist asked to help
    07 13:01 1: join to experts primary: gus until 07 13:06
    07 13:01 1:   page to gus
    07 13:02 1: gus helps
    ");
}

#[test]
fn a_step_that_joins_calls_its_lines_and_then_the_step_above() {
    let joins = GLOBE.replace(
        "{ tier = \"specialist\", call = [\"primary\"] }",
        "{ tier = \"frontline\", call = [\"primary\", \"secondary\"], how = \"join\" }, { tier = \"specialist\", call = [\"primary\"] }",
    );
    assert_snapshot!(play(&joins, "
        2026-03-07 12:00  open P2: Hard
        12:01  anna acknowledges 1
        12:02  anna escalates 1
        12:18  nothing
        12:20  gus acknowledges 1
    "), @r"
    07 12:00 1: opened P2
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: routing to emea primary: anna until 07 12:05
    07 12:00 1:   page to anna
    07 12:01 1: held by anna in emea
    07 12:02 1: escalated (Hierarchical: for a reason)
    07 12:02 1: step 2 of standard (Asked)
    07 12:02 1: join to emea secondary: bjorn until 07 12:17
    07 12:02 1:   page to bjorn
    07 12:17 1: offer ended (Expired)
    07 12:17 1: step 3 of standard (NotAnswered)
    07 12:17 1: escalation to experts primary: gus until 07 12:32
    07 12:17 1:   page to gus
    07 12:20 1: held by gus in experts
    07 12:20 1:   stand_down to bjorn
    07 12:20 1:   stand_down to anna
    ");
}

#[test]
fn pending_the_clock_stands_still() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P2: on the customer
        09:01  anna acknowledges 1
        10:01  anna pends 1 until 12:01
        clocks 1
        12:02  nothing
        clocks 1
    "), @r"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:15
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 10:01 1: pending until 02 12:01
      acknowledge: none, resolve: standing still
    02 12:01 1: resumed
    02 12:01 1: told anna: it is no longer pending
    02 12:01 1:   told to anna
      acknowledge: none, resolve: 02 23:01
    ");
}

#[test]
fn unattended_it_is_asked_for_at_the_policys_pace() {
    let slow = GLOBE.replace("[policies.standard]", "[policies.standard]\nrepeat_every = \"45m\"");
    assert_snapshot!(play(&slow, "
        2026-03-07 12:00  open P1: nobody answers
        13:45  gus acknowledges 1
    "), @r"
    07 12:00 1: opened P1
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: routing to emea primary: anna until 07 12:05
    07 12:00 1:   page to anna
    07 12:05 1: offer ended (Expired)
    07 12:05 1: escalated (Automatic: emea did not answer)
    07 12:05 1: routing to emea secondary: bjorn until 07 12:10
    07 12:05 1:   page to bjorn
    07 12:10 1: offer ended (Expired)
    07 12:10 1: escalated (Automatic: emea did not answer)
    07 12:10 1: step 2 of standard (NotAnswered)
    07 12:10 1: routing to experts primary: gus until 07 12:15
    07 12:10 1:   page to gus
    07 12:15 1: offer ended (Expired)
    07 12:15 1: escalated (Automatic: experts did not answer)
    07 12:15 1: step 3 of standard (NotAnswered)
    07 12:15 1: told ines: nobody has taken it, and management is told as its policy asks
    07 12:15 1: unattended, round 1
    07 12:15 1: told ines: it has been offered along its whole path and nobody has answered
    07 12:15 1: step 1 of standard (NextRound)
    07 12:15 1: routing to emea primary: anna until 07 13:00
    07 12:15 1:   last_resort to ines
    07 12:15 1:   page to anna
    07 13:00 1: offer ended (Expired)
    07 13:00 1: escalated (Automatic: emea did not answer)
    07 13:00 1: routing to emea secondary: bjorn until 07 13:45
    07 13:00 1:   page to bjorn
    07 13:45 1: offer ended (Expired)
    07 13:45 1: escalated (Automatic: emea did not answer)
    07 13:45 1: step 2 of standard (NotAnswered)
    07 13:45 1: routing to experts primary: gus until 07 14:30
    07 13:45 1:   page to gus
    07 13:45 1: held by gus in experts
    07 13:45 1:   stand_down to anna
    07 13:45 1:   stand_down to bjorn
    ");
}
