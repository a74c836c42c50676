//! Everything in the database as of one instant, in a file of its own, and back from it. The file is a SQLite database
//! whatever it was made of, so it can be restored to either kind.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sqlx::Connection;

use super::part::{Part, companions, followed, is_of, refuse_left_over, sync_folder};
use super::restores::GivenOut;
use super::{Audit, DatabaseUrl, Dialect, Onwards, Role, Schema, Store, foreign, postgres, sqlite};
use crate::desk::AuditedAt;

/// What a file holds, read again after it was written.
#[derive(Clone, Debug, Serialize)]
pub struct Contents {
    pub tickets: u64,
    pub events: u64,
    /// Number of the last batch of decisions, and its instant.
    pub batch: i64,
    pub decided_at: Option<DateTime<Utc>>,
    pub revision: i64,
    /// Notices that were still to be delivered.
    pub pending_notices: u64,
    /// Whoever has the text of one can sign in.
    pub tokens: u64,
    pub admin_tokens: u64,
    #[serde(skip)]
    pub audit: Audit,
    /// What SQLite says of rows that break a rule of their table; they are copied as they are.
    #[serde(skip)]
    pub broken_rows: Vec<String>,
}

impl Contents {
    /// How many things in it cannot be true.
    pub fn flaws(&self) -> u64 {
        // The audit has found those rows too that are still of use.
        self.audit.wrong.max(self.broken_rows.len() as u64)
    }
}

/// What came of a restore.
#[derive(Clone, Debug, Serialize)]
pub struct Restored {
    #[serde(flatten)]
    pub contents: Contents,
    #[serde(flatten)]
    pub onwards: Onwards,
    /// See [`Store::identity`].
    #[serde(skip)]
    pub identity: String,
    /// Tables, indexes and views in the backup that are not ours.
    pub left_out: Vec<String>,
    /// Where it is now.
    #[serde(rename = "database")]
    pub shown: String,
    /// Where what was there before is now.
    pub aside: Option<PathBuf>,
}

/// How somebody wants a database restored.
#[derive(Clone, Copy, Debug)]
pub struct Restoring<'a> {
    /// What is there may be moved aside.
    pub force: bool,
    /// A folder of ours, for what is moved aside from a server and for what is still being made.
    pub state: &'a Path,
    /// Whose rotation files are put to work at the next start, where several nodes share the database.
    pub node: &'a str,
    pub now: DateTime<Utc>,
}

impl Store {
    /// A copy as of one instant, while batches go on being committed. It gets its name once it is on disk, has been
    /// read again, and nothing is wrong with its pages; until then it is `FILE.part`.
    pub async fn back_up(
        &self,
        file: &Path,
        replace: bool,
        now: DateTime<Utc>,
        mut progress: impl FnMut(&'static str, u64),
    ) -> anyhow::Result<Contents> {
        self.may_become(file, replace).await?;
        let part = Part::beside(file)?;
        match self.dialect {
            Dialect::Sqlite => sqlite::copy_to(self.url.path(), part.path()).await?,
            Dialect::Postgres => {
                let target = Store::open(&part.url()).await?;
                let copied = self.copy_to(&target, &mut progress).await;
                target.close().await;
                copied?;
            }
        }
        let contents = contents(&part, now, &mut progress).await?;
        part.take_name(file, replace)?;
        Ok(contents)
    }

    /// Fails where something would be lost.
    async fn may_become(&self, file: &Path, replace: bool) -> anyhow::Result<()> {
        let shown = file.display();
        if self.dialect == Dialect::Sqlite {
            let database = Path::new(self.url.path());
            let is_it = is_of(database, file) || is_of(database, &Part::path_beside(file));
            ensure!(
                !is_it,
                "{shown} is of the database itself: a backup is a file of its own, on another disk"
            );
        }
        refuse_left_over(file)?;
        let there = match fs::symlink_metadata(file) {
            Ok(there) => there,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error).with_context(|| format!("{shown}")),
        };
        ensure!(replace, "{shown} is there already: name another file, or say --force to replace it");
        ensure!(there.is_file(), "{shown} is no regular file: name the backup itself");
        let ours = there.len() == 0 || sqlite::is_backup(file).await.with_context(|| format!("{shown}"))?;
        ensure!(ours, "{shown} is no backup of ours, and only such a one is replaced: name another file");
        Ok(())
    }
}

/// Puts what a backup holds in the place of a database that nobody uses. All of it or nothing: what was there stays
/// until what comes has been read again and found whole.
pub async fn restore(
    file: &Path,
    target: &str,
    restoring: Restoring<'_>,
    mut progress: impl FnMut(&'static str, u64),
) -> anyhow::Result<Restored> {
    let shown = file.display();
    ensure!(file.is_file(), "there is no file {shown}");
    let url: DatabaseUrl = target.parse()?;
    let home = match url.dialect() {
        Dialect::Sqlite => followed(Path::new(url.path())).context("the database")?,
        Dialect::Postgres => restoring.state.join("restored.db"),
    };
    let is_it = is_of(&home, file) || is_of(&Part::path_beside(&home), file);
    ensure!(!is_it, "{shown} is of what it would replace: copy it to another folder first");
    let mut part = Part::beside(&home)?;
    part.copy_from(file)?;
    if url.dialect() == Dialect::Postgres {
        refuse_newer(part.path()).await.with_context(|| format!("{shown}"))?;
    }
    let there = given_out(&url).await?;
    // Of an earlier release it is brought up to date; what could write by itself is refused.
    let made = Store::open(&part.url()).await.with_context(|| format!("{shown}"))?.of_node(restoring.node);
    let begun = async {
        let left_out = foreign::leave_out(&mut *made.writer.acquire().await?).await?;
        let onwards = made.begin_anew(&there, restoring.now).await?;
        let revision = made.last().await?.revision;
        if url.dialect() == Dialect::Postgres && revision > 0 {
            made.agrees(revision, restoring.now).await?;
        }
        anyhow::Ok((onwards, made.identity().await?, left_out))
    };
    let begun = begun.await;
    made.close().await;
    let (onwards, identity, left_out) = begun.with_context(|| format!("{shown}"))?;
    let contents = contents(&part, restoring.now, &mut progress).await.with_context(|| format!("{shown}"))?;
    let aside = match url.dialect() {
        Dialect::Sqlite => {
            may_be_replaced(&home, restoring.force).await?;
            replace_file(part, &home, &named_aside(&home, "restore", restoring.now)).await?
        }
        Dialect::Postgres => replace_rows(&part, target, restoring, &mut progress).await?,
    };
    Ok(Restored { contents, onwards, identity, left_out, shown: url.to_string(), aside })
}

/// By what is to be replaced, where there is anything.
pub(super) async fn given_out(url: &DatabaseUrl) -> anyhow::Result<GivenOut> {
    let connected = match url.dialect() {
        Dialect::Sqlite if !Path::new(url.path()).exists() => return Ok(GivenOut::default()),
        Dialect::Sqlite => sqlite::connect(Path::new(url.path())).await,
        Dialect::Postgres => Ok(postgres::connect(&url.reveal().parse()?).await?),
    };
    // A file that is no database is moved aside all the same.
    let Ok(mut connection) = connected else { return Ok(GivenOut::default()) };
    let given_out = GivenOut::of(&mut connection).await;
    connection.close().await?;
    Ok(given_out)
}

/// What it holds, all of which is read again. Leaves one file without companions.
async fn contents(
    part: &Part,
    now: DateTime<Utc>,
    progress: &mut impl FnMut(&'static str, u64),
) -> anyhow::Result<Contents> {
    sqlite::make_single(part.path()).await?;
    let Schema { there, known } = sqlite::schema(part.path()).await?;
    if there < known {
        // It stays as its release can read it; what is read is a copy that is brought up to date.
        let mut newer = Part::beside(part.path())?;
        newer.copy_from(part.path())?;
        Store::open(&newer.url()).await?.close().await;
        sqlite::make_single(newer.path()).await?;
        return read_again(&newer, now, progress).await;
    }
    read_again(part, now, progress).await
}

async fn read_again(
    part: &Part,
    now: DateTime<Utc>,
    progress: &mut impl FnMut(&'static str, u64),
) -> anyhow::Result<Contents> {
    let store = Store::open_beside(&part.url()).await?;
    let read = async {
        let complaints = store.complaints().await?;
        if let Some(first) = complaints.pages.first() {
            bail!("the copy is damaged, and so may be what it was made of: {first}");
        }
        let last = store.last().await?;
        let tokens = store.tokens().await?;
        let at = AuditedAt { now, lateness_max: TimeDelta::MAX };
        let audit = store.audit(at, |tickets| progress("verifying tickets", tickets)).await?;
        Ok(Contents {
            tickets: audit.tickets,
            events: audit.events,
            batch: last.batch,
            decided_at: last.decided_at,
            revision: last.revision,
            pending_notices: store.outbox_counts(None).await?.pending().count,
            tokens: tokens.len() as u64,
            admin_tokens: tokens.iter().filter(|token| token.role == Role::Admin).count() as u64,
            audit,
            broken_rows: complaints.rows,
        })
    };
    let read = read.await;
    store.close().await;
    read
}

async fn refuse_newer(file: &Path) -> anyhow::Result<()> {
    let Schema { there, known } = sqlite::schema(file).await?;
    ensure!(
        there <= known,
        "it was made by a newer release (migration {there}; this one knows {known}): restore it with that one"
    );
    Ok(())
}

async fn may_be_replaced(home: &Path, force: bool) -> anyhow::Result<()> {
    let unused = async || matches!(sqlite::batches(home).await, Ok(0));
    let may = force || !home.exists() || unused().await;
    ensure!(may, "{} is a database in use: say --force to move it aside", home.display());
    Ok(())
}

/// A whole file takes the place of another; at no moment is there none. Gives where what was there is then.
pub(super) async fn replace_file(part: Part, home: &Path, aside: &Path) -> anyhow::Result<Option<PathBuf>> {
    let like_folder = home.parent().and_then(|folder| fs::metadata(folder).ok());
    if let Some(folder) = like_folder.filter(|_| rustix::process::geteuid().is_root()) {
        chown(part.path(), Some(folder.uid()), Some(folder.gid()))
            .context("it could not be given to its owner")?;
    }
    let there = home.exists();
    // What its log still has goes into the file; where that cannot be, the log goes aside with it, or without.
    if there && let Err(error) = sqlite::make_single(home).await {
        tracing::warn!(error = format!("{error:#}"), "what was there is not sound, and moved aside as it is");
    }
    let mut moved = move_companions(home, aside)?;
    if there {
        fs::hard_link(home, aside).with_context(|| format!("{}", aside.display()))?;
        moved.insert(0, aside.to_owned());
    }
    sync_folder(home)?;
    part.take_name(home, there)?;
    Ok(moved.into_iter().next())
}

/// What SQLite kept beside a file; it says nothing of the one that takes its place.
fn move_companions(home: &Path, aside: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut moved = Vec::new();
    for (companion, there) in companions(home).into_iter().zip(companions(aside)) {
        match fs::rename(&companion, &there) {
            Ok(()) => moved.push(there),
            Err(error) if error.kind() == ErrorKind::NotFound => (),
            Err(error) => return Err(error).with_context(|| format!("{}", companion.display())),
        }
    }
    Ok(moved)
}

/// In one transaction; what was there has been written into a file before.
async fn replace_rows(
    part: &Part,
    target: &str,
    restoring: Restoring<'_>,
    progress: &mut impl FnMut(&'static str, u64),
) -> anyhow::Result<Option<PathBuf>> {
    postgres::used_by_nobody(target).await?;
    let target = Store::open(target).await?;
    let source = Store::open_beside(&part.url()).await?;
    let replaced = async {
        let mut aside = None;
        if target.last().await?.batch > 0 {
            ensure!(restoring.force, "{} is in use: say --force to replace what it holds", target.url);
            let file = named_aside(&restoring.state.join("meridian.db"), "restore", restoring.now);
            target
                .back_up(&file, false, restoring.now, &mut *progress)
                .await
                .context("what it holds could not be kept")?;
            aside = Some(file);
        }
        source.copy_over(&target, &mut *progress).await?;
        Ok(aside)
    };
    let replaced = replaced.await;
    source.close().await;
    target.close().await;
    replaced
}

/// `meridian.db.before-restore-20261122T091500.250Z`
pub(super) fn named_aside(path: &Path, before: &str, now: DateTime<Utc>) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".before-{before}-{}", now.format("%Y%m%dT%H%M%S%.3fZ")));
    name.into()
}
