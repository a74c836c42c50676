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
}

impl DatabaseUrl {
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
        let (shown, dialect) = match text.split_once(':') {
            Some(("sqlite", _)) => (text.to_owned(), Dialect::Sqlite),
            Some(("postgres" | "postgresql", _)) => (without_password(text)?, Dialect::Postgres),
            _ => bail!("the database is neither sqlite:PATH nor postgres://USER:PASSWORD@HOST/DATABASE"),
        };
        Ok(DatabaseUrl { text: text.to_owned(), shown, dialect })
    }
}

/// The parameters are left out too: one of them may be the password.
fn without_password(text: &str) -> anyhow::Result<String> {
    is_whole(text)?;
    let options: AnyConnectOptions =
        text.parse().context("the database is no URL; what is special in a password is written as %XX")?;
    let mut url = options.database_url;
    for (name, _) in url.query_pairs() {
        let known = PARAMETERS.contains(&&*name) || name.starts_with("options[");
        // A name that has nothing but letters is shown; anything else may be of a password.
        let shown = name.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '-' | '_'));
        let said = if shown { format!("the parameter {name:?}") } else { "a parameter".to_owned() };
        ensure!(
            known,
            "the database's URL has {said} that means nothing here; there are {}",
            PARAMETERS.join(", ")
        );
    }
    _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    Ok(url.to_string())
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

/// Those that have a meaning; any other would be passed over, and `sslmod=verify-full` would verify nothing.
const PARAMETERS: [&str; 18] = [
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
    "application_name",
    "options",
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
