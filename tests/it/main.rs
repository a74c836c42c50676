//! All integration tests, in one binary so that there is one to link. A module per subject.

mod tidy;
