//! The state directory: private, used by one daemon at a time, and home of the first administrator's token.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, lchown};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Utc};
use rustix::fs::OFlags;

use crate::api::{NewToken, hash_of};
use crate::schedule::{Organisation, PersonId};
use crate::settings::{Secret, Settings};
use crate::store::{Role, Store, TokenRow, followed, is_database};

/// Ours as long as this value lives.
pub struct StateDir {
    path: PathBuf,
    _lock: File,
}

/// A database, so that it is known again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// See [`Store::identity`].
    pub identity: String,
    /// Where it was, without the password.
    pub shown: String,
}

impl Known {
    /// The one last used from a state directory; `None`: none was, or whoever looks after it wants to begin anew.
    pub fn read(state: &Path) -> anyhow::Result<Option<Known>> {
        let file = state.join(DATABASE);
        match fs::read_to_string(&file) {
            Ok(text) => Ok(text
                .trim()
                .split_once(' ')
                .map(|(identity, shown)| Known { identity: identity.to_owned(), shown: shown.to_owned() })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{}", file.display())),
        }
    }
}

const ADMIN: &str = "admin";
/// What the names of our files begin with.
const OURS: [&str; 6] = ["meridian.db", "admin-token", "lock", "node", DATABASE, LISTENING];
const LISTENING: &str = "listening";
const DATABASE: &str = "database";

impl StateDir {
    /// Creates it where it is missing, closes it to others, and locks it.
    pub fn open(path: &Path) -> anyhow::Result<StateDir> {
        let at = || format!("state directory {}", path.display());
        if path.exists() && !path.is_dir() {
            bail!("{} is no folder: move it away, or give --state a folder", at());
        }
        DirBuilder::new().recursive(true).mode(0o700).create(path).with_context(at)?;
        keep_private(path)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join("lock"))
            .with_context(at)?;
        give_to_owner(path, "lock").with_context(at)?;
        match lock.try_lock() {
            Ok(()) => Ok(StateDir { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("{} is in use by another daemon; stop that one, or give --state another folder", at())
            }
            Err(TryLockError::Error(error)) => Err(error).with_context(at),
        }
    }

    /// Where the daemon can be asked, for whoever looks after it on this machine: `listen` does not say where sockets
    /// are that it was passed.
    pub fn leave_addresses(&self, addresses: &[SocketAddr]) -> anyhow::Result<()> {
        let lines: Vec<String> = addresses.iter().map(SocketAddr::to_string).collect();
        let file = self.path.join(LISTENING);
        write_private(&file, &lines.join("\n")).with_context(|| format!("{}", file.display()))
    }

    /// Those that the last daemon has left in a state directory.
    pub fn addresses(state: &Path) -> Vec<SocketAddr> {
        let text = fs::read_to_string(state.join(LISTENING)).unwrap_or_default();
        text.lines().filter_map(|line| line.parse().ok()).collect()
    }

    /// What this daemon is called among those that share a database: kept, so that it is known again.
    pub fn node(&self) -> anyhow::Result<String> {
        let file = self.path.join("node");
        match fs::read_to_string(&file) {
            Ok(name) if !name.trim().is_empty() => return Ok(name.trim().to_owned()),
            Ok(_) => (),
            Err(error) if error.kind() == ErrorKind::NotFound => (),
            Err(error) => return Err(error).with_context(|| format!("{}", file.display())),
        }
        // Under the unit the kernel's word is hidden (ProcSubset=pid); the file that it has it from is not.
        let host = ["/proc/sys/kernel/hostname", "/etc/hostname"].map(fs::read_to_string);
        let host = host.into_iter().find_map(Result::ok).unwrap_or_default();
        let host = if host.trim().is_empty() { "node" } else { host.trim() };
        let mut random = [0; 4];
        getrandom::fill(&mut random).map_err(|error| anyhow!("the system gives no randomness: {error}"))?;
        let name = format!("{host}-{:08x}", u32::from_ne_bytes(random));
        let at = || format!("{}", file.display());
        write_private(&file, &name).with_context(at)?;
        give_to_owner(&self.path, "node").with_context(at)?;
        Ok(name)
    }

    /// The database last used from here.
    pub fn known_database(&self) -> anyhow::Result<Option<Known>> {
        Known::read(&self.path)
    }

    /// Whose removal lets it be forgotten.
    pub fn known_file(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    pub fn remember_database(&self, known: &Known) -> anyhow::Result<()> {
        let file = self.known_file();
        if self.known_database()?.as_ref() == Some(known) {
            return Ok(());
        }
        let at = || format!("{}", file.display());
        write_private(&file, &format!("{} {}", known.identity, known.shown)).with_context(at)?;
        give_to_owner(&self.path, DATABASE).with_context(at)
    }

    /// The file with an administrator's token, readable by us alone, if it holds a valid one. Where no
    /// administrator can sign in at all it is made; a token of somebody the organisation does not know does not count.
    pub async fn admin_token(
        &self,
        store: &Store,
        organisation: &Organisation,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Option<PathBuf>> {
        let file = self.path.join("admin-token");
        let mut tokens = store.tokens().await?;
        let known = |person: &PersonId| organisation.people.contains_key(person);
        tokens.retain(|token| token.role == Role::Admin && token.person.as_ref().is_none_or(known));
        if !tokens.is_empty() {
            let written = fs::read_to_string(&file).map(|text| hash_of(text.trim()));
            let valid = written.is_ok_and(|hash| tokens.iter().any(|token| token.hash == hash));
            return Ok(valid.then_some(file));
        }
        let made = NewToken::make()?;
        // First the file: a token that nobody can read would lock everybody out.
        write_private(&file, made.text.reveal()).with_context(|| format!("{}", file.display()))?;
        let mut row =
            TokenRow { name: ADMIN.to_owned(), hash: made.hash, role: Role::Admin, person: None, at: now };
        let mut tries = 1;
        while !store.add_token(&row).await? {
            // Somebody gave the name to a token of another role.
            tries += 1;
            row.name = format!("{ADMIN}-{tries}");
        }
        Ok(Some(file))
    }
}

/// The database that the settings name, else the file in their state directory.
pub fn database_url(settings: &Settings) -> Secret {
    let in_state = || Secret::new(format!("sqlite:{}", settings.state.join("meridian.db").display()));
    settings.database.clone().unwrap_or_else(in_state)
}

/// Whose database it is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It is written: nobody else may.
    Anyhow,
    /// It is read: nothing is left beside it, and where a daemon has ever used it, that has left what is locked.
    IfUsed,
}

/// Keeps whoever else asks for it away from a SQLite file as long as it lives: a daemon whose state directory is another,
/// `restore`, `migrate`.
pub struct DatabaseLock {
    lock: File,
    database: PathBuf,
    beside: PathBuf,
    made: bool,
}

impl Drop for DatabaseLock {
    /// Where nothing came of it, nothing stays.
    fn drop(&mut self) {
        if self.made && !is_database(&self.database) && is_at(&self.lock, &self.beside) {
            _ = fs::remove_file(&self.beside);
        }
    }
}

/// `None`: it is no file, and the server itself knows who uses it.
pub fn hold_database(url: &str, held: Held) -> anyhow::Result<Option<DatabaseLock>> {
    let Some(path) = url.trim().strip_prefix("sqlite:") else { return Ok(None) };
    let path = Path::new(path.strip_prefix("//").unwrap_or(path));
    // Opening it says what is wrong with a folder that is not there.
    let Some(database) = whole(&followed(path).context("the database")?) else { return Ok(None) };
    let mut beside = database.clone().into_os_string();
    beside.push(".lock");
    let beside = PathBuf::from(beside);
    let at = || format!("{}", beside.display());
    let made = held == Held::Anyhow && !beside.exists();
    let mut options = OpenOptions::new();
    options.create(held == Held::Anyhow).truncate(false).write(true).mode(0o600);
    let lock = match options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(&beside) {
        Ok(lock) => lock,
        Err(error) if held == Held::IfUsed && error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(at),
    };
    let folder = database.parent().unwrap_or(Path::new("/"));
    let name = beside.file_name().unwrap_or_default();
    give_to_owner(folder, name).with_context(at)?;
    match lock.try_lock() {
        // Whoever had it may have taken it away since it was opened.
        Ok(()) if is_at(&lock, &beside) => Ok(Some(DatabaseLock { lock, database, beside, made })),
        Ok(()) | Err(TryLockError::WouldBlock) => bail!(
            "{} is in use by another process, a daemon as a rule: stop that first \
             (systemctl stop meridian.socket meridian.service)",
            path.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(at),
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    let same =
        |one: &fs::Metadata, other: &fs::Metadata| one.dev() == other.dev() && one.ino() == other.ino();
    file.metadata().is_ok_and(|one| fs::symlink_metadata(path).is_ok_and(|other| same(&one, &other)))
}

/// By the folder it is in, however that is linked; it need not be there itself.
fn whole(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    path.canonicalize().ok().or_else(|| Some(folder.canonicalize().ok()?.join(path.file_name()?)))
}

/// What root makes in another's folder, its owner has to be able to open.
fn give_to_owner(folder: &Path, file: impl AsRef<Path>) -> std::io::Result<()> {
    let owner = fs::metadata(folder)?;
    if rustix::process::geteuid().is_root() && owner.uid() != 0 {
        lchown(folder.join(file), Some(owner.uid()), Some(owner.gid()))?;
    }
    Ok(())
}

/// A folder that others may read is closed to them if it is ours alone; somebody else's is left as it is and refused.
fn keep_private(path: &Path) -> anyhow::Result<()> {
    let at = || format!("state directory {}", path.display());
    let mode = fs::metadata(path).with_context(at)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let ours =
        |name: &OsStr| name.to_str().is_some_and(|name| OURS.iter().any(|ours| name.starts_with(ours)));
    for entry in fs::read_dir(path).with_context(at)? {
        let name = entry.with_context(at)?.file_name();
        if !ours(&name) {
            bail!(
                "{} is open to others and holds what is not ours ({}); give --state a folder of its own",
                at(),
                name.display()
            );
        }
    }
    fs::set_permissions(path, Permissions::from_mode(0o700)).with_context(at)
}

/// Complete or not there at all, and at no moment readable by others.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let beside = path.with_extension("new");
    if beside.exists() {
        fs::remove_file(&beside)?;
    }
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&beside)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    Ok(())
}
