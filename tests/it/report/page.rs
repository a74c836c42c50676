//! What a person reads: the text, and the page.

use meridian::desk::TicketId;
use meridian::report::{Run, Violation, html, text};

use super::figures;
use crate::desk::play::GLOBE;

const STORY: &str = "
    2026-03-02 09:00  open P2: Checkout fails
    09:04  anna acknowledges 1
    10:00  anna resolves 1
    2026-03-07 12:00  open P3: <script>alert('x')</script> & more
    2026-03-07 12:30  open P1: Down
    12:41  anna acknowledges 3
    2026-03-09 01:00  nothing
";

fn run() -> Run {
    Run {
        schedules: "schedules".into(),
        tickets: "march.csv".into(),
        responders: "human".into(),
        seed: 7,
        violations: vec![Violation {
            ticket: Some(TicketId(2)),
            at: "2026-03-08T00:00:00Z".parse().unwrap(),
            what: "held by \"nobody\" <at all>".into(),
        }],
        remarks: vec!["Made up for a test.".into()],
    }
}

#[test]
fn the_text_tells_the_story() {
    insta::assert_snapshot!(text(&figures(GLOBE, STORY), Some(&run())), @r#"
    Support
    2026-03-02 00:00 UTC to 2026-03-09 01:00 UTC
    simulated: march.csv under schedules, people human, seed 7
      note: Made up for a test.

               3  tickets opened
            33 %  resolved (2 live, each with its reason)
         at once  median until somebody at work was asked (nine in ten within 1.5 d)
           4 min  median until somebody took it (nine in ten within 11 min)
               3  pages outside hours (of 3, 0 at night)
               1  violation (of what must always hold)

    ATTENTION
      ! 1 violation of what must always hold.
      ! Nobody is at work in 58 hours of the week (Mon to Fri 22-24, Sat and Sun 00-24 UTC); somebody is
        on call then, at least at times. 2 tickets were opened then.
      - Nobody of specialist is at work in 123 hours of the week (Mon to Fri 00-07 and 16-24, Sat and
        Sun 00-24 UTC); somebody is on call then, at least at times. No ticket was opened then.
      - Nobody of management is ever at work or on call.

      TICKET  AT                    WHAT
           2  2026-03-08 00:00 UTC  held by "nobody" <at all>

    OUTCOMES
      Every ticket is resolved, closed, or live with a reason and an instant to look again.

      What became of tickets
      PRIORITY  OPENED   RESOLVED  LIVE  UNATTENDED  LAST RESORT TOLD
      all            3   1 (33 %)     2           0                 0
      P1             1    0 (0 %)     1           0                 0
      P2             1  1 (100 %)     0           0                 0
      P3             1    0 (0 %)     1           0                 0

      Not done yet
      WAITING                 TICKETS
      held by a person              1
      offered, not taken yet        1

      Each of them
      TICKET  PRIORITY  TITLE                         WHY
           2  P3        <script>alert('x')</script>…  offered to apac until 2026-03-09 02:00 UTC
           3  P1        Down                          held by anna in emea since 2026-03-07 12:41 UTC

    HOW LONG IT TOOK
      From the opening of a ticket. Asked: first offered to people at work, queued with them, or paged.
      Percentiles are nearest ranks, so each is a time that really occurred.

      All tickets
      TIME                               TICKETS    MEDIAN       P90       MEAN   LONGEST
      until somebody at work was asked         3       0 s     1.5 d  12 h 00 m     1.5 d
      until somebody took it                   2     4 min    11 min      7 min    11 min
      until it was resolved                    1  1 h 00 m  1 h 00 m   1 h 00 m  1 h 00 m
      parked, of tickets ever parked           1     1.5 d     1.5 d      1.5 d     1.5 d
      in queues, of tickets ever queued        0         -         -          -         -

      By priority
      PRIORITY  OPENED  ASKED: MEDIAN    P90  TAKEN: MEDIAN     P90  RESOLVED: MEDIAN       P90  PARKED
      P1             1            0 s    0 s         11 min  11 min                 -         -     0 %
      P2             1            0 s    0 s          4 min   4 min          1 h 00 m  1 h 00 m     0 %
      P3             1          1.5 d  1.5 d              -       -                 -         -   100 %

      Waited longest until somebody took them
      TICKET  PRIORITY  TITLE                         OPENED (UTC)      WAITED  WHY
           2  P3        <script>alert('x')</script>…  2026-03-07 12:00   1.5 d  not taken yet; parked
                                                                                1.5 d
           3  P1        Down                          2026-03-07 12:30  11 min  2 offers not answered
           1  P2        Checkout fails                2026-03-02 09:00   4 min  offered, and taken late

    WHAT WENT ON
      Counted from the history of the tickets.

      How often
                                   ALL  P1  P2  P3
      offers made                    5   3   1   1
        not answered in time         2   2   0   0
      escalated as a wait ran out    2   2   0   0
      not resolved in time           1   1   0   0
      people paged                   3   3   0   0
        outside their hours          3   3   0   0
      told to stand down             2   2   0   0

      Where waits ran out
      POLICY    STEP  TIER       TIMES
      standard     1  frontline      2

    HANDOFFS
      Tickets offered to the next people ahead of a shift end.
      None.

    PAGES
      An offer that wakes somebody up.

      Who was paged, outside their hours most often first
      PERSON  PAGES  OUTSIDE HOURS  AT NIGHT
      anna        1              1         0
      bjorn       1              1         0
      gus         1              1         0

    LOAD OF TEAMS
      Tickets held at once by a team's people and its queue, pending ones among them: the mean over the
      window and the peak, of one person, and as many as a person is meant to hold.

      By team, most loaded first
      TEAM      TIER        PEOPLE  MEAN  PEAK  ONE'S PEAK  MEANT  OFFERS  EXPIRED  TAKEN  RESOLVED
      emea      frontline        2   0.2     1           1      2       3        2      2         1
      amer      frontline        2   0.0     0           0      2       0        0      0         0
      apac      frontline        2   0.0     0           0      5       1        0      0         0
      experts   specialist       2   0.0     0           0      5       1        0      0         0
      managers  management       1   0.0     0           0      5       0        0      0         0

    THE MEAN WEEK, IN UTC
      People at work in their hours by hour of the week, averaged over the window; a dot: never anybody,
      a plus: hardly ever. Beside it the tickets opened; of a tier, those it was decided for first.

      Whole organisation: people at work, mean
          00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23
      Mon  2  2  2  2  2  2  2  6  6  4  4  4  4  6  6  6  2  2  2  2  2  2  ·  ·
      Tue  2  2  2  2  2  2  2  6  6  4  4  4  4  6  6  6  2  2  2  2  2  2  ·  ·
      Wed  2  2  2  2  2  2  2  6  6  4  4  4  4  6  6  6  2  2  2  2  2  2  ·  ·
      Thu  2  2  2  2  2  2  2  6  6  4  4  4  4  6  6  6  2  2  2  2  2  2  ·  ·
      Fri  2  2  2  2  2  2  2  6  6  4  4  4  4  6  6  6  2  2  2  2  2  2  ·  ·
      Sat  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Sun  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·

      Whole organisation: tickets opened
          00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23
      Mon  ·  ·  ·  ·  ·  ·  ·  ·  ·  1  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Tue  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Wed  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Thu  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Fri  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Sat  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  2  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Sun  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·

      frontline: people at work, mean
          00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23
      Mon  2  2  2  2  2  2  2  4  4  2  2  2  2  4  4  4  2  2  2  2  2  2  ·  ·
      Tue  2  2  2  2  2  2  2  4  4  2  2  2  2  4  4  4  2  2  2  2  2  2  ·  ·
      Wed  2  2  2  2  2  2  2  4  4  2  2  2  2  4  4  4  2  2  2  2  2  2  ·  ·
      Thu  2  2  2  2  2  2  2  4  4  2  2  2  2  4  4  4  2  2  2  2  2  2  ·  ·
      Fri  2  2  2  2  2  2  2  4  4  2  2  2  2  4  4  4  2  2  2  2  2  2  ·  ·
      Sat  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Sun  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·

      frontline: tickets opened
          00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23
      Mon  ·  ·  ·  ·  ·  ·  ·  ·  ·  1  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Tue  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Wed  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Thu  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Fri  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Sat  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  2  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Sun  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·

      specialist: people at work, mean
          00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23
      Mon  ·  ·  ·  ·  ·  ·  ·  2  2  2  2  2  2  2  2  2  ·  ·  ·  ·  ·  ·  ·  ·
      Tue  ·  ·  ·  ·  ·  ·  ·  2  2  2  2  2  2  2  2  2  ·  ·  ·  ·  ·  ·  ·  ·
      Wed  ·  ·  ·  ·  ·  ·  ·  2  2  2  2  2  2  2  2  2  ·  ·  ·  ·  ·  ·  ·  ·
      Thu  ·  ·  ·  ·  ·  ·  ·  2  2  2  2  2  2  2  2  2  ·  ·  ·  ·  ·  ·  ·  ·
      Fri  ·  ·  ·  ·  ·  ·  ·  2  2  2  2  2  2  2  2  2  ·  ·  ·  ·  ·  ·  ·  ·
      Sat  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·
      Sun  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·  ·

    OVER TIME
      What came in, what was done, and what was live at the end of each stretch.

      By week, or by day where the window is short
      FROM        UNTIL       OPENED  REOPENED  DONE  LIVE AT ITS END
      2026-03-02  2026-03-03       1         0     1                0
      2026-03-07  2026-03-08       2         0     0                2
    "#);
}

#[test]
fn lines_fit_a_terminal() {
    let text = text(&figures(GLOBE, STORY), Some(&run()));
    let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 100).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn a_hostile_name_is_text_on_the_page_and_harmless_in_a_terminal() {
    let toml = GLOBE.replace("[teams.emea]", "[teams.emea]\nname = '<img src=x onerror=alert(1)>'");
    let toml = toml.replace("[org]", "[org]\nname = '\"><svg onload=alert(2)>'");
    let script = STORY.replace("Down", "\u{1b}[2J\u{7}gone");
    let figures = figures(&toml, &script);
    let page = html(&figures, Some(&run()));
    for hostile in ["<script", "<img", "<svg onload", "<at all>"] {
        assert!(!page.contains(hostile), "{hostile} is markup on the page");
    }
    assert!(page.contains("&lt;script&gt;"), "the title is there, as text");
    let text = text(&figures, None);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "control characters reach the terminal");
}

#[test]
fn the_page_stands_alone_and_its_parts_belong_together() {
    let page = html(&figures(GLOBE, STORY), Some(&run()));
    for fetched in ["src=", "@import", "url(", "<script", "href=\"http", "<link rel=\"stylesheet"] {
        assert!(!page.contains(fetched), "{fetched} would fetch something");
    }
    assert!(page.contains("name=\"viewport\"") && page.contains("prefers-color-scheme"));
    let open = unclosed(&page);
    assert!(open.is_empty(), "not closed, or closed twice: {open:?}");
    let ids: Vec<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert_eq!(ids.iter().filter(|id| **id == link).count(), 1, "#{link} leads to one place");
    }
    for svg in page.split("<svg xmlns").skip(1) {
        assert!(svg.contains("aria-label=") && svg.contains("<title>"), "every picture has a name");
    }
}

/// Tags that are opened and not closed, or the other way round.
fn unclosed(page: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = rest.find('>').expect("a tag ends");
        let tag = &rest[..end];
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        rest = &rest[end + 1..];
        if tag.starts_with('!') || tag.ends_with('/') || ["meta", "link", "br"].contains(&name.as_str()) {
            continue;
        }
        if !tag.starts_with('/') {
            open.push(name);
        } else if open.pop().as_ref() != Some(&name) {
            return vec![format!("/{name}")];
        }
    }
    open
}

/// `PAGE=report.html cargo test --test it report::page` writes the story's page, to be looked at.
#[test]
fn the_page_can_be_looked_at() {
    let page = html(&figures(GLOBE, STORY), Some(&run()));
    if let Some(path) = std::env::var_os("PAGE") {
        std::fs::write(path, &page).unwrap();
    }
    assert!(page.starts_with("<!doctype html>"), "{}", &page[..200]);
}
