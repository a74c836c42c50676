//! When shifts begin, and for whom, by the rules of time.

use insta::assert_snapshot;
use meridian::coverage::Coverage;
use meridian::schedule::TeamId;

use crate::coverage::words::utc;
use crate::desk::play;

/// In Berlin, whose clocks go forward on 2026-03-29 at 02:00; Tuesday the 31st is a holiday.
const ORG: &str = r#"
[org]
tiers = ["frontline"]
policy = "standard"
check_before = "1h"
[regions.emea]
timezone = "Europe/Berlin"
[holidays.de]
days = [{ date = 2026-03-31, name = "A day off" }]
[teams.desk]
region = "emea"
tier = "frontline"
members = ["anna", "bjorn"]
holidays = ["de"]
hours = [
  { from = "08:00", to = "12:00", members = ["anna"] },
  { from = "10:00", to = "16:00", members = ["bjorn"] },
]
rotations = [{ name = "nights", during = [{ from = "16:00", to = "02:30" }], starts = 2026-01-05T16:00:00, every = "day", members = ["bjorn", "chloe"] }]
[teams.hills]
region = "emea"
tier = "frontline"
members = ["dora"]
check_before = "3h"
hours = [{ days = ["sun"], from = "02:30", to = "05:00" }]
[[leave]]
person = "anna"
from = 2026-03-30
to = 2026-03-30
[[overrides]]
team = "desk"
line = "primary"
from = 2026-03-30T20:00:00
to = 2026-03-30T22:00:00
only = ["emil"]
[people.anna]
[people.bjorn]
[people.chloe]
[people.dora]
[people.emil]
[policies.standard]
steps = [{ tier = "frontline", call = ["primary"] }]
"#;

fn compiled() -> std::sync::Arc<Coverage> {
    play::coverage(ORG, utc("2026-03-20T00:00:00Z"))
}

/// Somebody who works and then is on call goes on; somebody who comes back begins anew.
#[test]
fn shifts_begin_where_somebody_did_not_serve_before() {
    let coverage = compiled();
    let begun =
        coverage.beginnings(&TeamId::new("desk"), utc("2026-03-28T00:00:00Z"), utc("2026-04-01T00:00:00Z"));
    let zone = coverage.zones.get(&coverage.organisation.teams[&TeamId::new("desk")].timezone).unwrap();
    let lines = begun
        .iter()
        .map(|shift| format!("{}  {}\n", zone.local(shift.at).format("%a %d %H:%M"), shift.person));
    assert_snapshot!(lines.collect::<String>(), @r#"
    Sat 28 08:00  anna
    Sat 28 10:00  bjorn
    Sun 29 08:00  anna
    Sun 29 10:00  bjorn
    Sun 29 16:00  chloe
    Mon 30 10:00  bjorn
    Mon 30 20:00  emil
    Mon 30 22:00  bjorn
    Tue 31 16:00  chloe
    "#);
}

/// Each is near from its team's lead time on, and at no instant before.
#[test]
fn a_shift_is_checked_from_the_instant_on_that_is_told_ahead() {
    let coverage = compiled();
    let (mut now, mut told) = (utc("2026-03-28T20:00:00Z"), String::new());
    while now < utc("2026-03-30T08:00:00Z") {
        let before = coverage.shifts_ahead(now, now).len();
        let next = coverage.next_shift_check(now, chrono::TimeDelta::days(1));
        assert!(next > now);
        let just_before = next - chrono::TimeDelta::milliseconds(1);
        assert!(coverage.shifts_ahead(now, just_before).len() <= before, "{next}");
        let near = coverage.shifts_ahead(next, next);
        let new =
            near.iter().filter(|shift| shift.at == next + coverage.organisation.check_before(&shift.team));
        for shift in new {
            told += &format!(
                "{}  {} {} at {}\n",
                next.format("%d %H:%MZ"),
                shift.team,
                shift.person,
                shift.at.format("%d %H:%MZ")
            );
        }
        now = next;
    }
    assert_snapshot!(told, @r#"
    28 22:00Z  hills dora at 29 01:00Z
    29 05:00Z  desk anna at 29 06:00Z
    29 07:00Z  desk bjorn at 29 08:00Z
    29 13:00Z  desk chloe at 29 14:00Z
    30 07:00Z  desk bjorn at 30 08:00Z
    30 17:00Z  desk emil at 30 18:00Z
    "#);
}

#[test]
fn a_lead_time_longer_than_a_day_is_refused() {
    let text = ORG.replace("check_before = \"3h\"", "check_before = \"25h\"");
    let checked = meridian::schedule::parse(&[("org.toml".to_owned(), text)].into()).check(&|_| true);
    let said = checked.problems.iter().map(|problem| {
        format!("{}: {} ({})\n", problem.code, problem.message, problem.remedy.as_deref().unwrap_or_default())
    });
    assert_snapshot!(said.collect::<String>(), @r#"bad-duration: this is longer than "1d" (write what is left to mend a channel before a shift, like "30m": at most "1d", "0s" to check nobody)"#);
}
