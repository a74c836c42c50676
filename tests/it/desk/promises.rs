//! Promises to customers: what they count, what is told when they are in danger or broken, and whose time it was.

use insta::assert_snapshot;

use super::play::{GLOBE, play};

/// Acme has gold by its own table; whoever else is of the class vip has silver; the route has bronze.
pub fn promised() -> String {
    let globe =
        GLOBE.replace("residency = \"eu\"\n[services", "residency = \"eu\"\nsla = \"gold\"\n[services");
    assert_ne!(globe, GLOBE, "acme has moved");
    globe
        + r#"
[slas.gold]
first_response = { P1 = "15m", P2 = "1h" }
next_update = { P2 = "2h" }
resolution = { P1 = "2h", P2 = "4h", P3 = "3d" }
warn_at = [0.5, 0.8]
[slas.silver]
classes = ["vip"]
clock = { business_hours = "sweden" }
resolution = "9h"
[slas.bronze]
clock = "open"
resolution = "9h"
first_response = "4h"
first_response_by = "update"
warn_at = []
on_breach = "escalate"
[customers.nordic]
class = "vip"
[customers.plain]
[business_hours.sweden]
timezone = "Europe/Stockholm"
holidays = ["se"]
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "08:00", to = "17:00" }]
[holidays.se]
days = [{ date = 2026-03-04, name = "A day of rest" }]
[[routes]]
when = { category = ["contract"] }
policy = "standard"
sla = "bronze"
"#
}

#[test]
fn each_threshold_is_told_once_and_the_breach_goes_up_a_tier() {
    assert_snapshot!(play(&promised(), "
        2026-03-02 09:00  open P2 from acme: Checkout fails
        09:05  anna acknowledges 1
        10:00  anna updates 1
        11:30  anna updates 1
        12:40  nothing
        14:00  anna resolves 1
        promises 1
    "), @r#"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:15
    02 09:00 1:   offer to anna
    02 09:05 1: held by anna in emea
    02 09:05 1: first response met after 5m
    02 10:00 1: update: we are on it
    02 10:00 1: next update met after 55m
    02 11:00 1: 50 % of next update gone, due 02 12:00
    02 11:00 1: 50 % of resolution gone, due 02 13:00
    02 11:00 1: told anna: 50 % of the 2h for its next update (SLA gold) are gone, due 2026-03-02 12:00 UTC; 50 % of the 4h for its resolution (SLA gold) are gone, due 2026-03-02 13:00 UTC
    02 11:00 1:   told to anna
    02 11:30 1: update: we are on it
    02 11:30 1: next update met after 1h30m
    02 12:12 1: 80 % of resolution gone, due 02 13:00
    02 12:12 1: told anna: 80 % of the 4h for its resolution (SLA gold) are gone, due 2026-03-02 13:00 UTC
    02 12:12 1:   told to anna
    02 12:30 1: 50 % of next update gone, due 02 13:30
    02 12:30 1: told anna: 50 % of the 2h for its next update (SLA gold) are gone, due 2026-03-02 13:30 UTC
    02 12:30 1:   told to anna
    02 13:00 1: resolution BREACHED
    02 13:00 1: told anna, gus: the promise of a resolution within 4h (SLA gold) is broken
    02 13:00 1:   told to anna
    02 13:00 1:   told to gus
    02 13:06 1: 80 % of next update gone, due 02 13:30
    02 13:06 1: told anna: 80 % of the 2h for its next update (SLA gold) are gone, due 2026-03-02 13:30 UTC
    02 13:06 1:   told to anna
    02 13:30 1: next update BREACHED
    02 13:30 1: told anna, gus: the promise of a next update within 2h (SLA gold) is broken
    02 13:30 1:   told to anna
    02 13:30 1:   told to gus
    02 14:00 1: resolved
    02 14:00 1: next update met after 2h30m
    02 14:00 1: resolution met after 5h
      first response within 1h: Met
      next update within 2h: MetLate
      resolution within 4h: MetLate
        first response 5m: emea asked 5m
        next update 55m: anna in emea 55m
        resolution 5h: emea asked 5m, anna in emea 4h55m
        next update 1h30m: anna in emea 1h30m
        next update 2h30m: anna in emea 2h30m
    "#);
}

#[test]
fn nobody_answers_the_customer_in_time() {
    assert_snapshot!(play(&promised(), "
        2026-03-02 09:00  open P1 from acme: All is down
        09:16  anna acknowledges 1
        promises 1
    "), @r#"
    02 09:00 1: opened P1
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:05
    02 09:00 1:   offer to anna
    02 09:05 1: offer ended (Expired)
    02 09:05 1: escalated (Automatic: emea did not answer)
    02 09:05 1: routing to emea secondary: bjorn in en until 02 09:10
    02 09:05 1:   page to bjorn
    02 09:07 1: 50 % of first response gone, due 02 09:15
    02 09:07 1: told anna: 50 % of the 15m for its first response (SLA gold) are gone, due 2026-03-02 09:15 UTC
    02 09:07 1:   told to anna
    02 09:10 1: offer ended (Expired)
    02 09:10 1: escalated (Automatic: emea did not answer)
    02 09:10 1: step 2 of standard (NotAnswered)
    02 09:10 1: routing to experts: gus in en until 02 09:15
    02 09:10 1:   offer to gus
    02 09:12 1: 80 % of first response gone, due 02 09:15
    02 09:12 1: told gus: 80 % of the 15m for its first response (SLA gold) are gone, due 2026-03-02 09:15 UTC
    02 09:12 1:   told to gus
    02 09:15 1: first response BREACHED
    02 09:15 1: told gus, ines: the promise of a first response within 15m (SLA gold) is broken
    02 09:15 1: offer ended (Expired)
    02 09:15 1: escalated (Automatic: experts did not answer)
    02 09:15 1: routing to experts primary: gus in en until 02 09:20
    02 09:15 1:   told to gus
    02 09:15 1:   told to ines
    02 09:15 1:   page to gus
    02 09:16 1: held by anna in emea
    02 09:16 1: first response met after 16m
    02 09:16 1: step 1 of standard (Taken)
    02 09:16 1:   stand_down to bjorn
    02 09:16 1:   stand_down to gus
      first response within 15m: MetLate
      next update within nothing: Unpromised
      resolution within 2h: Running, due 02 11:00
        first response 16m: emea asked 10m, experts asked 6m
        next update no time: 
        resolution 16m: emea asked 10m, experts asked 6m
    "#);
}

#[test]
fn pending_stands_still_and_a_reopening_goes_on_from_what_was_spent() {
    assert_snapshot!(play(&promised(), "
        2026-03-02 09:00  open P2 from acme: Waits
        09:10  anna acknowledges 1
        10:00  anna pends 1 until 12:00
        11:00  nothing
        promises 1
        12:30  anna resolves 1
        promises 1
        14:30  monitor reopens 1
        promises 1
        14:40  anna acknowledges 1
        14:41  nothing
    "), @r#"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:15
    02 09:00 1:   offer to anna
    02 09:10 1: held by anna in emea
    02 09:10 1: first response met after 10m
    02 10:00 1: pending until 02 12:00
      first response within 1h: Met
      next update within 2h: Standing
      resolution within 4h: Standing
        first response 10m: emea asked 10m
        next update 50m: anna in emea 50m
        resolution 1h: emea asked 10m, anna in emea 50m
    02 12:00 1: resumed
    02 12:00 1: told anna: it is no longer pending
    02 12:00 1:   told to anna
    02 12:10 1: 50 % of next update gone, due 02 13:10
    02 12:10 1: told anna: 50 % of the 2h for its next update (SLA gold) are gone, due 2026-03-02 13:10 UTC
    02 12:10 1:   told to anna
    02 12:30 1: resolved
    02 12:30 1: next update met after 1h20m
    02 12:30 1: resolution met after 1h30m
      first response within 1h: Met
      next update within 2h: Met
      resolution within 4h: Met
        first response 10m: emea asked 10m
        next update 1h20m: anna in emea 1h20m
        resolution 1h30m: emea asked 10m, anna in emea 1h20m
    02 14:30 1: reopened
    02 14:30 1: step 1 of standard (Reopened)
    02 14:30 1: routing to emea: anna until 02 14:45
    02 14:30 1:   offer to anna
      first response within 1h: Met
      next update within 2h: Running, due 02 16:30
      resolution within 4h: Running, due 02 17:00
        first response 10m: emea asked 10m
        next update 1h20m: anna in emea 1h20m
        resolution 1h30m: emea asked 10m, anna in emea 1h20m
        next update no time: 
    02 14:40 1: held by anna in emea
    "#);
}

#[test]
fn neither_escalation_nor_handoff_nor_reassignment_sets_a_promise_back_and_each_has_its_own_share() {
    assert_snapshot!(play(&promised(), "
        2026-03-02 14:00  open P3 from nordic in emea: All around
        14:10  anna acknowledges 1
        14:30  anna escalates 1
        14:40  gus acknowledges 1
        15:00  gus reassigns 1 to bjorn
        15:05  bjorn acknowledges 1
        15:45  carl acknowledges 1
        18:00  carl pends 1
        20:00  carl resumes 1
        20:30  nothing
        promises 1
    "), @r#"
    02 14:00 1: opened P3
    02 14:00 1: step 1 of standard (Routed)
    02 14:00 1: routing to emea: anna until 02 16:00
    02 14:00 1:   offer to anna
    02 14:10 1: held by anna in emea
    02 14:30 1: escalated (Hierarchical: for a reason)
    02 14:30 1: step 2 of standard (Asked)
    02 14:30 1: escalation to experts: gus until 03 07:30
    02 14:30 1:   offer to gus
    02 14:40 1: held by gus in experts
    02 14:40 1:   stand_down to anna
    02 15:00 1: reassigned back (for a reason)
    02 15:00 1: reassignment to emea: bjorn until 03 08:00
    02 15:00 1:   offer to bjorn
    02 15:05 1: held by bjorn in emea
    02 15:05 1: step 1 of standard (Taken)
    02 15:05 1:   stand_down to gus
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to bjorn
    02 15:45 1: held by carl in amer
    02 15:45 1:   stand_down to bjorn
    02 18:00 1: pending until 05 18:00
    02 20:00 1: resumed
      resolution within 9h: Running, due 03 14:00
        resolution 2h: emea asked 10m, anna in emea 30m, gus in experts 25m, bjorn in emea 40m, carl in amer 15m
    "#);
}

#[test]
fn business_hours_are_those_of_the_contract_whoever_works() {
    assert_snapshot!(play(&promised(), "
        2026-03-03 15:00  open P4 from nordic in emea: Over a holiday
        promises 1
        15:10  anna acknowledges 1
        2026-03-05 15:00  nothing
    "), @r#"
    03 15:00 1: opened P4
    03 15:00 1: step 1 of standard (Routed)
    03 15:00 1: routing to emea: anna until 04 14:00
    03 15:00 1:   offer to anna
      resolution within 9h: Running, due 05 15:00
        resolution no time: 
    03 15:10 1: held by anna in emea
    03 16:00 1: kept by anna until 04 07:00
    04 07:00 1: anna is back
    04 16:00 1: kept by anna until 05 07:00
    05 07:00 1: anna is back
    05 13:12 1: 80 % of resolution gone, due 05 15:00
    05 13:12 1: told anna: 80 % of the 9h for its resolution (SLA silver) are gone, due 2026-03-05 15:00 UTC
    05 13:12 1:   told to anna
    05 15:00 1: resolution BREACHED
    05 15:00 1: told anna, gus: the promise of a resolution within 9h (SLA silver) is broken
    05 15:00 1:   told to anna
    05 15:00 1:   told to gus
    "#);
}

#[test]
fn open_hours_are_those_of_whoever_has_it_and_nobody_loses_a_ticket_to_a_tier_that_is_closed() {
    assert_snapshot!(play(&promised(), "
        2026-03-02 15:00  open P3 about contract in emea: By the hours of the holder
        15:05  anna acknowledges 1
        promises 1
        15:50  carl acknowledges 1
        promises 1
        19:00  nothing
        promises 1
    "), @r#"
    02 15:00 1: opened P3
    02 15:00 1: step 1 of standard (Routed)
    02 15:00 1: routing to emea: anna until 03 08:00
    02 15:00 1:   offer to anna
    02 15:05 1: held by anna in emea
      first response within 4h: Running, due 03 10:00
      resolution within 9h: Running, due 03 15:00
        first response 5m: emea asked 5m
        resolution 5m: emea asked 5m
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to anna
    02 15:50 1: held by carl in amer
    02 15:50 1:   stand_down to anna
      first response within 4h: Running, due 02 19:00
      resolution within 9h: Running, due 03 15:00
        first response 50m: emea asked 5m, anna in emea 45m
        resolution 50m: emea asked 5m, anna in emea 45m
    02 19:00 1: first response BREACHED
    02 19:00 1: told carl, gus: the promise of a first response within 4h (SLA bronze) is broken
    02 19:00 1:   told to carl
    02 19:00 1:   told to gus
      first response within 4h: Breached, due 02 19:00
      resolution within 9h: Running, due 03 15:00
        first response 4h: emea asked 5m, anna in emea 45m, carl in amer 3h10m
        resolution 4h: emea asked 5m, anna in emea 45m, carl in amer 3h10m
    "#);
}

#[test]
fn where_somebody_further_along_is_at_work_a_broken_promise_goes_there_at_once() {
    assert_snapshot!(play(&promised().replace("first_response = \"4h\"", "first_response = \"1h\""), "
        2026-03-02 09:00  open P3 about contract in emea: Taken, and nothing said
        09:05  anna acknowledges 1
        10:00  nothing
        10:10  gus acknowledges 1
        10:20  gus updates 1
        promises 1
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:05 1: held by anna in emea
    02 10:00 1: first response BREACHED
    02 10:00 1: told anna, gus: the promise of a first response within 1h (SLA bronze) is broken
    02 10:00 1: escalated (Automatic: the promise of a first response is broken)
    02 10:00 1: step 2 of standard (PromiseBroken)
    02 10:00 1: escalation to experts: gus until 02 12:00
    02 10:00 1:   told to anna
    02 10:00 1:   told to gus
    02 10:00 1:   offer to gus
    02 10:10 1: held by gus in experts
    02 10:10 1:   stand_down to anna
    02 10:20 1: update: we are on it
    02 10:20 1: first response met after 1h20m
      first response within 1h: MetLate
      resolution within 9h: Running, due 03 09:00
        first response 1h20m: emea asked 5m, anna in emea 1h5m, gus in experts 10m
        resolution 1h20m: emea asked 5m, anna in emea 1h5m, gus in experts 10m
    "#);
}

#[test]
fn a_change_of_priority_keeps_what_is_spent_and_is_measured_against_the_new_promise() {
    assert_snapshot!(play(&promised(), "
        2026-03-02 09:00  open P2 from acme: Worse than it seemed
        09:05  anna acknowledges 1
        10:30  anna raises 1 to P1
        promises 1
        11:01  anna raises 1 to P2
        promises 1
        11:02  anna raises 1 to P5
        promises 1
    "), @r#"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:15
    02 09:00 1:   offer to anna
    02 09:05 1: held by anna in emea
    02 09:05 1: first response met after 5m
    02 10:05 1: 50 % of next update gone, due 02 11:05
    02 10:05 1: told anna: 50 % of the 2h for its next update (SLA gold) are gone, due 2026-03-02 11:05 UTC
    02 10:05 1:   told to anna
    02 10:30 1: changed, P1
    02 10:30 1: 50 % of resolution gone, due 02 11:00
    02 10:30 1: told anna: 50 % of the 2h for its resolution (SLA gold) are gone, due 2026-03-02 11:00 UTC
    02 10:30 1:   told to anna
      first response within 1h: Met
      next update within nothing: Unpromised
      resolution within 2h: Running, due 02 11:00
        first response 5m: emea asked 5m
        next update 1h25m: anna in emea 1h25m
        resolution 1h30m: emea asked 5m, anna in emea 1h25m
    02 10:30 1: overran: told
    02 10:30 1: told anna, gus: it has not been resolved in time
    02 10:30 1:   told to anna
    02 10:30 1:   told to gus
    02 10:36 1: 80 % of resolution gone, due 02 11:00
    02 10:36 1: told anna: 80 % of the 2h for its resolution (SLA gold) are gone, due 2026-03-02 11:00 UTC
    02 10:36 1:   told to anna
    02 11:00 1: resolution BREACHED
    02 11:00 1: told anna, gus: the promise of a resolution within 2h (SLA gold) is broken
    02 11:00 1:   told to anna
    02 11:00 1:   told to gus
    02 11:01 1: changed, P2
    02 11:01 1: 80 % of next update gone, due 02 11:05
    02 11:01 1: told anna: 80 % of the 2h for its next update (SLA gold) are gone, due 2026-03-02 11:05 UTC
    02 11:01 1:   told to anna
      first response within 1h: Met
      next update within 2h: Running, due 02 11:05
      resolution within 4h: Running, due 02 13:00
        first response 5m: emea asked 5m
        next update 1h56m: anna in emea 1h56m
        resolution 2h1m: emea asked 5m, anna in emea 1h56m
    02 11:02 1: changed, P5
      first response within 1h: Met
      next update within nothing: Unpromised
      resolution within nothing: Unpromised
        first response 5m: emea asked 5m
        next update 1h57m: anna in emea 1h57m
        resolution 2h2m: emea asked 5m, anna in emea 1h57m
    "#);
}

#[test]
fn a_customer_who_is_named_later_is_counted_from_the_opening() {
    assert_snapshot!(play(&promised(), "
        2026-03-02 09:00  open P2 : Whose is it
        09:05  anna acknowledges 1
        11:10  anna changes 1 customer acme
        promises 1
        11:20  anna changes 1 customer plain
        promises 1
        11:30  anna changes 1 customer acme
        promises 1
    "), @r#"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna in en until 02 09:15
    02 09:00 1:   offer to anna
    02 09:05 1: held by anna in emea
    02 11:10 1: changed, P2
    02 11:10 1: 50 % of resolution gone, due 02 13:00
    02 11:10 1: told anna: 50 % of the 4h for its resolution (SLA gold) are gone, due 2026-03-02 13:00 UTC
    02 11:10 1:   told to anna
      next update within 2h: Running, due 02 13:10
      resolution within 4h: Running, due 02 13:00
        next update no time: 
        resolution 2h10m: before it was promised 2h10m
    02 11:20 1: changed, P2
      next update within nothing: Unpromised
      resolution within nothing: Unpromised
        next update 10m: anna in emea 10m
        resolution 2h20m: before it was promised 2h10m, anna in emea 10m
    02 11:30 1: changed, P2
      next update within 2h: Running, due 02 13:10
      resolution within 4h: Running, due 02 13:00
        next update 20m: anna in emea 20m
        resolution 2h30m: before it was promised 2h10m, anna in emea 20m
    "#);
}

#[test]
fn an_outage_is_caught_up_in_one_message() {
    assert_snapshot!(play(&promised(), "
        2026-03-02 09:00  open P2 from acme: While nobody looked
        09:05  anna acknowledges 1
        outage until 14:00
        promises 1
    "), @r#"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:15
    02 09:00 1:   offer to anna
    02 09:05 1: held by anna in emea
    02 09:05 1: first response met after 5m
    02 14:00 1: 50 % of next update gone, due 02 11:05
    02 14:00 1: 80 % of next update gone, due 02 11:05
    02 14:00 1: next update BREACHED
    02 14:00 1: 50 % of resolution gone, due 02 13:00
    02 14:00 1: 80 % of resolution gone, due 02 13:00
    02 14:00 1: resolution BREACHED
    02 14:00 1: told anna, gus: the promise of a next update within 2h (SLA gold) is broken; the promise of a resolution within 4h (SLA gold) is broken
    02 14:00 1:   told to anna
    02 14:00 1:   told to gus
      first response within 1h: Met
      next update within 2h: Breached, due 02 11:05
      resolution within 4h: Breached, due 02 13:00
        first response 5m: emea asked 5m
        next update 4h55m: anna in emea 4h55m
        resolution 5h: emea asked 5m, anna in emea 4h55m
    "#);
}

#[test]
fn what_is_gone_from_the_files_promises_nothing_and_keeps_count() {
    assert_snapshot!(play(&promised(), "
        2026-03-02 08:00  open P3 from nordic in emea: Edited
        08:10  anna acknowledges 1
        09:00  edit classes = [\"vip\"] => classes = []
        promises 1
        10:00  edit classes = [] => classes = [\"vip\"]
        promises 1
        11:00  edit [slas.silver] => [slas.other]
        promises 1
        11:30  restart
        11:31  anna resolves 1
        promises 1
    "), @r#"
    02 08:00 1: opened P3
    02 08:00 1: step 1 of standard (Routed)
    02 08:00 1: routing to emea: anna until 02 10:00
    02 08:00 1:   offer to anna
    02 08:10 1: held by anna in emea
      resolution within nothing: Unpromised
        resolution 1h: emea asked 10m, anna in emea 50m
      resolution within 9h: Running, due 03 08:00
        resolution 2h: emea asked 10m, anna in emea 1h50m
      resolution within 9h: Running, due 03 08:00
        resolution 3h: emea asked 10m, anna in emea 2h50m
    02 11:31 1: resolved
    02 11:31 1: resolution met after 3h31m
      resolution within 9h: Met
        resolution 3h31m: emea asked 10m, anna in emea 3h21m
    "#);
}

#[test]
fn what_was_live_when_the_files_began_to_promise_is_promised_from_then_on() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 08:00  open P2 in emea: Before
        08:05  anna acknowledges 1
        12:00  edit [services.checkout] => [slas.all]\\nresolution = '4h'\\nfirst_response = '1h'\\n[services.checkout]
        12:00  edit last_resort = \"ines\" => last_resort = \"ines\"\\nsla = \"all\"
        promises 1
    "), @r#"
    02 08:00 1: opened P2
    02 08:00 1: step 1 of standard (Routed)
    02 08:00 1: routing to emea: anna until 02 08:15
    02 08:00 1:   offer to anna
    02 08:05 1: held by anna in emea
      resolution within 4h: Running, due 02 16:00
        resolution no time:
    "#);
}
