//! Who just misses, and why.

use insta::assert_snapshot;
use meridian::coverage::{prove, tell_who_nearly};

use crate::coverage::words::{compiled, utc};

/// The first gap of each requirement, with who misses it.
fn told(text: &str, from: &str, until: &str) -> String {
    let coverage = compiled(text, from, until);
    let mut told = String::new();
    let mut proof = prove(&coverage, utc(from), utc(until));
    tell_who_nearly(&mut proof, &coverage);
    for requirement in proof.requirements {
        let gap = &requirement.uncovered[0];
        told += &format!("{} .. {}\n", gap.from.format("%a %m-%d %H:%M"), gap.until.format("%a %m-%d %H:%M"));
        for language in &requirement.unspoken {
            told += &format!("  nobody speaks {language}\n");
        }
        for miss in &gap.nearly {
            let people: Vec<&str> = miss.people.iter().map(|person| person.as_str()).collect();
            let why = serde_json::to_value(&miss.why).unwrap();
            told += &format!("  {} [{}] {}\n", miss.team, people.join(" "), miss.detail);
            told += &format!("    {why}\n");
        }
    }
    told
}

const OFFICE: &str = "require mon-fri 09:00-16:00 in Europe/Stockholm";

#[test]
fn a_holiday() {
    let text = format!(
        "
        team north in Europe/Stockholm: anna
        hours mon-fri 08:00-17:00
        holiday 2026-03-03
        {OFFICE}
    "
    );
    assert_snapshot!(told(&text, "2026-03-02T00:00:00Z", "2026-03-07T00:00:00Z"), @r#"
    Tue 03-03 08:00 .. Tue 03-03 15:00
      north [] closed on Tue 2026-03-03 for a holiday
        {"name":"a holiday","why":"holiday"}
    "#);
}

#[test]
fn leave_and_leave_on_a_holiday() {
    let text = format!(
        "
        team north in Europe/Stockholm: anna bjorn
        speaks anna fr
        hours mon-fri 08:00-17:00
        leave anna 2026-03-03 .. 2026-03-05
        {OFFICE_FR}
    ",
        OFFICE_FR = OFFICE.replace("require", "require fr")
    );
    let week = ("2026-03-02T00:00:00Z", "2026-03-07T00:00:00Z");
    assert_snapshot!(told(&text, week.0, week.1), @r#"
    Tue 03-03 08:00 .. Tue 03-03 15:00
      north [anna] anna on leave until Fri 2026-03-06 00:00
        {"why":"leave"}
    "#);
    assert_snapshot!(told(&format!("{text}\nholiday 2026-03-03"), week.0, week.1), @r#"
    Tue 03-03 08:00 .. Tue 03-03 15:00
      north [anna] anna on leave until Fri 2026-03-06 00:00, and closed on Tue 2026-03-03 for a holiday
        {"why":"leave"}
    "#);
}

#[test]
fn an_override() {
    let text = "
        team north in Europe/Stockholm: anna
        rotation primary from 2026-01-05T09:00 every week: anna, bjorn
        override north primary 2026-03-03T12:00 .. 2026-03-03T14:00: only
        require always
    ";
    assert_snapshot!(told(text, "2026-03-02T00:00:00Z", "2026-03-07T00:00:00Z"), @r#"
    Tue 03-03 11:00 .. Tue 03-03 13:00
      north [anna] an override from Tue 2026-03-03 12:00 to Tue 2026-03-03 14:00 takes anna out
        {"why":"override"}
    "#);
}

#[test]
fn a_line_of_which_all_are_on_leave() {
    let text = "
        team north in Europe/Stockholm: anna
        rotation primary from 2026-01-05T09:00 every week: anna, bjorn+chloe
        leave anna 2026-03-03 .. 2026-03-05
        leave bjorn 2026-03-01 .. 2026-03-03
        leave chloe 2026-03-02 .. 2026-03-04T12:00
        require always
    ";
    assert_snapshot!(told(text, "2026-03-02T00:00:00Z", "2026-03-07T00:00:00Z"), @r#"
    Mon 03-02 23:00 .. Tue 03-03 23:00
      north [anna bjorn chloe] nobody on primary: anna, bjorn, chloe on leave, until Wed 2026-03-04 00:00 at the earliest
        {"line":"primary","why":"empty-line"}
    "#);
}

#[test]
fn a_rotation_that_has_ended() {
    let text = "
        team north in Europe/Stockholm: anna
        rotation primary from 2026-01-05T09:00 every week until 2026-03-04T00:00: anna, bjorn
        require always
    ";
    assert_snapshot!(told(text, "2026-03-02T00:00:00Z", "2026-03-07T00:00:00Z"), @r#"
    Tue 03-03 23:00 .. Sat 03-07 00:00
      north [anna] the rotation "primary from 2026-01-05T09:00 every week until 2026-03-04T00:00: anna, bjorn" on primary ended Wed 2026-03-04 00:00
        {"line":"primary","rotation":"primary from 2026-01-05T09:00 every week until 2026-03-04T00:00: anna, bjorn","why":"rotation-ended"}
    "#);
}

#[test]
fn hours_and_turns_that_end_before_or_begin_after() {
    let text = "
        team east in Asia/Kolkata: anna
        hours mon-fri 09:00-18:00
        team north in Europe/Stockholm: bjorn
        hours mon-fri 14:00-22:00
        team west in America/New_York: chloe
        rotation primary during mon-fri 06:00-07:15 from 2026-01-05T06:00 every week: chloe
        require mon-fri 10:00-19:00 in Asia/Kolkata
    ";
    assert_snapshot!(told(text, "2026-03-02T00:00:00Z", "2026-03-07T00:00:00Z"), @r#"
    Mon 03-02 12:30 .. Mon 03-02 13:00
      east [] closes 18:00, as the gap begins
        {"closes":"18:00:00","opens":null,"why":"hours"}
      north [] opens 14:00, as the gap ends
        {"closes":null,"opens":"14:00:00","why":"hours"}
      west [chloe] chloe on primary until 07:15, 15 min before the gap
        {"begins":null,"ends":"07:15:00","line":"primary","why":"turn-over"}
    "#);
}

#[test]
fn somebody_who_speaks_something_else() {
    let text = "
        team north in Europe/Stockholm: anna bjorn chloe
        speaks anna sv
        speaks bjorn sv en
        speaks chloe fr
        hours mon-fri 08:00-17:00 by anna bjorn
        hours mon-fri 08:00-15:00 by chloe
        require fr mon-fri 09:00-16:00 in Europe/Stockholm
    ";
    assert_snapshot!(told(text, "2026-03-02T00:00:00Z", "2026-03-07T00:00:00Z"), @r#"
    Mon 03-02 14:00 .. Mon 03-02 15:00
      north [chloe] chloe at work until 15:00, as the gap begins
        {"closes":"15:00:00","opens":null,"why":"hours"}
      north [bjorn] bjorn at work, speaking en, sv (en is a substitute)
        {"speaks":["en","sv"],"why":"language"}
    "#);
}

#[test]
fn a_window_of_the_night_before_that_is_not_there() {
    let text = "
        team north in America/New_York: anna
        hours mon-fri 22:00-06:00
        require mon 00:00-06:00 in America/New_York
    ";
    assert_snapshot!(told(text, "2026-03-01T00:00:00Z", "2026-03-07T00:00:00Z"), @r#"
    Mon 03-02 05:00 .. Mon 03-02 11:00
      north [] its window 22:00-06:00 belongs to the day it starts on, and none starts on Sun
        {"closes":null,"opens":"22:00:00","why":"hours"}
    "#);
}

#[test]
fn nobody_at_all() {
    let text = "
        team north in America/New_York: anna
        require always
    ";
    assert_snapshot!(told(text, "2026-03-01T00:00:00Z", "2026-03-07T00:00:00Z"), @"Sun 03-01 00:00 .. Sat 03-07 00:00");
}

#[test]
fn a_language_that_nobody_of_the_tier_speaks_is_no_matter_of_hours() {
    let text = "
        team north in Europe/Stockholm: anna bjorn
        speaks anna sv
        hours mon-fri 08:00-17:00
        leave anna 2026-03-03 .. 2026-03-05
        require fr sv mon-fri 09:00-16:00 in Europe/Stockholm
    ";
    assert_snapshot!(told(text, "2026-03-03T00:00:00Z", "2026-03-07T00:00:00Z"), @r#"
    Tue 03-03 08:00 .. Tue 03-03 15:00
      nobody speaks fr
      north [anna] anna on leave until Fri 2026-03-06 00:00
        {"why":"leave"}
    "#);
}

#[test]
fn at_most_five_are_told_and_the_nearest() {
    let teams: String = (0..9)
        .map(|team| format!("team t{team} in UTC: anna\n hours daily 0{team}:00-0{team}:30\n"))
        .collect();
    let text = format!("{teams} require daily 05:30-06:00 in UTC");
    assert_snapshot!(told(&text, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"), @r#"
    Sun 03-01 05:30 .. Sun 03-01 06:00
      t5 [] closes 05:30, as the gap begins
        {"closes":"05:30:00","opens":null,"why":"hours"}
      t6 [] opens 06:00, as the gap ends
        {"closes":null,"opens":"06:00:00","why":"hours"}
      t4 [] closes 04:30, 1 h before the gap
        {"closes":"04:30:00","opens":null,"why":"hours"}
      t7 [] opens 07:00, 1 h after the gap
        {"closes":null,"opens":"07:00:00","why":"hours"}
      t3 [] closes 03:30, 2 h before the gap
        {"closes":"03:30:00","opens":null,"why":"hours"}
    "#);
}
