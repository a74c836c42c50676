//! Notices on their way out.

mod delivery;
mod receiver;
mod webhook;
