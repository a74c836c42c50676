//! A folder of TZif files, as every system has one. Nothing outside of it is ever opened.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use crate::schedule::ZoneName;

const USUAL_PLACES: [&str; 3] = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo"];

/// The folder asked for, else `$TZDIR`, else the system's, where there is one.
pub fn find(asked: Option<&Path>) -> anyhow::Result<Option<PathBuf>> {
    let variable = || std::env::var_os("TZDIR").filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = asked.map(Path::to_path_buf).or_else(variable) {
        if !folder.is_dir() {
            bail!(
                "no folder {}: name one that holds time zone files (--tzdir, else the variable TZDIR), \
                 or none for the system's",
                folder.display()
            );
        }
        return Ok(Some(folder));
    }
    Ok(USUAL_PLACES.iter().map(PathBuf::from).find(|place| place.is_dir()))
}

/// The bytes of one zone's file. `None`: the folder has no such file.
pub fn read(folder: &Path, name: &ZoneName) -> Option<anyhow::Result<Vec<u8>>> {
    let path = folder.join(name.as_str());
    if !is_zone_name(name.as_str()) || !path.is_file() {
        return None;
    }
    let read = std::fs::read(&path).with_context(|| format!("{}", path.display()));
    Some(read.and_then(|bytes| {
        ensure!(bytes.starts_with(b"TZif"), "{} does not start with TZif", path.display());
        Ok(bytes)
    }))
}

/// What the folder says of its own version: `2026f`.
pub fn version(folder: &Path) -> Option<String> {
    if let Ok(text) = std::fs::read_to_string(folder.join("+VERSION")) {
        return Some(text.trim().to_owned()).filter(|version| !version.is_empty());
    }
    let text = std::fs::read(folder.join("tzdata.zi")).ok()?;
    let first = text.split(|byte| *byte == b'\n').next()?;
    let version = std::str::from_utf8(first).ok()?.strip_prefix("# version ")?;
    Some(version.trim().to_owned())
}

/// `Area/Place` and the like: no step out of the folder, and nothing that means another zone on another machine.
fn is_zone_name(name: &str) -> bool {
    let plain = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'))
    };
    let first = name.split('/').next();
    name.split('/').all(plain) && !matches!(first, Some("localtime" | "posixrules" | "right"))
}
