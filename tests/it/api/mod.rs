//! The API over a real engine on a real file.

mod access;
mod attacks;
mod changes;
mod events;
mod kept;
mod metrics;
pub mod office;
mod problems;
mod promises;
mod residency;
mod tickets;
