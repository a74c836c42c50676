//! A PostgreSQL server for the whole run, and an empty database of it for each test. A guard beside the test binary
//! takes the server away however the run ends.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use meridian::store::Store;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

/// Its guard; the server stands until this is dropped, or the process ends.
pub struct Server {
    guard: Child,
    orders: Option<ChildStdin>,
    said: BufReader<ChildStdout>,
    folder: String,
}

static SERVER: OnceCell<Server> = OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(0);
const TEMPLATE: &str = "meridian_template";

/// The URL of a database that nobody has used.
pub async fn database() -> String {
    SERVER.get_or_init(Server::start).await.database().await
}

/// The URL of a database without tables.
pub async fn empty_database() -> String {
    let server = SERVER.get_or_init(Server::start).await;
    let name = format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    server.sql("postgres", format!("create database {name}")).await.expect("a database");
    server.url(&name)
}

impl Server {
    pub async fn start() -> Server {
        let server = Server::spawn(&[]);
        server.sql("postgres", format!("create database {TEMPLATE}")).await.expect("a template");
        Store::open(&server.url(TEMPLATE)).await.expect("the template is migrated").close().await;
        server
    }

    /// Which takes connections on that port by TLS only, with `server.crt` and `server.key` of that folder. It has the
    /// databases that every server has.
    pub fn with_tls(folder: &Path, port: u16) -> Server {
        Server::spawn(&[folder.to_str().expect("UTF-8"), &port.to_string()])
    }

    fn spawn(arguments: &[&str]) -> Server {
        let mut guard = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/postgres"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Whoever kills the tests does not kill the guard with them.
            .process_group(0)
            .spawn()
            .expect("tests/tools/postgres runs");
        let (orders, said) = (guard.stdin.take(), BufReader::new(guard.stdout.take().unwrap()));
        let mut server = Server { guard, orders, said, folder: String::new() };
        server.folder = server.hear();
        server
    }

    /// The URL of a database that nobody has used.
    pub async fn database(&self) -> String {
        let name = format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let text = format!("create database {name} template {TEMPLATE}");
        // Whoever has just left the template may still be on the way out.
        while let Err(error) = self.sql("postgres", text.clone()).await {
            let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
            assert_eq!(code, "55006", "{error}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        self.url(&name)
    }

    pub fn stop(&mut self) {
        self.order("stop");
    }

    pub fn start_again(&mut self) {
        self.order("start");
    }

    fn order(&mut self, order: &str) {
        let orders = self.orders.as_mut().expect("they are ours until the end");
        writeln!(orders, "{order}").expect("the guard lives");
        assert_eq!(self.hear(), "done", "{order}");
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).expect("the guard speaks");
        assert!(line.ends_with('\n'), "PostgreSQL did not start; tests/run installs it");
        line.trim_end().to_owned()
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://meridian@localhost/{database}?host={}", self.folder)
    }

    async fn sql(&self, database: &str, text: String) -> sqlx::Result<()> {
        let mut connection = PgConnection::connect(&self.url(database)).await?;
        let done = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await;
        connection.close().await?;
        done.map(drop)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.orders = None;
        _ = self.guard.wait();
    }
}
