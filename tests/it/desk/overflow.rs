//! A tier that has too much to do passes on what comes in.

use insta::assert_snapshot;

use super::play::{GLOBE, play};

/// The frontline in emea has room for four: two people with two each. The experts take what is too much.
fn with(rule: &str) -> String {
    let step = "{ tier = \"frontline\", call = [\"primary\", \"secondary\"], call_every = \"5m\" }";
    let globe = GLOBE.replace(step, &step.replace(" }", &format!(", overflow = {rule} }}")));
    assert_ne!(globe, GLOBE, "the step has moved");
    globe
}

#[test]
fn once_nobody_has_room_the_next_tier_is_asked_and_then_it_is_the_queue() {
    assert_snapshot!(play(&with(r#"{ to = ["experts"] }"#), "
        2026-03-02 09:00  open P3: one
        09:00  open P3: two
        09:00  open P3: three
        09:00  open P3: four
        09:01  anna acknowledges 1
        09:01  bjorn acknowledges 2
        09:01  anna acknowledges 3
        09:01  bjorn acknowledges 4
        09:10  open P3: five
        why 5
        09:12  open P3: six
        09:15  gus acknowledges 5
        11:12  nothing
        why 6
        11:20  anna resolves 1
    "), @r#"
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
    02 09:01 1: held by anna in emea
    02 09:01 2: held by bjorn in emea
    02 09:01 3: held by anna in emea
    02 09:01 4: held by bjorn in emea
    02 09:10 5: opened P3
    02 09:10 5: step 1 of standard (Routed)
    02 09:10 5: frontline has too much to do: experts in its place
    02 09:10 5: routing to experts: gus until 02 11:10
    02 09:10 5:   offer to gus
      Offered to experts, gus first, in en: they are in their hours. frontline has too much to do. P3, no route matches, policy standard, step 1 (frontline).
        not emea (RankedLower): anna, bjorn could take it, but they have more to do than experts
    02 09:12 6: opened P3
    02 09:12 6: step 1 of standard (Routed)
    02 09:12 6: frontline has too much to do: experts in its place
    02 09:12 6: routing to experts: hana until 02 11:12
    02 09:12 6:   offer to hana
    02 09:15 5: held by gus in experts
    02 09:15 5: step 2 of standard (Taken)
    02 11:12 6: offer ended (Expired)
    02 11:12 6: escalated (Automatic: experts did not answer)
    02 11:12 6: step 2 of standard (NotAnswered)
    02 11:12 6: routing to experts: hana until 02 13:12
    02 11:12 6:   offer to hana
      Offered to experts, hana first, in en: they are in their hours. P3, no route matches, policy standard, step 2 (specialist).
    02 11:20 1: resolved
    "#);
}

#[test]
fn from_a_share_of_its_capacity_on_a_team_is_overloaded() {
    assert_snapshot!(play(&with(r#"{ to = ["experts"], at = 0.5 }"#), "
        2026-03-02 09:00  open P3: one
        09:00  open P3: two
        09:01  anna acknowledges 1
        09:01  bjorn acknowledges 2
        09:10  open P3: three
        09:11  gus declines 3
        09:12  hana declines 3
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:00 2: opened P3
    02 09:00 2: step 1 of standard (Routed)
    02 09:00 2: routing to emea: bjorn until 02 11:00
    02 09:00 2:   offer to bjorn
    02 09:01 1: held by anna in emea
    02 09:01 2: held by bjorn in emea
    02 09:10 3: opened P3
    02 09:10 3: step 1 of standard (Routed)
    02 09:10 3: frontline has too much to do: experts in its place
    02 09:10 3: routing to experts: gus until 02 11:10
    02 09:10 3:   offer to gus
    02 09:11 3: gus out until 03 07:00
    02 09:11 3: offer ended (Declined)
    02 09:11 3: routing to emea: anna until 02 11:10
    02 09:11 3:   offer to anna
    02 09:12 refused: ticket 3 is not offered to hana, and hana is not at work in a team it is offered to
    "#);
}

#[test]
fn who_is_not_there_or_has_too_much_to_do_as_well_takes_nothing() {
    assert_snapshot!(play(&with(r#"{ to = ["apac", "experts"], at = 0.5 }"#), "
        2026-03-02 09:00  open P3: one
        09:00  open P3: two
        09:01  anna acknowledges 1
        09:01  bjorn acknowledges 2
        09:10  gus falls ill until 2026-03-05
        09:10  hana falls ill until 2026-03-05
        09:20  open P3: three
        why 3
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:00 2: opened P3
    02 09:00 2: step 1 of standard (Routed)
    02 09:00 2: routing to emea: bjorn until 02 11:00
    02 09:00 2:   offer to bjorn
    02 09:01 1: held by anna in emea
    02 09:01 2: held by bjorn in emea
    02 09:20 3: opened P3
    02 09:20 3: step 1 of standard (Routed)
    02 09:20 3: routing to emea: anna until 02 11:20
    02 09:20 3:   offer to anna
      Offered to emea, anna first, in en: they are in their hours. P3, no route matches, policy standard, step 1 (frontline).
        not amer (NobodyAtWork): closed until 2026-03-02 13:00 UTC
        not apac (NobodyAtWork): closed until 2026-03-03 00:00 UTC
    "#);
}
