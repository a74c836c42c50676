#![doc = include_str!("ARCHITECTURE.md")]

pub mod message;

pub mod schedule;

pub mod zone;

pub mod coverage;

pub mod picture;

pub mod desk;

pub mod clock;

pub mod settings;

pub mod telemetry;

pub mod tls;

pub mod store;

pub mod engine;

pub mod notify;

pub mod api;

pub mod daemon;

pub mod cli;

pub mod report;

pub mod simulate;
