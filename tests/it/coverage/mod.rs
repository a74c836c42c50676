//! Who is at work, when.

pub mod words;

mod rules;

mod clock_changes;

mod surprises;

mod slow_handovers;

mod faces;

mod business_hours;

mod contact;

mod shifts;

pub mod oracle;

pub mod random;

mod large;
