//! Zone rules: wall clock <-> instant, by section 2, rules 2 and 12.
//! The newest data wins: a TZif folder first, chrono-tz's embedded tables behind it. Only `folder` reads the disk.

mod place;
pub use place::{Zone, with_offset};

mod changes;
pub use changes::ClockChange;

mod differences;
pub use differences::{Difference, Stretch};

mod window;
pub use window::{Month, Week};

mod source;

mod folder;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;

use crate::schedule::ZoneName;

/// The zones a set of schedules uses, with the bytes they were read from, so that a revision can keep them.
#[derive(Clone, Debug, Default)]
pub struct Zones {
    /// Version of the TZif folder, where it tells: `2026f`.
    pub version: Option<String>,
    /// That folder is older than the embedded tables, so they are in use.
    pub set_aside: bool,
    /// TZif bytes by zone; a zone that comes from the embedded tables is absent.
    pub tzif: BTreeMap<ZoneName, Arc<[u8]>>,
    /// Files of the folder that cannot be read, and why; such a zone comes from the embedded tables.
    pub unreadable: BTreeMap<ZoneName, String>,
    /// What `tzif` says, ready for questions.
    zones: BTreeMap<ZoneName, Zone>,
}

impl Zones {
    /// Reads the named zones from `folder`, else `$TZDIR`, else the system's.
    ///
    /// A name that the folder does not know or cannot tell is left to the embedded tables, and so are all of them
    /// where the system has no folder, or one older than they are; one that was asked for is used whatever its
    /// version, and is an error where it is not there.
    pub fn load(folder: Option<&Path>, names: &BTreeSet<ZoneName>) -> anyhow::Result<Zones> {
        let asked = folder.is_some();
        let Some(folder) = folder::find(folder)? else { return Ok(Zones::default()) };
        let version = folder::version(&folder);
        let older = version.as_deref().is_some_and(|own| folder::is_older(own, Zones::embedded_version()));
        let set_aside = older && !asked;
        let mut zones = Zones { version, set_aside, ..Zones::default() };
        for name in names {
            if set_aside && Zone::embedded(name.as_str()).is_some() {
                continue;
            }
            let Some(read) = folder::read(&folder, name) else { continue };
            let read = read.and_then(|bytes| Ok((Zone::from_tzif(name.as_str(), &bytes)?, bytes)));
            match read {
                Ok((zone, bytes)) => {
                    zones.zones.insert(name.clone(), zone);
                    zones.tzif.insert(name.clone(), bytes.into());
                }
                Err(error) if Zone::embedded(name.as_str()).is_some() => {
                    zones.unreadable.insert(name.clone(), format!("{error:#}"));
                }
                // No zone by any name: lists stand in the folder as well, which a slip of the pen can name.
                Err(_) => (),
            }
        }
        Ok(zones)
    }

    /// The folder that [`Zones::load`] reads; `None`: there is none.
    pub fn folder(asked: Option<&Path>) -> anyhow::Result<Option<PathBuf>> {
        folder::find(asked)
    }

    /// From what a revision kept.
    pub fn from_tzif(version: Option<String>, tzif: BTreeMap<ZoneName, Arc<[u8]>>) -> anyhow::Result<Zones> {
        let mut zones = BTreeMap::new();
        for (name, bytes) in &tzif {
            let zone = Zone::from_tzif(name.as_str(), bytes)
                .with_context(|| format!("the data of time zone {name} cannot be read"))?;
            zones.insert(name.clone(), zone);
        }
        Ok(Zones { version, tzif, zones, ..Zones::default() })
    }

    /// `None`: no such zone in either source.
    pub fn get(&self, name: &ZoneName) -> Option<&Zone> {
        self.zones.get(name).or_else(|| Zone::embedded(name.as_str()))
    }

    /// `2025b` or so: of the tables inside chrono-tz.
    pub fn embedded_version() -> &'static str {
        chrono_tz::IANA_TZDB_VERSION
    }
}
