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

/// Whether a release of the zone data came before another: `2024a` before `2025b`. What distributions append does not
/// count, and of a version of another form nobody can tell.
pub fn is_older(version: &str, than: &str) -> bool {
    release(version).zip(release(than)).is_some_and(|(one, other)| one < other)
}

/// The year, and the letters, of which there are two where one alphabet did not do.
fn release(version: &str) -> Option<(u16, usize, &str)> {
    let (year, rest) = version.split_at_checked(4)?;
    let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_lowercase()).len();
    let year = year.parse().ok().filter(|_| letters > 0 && year.bytes().all(|b| b.is_ascii_digit()))?;
    Some((year, letters, &rest[..letters]))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_ordered_by_year_and_letters() {
        let cases = [
            ("2024a", "2025b", true),
            ("2025a", "2025b", true),
            ("2025b", "2025b", false),
            ("2026a", "2025b", false),
            ("2025z", "2025za", true),
            ("2025aa", "2025b", false),
            ("2025a-0+deb12u1", "2025b", true),
            ("2025b-0+deb12u1", "2025b", false),
            ("2025", "2025b", false),
            ("unknown", "2025b", false),
            ("+025a", "2025b", false),
            ("äöü", "2025b", false),
            ("", "2025b", false),
        ];
        for (one, other, expected) in cases {
            assert_eq!(is_older(one, other), expected, "{one} {other}");
        }
    }
}
