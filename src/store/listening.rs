//! That other nodes have committed something, told as soon as it happens.

use std::time::Duration;

use sqlx::AnyConnection;
use sqlx::postgres::PgListener;
use tracing::{debug, warn};

use super::{DatabaseUrl, Dialect};

const CHANNEL: &str = "meridian";
/// A word that was lost delays nobody for longer than this.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What is heard of the commits of other processes.
pub struct Commits {
    url: DatabaseUrl,
    listener: Option<PgListener>,
}

impl Commits {
    pub(super) fn new(url: DatabaseUrl) -> Commits {
        Commits { url, listener: None }
    }

    /// Returns when something may have been committed, at the latest after some seconds; look again. Where no other
    /// process can commit anything it never returns.
    pub async fn next(&mut self) {
        if self.url.dialect() == Dialect::Sqlite {
            return std::future::pending().await;
        }
        if let Err(error) = self.hear().await {
            debug!(%error, "the database does not tell of commits: it is asked now and then");
            self.listener = None;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn hear(&mut self) -> sqlx::Result<()> {
        let listener = match &mut self.listener {
            Some(listener) => listener,
            None => {
                let listening = tokio::time::timeout(LOOK_EVERY, listening(self.url.reveal())).await;
                self.listener = Some(listening.map_err(|_| sqlx::Error::PoolTimedOut)??);
                // Something may have been committed before we listened.
                return Ok(());
            }
        };
        match tokio::time::timeout(LOOK_EVERY, listener.try_recv()).await {
            Ok(Ok(None)) => warn!("the connection that tells of commits was lost"),
            Ok(heard) => drop(heard?),
            Err(_) => (),
        }
        // One look answers all of them.
        while listener.next_buffered().is_some() {}
        Ok(())
    }
}

async fn listening(url: &str) -> sqlx::Result<PgListener> {
    let mut listener = PgListener::connect(url).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Told to everybody when the transaction commits.
pub(super) async fn notify(connection: &mut AnyConnection) -> sqlx::Result<()> {
    sqlx::query("select pg_notify($1, '')").bind(CHANNEL).execute(connection).await?;
    Ok(())
}
