//! A SQLite file can be taken away from under its name while it is open: writes succeed then, and are gone with the
//! process.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Store;

/// The file that was opened is not the one under its name any more.
#[derive(Debug, thiserror::Error)]
#[error(
    "the database file {path} was removed or replaced while it was in use: nothing more is written. As long as this \
     process lives its content is in /proc/{process}/fd: put the file back, or copy it from there before the stop"
)]
pub struct FileLost {
    path: String,
    process: u32,
}

/// A file by its name, and what it was when it was opened.
#[derive(Debug)]
pub(super) struct OpenFile {
    path: PathBuf,
    device_inode: (u64, u64),
}

impl OpenFile {
    pub fn at(path: &str) -> anyhow::Result<OpenFile> {
        let path = fs::canonicalize(path)?;
        let device_inode = device_inode(&fs::metadata(&path)?);
        Ok(OpenFile { path, device_inode })
    }

    /// Costs a look at a folder that is in memory.
    pub fn is_there(&self) -> Result<(), FileLost> {
        match fs::metadata(&self.path) {
            Ok(there) if device_inode(&there) == self.device_inode => Ok(()),
            _ => Err(self.lost(&self.path)),
        }
    }

    /// After a commit, which was written into the log beside the file.
    pub fn has_log(&self) -> Result<(), FileLost> {
        self.is_there()?;
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        if Path::new(&log).exists() { Ok(()) } else { Err(self.lost(Path::new(&log))) }
    }

    fn lost(&self, path: &Path) -> FileLost {
        FileLost { path: path.display().to_string(), process: std::process::id() }
    }
}

pub(super) fn device_inode(metadata: &fs::Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

impl Store {
    /// What is written is written into the file that others find under its name.
    pub(super) fn is_there(&self) -> anyhow::Result<()> {
        self.file.as_deref().map_or(Ok(()), |file| Ok(file.is_there()?))
    }

    /// For single statements; batches of decisions look again after they have committed.
    pub(super) fn writing(&self) -> anyhow::Result<&sqlx::AnyPool> {
        self.is_there()?;
        Ok(&self.writer)
    }
}
