//! The only part of `schedule` that reads the disk.

use std::path::Path;

use super::Files;

/// Every `*.toml` beneath `dir`, and every file their holiday tables name.
pub fn load(_dir: &Path) -> anyhow::Result<Files> {
    unimplemented!()
}
