//! What a resolution has to say, and when a ticket is over.

use insta::assert_snapshot;

use super::play::{GLOBE, play};

fn with(closing: &str) -> String {
    format!("{GLOBE}\n[closing]\n{closing}\n")
}

const ASKING: &str = "\
requires = { P1 = [\"notes\", \"cause\"], P4 = [] }
causes = [\"hardware\", \"software\", \"third party\"]
close_after = { P1 = \"2d\", P4 = \"never\" }";

#[test]
fn a_resolution_says_what_the_files_ask_for_and_names_a_cause_that_there_is() {
    assert_snapshot!(play(&with(ASKING), "
        2026-03-02 09:00  open P1: Checkout fails
        09:01  anna acknowledges 1
        09:10  anna resolves 1 silently
        09:11  anna resolves 1
        09:12  anna resolves 1 cause hardwear
        09:13  anna resolves 1 cause moonlight
        09:14  anna resolves 1 cause hardware
        09:20  open P3: A question
        09:21  anna acknowledges 2
        09:22  anna resolves 2 silently
        09:23  anna resolves 2
        09:30  open P4: Thanks
        09:31  anna acknowledges 3
        09:32  anna resolves 3 silently
    "), @r#"
    02 09:00 1: opened P1
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:05
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:10 refused: notes: a P1 ticket is not resolved without `notes` and `cause` (causes are hardware, software, third party)
    02 09:11 refused: cause: a P1 ticket is not resolved without `cause` (causes are hardware, software, third party)
    02 09:12 refused: cause: there is no cause "hardwear"; did you mean `hardware`?
    02 09:13 refused: cause: there is no cause "moonlight"; causes are hardware, software, third party
    02 09:14 1: resolved
    02 09:20 2: opened P3
    02 09:20 2: step 1 of standard (Routed)
    02 09:20 2: routing to emea: anna until 02 11:20
    02 09:20 2:   offer to anna
    02 09:21 2: held by anna in emea
    02 09:22 refused: notes: a P3 ticket is not resolved without `notes`
    02 09:23 2: resolved
    02 09:30 3: opened P4
    02 09:30 3: step 1 of standard (Routed)
    02 09:30 3: routing to emea: anna until 03 08:30
    02 09:30 3:   offer to anna
    02 09:31 3: held by anna in emea
    02 09:32 3: resolved
    "#);
}

#[test]
fn a_resolved_ticket_closes_by_itself_when_nobody_reopens_it() {
    assert_snapshot!(play(&with(ASKING), "
        2026-03-02 09:00  open P1: Checkout fails
        09:01  anna acknowledges 1
        09:14  anna resolves 1 cause hardware
        2026-03-03 09:00  anna reopens 1
        09:01  anna acknowledges 1
        09:30  anna resolves 1 cause software
        09:40  open P4: Thanks
        09:41  bjorn acknowledges 2
        09:42  bjorn resolves 2
        09:50  open P3: The printer is slow
        09:51  anna acknowledges 3
        09:52  anna resolves 3
        10:00  restart
        2026-03-05 09:29  nothing
        2026-03-05 12:00  anna reopens 1
        12:01  anna acknowledges 1
        12:05  anna resolves 1 cause software
        2026-03-20 09:00  nothing
    "), @r#"
    02 09:00 1: opened P1
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:05
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:14 1: resolved
    03 09:00 1: reopened
    03 09:00 1: step 1 of standard (Reopened)
    03 09:00 1: routing to emea: anna until 03 09:05
    03 09:00 1:   offer to anna
    03 09:01 1: held by anna in emea
    03 09:30 1: resolved
    03 09:40 2: opened P4
    03 09:40 2: step 1 of standard (Routed)
    03 09:40 2: routing to emea: anna until 04 08:40
    03 09:40 2:   offer to anna
    03 09:41 2: held by bjorn in emea
    03 09:41 2:   stand_down to anna
    03 09:42 2: resolved
    03 09:50 3: opened P3
    03 09:50 3: step 1 of standard (Routed)
    03 09:50 3: routing to emea: anna until 03 11:50
    03 09:50 3:   offer to anna
    03 09:51 3: held by anna in emea
    03 09:52 3: resolved
    05 09:30 1: closed
    05 12:00 1: reopened
    05 12:00 1: step 1 of standard (Reopened)
    05 12:00 1: routing to emea: anna until 05 12:05
    05 12:00 1:   offer to anna
    05 12:01 1: held by anna in emea
    05 12:05 1: resolved
    07 12:05 1: closed
    10 09:52 3: closed
    "#);
}

#[test]
fn what_fell_due_in_an_outage_closes_at_the_next_look_and_not_before_the_files_said_when_it_was_resolved() {
    assert_snapshot!(play(&with(ASKING), "
        2026-03-02 09:00  open P1: Checkout fails
        09:01  anna acknowledges 1
        09:14  anna resolves 1 cause hardware
        09:20  edit P1 = \"2d\" => P1 = \"1d\"
        09:21  open P1: Checkout fails again
        09:22  bjorn acknowledges 2
        09:23  bjorn resolves 2 cause software
        2026-03-04 09:00  restart
        09:01  anna notes 1
        outage until 11:00
        11:30  anna notes 1
        2026-03-05 08:00  anna closes 2
    "), @r#"
    02 09:00 1: opened P1
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:05
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:14 1: resolved
    02 09:21 2: opened P1
    02 09:21 2: step 1 of standard (Routed)
    02 09:21 2: routing to emea: anna until 02 09:26
    02 09:21 2:   offer to anna
    02 09:22 2: held by bjorn in emea
    02 09:22 2:   stand_down to anna
    02 09:23 2: resolved
    03 09:23 2: closed
    04 09:01 1: noted
    04 11:00 1: closed
    04 11:30 1: noted
    05 08:00 refused: ticket 2 is closed, so it cannot be closed before it is resolved
    "#);
}
