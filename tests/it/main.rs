//! One binary for everything that tests from outside, one module per subject.

mod schedule;

mod store;
