//! Requirements are proved, or their holes told.

mod holes;
