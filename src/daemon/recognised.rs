//! The database of last time, known again: one that is not there any more, or was named by mistake, would begin empty, and
//! nobody would be told of anything that was open.

use std::path::Path;

use anyhow::bail;
use tracing::warn;

use super::state::{Known, StateDir};
use crate::settings::Secret;
use crate::store::Store;

/// What to do about a database that was moved.
pub const GONE_ON: &str = "name that one in meridian.toml (`database` or `database_file`). To come back to this one with all \
    that has happened, stop every daemon and `meridian migrate --from THERE --to HERE`. To go on from what this one had \
    then, as where the other is lost, `meridian backup FILE` and `meridian restore --force FILE`: no number and no id is \
    given out twice then";

/// Opens it. Fails where there is nothing in it, and was when it was last used from this state directory; and where it has
/// gone on elsewhere.
pub async fn open(url: &Secret, state: &StateDir) -> anyhow::Result<Store> {
    let known = state.known_database()?;
    let file = url.reveal().strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
    if let (Some(file), Some(known)) = (file, &known)
        && !Path::new(file).exists()
    {
        bail!("there is no database {file}{}", instead_of(known, state));
    }
    let store = Store::open(url.reveal()).await?;
    if let Some(moved) = store.moved().await? {
        let shown = store.shown();
        store.close().await;
        bail!("the database {shown} {moved}: {GONE_ON}");
    }
    if let Some(known) = known {
        let (identity, batch) = (store.identity().await?, store.last().await?.batch);
        if identity != known.identity && batch == 0 {
            let shown = store.shown();
            store.close().await;
            bail!("the database {shown} is empty{}", instead_of(&known, state));
        }
        if identity != known.identity {
            warn!(
                database = store.shown(),
                before = known.shown,
                "THIS IS ANOTHER DATABASE than the one last used from this state directory: tickets, people's answers and \
                 tokens are those of this one. If it is not meant, stop and name the right one in meridian.toml"
            );
        }
    }
    Ok(store)
}

/// Once it is at work: from now on its absence is noticed.
pub async fn remember(store: &Store, state: &StateDir) -> anyhow::Result<()> {
    let known = Known { identity: store.identity().await?, shown: store.shown() };
    state.remember_database(&known)
}

fn instead_of(known: &Known, state: &StateDir) -> String {
    format!(
        ", and the daemon worked with {} before: it would begin without a ticket, a token or a notice, and nobody would \
         hear of what is open. If it was moved, name it in meridian.toml (`database`) or put it back; if it is lost, \
         `meridian restore FILE` puts a backup in its place; to begin anew, remove {}",
        known.shown,
        state.known_file().display()
    )
}
