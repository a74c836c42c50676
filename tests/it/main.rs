mod schedule;
//! All integration tests, one module per subject.

mod coverage;
mod zone;
