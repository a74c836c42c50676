//! `meridian report` without a daemon: over the history of a simulation.

use insta::assert_snapshot;

use super::run::meridian;
use crate::report::reports::HOUSE;

struct Simulated {
    folder: tempfile::TempDir,
}

impl Simulated {
    fn new() -> Simulated {
        let folder = tempfile::tempdir().unwrap();
        let simulated = Simulated { folder };
        std::fs::create_dir(simulated.path("schedules")).unwrap();
        std::fs::write(simulated.path("schedules/org.toml"), HOUSE).unwrap();
        let csv = "opened_at,title,priority,customer\n2026-03-02T09:00:00Z,Payment fails,P2,acme\n2026-03-07T09:00:00Z,A question,P3,\n";
        std::fs::write(simulated.path("tickets.csv"), csv).unwrap();
        let files =
            ["--tickets", &simulated.path("tickets.csv"), "--history", &simulated.path("history.jsonl")];
        let ran =
            meridian(&[&["simulate", "--schedules", &simulated.path("schedules")], &files[..]].concat(), &[]);
        assert_eq!(ran.code, 0, "{ran}");
        simulated
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn report(&self, arguments: &[&str]) -> String {
        let files = ["--history", &self.path("history.jsonl"), "--schedules", &self.path("schedules")];
        let ran = meridian(&[&["report"], arguments].concat(), &files);
        ran.to_string().replace(&self.folder.path().display().to_string(), "FOLDER")
    }
}

#[test]
fn without_a_name_the_reports_are_listed() {
    assert_snapshot!(meridian(&["report"], &[]), @r#"
    REPORT       ABOUT                                                                                      COUNTS
    volume       how many tickets, by audience, priority, category, region, language and medium             tickets opened within the window, each counted whole
    times        time to acknowledge and to resolve, by tier and team: median and 90th percentile           tickets opened within the window, each counted whole
    sla          promises met and breached, by SLA, clock and priority                                      tickets opened within the window, each counted whole
    sla-time     whose time the promises spent: by clock and by who had the ticket                          tickets opened within the window, each counted whole
    escalations  escalations by kind, tier and priority                                                     what happened within the window
    recurring    customers, services and categories whose tickets were escalated more than once             what happened within the window
    returns      tickets that came back: to a team, in circles without progress, or reopened                tickets opened within the window, each counted whole
    parked       time in which tickets waited because nobody was at work                                    tickets opened within the window, each counted whole
    handoffs     handoffs offered and accepted before the boundary, by pair of regions                      what happened within the window
    briefings    whether what came with handoffs and escalations was good enough, by the team that sent it  what happened within the window
    feedback     what customers say, by team and priority                                                   what happened within the window
    vendors      what vendors were asked, how soon they answered, how long tickets were there               what happened within the window
    fairness     who carries how much: hours on call, nights, weekends, holidays, pages, interrupted rest   what happened within the window
    --- exit 0
    "#);
}

#[test]
fn help_names_every_report() {
    let help = meridian(&["report", "--help"], &[]).stdout;
    for kind in meridian::report::Kind::ALL {
        assert!(help.contains(&format!("- {kind}:")), "{kind} in {help}");
    }
}

#[test]
fn a_simulation_is_reported_as_a_daemon_would() {
    let simulated = Simulated::new();
    let march = &["--month", "2026-03"];
    assert_snapshot!(simulated.report(&[&["volume"], &march[..]].concat()), @r#"
    House: how many tickets, by audience, priority, category, region, language and medium
    2026-03-01 00:00 UTC to 2026-04-01 00:00 UTC; tickets opened within the window, each counted whole: 2

      BY        NAME      OPENED  RESOLVED  LIVE  ESCALATED  REOPENED  CAME IN AGAIN
      all       all            2         2     0          0         0              0
      audience  customer       2         2     0          0         0              0
      priority  P2             1         1     0          0         0              0
      priority  P3             1         1     0          0         0              0
      category  -              2         2     0          0         0              0
      region    -              1         1     0          0         0              0
      region    emea           1         1     0          0         0              0
      language  en             1         1     0          0         0              0
      language  fr             1         1     0          0         0              0
      medium    -              2         2     0          0         0              0
    --- exit 0
    "#);
    assert_snapshot!(simulated.report(&[&["times", "--customer", "acme", "--format", "csv"], &march[..]].concat()), @r#"
    by,name,acknowledged,acknowledge_median_seconds,acknowledge_p90_seconds,taken,taken_median_seconds,taken_p90_seconds,resolved,resolve_median_seconds,resolve_p90_seconds
    all,all,1,0,0,1,0,0,1,1800,1800
    tier,frontline,1,0,0,1,0,0,1,1800,1800
    team,emea,1,0,0,1,0,0,1,1800,1800
    --- exit 0
    "#);
    let svg = simulated.report(&[&["fairness", "--format", "svg"], &march[..]].concat());
    assert!(svg.starts_with("<svg") && svg.contains("bjorn") && svg.ends_with("--- exit 0"), "{svg}");
}

#[test]
fn what_cannot_be_reported_is_said_with_place_and_remedy() {
    let simulated = Simulated::new();
    let week = ["--week", "2026-W10"];
    let mut told = String::new();
    for arguments in [
        &["volume", "--team", "emae"][..],
        &["volume", "--customer", "acem"],
        &["times", "--format", "svg"],
        &["volume", "--from", "2026-03-02T00:00:00Z", "--until", "2026-03-01T00:00:00Z"],
    ] {
        told += &simulated.report(arguments);
        told += "\n\n";
    }
    let history = std::fs::read_to_string(simulated.path("history.jsonl")).unwrap();
    let without_second: String =
        history.lines().enumerate().filter(|(n, _)| *n != 1).map(|(_, line)| format!("{line}\n")).collect();
    for broken in ["", "{\"ticket\": 1}\n", &without_second] {
        std::fs::write(simulated.path("history.jsonl"), broken).unwrap();
        told += &simulated.report(&[&["volume"], &week[..]].concat());
        told += "\n\n";
    }
    assert_snapshot!(told, @r#"
    --- stderr
    error: --team: no team "emae" in the schedules; did you mean `emea`?
    --- exit 1

    --- stderr
    error: --customer: no customer "acem" in the schedules; did you mean `acme`?
    --- exit 1

    --- stderr
    error: there is no picture of times: drawn are volume, sla, fairness
    --- exit 2

    --- stderr
    error: --until: must be later than `from`
    --- exit 1

    --- stderr
    error: FOLDER/history.jsonl has no event
    --- exit 1

    --- stderr
    error: FOLDER/history.jsonl: line 1 is no event as `meridian simulate --history` writes them: missing field `seq` at line 1 column 13
    --- exit 1

    --- stderr
    error: FOLDER/history.jsonl: line 2: event 3 of ticket 1, where 2 is expected: all of a ticket's events stand together, in order
    --- exit 1
    "#);
    let unknown = meridian(&["report", "volum"], &[]);
    assert_eq!(unknown.code, 2, "{unknown}");
    assert!(unknown.stderr.contains("'volume'"), "{unknown}");
}
