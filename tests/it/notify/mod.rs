//! Notices on their way out.

mod delivery;
pub mod receiver;
mod webhook;
