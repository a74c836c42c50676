//! The one way through: what is answered is on disk, whatever happens meanwhile.

mod batches;
mod faults;
pub mod house;
mod kill;
mod proving;
mod restored;
mod schedules;
