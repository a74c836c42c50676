//! Who stands in for people on leave.

use insta::assert_snapshot;
use meridian::coverage::stand_ins;

use crate::coverage::words::{compiled, utc};

fn told(text: &str, from: &str, until: &str) -> String {
    let people = |people: &[meridian::schedule::PersonId]| match people {
        [] => "nobody".to_owned(),
        people => people.iter().map(|person| person.as_str()).collect::<Vec<_>>().join(" "),
    };
    let stand_ins = stand_ins(&compiled(text, from, until), utc(from), utc(until));
    let line = |one: &meridian::coverage::StandIn| {
        let (from, until) = (one.from.format("%a %m-%d %H:%M"), one.until.format("%a %m-%d %H:%M"));
        let (who, away) = (people(&one.who), people(&one.instead_of));
        format!("{} {}: {who} for {away}, {from} .. {until}\n", one.team, one.line)
    };
    stand_ins.iter().map(line).collect()
}

#[test]
fn the_next_who_is_present_stands_in_and_a_group_passes_on_only_as_a_whole() {
    let text = "
        team north in UTC: anna
        rotation primary from 2026-03-02T09:00 every week: anna, bjorn, chloe+dmitri
        leave anna 2026-03-04 .. 2026-03-05
        leave bjorn 2026-03-05 .. 2026-03-10
        leave chloe 2026-03-16 .. 2026-03-31
        team south in UTC: eva
        rotation primary from 2026-03-02T09:00 every week: eva
    ";
    assert_snapshot!(told(text, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"), @r#"
    north primary: bjorn for anna, Wed 03-04 00:00 .. Thu 03-05 00:00
    north primary: chloe dmitri for anna, Thu 03-05 00:00 .. Fri 03-06 00:00
    north primary: chloe dmitri for bjorn, Mon 03-09 09:00 .. Wed 03-11 00:00
    "#);
}

#[test]
fn a_line_that_leave_empties_is_told_unless_a_lower_layer_serves_or_an_override_decides() {
    let text = "
        team north in UTC: anna
        rotation primary@1 during mon-fri 08:00-20:00 from 2026-03-02T08:00 every week: anna, bjorn
        rotation primary during mon-wed 00:00-24:00 from 2026-03-02T08:00 every week: chloe
        leave anna 2026-03-03 .. 2026-03-06
        leave bjorn 2026-03-03 .. 2026-03-06
        override north primary 2026-03-06 .. 2026-03-06: anna=dmitri
    ";
    assert_snapshot!(told(text, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"), @"north primary: nobody for anna, Thu 03-05 08:00 .. Thu 03-05 20:00");
}
