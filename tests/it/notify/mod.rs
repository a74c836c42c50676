//! Notices on their way out.

mod delivery;
mod handoffs;
mod mail;
pub mod post;
mod proxies;
pub mod receiver;
mod service;
mod services;
mod shifts;
mod stages;
mod thousand;
mod vendors;
mod webhook;
