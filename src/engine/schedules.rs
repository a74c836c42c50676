//! From files, or from a stored revision, to a checked and compiled set of schedules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use tracing::warn;

use super::{Drift, HORIZON, Reading, Source};
use crate::coverage::{Coverage, DayChanges};
use crate::schedule::{self, Checked, Files, Organisation, Problem, Severity, ZoneName};
use crate::store::RevisionRow;
use crate::zone::Zones;

/// What is compiled before and after now.
const BEHIND: TimeDelta = TimeDelta::days(40);
const AHEAD: TimeDelta = TimeDelta::days(400);
/// With less ahead it is compiled again.
const AHEAD_MIN: TimeDelta = TimeDelta::days(380);

/// Files that go on changing are not waited for any longer.
const PAUSES_MAX: u32 = 2;

/// A set of files without an error, with the zone data they name.
#[derive(Clone)]
pub(super) struct Found {
    pub files: Files,
    pub organisation: Arc<Organisation>,
    pub zones: Arc<Zones>,
    pub warnings: Vec<Problem>,
}

/// A set of files with errors.
pub(super) struct Broken {
    /// As far as they could be read.
    pub files: Files,
    /// Errors and warnings.
    pub problems: Vec<Problem>,
}

/// What the disk says now.
pub(super) fn read(source: &Source, now: DateTime<Utc>) -> Result<Found, Broken> {
    let reading = source.read(now, now + HORIZON).map_err(|error| unreadable(Files::new(), &error))?;
    if reading.zones.set_aside {
        let (folder, embedded) = (&reading.zones.version, Zones::embedded_version());
        warn!(
            folder,
            embedded, "the system's time zone data is older than the embedded tables, which are in use"
        );
    }
    sound(reading)
}

/// What the disk says once it says the same twice, a pause apart; what is at work already needs no second look. Whoever
/// asked waits for a few pauses at most, whatever the clocks of file servers say.
pub(super) fn read_at_rest(
    source: &Source,
    at_work: Option<&RevisionRow>,
    now: DateTime<Utc>,
    mut pause: impl FnMut(),
) -> Result<Found, Broken> {
    let mut before = read(source, now);
    for _ in 0..PAUSES_MAX {
        if before.as_ref().is_ok_and(|found| at_work.is_some_and(|row| found.is(row))) {
            return before;
        }
        pause();
        let again = read(source, now);
        let same = match (&before, &again) {
            (Ok(before), Ok(again)) => before.says_as(again),
            (Err(before), Err(again)) => before.files == again.files && before.problems == again.problems,
            _ => false,
        };
        if same {
            return again;
        }
        before = again;
    }
    let files = before.map_or_else(|broken| broken.files, |found| found.files);
    Err(unreadable(files, &anyhow!("the files are still being written: reload them once that is over")))
}

/// What a revision kept.
pub(super) fn read_revision(row: &RevisionRow, now: DateTime<Utc>) -> Result<Found, Broken> {
    let zones = zones_of(row).map_err(|error| unreadable(row.files.clone(), &error))?;
    sound(Reading::of(row.files.clone(), schedule::parse(&row.files), zones, now, now + HORIZON))
}

fn zones_of(row: &RevisionRow) -> anyhow::Result<Zones> {
    let zones = row.zones.iter().map(|(name, text)| {
        let bytes = STANDARD.decode(text).with_context(|| format!("zone data of {name}"))?;
        Ok((ZoneName::new(name), bytes.into()))
    });
    Zones::from_tzif(row.zone_version.clone(), zones.collect::<anyhow::Result<_>>()?)
}

fn sound(reading: Reading) -> Result<Found, Broken> {
    let Reading { files, zones, checked: Checked { organisation, problems }, .. } = reading;
    match organisation {
        Some(organisation) => {
            Ok(Found { files, organisation: Arc::new(organisation), zones, warnings: problems })
        }
        None => Err(Broken { files, problems }),
    }
}

fn unreadable(files: Files, error: &anyhow::Error) -> Broken {
    let problem = Problem::nowhere("unreadable", Severity::Error, format!("{error:#}"));
    Broken { files, problems: vec![problem] }
}

impl Found {
    /// Whether the revision has the same texts and the same zone data.
    pub fn is(&self, row: &RevisionRow) -> bool {
        self.files == row.files && self.zone_texts() == row.zones
    }

    /// Whether both were read from the same texts and zone data.
    fn says_as(&self, other: &Found) -> bool {
        self.files == other.files && self.zones.tzif == other.zones.tzif
    }

    /// What differs, for people.
    pub fn drift(&self, row: &RevisionRow) -> Drift {
        Drift {
            revision: row.number,
            files: differing(&self.files, &row.files),
            zones: differing(&self.zone_texts(), &row.zones),
        }
    }

    pub fn row(&self, number: i64, at: DateTime<Utc>) -> RevisionRow {
        let zone_version = self.zones.version.clone();
        RevisionRow { number, at, files: self.files.clone(), zone_version, zones: self.zone_texts() }
    }

    fn zone_texts(&self) -> BTreeMap<String, String> {
        self.zones.tzif.iter().map(|(name, bytes)| (name.to_string(), STANDARD.encode(bytes))).collect()
    }

    pub fn compile(&self, changes: Arc<DayChanges>, now: DateTime<Utc>) -> Coverage {
        compile(self.organisation.clone(), self.zones.clone(), changes, now)
    }
}

/// Names whose texts differ, or that are on one side alone.
fn differing(here: &BTreeMap<String, String>, there: &BTreeMap<String, String>) -> Vec<String> {
    let names: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
    names.into_iter().filter(|name| here.get(*name) != there.get(*name)).cloned().collect()
}

/// As much as decisions at `now` and in the weeks to come will ask for.
pub(super) fn compile(
    organisation: Arc<Organisation>,
    zones: Arc<Zones>,
    changes: Arc<DayChanges>,
    now: DateTime<Utc>,
) -> Coverage {
    Coverage::compile(organisation, zones, changes, now - BEHIND, now + AHEAD)
}

/// Whether decisions at `at` find as much compiled as those of today.
pub(super) fn answers_at(coverage: &Coverage, at: DateTime<Utc>) -> bool {
    coverage.from <= at && !ends_soon(coverage, at)
}

/// The same schedules, with the changes of the day, around another instant.
pub(super) fn around(coverage: &Coverage, at: DateTime<Utc>) -> Coverage {
    compile(coverage.organisation.clone(), coverage.zones.clone(), coverage.changes.clone(), at)
}

pub(super) fn ends_soon(coverage: &Coverage, now: DateTime<Utc>) -> bool {
    coverage.until < now + AHEAD_MIN
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::path::Path;

    use tempfile::TempDir;

    use super::*;

    const ORG: &str = r#"
[org]
tiers = ["frontline"]
policy = "standard"
[regions.world]
timezone = "UTC"
[policies.standard]
steps = [{ tier = "frontline", call = ["primary"] }]
[people.anna]
"#;
    const TEAM: &str = "[teams.night]\nregion = \"world\"\ntier = \"frontline\"\nmembers = [\"anna\"]\n";
    const ROTATION: &str =
        "[[teams.night.rotations]]\nstarts = 2026-01-05T09:00:00\nevery = \"week\"\nmembers = [\"anna\"]\n";

    fn source(folder: &TempDir) -> Source {
        let zones = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zones/2026f");
        Source::now(folder.path(), Some(&zones))
    }

    fn now() -> DateTime<Utc> {
        "2026-03-02T09:00:00Z".parse().unwrap()
    }

    /// What is put to work where the next of these texts is added to a file during each pause, and how many pauses
    /// there were.
    fn put_to_work(at_work: Option<&RevisionRow>, folder: &TempDir, added: &[&str]) -> (String, usize) {
        let source = source(folder);
        let (mut texts, mut pauses) = (added.iter(), 0);
        let read = read_at_rest(&source, at_work, now(), || {
            pauses += 1;
            if let Some(text) = texts.next() {
                let mut file =
                    fs::File::options().append(true).open(folder.path().join("night.toml")).unwrap();
                file.write_all(text.as_bytes()).unwrap();
            }
        });
        let said = match read {
            Ok(found) => {
                let rotations =
                    found.organisation.teams.values().map(|team| team.rotations.len()).sum::<usize>();
                format!("{rotations} rotations")
            }
            Err(broken) => broken.problems[0].message.clone(),
        };
        (said, pauses)
    }

    fn folder() -> TempDir {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("org.toml"), ORG).unwrap();
        fs::write(folder.path().join("night.toml"), TEAM).unwrap();
        folder
    }

    #[test]
    fn a_file_read_while_it_was_written_in_place_lost_its_last_rotation() {
        let said = |added: &[&str]| put_to_work(None, &folder(), added);
        assert_eq!(said(&[]), ("0 rotations".to_owned(), 1));
        assert_eq!(said(&[ROTATION]), ("1 rotations".to_owned(), 2));
        let (half, rest) = ROTATION.split_at(60);
        let writing = "the files are still being written: reload them once that is over".to_owned();
        assert_eq!(said(&[half, rest]), (writing, 2));
    }

    #[test]
    fn what_is_at_work_already_is_not_waited_for() {
        let folder = folder();
        let source = source(&folder);
        let found = read(&source, now()).ok().expect("it has no error");
        let row = found.row(1, now());
        assert_eq!(put_to_work(Some(&row), &folder, &[ROTATION]), ("0 rotations".to_owned(), 0));
    }
}
