//! A lead has to say whether what somebody asks for goes to the next tier.

use insta::assert_snapshot;
use meridian::desk::NoticeKind;

use super::play::{GLOBE, play, played};

/// In emea anna is the lead; gus leads the specialists there, ines the managers.
fn with(rule: &str) -> String {
    let standard = "[policies.standard]\n";
    let globe = GLOBE.replace(standard, &format!("{standard}approve = {rule}\n"));
    assert_ne!(globe, GLOBE, "the policy has moved");
    globe
}

const RULE: &str = r#"{ priorities = ["P3", "P4"], within = "1h" }"#;

#[test]
fn what_the_lead_approves_goes_to_the_next_tier() {
    assert_snapshot!(play(&with(RULE), "
        2026-03-02 09:00  open P3: Checkout fails
        09:01  bjorn acknowledges 1
        09:10  bjorn escalates 1 saying impact
        09:11  bjorn escalates 1
        09:12  bjorn approves 1
        09:15  anna approves 1
        09:16  anna approves 1
        09:20  gus acknowledges 1
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by bjorn in emea
    02 09:01 1:   stand_down to anna
    02 09:10 1: bjorn asks anna for approval until 02 10:10
    02 09:10 1:   approval to anna
    02 09:11 refused: ticket 1: bjorn asked for that; anna is to approve it by 2026-03-02 10:10 UTC
    02 09:12 refused: ticket 1: bjorn leads no team: what others ask for, a lead approves or refuses
    02 09:15 1: approval ended (Approved: )
    02 09:15 1: told bjorn: the escalation is approved by anna
    02 09:15 1: escalated (Hierarchical: for a reason)
    02 09:15 1: step 2 of standard (Asked)
    02 09:15 1: escalation to experts: gus until 02 11:15
    02 09:15 1:   told to bjorn
    02 09:15 1:   offer to gus
    02 09:16 refused: ticket 1: no escalation of it waits for approval; its history tells what became of one
    02 09:20 1: held by gus in experts
    02 09:20 1:   stand_down to bjorn
    "#);
}

#[test]
fn what_the_lead_refuses_stays_and_may_be_asked_for_again() {
    assert_snapshot!(play(&with(RULE), "
        2026-03-02 09:00  open P3: Checkout fails
        09:01  bjorn acknowledges 1
        09:10  bjorn escalates 1
        09:15  gus refuses 1
        09:20  bjorn escalates 1
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by bjorn in emea
    02 09:01 1:   stand_down to anna
    02 09:10 1: bjorn asks anna for approval until 02 10:10
    02 09:10 1:   approval to anna
    02 09:15 1: approval ended (Refused: for a reason)
    02 09:15 1: told bjorn: the escalation is not approved by gus (for a reason)
    02 09:15 1:   stand_down to anna
    02 09:15 1:   told to bjorn
    02 09:20 1: bjorn asks anna for approval until 02 10:20
    02 09:20 1:   approval to anna
    "#);
}

#[test]
fn silence_is_a_yes_in_the_open_hours_of_the_team() {
    assert_snapshot!(play(&with(RULE), "
        2026-03-06 12:00  open P4: Checkout fails
        12:01  bjorn acknowledges 1
        15:30  bjorn escalates 1
        2026-03-09 08:00  nothing
    "), @r#"
    06 12:00 1: opened P4
    06 12:00 1: step 1 of standard (Routed)
    06 12:00 1: routing to emea: anna until 09 11:00
    06 12:00 1:   offer to anna
    06 12:01 1: held by bjorn in emea
    06 12:01 1:   stand_down to anna
    06 15:30 1: bjorn asks anna for approval until 09 07:30
    06 15:30 1:   approval to anna
    06 16:00 1: kept by bjorn until 09 07:00
    09 07:00 1: bjorn is back
    09 07:30 1: approval ended (ApprovedBySilence: )
    09 07:30 1: told bjorn: the escalation is approved: nobody has answered in time
    09 07:30 1: escalated (Hierarchical: for a reason)
    09 07:30 1: step 2 of standard (Asked)
    09 07:30 1: escalation to experts: gus until 09 15:30
    09 07:30 1:   told to bjorn
    09 07:30 1:   offer to gus
    "#);
}

#[test]
fn or_a_no_where_the_policy_says_so_and_what_pages_counts_the_whole_day() {
    let rule = r#"{ priorities = ["P1"], within = "20m", if_silent = "refuse" }"#;
    assert_snapshot!(play(&with(rule), "
        2026-03-06 12:00  open P1: All is down
        12:01  bjorn acknowledges 1
        12:10  bjorn escalates 1
        12:35  nothing
    "), @r#"
    06 12:00 1: opened P1
    06 12:00 1: step 1 of standard (Routed)
    06 12:00 1: routing to emea: anna until 06 12:05
    06 12:00 1:   offer to anna
    06 12:01 1: held by bjorn in emea
    06 12:01 1:   stand_down to anna
    06 12:10 1: bjorn asks anna for approval until 06 12:30
    06 12:10 1:   approval to anna
    06 12:30 1: approval ended (RefusedBySilence: )
    06 12:30 1: told bjorn: the escalation is not approved: nobody has answered in time
    06 12:30 1:   told to bjorn
    "#);
}

#[test]
fn leads_programs_and_what_goes_by_time_ask_nobody() {
    assert_snapshot!(play(&with(RULE), "
        2026-03-02 09:00  open P3: one
        09:01  anna acknowledges 1
        09:02  anna escalates 1
        09:10  open P3: two
        09:11  bjorn acknowledges 2
        09:12  monitor escalates 2
        09:20  open P3: three
        11:21  nothing
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:02 1: escalated (Hierarchical: for a reason)
    02 09:02 1: step 2 of standard (Asked)
    02 09:02 1: escalation to experts: gus until 02 11:02
    02 09:02 1:   offer to gus
    02 09:10 2: opened P3
    02 09:10 2: step 1 of standard (Routed)
    02 09:10 2: routing to emea: bjorn until 02 11:10
    02 09:10 2:   offer to bjorn
    02 09:11 2: held by bjorn in emea
    02 09:12 2: escalated (Hierarchical: for a reason)
    02 09:12 2: step 2 of standard (Asked)
    02 09:12 2: escalation to experts: hana until 02 11:12
    02 09:12 2:   offer to hana
    02 09:20 3: opened P3
    02 09:20 3: step 1 of standard (Routed)
    02 09:20 3: routing to emea: anna until 02 11:20
    02 09:20 3:   offer to anna
    02 11:02 1: offer ended (Expired)
    02 11:02 1: escalated (Automatic: experts did not answer)
    02 11:02 1: step 3 of standard (NotAnswered)
    02 11:02 1: told ines: nobody has taken it, and management is told as its policy asks
    02 11:02 1: told anna: nobody further up has taken it; you hold it still
    02 11:02 1: told ines: an escalation has been answered by nobody
    02 11:02 1: step 1 of standard (HeldStill)
    02 11:02 1:   told to anna
    02 11:02 1:   last_resort to ines
    02 11:12 2: offer ended (Expired)
    02 11:12 2: escalated (Automatic: experts did not answer)
    02 11:12 2: step 3 of standard (NotAnswered)
    02 11:12 2: told ines: nobody has taken it, and management is told as its policy asks
    02 11:12 2: told bjorn: nobody further up has taken it; you hold it still
    02 11:12 2: told ines: an escalation has been answered by nobody
    02 11:12 2: step 1 of standard (HeldStill)
    02 11:12 2:   told to bjorn
    02 11:12 2:   last_resort to ines
    02 11:20 3: offer ended (Expired)
    02 11:20 3: escalated (Automatic: emea did not answer)
    02 11:20 3: step 2 of standard (NotAnswered)
    02 11:20 3: routing to experts: gus until 02 13:20
    02 11:20 3:   offer to gus
    "#);
}

#[test]
fn what_goes_on_by_itself_or_is_done_needs_no_approval_any_more() {
    assert_snapshot!(play(&with(RULE), "
        2026-03-02 09:00  open P3: it gets worse
        09:01  bjorn acknowledges 1
        09:02  bjorn escalates 1
        09:03  monitor raises 1 to P1
        09:10  open P3: it is solved
        09:11  bjorn acknowledges 2
        09:12  bjorn escalates 2
        09:13  bjorn resolves 2
        09:14  anna approves 2
        09:20  open P3: the lead gives it to somebody else
        09:21  bjorn acknowledges 3
        09:22  bjorn escalates 3
        09:23  gus reassigns 3 to hana
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by bjorn in emea
    02 09:01 1:   stand_down to anna
    02 09:02 1: bjorn asks anna for approval until 02 10:02
    02 09:02 1:   approval to anna
    02 09:03 1: changed, P1
    02 09:03 1: approval ended (NotNeeded: )
    02 09:03 1: escalated (Hierarchical: for a reason)
    02 09:03 1: step 2 of standard (Asked)
    02 09:03 1: escalation to experts: gus until 02 09:08
    02 09:03 1: told bjorn: it is worse than before
    02 09:03 1:   stand_down to anna
    02 09:03 1:   offer to gus
    02 09:03 1:   told to bjorn
    02 09:08 1: offer ended (Expired)
    02 09:08 1: escalated (Automatic: experts did not answer)
    02 09:08 1: escalation to experts primary: gus until 02 09:13
    02 09:08 1:   page to gus
    02 09:10 2: opened P3
    02 09:10 2: step 1 of standard (Routed)
    02 09:10 2: routing to emea: anna until 02 11:10
    02 09:10 2:   offer to anna
    02 09:11 2: held by bjorn in emea
    02 09:11 2:   stand_down to anna
    02 09:12 2: bjorn asks anna for approval until 02 10:12
    02 09:12 2:   approval to anna
    02 09:13 1: offer ended (Expired)
    02 09:13 1: escalated (Automatic: experts did not answer)
    02 09:13 1: step 3 of standard (NotAnswered)
    02 09:13 1: told ines: nobody has taken it, and management is told as its policy asks
    02 09:13 1: told bjorn: nobody further up has taken it; you hold it still
    02 09:13 1: told ines: an escalation has been answered by nobody
    02 09:13 1: step 1 of standard (HeldStill)
    02 09:13 1:   told to bjorn
    02 09:13 1:   last_resort to ines
    02 09:13 2: resolved
    02 09:13 2: approval ended (Withdrawn: )
    02 09:13 2:   stand_down to anna
    02 09:14 refused: ticket 2: no escalation of it waits for approval; its history tells what became of one
    02 09:20 3: opened P3
    02 09:20 3: step 1 of standard (Routed)
    02 09:20 3: routing to emea: anna until 02 11:20
    02 09:20 3:   offer to anna
    02 09:21 3: held by bjorn in emea
    02 09:21 3:   stand_down to anna
    02 09:22 3: bjorn asks anna for approval until 02 10:22
    02 09:22 3:   approval to anna
    02 09:23 3: reassigned (for a reason)
    02 09:23 3: reassignment to experts: hana until 02 11:23
    02 09:23 3: approval ended (Withdrawn: )
    02 09:23 3:   offer to hana
    02 09:23 3:   stand_down to anna
    "#);
}

#[test]
fn a_lead_who_is_ill_is_not_waited_for() {
    assert_snapshot!(play(&with(RULE), "
        2026-03-02 09:00  open P3: Checkout fails
        09:01  bjorn acknowledges 1
        09:02  anna falls ill until 2026-03-05
        09:10  bjorn escalates 1
        09:30  gus approves 1
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by bjorn in emea
    02 09:01 1:   stand_down to anna
    02 09:10 1: bjorn asks gus for approval until 02 10:10
    02 09:10 1:   approval to gus
    02 09:30 1: approval ended (Approved: )
    02 09:30 1: told bjorn: the escalation is approved by gus
    02 09:30 1: escalated (Hierarchical: for a reason)
    02 09:30 1: step 2 of standard (Asked)
    02 09:30 1: escalation to experts: gus until 02 11:30
    02 09:30 1:   told to bjorn
    02 09:30 1:   offer to gus
    "#);
}

#[test]
fn the_files_no_longer_ask_for_it_and_it_goes_on() {
    assert_snapshot!(play(&with(RULE), r#"
        2026-03-02 09:00  open P3: Checkout fails
        09:01  bjorn acknowledges 1
        09:10  bjorn escalates 1
        09:12  edit approve = { priorities = ["P3", "P4"], within = "1h" } => returns_at_most = 3
    "#), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by bjorn in emea
    02 09:01 1:   stand_down to anna
    02 09:10 1: bjorn asks anna for approval until 02 10:10
    02 09:10 1:   approval to anna
    02 09:12 1: approval ended (NotNeeded: )
    02 09:12 1: escalated (Hierarchical: for a reason)
    02 09:12 1: step 2 of standard (Asked)
    02 09:12 1: escalation to experts: gus until 02 11:12
    02 09:12 1:   stand_down to anna
    02 09:12 1:   offer to gus
    "#);
}

#[test]
fn the_lead_reads_what_whoever_asks_has_to_say() {
    let story = played(
        &with(RULE),
        "
        2026-03-02 09:00  open P3 from acme: Checkout fails
        09:01  bjorn acknowledges 1
        09:10  bjorn escalates 1 saying impact,help_wanted
        09:12  anna refuses 1
    ",
    );
    let written = story.notices.iter().filter(|notice| {
        notice.kind == NoticeKind::Approval
            || (notice.kind == NoticeKind::Told && notice.to == "bjorn".into())
    });
    let words = written.map(|notice| {
        let words = notice.words(&story.coverage);
        format!("{} ({})\n{}\n{}\n", notice.to, words.language, words.subject, words.text)
    });
    assert_snapshot!(words.collect::<String>(), @r#"
    anna (fr)
    P3 ticket 1 : peut-il être escaladé ? (Checkout fails)
    bjorn demande de l'escalader : for a reason
    Merci de répondre avant 2026-03-02 11:10 Europe/Stockholm ; sans réponse, il est escaladé.

    Client : Acme

    Impact : Nobody can pay
    Aide demandée : A database owner

    Approuver : meridian ticket approve 1
    Refuser : meridian ticket refuse 1
    bjorn (en)
    P3 ticket 1: the escalation is not approved by anna (for a reason) (Checkout fails)
    Checkout fails: the escalation is not approved by anna (for a reason).

    Customer: Acme
    "#);
}

#[test]
fn who_asked_another_team_by_name_went_around_the_lead() {
    assert_snapshot!(play(&with(RULE), "
        2026-03-02 09:00  open P3: Checkout fails
        09:01  bjorn acknowledges 1
        09:10  bjorn escalates 1
        09:11  bjorn escalates 1 to experts
        09:12  anna refuses 1
        09:20  bjorn escalates 1 to experts
        09:25  anna approves 1
        09:30  gus acknowledges 1
        09:40  open P3: Search is slow
        09:41  bjorn acknowledges 2
        09:42  bjorn escalates 2 to experts
        10:45  nothing
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by bjorn in emea
    02 09:01 1:   stand_down to anna
    02 09:10 1: bjorn asks anna for approval until 02 10:10
    02 09:10 1:   approval to anna
    02 09:11 refused: ticket 1: bjorn asked for that; anna is to approve it by 2026-03-02 10:10 UTC
    02 09:12 1: approval ended (Refused: for a reason)
    02 09:12 1: told bjorn: the escalation is not approved by anna (for a reason)
    02 09:12 1:   told to bjorn
    02 09:20 1: bjorn asks anna for approval until 02 10:20
    02 09:20 1:   approval to anna
    02 09:25 1: approval ended (Approved: )
    02 09:25 1: told bjorn: the escalation is approved by anna
    02 09:25 1: escalated (Functional: for a reason)
    02 09:25 1: step 1 of standard (Asked)
    02 09:25 1: escalation to experts: gus until 02 11:25
    02 09:25 1:   told to bjorn
    02 09:25 1:   offer to gus
    02 09:30 1: held by gus in experts
    02 09:30 1: step 2 of standard (Taken)
    02 09:30 1:   stand_down to bjorn
    02 09:40 2: opened P3
    02 09:40 2: step 1 of standard (Routed)
    02 09:40 2: routing to emea: anna until 02 11:40
    02 09:40 2:   offer to anna
    02 09:41 2: held by bjorn in emea
    02 09:41 2:   stand_down to anna
    02 09:42 2: bjorn asks anna for approval until 02 10:42
    02 09:42 2:   approval to anna
    02 10:42 2: approval ended (ApprovedBySilence: )
    02 10:42 2: told bjorn: the escalation is approved: nobody has answered in time
    02 10:42 2: escalated (Functional: for a reason)
    02 10:42 2: step 1 of standard (Asked)
    02 10:42 2: escalation to experts: hana until 02 12:42
    02 10:42 2:   told to bjorn
    02 10:42 2:   offer to hana
    "#);
}
