//! Who is at work, when.

pub mod words;

mod rules;

mod clock_changes;

mod faces;

pub mod oracle;

pub mod random;

mod large;
