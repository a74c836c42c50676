//! The API over a real engine on a real file.

mod access;
mod acknowledge;
mod approval;
mod attacks;
mod changes;
mod closing;
mod events;
mod forget;
mod kept;
mod metrics;
mod notices;
pub mod office;
mod privacy;
mod problems;
mod promises;
mod reports;
mod requests;
mod residency;
mod shifts;
mod tickets;
mod vendor;
