//! Whom the ranking prefers, and how the explanation says it.

use insta::assert_snapshot;

use super::play::{GLOBE, play};

/// Only what was asked with `why`.
fn explained(script: &str) -> String {
    play(GLOBE, script)
        .lines()
        .filter(|line| line.starts_with("  "))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn the_explanation_names_what_put_each_team_behind() {
    assert_snapshot!(explained("
        2026-03-02 14:00  open P3 in emea: two are open
        why 1
        14:00  open P3 fr in amer: language goes first
        why 2
        14:00  open P3 de skills billing resident eu: specialists
        why 3
        15:20  open P3: emea closes at four
        why 4
        15:20  open P1 fr in emea: time goes before language where it pages
        why 5
        15:20  open P3 fr in emea: and after it where it does not
        why 6
    "), @r"
    Offered to emea, anna first, in en: they are in their hours. P3, no route matches, policy standard, step 1 (frontline).
      not amer (RankedLower): carl, dora could take it, but it is not the customer's region
      not apac (NobodyAtWork): closed until 2026-03-03 00:00 UTC
    Offered to emea, anna first, in fr: they are in their hours. P3, no route matches, policy standard, step 1 (frontline).
      not amer (RankedLower): carl, dora could take it, but it would be in es
      not apac (NobodyAtWork): closed until 2026-03-03 00:00 UTC
    Offered to experts, gus first, in en in place of de: they are in their hours. P3, no route matches, policy standard, step 2 (specialist).
    Offered to amer, carl first, in en: they are in their hours. P3, no route matches, policy standard, step 1 (frontline).
      not emea (RankedLower): anna, bjorn could take it, but there is little time left before they go
      not apac (NobodyAtWork): closed until 2026-03-03 00:00 UTC
    Offered to amer, dora first, in es in place of fr: they are in their hours. P1, no route matches, policy standard, step 1 (frontline).
      not emea (RankedLower): anna could take it, but there is little time left before they go
      not apac (NobodyAtWork): closed until 2026-03-03 00:00 UTC
    In the queue of emea: who could take it there has as much as they can hold. P3, no route matches, policy standard, step 1 (frontline).
      not amer (RankedLower): carl, dora could take it, but it would be in es
      not apac (NobodyAtWork): closed until 2026-03-03 00:00 UTC
    ");
}

#[test]
fn the_explanation_of_a_page_names_the_hours_of_those_not_asked() {
    assert_snapshot!(explained("
        2026-03-02 18:00  open P2 resident eu: at night
        why 1
    "), @r"
    Nobody in their hours has taken it or can: anna on primary of emea paged, in en. P2, no route matches, policy standard, step 1 (frontline).
      not emea (NobodyAtWork): closed until 2026-03-03 07:00 UTC
      not amer (Residency): may not see what is bound to residency eu
      not apac (Residency): may not see what is bound to residency eu
    ");
}

#[test]
fn the_explanation_of_a_handoff_speaks_of_the_boundary() {
    assert_snapshot!(explained("
        2026-03-06 20:00  open P2: friday night
        20:01  carl acknowledges 1
        21:31  nothing
        why 1
    "), @r"
    Ahead of the shift end. Offered to anna on primary of emea, in en: they are on call by then. P2, no route matches, policy standard, step 1 (frontline).
      not amer (NobodyAtWork): nobody is ever on call on primary there
      not apac (NobodyAtWork): nobody is ever on call on primary there
    ");
}

#[test]
fn asked_in_their_hours_without_an_answer_the_explanation_of_the_page_says_so() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 14:00  open P1 in amer: nobody answers
        14:05  nothing
        why 1
    "), @r"
    02 14:00 1: opened P1
    02 14:00 1: step 1 of standard (Routed)
    02 14:00 1: routing to amer: carl until 02 14:05
    02 14:00 1:   offer to carl
    02 14:05 1: offer ended (Expired)
    02 14:05 1: escalated (Automatic: amer did not answer)
    02 14:05 1: routing to emea secondary: bjorn until 02 14:10
    02 14:05 1:   page to bjorn
      Nobody in their hours has taken it or can: bjorn on secondary of emea paged, in en. P1, no route matches, policy standard, step 1 (frontline).
        not amer (RankedLower): carl, dora: asked in their hours, and did not answer
        not apac (NobodyAtWork): closed until 2026-03-03 00:00 UTC
    ");
}

#[test]
fn round_robin_goes_round_even_when_a_region_hands_over_and_over_a_restart() {
    let round = GLOBE
        .replace("languages = [\"en\", \"es\"]", "languages = [\"en\", \"es\"]\nassign = \"round-robin\"")
        .replace("members = [\"carl\", \"dora\"]", "members = [\"carl\", \"dora\", \"emi\"]");
    assert_snapshot!(play(&round, "
        2026-03-02 15:00  open P2 in emea: one
        15:00  open P2 in emea: two
        15:01  anna acknowledges 1
        15:01  bjorn acknowledges 2
        15:31  restart
        17:00  open P3 in amer: three
        17:00  open P3 in amer: four
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
    02 15:01 2: held by bjorn in emea
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 2: handoff to amer: dora until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to anna
    02 15:30 2:   offer to dora
    02 15:30 2:   briefing_asked to bjorn
    02 16:00 1: offer ended (Boundary)
    02 16:00 2: offer ended (Boundary)
    02 17:00 3: opened P3
    02 17:00 3: step 1 of standard (Routed)
    02 17:00 3: routing to amer: emi until 02 19:00
    02 17:00 3:   offer to emi
    02 17:00 4: opened P3
    02 17:00 4: step 1 of standard (Routed)
    02 17:00 4: routing to amer: carl until 02 19:00
    02 17:00 4:   offer to carl
    ");
}

#[test]
fn where_the_team_picks_all_of_them_are_told_and_it_is_the_queues() {
    let picks = GLOBE.replace("lead = \"emi\"", "lead = \"emi\"\nassign = \"queue\"\ncapacity = 1");
    assert_snapshot!(play(&picks, "
        2026-03-03 01:00  open P3 in apac: one
        01:00  open P1 in apac: urgent
        01:01  emi acknowledges 1
        01:02  fumi declines 2
        01:03  emi declines 2
    "), @r"
    03 01:00 1: opened P3
    03 01:00 1: step 1 of standard (Routed)
    03 01:00 1: in the queue of apac
    03 01:00 1: routing to apac: whoever picks it until 03 03:00
    03 01:00 1:   offer to emi
    03 01:00 1:   offer to fumi
    03 01:00 2: opened P1
    03 01:00 2: step 1 of standard (Routed)
    03 01:00 2: in the queue of apac
    03 01:00 2: routing to apac: whoever picks it until 03 01:05
    03 01:00 2:   offer to emi
    03 01:00 2:   offer to fumi
    03 01:01 1: held by emi in apac
    03 01:02 2: fumi out until 04 00:00
    03 01:03 2: emi out until 04 00:00
    03 01:03 2: offer ended (WentHome)
    03 01:03 2: no longer in the queue of apac
    03 01:03 2: routing to emea primary: anna until 03 01:08
    03 01:03 2:   page to anna
    ");
}

#[test]
fn capacity_belongs_to_the_person_across_their_teams() {
    let both = GLOBE.replace(
        "members = [\"gus\", \"hana\"]\nlead = \"gus\"",
        "members = [\"anna\"]\nlead = \"anna\"\ncapacity = 1",
    );
    assert_snapshot!(play(&both, "
        2026-03-02 09:00  open P3 fr: one
        09:01  anna acknowledges 1
        09:02  open P3 skills billing: two
        09:03  anna resolves 1
        09:04  nothing
    "), @r"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:02 2: opened P3
    02 09:02 2: step 1 of standard (Routed)
    02 09:02 2: step 2 of standard (Skipped)
    02 09:02 2: in the queue of experts
    02 09:02 2: routing to experts: whoever picks it until 02 11:02
    02 09:03 1: resolved
    02 09:03 2: now anna (somebody has room for it)
    02 09:03 2:   offer to anna
    ");
}

#[test]
fn of_a_team_those_with_the_language_go_first_and_the_others_when_they_refuse() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P3 fr resident eu: one
        09:01  anna declines 1
    "), @r"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: anna out until 03 07:00
    02 09:01 1: offer ended (Declined)
    02 09:01 1: routing to emea: bjorn in en until 02 11:00
    02 09:01 1:   offer to bjorn
    ");
}

#[test]
fn whoever_held_it_before_goes_first_when_their_hours_come_again() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 15:00  open P3 in emea: one
        15:01  bjorn acknowledges 1
        15:31  carl acknowledges 1
        22:00  nothing
        2026-03-03 00:01  emi acknowledges 1
        08:31  nothing
    "), @r"
    02 15:00 1: opened P3
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 03 08:00
    02 15:00 1:   offer to anna
    02 15:01 1: held by bjorn in emea
    02 15:01 1:   stand_down to anna
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to bjorn
    02 15:31 1: held by carl in amer
    02 15:31 1:   stand_down to bjorn
    02 22:00 1: shift of carl ended
    02 22:00 1: step 1 of standard (ShiftEnded)
    02 22:00 1: parked until 03 00:00 (Parked)
    03 00:00 1: routing to apac: emi until 03 02:00
    03 00:00 1:   offer to emi
    03 00:01 1: held by emi in apac
    03 08:30 1: handoff to emea: bjorn until 03 09:00 batch 2
    03 08:30 1:   offer to bjorn
    03 08:30 1:   briefing_asked to emi
    ");
}

#[test]
fn a_tier_nobody_ever_serves_is_skipped_at_once_and_a_ticket_nobody_can_ever_serve_is_shown() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P3 skills welding: odd
        why 1
        2026-03-04 09:00  nothing
    "), @r"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: step 2 of standard (Skipped)
    02 09:00 1: step 3 of standard (Skipped)
    02 09:00 1: told ines: nobody has taken it, and management is told as its policy asks
    02 09:00 1: parked until 03 09:00 (NobodyAtAll)
    02 09:00 1: told ines: nobody on its whole path can serve it before 2026-03-03 09:00 UTC
    02 09:00 1:   last_resort to ines
      Nobody who may take it can be found: looking again at 2026-03-03 09:00 UTC. P3, no route matches, policy standard, step 3 (management).
        not managers (NobodyAtWork): nobody is ever at work there
    03 09:00 1: step 1 of standard (Routed)
    03 09:00 1: step 2 of standard (Skipped)
    03 09:00 1: step 3 of standard (Skipped)
    03 09:00 1: told ines: nobody has taken it, and management is told as its policy asks
    03 09:00 1: parked until 04 09:00 (NobodyAtAll)
    03 09:00 1:   told to ines
    04 09:00 1: step 1 of standard (Routed)
    04 09:00 1: step 2 of standard (Skipped)
    04 09:00 1: step 3 of standard (Skipped)
    04 09:00 1: told ines: nobody has taken it, and management is told as its policy asks
    04 09:00 1: parked until 05 09:00 (NobodyAtAll)
    04 09:00 1:   told to ines
    ");
}
