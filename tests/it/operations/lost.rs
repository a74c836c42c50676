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

/// The number that the next ticket gets.
fn opened(folder: &Path, database: &str) -> i64 {
    let daemon = Daemon::of(command(
        folder,
        &["serve", "--listen", "127.0.0.1:0", "--watch=false", "--database", database],
    ));
    let arguments = ["ticket", "open", "Another", "--json", "--server", &daemon.server()];
    let (code, said, stderr) = run(folder, &arguments);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(daemon.stop(), 0);
    serde_json::from_str::<serde_json::Value>(&said).unwrap()["id"].as_i64().unwrap()
}

/// Whoever has just closed a server's database may still be on the way out.
fn migrated(folder: &Path, from: &str, to: &str) -> String {
    loop {
        let (code, stdout, stderr) = run(folder, &["migrate", "--from", from, "--to", to]);
        match code {
            0 => return stdout,
            _ => assert!(stderr.contains("daemons are using it"), "{stderr}"),
        }
    }
}

#[tokio::test]
async fn a_database_that_was_moved_was_begun_again_and_gave_out_its_numbers_twice() {
    let folder = used();
    let path = folder.path();
    let (old, new) = ("sqlite:state/meridian.db", &postgres::empty_database().await);
    migrated(path, old, new);
    assert_eq!([opened(path, new), opened(path, new)], [2, 3]);

    // Back by dropping `database` from the settings, or by mistake.
    let said = refused(path, &[]);
    for words in
        ["was moved to postgres", "name that one in meridian.toml", "meridian migrate --from", "restore"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains(new.split_once("host=").map_or("@nowhere", |(_, socket)| socket)), "{said}");
    let (code, said, _) = run(path, &["doctor", "--json"]);
    assert!(code == 1 && said.contains("was moved to postgres"), "{said}");
    let (_, _, said) = run(path, &["migrate", "--from", old, "--to", "sqlite:third.db"]);
    assert!(said.contains("--from: sqlite:state/meridian.db was moved to postgres"), "{said}");

    // Back with all that has happened, into its old place; and there again.
    let said = migrated(path, new, old);
    assert!(said.contains("what was there is now") && said.contains(".before-migrate-"), "{said}");
    assert_eq!(opened(path, old), 4);
    assert!(refused(path, &["--database", new]).contains("was moved to sqlite:/"));
    migrated(path, old, new);
    assert_eq!(opened(path, new), 5);

    // Back to what it was then: nobody knows how far the other has come.
    let (code, _, said) = run(path, &["backup", "then.db"]);
    assert_eq!(code, 0, "{said}");
    let (code, said, stderr) = run(path, &["restore", "--force", "then.db"]);
    assert!(code == 0 && said.contains("the next ticket is 2001"), "{said}{stderr}");
    assert_eq!(opened(path, old), 2001);
    let (_, _, said) = run(path, &["migrate", "--from", old, "--to", new]);
    assert!(said.contains("the target is in use"), "what has gone on by itself is not replaced: {said}");
}

#[test]
fn a_move_that_failed_left_a_database_and_a_lock() {
    let folder = used();
    let path = folder.path();
    fs::write(path.join("notes.db"), "Some notes, and no database").unwrap();
    fs::copy(path.join("copy.db"), path.join("other.part")).unwrap();
    let before = names(path);
    for (from, to) in [
        ("sqlite:misspelt.db", "sqlite:moved.db"),
        ("sqlite:notes.db", "sqlite:moved.db"),
        ("sqlite:state/meridian.db", "sqlite:notes.db"),
        ("sqlite:state/meridian.db", "sqlite:nowhere/moved.db"),
        ("sqlite:other.part", "sqlite:other"),
    ] {
        let (code, _, said) = run(path, &["migrate", "--from", from, "--to", to]);
        assert_eq!(code, 1, "{said}");
        assert_eq!(names(path), before, "{from} to {to}: {said}");
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
