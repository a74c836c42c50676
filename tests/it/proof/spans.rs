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
    let text = "
        team north in Europe/Stockholm: anna
        hours mon-fri 08:00-17:00
        leave anna 2026-03-03 .. 2026-03-03
        require mon-fri 08:00-17:00 in Europe/Stockholm
    ";
    assert_snapshot!(told(text, "2026-03-02T00:00:00Z", "2026-03-07T00:00:00Z"), @r#"
    mon-fri 08:00-17:00 in Europe/Stockholm
      Tue 03-03 07:00 .. Tue 03-03 16:00  uncovered
    "#);
}

#[test]
fn hours_and_every_line_count_together_and_across_teams() {
    let text = "
        team north in UTC: anna
        hours daily 08:00-16:00
        rotation french during daily 16:00-20:00 from 2026-01-05T09:00 every week: bjorn
        team south in UTC: chloe
        hours daily 20:00-08:00
        require always
    ";
    assert_snapshot!(told(text, "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"), @"always");
}

#[test]
fn each_language_needs_somebody_of_its_own_and_a_substitute_is_nobody() {
    let text = "
        team north in UTC: anna bjorn
        speaks anna fr
        hours daily 08:00-12:00 by anna
        hours daily 10:00-16:00 by bjorn
        require fr en daily 08:00-16:00 in UTC
    ";
    assert_snapshot!(told(text, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"), @r#"
    fr en daily 08:00-16:00 in UTC
      Mon 03-02 08:00 .. Mon 03-02 10:00 en  uncovered
      Mon 03-02 12:00 .. Mon 03-02 16:00 fr  uncovered
    "#);
}

#[test]
fn the_language_of_a_team_counts_only_while_somebody_is_there() {
    let text = "
        team north in UTC: anna
        languages fr
        hours daily 08:00-12:00
        leave anna 2026-03-03 .. 2026-03-03
        require fr daily 09:00-12:00 in UTC
        require fr-CA daily 11:00-13:00 in UTC
    ";
    assert_snapshot!(told(text, "2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z"), @r#"
    fr daily 09:00-12:00 in UTC
      Tue 03-03 09:00 .. Tue 03-03 12:00 fr  uncovered
    fr-CA daily 11:00-13:00 in UTC
      Mon 03-02 12:00 .. Mon 03-02 13:00 fr-CA  uncovered
      Tue 03-03 11:00 .. Tue 03-03 13:00 fr-CA  uncovered
    "#);
}

#[test]
fn a_window_that_passes_midnight_belongs_to_the_day_it_starts_on() {
    let text = "
        team north in America/New_York: anna
        hours mon-fri 22:00-06:00
        require fri 22:00-06:00 in America/New_York
        require sun 22:00-06:00 in America/New_York
    ";
    assert_snapshot!(told(text, "2026-03-02T00:00:00Z", "2026-03-16T00:00:00Z"), @r#"
    fri 22:00-06:00 in America/New_York
    sun 22:00-06:00 in America/New_York
      Mon 03-02 03:00 .. Mon 03-02 11:00  uncovered
      Mon 03-09 02:00 .. Mon 03-09 10:00  uncovered
    "#);
}

#[test]
fn a_declared_gap_is_cut_out_and_told_where_coverage_really_is_missing() {
    let text = "
        team north in UTC: anna
        hours mon-fri 08:00-16:00
        leave anna 2026-03-03T12:00 .. 2026-03-04
        require mon-fri 09:00-16:00 in Europe/Stockholm
        except 2026-03-03T14:00 .. 2026-03-03 dentist
        except 2026-02-02 .. 2026-02-03 long ago
        except 2026-03-05 .. 2026-03-05 no need
        except 2026-03-06 .. 2027-03-06 beyond the horizon
        require sat 09:00-16:00 in Europe/Stockholm
    ";
    assert_snapshot!(told(text, "2026-03-02T00:00:00Z", "2026-03-07T00:00:00Z"), @r#"
    mon-fri 09:00-16:00 in Europe/Stockholm
      Tue 03-03 12:00 .. Tue 03-03 13:00  uncovered
      Tue 03-03 13:00 .. Tue 03-03 15:00  declared: dentist
      Wed 03-04 08:00 .. Wed 03-04 15:00  uncovered
      needless: long ago (past)
      needless: no need (covered anyway)
    sat 09:00-16:00 in Europe/Stockholm (never asked)
    "#);
}

#[test]
fn windows_meet_clock_changes_as_hours_do() {
    // Lord Howe moves by half an hour; each clock shows 01:45 twice, and the hour in New York is missing.
    let text = "
        team island in Australia/Lord_Howe: anna
        hours daily 01:00-03:00
        team york in America/New_York: bjorn
        hours daily 02:00-03:00
        require daily 01:30-02:30 in Australia/Lord_Howe
        require daily 01:00-03:00 in America/New_York
    ";
    assert_snapshot!(told(text, "2026-04-03T12:00:00Z", "2026-04-05T12:00:00Z"), @r#"
    daily 01:30-02:30 in Australia/Lord_Howe
    daily 01:00-03:00 in America/New_York
      Sat 04-04 05:00 .. Sat 04-04 06:00  uncovered
      Sun 04-05 05:00 .. Sun 04-05 06:00  uncovered
    "#);
    assert_snapshot!(told(text, "2026-03-07T12:00:00Z", "2026-03-09T04:00:00Z"), @r#"
    daily 01:30-02:30 in Australia/Lord_Howe
    daily 01:00-03:00 in America/New_York
      Sun 03-08 06:00 .. Sun 03-08 07:00  uncovered
    "#);
}

#[test]
fn the_next_gap_is_the_first_instant_that_is_not_covered() {
    let text = "
        team north in UTC: anna
        hours daily 08:00-16:00
        require always
    ";
    let proof = proof(text, "2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z");
    let next = |at: &str| proof.requirements[0].next_gap(utc(at)).map(|at| at.to_rfc3339());
    assert_eq!(next("2026-03-02T07:00:00Z").as_deref(), Some("2026-03-02T07:00:00+00:00"));
    assert_eq!(next("2026-03-02T08:00:00Z").as_deref(), Some("2026-03-02T16:00:00+00:00"));
    assert_eq!(next("2026-03-04T00:00:00Z"), None);
}

#[test]
fn what_is_not_compiled_yet_is_compiled_for_the_proof() {
    let text = "
        team north in Europe/Stockholm: anna
        hours mon-fri 08:00-17:00
        require always
    ";
    let (from, until) = ("2026-03-02T00:00:00Z", "2026-05-02T00:00:00Z");
    let nothing = compiled(text, from, from);
    assert_eq!(prove(&nothing, utc(from), utc(until)), proof(text, from, until));
}
