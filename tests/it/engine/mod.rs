//! The one way through: what is answered is on disk, whatever happens meanwhile.

mod batches;
mod faults;
mod house;
mod kill;
mod proving;
mod restored;
mod schedules;
