use super::*;

#[tokio::test]
async fn a_thousand_tickets_are_one_batch_and_survive_a_restart() {
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    let events = (1..=1000).map(|id| note(id, 1, "opened")).collect();
    let changes = Changes { tickets: (1..=1000).map(ticket).collect(), events, ..Changes::default() };
    save(&store, changes).await.unwrap();
    store.close().await;

    let store = sqlite(&folder).await;
    let rows = store.load_desk().await.unwrap();
    assert_eq!(rows.tickets, (1..=1000).map(ticket).collect::<Vec<_>>());
    assert_eq!(store.history(TicketId(1000)).await.unwrap(), [note(1000, 1, "opened")]);
}

#[tokio::test]
async fn a_new_database_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    save(&store, tickets(vec![ticket(1)])).await.unwrap();
    let files = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap);
    let modes: BTreeMap<String, String> = files
        .map(|file| {
            let mode = file.metadata().unwrap().permissions().mode() & 0o777;
            (file.file_name().into_string().unwrap(), format!("{mode:o}"))
        })
        .collect();
    insta::assert_debug_snapshot!(modes, @r#"
    {
        "meridian.db": "600",
        "meridian.db-shm": "600",
        "meridian.db-wal": "600",
    }
    "#);
}

#[tokio::test]
async fn what_cannot_be_opened_is_said_with_its_place() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing/meridian.db");
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "these are notes, and more than a header's length of them\n".repeat(9)).unwrap();
    let mut table = String::new();
    for url in [
        "mysql://localhost/meridian".to_owned(),
        "postgres://meridian:secret@[::1/meridian".to_owned(),
        "postgres://meridian:secret@127.0.0.1:1/meridian?password=secret".to_owned(),
        "sqlite::memory:".to_owned(),
        format!("sqlite:{}", missing.display()),
        format!("sqlite:{}", text.display()),
    ] {
        let said = words(Store::open(&url).await);
        table += &said.replace(&folder.path().display().to_string(), "DIR");
        table += "\n";
    }
    insta::assert_snapshot!(table, @r#"
    the database is neither sqlite:PATH nor postgres://USER:PASSWORD@HOST/DATABASE
    the database is no URL; what is special in a password is written as %XX: error with configuration: invalid IPv6 address: invalid IPv6 address
    could not open the database postgres://meridian@127.0.0.1:1/meridian: error communicating with database: Connection refused (os error 111): Connection refused (os error 111)
    could not open the database sqlite::memory:: it must be a file, so that what is promised is kept
    could not open the database sqlite:DIR/missing/meridian.db: its directory does not exist: create it first
    could not open the database sqlite:DIR/notes.txt: what is in it cannot be read: it is some other file, not a SQLite database
    "#);
}

#[tokio::test]
async fn what_a_newer_release_wrote_is_refused_and_not_half_read() {
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    save(&store, tickets(vec![ticket(1)])).await.unwrap();
    store.close().await;
    let tool = sqlx::SqlitePool::connect(&sqlite_url(&folder)).await.unwrap();
    sqlx::query("update tickets set version = 99").execute(&tool).await.unwrap();
    tool.close().await;

    let said = words(sqlite(&folder).await.ticket(TicketId(1)).await);
    insta::assert_snapshot!(said, @"ticket 1: written by a newer release (body version 99, this one reads up to 1)");
}

#[tokio::test]
async fn events_cannot_be_changed_even_from_outside() {
    let folder = TempDir::new().unwrap();
    let store = sqlite(&folder).await;
    let changes =
        Changes { tickets: vec![ticket(1)], events: vec![note(1, 1, "first")], ..Changes::default() };
    save(&store, changes).await.unwrap();
    let tool = sqlx::SqlitePool::connect(&sqlite_url(&folder)).await.unwrap();
    let rewritten = sqlx::query("update events set at = 0").execute(&tool).await;
    let deleted = sqlx::query("delete from events").execute(&tool).await;
    assert!(rewritten.unwrap_err().to_string().contains("events are never changed"));
    assert!(deleted.unwrap_err().to_string().contains("events are never deleted"));
}
