//! A file that is still being made: it stands beside the name it is to get, and gets it only once it is whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use rustix::fs::OFlags;

use super::lost::device_inode;
use super::sqlite;

/// Ours alone until it is dropped, and gone then unless it has got its name. What a killed process left gives way.
pub(super) struct Part {
    path: PathBuf,
    file: File,
    named: bool,
}

impl Part {
    /// Empty, and readable by its owner alone. Somebody else's file of that name is refused, and a link is not followed.
    pub fn beside(name: &Path) -> anyhow::Result<Part> {
        let path = Part::path_beside(name);
        let at = || format!("{}", path.display());
        let left = take_over(&path)?;
        if left.is_some() {
            // Whoever was let into it before still has it open.
            fs::remove_file(&path).with_context(at)?;
        }
        let mut options = OpenOptions::new();
        let file = options.create_new(true).write(true).mode(0o600).open(&path).with_context(at)?;
        lock(&file, &path)?;
        drop(left);
        remove_companions(&path)?;
        Ok(Part { path, file, named: false })
    }

    /// Where it is until then.
    pub fn path_beside(name: &Path) -> PathBuf {
        with_ending(name, ".part")
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn url(&self) -> String {
        format!("sqlite:{}", self.path.display())
    }

    /// With what its log has beside it, if it was taken from a running daemon; `from` itself is only read. A file that
    /// stands alone has no log: what lies there under that name is of another file.
    pub fn copy_from(&mut self, from: &Path) -> anyhow::Result<()> {
        let mut source = File::open(from).with_context(|| format!("{}", from.display()))?;
        std::io::copy(&mut source, &mut self.file).with_context(|| format!("{}", self.path.display()))?;
        let logs = if sqlite::stands_alone(from)? { &LOGS[1..] } else { &LOGS };
        for ending in logs {
            let (log, ours) = (with_ending(from, ending), with_ending(&self.path, ending));
            let mut log = match File::open(&log) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error).with_context(|| format!("{}", log.display())),
            };
            let at = || format!("{}", ours.display());
            let mut options = OpenOptions::new();
            let mut ours = options.create_new(true).write(true).mode(0o600).open(&ours).with_context(at)?;
            std::io::copy(&mut log, &mut ours).with_context(at)?;
        }
        Ok(())
    }

    /// On disk, and under its name from now on, whatever happens.
    pub fn take_name(mut self, name: &Path, replace: bool) -> anyhow::Result<()> {
        let at = || format!("{}", name.display());
        self.file.sync_all().with_context(at)?;
        refuse_left_over(name)?;
        let taken = fs::symlink_metadata(name).is_ok();
        ensure!(replace || !taken, "{} has come to be meanwhile", name.display());
        fs::rename(&self.path, name).with_context(at)?;
        self.named = true;
        remove_companions(&self.path)?;
        sync_folder(name)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.named {
            _ = fs::remove_file(&self.path);
        }
        _ = remove_companions(&self.path);
    }
}

/// What SQLite keeps beside a file: written in another life, it would be applied to this one.
fn remove_companions(path: &Path) -> anyhow::Result<()> {
    for companion in companions(path) {
        match fs::remove_file(&companion) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{}", companion.display()));
            }
            _ => (),
        }
    }
    Ok(())
}

/// Fails where SQLite would take what lies beside a name for what belongs to the file that is to get it.
pub(super) fn refuse_left_over(name: &Path) -> anyhow::Result<()> {
    let left = companions(name).into_iter().find(|left| fs::symlink_metadata(left).is_ok());
    if let Some(left) = left {
        bail!(
            "{} is left over from another file of that name, and SQLite would take it for a part of the new one: move it \
             away if nobody uses it, or name another file",
            left.display()
        );
    }
    Ok(())
}

/// Where a link leads, whether or not anything is there; a path that is none is itself.
pub fn followed(path: &Path) -> anyhow::Result<PathBuf> {
    /// As the kernel.
    const LINKS_MAX: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path),
        }
    }
    bail!("{} is a link that leads nowhere", path.display())
}

pub(super) fn companions(path: &Path) -> [PathBuf; 3] {
    ["-wal", "-shm", "-journal"].map(|ending| with_ending(path, ending))
}

/// What of its companions, the write-ahead log first, has something to say of a file's content.
const LOGS: [&str; 2] = ["-wal", "-journal"];

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// What is under that name, locked; `None`: nothing is. Nothing that is not ours is touched.
fn take_over(path: &Path) -> anyhow::Result<Option<File>> {
    let at = || format!("{}", path.display());
    let strange = || format!("{} is none of our files: remove it, or name another file", path.display());
    let mut options = OpenOptions::new();
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = match options.write(true).custom_flags(flags.bits().cast_signed()).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file()) => {
            return Err(error).with_context(strange);
        }
        Err(error) => return Err(error).with_context(at),
    };
    let there = file.metadata().with_context(at)?;
    let ours = there.is_file() && there.nlink() == 1 && there.uid() == rustix::process::geteuid().as_raw();
    ensure!(ours, strange());
    lock(&file, path)?;
    Ok(Some(file))
}

/// Fails where another process writes it, or has given it its name before we had the lock.
fn lock(file: &File, path: &Path) -> anyhow::Result<()> {
    let at = || format!("{}", path.display());
    match file.try_lock() {
        Ok(()) => (),
        Err(TryLockError::WouldBlock) => bail!("{} is being written by another process", path.display()),
        Err(TryLockError::Error(error)) => return Err(error).with_context(at),
    }
    let ours = fs::symlink_metadata(path)
        .is_ok_and(|there| file.metadata().is_ok_and(|ours| device_inode(&ours) == device_inode(&there)));
    ensure!(ours, "{} has just been finished by another process", path.display());
    Ok(())
}

/// Whether a name that something is to be written under is a database, one of the files that SQLite keeps beside it, or
/// would become one. By what they are, not by how they are named: folders and files can be linked.
pub(super) fn is_of(database: &Path, name: &Path) -> bool {
    let whole = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    let database = database.canonicalize().unwrap_or_else(|_| database.to_owned());
    let there = fs::metadata(name).ok().map(|there| device_inode(&there));
    let named = whole(name);
    [database.clone()].into_iter().chain(companions(&database)).any(|one| {
        let same = fs::metadata(&one).is_ok_and(|one| Some(device_inode(&one)) == there);
        same || named.as_ref() == Some(&one)
    })
}

/// A name is on disk when its folder is.
pub(super) fn sync_folder(path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("{}", folder.display()))
}
