//! Backups put back where something else lies, or lay.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;

use crate::daemon::{Daemon, folder, run};

fn open(folder: &Path, daemon: &Daemon, title: &str) {
    let (code, _, said) = run(folder, &["ticket", "open", title, "--server", &daemon.server()]);
    assert_eq!(code, 0, "{said}");
}

/// Exit code and what is said on both.
fn says(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let (code, stdout, stderr) = run(folder, arguments);
    (code, format!("{stdout}{stderr}"))
}

/// How many tickets the daemon there has.
fn tickets(folder: &Path) -> usize {
    let daemon = Daemon::start(folder, None);
    let (code, said, stderr) = run(folder, &["ticket", "list", "--json", "--server", &daemon.server()]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(daemon.stop(), 0);
    serde_json::from_str::<serde_json::Value>(&said).unwrap()["tickets"].as_array().unwrap().len()
}

/// A folder in which a daemon was killed after a backup of three tickets and one ticket more.
fn killed() -> TempDir {
    let folder = folder();
    let path = folder.path();
    let mut daemon = Daemon::start(path, None);
    (1..=3).for_each(|n| open(path, &daemon, &format!("Ticket {n}")));
    let (code, said) = says(path, &["backup", "copy.db"]);
    assert_eq!(code, 0, "{said}");
    open(path, &daemon, "Opened too late for the backup");
    daemon.process.kill().unwrap();
    daemon.process.wait().unwrap();
    folder
}

#[test]
fn a_log_without_its_file_was_taken_for_the_log_of_what_was_restored() {
    let folder = killed();
    let path = folder.path();
    fs::remove_file(path.join("state/meridian.db")).unwrap();
    assert!(path.join("state/meridian.db-wal").exists(), "it outlives the file");
    let (code, said) = says(path, &["restore", "copy.db"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("what was there is now state/meridian.db.before-restore-"), "{said}");
    assert!(said.contains("Z-wal"), "the log is kept: {said}");
    assert!(!path.join("state/meridian.db-wal").exists());
    assert_eq!(tickets(path), 3);
}

#[test]
fn a_log_left_over_beside_the_backups_name_became_a_part_of_it() {
    let folder = killed();
    let path = folder.path();
    fs::copy(path.join("state/meridian.db-wal"), path.join("night.db-wal")).unwrap();
    let (code, said) = says(path, &["backup", "night.db"]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("night.db-wal is left over from another file") && said.contains("move it"),
        "{said}"
    );
    assert!(!path.join("night.db").exists() && !path.join("night.db.part").exists());

    // Where it has come there since, it is not the backup's.
    fs::rename(path.join("night.db-wal"), path.join("copy.db-wal")).unwrap();
    let (code, said) = says(path, &["restore", "copy.db", "--force"]);
    assert!(code == 0 && said.contains("3 tickets"), "{said}");
    assert_eq!(tickets(path), 3);
}

#[test]
fn a_restore_replaced_the_link_and_left_the_file_it_leads_to() {
    let folder = killed();
    let path = folder.path();
    let (state, disk) = (path.join("state"), path.join("disk"));
    fs::create_dir(&disk).unwrap();
    for ending in ["", "-wal", "-shm"] {
        let file = |folder: &Path, name: &str| folder.join(format!("{name}{ending}"));
        fs::rename(file(&state, "meridian.db"), file(&disk, "m.db")).unwrap();
    }
    symlink("../disk/m.db", state.join("meridian.db")).unwrap();
    assert_eq!(tickets(path), 4);
    let (code, said) = says(path, &["restore", "copy.db", "--force"]);
    assert!(code == 0 && said.contains("disk/m.db.before-restore-"), "{said}");
    assert!(state.join("meridian.db").is_symlink());
    assert_eq!(tickets(path), 3);

    // Where what it leads to is lost, that is what is put back.
    fs::remove_file(disk.join("m.db")).unwrap();
    let (code, said) = says(path, &["restore", "copy.db"]);
    assert_eq!(code, 0, "{said}");
    assert!(state.join("meridian.db").is_symlink() && disk.join("m.db").is_file());
    assert_eq!(tickets(path), 3);
}
