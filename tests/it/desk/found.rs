//! What went wrong once, seen by somebody who used it.

use insta::assert_snapshot;
use meridian::desk::{NoticeKind, Says};

use super::play::{GLOBE, play, played};

fn with(rules: &str) -> String {
    let standard = "[policies.standard]\n";
    let globe = GLOBE.replace(standard, &format!("{standard}{rules}\n"));
    assert_ne!(globe, GLOBE, "the policy has moved");
    globe
}

/// The managers are no longer of the residency eu, Ines, the last resort, is one of them.
fn managers_elsewhere(rules: &str) -> String {
    let managers = "[teams.managers]\nregion = \"emea\"";
    let globe = with(rules);
    assert!(globe.contains(managers));
    globe.replace(managers, "[teams.managers]\nregion = \"amer\"")
}

#[test]
fn a_rule_said_that_a_ticket_is_escalated_and_nobody_who_may_know_was_told() {
    let rule = "immediately = [{ when = { risk = [\"legal\"] }, tell = \"management\" }]";
    assert_snapshot!(play(&managers_elsewhere(rule), "
        2026-03-02 09:00  open P3 from acme risk legal: A claim
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1: escalated (Automatic: by a rule of its policy)
    02 09:00 1: told anna, gus: it is escalated (by a rule of its policy), and management is told as its policy asks
    02 09:00 1:   offer to anna
    02 09:00 1:   told to anna
    02 09:00 1:   told to gus
    "#);
}

#[test]
fn an_unhappy_customer_was_heard_by_nobody_as_their_residency_kept_the_lead_out() {
    assert_snapshot!(play(&managers_elsewhere("on_unhappy = { at_most = 2 }"), "
        2026-03-02 09:00  open P3 from acme: Checkout fails
        09:01  anna escalates 1
        09:02  gus acknowledges 1
        09:10  gus resolves 1
        09:20  monitor rated 1 1
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: offer ended (Withdrawn)
    02 09:01 1: escalated (Hierarchical: for a reason)
    02 09:01 1: step 2 of standard (Asked)
    02 09:01 1: escalation to experts: gus in en until 02 11:01
    02 09:01 1:   offer to gus
    02 09:02 1: held by gus in experts
    02 09:02 1:   stand_down to anna
    02 09:10 1: resolved
    02 09:20 1: feedback 1
    02 09:20 1: escalated (Automatic: the customer is unhappy (1 of 5))
    02 09:20 1: told anna, gus: the customer is unhappy (1 of 5)
    02 09:20 1:   told to anna
    02 09:20 1:   told to gus
    "#);
}

#[test]
fn bad_feedback_did_nothing_once_the_policy_was_gone_from_the_files() {
    assert_snapshot!(play(&with("on_unhappy = { at_most = 2 }"), "
        2026-03-02 09:00  open P3: Checkout fails
        09:01  anna acknowledges 1
        09:10  anna resolves 1
        09:15  edit standard => other
        09:20  monitor rated 1 2
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:10 1: resolved
    02 09:20 1: feedback 2
    02 09:20 1: escalated (Automatic: the customer is unhappy (2 of 5))
    02 09:20 1: told gus: the customer is unhappy (2 of 5)
    02 09:20 1:   told to gus
    "#);
}

#[test]
fn a_holder_who_missed_one_status_update_was_reminded_of_none_after_it() {
    let owed = "[priorities.P1]\nupdates = { first = \"15m\", every = \"30m\" }\n";
    assert_snapshot!(play(&GLOBE.replace("[priorities.P1]\n", owed), "
        2026-03-02 12:00  open P1: All is down
        12:01  anna acknowledges 1
        12:40  bjorn updates 1
        12:50  promises 1
        12:55  gus reassigns 1 to bjorn
        12:56  bjorn acknowledges 1
        13:45  promises 1
    "), @r#"
    02 12:00 1: opened P1
    02 12:00 1: step 1 of standard (Routed)
    02 12:00 1: routing to emea: anna until 02 12:05
    02 12:00 1:   offer to anna
    02 12:01 1: held by anna in emea
    02 12:13 1: 80 % of status update gone, due 02 12:16
    02 12:13 1: told anna: 80 % of the 15m for its status update are gone, due 2026-03-02 12:16 UTC
    02 12:13 1:   told to anna
    02 12:16 1: status update BREACHED
    02 12:16 1: told anna, gus: the promise of a status update within 15m is broken
    02 12:16 1: escalated (Automatic: the status update is overdue)
    02 12:16 1:   told to anna
    02 12:16 1:   told to gus
    02 12:28 1: 80 % of status update gone, due 02 12:31
    02 12:28 1: told anna: 80 % of the 15m for its status update are gone, due 2026-03-02 12:31 UTC
    02 12:28 1:   told to anna
    02 12:31 1: status update BREACHED
    02 12:31 1: told anna, gus: the promise of a status update within 15m is broken
    02 12:31 1: escalated (Automatic: the status update is overdue)
    02 12:31 1:   told to anna
    02 12:31 1:   told to gus
    02 12:40 refused: ticket 1 is held by anna, not by bjorn
    02 12:43 1: 80 % of status update gone, due 02 12:46
    02 12:43 1: told anna: 80 % of the 15m for its status update are gone, due 2026-03-02 12:46 UTC
    02 12:43 1:   told to anna
    02 12:46 1: status update BREACHED
    02 12:46 1: told anna, gus: the promise of a status update within 15m is broken
    02 12:46 1: escalated (Automatic: the status update is overdue)
    02 12:46 1:   told to anna
    02 12:46 1:   told to gus
      status update within 15m: Running, due 02 13:01
        status update 15m: anna in emea 15m
        status update 15m: anna in emea 15m
        status update 15m: anna in emea 15m
        status update 4m: anna in emea 4m
    02 12:55 1: reassigned (for a reason)
    02 12:55 1: reassignment to emea: bjorn until 02 13:00
    02 12:55 1:   offer to bjorn
    02 12:56 1: held by bjorn in emea
    02 12:56 1:   stand_down to anna
    02 12:58 1: 80 % of status update gone, due 02 13:01
    02 12:58 1: told bjorn, anna: 80 % of the 15m for its status update are gone, due 2026-03-02 13:01 UTC
    02 12:58 1:   told to bjorn
    02 12:58 1:   told to anna
    02 13:01 1: status update BREACHED
    02 13:01 1: told bjorn, anna, gus: the promise of a status update within 15m is broken
    02 13:01 1: escalated (Automatic: the status update is overdue)
    02 13:01 1: overran: told
    02 13:01 1: told bjorn, anna, gus: it has not been resolved in time
    02 13:01 1:   told to bjorn
    02 13:01 1:   told to anna
    02 13:01 1:   told to gus
    02 13:01 1:   told to bjorn
    02 13:01 1:   told to anna
    02 13:01 1:   told to gus
    02 13:13 1: 80 % of status update gone, due 02 13:16
    02 13:13 1: told bjorn, anna: 80 % of the 15m for its status update are gone, due 2026-03-02 13:16 UTC
    02 13:13 1:   told to bjorn
    02 13:13 1:   told to anna
    02 13:16 1: status update BREACHED
    02 13:16 1: told bjorn, anna, gus: the promise of a status update within 15m is broken
    02 13:16 1: escalated (Automatic: the status update is overdue)
    02 13:16 1:   told to bjorn
    02 13:16 1:   told to anna
    02 13:16 1:   told to gus
    02 13:28 1: 80 % of status update gone, due 02 13:31
    02 13:28 1: told bjorn, anna: 80 % of the 15m for its status update are gone, due 2026-03-02 13:31 UTC
    02 13:28 1:   told to bjorn
    02 13:28 1:   told to anna
    02 13:31 1: status update BREACHED
    02 13:31 1: told bjorn, anna, gus: the promise of a status update within 15m is broken
    02 13:31 1: escalated (Automatic: the status update is overdue)
    02 13:31 1:   told to bjorn
    02 13:31 1:   told to anna
    02 13:31 1:   told to gus
    02 13:43 1: 80 % of status update gone, due 02 13:46
    02 13:43 1: told bjorn, anna: 80 % of the 15m for its status update are gone, due 2026-03-02 13:46 UTC
    02 13:43 1:   told to bjorn
    02 13:43 1:   told to anna
      status update within 15m: Running, due 02 13:46
        status update 15m: anna in emea 15m
        status update 15m: anna in emea 15m
        status update 15m: anna in emea 15m
        status update 15m: anna in emea 10m, bjorn in emea 5m
        status update 15m: bjorn in emea 15m
        status update 15m: bjorn in emea 15m
        status update 14m: bjorn in emea 14m
    "#);
}

#[test]
fn a_note_of_twenty_thousand_characters_stood_whole_in_a_composed_briefing() {
    let done_so_far = |notes: &str| {
        let story = played(
            GLOBE,
            &format!(
                "2026-03-02 12:00  open P3: Checkout fails\n12:01  anna acknowledges 1\n{notes}\n15:40  nothing"
            ),
        );
        let mut asked = story.notices.iter().filter_map(|notice| match &notice.says {
            Says::Asked { briefing: Some(briefing), .. } => Some(briefing.done_so_far.clone()),
            _ => None,
        });
        asked.next().expect("it is offered ahead of the shift end")
    };
    let long = done_so_far("12:10  anna notes 1 at length");
    assert!(long.starts_with("so so ") && long.ends_with('…'), "{long}");
    assert!((1_900..=2_000).contains(&long.chars().count()), "{}", long.chars().count());
    let both = done_so_far("12:10  anna notes 1 at length\n12:20  anna notes 1");
    assert!(both.ends_with("…; looked at it"), "the latest is not lost: {both}");
    assert!(both.chars().count() <= 2_000, "{}", both.chars().count());
    assert_eq!(done_so_far("12:10  anna notes 1\n12:20  anna notes 1"), "looked at it; looked at it");
}

#[test]
fn what_nobody_took_before_the_boundary_came_without_its_briefing() {
    let story = played(
        GLOBE,
        "
        2026-03-02 12:00  open P3: Checkout fails
        12:01  anna acknowledges 1
        15:40  anna briefs 1
        16:05  carl acknowledges 1
        16:10  carl judges 1 missing next_action
    ",
    );
    let asked = story.notices.iter().filter_map(|notice| match &notice.says {
        Says::Asked { briefing: Some(briefing), .. } => {
            let (at, kind) = (notice.at.format("%H:%M"), notice.kind.as_str());
            Some(format!(
                "{at} {kind} to {}: {} (composed: {})\n",
                notice.to, briefing.summary, briefing.composed
            ))
        }
        _ => None,
    });
    let said: String = asked.collect();
    let received = &story.tickets.values().next().unwrap().ticket.received;
    assert_snapshot!(format!("{said}{}", serde_json::to_string(received).unwrap()), @r#"
    15:30 offer to carl: Checkout fails, open since 2026-03-02 12:00 UTC (composed: true)
    16:00 offer to carl: half done (composed: false)
    [{"person":"carl","at":"2026-03-02T16:05:00Z","kind":"handoff","from":"anna","verdict":{"good":false,"missing":["next_action"]}}]
    "#);
    assert!(story.notices.iter().any(|notice| notice.to == "anna".into() && notice.kind == NoticeKind::Told));
}

#[test]
fn whoever_was_asked_first_judged_an_escalation_that_they_never_received() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P3: Checkout fails
        09:02  gus escalates 1
        09:03  anna acknowledges 1
        09:04  anna judges 1 missing summary
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:02 1: offer ended (Withdrawn)
    02 09:02 1: escalated (Hierarchical: for a reason)
    02 09:02 1: step 2 of standard (Asked)
    02 09:02 1: escalation to experts: gus until 02 11:02
    02 09:02 1:   offer to gus
    02 09:03 1: held by anna in emea
    02 09:03 1: step 1 of standard (Taken)
    02 09:03 1:   stand_down to gus
    02 09:04 refused: ticket 1: anna has received it by no handoff and no escalation, so cannot judge one
    "#);
}

#[test]
fn a_link_fell_silent_when_what_is_said_of_the_other_ticket_may_not_be_said_here() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P3: the outage
        09:01  anna acknowledges 1
        09:02  open P3: another
        09:03  bjorn acknowledges 2
        09:04  bjorn links 2 to 1
        09:05  anna changes 1 customer acme
        09:06  anna updates 1
        09:07  anna updates 1
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:02 2: opened P3
    02 09:02 2: step 1 of standard (Routed)
    02 09:02 2: routing to emea: bjorn until 02 11:02
    02 09:02 2:   offer to bjorn
    02 09:03 2: held by bjorn in emea
    02 09:04 2: linked to 1
    02 09:05 1: changed, P3
    02 09:06 1: update: we are on it
    02 09:06 2: linked no longer
    02 09:06 2: told bjorn: what is said of ticket 1 may not be said here any more, so it is linked to it no longer
    02 09:06 2:   told to bjorn
    02 09:07 1: update: we are on it
    "#);
}

#[test]
fn a_follower_who_had_left_was_told_all_the_same() {
    let org = GLOBE.to_owned() + "[people.ghost]\n";
    assert_snapshot!(play(&org, "
        2026-03-02 09:00  open P3: Checkout fails
        09:01  anna acknowledges 1
        09:02  monitor subscribes 1 for ghost
        09:03  anna updates 1
        09:04  edit [people.ghost] => [people.another]
        09:05  anna updates 1
        09:06  anna unsubscribes 1 for ghost
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:02 1: ghost follows it
    02 09:03 1: update: we are on it
    02 09:03 1: told ghost: there is a status update
    02 09:03 1:   news to ghost
    02 09:05 1: update: we are on it
    02 09:06 1: ghost follows it no longer
    "#);
}

#[test]
fn a_long_status_update_was_copied_whole_into_every_linked_ticket() {
    let shown = |ticket: usize| {
        let story = played(
            GLOBE,
            "
            2026-03-02 09:00  open P3: the outage
            09:01  anna acknowledges 1
            09:02  open P3: another
            09:03  bjorn links 2 to 1
            09:06  anna updates 1 at length
        ",
        );
        let status = story.tickets.values().nth(ticket - 1).unwrap().ticket.update.clone().unwrap().status;
        (status.chars().count(), status[status.len() - 40..].to_owned())
    };
    assert_eq!(shown(1).0, 20_000);
    assert_snapshot!(format!("{:?}", shown(2)), @r#"(523, " so so so so so… (all of it: ticket 1)")"#);
}

#[test]
fn what_somebody_had_written_was_lost_once_the_ticket_came_back_to_them() {
    let played = played(
        GLOBE,
        "
        2026-03-02 14:00  open P3 in emea: one
        14:01  anna acknowledges 1
        14:10  anna briefs 1
        14:20  anna releases 1
        14:21  anna acknowledges 1
        15:35  nothing
    ",
    );
    let briefings = played.notices.iter().filter_map(|notice| match &notice.says {
        Says::Asked { briefing: Some(briefing), .. } => {
            Some(format!("{} {}\n", notice.at.format("%H:%M"), briefing.in_words()))
        }
        _ => None,
    });
    assert_snapshot!(briefings.collect::<String>(), @r#"
    14:20 half done
    15:30 one, open since 2026-03-02 14:00 UTC; done so far: an earlier briefing: half done (composed from history)
    "#);
}
