//! Text of files -> tables, and tables -> a checked organisation.

use std::collections::{BTreeMap, BTreeSet};

use super::{Organisation, Problem, ZoneName};

/// Text by path beneath the schedules directory, with `/`: every `*.toml`, and every file those name.
pub type Files = BTreeMap<String, String>;

/// Tables as written, not yet held against each other.
pub struct Parsed {}

/// The outcome of a check.
pub struct Checked {
    /// `None` where any problem is an error.
    pub organisation: Option<Organisation>,
    /// In order of file and place.
    pub problems: Vec<Problem>,
}

/// Reads all files; what is wrong is kept for [`Parsed::check`] to report with the rest.
pub fn parse(_files: &Files) -> Parsed {
    unimplemented!()
}

impl Parsed {
    /// Every zone the files name, known or not.
    pub fn zones(&self) -> BTreeSet<ZoneName> {
        unimplemented!()
    }

    /// Holds the tables against each other. `known` says whether a zone exists.
    pub fn check(self, _known: &dyn Fn(&ZoneName) -> bool) -> Checked {
        unimplemented!()
    }
}
