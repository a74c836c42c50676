//! Who is asked first, and what happens when nobody is at work.

use insta::assert_snapshot;

use super::play::{GLOBE, play};

#[test]
fn a_ticket_goes_to_whoever_is_at_work_and_speaks_its_language() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P2 fr: Checkout fails
        09:05  anna acknowledges 1
        14:00  open P2 fr: Two continents are open
        14:05  anna acknowledges 2
        20:00  open P3 fr: Only the Americas
    "), @r"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:15
    02 09:00 1:   offer to anna
    02 09:05 1: held by anna in emea
    02 14:00 2: opened P2
    02 14:00 2: step 1 of standard (Routed)
    02 14:00 2: routing to emea: anna until 02 14:15
    02 14:00 2:   offer to anna
    02 14:05 2: held by anna in emea
    02 15:30 1: handoff to amer: carl in es until 02 16:00 batch 1
    02 15:30 2: handoff to amer: dora in es until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to anna
    02 15:30 2:   offer to dora
    02 15:30 2:   briefing_asked to anna
    02 16:00 1: offer ended (Boundary)
    02 16:00 2: offer ended (Boundary)
    02 20:00 3: opened P3
    02 20:00 3: step 1 of standard (Routed)
    02 20:00 3: routing to amer: carl in es until 02 22:00
    02 20:00 3:   offer to carl
    ");
}

#[test]
fn closed_everywhere_p1_pages_p3_parks_p5_takes_the_next_step() {
    assert_snapshot!(play(GLOBE, "
        2026-03-07 12:00  open P1: Everything is down
        12:00  open P3: A question
        12:00  open P5: A wish
        12:07  bjorn acknowledges 1
        2026-03-08 23:59  nothing
        2026-03-09 00:00  nothing
    "), @r"
    07 12:00 1: opened P1
    07 12:00 1: step 1 of standard (Routed)
    07 12:00 1: routing to emea primary: anna until 07 12:05
    07 12:00 1:   page to anna
    07 12:00 2: opened P3
    07 12:00 2: step 1 of standard (Routed)
    07 12:00 2: parked until 09 00:00 (Parked)
    07 12:00 3: opened P5
    07 12:00 3: step 1 of standard (Routed)
    07 12:00 3: step 2 of standard (Skipped)
    07 12:00 3: step 3 of standard (Skipped)
    07 12:00 3: told ines: nobody has taken it, and management is told as its policy asks
    07 12:00 3: parked until 09 00:00 (NobodyAtAll)
    07 12:00 3: told ines: nobody on its whole path can serve it before 2026-03-09 00:00 UTC
    07 12:00 3:   last_resort to ines
    07 12:05 1: offer ended (Expired)
    07 12:05 1: escalated (Automatic: emea did not answer)
    07 12:05 1: routing to emea secondary: bjorn until 07 12:10
    07 12:05 1:   page to bjorn
    07 12:07 1: held by bjorn in emea
    07 12:07 1:   stand_down to anna
    07 13:07 1: overran: told
    07 13:07 1: told bjorn, anna, gus: it has not been resolved in time
    07 13:07 1:   told to bjorn
    07 13:07 1:   told to anna
    07 13:07 1:   told to gus
    09 00:00 2: routing to apac: emi until 09 02:00
    09 00:00 3: step 1 of standard (Routed)
    09 00:00 3: routing to apac: fumi until 11 00:00
    09 00:00 2:   offer to emi
    09 00:00 3:   offer to fumi
    ");
}

#[test]
fn residency_keeps_a_ticket_at_home() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 18:00  open P3 from acme: Only Europe may see this
        18:00  open P2 from acme: And this
        18:01  carl acknowledges 2
        18:02  gus reassigns 2 to carl
    "), @r"
    02 18:00 1: opened P3
    02 18:00 1: step 1 of standard (Routed)
    02 18:00 1: parked until 03 07:00 (Parked)
    02 18:00 2: opened P2
    02 18:00 2: step 1 of standard (Routed)
    02 18:00 2: routing to emea primary: anna until 02 18:05
    02 18:00 2:   page to anna
    02 18:01 refused: ticket 2 may only be seen by people of residency eu, which carl is not
    02 18:02 refused: ticket 2: amer is not of its residency eu
    ");
}

#[test]
fn people_with_no_room_leave_it_to_the_queue_which_gives_it_out_as_they_free_up() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P3 resident eu: one
        09:00  open P3 resident eu: two
        09:00  open P3 resident eu: three
        09:00  open P3 resident eu: four
        09:00  open P3 resident eu: five
        09:01  anna acknowledges 1
        09:02  anna resolves 1
        09:03  nothing
    "), @r"
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
    02 09:00 5: opened P3
    02 09:00 5: step 1 of standard (Routed)
    02 09:00 5: in the queue of emea
    02 09:00 5: routing to emea: whoever picks it until 02 11:00
    02 09:01 1: held by anna in emea
    02 09:02 1: resolved
    02 09:02 5: now anna (somebody has room for it)
    02 09:02 5:   offer to anna
    ");
}

#[test]
fn the_same_dedup_key_is_the_same_ticket() {
    assert_snapshot!(play(GLOBE, "
        2026-03-02 09:00  open P3 key disk: Disk is filling
        09:10  open P4 key disk: Disk is filling
        09:20  open P1 key disk: Disk is full
        09:21  anna acknowledges 1
        09:30  anna resolves 1
        09:40  open P3 key disk: Disk is filling
        09:41  monitor reopens 1
    "), @r"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:10 1: came in again, P3
    02 09:20 1: came in again, P1
    02 09:20 1: offer ended (Withdrawn)
    02 09:20 1: step 1 of standard (Routed)
    02 09:20 1: routing to emea: anna until 02 09:25
    02 09:20 1:   offer to anna
    02 09:21 1: held by anna in emea
    02 09:30 1: resolved
    02 09:40 2: opened P3
    02 09:40 2: step 1 of standard (Routed)
    02 09:40 2: routing to emea: anna until 02 11:40
    02 09:40 2:   offer to anna
    02 09:41 refused: ticket 1: ticket 2 is live under the same dedup key; go on with that one
    ");
}
