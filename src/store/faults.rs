//! What a fault of the database means for whoever asked.

use super::FileLost;

/// Whether the database refused the values themselves, so that saving them again can only fail again.
pub fn contradicts(error: &anyhow::Error) -> bool {
    let Some(sqlx::Error::Database(error)) = of_database(error) else { return false };
    // PostgreSQL's class 22 is a value that cannot stand in its column at all.
    let no_value = !is_sqlite(&**error) && error.code().is_some_and(|code| code.starts_with("22"));
    no_value || error.is_unique_violation() || error.is_foreign_key_violation() || error.is_check_violation()
}

/// The database was asked and has not said anything since.
#[derive(Debug, thiserror::Error)]
#[error("the database did not answer within {0} s")]
pub struct NoAnswer(pub u64);

/// Whether the database cannot be reached or cannot write now, and may be able to later.
pub fn unavailable(error: &anyhow::Error) -> bool {
    if error.chain().any(|cause| cause.is::<NoAnswer>() || cause.is::<FileLost>()) {
        return true;
    }
    match of_database(error) {
        Some(sqlx::Error::Database(error)) => {
            let code = error.code().unwrap_or_default();
            if is_sqlite(&**error) { sqlite_unavailable(&code) } else { postgres_unavailable(&code) }
        }
        Some(
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed,
        ) => true,
        _ => false,
    }
}

fn of_database(error: &anyhow::Error) -> Option<&sqlx::Error> {
    error.chain().find_map(|cause| cause.downcast_ref())
}

fn is_sqlite(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some()
}

/// The first byte of an extended code: busy, I/O, full, cannot open.
fn sqlite_unavailable(code: &str) -> bool {
    code.parse::<i32>().is_ok_and(|code| matches!(code & 0xff, 5 | 10 | 13 | 14))
}

/// By class: connection, resources (a full disk among them), an operator's shutdown. And one by one: the lock or a
/// statement took too long, the transaction was ended because it idled, the server became a standby, two got into
/// each other's way.
fn postgres_unavailable(code: &str) -> bool {
    const CLASSES: [&str; 3] = ["08", "53", "57"];
    const CODES: [&str; 6] = ["55P03", "25P03", "25P04", "25006", "40P01", "40001"];
    CLASSES.iter().any(|class| code.starts_with(class)) || CODES.contains(&code)
}
