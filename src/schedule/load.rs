//! The only part of `schedule` that reads the disk.

use std::collections::BTreeSet;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::{Files, parse};

/// Every `*.toml` beneath `dir`, and every file their holiday tables name.
///
/// Passes over names that begin with a dot, which editors and mounted volumes use for copies. A named file that
/// does not exist is left out, for `check` to report where it is named. U+FFFD stands for bytes that are not UTF-8,
/// for `check` to report as well.
///
/// The files may be replaced while they are read, one by one or the whole folder, and half of one set and half of another
/// can be a set without an error. So they are read until two readings on end have found the same.
pub fn load(dir: &Path) -> anyhow::Result<Files> {
    let mut before = load_once(dir);
    for _ in 0..READINGS_MAX {
        let again = load_once(dir);
        match (&before, &again) {
            (Ok(before), Ok(found)) if before == found => return again,
            (Err(before), Err(error)) if before.to_string() == error.to_string() => return again,
            _ => before = again,
        }
    }
    bail!("the files of {} change faster than they can be read: try again once that is over", dir.display())
}

const READINGS_MAX: u32 = 10;

fn load_once(dir: &Path) -> anyhow::Result<Files> {
    let root = fs::canonicalize(dir).with_context(|| {
        format!(
            "there is no schedules directory {}: name yours with --schedules DIR or `schedules` in meridian.toml",
            dir.display()
        )
    })?;
    if !root.is_dir() {
        bail!("{} is not a directory", dir.display());
    }
    let mut files = Files::new();
    collect(&root, "", &mut BTreeSet::from([root.clone()]), &mut files)?;
    for name in parse(&with_calendars(&files)).named_files() {
        if files.contains_key(&name) {
            continue;
        }
        let path = root.join(&name);
        match fs::metadata(&path) {
            Err(error) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => continue,
            _ => files.insert(name, read(&path)?),
        };
    }
    Ok(files)
}

/// The files that may have a holiday table: all of a large organisation are not read twice for the sake of a few.
fn with_calendars(files: &Files) -> Files {
    // A key without a backslash is spelt as it is.
    let may_have = |text: &str| text.contains("holidays") && text.contains("file") || text.contains('\\');
    files.iter().filter(|(_, text)| may_have(text)).map(|(path, text)| (path.clone(), text.clone())).collect()
}

/// `seen` holds the directories on the way, so that a link back up ends and does not go round.
fn collect(dir: &Path, above: &str, seen: &mut BTreeSet<PathBuf>, files: &mut Files) -> anyhow::Result<()> {
    let entries = fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?;
    let entries: std::io::Result<Vec<fs::DirEntry>> = entries.collect();
    let mut paths: Vec<PathBuf> = entries
        .with_context(|| format!("cannot list {}", dir.display()))?
        .iter()
        .map(fs::DirEntry::path)
        .collect();
    paths.sort();
    for path in paths {
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_string) else {
            bail!("the name of {} is not UTF-8", path.display());
        };
        if name.starts_with('.') {
            continue;
        }
        let kind = fs::metadata(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if kind.is_dir() {
            let real = fs::canonicalize(&path).with_context(|| format!("cannot read {}", path.display()))?;
            if seen.insert(real) {
                collect(&path, &format!("{above}{name}/"), seen, files)?;
            }
        } else if name.ends_with(".toml") && !kind.is_file() {
            bail!("{} is neither a file nor a folder", path.display());
        } else if name.ends_with(".toml") {
            files.insert(format!("{above}{name}"), read(&path)?);
        }
    }
    Ok(())
}

/// No rotation file of people is larger.
const BYTES_MAX: u64 = 32 << 20;

fn read(path: &Path) -> anyhow::Result<String> {
    let unreadable = || format!("cannot read {}", path.display());
    if !fs::metadata(path).with_context(unreadable)?.is_file() {
        bail!("{} is no file: a pipe or a device has no end", path.display());
    }
    let mut bytes = Vec::new();
    let mut file = fs::File::open(path).with_context(unreadable)?.take(BYTES_MAX + 1);
    file.read_to_end(&mut bytes).with_context(unreadable)?;
    if bytes.len() as u64 > BYTES_MAX {
        bail!("{} has more than the {BYTES_MAX} bytes a file may have; split it", path.display());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
