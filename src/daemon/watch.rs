//! Hears of edited rotation files and of new zone data, and has the engine read them again.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::engine::{Engine, Source};
use crate::zone::Zones;

/// Edits come in bursts: the files are read once nothing has changed for so long.
const QUIET: Duration = Duration::from_secs(1);
/// Somebody who never stops writing does not put it off for longer.
const BURST_MAX: Duration = Duration::from_secs(15);
/// Not every file system tells of changes (network folders do not), and a folder can be replaced as a whole: they are
/// looked at this often in any case.
const LOOK_EVERY: Duration = Duration::from_secs(300);
/// Folders that come and go while we begin to listen are tried again: so often, so long apart.
const TRIES: u32 = 5;
const TRY_AGAIN: Duration = Duration::from_millis(100);

/// Until `stop`. A set of files with an error changes nothing, as ever.
pub async fn watch(engine: Engine, source: Source, stop: CancellationToken) {
    let mut ears = Ears::open(&source).await;
    let mut deaf = false;
    loop {
        if let Err(error) = &ears.watcher
            && !deaf
        {
            let minutes = LOOK_EVERY.as_secs() / 60;
            let error = format!("{error:#}");
            warn!(error, "edited files are noticed only every {minutes} minutes, on SIGHUP and on request");
        }
        deaf = ears.watcher.is_err();
        // The first time as well: they may have been edited between the start and now.
        tokio::select! {
            () = stop.cancelled() => return,
            () = engine.look_again() => (),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = a_change(&mut ears.changes) => (),
        }
        // Anew, as a folder may have been replaced by another of its name; and before the files are read, so that what
        // changes meanwhile is heard.
        ears = Ears::open(&source).await;
    }
}

struct Ears {
    /// Says that something has changed; closed where nothing can be heard.
    changes: mpsc::Receiver<()>,
    /// Hears for as long as it is kept.
    watcher: anyhow::Result<RecommendedWatcher>,
}

impl Ears {
    async fn open(source: &Source) -> Ears {
        let mut tries = 1;
        loop {
            let (heard, changes) = mpsc::channel(1);
            let watcher = listen(source, heard);
            if watcher.is_ok() || tries == TRIES {
                return Ears { changes, watcher };
            }
            tries += 1;
            sleep(TRY_AGAIN).await;
        }
    }
}

/// Returns when a burst of changes is over, or when it is time to look in any case.
async fn a_change(changes: &mut mpsc::Receiver<()>) {
    let look_at = Instant::now() + LOOK_EVERY;
    match timeout_at(look_at, changes.recv()).await {
        Ok(Some(())) => (),
        Ok(None) => return sleep_until(look_at).await,
        Err(_) => return,
    }
    let latest = Instant::now() + BURST_MAX;
    while Instant::now() < latest {
        match timeout_at((Instant::now() + QUIET).min(latest), changes.recv()).await {
            Ok(Some(())) => (),
            Ok(None) | Err(_) => return,
        }
    }
}

fn listen(source: &Source, heard: mpsc::Sender<()>) -> anyhow::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| changes_something(event.kind)) {
            // Full is enough: that something has changed is all there is to say.
            let _ = heard.try_send(());
        }
    })?;
    let folders_before = folders(source)?;
    for (folder, depth) in &folders_before {
        watcher.watch(folder, *depth).with_context(|| format!("cannot watch {}", folder.display()))?;
    }
    // One that went or came before we listened has told nobody.
    ensure!(folders(source)? == folders_before, "folders come and go while we begin to watch them");
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

/// The schedules with all beneath, the folder they stand in where they are a link that may be moved or are not there
/// and may come back, and the folder of zone data, whose list of versions changes with every update.
fn folders(source: &Source) -> anyhow::Result<Vec<(PathBuf, RecursiveMode)>> {
    let mut folders = Vec::new();
    let is_there = source.schedules.is_dir();
    if source.schedules.is_symlink() || !is_there {
        folders.push((above(&source.schedules), RecursiveMode::NonRecursive));
    }
    if is_there {
        folders.push((source.schedules.clone(), RecursiveMode::Recursive));
    }
    folders
        .extend(Zones::folder(source.tzdir.as_deref())?.map(|folder| (folder, RecursiveMode::NonRecursive)));
    Ok(folders)
}

/// The nearest folder above that is there.
fn above(path: &Path) -> PathBuf {
    let named = |folder: &&Path| !folder.as_os_str().is_empty();
    let mut folders = path.ancestors().skip(1).take_while(named);
    folders.find(|folder| folder.is_dir()).unwrap_or(Path::new(".")).to_owned()
}
