use super::*;

/// Something in every table.
async fn fill(store: &Store) {
    let turns = BTreeMap::from([(TeamId::new("emea-frontline"), PersonId::new("anna"))]);
    let changes = Changes {
        tickets: (1..=1200).map(ticket).chain([closed(1201)]).collect(),
        events: (1..=1200).map(|id| note(id, 1, "a 'quote', \"another\", \\ and 🌍\n")).collect(),
        notices: vec![notice("b", 1, NoticeKind::Page, 1), notice("B", 2, NoticeKind::Told, 2)],
        handoffs: vec![handoff(1, HandoffOutcome::Offered)],
        turns,
        numbers: Numbers { ticket: 1201, handoff: 1, ..Numbers::default() },
    };
    save(store, changes).await.unwrap();
    let files = BTreeMap::from([("org.toml".to_owned(), "[org]\nname = \"Ö\"\n".to_owned())]);
    let revision = RevisionRow { number: 1, at: noon(), files, zone_version: None, zones: BTreeMap::new() };
    let answer =
        Remembered { fingerprint: "f".to_owned(), answer: serde_json::json!({"z": 1, "a": [2.5, null]}) };
    let body = serde_json::json!({"person": "anna", "from": "2026-03-02", "to": "2026-03-03"});
    let mut batch = store.begin().await.unwrap();
    let before = batch.last().await.unwrap();
    batch.add_revision(&revision).await.unwrap();
    batch.remember(&BTreeMap::from([("key".to_owned(), answer)]), noon()).await.unwrap();
    batch.add_day_row(DayKind::Leave, &body, "anna", noon()).await.unwrap();
    batch.save(&Changes { numbers: before.numbers, ..Changes::default() }, &before, noon()).await.unwrap();
    batch.commit().await.unwrap();
    let (name, hash) = ("grafana".to_owned(), "a".repeat(64));
    let token = TokenRow { name, hash, role: Role::Ingest, person: None, at: noon() };
    assert!(store.add_token(&token).await.unwrap());
    store.agrees(1, noon()).await.unwrap();
}

#[tokio::test]
async fn a_database_moves_to_the_other_kind_and_back() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let shared = postgres::database().await;
    let first = sqlite(&folder).await;
    fill(&first).await;
    first.close().await;

    let first = Store::open_to_read(&sqlite_url(&folder)).await.unwrap();
    let second = Store::open(&shared).await.unwrap();
    let mut heard = Vec::new();
    let there = first.copy_to(&second, |table, rows| heard.push((table, rows))).await.unwrap();
    assert!(heard.contains(&("tickets", 500)) && heard.contains(&("tickets", 1201)), "{heard:?}");
    let counts: Vec<String> =
        there.iter().map(|copied| format!("{} {}", copied.table, copied.rows)).collect();
    insta::assert_snapshot!(counts.join(", "), @"desk 1, restores 0, turns 1, tickets 1201, events 1200, handoffs 1, outbox 2, remembered 1, revisions 1, day_rows 1, tokens 1, nodes 1, last_backup 0, trail 0, forgetting 0, keys 0");
    second.close().await;

    let second = loop {
        match Store::open_to_read(&shared).await {
            // Whoever has just closed may still be on the way out.
            Err(error) if format!("{error:#}").contains("daemons are using it") => {
                tokio::task::yield_now().await
            }
            opened => break opened.unwrap(),
        }
    };
    let third = sqlite(&other).await;
    let back = second.copy_to(&third, |_, _| ()).await.unwrap();
    assert_eq!(back, there);
    assert_eq!(third.load_desk().await.unwrap().tickets, first.load_desk().await.unwrap().tickets);

    let used = words(first.copy_to(&third, |_, _| ()).await);
    insta::assert_snapshot!(used, @"the target is in use (table desk has rows): name an empty database");
    assert_eq!(third.last().await.unwrap(), first.last().await.unwrap(), "nothing has changed there");
}

#[tokio::test]
async fn what_is_only_read_is_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let url = sqlite_url(&folder);
    assert!(words(Store::open_to_read(&url).await).ends_with("there is no such file"));
    sqlite(&folder).await.close().await;
    let store = Store::open_to_read(&url).await.unwrap();
    assert!(words(save(&store, tickets(vec![ticket(1)])).await).contains("readonly"));
}

#[tokio::test]
async fn tables_of_a_newer_release_are_used_where_it_says_so() {
    let (folder, shared) = (TempDir::new().unwrap(), postgres::database().await);
    sqlite(&folder).await.close().await;
    sqlx::any::install_default_drivers();
    for url in [sqlite_url(&folder), shared] {
        let tool = sqlx::AnyPool::connect(&url).await.unwrap();
        let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
            select 99, 'newer', success, checksum, 0 from _sqlx_migrations where version = 1";
        sqlx::query(newer).execute(&tool).await.unwrap();
        let store = Store::open(&url).await.unwrap();
        save(&store, tickets(vec![ticket(1)])).await.unwrap();
        store.close().await;
        sqlx::query("update schema_needs set migration = 99").execute(&tool).await.unwrap();
        let said = words(Store::open(&url).await);
        assert!(
            said.contains("it was used by a newer release (migration 99), with which this one"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_database_of_the_first_release_is_brought_up_to_date_with_its_rows() {
    let folder = TempDir::new().unwrap();
    let url = sqlite_url(&folder);
    std::fs::write(folder.path().join("meridian.db"), "").unwrap();
    let tool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let mut first = sqlx::migrate!("migrations/sqlite");
    first.migrations = first.migrations.iter().filter(|one| one.version == 1).cloned().collect();
    first.run(&tool).await.unwrap();
    let row = "insert into day_rows (kind, at, by, body) values ('leave', 0, 'anna', '{}')";
    sqlx::query(row).execute(&tool).await.unwrap();
    tool.close().await;
    let store = sqlite(&folder).await;
    assert_eq!(store.day_rows(DayKind::Leave).await.unwrap().len(), 1);
    assert_eq!(store.last().await.unwrap().day_batch, 0);
}
