//! Files and zone data from disk, read and checked, without putting them to work.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveTime, SecondsFormat, Utc};

use super::Source;
use crate::coverage::{self, EmptyChange, MovedTeam, MovedZone, compare_zones};
use crate::schedule::{self, Checked, Files, Organisation, Parsed, Problem, Severity, ZoneName};
use crate::zone::Zones;

/// A set of schedules as it stands on disk.
pub struct Reading {
    pub files: Files,
    pub zones: Arc<Zones>,
    /// With the warnings that depend on the date and on the zone data.
    pub checked: Checked,
    /// Where the zone data in use differs from the embedded tables within the horizon, and whom that moves.
    pub moved: Vec<MovedZone>,
}

impl Source {
    /// As it stands at the moment, changing or not.
    pub fn now(schedules: &Path, tzdir: Option<&Path>) -> Source {
        let (schedules, tzdir) = (schedules.to_owned(), tzdir.map(Path::to_owned));
        Source { schedules, tzdir, quiet: Duration::ZERO }
    }

    /// Fails where the disk does; what is wrong with the files' content is among the problems. Zone data is held
    /// against the embedded tables as far as `until`.
    pub fn read(&self, now: DateTime<Utc>, until: DateTime<Utc>) -> anyhow::Result<Reading> {
        self.check(schedule::load(&self.schedules)?, now, until)
    }

    /// Checks files that need not be on disk against the zone data in use here.
    pub fn check(&self, files: Files, now: DateTime<Utc>, until: DateTime<Utc>) -> anyhow::Result<Reading> {
        let parsed = schedule::parse(&files);
        let zones = Zones::load(self.tzdir.as_deref(), &parsed.zones())?;
        Ok(Reading::of(files, parsed, zones, now, until))
    }
}

impl Reading {
    pub(super) fn of(
        files: Files,
        parsed: Parsed,
        zones: Zones,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Reading {
        let mut checked = parsed.check(&|zone| zones.get(zone).is_some());
        if let Some(organisation) = &checked.organisation {
            checked.problems.extend(schedule::stale(organisation, &files, now));
            checked.problems.extend(schedule::unspoken(organisation, &files));
            checked.problems.extend(empty_changes(organisation, &files, &zones, now));
        }
        checked.problems.extend(zones.set_aside.then(|| zone_data_older(&zones)));
        checked.problems.extend(zones.unreadable.iter().map(|(zone, why)| zone_unreadable(zone, why)));
        let (zones, embedded) = (Arc::new(zones), Arc::new(Zones::default()));
        // Whoever looks again during the day is told the same.
        let today = now.date_naive().and_time(NaiveTime::MIN).and_utc();
        let moved = match &checked.organisation {
            Some(organisation) => compare_zones(organisation, &zones, &embedded, today, until),
            None => unmoved(&zones, &embedded, today, until),
        };
        checked.problems.extend(moved.iter().filter_map(zone_data_differs));
        Reading { files, zones, checked, moved }
    }
}

/// What has ended has been told.
fn empty_changes(
    organisation: &Organisation,
    files: &Files,
    zones: &Zones,
    now: DateTime<Utc>,
) -> Vec<Problem> {
    let warning = |change| {
        let (to, origin, code, message) = match change {
            EmptyChange::Leave(leave, zone) => {
                let message =
                    format!("this leave of {} takes up no time on the clock of {zone}", leave.person);
                (leave.to, &leave.origin, "leave-empty", message)
            }
            EmptyChange::Override(change, zone) => {
                let message = format!("this override takes up no time on the clock of {zone}");
                (change.to, &change.origin, "override-empty", message)
            }
        };
        let remedy = "that clock skips or repeats the hour, or the ends are the wrong way round there: \
                      write both with an offset, like 2026-10-25T02:30:00+01:00";
        (!schedule::surely_over(to, now)).then(|| schedule::warning_at(files, origin, code, message, remedy))
    };
    coverage::empty_changes(organisation, zones).into_iter().filter_map(warning).collect()
}

/// Of files with errors nobody can say whom the differences move.
fn unmoved(zones: &Zones, embedded: &Zones, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<MovedZone> {
    let differences = zones.differences_from(embedded, zones.tzif.keys(), from, until);
    differences.into_iter().map(|difference| MovedZone { difference, teams: Vec::new() }).collect()
}

fn zone_data_differs(found: &MovedZone) -> Option<Problem> {
    let message = differing(found, "the zone data in use and the embedded tables differ")?;
    let remedy = "the newer data is right, as a rule what is in use; keep the system's tzdata up to date";
    Some(of_zone_data("zone-data-differs", found.difference.zone.as_str(), message, remedy))
}

/// Where two sources differ on a zone for the first time, and whom that moves, in words.
pub(super) fn differing(found: &MovedZone, said: &str) -> Option<String> {
    let (zone, first) = (&found.difference.zone, found.difference.stretches.first()?);
    let in_use = first.in_use.to_rfc3339_opts(SecondsFormat::Secs, true);
    let other = first.other.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut message = format!("{zone}: {said}, first at {in_use} ({other})");
    match &found.teams[..] {
        [] => (),
        [team] => message.push_str(&format!("; it moves {}", moves(team))),
        [team, others @ ..] => {
            let teams = if others.len() == 1 { "team" } else { "teams" };
            message.push_str(&format!("; it moves {}, and {} more {teams}", moves(team), others.len()));
        }
    }
    Some(message)
}

/// `amer-frontline (opens 16:00Z, not 17:00Z, from Mon 2026-11-02 on: 109 openings)`
fn moves(moved: &MovedTeam) -> String {
    match moved.moves.first() {
        Some(first) => format!("{} ({first})", moved.team),
        None => moved.team.to_string(),
    }
}

fn zone_data_older(zones: &Zones) -> Problem {
    let (folder, embedded) = (zones.version.as_deref().unwrap_or_default(), Zones::embedded_version());
    let message = format!(
        "the system's time zone data is of {folder}, so the embedded tables of {embedded} are in use"
    );
    let remedy = "update the system's tzdata; --tzdir names a folder that is used whatever its version";
    of_zone_data("zone-data-older", folder, message, remedy)
}

fn zone_unreadable(zone: &ZoneName, why: &str) -> Problem {
    let message = format!("{zone}: its file cannot be read, the embedded tables are in use: {why}");
    of_zone_data(
        "zone-file-unreadable",
        zone.as_str(),
        message,
        "install the time zone data anew, or name another --tzdir",
    )
}

/// `data`: the zone or the version it is about.
fn of_zone_data(code: &'static str, data: &str, message: String, remedy: &str) -> Problem {
    let problem = Problem::nowhere(code, Severity::Warning, message).with_remedy(remedy);
    Problem { snippet: data.to_owned(), ..problem }
}
