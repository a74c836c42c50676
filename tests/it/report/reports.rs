//! Reports over a small house whose figures can be added up by hand.

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use meridian::report::{Asked, Cell, Field, Gathering, Kind, Narrowed, Sheet, Window, zone_of};
use meridian::schedule::Audience;

use crate::desk::play::{Played, played};

/// Weekdays: Europe from 08 to 16, America from 16 to 24, experts from 08 to 16, all in UTC. Wednesday the 4th is a
/// holiday in Europe. Somebody of Europe is on call whenever it is closed: anna until the 9th at 08, then bjorn.
pub const HOUSE: &str = r#"
[org]
name = "House"
tiers = ["frontline", "specialist"]
language = "en"
policy = "standard"
sla = "gold"
[slas.gold]
first_response = { P1 = "15m", P2 = "1h" }
resolution = { P1 = "2h", P2 = "4h" }
[handoff]
lead = "30m"
[priorities.P1]
acknowledge_within = "10m"
when_closed = "page"
at_shift_end = "hand-over"
[priorities.P2]
acknowledge_within = "1h"
when_closed = "park"
at_shift_end = "hand-over"
[priorities.P3]
acknowledge_within = "4h"
when_closed = "park"
at_shift_end = "keep"
[regions.emea]
timezone = "UTC"
residency = "eu"
[regions.amer]
timezone = "UTC"
[holidays.eu]
days = [{ date = 2026-03-04, name = "A day off" }]
[teams.emea]
region = "emea"
tier = "frontline"
members = ["anna", "bjorn"]
holidays = ["eu"]
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "08:00", to = "16:00" }]
rotations = [{ name = "nights", during = "outside-hours", starts = 2026-01-05T08:00:00, every = "week", members = ["anna", "bjorn"] }]
[teams.amer]
region = "amer"
tier = "frontline"
members = ["carol"]
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "15:00", to = "24:00" }]
[teams.experts]
region = "emea"
tier = "specialist"
members = ["dave"]
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "08:00", to = "16:00" }]
[people.anna]
[people.bjorn]
[people.carol]
[people.dave]
[customers.acme]
name = "Acme"
region = "emea"
language = "fr"
[customers.secret]
name = "Secret"
region = "emea"
residency = "eu"
[services.checkout]
[policies.standard]
steps = [{ tier = "frontline", call = ["primary"] }, { tier = "specialist" }]
"#;

/// A week: five tickets.
const WEEK: &str = "
    2026-03-02 09:00  open P2 from acme about billing via email service checkout: Payment fails
    09:20  anna acknowledges 1
    10:00  anna escalates 1
    10:30  dave acknowledges 1
    12:00  dave resolves 1
    12:30  monitor scores 1 with 2
    13:00  open P3 via phone: A question
    13:10  anna acknowledges 2
    13:40  anna resolves 2
    13:50  monitor scores 2 with 5
    14:50  open P2 from acme about billing service checkout: Payment fails again
    14:55  anna acknowledges 3
    15:31  anna briefs 3
    15:40  carol acknowledges 3
    17:00  carol escalates 3
    2026-03-03 08:40  dave acknowledges 3
    10:00  dave resolves 3
    11:00  monitor reopens 3
    11:10  dave acknowledges 3
    12:00  dave resolves 3
    2026-03-05 02:00  open P1: Everything is down
    02:05  anna acknowledges 4
    03:00  anna resolves 4
    2026-03-07 12:00  open P3 about billing: On a Saturday
    2026-03-09 08:10  anna acknowledges 5
    09:00  anna resolves 5
    23:00  nothing
";

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Of a week from the first midnight of what was played.
pub fn asked(played: &Played, kind: Kind) -> Asked {
    let (from, until) = (played.from, played.from + TimeDelta::days(7));
    Asked { kind, from, until, as_of: played.until, narrowed: Narrowed::default(), seen: None }
}

pub fn sheet(played: &Played, asked: Asked) -> Sheet {
    let covering = asked.covering(&played.coverage, Some(asked.from)).into_owned();
    let mut gathering = Gathering::new(asked, &covering);
    for history in played.events.values() {
        gathering.add(history).unwrap();
    }
    gathering.finish()
}

fn of(kind: Kind) -> Sheet {
    let played = played(HOUSE, WEEK);
    sheet(&played, asked(&played, kind))
}

/// Without its heading, which is the same everywhere.
fn rows(sheet: &Sheet) -> String {
    let text = sheet.text();
    text.split_once("\n\n").unwrap().1.to_owned()
}

#[test]
fn volume_counts_every_ticket_from_each_side() {
    assert_snapshot!(of(Kind::Volume).text(), @r#"
    House: how many tickets, by audience, priority, category, region, language and medium
    2026-03-02 00:00 UTC to 2026-03-09 00:00 UTC; tickets opened within the window, each counted whole: 5

      BY        NAME      OPENED  RESOLVED  LIVE  ESCALATED  REOPENED  CAME IN AGAIN
      all       all            5         5     0          2         1              0
      audience  customer       5         5     0          2         1              0
      priority  P1             1         1     0          0         0              0
      priority  P2             2         2     0          2         1              0
      priority  P3             2         2     0          0         0              0
      category  -              2         2     0          0         0              0
      category  billing        3         3     0          2         1              0
      region    -              3         3     0          0         0              0
      region    emea           2         2     0          2         1              0
      language  en             3         3     0          0         0              0
      language  fr             2         2     0          2         1              0
      medium    -              3         3     0          1         1              0
      medium    email          1         1     0          1         0              0
      medium    phone          1         1     0          0         0              0
    "#);
}

#[test]
fn times_are_of_whoever_took_and_resolved_it() {
    assert_snapshot!(rows(&of(Kind::Times)), @r#"
    BY    NAME        ACKNOWLEDGED  MEDIAN    P90  TAKEN WHEN ASKED  MEDIAN     P90  RESOLVED    MEDIAN        P90
    all   all                    5  10 min  1.8 d                 8  10 min  40 min         5  3 h 00 m      1.9 d
    tier  frontline              5  10 min  1.8 d                 5  10 min  20 min         3  1 h 00 m      1.9 d
    tier  specialist             0       -      -                 3  30 min  40 min         2  3 h 00 m  21 h 10 m
    team  emea                   5  10 min  1.8 d                 5  10 min  20 min         3  1 h 00 m      1.9 d
    team  experts                0       -      -                 3  30 min  40 min         2  3 h 00 m  21 h 10 m
    "#);
}

#[test]
fn promises_are_met_breached_or_open() {
    assert_snapshot!(rows(&of(Kind::Sla)), @r#"
    SLA   CLOCK           PRIORITY  PROMISED  MET  BREACHED  OF THESE MET LATE  OPEN  ATTAINED
    gold  first_response  P1               1    1         0                  0     0     100 %
    gold  first_response  P2               2    2         0                  0     0     100 %
    gold  resolution      P1               1    1         0                  0     0     100 %
    gold  resolution      P2               2    1         1                  1     0      50 %
    "#);
}

#[test]
fn a_promise_spends_the_time_of_whoever_has_the_ticket() {
    assert_snapshot!(rows(&of(Kind::SlaTime)), @r#"
    CLOCK           HAD BY  TEAM     REGION  TICKETS      SPENT  OF BREACHED PROMISES
    first_response  asked   emea     emea          3     30 min                   0 s
    resolution      asked   emea     emea          3     30 min                 5 min
    resolution      asked   experts  emea          1     50 min                50 min
    resolution      parked  -        -             1  15 h 00 m             15 h 00 m
    resolution      person  amer     amer          1   1 h 20 m              1 h 20 m
    resolution      person  emea     emea          3   2 h 50 m                45 min
    resolution      person  experts  emea          2   3 h 40 m              2 h 10 m
    "#);
}

#[test]
fn escalations_are_counted_by_kind_tier_and_priority() {
    assert_snapshot!(rows(&of(Kind::Escalations)), @r#"
    KIND          FROM TIER  PRIORITY  ESCALATIONS  TICKETS
    hierarchical  frontline  P2                  2        2
    "#);
}

#[test]
fn what_is_escalated_again_is_named() {
    assert_snapshot!(rows(&of(Kind::Recurring)), @r#"
    CUSTOMER  SERVICE   CATEGORY  TICKETS  ESCALATIONS  FIRST                 LAST                  NUMBERS
    acme      checkout  billing         2            2  2026-03-02 10:00 UTC  2026-03-02 17:00 UTC  1 3
    "#);
}

#[test]
fn returns_and_reopenings_are_counted_with_the_team_they_come_back_to() {
    assert_snapshot!(rows(&of(Kind::Returns)), @r#"
    BY        NAME     TICKETS  CAME BACK TO A TEAM  SO OFTEN  SATELLITES  REOPENED  SO OFTEN
    all       all            5                    0         0           0         1         1
    priority  P1             1                    0         0           0         0         0
    priority  P2             2                    0         0           0         1         1
    priority  P3             2                    0         0           0         0         0
    team      amer           1                    0         0           0         1         1
    team      emea           5                    0         0           0         1         1
    team      experts        2                    0         0           0         1         1
    "#);
}

#[test]
fn parked_time_is_that_in_which_nobody_was_at_work() {
    assert_snapshot!(rows(&of(Kind::Parked)), @r#"
    BY        NAME       TICKETS  EVER PARKED  ALL TOGETHER     MEDIAN        P90    LONGEST
    all       all              5            2         2.5 d  15 h 00 m      1.8 d      1.8 d
    priority  P1               1            0           0 s          -          -          -
    priority  P2               2            1     15 h 00 m  15 h 00 m  15 h 00 m  15 h 00 m
    priority  P3               2            1         1.8 d      1.8 d      1.8 d      1.8 d
    tier      frontline        5            2         2.5 d  15 h 00 m      1.8 d      1.8 d
    region    -                3            1         1.8 d      1.8 d      1.8 d      1.8 d
    region    emea             2            1     15 h 00 m  15 h 00 m  15 h 00 m  15 h 00 m
    "#);
}

#[test]
fn handoffs_are_told_by_the_regions_between_which_they_were_offered() {
    assert_snapshot!(rows(&of(Kind::Handoffs)), @r#"
    FROM  TO    OFFERED  ACCEPTED  TAKEN BY NOBODY  DECLINED  WITHDRAWN  OPEN  ACCEPTANCE  MEDIAN     P90  BRIEFED  OF ALL
    emea  amer        1         1                0         0          0     0       100 %  10 min  10 min        1   100 %
    "#);
}

#[test]
fn briefings_are_judged_by_whoever_received_them_and_counted_for_the_team_that_sent_them() {
    let week = format!(
        "{WEEK}
    2026-03-10 14:00  open P2: Again
    14:10  anna acknowledges 6
    15:35  carol acknowledges 6
    15:40  carol judges 6 missing next_action,summary
    15:45  carol judges 6 missing next_action,customer_mood
    15:50  carol escalates 6
    15:55  dave acknowledges 6
    15:56  dave judges 6 good
    2026-03-11 08:10  open P2: And again
    08:15  anna acknowledges 7
    08:20  anna escalates 7
    08:30  dave acknowledges 7
    08:31  dave judges 7 missing impact
    15:45  carol acknowledges 7
    23:00  nothing
    "
    );
    let played = played(HOUSE, &week);
    let (from, until) = (instant("2026-03-01T00:00:00Z"), instant("2026-04-01T00:00:00Z"));
    let month = Asked { from, until, ..asked(&played, Kind::Briefings) };
    let sheet_of = sheet(&played, month.clone());
    assert_snapshot!(rows(&sheet_of), @r#"
    KIND        FROM  RECEIVED  JUDGED  OF ALL  GOOD ENOUGH  OF JUDGED  MISSED MOST OFTEN
    handoff     emea         2       1    50 %            0        0 %  next_action 1, customer_mood 1
    escalation  amer         1       1   100 %            1      100 %  -
    escalation  emea         2       1    50 %            0        0 %  impact 1
    "#);
    assert_snapshot!(sheet_of.csv().replace("\r\n", "\n"), @r#"
    kind,from_team,received,judged,judged_share,good,good_share,most_missed
    handoff,emea,2,1,0.5000,0,0.0000,"next_action 1, customer_mood 1"
    escalation,amer,1,1,1.0000,1,1.0000,
    escalation,emea,2,1,0.5000,0,0.0000,impact 1
    "#);
    // What was received within it counts, and what was said of that by its end.
    let morning =
        Asked { from: instant("2026-03-10T00:00:00Z"), until: instant("2026-03-11T00:00:00Z"), ..month };
    assert_snapshot!(rows(&sheet(&played, morning.clone())), @r#"
    KIND        FROM  RECEIVED  JUDGED  OF ALL  GOOD ENOUGH  OF JUDGED  MISSED MOST OFTEN
    handoff     emea         1       1   100 %            0        0 %  next_action 1, customer_mood 1
    escalation  amer         1       1   100 %            1      100 %  -
    "#);
    let early = Asked { as_of: instant("2026-03-10T15:42:00Z"), ..morning };
    assert_snapshot!(rows(&sheet(&played, early)), @r#"
    KIND     FROM  RECEIVED  JUDGED  OF ALL  GOOD ENOUGH  OF JUDGED  MISSED MOST OFTEN
    handoff  emea         1       1   100 %            0        0 %  summary 1, next_action 1
    "#);
}

#[test]
fn feedback_is_about_the_team_that_resolved_it() {
    assert_snapshot!(rows(&of(Kind::Feedback)), @r#"
    BY        NAME     ANSWERS  MEAN  1  2  3  4  5
    all       all            2  3.50  0  1  0  0  1
    priority  P2             1  2.00  0  1  0  0  0
    priority  P3             1  5.00  0  0  0  0  1
    team      emea           1  5.00  0  0  0  0  1
    team      experts        1  2.00  0  1  0  0  0
    "#);
}

#[test]
fn a_report_is_narrowed_by_all_that_is_set() {
    let played = played(HOUSE, WEEK);
    let opened = |narrowed: Narrowed| {
        let asked = Asked { narrowed, ..asked(&played, Kind::Volume) };
        let sheet = sheet(&played, asked);
        (sheet.tickets, sheet.rows.first().map(|row| row[2].clone()))
    };
    let all = Narrowed::default();
    assert_eq!(opened(all.clone()), (5, Some(Cell::Count(5))));
    assert_eq!(opened(Narrowed { team: Some("experts".into()), ..all.clone() }).0, 2);
    assert_eq!(opened(Narrowed { team: Some("amer".into()), ..all.clone() }).0, 1);
    assert_eq!(opened(Narrowed { customer: Some("acme".into()), ..all.clone() }).0, 2);
    assert_eq!(opened(Narrowed { region: Some("emea".into()), ..all.clone() }).0, 2, "the customer's");
    assert_eq!(opened(Narrowed { priority: Some("P3".parse().unwrap()), ..all.clone() }).0, 2);
    assert_eq!(opened(Narrowed { tier: Some("frontline".into()), ..all.clone() }).0, 5);
    let both = Narrowed { customer: Some("acme".into()), team: Some("amer".into()), ..all };
    assert_eq!(opened(both).0, 1);
}

#[test]
fn names_that_nobody_knows_are_a_slip() {
    let org = &played(HOUSE, "2026-03-02 09:00  nothing").coverage.organisation;
    let said = |narrowed: Narrowed| match narrowed.check(org) {
        Ok(()) => "fine\n".to_owned(),
        Err((field, said)) => format!("{field}: {said}\n"),
    };
    let none = Narrowed::default();
    let slips = [
        said(none.clone()),
        said(Narrowed { team: Some("emae".into()), ..none.clone() }),
        said(Narrowed { region: Some("mars".into()), ..none.clone() }),
        said(Narrowed { tier: Some("specalist".into()), ..none.clone() }),
        said(Narrowed { customer: Some("acmee".into()), ..none }),
        format!("{}\n", "volum".parse::<Kind>().unwrap_err()),
        format!("{}\n", "everything at once".parse::<Kind>().unwrap_err()),
    ];
    assert_snapshot!(slips.concat(), @r#"
    fine
    team: no team "emae" in the schedules; did you mean `emea`?
    region: no region "mars" in the schedules
    tier: no tier "specalist" in the schedules; did you mean `specialist`?
    customer: no customer "acmee" in the schedules; did you mean `acme`?
    there is no report "volum"; did you mean `volume`?
    there is no report "everything at once"; there are volume, times, sla, sla-time, escalations, recurring, returns, parked, handoffs, briefings, feedback, vendors, fairness
    "#);
}

/// The same tickets, asked in the middle of the week: the rest has not happened yet.
#[test]
fn what_happened_later_is_passed_over() {
    let played = played(HOUSE, WEEK);
    let early = Asked { as_of: instant("2026-03-02T09:30:00Z"), ..asked(&played, Kind::Volume) };
    assert_snapshot!(rows(&sheet(&played, early)), @r#"
    BY        NAME      OPENED  RESOLVED  LIVE  ESCALATED  REOPENED  CAME IN AGAIN
    all       all            1         0     1          0         0              0
    audience  customer       1         0     1          0         0              0
    priority  P2             1         0     1          0         0              0
    category  billing        1         0     1          0         0              0
    region    emea           1         0     1          0         0              0
    language  fr             1         0     1          0         0              0
    medium    email          1         0     1          0         0              0
    "#);
}

/// Ticket 3 was opened on the 2nd and resolved on the 3rd.
#[test]
fn tickets_are_of_the_day_they_were_opened_and_escalations_of_the_day_they_happened() {
    let played = played(HOUSE, WEEK);
    let on = |kind, day: &str| {
        let from = instant(&format!("2026-03-{day}T00:00:00Z"));
        let asked = Asked { from, until: from + TimeDelta::days(1), ..asked(&played, kind) };
        sheet(&played, asked).tickets
    };
    let of_days = |kind| ["02", "03", "05", "07", "09"].map(|day| on(kind, day));
    assert_eq!(of_days(Kind::Volume), [3, 0, 1, 1, 0]);
    assert_eq!(of_days(Kind::Escalations), [2, 0, 0, 0, 0]);
    assert_eq!(of_days(Kind::Feedback), [2, 0, 0, 0, 0]);
}

#[test]
fn what_is_bound_to_a_residency_is_not_in_reports_for_others() {
    let played = played(
        HOUSE,
        "
        2026-03-02 09:00  open P2 from secret about billing: A
        09:01  anna acknowledges 1
        09:02  anna escalates 1
        09:03  dave acknowledges 1
        09:10  open P2 from secret about billing: B
        09:11  anna acknowledges 2
        09:12  anna escalates 2
        09:30  nothing
    ",
    );
    let seen_by = |seen| {
        let asked = Asked { seen, ..asked(&played, Kind::Recurring) };
        rows(&sheet(&played, asked))
    };
    assert_snapshot!(seen_by(Some(vec!["eu".into()])) + &seen_by(Some(vec![])), @r#"
    CUSTOMER  SERVICE  CATEGORY  TICKETS  ESCALATIONS  FIRST                 LAST                  NUMBERS
    secret    -        billing         2            2  2026-03-02 09:02 UTC  2026-03-02 09:12 UTC  1 2
    nothing
    "#);
}

#[test]
fn the_usual_window_is_the_last_whole_month_on_the_clock_of_the_house() {
    let played = played(HOUSE, "2026-03-02 09:00  nothing");
    let coverage = &played.coverage;
    let (name, zone) = zone_of(&coverage.organisation, &coverage.zones);
    let day = |text: &str| instant(&format!("{text}T00:00:00Z"));
    let now = instant("2026-03-29T12:00:00Z");
    let on = |window: Window| match window.on(zone, now) {
        Ok((from, until)) => format!("{from} to {until}\n"),
        Err((field, said)) => format!("{field}: {said}\n"),
    };
    let usual = Window::default();
    let told = [
        format!("{name}\n"),
        on(usual),
        on(Window { month: Some("2026-01".parse().unwrap()), ..usual }),
        on(Window { week: Some("2026-W10".parse().unwrap()), ..usual }),
        on(Window { from: Some(day("2026-03-01")), ..usual }),
        on(Window { until: Some(day("2026-03-01")), ..usual }),
        on(Window { from: Some(day("2026-03-01")), until: Some(day("2026-03-01")), ..usual }),
        on(Window { from: Some(day("2020-03-01")), until: Some(day("2026-03-01")), ..usual }),
        on(Window { from: Some(day("2026-03-01")), month: Some("2026-01".parse().unwrap()), ..usual }),
    ];
    assert_snapshot!(told.concat(), @r#"
    UTC
    2026-02-01 00:00:00 UTC to 2026-03-01 00:00:00 UTC
    2026-01-01 00:00:00 UTC to 2026-02-01 00:00:00 UTC
    2026-03-02 00:00:00 UTC to 2026-03-09 00:00:00 UTC
    2026-03-01 00:00:00 UTC to 2026-03-29 12:00:00 UTC
    from: is needed where `until` is given
    until: must be later than `from`
    until: at most 400 days after `from`; ask for the years one by one
    month: give `from` and `until`, or a month, or a week
    "#);
}

/// Both regions on one clock: midnight is theirs, and the month of the spring change an hour short.
#[test]
fn a_month_is_that_of_the_zone_that_all_regions_share() {
    let stockholm = HOUSE.replace("timezone = \"UTC\"", "timezone = \"Europe/Stockholm\"");
    let played = played(&stockholm, "2026-03-02 09:00  nothing");
    let (_, zone) = zone_of(&played.coverage.organisation, &played.coverage.zones);
    let (from, until) = Window::default().on(zone, instant("2026-04-15T00:00:00Z")).unwrap();
    assert_eq!((from, until), (instant("2026-02-28T23:00:00Z"), instant("2026-03-31T22:00:00Z")));
    assert_eq!((until - from).num_hours(), 31 * 24 - 1);
}

#[test]
fn json_says_the_unit_of_every_duration() {
    let played = played(HOUSE, WEEK);
    let narrowed = Narrowed { customer: Some("acme".into()), ..Narrowed::default() };
    let asked = Asked { narrowed, ..asked(&played, Kind::Times) };
    assert_snapshot!(serde_json::to_string_pretty(&sheet(&played, asked)).unwrap(), @r#"
    {
      "report": "times",
      "about": "time to acknowledge and to resolve, by tier and team: median and 90th percentile",
      "counts": "tickets opened within the window, each counted whole",
      "organisation": "House",
      "from": "2026-03-02T00:00:00Z",
      "until": "2026-03-09T00:00:00Z",
      "as_of": "2026-03-09T23:00:00Z",
      "narrowed": {
        "customer": "acme"
      },
      "tickets": 2,
      "left_out": 0,
      "without": [],
      "rows": [
        {
          "by": "all",
          "name": "all",
          "acknowledged": 2,
          "acknowledge_median_seconds": 300,
          "acknowledge_p90_seconds": 1200,
          "taken": 5,
          "taken_median_seconds": 1200,
          "taken_p90_seconds": 2400,
          "resolved": 2,
          "resolve_median_seconds": 10800,
          "resolve_p90_seconds": 76200
        },
        {
          "by": "tier",
          "name": "frontline",
          "acknowledged": 2,
          "acknowledge_median_seconds": 300,
          "acknowledge_p90_seconds": 1200,
          "taken": 2,
          "taken_median_seconds": 300,
          "taken_p90_seconds": 1200,
          "resolved": 0,
          "resolve_median_seconds": null,
          "resolve_p90_seconds": null
        },
        {
          "by": "tier",
          "name": "specialist",
          "acknowledged": 0,
          "acknowledge_median_seconds": null,
          "acknowledge_p90_seconds": null,
          "taken": 3,
          "taken_median_seconds": 1800,
          "taken_p90_seconds": 2400,
          "resolved": 2,
          "resolve_median_seconds": 10800,
          "resolve_p90_seconds": 76200
        },
        {
          "by": "team",
          "name": "emea",
          "acknowledged": 2,
          "acknowledge_median_seconds": 300,
          "acknowledge_p90_seconds": 1200,
          "taken": 2,
          "taken_median_seconds": 300,
          "taken_p90_seconds": 1200,
          "resolved": 0,
          "resolve_median_seconds": null,
          "resolve_p90_seconds": null
        },
        {
          "by": "team",
          "name": "experts",
          "acknowledged": 0,
          "acknowledge_median_seconds": null,
          "acknowledge_p90_seconds": null,
          "taken": 3,
          "taken_median_seconds": 1800,
          "taken_p90_seconds": 2400,
          "resolved": 2,
          "resolve_median_seconds": 10800,
          "resolve_p90_seconds": 76200
        }
      ]
    }
    "#);
}

/// By RFC 4180, and no cell of a stranger's is a formula.
#[test]
fn csv_is_quoted_and_says_nothing_that_a_spreadsheet_would_run() {
    const FIELDS: &[Field] = &[Field { key: "name", head: "~Name" }, Field { key: "count", head: "count" }];
    let names = [
        "plain",
        "two, with a comma",
        "a \"quoted\" word",
        "two\r\nlines",
        "=HYPERLINK(\"http://example.com\")",
        "+1",
        "-1",
        "@here",
        "\tindented",
        "",
    ];
    let rows = names.map(|name| vec![Cell::Word(name.to_owned()), Cell::Count(1)]).to_vec();
    let sheet = Sheet { fields: FIELDS, rows, ..of(Kind::Volume) };
    assert_snapshot!(sheet.csv().replace("\r\n", "␍␊\n"), @r#"
    name,count␍␊
    plain,1␍␊
    "two, with a comma",1␍␊
    "a ""quoted"" word",1␍␊
    "two␍␊
    lines",1␍␊
    "'=HYPERLINK(""http://example.com"")",1␍␊
    '+1,1␍␊
    '-1,1␍␊
    '@here,1␍␊
    '	indented,1␍␊
    ,1␍␊
    "#);
}

#[test]
fn a_terminal_gets_no_control_characters() {
    let played = played(HOUSE, "2026-03-02 09:00  open P3 about \u{1b}[31mred: Title");
    let text = sheet(&played, asked(&played, Kind::Volume)).text();
    assert!(!text.contains('\u{1b}') && text.contains("\u{fffd}[31mred"), "{text}");
}

#[test]
fn the_same_tickets_give_the_same_bytes_in_every_format() {
    for kind in Kind::ALL {
        let told = || {
            let sheet = of(kind);
            (sheet.text(), sheet.csv(), serde_json::to_string(&sheet).unwrap(), sheet.svg())
        };
        assert!(told() == told(), "{kind}");
    }
}

/// A picture is a document of its own, and a hostile name stays text in it.
#[test]
fn what_is_drawn_stands_alone() {
    let played = played(HOUSE, &WEEK.replace("about billing", "about <script>alert(1)</script>&"));
    for kind in Kind::ALL {
        let svg = sheet(&played, asked(&played, kind)).svg();
        assert_eq!(svg.is_some(), kind.is_drawn(), "{kind}");
        let Some(svg) = svg else { continue };
        assert!(svg.starts_with("<svg xmlns") && !svg.contains("<script"), "{kind}: {svg}");
        assert_eq!(crate::picture::objections(&svg), "", "{kind}");
    }
}

/// A customer's ticket and one of our own.
const BESIDE: &str = "
    2026-03-02 09:00  open P2 from acme: Payment fails
    09:10  anna acknowledges 1
    09:20  anna sends 1 to acme-hw
    10:20  vendor/acme-hw answers 1 working case 4711
    11:20  vendor/acme-hw answers 1 solved text mended
    11:30  anna resolves 1
    11:40  open P2 internal: New laptop
    11:50  bjorn acknowledges 2
    11:50  anna acknowledges 2
    12:00  bjorn sends 2 to acme-hw
    12:00  anna sends 2 to acme-hw
    15:30  anna resolves 2
";

const VENDOR: &str = "[vendors.acme-hw]\nchannel = \"mail\"\nreply_within = \"2h\"\n";

#[test]
fn vendors_are_reported_by_what_they_were_asked_and_their_time_is_no_teams() {
    let played = played(&format!("{HOUSE}{VENDOR}"), BESIDE);
    let text = |kind| sheet(&played, asked(&played, kind)).text();
    assert_snapshot!(text(Kind::Vendors), @r#"
    House: what vendors were asked, how soon they answered, how long tickets were there
    2026-03-02 00:00 UTC to 2026-03-09 00:00 UTC; what happened within the window: 2

      VENDOR   ASKED  REPLIED  ANSWERED  SOLVED  DECLINED  RECALLED  THERE STILL  LATE  FIRST ANSWER: MEDIAN       P90  THERE: MEDIAN       P90    IN ALL
      acme-hw      2        1         0       1         0         0            1     1              1 h 00 m  1 h 00 m       2 h 00 m  2 h 00 m  2 h 00 m
    "#);
    assert_snapshot!(text(Kind::SlaTime), @r#"
    House: whose time the promises spent: by clock and by who had the ticket
    2026-03-02 00:00 UTC to 2026-03-09 00:00 UTC; tickets opened within the window, each counted whole: 1

      CLOCK           HAD BY  TEAM     REGION  TICKETS     SPENT  OF BREACHED PROMISES
      first_response  asked   emea     emea          1    10 min                   0 s
      resolution      asked   emea     emea          1    10 min                   0 s
      resolution      person  emea     emea          1    20 min                   0 s
      resolution      vendor  acme-hw  -             1  2 h 00 m                   0 s
      vendor_reply    vendor  acme-hw  -             1  2 h 00 m                   0 s
    "#);
}

#[test]
fn what_is_internal_stands_beside_the_customers_figures_and_not_in_them() {
    let played = played(&format!("{HOUSE}{VENDOR}"), BESIDE);
    let of = |kind, audience| {
        let narrowed = Narrowed { audience, ..Narrowed::default() };
        sheet(&played, Asked { narrowed, ..asked(&played, kind) })
    };
    let counts = [None, Some(Audience::Customer), Some(Audience::Internal)].map(|audience| {
        let tickets = |kind| of(kind, audience).tickets;
        format!("{audience:?}: volume {}, times {}", tickets(Kind::Volume), tickets(Kind::Times))
    });
    assert_snapshot!(counts.join("\n"), @r#"
    None: volume 2, times 1
    Some(Customer): volume 1, times 1
    Some(Internal): volume 1, times 1
    "#);
    assert_snapshot!(of(Kind::Times, Some(Audience::Internal)).text(), @r#"
    House: time to acknowledge and to resolve, by tier and team: median and 90th percentile (audience internal)
    2026-03-02 00:00 UTC to 2026-03-09 00:00 UTC; tickets opened within the window, each counted whole: 1

      BY    NAME       ACKNOWLEDGED  MEDIAN     P90  TAKEN WHEN ASKED  MEDIAN     P90  RESOLVED  MEDIAN  P90
      all   all                   1  10 min  10 min                 1  10 min  10 min         0       -    -
      tier  frontline             1  10 min  10 min                 1  10 min  10 min         0       -    -
      team  emea                  1  10 min  10 min                 1  10 min  10 min         0       -    -
    "#);
}
