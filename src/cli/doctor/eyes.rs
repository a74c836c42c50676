//! With whose eyes we look: what we may not see ourselves, and what root sees and the daemon does not.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;

use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use super::state::secret_files;
use super::{Chart, Patient};
use crate::settings::DEFAULT_FILE;

const TOLD: usize = 5;

/// As whom to run this, where something cannot be seen: the owner of the nearest folder that can.
pub fn remedy(path: &Path) -> String {
    let owner = path.ancestors().find_map(|path| fs::metadata(path).ok()).map(|there| there.uid());
    match owner.filter(|owner| *owner != 0) {
        Some(owner) => format!("run this as root, or as {}", user(owner)),
        None => "run this as root".to_owned(),
    }
}

fn user(id: u32) -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| format!("{name} (user {id})"))
    });
    named.unwrap_or_else(|| format!("user {id}"))
}

/// Who the daemon is.
struct Eyes {
    user: u32,
    group: u32,
    groups: Vec<u32>,
}

impl Eyes {
    /// Of the process, else of whom the state directory belongs to.
    fn of(process: Option<u32>, state: &Path) -> Option<Eyes> {
        if let Some(process) = process {
            let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
            let numbers = |name: &str| -> Vec<u32> {
                let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
                line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
            };
            // Real, effective, saved, of files.
            let (user, group) = (*numbers("Uid:").get(1)?, *numbers("Gid:").get(1)?);
            return Some(Eyes { user, group, groups: numbers("Groups:") });
        }
        let there = fs::metadata(state).ok()?;
        Some(Eyes { user: there.uid(), group: there.gid(), groups: Vec::new() })
    }

    /// What cannot be read with them. Root becomes them in one thread, which ends.
    fn miss(&self, paths: Vec<PathBuf>) -> io::Result<Vec<String>> {
        let groups: Vec<Gid> = self.groups.iter().map(|group| Gid::from_raw(*group)).collect();
        let (user, group) = (Uid::from_raw(self.user), Gid::from_raw(self.group));
        let looking = thread::spawn(move || {
            set_thread_groups(&groups)?;
            set_thread_res_gid(group, group, group)?;
            set_thread_res_uid(user, user, user)?;
            let missed = paths.iter().filter_map(|path| {
                let error =
                    File::open(path).err().filter(|error| error.kind() == ErrorKind::PermissionDenied)?;
                Some(format!("{}: {error}", path.display()))
            });
            Ok(missed.collect())
        });
        looking.join().expect("looking at files does not panic")
    }
}

/// Whether the daemon's user can read what the daemon reads.
pub fn examine(chart: &mut Chart, patient: &Patient, settings: Option<&Path>, process: Option<u32>) {
    let Some(eyes) = Eyes::of(process, &patient.settings.state) else { return };
    if !geteuid().is_root() || eyes.user == 0 {
        return;
    }
    let who = user(eyes.user);
    let mut paths = vec![settings.unwrap_or(Path::new(DEFAULT_FILE)).to_owned()];
    all_beneath(&patient.settings.schedules, &mut paths, 0);
    paths.extend(patient.file().map(Path::to_owned));
    // What only root can read, the unit passes on; while the daemon runs, that can be seen.
    paths.extend(secret_files(patient).filter(|_| process.is_some()));
    paths.retain(|path| !is_brought(path));
    let count = paths.len();
    match eyes.miss(paths) {
        Ok(missed) if missed.is_empty() => {
            chart.ok(
                "readable",
                format!("{who}, whom the daemon runs as, can read {count} files and folders"),
            );
        }
        Ok(mut missed) => {
            let what = format!(
                "{} of {count} files and folders cannot be read by {who}, whom the daemon runs as",
                missed.len()
            );
            chart.problem("readable", what, "chmod or chown them, and the folders they are in");
            missed.truncate(TOLD);
            chart.details(missed);
        }
        Err(error) => {
            let what = format!("what {who} can read cannot be seen: {error}");
            chart.warning("readable", what, "run this as that user");
        }
    }
}

/// Systemd brings the daemon to it by a way of its own, however the folders above are closed.
fn is_brought(path: &Path) -> bool {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    ["/run/credentials", "/var/lib/private"].iter().any(|folder| whole.starts_with(folder))
}

/// As deep as a person would nest folders.
const DEPTH_MAX: u32 = 16;

fn all_beneath(path: &Path, paths: &mut Vec<PathBuf>, depth: u32) {
    paths.push(path.to_owned());
    if path.is_dir() && depth < DEPTH_MAX {
        let entries = fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
        let mut entries: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        entries.sort();
        // The others are not read.
        entries.retain(|path| path.is_dir() || path.extension().is_some_and(|ending| ending == "toml"));
        entries.iter().for_each(|path| all_beneath(path, paths, depth + 1));
    }
}
