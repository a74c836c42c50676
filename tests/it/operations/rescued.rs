//! What is left when a file is taken away, and a token is lost.

use std::fs;
use std::process::Command;

use crate::daemon::{Daemon, folder, run};
use crate::postgres;

/// What the doctor says of a database some of whose files were removed under the daemon, done to the letter.
fn rescued_after_removing(endings: &[&str]) {
    let folder = folder();
    let path = folder.path();
    let daemon = Daemon::start(path, None);
    for title in ["The shop is down", "So is the till"] {
        assert_eq!(run(path, &["ticket", "open", title, "--server", &daemon.server()]).0, 0);
    }
    for ending in endings {
        fs::remove_file(path.join(format!("state/meridian.db{ending}"))).unwrap();
    }
    let (code, said, _) = run(path, &["doctor", "--quick"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("DO NOT STOP IT") && !said.contains("restore a backup"), "{said}");

    let line = said.lines().find(|line| line.contains("DO NOT STOP IT")).unwrap();
    let commands = line.split("As root: ").nth(1).unwrap().split("; then").next().unwrap();
    let rescued = path.join("rescued.db").display().to_string();
    let commands = commands.replace("/var/backups/rescued.db", &rescued);
    assert!(Command::new("sh").args(["-ec", &commands]).status().unwrap().success(), "{commands}");
    assert_eq!(daemon.stop(), 0);
    let (code, said, stderr) = run(path, &["restore", "--force", &rescued]);
    assert_eq!(code, 0, "{stderr}");
    assert!(said.contains("2 tickets"), "{said}");
}

#[test]
fn the_doctor_had_the_only_copy_thrown_away() {
    rescued_after_removing(&["", "-wal", "-shm"]);
}

#[test]
fn what_was_in_the_log_was_not_rescued_with_the_file() {
    rescued_after_removing(&[""]);
}

#[test]
fn a_lost_token_could_not_be_replaced() {
    let folder = folder();
    let path = folder.path();
    let daemon = Daemon::start(path, None);
    fs::remove_file(path.join("state/admin-token")).unwrap();
    let offline = |name: &str, role: &str| run(path, &["token", "add", name, "--role", role, "--offline"]);
    let (code, _, said) = offline("rescue", "reader");
    assert!(code == 1 && said.contains("say --role admin"), "{said}");
    let works = |token: &str, server: &str| {
        fs::write(path.join("rescue"), token).unwrap();
        run(path, &["token", "list", "--token-file", "rescue", "--server", server]).0
    };
    let (code, token, said) = offline("rescue", "admin");
    assert_eq!(code, 0, "{said}");
    assert_eq!(works(&token, &daemon.server()), 0, "at once, while the daemon runs");
    let (code, _, said) = offline("rescue", "admin");
    assert!(code == 1 && said.contains("there is a token called \"rescue\" already"), "{said}");
    assert_eq!(daemon.stop(), 0);
    let (code, token, said) = offline("rescue-2", "admin");
    assert_eq!(code, 0, "{said}");
    let daemon = Daemon::start(path, None);
    assert_eq!(works(&token, &daemon.server()), 0);
    assert_eq!(daemon.stop(), 0);
    let (code, _, said) =
        run(path, &["token", "add", "x", "--role", "admin", "--offline", "--state", "typo"]);
    assert!(code == 1 && said.contains("there is no such file"), "{said}");
    assert!(!path.join("typo").exists());
}

#[tokio::test]
async fn on_a_server_it_is_replaced_likewise() {
    let (folder, shared) = (folder(), postgres::database().await);
    let path = folder.path();
    let arguments =
        ["token", "add", "rescue", "--role", "admin", "--offline", "--json", "--database", &shared];
    let (code, said, stderr) = run(path, &arguments);
    assert_eq!(code, 0, "{stderr}");
    assert!(said.contains("\"token\":"), "{said}");
}
