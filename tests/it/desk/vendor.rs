//! Vendors: they are asked by a message and answer, while whoever of ours holds the ticket chases them.

use insta::assert_snapshot;
use meridian::desk::{Notice, NoticeKind};

use super::play::{GLOBE, Played, play, played};
use super::promises::promised;

const VENDORS: &str = r#"
[vendors.acme-hw]
name = "Acme Hardware"
channel = "acme-mail"
email = "support@acme-hw.example"
language = "sv"
timezone = "Asia/Kathmandu"
residency = "eu"
reply_within = { P1 = "1h", P2 = "2h", P3 = "8h" }
contract = "C-77-1203"
[vendors.far]
channel = "far"
"#;

fn files() -> String {
    format!("{GLOBE}{VENDORS}")
}

/// The frontline's step asks Acme Hardware first.
fn named(rules: &str) -> String {
    let step = "{ tier = \"frontline\"";
    let globe = files().replacen(step, &format!("{step}, vendor = \"acme-hw\""), 1);
    let standard = "[policies.standard]\n";
    let named = globe.replace(standard, &format!("{standard}{rules}\n"));
    assert!(named.contains("vendor = \"acme-hw\""), "the policy has moved");
    named
}

fn to_vendors(story: &Played) -> String {
    let is_theirs = |notice: &&Notice| notice.kind == NoticeKind::Vendor;
    let words = story.notices.iter().filter(is_theirs).map(|notice| {
        let words = notice.words_with(&[], Some("https://meridian.example.com/v/1-5-0.x.y"), &story.coverage);
        format!(
            "[{} by {}] {}\n\n{}\n",
            notice.to,
            notice.ways(&story.coverage).join(", "),
            words.subject,
            words.text
        )
    });
    words.collect::<Vec<_>>().join("\n")
}

fn last_words(story: &Played, to: &str) -> String {
    let notice = story.notices.iter().rfind(|notice| notice.to.as_str() == to).unwrap();
    let words = notice.words(&story.coverage);
    format!("{}\n\n{}", words.subject, words.text)
}

#[test]
fn a_vendor_is_asked_answers_and_the_owner_goes_on() {
    let script = "
        2026-03-02 09:00  open P3 from acme: Storage fails
        09:01  anna acknowledges 1
        09:10  anna sends 1 to acme-hw saying summary,impact,help_wanted
        09:11  anna sends 1 to acme-hw
        10:00  vendor/acme-hw answers 1 working case 4711
        10:01  vendor/acme-hw answers 1 working case 4711
        11:00  vendor/acme-hw answers 1 solved case 4711 text a-new-disk-is-in
        11:01  vendor/acme-hw answers 1 solved case 4711 text a-new-disk-is-in
        11:02  vendor/acme-hw answers 1 declined text no
        11:10  anna resolves 1
    ";
    assert_snapshot!(play(&files(), script), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:10 1: escalated (Functional: a disk has failed)
    02 09:10 1: acme-hw asked
    02 09:10 1:   vendor to acme-hw
    02 09:11 refused: ticket 1: it is at acme-hw already; recall it first
    02 10:00 1: acme-hw working, case 4711: 
    02 10:00 1: vendor reply met after 50m
    02 10:00 1: told anna: Acme Hardware works on it (case 4711)
    02 10:00 1:   told to anna
    02 11:00 1: acme-hw solved, case 4711: a new disk is in
    02 11:00 1: vendor reply met after 1h
    02 11:00 1: told anna: Acme Hardware says that it is solved (case 4711)
    02 11:00 1:   told to anna
    02 11:02 refused: ticket 1: it is not at acme-hw any more
    02 11:10 1: resolved
    "#);
    let story = played(&files(), script);
    assert_snapshot!(to_vendors(&story), @r#"
    [acme-hw by acme-mail] Vi behöver er hjälp med Storage fails (vår referens 1, P3)

    Support ber Acme Hardware om hjälp: a disk has failed

    Vår referens: 1
    Vårt nummer hos er: C-77-1203
    Kund: Acme
    Er kontakt: anna

    Vad det gäller: Payments fail since noon
    Påverkan: Nobody can pay
    Önskad hjälp: A database owner

    Svara senast 2026-03-02 22:55 Asia/Kathmandu.
    Svara här, också att ni arbetar med det eller att ni inte kan: https://meridian.example.com/v/1-5-0.x.y
    "#);
    assert_snapshot!(last_words(&story, "anna"), @r#"
    P3 ticket 1 : Acme Hardware dit que c’est résolu (dossier 4711) (Storage fails)

    Storage fails : Acme Hardware dit que c’est résolu (dossier 4711).

    Client : Acme
    Acme Hardware dit que c’est résolu (dossier 4711): a new disk is in
    "#);
}

#[test]
fn the_time_at_a_vendor_is_the_vendors_and_the_customers_clock_goes_on_unless_the_policy_pauses_it() {
    let script = "
        2026-03-02 09:00  open P2 from acme: Storage fails
        09:05  anna acknowledges 1
        09:30  anna sends 1 to acme-hw
        10:30  vendor/acme-hw answers 1 answered text replace-the-disk
        10:45  anna resolves 1
        promises 1
    ";
    let promises = |files: String| {
        let told = play(&files, script);
        let from = told.lines().position(|line| line.contains("resolution within")).unwrap();
        told.lines().skip(from).map(|line| format!("{line}\n")).collect::<String>()
    };
    let runs = format!("{}{VENDORS}", promised());
    let pauses = runs.replace("[policies.standard]\n", "[policies.standard]\nclocks_at_vendor = \"pause\"\n");
    assert_ne!(runs, pauses);
    assert_snapshot!(promises(runs), @r#"
    resolution within 4h: Met
    vendor reply within 2h: Met
      first response 5m: emea asked 5m
      next update 1h40m: anna in emea 40m, at acme-hw 1h
      resolution 1h45m: emea asked 5m, anna in emea 40m, at acme-hw 1h
      vendor reply 1h: at acme-hw 1h
    "#);
    assert_snapshot!(promises(pauses), @r#"
    resolution within 4h: Met
    vendor reply within 2h: Met
      first response 5m: emea asked 5m
      next update 40m: anna in emea 40m
      resolution 45m: emea asked 5m, anna in emea 40m
      vendor reply 1h: at acme-hw 1h
    "#);
}

#[test]
fn a_vendor_that_does_not_answer_is_chased_by_its_owner_and_then_the_policy_goes_a_step_further() {
    assert_snapshot!(play(&named("on_vendor_breach = \"escalate\""), "
        2026-03-02 09:00  open P2: Storage fails
        09:01  bjorn acknowledges 1
        09:10  bjorn escalates 1
        10:50  vendor/acme-hw answers 1 working
        13:00  gus acknowledges 1
        13:10  vendor/acme-hw answers 1 answered text replace-the-disk
    "), @r#"
    02 09:00 1: opened P2
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:15
    02 09:00 1:   offer to anna
    02 09:01 1: held by bjorn in emea
    02 09:01 1:   stand_down to anna
    02 09:10 1: escalated (Hierarchical: for a reason)
    02 09:10 1: acme-hw asked
    02 09:10 1:   vendor to acme-hw
    02 10:46 1: 80 % of vendor reply gone, due 02 11:10
    02 10:46 1: told bjorn: 80 % of the 2h for its vendor reply are gone, due 2026-03-02 11:10 UTC
    02 10:46 1:   told to bjorn
    02 10:50 1: acme-hw working: 
    02 10:50 1: vendor reply met after 1h40m
    02 10:50 1: told bjorn: Acme Hardware works on it
    02 10:50 1:   told to bjorn
    02 12:26 1: 80 % of vendor reply gone, due 02 12:50
    02 12:26 1: told bjorn: 80 % of the 2h for its vendor reply are gone, due 2026-03-02 12:50 UTC
    02 12:26 1:   told to bjorn
    02 12:50 1: vendor reply BREACHED
    02 12:50 1: told bjorn, anna: the promise of a vendor reply within 2h is broken
    02 12:50 1: escalated (Automatic: the promise of a vendor reply is broken)
    02 12:50 1: step 2 of standard (PromiseBroken)
    02 12:50 1: escalation to experts: gus until 02 13:05
    02 12:50 1:   told to bjorn
    02 12:50 1:   told to anna
    02 12:50 1:   offer to gus
    02 13:00 1: held by gus in experts
    02 13:00 1:   stand_down to bjorn
    02 13:10 1: acme-hw answered: replace the disk
    02 13:10 1: vendor reply met after 2h20m
    02 13:10 1: told gus: Acme Hardware has answered
    02 13:10 1:   told to gus
    "#);
}

#[test]
fn the_step_names_the_vendor_that_is_asked_before_the_next_step() {
    assert_snapshot!(play(&named("on_overrun = \"move\""), "
        2026-03-02 09:00  open P1: Storage fails
        09:01  anna acknowledges 1
        10:30  anna recalls 1
        10:35  anna escalates 1
        10:36  gus acknowledges 1
    "), @r#"
    02 09:00 1: opened P1
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 09:05
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 10:01 1: overran: acme-hw asked
    02 10:01 1: escalated (Automatic: not resolved in time)
    02 10:01 1: acme-hw asked
    02 10:01 1:   vendor to acme-hw
    02 10:30 1: no longer at acme-hw (for a reason)
    02 10:30 1:   vendor to acme-hw
    02 10:35 1: escalated (Hierarchical: for a reason)
    02 10:35 1: step 2 of standard (Asked)
    02 10:35 1: escalation to experts: gus until 02 10:40
    02 10:35 1:   offer to gus
    02 10:36 1: held by gus in experts
    02 10:36 1:   stand_down to anna
    "#);
}

#[test]
fn it_comes_back_to_whoever_is_at_work_with_the_words_of_the_vendor() {
    let script = "
        2026-03-02 09:30  open P4: Storage fails
        09:31  anna acknowledges 1
        09:40  anna sends 1 to acme-hw
        18:00  vendor/acme-hw answers 1 answered case 4711 text replace-the-disk
        18:01  carl acknowledges 1
    ";
    assert_snapshot!(play(&files(), script), @r#"
    02 09:30 1: opened P4
    02 09:30 1: step 1 of standard (Routed)
    02 09:30 1: routing to emea: anna until 03 08:30
    02 09:30 1:   offer to anna
    02 09:31 1: held by anna in emea
    02 09:40 1: escalated (Functional: a disk has failed)
    02 09:40 1: acme-hw asked
    02 09:40 1:   vendor to acme-hw
    02 16:00 1: kept by anna until 03 07:00
    02 18:00 1: acme-hw answered, case 4711: replace the disk
    02 18:00 1: shift of anna ended
    02 18:00 1: step 1 of standard (ShiftEnded)
    02 18:00 1: routing to amer: carl until 03 17:00
    02 18:00 1:   offer to carl
    02 18:01 1: held by carl in amer
    "#);
    let story = played(&files(), script);
    assert_snapshot!(last_words(&story, "carl"), @r#"
    P4 ticket 1 is offered to you: Storage fails

    It is offered to amer. Please answer by 2026-03-03 12:00 America/New_York.

    Acme Hardware has answered (case 4711): replace the disk
    Nobody has written a briefing; the history says:
    Storage fails, open since 2026-03-02 09:30 UTC
    Done so far: replace the disk

    Take it: meridian ticket acknowledge 1
    Refuse it: meridian ticket decline 1
    "#);
}

#[test]
fn where_nobody_is_at_work_its_owner_keeps_it_until_the_next_shift() {
    assert_snapshot!(play(&files(), "
        2026-03-02 08:00  open P4 from acme: Storage fails
        08:01  anna acknowledges 1
        08:10  anna sends 1 to acme-hw
        18:00  vendor/acme-hw answers 1 answered text replace-the-disk
        2026-03-03 07:00  nothing
    "), @r#"
    02 08:00 1: opened P4
    02 08:00 1: step 1 of standard (Routed)
    02 08:00 1: routing to emea: anna until 02 16:00
    02 08:00 1:   offer to anna
    02 08:01 1: held by anna in emea
    02 08:10 1: escalated (Functional: a disk has failed)
    02 08:10 1: acme-hw asked
    02 08:10 1:   vendor to acme-hw
    02 16:00 1: kept by anna until 03 07:00
    02 18:00 1: acme-hw answered: replace the disk
    02 18:00 1: told anna: Acme Hardware has answered
    02 18:00 1:   told to anna
    03 07:00 1: anna is back
    "#);
}

#[test]
fn the_chasing_is_handed_over_where_a_shift_ends() {
    let script = "
        2026-03-02 09:00  open P3: Storage fails
        09:01  anna acknowledges 1
        09:10  anna sends 1 to far
        15:35  carl acknowledges 1
        16:30  vendor/far answers 1 solved text mended
    ";
    assert_snapshot!(play(&files(), script), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:10 1: escalated (Functional: a disk has failed)
    02 09:10 1: far asked
    02 09:10 1:   vendor to far
    02 15:30 1: handoff to amer: carl until 02 16:00 batch 1
    02 15:30 1:   offer to carl
    02 15:30 1:   briefing_asked to anna
    02 15:35 1: held by carl in amer
    02 15:35 1:   stand_down to anna
    02 16:30 1: far solved: mended
    02 16:30 1: told carl: far says that it is solved
    02 16:30 1:   told to carl
    "#);
    let story = played(&files(), script);
    let asked = |notice: &&Notice| notice.kind == NoticeKind::Offer && notice.to.as_str() != "anna";
    let words = story.notices.iter().find(asked).unwrap().words(&story.coverage);
    assert_snapshot!(words.text, @r#"
    It comes to amer when the shift before yours ends, at 2026-03-02 11:00 America/New_York.

    Nobody has written a briefing; the history says:
    Storage fails, open since 2026-03-02 09:00 UTC
    Waiting on: far, since 2026-03-02 09:10 UTC

    Take it: meridian ticket acknowledge 1
    Refuse it: meridian ticket decline 1
    "#);
}

#[test]
fn who_may_not_know_of_it_is_not_asked_and_does_not_keep_it() {
    assert_snapshot!(play(&files(), "
        2026-03-02 09:00  open P3 from acme: Storage fails
        09:01  anna sends 1 to far
        09:02  anna acknowledges 1
        09:03  anna sends 1 to far
        09:04  anna sends 1 to nobody
        09:05  carl sends 1 to acme-hw
        09:06  anna recalls 1
        09:07  vendor/far answers 1 solved text mended
        09:10  open P3: Network fails
        09:11  bjorn acknowledges 2
        09:12  bjorn sends 2 to far
        09:20  bjorn changes 2 residency eu
        09:30  bjorn sends 2 to acme-hw
        09:31  edit [vendors.acme-hw] => [vendors.acme-hardware]
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 refused: ticket 1 is waiting, so it cannot be sent to a vendor
    02 09:02 1: held by anna in emea
    02 09:03 refused: ticket 1: it stays within eu, and far may not know of it
    02 09:04 refused: to: no vendor "nobody" in the schedules
    02 09:05 refused: ticket 1 may only be seen by people of residency eu, which carl is not
    02 09:06 refused: ticket 1: it is at no vendor
    02 09:07 refused: ticket 1: it is at no vendor
    02 09:10 2: opened P3
    02 09:10 2: step 1 of standard (Routed)
    02 09:10 2: routing to emea: bjorn until 02 11:10
    02 09:10 2:   offer to bjorn
    02 09:11 2: held by bjorn in emea
    02 09:12 2: escalated (Functional: a disk has failed)
    02 09:12 2: far asked
    02 09:12 2:   vendor to far
    02 09:20 2: changed, P3
    02 09:20 2: no longer at far (it is gone from the files, or may not know of it any more)
    02 09:20 2: told bjorn, anna: it is no longer at far, which is gone from the files or may not know of it any more
    02 09:20 2:   told to bjorn
    02 09:20 2:   told to anna
    02 09:30 2: escalated (Functional: a disk has failed)
    02 09:30 2: acme-hw asked
    02 09:30 2:   vendor to acme-hw
    02 09:31 2: no longer at acme-hw (it is gone from the files, or may not know of it any more)
    02 09:31 2: told bjorn, anna: it is no longer at acme-hw, which is gone from the files or may not know of it any more
    02 09:31 2:   told to bjorn
    02 09:31 2:   told to anna
    "#);
}

#[test]
fn what_reaches_no_vendor_is_back_at_once_and_what_is_resolved_is_wanted_no_more() {
    let script = "
        2026-03-02 09:00  open P3: Storage fails
        09:01  anna acknowledges 1
        09:02  anna sends 1 to acme-hw
        09:05  undelivered 1 to acme-hw
        09:06  anna sends 1 to acme-hw
        09:10  anna resolves 1
        09:11  vendor/acme-hw answers 1 solved text too-late
    ";
    assert_snapshot!(play(&files(), script), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1:   offer to anna
    02 09:01 1: held by anna in emea
    02 09:02 1: escalated (Functional: a disk has failed)
    02 09:02 1: acme-hw asked
    02 09:02 1:   vendor to acme-hw
    02 09:05 1: acme-hw could not be reached
    02 09:05 1: no longer at acme-hw (could not be reached: no channel works)
    02 09:05 1: told anna: Acme Hardware could not be reached, so it is not there; whoever holds it goes on with it
    02 09:05 1:   told to anna
    02 09:06 1: escalated (Functional: a disk has failed)
    02 09:06 1: acme-hw asked
    02 09:06 1:   vendor to acme-hw
    02 09:10 1: no longer at acme-hw (resolved)
    02 09:10 1: resolved
    02 09:10 1:   vendor to acme-hw
    02 09:11 refused: ticket 1: it is not at acme-hw any more
    "#);
    let story = played(&files(), script);
    assert_snapshot!(to_vendors(&story).split("[acme-hw").last().unwrap(), @r#"
     by acme-mail] Ni behöver inte göra mer åt Storage fails (vår referens 1)

    Support behöver ingen mer hjälp med detta. Tack.
    "#);
}
