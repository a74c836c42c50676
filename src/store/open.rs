//! Opening, migrating and closing a database.

use std::sync::Arc;

use anyhow::{Context, bail};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{Any, AnyConnection, AnyPool, Transaction};

use super::{Commits, DatabaseUrl, Dialect, postgres, sqlite};

/// A database, opened and migrated.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) url: DatabaseUrl,
    pub(super) dialect: Dialect,
    /// On SQLite its one connection is the write lock within this process.
    pub(super) writer: AnyPool,
    pub(super) reader: AnyPool,
    node: Arc<str>,
}

impl Store {
    /// See [`DatabaseUrl`] for what is understood; errors do not show the password.
    pub async fn open(url: &str) -> anyhow::Result<Store> {
        sqlx::any::install_default_drivers();
        let url: DatabaseUrl = url.parse()?;
        let opened = match url.dialect() {
            Dialect::Sqlite => sqlite::open(url.path()).await,
            Dialect::Postgres => postgres::open(url.reveal()).await,
        };
        let (writer, reader) = opened.with_context(|| format!("could not open the database {url}"))?;
        Ok(Store { dialect: url.dialect(), url, writer, reader, node: "node".into() })
    }

    /// The same database, used under the name of a node; every process that shares a database has its own.
    pub fn of_node(self, node: &str) -> Store {
        Store { node: node.into(), ..self }
    }

    pub fn node(&self) -> &str {
        &self.node
    }

    /// To hear of what other nodes commit.
    pub fn commits(&self) -> Commits {
        Commits::new(self.url.clone())
    }

    /// Whether other processes may use it at the same time.
    pub fn is_shared(&self) -> bool {
        self.dialect == Dialect::Postgres
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> anyhow::Result<()> {
        let _: i64 = sqlx::query_scalar("select cast(1 as bigint)").fetch_one(&self.reader).await?;
        Ok(())
    }

    /// Waits for what is running; nothing can be read or written afterwards.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    /// Reads of one instant, even while batches are being committed.
    pub(super) async fn snapshot(&self) -> anyhow::Result<Transaction<'static, Any>> {
        Ok(self.reader.begin_with(self.dialect.snapshot()).await?)
    }
}

/// One process at a time: PostgreSQL locks, a SQLite file has one daemon.
pub(super) async fn migrate(migrations: &Migrator, connection: &mut AnyConnection) -> anyhow::Result<()> {
    match migrations.run(connection).await {
        Err(MigrateError::VersionMissing(version)) => bail!(
            "it was used by a newer release (migration {version}): run that release, or restore a backup"
        ),
        outcome => outcome.context("could not bring its tables up to date"),
    }
}
