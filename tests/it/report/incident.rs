//! One ticket, for those who look back on it.

use std::path::Path;

use meridian::desk::TicketId;
use meridian::report::{Document, Incident};

use crate::desk::play::{GLOBE, Played, played};

fn document(played: &Played, ticket: i64) -> Document {
    let id = TicketId(ticket);
    let ticket = &played.tickets[&id].ticket;
    let (history, coverage) = (&played.events[&id], &*played.coverage);
    Incident { ticket, history, coverage, now: played.until }.document()
}

/// A night in which everything goes wrong once: nobody can be reached at first, promises break, it is handed over,
/// escalated, resolved, and comes back.
fn bad_day() -> Played {
    let slas =
        "[slas.gold]\nclasses = [\"vip\"]\nfirst_response = \"10m\"\nresolution = \"1h\"\nwarn_at = [0.5]\n";
    let globe = GLOBE
        .replace("name = \"Acme\"\n", "name = \"Acme SA\"\nclass = \"vip\"\n")
        .replace("[people.anna]\n", "[people.anna]\nname = \"Anna Lindqvist\"\n")
        .replace("[teams.emea]\n", "[teams.emea]\nname = \"EMEA frontline\"\n");
    played(
        &format!("{globe}\n{slas}"),
        "
        2026-03-02 15:40  open P1 fr from acme: Checkout <b>fails</b> for | everybody\u{202e}
        15:41  undelivered 1 to anna
        15:52  bjorn acknowledges 1
        15:55  bjorn updates 1
        16:05  bjorn briefs 1
        16:10  bjorn escalates 1 saying summary,impact,help_wanted
        16:12  gus acknowledges 1
        16:14  gus judges 1 missing steps_taken noting
        17:10  gus resolves 1 cause software
        17:30  monitor rated 1 2 it took *too* long
        18:00  monitor reopens 1
        18:03  gus acknowledges 1
        18:05  gus pends 1
        2026-03-03 08:00  gus resolves 1
        2026-03-11 09:00  nothing
    ",
    )
}

fn golden(name: &str, written: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/incident").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, written).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == written, "{} differs; BLESS=1 rewrites it: then read it", path.display());
}

#[test]
fn everything_that_happened_to_a_ticket_is_told_in_order_and_both_ways() {
    let story = bad_day();
    let told = document(&story, 1);
    golden("bad-day.md", &told.markdown());
    golden("bad-day.html", &told.html());
    assert_eq!(document(&bad_day(), 1), told, "the same story, the same report");
}

#[test]
fn a_ticket_that_is_live_is_told_as_of_now_and_one_that_is_done_does_not_depend_on_it() {
    let (short, long) = ("09:30  nothing", "10:30  nothing");
    let told = |end: &str, last: &str| {
        let story = played(
            GLOBE,
            &format!(
                "
            2026-03-02 09:00  open P3: The printer is slow
            09:01  anna acknowledges 1
            {last}
            {end}
        "
            ),
        );
        document(&story, 1).markdown()
    };
    let live = told(short, "09:10  anna notes 1");
    insta::assert_snapshot!(live, @r#"
    # Post-incident report: ticket 1

    **The printer is slow**

    The ticket is live: this is how things stood on 2026-03-02 10:30 Europe/Stockholm (09:30 UTC).

    ## Summary

    - Priority: P3
    - State: held
    - Opened: 2026-03-02 10:00 Europe/Stockholm (09:00 UTC)
    - First taken: 2026-03-02 10:01 Europe/Stockholm (09:01 UTC), 1 min after it was opened

    ## Time line

    | Europe/Stockholm | UTC | Who | What |
    | --- | --- | --- | --- |
    | 2026-03-02 10:00 | 2026-03-02 09:00 | desk | opened as P3 |
    | 2026-03-02 10:00 | 2026-03-02 09:00 | Meridian | offered to emea (anna) |
    | 2026-03-02 10:01 | 2026-03-02 09:01 | anna | anna (emea) took it |
    | 2026-03-02 10:10 | 2026-03-02 09:10 | anna | note: looked at it |

    ## Custody

    | Europe/Stockholm | UTC | Lasted | Who had it |
    | --- | --- | --- | --- |
    | 2026-03-02 10:00 | 2026-03-02 09:00 | 1 min | nobody yet; emea was asked |
    | 2026-03-02 10:01 | 2026-03-02 09:01 | 29 min | anna (emea) |

    ## Promises

    Nothing was promised to the customer.

    ## Status updates

    The customer was told nothing in between.

    ## Escalations

    It was not escalated.

    ## Verdicts on handoffs and escalations

    Nobody has said whether what came with it was good enough.

    ## Messages that reached nobody

    None.

    ## Cause and resolution

    It is not resolved.

    ## The customer's feedback

    The customer has not said.

    ## Actions

    | What is to be done | Who | By when | Done |
    | --- | --- | --- | --- |
    |  |  |  |  |
    |  |  |  |  |
    |  |  |  |  |
    "#);
    assert_ne!(live, told(long, "09:10  anna notes 1"));
    let done = "09:10  anna resolves 1";
    assert_eq!(told(short, done), told(long, done));
}
