//! All integration tests, in one binary so that there is one to link. A module per subject.

mod api;
mod calendar;
mod cli;
mod coverage;
mod daemon;
mod desk;
mod engine;
mod hostile;
mod interleaved;
mod nodes;
mod notify;
mod picture;
mod postgres;
mod proof;
mod reading;
mod report;
mod sample;
mod schedule;
mod schema;
mod settings;
mod simulate;
mod simulation;
mod store;
mod tidy;
mod validators;
mod zone;
