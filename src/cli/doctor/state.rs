//! Who may read and write what is ours: settings, secrets, the state directory, the first token.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::database::Standing;
use super::{Chart, Patient, eyes};
use crate::api::hash_of;
use crate::cli::show;
use crate::settings::DEFAULT_FILE;
use crate::store::Role;

const ANEW: &str = "meridian token add NAME --role admin --offline";
const OTHERS_READ: u32 = 0o004;
const OTHERS_WRITE: u32 = 0o002;
const ANYBODY_ELSE: u32 = 0o077;

/// They could be read, or we were not here.
pub fn settings(chart: &mut Chart, file: Option<&Path>) {
    let path = file.unwrap_or(Path::new(DEFAULT_FILE));
    let Ok(metadata) = fs::metadata(path) else {
        return chart.ok("settings", format!("no {}: everything is as by default", path.display()));
    };
    let text = fs::read_to_string(path).unwrap_or_default();
    let has_password = text.lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("database") && !line.starts_with("database_file") && line.contains('@')
    });
    let shown = path.display();
    if mode(&metadata) & OTHERS_WRITE != 0 {
        chart.problem("settings", format!("everybody may write {shown}"), format!("chmod o-w {shown}"));
    } else if has_password && mode(&metadata) & OTHERS_READ != 0 {
        let what = format!("everybody may read {shown}, and the database's password in it");
        chart.problem("settings", what, "put the address into a file of its own, named by `database_file`");
    } else {
        chart.ok("settings", format!("{shown}"));
    }
}

/// The state directory and what is in it, and whether strangers may edit the rotation files.
pub fn folder(chart: &mut Chart, patient: &Patient) {
    rotation_files(chart, &patient.settings.schedules);
    let state = &patient.settings.state;
    let shown = state.display();
    let metadata = match fs::metadata(state) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return chart.warning("state", format!("there is no {shown} yet"), "the first start makes it");
        }
        Err(error) => {
            let what = format!("{shown} cannot be seen: {error}");
            return chart.problem("state", what, eyes::remedy(state));
        }
    };
    if !metadata.is_dir() {
        let remedy = "move it away, or name a folder in `state`";
        return chart.problem("state", format!("{shown} is no folder"), remedy);
    }
    let entries = match fs::read_dir(state) {
        Ok(entries) => entries.filter_map(Result::ok),
        Err(error) => {
            let what = format!("what is in {shown} cannot be seen: {error}");
            return chart.problem("state", what, eyes::remedy(state));
        }
    };
    let owner = metadata.uid();
    let mut wrong = Vec::new();
    if mode(&metadata) & ANYBODY_ELSE != 0 {
        wrong.push(format!("{shown} is open to others: mode {:o}", mode(&metadata)));
    }
    for entry in entries {
        let Ok(metadata) = entry.metadata() else { continue };
        let path = entry.path();
        if metadata.uid() != owner {
            let (whose, path) = (metadata.uid(), path.display());
            wrong.push(format!("{path} belongs to user {whose}, the folder to {owner}"));
        }
        if metadata.is_file() && mode(&metadata) & ANYBODY_ELSE != 0 {
            wrong.push(format!("{} is open to others: mode {:o}", path.display(), mode(&metadata)));
        }
    }
    wrong.sort();
    if wrong.is_empty() {
        return chart.ok("state", format!("{shown} and what is in it are its owner's alone (user {owner})"));
    }
    let remedy = format!("chown -R --reference={shown} {shown}; chmod -R go= {shown}");
    chart.problem("state", format!("{} things in {shown} are not as they should be", wrong.len()), remedy);
    chart.details(wrong);
}

/// Files of the settings that only the daemon is to read, where they can be seen.
pub fn secret_files(patient: &Patient) -> impl Iterator<Item = PathBuf> {
    let settings = &patient.settings;
    let of_channels = settings.channels.values().flat_map(|channel| channel.kind.secrets());
    let of_channels = of_channels.filter_map(|secret| secret.file()?.path());
    let key = settings.tls.as_ref().map(|tls| tls.key.clone());
    of_channels.chain(settings.database_file.clone()).chain(key)
}

/// Keys and passwords, and a database that is not in the state directory.
pub fn secrets(chart: &mut Chart, patient: &Patient) {
    let beside = patient.file().filter(|file| file.parent() != Some(patient.settings.state.as_path()));
    let companions = beside.into_iter().flat_map(|file| {
        ["", "-wal", "-shm"].map(|ending| {
            let mut name = file.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        })
    });
    let mut open: Vec<PathBuf> = secret_files(patient).chain(companions).collect();
    open.retain(|path| fs::metadata(path).is_ok_and(|there| mode(&there) & OTHERS_READ != 0));
    open.sort();
    open.dedup();
    if open.is_empty() {
        return;
    }
    let shown: Vec<String> = open.iter().map(|path| path.display().to_string()).collect();
    let remedy = format!("chmod o= {}", shown.join(" "));
    chart.problem("secrets", format!("everybody may read {}", shown.join(", ")), remedy);
}

fn rotation_files(chart: &mut Chart, schedules: &Path) {
    let mut open = Vec::new();
    writable_by_all(schedules, &mut open, 0);
    open.sort();
    if open.is_empty() {
        return;
    }
    let what = format!(
        "everybody may write {} of the rotation files and their folders, and so say who is paged",
        open.len()
    );
    chart.problem("permissions", what, format!("chmod -R o-w {}", schedules.display()));
    chart.details(open);
}

/// As deep as a person would nest folders.
const DEPTH_MAX: u32 = 16;

fn writable_by_all(path: &Path, open: &mut Vec<String>, depth: u32) {
    let Ok(metadata) = fs::metadata(path) else { return };
    if mode(&metadata) & OTHERS_WRITE != 0 {
        open.push(path.display().to_string());
    }
    if metadata.is_dir() && depth < DEPTH_MAX {
        let entries = fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
        entries.for_each(|entry| writable_by_all(&entry.path(), open, depth + 1));
    }
}

/// The first administrator's token: whether it is there for everybody, and whether anybody can administer at all.
pub fn token(chart: &mut Chart, patient: &Patient, standing: &Standing) {
    let file = patient.settings.state.join("admin-token");
    let admins: Vec<_> = standing.tokens.iter().filter(|token| token.role == Role::Admin).collect();
    if admins.is_empty() {
        let what = "no token is an administrator's";
        return chart.warning(
            "token",
            what,
            "the next start of the daemon writes one into the state directory",
        );
    }
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let tokens = show::counted(admins.len(), "token");
            let what =
                format!("{tokens} of administrators; none lies in the state directory ({ANEW} makes one)");
            return chart.ok("token", what);
        }
        Err(error) => {
            let what = format!("{} cannot be read: {error}", file.display());
            return chart.warning("token", what, eyes::remedy(&file));
        }
    };
    let hash = hash_of(text.trim());
    if admins.iter().any(|token| token.hash == hash) {
        return chart.ok("token", format!("{} holds an administrator's token", file.display()));
    }
    let what = format!("{} holds a token that is not valid any more", file.display());
    let remedy = format!("rm {}; where no other token is at hand, {ANEW} makes one", file.display());
    chart.warning("token", what, remedy);
}

fn mode(metadata: &Metadata) -> u32 {
    metadata.permissions().mode() & 0o777
}
