//! The state directory: private, used by one daemon at a time, and home of the first administrator's token.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Utc};

use crate::api::{NewToken, hash_of};
use crate::schedule::{Organisation, PersonId};
use crate::settings::{Secret, Settings};
use crate::store::{Role, Store, TokenRow};

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
const OURS: [&str; 5] = ["meridian.db", "admin-token", "lock", "node", DATABASE];
const DATABASE: &str = "database";

impl StateDir {
    /// Creates it where it is missing, closes it to others, and locks it.
    pub fn open(path: &Path) -> anyhow::Result<StateDir> {
        let at = || format!("state directory {}", path.display());
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
        write_private(&file, &name).with_context(|| format!("{}", file.display()))?;
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

/// Keeps daemons away from a SQLite file in a state directory, as long as the value lives. `None`: the database is
/// in none, or is no file; who uses it then cannot be seen from here.
pub fn hold_database(url: &str) -> anyhow::Result<Option<File>> {
    let Some(path) = url.strip_prefix("sqlite:") else { return Ok(None) };
    let folder = Path::new(path.strip_prefix("//").unwrap_or(path)).parent().unwrap_or(Path::new(""));
    let lock = match File::open(folder.join("lock")) {
        Ok(lock) => lock,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("{}", folder.display())),
    };
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => {
            bail!(
                "a daemon is using {path}: stop it first (systemctl stop meridian.socket meridian.service), and start it on the copy after"
            )
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("{}", folder.display())),
    }
}

/// What root makes in another's folder, its owner has to be able to open.
fn give_to_owner(folder: &Path, file: &str) -> std::io::Result<()> {
    let owner = fs::metadata(folder)?;
    if rustix::process::geteuid().is_root() && owner.uid() != 0 {
        chown(folder.join(file), Some(owner.uid()), Some(owner.gid()))?;
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
