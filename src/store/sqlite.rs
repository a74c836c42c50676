//! A file of our own: one connection that writes, a few that read.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, AnyPool, Connection, Executor};
use tokio::time::{Instant, sleep};

use super::foreign;
use super::open::{Reading, migrate, works_with};
use super::{Schema, columns};

pub(super) fn migrations() -> Migrator {
    sqlx::migrate!("migrations/sqlite")
}

const READERS: u32 = 4;

/// As `busy_timeout` below.
const BUSY_MAX: Duration = Duration::from_secs(5);
const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// What is committed is on disk; readers do not wait for the writer.
const WRITER: &str = "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma secure_delete = on;
    pragma busy_timeout = 5000";
const READER: &str = "pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 5000;
    pragma query_only = on";

/// Writer and reader. A file that is missing is created, readable by its owner alone.
pub(super) async fn open(path: &str) -> anyhow::Result<(AnyPool, AnyPool)> {
    let path = Path::new(path);
    if path.as_os_str().is_empty() || path.as_os_str() == ":memory:" {
        bail!("it must be a file, so that what is promised is kept");
    }
    create_private(path)?;
    let options = options(path)?;
    // A pool would try again and again, and not say why.
    let mut first = AnyConnection::connect_with(&options).await.map_err(in_words)?;
    foreign::refuse_others(&mut first).await?;
    prepare(&mut first).await.map_err(in_words)?;
    // Another process may be about to do the same: whoever comes second waits, and finds it done.
    let mut alone = first.begin_with("begin immediate").await.map_err(in_words)?;
    migrate(migrations(), &mut alone).await?;
    foreign::refuse_triggers(&mut alone).await?;
    alone.commit().await?;
    first.close().await?;
    let writer = pool(1, WRITER).connect_lazy_with(options.clone());
    Ok((writer, pool(READERS, READER).connect_lazy_with(options)))
}

/// The switch to the write-ahead log needs the file for itself, and SQLite does not wait for that as it does for a lock.
async fn prepare(connection: &mut AnyConnection) -> sqlx::Result<()> {
    const BUSY: i32 = 5;
    let until = Instant::now() + BUSY_MAX;
    loop {
        let busy = |error: &sqlx::Error| {
            let code: Option<i32> = error.as_database_error()?.code()?.parse().ok();
            Some(code? & 0xff == BUSY)
        };
        match connection.execute(WRITER).await {
            Err(error) if busy(&error) == Some(true) && Instant::now() < until => sleep(BUSY_PAUSE).await,
            prepared => return prepared.map(drop),
        }
    }
}

/// Two pools that cannot write.
pub(super) async fn open_to_read(path: &str, reading: Reading) -> anyhow::Result<(AnyPool, AnyPool)> {
    let path = Path::new(path);
    ensure!(path.is_file(), "there is no such file");
    let options = options(path)?;
    let mut first = AnyConnection::connect_with(&options).await.map_err(in_words)?;
    first.execute(READER).await.map_err(in_words)?;
    match reading.older {
        true => drop(Schema::of(&mut first, &migrations()).await.context("it is no database of ours")?),
        false => works_with(&migrations(), &mut first).await?,
    }
    first.close().await?;
    let pool = pool(1, READER).connect_lazy_with(options);
    Ok((pool.clone(), pool))
}

/// Every page that is in use, as of one instant, into a file that is empty; whoever writes meanwhile does not wait.
pub(super) async fn copy_to(from: &str, to: &Path) -> anyhow::Result<()> {
    let to = to.to_str().context("its path is not UTF-8")?;
    let mut connection = connect(Path::new(from)).await?;
    let copied = sqlx::query("vacuum into $1").bind(to).execute(&mut connection).await;
    connection.close().await?;
    copied.map(drop).map_err(in_words).context("it could not be copied")
}

/// What its log holds goes into the file itself, which then stands alone.
pub(super) async fn make_single(path: &Path) -> anyhow::Result<()> {
    let mut connection = connect(path).await?;
    let made = connection.execute("pragma journal_mode = delete").await;
    connection.close().await?;
    made.map(drop).map_err(in_words)
}

/// Of a file that may be of another release.
pub(super) async fn schema(path: &Path) -> anyhow::Result<Schema> {
    let mut connection = connect(path).await?;
    let schema = Schema::of(&mut connection, &migrations()).await;
    connection.close().await?;
    schema.map_err(in_words).context("it is no database of ours")
}

/// Whether a file is one that [`super::Store::back_up`] has made: a database of ours that stands alone, and not one that
/// is at work, which keeps a log.
pub(super) async fn is_backup(path: &Path) -> anyhow::Result<bool> {
    let ours = async {
        let url = format!("{}?immutable=true", file_url(path)?);
        let mut connection = AnyConnection::connect(&url).await?;
        let ours = Schema::of(&mut connection, &migrations()).await;
        connection.close().await?;
        anyhow::Ok(ours?)
    };
    sqlx::any::install_default_drivers();
    Ok(stands_alone(path)? && ours.await.is_ok())
}

/// Whether a file is a SQLite database that keeps no write-ahead log, as its header has it: SQLite writes that before it
/// begins a log, and takes it back after it has deleted one.
pub(super) fn stands_alone(path: &Path) -> std::io::Result<bool> {
    /// By the header's two numbers of its format: 2 is one with a write-ahead log.
    const ALONE: [u8; 2] = [1, 1];
    Ok(header(path)?.is_some_and(|header| header.ends_with(&ALONE)))
}

/// Whether there is a SQLite file of that name that is not empty; it may be anybody's.
pub fn is_database(path: &Path) -> bool {
    header(path).is_ok_and(|header| header.is_some())
}

/// Of a database, up to and with the format; `None`: it is none.
fn header(path: &Path) -> std::io::Result<Option<[u8; 20]>> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut header = [0; 20];
    let whole = File::open(path)?.read_exact(&mut header).is_ok();
    Ok((whole && header.starts_with(MAGIC)).then_some(header))
}

/// How many batches of decisions a file has seen.
pub(super) async fn batches(path: &Path) -> anyhow::Result<i64> {
    let mut connection = connect(path).await?;
    let batch = sqlx::query_scalar("select batch from desk where id = 1").fetch_one(&mut connection).await;
    connection.close().await?;
    Ok(batch?)
}

/// Begins the log anew, on the disk. Nobody waits for it: false where somebody writes, or reads from the log, just now.
pub(super) async fn begin_log_anew(path: &Path) -> anyhow::Result<bool> {
    let mut connection = connect(path).await?;
    connection.execute("pragma busy_timeout = 0").await?;
    let anew = sqlx::query_as("pragma wal_checkpoint(truncate)").fetch_one(&mut connection).await;
    connection.close().await?;
    let (busy, _, _): (i64, i64, i64) = anew.context("SQLite's log could not be begun anew")?;
    Ok(busy == 0)
}

pub(super) async fn connect(path: &Path) -> anyhow::Result<AnyConnection> {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect_with(&options(path)?).await.map_err(in_words)?;
    connection.execute("pragma busy_timeout = 5000").await?;
    Ok(connection)
}

/// A path may have characters that mean something in a URL.
fn options(path: &Path) -> anyhow::Result<AnyConnectOptions> {
    Ok(file_url(path)?.parse()?)
}

fn file_url(path: &Path) -> anyhow::Result<String> {
    let whole = path.canonicalize()?;
    let whole = whole.to_str().context("its path is not UTF-8")?;
    Ok(format!("sqlite:{}", columns::percent_encoded(whole)))
}

fn pool(connections: u32, pragmas: &'static str) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection: &mut AnyConnection, _| {
            Box::pin(async move { connection.execute(pragmas).await.map(drop) })
        })
}

/// What people run into, said so that they can mend it.
pub(super) fn in_words(error: sqlx::Error) -> anyhow::Error {
    const NOT_A_DATABASE: &str = "26";
    match error.as_database_error().and_then(|error| error.code()) {
        Some(code) if code == NOT_A_DATABASE => anyhow!("it is some other file, not a SQLite database"),
        _ => error.into(),
    }
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
