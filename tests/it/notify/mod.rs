//! Notices on their way out.

mod delivery;
mod proxies;
pub mod receiver;
mod webhook;
