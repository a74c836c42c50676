//! Files and zone data from disk, read and checked, without putting them to work.

use std::sync::Arc;

use super::Source;
use crate::schedule::{self, Checked, Files};
use crate::zone::Zones;

/// A set of schedules as it stands on disk.
pub struct Reading {
    pub files: Files,
    pub zones: Arc<Zones>,
    pub checked: Checked,
}

impl Source {
    /// Fails where the disk does; what is wrong with the files' content is among the problems.
    pub fn read(&self) -> anyhow::Result<Reading> {
        self.check(schedule::load(&self.schedules)?)
    }

    /// Checks files that need not be on disk against the zone data in use here.
    pub fn check(&self, files: Files) -> anyhow::Result<Reading> {
        let parsed = schedule::parse(&files);
        let zones = Zones::load(self.tzdir.as_deref(), &parsed.zones())?;
        let checked = parsed.check(&|zone| zones.get(zone).is_some());
        Ok(Reading { files, zones: Arc::new(zones), checked })
    }
}
