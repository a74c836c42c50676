//! Unhappy customers, tickets that come back, and what whoever receives a ticket thinks of what came with it.

use insta::assert_snapshot;
use meridian::desk::{Notice, NoticeKind};

use super::play::{GLOBE, play, played};

fn with(rules: &str) -> String {
    let standard = "[policies.standard]\n";
    let globe = GLOBE.replace(standard, &format!("{standard}{rules}\n"));
    assert_ne!(globe, GLOBE, "the policy has moved");
    globe
}

#[test]
fn the_lead_of_the_next_tier_hears_of_an_unhappy_customer() {
    assert_snapshot!(play(&with("on_unhappy = { at_most = 2 }"), "
        2026-03-02 09:00  open P3: Checkout fails
        09:01  anna acknowledges 1
        09:10  anna resolves 1
        09:20  monitor rated 1 3
        09:30  monitor rated 1 2 nobody called back
        09:31  monitor rated 1 0
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:10 1: resolved
    02 09:20 1: feedback 3
    02 09:30 1: feedback 2
    02 09:30 1: escalated (Automatic: the customer is unhappy (2 of 5: nobody called back))
    02 09:30 1: told gus: the customer is unhappy (2 of 5: nobody called back)
    02 09:30 1:   told to gus
    02 09:31 refused: score: goes from 1 to 5
    "#);
}

#[test]
fn an_unhappy_customers_ticket_is_reopened_on_the_next_step() {
    assert_snapshot!(play(&with("on_unhappy = { at_most = 2, how = \"move\" }"), "
        2026-03-02 09:00  open P3 key K: Checkout fails
        09:01  anna acknowledges 1
        09:10  anna resolves 1
        09:20  monitor rated 1 1
        09:25  hana acknowledges 1
        09:30  hana resolves 1
        09:40  monitor rated 1 2 still not
        09:41  gus acknowledges 1
        09:45  gus resolves 1
        09:50  open P3 key K: Checkout fails again
        09:55  monitor rated 1 1
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:10 1: resolved
    02 09:20 1: feedback 1
    02 09:20 1: reopened
    02 09:20 1: escalated (Automatic: the customer is unhappy (1 of 5))
    02 09:20 1: step 2 of standard (Unhappy)
    02 09:20 1: escalation to experts: gus until 02 11:20
    02 09:20 1:   offer to gus
    02 09:25 1: held by hana in experts
    02 09:25 1:   stand_down to gus
    02 09:30 1: resolved
    02 09:40 1: feedback 2
    02 09:40 1: reopened
    02 09:40 1: escalated (Automatic: the customer is unhappy (2 of 5: still not))
    02 09:40 1: told ines: the customer is unhappy (2 of 5: still not)
    02 09:40 1: step 2 of standard (Unhappy)
    02 09:40 1: routing to experts: hana until 02 11:40
    02 09:40 1:   told to ines
    02 09:40 1:   offer to hana
    02 09:41 1: held by gus in experts
    02 09:41 1:   stand_down to hana
    02 09:45 1: resolved
    02 09:50 2: opened P3
    02 09:50 2: step 1 of standard (Routed)
    02 09:50 2: routing to emea: anna until 02 11:50
    02 09:50 2:   offer to anna
    02 09:55 1: feedback 1
    02 09:55 1: escalated (Automatic: the customer is unhappy (1 of 5))
    02 09:55 1: told ines: the customer is unhappy (1 of 5)
    02 09:55 1:   told to ines
    "#);
}

#[test]
fn what_comes_back_too_often_goes_a_step_further() {
    assert_snapshot!(play(&with("on_reopened = { from = 2 }"), "
        2026-03-02 09:00  open P3: Checkout fails
        09:01  anna acknowledges 1
        09:10  anna resolves 1
        09:20  monitor reopens 1
        09:21  anna acknowledges 1
        09:25  anna resolves 1
        09:30  monitor reopens 1
        09:35  hana acknowledges 1
        09:40  hana resolves 1
        09:42  restart
        09:45  monitor reopens 1
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:10 1: resolved
    02 09:20 1: reopened
    02 09:20 1: step 1 of standard (Reopened)
    02 09:20 1: routing to emea: anna until 02 11:20
    02 09:20 1:   offer to anna
    02 09:21 1: held by anna in emea
    02 09:25 1: resolved
    02 09:30 1: reopened
    02 09:30 1: escalated (Automatic: it has been reopened 2 times)
    02 09:30 1: step 2 of standard (ReopenedAgain)
    02 09:30 1: escalation to experts: gus until 02 11:30
    02 09:30 1:   offer to gus
    02 09:35 1: held by hana in experts
    02 09:35 1:   stand_down to gus
    02 09:40 1: resolved
    02 09:45 1: reopened
    02 09:45 1: escalated (Automatic: it has been reopened 3 times)
    02 09:45 1: told ines: it has been reopened 3 times
    02 09:45 1: step 2 of standard (ReopenedAgain)
    02 09:45 1: routing to experts: hana until 02 11:45
    02 09:45 1:   told to ines
    02 09:45 1:   offer to hana
    "#);
}

#[test]
fn or_its_next_lead_is_told_while_whoever_had_it_is_asked_again() {
    assert_snapshot!(play(&with("on_reopened = { from = 1, how = \"tell\" }"), "
        2026-03-02 09:00  open P3: Checkout fails
        09:01  anna acknowledges 1
        09:10  anna resolves 1
        09:20  monitor reopens 1
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:10 1: resolved
    02 09:20 1: reopened
    02 09:20 1: escalated (Automatic: it has been reopened)
    02 09:20 1: told gus: it has been reopened
    02 09:20 1: step 1 of standard (Reopened)
    02 09:20 1: routing to emea: anna until 02 11:20
    02 09:20 1:   told to gus
    02 09:20 1:   offer to anna
    "#);
}

#[test]
fn whoever_receives_a_ticket_says_whether_they_were_told_enough() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P2: Checkout fails
        09:01  anna acknowledges 1
        09:02  anna judges 1 good
        15:31  carl acknowledges 1
        15:35  carl judges 1 missing impact
        15:36  carl judges 1
        15:37  carl judges 1 good missing summary
        15:38  carl judges 1 missing summary,next_action
        15:39  dora judges 1 good
        15:40  carl judges 1 missing summary,next_action
        15:41  carl judges 1 good noting
        15:50  carl escalates 1 saying summary
        15:51  gus acknowledges 1
        15:52  gus judges 1 missing impact,help_wanted noting
        16:00  gus resolves 1
        16:01  gus judges 1 good
        16:02  monitor judges 1 good
    "), @r#"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:15
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:02 refused: ticket 1: anna has received it by no handoff and no escalation, so cannot judge one
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to anna
    02 15:31 1: held by carl in amer
    02 15:31 1:   stand_down to anna
    02 15:35 refused: missing: `impact` is no part of a handoff: these are summary, done_so_far, next_action, waiting_on, customer_mood
    02 15:36 refused: missing: say what was missing, or write a `note`
    02 15:37 refused: missing: what was good enough missed nothing: leave one of the two out
    02 15:38 1: carl on the handoff from anna: missing summary, next_action
    02 15:38 1: told anna: carl thanks you for passing it on, and would have liked to know more: summary, next action
    02 15:38 1:   told to anna
    02 15:39 refused: ticket 1: dora has received it by no handoff and no escalation, so cannot judge one
    02 15:41 1: carl on the handoff from anna: good, not as before
    02 15:50 1: escalated (Hierarchical: for a reason)
    02 15:50 1: step 2 of standard (Asked)
    02 15:50 1: escalation to experts: gus until 02 16:05
    02 15:50 1:   offer to gus
    02 15:51 1: held by gus in experts
    02 15:51 1:   stand_down to carl
    02 15:52 1: gus on the escalation from carl: missing impact, help_wanted
    02 15:52 1: told carl: gus thanks you for passing it on, and would have liked to know more: impact, help wanted (“whom to call?”)
    02 15:52 1:   told to carl
    02 16:00 1: resolved
    02 16:01 1: gus on the escalation from carl: good, not as before
    02 16:02 refused: only a person can do this: sign in as one, or name one
    "#);
}

#[test]
fn what_they_are_told() {
    let rules = "on_unhappy = { at_most = 2, how = \"move\" }\non_reopened = { from = 2, how = \"tell\" }";
    let story = played(
        &with(rules),
        "
        2026-03-02 09:00  open P2: Checkout fails
        09:01  anna acknowledges 1
        15:20  anna briefs 1
        15:31  carl acknowledges 1
        15:38  carl judges 1 missing summary,next_action noting
        15:40  carl resolves 1
        15:45  monitor rated 1 1 nobody called back
        15:46  gus acknowledges 1
        15:47  gus resolves 1
        15:48  monitor reopens 1
    ",
    );
    let told = |(person, kind): (&str, NoticeKind)| {
        let of = |notice: &&Notice| notice.to.as_str() == person && notice.kind == kind;
        let words = story.notices.iter().find(of).unwrap().words(&story.coverage);
        format!("to {person}, in {}: {}\n{}\n", words.language, words.subject, words.text)
    };
    let notices = [("anna", NoticeKind::Told), ("gus", NoticeKind::Offer), ("ines", NoticeKind::Told)];
    assert_snapshot!(notices.map(told).join("\n"), @r#"
    to anna, in fr: P2 ticket 1 : carl vous remercie de la transmission et aurait aimé en savoir plus : résumé, prochaine action (« whom to call? ») (Checkout fails)
    Checkout fails : carl vous remercie de la transmission et aurait aimé en savoir plus : résumé, prochaine action (« whom to call? »).

    to gus, in en: P2 ticket 1 is escalated to you: Checkout fails
    It is escalated to experts. Please answer by 2026-03-02 17:00 Europe/Stockholm.

    What it is about: the customer is unhappy (1 of 5: nobody called back)

    Take it: meridian ticket acknowledge 1
    Refuse it: meridian ticket decline 1

    to ines, in en: P2 ticket 1: it has been reopened 2 times (Checkout fails)
    Checkout fails: it has been reopened 2 times.
    "#);
}

#[test]
fn whoever_is_asked_to_take_a_ticket_is_told_where_to_read_how_it_is_solved() {
    let knowledge = "[categories.billing]\nknowledge = \"https://kb.example.com/billing\"\n";
    let story = played(
        &format!("{GLOBE}\n{knowledge}"),
        "
        2026-03-02 09:00  open P3 about billing: An invoice is wrong
    ",
    );
    let words = story.notices[0].words(&story.coverage);
    assert_snapshot!(format!("{}: {}\n{}", words.language, words.subject, words.text), @r#"
    fr: P3 ticket 1 vous est proposé : An invoice is wrong
    Il est proposé à emea. Merci de répondre avant le 2026-03-02 12:00 Europe/Stockholm.

    Catégorie : billing
    Comment le résoudre : https://kb.example.com/billing

    Le prendre : meridian ticket acknowledge 1
    Le refuser : meridian ticket decline 1
    "#);
}
