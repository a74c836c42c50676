//! Where the database is.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, bail};
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
    let options: AnyConnectOptions =
        text.parse().context("the database is no URL; what is special in a password is written as %XX")?;
    let mut url = options.database_url;
    _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    Ok(url.to_string())
}

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
