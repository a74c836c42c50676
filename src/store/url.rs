//! Where the database is.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, bail, ensure};
use sqlx::any::AnyConnectOptions;

use super::Dialect;

/// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`. Shows itself without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    text: String,
    shown: String,
    dialect: Dialect,
    unheeded: Vec<String>,
}

impl DatabaseUrl {
    /// Its parameters that libpq knows, as those of a URL that others use too, and that change nothing here.
    pub fn unheeded(&self) -> &[String] {
        &self.unheeded
    }

    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// With the password; for whoever connects.
    pub(super) fn reveal(&self) -> &str {
        &self.text
    }

    /// Of SQLite's file.
    pub(super) fn path(&self) -> &str {
        let path = self.text.split_once(':').map_or("", |(_, path)| path);
        path.strip_prefix("//").unwrap_or(path)
    }
}

impl FromStr for DatabaseUrl {
    type Err = anyhow::Error;

    /// What is wrong is said without the text: it may have a password.
    fn from_str(text: &str) -> anyhow::Result<DatabaseUrl> {
        let text = text.trim();
        match text.split_once(':') {
            Some(("sqlite", _)) => Ok(DatabaseUrl {
                text: text.to_owned(),
                shown: text.to_owned(),
                dialect: Dialect::Sqlite,
                unheeded: Vec::new(),
            }),
            Some(("postgres" | "postgresql", _)) => of_server(text),
            _ => bail!("the database is neither sqlite:PATH nor postgres://USER:PASSWORD@HOST/DATABASE"),
        }
    }
}

fn of_server(text: &str) -> anyhow::Result<DatabaseUrl> {
    is_whole(text)?;
    let options: AnyConnectOptions =
        text.parse().context("the database is no URL; what is special in a password is written as %XX")?;
    let mut url = options.database_url;
    let (mut heeded, mut unheeded) = (Vec::new(), Vec::new());
    for (name, value) in url.query_pairs() {
        match heed(&name) {
            Some(true) => heeded.push((name.into_owned(), value.into_owned())),
            Some(false) => unheeded.push(name.into_owned()),
            // A name that has nothing but letters is shown; anything else may be of a password.
            None if name.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '-' | '_')) => {
                bail!("the database's URL has the parameter {name:?} {UNKNOWN} {}", HEEDED.join(", "))
            }
            None => bail!("the database's URL has a parameter {UNKNOWN} {}", HEEDED.join(", ")),
        }
    }
    // What is not heeded is not passed on: it would be logged with its value, and one is a password.
    url.set_query(None);
    let mut whole = url.clone();
    if !heeded.is_empty() {
        whole.query_pairs_mut().extend_pairs(heeded);
    }
    let text = if unheeded.is_empty() { text.to_owned() } else { whole.to_string() };
    // The parameters are left out too: one of them may be the password.
    _ = url.set_password(None);
    url.set_fragment(None);
    Ok(DatabaseUrl { text, shown: url.to_string(), dialect: Dialect::Postgres, unheeded })
}

const UNKNOWN: &str = "that means nothing here; there are";

/// Whether a parameter has a meaning here, or only to libpq; `None`: nobody knows it, and `sslmod=verify-full` would verify
/// nothing.
fn heed(name: &str) -> Option<bool> {
    let heeded = HEEDED.contains(&name) || name.starts_with("options[");
    (heeded || OF_LIBPQ.contains(&name)).then_some(heeded)
}

/// A password that is written as it is may end the part it stands in, and what follows would be taken for a host or a
/// database, and shown.
fn is_whole(text: &str) -> anyhow::Result<()> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (authority, beyond) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let broken = authority.matches('@').count() > 1 || beyond.contains(['@', '#']);
    ensure!(
        !broken,
        "the database's URL does not end where it should: percent-encode what is special in the password (@ is %40, # is \
         %23, / is %2F, ? is %3F, % is %25)"
    );
    Ok(())
}

const HEEDED: [&str; 17] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "options",
];

/// The others of "Parameter Key Words" in PostgreSQL's manual on libpq.
const OF_LIBPQ: [&str; 41] = [
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "max_protocol_version",
    "min_protocol_version",
    "oauth_client_id",
    "oauth_client_secret",
    "oauth_issuer",
    "oauth_scope",
    "passfile",
    "replication",
    "require_auth",
    "requirepeer",
    "requiressl",
    "scram_client_key",
    "scram_server_key",
    "service",
    "servicefile",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkeylogfile",
    "sslnegotiation",
    "sslpassword",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
];

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:?}", self.shown)
    }
}
