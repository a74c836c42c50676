//! What is covered and what is not, requirement by requirement.

use insta::assert_snapshot;
use meridian::coverage::{Proof, prove};

use crate::coverage::words::{compiled, utc};

fn proof(text: &str, from: &str, until: &str) -> Proof {
    prove(&compiled(text, from, until), utc(from), utc(until))
}

/// Every stretch, in UTC.
fn told(text: &str, from: &str, until: &str) -> String {
    let mut told = String::new();
    for requirement in proof(text, from, until).requirements {
        told += &format!("{}{}\n", requirement.name, if requirement.asked { "" } else { " (never asked)" });
        let mut spans = Vec::new();
        for gap in &requirement.uncovered {
            spans.push((gap.from, gap.until, gap.languages.clone(), "uncovered".to_owned()));
        }
        for gap in &requirement.declared {
            spans.push((gap.from, gap.until, gap.languages.clone(), format!("declared: {}", gap.why)));
        }
        spans.sort();
        for (from, until, languages, what) in spans {
            let languages: Vec<String> = languages.iter().map(|language| format!(" {language}")).collect();
            let (from, until) = (from.format("%a %m-%d %H:%M"), until.format("%a %m-%d %H:%M"));
            told += &format!("  {from} .. {until}{}  {what}\n", languages.concat());
        }
        for gap in &requirement.needless {
            let past = if gap.past { "past" } else { "covered anyway" };
            told += &format!("  needless: {} ({past})\n", gap.why);
        }
    }
    told
}

#[test]
fn people_count_and_not_the_hours_that_are_written_down() {
    assert_snapshot!(told("
        team north in Europe/Stockholm: anna
        hours mon-fri 08:00-17:00
        leave anna 2026-03-03 .. 2026-03-03
        require mon-fri 08:00-17:00 in Europe/Stockholm
    ", "2026-03-02T00:00:00Z", "2026-03-07T00:00:00Z"), @r#"
    mon-fri 08:00-17:00 in Europe/Stockholm
      Tue 03-03 07:00 .. Tue 03-03 16:00  uncovered
    "#);
}
