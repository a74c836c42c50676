use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::daemon::{Daemon, command, folder, run};

fn open(folder: &Path, daemon: &Daemon, title: &str) {
    let (code, _, said) = run(folder, &["ticket", "open", title, "--server", &daemon.server()]);
    assert_eq!(code, 0, "{said}");
}

/// Every ticket with its history, as the API tells it.
fn answers(folder: &Path, daemon: &Daemon, tickets: i64) -> Vec<Value> {
    let show = |ticket: i64| {
        let number = ticket.to_string();
        let (code, stdout, stderr) =
            run(folder, &["ticket", "show", &number, "--json", "--server", &daemon.server()]);
        assert_eq!(code, 0, "{stderr}");
        serde_json::from_str(&stdout).unwrap()
    };
    (1..=tickets).map(show).collect()
}

#[test]
fn a_day_is_backed_up_beside_the_daemon_and_restored_when_it_stands_still() {
    let folder = folder();
    let path = folder.path();
    let daemon = Daemon::start(path, None);
    (1..=3).for_each(|n| open(path, &daemon, &format!("Ticket {n}")));
    let before = answers(path, &daemon, 3);
    let (code, stdout, stderr) = run(path, &["backup", "copy.db", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    let told: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&told["tickets"], &told["flaws"]), (&3.into(), &0.into()), "{told:#}");
    let (code, _, stderr) = run(path, &["backup", "copy.db"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("--force"), "{stderr}");
    assert_eq!(run(path, &["backup", "copy.db", "--force"]).0, 0);
    open(path, &daemon, "Opened too late for the backup");

    let (code, _, stderr) = run(path, &["restore", "copy.db", "--force"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("the daemon has to be stopped first"), "{stderr}");
    assert_eq!(daemon.stop(), 0);
    let (code, _, stderr) = run(path, &["restore", "copy.db"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("say --force to move it aside"), "{stderr}");
    let (code, stdout, stderr) = run(path, &["restore", "copy.db", "--force", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    let told: Value = serde_json::from_str(&stdout).unwrap();
    let aside = told["aside"].as_str().unwrap();
    assert!(path.join(aside).exists(), "{told:#}");

    let daemon = Daemon::start(path, None);
    assert_eq!(answers(path, &daemon, 3), before, "the same answers as before");
    let (code, _, stderr) = run(path, &["ticket", "show", "4", "--server", &daemon.server()]);
    assert_eq!(code, 1);
    assert!(stderr.contains("there is no ticket 4"), "{stderr}");
    assert_eq!(daemon.stop(), 0);
    // What was moved aside is a whole database.
    let (code, stdout, stderr) = run(path, &["restore", aside, "--force", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap()["tickets"], 4);
}

#[test]
fn a_backup_killed_in_the_middle_leaves_nothing_under_the_name() {
    let folder = folder();
    let path = folder.path();
    let daemon = Daemon::start(path, None);
    open(path, &daemon, "The shop is down");
    let (mut killed, mut done) = (0, 0);
    for step in 0..20 {
        let mut backup = command(path, &["backup", "copy.db"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(step * 4));
        backup.kill().unwrap();
        backup.wait().unwrap();
        match path.join("copy.db").exists() {
            false => killed += 1,
            true => {
                done += 1;
                let state = path.join(format!("restored-{step}"));
                std::fs::create_dir(&state).unwrap();
                let arguments = ["restore", "copy.db", "--json", "--state", state.to_str().unwrap()];
                let (code, stdout, stderr) = run(path, &arguments);
                assert_eq!(code, 0, "step {step}: {stderr}");
                assert!(stdout.contains("\"tickets\": 1"), "step {step}: {stdout}");
                std::fs::remove_file(path.join("copy.db")).unwrap();
            }
        }
    }
    assert!(killed > 0, "none was killed before it was done ({done})");
    assert_eq!(run(path, &["backup", "copy.db"]).0, 0, "what the killed ones left is taken over");
    assert!(!path.join("copy.db.part").exists());
    assert_eq!(daemon.stop(), 0);
}
