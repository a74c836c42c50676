//! Hears of edited rotation files and of new zone data, and has the engine read them again.

use notify::RecursiveMode;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::ears::{Ears, Folders, LOOK_EVERY, above};
use crate::engine::{Engine, Source};
use crate::zone::Zones;

/// Until `stop`. A set of files with an error changes nothing, as ever.
pub async fn watch(engine: Engine, source: Source, stop: CancellationToken) {
    let mut ears = Ears::open(|| folders(&source)).await;
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
            () = ears.a_change() => (),
        }
        // Anew, as a folder may have been replaced by another of its name; and before the files are read, so that what
        // changes meanwhile is heard.
        ears = Ears::open(|| folders(&source)).await;
    }
}

/// The schedules with all beneath, the folder they stand in where they are a link that may be moved or are not there
/// and may come back, and the folder of zone data, whose list of versions changes with every update.
fn folders(source: &Source) -> anyhow::Result<Folders> {
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
