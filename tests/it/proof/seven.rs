//! `tests/holes` looks complete and has seven holes. `meridian check` finds them and nothing else; they are closed one
//! after the other.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::cli::run::{Ran, meridian};

const FROM: &str = "2026-12-01T05:00:00Z";

fn check(folder: &str) -> Ran {
    meridian(&["check", folder, "--from", FROM, "--tzdir", "tests/zones/2026f"], &[])
}

#[test]
fn all_seven_are_found_and_nothing_else() {
    assert_snapshot!(check("tests/holes"), @r#"
    From Tue 2026-12-01 05:00Z to Wed 2027-12-01 05:00Z

    specialists in European office hours (specialist, anybody)  requirements.toml:1:1
      not covered
        Fri 2027-06-25 09:00-17:00 Europe/Stockholm (Fri 2027-06-25 07:00-15:00Z), 8 h 00 min
        - emea-specialist (Europe/Stockholm): closed on Fri 2027-06-25 for Midsummer Eve
        - amer-specialist (America/New_York): hector on primary until 22:00, 5 h before the gap
    French in French office hours (frontline, fr)  requirements.toml:6:1
      not covered
        Mon-Fri 09:00-16:00 Europe/Paris, 15 times from 2027-07-12 to 2027-07-30 (first Mon 2027-07-12 07:00-14:00Z)
        - emea-frontline (Europe/Stockholm): chloe on leave until Sat 2027-07-31 00:00
        - india-frontline (Asia/Kolkata): priya, ravi, sanjay, tara at work, speaking en, hi, ml, ta (en is a substitute)
    a duty manager, always (management, anybody)  requirements.toml:12:1
      not covered
        daily 03:00-04:00 America/New_York, 14 times from 2027-03-14 to 2027-03-27 (first Sun 2027-03-14 07:00-08:00Z)
        daily 03:00-04:00 America/New_York, 7 times from 2027-10-31 to 2027-11-06 (first Sun 2027-10-31 07:00-08:00Z)
        - amer-management (America/New_York): marco on primary until 03:00, as the gap begins
        - emea-management (Europe/Stockholm): greta on primary from 09:00, as the gap ends
    English on Asian working days (frontline, en)  requirements.toml:17:1
      not covered
        Mon-Fri 11:00-11:30 Asia/Singapore, 261 times from 2026-12-02 to 2027-12-01 (first Wed 2026-12-02 03:00-03:30Z)
        - india-frontline (Asia/Kolkata): opens 09:00, as the gap ends
        - singapore-frontline (Asia/Singapore): closes 11:00, as the gap begins
        - emea-frontline (Europe/Stockholm): opens 08:00, 3 h 30 min after the gap
    experts in the night before each American working day (expert, anybody)  requirements.toml:23:1
      not covered
        Mon 00:00-06:00 America/New_York, 52 times from 2026-12-07 to 2027-11-29 (first Mon 2026-12-07 05:00-11:00Z)
        - amer-expert (America/New_York): its window 22:00-06:00 belongs to the day it starts on, and none starts on Sun
    a specialist on American evenings (specialist, anybody)  requirements.toml:28:1
      not covered
        daily 17:00-22:00 America/New_York, 62 times from 2027-09-30 to 2027-11-30 (first Thu 2027-09-30 21:00 to Fri 2027-10-01 02:00Z)
        - amer-specialist (America/New_York): the rotation "evenings" on primary ended Thu 2027-09-30 00:00
        - emea-specialist (Europe/Stockholm): opens 08:00, 4 h after the gap
    somebody on Indian weekends (frontline, anybody)  requirements.toml:33:1
      not covered
        Sat, Sun 10:00-16:00 Asia/Kolkata, 2 times from 2027-10-30 to 2027-10-31 (first Sat 2027-10-30 04:30-10:30Z)
        - india-frontline (Asia/Kolkata): nobody on primary: priya, ravi on leave, until Wed 2027-11-03 00:00 at the earliest

    STANDS IN         TEAM AND LINE                       FROM, TO
    nobody for priya  india-frontline primary (weekends)  Sat 2027-10-30 09:00 +05:30 to Sun 2027-10-31 18:00 +05:30, in 2 stretches

    Clock changes in the horizon
    Sun 2027-03-14   60 min forward  America/New_York
    Sun 2027-03-28   60 min forward  Europe/Stockholm
    Sun 2027-10-31   60 min back     Europe/Stockholm
    Sun 2027-11-07   60 min back     America/New_York

    WHAT       FROM        TO          TIER        WHO
    shortens   2027-03-13              management  amer-management: primary 15:00-03:00 lasts 11 h (usually 12 h)
    opens      2027-03-14  2027-03-27  management  amer closes 60 min before emea opens (usually they meet)
    doubles    2027-03-14  2027-03-27  management  emea and amer are together for 60 min (usually they meet)
    opens      2027-10-31  2027-11-06  management  amer closes 60 min before emea opens (usually they meet)
    doubles    2027-10-31  2027-11-06  management  emea and amer are together for 60 min (usually they meet)
    lengthens  2027-11-06              management  amer-management: primary 15:00-03:00 lasts 13 h (usually 12 h)

    7 holes in coverage in 5 files beneath tests/holes
    zone data: 2026f in use, 2025b embedded
    --- exit 1
    "#);
}

/// What a person would change: the hole, the file, what stood there and what stands there now.
const FIXES: &[(&str, &str, &str, &str)] = &[
    (
        "a holiday nobody covers",
        "europe.toml",
        "[teams.emea-management]",
        r#"[[teams.emea-specialist.rotations]]
name = "midsummer"
during = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "08:00", to = "17:30" }]
starts = 2027-06-25T08:00:00
every = "day"
until = 2027-06-26T00:00:00
members = ["dmitri"]

[teams.emea-management]"#,
    ),
    (
        "a language whose only speaker is on leave",
        "europe.toml",
        r#""Björn Ekdahl", languages = ["sv", "en"]"#,
        r#""Björn Ekdahl", languages = ["sv", "fr", "en"]"#,
    ),
    (
        "an hour that nobody has while only one of two clocks has changed",
        "america.toml",
        r#"during = [{ from = "15:00", to = "03:00" }]"#,
        r#"timezone = "Europe/Stockholm"
during = [{ from = "21:00", to = "09:00" }]"#,
    ),
    ("half an hour between Singapore and India", "asia.toml", r#"to = "11:00""#, r#"to = "11:30""#),
    (
        "the small hours of Monday, which belong to Sunday",
        "america.toml",
        r#"days = ["mon", "tue", "wed", "thu", "fri"]
from = "22:00""#,
        r#"days = ["sun", "mon", "tue", "wed", "thu"]
from = "22:00""#,
    ),
    (
        "a rotation that ends",
        "america.toml",
        "until = 2027-09-30T00:00:00              # the pilot's end\n",
        "",
    ),
    (
        "a layer of which everybody is away",
        "asia.toml",
        r#"members = ["priya", "ravi"]"#,
        r#"members = ["priya", "ravi", "tara"]"#,
    ),
];

#[test]
fn closed_one_by_one_they_fall_silent_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/holes");
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let path = folder.path().to_str().unwrap();
    let mut story = String::new();
    for (hole, file, old, new) in FIXES {
        let file = folder.path().join(file);
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{old}");
        fs::write(&file, text.replace(old, new)).unwrap();
        let Ran { code, stdout, stderr } = check(path);
        assert_eq!(stderr, "");
        story += &format!("closed: {hole}; exit {code}\n");
        let lines: Vec<&str> = stdout.lines().collect();
        for (requirement, verdict) in lines.iter().zip(&lines[1..]) {
            if verdict.trim() == "not covered" {
                story += &format!("  left: {}\n", requirement.split(" (").next().unwrap());
            }
        }
        story += &format!("  {}\n", lines[lines.len() - 2].replace(path, "the folder"));
    }
    assert_snapshot!(story, @r#"
    closed: a holiday nobody covers; exit 1
      left: French in French office hours
      left: a duty manager, always
      left: English on Asian working days
      left: experts in the night before each American working day
      left: a specialist on American evenings
      left: somebody on Indian weekends
      6 holes in coverage in 5 files beneath the folder
    closed: a language whose only speaker is on leave; exit 1
      left: a duty manager, always
      left: English on Asian working days
      left: experts in the night before each American working day
      left: a specialist on American evenings
      left: somebody on Indian weekends
      5 holes in coverage in 5 files beneath the folder
    closed: an hour that nobody has while only one of two clocks has changed; exit 1
      left: English on Asian working days
      left: experts in the night before each American working day
      left: a specialist on American evenings
      left: somebody on Indian weekends
      4 holes in coverage in 5 files beneath the folder
    closed: half an hour between Singapore and India; exit 1
      left: experts in the night before each American working day
      left: a specialist on American evenings
      left: somebody on Indian weekends
      3 holes in coverage in 5 files beneath the folder
    closed: the small hours of Monday, which belong to Sunday; exit 1
      left: a specialist on American evenings
      left: somebody on Indian weekends
      2 holes in coverage in 5 files beneath the folder
    closed: a rotation that ends; exit 1
      left: somebody on Indian weekends
      1 hole in coverage in 5 files beneath the folder
    closed: a layer of which everybody is away; exit 0
      no problems in 5 files beneath the folder
    "#);
}

#[test]
fn github_is_shown_each_hole_at_its_requirement() {
    let ran = meridian(
        &["check", "tests/holes", "--from", FROM, "--tzdir", "tests/zones/2026f", "--format", "github"],
        &[],
    );
    assert_snapshot!(ran, @r#"
    ::error file=tests/holes/requirements.toml,line=1,col=1,title=uncovered::"specialists in European office hours" is not covered:%0AFri 2027-06-25 09:00-17:00 Europe/Stockholm (Fri 2027-06-25 07:00-15:00Z), 8 h 00 min%0A- emea-specialist (Europe/Stockholm): closed on Fri 2027-06-25 for Midsummer Eve%0A- amer-specialist (America/New_York): hector on primary until 22:00, 5 h before the gap
    ::error file=tests/holes/requirements.toml,line=6,col=1,title=uncovered::"French in French office hours" is not covered:%0AMon-Fri 09:00-16:00 Europe/Paris, 15 times from 2027-07-12 to 2027-07-30 (first Mon 2027-07-12 07:00-14:00Z)%0A- emea-frontline (Europe/Stockholm): chloe on leave until Sat 2027-07-31 00:00%0A- india-frontline (Asia/Kolkata): priya, ravi, sanjay, tara at work, speaking en, hi, ml, ta (en is a substitute)
    ::error file=tests/holes/requirements.toml,line=12,col=1,title=uncovered::"a duty manager, always" is not covered:%0Adaily 03:00-04:00 America/New_York, 14 times from 2027-03-14 to 2027-03-27 (first Sun 2027-03-14 07:00-08:00Z)%0Adaily 03:00-04:00 America/New_York, 7 times from 2027-10-31 to 2027-11-06 (first Sun 2027-10-31 07:00-08:00Z)%0A- amer-management (America/New_York): marco on primary until 03:00, as the gap begins%0A- emea-management (Europe/Stockholm): greta on primary from 09:00, as the gap ends
    ::error file=tests/holes/requirements.toml,line=17,col=1,title=uncovered::"English on Asian working days" is not covered:%0AMon-Fri 11:00-11:30 Asia/Singapore, 261 times from 2026-12-02 to 2027-12-01 (first Wed 2026-12-02 03:00-03:30Z)%0A- india-frontline (Asia/Kolkata): opens 09:00, as the gap ends%0A- singapore-frontline (Asia/Singapore): closes 11:00, as the gap begins%0A- emea-frontline (Europe/Stockholm): opens 08:00, 3 h 30 min after the gap
    ::error file=tests/holes/requirements.toml,line=23,col=1,title=uncovered::"experts in the night before each American working day" is not covered:%0AMon 00:00-06:00 America/New_York, 52 times from 2026-12-07 to 2027-11-29 (first Mon 2026-12-07 05:00-11:00Z)%0A- amer-expert (America/New_York): its window 22:00-06:00 belongs to the day it starts on, and none starts on Sun
    ::error file=tests/holes/requirements.toml,line=28,col=1,title=uncovered::"a specialist on American evenings" is not covered:%0Adaily 17:00-22:00 America/New_York, 62 times from 2027-09-30 to 2027-11-30 (first Thu 2027-09-30 21:00 to Fri 2027-10-01 02:00Z)%0A- amer-specialist (America/New_York): the rotation "evenings" on primary ended Thu 2027-09-30 00:00%0A- emea-specialist (Europe/Stockholm): opens 08:00, 4 h after the gap
    ::error file=tests/holes/requirements.toml,line=33,col=1,title=uncovered::"somebody on Indian weekends" is not covered:%0ASat, Sun 10:00-16:00 Asia/Kolkata, 2 times from 2027-10-30 to 2027-10-31 (first Sat 2027-10-30 04:30-10:30Z)%0A- india-frontline (Asia/Kolkata): nobody on primary: priya, ravi on leave, until Wed 2027-11-03 00:00 at the earliest
    --- exit 1
    "#);
}

#[test]
fn json_has_every_stretch() {
    let ran =
        meridian(&["check", "tests/holes", "--from", FROM, "--tzdir", "tests/zones/2026f", "--json"], &[]);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &answer["ok"], &answer["problems"]), (1, &false.into(), &serde_json::json!([])));
    let requirements = answer["requirements"].as_array().unwrap();
    let told: Vec<String> = requirements
        .iter()
        .map(|one| {
            let stretches = one["uncovered"].as_array().unwrap();
            format!("{}:{} {} {}", one["file"], one["line"], one["name"], stretches.len())
        })
        .collect();
    assert_snapshot!(told.join("\n"), @r#"
    "requirements.toml":1 "specialists in European office hours" 1
    "requirements.toml":6 "French in French office hours" 15
    "requirements.toml":12 "a duty manager, always" 21
    "requirements.toml":17 "English on Asian working days" 261
    "requirements.toml":23 "experts in the night before each American working day" 52
    "requirements.toml":28 "a specialist on American evenings" 62
    "requirements.toml":33 "somebody on Indian weekends" 2
    "#);
    assert_snapshot!(serde_json::to_string_pretty(&requirements[0]).unwrap(), @r#"
    {
      "asked": true,
      "column": 1,
      "declared": [],
      "file": "requirements.toml",
      "languages": [],
      "line": 1,
      "name": "specialists in European office hours",
      "needless": [],
      "tier": "specialist",
      "timezone": "Europe/Stockholm",
      "uncovered": [
        {
          "from": "2027-06-25T07:00:00Z",
          "languages": [],
          "nearly": [
            {
              "detail": "closed on Fri 2027-06-25 for Midsummer Eve",
              "name": "Midsummer Eve",
              "people": [],
              "team": "emea-specialist",
              "timezone": "Europe/Stockholm",
              "why": "holiday"
            },
            {
              "begins": null,
              "detail": "hector on primary until 22:00, 5 h before the gap",
              "ends": "22:00:00",
              "line": "primary",
              "people": [
                "hector"
              ],
              "team": "amer-specialist",
              "timezone": "America/New_York",
              "why": "turn-over"
            }
          ],
          "until": "2027-06-25T15:00:00Z"
        }
      ],
      "unspoken": []
    }
    "#);
    assert_snapshot!(serde_json::to_string_pretty(&answer["stand_ins"][0]).unwrap(), @r#"
    {
      "from": "2027-10-30T03:30:00Z",
      "instead_of": [
        "priya"
      ],
      "line": "primary",
      "rotation": "weekends",
      "team": "india-frontline",
      "until": "2027-10-30T12:30:00Z",
      "who": []
    }
    "#);
}
