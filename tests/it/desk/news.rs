//! Stakeholders, and the status updates that a holder owes them.

use insta::assert_snapshot;

use super::play::{GLOBE, play, played};

/// The chief is in no team; Acme's room may be told of what stays in the EU, the chief may not.
fn followed() -> String {
    let owed = |globe: String, priority: &str, updates: &str| {
        let table = format!("[priorities.{priority}]\n");
        assert!(globe.contains(&table));
        globe.replace(&table, &format!("{table}updates = {updates}\n"))
    };
    let globe = owed(GLOBE.to_owned(), "P1", r#"{ first = "15m", every = "1h" }"#);
    owed(globe, "P3", r#"{ every = "4h" }"#)
        + r#"
[[subscriptions]]
people = ["chief"]
when = { priority = ["P1"] }
about = ["opened", "escalated", "update", "resolved"]
[[subscriptions]]
people = ["room"]
when = { customer = ["acme"] }
residency = "eu"
[people.chief]
name = "Chief"
timezone = "Europe/London"
[people.room]
name = "Acme's room"
timezone = "Europe/Stockholm"
languages = ["sv"]
"#
}

#[test]
fn a_holder_who_says_nothing_is_reminded_and_then_the_next_tiers_lead_hears_of_it() {
    assert_snapshot!(play(&followed(), "
        2026-03-02 09:00  open P1: All is down
        09:03  anna acknowledges 1
        09:14  anna updates 1
        10:20  anna updates 1
        promises 1
    "), @r#"
    02 09:00 1: opened P1
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:05
    02 09:00 1: told chief: it has been opened
    02 09:00 1:   offer to anna
    02 09:00 1:   news to chief
    02 09:03 1: held by anna in emea
    02 09:14 1: update: we are on it
    02 09:14 1: status update met after 11m
    02 09:14 1: told chief: there is a status update
    02 09:14 1:   news to chief
    02 10:02 1: 80 % of status update gone, due 02 10:14
    02 10:02 1: told anna: 80 % of the 1h for its status update are gone, due 2026-03-02 10:14 UTC
    02 10:02 1:   told to anna
    02 10:03 1: overran: told
    02 10:03 1: told anna, gus: it has not been resolved in time
    02 10:03 1:   told to anna
    02 10:03 1:   told to gus
    02 10:14 1: status update BREACHED
    02 10:14 1: told anna, gus: the promise of a status update within 1h is broken
    02 10:14 1: escalated (Automatic: the status update is overdue)
    02 10:14 1: told chief: it is escalated (the status update is overdue)
    02 10:14 1:   told to anna
    02 10:14 1:   told to gus
    02 10:14 1:   news to chief
    02 10:20 1: update: we are on it
    02 10:20 1: status update met after 6m
    02 10:20 1: told chief: there is a status update
    02 10:20 1:   news to chief
      status update within 1h: Running, due 02 11:20
        status update 11m: anna in emea 11m
        status update 1h: anna in emea 1h
        status update 6m: anna in emea 6m
        status update no time:
    "#);
}

#[test]
fn who_takes_over_owes_what_is_left_and_over_night_nobody_owes_anything() {
    assert_snapshot!(play(&followed(), "
        2026-03-02 14:00  open P3 in emea: One desk is slow
        14:30  anna acknowledges 1
        promises 1
        14:45  anna stays 1 until 16:30
        15:00  anna reassigns 1 to bjorn
        15:10  bjorn acknowledges 1
        promises 1
        2026-03-03 07:00  nothing
        promises 1
    "), @r#"
    02 14:00 1: opened P3
    02 14:00 1: step 1 of standard (Routed)
    02 14:00 1: routing to emea: anna until 02 16:00
    02 14:00 1:   offer to anna
    02 14:30 1: held by anna in emea
      status update within 4h: Running, due 03 09:30
        status update no time: 
    02 14:45 1: holder stays until 02 16:30
    02 15:00 1: reassigned (for a reason)
    02 15:00 1: reassignment to emea: bjorn until 03 08:00
    02 15:00 1:   offer to bjorn
    02 15:10 1: held by bjorn in emea
    02 15:10 1:   stand_down to anna
      status update within 4h: Running, due 03 09:30
        status update 40m: anna in emea 40m
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to bjorn
    02 16:00 1: offer ended (Boundary)
    02 16:00 1: shift of bjorn ended
    02 16:00 1: step 1 of standard (ShiftEnded)
    02 16:00 1: in the queue of amer
    02 16:00 1: routing to amer: carl until 02 18:00
    02 16:00 1:   offer to carl
    02 18:00 1: offer ended (Expired)
    02 18:00 1: escalated (Automatic: amer did not answer)
    02 18:00 1: step 2 of standard (NotAnswered)
    02 18:00 1: parked until 03 07:00 (Parked)
    03 07:00 1: routing to experts: gus until 03 09:00
    03 07:00 1:   offer to gus
      status update within 4h: Standing
        status update 1h30m: anna in emea 40m, bjorn in emea 50m
    "#);
}

#[test]
fn followers_hear_what_they_asked_for_and_whoever_works_on_it_nothing_twice() {
    assert_snapshot!(play(&followed(), "
        2026-03-02 09:00  open P1: All is down
        09:03  anna acknowledges 1
        09:04  anna subscribes 1
        09:04  anna subscribes 1 for emi
        09:10  anna updates 1
        09:20  anna escalates 1
        09:21  gus acknowledges 1
        09:30  gus updates 1
        09:31  emi unsubscribes 1
        09:40  gus resolves 1
        09:50  anna reopens 1
    "), @r#"
    02 09:00 1: opened P1
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:05
    02 09:00 1: told chief: it has been opened
    02 09:00 1:   offer to anna
    02 09:00 1:   news to chief
    02 09:03 1: held by anna in emea
    02 09:04 1: anna follows it
    02 09:04 1: emi follows it
    02 09:10 1: update: we are on it
    02 09:10 1: status update met after 7m
    02 09:10 1: told chief, emi: there is a status update
    02 09:10 1:   news to chief
    02 09:10 1:   news to emi
    02 09:20 1: escalated (Hierarchical: for a reason)
    02 09:20 1: step 2 of standard (Asked)
    02 09:20 1: escalation to experts: gus until 02 09:25
    02 09:20 1: told chief: it is escalated (for a reason)
    02 09:20 1:   offer to gus
    02 09:20 1:   news to chief
    02 09:21 1: held by gus in experts
    02 09:21 1:   stand_down to anna
    02 09:30 1: update: we are on it
    02 09:30 1: status update met after 20m
    02 09:30 1: told anna, chief, emi: there is a status update
    02 09:30 1:   news to anna
    02 09:30 1:   news to chief
    02 09:30 1:   news to emi
    02 09:31 1: emi follows it no longer
    02 09:40 1: resolved
    02 09:40 1: status update met after 10m
    02 09:40 1: told anna, chief: it is resolved
    02 09:40 1:   news to anna
    02 09:40 1:   news to chief
    02 09:50 1: reopened
    02 09:50 1: step 2 of standard (Reopened)
    02 09:50 1: routing to experts: gus until 02 09:55
    02 09:50 1:   offer to gus
    "#);
}

#[test]
fn what_is_bound_to_a_residency_is_told_only_to_those_who_may_know() {
    assert_snapshot!(play(&followed(), "
        2026-03-02 09:00  open P1 from acme: All is down
        09:03  anna acknowledges 1
        09:04  anna subscribes 1 for emi
        09:05  anna subscribes 1 for nobody-known
        09:06  anna unsubscribes 1 for room
        09:07  anna unsubscribes 1 for bjorn
        09:10  anna updates 1
    "), @r#"
    02 09:00 1: opened P1
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:05
    02 09:00 1: told room: it has been opened
    02 09:00 1:   offer to anna
    02 09:00 1:   news to room
    02 09:03 1: held by anna in emea
    02 09:04 refused: ticket 1 may only be seen by people of residency eu, which emi is not
    02 09:05 refused: person: there is no person "nobody-known" in the schedules
    02 09:06 refused: person: room follows it by the rotation files, not by a subscription of this ticket
    02 09:07 refused: person: bjorn does not follow it
    02 09:10 1: update: we are on it
    02 09:10 1: status update met after 7m
    02 09:10 1: told room: there is a status update
    02 09:10 1:   news to room
    "#);
}

#[test]
fn a_ticket_that_becomes_worse_is_news_to_those_who_follow_only_the_worst() {
    assert_snapshot!(play(&followed(), "
        2026-03-02 09:00  open P3 in emea: One desk is slow
        09:03  anna acknowledges 1
        09:10  anna updates 1
        09:20  monitor raises 1 to P1
        09:30  anna updates 1
        09:40  monitor raises 1 to P3
        09:50  anna updates 1
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:03 1: held by anna in emea
    02 09:10 1: update: we are on it
    02 09:10 1: status update met after 7m
    02 09:20 1: changed, P1
    02 09:20 1: told anna: it is worse than before
    02 09:20 1: told chief: it concerns you from now on
    02 09:20 1:   told to anna
    02 09:20 1:   news to chief
    02 09:30 1: update: we are on it
    02 09:30 1: status update met after 20m
    02 09:30 1: told chief: there is a status update
    02 09:30 1:   news to chief
    02 09:40 1: changed, P3
    02 09:50 1: update: we are on it
    02 09:50 1: status update met after 20m
    "#);
}

#[test]
fn each_reads_it_in_their_language_and_zone_and_when_they_hear_again() {
    let played = played(
        &followed(),
        "
        2026-03-02 09:00  open P1 from acme: All is down
        09:03  anna acknowledges 1
        09:10  anna updates 1
        10:20  anna resolves 1
    ",
    );
    let to_room = played.notices.iter().filter(|notice| notice.to.as_str() == "room");
    let words = to_room.map(|notice| notice.words(&played.coverage));
    let words: Vec<String> = words.map(|words| format!("{}\n{}\n", words.subject, words.text)).collect();
    assert_snapshot!(words.join("\n"), @r#"
    P1 ärende 1: det är öppnat (All is down)
    All is down: det är öppnat.

    Kund: Acme

    P1 ärende 1: det finns ett lägesbesked (All is down)
    All is down: det finns ett lägesbesked.

    Läge: we are on it
    Nästa besked senast: 2026-03-02 11:10 Europe/Stockholm

    Kund: Acme

    P1 ärende 1: det är löst (All is down)
    All is down: det är löst.

    Kund: Acme
    "#);
}

#[test]
fn of_one_outage_with_many_tickets_one_is_updated() {
    assert_snapshot!(play(&followed(), "
        2026-03-02 09:00  open P1: Payments fail
        09:01  anna acknowledges 1
        09:02  open P1 from acme: Our shop cannot take cards
        09:03  bjorn acknowledges 2
        09:04  open P3 in emea: Card reader says no
        09:05  bjorn links 2 to 1
        09:05  monitor links 3 to 1
        09:06  anna links 1 to 2
        09:06  bjorn links 2 to 3
        09:06  bjorn links 2 to 2
        09:06  bjorn links 2 to 9
        09:10  anna updates 1
        promises 2
        09:12  monitor unlinks 3
        09:20  anna resolves 1
        09:21  bjorn links 2 to 1
    "), @r#"
    02 09:00 1: opened P1
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:05
    02 09:00 1: told chief: it has been opened
    02 09:00 1:   offer to anna
    02 09:00 1:   news to chief
    02 09:01 1: held by anna in emea
    02 09:02 2: opened P1
    02 09:02 2: step 1 of standard (Routed)
    02 09:02 2: routing to emea: anna until 02 09:07
    02 09:02 2: told room: it has been opened
    02 09:02 2:   offer to anna
    02 09:02 2:   news to room
    02 09:03 2: held by bjorn in emea
    02 09:03 2:   stand_down to anna
    02 09:04 3: opened P3
    02 09:04 3: step 1 of standard (Routed)
    02 09:04 3: routing to emea: anna until 02 11:04
    02 09:04 3:   offer to anna
    02 09:05 2: linked to 1
    02 09:05 3: linked to 1
    02 09:06 refused: ticket 1: ticket 2 is linked to 1 itself: link to that one
    02 09:06 refused: ticket 2: ticket 3 is linked to 1 itself: link to that one
    02 09:06 refused: ticket 2: it cannot be linked to itself
    02 09:06 refused: ticket 2: there is no live ticket 9 that you may see, so nothing more will be said of it
    02 09:10 1: update: we are on it
    02 09:10 1: status update met after 9m
    02 09:10 1: told chief: there is a status update
    02 09:10 2: update: we are on it
    02 09:10 2: status update met after 7m
    02 09:10 2: told room: there is a status update
    02 09:10 3: update: we are on it
    02 09:10 3: status update met after no time
    02 09:10 1:   news to chief
    02 09:10 2:   news to room
      status update within 1h: Running, due 02 10:10
        status update 7m: bjorn in emea 7m
        status update no time: 
    02 09:12 3: linked no longer
    02 09:20 1: resolved
    02 09:20 1: status update met after 10m
    02 09:20 1: told chief: it is resolved
    02 09:20 2: told bjorn: ticket 1, which it is linked to, is resolved: see whether it is solved, too
    02 09:20 1:   news to chief
    02 09:20 2:   told to bjorn
    "#);
}

#[test]
fn what_stays_in_the_eu_is_not_told_by_way_of_a_link() {
    assert_snapshot!(play(&followed(), "
        2026-03-02 09:00  open P1 from acme: Our shop cannot take cards
        09:01  open P1: Payments fail
        09:02  monitor links 2 to 1
        09:03  monitor links 1 to 2
        09:04  monitor changes 2 residency eu
        09:05  monitor updates 2
        09:06  open P3: A third
        09:07  monitor links 3 to 2
    "), @r#"
    02 09:00 1: opened P1
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:05
    02 09:00 1: told room: it has been opened
    02 09:00 1:   offer to anna
    02 09:00 1:   news to room
    02 09:01 2: opened P1
    02 09:01 2: step 1 of standard (Routed)
    02 09:01 2: routing to emea: bjorn until 02 09:06
    02 09:01 2: told chief: it has been opened
    02 09:01 2:   offer to bjorn
    02 09:01 2:   news to chief
    02 09:02 refused: ticket 2: what is said of ticket 1 stays within eu
    02 09:03 1: linked to 2
    02 09:04 2: changed, P1
    02 09:04 2: offer ended (Withdrawn)
    02 09:04 2: step 1 of standard (Routed)
    02 09:04 2: routing to emea: bjorn until 02 09:09
    02 09:04 2:   offer to bjorn
    02 09:05 1: offer ended (Expired)
    02 09:05 1: escalated (Automatic: emea did not answer)
    02 09:05 1: routing to emea secondary: bjorn in en until 02 09:10
    02 09:05 1:   page to bjorn
    02 09:05 2: update: we are on it
    02 09:05 2: status update met after no time
    02 09:05 1: update: we are on it
    02 09:05 1: status update met after no time
    02 09:05 1: told room: there is a status update
    02 09:05 1:   news to room
    02 09:06 3: opened P3
    02 09:06 3: step 1 of standard (Routed)
    02 09:06 3: routing to emea: anna until 02 11:06
    02 09:06 3:   offer to anna
    02 09:07 refused: ticket 3: what is said of ticket 2 stays within eu
    "#);
}
