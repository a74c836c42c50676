//! What whoever sends a ticket on has to say, and who reads it.

use insta::assert_snapshot;

use super::play::{GLOBE, play};

fn demanding() -> String {
    let standard = "[policies.standard]\n";
    let demands =
        "requires = { P1 = [\"summary\", \"impact\", \"help_wanted\", \"customer\"], P2 = [\"summary\"] }\n";
    let globe = GLOBE.replace(standard, &format!("{standard}{demands}"));
    assert_ne!(globe, GLOBE, "the policy has moved");
    globe
}

#[test]
fn an_escalation_says_what_its_policy_asks_for() {
    assert_snapshot!(play(&demanding(), "
        2026-03-02 09:00  open P1: Checkout fails
        09:01  anna acknowledges 1
        09:10  anna escalates 1
        09:11  anna escalates 1 saying summary,impact
        09:12  anna escalates 1 saying summary,impact,help_wanted
    "), @r#"
    02 09:00 1: opened P1
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:05
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:10 refused: summary: the policy standard asks for `summary`, `impact`, `help_wanted`, `customer` with a P1 ticket
    02 09:11 refused: help_wanted: the policy standard asks for `help_wanted`, `customer` with a P1 ticket
    02 09:12 refused: customer: the policy standard asks for `customer` with a P1 ticket
    "#);
}

#[test]
fn what_was_said_goes_to_whoever_is_asked_and_a_functional_escalation_says_it_too() {
    assert_snapshot!(play(&demanding(), "
        2026-03-02 09:00  open P2 from acme: Checkout fails
        09:01  anna acknowledges 1
        09:10  anna escalates 1 to experts
        09:12  anna escalates 1 to experts saying summary,time_limit
        09:13  open P3: The printer is slow
        09:14  anna acknowledges 2
        09:15  anna escalates 2
    "), @r#"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:15
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:10 refused: summary: the policy standard asks for `summary` with a P2 ticket
    02 09:12 1: escalated (Functional: for a reason)
    02 09:12 1: step 1 of standard (Asked)
    02 09:12 1: escalation to experts: gus in en until 02 09:27
    02 09:12 1:   offer to gus
    02 09:13 2: opened P3
    02 09:13 2: step 1 of standard (Routed)
    02 09:13 2: routing to emea: bjorn until 02 11:13
    02 09:13 2:   offer to bjorn
    02 09:14 2: held by anna in emea
    02 09:14 2:   stand_down to bjorn
    02 09:15 2: escalated (Hierarchical: for a reason)
    02 09:15 2: step 2 of standard (Asked)
    02 09:15 2: escalation to experts: hana until 02 11:15
    02 09:15 2:   offer to hana
    "#);
}
