//! All integration tests, in one binary so that there is one to link. A module per subject.

mod coverage;
mod desk;
mod sample;
mod schedule;
mod simulation;
mod tidy;
mod zone;
