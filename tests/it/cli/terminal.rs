//! What a terminal is given: tables stand straight in colours as well, and names cannot paint over the answer.

use insta::assert_snapshot;

use super::run::meridian_with;

/// Los Angeles hands over to Pune in winter, and closes an hour too early in summer.
const ORG: &str = r#"
[org]
name = "Two cities"
tiers = ["frontline"]
policy = "standard"
last_resort = "asha"

[priorities.P1]
acknowledge_within = "5m"

[policies.standard]
steps = [{ tier = "frontline", call = ["primary"] }]

[regions.amer]
timezone = "America/Los_Angeles"
[regions.apac]
timezone = "Asia/Kolkata"

[teams.la]
region = "amer"
tier = "frontline"
members = ["grace"]
[[teams.la.hours]]
from = "07:00"
to = "16:00"

[teams.pune]
region = "apac"
tier = "frontline"
members = ["asha"]
holidays = ["in"]
[[teams.pune.hours]]
from = "05:30"
to = "20:30"

[holidays.in]
days = [{ date = 2027-01-26, name = "Republic\u001b[2J Day\u202e" }]

[people.grace]
languages = ["en"]
contact = ["log"]
[people.asha]
languages = ["en"]
contact = ["log"]

[[requirements]]
name = "always\nno problems \u001b[1A"
tier = "frontline"
languages = ["en"]
when = { from = "06:00", to = "16:00", timezone = "Asia/Kolkata" }
"#;

/// On a terminal with colours; `\u{1b}` is shown as `^`.
fn coloured(org: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("org.toml"), org).unwrap();
    let dir = folder.path().to_str().unwrap();
    let variables = [("NO_COLOR", ""), ("CLICOLOR_FORCE", "1")];
    let from = "2027-01-04T00:00:00Z";
    let ran = meridian_with(&variables, &["check", dir, "--from", from, "--tzdir", "tests/zones/2026f"]);
    ran.stdout.replace('\u{1b}', "^").replace(dir, "DIR")
}

#[test]
fn a_coloured_word_does_not_push_its_row_out_of_the_table() {
    let text = coloured(ORG);
    let table = &text[text.find("WHAT").expect("a table of clock changes")..];
    assert_snapshot!(table.split("\n\n").next().unwrap(), @r#"
    WHAT     FROM        TO          TIER       WHO
    narrows  2027-01-04  2027-03-13  frontline  apac closes as amer opens (usually 60 min together)
    ^[1m^[31mopens^[0m    2027-03-14  2027-11-06  frontline  amer closes 60 min before apac opens (otherwise they meet)
    narrows  2027-11-07  2028-01-04  frontline  apac closes as amer opens (usually 60 min together)
    "#);
}

#[test]
fn a_name_with_control_characters_does_not_steer_the_terminal() {
    let text = coloured(ORG);
    let requirement = text.split("\n\n").nth(1).unwrap();
    assert_snapshot!(requirement, @r#"
    ^[1malways�no problems �[1A^[0m (frontline, en)  org.toml:46:1
      ^[1m^[31mnot covered^[0m
        Tue 2027-01-26 06:00-16:00 Asia/Kolkata (Tue 2027-01-26 00:30-10:30Z), 10 h 00 min
        - pune (Asia/Kolkata): closed on Tue 2027-01-26 for Republic�[2J Day�
        - la (America/Los_Angeles): closes 16:00, 30 min before the gap
    "#);
}
