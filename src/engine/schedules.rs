//! From files, or from a stored revision, to a checked and compiled set of schedules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context;
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
