//! One binary for everything that tests from outside, one module per subject.

mod store;
