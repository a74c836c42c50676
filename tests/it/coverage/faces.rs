//! What the rest of the program asks of coverage: answers as JSON, other windows, changes of the day, open time.

use std::sync::Arc;

use chrono::TimeDelta;
use insta::{assert_json_snapshot, assert_snapshot};
use meridian::coverage::{Coverage, DayChanges, Span, spans, who};
use meridian::schedule::{Origin, TeamId};

use super::words::{self, compiled, utc};

const STOCKHOLM: &str = "
    team emea-frontline in Europe/Stockholm: anna bjorn
    hours mon-fri 08:00-17:00
    rotation primary outside-hours from 2026-03-09T09:00 every week: anna, bjorn, chloe+dmitri
    team emea-night in Europe/Stockholm: eva
    hours daily 22:00-06:00
";

fn row(number: i64) -> Origin {
    Origin::Row(number)
}

fn changes(leave: &[&str], overrides: &[&str]) -> Arc<DayChanges> {
    let leave = leave.iter().zip(1..).map(|(text, number)| words::leave(row(number), text));
    let overrides = overrides.iter().zip(1..).map(|(text, number)| words::override_(row(number), text));
    Arc::new(DayChanges { leave: leave.collect(), overrides: overrides.collect() })
}

fn said(spans: &[Span]) -> String {
    spans.iter().map(|span| format!("{}  {}\n", span.from, words::service(span))).collect()
}

#[test]
fn who_is_at_work_has_the_shape_that_is_fixed() {
    let coverage = compiled(STOCKHOLM, "2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z");
    let (team, at) = (TeamId::from("emea-frontline"), utc("2026-03-29T00:30:00Z"));
    assert_json_snapshot!(who(&coverage, at, Some(&team), None), @r#"
    {
      "at": "2026-03-29T00:30:00Z",
      "teams": [
        {
          "team": "emea-frontline",
          "tier": "frontline",
          "region": "world",
          "local_time": "2026-03-29T01:30:00+01:00",
          "open": false,
          "working": [],
          "on_call": {
            "primary": [
              "chloe",
              "dmitri"
            ]
          },
          "until": "2026-03-30T06:00:00Z"
        }
      ]
    }
    "#);
}

#[test]
fn a_local_time_shows_its_offset_in_utc_and_in_halves_of_hours_too() {
    let local_time = |zone: &str| {
        let coverage =
            compiled(&format!("team north in {zone}: anna"), "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
        let answer = who(&coverage, utc("2026-01-01T12:00:00.25Z"), None, None);
        serde_json::to_value(&answer.teams[0]).unwrap()["local_time"].clone()
    };
    assert_eq!(local_time("Europe/London"), "2026-01-01T12:00:00.250+00:00");
    assert_eq!(local_time("Asia/Kathmandu"), "2026-01-01T17:45:00.250+05:45");
}

#[test]
fn who_is_at_work_can_be_narrowed_to_a_team_or_a_tier() {
    let coverage = compiled(STOCKHOLM, "2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z");
    let teams = |team: Option<&str>, tier: Option<&str>| {
        let answer = who(
            &coverage,
            utc("2026-03-29T00:30:00Z"),
            team.map(TeamId::from).as_ref(),
            tier.map(Into::into).as_ref(),
        );
        answer.teams.iter().map(|team| team.team.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(teams(None, None), ["emea-frontline", "emea-night"]);
    assert_eq!(teams(Some("emea-night"), None), ["emea-night"]);
    assert_eq!(teams(Some("emea-night"), Some("frontline")), ["emea-night"]);
    assert_eq!(teams(None, Some("expert")), [""; 0]);
    assert_eq!(teams(Some("nobody"), None), [""; 0]);
}

#[test]
fn until_is_the_true_next_change_even_beyond_what_is_compiled_and_null_after_366_days() {
    let until = |text: &str| {
        let coverage = compiled(text, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z");
        who(&coverage, utc("2026-03-29T00:30:00Z"), None, None).teams[0].until.map(|at| at.to_string())
    };
    let always = "team north in UTC: anna\n hours daily 00:00-24:00\n";
    assert_eq!(until(always), None);
    let leave = |from: &str| format!("{always} leave anna {from} .. 2028-01-01");
    assert_eq!(until(&leave("2026-11-30")).as_deref(), Some("2026-11-30 00:00:00 UTC"));
    assert_eq!(until(&leave("2027-03-29")).as_deref(), Some("2027-03-29 00:00:00 UTC"));
    assert_eq!(until(&leave("2027-03-31")), None);
}

#[test]
fn who_is_at_work_is_known_outside_what_is_compiled() {
    let coverage = compiled(STOCKHOLM, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z");
    let answer = who(&coverage, utc("2026-12-01T10:00:00Z"), None, None);
    let lines: String = answer
        .teams
        .iter()
        .map(|team| format!("{} {:?} {:?}\n", team.team, team.working, team.until))
        .collect();
    assert_snapshot!(lines, @r#"
    emea-frontline ["anna", "bjorn"] Some(2026-12-01T16:00:00Z)
    emea-night [] Some(2026-12-01T21:00:00Z)
    "#);
}

#[test]
fn the_timeline_has_the_shape_that_is_fixed_and_tiles_the_window() {
    let coverage = compiled(STOCKHOLM, "2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z");
    let (from, to) = (utc("2026-03-27T12:00:00Z"), utc("2026-03-30T07:30:00Z"));
    assert_json_snapshot!(spans(&coverage, from, to, Some(&TeamId::from("emea-frontline")), None), @r#"
    {
      "from": "2026-03-27T12:00:00Z",
      "to": "2026-03-30T07:30:00Z",
      "teams": [
        {
          "team": "emea-frontline",
          "spans": [
            {
              "from": "2026-03-27T12:00:00Z",
              "until": "2026-03-27T16:00:00Z",
              "open": true,
              "working": [
                "anna",
                "bjorn"
              ],
              "on_call": {
                "primary": []
              }
            },
            {
              "from": "2026-03-27T16:00:00Z",
              "until": "2026-03-30T06:00:00Z",
              "open": false,
              "working": [],
              "on_call": {
                "primary": [
                  "chloe",
                  "dmitri"
                ]
              }
            },
            {
              "from": "2026-03-30T06:00:00Z",
              "until": "2026-03-30T07:30:00Z",
              "open": true,
              "working": [
                "anna",
                "bjorn"
              ],
              "on_call": {
                "primary": []
              }
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn a_window_is_the_same_whether_it_was_compiled_before_or_not() {
    let team = TeamId::from("emea-frontline");
    let (from, until) = (utc("2026-03-27T12:00:00Z"), utc("2026-04-10T07:30:00Z"));
    let before = compiled(STOCKHOLM, "2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z");
    let after = compiled(STOCKHOLM, "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z");
    assert_eq!(before.window(&team, from, until), after.window(&team, from, until));
    assert_eq!(before.window(&team, from, from), []);
    assert_eq!(before.window(&TeamId::from("nobody"), from, until), []);
}

#[test]
fn changes_of_the_day_count_after_the_files_and_touch_only_their_teams() {
    let text = format!("{STOCKHOLM} override emea-frontline hours 2026-03-30 .. 2026-03-30: anna=chloe");
    let before = compiled(&text, "2026-03-29T12:00:00Z", "2026-04-01T00:00:00Z");
    let cover = "emea-frontline hours 2026-03-30 .. 2026-03-30: chloe=dmitri";
    let after = before.with_changes(changes(&["bjorn 2026-03-31 .. 2026-03-31"], &[cover]));
    let [frontline, night] = ["emea-frontline", "emea-night"].map(TeamId::from);
    assert_snapshot!(said(after.timeline(&frontline).unwrap().spans()), @r"
    2026-03-29 12:00:00 UTC  closed | primary chloe dmitri
    2026-03-30 06:00:00 UTC  open bjorn dmitri | primary -
    2026-03-30 15:00:00 UTC  closed | primary anna
    2026-03-31 06:00:00 UTC  open anna | primary -
    2026-03-31 15:00:00 UTC  closed | primary anna
    ");
    assert!(Arc::ptr_eq(before.timeline(&night).unwrap(), after.timeline(&night).unwrap()));
    assert_eq!(after.differing_teams(&before, before.from), [frontline.clone()].into());
    assert_eq!(after.differing_teams(&before, utc("2026-03-31T17:00:00Z")), [].into());
    let undone = after.with_changes(changes(&[], &[]));
    assert_eq!(undone.timeline(&frontline), before.timeline(&frontline));
}

#[test]
fn a_change_of_the_day_that_names_somebody_unknown_is_ignored() {
    let before = compiled(STOCKHOLM, "2026-03-29T12:00:00Z", "2026-04-01T00:00:00Z");
    let stale = [
        "emea-frontline hours 2026-03-30 .. 2026-03-30: anna=zoe",
        "emea-frontline hours 2026-03-30 .. 2026-03-30: only zoe",
        "gone hours 2026-03-30 .. 2026-03-30: only anna",
    ];
    let after = before.with_changes(changes(&["zoe 2026-03-31 .. 2026-03-31"], &stale));
    assert_eq!(after.differing_teams(&before, before.from), [].into());
}

#[test]
fn a_team_that_only_one_of_two_knows_differs() {
    let window = ("2026-03-29T12:00:00Z", "2026-04-01T00:00:00Z");
    let one = compiled("team north in UTC: anna", window.0, window.1);
    let two = compiled("team north in UTC: anna\nteam south in UTC: anna", window.0, window.1);
    assert_eq!(one.differing_teams(&two, one.from), [TeamId::from("south")].into());
    assert_eq!(two.differing_teams(&one, one.from), [TeamId::from("south")].into());
}

#[test]
fn open_time_is_counted_over_nights_weekends_and_clock_changes() {
    let coverage = compiled(STOCKHOLM, "2026-03-01T00:00:00Z", "2026-04-15T00:00:00Z");
    let [frontline, night] = ["emea-frontline", "emea-night"].map(TeamId::from);
    let after = |team: &TeamId, from: &str, hours: i64| {
        let at = coverage.after_open(team, utc(from), TimeDelta::hours(hours));
        at.map_or("never".to_owned(), |at| at.to_string())
    };
    let table = [
        ("within a day", after(&frontline, "2026-03-27T08:00:00Z", 4)),
        ("to the minute of closing", after(&frontline, "2026-03-27T08:00:00Z", 8)),
        ("over a weekend", after(&frontline, "2026-03-27T08:00:00Z", 10)),
        ("from a closed hour", after(&frontline, "2026-03-28T08:00:00Z", 1)),
        ("no time at all", after(&frontline, "2026-03-28T08:00:00Z", 0)),
        ("a short spring night", after(&night, "2026-03-28T21:00:00Z", 8)),
        ("beyond what is compiled", after(&frontline, "2026-04-14T08:00:00Z", 24)),
        ("before what is compiled", after(&frontline, "2026-02-27T08:00:00Z", 1)),
        ("an unknown team", after(&TeamId::from("nobody"), "2026-03-27T08:00:00Z", 1)),
    ];
    assert_snapshot!(table.map(|(case, at)| format!("{case:<25}{at}\n")).concat(), @r"
    within a day             2026-03-27 12:00:00 UTC
    to the minute of closing 2026-03-27 16:00:00 UTC
    over a weekend           2026-03-30 08:00:00 UTC
    from a closed hour       2026-03-30 07:00:00 UTC
    no time at all           2026-03-28 08:00:00 UTC
    a short spring night     2026-03-29 21:00:00 UTC
    beyond what is compiled  never
    before what is compiled  never
    an unknown team          never
    ");
    let open = |team: &TeamId, from, until| coverage.open_between(team, utc(from), utc(until)).num_minutes();
    assert_eq!(open(&night, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"), 7 * 60, "the short night");
    assert_eq!(open(&frontline, "2026-03-27T08:00:00Z", "2026-03-30T06:30:00Z"), 8 * 60 + 30);
    assert_eq!(
        open(&frontline, "2027-06-07T00:00:00Z", "2027-06-14T00:00:00Z"),
        5 * 9 * 60,
        "never compiled"
    );
}

#[test]
fn an_empty_window_and_the_edges_of_the_calendar_are_answered() {
    let text = format!(
        "{STOCKHOLM} rotation secondary from 2026-03-09T09:00 every FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30: eva, anna
         rotation tertiary from 2026-03-09T09:00 every month: eva, anna"
    );
    let organisation = Arc::new(words::organisation(&text));
    let zones = words::zones(&organisation);
    let (least, most) = (chrono::DateTime::<chrono::Utc>::MIN_UTC, chrono::DateTime::<chrono::Utc>::MAX_UTC);
    let week = TimeDelta::weeks(1);
    for (from, until) in [(least, least + week), (most - week, most), (most, least)] {
        let coverage = Coverage::compile(
            organisation.clone(),
            zones.clone(),
            Arc::new(DayChanges::default()),
            from,
            until,
        );
        let timeline = coverage.timeline(&TeamId::from("emea-night")).unwrap();
        assert_eq!(timeline.spans().is_empty(), from >= until);
        assert_eq!(timeline.at(until), None);
        who(&coverage, from, None, None);
        who(&coverage, until, None, None);
    }
}
