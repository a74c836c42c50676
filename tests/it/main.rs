//! All integration tests, in one binary so that there is one to link. A module per subject.

mod api;
mod cli;
mod coverage;
mod desk;
mod engine;
mod sample;
mod schedule;
mod simulation;
mod store;
mod tidy;
mod zone;
