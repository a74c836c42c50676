//! Opening, migrating and closing a database.

use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use sqlx::SqlitePool;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// A database, opened and migrated.
#[derive(Clone, Debug)]
pub struct Store {
    /// Its one connection is the write lock within this process.
    pub(super) writer: SqlitePool,
    pub(super) reader: SqlitePool,
}

impl Store {
    /// `sqlite:PATH`. A file that is missing is created, readable by its owner alone.
    pub async fn open(url: &str) -> anyhow::Result<Store> {
        match url.split_once(':') {
            Some(("sqlite", path)) => open_sqlite(Path::new(path.strip_prefix("//").unwrap_or(path)))
                .await
                .with_context(|| format!("could not open the database {path:?}")),
            _ => bail!("database {url:?}: expected sqlite:PATH"),
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> anyhow::Result<()> {
        let _: i64 = sqlx::query_scalar("select 1").fetch_one(&self.reader).await?;
        Ok(())
    }

    /// Waits for what is running; nothing can be read or written afterwards.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

async fn open_sqlite(path: &Path) -> anyhow::Result<Store> {
    if path.as_os_str().is_empty() || path.as_os_str() == ":memory:" {
        bail!("it must be a file, so that what is promised is kept");
    }
    create_private(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5));
    let writer = pool(1).connect_with(options.clone()).await.map_err(in_words)?;
    migrate(&writer).await?;
    let reader = pool(4).connect_with(options.pragma("query_only", "on")).await?;
    Ok(Store { writer, reader })
}

/// What people run into, said so that they can mend it.
fn in_words(error: sqlx::Error) -> anyhow::Error {
    const NOT_A_DATABASE: &str = "26";
    match error.as_database_error().and_then(|error| error.code()) {
        Some(code) if code == NOT_A_DATABASE => anyhow!("it is some other file, not a SQLite database"),
        _ => error.into(),
    }
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// SQLite would create it readable by everybody; its companions take over the mode.
fn create_private(path: &Path) -> anyhow::Result<()> {
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("its directory does not exist: create it first")
        }
        Err(error) => Err(error.into()),
    }
}

async fn migrate(writer: &SqlitePool) -> anyhow::Result<()> {
    match SQLITE_MIGRATIONS.run(writer).await {
        Err(MigrateError::VersionMissing(version)) => bail!(
            "it was used by a newer release (migration {version}): run that release, or restore a backup"
        ),
        outcome => outcome.context("could not bring its tables up to date"),
    }
}
