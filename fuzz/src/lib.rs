//! Everything that reads what others wrote, fed with what nobody would write. The targets are in `targets/`; what they
//! do with their bytes is in [`trials`], which the project's own tests play over the corpora as well.

pub mod lines;
pub mod trials;
