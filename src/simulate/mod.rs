//! The same desk in virtual time: commands and schedules go in, an organisation's history comes out.
//! Decides nothing itself, and keeps what a store would keep, so that a restart can be played too.

mod world;
pub use world::{Kept, News, World};

mod invariants;
pub use invariants::{Broken, Invariants, Step};

mod standing;
