//! Clocks of the world at their strangest: a team that is open around the change, with a line handed over in the
//! middle of it. Times are the team's own; watch the offsets.

use insta::assert_snapshot;

use super::words::timeline;

/// A team open every `night`, a line whose turns change daily at `turn`, and anna away on the date itself.
fn night(zone: &str, date: &str, night: &str, turn: &str, until: &str) -> String {
    let day: chrono::NaiveDate = date.parse().unwrap();
    let eve = day.pred_opt().unwrap();
    let team = format!(
        "
        team night in {zone}: anna
        hours daily {night}
        rotation primary from {eve}T{turn} every day: anna, bjorn, chloe
        leave anna {date} .. {date}
        "
    );
    timeline(&team, &format!("{eve}T12:00:00Z"), until)
}

#[test]
fn stockholm_in_spring_has_no_half_past_two() {
    let shown = night("Europe/Stockholm", "2026-03-29", "01:00-02:30", "02:30", "2026-03-30T03:00:00Z");
    assert_snapshot!(shown, @r"
    Sat 03-28 13:00+01:00  closed | primary anna
    Sun 03-29 00:00+01:00  closed | primary bjorn
    Sun 03-29 01:00+01:00  open - | primary bjorn
    Sun 03-29 03:00+02:00  closed | primary bjorn
    Mon 03-30 01:00+02:00  open anna | primary bjorn
    Mon 03-30 02:30+02:00  closed | primary chloe
    ");
}

#[test]
fn stockholm_in_autumn_has_half_past_two_twice() {
    let shown = night("Europe/Stockholm", "2026-10-25", "01:00-02:30", "02:30", "2026-10-26T03:00:00Z");
    assert_snapshot!(shown, @r"
    Sat 10-24 14:00+02:00  closed | primary anna
    Sun 10-25 00:00+02:00  closed | primary bjorn
    Sun 10-25 01:00+02:00  open - | primary bjorn
    Sun 10-25 02:30+01:00  closed | primary bjorn
    Mon 10-26 01:00+01:00  open anna | primary bjorn
    Mon 10-26 02:30+01:00  closed | primary chloe
    ");
}

#[test]
fn new_york_in_autumn_opens_at_the_first_half_past_one() {
    let shown = night("America/New_York", "2026-11-01", "01:30-05:00", "01:30", "2026-11-02T12:00:00Z");
    assert_snapshot!(shown, @r"
    Sat 10-31 08:00-04:00  closed | primary anna
    Sun 11-01 00:00-04:00  closed | primary bjorn
    Sun 11-01 01:30-04:00  open - | primary bjorn
    Sun 11-01 05:00-05:00  closed | primary bjorn
    Mon 11-02 01:30-05:00  open anna | primary chloe
    Mon 11-02 05:00-05:00  closed | primary chloe
    ");
}

#[test]
fn lord_howe_goes_back_by_half_an_hour() {
    let shown = night("Australia/Lord_Howe", "2026-04-05", "01:00-01:45", "01:45", "2026-04-05T18:00:00Z");
    assert_snapshot!(shown, @r"
    Sat 04-04 23:00+11:00  closed | primary anna
    Sun 04-05 00:00+11:00  closed | primary bjorn
    Sun 04-05 01:00+11:00  open - | primary bjorn
    Sun 04-05 01:45+10:30  closed | primary bjorn
    Mon 04-06 01:00+10:30  open anna | primary bjorn
    Mon 04-06 01:45+10:30  closed | primary chloe
    ");
}

#[test]
fn lord_howe_goes_forward_by_half_an_hour() {
    let shown = night("Australia/Lord_Howe", "2026-10-04", "02:15-03:00", "02:15", "2026-10-04T18:00:00Z");
    assert_snapshot!(shown, @r"
    Sat 10-03 22:30+10:30  closed | primary anna
    Sun 10-04 00:00+10:30  closed | primary bjorn
    Sun 10-04 02:30+11:00  open - | primary bjorn
    Sun 10-04 03:00+11:00  closed | primary bjorn
    Mon 10-05 02:15+11:00  open anna | primary chloe
    Mon 10-05 03:00+11:00  closed | primary chloe
    ");
}

#[test]
fn apia_skips_a_whole_friday() {
    let shown = night("Pacific/Apia", "2011-12-30", "22:00-06:00", "09:00", "2012-01-01T12:00:00Z");
    assert_snapshot!(shown, @r"
    Thu 12-29 02:00-10:00  open anna | primary -
    Thu 12-29 06:00-10:00  closed | primary -
    Thu 12-29 09:00-10:00  closed | primary anna
    Thu 12-29 22:00-10:00  open anna | primary anna
    Sat 12-31 00:00+14:00  open anna | primary bjorn
    Sat 12-31 06:00+14:00  closed | primary bjorn
    Sat 12-31 09:00+14:00  closed | primary chloe
    Sat 12-31 22:00+14:00  open anna | primary chloe
    Sun 01-01 06:00+14:00  closed | primary chloe
    Sun 01-01 09:00+14:00  closed | primary anna
    Sun 01-01 22:00+14:00  open anna | primary anna
    ");
}

#[test]
fn casablanca_turns_back_for_ramadan_and_forward_after_it() {
    let back = night("Africa/Casablanca", "2026-02-15", "02:30-06:00", "02:30", "2026-02-16T12:00:00Z");
    assert_snapshot!(back, @r"
    Sat 02-14 13:00+01:00  closed | primary anna
    Sun 02-15 00:00+01:00  closed | primary bjorn
    Sun 02-15 02:30+01:00  open - | primary bjorn
    Sun 02-15 06:00+00:00  closed | primary bjorn
    Mon 02-16 02:30+00:00  open anna | primary chloe
    Mon 02-16 06:00+00:00  closed | primary chloe
    ");
    let forward = night("Africa/Casablanca", "2026-03-22", "02:30-06:00", "02:30", "2026-03-23T12:00:00Z");
    assert_snapshot!(forward, @r"
    Sat 03-21 12:00+00:00  closed | primary anna
    Sun 03-22 00:00+00:00  closed | primary bjorn
    Sun 03-22 03:00+01:00  open - | primary bjorn
    Sun 03-22 06:00+01:00  closed | primary bjorn
    Mon 03-23 02:30+01:00  open anna | primary chloe
    Mon 03-23 06:00+01:00  closed | primary chloe
    ");
}

#[test]
fn chatham_goes_back_at_a_quarter_to_four() {
    let shown = night("Pacific/Chatham", "2026-04-05", "01:00-03:00", "03:00", "2026-04-05T18:00:00Z");
    assert_snapshot!(shown, @r"
    Sun 04-05 01:45+13:45  open - | primary bjorn
    Sun 04-05 03:00+12:45  closed | primary bjorn
    Mon 04-06 01:00+12:45  open anna | primary bjorn
    Mon 04-06 03:00+12:45  closed | primary chloe
    ");
}

#[test]
fn the_azores_have_midnight_twice() {
    let shown = night("Atlantic/Azores", "2026-10-25", "00:00-24:00", "00:00", "2026-10-26T12:00:00Z");
    assert_snapshot!(shown, @r"
    Sat 10-24 12:00+00:00  open anna | primary anna
    Sun 10-25 00:00+00:00  open anna | primary bjorn
    Sun 10-25 00:00-01:00  open - | primary bjorn
    Mon 10-26 00:00-01:00  open anna | primary chloe
    ");
}

#[test]
fn the_azores_miss_a_midnight() {
    let shown = night("Atlantic/Azores", "2026-03-29", "00:00-24:00", "00:00", "2026-03-30T12:00:00Z");
    assert_snapshot!(shown, @r"
    Sat 03-28 11:00-01:00  open anna | primary anna
    Sun 03-29 01:00+00:00  open - | primary bjorn
    Mon 03-30 00:00+00:00  open anna | primary chloe
    ");
}

#[test]
fn st_johns_once_changed_a_minute_past_midnight() {
    let shown = night("America/St_Johns", "2010-11-07", "23:30-00:30", "23:30", "2010-11-08T12:00:00Z");
    assert_snapshot!(shown, @r"
    Sat 11-06 09:30-02:30  closed | primary -
    Sat 11-06 23:30-02:30  open anna | primary anna
    Sun 11-07 00:00-03:30  open - | primary bjorn
    Sun 11-07 00:30-03:30  closed | primary bjorn
    Sun 11-07 23:30-03:30  open - | primary bjorn
    Mon 11-08 00:00-03:30  open anna | primary bjorn
    Mon 11-08 00:30-03:30  closed | primary bjorn
    ");
}

#[test]
fn gaza_changes_on_a_saturday() {
    let shown = night("Asia/Gaza", "2026-03-28", "02:30-06:00", "02:30", "2026-03-29T12:00:00Z");
    assert_snapshot!(shown, @r"
    Fri 03-27 14:00+02:00  closed | primary anna
    Sat 03-28 00:00+02:00  closed | primary bjorn
    Sat 03-28 03:00+03:00  open - | primary bjorn
    Sat 03-28 06:00+03:00  closed | primary bjorn
    Sun 03-29 02:30+03:00  open anna | primary chloe
    Sun 03-29 06:00+03:00  closed | primary chloe
    ");
}

#[test]
fn troll_jumps_by_two_hours() {
    let shown = night("Antarctica/Troll", "2026-03-29", "01:30-06:00", "02:30", "2026-03-30T12:00:00Z");
    assert_snapshot!(shown, @r"
    Sat 03-28 12:00+00:00  closed | primary anna
    Sun 03-29 00:00+00:00  closed | primary bjorn
    Sun 03-29 03:00+02:00  open - | primary bjorn
    Sun 03-29 06:00+02:00  closed | primary bjorn
    Mon 03-30 01:30+02:00  open anna | primary bjorn
    Mon 03-30 02:30+02:00  open anna | primary chloe
    Mon 03-30 06:00+02:00  closed | primary chloe
    ");
}

#[test]
fn sao_paulo_once_missed_midnights() {
    let shown = night("America/Sao_Paulo", "2018-11-04", "00:00-24:00", "00:00", "2018-11-05T12:00:00Z");
    assert_snapshot!(shown, @r"
    Sat 11-03 09:00-03:00  open anna | primary anna
    Sun 11-04 01:00-02:00  open - | primary bjorn
    Mon 11-05 00:00-02:00  open anna | primary chloe
    ");
}

#[test]
fn santiago_has_the_last_hour_of_saturday_twice() {
    let shown = night("America/Santiago", "2026-04-05", "23:30-24:00", "23:30", "2026-04-06T12:00:00Z");
    assert_snapshot!(shown, @r"
    Sat 04-04 09:00-03:00  closed | primary -
    Sat 04-04 23:30-03:00  open anna | primary anna
    Sun 04-05 00:00-04:00  closed | primary bjorn
    Sun 04-05 23:30-04:00  open - | primary bjorn
    Mon 04-06 00:00-04:00  closed | primary bjorn
    ");
}

#[test]
fn cairo_misses_a_midnight_and_has_another_one_twice() {
    let forward = night("Africa/Cairo", "2026-04-24", "00:00-24:00", "00:00", "2026-04-25T12:00:00Z");
    assert_snapshot!(forward, @r"
    Thu 04-23 14:00+02:00  open anna | primary anna
    Fri 04-24 01:00+03:00  open - | primary bjorn
    Sat 04-25 00:00+03:00  open anna | primary chloe
    ");
    let back = night("Africa/Cairo", "2026-10-30", "00:00-24:00", "23:30", "2026-10-31T12:00:00Z");
    assert_snapshot!(back, @r"
    Thu 10-29 15:00+03:00  open anna | primary -
    Thu 10-29 23:30+03:00  open anna | primary anna
    Fri 10-30 00:00+02:00  open - | primary bjorn
    Sat 10-31 00:00+02:00  open anna | primary bjorn
    ");
}

#[test]
fn beirut_and_havana_miss_a_midnight() {
    let beirut = night("Asia/Beirut", "2026-03-29", "23:00-00:30", "00:30", "2026-03-30T12:00:00Z");
    assert_snapshot!(beirut, @r"
    Sat 03-28 14:00+02:00  closed | primary anna
    Sat 03-28 23:00+02:00  open anna | primary anna
    Sun 03-29 01:00+03:00  closed | primary bjorn
    Sun 03-29 23:00+03:00  open - | primary bjorn
    Mon 03-30 00:00+03:00  open anna | primary bjorn
    Mon 03-30 00:30+03:00  closed | primary chloe
    ");
    let havana = night("America/Havana", "2026-03-08", "23:00-00:30", "00:30", "2026-03-09T12:00:00Z");
    assert_snapshot!(havana, @r"
    Sat 03-07 07:00-05:00  closed | primary anna
    Sat 03-07 23:00-05:00  open anna | primary anna
    Sun 03-08 01:00-04:00  closed | primary bjorn
    Sun 03-08 23:00-04:00  open - | primary bjorn
    Mon 03-09 00:00-04:00  open anna | primary bjorn
    Mon 03-09 00:30-04:00  closed | primary chloe
    ");
}

#[test]
fn kolkata_and_kathmandu_never_change() {
    let kolkata = night("Asia/Kolkata", "2026-03-29", "00:00-24:00", "00:00", "2026-03-30T12:00:00Z");
    assert_snapshot!(kolkata, @r"
    Sat 03-28 17:30+05:30  open anna | primary anna
    Sun 03-29 00:00+05:30  open - | primary bjorn
    Mon 03-30 00:00+05:30  open anna | primary chloe
    ");
    let kathmandu = night("Asia/Kathmandu", "2026-10-25", "08:15-08:30", "08:15", "2026-10-26T12:00:00Z");
    assert_snapshot!(kathmandu, @r"
    Sat 10-24 17:45+05:45  closed | primary anna
    Sun 10-25 00:00+05:45  closed | primary bjorn
    Sun 10-25 08:15+05:45  open - | primary bjorn
    Sun 10-25 08:30+05:45  closed | primary bjorn
    Mon 10-26 08:15+05:45  open anna | primary chloe
    Mon 10-26 08:30+05:45  closed | primary chloe
    ");
}

#[test]
fn vancouver_stays_where_it_is_in_the_autumn_of_2026() {
    let shown = night("America/Vancouver", "2026-11-01", "01:00-03:00", "01:30", "2026-11-02T12:00:00Z");
    assert_snapshot!(shown, @r"
    Sat 10-31 05:00-07:00  closed | primary anna
    Sun 11-01 00:00-07:00  closed | primary bjorn
    Sun 11-01 01:00-07:00  open - | primary bjorn
    Sun 11-01 03:00-07:00  closed | primary bjorn
    Mon 11-02 01:00-07:00  open anna | primary bjorn
    Mon 11-02 01:30-07:00  open anna | primary chloe
    Mon 11-02 03:00-07:00  closed | primary chloe
    ");
}
