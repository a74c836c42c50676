//! A server that several nodes share.

use std::io::ErrorKind;
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};
use rustls::CertificateError;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, AnyPool, Connection, Executor};

use super::open::{Reading, migrate, works_with};

pub(super) fn migrations() -> Migrator {
    sqlx::migrate!("migrations/postgres")
}

/// One decides, the others mark notices and tokens meanwhile.
const WRITERS: u32 = 4;
const READERS: u32 = 4;
/// While the server is away, requests are not kept waiting for longer.
const ACQUIRE: Duration = Duration::from_secs(5);

/// A connection that comes back and does not answer within this is closed.
const RELEASE: Duration = Duration::from_secs(3);

/// A node that has stopped answering, be it paused or cut off, loses its connections and with them the lock after
/// this long; whoever waits for the lock waits a little longer. Whatever needs longer than that has gone wrong.
const SETTINGS: &str = "
    set application_name = 'meridian';
    set idle_in_transaction_session_timeout = '10s';
    set lock_timeout = '15s';
    set statement_timeout = '30s';
    set tcp_keepalives_idle = 5;
    set tcp_keepalives_interval = 2;
    set tcp_keepalives_count = 3;
    set tcp_user_timeout = '10s';
    set client_connection_check_interval = '5s';
    select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'";
const READ_ONLY: &str = "set default_transaction_read_only = on";

/// The oldest that can notice a client that is gone while it works for it.
const VERSION_MIN: i64 = 140_000;

/// Writer and reader.
pub(super) async fn open(url: &str) -> anyhow::Result<(AnyPool, AnyPool)> {
    let options: AnyConnectOptions = url.parse()?;
    let mut first = connect(&options).await?;
    check(&mut first).await?;
    migrate(migrations(), &mut first).await?;
    first.close().await?;
    let writer = pool(WRITERS, "").connect_lazy_with(options.clone());
    let reader = pool(READERS, READ_ONLY).connect_lazy_with(options);
    Ok((writer, reader))
}

/// Two pools that cannot write.
pub(super) async fn open_to_read(url: &str, reading: Reading) -> anyhow::Result<(AnyPool, AnyPool)> {
    let options: AnyConnectOptions = url.parse()?;
    let mut first = connect(&options).await?;
    check(&mut first).await?;
    works_with(&migrations(), &mut first).await?;
    if reading.alone {
        nobody_else(&mut first).await?;
    }
    first.close().await?;
    let pool = pool(1, READ_ONLY).connect_lazy_with(options);
    Ok((pool.clone(), pool))
}

/// Fails where daemons use it.
pub(super) async fn used_by_nobody(url: &str) -> anyhow::Result<()> {
    let mut first = connect(&url.parse()?).await?;
    let nobody = nobody_else(&mut first).await;
    first.close().await?;
    nobody
}

async fn nobody_else(connection: &mut AnyConnection) -> anyhow::Result<()> {
    let others: i64 = sqlx::query_scalar(
        "select count(*)
        from pg_stat_activity
        where datname = current_database() and application_name = 'meridian' and pid <> pg_backend_pid()",
    )
    .fetch_one(connection)
    .await?;
    ensure!(others == 0, "daemons are using it ({others} connections): stop all of them first");
    Ok(())
}

/// A pool would try again and again, and not say why.
pub(super) async fn connect(options: &AnyConnectOptions) -> anyhow::Result<AnyConnection> {
    let first = tokio::time::timeout(ACQUIRE, AnyConnection::connect_with(options)).await;
    first.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(in_words)
}

/// What people run into, said so that they can mend it.
fn in_words(error: sqlx::Error) -> anyhow::Error {
    if let sqlx::Error::Io(fault) = &error {
        let remedy = match fault.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                "its certificate is of an authority that is not trusted here: sslrootcert=FILE in the URL names one"
            }
            Some(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => "its certificate is for others: is the host in the URL right?",
            _ if fault.kind() == ErrorKind::NotFound => {
                "its socket, or the file of sslrootcert, is not there"
            }
            _ => return error.into(),
        };
        return anyhow::Error::from(error).context(remedy);
    }
    let Some(said) = error.as_database_error() else { return error.into() };
    let remedy = match said.code().as_deref() {
        Some("3D000") => "create it first: `create database NAME encoding 'UTF8' template template0`",
        Some("28000" | "28P01") => "it does not let this user in: is the password right, and pg_hba.conf?",
        _ => return error.into(),
    };
    // Without the line of the server's source, with which it shows itself.
    anyhow!("{}: {remedy}", said.message())
}

async fn check(connection: &mut AnyConnection) -> anyhow::Result<()> {
    let (version, encoding): (i64, String) = sqlx::query_as(
        "select cast(current_setting('server_version_num') as bigint), current_setting('server_encoding')",
    )
    .fetch_one(connection)
    .await
    .context("it does not say what it is")?;
    ensure!(version >= VERSION_MIN, "its server is older than PostgreSQL {}", VERSION_MIN / 10_000);
    ensure!(
        encoding == "UTF8",
        "its encoding is {encoding}: create it anew with `create database ... encoding 'UTF8' template template0`"
    );
    Ok(())
}

fn pool(connections: u32, more: &'static str) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection: &mut AnyConnection, _| {
            Box::pin(async move {
                connection.execute(SETTINGS).await?;
                connection.execute(more).await?;
                Ok(())
            })
        })
        .after_release(|connection: &mut AnyConnection, _| {
            Box::pin(async move {
                // Whoever gave up waiting has left it in the midst of something. The pool would ask it how it is, and
                // wait for an answer for ever, with a place in the pool.
                let asked = tokio::time::timeout(RELEASE, connection.ping()).await;
                asked.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map(|()| true)
            })
        })
}
