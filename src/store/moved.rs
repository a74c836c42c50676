//! A database that was copied to another one, which goes on. It gives up its identity to that one: whoever opened it again
//! by mistake would give out numbers and ids a second time.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Utc};
use sqlx::Connection;

use super::backup::{given_out, named_aside, replace_file};
use super::columns::instant;
use super::part::{Part, followed, is_of};
use super::{Copied, DatabaseUrl, Dialect, Store, postgres, sqlite};

/// Where a database has gone on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub at: DateTime<Utc>,
    /// Without the password.
    pub to: String,
    /// Which one it was until then, and the other is since.
    pub(super) identity: String,
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (to, at) = (&self.to, self.at.format("%Y-%m-%d %H:%M UTC"));
        write!(f, "was moved to {to} on {at}, and what has happened since is only there")
    }
}

/// How an identity begins that was given up.
const GIVEN_UP: &str = "moved ";

impl Moved {
    pub(super) fn read(identity: &str) -> Option<Moved> {
        let mut parts = identity.strip_prefix(GIVEN_UP)?.splitn(3, ' ');
        let at = instant(parts.next()?.parse().ok()?).ok()?;
        let identity = parts.next()?.to_owned();
        Some(Moved { at, identity, to: parts.next()?.to_owned() })
    }

    fn identity(&self) -> String {
        format!("{GIVEN_UP}{} {} {}", self.at.timestamp_millis(), self.identity, self.to)
    }
}

/// What came of a move.
#[derive(Clone, Debug)]
pub struct Migrated {
    pub tables: Vec<Copied>,
    /// Where the file is now that was there before.
    pub aside: Option<PathBuf>,
    /// Why the source does not say that it was moved.
    pub unmarked: Option<String>,
}

/// Copies everything from one database to another that is empty, or that is the one it was moved from before: all of it
/// or nothing. Nobody may be using either. `progress` hears of a table and how many of its rows have been written.
pub async fn migrate(
    from: &str,
    to: &str,
    now: DateTime<Utc>,
    progress: impl FnMut(&'static str, u64),
) -> anyhow::Result<Migrated> {
    let source = Store::open_to_read(from).await.context("--from")?;
    let copied = async {
        let identity = source.identity().await?;
        if let Some(moved) = Moved::read(&identity) {
            bail!("--from: {} {moved}: name that one", source.url);
        }
        let copied = copy(&source, &identity, to, now, progress).await?;
        Ok((identity, copied))
    };
    let copied = copied.await;
    source.close().await;
    let (identity, (tables, aside)) = copied?;
    let moved = Moved { at: now, to: shown(&to.parse()?)?, identity };
    let marked = source.give_up(&moved).await;
    Ok(Migrated { tables, aside, unmarked: marked.err().map(|error| format!("{error:#}")) })
}

async fn copy(
    source: &Store,
    identity: &str,
    to: &str,
    now: DateTime<Utc>,
    progress: impl FnMut(&'static str, u64),
) -> anyhow::Result<(Vec<Copied>, Option<PathBuf>)> {
    let url: DatabaseUrl = to.parse().context("--to")?;
    let there = given_out(&url).await.context("--to")?;
    let comes_back = Moved::read(&there.identity).is_some_and(|moved| moved.identity == identity)
        && source.has_gone_on_from(&there).await?;
    if url.dialect() == Dialect::Sqlite {
        let home = followed(Path::new(url.path())).context("--to")?;
        if comes_back || !home.exists() {
            return copy_into_file(source, &home, now, progress).await.context("--to");
        }
    }
    if comes_back {
        postgres::used_by_nobody(to).await.context("--to")?;
    }
    let target = Store::open(to).await.context("--to")?;
    let copied = match comes_back {
        true => source.copy_over(&target, progress).await,
        false => source.copy_to(&target, progress).await,
    };
    target.close().await;
    Ok((copied?, None))
}

async fn copy_into_file(
    source: &Store,
    home: &Path,
    now: DateTime<Utc>,
    progress: impl FnMut(&'static str, u64),
) -> anyhow::Result<(Vec<Copied>, Option<PathBuf>)> {
    let made_beside = Part::path_beside(home);
    let is_source = source.dialect == Dialect::Sqlite && is_of(Path::new(source.url.path()), &made_beside);
    ensure!(!is_source, "{} would be made there, and is --from: name another file", made_beside.display());
    let part = Part::beside(home)?;
    let target = Store::open(&part.url()).await?;
    let copied = source.copy_to(&target, progress).await;
    target.close().await;
    let tables = copied?;
    sqlite::make_single(part.path()).await?;
    let aside = replace_file(part, home, &named_aside(home, "migrate", now)).await?;
    Ok((tables, aside))
}

/// Wherever it is read, a file is found by it.
fn shown(url: &DatabaseUrl) -> anyhow::Result<String> {
    Ok(match url.dialect() {
        Dialect::Sqlite => format!("sqlite:{}", std::path::absolute(url.path())?.display()),
        Dialect::Postgres => url.to_string(),
    })
}

impl Store {
    /// `None`: it is the one that goes on.
    pub async fn moved(&self) -> anyhow::Result<Option<Moved>> {
        Ok(Moved::read(&self.identity().await?))
    }

    async fn give_up(&self, moved: &Moved) -> anyhow::Result<()> {
        let mut connection = self.connect().await?;
        let given_up = sqlx::query("update desk set identity = $1 where id = 1 and identity = $2")
            .bind(moved.identity())
            .bind(&moved.identity)
            .execute(&mut connection)
            .await;
        connection.close().await?;
        given_up.map(drop).context("it cannot be written")
    }
}
