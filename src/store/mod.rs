//! Everything that must survive: tickets, events, notices, batches, revisions, changes of the day, tokens, keys.
//! Rows go in and out; no rule lives here, and no other room names a database.

mod face;
pub use face::{Face, FaceBatch};

mod open;
pub use open::{Schema, Store};

mod url;
pub use url::DatabaseUrl;

mod dialect;
pub use dialect::Dialect;

mod sqlite;
pub use sqlite::is_database;

mod foreign;

mod postgres;

mod faults;
pub use faults::{NoAnswer, contradicts, unavailable};

mod batch;
pub use batch::{Batch, Last};

mod desk_rows;
pub use desk_rows::{DeskRows, Since};

mod tickets;
pub use tickets::TicketFilter;

mod events;
pub use events::Heard;

mod histories;
pub use histories::{History, Looked};

mod handoffs;

mod listening;
pub use listening::Commits;

mod given_up;
pub use given_up::GivenUp;

mod outbox;
pub use outbox::{Again, Leave, LeaveOf, OutboxCounts, OutboxFilter, OutboxRow, Taken, Waiting};

mod notices;
pub use notices::{Listed, NoticeFilter, Resent};

mod reaching;
pub use reaching::LastTaken;

mod keys;

mod remembered;
pub use remembered::Remembered;

mod revisions;
pub use revisions::RevisionRow;

mod day_rows;
pub use day_rows::{DayKind, DayRow};

mod nodes;

mod tokens;
pub use tokens::{Revoked, Role, TokenRow};

mod figures;
pub use figures::{DiskFigures, PoolFigures};

mod copy;
pub use copy::Copied;

mod lost;
pub use lost::FileLost;

mod retention;
pub use retention::{Gone, KeptRows, KeptSince};

mod erase;
pub use erase::{ErasedRows, Place, Whole};

mod forget;
pub use forget::{Forgetting, Forgettings, Kept, Step, ToBeForgotten};

mod named_files;
pub use named_files::NamedFiles;

mod trail;
pub use trail::{Deed, Footprint, TrailFilter};

mod part;
pub use part::followed;

mod restores;
pub use restores::{Onwards, PassedOver};

mod backup;
pub use backup::{Contents, Restored, Restoring, restore};

mod moved;
pub use moved::{Migrated, Moved, migrate};

mod health;
pub use health::{Complaints, LastBackup};

mod audit;
pub use audit::{Audit, Finding};

mod columns;
