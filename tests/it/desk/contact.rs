//! How people are asked: by one way after the other, at their hours, until somebody has taken the ticket.

use insta::assert_snapshot;

use super::play::{GLOBE, play};

/// The night of a Saturday in Stockholm: anna is on call, bjorn behind her.
fn globe(anna: &str) -> String {
    GLOBE.replace("[people.anna]\n", &format!("[people.anna]\ncontact = {anna}\n"))
}

const PRACTICE: &str = r#"["mail", { via = "voice", for = "page", after = "2m", between = ["22:00", "07:00"] },
    { via = "sms", for = "offer", after = "4m" }]"#;

#[test]
fn a_page_goes_out_by_the_next_way_unless_somebody_has_it_by_then() {
    assert_snapshot!(play(&globe(PRACTICE), "
        2026-03-07 22:00  open P1: Everything is down
        22:03  anna acknowledges 1
    "), @r#"
    07 22:00 1: opened P1
    07 22:00 1: step 1 of standard (Routed)
    07 22:00 1: routing to emea primary: anna until 07 22:05
    07 22:00 1:   page to anna
    07 22:00 1:   page to anna by voice, at 22:02
    07 22:00 1:   page to anna by sms, at 22:04
    07 22:03 1: held by anna in emea
    "#);
}

#[test]
fn by_day_the_phone_does_not_ring_and_what_comes_too_late_is_not_sent_at_all() {
    assert_snapshot!(play(&globe(PRACTICE), "
        2026-03-07 12:00  open P1: Everything is down
        12:04  anna acknowledges 1
    "), @r#"
    07 12:00 1: opened P1
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: routing to emea primary: anna until 07 12:05
    07 12:00 1:   page to anna
    07 12:00 1:   page to anna by sms, at 12:04
    07 12:04 1: held by anna in emea
    "#);
    let late = r#"["mail", { via = "voice", after = "5m" }]"#;
    assert_snapshot!(play(&globe(late), "
        2026-03-07 12:00  open P1: Everything is down
        12:04  anna acknowledges 1
    "), @r#"
    07 12:00 1: opened P1
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: routing to emea primary: anna until 07 12:05
    07 12:00 1:   page to anna
    07 12:04 1: held by anna in emea
    "#);
}

#[test]
fn somebody_is_not_reached_only_when_every_stage_has_failed() {
    assert_snapshot!(play(&globe(PRACTICE), "
        2026-03-07 22:00  open P1: Everything is down
        22:00  undelivered stage 1 of 1 to anna
        22:01  undelivered stage 3 of 1 to anna
        22:01  undelivered stage 3 of 1 to anna
        22:02  undelivered stage 2 of 1 to anna
    "), @r#"
    07 22:00 1: opened P1
    07 22:00 1: step 1 of standard (Routed)
    07 22:00 1: routing to emea primary: anna until 07 22:05
    07 22:00 1:   page to anna
    07 22:00 1:   page to anna by voice, at 22:02
    07 22:00 1:   page to anna by sms, at 22:04
    07 22:00 1: anna could not be reached
    07 22:01 1: anna could not be reached
    07 22:01 1: anna could not be reached
    07 22:02 1: anna could not be reached
    07 22:02 1: anna out until 07 22:12
    07 22:02 1: offer ended (NotReached)
    07 22:02 1: routing to emea secondary: bjorn until 07 22:07
    07 22:02 1:   page to bjorn
    "#);
}

#[test]
fn a_later_stage_that_fails_takes_nothing_from_whom_the_first_has_reached() {
    assert_snapshot!(play(&globe(PRACTICE), "
        2026-03-07 22:00  open P1: Everything is down
        22:02  undelivered stage 2 of 1 to anna
        22:04  undelivered stage 3 of 1 to anna
        22:04  anna acknowledges 1
    "), @r#"
    07 22:00 1: opened P1
    07 22:00 1: step 1 of standard (Routed)
    07 22:00 1: routing to emea primary: anna until 07 22:05
    07 22:00 1:   page to anna
    07 22:00 1:   page to anna by voice, at 22:02
    07 22:00 1:   page to anna by sms, at 22:04
    07 22:02 1: anna could not be reached
    07 22:04 1: anna could not be reached
    07 22:04 1: held by anna in emea
    "#);
}

#[test]
fn whoever_is_asked_again_is_asked_in_all_stages_again() {
    let alone = r#"["mail", { via = "voice", for = "page", after = "2m" }]"#;
    assert_snapshot!(play(&globe(alone), "
        2026-03-07 12:00  open P1: Everything is down
        12:00  undelivered stage 1 of 1 to anna
        12:05  undelivered stage 2 of 1 to anna
        12:20  nothing
    "), @r#"
    07 12:00 1: opened P1
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: routing to emea primary: anna until 07 12:05
    07 12:00 1:   page to anna
    07 12:00 1:   page to anna by voice, at 12:02
    07 12:00 1: anna could not be reached
    07 12:05 1: offer ended (Expired)
    07 12:05 1: escalated (Automatic: emea did not answer)
    07 12:05 1: routing to emea secondary: bjorn until 07 12:10
    07 12:05 1:   page to bjorn
    07 12:05 1: anna could not be reached
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
    07 12:15 1: routing to emea primary: anna until 07 12:30
    07 12:15 1:   last_resort to ines
    07 12:15 1:   page to anna
    07 12:15 1:   page to anna by voice, at 12:17
    "#);
}

#[test]
fn where_no_way_is_in_time_the_first_is_used_at_once() {
    let late = r#"[{ via = "voice", for = "page", after = "30m" }, { via = "mail", after = "45m" }]"#;
    assert_snapshot!(play(&globe(late), "
        2026-03-07 12:00  open P1: Everything is down
        12:01  anna acknowledges 1
    "), @r#"
    07 12:00 1: opened P1
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: routing to emea primary: anna until 07 12:05
    07 12:00 1:   page to anna
    07 12:01 1: held by anna in emea
    "#);
}

#[test]
fn a_night_of_spring_moves_the_hours_at_which_somebody_is_rung() {
    // 02:00 to 03:00 does not exist in Stockholm on 29 March: 01:30Z is 03:30 there, 00:30Z is 01:30.
    let early = r#"["mail", { via = "voice", for = "page", after = "1m", between = ["02:30", "07:00"] }]"#;
    assert_snapshot!(play(&GLOBE.replace("[people.bjorn]\n", &format!("[people.bjorn]\ncontact = {early}\n")), "
        2026-03-29 00:58  open P1: just before
        00:59  open P1: at the gap
        01:02  nothing
    "), @r#"
    29 00:58 1: opened P1
    29 00:58 1: step 1 of standard (Routed)
    29 00:58 1: routing to emea primary: bjorn until 29 01:03
    29 00:58 1:   page to bjorn
    29 00:59 2: opened P1
    29 00:59 2: step 1 of standard (Routed)
    29 00:59 2: routing to emea primary: bjorn until 29 01:04
    29 00:59 2:   page to bjorn
    29 00:59 2:   page to bjorn by voice, at 01:00
    "#);
}
