//! A database that is not where it was: the daemon does not begin without a word where it had one before.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::daemon::{Daemon, command, folder, run};
use crate::postgres;

fn open(folder: &Path, daemon: &Daemon, title: &str) {
    let (code, _, said) = run(folder, &["ticket", "open", title, "--server", &daemon.server()]);
    assert_eq!(code, 0, "{said}");
}

/// A folder in which a daemon has worked on one ticket, and a backup of it.
fn used() -> TempDir {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), None);
    open(folder.path(), &daemon, "The shop is down");
    let (code, _, said) = run(folder.path(), &["backup", "copy.db"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(daemon.stop(), 0);
    folder
}

fn serve(arguments: &[&str]) -> Vec<String> {
    let all = [&["serve", "--listen", "127.0.0.1:0", "--watch=false"], arguments].concat();
    all.iter().map(|one| one.to_string()).collect()
}

/// What it says instead of beginning.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let arguments = serve(arguments);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (code, _, said) = run(folder, &arguments);
    assert_eq!(code, 1, "{said}");
    said
}

fn show(folder: &Path, daemon: &Daemon, ticket: &str) -> (i32, String) {
    let (code, stdout, stderr) = run(folder, &["ticket", "show", ticket, "--server", &daemon.server()]);
    (code, format!("{stdout}{stderr}"))
}

#[test]
fn a_database_that_was_deleted_was_begun_anew_without_a_word() {
    let folder = used();
    let path = folder.path();
    fs::remove_file(path.join("state/meridian.db")).unwrap();
    let said = refused(path, &[]);
    for words in ["there is no database", "meridian restore FILE", "to begin anew, remove", "state/database"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!path.join("state/meridian.db").exists(), "nothing was begun");
    let (code, examined, _) = run(path, &["doctor", "--json"]);
    assert!(code == 1 && examined.contains("the daemon has worked with"), "{examined}");

    // Restored, it goes on; what may have been lost meanwhile has no number of its own any more.
    let (code, said, stderr) = run(path, &["restore", "copy.db"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(said.contains("the next ticket is 2001: 1999 numbers from 2 on are passed over"), "{said}");
    let daemon = Daemon::start(path, None);
    assert_eq!(show(path, &daemon, "1").0, 0);
    let (code, said) = show(path, &daemon, "812");
    assert!(code == 1 && said.contains("numbers 2 to 2000 were passed over"), "{said}");
    assert_eq!(daemon.stop(), 0);

    // Or somebody says that there is to be nothing.
    fs::remove_file(path.join("state/meridian.db")).unwrap();
    fs::remove_file(path.join("state/database")).unwrap();
    let daemon = Daemon::start(path, None);
    assert_eq!(show(path, &daemon, "1").0, 1);
    assert_eq!(daemon.stop(), 0);
}

#[tokio::test]
async fn an_empty_database_in_place_of_the_one_before_is_refused_and_a_used_one_is_told_of() {
    let (folder, other) = (used(), used());
    let path = folder.path();
    fs::write(path.join("empty.db"), "").unwrap();
    let said = refused(path, &["--database", "sqlite:empty.db"]);
    assert!(said.contains("the database sqlite:empty.db is empty, and the daemon worked with"), "{said}");
    let said = refused(path, &["--database", "sqlite:misspelt.db"]);
    assert!(said.contains("there is no database misspelt.db"), "{said}");
    let shared = postgres::empty_database().await;
    let said = refused(path, &["--database", &shared]);
    assert!(said.contains("is empty, and the daemon worked with sqlite:"), "{said}");

    // Moved by `migrate`, it is the same one.
    let from = format!("sqlite:{}", path.join("state/meridian.db").display());
    let (code, _, said) = run(path, &["migrate", "--from", &from, "--to", &shared]);
    assert_eq!(code, 0, "{said}");
    let start = |database: &str| {
        let arguments = serve(&["--database", database]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Daemon::of(command(path, &arguments))
    };
    let daemon = start(&shared);
    assert_eq!(show(path, &daemon, "1").0, 0);
    assert_eq!(daemon.stop(), 0);

    let yours = format!("sqlite:{}", other.path().join("state/meridian.db").display());
    for words in ["THIS IS ANOTHER DATABASE", "listening at"] {
        let arguments = serve(&["--database", &yours]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (mut command, log) = (command(path, &arguments), path.join(format!("log-{}", words.len())));
        let mut process = command.stderr(fs::File::create(&log).unwrap()).spawn().unwrap();
        let heard = (0..1000).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            fs::read_to_string(&log).unwrap().contains("listening at")
        });
        process.kill().unwrap();
        process.wait().unwrap();
        let said = fs::read_to_string(&log).unwrap();
        assert!(heard && said.contains(words), "{words}: {said}");
        let first = words.starts_with("THIS");
        assert_eq!(said.contains("THIS IS ANOTHER DATABASE"), first, "said once: {said}");
    }
}
