//! The API over a real engine on a real file.

mod access;
mod changes;
mod events;
pub mod office;
mod problems;
mod residency;
mod tickets;
