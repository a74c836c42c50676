//! One daemon: the real engine and the real notifier on a runtime of their own, which only goes on when it is driven.
//! Dropping the runtime is its kill -9.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use meridian::clock::Clock;
use meridian::engine::{Engine, Retention, Source};
use meridian::notify::{Deliveries, Notifier, Pace};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

use super::face::{Database, Memory, name};
use super::receiver::{CHANNELS, channels};

/// A node that has not come to rest after so many rounds goes on with the next touch.
const ROUNDS_MAX: u32 = 40;

/// What is done goes soon, so that a run sees it go.
pub const RETENTION: Retention = Retention { tickets: Some(TimeDelta::days(2)), notices: TimeDelta::days(1) };

pub struct Node {
    pub number: usize,
    folder: TempDir,
    pub skew: TimeDelta,
    pub alive: Option<Alive>,
    /// When somebody starts it again.
    pub back_at: Option<DateTime<Utc>>,
    pub still_until: Option<DateTime<Utc>>,
}

pub struct Alive {
    runtime: Runtime,
    clock: Clock,
    slot: Arc<Mutex<Slot>>,
    driven_at: DateTime<Utc>,
}

enum Slot {
    Starting,
    Running(Engine<Memory>),
    Failed(String),
}

impl Node {
    pub fn new(number: usize) -> Node {
        let folder = TempDir::new().unwrap();
        Node { number, folder, skew: TimeDelta::zero(), alive: None, back_at: None, still_until: None }
    }

    pub fn write(&self, text: &str) {
        let contact = format!("contact = {CHANNELS:?}\n");
        let mut with_contacts = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            with_contacts.push_str(line);
            if line.starts_with("[people.") {
                with_contacts.push_str(&contact);
            }
        }
        std::fs::write(self.folder.path().join("org.toml"), with_contacts).unwrap();
    }

    /// The process starts; it is ready some touches later.
    pub fn start(&mut self, database: &Database, now: DateTime<Utc>) {
        (self.back_at, self.still_until) = (None, None);
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let clock = Clock::standing_at(now + self.skew);
        let slot = Arc::new(Mutex::new(Slot::Starting));
        let store = database.of_node(self.number);
        let tzdir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zones/2026f");
        let source = Source::now(self.folder.path(), Some(&tzdir));
        let pace = Pace::default();
        let channels = channels(database, self.number, &pace);
        let (found, same, node) = (slot.clone(), clock.clone(), name(self.number));
        // Whoever held leases under this name is gone.
        database.lock().rows.take_back_leases(&node);
        runtime.spawn(async move {
            let started = match Engine::start(store, same, source).await {
                Ok(engine) => {
                    engine.keep_only(RETENTION);
                    Notifier::start(engine.clone(), channels, pace, node, Deliveries::default());
                    Slot::Running(engine)
                }
                Err(error) => Slot::Failed(format!("{error:#}")),
            };
            *found.lock().unwrap() = started;
        });
        self.alive = Some(Alive { runtime, clock, slot, driven_at: now });
    }

    pub fn die(&mut self, database: &Database, back_at: DateTime<Utc>) {
        database.lock().listeners.remove(&self.number);
        (self.alive, self.still_until, self.back_at) = (None, None, Some(back_at));
    }

    pub fn stands_still(&self) -> bool {
        self.still_until.is_some()
    }

    pub fn engine(&self) -> Option<Engine<Memory>> {
        match &*self.alive.as_ref()?.slot.lock().unwrap() {
            Slot::Running(engine) => Some(engine.clone()),
            _ => None,
        }
    }

    /// Why it could not start.
    pub fn failed(&self) -> Option<String> {
        match &*self.alive.as_ref()?.slot.lock().unwrap() {
            Slot::Failed(why) => Some(why.clone()),
            _ => None,
        }
    }

    pub fn is_up(&self) -> bool {
        self.engine().is_some() && !self.stands_still()
    }

    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(alive) = &self.alive {
            alive.runtime.spawn(task);
        }
    }

    /// Time passes here too, and whatever it brings about is done, up to the next touch.
    pub fn move_to(&mut self, database: &Database, now: DateTime<Utc>) {
        if self.stands_still() {
            return;
        }
        let skew = self.skew;
        if let Some(alive) = &mut self.alive {
            let passed = (now - alive.driven_at).to_std().unwrap_or(Duration::ZERO);
            // A clock that was set back goes on all the same, and slower: see `clock.rs`.
            let onwards = alive.clock.now() + (now - alive.driven_at) * 3 / 4;
            alive.driven_at = now;
            alive.clock.set(onwards.max(now + skew));
            alive.runtime.block_on(tokio::time::advance(passed));
        }
        self.drive(database);
    }

    pub fn drive(&self, database: &Database) {
        let Some(alive) = self.alive.as_ref().filter(|_| !self.stands_still()) else { return };
        alive.runtime.block_on(async {
            let mut before = None;
            for _ in 0..ROUNDS_MAX {
                yield_now().await;
                yield_now().await;
                let came = Some(database.lock().came);
                if came == before {
                    break;
                }
                before = came;
            }
        });
    }
}
