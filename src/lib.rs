#![doc = include_str!("ARCHITECTURE.md")]

pub mod schedule;

pub mod zone;

pub mod coverage;

pub mod desk;

pub mod clock;

pub mod store;

pub mod engine;

pub mod simulate;
