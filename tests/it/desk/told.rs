//! Who is told what: everybody concerned, once, and nobody else.

use insta::assert_snapshot;

use super::play::{GLOBE, play};

#[test]
fn whoever_held_it_hears_that_it_is_taken() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P3 in emea: one
        09:01  anna acknowledges 1
        09:02  gus reassigns 1 to bjorn
        09:03  bjorn acknowledges 1
        09:04  gus releases 1
    "), @r"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:02 1: reassigned (for a reason)
    02 09:02 1: reassignment to emea: bjorn until 02 11:02
    02 09:02 1:   offer to bjorn
    02 09:03 1: held by bjorn in emea
    02 09:03 1:   stand_down to anna
    02 09:04 1: released by bjorn
    02 09:04 1: bjorn out until 03 07:00
    02 09:04 1: step 1 of standard (Asked)
    02 09:04 1: routing to emea: anna until 02 11:04
    02 09:04 1:   offer to anna
    02 09:04 1:   stand_down to bjorn
    ");
}

#[test]
fn woken_for_what_turns_out_to_be_small_they_may_sleep_again() {
    assert_snapshot!(play(GLOBE, "
        2026-03-07 12:00  open P1: Everything is down
        12:06  monitor raises 1 to P4
    "), @r"
    07 12:00 1: opened P1
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: routing to emea primary: anna until 07 12:05
    07 12:00 1:   page to anna
    07 12:05 1: offer ended (Expired)
    07 12:05 1: escalated (Automatic: emea did not answer)
    07 12:05 1: routing to emea secondary: bjorn until 07 12:10
    07 12:05 1:   page to bjorn
    07 12:06 1: changed, P4
    07 12:06 1: offer ended (Withdrawn)
    07 12:06 1: step 1 of standard (Routed)
    07 12:06 1: parked until 09 00:00 (Parked)
    07 12:06 1:   stand_down to anna
    07 12:06 1:   stand_down to bjorn
    ");
}

#[test]
fn another_title_pages_nobody_again() {
    assert_snapshot!(play(GLOBE, "
        2026-03-07 12:00  open P1: Everthing is down
        12:06  monitor changes 1 title Everything is down
    "), @r"
    07 12:00 1: opened P1
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: routing to emea primary: anna until 07 12:05
    07 12:00 1:   page to anna
    07 12:05 1: offer ended (Expired)
    07 12:05 1: escalated (Automatic: emea did not answer)
    07 12:05 1: routing to emea secondary: bjorn until 07 12:10
    07 12:05 1:   page to bjorn
    07 12:06 1: changed, P1
    ");
}

#[test]
fn worse_than_before_the_holder_is_told_and_a_pending_one_is_no_longer_left() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P3 key disk: Disk is filling
        09:01  anna acknowledges 1
        09:02  anna pends 1
        10:00  open P2 key disk: Disk is nearly full
        10:01  open P1 key disk: Disk is full
        10:02  anna changes 1 title Disk is full
    "), @r"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:02 1: pending until 05 09:02
    02 10:00 1: came in again, P2
    02 10:00 1: resumed
    02 10:00 1: told anna: it is worse than before
    02 10:00 1:   told to anna
    02 10:01 1: came in again, P1
    02 10:01 1: told anna: it is worse than before
    02 10:01 1:   told to anna
    02 10:02 1: changed, P1
    ");
}

#[test]
fn a_message_that_reaches_nobody_is_as_good_as_a_refusal() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 15:00  open P2 in emea: one
        15:00  undelivered 1 to anna
        15:01  bjorn acknowledges 1
        15:30  undelivered 1 to carl
        15:31  dora acknowledges 1
        15:32  undelivered 1 to bjorn
    "), @r#"
    02 15:00 1: opened P2
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 02 15:15
    02 15:00 1:   offer to anna
    02 15:00 1: anna could not be reached
    02 15:00 1: anna out until 02 15:10
    02 15:00 1: offer ended (NotReached)
    02 15:00 1: routing to emea: bjorn until 02 15:15
    02 15:00 1:   offer to bjorn
    02 15:01 1: held by bjorn in emea
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to bjorn
    02 15:30 1: carl could not be reached
    02 15:30 1: carl out until 02 16:10
    02 15:30 1: offer ended (NotReached)
    02 15:30 1: handoff to amer: dora until 02 16:00 batch 1
    02 15:30 1:   offer to dora
    02 15:31 1: held by dora in amer
    02 15:31 1:   stand_down to bjorn
    02 15:32 1: bjorn could not be reached
    "#);
}

#[test]
fn whom_no_page_reaches_is_passed_over_and_when_the_last_resort_is_not_reached_the_leads_are_told() {
    assert_snapshot!(play(GLOBE, "
        2026-03-07 12:00  open P1: at the weekend
        12:00  undelivered 1 to anna
        12:00  undelivered 1 to bjorn
        12:00  undelivered 1 to gus
        12:01  undelivered 1 to ines
        13:02  nothing
    "), @r#"
    07 12:00 1: opened P1
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: routing to emea primary: anna until 07 12:05
    07 12:00 1:   page to anna
    07 12:00 1: anna could not be reached
    07 12:00 1: anna out until 07 12:10
    07 12:00 1: offer ended (NotReached)
    07 12:00 1: routing to emea secondary: bjorn until 07 12:05
    07 12:00 1:   page to bjorn
    07 12:00 1: bjorn could not be reached
    07 12:00 1: bjorn out until 07 12:10
    07 12:00 1: offer ended (NotReached)
    07 12:00 1: step 2 of standard (NotAnswered)
    07 12:00 1: routing to experts primary: gus until 07 12:05
    07 12:00 1:   page to gus
    07 12:00 1: gus could not be reached
    07 12:00 1: gus out until 07 12:10
    07 12:00 1: offer ended (NotReached)
    07 12:00 1: step 3 of standard (NotAnswered)
    07 12:00 1: told ines: nobody has taken it, and management is told as its policy asks
    07 12:00 1: unattended, round 1
    07 12:00 1: told ines: it has been offered along its whole path and nobody has answered
    07 12:00 1: step 1 of standard (NextRound)
    07 12:00 1: parked until 07 12:05 (NobodyAtAll)
    07 12:00 1:   last_resort to ines
    07 12:01 1: ines could not be reached
    07 12:01 1: told carl, gus: nobody has taken it, and ines could not be reached
    07 12:01 1:   told to carl
    07 12:01 1:   told to gus
    07 12:05 1: step 1 of standard (Routed)
    07 12:05 1: routing to emea primary: anna until 07 12:10
    07 12:05 1:   page to anna
    07 12:10 1: offer ended (Expired)
    07 12:10 1: escalated (Automatic: emea did not answer)
    07 12:10 1: routing to emea secondary: bjorn until 07 12:15
    07 12:10 1:   page to bjorn
    07 12:15 1: offer ended (Expired)
    07 12:15 1: escalated (Automatic: emea did not answer)
    07 12:15 1: step 2 of standard (NotAnswered)
    07 12:15 1: routing to experts primary: gus until 07 12:20
    07 12:15 1:   page to gus
    07 12:20 1: offer ended (Expired)
    07 12:20 1: escalated (Automatic: experts did not answer)
    07 12:20 1: step 3 of standard (NotAnswered)
    07 12:20 1: told ines: nobody has taken it, and management is told as its policy asks
    07 12:20 1: unattended, round 1
    07 12:20 1: told ines: it has been offered along its whole path and nobody has answered
    07 12:20 1: step 1 of standard (NextRound)
    07 12:20 1: routing to emea primary: anna until 07 12:35
    07 12:20 1:   last_resort to ines
    07 12:20 1:   page to anna
    07 12:35 1: offer ended (Expired)
    07 12:35 1: escalated (Automatic: emea did not answer)
    07 12:35 1: routing to emea secondary: bjorn until 07 12:50
    07 12:35 1:   page to bjorn
    07 12:50 1: offer ended (Expired)
    07 12:50 1: escalated (Automatic: emea did not answer)
    07 12:50 1: step 2 of standard (NotAnswered)
    07 12:50 1: routing to experts primary: gus until 07 13:05
    07 12:50 1:   page to gus
    "#);
}

#[test]
fn unreached_in_their_hours_they_are_asked_again_in_the_same_hours() {
    let alone = GLOBE.replace("members = [\"gus\", \"hana\"]", "members = [\"gus\"]");
    assert_snapshot!(play(&alone, "
        2026-03-02 09:00  open P3 skills billing: one
        09:00  undelivered 1 to gus
        10:00  nothing
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: step 2 of standard (Skipped)
    02 09:00 1: routing to experts: gus until 02 11:00
    02 09:00 1:   offer to gus
    02 09:00 1: gus could not be reached
    02 09:00 1: gus out until 02 09:10
    02 09:00 1: offer ended (NotReached)
    02 09:00 1: step 3 of standard (NotAnswered)
    02 09:00 1: told ines: nobody has taken it, and management is told as its policy asks
    02 09:00 1: unattended, round 1
    02 09:00 1: told ines: it has been offered along its whole path and nobody has answered
    02 09:00 1: step 1 of standard (NextRound)
    02 09:00 1: parked until 02 09:05 (NobodyAtAll)
    02 09:00 1:   last_resort to ines
    02 09:05 1: step 1 of standard (Routed)
    02 09:05 1: step 2 of standard (Skipped)
    02 09:05 1: routing to experts: gus until 02 11:05
    02 09:05 1:   offer to gus
    "#);
}

#[test]
fn what_a_residency_binds_is_told_to_nobody_else() {
    let elsewhere = GLOBE.replace("last_resort = \"ines\"", "last_resort = \"carl\"");
    assert_snapshot!(play(&elsewhere, "
        2026-03-07 12:00  open P1 resident eu: theirs
        12:16  nothing
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
    07 12:15 1: told anna, gus, ines: it has been offered along its whole path and nobody has answered
    07 12:15 1: step 1 of standard (NextRound)
    07 12:15 1: routing to emea primary: anna until 07 12:30
    07 12:15 1:   last_resort to anna
    07 12:15 1:   last_resort to gus
    07 12:15 1:   last_resort to ines
    07 12:15 1:   page to anna
    ");
    assert_snapshot!(play(&elsewhere, "
        2026-03-09 14:00  open P3: anybody's
        14:01  gus reassigns 1 to dora
        14:02  gus changes 1 residency eu
        14:03  carl notes 1
    "), @r"
    09 14:00 1: opened P3
    09 14:00 1: step 1 of standard (Routed)
    09 14:00 1: routing to amer: carl until 09 16:00
    09 14:00 1:   offer to carl
    09 14:01 1: offer ended (Withdrawn)
    09 14:01 1: reassigned (for a reason)
    09 14:01 1: reassignment to amer: dora until 09 16:01
    09 14:01 1:   offer to dora
    09 14:02 1: changed, P3
    09 14:02 1: offer ended (Withdrawn)
    09 14:02 1: step 1 of standard (Routed)
    09 14:02 1: routing to emea: anna until 10 07:02
    09 14:02 1:   offer to anna
    09 14:03 refused: ticket 1 may only be seen by people of residency eu, which carl is not
    ");
}

#[test]
fn a_page_of_before_that_fails_late_took_the_ticket_from_somebody_just_reached() {
    assert_snapshot!(play(GLOBE, "
        2026-03-07 12:00  open P1: Everything is down
        12:01  bjorn acknowledges 1
        12:02  gus reassigns 1 to anna
        12:03  undelivered first page 1 to anna
        12:04  nothing
    "), @r#"
    07 12:00 1: opened P1
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: routing to emea primary: anna until 07 12:05
    07 12:00 1:   page to anna
    07 12:01 1: held by bjorn in emea
    07 12:01 1:   stand_down to anna
    07 12:02 1: reassigned (for a reason)
    07 12:02 1: reassignment to emea primary: anna until 07 12:07
    07 12:02 1:   page to anna
    07 12:03 1: anna could not be reached
    "#);
}

#[test]
fn what_is_told_beside_an_offer_and_fails_takes_nothing_from_whoever_is_asked() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P3 in emea: one
        09:01  anna acknowledges 1
        09:02  gus reassigns 1 to bjorn
        09:03  bjorn acknowledges 1
        09:04  gus reassigns 1 to anna
        09:05  undelivered first stand_down 1 to anna
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:02 1: reassigned (for a reason)
    02 09:02 1: reassignment to emea: bjorn until 02 11:02
    02 09:02 1:   offer to bjorn
    02 09:03 1: held by bjorn in emea
    02 09:03 1:   stand_down to anna
    02 09:04 1: reassigned (for a reason)
    02 09:04 1: reassignment to emea: anna until 02 11:04
    02 09:04 1:   offer to anna
    02 09:05 1: anna could not be reached
    "#);
}

#[test]
fn an_outage_of_everybodys_channel_silenced_a_p1_for_an_hour() {
    assert_snapshot!(play(GLOBE, "
        2026-03-07 12:00  open P1: Everything is down
        12:01  undelivered 1 to anna
        12:02  undelivered 1 to bjorn
        12:03  undelivered 1 to gus
        12:30  nothing
    "), @r#"
    07 12:00 1: opened P1
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: routing to emea primary: anna until 07 12:05
    07 12:00 1:   page to anna
    07 12:01 1: anna could not be reached
    07 12:01 1: anna out until 07 12:11
    07 12:01 1: offer ended (NotReached)
    07 12:01 1: routing to emea secondary: bjorn until 07 12:06
    07 12:01 1:   page to bjorn
    07 12:02 1: bjorn could not be reached
    07 12:02 1: bjorn out until 07 12:12
    07 12:02 1: offer ended (NotReached)
    07 12:02 1: step 2 of standard (NotAnswered)
    07 12:02 1: routing to experts primary: gus until 07 12:07
    07 12:02 1:   page to gus
    07 12:03 1: gus could not be reached
    07 12:03 1: gus out until 07 12:13
    07 12:03 1: offer ended (NotReached)
    07 12:03 1: step 3 of standard (NotAnswered)
    07 12:03 1: told ines: nobody has taken it, and management is told as its policy asks
    07 12:03 1: unattended, round 1
    07 12:03 1: told ines: it has been offered along its whole path and nobody has answered
    07 12:03 1: step 1 of standard (NextRound)
    07 12:03 1: parked until 07 12:08 (NobodyAtAll)
    07 12:03 1:   last_resort to ines
    07 12:08 1: step 1 of standard (Routed)
    07 12:08 1: routing to emea primary: anna until 07 12:13
    07 12:08 1:   page to anna
    07 12:13 1: offer ended (Expired)
    07 12:13 1: escalated (Automatic: emea did not answer)
    07 12:13 1: routing to emea secondary: bjorn until 07 12:18
    07 12:13 1:   page to bjorn
    07 12:18 1: offer ended (Expired)
    07 12:18 1: escalated (Automatic: emea did not answer)
    07 12:18 1: step 2 of standard (NotAnswered)
    07 12:18 1: routing to experts primary: gus until 07 12:23
    07 12:18 1:   page to gus
    07 12:23 1: offer ended (Expired)
    07 12:23 1: escalated (Automatic: experts did not answer)
    07 12:23 1: step 3 of standard (NotAnswered)
    07 12:23 1: told ines: nobody has taken it, and management is told as its policy asks
    07 12:23 1: unattended, round 1
    07 12:23 1: told ines: it has been offered along its whole path and nobody has answered
    07 12:23 1: step 1 of standard (NextRound)
    07 12:23 1: routing to emea primary: anna until 07 12:38
    07 12:23 1:   last_resort to ines
    07 12:23 1:   page to anna
    "#);
}
