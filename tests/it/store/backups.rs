use std::path::Path;

use meridian::desk::AuditedAt;

use super::audit::filled;
use super::*;

fn restoring(state: &Path, force: bool) -> Restoring<'_> {
    Restoring { force, state, node: "restorer", now: noon() }
}

/// What people would ask of it.
async fn answers(store: &Store) -> (Vec<Saved>, Vec<Vec<Event>>, Vec<OutboxRow>) {
    let all = TicketFilter { limit: 10_000, ..TicketFilter::default() };
    let tickets = store.tickets(&all).await.unwrap();
    let mut histories = Vec::new();
    for saved in &tickets {
        histories.push(store.history(saved.ticket.id).await.unwrap());
    }
    (tickets, histories, store.outbox(OutboxFilter::Pending, 10_000).await.unwrap())
}

#[tokio::test]
async fn what_is_restored_gives_the_same_answers_whatever_it_came_from_and_went_to() {
    for_each_store(async |store| {
        filled(&store).await;
        store
            .claim_notices(noon() + TimeDelta::days(1), "gone", TimeDelta::days(30), 10, &Leave::NOTHING)
            .await
            .unwrap();
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("copy.db");
        let contents = store.back_up(&file, false, noon(), |_, _| ()).await.unwrap();
        assert_eq!((contents.tickets, contents.audit.wrong), (430, 0));
        let names: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(names, ["copy.db"], "one file, and it stands alone");
        let before = answers(&store).await;

        let state = TempDir::new().unwrap();
        let urls = [sqlite_url(&state), postgres::database().await];
        for url in &urls {
            restore(&file, url, restoring(state.path(), false), |_, _| ()).await.unwrap();
            let restored = Store::open(url).await.unwrap();
            assert_eq!(answers(&restored).await, before);
            assert_eq!(restored.agreed().await.unwrap(), None);
            let claimed = restored
                .claim_notices(noon() + TimeDelta::days(1), "new", TimeDelta::days(1), 10, &Leave::NOTHING)
                .await;
            assert_eq!(claimed.unwrap().len(), 10, "no lease of before is in the way");
            restored.close().await;
            let refused = words(restore(&file, url, restoring(state.path(), false), |_, _| ()).await);
            assert!(refused.contains("say --force") || refused.contains("daemons are using it"), "{refused}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_database_knows_of_its_last_backup() {
    for_each_store(async |store| {
        let last = async || store.last_backup().await.unwrap();
        assert_eq!(last().await, None);
        let [monday, tuesday] =
            [0, 1].map(|days| LastBackup { at: noon() + TimeDelta::days(days), batch: 7 + days });
        store.backed_up(tuesday).await.unwrap();
        store.backed_up(monday).await.unwrap();
        assert_eq!(last().await, Some(tuesday), "whoever comes late with an older one changes nothing");
    })
    .await;
}

#[tokio::test]
async fn what_was_there_is_moved_aside_and_can_be_restored_itself() {
    let (state, shared) = (TempDir::new().unwrap(), postgres::database().await);
    let small = Store::open(&sqlite_url(&state)).await.unwrap();
    filled(&small).await;
    let file = state.path().join("copy.db");
    small.back_up(&file, false, noon(), |_, _| ()).await.unwrap();
    small.close().await;

    let target = Store::open(&shared).await.unwrap();
    let changes = Changes { tickets: vec![ticket(1)], ..Changes::default() };
    save(&target, changes).await.unwrap();
    let in_use = words(restore(&file, &shared, restoring(state.path(), true), |_, _| ()).await);
    assert!(in_use.contains("daemons are using it"), "{in_use}");
    target.close().await;
    let restored = loop {
        match restore(&file, &shared, restoring(state.path(), true), |_, _| ()).await {
            // Whoever has just closed may still be on the way out.
            Err(error) if format!("{error:#}").contains("daemons are using it") => {
                tokio::task::yield_now().await
            }
            restored => break restored.unwrap(),
        }
    };
    assert_eq!(restored.contents.tickets, 430);
    let target = Store::open(&shared).await.unwrap();
    assert_eq!(target.load_desk().await.unwrap().batch, 43);
    assert!(words(sqlx_delete(&shared).await).contains("events are never deleted"), "the guard stands again");
    target.close().await;
    let aside = Store::open(&format!("sqlite:{}", restored.aside.unwrap().display())).await.unwrap();
    assert_eq!(numbers(&aside.load_desk().await.unwrap().tickets), [1]);
}

async fn sqlx_delete(url: &str) -> anyhow::Result<()> {
    let tool = sqlx::AnyPool::connect(url).await?;
    let live = "delete from events where ticket in (select id from tickets where state = 'waiting')";
    sqlx::query(live).execute(&tool).await?;
    Ok(())
}

#[tokio::test]
async fn a_backup_under_load_is_of_one_instant_and_nobody_waits_for_it() {
    for_each_store(async |store| {
        filled(&store).await;
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("copy.db");
        let backup = store.back_up(&file, false, noon(), |_, _| ());
        let (mut saved, mut slowest) = (0, std::time::Duration::ZERO);
        let mut backup = std::pin::pin!(backup);
        let contents = loop {
            let began = std::time::Instant::now();
            let one = async {
                let closed = closed(1000 + saved);
                save(&store, Changes { tickets: vec![closed], ..Changes::default() }).await.unwrap();
            };
            tokio::select! {
                biased;
                contents = &mut backup => break contents.unwrap(),
                () = one => (),
            }
            saved += 1;
            slowest = slowest.max(began.elapsed());
        };
        println!("{saved} batches meanwhile, the slowest took {slowest:?}");
        assert!(saved > 0, "batches are committed meanwhile");
        assert!(contents.tickets >= 430);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_whole_backup_of_ours_is_refused_and_changes_nothing() {
    let (folder, state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let store = sqlite(&folder).await;
    filled(&store).await;
    let good = folder.path().join("good.db");
    store.back_up(&good, false, noon(), |_, _| ()).await.unwrap();
    let bytes = std::fs::read(&good).unwrap();
    let mut table = String::new();
    let mut damaged = bytes.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 9000].fill(0x5a);
    for (name, bytes) in
        [("half", &bytes[..bytes.len() / 2]), ("damaged", &damaged), ("other", b"Some notes.")]
    {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let url = sqlite_url(&state);
        let said = words(restore(&file, &url, restoring(state.path(), false), |_, _| ()).await);
        table += &format!("{name}: {}\n", said.chars().take(60).collect::<String>());
        assert!(!state.path().join("meridian.db").exists(), "{name} leaves nothing: {said}");
    }
    let tool = sqlx::SqlitePool::connect(&format!("sqlite:{}", good.display())).await.unwrap();
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        select 99, 'newer', success, checksum, 0 from _sqlx_migrations where version = 1;
        update schema_needs set migration = 99";
    sqlx::raw_sql(newer).execute(&tool).await.unwrap();
    tool.close().await;
    let said = words(restore(&good, &sqlite_url(&state), restoring(state.path(), false), |_, _| ()).await);
    assert!(said.contains("it was used by a newer release (migration 99), with which this one"), "{said}");
    println!("{table}");
    let at = AuditedAt { now: noon(), lateness_max: TimeDelta::days(1) };
    assert_eq!(store.audit(at, |_| ()).await.unwrap().wrong, 0);
}
