//! Tickets of the house's own people go other ways than those of customers.

use insta::assert_snapshot;

use super::play::{GLOBE, play, played};
use super::promises::promised;

/// Such a ticket goes to the experts at once.
const OWN_WAY: &str = r#"
[policies.internal]
steps = [{ tier = "specialist" }]
[[routes]]
name = "our own"
when = { audience = ["internal"] }
policy = "internal"
"#;

#[test]
fn a_route_takes_what_is_internal_elsewhere_and_a_change_moves_it() {
    assert_snapshot!(play(&format!("{GLOBE}{OWN_WAY}"), "
        2026-03-02 09:00  open P3 internal: New laptop
        09:01  open P3: Checkout fails
        why 1
        09:05  monitor changes 2 audience internal
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of internal (Routed)
    02 09:00 1: routing to experts: gus until 02 11:00
    02 09:00 1:   offer to gus
    02 09:01 2: opened P3
    02 09:01 2: step 1 of standard (Routed)
    02 09:01 2: routing to emea: anna until 02 11:01
    02 09:01 2:   offer to anna
      Offered to experts, gus first, in en: they are in their hours. P3, route "our own", policy internal, step 1 (specialist).
    02 09:05 2: changed, P3
    02 09:05 2: offer ended (Withdrawn)
    02 09:05 2: step 1 of internal (Routed)
    02 09:05 2: routing to experts: hana until 02 11:05
    02 09:05 2:   offer to hana
    "#);
}

#[test]
fn no_customers_promise_holds_for_it_unless_a_route_says_so() {
    let with_sla = OWN_WAY.replace("policy = \"internal\"\n", "policy = \"internal\"\nsla = \"silver\"\n");
    let script = "
        2026-03-02 09:00  open P2 from acme internal: Checkout of ours fails
        09:01  open P2 from acme: Checkout fails
        promises 1
        promises 2
    ";
    let clocks = |files: &str| {
        let told = play(files, script);
        let lines = told.lines().filter(|line| line.contains(" within "));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_snapshot!(clocks(&promised()), @r#"
    first response within 1h: Running, due 02 10:01
    next update within 2h: Standing
    resolution within 4h: Running, due 02 13:01
    "#);
    let own = promised().replace("[[routes]]\nwhen", &format!("{with_sla}[[routes]]\nwhen"));
    assert_snapshot!(clocks(&own), @r#"
    resolution within 9h: Running, due 03 09:00
    first response within 1h: Running, due 02 10:01
    next update within 2h: Standing
    resolution within 4h: Running, due 02 13:01
    "#);
}

#[test]
fn nobody_who_waits_with_a_customer_hears_of_it_and_no_customer_is_asked() {
    let followed = format!(
        "{GLOBE}[[subscriptions]]\npeople = [\"carl\"]\n[[subscriptions]]\npeople = [\"dora\"]\n\
         when = {{ audience = [\"internal\"] }}\n"
    );
    assert_snapshot!(play(&followed, "
        2026-03-02 09:00  open P3 internal: New laptop
        09:01  anna acknowledges 1
        09:02  anna updates 1
        09:03  anna resolves 1
        09:04  monitor rated 1 1
    "), @r#"
    02 09:00 1: opened P3
    02 09:00 1: step 1 of standard (Routed)
    02 09:00 1: routing to emea: anna until 02 11:00
    02 09:00 1: told dora: it has been opened
    02 09:00 1:   offer to anna
    02 09:00 1:   news to dora
    02 09:01 1: held by anna in emea
    02 09:02 1: update: we are on it
    02 09:02 1: told dora: there is a status update
    02 09:02 1:   news to dora
    02 09:03 1: resolved
    02 09:03 1: told dora: it is resolved
    02 09:03 1:   news to dora
    02 09:04 refused: ticket 1: it is internal, and no customer is asked what they think of it
    "#);
    let story = played(
        &followed,
        "
        2026-03-02 09:00  open P3 internal: New laptop
    ",
    );
    let words = story.notices[0].words(&story.coverage);
    assert_snapshot!(format!("{}\n\n{}", words.subject, words.text), @r#"
    P3 ticket 1 vous est proposé : New laptop

    Il est proposé à emea. Merci de répondre avant le 2026-03-02 12:00 Europe/Stockholm.

    Interne : il est à nous, et aucun client n’en entend parler

    Le prendre : meridian ticket acknowledge 1
    Le refuser : meridian ticket decline 1
    "#);
}
