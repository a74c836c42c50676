//! What a database says about itself, for monitoring.

use std::path::Path;

use anyhow::Context;
use sqlx::AnyPool;

use super::{Dialect, Store};

/// The connections of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolFigures {
    pub name: &'static str,
    pub used: usize,
    pub idle: usize,
}

/// The disk that a path is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskFigures {
    pub size_bytes: u64,
    /// What we may still take of it.
    pub free_bytes: u64,
    /// How many files we may still make; `None`: there is no limit.
    pub free_files: Option<u64>,
}

impl DiskFigures {
    pub fn of(path: &Path) -> std::io::Result<DiskFigures> {
        let disk = rustix::fs::statvfs(path)?;
        Ok(DiskFigures {
            size_bytes: disk.f_blocks * disk.f_frsize,
            free_bytes: disk.f_bavail * disk.f_frsize,
            free_files: (disk.f_files > 0).then_some(disk.f_favail),
        })
    }
}

impl Store {
    /// Tables and indexes, in bytes; SQLite's write-ahead log is not in it.
    pub async fn size(&self) -> anyhow::Result<i64> {
        let size = match self.dialect {
            Dialect::Sqlite => {
                "select page_count * page_size
                from pragma_page_count(), pragma_page_size()"
            }
            Dialect::Postgres => "select pg_database_size(current_database())",
        };
        sqlx::query_scalar(size).fetch_one(&self.reader).await.context("its size")
    }

    /// Without asking the database.
    pub fn pools(&self) -> [PoolFigures; 2] {
        [of("writer", &self.writer), of("reader", &self.reader)]
    }

    /// `None`: it is a server's disk, or the system does not tell.
    pub fn disk(&self) -> Option<DiskFigures> {
        if self.dialect != Dialect::Sqlite {
            return None;
        }
        DiskFigures::of(Path::new(self.url.path())).ok()
    }

    pub fn dialect(&self) -> Dialect {
        self.dialect
    }
}

fn of(name: &'static str, pool: &AnyPool) -> PoolFigures {
    let idle = pool.num_idle();
    let all = usize::try_from(pool.size()).unwrap_or(usize::MAX);
    PoolFigures { name, used: all.saturating_sub(idle), idle }
}
