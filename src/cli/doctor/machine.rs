//! Disk and clock of the machine.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use super::{Chart, Patient};
use crate::store::DiskFigures;

/// Less than this, and a busy day may not fit.
const FREE_MIN: u64 = 256 << 20;
const FREE_ENOUGH: u64 = 1 << 30;
const INODES_MIN: u64 = 1000;

/// Of the state directory, and of a database that is elsewhere.
pub fn disks(chart: &mut Chart, patient: &Patient) {
    let state = &patient.settings.state;
    disk(chart, "disk", state);
    if let Some(file) = patient.file()
        && let Some(folder) = file.parent()
        && device(folder).is_some_and(|one| device(state).is_none_or(|other| one != other))
    {
        disk(chart, "disk.database", folder);
    }
}

fn device(folder: &Path) -> Option<u64> {
    fs::metadata(folder).ok().map(|folder| folder.dev())
}

fn disk(chart: &mut Chart, id: &str, folder: &Path) {
    // Where it is still to be made, its parent tells.
    let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    let disk = match DiskFigures::of(there) {
        Ok(disk) => disk,
        Err(error) => {
            let what = format!("{}: {error}", there.display());
            return chart.warning(id, what, "run this as the daemon's user, or as root");
        }
    };
    let free = disk.free_bytes;
    let what = format!("{} free for {}", size(free), folder.display());
    let remedy = "make room: where the disk is full, writes are answered 503 and nothing is decided";
    let few_inodes = disk.free_files.filter(|files| *files < INODES_MIN);
    if free < FREE_MIN || few_inodes.is_some() {
        let inodes = few_inodes.map_or_else(String::new, |files| format!(", and {files} inodes"));
        chart.problem(id, format!("only {what}{inodes}"), remedy);
    } else if free < FREE_ENOUGH {
        chart.warning(id, what, remedy);
    } else {
        chart.ok(id, what);
    }
}

fn size(bytes: u64) -> String {
    match bytes >> 20 {
        mib if mib >= 10 << 10 => format!("{} GiB", mib >> 10),
        mib => format!("{mib} MiB"),
    }
}

/// Whether something keeps the clock. Without systemd nobody can tell.
pub async fn clock(chart: &mut Chart) {
    let remedy = "systemctl enable --now systemd-timesyncd, or chrony: leave and shifts are instants";
    match synchronised().await {
        Some(true) => chart.ok("ntp", "the clock is kept by NTP"),
        Some(false) => chart.warning("ntp", "nothing keeps this clock: NTP is not synchronised", remedy),
        None => chart.ok("ntp", "nobody here tells whether the clock is kept by NTP (no timedatectl)"),
    }
}

async fn synchronised() -> Option<bool> {
    if Path::new("/run/systemd/timesync/synchronized").exists() {
        return Some(true);
    }
    let ask = || {
        let arguments = ["show", "--property=NTPSynchronized", "--value"];
        std::process::Command::new("timedatectl").args(arguments).stderr(std::process::Stdio::null()).output()
    };
    let asked = tokio::time::timeout(Duration::from_secs(3), tokio::task::spawn_blocking(ask)).await;
    let output = asked.ok()?.ok()?.ok()?;
    match String::from_utf8_lossy(&output.stdout).trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}
