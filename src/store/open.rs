//! Opening, migrating and closing a database.

use std::sync::Arc;

use anyhow::{Context, ensure};
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyConnection, AnyPool, Transaction};
use tracing::info;

use super::lost::OpenFile;
use super::{Commits, DatabaseUrl, Dialect, postgres, sqlite};

/// A database, opened and migrated.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) url: DatabaseUrl,
    pub(super) dialect: Dialect,
    /// On SQLite its one connection is the write lock within this process.
    pub(super) writer: AnyPool,
    pub(super) reader: AnyPool,
    /// SQLite's, as it was when it was opened.
    pub(super) file: Option<Arc<OpenFile>>,
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
        let file = match url.dialect() {
            Dialect::Sqlite => Some(Arc::new(OpenFile::at(url.path())?)),
            Dialect::Postgres => None,
        };
        Ok(Store { dialect: url.dialect(), url, writer, reader, file, node: "node".into() })
    }

    /// As it is: nothing is brought up to date, and it has to be one that this release works with, and used by nobody.
    pub async fn open_to_read(url: &str) -> anyhow::Result<Store> {
        Store::open_as_it_is(url, Reading { alone: true, older: false }).await
    }

    /// As it is, beside whoever uses it; it has to be one that this release works with.
    pub async fn open_beside(url: &str) -> anyhow::Result<Store> {
        Store::open_as_it_is(url, Reading { alone: false, older: false }).await
    }

    /// As [`Store::open_beside`], and a SQLite file may be of an earlier release: for [`Store::back_up`] alone.
    pub async fn open_to_copy(url: &str) -> anyhow::Result<Store> {
        Store::open_as_it_is(url, Reading { alone: false, older: true }).await
    }

    async fn open_as_it_is(url: &str, reading: Reading) -> anyhow::Result<Store> {
        sqlx::any::install_default_drivers();
        let url: DatabaseUrl = url.parse()?;
        let opened = match url.dialect() {
            Dialect::Sqlite => sqlite::open_to_read(url.path(), reading).await,
            Dialect::Postgres => postgres::open_to_read(url.reveal(), reading).await,
        };
        let (writer, reader) = opened.with_context(|| format!("could not open the database {url}"))?;
        Ok(Store { dialect: url.dialect(), url, writer, reader, file: None, node: "node".into() })
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
        self.is_there()?;
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

/// Which tables a database has, by their last migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    pub there: i64,
    /// The last that this release knows.
    pub known: i64,
}

impl Schema {
    pub(super) async fn of(connection: &mut AnyConnection, migrations: &Migrator) -> sqlx::Result<Schema> {
        let version = sqlx::query_scalar("select coalesce(max(version), 0) from _sqlx_migrations");
        let known = migrations.iter().map(|migration| migration.version).max().unwrap_or(0);
        Ok(Schema { there: version.fetch_one(connection).await?, known })
    }
}

/// What a database that is opened as it is may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Nobody else uses it; only a server tells.
    pub alone: bool,
    /// Of an earlier release, and so to be copied only.
    pub older: bool,
}

/// Whether this release can work with its tables as they are.
pub(super) async fn works_with(migrations: &Migrator, connection: &mut AnyConnection) -> anyhow::Result<()> {
    let schema = Schema::of(connection, migrations).await.context("it is no database of ours")?;
    let Schema { there, known } = schema;
    ensure!(
        there >= known,
        "its tables are those of an earlier release (migration {there}; this one's are {known}): use that release's \
         meridian, or start the daemon of this one, which brings them up to date"
    );
    schema.is_understood(connection).await
}

impl Schema {
    /// Tables of a newer release are left as they are where that release says that this one can work with them.
    async fn is_understood(self, connection: &mut AnyConnection) -> anyhow::Result<()> {
        let Schema { there, known } = self;
        if there > known {
            let needs = sqlx::query_scalar("select migration from schema_needs where id = 1");
            let needs: i64 = needs.fetch_one(connection).await?;
            ensure!(
                needs <= known,
                "it was used by a newer release (migration {there}), with which this one (migration {known}) cannot work: \
                 run that release, or restore a backup"
            );
        }
        Ok(())
    }
}

/// One process at a time: PostgreSQL takes a lock of its own, on SQLite the caller's transaction is one.
pub(super) async fn migrate(mut migrations: Migrator, connection: &mut AnyConnection) -> anyhow::Result<()> {
    migrations.set_ignore_missing(true);
    migrations.run(&mut *connection).await.context("could not bring its tables up to date")?;
    let schema = Schema::of(connection, &migrations).await?;
    schema.is_understood(connection).await?;
    if let Schema { there, known } = schema
        && there > known
    {
        info!(
            there,
            ours = known,
            "the database was prepared by a newer release, and this one works with it"
        );
    }
    Ok(())
}
