//! A file that is still being made: it stands beside the name it is to get, and gets it only once it is whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

/// Ours alone until it is dropped, and gone then unless it has got its name. What a killed process left is taken over.
pub(super) struct Part {
    path: PathBuf,
    file: File,
    named: bool,
}

impl Part {
    /// Empty, and readable by its owner alone.
    pub fn beside(name: &Path) -> anyhow::Result<Part> {
        let mut path = name.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        let at = || format!("{}", path.display());
        let mut options = OpenOptions::new();
        let file =
            options.create(true).truncate(false).write(true).mode(0o600).open(&path).with_context(at)?;
        match file.try_lock() {
            Ok(()) => (),
            Err(TryLockError::WouldBlock) => bail!("{} is being written by another process", path.display()),
            Err(TryLockError::Error(error)) => return Err(error).with_context(at),
        }
        // Whoever held the lock before may have given the file its name meanwhile.
        let ours = fs::metadata(&path)
            .is_ok_and(|there| file.metadata().is_ok_and(|ours| ours.ino() == there.ino()));
        ensure!(ours, "{} has just been finished by another process", name.display());
        remove_companions(&path)?;
        file.set_len(0).with_context(at)?;
        Ok(Part { path, file, named: false })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn url(&self) -> String {
        format!("sqlite:{}", self.path.display())
    }

    pub fn copy_from(&mut self, from: &Path) -> anyhow::Result<()> {
        let mut source = File::open(from).with_context(|| format!("{}", from.display()))?;
        std::io::copy(&mut source, &mut self.file).with_context(|| format!("{}", self.path.display()))?;
        Ok(())
    }

    /// On disk, and under its name from now on, whatever happens.
    pub fn take_name(mut self, name: &Path, replace: bool) -> anyhow::Result<()> {
        let at = || format!("{}", name.display());
        self.file.sync_all().with_context(at)?;
        ensure!(replace || !name.exists(), "{} has come to be meanwhile", name.display());
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

pub(super) fn companions(path: &Path) -> [PathBuf; 3] {
    ["-wal", "-shm", "-journal"].map(|ending| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        name.into()
    })
}

/// A name is on disk when its folder is.
pub(super) fn sync_folder(path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("{}", folder.display()))
}
