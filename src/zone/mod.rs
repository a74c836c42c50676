//! Zone rules: wall clock <-> instant, by section 2, rules 2 and 12.
//! The newest data wins: a TZif folder first, chrono-tz's embedded tables behind it. Only `load` reads the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::schedule::ZoneName;

/// The zones a set of schedules uses, with the bytes they were read from, so that a revision can keep them.
#[derive(Clone, Debug, Default)]
pub struct Zones {
    /// Version of the TZif folder, where it tells: `2026f`.
    pub version: Option<String>,
    /// TZif bytes by zone; a zone that comes from the embedded tables is absent.
    pub tzif: BTreeMap<ZoneName, Arc<[u8]>>,
}

/// One time zone.
#[derive(Clone, Debug)]
pub struct Zone {}

impl Zones {
    /// Reads the named zones from `folder`, else `$TZDIR`, else the system's.
    pub fn load(_folder: Option<&Path>, _names: &BTreeSet<ZoneName>) -> anyhow::Result<Zones> {
        unimplemented!()
    }

    /// From what a revision kept.
    pub fn from_tzif(
        _version: Option<String>,
        _tzif: BTreeMap<ZoneName, Arc<[u8]>>,
    ) -> anyhow::Result<Zones> {
        unimplemented!()
    }

    /// `None`: no such zone in either source.
    pub fn get(&self, _name: &ZoneName) -> Option<&Zone> {
        unimplemented!()
    }

    /// `2025b` or so: of the tables inside chrono-tz.
    pub fn embedded_version() -> &'static str {
        chrono_tz::IANA_TZDB_VERSION
    }
}

impl Zone {
    /// Where a span starts or a turn changes: of a doubled time the first, of a missing one the end of the gap.
    pub fn start(&self, _local: NaiveDateTime) -> DateTime<Utc> {
        unimplemented!()
    }

    /// Where a span ends: of a doubled time the last, of a missing one the end of the gap.
    pub fn end(&self, _local: NaiveDateTime) -> DateTime<Utc> {
        unimplemented!()
    }

    pub fn local(&self, _at: DateTime<Utc>) -> NaiveDateTime {
        unimplemented!()
    }

    /// With its offset, for people and for RFC 3339.
    pub fn local_with_offset(&self, _at: DateTime<Utc>) -> DateTime<chrono::FixedOffset> {
        unimplemented!()
    }
}
