mod schedule;
//! All integration tests, one module per subject.

mod coverage;
mod zone;
//! All integration tests, in one binary so that there is one to link. A module per subject.

mod tidy;
