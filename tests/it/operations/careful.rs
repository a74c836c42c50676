//! Backups and restores that would have lost or let in something.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use meridian::store::Store;
use serde_json::Value;
use tempfile::TempDir;

use crate::daemon::{Daemon, command, folder, run};
use crate::postgres;

fn open(folder: &Path, daemon: &Daemon, title: &str) {
    let (code, _, said) = run(folder, &["ticket", "open", title, "--server", &daemon.server()]);
    assert_eq!(code, 0, "{said}");
}

/// A folder in which a daemon has worked on one ticket, and has stopped.
fn used() -> TempDir {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), None);
    open(folder.path(), &daemon, "The shop is down");
    assert_eq!(daemon.stop(), 0);
    folder
}

/// Exit code and what is said on both.
fn says(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let (code, stdout, stderr) = run(folder, arguments);
    (code, format!("{stdout}{stderr}"))
}

fn sql(file: &Path, text: &'static str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let tool = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display())).await.unwrap();
        sqlx::raw_sql(text).execute(&tool).await.unwrap();
        tool.close().await;
    });
}

/// What a daemon says until it listens, and that it takes a ticket.
fn logs(folder: &Path) -> String {
    let file = folder.join("log");
    let mut serve = command(folder, &["serve", "--listen", "127.0.0.1:0", "--watch=false"]);
    let mut process = serve.stderr(fs::File::create(&file).unwrap()).spawn().unwrap();
    let said = (0..1000).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        Some(fs::read_to_string(&file).unwrap()).filter(|said| said.contains("listening at"))
    });
    let server = fs::read_to_string(folder.join("state/listening")).unwrap();
    let server = format!("http://{}", server.trim());
    let (code, _, refused) = run(folder, &["ticket", "open", "Another", "--server", &server]);
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(code, 0, "{refused}");
    said.expect("it listens within twenty seconds")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_backup_onto_the_live_database_destroyed_it() {
    let folder = folder();
    let path = folder.path();
    let daemon = Daemon::start(path, None);
    open(path, &daemon, "The shop is down");
    symlink(path.join("state"), path.join("linked")).unwrap();
    fs::hard_link(path.join("state/meridian.db"), path.join("other-name.db")).unwrap();
    for file in [
        "state/meridian.db",
        "linked/meridian.db",
        "state/../state/meridian.db",
        "other-name.db",
        "state/meridian.db-wal",
        "state/meridian.db-journal",
    ] {
        let (code, said) = says(path, &["backup", "--force", file]);
        assert_eq!(code, 1, "{file}: {said}");
        assert!(said.contains("is of the database itself"), "{file}: {said}");
    }
    open(path, &daemon, "It is still at work");
    let (code, _, said) = run(path, &["backup", "copy.db"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(daemon.stop(), 0);

    // Another daemon's database, and its name for what is still being made.
    let (code, said) =
        says(path, &["backup", "--database", "sqlite:copy.db", "--force", "state/meridian.db"]);
    assert!(code == 1 && said.contains("no backup of ours"), "{said}");
    fs::rename(path.join("copy.db"), path.join("file.part")).unwrap();
    let (code, said) = says(path, &["backup", "--database", "sqlite:file.part", "--force", "file"]);
    assert!(code == 1 && said.contains("is of the database itself"), "{said}");
    let (code, said) = says(path, &["restore", "--force", "state/meridian.db"]);
    assert!(code == 1 && said.contains("is of what it would replace"), "{said}");
}

#[test]
fn force_replaced_settings_devices_and_links() {
    let folder = used();
    let path = folder.path();
    assert_eq!(run(path, &["backup", "copy.db"]).0, 0);
    fs::write(path.join("meridian.toml"), "listen = \"127.0.0.1:0\"\n").unwrap();
    fs::write(path.join("empty"), "").unwrap();
    symlink(path.join("copy.db"), path.join("link")).unwrap();
    symlink(path.join("nowhere"), path.join("dangling")).unwrap();
    for (file, code, words) in [
        ("meridian.toml", 1, "is no backup of ours"),
        ("/dev/full", 1, "is no regular file"),
        ("schedules", 1, "is no regular file"),
        ("link", 1, "is no regular file"),
        ("dangling", 1, "is no regular file"),
        ("copy.db", 0, "copy.db: 1 tickets"),
        ("empty", 0, "empty: 1 tickets"),
    ] {
        let (found, said) = says(path, &["backup", "--force", file]);
        assert_eq!(found, code, "{file}: {said}");
        assert!(said.contains(words), "{file}: {said}");
    }
    assert!(fs::symlink_metadata(path.join("link")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(path.join("meridian.toml")).unwrap(), "listen = \"127.0.0.1:0\"\n");
}

#[test]
fn an_open_file_left_for_the_backup_stayed_open_to_others() {
    let folder = used();
    let path = folder.path();
    let part = path.join("copy.db.part");
    fs::write(&part, "left by a killed one").unwrap();
    fs::set_permissions(&part, fs::Permissions::from_mode(0o666)).unwrap();
    let before = fs::File::open(&part).unwrap();
    assert_eq!(run(path, &["backup", "copy.db"]).0, 0);
    assert_eq!(mode(&path.join("copy.db")), 0o600);
    let still_open = std::io::read_to_string(before).unwrap();
    assert_eq!(still_open, "left by a killed one", "whoever had it open sees nothing of the backup");

    fs::write(path.join("precious"), "precious").unwrap();
    for leave in [
        &(|part: &Path| symlink(path.join("precious"), part)) as &dyn Fn(&Path) -> std::io::Result<()>,
        &|part| fs::hard_link(path.join("precious"), part),
        &|part| fs::create_dir(part),
    ] {
        leave(&path.join("other.db.part")).unwrap();
        let (code, said) = says(path, &["backup", "other.db"]);
        assert!(code == 1 && said.contains("none of our files"), "{said}");
        _ = fs::remove_file(path.join("other.db.part"));
        _ = fs::remove_dir(path.join("other.db.part"));
    }
    assert_eq!(fs::read_to_string(path.join("precious")).unwrap(), "precious");
}

#[test]
fn a_restore_somewhere_else_made_a_database_nobody_looked_at() {
    let (folder, elsewhere) = (used(), TempDir::new().unwrap());
    assert_eq!(run(folder.path(), &["backup", "copy.db"]).0, 0);
    let file = folder.path().join("copy.db").display().to_string();
    let (code, said) = says(elsewhere.path(), &["restore", &file]);
    assert!(code == 1 && said.contains("give --config FILE"), "{said}");
    let (code, said) = says(folder.path(), &["restore", &file, "--state", "./typo"]);
    assert!(code == 1 && said.contains("there is no state folder ./typo"), "{said}");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0, "nothing was made");
    let (code, said) = says(folder.path(), &["restore", &file, "--force"]);
    assert_eq!(code, 0, "{said}");
    let place = folder.path().canonicalize().unwrap().join("state/meridian.db");
    assert!(said.contains(&format!("restored into {}: 1 tickets", place.display())), "{said}");
    assert!(said.contains("1 token came along, 1 of administrators"), "{said}");
}

#[test]
fn two_daemons_opened_one_file_and_a_restore_ran_beside_them() {
    let folder = folder();
    let path = folder.path();
    fs::create_dir(path.join("shared")).unwrap();
    let serve = |state: &str, database: &str| {
        let arguments =
            ["serve", "--listen", "127.0.0.1:0", "--watch=false", "--state", state, "--database", database];
        command(path, &arguments)
    };
    let daemon = Daemon::of(serve("one", "sqlite:shared/m.db"));
    symlink(path.join("shared"), path.join("linked")).unwrap();
    let second = serve("two", "sqlite:linked/m.db").output().unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(!second.status.success() && said.contains("is in use by another process"), "{said}");
    let database = ["--database", "sqlite:shared/m.db"];
    let (code, said) = says(path, &[&["backup", "copy.db"], &database[..]].concat());
    assert_eq!(code, 0, "beside a running daemon: {said}");
    fs::create_dir(path.join("three")).unwrap();
    let restore = [&["restore", "copy.db", "--force", "--state", "three"], &database[..]].concat();
    let (code, said) = says(path, &restore);
    assert!(code == 1 && said.contains("is in use by another process"), "{said}");
    for migrate in [
        ["migrate", "--from", "sqlite:shared/m.db", "--to", "sqlite:moved.db"],
        ["migrate", "--from", "sqlite:copy.db", "--to", "sqlite:shared/m.db"],
    ] {
        let (code, said) = says(path, &migrate);
        assert!(code == 1 && said.contains("is in use by another process"), "{said}");
    }
    assert_eq!(daemon.stop(), 0);
    assert_eq!(run(path, &restore).0, 0);
}

#[test]
fn what_stood_in_the_log_beside_a_raw_copy_was_lost() {
    let folder = folder();
    let path = folder.path();
    let daemon = Daemon::start(path, None);
    (1..=5).for_each(|n| open(path, &daemon, &format!("Ticket {n}")));
    fs::create_dir(path.join("raw")).unwrap();
    for ending in ["", "-wal"] {
        let from = path.join(format!("state/meridian.db{ending}"));
        fs::copy(from, path.join(format!("raw/m.db{ending}"))).unwrap();
    }
    assert_eq!(daemon.stop(), 0);
    let copies = || ["", "-wal"].map(|ending| fs::read(path.join(format!("raw/m.db{ending}"))).unwrap());
    let before = copies();
    let (code, stdout, stderr) = run(path, &["restore", "raw/m.db", "--force", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap()["tickets"], 5);
    assert!(before == copies(), "what was restored is as it was");
    assert_eq!(fs::read_dir(path.join("raw")).unwrap().count(), 2);
}

#[test]
fn a_trigger_in_a_backup_came_into_the_database() {
    let folder = used();
    let path = folder.path();
    assert_eq!(run(path, &["backup", "copy.db"]).0, 0);
    sql(
        &path.join("copy.db"),
        "create trigger door after insert on events begin
            insert or ignore into tokens (name, hash, role, at) values ('door', hex(zeroblob(32)), 'admin', 0);
        end;
        drop trigger events_are_never_changed;
        create trigger events_are_never_changed after update on tokens begin select 1; end",
    );
    let (code, said) = says(path, &["restore", "copy.db", "--force"]);
    assert_eq!(code, 1, "{said}");
    let words = "copy.db: could not open the database";
    let names = "trigger door, trigger events_are_never_changed";
    assert!(said.contains(words) && said.contains(names), "{said}");

    // Somebody else's database, and one in which somebody has put something.
    sql(
        &path.join("state/meridian.db"),
        "alter table tokens rename to hidden; create view tokens as select * from hidden union all select * from hidden",
    );
    fs::write(path.join("places.db"), "").unwrap();
    sql(&path.join("places.db"), "create table places (url text); pragma user_version = 7");
    let before = fs::read(path.join("places.db")).unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let (code, said) = says(path, &serve);
    assert!(code == 1 && said.contains("write what it likes: view tokens"), "{said}");
    let (code, said) =
        says(path, &[&serve[..], &["--database", "sqlite:places.db", "--state", "new"]].concat());
    assert!(code == 1 && said.contains("it belongs to something else (table places)"), "{said}");
    let (code, said) =
        says(path, &["migrate", "--from", "sqlite:state/meridian.db", "--to", "sqlite:places.db"]);
    assert!(code == 1 && said.contains("it belongs to something else (table places)"), "{said}");
    assert_eq!(fs::read(path.join("places.db")).unwrap(), before, "not a byte of it is changed");
}

#[test]
fn an_index_a_view_and_a_table_of_ones_own_kept_the_daemon_from_starting() {
    let folder = used();
    let path = folder.path();
    let state = path.join("state/meridian.db");
    for (own, named) in [
        ("create index mine on tickets (opened_at)", "index mine"),
        ("create view \"it's mine\" as select id from tickets join notes on 1", "view it's mine"),
        ("create table notes (text text); create index by_text on notes (text)", "table notes"),
    ] {
        sql(&state, own);
        let said = logs(path);
        assert!(said.contains("the database has what is not ours") && said.contains(named), "{said}");
    }
    let (code, said) = says(path, &["backup", "copy.db"]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = says(path, &["restore", "copy.db", "--force"]);
    let words = "left out, as it is not ours: view it's mine, index by_text, index mine, table notes";
    assert!(code == 0 && said.contains(words), "{said}");
    let said = logs(path);
    assert!(!said.contains("what is not ours"), "{said}");

    sql(&state, "create trigger door after insert on events begin delete from tokens; end");
    let (code, said) = says(path, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(code == 1 && said.contains("write what it likes: trigger door"), "{said}");
}

#[test]
fn a_restored_server_left_the_files_of_its_node_aside() {
    let folder = used();
    let path = folder.path();
    assert_eq!(run(path, &["backup", "copy.db"]).0, 0);
    let rotations = path.join("schedules/org.toml");
    let text = fs::read_to_string(&rotations).unwrap();
    fs::write(&rotations, format!("# edited since the backup\n{text}")).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let shared = runtime.block_on(postgres::database());
    for url in ["sqlite:state/meridian.db", &shared] {
        let (code, said) = says(path, &["restore", "copy.db", "--force", "--database", url]);
        assert_eq!(code, 0, "{said}");
        let daemon = Daemon::of(command(
            path,
            &["serve", "--listen", "127.0.0.1:0", "--watch=false", "--database", url],
        ));
        let (_, body, _) = run(path, &["doctor", "--quick", "--json", "--database", url]);
        assert!(body.contains("decides, by revision 2"), "{url}: {body}");
        assert_eq!(daemon.stop(), 0);
    }
}

#[test]
fn a_flawed_backup_is_told_of_alike_by_both_and_a_damaged_one_by_its_name() {
    let folder = used();
    let path = folder.path();
    sql(&path.join("state/meridian.db"), "update tickets set priority = 'P5'");
    let (code, said) = says(path, &["backup", "copy.db"]);
    assert!(code == 1 && said.contains("1 thing in the database cannot be true"), "{said}");
    let (code, said) = says(path, &["restore", "copy.db", "--force"]);
    assert!(code == 1 && said.contains("it is restored, and 1 thing in it cannot be true"), "{said}");
    let mut bytes = fs::read(path.join("copy.db")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 9000].fill(0x5a);
    fs::write(path.join("damaged.db"), bytes).unwrap();
    let (code, said) = says(path, &["restore", "damaged.db", "--force"]);
    assert!(code == 1 && said.contains("damaged.db: "), "{said}");
}

#[test]
fn one_damaged_notice_and_there_was_no_backup_at_all() {
    let folder = used();
    let path = folder.path();
    let flipped = "pragma ignore_check_constraints = on; pragma foreign_keys = off;
        insert into outbox (id, ticket, urgency, priority, due_at, version, body, sent_at)
            select 'flipped-' || n, 1, 0, 1, 0, 1, '{\"to: \"anna\"}', case n when 2 then 0 end
            from (select 1 as n union all select 2)";
    sql(&path.join("state/meridian.db"), flipped);
    let (_, said) = says(path, &["doctor"]);
    assert!(
        said.contains("finds 2 things wrong with its rows") && said.contains("backup` still works"),
        "{said}"
    );
    let (code, said) = says(path, &["backup", "copy.db"]);
    assert!(code == 1 && said.contains("2 things in the database cannot be true"), "{said}");
    for words in ["notice flipped-1 cannot be read", "a row is damaged: CHECK constraint failed in outbox"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let (code, said) = says(path, &["restore", "copy.db", "--force"]);
    assert!(code == 1 && said.contains("it is restored, and 2 things in it cannot be true"), "{said}");
    logs(path);
}

#[test]
fn words_that_named_neither_place_nor_remedy() {
    let folder = used();
    let path = folder.path();
    fs::write(path.join("empty"), "\n").unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let shared = runtime.block_on(postgres::empty_database());
    let (place, socket) = shared.split_once('?').unwrap();
    let missing = format!("{}/nowhere?{socket}", place.rsplit_once('/').unwrap().0);
    let mut table = String::new();
    for arguments in [
        &["ticket", "list", "--token-file", "schedules/org.toml"][..],
        &["ticket", "list", "--token-file", "empty"],
        &["ticket", "list", "--server", "127.0.0.1:8470"],
        &["ticket", "list", "--server", "localhost:8470"],
        &["serve", "--listen", "127.0.0.1:0", "--schedules", "nowhere", "--state", "new"],
        &["backup", "other.db", "--database", &missing],
    ] {
        let (code, said) = says(path, arguments);
        assert_eq!(code, 1, "{said}");
        let last = said.lines().rfind(|line| line.starts_with("error")).unwrap_or(&said);
        table += &format!("{}\n", last.replace(&missing, "URL"));
    }
    insta::assert_snapshot!(table, @r#"
    error: schedules/org.toml: there is no token in it: one word is expected, as state/admin-token has it and `meridian token add` prints it
    error: empty: there is no token in it: one word is expected, as state/admin-token has it and `meridian token add` prints it
    error: --server "127.0.0.1:8470" is no address: http://HOST:PORT is expected, as http://127.0.0.1:8470, or https:// where the daemon has a certificate
    error: --server "localhost:8470" is no address: http://HOST:PORT is expected, as http://127.0.0.1:8470, or https:// where the daemon has a certificate
    error[unreadable]: there is no schedules directory nowhere: name yours with --schedules DIR or `schedules` in meridian.toml: No such file or directory (os error 2)
    error: could not open the database postgres://meridian@localhost/nowhere: database "nowhere" does not exist: create it first: `create database NAME encoding 'UTF8' template template0`
    "#);
}

#[test]
fn after_a_rollback_there_were_no_backups() {
    let folder = used();
    let path = folder.path();
    sql(
        &path.join("state/meridian.db"),
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
            select 99, 'newer', success, checksum, 0 from _sqlx_migrations where version = 1;
        create table newer (id integer primary key) strict",
    );
    let daemon = Daemon::start(path, None);
    let (code, said) = says(path, &["backup", "copy.db"]);
    assert_eq!(code, 0, "{said}");
    let (_, said) = says(path, &["doctor", "--json"]);
    assert!(said.contains("migration 99 of"), "{said}");
    assert_eq!(daemon.stop(), 0);
    let (code, said) = says(path, &["restore", "copy.db", "--force"]);
    assert_eq!(code, 0, "it goes as far as the daemon goes: {said}");
    let moved = ["migrate", "--from", "sqlite:state/meridian.db", "--to", "sqlite:moved.db"];
    let (code, said) = says(path, &moved);
    assert!(code == 0 && said.contains("what only that one knows is not in the copy"), "{said}");
    sql(&path.join("state/meridian.db"), "update schema_needs set migration = 99");
    let (code, said) = says(path, &["backup", "other.db"]);
    assert!(code == 1 && said.contains("with which this one"), "{said}");
}

#[tokio::test]
async fn before_an_upgrade_the_new_binary_makes_a_backup_that_the_old_one_can_restore() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("old.db");
    let tool = format!("sqlite:{}?mode=rwc", file.display());
    let migrations = sqlx::migrate!("migrations/sqlite");
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&tool).await.unwrap();
    migrations.run_to(1, &mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    let (code, said) = says(folder.path(), &["backup", "copy.db", "--database", "sqlite:old.db"]);
    assert_eq!(code, 0, "{said}");
    let copy = format!("sqlite:{}", folder.path().join("copy.db").display());
    let said = Store::open_beside(&copy).await.unwrap_err();
    assert!(format!("{said:#}").contains("of an earlier release (migration 1;"), "{said:#}");
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 2, "nothing of what was read is left");
}
