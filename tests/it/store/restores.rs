use std::collections::BTreeMap;
use std::path::Path;

use meridian::clock::Clock;
use meridian::engine::IdempotencyKey;

use super::*;
use crate::engine::house::{House, ORG, facts, key, monday};

/// A daemon's day, from an instant on, on whatever is in the database.
async fn house(url: &str, hour: i64) -> House {
    House::node(url, ORG, &Clock::standing_at(monday(hour, 0))).await.unwrap()
}

async fn close(house: House) {
    house.engine.stop().await;
    house.engine.store().close().await;
}

/// By id, what receivers have been told; on both sides of a restore.
#[derive(Default)]
struct Told(BTreeMap<String, String>);

impl Told {
    /// Fails where an id stands for something else than before.
    async fn hear(&mut self, store: &Store) {
        let tickets = store.load_desk().await.unwrap().tickets;
        let epoch = store.last().await.unwrap().numbers.epoch;
        for filter in [OutboxFilter::Pending, OutboxFilter::Sent, OutboxFilter::Failed] {
            for row in store.outbox(filter, 1000).await.unwrap() {
                self.note(format!("notice {}", row.notice.id), format!("{:?}", row.notice));
            }
        }
        for saved in tickets {
            let id = saved.ticket.id;
            self.note(format!("ticket {id}"), saved.ticket.facts.title.clone());
            for event in store.history(id).await.unwrap() {
                self.note(format!("event {id}.{}.{epoch}", event.seq), format!("{event:?}"));
            }
        }
        for kind in DayKind::ALL {
            for row in store.day_rows(kind).await.unwrap() {
                self.note(format!("day row {}", row.id), row.body.to_string());
            }
        }
    }

    fn note(&mut self, id: String, what: String) {
        let before = self.0.entry(id.clone()).or_insert_with(|| what.clone());
        assert_eq!(*before, what, "{id} stands for two things");
    }
}

async fn leave(store: &Store, person: &str) {
    let body = serde_json::json!({"person": person, "from": "2026-03-02", "to": "2026-03-03"});
    let mut batch = store.begin().await.unwrap();
    let before = batch.last().await.unwrap();
    batch.add_day_row(DayKind::Leave, &body, "anna", noon()).await.unwrap();
    batch.save(&Changes { numbers: before.numbers, ..Changes::default() }, &before, noon()).await.unwrap();
    batch.commit().await.unwrap();
}

async fn restored(file: &Path, url: &str, state: &TempDir, minute: i64) -> Restored {
    let now = noon() + TimeDelta::minutes(minute);
    let restoring = Restoring { force: true, state: state.path(), node: "node", now };
    loop {
        match restore(file, url, restoring, |_, _| ()).await {
            // Whoever has just closed may still be on the way out.
            Err(error) if format!("{error:#}").contains("daemons are using it") => {
                tokio::task::yield_now().await
            }
            restored => return restored.unwrap(),
        }
    }
}

#[tokio::test]
async fn ids_given_out_after_a_backup_were_given_out_again_with_other_content() {
    let (folder, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    for (url, other) in [
        (sqlite_url(&folder), sqlite_url(&elsewhere)),
        (postgres::empty_database().await, postgres::empty_database().await),
    ] {
        let (state, mut told) = (TempDir::new().unwrap(), Told::default());
        let file = state.path().join("copy.db");
        let first = house(&url, 9).await;
        first.open("Known to the backup").await.unwrap();
        leave(first.engine.store(), "anna").await;
        told.hear(first.engine.store()).await;
        first.engine.store().back_up(&file, false, noon(), |_, _| ()).await.unwrap();
        first.by("anna", 1, Verb::Acknowledge).await.unwrap();
        first.open("Lost with the restore").await.unwrap();
        first.open("Lost as well").await.unwrap();
        leave(first.engine.store(), "bjorn").await;
        told.hear(first.engine.store()).await;
        close(first).await;

        // What is there tells how far it had come; twice, as the first time may have been a mistake.
        for (round, expected) in [(1, 4), (2, 5)] {
            let Restored { onwards, .. } = restored(&file, &url, &state, round).await;
            assert_eq!((onwards.next_ticket, onwards.tickets_passed_over), (expected, expected - 2));
            let again = house(&url, 10).await;
            let reason = format!("not for me, for the {round}. time");
            again.by("anna", 1, Verb::Decline { reason }).await.unwrap();
            let opened = again.open(&format!("New after restore {round}")).await.unwrap();
            assert_eq!(opened.id.0, expected);
            leave(again.engine.store(), &format!("carol {round}")).await;
            told.hear(again.engine.store()).await;
            close(again).await;
        }

        // Where nothing is left of it, nobody knows, and a great leap is made.
        let Restored { onwards, .. } = restored(&file, &other, &state, 0).await;
        assert_eq!((onwards.next_ticket, onwards.tickets_passed_over), (2001, 1999));
        let far = house(&other, 11).await;
        far.by("anna", 1, Verb::Decline { reason: "nor now".to_owned() }).await.unwrap();
        assert_eq!(far.open("New elsewhere").await.unwrap().id.0, 2001);
        leave(far.engine.store(), "carol 3").await;
        told.hear(far.engine.store()).await;
        let store = far.engine.store();
        let passed = store.passed_over(TicketId(812)).await.unwrap().unwrap();
        assert_eq!((passed.from, passed.to), (TicketId(2), TicketId(2000)));
        for number in [1, 2001] {
            assert_eq!(store.passed_over(TicketId(number)).await.unwrap(), None);
        }
        close(far).await;
        println!("{} ids", told.0.len());
    }
}

/// It was answered, and what it did is lost: repeated, it is done. One that the backup knows is not done twice.
#[tokio::test]
async fn a_request_repeated_after_a_restore_is_done_if_the_backup_does_not_know_it() {
    let (folder, state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (url, file) = (sqlite_url(&folder), state.path().join("copy.db"));
    let asked = |name: &str| -> Option<IdempotencyKey> { key(name, "POST /v1/tickets") };
    let before = house(&url, 9).await;
    let known = before.open_with(facts("Known"), asked("one")).await.unwrap().id;
    before.engine.store().back_up(&file, false, noon(), |_, _| ()).await.unwrap();
    let lost = before.open_with(facts("Lost"), asked("two")).await.unwrap().id;
    close(before).await;
    restored(&file, &url, &state, 0).await;
    let after = house(&url, 10).await;
    assert_eq!(after.open_with(facts("Known"), asked("one")).await.unwrap().id, known);
    let repeated = after.open_with(facts("Lost"), asked("two")).await.unwrap();
    assert_ne!(repeated.id, lost, "the number of the one that is lost is nobody's");
    assert_eq!(after.ticket(repeated.id.0).await.facts.title, "Lost");
    close(after).await;
}

/// What stands there is older than the backup: a machine set back to an earlier state.
#[tokio::test]
async fn what_is_older_than_the_backup_does_not_tell_what_was_given_out() {
    let (folder, state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let url = sqlite_url(&folder);
    let [old, new] = ["old.db", "new.db"].map(|name| state.path().join(name));
    let day = house(&url, 9).await;
    day.open("The first").await.unwrap();
    day.engine.store().back_up(&old, false, noon(), |_, _| ()).await.unwrap();
    day.open("The second").await.unwrap();
    day.engine.store().back_up(&new, false, noon(), |_, _| ()).await.unwrap();
    close(day).await;
    std::fs::copy(&old, folder.path().join("meridian.db")).unwrap();
    assert_eq!(restored(&new, &url, &state, 0).await.onwards.next_ticket, 2001);
}

#[tokio::test]
async fn a_copy_is_the_same_database_and_another_one_is_not() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (one, two) = (sqlite(&folder).await, Store::open(&postgres::empty_database().await).await.unwrap());
    let (mine, yours) = (one.identity().await.unwrap(), two.identity().await.unwrap());
    assert!(mine.len() == 32 && yours.len() == 32 && mine != yours, "{mine} {yours}");
    save(&one, tickets(vec![ticket(1)])).await.unwrap();
    one.copy_to(&two, |_, _| ()).await.unwrap();
    assert_eq!(two.identity().await.unwrap(), mine, "moved to the other kind");
    let file = other.path().join("copy.db");
    two.back_up(&file, false, noon(), |_, _| ()).await.unwrap();
    let restored = restored(&file, &sqlite_url(&other), &other, 0).await;
    assert_eq!(restored.identity, mine, "backed up and restored");
}
