//! Clock changes that surprise a desk: a team `amer-day` belongs to the region `amer`; all are of one tier.

use std::fmt::Write;
use std::path::Path;

use insta::assert_snapshot;
use meridian::coverage::{ClockSurprise, clock_surprises, clocks_set};
use meridian::schedule::{Organisation, RegionId};
use meridian::zone::Zones;

use super::words::{self, utc};

/// Of a year from `from` on, with the zone data of 2026f.
fn surprises(from: &str, text: &str) -> String {
    let organisation = organisation(text);
    told(&found(&organisation, &words::zones(&organisation), from))
}

fn organisation(text: &str) -> Organisation {
    let mut organisation = words::organisation(text);
    for (id, team) in &mut organisation.teams {
        let region = id.as_str().split('-').next().unwrap_or_default();
        team.region = RegionId::from(region);
    }
    organisation
}

fn found(organisation: &Organisation, zones: &Zones, from: &str) -> Vec<ClockSurprise> {
    let from = utc(&format!("{from}T00:00:00Z"));
    clock_surprises(organisation, zones, from, from + chrono::TimeDelta::days(365))
}

fn told(surprises: &[ClockSurprise]) -> String {
    let mut text = String::new();
    for surprise in surprises {
        let kind = format!("{:?}", surprise.kind).to_lowercase();
        let days = match surprise.first == surprise.last {
            true => surprise.first.to_string(),
            false => format!("{}..{}", surprise.first, surprise.last),
        };
        writeln!(text, "{kind:<9} {days:<22} {}", surprise.text).unwrap();
    }
    text
}

#[test]
fn europe_and_america_miss_each_other_for_a_fortnight() {
    let shown = surprises(
        "2027-01-01",
        "
        team emea-day in Europe/Stockholm: anna
        hours mon-fri 08:00-17:00
        team amer-day in America/New_York: grace
        hours mon-fri 11:00-20:00
    ",
    );
    assert_snapshot!(shown, @r#"
    doubles   2027-03-15..2027-03-26 emea and amer are together for 60 min (usually they meet)
    doubles   2027-11-01..2027-11-05 emea and amer are together for 60 min (usually they meet)
    "#);
    let wests = surprises(
        "2027-01-01",
        "
        team amer-day in America/New_York: grace
        hours mon-fri 08:00-17:00
        team emea-late in Europe/Stockholm: anna
        hours mon-fri 23:00-08:00
    ",
    );
    assert_snapshot!(wests, @r#"
    opens     2027-03-15..2027-03-26 amer closes 60 min before emea opens (usually they meet)
    opens     2027-11-01..2027-11-05 amer closes 60 min before emea opens (usually they meet)
    "#);
}

#[test]
fn a_hole_that_is_there_all_summer_is_told_though_summer_is_longer_than_winter() {
    let shown = surprises(
        "2027-01-01",
        "
        team amer-day in America/Los_Angeles: grace
        hours daily 07:00-16:00
        team apac-day in Asia/Kolkata: asha
        hours daily 05:30-12:30
    ",
    );
    assert_snapshot!(shown, @"opens     2027-03-14..2027-11-06 amer closes 60 min before apac opens (otherwise they meet)");
    // Here it is there but for a fortnight: somebody knows.
    let known = surprises(
        "2027-01-01",
        "
        team emea-day in Europe/Stockholm: anna
        hours daily 08:00-17:00
        team amer-day in America/New_York: grace
        hours daily 12:00-20:00
    ",
    );
    assert_snapshot!(known, @"");
}

#[test]
fn an_hour_together_becomes_two_and_a_half_of_it_is_lost() {
    let shown = surprises(
        "2027-01-01",
        "
        team emea-day in Europe/Stockholm: anna
        hours mon-fri 08:00-17:00
        team amer-day in America/New_York: grace
        hours mon-fri 10:00-18:00
        team apac-day in Asia/Kolkata: asha
        hours mon-fri 04:30-12:30
    ",
    );
    assert_snapshot!(shown, @r#"
    narrows   2027-01-01..2027-03-26 apac closes as emea opens (usually 60 min together)
    opens     2027-03-15..2027-11-04 amer closes 60 min before apac opens (otherwise they meet)
    doubles   2027-03-15..2027-03-26 emea and amer are together for 2 h (usually 60 min together)
    narrows   2027-11-01..2027-12-31 apac closes as emea opens (usually 60 min together)
    doubles   2027-11-01..2027-11-05 emea and amer are together for 2 h (usually 60 min together)
    "#);
}

#[test]
fn london_and_sydney_have_three_distances() {
    let shown = surprises(
        "2027-01-01",
        "
        team apac-day in Australia/Sydney: mia
        hours mon-fri 09:00-18:00
        team emea-day in Europe/London: tom
        hours mon-fri 08:00-17:00
    ",
    );
    assert_snapshot!(shown, @r#"
    opens     2027-01-01..2027-03-26 apac closes 60 min before emea opens (usually 60 min together)
    narrows   2027-03-29..2027-04-02 apac closes as emea opens (usually 60 min together)
    narrows   2027-10-04..2027-10-29 apac closes as emea opens (usually 60 min together)
    opens     2027-11-01..2027-12-31 apac closes 60 min before emea opens (usually 60 min together)
    "#);
}

#[test]
fn a_hole_that_lasts_for_most_of_the_year_is_not_what_is_usual() {
    let sydneys_summer = surprises(
        "2027-01-01",
        "
        team emea-day in Europe/London: tom
        hours daily 08:00-20:00
        team apac-day in Australia/Sydney: mia
        hours daily 07:00-19:00
    ",
    );
    assert_snapshot!(sydneys_summer, @r#"
    narrows   2027-01-01..2027-03-27 apac closes as emea opens (usually 2 h together)
    opens     2027-03-28..2027-04-02 emea closes 60 min before apac opens (usually they meet)
    narrows   2027-03-28..2027-04-03 apac and emea are together for 60 min (usually 2 h together)
    opens     2027-04-03..2027-10-01 emea closes 2 h before apac opens (usually they meet)
    opens     2027-10-02..2027-10-30 emea closes 60 min before apac opens (usually they meet)
    narrows   2027-10-03..2027-10-30 apac and emea are together for 60 min (usually 2 h together)
    narrows   2027-10-31..2028-01-01 apac closes as emea opens (usually 2 h together)
    "#);
    let chicagos = surprises(
        "2027-01-01",
        "
        team amer-day in America/Chicago: grace
        hours mon-fri 09:00-17:00
        team apac-day in Asia/Tokyo: yui
        hours mon-fri 08:00-16:00
    ",
    );
    assert_snapshot!(chicagos, @"opens     2027-03-15..2027-11-04 amer closes 60 min before apac opens (otherwise they meet)");
}

#[test]
fn fridays_are_like_the_rest_of_the_week() {
    // In 2027 more Fridays than Thursdays fall into Lord Howe's summer.
    let shown = surprises(
        "2027-01-01",
        "
        team apac-day in Australia/Lord_Howe: mia
        hours mon-fri 09:00-17:00
        team asia-day in Asia/Kolkata: asha
        hours mon-fri 11:30-20:00
    ",
    );
    assert_snapshot!(shown, @"doubles   2027-04-05..2027-10-01 apac and asia are together for 30 min (usually they meet)");
}

#[test]
fn somebody_else_of_the_tier_covers_the_hole_or_a_part_of_it() {
    let with = |tokyo: &str| {
        let text = format!(
            "
            team amer-day in America/New_York: grace
            hours mon-fri 08:00-17:00
            team emea-late in Europe/Stockholm: anna
            hours mon-fri 23:00-08:00
            team apac-early in Asia/Tokyo: yui
            hours tue-sat {tokyo}
            "
        );
        surprises("2027-05-01", &text)
    };
    assert_snapshot!(with("05:00-14:00"), @r#"
    narrows   2027-11-01..2027-11-05 amer closes 60 min before emea opens (usually they meet); covered by apac-early
    doubles   2027-11-08..2028-03-10 amer and apac are together for 2 h (usually 60 min together)
    narrows   2028-03-13..2028-03-24 amer closes 60 min before emea opens (usually they meet); covered by apac-early
    "#);
    assert_snapshot!(with("06:30-15:00"), @r#"
    opens     2027-05-03..2027-11-05 amer closes 30 min before apac opens (otherwise 30 min together); on other days covered by emea-late
    opens     2027-11-01..2027-11-05 amer closes 60 min before emea opens (usually they meet), 30 min of it with nobody; the rest covered by apac-early
    opens     2028-03-13..2028-04-28 amer closes 30 min before apac opens (usually 30 min together); on other days covered by emea-late
    opens     2028-03-13..2028-03-24 amer closes 60 min before emea opens (usually they meet), 30 min of it with nobody; the rest covered by apac-early
    "#);
}

#[test]
fn a_region_closes_with_its_last_desk_and_takes_over_with_its_first() {
    let shown = surprises(
        "2027-01-01",
        "
        team amer-day in America/New_York: grace
        hours mon-fri 08:00-17:00
        team amer-south in America/Sao_Paulo: luiz
        hours mon-fri 08:00-17:00
        team apac-day in Australia/Sydney: mia
        hours mon-fri 08:00-17:00
        team apac-west in Asia/Kolkata: asha
        hours mon-fri 12:30-21:30
    ",
    );
    assert_snapshot!(shown, @r#"
    opens     2027-01-01..2027-04-02 apac-day closes 60 min before apac-west opens (usually they meet)
    narrows   2027-03-15..2027-04-01 amer closes as apac opens (usually 60 min together)
    opens     2027-04-05..2027-09-30 amer closes 60 min before apac opens (usually 60 min together)
    opens     2027-10-04..2027-12-31 apac-day closes 60 min before apac-west opens (usually they meet)
    narrows   2027-10-04..2027-11-04 amer closes as apac opens (usually 60 min together)
    "#);
}

#[test]
fn half_hours_and_two_hours() {
    let shown = surprises(
        "2026-01-01",
        "
        team island-day in Australia/Lord_Howe: mia
        hours mon-fri 08:00-16:00
        team india-day in Asia/Kolkata: asha
        hours mon-fri 10:30-18:30
        team ice-day in Antarctica/Troll: liv
        hours daily 13:00-21:00
    ",
    );
    assert_snapshot!(shown, @r#"
    narrows   2026-01-01..2026-03-27 india closes as ice opens (usually 2 h together)
    opens     2026-03-29..2026-04-02 ice closes 2 h before island opens (usually they meet)
    opens     2026-04-05..2026-10-01 ice closes 2 h 30 min before island opens (usually they meet)
    doubles   2026-04-06..2026-10-02 island and india are together for 30 min (usually they meet)
    opens     2026-10-04..2026-10-22 ice closes 2 h before island opens (usually they meet)
    narrows   2026-10-26..2027-01-01 india closes as ice opens (usually 2 h together)
    "#);
}

#[test]
fn ramadan_as_the_data_of_2025_knew_it() {
    let organisation = organisation(
        "
        team emea-day in Africa/Casablanca: omar
        hours mon-fri 08:00-17:00
        team brazil-day in America/Sao_Paulo: luiz
        hours mon-fri 13:00-20:00
    ",
    );
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zones/2025b");
    let old = Zones::load(Some(&folder), &organisation.zones()).unwrap();
    assert_snapshot!(told(&found(&organisation, &old, "2027-01-01")), @"doubles   2027-02-08..2027-03-12 emea and brazil are together for 60 min (usually they meet)");
    let new = words::zones(&organisation);
    assert_eq!(found(&organisation, &new, "2027-01-01"), [], "Morocco has given it up");
}

#[test]
fn places_that_change_at_other_times_of_the_year() {
    let shown = surprises(
        "2026-01-01",
        "
        team chile-day in America/Santiago: pia
        hours mon-fri 09:00-18:00
        team islands-day in Pacific/Apia: sina
        hours mon-fri 09:00-17:00
        team islands-south in Pacific/Auckland: aroha
        hours mon-fri 09:00-17:00
        team islands-east in Pacific/Chatham: hemi
        hours mon-fri 15:00-23:00
        team gaza-day in Asia/Gaza: rana
        hours sun,mon-thu 08:00-16:00
        team asuncion-day in America/Asuncion: ana
        hours mon-fri 08:00-17:00
    ",
    );
    assert_snapshot!(shown, @r#"
    opens     2026-01-01..2026-04-03 islands closes 1 h 45 min before asuncion opens (usually 45 min before); on other days covered by gaza-day
    narrows   2026-03-30..2026-04-02 gaza and chile are together for 60 min (usually 2 h together)
    narrows   2026-04-06..2026-09-03 gaza closes as chile opens (usually 2 h together)
    doubles   2026-04-06..2026-09-03 chile and islands are together for 2 h (usually 60 min together)
    narrows   2026-09-07..2026-10-22 gaza and chile are together for 60 min (usually 2 h together)
    opens     2026-09-28..2027-01-01 islands closes 1 h 45 min before asuncion opens (usually 45 min before); on other days covered by gaza-day
    "#);
}

#[test]
fn clocks_that_never_change_are_silent() {
    let shown = surprises(
        "2027-01-01",
        "
        team apac-day in Asia/Tokyo: yui
        hours mon-fri 09:00-18:00
        team india-day in Asia/Kolkata: asha
        hours mon-fri 13:30-22:30
        team gulf-day in Asia/Dubai: sara
        hours mon-fri 09:00-24:00
        rotation primary outside-hours from 2026-01-05T09:00 every week in UTC: sara
    ",
    );
    assert_eq!(shown, "");
}

#[test]
fn a_closed_office_and_a_turn_of_a_week_have_nothing_to_tell() {
    let shown = surprises(
        "2027-01-01",
        "
        team emea-day in Europe/Stockholm: anna
        hours mon-fri 08:00-17:00
        rotation primary outside-hours from 2026-01-05T09:00 every week: anna
        rotation secondary from 2026-01-05T09:00 every day: anna
        team emea-west in Europe/London: tom
        hours mon-fri 08:00-17:00
        hours sat 10:00-24:00
        team emea-clock in Europe/Berlin: udo
        hours daily 00:00-24:00
    ",
    );
    assert_eq!(shown, "");
}

#[test]
fn night_shifts_last_seven_or_nine_hours_and_neighbours_meet_in_the_doubled_hour() {
    let shown = surprises(
        "2027-01-01",
        "
        team emea-night in Europe/Stockholm: anna
        hours daily 22:00-06:00
        rotation primary from 2026-01-05T20:00 every day lasts 12h: anna
        team emea-more in Europe/Stockholm: bjorn
        hours daily 22:00-06:00
        team amer-two in America/New_York: grace carlos
        hours daily 18:00-01:30 by grace
        hours daily 01:30-09:00 by carlos
        team isle-gap in Europe/London: tom
        hours sun 01:00-02:00
        hours sun 01:15-03:00
        rotation primary during sun 01:00-01:30 from 2026-01-05T09:00 every week: tom
    ",
    );
    assert_snapshot!(shown, @r#"
    shortens  2027-03-14             amer-two: hours 01:30-09:00 lasts 6 h 30 min (usually 7 h 30 min)
    shortens  2027-03-27             emea-more, emea-night: hours 22:00-06:00 lasts 7 h (usually 8 h)
    shortens  2027-03-27             emea-night: primary 20:00-08:00 lasts 11 h (usually 12 h)
    vanishes  2027-03-28             isle-gap: hours 01:00-02:00 is not on the clock that day
    vanishes  2027-03-28             isle-gap: primary 01:00-01:30 is not on the clock that day
    shortens  2027-03-28             isle-gap: hours 01:15-03:00 lasts 60 min (usually 1 h 45 min)
    lengthens 2027-10-30             emea-more, emea-night: hours 22:00-06:00 lasts 9 h (usually 8 h)
    lengthens 2027-10-30             emea-night: primary 20:00-08:00 lasts 13 h (usually 12 h)
    lengthens 2027-10-31             isle-gap: hours 01:00-02:00 lasts 2 h (usually 60 min)
    lengthens 2027-10-31             isle-gap: hours 01:15-03:00 lasts 2 h 45 min (usually 1 h 45 min)
    lengthens 2027-10-31             isle-gap: primary 01:00-01:30 lasts 1 h 30 min (usually 30 min)
    doubles   2027-11-07             amer-two: hours 18:00-01:30 and 01:30-09:00 both serve for 60 min
    "#);
}

#[test]
fn turns_on_another_clock_move_against_the_hours() {
    let shown = surprises(
        "2027-01-01",
        "
        team emea-day in Europe/Stockholm: anna
        hours mon-fri 08:00-17:00
        rotation primary outside-hours from 2026-01-05T16:00 every day in UTC: anna
        rotation secondary outside-hours from 2026-01-05T09:00 every week in UTC: anna
        rotation tertiary during daily 15:00-07:00 from 2026-01-05T09:00 every week in UTC: anna
    ",
    );
    assert_snapshot!(shown, @r#"
    moves     2027-01-01..2027-03-27 emea-day: turns of "primary outside-hours from 2026-01-05T16:00 every day in UTC: anna" begin 17:00, usually 18:00, on the team's clock
    moves     2027-01-01..2027-03-27 emea-day: turns of "tertiary during daily 15:00-07:00 from 2026-01-05T09:00 every week in UTC: anna" begin 16:00, usually 17:00, on the team's clock
    moves     2027-10-31..2028-01-01 emea-day: turns of "primary outside-hours from 2026-01-05T16:00 every day in UTC: anna" begin 17:00, usually 18:00, on the team's clock
    moves     2027-10-31..2028-01-01 emea-day: turns of "tertiary during daily 15:00-07:00 from 2026-01-05T09:00 every week in UTC: anna" begin 16:00, usually 17:00, on the team's clock
    "#);
}

#[test]
fn lines_without_hours_follow_the_sun_as_well() {
    let shown = surprises(
        "2027-01-01",
        "
        team emea-line in Europe/Stockholm: anna
        rotation primary during daily 06:00-18:00 from 2026-01-05T06:00 every week: anna
        team amer-line in America/New_York: grace
        rotation primary during daily 12:00-24:00 from 2026-01-05T06:00 every week: grace
    ",
    );
    assert_snapshot!(shown, @r#"
    opens     2027-03-14..2027-03-26 amer closes 60 min before emea opens (usually they meet)
    doubles   2027-03-14..2027-03-27 emea and amer are together for 60 min (usually they meet)
    opens     2027-10-30..2027-11-06 amer closes 60 min before emea opens (usually they meet)
    doubles   2027-10-31..2027-11-06 emea and amer are together for 60 min (usually they meet)
    "#);
}

#[test]
fn the_clocks_that_are_set_are_listed_by_day() {
    let organisation = organisation(
        "
        team emea-day in Europe/Stockholm: anna
        rotation primary from 2026-01-05T09:00 every week in America/New_York: anna
        team emea-west in Europe/London: tom
        team apac-day in Australia/Lord_Howe: mia
        team india-day in Asia/Kolkata: asha
    ",
    );
    let (from, until) = (utc("2027-01-01T00:00:00Z"), utc("2028-01-01T00:00:00Z"));
    let mut text = String::new();
    for set in clocks_set(&organisation, &words::zones(&organisation), from, until) {
        let zones: Vec<_> = set.changes.iter().map(|change| change.zone.as_str()).collect();
        writeln!(text, "{} {:+} min {}", set.date, set.minutes, zones.join(", ")).unwrap();
    }
    assert_snapshot!(text, @r#"
    2027-03-14 +60 min America/New_York
    2027-03-28 +60 min Europe/London, Europe/Stockholm
    2027-04-04 -30 min Australia/Lord_Howe
    2027-10-03 +30 min Australia/Lord_Howe
    2027-10-31 -60 min Europe/London, Europe/Stockholm
    2027-11-07 -60 min America/New_York
    "#);
}

#[test]
fn a_hundred_teams_to_whom_the_same_happens_are_told_together() {
    let teams = (0..100)
        .map(|team| format!("team emea-{team:02} in Europe/Stockholm: anna\nhours daily 22:00-06:00\n"));
    assert_snapshot!(surprises("2027-01-01", &teams.collect::<String>()), @r"
    shortens  2027-03-27             emea-00, emea-01, emea-02 and 97 more: hours 22:00-06:00 lasts 7 h (usually 8 h)
    lengthens 2027-10-30             emea-00, emea-01, emea-02 and 97 more: hours 22:00-06:00 lasts 9 h (usually 8 h)
    ");
}
