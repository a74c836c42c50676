//! Who is at work, when.

mod words;

mod rules;

mod clock_changes;

mod faces;

mod oracle;

mod random;

mod large;
