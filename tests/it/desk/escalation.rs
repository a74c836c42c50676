//! What happens when nobody answers, and what people can ask for.

use insta::assert_snapshot;

use super::play::{GLOBE, play};

#[test]
fn unanswered_it_walks_hours_lines_and_steps_and_begins_again() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P1 resident eu: Everything is down
        09:45  nothing
    "), @r"
    02 09:00 1: opened P1
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:05
    02 09:00 1:   offer to anna
    02 09:05 1: offer ended (Expired)
    02 09:05 1: escalated (Automatic: emea did not answer)
    02 09:05 1: routing to emea secondary: bjorn until 02 09:10
    02 09:05 1:   page to bjorn
    02 09:10 1: offer ended (Expired)
    02 09:10 1: escalated (Automatic: emea did not answer)
    02 09:10 1: step 2 of standard (NotAnswered)
    02 09:10 1: routing to experts: gus until 02 09:15
    02 09:10 1:   offer to gus
    02 09:15 1: offer ended (Expired)
    02 09:15 1: escalated (Automatic: experts did not answer)
    02 09:15 1: routing to experts primary: gus until 02 09:20
    02 09:15 1:   page to gus
    02 09:20 1: offer ended (Expired)
    02 09:20 1: escalated (Automatic: experts did not answer)
    02 09:20 1: step 3 of standard (NotAnswered)
    02 09:20 1: told ines: nobody has taken it, and management is told as its policy asks
    02 09:20 1: unattended, round 1
    02 09:20 1: told ines: it has been offered along its whole path and nobody has answered
    02 09:20 1: step 1 of standard (NextRound)
    02 09:20 1: routing to emea: anna until 02 09:35
    02 09:20 1:   last_resort to ines
    02 09:20 1:   offer to anna
    02 09:35 1: offer ended (Expired)
    02 09:35 1: escalated (Automatic: emea did not answer)
    02 09:35 1: routing to emea secondary: bjorn until 02 09:50
    02 09:35 1:   page to bjorn
    ");
}

#[test]
fn whoever_was_paged_earlier_may_still_take_it_and_the_others_stand_down() {
    assert_snapshot!(play(GLOBE, "
        2026-03-07 12:00  open P1: Everything is down
        12:11  anna acknowledges 1
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
    07 12:11 1: held by anna in emea
    07 12:11 1: step 1 of standard (Taken)
    07 12:11 1:   stand_down to bjorn
    07 12:11 1:   stand_down to gus
    ");
}

#[test]
fn declined_by_one_it_goes_to_the_next() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P3 resident eu: A question
        09:01  anna declines 1
        09:02  bjorn declines 1
        09:03  carl declines 1
    "), @r"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: anna out until 03 07:00
    02 09:01 1: offer ended (Declined)
    02 09:01 1: routing to emea: bjorn until 02 11:00
    02 09:01 1:   offer to bjorn
    02 09:02 1: bjorn out until 03 07:00
    02 09:02 1: offer ended (Declined)
    02 09:02 1: step 2 of standard (NotAnswered)
    02 09:02 1: routing to experts: gus until 02 11:02
    02 09:02 1:   offer to gus
    02 09:03 refused: ticket 1 may only be seen by people of residency eu, which carl is not
    ");
}

#[test]
fn a_holder_escalates_and_keeps_it_until_somebody_takes_it() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P2 service checkout: Hard
        09:01  anna acknowledges 1
        09:02  dora escalates 1
        09:03  anna escalates 1
        09:10  gus acknowledges 1
        09:20  gus escalates 1
        09:30  gus escalates 1 for billing
        09:35  hana acknowledges 1
    "), @r"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:15
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:02 refused: ticket 1 is held by anna, not by dora
    02 09:03 1: escalated (Hierarchical: for a reason)
    02 09:03 1: step 2 of standard (Asked)
    02 09:03 1: escalation to experts: gus until 02 09:18
    02 09:03 1:   offer to gus
    02 09:10 1: held by gus in experts
    02 09:10 1:   stand_down to anna
    02 09:20 1: escalated (Hierarchical: for a reason)
    02 09:20 1: told ines: it is escalated (for a reason), and management is told as its policy asks
    02 09:20 1:   told to ines
    02 09:30 1: escalated (Functional: for a reason)
    02 09:30 1: changed, P2
    02 09:30 1: step 2 of standard (Asked)
    02 09:30 1: escalation to experts: hana until 02 09:45
    02 09:30 1:   offer to hana
    02 09:35 1: held by hana in experts
    02 09:35 1: step 2 of standard (Taken)
    02 09:35 1:   stand_down to gus
    ");
}

#[test]
fn given_to_somebody_by_name_it_is_offered_to_them_whatever_their_skills() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P2 skills billing: Hard
        09:01  gus acknowledges 1
        09:02  gus reassigns 1 to bjorn
        09:03  bjorn acknowledges 1
        20:00  open P2 resident eu: At night
        20:01  gus reassigns 2 to hana
        20:01  gus reassigns 2 to bjorn
        20:02  bjorn acknowledges 2
    "), @r"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: step 2 of standard (Skipped)
    02 09:00 1: routing to experts: gus until 02 09:15
    02 09:00 1:   offer to gus
    02 09:01 1: held by gus in experts
    02 09:02 1: reassigned (for a reason)
    02 09:02 1: reassignment to emea: bjorn until 02 09:17
    02 09:02 1:   offer to bjorn
    02 09:03 1: held by bjorn in emea
    02 09:03 1: step 1 of standard (Taken)
    02 09:03 1:   stand_down to gus
    02 20:00 2: opened P2
    02 20:00 2: step 1 of standard (Routed)
    02 20:00 2: routing to emea primary: anna until 02 20:05
    02 20:00 2:   page to anna
    02 20:01 refused: ticket 2: hana is not at work for it anywhere now
    02 20:01 2: offer ended (Withdrawn)
    02 20:01 2: reassigned (for a reason)
    02 20:01 2: reassignment to emea secondary: bjorn until 02 20:16
    02 20:01 2:   page to bjorn
    02 20:02 2: held by bjorn in emea
    02 20:02 2:   stand_down to anna
    ");
}

#[test]
fn named_while_on_call_they_stay_asked_until_their_work_ends_and_no_longer() {
    let patient = GLOBE.replace("acknowledge_within = \"15m\"", "acknowledge_within = \"3d\"");
    assert_snapshot!(play(&patient, "
        2026-03-08 20:00  open P2 resident eu: Hard
        20:01  ines reassigns 1 to gus
        2026-03-09 16:01  nothing
    "), @r#"
    08 20:00 1: opened P2
    08 20:00 1: step 1 of standard (Routed)
    08 20:00 1: routing to emea primary: anna until 08 20:05
    08 20:00 1:   page to anna
    08 20:01 1: offer ended (Withdrawn)
    08 20:01 1: reassigned (for a reason)
    08 20:01 1: reassignment to experts primary: gus until 11 20:01
    08 20:01 1:   page to gus
    09 16:00 1: offer ended (WentHome)
    09 16:00 1: routing to emea secondary: anna until 11 20:01
    09 16:00 1:   page to anna
    "#);
}

#[test]
fn an_escalation_nobody_answers_leaves_it_with_the_holder() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P3 service checkout: Hard
        09:01  anna acknowledges 1
        09:02  anna escalates 1 to experts
        11:30  nothing
    "), @r"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:02 1: escalated (Functional: for a reason)
    02 09:02 1: step 1 of standard (Asked)
    02 09:02 1: escalation to experts: gus until 02 11:02
    02 09:02 1:   offer to gus
    02 11:02 1: offer ended (Expired)
    02 11:02 1: step 1 of standard (HeldStill)
    02 11:02 1: told anna: experts has not taken it; you hold it still
    02 11:02 1:   told to anna
    ");
}

#[test]
fn not_resolved_in_time_the_holder_and_leads_are_told_once() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P1: Slow
        09:01  anna acknowledges 1
        11:00  nothing
    "), @r"
    02 09:00 1: opened P1
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:05
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 10:01 1: overran: told
    02 10:01 1: told anna, gus: it has not been resolved in time
    02 10:01 1:   told to anna
    02 10:01 1:   told to gus
    ");
}

#[test]
fn pending_stops_the_clock_and_a_reply_checks_custody() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P2: Waiting for the customer
        09:01  anna acknowledges 1
        09:02  anna pends 1
        20:00  monitor resumes 1
    "), @r"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:15
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:02 1: pending until 05 09:02
    02 20:00 1: resumed
    02 20:00 1: told anna: it is no longer pending
    02 20:00 1:   told to anna
    ");
}

#[test]
fn reopened_it_goes_to_whoever_held_it() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P3: Comes back
        09:01  anna acknowledges 1
        09:02  anna resolves 1
        10:00  monitor reopens 1
    "), @r"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:02 1: resolved
    02 10:00 1: reopened
    02 10:00 1: step 1 of standard (Reopened)
    02 10:00 1: routing to emea: anna until 02 12:00
    02 10:00 1:   offer to anna
    ");
}

fn with_rules() -> String {
    let standard = "[policies.standard]\n";
    let rules = "immediately = [{ when = { risk = [\"security\"] }, tell = \"management\" }, \
        { when = { priority = [\"P1\"], customer = [\"acme\"] }, tell = \"specialist\" }]\n";
    let globe = GLOBE.replace(standard, &format!("{standard}{rules}"));
    assert_ne!(globe, GLOBE, "the policy has moved");
    globe
}

#[test]
fn what_must_be_known_at_once_is_told_at_once_while_the_path_goes_on_by_time() {
    assert_snapshot!(play(&with_rules(), "
        2026-03-02 09:00  open P2 risk security: A key was published
        09:20  nothing
        10:00  open P3 from acme: One desk is slow
        10:01  anna acknowledges 2
        10:05  monitor raises 2 to P1
        10:06  anna changes 2 title All desks are down
    "), @r#"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:15
    02 09:00 1: escalated (Automatic: by a rule of its policy)
    02 09:00 1: told ines: it is escalated (by a rule of its policy), and management is told as its policy asks
    02 09:00 1:   offer to anna
    02 09:00 1:   told to ines
    02 09:15 1: offer ended (Expired)
    02 09:15 1: escalated (Automatic: emea did not answer)
    02 09:15 1: routing to emea secondary: bjorn until 02 09:20
    02 09:15 1:   page to bjorn
    02 09:20 1: offer ended (Expired)
    02 09:20 1: escalated (Automatic: emea did not answer)
    02 09:20 1: step 2 of standard (NotAnswered)
    02 09:20 1: routing to experts: gus until 02 09:35
    02 09:20 1:   offer to gus
    02 09:35 1: offer ended (Expired)
    02 09:35 1: escalated (Automatic: experts did not answer)
    02 09:35 1: routing to experts primary: gus until 02 09:50
    02 09:35 1:   page to gus
    02 09:50 1: offer ended (Expired)
    02 09:50 1: escalated (Automatic: experts did not answer)
    02 09:50 1: step 3 of standard (NotAnswered)
    02 09:50 1: told ines: nobody has taken it, and management is told as its policy asks
    02 09:50 1: unattended, round 1
    02 09:50 1: told ines: it has been offered along its whole path and nobody has answered
    02 09:50 1: step 1 of standard (NextRound)
    02 09:50 1: routing to emea: anna until 02 10:05
    02 09:50 1:   last_resort to ines
    02 09:50 1:   offer to anna
    02 10:00 2: opened P3
    02 10:00 2: step 1 of standard (Routed)
    02 10:00 2: routing to emea: anna until 02 12:00
    02 10:00 2:   offer to anna
    02 10:01 2: held by anna in emea
    02 10:05 1: offer ended (Expired)
    02 10:05 1: escalated (Automatic: emea did not answer)
    02 10:05 1: routing to emea secondary: bjorn until 02 10:20
    02 10:05 1:   page to bjorn
    02 10:05 2: changed, P1
    02 10:05 2: told anna: it is worse than before
    02 10:05 2: escalated (Automatic: by a rule of its policy)
    02 10:05 2: told gus: it is escalated (by a rule of its policy), and specialist is told as its policy asks
    02 10:05 2:   told to anna
    02 10:05 2:   told to gus
    02 10:06 2: changed, P1
    "#);
}

#[test]
fn back_and_forth_between_teams_ends_with_a_lead() {
    let standard = "[policies.standard]\n";
    let globe = GLOBE.replace(standard, &format!("{standard}returns_at_most = 1\n"));
    assert_ne!(globe, GLOBE, "the policy has moved");
    assert_snapshot!(play(&globe, "
        2026-03-02 14:00  open P2 in emea: One desk is slow
        14:01  bjorn acknowledges 1
        14:02  bjorn reassigns 1 to-team amer
        14:03  carl acknowledges 1
        14:04  dora reassigns 1 to-team emea
        14:04  carl reassigns 1 to-team emea
        14:05  anna acknowledges 1
        14:06  bjorn acknowledges 1
        14:07  monitor reassigns 1 to bjorn
        14:08  bjorn acknowledges 1
        14:09  bjorn reassigns 1 to-team amer
        14:10  bjorn notes 1 progress
        14:11  bjorn reassigns 1 to-team amer
    "), @r#"
    02 14:00 1: opened P2
    02 14:00 1: step 1 of standard (Routed)
    02 14:00 1: routing to emea: anna until 02 14:15
    02 14:00 1:   offer to anna
    02 14:01 1: held by bjorn in emea
    02 14:01 1:   stand_down to anna
    02 14:02 1: reassigned (for a reason)
    02 14:02 1: reassignment to amer: carl until 02 14:17
    02 14:02 1:   offer to carl
    02 14:03 1: held by carl in amer
    02 14:03 1:   stand_down to bjorn
    02 14:04 refused: ticket 1 is held by carl, not by dora
    02 14:04 1: reassigned back (for a reason)
    02 14:04 1: reassignment to emea: bjorn until 02 14:19
    02 14:04 1: told anna: it has been sent back without progress (1×); a lead says who keeps it
    02 14:04 1:   offer to bjorn
    02 14:04 1:   told to anna
    02 14:05 1: held by anna in emea
    02 14:05 1:   stand_down to bjorn
    02 14:05 1:   stand_down to carl
    02 14:06 refused: ticket 1 is not offered to bjorn, and bjorn is not at work in a team it is offered to
    02 14:07 1: reassigned (for a reason)
    02 14:07 1: reassignment to emea: bjorn until 02 14:22
    02 14:07 1:   offer to bjorn
    02 14:08 1: held by bjorn in emea
    02 14:08 1:   stand_down to anna
    02 14:09 refused: ticket 1: it has been sent back without progress (1×); a lead says who keeps it: ask anna
    02 14:10 1: noted
    02 14:11 1: reassigned back (for a reason)
    02 14:11 1: reassignment to amer: carl until 02 14:26
    02 14:11 1: told anna, carl: it has been sent back without progress (1×); a lead says who keeps it
    02 14:11 1:   offer to carl
    02 14:11 1:   told to anna
    02 14:11 1:   told to carl
    "#);
}
