//! Hears from the kernel that something in a few folders has changed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

/// Edits come in bursts: one is over once nothing has changed for so long.
const QUIET: Duration = Duration::from_secs(1);
/// Somebody who never stops writing does not put it off for longer.
const BURST_MAX: Duration = Duration::from_secs(15);
/// Not every file system tells of changes (network folders do not), and a folder can be replaced as a whole: it is
/// time to look this often in any case.
pub const LOOK_EVERY: Duration = Duration::from_secs(300);
/// Folders that come and go while we begin to listen are tried again: so often, so long apart.
const TRIES: u32 = 5;
const TRY_AGAIN: Duration = Duration::from_millis(100);

pub type Folders = Vec<(PathBuf, RecursiveMode)>;

pub struct Ears {
    /// Says that something has changed; closed where nothing can be heard.
    changes: mpsc::Receiver<()>,
    /// Hears for as long as it is kept.
    pub watcher: anyhow::Result<RecommendedWatcher>,
}

impl Ears {
    pub async fn open(folders: impl Fn() -> anyhow::Result<Folders>) -> Ears {
        let mut tries = 1;
        loop {
            let (heard, changes) = mpsc::channel(1);
            let watcher = listen(&folders, heard);
            if watcher.is_ok() || tries == TRIES {
                return Ears { changes, watcher };
            }
            tries += 1;
            sleep(TRY_AGAIN).await;
        }
    }

    /// Returns when a burst of changes is over, or when it is time to look in any case.
    pub async fn a_change(&mut self) {
        let look_at = Instant::now() + LOOK_EVERY;
        match timeout_at(look_at, self.changes.recv()).await {
            Ok(Some(())) => (),
            Ok(None) => return sleep_until(look_at).await,
            Err(_) => return,
        }
        let latest = Instant::now() + BURST_MAX;
        while Instant::now() < latest {
            match timeout_at((Instant::now() + QUIET).min(latest), self.changes.recv()).await {
                Ok(Some(())) => (),
                Ok(None) | Err(_) => return,
            }
        }
    }
}

fn listen(
    folders: impl Fn() -> anyhow::Result<Folders>,
    heard: mpsc::Sender<()>,
) -> anyhow::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| changes_something(event.kind)) {
            // Full is enough: that something has changed is all there is to say.
            let _ = heard.try_send(());
        }
    })?;
    let before = folders()?;
    for (folder, depth) in &before {
        watcher.watch(folder, *depth).with_context(|| format!("cannot watch {}", folder.display()))?;
    }
    // One that went or came before we listened has told nobody.
    ensure!(folders()? == before, "folders come and go while we begin to watch them");
    Ok(watcher)
}

/// Reading a file is an event as well, and we read them all.
fn changes_something(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}

/// The nearest folder above that is there.
pub fn above(path: &Path) -> PathBuf {
    let named = |folder: &&Path| !folder.as_os_str().is_empty();
    let mut folders = path.ancestors().skip(1).take_while(named);
    folders.find(|folder| folder.is_dir()).unwrap_or(Path::new(".")).to_owned()
}
