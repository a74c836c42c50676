#![doc = include_str!("ARCHITECTURE.md")]

pub mod schedule;

pub mod zone;

pub mod coverage;
