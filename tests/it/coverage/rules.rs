//! The rules of time one by one, shown as timelines in the team's local time.

use insta::assert_snapshot;

use super::words::timeline;

const MARCH_9: &str = "2026-03-09T00:00:00Z";

#[test]
fn rule_1_spans_are_half_open_and_neighbours_differ() {
    let team = "
        team north in UTC: anna bjorn
        hours mon-fri 08:00-12:00
        hours mon-fri 12:00-17:00
        hours mon,wed 13:00-14:00 by anna
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-11T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  closed
    Mon 03-09 08:00+00:00  open anna bjorn
    Mon 03-09 17:00+00:00  closed
    Tue 03-10 08:00+00:00  open anna bjorn
    Tue 03-10 17:00+00:00  closed
    ");
}

#[test]
fn rule_2_starts_and_turns_read_a_doubled_time_first_ends_read_it_last_and_leave_the_other_way_round() {
    // 02:30 of 25 October comes at +02:00 and again at +01:00.
    let team = "
        team north in Europe/Stockholm: anna
        hours sat 10:00-10:00
        hours sun 02:30-03:30
        rotation a from 2026-10-24T02:30 every week lasts 24h: bjorn
        rotation b from 2026-10-24T12:00 every week until 2026-10-25T02:30: bjorn
        rotation c from 2026-10-24T02:30 every day: bjorn, chloe
        rotation d during sun 00:00-02:30 from 2026-10-24T02:30 every week: bjorn
        leave anna 2026-10-25T02:30 .. 2026-10-25T12:00
    ";
    assert_snapshot!(timeline(team, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"), @r"
    Sat 10-24 14:00+02:00  open anna | a bjorn | b bjorn | c bjorn | d -
    Sun 10-25 00:00+02:00  open anna | a bjorn | b bjorn | c bjorn | d bjorn
    Sun 10-25 02:30+02:00  open anna | a bjorn | b bjorn | c chloe | d bjorn
    Sun 10-25 02:30+01:00  open - | a - | b - | c chloe | d -
    Sun 10-25 10:00+01:00  closed | a - | b - | c chloe | d -
    ");
    let until = "
        team north in Europe/Stockholm: anna
        hours daily 00:00-24:00
        leave anna 2026-10-24T12:00 .. 2026-10-25T02:30
        override north hours 2026-10-25T02:45 .. 2026-10-25T02:50: +bjorn
    ";
    assert_snapshot!(timeline(until, "2026-10-24T09:00:00Z", "2026-10-25T12:00:00Z"), @r"
    Sat 10-24 11:00+02:00  open anna
    Sat 10-24 12:00+02:00  open -
    Sun 10-25 02:30+02:00  open anna
    Sun 10-25 02:45+02:00  open anna bjorn
    Sun 10-25 02:50+01:00  open anna
    ");
}

#[test]
fn rule_3_a_week_long_turn_is_a_week_of_calendar_days() {
    let team = "
        team north in Europe/Stockholm: anna
        rotation primary from 2026-03-23T09:00 every week: anna, bjorn
    ";
    assert_snapshot!(timeline(team, "2026-03-22T00:00:00Z", "2026-04-14T00:00:00Z"), @r"
    Sun 03-22 01:00+01:00  closed | primary -
    Mon 03-23 09:00+01:00  closed | primary anna
    Mon 03-30 09:00+02:00  closed | primary bjorn
    Mon 04-06 09:00+02:00  closed | primary anna
    Mon 04-13 09:00+02:00  closed | primary bjorn
    ");
}

#[test]
fn rule_3_lasts_is_a_length_on_the_wall_clock() {
    let team = "
        team north in Europe/Stockholm: anna
        rotation primary from 2026-03-27T22:00 every day lasts 8h: anna
    ";
    assert_snapshot!(timeline(team, "2026-03-27T12:00:00Z", "2026-03-30T12:00:00Z"), @r"
    Fri 03-27 13:00+01:00  closed | primary -
    Fri 03-27 22:00+01:00  closed | primary anna
    Sat 03-28 06:00+01:00  closed | primary -
    Sat 03-28 22:00+01:00  closed | primary anna
    Sun 03-29 06:00+02:00  closed | primary -
    Sun 03-29 22:00+02:00  closed | primary anna
    Mon 03-30 06:00+02:00  closed | primary -
    ");
}

#[test]
fn rule_4_two_turns_that_begin_at_one_instant_leave_the_earlier_one_empty_but_counted() {
    // 02:00 and 03:00 of 29 March are one instant: bjorn's turn is empty, and chloe's is the third all the same.
    let team = "
        team north in Europe/Stockholm: anna
        rotation primary from 2026-03-29T01:00 every FREQ=HOURLY until 2026-03-29T08:00: anna, bjorn, chloe
    ";
    assert_snapshot!(timeline(team, "2026-03-28T23:00:00Z", "2026-03-29T08:00:00Z"), @r"
    Sun 03-29 00:00+01:00  closed | primary -
    Sun 03-29 01:00+01:00  closed | primary anna
    Sun 03-29 03:00+02:00  closed | primary chloe
    Sun 03-29 04:00+02:00  closed | primary anna
    Sun 03-29 05:00+02:00  closed | primary bjorn
    Sun 03-29 06:00+02:00  closed | primary chloe
    Sun 03-29 07:00+02:00  closed | primary anna
    Sun 03-29 08:00+02:00  closed | primary -
    ");
}

#[test]
fn rule_4_a_rule_that_is_computed_and_one_that_is_walked_say_the_same_ten_years_on() {
    let turns = |every: &str| {
        let team = format!(
            "team north in Europe/Stockholm: anna
             rotation primary from 2016-03-09T09:00 every {every}: anna, bjorn, chloe, dmitri, eva"
        );
        timeline(&team, "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z")
    };
    // The walked rules name the hour as well, which changes nothing.
    let pairs = [
        ("day", "FREQ=DAILY;BYHOUR=9"),
        ("week", "FREQ=WEEKLY;BYHOUR=9"),
        ("month", "FREQ=MONTHLY;BYHOUR=9"),
        ("FREQ=DAILY;INTERVAL=3", "FREQ=DAILY;INTERVAL=3;BYHOUR=9"),
        ("FREQ=WEEKLY;INTERVAL=5", "FREQ=WEEKLY;INTERVAL=5;BYHOUR=9"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=9"),
        ("FREQ=WEEKLY;INTERVAL=3;BYDAY=WE,SU,MO", "FREQ=WEEKLY;INTERVAL=3;BYDAY=WE,SU,MO;BYHOUR=9"),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO", "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO;BYHOUR=9"),
        ("FREQ=HOURLY;INTERVAL=240", "FREQ=DAILY;INTERVAL=10;BYHOUR=9"),
    ];
    for (computed, walked) in pairs {
        assert!(turns(computed).lines().count() > 10, "{computed}");
        assert_eq!(turns(computed), turns(walked), "{computed}");
    }
}

#[test]
fn rule_5_starts_begins_turn_0_even_where_the_rule_does_not_name_it() {
    let team = "
        team north in UTC: anna
        rotation primary from 2026-03-11T09:00 every FREQ=WEEKLY;BYDAY=MO,TH until 2026-03-20T00:00: anna, bjorn, chloe
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-23T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  closed | primary -
    Wed 03-11 09:00+00:00  closed | primary anna
    Thu 03-12 09:00+00:00  closed | primary bjorn
    Mon 03-16 09:00+00:00  closed | primary chloe
    Thu 03-19 09:00+00:00  closed | primary anna
    Fri 03-20 00:00+00:00  closed | primary -
    ");
}

#[test]
fn rule_5_a_turn_ends_at_its_lasts_or_where_the_next_begins() {
    let team = "
        team north in UTC: anna
        rotation primary from 2026-03-09T08:00 every FREQ=WEEKLY;BYDAY=MO,TU,FR lasts 36h: anna, bjorn
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-16T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  closed | primary -
    Mon 03-09 08:00+00:00  closed | primary anna
    Tue 03-10 08:00+00:00  closed | primary bjorn
    Wed 03-11 20:00+00:00  closed | primary -
    Fri 03-13 08:00+00:00  closed | primary anna
    Sat 03-14 20:00+00:00  closed | primary -
    ");
}

#[test]
fn rule_6_a_window_past_midnight_belongs_to_the_date_on_which_it_starts() {
    let team = "
        team north in UTC: anna
        hours fri 22:00-06:00
        hours sun 09:00-09:00
        hours tue 20:00-24:00
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-18T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  open anna
    Mon 03-09 09:00+00:00  closed
    Tue 03-10 20:00+00:00  open anna
    Wed 03-11 00:00+00:00  closed
    Fri 03-13 22:00+00:00  open anna
    Sat 03-14 06:00+00:00  closed
    Sun 03-15 09:00+00:00  open anna
    Mon 03-16 09:00+00:00  closed
    Tue 03-17 20:00+00:00  open anna
    ");
}

#[test]
fn rule_7_holidays_close_hours_and_a_half_day_stands_in_their_place() {
    let team = "
        team north in UTC: anna bjorn
        hours mon-fri 08:00-12:00 by anna
        hours mon-fri 12:00-17:00
        rotation primary outside-hours from 2026-03-02T00:00 every week: chloe
        rotation secondary during mon-fri 20:00-02:00 from 2026-03-02T00:00 every week: chloe
        holiday 2026-03-09
        holiday 2026-03-10 10:00-12:30
        holiday 2026-03-14 10:00-12:00
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-12T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  closed | primary chloe | secondary -
    Mon 03-09 20:00+00:00  closed | primary chloe | secondary chloe
    Tue 03-10 02:00+00:00  closed | primary chloe | secondary -
    Tue 03-10 10:00+00:00  open anna bjorn | primary - | secondary -
    Tue 03-10 12:30+00:00  closed | primary chloe | secondary -
    Tue 03-10 20:00+00:00  closed | primary chloe | secondary chloe
    Wed 03-11 02:00+00:00  closed | primary chloe | secondary -
    Wed 03-11 08:00+00:00  open anna | primary - | secondary -
    Wed 03-11 12:00+00:00  open anna bjorn | primary - | secondary -
    Wed 03-11 17:00+00:00  closed | primary chloe | secondary -
    Wed 03-11 20:00+00:00  closed | primary chloe | secondary chloe
    ");
    assert_snapshot!(timeline(team, "2026-03-14T00:00:00Z", "2026-03-15T00:00:00Z"), @r"
    Sat 03-14 00:00+00:00  closed | primary chloe | secondary chloe
    Sat 03-14 02:00+00:00  closed | primary chloe | secondary -
    ");
}

#[test]
fn rule_7_a_night_shift_of_the_eve_runs_into_the_holiday_and_the_holiday_s_own_does_not_start() {
    let team = "
        team north in UTC: anna
        hours daily 22:00-06:00
        holiday 2026-03-10
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-12T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  open anna
    Mon 03-09 06:00+00:00  closed
    Mon 03-09 22:00+00:00  open anna
    Tue 03-10 06:00+00:00  closed
    Wed 03-11 22:00+00:00  open anna
    ");
}

#[test]
fn rule_7_closed_beats_half_day_and_the_calendar_named_first_wins_between_half_days() {
    let team = "
        team north in UTC: anna
        hours daily 08:00-17:00
        holiday 2026-03-09 08:00-12:00
        holiday2 2026-03-09
        holiday 2026-03-10
        holiday2 2026-03-10 08:00-12:00
        holiday 2026-03-11 08:00-12:00
        holiday2 2026-03-11 13:00-15:00
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-13T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  closed
    Wed 03-11 08:00+00:00  open anna
    Wed 03-11 12:00+00:00  closed
    Thu 03-12 08:00+00:00  open anna
    Thu 03-12 17:00+00:00  closed
    ");
}

#[test]
fn rule_8_a_team_is_open_with_nobody_working_and_its_lines_look_at_hours_not_at_people() {
    let team = "
        team north in UTC: anna
        hours mon 08:00-17:00
        rotation inside within-hours from 2026-03-02T00:00 every week: bjorn
        rotation outside outside-hours from 2026-03-02T00:00 every week: bjorn
        leave anna 2026-03-09T12:00 .. 2026-03-10
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-10T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  closed | inside - | outside bjorn
    Mon 03-09 08:00+00:00  open anna | inside bjorn | outside -
    Mon 03-09 12:00+00:00  open - | inside bjorn | outside -
    Mon 03-09 17:00+00:00  closed | inside - | outside bjorn
    ");
}

#[test]
fn rule_8_being_on_call_takes_nobody_out_of_working() {
    let team = "
        team north in UTC: anna bjorn
        hours mon 08:00-17:00
        rotation primary from 2026-03-02T00:00 every week: bjorn
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-10T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  closed | primary bjorn
    Mon 03-09 08:00+00:00  open anna bjorn | primary bjorn
    Mon 03-09 17:00+00:00  closed | primary bjorn
    ");
}

#[test]
fn rule_9_the_next_member_who_is_present_steps_in_and_positions_do_not_move() {
    let team = "
        team north in UTC: anna
        rotation primary from 2026-03-09T00:00 every day: anna, bjorn, chloe
        leave anna 2026-03-09 .. 2026-03-09
        leave bjorn 2026-03-09T12:00 .. 2026-03-10
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-13T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  closed | primary bjorn
    Mon 03-09 12:00+00:00  closed | primary chloe
    Thu 03-12 00:00+00:00  closed | primary anna
    ");
}

#[test]
fn rule_9_of_a_group_those_present_serve_and_only_a_wholly_absent_entry_passes_on() {
    let team = "
        team north in UTC: anna
        rotation primary from 2026-03-09T00:00 every week: anna+bjorn, chloe+dmitri, eva
        leave anna 2026-03-10 .. 2026-03-13
        leave bjorn 2026-03-11 .. 2026-03-13
        leave dmitri 2026-03-12 .. 2026-03-13
        leave chloe 2026-03-13 .. 2026-03-13
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-15T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  closed | primary anna bjorn
    Tue 03-10 00:00+00:00  closed | primary bjorn
    Wed 03-11 00:00+00:00  closed | primary chloe dmitri
    Thu 03-12 00:00+00:00  closed | primary chloe
    Fri 03-13 00:00+00:00  closed | primary eva
    Sat 03-14 00:00+00:00  closed | primary anna bjorn
    ");
}

#[test]
fn rule_9_the_highest_layer_with_anybody_serves_and_equal_layers_serve_together() {
    let team = "
        team north in UTC: anna
        rotation primary@0 from 2026-03-02T00:00 every week: anna
        rotation primary@5 during mon-fri 08:00-20:00 from 2026-03-02T00:00 every week: bjorn
        rotation primary@5 during mon-fri 18:00-22:00 from 2026-03-02T00:00 every week: chloe
        leave bjorn 2026-03-10 .. 2026-03-10
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-11T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  closed | primary anna
    Mon 03-09 08:00+00:00  closed | primary bjorn
    Mon 03-09 18:00+00:00  closed | primary bjorn chloe
    Mon 03-09 20:00+00:00  closed | primary chloe
    Mon 03-09 22:00+00:00  closed | primary anna
    Tue 03-10 18:00+00:00  closed | primary chloe
    Tue 03-10 22:00+00:00  closed | primary anna
    ");
}

#[test]
fn rule_9_in_hours_nobody_steps_in() {
    let team = "
        team north in UTC: anna bjorn
        hours mon 08:00-17:00 by anna
        leave anna 2026-03-09 .. 2026-03-09
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-10T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  closed
    Mon 03-09 08:00+00:00  open -
    Mon 03-09 17:00+00:00  closed
    ");
}

/// A line in anna's week, and overrides one a day; the days are told apart by their dates.
fn anna_s_week(changes: &str) -> String {
    let team = "
        team north in UTC: anna bjorn
        hours daily 08:00-17:00
        rotation primary@1 from 2026-03-09T00:00 every week: anna, bjorn, chloe
        rotation primary@0 from 2026-03-09T00:00 every week: farid
    ";
    timeline(&format!("{team}{changes}"), MARCH_9, "2026-03-12T00:00:00Z")
}

#[test]
fn rule_9_an_exchange_sees_one_picture() {
    let exchange = "override north everything 2026-03-10 .. 2026-03-10: anna=bjorn bjorn=anna";
    assert_snapshot!(anna_s_week(exchange), @r"
    Mon 03-09 00:00+00:00  closed | primary anna
    Mon 03-09 08:00+00:00  open anna bjorn | primary anna
    Mon 03-09 17:00+00:00  closed | primary anna
    Tue 03-10 00:00+00:00  closed | primary bjorn
    Tue 03-10 08:00+00:00  open anna bjorn | primary bjorn
    Tue 03-10 17:00+00:00  closed | primary bjorn
    Wed 03-11 00:00+00:00  closed | primary anna
    Wed 03-11 08:00+00:00  open anna bjorn | primary anna
    Wed 03-11 17:00+00:00  closed | primary anna
    ");
}

#[test]
fn rule_9_cover_finds_the_one_on_leave_and_the_stand_in_steps_back() {
    let cover = "
        leave anna 2026-03-09 .. 2026-03-12
        override north everything 2026-03-10 .. 2026-03-10: anna=dmitri
    ";
    assert_snapshot!(anna_s_week(cover), @r"
    Mon 03-09 00:00+00:00  closed | primary bjorn
    Mon 03-09 08:00+00:00  open bjorn | primary bjorn
    Mon 03-09 17:00+00:00  closed | primary bjorn
    Tue 03-10 00:00+00:00  closed | primary dmitri
    Tue 03-10 08:00+00:00  open bjorn dmitri | primary dmitri
    Tue 03-10 17:00+00:00  closed | primary dmitri
    Wed 03-11 00:00+00:00  closed | primary bjorn
    Wed 03-11 08:00+00:00  open bjorn | primary bjorn
    Wed 03-11 17:00+00:00  closed | primary bjorn
    ");
}

#[test]
fn rule_9_cover_finds_the_one_on_leave_above_the_layer_that_serves_for_them() {
    let cover = "
        leave anna 2026-03-09 .. 2026-03-12
        leave bjorn 2026-03-09 .. 2026-03-12
        leave chloe 2026-03-09 .. 2026-03-12
        override north primary 2026-03-10 .. 2026-03-10: anna=dmitri
        override north primary 2026-03-11 .. 2026-03-11: bjorn=dmitri
    ";
    assert_snapshot!(anna_s_week(cover), @r"
    Mon 03-09 00:00+00:00  closed | primary farid
    Mon 03-09 08:00+00:00  open - | primary farid
    Mon 03-09 17:00+00:00  closed | primary farid
    Tue 03-10 00:00+00:00  closed | primary dmitri
    Tue 03-10 08:00+00:00  open - | primary dmitri
    Tue 03-10 17:00+00:00  closed | primary dmitri
    Wed 03-11 00:00+00:00  closed | primary farid
    Wed 03-11 08:00+00:00  open - | primary farid
    Wed 03-11 17:00+00:00  closed | primary farid
    ");
}

#[test]
fn rule_9_remove_and_only_leave_a_gap_that_nothing_fills() {
    let gaps = "
        override north primary 2026-03-10T00:00 .. 2026-03-10T12:00: -anna
        override north primary 2026-03-10T06:00 .. 2026-03-10T12:00: anna=dmitri
        override north everything 2026-03-10T14:00 .. 2026-03-10T20:00: only
        override north primary 2026-03-10T15:00 .. 2026-03-10T16:00: anna=dmitri
    ";
    assert_snapshot!(anna_s_week(gaps), @r"
    Mon 03-09 00:00+00:00  closed | primary anna
    Mon 03-09 08:00+00:00  open anna bjorn | primary anna
    Mon 03-09 17:00+00:00  closed | primary anna
    Tue 03-10 00:00+00:00  closed | primary -
    Tue 03-10 08:00+00:00  open anna bjorn | primary -
    Tue 03-10 12:00+00:00  open anna bjorn | primary anna
    Tue 03-10 14:00+00:00  open - | primary -
    Tue 03-10 17:00+00:00  closed | primary -
    Tue 03-10 20:00+00:00  closed | primary anna
    Wed 03-11 08:00+00:00  open anna bjorn | primary anna
    Wed 03-11 17:00+00:00  closed | primary anna
    ");
}

#[test]
fn rule_9_overrides_apply_in_order_of_from_whatever_their_place_in_the_file() {
    let stack = "
        override north primary 2026-03-10T02:00 .. 2026-03-11: dmitri=eva
        override north primary 2026-03-10T01:00 .. 2026-03-11: anna=dmitri
        override north primary 2026-03-11T01:00 .. 2026-03-12: dmitri=eva
        override north primary 2026-03-11T01:00 .. 2026-03-12: anna=dmitri
    ";
    assert_snapshot!(anna_s_week(stack), @r"
    Mon 03-09 00:00+00:00  closed | primary anna
    Mon 03-09 08:00+00:00  open anna bjorn | primary anna
    Mon 03-09 17:00+00:00  closed | primary anna
    Tue 03-10 01:00+00:00  closed | primary dmitri
    Tue 03-10 02:00+00:00  closed | primary eva
    Tue 03-10 08:00+00:00  open anna bjorn | primary eva
    Tue 03-10 17:00+00:00  closed | primary eva
    Wed 03-11 08:00+00:00  open anna bjorn | primary eva
    Wed 03-11 17:00+00:00  closed | primary eva
    ");
}

#[test]
fn rule_9_an_override_that_names_somebody_on_leave_wins() {
    let change = "
        leave dmitri 2026-03-09 .. 2026-03-12
        override north everything 2026-03-10 .. 2026-03-10: only dmitri
        override north primary 2026-03-11 .. 2026-03-11: anna=dmitri
    ";
    assert_snapshot!(anna_s_week(change), @r"
    Mon 03-09 00:00+00:00  closed | primary anna
    Mon 03-09 08:00+00:00  open anna bjorn | primary anna
    Mon 03-09 17:00+00:00  closed | primary anna
    Tue 03-10 00:00+00:00  closed | primary dmitri
    Tue 03-10 08:00+00:00  open dmitri | primary dmitri
    Tue 03-10 17:00+00:00  closed | primary dmitri
    Wed 03-11 08:00+00:00  open anna bjorn | primary dmitri
    Wed 03-11 17:00+00:00  closed | primary dmitri
    ");
}

#[test]
fn rule_9_add_works_while_open_and_is_on_call_only_where_a_line_is_named() {
    let added = "
        override north everything 2026-03-09 .. 2026-03-09: +dmitri
        override north hours 2026-03-10 .. 2026-03-10: +dmitri
        override north primary 2026-03-11 .. 2026-03-11: +dmitri
    ";
    assert_snapshot!(anna_s_week(added), @r"
    Mon 03-09 00:00+00:00  closed | primary anna
    Mon 03-09 08:00+00:00  open anna bjorn dmitri | primary anna
    Mon 03-09 17:00+00:00  closed | primary anna
    Tue 03-10 08:00+00:00  open anna bjorn dmitri | primary anna
    Tue 03-10 17:00+00:00  closed | primary anna
    Wed 03-11 00:00+00:00  closed | primary anna dmitri
    Wed 03-11 08:00+00:00  open anna bjorn | primary anna dmitri
    Wed 03-11 17:00+00:00  closed | primary anna dmitri
    ");
}

#[test]
fn rule_9_an_override_never_opens_a_closed_team_nor_makes_a_line() {
    let team = "
        team north in UTC: anna
        hours mon 08:00-17:00
        override north hours 2026-03-08 .. 2026-03-10: +bjorn
        override north pager 2026-03-08 .. 2026-03-10: +bjorn
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-10T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  closed
    Mon 03-09 08:00+00:00  open anna bjorn
    Mon 03-09 17:00+00:00  closed
    ");
}

#[test]
fn rule_10_dates_include_both_days_in_the_zone_of_the_team_that_reads_them() {
    let teams = |first: &str, second: &str| {
        format!(
            "
            team a in {first}: anna
            hours daily 00:00-24:00
            team b in {second}: anna
            hours daily 00:00-24:00
            leave anna 2026-03-10 .. 2026-03-11
            leave anna 2026-03-13T09:00 .. 2026-03-13T17:00
            leave anna 2026-03-15T09:00:00Z .. 2026-03-15T17:00:00Z
            "
        )
    };
    let (from, until) = ("2026-03-09T12:00:00Z", "2026-03-16T12:00:00Z");
    assert_snapshot!(timeline(&teams("Asia/Kolkata", "America/New_York"), from, until), @r"
    Mon 03-09 17:30+05:30  open anna
    Tue 03-10 00:00+05:30  open -
    Thu 03-12 00:00+05:30  open anna
    Fri 03-13 09:00+05:30  open -
    Fri 03-13 17:00+05:30  open anna
    Sun 03-15 14:30+05:30  open -
    Sun 03-15 22:30+05:30  open anna
    ");
    assert_snapshot!(timeline(&teams("America/New_York", "Asia/Kolkata"), from, until), @r"
    Mon 03-09 08:00-04:00  open anna
    Tue 03-10 00:00-04:00  open -
    Thu 03-12 00:00-04:00  open anna
    Fri 03-13 09:00-04:00  open -
    Fri 03-13 17:00-04:00  open anna
    Sun 03-15 05:00-04:00  open -
    Sun 03-15 13:00-04:00  open anna
    ");
}

#[test]
fn rule_10_a_rotation_s_zone_governs_its_turns_and_windows() {
    let team = "
        team north in Europe/Stockholm: anna
        rotation primary during daily 08:00-16:00 from 2026-03-09T12:00 every day in Asia/Kolkata: anna, bjorn
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-12T00:00:00Z"), @r"
    Mon 03-09 01:00+01:00  closed | primary -
    Mon 03-09 07:30+01:00  closed | primary anna
    Mon 03-09 11:30+01:00  closed | primary -
    Tue 03-10 03:30+01:00  closed | primary anna
    Tue 03-10 07:30+01:00  closed | primary bjorn
    Tue 03-10 11:30+01:00  closed | primary -
    Wed 03-11 03:30+01:00  closed | primary bjorn
    Wed 03-11 07:30+01:00  closed | primary anna
    Wed 03-11 11:30+01:00  closed | primary -
    ");
}

#[test]
fn rule_10_every_month_from_the_31st_means_the_months_that_have_one() {
    let team = "
        team north in UTC: anna
        rotation primary from 2026-01-31T09:00 every month: anna, bjorn, chloe
    ";
    assert_snapshot!(timeline(team, "2026-01-01T00:00:00Z", "2026-09-01T00:00:00Z"), @r"
    Thu 01-01 00:00+00:00  closed | primary -
    Sat 01-31 09:00+00:00  closed | primary anna
    Tue 03-31 09:00+00:00  closed | primary bjorn
    Sun 05-31 09:00+00:00  closed | primary chloe
    Fri 07-31 09:00+00:00  closed | primary anna
    Mon 08-31 09:00+00:00  closed | primary bjorn
    ");
}

#[test]
fn rule_11_overlapping_windows_are_a_union_and_an_empty_line_is_shown() {
    let team = "
        team north in UTC: anna bjorn
        hours daily 08:00-16:00 by anna
        hours daily 12:00-20:00 by bjorn
        rotation primary within-hours from 2026-03-10T00:00 every day: chloe
    ";
    assert_snapshot!(timeline(team, MARCH_9, "2026-03-11T00:00:00Z"), @r"
    Mon 03-09 00:00+00:00  closed | primary -
    Mon 03-09 08:00+00:00  open anna | primary -
    Mon 03-09 12:00+00:00  open anna bjorn | primary -
    Mon 03-09 16:00+00:00  open bjorn | primary -
    Mon 03-09 20:00+00:00  closed | primary -
    Tue 03-10 08:00+00:00  open anna | primary chloe
    Tue 03-10 12:00+00:00  open anna bjorn | primary chloe
    Tue 03-10 16:00+00:00  open bjorn | primary chloe
    Tue 03-10 20:00+00:00  closed | primary -
    ");
}
