//! What the two databases say differently. All other statements are the same text for both: SQLite's `json_each` has
//! a namesake in our PostgreSQL schema, and `->>` is text or a number until it is cast.

/// Which database is behind a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    pub fn as_str(self) -> &'static str {
        match self {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgres",
        }
    }

    /// Begins a transaction that holds the write lock. Where it reads first it could not wait for it later.
    pub(super) fn begin(self) -> &'static str {
        match self {
            Dialect::Sqlite => "begin immediate",
            // One organisation has one database, so there is one key ("meri"); migrations lock another. Read committed,
            // so that what is read after the lock was given is what its last owner left.
            Dialect::Postgres => {
                "begin isolation level read committed; select pg_advisory_xact_lock(1835364969)"
            }
        }
    }

    /// Begins a transaction whose reads all see one instant.
    pub(super) fn snapshot(self) -> &'static str {
        match self {
            Dialect::Sqlite => "begin",
            Dialect::Postgres => "begin isolation level repeatable read read only",
        }
    }

    /// At the end of a `select` within an `update`: rows that another process is just taking are left to it.
    pub(super) fn skip_locked(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => "for update skip locked",
        }
    }
}
