//! Notices on their way out.

mod delivery;
mod mail;
pub mod post;
mod proxies;
pub mod receiver;
mod service;
mod services;
mod thousand;
mod webhook;
