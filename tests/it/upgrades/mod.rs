//! A database of every earlier release works on, with all that is in it. `tests/upgrades` holds one for each state that
//! migrations have left behind, tables and rows, as the release of that time wrote it; whoever adds a migration adds the
//! next: `BLESS=1 cargo test --test it upgrades::` writes it.

mod dump;
mod interrupted;
mod story;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use meridian::clock::Clock;
use meridian::desk::*;
use meridian::engine::Engine;
use meridian::schedule::{PersonId, Priority};
use meridian::store::{DayKind, OutboxFilter, Restoring, Store, restore};
use sqlx::migrate::Migrator;
use tempfile::TempDir;

use crate::postgres;
use story::{Told, end, monday, of};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Sqlite,
    Postgres,
}

const KINDS: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];

impl Kind {
    fn migrations(self) -> Migrator {
        match self {
            Kind::Sqlite => sqlx::migrate!("migrations/sqlite"),
            Kind::Postgres => sqlx::migrate!("migrations/postgres"),
        }
    }

    fn versions(self) -> Vec<i64> {
        self.migrations().iter().map(|migration| migration.version).collect()
    }

    fn fixture(self, version: i64) -> PathBuf {
        let folder = if self == Kind::Sqlite { "sqlite" } else { "postgres" };
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/upgrades")
            .join(folder)
            .join(format!("{version:04}.sql"))
    }

    /// The URL of a database that is not there yet, or has no tables.
    async fn empty(self, folder: &TempDir) -> String {
        match self {
            Kind::Sqlite => format!("sqlite:{}", folder.path().join("meridian.db").display()),
            Kind::Postgres => postgres::empty_database().await,
        }
    }

    /// A database as the release that ended with this migration left it.
    async fn of_release(self, version: i64, folder: &TempDir) -> String {
        let text = fs::read_to_string(self.fixture(version)).expect("every state has one");
        let url = self.empty(folder).await;
        match self {
            Kind::Sqlite => dump::into_sqlite(&url, &text).await,
            Kind::Postgres => dump::into_postgres(&url, &text).await,
        }
        url
    }
}

#[tokio::test]
async fn every_state_of_the_tables_has_a_database_to_upgrade_from() {
    for kind in KINDS {
        let newest = *kind.versions().last().unwrap();
        for version in kind.versions() {
            let file = kind.fixture(version);
            if version == newest && !file.exists() && std::env::var_os("BLESS").is_some() {
                let folder = TempDir::new().unwrap();
                let url = kind.empty(&folder).await;
                restored_once(folder.path(), &url).await;
                story::tell(folder.path(), Store::open(&url).await.unwrap()).await;
                let text = match kind {
                    Kind::Sqlite => dump::of_sqlite(&url).await,
                    Kind::Postgres => dump::of_postgres(&url),
                };
                fs::write(&file, text).unwrap();
            }
            assert!(
                file.exists(),
                "{} is missing: with migration {newest} the newest and nothing else changed, \
                 BLESS=1 cargo test --test it upgrades:: writes it; check it in with the migration",
                file.display()
            );
        }
        let kept = fs::read_dir(kind.fixture(newest).parent().unwrap()).unwrap().count();
        assert_eq!(kept, kind.versions().len(), "a database without its migration in {kind:?}");
    }
}

/// From a backup of itself, before anything has happened.
async fn restored_once(folder: &Path, url: &str) {
    let (file, now) = (folder.join("copy.db"), monday(8, 0));
    let store = Store::open(url).await.unwrap();
    store.back_up(&file, false, now, |_, _| ()).await.unwrap();
    store.close().await;
    let restoring = Restoring { force: false, state: folder, node: "node", now };
    while let Err(error) = restore(&file, url, restoring, |_, _| ()).await {
        // Whoever has just closed may still be on the way out.
        assert!(format!("{error:#}").contains("daemons are using it"), "{error:#}");
        tokio::task::yield_now().await;
    }
}

/// Every table has rows before, and has them unchanged after.
#[tokio::test]
async fn no_row_is_lost_or_changed_by_any_upgrade() {
    for kind in KINDS {
        for version in kind.versions() {
            let folder = TempDir::new().unwrap();
            let url = kind.of_release(version, &folder).await;
            let before = dump::everything(&url).await;
            for dump::Rows { table, rows, .. } in &before {
                assert!(!rows.is_empty(), "{kind:?} {version}: nothing in {table}");
            }
            let store = Store::open(&url).await.unwrap();
            store.close().await;
            let after = dump::again(&url, &before).await;
            assert_eq!(after, before, "{kind:?} {version}");
            // A second start finds nothing to do.
            Store::open(&url).await.unwrap().close().await;
            assert_eq!(dump::again(&url, &before).await, before, "{kind:?} {version}, opened again");
        }
    }
}

#[tokio::test]
async fn a_database_of_any_earlier_release_is_worked_on_with() {
    for kind in KINDS {
        for version in kind.versions() {
            let folder = TempDir::new().unwrap();
            let url = kind.of_release(version, &folder).await;
            let told = works_on(&folder, &url).await;
            insta::allow_duplicates! {
                insta::assert_snapshot!(told, @r#"
                revision 2
                1 P1 Everything is down: Held, anna of emea, offered to carol of amer, next Mon 16:00
                2 P3 Printer: Resolved, nobody (Done)
                3 P5 Spam: Closed, nobody (Done)
                4 P2 Waits for the customer: Pending, bjorn of emea, next Tue 15:40
                5 P3 Slow line: Waiting, nobody (Parked), next Tue 10:00
                6 P3 Disk full: Waiting, nobody (Offered), offered to anna of emea, next Mon 16:00
                leave 1, overrides 0, tokens mail, open handoffs emea to amer
                notices: 6 to be sent (1 of them again), 1 given up
                the key that was used for ticket 4 still answers with it

                Monday 16:05, Europe has gone home
                1 P1 Everything is down: Held, carol of amer, next Mon 23:30
                2 P3 Printer: Resolved, nobody (Done)
                3 P5 Spam: Closed, nobody (Done)
                4 P2 Waits for the customer: Pending, bjorn of emea, next Tue 15:40
                5 P3 Slow line: Waiting, nobody (Parked), next Tue 10:00
                6 P3 Disk full: Waiting, nobody (Offered), offered to carol of amer, next Mon 17:40
                7 P3 After the upgrade: Held, carol of amer, next Tue 00:00

                Thursday 10:30, the network's people are there, and the customer has not answered
                1 P1 Everything is down: Waiting, nobody (Offered), offered to bjorn of emea, next Thu 10:35
                2 P3 Printer: Resolved, nobody (Done)
                3 P5 Spam: Closed, nobody (Done)
                4 P2 Waits for the customer: Held, bjorn of emea, next Thu 14:30
                5 P3 Slow line: Waiting, nobody (Offered), offered to dave of network, next Thu 12:00
                6 P3 Disk full: Waiting, nobody (Offered), offered to dave of network, next Thu 12:00
                7 P3 After the upgrade: Held, carol of amer, next Thu 16:00
                "#);
            }
        }
    }
}

/// What today's daemon makes of it from the end of the story on.
async fn works_on(folder: &TempDir, url: &str) -> String {
    let store = Store::open(url).await.unwrap().of_node("node");
    let revision = store.latest_revision().await.unwrap().expect("two were put to work");
    for (path, text) in &revision.files {
        let path = folder.path().join("schedules").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let clock = Clock::standing_at(end());
    let engine = Engine::start(store, clock.clone(), story::source(folder.path())).await.unwrap();
    let told = Told { engine, clock };
    told.later(end()).await;
    let mut text = format!("revision {}\n", told.engine.in_force().revision);
    text += &standing(&told).await;
    text += &others(&told).await;
    let repeated = told.open("Waits for the customer", of(Priority::P2), story::key()).await;
    text += &format!("the key that was used for ticket {repeated} still answers with it\n");

    text += "\nMonday 16:05, Europe has gone home\n";
    told.later(monday(16, 5)).await;
    told.by("carol", TicketId(1), Verb::Acknowledge).await;
    let new = told.open("After the upgrade", of(Priority::P3), None).await;
    told.by("carol", new, Verb::Acknowledge).await;
    text += &standing(&told).await;

    text += "\nThursday 10:30, the network's people are there, and the customer has not answered\n";
    told.later(monday(10, 30) + TimeDelta::days(3)).await;
    text += &standing(&told).await;
    told.engine.stop().await;
    told.engine.store().close().await;
    text
}

/// A line a ticket; each replays from its history.
async fn standing(told: &Told) -> String {
    let store = told.engine.store();
    let last = store.load_desk().await.unwrap().numbers.ticket;
    let mut text = String::new();
    for id in 1..=last {
        let saved = store.ticket(TicketId(id)).await.unwrap().expect("no ticket is lost");
        let history = store.history(TicketId(id)).await.unwrap();
        assert_eq!(Ticket::replay(&history).as_ref(), Some(&saved.ticket), "ticket {id}");
        let Ticket { state, priority, holder, offer, facts, .. } = &saved.ticket;
        let holder = match holder {
            Holder::Person { person, team, .. } => format!("{person} of {team}"),
            Holder::Queue { team, .. } => format!("the queue of {team}"),
            Holder::Nobody { reason, .. } => format!("nobody ({reason:?})"),
        };
        let asked = offer.iter().map(|offer| {
            let ask: Vec<&str> = offer.ask.iter().map(PersonId::as_str).collect();
            format!(", offered to {} of {}", ask.join(" and "), offer.team)
        });
        let asked: String = asked.collect();
        // Releases of before closed nothing by themselves.
        let wake = saved.wake_at.filter(|_| *state < State::Resolved);
        let wake = wake.map_or_else(String::new, |at| at.format(", next %a %H:%M").to_string());
        text += &format!("{id} {priority:?} {}: {state:?}, {holder}{asked}{wake}\n", facts.title);
    }
    text
}

/// What else was in the database.
async fn others(told: &Told) -> String {
    let store = told.engine.store();
    let leave = store.day_rows(DayKind::Leave).await.unwrap().len();
    let overrides = store.day_rows(DayKind::Override).await.unwrap().len();
    let tokens: Vec<String> = store.tokens().await.unwrap().into_iter().map(|token| token.name).collect();
    let handoffs = store.handoffs(true, None, 9).await.unwrap();
    let handoffs = handoffs.iter().map(|batch| format!("{} to {}", batch.from, batch.to));
    let counts = store.outbox_counts(None).await.unwrap();
    let pending = store.outbox(OutboxFilter::Pending, 99).await.unwrap();
    let tried = pending.iter().filter(|row| row.attempts > 0).count();
    format!(
        "leave {leave}, overrides {overrides}, tokens {}, open handoffs {}\n\
         notices: {} to be sent ({tried} of them again), {} given up\n",
        tokens.join(" "),
        handoffs.collect::<Vec<_>>().join(" "),
        counts.pages.count + counts.others.count,
        counts.failed
    )
}
